//! Bodies of requests: named members in the order they were given, digits as given.

use std::borrow::Cow;

use chrono::{DateTime, FixedOffset, NaiveDateTime, Utc};
use erplink_core::{Decimal, RawJson};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// An object on its way out.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Fields(Vec<(Cow<'static, str>, Field)>);

/// One of its members.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Field {
    Text(String),
    Int(i64),
    /// A JSON number with its own digits.
    Number(Decimal),
    List(Vec<Field>),
    Object(Fields),
    Raw(RawJson),
}

impl Fields {
    /// Sets a member; the last value counts.
    pub(crate) fn set(&mut self, name: impl Into<Cow<'static, str>>, value: Field) {
        let name = name.into();
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name, value)),
        }
    }

    pub(crate) fn with(mut self, name: &'static str, value: Field) -> Self {
        self.set(name, value);
        self
    }

    /// Sets a member unless it is there.
    pub(crate) fn set_default(&mut self, name: &'static str, value: Field) {
        if self.get(name).is_none() {
            self.set(name, value);
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Field> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        match self.get(name) {
            Some(Field::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The objects of a list member.
    pub(crate) fn rows(&self, name: &str) -> impl Iterator<Item = &Fields> {
        let rows = match self.get(name) {
            Some(Field::List(rows)) => rows.as_slice(),
            _ => &[],
        };
        rows.iter().filter_map(|row| match row {
            Field::Object(row) => Some(row),
            _ => None,
        })
    }

    /// Sets a member of every row of a list member, unless the row has it.
    pub(crate) fn set_in_rows(&mut self, list: &str, name: &'static str, value: &Field) {
        let found = self.0.iter_mut().find(|(known, _)| known == list);
        let Some((_, Field::List(rows))) = found else { return };
        for row in rows {
            if let Field::Object(row) = row {
                row.set_default(name, value.clone());
            }
        }
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl Serialize for Field {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Int(number) => serializer.serialize_i64(*number),
            Self::Number(number) => erplink_core::decimal::serialize(number, serializer),
            Self::List(list) => serializer.collect_seq(list),
            Self::Object(fields) => fields.serialize(serializer),
            Self::Raw(raw) => raw.serialize(serializer),
        }
    }
}

impl From<String> for Field {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Field {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

/// Lists of texts as the imports want them: one text, ASCII commas.
pub(crate) fn joined(texts: impl IntoIterator<Item = impl Into<String>>) -> Field {
    let texts: Vec<String> = texts.into_iter().map(Into::into).collect();
    Field::Text(texts.join(","))
}

pub(crate) fn yes_no(value: bool) -> Field {
    Field::Text(if value { "是" } else { "否" }.to_owned())
}

pub(crate) fn flag(value: bool) -> Field {
    Field::Int(value.into())
}

pub(crate) fn millis(at: DateTime<Utc>) -> Field {
    Field::Int(at.timestamp_millis())
}

/// `yyyy-MM-dd HH:mm:ss` in China's time, which text times are in.
pub(crate) fn local_time(at: NaiveDateTime) -> Field {
    Field::Text(at.format("%Y-%m-%d %H:%M:%S").to_string())
}

/// The wall clock of China (UTC+8, no summer time) at a moment.
#[must_use]
pub fn china_time(at: DateTime<Utc>) -> NaiveDateTime {
    FixedOffset::east_opt(8 * 3600)
        .map_or_else(|| at.naive_utc(), |china| at.with_timezone(&china).naive_local())
}

/// Declares an object of a request: a table of its members, each a chained setter.
///
/// Kinds: `text`, `decimal_text`, `number` (decimal), `int`, `int_text`, `flag` (0/1), `yes_no`
/// (是/否), `millis`, `local_time`, `joined` (texts with commas), `texts`, `ints`, `enumeration(T)`
/// and `enumerations(T)` (by number), `id(T)`, `ids(T)`, `reference(T)` (`{"id": 1}`), `object(T)`, `rows(T)`.
macro_rules! request {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $($(#[$doc:meta])* $setter:ident: $kind:ident $(($type:ty))? = $wire:literal),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq)]
        #[must_use]
        pub struct $name {
            pub(crate) fields: crate::fields::Fields,
        }

        impl $name {
            $(
                crate::fields::setter!($(#[$doc])* $setter: $kind $(($type))? = $wire);
            )*

            /// Any other member, under its name on the wire.
            pub fn extra(
                mut self,
                name: impl Into<std::borrow::Cow<'static, str>>,
                value: erplink_core::RawJson,
            ) -> Self {
                self.fields.set(name, crate::fields::Field::Raw(value));
                self
            }
        }
    };
}

macro_rules! setter {
    (@set $(#[$doc:meta])* $setter:ident($value:ident: $type:ty) = $wire:literal, $field:expr) => {
        $(#[$doc])*
        #[doc = concat!("\n\nOn the wire: `", $wire, "`.")]
        pub fn $setter(mut self, $value: $type) -> Self {
            self.fields.set($wire, $field);
            self
        }
    };
    ($(#[$doc:meta])* $s:ident: text = $w:literal) => {
        crate::fields::setter!(@set $(#[$doc])* $s(value: impl Into<String>) = $w,
            crate::fields::Field::Text(value.into()));
    };
    ($(#[$doc:meta])* $s:ident: decimal_text = $w:literal) => {
        crate::fields::setter!(@set $(#[$doc])* $s(value: impl Into<erplink_core::Decimal>) = $w,
            crate::fields::Field::Text(value.into().to_string()));
    };
    ($(#[$doc:meta])* $s:ident: number = $w:literal) => {
        crate::fields::setter!(@set $(#[$doc])* $s(value: impl Into<erplink_core::Decimal>) = $w,
            crate::fields::Field::Number(value.into()));
    };
    ($(#[$doc:meta])* $s:ident: int = $w:literal) => {
        crate::fields::setter!(@set $(#[$doc])* $s(value: i64) = $w,
            crate::fields::Field::Int(value));
    };
    ($(#[$doc:meta])* $s:ident: int_text = $w:literal) => {
        crate::fields::setter!(@set $(#[$doc])* $s(value: i64) = $w,
            crate::fields::Field::Text(value.to_string()));
    };
    ($(#[$doc:meta])* $s:ident: flag = $w:literal) => {
        crate::fields::setter!(@set $(#[$doc])* $s(value: bool) = $w, crate::fields::flag(value));
    };
    ($(#[$doc:meta])* $s:ident: yes_no = $w:literal) => {
        crate::fields::setter!(@set $(#[$doc])* $s(value: bool) = $w, crate::fields::yes_no(value));
    };
    ($(#[$doc:meta])* $s:ident: millis = $w:literal) => {
        crate::fields::setter!(@set $(#[$doc])* $s(value: chrono::DateTime<chrono::Utc>) = $w,
            crate::fields::millis(value));
    };
    ($(#[$doc:meta])* $s:ident: local_time = $w:literal) => {
        crate::fields::setter!(@set $(#[$doc])* $s(value: chrono::NaiveDateTime) = $w,
            crate::fields::local_time(value));
    };
    ($(#[$doc:meta])* $s:ident: joined = $w:literal) => {
        crate::fields::setter!(@set $(#[$doc])*
            $s(values: impl IntoIterator<Item = impl Into<String>>) = $w,
            crate::fields::joined(values));
    };
    ($(#[$doc:meta])* $s:ident: texts = $w:literal) => {
        crate::fields::setter!(@set $(#[$doc])*
            $s(values: impl IntoIterator<Item = impl Into<String>>) = $w,
            crate::fields::Field::List(
                values.into_iter().map(|value| crate::fields::Field::Text(value.into())).collect()
            ));
    };
    ($(#[$doc:meta])* $s:ident: ints = $w:literal) => {
        crate::fields::setter!(@set $(#[$doc])* $s(values: impl IntoIterator<Item = i64>) = $w,
            crate::fields::Field::List(
                values.into_iter().map(crate::fields::Field::Int).collect()
            ));
    };
    ($(#[$doc:meta])* $s:ident: enumeration($type:ty) = $w:literal) => {
        crate::fields::setter!(@set $(#[$doc])* $s(value: $type) = $w,
            crate::fields::Field::Int(value.number()));
    };
    ($(#[$doc:meta])* $s:ident: enumerations($type:ty) = $w:literal) => {
        crate::fields::setter!(@set $(#[$doc])* $s(values: impl IntoIterator<Item = $type>) = $w,
            crate::fields::Field::List(
                values.into_iter().map(|value| crate::fields::Field::Int(value.number())).collect()
            ));
    };
    ($(#[$doc:meta])* $s:ident: id($type:ty) = $w:literal) => {
        crate::fields::setter!(@set $(#[$doc])* $s(id: impl Into<$type>) = $w,
            crate::fields::Field::Int(id.into().get()));
    };
    ($(#[$doc:meta])* $s:ident: ids($type:ty) = $w:literal) => {
        crate::fields::setter!(@set $(#[$doc])*
            $s(ids: impl IntoIterator<Item = impl Into<$type>>) = $w,
            crate::fields::Field::List(
                ids.into_iter()
                    .map(|id| { let id: $type = id.into(); crate::fields::Field::Int(id.get()) })
                    .collect()
            ));
    };
    // An object that holds nothing but an id: `{"id": 1}`.
    ($(#[$doc:meta])* $s:ident: reference($type:ty) = $w:literal) => {
        crate::fields::setter!(@set $(#[$doc])* $s(id: impl Into<$type>) = $w,
            crate::fields::Field::Object(crate::fields::Fields::default()
                .with("id", crate::fields::Field::Int(id.into().get()))));
    };
    ($(#[$doc:meta])* $s:ident: object($type:ty) = $w:literal) => {
        crate::fields::setter!(@set $(#[$doc])* $s(value: $type) = $w,
            crate::fields::Field::Object(value.fields));
    };
    ($(#[$doc:meta])* $s:ident: rows($type:ty) = $w:literal) => {
        crate::fields::setter!(@set $(#[$doc])* $s(rows: impl IntoIterator<Item = $type>) = $w,
            crate::fields::Field::List(
                rows.into_iter().map(|row| crate::fields::Field::Object(row.fields)).collect()
            ));
    };
}

pub(crate) use request;
pub(crate) use setter;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn china_is_eight_hours_ahead() {
        let at = DateTime::from_timestamp_millis(1_668_960_000_000).unwrap();
        assert_eq!(local_time(china_time(at)), Field::Text("2022-11-21 00:00:00".to_owned()));
    }

    #[test]
    fn the_last_value_counts_and_order_stays() {
        let mut fields = Fields::default().with("a", 1.into()).with("b", 2.into());
        fields.set("a", 3.into());
        assert_eq!(serde_json::to_string(&fields).unwrap(), r#"{"a":3,"b":2}"#);
    }
}
