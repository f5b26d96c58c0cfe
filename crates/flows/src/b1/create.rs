use std::collections::BTreeMap;

use async_trait::async_trait;
use b1_servicelayer::{Client, ErrorKind, Field, Filter, Posted, RawJson};
use erplink_sync::map::{CheckedMap, MappedField, at};
use erplink_sync::ports::{Found, Mapper, Outgoing, Pushed, Target};
use erplink_sync::{Document, Failure};

use super::made::Made;
use super::place::{KeyType, Place};
use super::row::text_field;

/// Turns what a person wrote elsewhere into an entity of the ERP.
///
/// Empty values are left out: the ERP has its own defaults.
#[derive(Clone, Debug)]
pub struct EntityMap(CheckedMap);

impl EntityMap {
    /// The lines go into the collection that the map names, such as `DocumentLines`.
    #[must_use]
    pub fn new(map: CheckedMap) -> Self {
        Self(map)
    }
}

type Members = BTreeMap<String, RawJson>;

impl Mapper for EntityMap {
    fn map(&self, document: &Document) -> Result<RawJson, Failure> {
        let mapped = self.0.apply(&document.content)?;
        let mut entity = members(mapped.main);
        let lines: Vec<Members> = mapped.lines.into_iter().map(members).collect();
        if let Some(name) = self.0.lines_to().filter(|_| !lines.is_empty()) {
            entity.insert(name.to_owned(), json(&lines)?);
        }
        json(&entity)
    }
}

fn members(fields: Vec<MappedField>) -> Members {
    let filled = |one: &MappedField| !one.value.is_null() && one.value.as_str() != "\"\"";
    fields.into_iter().filter(filled).map(|one| (one.name, one.value)).collect()
}

fn json(value: &impl serde::Serialize) -> Result<RawJson, Failure> {
    RawJson::of(value).map_err(Failure::park)
}

/// Creates an entity of the ERP: a document, a partner.
///
/// Where an approval template (审批模板) applies, the ERP saves a draft instead, and that is what
/// was made.
#[derive(Clone, Debug)]
pub struct CreateEntity {
    b1: Client,
    set: String,
    key: String,
    id_field: Option<String>,
    answer: Vec<String>,
}

impl CreateEntity {
    /// In `set`, whose key is the property `key`.
    #[must_use]
    pub fn new(b1: Client, set: &str, key: &str) -> Self {
        Self { b1, set: set.to_owned(), key: key.to_owned(), id_field: None, answer: Vec::new() }
    }

    /// Writes the id of the event into a field, such as `U_REQUESTID` or `NumAtCard`, and finds the
    /// entity by it again. Without it an entity is found by its key, if the content has one.
    #[must_use]
    pub fn id_field(mut self, field: impl Into<String>) -> Self {
        self.id_field = Some(field.into());
        self
    }

    /// The properties that a waiting caller is told, besides the key.
    #[must_use]
    pub fn answer<'a>(mut self, properties: impl IntoIterator<Item = &'a str>) -> Self {
        self.answer = properties.into_iter().map(str::to_owned).collect();
        self
    }

    /// The condition that only this entity meets; `None` if there is none.
    fn same(&self, content: &Members, id: &str) -> Option<Filter<Made>> {
        match &self.id_field {
            Some(field) => Some(text_field::<Made>(field).eq(id)),
            None => {
                let key: String = content.get(&self.key)?.get().ok()?;
                Some(Field::<Made, String>::named(self.key.clone()).eq(key))
            }
        }
    }

    fn drafts(&self) -> &'static str {
        match self.set.as_str() {
            "StockTransfers" | "InventoryTransferRequests" => Place::TRANSFER_DRAFTS,
            _ => "Drafts",
        }
    }

    async fn first(&self, set: &str, same: Filter<Made>) -> Result<Option<Made>, Failure> {
        let found = self.b1.set::<Made>(set.to_owned()).filter(same).top(2).all().await?;
        match found.len() {
            0 | 1 => Ok(found.into_iter().next()),
            _ => Err(Failure::park(format!("{set}: several entities come from this event"))),
        }
    }

    fn made(&self, row: &Made) -> Result<Pushed, Failure> {
        let mut answer = BTreeMap::new();
        let value = at(&self.key, &row.0)?;
        let key = value.as_ref().and_then(|value| KeyType::Auto.key(value));
        let Some(key) = key else {
            return Err(Failure::unknown(format!("{}: created without {}", self.set, self.key)));
        };
        for name in std::iter::once(&self.key).chain(&self.answer) {
            if let Some(value) = at(name, &row.0)? {
                answer.insert(name.as_str(), value);
            }
        }
        Ok(Pushed::new(format!("{}{key}", self.set)).answering(json(&answer)?))
    }

    /// A draft was saved, and somebody has to approve it in the ERP.
    fn drafted(&self, row: &Made) -> Result<Pushed, Failure> {
        let set = self.drafts();
        let entry: Option<i32> = at("DocEntry", &row.0)?.and_then(|value| value.get().ok());
        let entry =
            entry.ok_or_else(|| Failure::unknown(format!("{set}: one without DocEntry")))?;
        let answer = json(&BTreeMap::from([("Draft", entry)]))?;
        Ok(Pushed::new(format!("{set}({entry})")).answering(answer))
    }

    fn id(&self, event: &Outgoing) -> String {
        event.about.clone().unwrap_or_else(|| event.key.document.clone())
    }
}

