//! Derive macros of `b1-servicelayer`.
