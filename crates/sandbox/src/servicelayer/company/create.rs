//! New entities.

use super::{Actor, Company, merge};
use crate::servicelayer::json::Object;
use crate::servicelayer::key::Key;
use crate::servicelayer::refusal::Refusal;
use crate::servicelayer::schema::{EntitySet, Kind, Numbering, StructType};

impl Company {
    /// Stores a new entity whose members were accepted, and does what follows from it.
    pub(crate) fn create(
        &mut self,
        set: &EntitySet,
        mut entity: Object,
        actor: Actor,
    ) -> Result<Key, Refusal> {
        if set.name == "ApprovalRequests" {
            // Only the approval procedure makes them.
            return Err(Refusal::not_for_this_object());
        }
        let structure = self.structure(set);
        if set.name == "UserTablesMD" || set.name == "UserFieldsMD" {
            self.prepare_user_definition(&mut entity)?;
        }
        let key = self.number(set, &mut entity)?;
        merge::forget_numbers(&structure, &mut entity);
        self.fill_defaults(set, &mut entity, actor);
        self.fill_field_defaults(&structure, &mut entity);
        if set.is_document() || set.is_transfer() {
            self.draw_from_bases(set, &mut entity)?;
        }
        match set.name.as_str() {
            "ProductionOrders" => self.complete_production_order(&mut entity)?,
            "ProductTrees" => self.complete_product_tree(&mut entity)?,
            "SpecialPrices" => self.complete_special_price(&mut entity)?,
            "SQLQueries" => self.complete_stored_query(&mut entity)?,
            "JournalEntries" => self.complete_journal_entry(&mut entity),
            _ => {}
        }
        merge::number_rows(&self.schema, &structure, &mut entity);
        self.settle(set, &mut entity)?;
        self.stamp(&structure, &mut entity, true);
        self.store.insert(&set.name, &key, &entity)?;
        match set.name.as_str() {
            "InventoryGenEntries" | "InventoryGenExits" => self.book_production(set, &entity)?,
            "UserFieldsMD" | "UserTablesMD" | "UserObjectsMD" => {
                self.register_user_definition(set, &entity)?;
            }
            _ => {}
        }
        Ok(key)
    }

    /// The same for an entity that comes from within, spelt as in `b1s/v1`.
    pub(crate) fn create_from(
        &mut self,
        set: &str,
        body: Object,
        actor: Actor,
    ) -> Result<Key, Refusal> {
        let set = self.set(set)?;
        let structure = self.structure(&set);
        let body = self.accept(body, &structure, super::Purpose::Create, super::Dialect::V1)?;
        self.create(&set, body, actor)
    }

    fn number(&self, set: &EntitySet, entity: &mut Object) -> Result<Key, Refusal> {
        if let (Numbering::From(first), Some(name)) = (set.numbering, self.numbered_key(set)) {
            let scope = entity.text("TableName").filter(|_| set.name == "UserFieldsMD");
            // All drafts are rows of one table.
            let of = if set.is_drafts() { "Drafts" } else { &set.name };
            let counter = format!("{of}{}", scope.unwrap_or_default());
            entity.set(&name, self.store.next(&counter, first)?);
        }
        Key::of(entity, set).ok_or_else(|| {
            let message = format!("{} needs a value for {}", set.name, set.key.join(" and "));
            Refusal::inconsistent(message)
        })
    }

    /// The part of the key that the server counts.
    fn numbered_key(&self, set: &EntitySet) -> Option<String> {
        let structure = self.structure(set);
        let is_int = |name: &&String| {
            structure.property(name).is_some_and(|property| property.kind == Kind::Int)
        };
        set.key.iter().find(is_int).cloned()
    }

    /// Notes when the entity was created or changed, in the members its type has for that.
    pub(super) fn stamp(&self, structure: &StructType, entity: &mut Object, new: bool) {
        let (today, time) = (self.today(), self.time_of_day());
        let mut stamp = |name: &str, value: &str| {
            if structure.has(name) {
                entity.set(name, value);
            }
        };
        if new {
            stamp("CreateDate", &today);
            stamp("CreateTime", &time);
            stamp("CreationDate", &today);
            stamp("CreationTime", &time);
            stamp("DocTime", &time);
        }
        stamp("UpdateDate", &today);
        stamp("UpdateTime", &time);
    }
}