#[async_trait]
impl Target for CreateEntity {
    fn system(&self) -> &str {
        super::SYSTEM
    }

    async fn push(&self, event: &Outgoing) -> Result<Pushed, Failure> {
        let (mut content, id): (Members, _) = (event.read()?, self.id(event));
        let same = self.same(&content, &id);
        if let Some(field) = &self.id_field {
            content.insert(field.clone(), json(&id)?);
        }
        let (set, row) = (self.b1.set::<Made>(self.set.clone()), Made(json(&content)?));
        let Some(same) = same else {
            return self.made(&set.create(&row).await?);
        };
        let posted = set.create_document(&row, same).drafts(self.drafts()).await;
        match posted {
            Ok(Posted::Created(row) | Posted::Found(row)) => self.made(&row),
            Ok(Posted::AwaitingApproval { draft }) => self.drafted(&draft),
            Ok(_) => Err(Failure::unknown("the ERP answered in a way that is not known here")),
            // What the ERP says about the content is for the person who wrote it.
            Err(error) if error.kind() == ErrorKind::Api && !error.may_have_taken_effect() => {
                Err(Failure::refused(error))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn find(&self, event: &Outgoing) -> Result<Found, Failure> {
        let content: Members = event.read()?;
        let Some(same) = self.same(&content, &self.id(event)) else {
            return Ok(Found::CannotTell(format!(
                "the entity has neither the id of the event nor a {} to look for",
                self.key
            )));
        };
        if let Some(row) = self.first(&self.set, same.clone()).await? {
            return Ok(Found::Yes(self.made(&row)?));
        }
        // Only documents have drafts, and only a field of ours is in both.
        if self.id_field.is_some()
            && self.key == "DocEntry"
            && let Some(draft) = self.first(self.drafts(), same).await?
        {
            return Ok(Found::Yes(self.drafted(&draft)?));
        }
        Ok(Found::No)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use erplink_sync::map::FieldMap;

    #[test]
    fn what_is_empty_is_left_to_the_erp() {
        let map: FieldMap = serde_json::from_str(
            r#"{"main": [
                    {"from": "mainData.cardcode", "to": "CardCode"},
                    {"from": "mainData.docduedate", "to": "DocDueDate"}
                ],
                "lines": {"from": "detail1", "to": "DocumentLines", "fields": [
                    {"from": "itemcode", "to": "ItemCode"},
                    {"from": "qty", "to": "Quantity", "format": "number"}
                ]}}"#,
        )
        .unwrap();
        let map = EntityMap::new(map.check(&[]).unwrap());
        let entity = |content: &str| {
            let document = Document::new("1", RawJson::parse(content).unwrap());
            map.map(&document).unwrap().to_string()
        };
        assert_eq!(
            entity(
                r#"{"mainData": {"cardcode": "C001", "docduedate": ""},
                    "detail1": [{"itemcode": "FG-001", "qty": "3.50"}]}"#
            ),
            r#"{"CardCode":"C001","DocumentLines":[{"ItemCode":"FG-001","Quantity":3.5}]}"#
        );
        assert_eq!(entity(r#"{"mainData": {"cardcode": "C001"}}"#), r#"{"CardCode":"C001"}"#);
    }
}
