use chrono::NaiveDate;
use erplink_core::date::date;
use erplink_core::{Decimal, RawJson};
use erplink_sync::map::{CheckedMap, MappedField, at};
use erplink_sync::ports::Mapper;
use erplink_sync::{Document, Failure};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::b1::OrderNumber;

/// What of a production order (生产订单) goes to the MES.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OrderExport {
    /// The code of the work order (工单).
    pub code: String,
    /// Whether the order is cancelled in the ERP.
    pub is_cancelled: bool,
    /// The first day.
    pub start: NaiveDate,
    /// The last day.
    pub finish: NaiveDate,
    /// The product.
    pub product: String,
    /// How much of it.
    #[serde(with = "erplink_core::decimal")]
    pub amount: Decimal,
    /// What goes into it.
    pub components: Vec<Component>,
    /// What else comes out of it (联产品): components with a negative quantity.
    pub by_products: Vec<Component>,
    /// What a map of the site's own adds.
    pub more: Vec<MappedField>,
}

/// A component, or a by-product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Component {
    /// The number of the line.
    pub line: i64,
    /// The item.
    pub item: String,
    /// Of a component for one product, of a by-product in all.
    #[serde(with = "erplink_core::decimal")]
    pub amount: Decimal,
}

/// Reads production orders, and adds what a map of the site's own makes of them.
#[derive(Clone, Debug, Default)]
pub struct OrderMap {
    number: OrderNumber,
    more: CheckedMap,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Line {
    line_number: i64,
    #[serde(default)]
    item_no: Option<String>,
    #[serde(default)]
    item_type: Option<String>,
    /// Lines of text have none.
    #[serde(default)]
    base_quantity: Option<Exact>,
    #[serde(default)]
    planned_quantity: Option<Exact>,
}

impl OrderMap {
    /// Work orders have this number of the order as their code.
    #[must_use]
    pub fn new(number: OrderNumber) -> Self {
        Self { number, more: CheckedMap::default() }
    }

    /// Fills further members of the import call, such as `productionDepartmentCode`.
    #[must_use]
    pub fn more(mut self, more: CheckedMap) -> Self {
        self.more = more;
        self
    }

    fn export(&self, content: &RawJson) -> Result<OrderExport, Failure> {
        let lines: Vec<Line> = member(content, "ProductionOrderLines")?;
        // Resources (资源) and lines of text are no material.
        let is_item = |line: &Line| {
            line.item_type.as_deref().is_none_or(|kind| kind == "pit_Item")
                && line.item_no.as_ref().is_some_and(|item| !item.is_empty())
        };
        let (mut components, mut by_products) = (Vec::new(), Vec::new());
        for line in lines.into_iter().filter(is_item) {
            let Exact(for_one) = line.base_quantity.unwrap_or_default();
            let Exact(in_all) = line.planned_quantity.unwrap_or_default();
            let item = line.item_no.unwrap_or_default();
            let component = |amount: Decimal| Component {
                line: line.line_number,
                item,
                amount: amount.normalize(),
            };
            if for_one > Decimal::ZERO {
                components.push(component(for_one));
            } else if for_one < Decimal::ZERO {
                by_products.push(component(in_all.abs()));
            }
        }
        let status: String = member(content, "ProductionOrderStatus")?;
        let day = |name: &str| {
            let text: String = member(content, name)?;
            date(&text).map_err(|error| Failure::park(format!("the order's `{name}`: {error}")))
        };
        let Exact(amount) = member(content, "PlannedQuantity")?;
        Ok(OrderExport {
            code: member::<i64>(content, self.number.property())?.to_string(),
            is_cancelled: status == "boposCancelled",
            start: day("StartDate")?,
            finish: day("DueDate")?,
            product: member(content, "ItemNo")?,
            amount: amount.normalize(),
            components,
            by_products,
            more: self.more.apply(content)?.main,
        })
    }
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(transparent)]
struct Exact(#[serde(with = "erplink_core::decimal")] Decimal);

/// A member of the order, which has to be there.
fn member<T: DeserializeOwned>(content: &RawJson, name: &str) -> Result<T, Failure> {
    let value = at(&format!("Document.{name}"), content)?;
    let value = value.ok_or_else(|| Failure::park(format!("the order has no `{name}`")))?;
    value.get().map_err(|error| Failure::park(format!("the order's `{name}`: {error}")))
}

impl Mapper for OrderMap {
    fn map(&self, document: &Document) -> Result<RawJson, Failure> {
        RawJson::of(&self.export(&document.content)?).map_err(Failure::park)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn export(order: &str) -> Result<OrderExport, Failure> {
        let content = RawJson::parse(format!(r#"{{"Document":{order}}}"#)).unwrap();
        OrderMap::default().export(&content)
    }

    #[test]
    fn amounts_keep_their_digits_and_only_items_are_components() {
        let order = export(
            r#"{"AbsoluteEntry":71,"DocumentNumber":9,"ProductionOrderStatus":"boposReleased",
                "StartDate":"2022-11-21T00:00:00Z","DueDate":"2022-11-24","ItemNo":"101010001",
                "PlannedQuantity":0.1000000000000000000000001,"ProductionOrderLines":[
                {"LineNumber":0,"ItemNo":"YY017","ItemType":"pit_Item","BaseQuantity":0.25,"PlannedQuantity":25},
                {"LineNumber":1,"ItemNo":"R-1","ItemType":"pit_Resource","BaseQuantity":1,"PlannedQuantity":100},
                {"LineNumber":2,"ItemNo":null,"ItemType":"pit_Text","BaseQuantity":null},
                {"LineNumber":3,"ItemNo":"SCRAP","ItemType":"pit_Item","BaseQuantity":-0.5,"PlannedQuantity":-50},
                {"LineNumber":4,"ItemNo":"YY018","ItemType":"pit_Item","BaseQuantity":0,"PlannedQuantity":0}]}"#,
        )
        .unwrap();
        assert_eq!((order.code.as_str(), order.is_cancelled), ("71", false));
        assert_eq!(order.amount.to_string(), "0.1000000000000000000000001");
        assert_eq!(order.start.to_string(), "2022-11-21");
        assert_eq!(order.finish.to_string(), "2022-11-24");
        let of = |rows: &[Component]| {
            rows.iter().map(|one| format!("{} {} {}", one.line, one.item, one.amount)).collect()
        };
        let (components, by_products): (Vec<_>, Vec<_>) =
            (of(&order.components), of(&order.by_products));
        assert_eq!(components, ["0 YY017 0.25"]);
        assert_eq!(by_products, ["3 SCRAP 50"]);
    }

    #[test]
    fn what_is_missing_is_named() {
        let error = export(r#"{"AbsoluteEntry":71,"ProductionOrderLines":[]}"#).unwrap_err();
        assert!(error.message().contains("`ProductionOrderStatus`"), "{error}");
        let error = export(
            r#"{"AbsoluteEntry":71,"ProductionOrderLines":[],"ProductionOrderStatus":"boposReleased",
                "StartDate":"soon","PlannedQuantity":1}"#,
        );
        let error = error.unwrap_err();
        assert!(error.message().contains("`StartDate`"), "{error}");
    }
}
