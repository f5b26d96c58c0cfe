//! Compares a parsed file with the tables of keys. Every mistake is noted; nothing stops at the
//! first.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

use serde_json::{Map, Value, json};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys::{SCENARIO_NAMES, SCENARIOS};
use super::problem::{Notes, nearest};
use super::secret::{self, Environment};
use super::shape::{Key, Need, Shape};

/// Walks one file.
pub(super) struct Check<'a> {
    pub notes: Notes<'a>,
    pub environment: Environment<'a>,
}

type Toml<'a> = Spanned<DeValue<'a>>;

impl Check<'_> {
    /// The table as JSON with secrets filled in; what is wrong is left out and noted.
    pub(super) fn table(
        &mut self,
        path: &str,
        table: &DeTable<'_>,
        span: Range<usize>,
        keys: &[&Key],
    ) -> Value {
        let mut read = Map::new();
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
                    let hint = nearest(name, known())
                        .map(|near| format!("did you mean `{near}`? "))
                        .unwrap_or_default();
                    let allowed = known().collect::<Vec<_>>().join(", ");
                    let below = join(path, name);
                    self.notes.add(at, format!("`{below}` is no key; {hint}allowed: {allowed}"));
                }
            }
        }
        for key in keys {
            let missing = !table.iter().any(|(name, _)| name.get_ref() == key.name);
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
            Shape::Name => {
                let text = self.text(path, value, "a name")?;
                let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
                if text.is_empty() || !text.chars().all(fits) {
                    return self.refuse(path, value, "a name of letters, digits, - and _", text);
                }
                Some(json!(text))
            }
            Shape::Choice(words) => {
                let text = self.text(path, value, &format!("one of {}", words.join(", ")))?;
                if words.contains(&text) {
                    return Some(json!(text));
                }
                let hint = nearest(text, words.iter().copied())
                    .map(|near| format!("; did you mean `{near}`?"))
                    .unwrap_or_default();
                let expected = format!("one of {}", words.join(", "));
                self.refuse(path, value, &expected, &format!("`{text}`{hint}"))
            }
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
            Shape::Table(keys) => match value.get_ref().as_table() {
                Some(table) => {
                    let keys: Vec<_> = keys.iter().collect();
                    Some(self.table(path, table, value.span(), &keys))
                }
                None => self.refuse(path, value, "a table", kind(value)),
            },
            Shape::Tables(keys) => {
                let keys: Vec<_> = keys.iter().collect();
                let tables = self.tables(path, value)?;
                let read = tables
                    .into_iter()
                    .map(|(path, table, span)| self.table(&path, table, span, &keys));
                let read: Vec<_> = read.collect();
                if path == "companies" {
                    self.unique(path, value, "name");
                }
                Some(Value::from(read))
            }
            Shape::Flows => self.flows(path, value),
        }
    }

    fn flows(&mut self, path: &str, value: &Toml<'_>) -> Option<Value> {
        let mut read = Vec::new();
        for (path, table, span) in self.tables(path, value)? {
            let named = table.iter().find(|(name, _)| name.get_ref() == "scenario");
            let scenario = named.and_then(|(_, value)| value.get_ref().as_str());
            let known = SCENARIOS.iter().find(|known| Some(known.name) == scenario);
            match known {
                Some(known) => {
                    let keys: Vec<_> = known.keys.iter().copied().flatten().collect();
                    read.push(self.table(&path, table, span.clone(), &keys));
                    self.originator(&path, table, span);
                }
                None => self.no_scenario(&path, named.map(|(_, value)| value), span),
            }
        }
        self.unique(path, value, "name");
        self.unique(path, value, "process_code");
        Some(Value::from(read))
    }

    fn no_scenario(&mut self, path: &str, found: Option<&Toml<'_>>, span: Range<usize>) {
        let path = join(path, "scenario");
        match found {
            Some(found) => drop(self.value(&path, found, &Shape::Choice(SCENARIO_NAMES))),
            None => {
                let names = SCENARIO_NAMES.join(", ");
                self.notes.add(span.start, format!("`{path}` is missing: one of {names}"));
            }
        }
    }

    fn originator(&mut self, path: &str, table: &DeTable<'_>, span: Range<usize>) {
        let has = |key: &str| table.iter().any(|(name, _)| name.get_ref() == key);
        let (user, dept) = ("originator_user", "originator_dept");
        for (there, missing) in [(user, dept), (dept, user)] {
            if has(there) && !has(missing) {
                let message = format!("`{}` is missing: `{there}` needs it", join(path, missing));
                self.notes.add(span.start, message);
            }
        }
    }

    /// Notes the values of `key` that two tables of a list share.
    fn unique(&mut self, path: &str, value: &Toml<'_>, key: &str) {
        let mut seen = HashMap::new();
        for table in value.get_ref().as_array().into_iter().flatten() {
            let found = table.get_ref().as_table().into_iter().flatten();
            for (_, value) in found.filter(|(name, _)| name.get_ref() == key) {
                let Some(text) = value.get_ref().as_str() else { continue };
                if seen.insert(text.to_owned(), ()).is_some() {
                    let message = format!("two of `{path}` have the {key} `{text}`");
                    self.notes.add(value.span().start, message);
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
            self.refuse(path, value, "a list of tables", kind(value));
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
        match secret::expand(text, self.environment) {
            Ok(text) => Some(json!(text)),
            Err(problem) => {
                self.notes.add(value.span().start, format!("`{path}`: {problem}"));
                None
            }
        }
    }

    /// What stands in the file is never printed.
    fn secret(&mut self, path: &str, value: &Toml<'_>) -> Option<Value> {
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
