//! The simulated JDY as a client sees it, through a client that is not ours.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic is how a test fails")]

mod books;
mod gateway;
mod management;
mod support;
mod vouchers;
