//! Stream mode (Stream 模式): events over a WebSocket that the client opens.
//!
//! No public address, no certificate, no firewall rule: the platform recommends it, and nothing
//! about the events differs from HTTP pushes. In the developer console choose *Stream 模式推送* on
//! the page 事件订阅; which events arrive is chosen there as well.
//!
//! ```no_run
//! use dingtalk::callback::Event;
//!
//! # async fn store(_: &Event) -> Result<(), std::io::Error> { Ok(()) }
//! # async fn run(client: dingtalk::Client, stop: impl Future<Output = ()> + Send) -> dingtalk::Result<()> {
//! client
//!     .stream()
//!     .on_event(|event: Event| async move {
//!         store(&event).await?; // by its dedup_key; work later
//!         Ok(())
//!     })
//!     .run(stop) // such as Ctrl-C
//!     .await
//! # }
//! ```
//!
//! # What the listener does
//!
//! It connects, and **connects again for ever**: after a break with growing waits, after the
//! platform's `disconnect` at once. Two watches find a connection that is dead without saying so:
//! one asks (WebSocket ping), the other counts frames, because a connection can answer pings and
//! deliver nothing.
//!
//! An event is **acknowledged when its handler returned `Ok`**. A handler that fails, a connection
//! that breaks before, an event that comes while all handlers are busy for long: the platform pushes
//! it again, about a minute later. So events come **at least once and in any order**. Those that
//! this listener handled within the hour are acknowledged without the handler, but it does not
//! remember them over a restart: key what you store by [`Event::dedup_key`].
//!
//! A replaced connection is kept until its running handlers are done, so that nothing is done twice
//! for the lack of an acknowledgement. When `stop` resolves, nothing more is read, handlers finish,
//! the connection is closed.
//!
//! TLS, proxy and certificates are those of the client. An endpoint without TLS (`ws:`) is taken
//! only from an `api_base` without TLS, as in tests.
//!
//! # What it cannot do
//!
//! Several listeners of one app **share** the events: each goes to one of them, at random. A test
//! beside production takes events away from it.
//!
//! How long the platform keeps events while nobody is connected is not documented. After a longer
//! gap ([`Change::Connected`] tells) look for decisions that were missed:
//! [`Workflow::list_ids`](crate::workflow::Workflow::list_ids).
//!
//! [`Event::dedup_key`]: crate::callback::Event::dedup_key

mod config;
mod frame;
mod open;
mod push;
mod seen;
mod session;
mod work;

use std::collections::BTreeMap;
use std::fmt;
use std::hash::BuildHasher as _;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use erplink_core::ErrorKind;
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use tracing::{info, warn};

pub use config::Config;
pub use push::{Push, PushHandler, Topic};

use self::seen::Seen;
use self::session::{End, Session, seconds};
use self::work::Work;
use crate::callback::EventHandler;
use crate::client::Client;
use crate::error::{Error, Result};

/// What happened to the connection; see [`Listener::on_change`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// A connection stands. `after`: how long there was none, unless it is the first.
    Connected {
        /// The gap. Events that happened within it may be lost when it was long.
        after: Option<Duration>,
    },
    /// There is no connection any more; the listener connects again.
    Down {
        /// Why, for people.
        reason: String,
    },
    /// The organisation's quota of pushes is used up: no event arrives before the next month.
    QuotaUsedUp,
}

/// Receives events and callbacks in Stream mode. From [`Client::stream`].
#[must_use = "a listener does nothing before it runs"]
pub struct Listener {
    work: Work,
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener")
            .field("client", &self.work.client)
            .field("config", &self.work.config)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// `POST /v1.0/gateway/connections/open`: receives events in Stream mode (Stream 模式).
    ///
    /// Needs Client ID and Client Secret, no access token and no permission.
    pub fn stream(&self) -> Listener {
        Listener {
            work: Work {
                client: self.clone(),
                config: Config::default(),
                events: None,
                callbacks: BTreeMap::new(),
                watcher: None,
                seen: Seen::default(),
            },
        }
    }
}

