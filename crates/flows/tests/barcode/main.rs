//! Scanners of the barcode application and the ERP: what is saved is there once, or the person and
//! the ledger are told what stands.

#![allow(clippy::unwrap_used, clippy::panic)] // the lint spares test functions only

mod backflush;
mod companies;
mod documents;
mod queries;
#[allow(dead_code)] // each file of tests uses a part
#[path = "../stage/mod.rs"]
mod stage;
mod warehouse;
