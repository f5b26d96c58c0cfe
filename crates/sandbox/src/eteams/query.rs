//! Reading parameters of queries, and cutting rows into pages.

use serde_json::{Map, Value, json};

use super::quirks::Quirks;
use super::refusal::Refusal;

/// Largest `pageSize`.
const MAX_PAGE_SIZE: u64 = 1000;

/// The members of a query's body. Those that were not read are unknown.
pub(super) struct Query {
    members: Map<String, Value>,
}

impl Query {
    pub(super) fn new(members: Map<String, Value>) -> Self {
        Self { members }
    }

    /// A list of texts or numbers; `None` where there is none or an empty one.
    pub(super) fn list(&mut self, name: &str) -> Result<Option<Vec<String>>, Refusal> {
        let Some(value) = self.members.remove(name).filter(|value| !value.is_null()) else {
            return Ok(None);
        };
        let wrong = || Refusal::parameter(format!("{name} 应为数组"));
        let items = value.as_array().ok_or_else(wrong)?;
        let texts: Option<Vec<String>> = items.iter().map(text).collect();
        Ok(Some(texts.ok_or_else(wrong)?).filter(|texts| !texts.is_empty()))
    }

    pub(super) fn flag(&mut self, name: &str) -> Result<bool, Refusal> {
        match self.members.remove(name) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(flag)) => Ok(flag),
            Some(_) => Err(Refusal::parameter(format!("{name} 应为布尔值"))),
        }
    }

    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, Refusal> {
        match self.members.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => {
                text(&value).map(Some).ok_or_else(|| Refusal::parameter(format!("{name} 应为文本")))
            }
        }
    }

    fn number(&mut self, name: &str, usual: u64) -> Result<u64, Refusal> {
        let number = match self.members.remove(name) {
            None | Some(Value::Null) => Some(usual),
            Some(value) => text(&value).and_then(|text| text.parse().ok()),
        };
        number
            .filter(|number| *number > 0)
            .ok_or_else(|| Refusal::parameter(format!("{name} 应为正整数")))
    }

    /// The page that was asked for, when everything else is read.
    pub(super) fn page(mut self, quirks: &Quirks) -> Result<Page, Refusal> {
        let (current, size) = (self.number("current", 1)?, self.number("pageSize", 10)?);
        if size > MAX_PAGE_SIZE {
            return Err(Refusal::parameter(format!("pageSize 不能超过 {MAX_PAGE_SIZE}")));
        }
        match self.members.keys().next() {
            Some(name) if !quirks.ignore_unknown_members => {
                Err(Refusal::unsupported(&format!("the member {name:?}")))
            }
            _ => Ok(Page { current, size }),
        }
    }
}

pub(super) struct Page {
    current: u64,
    size: u64,
}

impl Page {
    /// `{current, total, data}` of these rows.
    pub(super) fn cut(&self, rows: Vec<Value>, quirks: &Quirks) -> Map<String, Value> {
        let total = rows.len();
        let before = (self.current - 1).saturating_mul(self.size);
        let whole = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let rows: Vec<Value> =
            rows.into_iter().skip(whole(before)).take(whole(self.size)).collect();
        let mut page = Map::new();
        page.insert("current".to_owned(), json!(self.current));
        if !quirks.without_total {
            page.insert("total".to_owned(), json!(total));
        }
        page.insert("data".to_owned(), Value::Array(rows));
        page
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Whether a value passes a filter; one that is not there lets everything pass.
pub(super) fn passes(filter: Option<&Vec<String>>, value: &str) -> bool {
    filter.is_none_or(|filter| filter.iter().any(|one| one == value))
}
