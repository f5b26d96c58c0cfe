//! Lists: pages of the platform as one stream, each row once.

use std::collections::HashSet;

use erplink_core::pager::{items, pages};
use erplink_core::{ErrorKind, Page, RawJson, Results};
use futures_util::{TryStreamExt, future};

use crate::client::{Client, Endpoint, named};
use crate::error::{Error, Reply, Result, read_data, unreadable_data};
use crate::fields::{Field, Fields};
use crate::kept::{Kept, keep};
use crate::lenient::{Lenient, model};

/// Rows of a page, where the caller does not say.
const PAGE_SIZE: i64 = 200;

model! {
    /// `data` of a list.
    #[allow(unreachable_pub)]
    pub struct Listed {
        /// The rows of this page.
        pub list: Vec<RawJson>,
        /// Rows of all pages.
        pub total: Option<i64>,
    }
}

/// Where a walk stands.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    page: i64,
    rows: i64,
}

/// A row of a list, told apart from others by its id.
pub(crate) trait Row: Lenient + Send + 'static {
    fn row_id(&self) -> i64;
}

impl Client {
    /// Walks all pages of a list.
    ///
    /// Rows that arrive meanwhile push others to the next page: those come twice and are dropped.
    pub(crate) fn list<T: Row>(
        &self,
        endpoint: Endpoint,
        mut query: Fields,
    ) -> Results<Kept<T>, Error> {
        query.set_default("size", Field::Int(PAGE_SIZE));
        let client = self.clone();
        let pages = pages(Place { page: 1, rows: 0 }, move |place| {
            let (client, mut query) = (client.clone(), query.clone());
            async move {
                query.set("page", Field::Int(place.page));
                let size = match query.get("size") {
                    Some(Field::Int(size)) => *size,
                    _ => PAGE_SIZE,
                };
                let reply = client.call(&endpoint, &query).await?;
                page(reply, &place, size).map_err(|error| named(error, &endpoint))
            }
        });
        Results::new(each_once(items(pages)))
    }
}

/// Drops rows that came before.
pub(crate) fn each_once<T: Row>(
    rows: Results<Kept<T>, Error>,
) -> impl futures_core::Stream<Item = Result<Kept<T>>> + Send + 'static {
    let mut seen = HashSet::new();
    // Rows without an id cannot be told apart: all of them go through.
    rows.try_filter(move |row| {
        let id = row.row_id();
        future::ready(id == 0 || seen.insert(id))
    })
}

/// Reads a page and decides whether another follows.
///
/// The total decides where there is one: a platform that caps the size of pages answers short ones
/// before the end.
fn page<T: Row>(reply: Reply, place: &Place, size: i64) -> Result<Page<Kept<T>, Place>> {
    let listed: Listed =
        if reply.data.is_null() { Listed::default() } else { read_data(&reply.data)? };
    let count = i64::try_from(listed.list.len()).unwrap_or(i64::MAX);
    let rows = place.rows.saturating_add(count);
    let is_last = match listed.total {
        _ if count == 0 => true,
        Some(total) if total > 0 => rows >= total,
        _ => count < size,
    };
    if count == 0 && listed.total.is_some_and(|total| place.page == 1 && total > 0) {
        let total = listed.total.unwrap_or_default();
        return Err(Error::new(
            ErrorKind::Decode,
            format!("the first page is empty, though the list has {total} rows"),
        ));
    }
    let mut items = Vec::with_capacity(listed.list.len());
    for (at, raw) in listed.list.into_iter().enumerate() {
        let row = keep(raw, reply.no_access.clone());
        items.push(row.map_err(|problem| unreadable_data(format!("data.list[{at}]: {problem}")))?);
    }
    let next = (!is_last).then_some(Place { page: place.page + 1, rows });
    Ok(Page { items, next })
}

/// The one row that fits exactly; lists look for parts of texts where the page says so or not.
pub(crate) async fn only<T: Row>(
    mut rows: Results<Kept<T>, Error>,
    fits: impl Fn(&T) -> bool,
    what: &str,
    key: &str,
) -> Result<Option<Kept<T>>> {
    let mut found: Option<Kept<T>> = None;
    while let Some(row) = rows.next().await {
        let row = row?;
        if !fits(&row) {
            continue;
        }
        if let Some(first) = &found {
            let (first, second) = (first.row_id(), row.row_id());
            return Err(Error::new(
                ErrorKind::Conflict,
                format!("two rows are {what} `{key}`: ids {first} and {second}"),
            ));
        }
        found = Some(row);
    }
    Ok(found)
}
