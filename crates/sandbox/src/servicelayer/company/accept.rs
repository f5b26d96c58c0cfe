//! What a client sends, checked against the metadata and brought into the stored form.

use crate::servicelayer::company::{Company, merge};
use crate::servicelayer::json::{Json, Object};
use crate::servicelayer::refusal::Refusal;
use crate::servicelayer::schema::{Kind, Property, StructType};

/// What the body is for: errors differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Create,
    Update,
}

/// How properties are spelt: `b1s/v2` renames those that are named like their type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    V1,
    V2,
}

impl Dialect {
    pub(crate) fn spelling(self, property: &str, structure: &str) -> String {
        if self == Self::V2 && property == structure {
            format!("{property}Property")
        } else {
            property.to_owned()
        }
    }
}

/// Annotations are not data: `odata.etag`, `@odata.bind`, `Orders@odata.navigationLink`.
fn is_annotation(name: &str) -> bool {
    name.starts_with("odata.") || name.contains('@')
}

impl Company {
    /// The writable members of `body`, in the stored form.
    pub(crate) fn accept(
        &self,
        body: Object,
        structure: &StructType,
        purpose: Purpose,
        dialect: Dialect,
    ) -> Result<Object, Refusal> {
        Acceptance { company: self, purpose, dialect }.structure(&body, structure, &[])
    }
}

struct Acceptance<'a> {
    company: &'a Company,
    purpose: Purpose,
    dialect: Dialect,
}

impl Acceptance<'_> {
    /// `kept`: read-only members that stay, because they say which row is meant.
    fn structure(
        &self,
        body: &Object,
        structure: &StructType,
        kept: &[&str],
    ) -> Result<Object, Refusal> {
        let mut accepted = Object::default();
        for (name, value) in body.iter().filter(|(name, _)| !is_annotation(name)) {
            let known = structure
                .properties
                .iter()
                .find(|p| self.dialect.spelling(&p.name, &structure.name) == name);
            match known {
                Some(property) if property.read_only && !kept.contains(&name) => {}
                Some(property) => {
                    let value = self.value(value, property)?;
                    self.check_size(&value, property, structure)?;
                    accepted.set(&property.name, value);
                }
                None if self.company.options.strict && !structure.name.is_empty() => {
                    return Err(Refusal::unknown_property(name, &structure.name));
                }
                None => accepted.set(name, value.clone()),
            }
        }
        Ok(accepted)
    }

    fn value(&self, value: &Json, property: &Property) -> Result<Json, Refusal> {
        match (&property.kind, value) {
            (Kind::Collection(row_type), Json::Array(items)) => {
                let structure = self.company.schema.row_type(row_type);
                let kept = merge::identity(row_type).names;
                let rows = items.iter().map(|item| match item {
                    Json::Object(row) => self.structure(row, &structure, kept).map(Json::Object),
                    other => {
                        self.wrong(property, format!("expected rows, found {}", other.shape()))
                    }
                });
                Ok(Json::Array(rows.collect::<Result<_, _>>()?))
            }
            (Kind::Collection(_), Json::Null) => Ok(Json::Array(Vec::new())),
            (Kind::Collection(_), other) => {
                self.wrong(property, format!("expected an array, found {}", other.shape()))
            }
            (Kind::Structure, Json::Object(_) | Json::Null) => Ok(value.clone()),
            (Kind::Structure, other) => {
                self.wrong(property, format!("expected an object, found {}", other.shape()))
            }
            (kind, scalar) => match kind.scalar(scalar.clone()) {
                Ok(stored) => Ok(stored),
                Err(_) if !self.company.options.strict => Ok(scalar.clone()),
                Err(why) => self.wrong(property, why),
            },
        }
    }

    fn check_size(
        &self,
        value: &Json,
        property: &Property,
        structure: &StructType,
    ) -> Result<(), Refusal> {
        let length = value.as_text().map_or(0, |text| text.chars().count());
        if !self.company.options.strict || property.size.is_none_or(|size| length <= size) {
            return Ok(());
        }
        let (name, of) = (&property.name, &structure.name);
        // The text is the real server's, the code a guess.
        Err(Refusal::malformed(format!("Value too long in property '{name}' of '{of}'")))
    }

    fn wrong(&self, property: &Property, why: String) -> Result<Json, Refusal> {
        let message = format!("'{}': {why}", property.name);
        Err(match self.purpose {
            Purpose::Create => Refusal::malformed(message),
            Purpose::Update => Refusal::bad_patch(message),
        })
    }
}
