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
use crate::{Cursor, EntityType, Error, Field, Filter, Page, Query, Result};

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

/// Changed entities, oldest first, each once a change. From [`Query::changes`].
#[must_use = "feeds do nothing unless they are asked for the next change"]
pub struct ChangeFeed<E> {
    query: Query<E>,
    overlap: Duration,
    /// The first minute of the running query.
    from: NaiveDateTime,
    newest: NaiveDateTime,
    pages: Option<Results<Page<RawJson, Cursor>, Error>>,
    ready: VecDeque<(Change, E)>,
    seen: HashSet<Change>,
    finished: bool,
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
            query: self,
            from: before(cursor.minute, overlap, cursor.seen.is_empty()),
            overlap,
            newest: cursor.minute,
            pages: None,
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
    /// [`cursor`](Self::cursor).
    pub async fn next(&mut self) -> Option<Result<E>> {
        loop {
            if let Some((change, entity)) = self.ready.pop_front() {
                self.newest = self.newest.max(to_minute(change.at));
                self.seen.insert(change);
                return Some(Ok(entity));
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
        let pages = match &mut self.pages {
            Some(pages) => pages,
            none => none.insert(self.query.clone().since(self.from).walk(|raw: RawJson| raw)),
        };
        let Some(page) = pages.next().await.transpose()? else {
            self.finished = true;
            return Ok(());
        };
        let mut latest = self.from;
        for raw in &page.items {
            let (change, entity) = read_change::<E>(raw).map_err(|error| {
                Error::decode(error).in_call(self.query.operation(), Idempotency::Safe, 1)
            })?;
            latest = latest.max(to_minute(change.at));
            let handed_out = self.seen.contains(&change);
            if !handed_out && !self.ready.iter().any(|(ready, _)| *ready == change) {
                self.ready.push_back((change, entity));
            }
        }
        if page.next.is_none() {
            self.finished = true;
        } else if latest > self.from {
            // A row that changes while we page moves to the end and shifts the others under a
            // fixed offset. Start the next page at the last minute instead.
            self.from = latest;
            self.pages = None;
            let oldest = before(latest.min(self.newest), self.overlap, false);
            self.seen.retain(|change| change.at >= oldest);
        }
        Ok(())
    }
}

impl<E: EntityType> Query<E> {
    fn since(self, from: NaiveDateTime) -> Self {
        const DATE: &str = "UpdateDate";
        const TIME: &str = "UpdateTime";
        let date = Field::<E, NaiveDate>::new(DATE);
        // The server compares hours and minutes only.
        let time: Filter<E> =
            Field::<E, String>::new(TIME).ge(from.time().format("%H:%M").to_string());
        let newer = date.gt(from.date()).or(date.eq(from.date()).and(time));
        let mut query = self.filter(newer).also_select(DATE).also_select(TIME);
        query = query.order_by(date.asc()).order_by(Field::<E, NaiveTime>::new(TIME).asc());
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
}

fn read_change<E: EntityType>(raw: &RawJson) -> std::result::Result<(Change, E), DecodeError> {
    let bytes = raw.as_str().as_bytes();
    let stamp: Stamp = json::decode(bytes)?;
    let members: Members = json::decode(bytes)?;
    let entity = json::decode::<Read<E>>(bytes)?.0;
    let time = stamp.update_time.map_or(NaiveTime::MIN, |time| time.0);
    let key = members.key_text(E::KEY_PROPERTIES).unwrap_or_default();
    Ok((Change { key, at: stamp.update_date.0.and_time(time) }, entity))
}
