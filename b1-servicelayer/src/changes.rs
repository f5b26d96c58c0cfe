//! What changed since the last look, by `UpdateDate` and `UpdateTime`.

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::time::Duration;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use erplink_core::json::{self, DecodeError};
use erplink_core::{Idempotency, RawJson, Results};
use serde::{Deserialize, Serialize};

use crate::edm::Read;
use crate::json_object::Members;
use crate::list::{self, Guarded};
use crate::{Cursor, EntityType, Error, ErrorKind, Field, Page, Query, Result};

/// Where a [`ChangeFeed`] stands: store it and go on from it later.
///
/// It holds the last minute that was seen and what was seen in and shortly before it, because the
/// server compares times by the minute and its clock may lag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeCursor {
    /// The server's local time, to the minute.
    minute: NaiveDateTime,
    /// Changes already handed out that will be read again.
    seen: Vec<Change>,
}

/// One change, as it is told apart from others.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Change {
    key: String,
    at: NaiveDateTime,
    /// `DataVersion`, where the server has it: two changes can bear the same time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<i64>,
}

impl ChangeCursor {
    /// Changes from this moment on, in the **server's local time**.
    #[must_use]
    pub fn since(moment: NaiveDateTime) -> Self {
        Self { minute: to_minute(moment), seen: Vec::new() }
    }

    /// The last minute that was seen, in the server's local time.
    #[must_use]
    pub fn minute(&self) -> NaiveDateTime {
        self.minute
    }
}

fn to_minute(at: NaiveDateTime) -> NaiveDateTime {
    at.with_second(0).and_then(|at| at.with_nanosecond(0)).unwrap_or(at)
}

/// Changed entities, oldest first to the minute, each once a change. From [`Query::changes`].
#[must_use = "feeds do nothing unless they are asked for the next change"]
pub struct ChangeFeed<E> {
    query: Query<E>,
    overlap: Duration,
    /// The first minute of the running query.
    from: NaiveDateTime,
    newest: NaiveDateTime,
    /// The running query; it is asked for one page, or by offset where there is no better way.
    pages: Option<Results<Page<RawJson, Cursor>, Error>>,
    walk: Walk,
    ready: VecDeque<(Change, RawJson)>,
    seen: HashSet<Change>,
    finished: bool,
}

/// How the rows behind a page are reached. Never by an offset, if that can be helped: a row that
/// changes meanwhile moves to the end, and the others move up into what was read already.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Walk {
    /// From the first minute on, by time.
    ByTime,
    /// Within that minute, which fills more than a page: by key, behind this one.
    ByKey(Option<RawJson>),
}

impl<E> fmt::Debug for ChangeFeed<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChangeFeed")
            .field("query", &self.query)
            .field("newest", &self.newest)
            .finish_non_exhaustive()
    }
}

impl<E: EntityType> Query<E> {
    /// `GET /{Set}?$filter=UpdateDate …`: what was created or changed since `cursor`, within the
    /// conditions of this query.
    ///
    /// The oldest change comes first, whatever order, top or start the query has. To take a part,
    /// stop asking: the cursor goes on from there.
    ///
    /// For entities that have `UpdateDate` and `UpdateTime`: items, partners, documents, drafts.
    /// Production orders, bills of materials, special prices, stock transfers and approval
    /// requests do not have both.
    ///
    /// ```no_run
    /// # async fn run(b1: b1_servicelayer::Client, mut stored: b1_servicelayer::ChangeCursor)
    /// # -> b1_servicelayer::Result<()> {
    /// let mut feed = b1.items().query().page_size(100).changes(stored);
    /// while let Some(item) = feed.next().await {
    ///     println!("{:?}", item?.item_code);
    ///     stored = feed.cursor(); // store it now and then
    /// }
    /// # Ok(()) }
    /// ```
    pub fn changes(self, cursor: ChangeCursor) -> ChangeFeed<E> {
        let overlap = Duration::from_secs(120);
        ChangeFeed {
            query: self.only_conditions(),
            from: before(cursor.minute, overlap, cursor.seen.is_empty()),
            overlap,
            newest: cursor.minute,
            pages: None,
            walk: Walk::ByTime,
            ready: VecDeque::new(),
            seen: cursor.seen.into_iter().collect(),
            finished: false,
        }
    }
}

