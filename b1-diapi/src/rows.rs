//! Rows of a query, in your own types.

use std::fmt;

use erplink_core::RawJson;
use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error as _, MapAccess, Visitor};
use serde::{Deserialize, forward_to_deserialize_any};
use serde_json::value::RawValue;

/// The rows of a query, digit for digit as they were sent.
///
/// The database prints quoted names as they are written and all others in capitals: `"ItemCode"`
/// comes as `ItemCode`, an alias `UpdateDate` as `UPDATEDATE`. A struct's fields are therefore
/// matched without regard to case, unless a column has exactly the field's name. (Fields under
/// `#[serde(flatten)]` and the keys of maps are not: they get the columns as they are.)
///
/// ```
/// use b1_diapi::{Decimal, Rows, date};
///
/// #[derive(serde::Deserialize)]
/// struct Item {
///     #[serde(rename = "ItemCode")]
///     code: String,
///     #[serde(rename = "OnHand", with = "b1_diapi::decimal")]
///     on_hand: Decimal,
///     #[serde(rename = "UpdateDate", with = "date::option")]
///     updated: Option<chrono::NaiveDate>,
/// }
/// let rows: Rows = serde_json::from_str(
///     r#"[{"ItemCode":"XN0004","ONHAND":0.1000000000000000055,"UPDATEDATE":"2023-10-20"}]"#,
/// )?;
/// let items: Vec<Item> = rows.typed()?;
/// assert_eq!(items[0].on_hand.to_string(), "0.1000000000000000055");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct Rows(Vec<Row>);

impl Rows {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The rows, in the order of the query.
    pub fn iter(&self) -> std::slice::Iter<'_, Row> {
        self.0.iter()
    }

    /// All rows as `T`.
    ///
    /// # Errors
    /// When a row does not fit; the error says which and why.
    pub fn typed<T: DeserializeOwned>(&self) -> Result<Vec<T>, RowError> {
        let row = |(index, row): (usize, &Row)| row.read().map_err(|e| RowError::new(index, &e));
        self.0.iter().enumerate().map(row).collect()
    }
}

impl IntoIterator for Rows {
    type Item = Row;
    type IntoIter = std::vec::IntoIter<Row>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Rows {
    type Item = &'a Row;
    type IntoIter = std::slice::Iter<'a, Row>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

/// One row.
#[derive(Clone)]
pub struct Row {
    columns: Vec<(String, RawJson)>,
}

impl Row {
    /// The names of the columns.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|(name, _)| name.as_str())
    }

    /// The value in a column, found without regard to case unless a column has exactly this name.
    #[must_use]
    pub fn get(&self, column: &str) -> Option<&RawJson> {
        let exact = self.columns.iter().find(|(name, _)| name == column);
        let found = exact.or_else(|| self.columns.iter().find(|(name, _)| same(name, column)));
        found.map(|(_, value)| value)
    }

    /// The row as `T`.
    ///
    /// # Errors
    /// When it does not fit; the error names the column.
    pub fn typed<T: DeserializeOwned>(&self) -> Result<T, RowError> {
        self.read().map_err(|error| RowError::new(0, &error))
    }

    /// The row as one JSON object, with the columns as they came.
    #[must_use]
    pub fn json(&self) -> RawJson {
        let members = self
            .columns
            .iter()
            .map(|(name, value)| format!("{}:{}", RawJson::text(name).as_str(), value.as_str()));
        let text = format!("{{{}}}", members.collect::<Vec<_>>().join(","));
        RawJson::parse(text).unwrap_or_else(|_| RawJson::null())
    }

    fn read<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        T::deserialize(self).map_err(|error| {
            // serde does not say what there is instead of a missing field.
            match error.to_string() {
                text if text.starts_with("missing field") => {
                    let columns = self.columns().collect::<Vec<_>>().join(", ");
                    serde_json::Error::custom(format!("{text}; the columns are {columns}"))
                }
                _ => error,
            }
        })
    }
}

/// The names of the columns: values may be anything.
impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.columns()).finish()
    }
}

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Row;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a row: an object with a member for each column")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Row, A::Error> {
                let mut columns = Vec::with_capacity(map.size_hint().unwrap_or_default());
                while let Some(column) = map.next_entry()? {
                    columns.push(column);
                }
                Ok(Row { columns })
            }
        }
        deserializer.deserialize_map(Members)
    }
}

/// A row that does not fit its type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("row {row}: {message}")]
pub struct RowError {
    row: usize,
    message: String,
}

impl RowError {
    fn new(index: usize, error: &serde_json::Error) -> Self {
        Self { row: index + 1, message: error.to_string() }
    }

    /// Which row, counted from 1.
    #[must_use]
    pub fn row(&self) -> usize {
        self.row
    }
}

fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || a.to_lowercase() == b.to_lowercase()
}