impl Listener {
    /// Takes the events (事件), the same as from HTTP pushes.
    pub fn on_event(mut self, handler: impl EventHandler) -> Self {
        self.work.events = Some(Arc::new(handler));
        self
    }

    /// Answers the callbacks (回调) of a topic: bots, cards.
    pub fn on_callback(mut self, topic: Topic, handler: impl PushHandler) -> Self {
        self.work.callbacks.insert(topic.as_str().to_owned(), Arc::new(handler));
        self
    }

    /// Tells about connections that stand and break. Called between frames: be quick.
    pub fn on_change(mut self, watcher: impl Fn(&Change) + Send + Sync + 'static) -> Self {
        self.work.watcher = Some(Box::new(watcher));
        self
    }

    /// Other settings.
    pub fn config(mut self, config: Config) -> Self {
        self.work.config = config;
        self
    }

    /// Receives until `stop` resolves.
    ///
    /// Handlers run inside this future: dropping it drops them, and the platform pushes their
    /// events again. Limit the time of what they wait for: one that never returns is never
    /// acknowledged.
    ///
    /// # Errors
    /// What does not pass by itself: [`ErrorKind::Config`] for settings that cannot work (without a
    /// TLS feature no `wss` address can), [`ErrorKind::Auth`] when Client ID and Client Secret are
    /// refused. Everything else is tried again.
    pub async fn run(self, stop: impl Future<Output = ()> + Send) -> Result<()> {
        self.work.check()?;
        let mut stop = pin!(stop);
        let mut retired = FuturesUnordered::new();
        let result = self.work.receive(&mut stop, &mut retired).await;
        // Whatever still runs gets its time, also when there will be no other connection.
        let deadline = self.work.clock().sleep(seconds(self.work.config.stop_within));
        tokio::select! {
            () = until_empty(&mut retired) => {}
            () = deadline => warn!("stopped before all handlers of DingTalk events were done"),
        }
        result
    }
}

/// Connections that finish their work.
type Retired<'a> = FuturesUnordered<BoxFuture<'a, ()>>;

async fn until_empty(retired: &mut Retired<'_>) {
    while retired.next().await.is_some() {}
}

/// Waits for `work` while connections finish theirs.
async fn beside<T>(retired: &mut Retired<'_>, work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return done,
            Some(()) = retired.next() => {}
        }
    }
}

impl Work {
    fn check(&self) -> Result<()> {
        if self.events.is_none() && self.callbacks.is_empty() {
            return Err(Error::config("stream: neither on_event nor on_callback was given"));
        }
        let Config { ping_after, pong_within, reconnect_first, handlers, .. } = self.config;
        for (name, value) in [
            ("ping_after", ping_after),
            ("pong_within", pong_within),
            ("reconnect_first", reconnect_first),
        ] {
            if value == 0 {
                return Err(Error::config(format!("stream: {name}: expected seconds above 0")));
            }
        }
        if handlers == 0 {
            return Err(Error::config("stream: handlers: expected at least 1"));
        }
        Ok(())
    }

