//! The simulated DingTalk over HTTP, with a client that is not ours.

mod callbacks;
mod contacts;
mod gateway;
mod management;
mod receiver;
mod support;
mod templates;
mod workflow;
