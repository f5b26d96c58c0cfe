//! `GET`.

use std::cmp::Ordering;

use http::{HeaderName, StatusCode, header};

use super::path::Segment;
use super::{Asked, Reply};
use crate::servicelayer::company::{Company, Dialect};
use crate::servicelayer::filter::Filter;
use crate::servicelayer::json::{Json, Object};
use crate::servicelayer::key::Key;
use crate::servicelayer::options::NextLink;
use crate::servicelayer::present::{Printer, annotation, etag};
use crate::servicelayer::query::{Preferences, Query};
use crate::servicelayer::refusal::Refusal;
use crate::servicelayer::schema::{EntitySet, Navigation, StructType};
use crate::servicelayer::store::Stored;

pub(super) const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

pub(super) fn collection(
    company: &Company,
    asked: &Asked<'_>,
    set: &EntitySet,
) -> Result<Reply, Refusal> {
    page(company, asked, set, rows(company, set)?)
}

pub(super) fn count(
    company: &Company,
    asked: &Asked<'_>,
    set: &EntitySet,
) -> Result<Reply, Refusal> {
    let query = Query::parse(asked.query, asked.dialect)?;
    let preferences = Preferences::of(asked.headers);
    let mut rows = rows(company, set)?;
    filter(&mut rows, &query, &company.structure(set), &preferences)?;
    Ok(Reply::text(asked.dialect, "text/plain;charset=utf-8", rows.len().to_string()))
}

/// All entities, with the version where it is a property, so that filters and order see it.
fn rows(company: &Company, set: &EntitySet) -> Result<Vec<Stored>, Refusal> {
    let mut rows = company.store.all(&set.name)?;
    if set.etag {
        for row in &mut rows {
            row.body.set("DataVersion", row.version);
        }
    }
    Ok(rows)
}

fn page(
    company: &Company,
    asked: &Asked<'_>,
    set: &EntitySet,
    mut rows: Vec<Stored>,
) -> Result<Reply, Refusal> {
    let query = Query::parse(asked.query, asked.dialect)?;
    let preferences = Preferences::of(asked.headers);
    let structure = company.structure(set);
    filter(&mut rows, &query, &structure, &preferences)?;
    sort(&mut rows, &query, &structure)?;
    let selection = Selection::of(&query, set, &structure)?;

    let total = rows.len();
    let wanted = query.top.unwrap_or(usize::MAX);
    let available = total.saturating_sub(query.skip).min(wanted);
    let size = match preferences.page_size.unwrap_or(company.options.page_size) {
        0 => usize::MAX,
        size => size,
    };
    let taken = available.min(size);
    let printed = rows
        .iter()
        .skip(query.skip)
        .take(taken)
        .map(|stored| selection.print(company, asked.dialect, set, stored).map(Json::Object));
    let printed = printed.collect::<Result<Vec<_>, _>>()?;

    let mut answer = Object::default().with(&asked.context_member(), asked.context(&set.name));
    if query.count {
        let total = i64::try_from(total).unwrap_or(i64::MAX);
        // Version 1 prints the total as text.
        let total = match asked.dialect {
            Dialect::V1 => Json::Text(total.to_string()),
            Dialect::V2 => total.into(),
        };
        answer.set(&annotation(asked.dialect, "count"), total);
    }
    answer.set("value", Json::Array(printed));
    let full = taken == size && company.options.next_link_after_full_page && taken < wanted;
    if available > taken || full {
        let next = query.skip.saturating_add(taken);
        let link = next_link(company.options.next_link, asked, &query.without_skip, next);
        answer.set(&annotation(asked.dialect, "nextLink"), link);
    }
    let mut reply = Reply::json(StatusCode::OK, asked.dialect, answer);
    if preferences.confirmed
        && let Some(size) = preferences.page_size
    {
        reply.header(PREFERENCE_APPLIED, format!("odata.maxpagesize={size}"));
    }
    Ok(reply)
}

pub(super) fn next_link(form: NextLink, asked: &Asked<'_>, options: &str, skip: usize) -> String {
    let (resource, version) = (asked.resource, asked.version);
    let all = if options.is_empty() {
        format!("{resource}?$skip={skip}")
    } else {
        format!("{resource}?{options}&$skip={skip}")
    };
    match form {
        NextLink::Relative => all,
        NextLink::Forgetful => format!("{resource}?$skip={skip}"),
        NextLink::ServerRoot => format!("/b1s/{version}/{resource}?$skip={skip}"),
        NextLink::ForeignHost => format!("https://databaseserver:50001/b1s/{version}/{all}"),
        NextLink::Ampersand => format!("{resource}?&$skip={skip}"),
    }
}