    /// One connection after another.
    async fn receive<'a>(
        &'a self,
        stop: &mut std::pin::Pin<&mut (impl Future<Output = ()> + Send)>,
        retired: &mut Retired<'a>,
    ) -> Result<()> {
        let subscriptions = self.subscriptions();
        let (mut failures, mut down_since) = (0_u32, None);
        loop {
            let opening = open::open(&self.client, &self.config, &subscriptions);
            let opened = tokio::select! {
                () = &mut *stop => return Ok(()),
                opened = beside(retired, opening) => opened,
            };
            let wait = match opened {
                Ok(socket) => {
                    let since = self.clock().now();
                    let gap = down_since.take().map(|down| since.saturating_duration_since(down));
                    info!("receiving from DingTalk Stream");
                    self.tell(&Change::Connected { after: gap });
                    let mut session = Session::new(socket, self);
                    let end = beside(retired, session.serve(stop)).await;
                    let now = self.clock().now();
                    if now.saturating_duration_since(since) >= self.longest_wait() {
                        failures = 0;
                    }
                    let wait = self.after(&end, &mut failures);
                    if let End::Retired(reason) | End::Lost(reason) = &end {
                        warn!("the connection of DingTalk Stream ended: {reason}");
                        self.tell(&Change::Down { reason: reason.clone() });
                        down_since = Some(now);
                    }
                    let stopped = end == End::Stopped;
                    retired.push(Box::pin(async move { session.retire(&end).await }));
                    if stopped {
                        return Ok(());
                    }
                    wait
                }
                Err(error) if is_final(&error) => return Err(error),
                Err(error) => {
                    failures = failures.saturating_add(1);
                    let wait = self.backoff(failures).max(error.retry_after().unwrap_or_default());
                    warn!(wait_ms = wait.as_millis(), "no connection of DingTalk Stream: {error}");
                    if failures == 1 {
                        self.tell(&Change::Down { reason: error.to_string() });
                    }
                    down_since.get_or_insert_with(|| self.clock().now());
                    wait
                }
            };
            if !wait.is_zero() {
                tokio::select! {
                    () = &mut *stop => return Ok(()),
                    () = beside(retired, self.clock().sleep(wait)) => {}
                }
            }
        }
    }

    /// How long to wait after a connection ended. Its announced end is no failure, unless it comes
    /// again and again.
    fn after(&self, end: &End, failures: &mut u32) -> Duration {
        let wait = match end {
            End::Retired(_) if *failures == 0 => Duration::ZERO,
            _ => self.backoff(failures.saturating_add(1)),
        };
        *failures = failures.saturating_add(1);
        wait
    }

    fn longest_wait(&self) -> Duration {
        seconds(self.config.reconnect_longest.max(self.config.reconnect_first))
    }

    /// Doubling, and a fifth more or less, so that many clients do not come back together.
    fn backoff(&self, failures: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(failures.saturating_sub(1));
        let full = seconds(self.config.reconnect_first).saturating_mul(doubled);
        // A fresh state hashes to another number every time.
        let drawn = std::hash::RandomState::new().hash_one(failures) % 401;
        let permille = 800_u32.saturating_add(u32::try_from(drawn).unwrap_or(200));
        full.min(self.longest_wait()).saturating_mul(permille) / 1000
    }
}

/// Failures that no later attempt mends.
fn is_final(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Config | ErrorKind::Invalid | ErrorKind::Auth)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listener() -> Listener {
        Client::builder("ding1", "secret").build().unwrap().stream()
    }

    #[test]
    fn waits_double_up_to_a_minute_and_are_spread() {
        let work = listener().work;
        for (failures, full) in [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (u32::MAX, 60)] {
            for _ in 0..50 {
                let wait = work.backoff(failures).as_secs_f64() / f64::from(full);
                assert!((0.8..=1.2).contains(&wait), "{failures}: {wait}");
            }
        }
        let waits: std::collections::BTreeSet<_> = (0..50).map(|_| work.backoff(7)).collect();
        assert!(waits.len() > 1);
    }

    #[test]
    fn an_announced_end_is_followed_at_once_but_not_in_a_loop() {
        let work = listener().work;
        let (end, mut failures) = (End::Retired(String::new()), 0);
        assert_eq!(work.after(&end, &mut failures), Duration::ZERO);
        assert!(work.after(&end, &mut failures) >= Duration::from_millis(1600));
        assert!(
            work.after(&End::Lost(String::new()), &mut failures) >= Duration::from_millis(3200)
        );
    }

    #[test]
    fn settings_that_cannot_work_are_named() {
        let check = |listener: Listener| listener.work.check().unwrap_err().to_string();
        assert!(check(listener()).contains("on_event"));
        let listen =
            |config: Config| check(listener().on_event(|_| async { Ok(()) }).config(config));
        assert!(listen(Config { ping_after: 0, ..Config::default() }).contains("ping_after"));
        assert!(listen(Config { handlers: 0, ..Config::default() }).contains("handlers"));
    }
}
