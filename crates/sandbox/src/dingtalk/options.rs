//! How the simulated platform is started and what can go wrong with it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::limits::Limits;
use super::quirks::Quirks;
use super::stream::StreamOptions;

/// Where the simulated DingTalk listens and how it behaves.
#[derive(Clone, Debug)]
pub struct Options {
    /// Port of the new API (`api.dingtalk.com`); 0: any free one.
    pub api_port: u16,
    /// Port of the old API (`oapi.dingtalk.com`); 0: any free one.
    pub oapi_port: u16,
    /// Call limits.
    pub limits: Limits,
    /// How answers are spelt.
    pub quirks: Quirks,
    /// How long (in real time) a callback may take to answer: 1500 ms, by newer texts 2500 ms.
    pub reply_deadline: Duration,
    /// How Stream mode behaves.
    pub stream: StreamOptions,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            api_port: 0,
            oapi_port: 0,
            limits: Limits::default(),
            quirks: Quirks::default(),
            reply_deadline: Duration::from_millis(1500),
            stream: StreamOptions::default(),
        }
    }
}

/// What the IP limiter answers while it bans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BanPage {
    /// A page of HTML.
    Html,
    /// `{"status":1111,"wait":5,…}`, neither of the two error envelopes.
    Json,
}

/// What can go wrong with a pushed event. Each is used up by one push.
///
/// In Stream mode nothing is signed or encrypted: only the first two have an effect there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PushFault {
    /// The event is pushed twice.
    Duplicate,
    /// The event is pushed after the one that follows it.
    OutOfOrder,
    /// The first attempt carries a wrong signature.
    BadSignature,
    /// The first attempt is sealed for somebody else's key (another app).
    WrongKey,
    /// The first attempt carries a changed ciphertext under a matching signature: it decrypts to a
    /// message whose length is out of range.
    TamperedCiphertext,
}
