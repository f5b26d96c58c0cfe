//! Form numbers by time of submission (批量获取审批单号).

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::form::Form;
use super::refusal::Refusal;
use super::request::{Members, Request, members};
use super::world::World;

const LONGEST_SPAN: i64 = 31 * 24 * 3600;
const LARGEST_PAGE: usize = 100;
/// In front of the position in a cursor, which is opaque to callers.
const CURSOR: &str = "CAIQ";

/// `POST /cgi-bin/oa/getapprovalinfo`: numbers of the forms that were submitted in a window.
///
/// A page is cut first, then what the app may not see is taken out: a page may be short, or empty,
/// and not the last.
pub(super) fn numbers(world: &mut World, request: &Request) -> Result<Members, Refusal> {
    let quirks = &world.quirks;
    let time = |name: &str| {
        let found = match request.member(name) {
            Some(Value::String(text)) => text.parse::<i64>().ok(),
            Some(value) if quirks.numbers_as_times => value.as_i64(),
            _ => None,
        };
        found.ok_or_else(|| Refusal::approval(format_args!("{name} is not seconds as text")))
    };
    let (start, end) = (time("starttime")?, time("endtime")?);
    if end <= start || end.saturating_sub(start) > LONGEST_SPAN {
        return Err(Refusal::approval("endtime is at most 31 days after starttime"));
    }
    let size = request.integer("size").and_then(|size| usize::try_from(size).ok());
    let size = size.filter(|size| (1..=LARGEST_PAGE).contains(size));
    let size = size.ok_or_else(|| Refusal::approval("size is 1 to 100"))?;
    let position = position(request)?;
    let filters = filters(world, request)?;

    let is_listed = |form: &&Form| {
        let age = (request.now - form.created).to_std().unwrap_or_default();
        (start..=end).contains(&form.created.timestamp()) && age >= quirks.listing_delay
    };
    let in_window = world.forms.iter().filter(is_listed);
    let in_window: Vec<_> = in_window.collect();
    if world.limits.forms_in_window.is_some_and(|most| in_window.len() > most) {
        return Err(Refusal::new(301_112, "too much data, narrow the time range"));
    }
    let wanted = |form: &&&Form| filters.iter().all(|f| f.lets_through(form, world, request.now));
    let matching: Vec<_> = in_window.iter().filter(wanted).collect();
    let page = matching.iter().skip(position).take(size);
    let visible = page.filter(|form| world.sees(request.agent, &form.applicant));
    let mut answer =
        members(json!({"sp_no_list": visible.map(|form| &form.sp_no).collect::<Vec<_>>()}));
    let next = position.saturating_add(size);
    let cursor = match next < matching.len() {
        true => Some(format!("{CURSOR}{next:x}")),
        false => quirks.empty_cursor_at_end.then(String::new),
    };
    if let Some(cursor) = cursor {
        answer.insert("new_next_cursor".to_owned(), json!(cursor));
    }
    Ok(answer)
}

fn position(request: &Request) -> Result<usize, Refusal> {
    match request.member("new_cursor").and_then(Value::as_str) {
        None => Err(Refusal::approval("no new_cursor")),
        Some("") => Ok(0),
        Some(cursor) => {
            let position = cursor.strip_prefix(CURSOR);
            let position = position.and_then(|digits| usize::from_str_radix(digits, 16).ok());
            position.ok_or_else(|| Refusal::approval("invalid new_cursor"))
        }
    }
}

/// A filter key with the values that it lets through.
struct Filter<'a> {
    key: &'a str,
    values: Vec<&'a str>,
}

/// Different keys combine with AND, equal keys with OR; only `department` may be repeated.
fn filters<'a>(world: &World, request: &'a Request) -> Result<Vec<Filter<'a>>, Refusal> {
    let mut filters: Vec<Filter<'a>> = Vec::new();
    let given = request.member("filters").and_then(Value::as_array);
    for filter in given.into_iter().flatten() {
        let text = |name: &str| {
            let found = filter.get(name).and_then(Value::as_str);
            found.ok_or_else(|| Refusal::approval(format_args!("{name} of a filter is no text")))
        };
        let (key, value) = (text("key")?, text("value")?);
        if !["template_id", "creator", "department", "sp_status", "record_type"].contains(&key) {
            return Err(Refusal::approval(format_args!("invalid filter key {key}")));
        }
        if key == "creator" && world.directory.present(value).is_none() {
            return Err(Refusal::new(301_055, "no approval auth: unknown or departed creator"));
        }
        match filters.iter_mut().find(|one| one.key == key) {
            None => filters.push(Filter { key, values: vec![value] }),
            Some(same) if key == "department" => same.values.push(value),
            Some(_) => {
                return Err(Refusal::approval(format_args!("filter key {key} is repeated")));
            }
        }
    }
    Ok(filters)
}

impl Filter<'_> {
    fn lets_through(&self, form: &Form, world: &World, now: DateTime<Utc>) -> bool {
        let found = match self.key {
            "template_id" => form.template_id.clone(),
            "creator" => form.applicant.clone(),
            "department" => form.department.to_string(),
            "sp_status" => (form.seen(now, world.quirks.decision_lag).status as i64).to_string(),
            _ => form.record_type.map(|kind| kind.to_string()).unwrap_or_default(),
        };
        self.values.iter().any(|value| value.eq_ignore_ascii_case(&found))
    }
}
