#![doc = include_str!("../README.md")]

pub mod b1;
pub mod config;
pub mod dingtalk;
pub mod ecology;
pub mod eteams;
pub mod program;
pub mod receive;
pub mod scenario;
pub mod sql;
pub mod system;
pub mod wecom;
