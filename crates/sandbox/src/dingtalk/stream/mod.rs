//! Stream mode (Stream 模式): events over a WebSocket that the app opened.
//!
//! An event goes to one of the open connections, chosen at random. What is not acknowledged with
//! `SUCCESS` within the redelivery time is pushed again, with a `messageId` of its own, whichever
//! connection is open then. [`StreamPush`] is the log.

mod connect;
mod control;
mod frame;
mod management;
mod open;
mod socket;
mod subscription;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;

pub(super) use connect::connect;
pub(super) use control::keep;
pub(super) use management::management;
pub(super) use open::open;
pub use subscription::{StreamOptions, StreamSubscription};

pub use frame::FrameFault;
use frame::Verdict;
use socket::Order;
pub use socket::SocketFault;

use super::event::Event;
use super::ids::Ids;

/// After a `disconnect` frame the platform waits so long before it closes.
const CLOSES_AFTER: Duration = Duration::from_secs(10);

/// One push of an event over a connection.
#[derive(Debug, Clone, Serialize)]
pub struct StreamPush {
    /// `bpms_instance_change` or `bpms_task_change`.
    pub event_type: String,
    /// `start`, `finish`, `terminate`, `delete`, `cancel`, `comment`.
    pub kind: String,
    /// `agree`, `refuse`, `redirect`; none where the event has none.
    pub result: Option<String>,
    /// The instance it is about.
    pub instance: String,
    /// The same in all pushes of one event.
    pub event_id: String,
    /// Of this push alone.
    pub message_id: String,
    /// 1 for the first push.
    pub attempt: usize,
    /// Number of the connection, counted from 1.
    pub connection: u64,
    /// When it was pushed, on the simulated clock.
    pub at: DateTime<Utc>,
    /// What came back: `SUCCESS`, `LATER`, or what was wrong with the answer. None: nothing yet.
    pub answer: Option<String>,
}

/// What the platform remembers of its Stream side.
pub(super) struct Gateway {
    /// Where connections are opened, `ws://…/connect`.
    pub(super) endpoint: String,
    options: StreamOptions,
    subscription: Option<StreamSubscription>,
    tickets: BTreeMap<String, Ticket>,
    lines: BTreeMap<u64, Line>,
    letters: BTreeMap<u64, Letter>,
    faults: VecDeque<FrameFault>,
    next_ping: Option<DateTime<Utc>>,
    /// Connections ever opened, letters ever written.
    opened: u64,
    written: u64,
    pushes: Vec<StreamPush>,
    /// Everything that clients sent, in its order.
    received: Vec<Value>,
}

/// What a client asked for when it opened a connection.
#[derive(Debug, Clone, Default)]
struct Wanted {
    events: bool,
    topics: BTreeSet<String>,
}

struct Ticket {
    expires: DateTime<Utc>,
    wanted: Wanted,
}

/// An open connection.
struct Line {
    wanted: Wanted,
    orders: mpsc::UnboundedSender<Order>,
    /// When it closes, after a `disconnect` frame: nothing is delivered any more.
    closes: Option<DateTime<Utc>>,
}

/// An event that was not acknowledged yet.
struct Letter {
    event: Event,
    attempts: usize,
    state: State,
}

enum State {
    /// There was no connection to push it to.
    Unsent,
    /// On its way: pushed to a connection that has not answered.
    Sent { line: u64, push: usize, due: DateTime<Utc> },
    /// To be pushed again: the answer was not `SUCCESS`, or the connection is gone.
    Again { due: DateTime<Utc> },
}

impl Gateway {
    pub(super) fn new(options: StreamOptions) -> Self {
        Gateway {
            endpoint: String::new(),
            options,
            subscription: None,
            tickets: BTreeMap::new(),
            lines: BTreeMap::new(),
            letters: BTreeMap::new(),
            faults: VecDeque::new(),
            next_ping: None,
            opened: 0,
            written: 0,
            pushes: Vec::new(),
            received: Vec::new(),
        }
    }

    /// Whether events go out over Stream connections.
    pub(super) fn is_subscribed(&self) -> bool {
        self.subscription.is_some()
    }

    pub(super) fn wants(&self, event: &Event) -> bool {
        self.subscription.as_ref().is_some_and(|subscription| subscription.wants(event))
    }

    /// Forgets the subscription and what was not acknowledged: the app has another push type now.
    pub(super) fn unsubscribe(&mut self) {
        self.subscription = None;
        self.letters.clear();
    }

    /// Takes an event and pushes it if there is a connection.
    pub(super) fn push(&mut self, event: Event, corp_id: &str, ids: &mut Ids, now: DateTime<Utc>) {
        self.written = self.written.saturating_add(1);
        let letter = Letter { event, attempts: 0, state: State::Unsent };
        self.letters.insert(self.written, letter);
        self.send(self.written, corp_id, ids, now);
    }

    /// Pushes a letter to one of the connections; without one it waits for the next to open.
    fn send(&mut self, number: u64, corp_id: &str, ids: &mut Ids, now: DateTime<Utc>) {
        let Some(letter) = self.letters.get_mut(&number) else { return };
        let open: Vec<_> = self.lines.iter().filter(|(_, line)| line.takes_events()).collect();
        let Some((line_number, line)) = open.get(ids.below(open.len())) else {
            letter.state = State::Unsent;
            return;
        };
        letter.attempts = letter.attempts.saturating_add(1);
        let message_id = ids.message();
        let fault = self.faults.pop_front();
        let text = frame::event(&letter.event, &message_id, corp_id, now, fault);
        let sent = line.orders.send(Order::Text(text.to_string())).is_ok();
        let due = now + self.options.redelivery;
        letter.state = if sent {
            State::Sent { line: **line_number, push: self.pushes.len(), due }
        } else {
            State::Again { due }
        };
        let event = &letter.event;
        self.pushes.push(StreamPush {
            event_type: event.tag.to_owned(),
            kind: event.kind.to_owned(),
            result: event.result.map(str::to_owned),
            instance: event.instance.clone(),
            event_id: event.id.clone(),
            message_id,
            attempt: letter.attempts,
            connection: **line_number,
            at: now,
            answer: None,
        });
    }

