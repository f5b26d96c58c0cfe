//! Changes and deletion.

use super::{Actor, Company, documents, merge};
use crate::servicelayer::json::{Json, Object};
use crate::servicelayer::key::Key;
use crate::servicelayer::refusal::Refusal;
use crate::servicelayer::schema::{EntitySet, Kind, StructType};

/// How the members sent meet those there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// PATCH: rows not sent stay.
    Merge,
    /// PATCH with `B1S-ReplaceCollectionsOnPatch`: rows not sent go.
    MergeReplacingRows,
    /// PUT: everything not sent goes to its default.
    Replace,
}

impl Company {
    /// Changes an entity; `changes` were accepted.
    pub(crate) fn update(
        &mut self,
        set: &EntitySet,
        key: &Key,
        changes: &Object,
        mode: Mode,
        actor: Actor,
    ) -> Result<(), Refusal> {
        if set.name == "ApprovalRequests" {
            return self.decide(key, changes, actor);
        }
        let old = self.find(&set.name, key)?.body;
        let structure = self.structure(set);
        let mut entity = old.clone();
        if mode == Mode::Replace {
            reset(&structure, set, &mut entity);
        }
        let mut changes = changes.clone();
        for name in &set.key {
            // A key never changes.
            changes.remove(name);
        }
        documents::forget_derived(&mut changes, &old);
        let replace_rows = mode != Mode::Merge;
        merge::merge(&self.schema, &structure, &mut entity, &changes, replace_rows);
        if mode == Mode::Replace {
            self.fill_defaults(set, &mut entity, actor);
            self.fill_field_defaults(&structure, &mut entity);
        }
        match set.name.as_str() {
            "ProductionOrders" => {
                self.check_order_status(&old, &mut entity)?;
                self.complete_production_order(&mut entity)?;
                self.notify_order_changed(&mut entity);
            }
            "ProductTrees" => self.complete_components(&mut entity)?,
            "SpecialPrices" => self.complete_special_price(&mut entity)?,
            "SQLQueries" => self.complete_stored_query(&mut entity)?,
            _ => {}
        }
        merge::number_rows(&self.schema, &structure, &mut entity);
        self.settle(set, &mut entity)?;
        self.stamp(&structure, &mut entity, false);
        self.store.update(&set.name, key, &entity)
    }

    /// A change that comes from within, spelt as in `b1s/v1`.
    pub(crate) fn update_from(
        &mut self,
        set: &str,
        key: &Key,
        body: Object,
        actor: Actor,
    ) -> Result<(), Refusal> {
        let set = self.set(set)?;
        let structure = self.structure(&set);
        let body = self.accept(body, &structure, super::Purpose::Update, super::Dialect::V1)?;
        self.update(&set, key, &body, Mode::Merge, actor)
    }

    pub(crate) fn delete(&mut self, set: &EntitySet, key: &Key) -> Result<(), Refusal> {
        self.find(&set.name, key)?;
        if !set.deletable {
            return Err(Refusal::not_for_this_object());
        }
        self.store.delete(&set.name, key)
    }
}

/// Removes what a client can write, except the key.
fn reset(structure: &StructType, set: &EntitySet, entity: &mut Object) {
    for property in structure.properties.iter().filter(|property| !property.read_only) {
        if set.key.contains(&property.name) {
            continue;
        }
        let empty = match property.kind {
            Kind::Collection(_) => Json::Array(Vec::new()),
            _ => Json::Null,
        };
        entity.set(&property.name, empty);
    }
}
