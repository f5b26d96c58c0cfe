//! A few schedules of the fault matrix; `cargo run --release -p erplink-tests --bin fault-matrix --
//! --seeds 2000` plays many.

#![allow(clippy::unwrap_used)] // a panic is how a test fails

use std::process::Command;

fn matrix(args: &[&str]) {
    let played = Command::new(env!("CARGO_BIN_EXE_fault-matrix")).args(args).output().unwrap();
    let told = String::from_utf8_lossy(&played.stdout);
    assert!(played.status.success(), "{told}{}", String::from_utf8_lossy(&played.stderr));
    assert!(told.contains("lost 0, doubled 0"), "{told}");
}

#[test]
fn nothing_is_lost_or_doubled_under_the_first_seeds() {
    matrix(&["--seeds", "10", "--jobs", "10"]);
}

#[test]
fn a_kill_at_a_step_loses_and_doubles_nothing() {
    matrix(&["--boundaries", "--every", "51", "--jobs", "10"]);
}
