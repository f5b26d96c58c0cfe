//! Pushes events to the callback: seal, post, look at the status, try again, give up.

use std::collections::{BTreeMap, VecDeque};
use std::pin::Pin;
use std::sync::{Arc, Weak};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{Request, StatusCode, header};
use http_body_util::Full;
use serde::Serialize;
use tokio::sync::mpsc;

use super::callback::{Subscription, verifies};
use super::options::PushFault;
use super::platform::Platform;
use super::refusal::Refusal;
use super::seal::seal;
use super::world::World;
use crate::Clock;
use crate::caller::{NoReply, Reply};
use crate::servicelayer::json::Json;

/// Something that happened.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) request_id: String,
    pub(super) kind: String,
    pub(super) data: Json,
}

impl Event {
    fn plaintext(&self) -> String {
        let header = object! {
            "eventType": self.kind.as_str(), "requestId": self.request_id.as_str(),
        };
        object! {"header": header, "data": self.data.clone()}.to_string()
    }
}

/// One attempt to push an event.
#[derive(Debug, Clone, Serialize)]
pub struct Push {
    /// `header.requestId`: the same for all attempts of an event.
    pub request_id: String,
    /// `header.eventType`, e.g. `mfg.result_notify.feeding`.
    pub event_type: String,
    /// 1 for the first attempt; repeats count up.
    pub attempt: u32,
    /// When the attempt was made, on the simulated clock.
    pub at: DateTime<Utc>,
    /// The JSON that was encrypted.
    pub plaintext: String,
    /// `None` when the answer had the status 200, else what was wrong with it.
    pub failure: Option<String>,
}

/// What was pushed and what is on its way.
#[derive(Debug, Default)]
pub(super) struct PushLog {
    pub(super) pushes: Vec<Push>,
    pub(super) faults: VecDeque<PushFault>,
    /// All events that were sent off or lost, to deliver them again.
    sent: Vec<Event>,
    underway: BTreeMap<u64, Stage>,
    next: u64,
    /// An event that waits for the one that follows it.
    held: Option<Event>,
}

#[derive(Debug, Clone, Copy)]
enum Stage {
    InFlight,
    Waiting(DateTime<Utc>),
}

/// An event on its way.
#[derive(Debug)]
pub(super) struct Delivery {
    number: u64,
    event: Event,
    /// Attempts made so far.
    attempts: u32,
    damage: Option<PushFault>,
}

impl PushLog {
    /// Whether nothing is on its way at `now`. An attempt that waits for a later time is not.
    pub(super) fn is_settled(&self, now: DateTime<Utc>) -> bool {
        self.underway.values().all(|stage| matches!(stage, Stage::Waiting(due) if *due > now))
    }

    /// An event that happened, to be delivered again.
    pub(super) fn find(&self, request_id: &str) -> Option<Event> {
        self.sent.iter().find(|event| event.request_id == request_id).cloned()
    }

    fn deliver(&mut self, event: Event) -> Delivery {
        self.next = self.next.saturating_add(1);
        self.underway.insert(self.next, Stage::InFlight);
        Delivery { number: self.next, event, attempts: 0, damage: None }
    }
}

/// Turns the events that happened into deliveries, in their order except where a fault says so.
/// Without a callback nothing is pushed, now or later.
pub(super) fn dispatch(world: &mut World) -> Vec<Delivery> {
    let events = std::mem::take(&mut world.events);
    if world.subscription.is_none() {
        return Vec::new();
    }
    let log = &mut world.push_log;
    let mut deliveries = Vec::new();
    for event in events {
        if log.find(&event.request_id).is_none() {
            log.sent.push(event.clone());
        }
        let fault = log.faults.pop_front();
        match fault {
            Some(PushFault::Lost) => continue,
            Some(PushFault::OutOfOrder) => {
                if let Some(earlier) = log.held.replace(event) {
                    deliveries.push(log.deliver(earlier));
                }
                continue;
            }
            Some(PushFault::Duplicate) => deliveries.push(log.deliver(event.clone())),
            _ => {}
        }
        let mut delivery = log.deliver(event);
        delivery.damage = fault.filter(|fault| *fault != PushFault::Duplicate);
        deliveries.push(delivery);
        if let Some(held) = log.held.take() {
            deliveries.push(log.deliver(held));
        }
    }
    deliveries
}

/// Makes the first attempts one after another, as long as the platform lives.
pub(super) async fn run(platform: Weak<Platform>, mut incoming: mpsc::UnboundedReceiver<Delivery>) {
    while let Some(delivery) = incoming.recv().await {
        let Some(platform) = platform.upgrade() else { return };
        Box::pin(attempt(&platform, delivery)).await;
    }
}

