//! Updates of rows: which row is meant, and what happens to the others.

use crate::servicelayer::json::{Json, Object};
use crate::servicelayer::schema::{Kind, Schema, StructType};

/// What identifies a row within its collection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Identity {
    /// All of these together; none: rows cannot be addressed.
    pub(super) names: &'static [&'static str],
    /// The one the server numbers, and its first value.
    numbered: Option<(&'static str, i64)>,
}

pub(super) fn identity(row_type: &str) -> Identity {
    let (names, numbered): (&'static [&'static str], _) = match row_type {
        "DocumentLine" | "StockTransferLine" => (&["LineNum"], Some(("LineNum", 0))),
        "ProductionOrderLine" => (&["LineNumber"], Some(("LineNumber", 0))),
        "ProductTreeLine" => (&["ChildNum"], Some(("ChildNum", 0))),
        "SpecialPriceDataArea" | "SpecialPriceQuantityArea" => {
            (&["RowNumber"], Some(("RowNumber", 0)))
        }
        "BPAddress" => (&["BPCode", "AddressName", "AddressType", "RowNum"], Some(("RowNum", 0))),
        "ContactEmployee" => (&["InternalCode"], Some(("InternalCode", 1))),
        "ItemPrice" => (&["PriceList"], None),
        "ItemWarehouseInfo" => (&["WarehouseCode"], None),
        "ApprovalStageApprover" | "ApprovalTemplateUser" => (&["UserID"], None),
        "ApprovalTemplateStage" => (&["ApprovalStageCode"], None),
        "ApprovalTemplateDocument" => (&["DocumentType"], None),
        "ValidValueMD" => (&["Value"], None),
        own if own.starts_with('@') => (&["LineId"], Some(("LineId", 1))),
        _ => (&[], None),
    };
    Identity { names, numbered }
}

impl Identity {
    fn same(self, left: &Object, right: &Object) -> bool {
        !self.names.is_empty()
            && self.names.iter().all(|name| {
                let value = left.get(name);
                value.is_some_and(|value| !value.is_null()) && value == right.get(name)
            })
    }
}

/// Members sent replace those there were; rows follow [`rows`].
pub(super) fn merge(
    schema: &Schema,
    structure: &StructType,
    entity: &mut Object,
    changes: &Object,
    replace_rows: bool,
) {
    for (name, value) in changes.iter() {
        let kind = structure.property(name).map(|property| &property.kind);
        match (kind, value) {
            (Some(Kind::Collection(row_type)), Json::Array(sent)) => {
                let old = match entity.remove(name) {
                    Some(Json::Array(rows)) => rows,
                    _ => Vec::new(),
                };
                let row_type = schema.row_type(row_type);
                entity.set(name, Json::Array(rows(schema, &row_type, old, sent, replace_rows)));
            }
            (Some(Kind::Structure), Json::Object(members)) => {
                let mut whole = match entity.remove(name) {
                    Some(Json::Object(whole)) => whole,
                    _ => Object::default(),
                };
                for (member, value) in members.iter() {
                    whole.set(member, value.clone());
                }
                entity.set(name, whole);
            }
            _ => entity.set(name, value.clone()),
        }
    }
}

/// A row with the identity of an old one updates it, any other is added. Old rows that were not
/// sent stay, unless `replace`.
fn rows(
    schema: &Schema,
    row_type: &StructType,
    mut old: Vec<Json>,
    sent: &[Json],
    replace: bool,
) -> Vec<Json> {
    let identity = identity(&row_type.name);
    let mut touched = vec![false; old.len()];
    for row in sent.iter().filter_map(Json::as_object) {
        let known = old.iter_mut().zip(&mut touched).find_map(|(old, touched)| match old {
            Json::Object(old) if identity.same(old, row) => Some((old, touched)),
            _ => None,
        });
        if let Some((known, touched)) = known {
            *touched = true;
            merge(schema, row_type, known, row, replace);
        } else {
            let mut added = row.clone();
            if let Some((number, _)) = identity.numbered {
                added.remove(number);
            }
            old.push(added.into());
            touched.push(true);
        }
    }
    if replace {
        let mut touched = touched.into_iter();
        old.retain(|_| touched.next().unwrap_or(true));
    }
    old
}

/// Forgets the numbers a client gave to the rows of a new entity: the server counts.
pub(super) fn forget_numbers(structure: &StructType, entity: &mut Object) {
    for property in &structure.properties {
        if let Kind::Collection(row_type) = &property.kind
            && let Some((number, _)) = identity(row_type).numbered
        {
            for row in entity.rows_mut(&property.name) {
                row.remove(number);
            }
        }
    }
}

/// Numbers the rows that have no number yet, at every level.
pub(super) fn number_rows(schema: &Schema, structure: &StructType, entity: &mut Object) {
    for property in &structure.properties {
        let Kind::Collection(row_type) = &property.kind else { continue };
        let row_type = schema.row_type(row_type);
        if let Some((name, first)) = identity(&row_type.name).numbered {
            let highest = entity.rows(&property.name).filter_map(|row| row.int(name)).max();
            let mut next = highest.map_or(first, |highest| highest.saturating_add(1));
            for row in entity.rows_mut(&property.name) {
                if row.int(name).is_none() {
                    row.set(name, next);
                    next = next.saturating_add(1);
                }
            }
        }
        for row in entity.rows_mut(&property.name) {
            number_rows(schema, &row_type, row);
        }
    }
}
