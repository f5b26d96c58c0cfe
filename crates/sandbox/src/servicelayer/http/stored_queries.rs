//! `SQLQueries('…')/List`.

use http::{Method, StatusCode};

use super::read::{PREFERENCE_APPLIED, next_link};
use super::{Asked, Reply, not_allowed};
use crate::servicelayer::company::{Actor, Company};
use crate::servicelayer::json::{Json, Object};
use crate::servicelayer::key::Key;
use crate::servicelayer::options::EmptyAnswer;
use crate::servicelayer::present::annotation;
use crate::servicelayer::query::{Preferences, Query, decode};
use crate::servicelayer::refusal::Refusal;
use crate::servicelayer::schema::EntitySet;
use crate::servicelayer::sql::{Door, Parameters};

/// `GET …/List?code='A'` or `POST …/List` with `{"ParamList":"code='A'"}`.
pub(super) fn list(
    company: &mut Company,
    asked: &Asked<'_>,
    set: &EntitySet,
    key: &str,
    actor: Actor,
) -> Result<Reply, Refusal> {
    company.check_query_rights(actor, true)?;
    let key = Key::parse(key, set, &company.structure(set))?;
    let text = company.find(&set.name, &key)?.body;
    let text = text.text("SqlText").unwrap_or_default();
    let query = position(asked)?;
    let parameters = match asked.method {
        Method::GET => in_address(asked)?,
        Method::POST => in_body(asked)?,
        _ => return Err(not_allowed(asked)),
    };
    let preferences = Preferences::of(asked.headers);
    // These lists are always paged.
    let size = preferences.page_size.filter(|size| *size > 0).unwrap_or(company.options.page_size);
    let wanted = size.saturating_add(1);
    let mut rows = company.sql(text, Door::SqlQueries, &parameters, query.skip, wanted)?;
    if rows.is_empty() && company.options.empty_answer == EmptyAnswer::NotFound {
        return Err(Refusal::not_found());
    }
    let more = rows.len() > size;
    rows.truncate(size);
    let full = rows.len() == size && company.options.next_link_after_full_page;
    let mut answer = Object::default()
        .with(&asked.context_member(), asked.context("SAPB1.SQLQueryResult"))
        .with("SqlText", text)
        .with("value", Json::Array(rows.into_iter().map(Json::Object).collect()));
    if more || full {
        let next = query.skip.saturating_add(size);
        let link = next_link(company.options.next_link, asked, &query.without_skip, next);
        answer.set(&annotation(asked.dialect, "nextLink"), link);
    }
    let mut reply = Reply::json(StatusCode::OK, asked.dialect, answer);
    if preferences.confirmed {
        reply.header(PREFERENCE_APPLIED, format!("odata.maxpagesize={size}"));
    }
    Ok(reply)
}

/// Of the query options only the position has a meaning here.
fn position(asked: &Asked<'_>) -> Result<Query, Refusal> {
    let query = Query::parse(asked.query, asked.dialect)?;
    let others = query.select.is_some()
        || query.filter.is_some()
        || query.order_by.is_some()
        || query.top.is_some()
        || query.expand.is_some()
        || query.count;
    if others {
        return Err(Refusal::unsupported("query options on the List of a stored query"));
    }
    Ok(query)
}

fn in_address(asked: &Asked<'_>) -> Result<Parameters, Refusal> {
    let mut parameters = Parameters::default();
    for option in asked.query.split('&').filter(|option| !option.is_empty()) {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        let name = decode(name, true)?;
        if !name.starts_with('$') {
            parameters.add(&name, &decode(value, true)?)?;
        }
    }
    Ok(parameters)
}

fn in_body(asked: &Asked<'_>) -> Result<Parameters, Refusal> {
    let body = asked.body_text()?;
    if body.trim().is_empty() {
        return Ok(Parameters::default());
    }
    let body = Object::parse(body).map_err(Refusal::malformed)?;
    if let Some((name, _)) = body.iter().find(|(name, _)| *name != "ParamList") {
        return Err(Refusal::unknown_property(name, "List"));
    }
    Parameters::parse(body.text("ParamList").unwrap_or_default())
}
