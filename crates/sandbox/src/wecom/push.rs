//! Pushes events to the apps' callbacks: seal, post, look at the status, try again, give up.

use std::collections::{BTreeMap, VecDeque};
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use tokio::sync::mpsc;

use super::app::App;
use super::callback::{Subscription, unsaved};
use super::event::{Body, Event};
use super::letter::{self, Failure, Letter};
use super::options::PushFault;
use super::platform::Platform;
use super::refusal::Refusal;
use super::world::World;
use crate::Clock;

/// How much later an event comes that is [`PushFault::Late`].
const LATE: Duration = Duration::from_secs(60);

/// One attempt to push an event.
#[derive(Debug, Clone, Serialize)]
pub struct Push {
    /// The app whose callback it went to.
    pub agent_id: i64,
    /// The form it is about.
    pub sp_no: String,
    /// `SpStatus`: the form's status after what happened.
    pub status: i64,
    /// `StatuChangeEvent`: what happened.
    pub change: i64,
    /// 1 for the first attempt, up to 4.
    pub attempt: u32,
    /// When the attempt was made, on the simulated clock.
    pub at: DateTime<Utc>,
    /// The XML that was sealed.
    pub plaintext: String,
    /// `None` when the reply was right, else what was wrong with it.
    pub failure: Option<String>,
}

/// What was pushed and what is on its way.
#[derive(Debug, Default)]
pub(super) struct PushLog {
    pub(super) pushes: Vec<Push>,
    pub(super) faults: VecDeque<PushFault>,
    underway: BTreeMap<u64, Stage>,
    next: u64,
    /// An event that waits for the one that follows it.
    held: Option<(i64, Event)>,
}

#[derive(Debug, Clone, Copy)]
enum Stage {
    InFlight,
    Waiting(DateTime<Utc>),
}

/// An event on its way to one app.
#[derive(Debug)]
pub(super) struct Delivery {
    number: u64,
    agent: i64,
    event: Event,
    body: Body,
    /// Attempts made so far.
    attempts: u32,
    damage: Option<PushFault>,
    /// Not before this time.
    due: Option<DateTime<Utc>>,
    /// Timestamp and nonce of the first attempt.
    stamp: Option<(String, String)>,
}

impl PushLog {
    /// Whether nothing is on its way at `now`. An attempt that waits for a later time is not.
    pub(super) fn is_settled(&self, now: DateTime<Utc>) -> bool {
        self.underway.values().all(|stage| matches!(stage, Stage::Waiting(due) if *due > now))
    }

    fn deliver(&mut self, agent: i64, event: Event) -> Delivery {
        self.next = self.next.saturating_add(1);
        self.underway.insert(self.next, Stage::InFlight);
        Delivery {
            number: self.next,
            agent,
            event,
            body: Body::Current,
            attempts: 0,
            damage: None,
            due: None,
            stamp: None,
        }
    }
}

/// Turns the events that happened into deliveries to every app that is subscribed and may see the
/// applicant, in their order except where a fault says so.
pub(super) fn dispatch(world: &mut World, now: DateTime<Utc>) -> Vec<Delivery> {
    let mut deliveries = Vec::new();
    for event in std::mem::take(&mut world.events) {
        let hears = |app: &&App| {
            app.callable && app.subscription.is_some() && app.sees(&event.form.applicant)
        };
        let agents: Vec<_> = world.apps.iter().filter(hears).map(|app| app.agent_id).collect();
        for agent in agents {
            enqueue(&mut world.push_log, agent, &event, now, &mut deliveries);
        }
    }
    deliveries
}

