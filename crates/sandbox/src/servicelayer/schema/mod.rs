//! The simulated metadata: types, enumerations, entity sets, and what users registered.

mod kind;
mod parse;
mod sets;
mod userdefined;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

pub(crate) use kind::{Enumeration, Kind};
pub(crate) use sets::{EntitySet, Navigation, Numbering};

/// One property of a structured type.
#[derive(Clone, Debug)]
pub(crate) struct Property {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// Ignored when a client writes it.
    pub(crate) read_only: bool,
    /// The value a new row gets (user-defined fields only).
    pub(crate) default: Option<String>,
    /// How many characters a text may have (user-defined fields only).
    pub(crate) size: Option<usize>,
}

/// An entity type or a complex type.
#[derive(Clone, Debug, Default)]
pub(crate) struct StructType {
    pub(crate) name: String,
    pub(crate) properties: Vec<Property>,
}

impl StructType {
    pub(crate) fn property(&self, name: &str) -> Option<&Property> {
        self.properties.iter().find(|property| property.name == name)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.property(name).is_some()
    }
}

/// Everything the simulated server knows about the shape of its data.
#[derive(Clone, Debug)]
pub(crate) struct Schema {
    types: BTreeMap<String, Arc<StructType>>,
    enumerations: BTreeMap<String, Arc<Enumeration>>,
    sets: BTreeMap<String, EntitySet>,
}

impl Schema {
    /// The metadata of a company without user-defined anything.
    pub(crate) fn standard() -> Result<Self, String> {
        static STANDARD: LazyLock<Result<Schema, String>> = LazyLock::new(Schema::read);
        STANDARD.clone()
    }

    fn read() -> Result<Self, String> {
        let enumerations = parse::enumerations(include_str!("enums.txt"))?;
        let types = parse::types(include_str!("types.txt"), &enumerations)?;
        let sets = sets::standard();
        Ok(Self { types, enumerations, sets })
    }

    pub(crate) fn set(&self, name: &str) -> Option<&EntitySet> {
        self.sets.get(name)
    }

    pub(crate) fn sets(&self) -> impl Iterator<Item = &EntitySet> {
        self.sets.values()
    }

    pub(crate) fn structure(&self, name: &str) -> Option<&Arc<StructType>> {
        self.types.get(name)
    }

    pub(crate) fn structures(&self) -> impl Iterator<Item = &StructType> {
        self.types.values().map(Arc::as_ref)
    }

    /// The type of the rows of a collection, whose name may be empty: rows nobody described.
    pub(crate) fn row_type(&self, name: &str) -> Arc<StructType> {
        self.structure(name).cloned().unwrap_or_default()
    }

    pub(crate) fn enumeration(&self, name: &str) -> Option<&Arc<Enumeration>> {
        self.enumerations.get(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_metadata_fit_together() {
        let schema = Schema::standard().unwrap();
        for set in schema.sets() {
            let structure = schema.structure(&set.type_name).expect(&set.type_name);
            for key in &set.key {
                assert!(structure.has(key), "{} has no {key}", set.name);
            }
            assert_eq!(set.etag, structure.has("DataVersion"), "{}", set.name);
            for navigation in &set.navigations {
                assert!(schema.set(navigation.target).is_some(), "{}", navigation.target);
                assert!(structure.has(navigation.property), "{}", navigation.property);
            }
        }
        for structure in schema.structures() {
            for property in &structure.properties {
                if let Kind::Collection(row) = &property.kind {
                    assert!(row.is_empty() || schema.structure(row).is_some(), "{row}");
                }
            }
        }
    }

    #[test]
    fn series_of_properties_are_spelt_out() {
        let schema = Schema::standard().unwrap();
        let item = schema.structure("Item").unwrap();
        assert!(item.has("Properties1") && item.has("Properties64") && !item.has("Properties65"));
    }
}
