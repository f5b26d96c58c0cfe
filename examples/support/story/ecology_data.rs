use erplink_sandbox::Sandbox;
use serde_json::json;

use super::ecology::requests;
use super::{Arrived, Scenario, Story};
use crate::Failure;

pub(super) const SCENARIO: Scenario = Scenario {
    name: "forms of Weaver OA in the ERP",
    covers: "S02",
    config: include_str!("../../config/ecology-data.toml"),
    begin,
};

struct Forms {
    orders: Vec<i64>,
    /// Those that were in the ERP before.
    others: usize,
    supplier: i64,
}

const SUPPLIER: &str = "V100";

fn begin(sandbox: &Sandbox) -> Result<Box<dyn Story>, Failure> {
    let oa = sandbox.ecology();
    let (buyer, workflow) = (oa.user_id("zhangsan")?, oa.workflow_id("销售订单")?);
    let order = |number: &str, quantity: &str| {
        let row = json!({"itemcode": "FG-001", "qty": quantity, "price": "199.90"});
        let form = json!({
            "cardcode": "C001", "numatcard": number, "docduedate": "2027-01-31", "detail1": [row],
        });
        oa.start_by_hand(workflow, &buyer, &form)
    };
    let supplier = json!({"cardcode": SUPPLIER, "cardname": "无锡供应商", "phone": "0510-1"});
    Ok(Box::new(Forms {
        orders: vec![order("PO-1", "3.5")?, order("PO-2", "0.125")?],
        others: sandbox.b1().list("Orders")?.len(),
        supplier: oa.start_by_hand(oa.workflow_id("供应商准入")?, &buyer, &supplier)?,
    }))
}

impl Story for Forms {
    fn people_act(&self, sandbox: &Sandbox) -> Result<(), Failure> {
        for request in requests(sandbox)? {
            request.decide(sandbox, true);
        }
        Ok(())
    }

    fn arrived(&self, sandbox: &Sandbox) -> Result<Vec<Arrived>, Failure> {
        for request in requests(sandbox)? {
            if request.result != "approved" {
                return Err(format!("{} is {}", request.title, request.result).into());
            }
        }
        let orders = sandbox.b1().list("Orders")?;
        let (found, wanted) = (orders.len(), self.others + self.orders.len());
        if found != wanted {
            return Err(format!("{found} sales orders, not {wanted}").into());
        }
        let mut arrived = Vec::new();
        for id in &self.orders {
            let order = orders.iter().find(|order| order["U_REQUESTID"] == *id.to_string());
            let order = order.ok_or_else(|| format!("no sales order has U_REQUESTID = {id}"))?;
            let place = format!("Orders({})", order["DocEntry"]);
            arrived.push(Arrived::new("oa-sales-orders", id, place));
        }
        let key = format!("'{SUPPLIER}'");
        sandbox.b1().get("BusinessPartners", &key)?;
        let place = format!("BusinessPartners({key})");
        arrived.push(Arrived::new("oa-suppliers", self.supplier, place));
        Ok(arrived)
    }
}
