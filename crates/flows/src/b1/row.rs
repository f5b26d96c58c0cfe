use std::collections::{BTreeMap, BTreeSet};

use b1_servicelayer::edm::EdmValue;
use b1_servicelayer::{Client, Cursor, EntityType, Field, Filter, Key, RawJson, Version};
use erplink_sync::Failure;
use erplink_sync::map::at;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::place::KeyType;

/// An entity as the server sent it: field maps name its properties, no model does.
#[derive(Clone, Debug)]
pub(crate) struct Row(pub RawJson);

impl EdmValue for Row {
    fn write<S: Serializer>(&self, _: Version, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        RawJson::deserialize(deserializer).map(Self)
    }
}

impl EntityType for Row {
    type Key = Key;
    const KEY_PROPERTIES: &'static [&'static str] = &[];
    const VERSIONED: bool = false;

    fn key(&self) -> Option<Key> {
        None
    }
}

/// Declares an entity as the server sent it, of a set with this key.
macro_rules! keyed_row {
    ($(#[$meta:meta])* $name:ident of $entity:ident, $key:literal) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        struct $name(b1_servicelayer::RawJson);

        impl b1_servicelayer::edm::EdmValue for $name {
            fn write<S: serde::Serializer>(
                &self,
                _: b1_servicelayer::Version,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                serde::Serialize::serialize(&self.0, serializer)
            }

            fn read<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                serde::Deserialize::deserialize(deserializer).map(Self)
            }
        }

        impl b1_servicelayer::EntityType for $name {
            type Key = b1_servicelayer::Key;
            const KEY_PROPERTIES: &'static [&'static str] = &[$key];
            const VERSIONED: bool =
                <b1_servicelayer::entities::$entity as b1_servicelayer::EntityType>::VERSIONED;

            fn key(&self) -> Option<b1_servicelayer::Key> {
                let value = erplink_sync::map::at($key, &self.0).ok().flatten()?;
                crate::b1::KeyType::Auto.key(&value)
            }
        }
    };
}

pub(super) use keyed_row;

/// A field with a text by its name: a property, or a user-defined field.
pub(super) fn text_field<E>(name: &str) -> Field<E, String> {
    let name = name.to_owned();
    if name.starts_with("U_") { Field::udf(name) } else { Field::named(name) }
}

/// One page of a set in the order of its key.
pub(super) struct RowPage<'a> {
    pub set: &'a str,
    pub filter: String,
    pub order: Field<Row, String>,
    pub select: Vec<Field<Row, String>>,
    pub page_size: u32,
    pub cursor: Option<String>,
}

impl RowPage<'_> {
    /// The rows and where the next page starts.
    pub(super) async fn read(self, b1: &Client) -> Result<(Vec<RawJson>, Option<String>), Failure> {
        let unreadable = |error| Failure::park(format!("the cursor of a page: {error}"));
        let mut query = b1
            .set::<Row>(self.set.to_owned())
            .filter(Filter::raw(self.filter))
            .order_by(self.order.asc())
            .page_size(self.page_size);
        if !self.select.is_empty() {
            query = query.select(self.select);
        }
        if let Some(cursor) = self.cursor {
            let cursor: Cursor = serde_json::from_str(&cursor).map_err(unreadable)?;
            query = query.resume(cursor);
        }
        let Some(page) = query.pages().next().await.transpose()? else {
            return Ok((Vec::new(), None));
        };
        let next = page.next.map(|next| serde_json::to_string(&next)).transpose();
        let rows = page.items.into_iter().map(|row| row.0).collect();
        Ok((rows, next.map_err(unreadable)?))
    }
}

/// The entities of a set whose number is one of these, by that number.
pub(super) async fn by_number(
    b1: &Client,
    set: &str,
    key: &'static str,
    numbers: impl IntoIterator<Item = i32>,
) -> Result<BTreeMap<i32, RawJson>, Failure> {
    let numbers: BTreeSet<i32> = numbers.into_iter().collect();
    if numbers.is_empty() {
        return Ok(BTreeMap::new());
    }
    let page_size = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
    let filter = Field::<Row, i32>::new(key).one_of(numbers);
    let rows = b1.set::<Row>(set.to_owned()).filter(filter).page_size(page_size).all().await?;
    let keyed = rows.into_iter().map(|row| {
        let number = at(key, &row.0)?.and_then(|value| value.get().ok());
        let number: i32 = number
            .ok_or_else(|| Failure::refused(format!("{set}: an entity came without {key}")))?;
        Ok((number, row.0))
    });
    keyed.collect()
}

/// Whether a set is there and has these properties.
pub(crate) async fn look<'a>(
    b1: &Client,
    set: &str,
    properties: impl IntoIterator<Item = &'a str>,
) -> Result<(), Failure> {
    let names: BTreeSet<&str> = properties.into_iter().collect();
    let select: Vec<_> =
        names.into_iter().map(|name| Field::<Row, String>::named(name.to_owned())).collect();
    b1.set::<Row>(set.to_owned()).select(select).top(1).all().await?;
    Ok(())
}

/// The condition that an entity has the id of a form in a field.
pub(super) fn has_id(field: &str, id: &str) -> Filter<Row> {
    Field::<Row, String>::udf(field.to_owned()).eq(id)
}

/// The one entity that meets a condition: its name and its key.
pub(super) async fn the_one(
    b1: &Client,
    set: &str,
    key: &str,
    filter: Filter<Row>,
) -> Result<(String, Key), Failure> {
    let condition = filter.to_string();
    let select = vec![Field::<Row, String>::named(key.to_owned())];
    let rows = b1.set::<Row>(set.to_owned()).filter(filter).select(select).top(2).all().await?;
    let [row] = rows.as_slice() else {
        let found = if rows.is_empty() { "no entity has" } else { "several entities have" };
        return Err(Failure::refused(format!("{set}: {found} {condition}")));
    };
    let value = at(key, &row.0)?
        .ok_or_else(|| Failure::park(format!("{set}: an entity came without {key}")))?;
    let key = KeyType::Auto
        .key(&value)
        .ok_or_else(|| Failure::park(format!("{set}: {key} is no number and no text")))?;
    Ok((format!("{set}{key}"), key))
}
