//! What the end-to-end tests share: a sandbox, one clock for it and its clients, and the clients.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "only tests use it, and a panic is how a test fails"
)]

mod clock;
mod stage;

pub use clock::SharedClock;
pub use stage::{MANAGER, Stage};

/// Everything an error shows to people and logs: its text, its `Debug` form, its causes.
pub fn all_texts(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = format!("{error}\n{error:?}\n{error:#?}\n");
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!("{error}\n{error:?}\n"));
        cause = error.source();
    }
    text
}
