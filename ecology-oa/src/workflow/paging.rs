//! Lists without a total: pages are read until one is short.

use std::collections::HashSet;
use std::future::Future;

use erplink_core::Results;
use futures_util::{TryStreamExt, stream};

use crate::error::Result;

/// Walks pages from 1 until one has fewer than `size` rows, or brings nothing new.
///
/// Rows that appear again, because the list changes while it is read, are dropped by their `key`.
/// A server that ignores the page number ends the walk instead of looping for ever.
pub(crate) fn walk<T, F, Fut>(
    size: usize,
    key: fn(&T) -> Option<String>,
    fetch: F,
) -> Results<T, crate::error::Error>
where
    T: Send + 'static,
    F: FnMut(u32) -> Fut + Send + 'static,
    Fut: Future<Output = Result<Vec<T>>> + Send + 'static,
{
    let start = (Some(1_u32), HashSet::new(), fetch);
    let pages = stream::try_unfold(start, move |(page, mut seen, mut fetch)| async move {
        let Some(page) = page else { return Ok::<_, crate::error::Error>(None) };
        let mut rows = fetch(page).await?;
        let is_full = rows.len() >= size;
        let mut is_new = false;
        rows.retain(|row| match key(row) {
            Some(key) => {
                let first = seen.insert(key);
                is_new |= first;
                first
            }
            None => true,
        });
        let next = if is_full && is_new { page.checked_add(1) } else { None };
        Ok(Some((rows, (next, seen, fetch))))
    });
    Results::new(pages.map_ok(|rows| stream::iter(rows.into_iter().map(Ok))).try_flatten())
}