/// A fresh cursor begins exactly where it says; a used one looks back.
fn before(minute: NaiveDateTime, overlap: Duration, fresh: bool) -> NaiveDateTime {
    if fresh {
        return minute;
    }
    let overlap = chrono::Duration::from_std(overlap).unwrap_or_default();
    to_minute(minute.checked_sub_signed(overlap).unwrap_or(minute))
}

impl<E: EntityType> ChangeFeed<E> {
    /// How far to look back behind the cursor, for changes that were committed late. Default two
    /// minutes.
    pub fn overlap(mut self, overlap: Duration) -> Self {
        self.from = before(self.newest, overlap, self.seen.is_empty());
        self.overlap = overlap;
        self
    }

    /// The next changed entity; `None` when there is nothing new. After an error start anew from
    /// [`cursor`](Self::cursor), which stands before the entity that could not be read; see
    /// [`next_guarded`](Self::next_guarded).
    pub async fn next(&mut self) -> Option<Result<E>> {
        let (change, raw) = match self.next_change().await? {
            Ok(next) => next,
            Err(error) => return Some(Err(error)),
        };
        match json::decode::<Read<E>>(raw.as_str().as_bytes()) {
            Ok(Read(entity)) => {
                self.hand_out(change);
                Some(Ok(entity))
            }
            Err(error) => {
                self.finished = true;
                self.ready.clear();
                Some(Err(self.unreadable(error)))
            }
        }
    }

    /// The next changed entity, or why this one cannot be read: one odd document does not block
    /// those behind it. The cursor passes it.
    pub async fn next_guarded(&mut self) -> Option<Result<Guarded<E>>> {
        let next = self.next_change().await?;
        Some(next.map(|(change, raw)| {
            self.hand_out(change);
            list::guard(raw)
        }))
    }

    async fn next_change(&mut self) -> Option<Result<(Change, RawJson)>> {
        loop {
            if let Some(next) = self.ready.pop_front() {
                return Some(Ok(next));
            }
            if self.finished {
                return None;
            }
            if let Err(error) = self.read_page().await {
                self.finished = true;
                return Some(Err(error));
            }
        }
    }

    fn hand_out(&mut self, change: Change) {
        self.newest = self.newest.max(to_minute(change.at));
        self.seen.insert(change);
    }

    fn unreadable(&self, error: DecodeError) -> Error {
        Error::decode(error).in_call(self.query.operation(), Idempotency::Safe, 1)
    }

    /// Where the feed stands, after the entities handed out so far.
    #[must_use]
    pub fn cursor(&self) -> ChangeCursor {
        let oldest = before(self.newest, self.overlap, false);
        let mut seen: Vec<_> =
            self.seen.iter().filter(|change| change.at >= oldest).cloned().collect();
        seen.sort_by(|a, b| (a.at, &a.key).cmp(&(b.at, &b.key)));
        ChangeCursor { minute: self.newest, seen }
    }

    async fn read_page(&mut self) -> Result<()> {
        let query = self.query.clone();
        let query = match &self.walk {
            Walk::ByTime => query.since(self.from),
            Walk::ByKey(after) => query.within(self.from, after.as_ref()),
        };
        let pages = self.pages.get_or_insert_with(|| query.walk(|raw: RawJson| raw));
        let page = pages.next().await.transpose()?;
        let page = page.unwrap_or(Page { items: Vec::new(), next: None });
        let mut latest = self.from;
        let last = page.items.last().and_then(key_of::<E>);
        for raw in page.items {
            let change = read_change::<E>(&raw).map_err(|error| self.unreadable(error))?;
            latest = latest.max(to_minute(change.at));
            let handed_out = self.seen.contains(&change);
            if !handed_out && !self.ready.iter().any(|(ready, _)| *ready == change) {
                self.ready.push_back((change, raw));
            }
        }
        self.go_on(page.next.is_some(), latest, last)
    }

