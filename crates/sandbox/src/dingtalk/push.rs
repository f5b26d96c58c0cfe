//! Pushes events to the callback: seal, post, check the reply, try again, give up.

use std::collections::{BTreeMap, VecDeque};
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{Request, StatusCode, header};
use http_body_util::Full;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::callback::{Subscription, Unsaved};
use super::event::Event;
use super::options::PushFault;
use super::platform::Platform;
use super::world::World;
use crate::Clock;
use crate::caller::{NoReply, Reply};

/// How long after the first and the second failure the next attempt follows.
const RETRY_AFTER: [Duration; 2] = [Duration::from_secs(10), Duration::from_secs(30)];
/// How long after the last failure an event appears in the list of failed pushes.
const LISTED_AFTER: Duration = Duration::from_secs(180);
/// Most entries the list gives out at once.
const LARGEST_LIST: usize = 200;
/// One attempt to push an event.
#[derive(Debug, Clone, Serialize)]
pub struct Push {
    /// `bpms_instance_change` or `bpms_task_change`.
    pub event_type: String,
    /// `start`, `finish`, `terminate`, `delete`, `cancel`, `comment`.
    pub kind: String,
    /// `agree`, `refuse`, `redirect`; none where the event has none.
    pub result: Option<String>,
    /// The instance it is about.
    pub instance: String,
    /// The same in all attempts for one event.
    pub event_id: String,
    /// 1 for the first attempt, up to 3.
    pub attempt: usize,
    /// When the attempt was made, on the simulated clock.
    pub at: DateTime<Utc>,
    /// The plaintext that was sealed.
    pub plaintext: Value,
    /// `None` when the reply was right, else what was wrong with it.
    pub failure: Option<String>,
}

/// What was pushed, what is on its way, what failed for good.
#[derive(Debug, Default)]
pub(super) struct PushLog {
    pub(super) pushes: Vec<Push>,
    pub(super) faults: VecDeque<PushFault>,
    underway: BTreeMap<u64, Stage>,
    next: u64,
    /// An event that waits for the one that follows it.
    held: Option<Event>,
    failed: Vec<Failed>,
}

#[derive(Debug, Clone, Copy)]
enum Stage {
    InFlight,
    Waiting(DateTime<Utc>),
}

#[derive(Debug)]
struct Failed {
    entry: Value,
    listed: DateTime<Utc>,
}

/// An event on its way.
#[derive(Debug)]
pub(super) struct Delivery {
    number: u64,
    event: Event,
    /// Attempts made so far.
    attempts: usize,
    damage: Option<PushFault>,
}

impl PushLog {
    /// Whether nothing is on its way at `now`. An attempt that waits for a later time is not.
    pub(super) fn is_settled(&self, now: DateTime<Utc>) -> bool {
        self.underway.values().all(|stage| matches!(stage, Stage::Waiting(due) if *due > now))
    }

    /// Takes up to 200 failed pushes from the list; whether more are left.
    pub(super) fn take_failed(&mut self, now: DateTime<Utc>) -> (Vec<Value>, bool) {
        let mut taken = Vec::new();
        self.failed.retain(|failed| {
            let takes = failed.listed <= now && taken.len() < LARGEST_LIST;
            if takes {
                taken.push(failed.entry.clone());
            }
            !takes
        });
        let more = self.failed.iter().any(|failed| failed.listed <= now);
        (taken, more)
    }

    fn deliver(&mut self, event: Event, damage: Option<PushFault>) -> Delivery {
        self.next = self.next.saturating_add(1);
        self.underway.insert(self.next, Stage::InFlight);
        Delivery { number: self.next, event, attempts: 0, damage }
    }
}

/// Turns the events that happened into deliveries, in their order except where a fault says so.
/// Those of Stream mode go out at once.
pub(super) fn dispatch(world: &mut World, now: DateTime<Utc>) -> Vec<Delivery> {
    let mut deliveries = Vec::new();
    let World { events, subscription, push_log, stream, app, ids, .. } = world;
    let by_stream = stream.is_subscribed();
    for (event, damage) in arrange(push_log, events.drain(..), |event| {
        stream.wants(event) || subscription.as_ref().is_some_and(|one| one.wants(event))
    }) {
        if by_stream {
            stream.push(event, &app.corp_id, ids, now);
        } else {
            deliveries.push(push_log.deliver(event, damage));
        }
    }
    deliveries
}

