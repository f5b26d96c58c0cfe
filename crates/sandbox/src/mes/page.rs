//! Paging, and windows of time.

use chrono::TimeDelta;

use super::fields::Fields;
use super::refusal::Refusal;
use super::world::World;
use crate::servicelayer::json::{Json, Object};

/// The members every list call takes.
pub(super) const PAGE: &[&str] = &["page", "size", "sorter", "selectFlag"];
/// The longest window of the feeding lists.
const LONGEST_WINDOW: TimeDelta = TimeDelta::hours(1);

/// A row of a list and what it can be sorted by.
pub(super) struct Row {
    pub(super) id: i64,
    pub(super) shown: Object,
}

/// `{list, page, total}` of the rows, in the order the caller wants, else as they are.
pub(super) fn page(
    world: &World,
    fields: &Fields<'_>,
    mut rows: Vec<Row>,
) -> Result<Json, Refusal> {
    let page = fields.int("page")?.unwrap_or(1);
    let size = fields.int("size")?.unwrap_or(20);
    let most = world.limits.page_size;
    if page < 1 {
        return Err(fields.invalid("page", "从1开始"));
    }
    if size < 1 || size > most {
        return Err(fields.invalid("size", &format!("应在1到{most}之间")));
    }
    // The last key first: sorting is stable.
    for key in fields.rows("sorter")?.iter().rev() {
        let name = key.required_text("field")?;
        let descending = match key.text("order")? {
            None | Some("asc") => false,
            Some("desc") => true,
            Some(_) => return Err(key.invalid("order", "只能为asc或desc")),
        };
        rows.sort_by(|a, b| {
            let order = compare(a.shown.get(name), b.shown.get(name)).then(a.id.cmp(&b.id));
            if descending { order.reverse() } else { order }
        });
    }
    let repeated = if page > 1 { world.quirks.repeated_rows } else { 0 };
    // The new rows that pushed the others on are counted.
    let total = i64::try_from(rows.len()).unwrap_or(i64::MAX).saturating_add(repeated);
    let start = (page - 1).saturating_mul(size).saturating_sub(repeated).max(0);
    let start = usize::try_from(start).unwrap_or(usize::MAX);
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let list: Vec<_> = rows.into_iter().skip(start).take(size).map(|row| row.shown).collect();
    Ok(object! {"list": list, "page": page, "total": total}.into())
}

fn compare(a: Option<&Json>, b: Option<&Json>) -> std::cmp::Ordering {
    let number = |value: Option<&Json>| value.and_then(Json::as_decimal);
    match (number(a), number(b)) {
        (Some(a), Some(b)) => a.cmp(&b),
        _ => a.and_then(Json::as_text).cmp(&b.and_then(Json::as_text)),
    }
}

/// From (included) and to (excluded), in milliseconds; an end that is not given is open.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    from: i64,
    to: i64,
}

impl Window {
    pub(super) fn read(fields: &Fields<'_>, from: &str, to: &str) -> Result<Self, Refusal> {
        let window = Window {
            from: fields.int(from)?.unwrap_or(i64::MIN),
            to: fields.int(to)?.unwrap_or(i64::MAX),
        };
        if window.from > window.to {
            return Err(fields.invalid(to, &format!("不能早于{from}")));
        }
        Ok(window)
    }

    /// A window with both ends, of at most one hour.
    pub(super) fn hour(fields: &Fields<'_>, from: &str, to: &str) -> Result<Self, Refusal> {
        for name in [from, to] {
            fields.required_int(name)?;
        }
        let window = Self::read(fields, from, to)?;
        if window.to.saturating_sub(window.from) > LONGEST_WINDOW.num_milliseconds() {
            return Err(fields.invalid(to, "查询时间范围不能超过1小时"));
        }
        Ok(window)
    }

    pub(super) fn holds(self, time: i64) -> bool {
        self.from <= time && time < self.to
    }
}
