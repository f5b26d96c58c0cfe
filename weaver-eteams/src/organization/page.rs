//! Pages of the newer calls: `{"current":1,"total":120,"data":[…]}` in `data`.

use erplink_core::{Members, Page};

use crate::error::{Error, Result};
use crate::loose;

/// Largest `pageSize` of the platform.
pub const MAX_PAGE_SIZE: u32 = 1000;

pub(super) fn check_size(size: u32) -> Result<()> {
    if (1..=MAX_PAGE_SIZE).contains(&size) {
        return Ok(());
    }
    Err(Error::invalid(format!("page_size: expected 1 to {MAX_PAGE_SIZE}, found {size}")))
}

/// Reads page `current` of pages with `size` rows.
pub(super) fn read<T>(
    answer: &Members,
    current: u32,
    size: u32,
    row: impl Fn(Members, &str) -> Result<T>,
) -> Result<Page<T, u32>> {
    let data = loose::find(answer, &["data"]);
    let inner: Option<Members> = data.and_then(|data| data.get().ok());
    let (list, path, total) = match &inner {
        Some(inner) => {
            (loose::find(inner, &["data"]), "data.data", loose::number(inner, &["total"]))
        }
        // A flat answer.
        None => (data, "data", loose::number(answer, &["total"])),
    };
    let items = rows(list, path, row)?;
    let seen = u64::from(current) * u64::from(size);
    let is_last = match total {
        Some(total) => seen >= total,
        None => items.len() < usize::try_from(size).unwrap_or(usize::MAX),
    };
    // Who counts more than there is must not be asked for ever.
    let next = (!is_last && !items.is_empty()).then(|| current.saturating_add(1));
    Ok(Page { items, next })
}

/// Reads the rows of a list; one that does not fit is named by its place.
pub(super) fn rows<T>(
    list: Option<&erplink_core::RawJson>,
    path: &str,
    row: impl Fn(Members, &str) -> Result<T>,
) -> Result<Vec<T>> {
    // A list without rows may be missing.
    let Some(list) = list else { return Ok(Vec::new()) };
    let rows: Vec<Members> = list
        .get()
        .map_err(|_| loose::misshapen(path, "an array of objects", loose::shape(list)))?;
    let read = |(at, members)| row(members, &format!("{path}[{at}]."));
    rows.into_iter().enumerate().map(read).collect()
}
