//! How the simulated server is started and what can go wrong with it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::quirks::Quirks;

/// Where the simulated Ecology listens and how it behaves.
#[derive(Clone, Debug)]
pub struct Options {
    /// Port; 0: any free one.
    pub port: u16,
    /// How the patch behaves and spells its answers.
    pub quirks: Quirks,
    /// How long (in real time) a pushed call may take to answer: 60 s, the limit of the usual gateway.
    pub reply_deadline: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Options { port: 0, quirks: Quirks::default(), reply_deadline: Duration::from_secs(60) }
    }
}

/// What the filter in front of the business calls can answer instead of letting a call through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GateFault {
    /// `token不存在或者超时`, although the token is good.
    TokenUnknown,
    /// `登录信息超时`, `errorCode` 002.
    LoginTimeout,
    /// HTTP 200 and the HTML login page.
    LoginPage,
    /// HTTP 500 and HTML, the defect of patches up to KB900210208.
    ServerError,
    /// `该账号存在异常,单点登录失败`, as with an expired licence.
    AccountAbnormal,
}

/// What can go wrong with an outward call. Each is used up by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PushFault {
    /// The call is made twice; the second answer counts.
    Duplicate,
    /// The call arrives, but its answer is lost: the person sees a failure, the flow stays.
    LoseAnswer,
    /// The call carries another AppCode.
    WrongAppCode,
}
