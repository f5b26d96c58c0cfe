//! How the platform says no: HTTP 200 with `errcode` ≠ 0.

use std::fmt;

/// A refusal with the platform's code and text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: i64,
    pub(super) message: String,
}

impl Refusal {
    pub(super) fn new(code: i64, message: impl Into<String>) -> Self {
        Refusal { code, message: message.into() }
    }

    /// 40058: a parameter is missing or not what it should be.
    pub(super) fn parameter(message: impl fmt::Display) -> Self {
        Self::new(40058, format!("Invalid Request Parameter: {message}"))
    }

    /// 301025: the approval calls' answer to data that do not fit.
    pub(super) fn approval(message: impl fmt::Display) -> Self {
        Self::new(301_025, format!("get approval param error:{message}"))
    }

    /// The text as the platform wraps it, with the hint that support staff ask for.
    pub(super) fn text(&self, hint: &str, from_ip: &str) -> String {
        let Refusal { code, message } = self;
        format!(
            "{message}, hint: [{hint}], from ip: {from_ip}, \
             more info at https://open.work.weixin.qq.com/devtool/query?e={code}"
        )
    }
}
