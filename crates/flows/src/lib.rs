#![doc = include_str!("../README.md")]

pub mod b1;
pub mod barcode;
pub mod config;
pub mod diapi;
pub mod dingtalk;
pub mod ecology;
pub mod eteams;
pub mod iam;
pub mod mes;
pub mod plm;
pub mod program;
pub mod receive;
pub mod scenario;
pub mod sql;
pub mod system;
pub mod wecom;