fn filter(
    rows: &mut Vec<Stored>,
    query: &Query,
    structure: &StructType,
    preferences: &Preferences,
) -> Result<(), Refusal> {
    if let Some(text) = &query.filter {
        let filter = Filter::parse(text, structure, preferences.ignore_case)?;
        rows.retain(|stored| filter.matches(&stored.body));
    }
    Ok(())
}

fn sort(rows: &mut [Stored], query: &Query, structure: &StructType) -> Result<(), Refusal> {
    let Some(text) = &query.order_by else { return Ok(()) };
    let mut columns = Vec::new();
    for column in text.split(',') {
        let words: Vec<&str> = column.split_whitespace().collect();
        let (name, descending) = match words.as_slice() {
            [name] | [name, "asc"] => (*name, false),
            [name, "desc"] => (*name, true),
            _ => return Err(Refusal::bad_query(format_args!("$orderby={text}"))),
        };
        let property = structure.property(name);
        let property = property.filter(|p| p.kind.is_scalar());
        let property = property.ok_or_else(|| Refusal::unknown_property(name, &structure.name))?;
        columns.push((property.name.as_str(), descending));
    }
    rows.sort_by(|left, right| {
        let orders = columns.iter().map(|(name, descending)| {
            let order = compare(left.body.get(name), right.body.get(name));
            if *descending { order.reverse() } else { order }
        });
        orders.fold(Ordering::Equal, Ordering::then)
    });
    Ok(())
}

/// Nulls come first.
fn compare(left: Option<&Json>, right: Option<&Json>) -> Ordering {
    let value = |json: Option<&Json>| json.filter(|json| !json.is_null()).cloned();
    match (value(left), value(right)) {
        (Some(left), Some(right)) => match (left.as_decimal(), right.as_decimal()) {
            (Some(left), Some(right)) => left.cmp(&right),
            _ => left.as_text().cmp(&right.as_text()),
        },
        (left, right) => left.is_some().cmp(&right.is_some()),
    }
}

pub(super) fn single(
    company: &Company,
    asked: &Asked<'_>,
    set: &EntitySet,
    key: &str,
) -> Result<Reply, Refusal> {
    let structure = company.structure(set);
    let query = Query::parse(asked.query, asked.dialect)?;
    let selection = Selection::of(&query, set, &structure)?;
    let stored = company.find(&set.name, &Key::parse(key, set, &structure)?)?;
    entity(company, asked, set, &stored, &selection)
}

fn entity(
    company: &Company,
    asked: &Asked<'_>,
    set: &EntitySet,
    stored: &Stored,
    selection: &Selection,
) -> Result<Reply, Refusal> {
    let mut answer = Object::default();
    let context = asked.context(&format!("{}/{}", set.name, asked.element()));
    answer.set(&asked.context_member(), context);
    let printed = selection.print(company, asked.dialect, set, stored)?;
    for (name, value) in printed.iter() {
        answer.set(name, value.clone());
    }
    let mut reply = Reply::json(StatusCode::OK, asked.dialect, answer);
    // A read of selected properties carries no header.
    if set.etag && selection.own.is_none() {
        reply.header(header::ETAG, etag(stored.version));
    }
    Ok(reply)
}

/// `Orders(1)/DocEntry`, `Orders(1)/DocEntry/$value`, `Orders(1)/BusinessPartner/…`,
/// `BusinessPartners('c')/Orders`.
pub(super) fn member(
    company: &Company,
    asked: &Asked<'_>,
    set: &EntitySet,
    key: &str,
    path: &[Segment],
) -> Result<Reply, Refusal> {
    let structure = company.structure(set);
    let stored = company.store.get(&set.name, &Key::parse(key, set, &structure)?)?;
    walk(company, asked, set, stored, path)
}

