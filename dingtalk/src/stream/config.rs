//! The settings of Stream mode as data.

use serde::Deserialize;

/// How a [`Listener`](super::Listener) behaves. Times are in seconds.
///
/// ```
/// let config: dingtalk::stream::Config = serde_json::from_str(r#"{"silence": 120}"#)?;
/// assert_eq!((config.silence, config.ping_after), (120, 60));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// Seconds without anything from the server after which it is asked whether it lives
    /// (WebSocket ping). Default 60.
    pub ping_after: u64,
    /// Seconds within which it has to answer that, and within which an acknowledgement has to be
    /// written. Default 10.
    pub pong_within: u64,
    /// Seconds without a frame, pings of the platform included, after which a connection counts as
    /// dead although it answers: a new one replaces it. Default 90; 0: never. The platform sends
    /// something every 20 to 30 seconds, which is observed and not documented.
    pub silence: u64,
    /// Seconds before the first attempt to connect again; it doubles with every failure. Default 1.
    pub reconnect_first: u64,
    /// The longest wait before an attempt to connect, in seconds; waits are spread by a fifth.
    /// Default 60. A connection that stood so long starts the count anew.
    pub reconnect_longest: u64,
    /// How many handlers run at once, for each connection. Default 8; with 1 events are handled in the order in which
    /// they came, which need not be the order in which they happened.
    pub handlers: usize,
    /// Seconds that running handlers get to finish when the listener is stopped. Default 30.
    pub stop_within: u64,
    /// The largest frame in bytes. Default 4 MiB.
    pub max_frame_bytes: usize,
    /// Address of this machine in its own network, shown in the platform's console. Default: none.
    pub local_ip: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            ping_after: 60,
            pong_within: 10,
            silence: 90,
            reconnect_first: 1,
            reconnect_longest: 60,
            handlers: 8,
            stop_within: 30,
            max_frame_bytes: 4 << 20,
            local_ip: None,
        }
    }
}