/// The events that somebody wants, in the order and number that the faults say.
fn arrange(
    log: &mut PushLog,
    events: impl Iterator<Item = Event>,
    is_wanted: impl Fn(&Event) -> bool,
) -> Vec<(Event, Option<PushFault>)> {
    let mut arranged = Vec::new();
    for event in events.filter(is_wanted) {
        match log.faults.pop_front() {
            Some(PushFault::OutOfOrder) => {
                arranged.extend(log.held.replace(event).map(|earlier| (earlier, None)));
                continue;
            }
            Some(PushFault::Duplicate) => {
                arranged.push((event.clone(), None));
                arranged.push((event, None));
            }
            damage => arranged.push((event, damage)),
        }
        arranged.extend(log.held.take().map(|held| (held, None)));
    }
    arranged
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
        let subscription = world.subscription.clone();
        if subscription.is_none() {
            world.push_log.underway.remove(&delivery.number);
        }
        Some((subscription?, world.app.corp_id.clone(), world.ids.word(), now))
    });
    let Some((subscription, corp_id, nonce, now)) = prepared else { return };
    delivery.attempts = delivery.attempts.saturating_add(1);
    let style = subscription.callback.style;
    let plaintext = delivery.event.plaintext(style, &corp_id);
    let letter = Letter {
        message: plaintext.to_string(),
        time: now.timestamp_millis().to_string(),
        nonce,
        damage: delivery.damage.take(),
    };
    let outcome = post(platform, &subscription, letter).await;
    let event = &delivery.event;
    let failure = outcome.err().map(|failure| failure.to_string());
    if let Some(failure) = &failure {
        tracing::warn!(%event, attempt = delivery.attempts, failure, "an event push failed");
    }
    let failed = failure.is_some();
    let retry = RETRY_AFTER.get(delivery.attempts.saturating_sub(1)).filter(|_| failed);
    let due = platform.act(|world, now| {
        let log = &mut world.push_log;
        log.pushes.push(Push {
            event_type: event.tag.to_owned(),
            kind: event.kind.to_owned(),
            result: event.result.map(str::to_owned),
            instance: event.instance.clone(),
            event_id: event.id.clone(),
            attempt: delivery.attempts,
            at: now,
            plaintext,
            failure,
        });
        let due = retry.map(|pause| now + *pause);
        match due {
            Some(due) => {
                log.underway.insert(delivery.number, Stage::Waiting(due));
            }
            None => {
                log.underway.remove(&delivery.number);
                if failed {
                    let entry = event.failed_entry(style, &corp_id);
                    log.failed.push(Failed { entry, listed: now + LISTED_AFTER });
                }
            }
        }
        due
    });
    if let Some(due) = due {
        tokio::spawn(attempt_at(platform.clock().clone(), Arc::downgrade(platform), delivery, due));
    }
}

/// The next attempt, when its time has come. Holds no platform while it waits, so that an abandoned
/// sandbox ends; boxed because attempts and retries call each other.
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

/// Sends `check_url` and expects the same reply as to an event.
pub(super) async fn check_url(
    platform: &Platform,
    subscription: &Subscription,
) -> Result<(), Unsaved> {
    let (nonce, now) = platform.act(|world, now| (world.ids.word(), now));
    let letter = Letter {
        message: json!({"EventType": "check_url"}).to_string(),
        time: now.timestamp_millis().to_string(),
        nonce,
        damage: None,
    };
    post(platform, subscription, letter).await.map_err(|failure| match failure {
        Failure::Unreachable(_) | Failure::Late => {
            Unsaved::new(71012, format!("url 访问异常：{failure}"))
        }
        Failure::Reply(_) | Failure::Sealing => {
            Unsaved::new(71009, format!("返回值不是 success：{failure}"))
        }
    })
}