fn walk(
    company: &Company,
    asked: &Asked<'_>,
    set: &EntitySet,
    stored: Option<Stored>,
    path: &[Segment],
) -> Result<Reply, Refusal> {
    let structure = company.structure(set);
    let Some((step, rest)) = path.split_first() else {
        let query = Query::parse(asked.query, asked.dialect)?;
        let selection = Selection::of(&query, set, &structure)?;
        let stored = stored.ok_or_else(Refusal::not_found)?;
        return entity(company, asked, set, &stored, &selection);
    };
    if let Some(navigation) = set.navigations.iter().find(|known| known.name == step.name) {
        let target = company.set(navigation.target)?;
        let source = stored.ok_or_else(Refusal::not_found)?;
        let found = follow(company, navigation, &source)?;
        return walk(company, asked, &target, found, rest);
    }
    if set.name == "BusinessPartners"
        && let Ok(documents) = company.set(&step.name)
        && documents.is_document()
        && rest.is_empty()
    {
        let partner = stored.ok_or_else(Refusal::not_found)?;
        let code = partner.body.get("CardCode").cloned();
        let mut rows = rows(company, &documents)?;
        rows.retain(|row| row.body.get("CardCode") == code.as_ref());
        return page(company, asked, &documents, rows);
    }
    let property = structure
        .property(&step.name)
        .ok_or_else(|| Refusal::unknown_property(&step.name, &structure.name))?;
    let printer = Printer { company, dialect: asked.dialect };
    let value = stored.map_or(Json::Null, |stored| match property.name.as_str() {
        "DataVersion" => stored.version.into(),
        name => printer.value(stored.body.get(name), property),
    });
    match rest {
        [] if value.is_null() => {
            let null = annotation(asked.dialect, "null");
            let answer = Object::default().with(&null, Json::Bool(true));
            Ok(Reply::json(StatusCode::OK, asked.dialect, answer))
        }
        [] => {
            let answer = Object::default().with("value", value);
            Ok(Reply::json(StatusCode::OK, asked.dialect, answer))
        }
        [raw] if raw.name == "$value" => match value {
            Json::Text(text) | Json::Number(text) => {
                Ok(Reply::text(asked.dialect, "text/plain;charset=utf-8", text))
            }
            _ => Err(Refusal::not_found()),
        },
        _ => Err(Refusal::malformed(format!("members of {} cannot be addressed", property.name))),
    }
}

fn follow(
    company: &Company,
    navigation: &Navigation,
    source: &Stored,
) -> Result<Option<Stored>, Refusal> {
    match source.body.get(navigation.property) {
        None | Some(Json::Null) => Ok(None),
        Some(value) => company.store.get(navigation.target, &Key::single(value.clone())),
    }
}

/// Which properties are printed, and which navigations are followed.
struct Selection {
    /// `None`: all.
    own: Option<Vec<String>>,
    expanded: Vec<Expansion>,
}

struct Expansion {
    navigation: Navigation,
    select: Option<Vec<String>>,
}

impl Selection {
    fn of(query: &Query, set: &EntitySet, structure: &StructType) -> Result<Self, Refusal> {
        let mut expanded = Vec::new();
        for text in query.expand.as_deref().map(split_expand).unwrap_or_default() {
            expanded.push(Expansion::parse(text, set, structure)?);
        }
        let mut own = None;
        for name in query.select.iter().flatten() {
            let own = own.get_or_insert_with(Vec::new);
            let (first, inner) = name.split_once('/').unwrap_or((name, ""));
            match expanded.iter_mut().find(|e| e.navigation.name == first) {
                Some(expansion) if !inner.is_empty() => {
                    expansion.select.get_or_insert_with(Vec::new).push(inner.to_owned());
                }
                Some(_) => {}
                None if structure.has(name) => own.push(name.clone()),
                None => return Err(Refusal::unknown_property(name, &structure.name)),
            }
        }
        Ok(Self { own, expanded })
    }

    fn print(
        &self,
        company: &Company,
        dialect: Dialect,
        set: &EntitySet,
        stored: &Stored,
    ) -> Result<Object, Refusal> {
        let printer = Printer { company, dialect };
        let mut printed = printer.entity(set, stored, self.own.as_deref())?;
        for Expansion { navigation, select } in &self.expanded {
            let target = company.set(navigation.target)?;
            let value = match follow(company, navigation, stored)? {
                Some(found) => printer.entity(&target, &found, select.as_deref())?.into(),
                None => Json::Null,
            };
            printed.set(navigation.name, value);
        }
        Ok(printed)
    }
}

/// At commas outside parentheses.
fn split_expand(text: &str) -> Vec<&str> {
    let mut depth = 0_u32;
    let parts = text.split(|c| {
        match c {
            '(' => depth = depth.saturating_add(1),
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    });
    parts.collect()
}

impl Expansion {
    fn parse(text: &str, set: &EntitySet, structure: &StructType) -> Result<Self, Refusal> {
        let (name, inner) = match text.trim().split_once('(') {
            Some((name, inner)) => (name, inner.strip_suffix(')')),
            None => (text.trim(), None),
        };
        let navigation = set.navigations.iter().find(|known| known.name == name);
        let Some(&navigation) = navigation else {
            return Err(if structure.has(name) {
                Refusal::malformed(format!("'{name}' cannot be expanded: it is no navigation"))
            } else {
                Refusal::unknown_property(name, &structure.name)
            });
        };
        let select = match inner {
            None => None,
            Some(inner) => Query::parse(inner, Dialect::V1)?.select,
        };
        Ok(Self { navigation, select })
    }
}
