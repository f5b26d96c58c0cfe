//! The simulated DingTalk over HTTP, with a client that is not ours.

#![allow(clippy::unwrap_used)] // helpers of tests fail by panicking, too

mod callbacks;
mod contacts;
mod gateway;
mod management;
mod receiver;
mod stream;
mod support;
mod templates;
mod workflow;