fn enqueue(
    log: &mut PushLog,
    agent: i64,
    event: &Event,
    now: DateTime<Utc>,
    deliveries: &mut Vec<Delivery>,
) {
    let fault = log.faults.pop_front();
    match fault {
        Some(PushFault::Lost) => return tracing::debug!(%event, "a fault loses an event"),
        Some(PushFault::OutOfOrder) => {
            if let Some((agent, earlier)) = log.held.replace((agent, event.clone())) {
                deliveries.push(log.deliver(agent, earlier));
            }
            return;
        }
        _ => {}
    }
    let mut delivery = log.deliver(agent, event.clone());
    match fault {
        Some(PushFault::Duplicate) => deliveries.push(log.deliver(agent, event.clone())),
        Some(PushFault::Late) => {
            let due = now + LATE;
            delivery.due = Some(due);
            log.underway.insert(delivery.number, Stage::Waiting(due));
        }
        Some(PushFault::OldBody) => delivery.body = Body::Old,
        Some(PushFault::WithoutSpNo) => delivery.body = Body::WithoutSpNo,
        damage => delivery.damage = damage,
    }
    deliveries.push(delivery);
    if let Some((agent, held)) = log.held.take() {
        deliveries.push(log.deliver(agent, held));
    }
}

/// Makes the first attempts one after another, as long as the platform lives.
pub(super) async fn run(platform: Weak<Platform>, mut incoming: mpsc::UnboundedReceiver<Delivery>) {
    while let Some(delivery) = incoming.recv().await {
        let Some(platform) = platform.upgrade() else { return };
        match delivery.due {
            Some(due) => wait(&platform, delivery, due),
            None => Box::pin(attempt(&platform, delivery)).await,
        }
    }
}

async fn attempt(platform: &Arc<Platform>, mut delivery: Delivery) {
    let redelivery = platform.options.redelivery;
    let prepared = platform.act(|world, now| {
        let subscription = world.app(delivery.agent).and_then(|app| app.subscription.clone());
        if subscription.is_none() {
            world.push_log.underway.remove(&delivery.number);
        }
        let Delivery { agent, body, ref event, .. } = delivery;
        let message = event.xml(&world.corp_id, agent, body, &world.quirks);
        let stamp = (now.timestamp().to_string(), world.ids.nonce());
        Some((subscription?, message, world.corp_id.clone(), stamp, now))
    });
    let Some((subscription, message, corp_id, fresh, now)) = prepared else { return };
    let stamp = delivery.stamp.take().filter(|_| redelivery.same_stamp).unwrap_or(fresh);
    delivery.stamp = Some(stamp.clone());
    delivery.attempts = delivery.attempts.saturating_add(1);
    let letter = Letter {
        message: &message,
        corp_id: &corp_id,
        agent: delivery.agent,
        time: stamp.0,
        nonce: stamp.1,
        damage: delivery.damage.take(),
    };
    let deadline = platform.options.reply_deadline;
    let outcome = letter::post(&platform.http, &subscription, letter, deadline).await;
    let event = &delivery.event;
    if let Err(failure) = &outcome {
        let attempt = delivery.attempts;
        tracing::warn!(%event, attempt, %failure, "an event push failed");
    }
    let repeats = match &outcome {
        Ok(()) => false,
        Err(Failure::Status(_)) if !redelivery.on_status => false,
        Err(_) => delivery.attempts <= redelivery.repeats,
    };
    let due = platform.act(|world, now_after| {
        world.push_log.pushes.push(Push {
            agent_id: delivery.agent,
            sp_no: event.form.sp_no.clone(),
            status: event.form.state.status as i64,
            change: event.change.number(),
            attempt: delivery.attempts,
            at: now,
            plaintext: message.clone(),
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
        wait(platform, delivery, due);
    }
}

fn wait(platform: &Arc<Platform>, delivery: Delivery, due: DateTime<Utc>) {
    tokio::spawn(attempt_at(platform.clock().clone(), Arc::downgrade(platform), delivery, due));
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

/// The URL check (验证 URL 有效性): a GET whose echo text has to come back decrypted.
pub(super) async fn check_url(
    platform: &Platform,
    subscription: &Subscription,
) -> Result<(), Refusal> {
    let (echo, nonce, raw_plus, now) = platform
        .act(|world, now| (world.ids.digits(), world.ids.nonce(), world.quirks.raw_plus, now));
    let time = now.timestamp().to_string();
    let check = letter::Check { echo: &echo, time: &time, nonce: &nonce, raw_plus };
    let deadline = platform.options.check_deadline;
    letter::check(&platform.http, subscription, check, deadline).await.map_err(unsaved)
}
