//! Documents go to WeCom, decisions come back: nothing lost, nothing doubled.

#![allow(clippy::unwrap_used, clippy::panic)] // the lint spares test functions only

mod documents;
mod drafts;
mod office;
mod program;
mod receiver;
#[allow(dead_code)] // each file of tests uses a part
#[path = "../stage/mod.rs"]
mod stage;
