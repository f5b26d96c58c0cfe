//! What a scanner sends: everything as text.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

/// A receipt from production, step by step as it is scanned.
#[derive(Debug, Clone)]
pub struct Receipt {
    at: DateTime<Utc>,
    order: String,
    quantity: String,
    warehouse: String,
    batches: Vec<Value>,
    backflush: Option<(String, Option<String>)>,
}

impl Receipt {
    pub(super) fn new(order: &str, quantity: &str, at: DateTime<Utc>) -> Self {
        Self {
            at,
            order: order.to_owned(),
            quantity: quantity.to_owned(),
            warehouse: String::new(),
            batches: Vec::new(),
            backflush: None,
        }
    }

    /// Into this warehouse.
    #[must_use]
    pub fn warehouse(mut self, code: &str) -> Self {
        code.clone_into(&mut self.warehouse);
        self
    }

    /// So much of it is this batch, in this bin; empty for no bin.
    #[must_use]
    pub fn batch(mut self, number: &str, quantity: &str, bin: &str) -> Self {
        self.batches.push(json!({
            "Quantity": quantity, "BatchNumber": number, "BinAbsEntry": bin,
            "AddmisionDate": self.day(),
        }));
        self
    }

    /// With a backflush (反冲发料) by these SQL texts.
    #[must_use]
    pub fn backflush(mut self, sql: &str, batch_sql: Option<&str>) -> Self {
        self.backflush = Some((sql.to_owned(), batch_sql.map(ToOwned::to_owned)));
        self
    }

    /// The body of the call.
    #[must_use]
    pub fn request(&self) -> Value {
        let managed = if self.batches.is_empty() { "N" } else { "Y" };
        let mut header = Map::new();
        header.insert("U_CZR".to_owned(), json!("CS01"));
        header.insert("U_CZSJ".to_owned(), json!(self.at.format("%Y-%m-%d %H:%M:%S").to_string()));
        header.insert("DocDate".to_owned(), json!(self.day()));
        header.insert("DocDueDate".to_owned(), json!(self.day()));
        header.insert("U_BFYY1".to_owned(), json!(""));
        header.insert("Inverted".to_owned(), json!("N"));
        if let Some((sql, batch_sql)) = &self.backflush {
            header.insert("Inverted".to_owned(), json!("Y"));
            header.insert("InvertedSql".to_owned(), json!(sql));
            header
                .insert("InvertedBathSql".to_owned(), json!(batch_sql.clone().unwrap_or_default()));
        }
        json!({
            "method": "InventoryGenEntry", "table": "OIGN", "operationtype": "A",
            "data": [{
                "BaseEntry": self.order, "BaseType": "202", "Quantity": self.quantity,
                "ManBtchNum": managed, "WarehouseCode": self.warehouse, "U_FJDSJ": "",
                "linetable": self.batches,
            }],
            "MainTable": header,
        })
    }

    fn day(&self) -> String {
        self.at.format("%Y%m%d").to_string()
    }
}
