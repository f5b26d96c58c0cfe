//! The client against a platform of prepared answers.

#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

#[path = "../support/mod.rs"]
mod support;

mod callback;
#[cfg(feature = "axum")]
mod callback_router;
mod decisions;
mod errors;
mod exact;
mod login;
mod lost_answers;
mod materials;
mod paging;
mod production;
mod work_orders;
