use std::fmt;

use erplink_core::ApiDetail;
use serde_json::Value;

/// A failed call of a [`Connector`](super::Connector). [`Detail`] tells the three ways of failing
/// apart, and has the text that was configured for each.
pub type Error = erplink_core::Error<Detail>;

/// The result of a call.
pub type Result<T> = std::result::Result<T, Error>;

/// The three ways in which a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Failure {
    /// There was an answer, and it does not meet the success condition (不满足成功条件).
    ConditionNotMet,
    /// No connection or no answer in time (请求超时).
    Timeout,
    /// Anything else: no such address, TLS, a broken connection, an answer that cannot be read
    /// (请求异常).
    Exception,
}

/// What failed, and what to tell the user.
#[derive(Clone, PartialEq, Eq)]
pub struct Detail {
    pub(super) failure: Failure,
    pub(super) text: Option<String>,
    pub(super) body: Option<Value>,
}

impl Detail {
    /// Which of the three it is.
    #[must_use]
    pub fn failure(&self) -> Failure {
        self.failure
    }

    /// The text that was configured for it, with its values filled in.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// The answer that does not meet the condition, if it was JSON.
    #[must_use]
    pub fn body(&self) -> Option<&Value> {
        self.body.as_ref()
    }
}

/// The answer is left out: it may hold anything.
impl fmt::Debug for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { failure, text, .. } = self;
        f.debug_struct("Detail")
            .field("failure", failure)
            .field("text", text)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.text {
            Some(text) => f.write_str(text),
            None => f.write_str(match self.failure {
                Failure::ConditionNotMet => "the condition of success is not met",
                Failure::Timeout => "it took too long",
                Failure::Exception => "the call failed",
            }),
        }
    }
}

impl ApiDetail for Detail {}
