//! The simulated Service Layer as a client sees it, through a client that is not ours.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic is how a test fails")]

mod approval;
mod batch;
mod etags;
mod faults;
mod journal;
mod management;
mod production;
mod reading;
mod session;
mod sql;
mod support;
mod userdefined;
mod writing;
