use std::collections::BTreeMap;

use async_trait::async_trait;
use b1_servicelayer::{Changes, Client, Field, Filter, Key, RawJson};
use erplink_sync::Failure;
use erplink_sync::map::at;
use erplink_sync::ports::{Found, Outgoing, Pushed, Target};
use serde_json::Value;

use super::made::Made;
use super::place::KeyType;
use super::row::Row;

/// Creates an entity of master data (主数据), or changes the one that has the same value in a
/// property.
#[derive(Clone, Debug)]
pub struct UpsertEntity {
    b1: Client,
    set: String,
    key: String,
    match_field: String,
}

type Members = BTreeMap<String, RawJson>;

/// An entity that exists.
struct Existing {
    key: Key,
    row: RawJson,
}

impl UpsertEntity {
    /// In `set`, whose key is the property `key`; an entity is recognised by the property
    /// `match_field`, which the content has to fill.
    #[must_use]
    pub fn new(b1: Client, set: &str, key: &str, match_field: &str) -> Self {
        let (set, key, match_field) = (set.to_owned(), key.to_owned(), match_field.to_owned());
        Self { b1, set, key, match_field }
    }

    /// The condition that only the entity of this content meets.
    fn same(&self, content: &Members) -> Result<Filter<Row>, Failure> {
        let field = &self.match_field;
        let wrong = |found: &str| {
            Failure::park(format!("`{field}` has to be a text or a whole number, and is {found}"))
        };
        let value = content.get(field).ok_or_else(|| wrong("empty"))?;
        if let Ok(text) = value.get::<String>() {
            return Ok(Field::<Row, String>::named(field.clone()).eq(text));
        }
        let number: i64 = value.get().map_err(|_| wrong(value.as_str()))?;
        Ok(Field::<Row, i64>::named(field.clone()).eq(number))
    }

    async fn existing(&self, content: &Members) -> Result<Option<Existing>, Failure> {
        let same = self.same(content)?;
        let condition = same.to_string();
        let mut names: Vec<&str> = content.keys().map(String::as_str).collect();
        if !content.contains_key(&self.key) {
            names.push(&self.key);
        }
        let fields: Vec<_> =
            names.iter().map(|name| Field::<Row, String>::named((*name).to_owned())).collect();
        let set = self.b1.set::<Row>(self.set.clone());
        let mut rows = set.filter(same).select(fields).top(2).all().await?;
        let Some(row) = rows.pop() else { return Ok(None) };
        if !rows.is_empty() {
            return Err(Failure::park(format!("{}: several entities have {condition}", self.set)));
        }
        let value = at(&self.key, &row.0)?;
        let key = value.and_then(|value| KeyType::Auto.key(&value)).ok_or_else(|| {
            Failure::park(format!("{}: an entity came without {}", self.set, self.key))
        })?;
        Ok(Some(Existing { key, row: row.0 }))
    }

    /// The members that differ from what the entity has.
    fn differing<'a>(
        &self,
        content: &'a Members,
        row: &RawJson,
    ) -> Result<Vec<(&'a String, &'a RawJson)>, Failure> {
        let mut differing = Vec::new();
        for (name, value) in content {
            let has = at(name, row)?.and_then(|value| value.get::<Value>().ok());
            let is_same = has.is_some() && has == value.get().ok();
            if !is_same && *name != self.key {
                differing.push((name, value));
            }
        }
        Ok(differing)
    }

    fn made(&self, key: &Key) -> Pushed {
        Pushed::new(format!("{}{key}", self.set))
    }
}

#[async_trait]
impl Target for UpsertEntity {
    fn system(&self) -> &str {
        super::SYSTEM
    }

    async fn push(&self, document: &Outgoing) -> Result<Pushed, Failure> {
        let content: Members = document.read()?;
        let Some(Existing { key, row }) = self.existing(&content).await? else {
            let set = self.b1.set::<Made>(self.set.clone());
            let created = set.create(&Made(document.content.clone())).await?;
            let key = at(&self.key, &created.0)?.and_then(|value| KeyType::Auto.key(&value));
            let key = key.ok_or_else(|| {
                Failure::unknown(format!("{}: created without {}", self.set, self.key))
            })?;
            return Ok(self.made(&key));
        };
        let differing = self.differing(&content, &row)?;
        if !differing.is_empty() {
            let changes = differing.into_iter().fold(Changes::new(), |changes, (name, value)| {
                changes.set(Field::<Row, Row>::named(name.clone()), Row(value.clone()))
            });
            let set = self.b1.set::<Row>(self.set.clone());
            set.key(key.clone()).update(changes).await?;
        }
        Ok(self.made(&key))
    }

    /// An entity that differs is not this document yet: pushing changes it, and creates none.
    async fn find(&self, document: &Outgoing) -> Result<Found, Failure> {
        let content: Members = document.read()?;
        Ok(match self.existing(&content).await? {
            Some(Existing { key, row }) if self.differing(&content, &row)?.is_empty() => {
                Found::Yes(self.made(&key))
            }
            _ => Found::No,
        })
    }
}
