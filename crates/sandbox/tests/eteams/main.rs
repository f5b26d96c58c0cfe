//! The simulated eteams over HTTP, with a client that is not ours.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail by panicking, too

mod management;
mod organization;
mod replies;
mod support;
mod tokens;
