//! The simulated WeCom over HTTP, with a client that is not ours.

#![allow(clippy::unwrap_used)] // helpers of tests fail by panicking, too

mod callbacks;
mod contacts;
mod controls;
mod demo;
mod forms;
mod gateway;
mod listing;
mod management;
mod media;
mod people;
mod receiver;
mod support;
mod templates;
