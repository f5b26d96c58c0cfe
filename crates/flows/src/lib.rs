#![doc = include_str!("../README.md")]

pub mod b1;
pub mod config;
pub mod dingtalk;
pub mod fields;
pub mod program;
pub mod scenario;
