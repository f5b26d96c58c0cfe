//! The shop floor and the ERP: nothing lost, nothing doubled, no edit hidden.

#![allow(clippy::unwrap_used, clippy::panic)] // the lint spares test functions only

mod factory;
mod feedings;
mod items;
mod orders;
mod program;
mod reports;
#[allow(dead_code)] // each file of tests uses a part
#[path = "../stage/mod.rs"]
mod stage;
