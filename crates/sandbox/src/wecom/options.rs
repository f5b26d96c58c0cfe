//! How the simulated platform is started and what can go wrong with it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::limits::Limits;
use super::quirks::Quirks;

/// Where the simulated WeCom listens and how it behaves.
#[derive(Clone, Debug)]
pub struct Options {
    /// Port of the API (`qyapi.weixin.qq.com`); 0: any free one.
    pub port: u16,
    /// Call limits.
    pub limits: Limits,
    /// Behaviour where the documentation leaves a choice.
    pub quirks: Quirks,
    /// When a failed push is repeated.
    pub redelivery: Redelivery,
    /// How long (in real time) an address may take to answer the URL check: 1 s.
    pub check_deadline: Duration,
    /// How long (in real time) an address may take to answer an event: 5 s.
    pub reply_deadline: Duration,
    /// How long (on the simulated clock) a change of the trusted addresses takes to be effective:
    /// about a minute.
    pub trust_delay: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            port: 0,
            limits: Limits::default(),
            quirks: Quirks::default(),
            redelivery: Redelivery::default(),
            check_deadline: Duration::from_secs(1),
            reply_deadline: Duration::from_secs(5),
            trust_delay: Duration::from_secs(60),
        }
    }
}

/// When a failed push is repeated. The platform's pages agree on three repeats and on little else.
#[derive(Clone, Copy, Debug)]
pub struct Redelivery {
    /// Repeats after the first attempt: 3.
    pub repeats: u32,
    /// Pause before each repeat, on the simulated clock: 10 s, undocumented.
    pub pause: Duration,
    /// A reply with another status than 200 is repeated too, as one of two pages says.
    pub on_status: bool,
    /// A repeat carries the timestamp and nonce of the first attempt instead of fresh ones.
    pub same_stamp: bool,
}

impl Default for Redelivery {
    fn default() -> Self {
        Redelivery {
            repeats: 3,
            pause: Duration::from_secs(10),
            on_status: true,
            same_stamp: false,
        }
    }
}

/// What can go wrong with a pushed event. Each is used up by one push.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PushFault {
    /// The event is pushed twice.
    Duplicate,
    /// The event is pushed after the one that follows it.
    OutOfOrder,
    /// The event is never pushed.
    Lost,
    /// The event is pushed a minute later, on the simulated clock.
    Late,
    /// The first attempt carries a wrong signature.
    BadSignature,
    /// The first attempt is sealed for another corp.
    WrongReceiver,
    /// The first attempt carries a changed ciphertext under a matching signature: it decrypts to a
    /// message whose length is out of range.
    TamperedCiphertext,
    /// The event has the body of before mid-2025: neither `SpNoStr` nor `ProcessList`.
    OldBody,
    /// The event has no `SpNo`, as forms of education bureaus (局校审批单) have none.
    WithoutSpNo,
}