impl<'de> Deserializer<'de> for &'de Row {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_map(Columns {
            rest: self.columns.iter(),
            value: None,
            row: self,
            fields: &[],
        })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_map(Columns { rest: self.columns.iter(), value: None, row: self, fields })
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_some(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

/// The columns of a row, under the names of the fields they belong to.
struct Columns<'de> {
    rest: std::slice::Iter<'de, (String, RawJson)>,
    value: Option<(&'de str, &'de RawJson)>,
    row: &'de Row,
    fields: &'static [&'static str],
}

impl<'de> Columns<'de> {
    /// The field that takes this column; its own name if none does.
    fn field(&self, column: &'de str) -> &'de str {
        if self.fields.contains(&column) {
            return column;
        }
        let field = self.fields.iter().find(|field| same(field, column));
        match field {
            // A column that has exactly the field's name is meant.
            Some(field) if !self.row.columns().any(|other| other == *field) => field,
            _ => column,
        }
    }
}

impl<'de> MapAccess<'de> for Columns<'de> {
    type Error = serde_json::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Self::Error> {
        let Some((column, value)) = self.rest.next() else { return Ok(None) };
        self.value = Some((column, value));
        let field: StrDeserializer<'_, Self::Error> = StrDeserializer::new(self.field(column));
        seed.deserialize(field).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, Self::Error> {
        let Some((column, value)) = self.value.take() else {
            return Err(Self::Error::custom("a value was asked for before its column"));
        };
        let raw: &RawValue = serde_json::from_str(value.as_str())?;
        seed.deserialize(raw)
            .map_err(|error| Self::Error::custom(format!("column {column}: {error}")))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use chrono::NaiveDate;
    use erplink_core::Decimal;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Item {
        #[serde(rename = "ItemCode")]
        code: String,
        #[serde(rename = "OnHand", with = "erplink_core::decimal")]
        on_hand: Decimal,
        #[serde(default, rename = "UpdateDate", with = "crate::date::option")]
        updated: Option<NaiveDate>,
        #[serde(default, rename = "U_颜色")]
        colour: Option<String>,
    }

    fn rows(text: &str) -> Rows {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn columns_are_found_in_any_case() {
        let items: Vec<Item> = rows(
            r#"[{"ItemCode":"A","OnHand":12345678901234567890.123456,"UPDATEDATE":"20231020"},
                {"ITEMCODE":"B","onhand":"7.50","UpdateDate":"2023-10-20T00:00:00Z","u_颜色":"红"},
                {"itemcode":"C","ONHAND":-0,"updatedate":null,"Other":[1]}]"#,
        )
        .typed()
        .unwrap();
        let day = NaiveDate::from_ymd_opt(2023, 10, 20);
        assert_eq!(items[0].on_hand.to_string(), "12345678901234567890.123456");
        assert_eq!((items[0].updated, items[1].updated, items[2].updated), (day, day, None));
        assert_eq!((items[1].code.as_str(), items[1].colour.as_deref()), ("B", Some("红")));
        assert_eq!(items[1].on_hand.to_string(), "7.50");
        assert_eq!(items[2].colour, None);
    }

    #[test]
    fn an_exact_name_goes_before_another_case() {
        let row = &rows(r#"[{"ITEMCODE":"x","ItemCode":"A","itemcode":"y","OnHand":1}]"#).0[0];
        assert_eq!(row.typed::<Item>().unwrap().code, "A");
        assert_eq!(row.get("ItemCode").unwrap().as_str(), "\"A\"");
        assert_eq!(row.get("iTEMcODE").unwrap().as_str(), "\"x\"");
        assert!(row.get("Code").is_none());
    }

    #[test]
    fn a_row_that_does_not_fit_says_where() {
        let error = |text: &str| rows(text).typed::<Item>().unwrap_err().to_string();
        let good = r#"{"ItemCode":"A","OnHand":1}"#;
        let wrong = format!(r#"[{good},{{"ItemCode":"A","ONHAND":"many"}}]"#);
        assert!(error(&wrong).starts_with("row 2: column ONHAND: expected a decimal"));
        let missing = error(r#"[{"Code":"A","OnHand":1}]"#);
        assert_eq!(missing, "row 1: missing field `ItemCode`; the columns are Code, OnHand");
        let twice = error(r#"[{"ITEMCODE":"A","itemcode":"B","OnHand":1}]"#);
        assert!(twice.contains("duplicate field `ItemCode`"), "{twice}");
    }

    #[test]
    fn maps_get_the_columns_as_they_are() {
        let all = rows(r#"[{"A":1.10,"b":null}]"#);
        let maps: Vec<BTreeMap<String, RawJson>> = all.typed().unwrap();
        assert_eq!(maps[0]["A"].as_str(), "1.10");
        assert!(maps[0]["b"].is_null());
        assert_eq!(all.0[0].json().as_str(), r#"{"A":1.10,"b":null}"#);
        assert_eq!(format!("{all:?}"), r#"Rows([{"A", "b"}])"#);
    }
}
