//! Stateful simulators of the systems.