    /// Decides where the next page starts.
    fn go_on(&mut self, more: bool, latest: NaiveDateTime, last: Option<RawJson>) -> Result<()> {
        match (&self.walk, more) {
            (Walk::ByTime, false) => self.finished = true,
            (Walk::ByTime, true) if latest > self.from => self.start_at(latest),
            (Walk::ByTime, true) if E::KEY_PROPERTIES.len() == 1 => {
                self.walk = Walk::ByKey(None);
                self.pages = None;
            }
            // By offset.
            (Walk::ByTime, true) => {}
            (Walk::ByKey(_), false) => {
                self.walk = Walk::ByTime;
                self.start_at(self.from + chrono::Duration::minutes(1));
            }
            (Walk::ByKey(after), true) => {
                if last.is_none() || *after == last {
                    return Err(Error::new(ErrorKind::Decode, list::STUCK).in_call(
                        self.query.operation(),
                        Idempotency::Safe,
                        1,
                    ));
                }
                self.walk = Walk::ByKey(last);
                self.pages = None;
            }
        }
        Ok(())
    }

    fn start_at(&mut self, minute: NaiveDateTime) {
        self.from = minute;
        self.pages = None;
        let oldest = before(minute.min(self.newest), self.overlap, false);
        self.seen.retain(|change| change.at >= oldest);
    }
}

/// The key of a row, where it is a single property.
fn key_of<E: EntityType>(raw: &RawJson) -> Option<RawJson> {
    let [name] = E::KEY_PROPERTIES else { return None };
    raw.get::<Members>().ok()?.get(name).cloned()
}

const DATE: &str = "UpdateDate";
const TIME: &str = "UpdateTime";

/// The server compares hours and minutes only.
fn time_of_day(at: NaiveDateTime) -> String {
    at.time().format("%H:%M").to_string()
}

impl<E: EntityType> Query<E> {
    /// What changed in this minute or later, oldest first.
    fn since(self, from: NaiveDateTime) -> Self {
        let date = Field::<E, NaiveDate>::new(DATE);
        let newer = if from.time() == NaiveTime::MIN {
            // The whole day, with what has no time.
            date.ge(from.date())
        } else {
            let time = Field::<E, String>::new(TIME).ge(time_of_day(from));
            date.gt(from.date()).or(date.eq(from.date()).and(time))
        };
        let time = Field::<E, NaiveTime>::new(TIME);
        let query = self.filter(newer).order_by(date.asc()).order_by(time.asc());
        query.with_stamps()
    }

    /// What changed in this minute, by key, behind `after`.
    fn within(self, minute: NaiveDateTime, after: Option<&RawJson>) -> Self {
        let time = Field::<E, String>::new(TIME);
        let next = minute + chrono::Duration::minutes(1);
        let mut within = Field::<E, NaiveDate>::new(DATE).eq(minute.date());
        if minute.time() != NaiveTime::MIN {
            within = within.and(time.ge(time_of_day(minute)));
        }
        if next.date() == minute.date() {
            let before = time.lt(time_of_day(next));
            // What has no time counts as of midnight.
            let first = minute.time() == NaiveTime::MIN;
            within = within.and(if first { before.or(time.is_null()) } else { before });
        }
        if let (Some(after), [key]) = (after, E::KEY_PROPERTIES) {
            within = within.and(Field::<E, RawJson>::new(key).gt(after.clone()));
        }
        self.filter(within).with_stamps()
    }

    /// Orders by key, last of all, and reads what tells changes apart.
    fn with_stamps(self) -> Self {
        let mut query = self.also_select(DATE).also_select(TIME);
        if E::VERSIONED {
            query = query.also_select("DataVersion");
        }
        for name in E::KEY_PROPERTIES {
            query = query.also_select(name).order_by(Field::<E, String>::new(name).asc());
        }
        query
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Stamp {
    update_date: Read<NaiveDate>,
    update_time: Option<Read<NaiveTime>>,
    data_version: Option<Read<i64>>,
}

fn read_change<E: EntityType>(raw: &RawJson) -> std::result::Result<Change, DecodeError> {
    let bytes = raw.as_str().as_bytes();
    let stamp: Stamp = json::decode(bytes)?;
    let members: Members = json::decode(bytes)?;
    let time = stamp.update_time.map_or(NaiveTime::MIN, |time| time.0);
    Ok(Change {
        key: members.key_text(E::KEY_PROPERTIES).unwrap_or_default(),
        at: stamp.update_date.0.and_time(time),
        version: stamp.data_version.map(|version| version.0),
    })
}
