//! What tests and people do to Stream mode, and the gateway's own clockwork.

use std::sync::Weak;

use serde_json::Value;

use super::super::DingTalk;
use super::super::platform::Platform;
use super::super::world::World;
use super::frame::{self, FrameFault};
use super::socket::{Order, SocketFault};
use super::{CLOSES_AFTER, StreamPush, StreamSubscription};
use crate::Error;

impl DingTalk {
    /// An administrator chooses Stream push in the developer console. An app has one push type: a
    /// callback that was configured is gone.
    ///
    /// Events that happen without an open connection wait for one (how long the platform keeps them
    /// is not documented; here [`StreamOptions::retention`](super::StreamOptions::retention)).
    pub fn subscribe_stream(&self, subscription: StreamSubscription) {
        self.platform.act(|world, _| {
            world.subscription = None;
            world.stream.subscription = Some(subscription);
        });
    }

    /// An administrator takes Stream push away: no event is pushed any more. Connections stay.
    pub fn unsubscribe_stream(&self) {
        self.platform.act(|world, _| world.stream.unsubscribe());
    }

    /// How many Stream connections are open, those about to be closed included.
    #[must_use]
    pub fn stream_connections(&self) -> usize {
        self.platform.look(|world, _| world.stream.lines.len())
    }

    /// How many Stream connections were ever opened.
    #[must_use]
    pub fn stream_connections_opened(&self) -> u64 {
        self.platform.look(|world, _| world.stream.opened)
    }

    /// Waits until so many Stream connections were opened since the start.
    pub async fn wait_for_stream_connection(&self, number: u64) {
        self.platform.wait_for(|world, _| (world.stream.opened >= number).then_some(())).await;
    }

    /// All pushes of events over Stream connections so far, in their order.
    #[must_use]
    pub fn stream_pushes(&self) -> Vec<StreamPush> {
        self.platform.look(|world, _| world.stream.pushes.clone())
    }

    /// Everything that Stream clients sent so far: acknowledgements, as they are.
    #[must_use]
    pub fn stream_received(&self) -> Vec<Value> {
        self.platform.look(|world, _| world.stream.received.clone())
    }

    /// Waits until Stream clients sent something for which `found` answers true.
    pub async fn wait_for_stream_answer(&self, found: impl Fn(&Value) -> bool) -> Value {
        let find = |world: &World, _| world.stream.received.iter().find(|one| found(one)).cloned();
        self.platform.wait_for(find).await
    }

    /// Something happens to all open Stream connections.
    pub fn break_stream(&self, fault: SocketFault) {
        self.platform.act(|world, _| {
            for line in world.stream.lines.values() {
                line.order(Order::Fault(fault));
            }
        });
    }

    /// Something is odd about the next event that is pushed over a Stream connection.
    pub fn arrange_frame_fault(&self, fault: FrameFault) {
        self.platform.act(|world, _| world.stream.faults.push_back(fault));
    }

    /// Announces the end of all open Stream connections (`disconnect`), delivers nothing to them any
    /// more and closes them ten seconds later on the simulated clock.
    pub fn disconnect_stream(&self, reason: &str) {
        self.platform.act(|world, now| {
            for line in world.stream.lines.values_mut().filter(|line| line.closes.is_none()) {
                line.order(Order::Text(frame::disconnect(reason, now).to_string()));
                line.closes = Some(now + CLOSES_AFTER);
            }
        });
    }

    /// Sends a `ping` frame over all open Stream connections.
    pub fn ping_stream(&self) {
        self.platform.act(|world, now| {
            let World { stream, ids, .. } = world;
            stream.ping(ids, now);
        });
    }

    /// Sends any text over all open Stream connections: garbage, frames of the future.
    pub fn send_stream_text(&self, text: &str) {
        self.platform.act(|world, _| {
            for line in world.stream.lines.values() {
                line.order(Order::Text(text.to_owned()));
            }
        });
    }

    /// Pushes a callback, e.g. of `/v1.0/im/bot/messages/get`, over one connection that subscribed
    /// to its topic, and returns its messageId. It is not repeated.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when no open connection subscribed to the topic.
    pub fn push_stream_callback(&self, topic: &str, data: &Value) -> Result<String, Error> {
        self.platform.act(|world, now| {
            let World { stream, ids, .. } = world;
            let takers: Vec<_> = stream
                .lines
                .values()
                .filter(|line| line.closes.is_none() && line.wanted.topics.contains(topic))
                .collect();
            let taker = takers.get(ids.below(takers.len())).ok_or_else(|| {
                Error::NotFound(format!("no Stream connection subscribed to {topic:?}"))
            })?;
            let message_id = ids.message();
            taker.order(Order::Text(frame::callback(topic, &message_id, data, now).to_string()));
            Ok(message_id)
        })
    }
}

/// Does in its time what nobody asks for: pushes again, pings, closes. Holds no platform while it
/// waits, so that an abandoned sandbox ends.
pub(in crate::dingtalk) async fn keep(platform: Weak<Platform>) {
    loop {
        let (clock, changed, due) = {
            let Some(platform) = platform.upgrade() else { return };
            // Registered before the look, so that a change in between is not missed.
            let changed = platform.changed();
            (platform.clock().clone(), changed, platform.look(|world, _| world.stream.next_due()))
        };
        if due.is_some_and(|due| due <= clock.now()) {
            let Some(platform) = platform.upgrade() else { return };
            platform.act(|world, now| {
                let World { stream, app, ids, .. } = world;
                stream.tick(&app.corp_id, ids, now);
            });
            continue;
        }
        let reached = async {
            match due {
                Some(due) => clock.sleep_until(due).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = changed => {}
            () = reached => {}
        }
    }
}
