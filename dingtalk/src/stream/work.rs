//! What all connections of a listener share: handlers, memory, settings.

use std::collections::BTreeMap;
use std::sync::Arc;

use erplink_core::clock::Clock;
use tracing::{debug, warn};

use super::frame::{Answer, Frame, Kind};
use super::open::Subscription;
use super::push::{Push, PushHandler, Topic};
use super::seen::{Seen, Turn};
use super::{Change, Config};
use crate::callback::{Event, EventHandler};
use crate::client::Client;

pub(super) type Watcher = Box<dyn Fn(&Change) + Send + Sync>;

pub(super) struct Work {
    pub(super) client: Client,
    pub(super) config: Config,
    pub(super) events: Option<Arc<dyn EventHandler>>,
    pub(super) callbacks: BTreeMap<String, Arc<dyn PushHandler>>,
    pub(super) watcher: Option<Watcher>,
    pub(super) seen: Seen,
}

impl Work {
    pub(super) fn clock(&self) -> &dyn Clock {
        self.client.clock()
    }

    pub(super) fn subscriptions(&self) -> Vec<Subscription> {
        let events = self
            .events
            .iter()
            // Which events arrive is chosen in the console; there is no other topic.
            .map(|_| Subscription { kind: "EVENT", topic: "*".to_owned() });
        let callbacks = self
            .callbacks
            .keys()
            .map(|topic| Subscription { kind: "CALLBACK", topic: topic.clone() });
        events.chain(callbacks).collect()
    }

    pub(super) fn tell(&self, change: &Change) {
        if let Some(watcher) = &self.watcher {
            watcher(change);
        }
    }

    pub(super) fn quota_used_up(&self, message: &str) {
        warn!("DingTalk pushes nothing more this month: the quota is used up: {message}");
        self.tell(&Change::QuotaUsedUp);
    }

    /// Handles one frame and says what the platform is told.
    pub(super) async fn handle(&self, frame: &Frame) -> Answer {
        match frame.kind() {
            Kind::Callback => self.handle_callback(frame).await,
            _ => self.handle_event(frame).await,
        }
    }

    async fn handle_event(&self, frame: &Frame) -> Answer {
        let Some(handler) = &self.events else { return Answer::NotFound };
        let event = match frame.event() {
            Ok(Event::CheckUrl) => return Answer::Success,
            Ok(event) => event,
            Err(error) => {
                warn!("an event of DingTalk Stream cannot be read: {error}");
                return Answer::Failed("the event cannot be read");
            }
        };
        let handling = match self.seen.begin(event.dedup_key(), self.clock().now()) {
            Turn::New(handling) => handling,
            Turn::Running => return Answer::Later("an earlier push is being handled"),
            Turn::Handled => {
                debug!("an event came again and was handled before");
                return Answer::Success;
            }
        };
        match handler.handle(event).await {
            Ok(()) => {
                handling.done(self.clock().now());
                Answer::Success
            }
            Err(error) => {
                warn!("an event was not taken, DingTalk will push it again: {error}");
                Answer::Later("the handler failed")
            }
        }
    }

    async fn handle_callback(&self, frame: &Frame) -> Answer {
        let Some(handler) = self.callbacks.get(frame.topic()) else { return Answer::NotFound };
        let data = match frame.content() {
            Ok(data) => data,
            Err(error) => {
                warn!("a callback of DingTalk Stream cannot be read: {error}");
                return Answer::Failed("the callback cannot be read");
            }
        };
        let message_id = frame.message_id().map(str::to_owned);
        let push = Push { topic: Topic::from(frame.topic()), message_id, data };
        match handler.handle(push).await {
            Ok(response) => Answer::Response(response),
            Err(error) => {
                warn!("a callback was not handled: {error}");
                Answer::Failed("the handler failed")
            }
        }
    }
}