    /// A connection stands: what waited for one goes out.
    fn attach(&mut self, line: Line, corp_id: &str, ids: &mut Ids, now: DateTime<Utc>) -> u64 {
        self.drop_old(now);
        self.opened = self.opened.saturating_add(1);
        self.lines.insert(self.opened, line);
        if self.next_ping.is_none() {
            self.next_ping = self.options.ping_every.map(|pause| now + pause);
        }
        let unsent = |letter: &Letter| matches!(letter.state, State::Unsent);
        let waiting: Vec<u64> =
            self.letters.iter().filter(|(_, one)| unsent(one)).map(|(number, _)| *number).collect();
        for number in waiting {
            self.send(number, corp_id, ids, now);
        }
        self.opened
    }

    /// A connection is gone; what it was given and did not acknowledge is pushed again in its time.
    fn detach(&mut self, number: u64) {
        self.lines.remove(&number);
        for letter in self.letters.values_mut() {
            match letter.state {
                State::Sent { line, due, .. } if line == number => {
                    letter.state = State::Again { due };
                }
                _ => {}
            }
        }
        if self.lines.is_empty() {
            self.next_ping = None;
        }
    }

    /// Reads what a client sent.
    fn receive(&mut self, text: &str) {
        let message: Value = serde_json::from_str(text).unwrap_or_else(|_| json!(text));
        let answer = frame::answer(&message);
        self.received.push(message);
        let Some(message_id) = &answer.message_id else {
            tracing::warn!(text, "a Stream client sent something without headers.messageId");
            return;
        };
        let Some(index) = self.pushes.iter().position(|push| push.message_id == *message_id) else {
            // The answer to a system frame or a callback: `received` shows it.
            return;
        };
        let verdict = answer.verdict;
        if let Some(push) = self.pushes.get_mut(index) {
            push.answer = Some(verdict.to_string());
        }
        let pushed = |letter: &Letter| match letter.state {
            State::Sent { push, due, .. } if push == index => Some(due),
            _ => None,
        };
        let waiting = self.letters.iter().find_map(|(number, one)| Some((*number, pushed(one)?)));
        match (waiting, verdict) {
            (Some((number, _)), Verdict::Success) => {
                self.letters.remove(&number);
            }
            (Some((number, due)), _) => {
                if let Some(letter) = self.letters.get_mut(&number) {
                    letter.state = State::Again { due };
                }
            }
            (None, _) => tracing::debug!(message_id, "a late answer; the event was pushed anew"),
        }
    }

    /// Whether no push waits for an answer. One that waits for a later time does not count.
    pub(super) fn is_settled(&self) -> bool {
        !self.letters.values().any(|letter| matches!(letter.state, State::Sent { .. }))
    }

    /// When something is to be done next without anybody asking.
    fn next_due(&self) -> Option<DateTime<Utc>> {
        let letters = self.letters.values().filter_map(|letter| match letter.state {
            State::Unsent => None,
            State::Sent { due, .. } | State::Again { due } => Some(due),
        });
        let closings = self.lines.values().filter_map(|line| line.closes);
        letters.chain(closings).chain(self.next_ping).min()
    }

    /// Does what is due: closes connections, pushes again, sends pings.
    fn tick(&mut self, corp_id: &str, ids: &mut Ids, now: DateTime<Utc>) {
        let closing = |line: &Line| line.closes.is_some_and(|at| at <= now);
        for line in self.lines.values_mut().filter(|line| closing(line)) {
            line.order(Order::Close);
            line.closes = None;
        }
        self.drop_old(now);
        let due: Vec<u64> = self
            .letters
            .iter()
            .filter_map(|(number, letter)| match letter.state {
                State::Sent { due, .. } | State::Again { due } if due <= now => Some(*number),
                _ => None,
            })
            .collect();
        for number in due {
            self.send(number, corp_id, ids, now);
        }
        if self.next_ping.is_some_and(|at| at <= now) {
            self.ping(ids, now);
            self.next_ping = self.options.ping_every.map(|pause| now + pause);
        }
    }

    /// Forgets the events that were kept long enough.
    fn drop_old(&mut self, now: DateTime<Utc>) {
        let Some(kept) = self.options.retention else { return };
        self.letters.retain(|_, letter| {
            let keeps = now < letter.event.born + kept;
            if !keeps {
                let event = &letter.event;
                tracing::warn!(%event, "an event was never acknowledged; it is dropped");
            }
            keeps
        });
    }

    fn ping(&mut self, ids: &mut Ids, now: DateTime<Utc>) {
        for line in self.lines.values().filter(|line| line.closes.is_none()) {
            let data = json!({"opaque": ids.word()});
            line.order(Order::Text(frame::system("ping", &ids.message(), &data, now).to_string()));
        }
    }
}

impl Line {
    fn takes_events(&self) -> bool {
        self.wanted.events && self.closes.is_none()
    }

    /// A connection whose task has ended takes no orders, which is as good as lost on the way.
    fn order(&self, order: Order) {
        if self.orders.send(order).is_err() {
            tracing::debug!("the connection has ended already");
        }
    }
}