/// A message and what surrounds it.
struct Letter {
    message: String,
    time: String,
    nonce: String,
    damage: Option<PushFault>,
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("the callback cannot be reached: {0}")]
    Unreachable(String),
    #[error("no reply within the deadline")]
    Late,
    #[error("{0}")]
    Reply(String),
    #[error("the operating system gave no random numbers")]
    Sealing,
}

async fn post(
    platform: &Platform,
    subscription: &Subscription,
    letter: Letter,
) -> Result<(), Failure> {
    let request = write(subscription, letter)?;
    match platform.http.send(request, platform.reply_deadline).await {
        Ok(Reply { status: StatusCode::OK, body }) => {
            subscription.check_reply(&body).map_err(Failure::Reply)
        }
        Ok(Reply { status, .. }) => {
            Err(Failure::Reply(format!("the reply has the status {status}, not 200")))
        }
        Err(NoReply::Late(_)) => Err(Failure::Late),
        Err(NoReply::BrokenOff(why)) => Err(Failure::Reply(why.to_string())),
        Err(why) => Err(Failure::Unreachable(why.to_string())),
    }
}

fn write(
    subscription: &Subscription,
    letter: Letter,
) -> Result<http::Result<Request<Full<Bytes>>>, Failure> {
    let Letter { message, time, nonce, damage } = letter;
    let owner = match damage {
        Some(PushFault::WrongKey) => "dingsomebodyelses000",
        _ => subscription.owner.as_str(),
    };
    let sealed =
        subscription.envelope.seal(&message, owner, &time, &nonce).map_err(|_| Failure::Sealing)?;
    let (mut encrypt, mut signature) = (sealed.encrypt, sealed.signature);
    match damage {
        Some(PushFault::BadSignature) => signature = flip_first(&signature),
        Some(PushFault::TamperedCiphertext) => {
            encrypt = flip_first(&encrypt);
            signature = subscription.envelope.sign(&time, &nonce, &encrypt);
        }
        _ => {}
    }
    let mut url = subscription.url.clone();
    for name in subscription.callback.signature.names() {
        url.query_pairs_mut().append_pair(name, &signature);
    }
    url.query_pairs_mut().append_pair("timestamp", &time).append_pair("nonce", &nonce);
    Ok(Request::post(url.as_str())
        .header(header::CONTENT_TYPE, "application/json")
        .body(Full::from(json!({"encrypt": encrypt}).to_string())))
}

/// The text with another first character, still hexadecimal and still base64. In a ciphertext this
/// changes the first byte of the inner length, which follows the first block.
fn flip_first(text: &str) -> String {
    let other = if text.starts_with('0') { '1' } else { '0' };
    std::iter::once(other).chain(text.chars().skip(1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed_at(listed: DateTime<Utc>, count: usize) -> PushLog {
        let failed = (0..count).map(|number| Failed { entry: json!(number), listed });
        PushLog { failed: failed.collect(), ..PushLog::default() }
    }

    #[test]
    fn the_list_gives_out_200_at_a_time_and_each_entry_once() {
        let now = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        let mut log = failed_at(now, LARGEST_LIST + 1);
        let (first, more) = log.take_failed(now);
        assert_eq!((first.len(), more), (200, true));
        assert_eq!(log.take_failed(now), (vec![json!(200)], false));
        assert_eq!(log.take_failed(now), (vec![], false));
    }

    #[test]
    fn an_entry_is_hidden_before_its_time() {
        let now = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        let mut log = failed_at(now + LISTED_AFTER, 1);
        assert_eq!(log.take_failed(now), (vec![], false));
        assert_eq!(log.take_failed(now + LISTED_AFTER).0.len(), 1);
    }

    #[test]
    fn only_a_due_attempt_is_on_its_way() {
        let now = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        let mut log = PushLog::default();
        assert!(log.is_settled(now));
        log.underway.insert(1, Stage::Waiting(now + RETRY_AFTER[0]));
        assert!(log.is_settled(now));
        assert!(!log.is_settled(now + RETRY_AFTER[0]));
        log.underway.insert(1, Stage::InFlight);
        assert!(!log.is_settled(now));
    }

    #[test]
    fn a_flipped_character_changes_the_text_and_nothing_else() {
        assert_eq!(flip_first("0ab"), "1ab");
        assert_eq!(flip_first("fab"), "0ab");
    }
}
