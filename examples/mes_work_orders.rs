//! Production orders (生产订单) of the ERP become work orders (工单) of the Blacklake MES (黑湖).
//!
//! ```console
//! cargo run --example mes_work_orders      # all in the sandbox
//! ```
//!
//! Orders that are released or cancelled and whose `U_SyncStatus` is not `Y` are created, changed or
//! closed in the MES, then marked. A procedure of the ERP takes the mark away when people change an
//! order; and an edit that falls between our read and our mark is not hidden either, because the order
//! is read again before the mark and once more after it.
//!
//! Against your own systems, without code: `examples/config/mes-work-orders.toml`.

use erplink::b1::{MarkOrder, UnsyncedDocuments};
use erplink::mes::{ExportOrder, OrderMap};
use erplink_examples::{Factory, Failure, Table};
use erplink_sync::Flow;
use serde_json::json;

/// Those that the MES has to know of.
const STATES: &str =
    "(ProductionOrderStatus eq 'boposReleased' or ProductionOrderStatus eq 'boposCancelled')";

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let factory = Factory::open().await?;
    let runner = factory.runner(orders_to_mes(&factory))?;

    // A planner releases an order for 12.5 机箱.
    let erp = factory.erp();
    let order = json!({"ItemNo": "FG-001", "PlannedQuantity": "12.5"});
    let order = erp.create("ProductionOrders", &order)?["AbsoluteEntry"].to_string();
    let edit = |key: &str, change| erp.edit("ProductionOrders", key, &change);
    edit(&order, json!({"ProductionOrderStatus": "boposReleased"}))?;
    println!("{}", runner.run_once().await);

    // Later only 7 are wanted, a day later, and the first order is not wanted at all.
    edit(&order, json!({"PlannedQuantity": 7, "DueDate": "2031-05-06"}))?;
    edit(Factory::ORDER, json!({"ProductionOrderStatus": "boposCancelled"}))?;
    println!("{}", runner.run_once().await);

    report(&factory, &[(Factory::ORDER, "已关闭", "100"), (&order, "新建", "7")])
}

/// ERP → MES: read what is not marked, bring the MES in step, mark it.
fn orders_to_mes(factory: &Factory) -> Flow {
    let unmarked = ("U_SyncStatus", "N");
    // Orders from before the field existed have no status at all: they count as `N`.
    let orders = UnsyncedDocuments::new(
        factory.b1.clone(),
        "ProductionOrders",
        "AbsoluteEntry",
        unmarked,
        true,
    );
    let map = OrderMap::default();
    Flow::new(Factory::NAME, "mes-work-orders")
        .poll(orders.filter(STATES))
        .map(map.clone())
        .push(ExportOrder::new(factory.mes.client().clone()))
        .mark(MarkOrder::new(factory.b1.clone(), map))
        .again_when_offered()
}

/// Each order on both sides; an error if one is not as expected.
fn report(factory: &Factory, expected: &[(&str, &str, &str)]) -> Result<(), Failure> {
    let mut table = Table::new(["order", "in the ERP", "marked", "in the MES", "planned"]);
    let mut astray = factory.people().work_orders().len().abs_diff(expected.len());
    for (order, state, amount) in expected {
        let erp = factory.erp().get("ProductionOrders", order)?;
        let mes = factory.people().work_order(order)?;
        let planned = &mes["outputs"][0]["plannedAmount"]["amountDisplay"];
        let arrived =
            erp["U_SyncStatus"] == "Y" && mes["status"]["message"] == *state && *planned == *amount;
        astray += usize::from(!arrived);
        table.row([
            order,
            &erp["ProductionOrderStatus"],
            &erp["U_SyncStatus"],
            &mes["status"]["message"],
            planned,
        ]);
    }
    println!("{table}");
    match astray {
        0 => Ok(()),
        _ => Err(format!("{astray} orders are not where they should be").into()),
    }
}
