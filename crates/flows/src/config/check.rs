//! Compares a parsed file with the tables of keys. Every mistake is noted; nothing stops at the
//! first.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::ops::Range;
use std::path::Path;

use erplink_sync::map::{Expression, Format};
use serde_json::{Map, Value, json};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys;
use super::problem::{Notes, nearest};
use super::shape::{Key, Need, Shape};
use super::{Company, Loader, secret};
use crate::scenario::SCENARIOS;
use crate::system::LIMITS;

/// In the place of every secret where none is needed. It has the length of a callback key.
const NO_SECRET: &str = "0000000000000000000000000000000000000000000";

/// Walks one file.
pub(super) struct Check<'a> {
    pub notes: Notes<'a>,
    pub loader: &'a Loader<'a>,
    /// The companies in which nothing is wrong.
    pub companies: Vec<Company>,
}

pub(super) type Toml<'a> = Spanned<DeValue<'a>>;

impl Check<'_> {
    /// The table as JSON with secrets filled in; what is wrong is left out and noted.
    pub(super) fn table(
        &mut self,
        path: &str,
        table: &DeTable<'_>,
        span: Range<usize>,
        keys: &[Key],
    ) -> Value {
        let mut read = Map::new();
        let mut meant = Vec::new();
        for (name, value) in table {
            let (name, at) = (name.get_ref().as_ref(), name.span().start);
            match keys.iter().find(|key| key.name == name) {
                Some(key) => {
                    let below = join(path, name);
                    if let Some(value) = self.value(&below, value, &key.shape) {
                        read.insert(name.to_owned(), value);
                    }
                }
                None => {
                    let known = || keys.iter().map(|key| key.name);
                    let near = nearest(name, known());
                    meant.extend(near);
                    let hint = near.map(|near| format!("did you mean `{near}`? "));
                    let hint = hint.unwrap_or_default();
                    let allowed = known().collect::<Vec<_>>().join(", ");
                    let below = join(path, name);
                    self.notes.add(at, format!("`{below}` is no key; {hint}allowed: {allowed}"));
                }
            }
        }
        for key in keys {
            if let (Some(other), Some(there)) = (key.with, table.get(key.name))
                && !table.contains_key(other)
            {
                let message =
                    format!("`{}` is missing: `{}` needs it", join(path, other), key.name);
                self.notes.add(there.span().start, message);
            }
            let missing = !table.contains_key(key.name) && !meant.contains(&key.name);
            match key.need {
                Need::Required if missing => {
                    let below = join(path, key.name);
                    self.notes.add(span.start, format!("`{below}` is missing: {}", key.doc));
                }
                Need::Default(json) if missing => {
                    let default = serde_json::from_str(json).unwrap_or(Value::Null);
                    read.insert(key.name.to_owned(), default);
                }
                _ => {}
            }
        }
        Value::Object(read)
    }

    fn value(&mut self, path: &str, value: &Toml<'_>, shape: &Shape) -> Option<Value> {
        match shape {
            Shape::Text => {
                let text = self.text(path, value, "a text")?;
                self.expanded(path, value, text)
            }
            Shape::Folder => {
                let text = self.text(path, value, "a folder")?;
                let expanded = self.expanded(path, value, text)?;
                let folder = expanded.as_str().filter(|folder| !folder.is_empty());
                let base = self.notes.file.parent().unwrap_or(Path::new(""));
                match folder.and_then(|folder| base.join(folder).to_str().map(str::to_owned)) {
                    Some(folder) => Some(json!(folder)),
                    None => self.refuse(path, value, "a folder such as invoices", text),
                }
            }
            Shape::Name => {
                let text = self.text(path, value, "a name")?;
                let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
                if text.is_empty() || !text.chars().all(fits) {
                    return self.refuse(path, value, "a name of letters, digits, - and _", text);
                }
                Some(json!(text))
            }
            Shape::Choice(words) => self.choice(path, value, words),
            Shape::Scenario => self.choice(path, value, &keys::scenario_names()),
            Shape::Url => {
                let text = self.text(path, value, "an address")?;
                let expanded = self.expanded(path, value, text)?;
                let address = expanded.as_str().unwrap_or_default();
                let rest = ["https://", "http://"].iter().find_map(|s| address.strip_prefix(s));
                if rest.is_some_and(|host| !host.is_empty() && !address.contains(' ')) {
                    return Some(expanded);
                }
                self.refuse(path, value, "an address such as https://erp.example.com", text)
            }
            Shape::Socket => {
                let expected = "an address and a port such as 127.0.0.1:8080";
                let text = self.text(path, value, expected)?;
                let expanded = self.expanded(path, value, text)?;
                match expanded.as_str().unwrap_or_default().parse::<SocketAddr>() {
                    Ok(_) => Some(expanded),
                    Err(_) => self.refuse(path, value, expected, text),
                }
            }
            Shape::Day => {
                let expected = "a day such as \"2026-08-01\"";
                let text = self.text(path, value, expected)?;
                match text.parse::<chrono::NaiveDate>() {
                    Ok(day) => Some(json!(day)),
                    Err(_) => self.refuse(path, value, expected, text),
                }
            }
            Shape::Expression => {
                let text = self.text(path, value, "a field, a constant or a template")?;
                match Expression::parse(text) {
                    Ok(_) => Some(json!(text)),
                    Err(problem) => {
                        self.notes.add(value.span().start, format!("`{path}`: {problem}"));
                        None
                    }
                }
            }
            Shape::Format => self.format(path, value),
            Shape::Secret => self.secret(path, value),
            Shape::Integer(min, max) => {
                let expected = format!("a whole number from {min} to {max}");
                let Some(number) = value.get_ref().as_integer() else {
                    return self.refuse(path, value, &expected, kind(value));
                };
                let digits = number.as_str().replace('_', "");
                match i64::from_str_radix(&digits, number.radix()) {
                    Ok(found) if (*min..=*max).contains(&found) => Some(json!(found)),
                    _ => self.refuse(path, value, &expected, &digits),
                }
            }
            Shape::Bool => match value.get_ref().as_bool() {
                Some(found) => Some(json!(found)),
                None => self.refuse(path, value, "true or false", kind(value)),
            },
            Shape::Texts => self.texts(path, value, "a list of texts").map(Value::from),
            Shape::Pair => {
                let expected = "a list of two texts";
                let texts = self.texts(path, value, expected)?;
                if texts.len() == 2 {
                    return Some(Value::from(texts));
                }
                self.refuse(path, value, expected, &format!("{} of them", texts.len()))
            }
            Shape::Table(keys) => self.one_table(path, value, keys),
            Shape::System(kind) => self.one_table(path, value, &[kind.keys, LIMITS].concat()),
            Shape::Tables(keys) => {
                let tables = self.tables(path, value)?;
                let read = tables
                    .into_iter()
                    .map(|(path, table, span)| self.table(&path, table, span, keys));
                let read: Vec<_> = read.collect();
                self.unique(path, value, keys);
                Some(Value::from(read))
            }
            Shape::Companies => self.companies(path, value),
            Shape::Flows => self.flows(path, value),
        }
    }

    fn one_table(&mut self, path: &str, value: &Toml<'_>, keys: &[Key]) -> Option<Value> {
        match value.get_ref().as_table() {
            Some(table) => Some(self.table(path, table, value.span(), keys)),
            None => self.refuse(path, value, "a table", kind(value)),
        }
    }

    fn choice(&mut self, path: &str, value: &Toml<'_>, words: &[&str]) -> Option<Value> {
        let expected = format!("one of {}", words.join(", "));
        let text = self.text(path, value, &expected)?;
        if words.contains(&text) {
            return Some(json!(text));
        }
        let hint = nearest(text, words.iter().copied())
            .map(|near| format!("; did you mean `{near}`?"))
            .unwrap_or_default();
        self.refuse(path, value, &expected, &format!("`{text}`{hint}"))
    }

    fn format(&mut self, path: &str, value: &Toml<'_>) -> Option<Value> {
        let json = match value.get_ref() {
            DeValue::String(name) => json!(name),
            DeValue::Table(table) => {
                let mut read = Map::new();
                for (name, value) in table {
                    let one = match value.get_ref() {
                        DeValue::Integer(number) => json!(number.as_str().parse::<u32>().ok()),
                        other => json!(other.as_str()),
                    };
                    read.insert(name.get_ref().to_string(), one);
                }
                Value::Object(read)
            }
            _ => Value::Null,
        };
        let known = serde_json::from_value::<Format>(json.clone()).ok();
        match known.map(|format| format.check()) {
            Some(Ok(())) => Some(json),
            Some(Err(problem)) => {
                self.notes.add(value.span().start, format!("`{path}`: {problem}"));
                None
            }
            None => {
                let expected = "text, number, date, raw, { number = 2 } or { date = \"%Y/%m/%d\" }";
                self.refuse(path, value, expected, value.get_ref().as_str().unwrap_or(kind(value)))
            }
        }
    }

    fn companies(&mut self, path: &str, value: &Toml<'_>) -> Option<Value> {
        let keys = keys::company();
        for (path, table, span) in self.tables(path, value)? {
            let before = self.notes.found.len();
            let read = self.table(&path, table, span, &keys);
            self.needs(&path, table);
            if self.notes.found.len() == before {
                self.company(&path, table, read);
            }
        }
        self.unique(path, value, &keys);
        Some(Value::Null)
    }

    /// Notes the flows whose scenario needs a system that the company does not have.
    fn needs(&mut self, path: &str, company: &DeTable<'_>) {
        let Some(flows) = company.get("flows").and_then(|flows| flows.get_ref().as_array()) else {
            return;
        };
        for (index, flow) in flows.iter().enumerate() {
            let named = flow.get_ref().as_table().and_then(|table| table.get("scenario"));
            let Some((name, at)) =
                named.and_then(|value| Some((value.get_ref().as_str()?, value.span().start)))
            else {
                continue;
            };
            let kind = SCENARIOS.iter().find(|known| known.name == name);
            for need in kind.into_iter().flat_map(|kind| kind.needs) {
                if !company.contains_key(*need) {
                    self.notes.add(
                        at,
                        format!("`{path}.flows[{index}]`: {name} needs `{path}.{need}`; add it"),
                    );
                }
            }
        }
    }

    fn flows(&mut self, path: &str, value: &Toml<'_>) -> Option<Value> {
        let mut read = Vec::new();
        let mut unique = Vec::new();
        for (path, table, span) in self.tables(path, value)? {
            let named = table.get("scenario");
            let scenario = named.and_then(|value| value.get_ref().as_str());
            match SCENARIOS.iter().find(|known| Some(known.name) == scenario) {
                Some(known) => {
                    let keys = keys::flow(known);
                    read.push(self.table(&path, table, span, &keys));
                    unique.extend(keys.into_iter().filter(|key| key.unique));
                }
                None => self.no_scenario(&path, named, span),
            }
        }
        unique.sort_by_key(|key| key.name);
        unique.dedup_by_key(|key| key.name);
        self.unique(path, value, &unique);
        Some(Value::from(read))
    }

    fn no_scenario(&mut self, path: &str, found: Option<&Toml<'_>>, span: Range<usize>) {
        let path = join(path, "scenario");
        match found {
            Some(found) => drop(self.value(&path, found, &Shape::Scenario)),
            None => {
                let names = keys::scenario_names().join(", ");
                self.notes.add(span.start, format!("`{path}` is missing: one of {names}"));
            }
        }
    }

    /// Notes the values that two tables of a list share although they must not.
    fn unique(&mut self, path: &str, value: &Toml<'_>, keys: &[Key]) {
        for key in keys.iter().filter(|key| key.unique) {
            let mut seen = HashSet::new();
            for table in value.get_ref().as_array().into_iter().flatten() {
                let found = table.get_ref().as_table().and_then(|table| table.get(key.name));
                let Some(found) = found else { continue };
                let text = found.get_ref().as_str().unwrap_or_default();
                if !text.is_empty() && !seen.insert(text.to_owned()) {
                    let message = format!("two of `{path}` have the same `{}`: {text}", key.name);
                    self.notes.add(found.span().start, message);
                }
            }
        }
    }

    fn tables<'v, 'i>(
        &mut self,
        path: &str,
        value: &'v Toml<'i>,
    ) -> Option<Vec<(String, &'v DeTable<'i>, Range<usize>)>> {
        let Some(list) = value.get_ref().as_array() else {
            self.refuse(path, value, "a list of tables (`[[…]]`)", kind(value));
            return None;
        };
        let mut tables = Vec::new();
        for (index, item) in list.iter().enumerate() {
            let below = format!("{path}[{index}]");
            match item.get_ref().as_table() {
                Some(table) => tables.push((below, table, item.span())),
                None => drop(self.refuse(&below, item, "a table", kind(item))),
            }
        }
        Some(tables)
    }

    fn texts(&mut self, path: &str, value: &Toml<'_>, expected: &str) -> Option<Vec<Value>> {
        let Some(list) = value.get_ref().as_array() else {
            self.refuse(path, value, expected, kind(value));
            return None;
        };
        let texts = list.iter().filter_map(|item| {
            let text = self.text(path, item, "a text")?;
            self.expanded(path, item, text)
        });
        Some(texts.collect())
    }

    fn text<'v>(&mut self, path: &str, value: &'v Toml<'_>, expected: &str) -> Option<&'v str> {
        let text = value.get_ref().as_str();
        if text.is_none() {
            self.refuse(path, value, expected, kind(value));
        }
        text
    }

    fn expanded(&mut self, path: &str, value: &Toml<'_>, text: &str) -> Option<Value> {
        match secret::expand(text, &self.loader.environment) {
            Ok(text) => Some(json!(text)),
            Err(problem) => {
                self.notes.add(value.span().start, format!("`{path}`: {problem}"));
                None
            }
        }
    }

    /// What stands in the file is never printed.
    fn secret(&mut self, path: &str, value: &Toml<'_>) -> Option<Value> {
        if self.loader.offline {
            return Some(json!(NO_SECRET));
        }
        let secret = self.secret_text(path, value)?;
        let text = secret.as_str().unwrap_or_default();
        if text.is_empty() || text.trim() != text {
            let problem = "it is empty, or has a space or line break at its beginning or end";
            self.notes.add(value.span().start, format!("`{path}`: {problem}"));
            return None;
        }
        Some(secret)
    }

    fn secret_text(&mut self, path: &str, value: &Toml<'_>) -> Option<Value> {
        let expected = "`\"${NAME}\"` for an environment variable or `{ file = \"…\" }`";
        if let Some(text) = value.get_ref().as_str() {
            if text.starts_with("${") && text.find('}') == Some(text.len() - 1) {
                return self.expanded(path, value, text);
            }
            return self.refuse(path, value, expected, "a secret in the file itself");
        }
        let table = value.get_ref().as_table().filter(|table| table.len() == 1);
        let file = table.and_then(|table| table.iter().next());
        let file = file.filter(|(name, _)| name.get_ref() == "file");
        let Some(file) = file.and_then(|(_, file)| file.get_ref().as_str()) else {
            return self.refuse(path, value, expected, kind(value));
        };
        let base = self.notes.file.parent().unwrap_or(Path::new(""));
        match secret::from_file(base, file) {
            Ok(secret) => Some(json!(secret)),
            Err(problem) => {
                self.notes.add(value.span().start, format!("`{path}`: {problem}"));
                None
            }
        }
    }

    fn refuse(
        &mut self,
        path: &str,
        value: &Toml<'_>,
        expected: &str,
        found: &str,
    ) -> Option<Value> {
        self.notes.add(value.span().start, format!("`{path}`: expected {expected}, found {found}"));
        None
    }
}

fn kind(value: &Toml<'_>) -> &'static str {
    value.get_ref().type_str()
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