async fn attempt(platform: &Arc<Platform>, mut delivery: Delivery) {
    let prepared = platform.act(|world, now| {
        if world.subscription.is_none() {
            world.push_log.underway.remove(&delivery.number);
        }
        world.subscription.clone().map(|subscription| (subscription, now))
    });
    let Some((subscription, now)) = prepared else { return };
    delivery.attempts = delivery.attempts.saturating_add(1);
    let plaintext = delivery.event.plaintext();
    let body = letter(&subscription, &plaintext, delivery.damage.take());
    let outcome = post(platform, &subscription, body).await;
    let Event { request_id, kind, .. } = delivery.event.clone();
    if let Err(failure) = &outcome {
        tracing::warn!(kind, request_id, %failure, "an event push failed");
    }
    let redelivery = platform.options.redelivery;
    let repeats = outcome.is_err() && delivery.attempts <= redelivery.repeats;
    let due = platform.act(|world, now_after| {
        world.push_log.pushes.push(Push {
            request_id,
            event_type: kind,
            attempt: delivery.attempts,
            at: now,
            plaintext,
            failure: outcome.err().map(|failure| failure.to_string()),
        });
        let due = repeats.then_some(now_after + redelivery.pause);
        match due {
            Some(due) => world.push_log.underway.insert(delivery.number, Stage::Waiting(due)),
            None => world.push_log.underway.remove(&delivery.number),
        };
        due
    });
    if let Some(due) = due {
        let (clock, platform) = (platform.clock().clone(), Arc::downgrade(platform));
        tokio::spawn(attempt_at(clock, platform, delivery, due));
    }
}

/// The attempt, when its time has come. Holds no platform while it waits, so that an abandoned
/// sandbox ends; boxed because attempts and repeats call each other.
fn attempt_at(
    clock: Clock,
    platform: Weak<Platform>,
    delivery: Delivery,
    due: DateTime<Utc>,
) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async move {
        clock.sleep_until(due).await;
        let Some(platform) = platform.upgrade() else { return };
        platform.act(|world, _| world.push_log.underway.insert(delivery.number, Stage::InFlight));
        attempt(&platform, delivery).await;
    })
}

/// The body of a push: sealed when there is a key.
fn letter(subscription: &Subscription, plaintext: &str, damage: Option<PushFault>) -> String {
    if subscription.key.is_empty() || damage == Some(PushFault::Plain) {
        return plaintext.to_owned();
    }
    let key = match damage {
        Some(PushFault::WrongKey) => "the-key-of-somebody-else",
        _ => &subscription.key,
    };
    let mut sealed = seal(plaintext, key);
    if damage == Some(PushFault::Truncated) {
        // No longer whole blocks, still Base64.
        sealed.truncate(sealed.len().saturating_sub(8));
    }
    object! {"encrypt": sealed}.to_string()
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("the callback cannot be reached: {0}")]
    Unreachable(String),
    #[error("no reply within the deadline")]
    Late,
    #[error("the reply has the status {0}, not 200")]
    Status(StatusCode),
}

async fn post(
    platform: &Platform,
    subscription: &Subscription,
    body: String,
) -> Result<Bytes, Failure> {
    let request = Request::post(subscription.url.clone())
        .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
        .body(Full::from(body));
    match platform.http.send(request, platform.options.reply_deadline).await {
        Ok(Reply { status: StatusCode::OK, body }) => Ok(body),
        Ok(Reply { status, .. }) => Err(Failure::Status(status)),
        Err(NoReply::Late(_)) => Err(Failure::Late),
        Err(why) => Err(Failure::Unreachable(why.to_string())),
    }
}

/// Saves an address after it answered the `check` event rightly.
pub(super) async fn subscribe(
    platform: &Platform,
    subscription: Subscription,
) -> Result<(), Refusal> {
    const REFUSED: &str = "OPENAPI-DOMAIN/CALLBACK_CHECK_FAIL";
    let (text, request_id, wanted) =
        platform.act(|world, _| (world.ids.word(), world.ids.word(), world.quirks.check_answer));
    let data = Json::from(text.as_str());
    let plaintext = Event { request_id, kind: "check".to_owned(), data }.plaintext();
    let body = letter(&subscription, &plaintext, None);
    let reply = post(platform, &subscription, body).await;
    let reply = reply.map_err(|failure| Refusal::new(400, REFUSED, failure.to_string()))?;
    if !verifies(wanted, &reply, &text, &plaintext) {
        let why = "the reply to the check event does not carry its text";
        return Err(Refusal::new(400, REFUSED, why));
    }
    platform.act(|world, _| world.subscription = Some(subscription));
    Ok(())
}
