//! One row, read as what it is.

use erplink_core::{Decimal, MemberError, Members, RawJson};

use crate::{Bom, Item, Key, Kind, Routing, RowError};

/// One row of a push, read as what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Payload {
    /// An item (物料).
    Item(Item),
    /// A bill of material (物料清单).
    Bom(Bom),
    /// A routing (工艺路线).
    Routing(Routing),
}

impl Payload {
    /// Reads a row, whose names are those of the ERP.
    ///
    /// An empty text means "not given": the field is left out. With `empty_means_clear` it clears
    /// the field of the ERP (`null`), except for the required ones.
    ///
    /// # Errors
    /// When a required field is missing, or a known one holds something else than it should.
    pub fn read(kind: &Kind, row: Members, empty_means_clear: bool) -> Result<Self, RowError> {
        let row = tidy_row(row, empty_means_clear);
        Ok(match kind {
            Kind::Item => Self::Item(Item::read(row)?),
            Kind::Bom => Self::Bom(Bom::read(row)?),
            Kind::Routing(object) => Self::Routing(Routing::read(object, row)?),
        })
    }

    /// The key, by which a repeated push is known.
    #[must_use]
    pub fn key(&self) -> Key {
        match self {
            Self::Item(item) => Key::Text(item.item_code.clone()),
            Self::Bom(bom) => Key::Text(bom.tree_code.clone()),
            Self::Routing(routing) => routing.key.clone(),
        }
    }

    /// The fields for the ERP. The key stands first, in the field of this name.
    #[must_use]
    pub fn fields(&self, key_field: &str) -> Members {
        match self {
            Self::Item(item) => item.body(),
            Self::Bom(bom) => bom.body(),
            Self::Routing(routing) => {
                let body = Body::new();
                match &routing.key {
                    Key::Text(text) => body.text(key_field, Some(text)),
                    Key::Number(number) => body.decimal(key_field, Some((*number).into())),
                }
                .rest(&routing.rest)
            }
        }
    }
}

/// Leaves empty texts out of a row and its lines, or makes them `null`.
fn tidy_row(row: Members, clear: bool) -> Members {
    let lines_too = |(name, value): (String, RawJson)| {
        if !value.as_str().starts_with('[') {
            return (name, value);
        }
        // An array of anything else than objects is none of ours.
        let Ok(lines) = value.get::<Vec<Members>>() else { return (name, value) };
        (name, RawJson::array(lines.into_iter().map(|line| tidy(line, clear).to_json())))
    };
    tidy(row, clear).into_iter().map(lines_too).collect()
}

fn tidy(members: Members, clear: bool) -> Members {
    members
        .into_iter()
        .filter_map(|(name, value)| match (value.as_str(), clear) {
            ("\"\"", true) => Some((name, RawJson::null())),
            ("\"\"", false) => None,
            _ => Some((name, value)),
        })
        .collect()
}

/// Takes a text out of a row; `null` stays, for it clears the field.
pub(crate) fn take_text(row: &mut Members, name: &str) -> Result<Option<String>, MemberError> {
    let text = row.text(name)?;
    if text.is_some() {
        row.remove(name);
    }
    Ok(text)
}

/// Takes a number out of a row; `null` stays, for it clears the field.
pub(crate) fn take_decimal(row: &mut Members, name: &str) -> Result<Option<Decimal>, MemberError> {
    let number = row.decimal(name)?;
    if number.is_some() {
        row.remove(name);
    }
    Ok(number)
}

/// Writes an object member by member.
pub(crate) struct Body(Vec<(String, RawJson)>);

impl Body {
    pub(crate) fn new() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn text(self, name: &str, text: Option<&str>) -> Self {
        self.json(name, text.map(RawJson::text))
    }

    pub(crate) fn decimal(self, name: &str, number: Option<Decimal>) -> Self {
        self.json(name, number.map(RawJson::number))
    }

    pub(crate) fn objects(self, name: &str, objects: &[Members]) -> Self {
        self.json(name, Some(RawJson::array(objects.iter().map(Members::to_json))))
    }

    /// The object, with these members behind the others.
    pub(crate) fn rest(self, rest: &Members) -> Members {
        let rest = rest.iter().map(|(name, value)| (name.to_owned(), value.clone()));
        self.0.into_iter().chain(rest).collect()
    }

    fn json(mut self, name: &str, value: Option<RawJson>) -> Self {
        self.0.extend(value.map(|value| (name.to_owned(), value)));
        self
    }
}
