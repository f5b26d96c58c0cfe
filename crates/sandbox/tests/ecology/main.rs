//! The simulated Ecology over HTTP, with a client that is not ours.

#![allow(clippy::unwrap_used)] // helpers of tests fail by panicking, too

mod actions;
mod create;
mod cube;
mod filter;
mod hr;
mod management;
mod outward;
mod queries;
mod receiver;
mod support;
mod token;
