use erplink_sandbox::Sandbox;
use serde_json::{Value, json};

use super::dingtalk::{forms, only_form};
use super::draft_approval::no_others;
use super::{Arrived, Scenario, Story, expect};
use crate::Failure;

pub(super) const BY_FLAG: Scenario = Scenario {
    name: "documents by flag to DingTalk",
    covers: "S13 S14 S15 S16",
    config: include_str!("../../config/dingtalk-document-approval.toml"),
    begin,
};

/// The documents say themselves who starts the form.
pub(super) const BY_SQL: Scenario = Scenario {
    name: "documents by SQL to DingTalk",
    covers: "S13 S14 S15 S16",
    config: include_str!("../../config/dingtalk-sql-approval.toml"),
    begin,
};

/// The same by free SQL.
pub(super) const BY_DI_API: Scenario = Scenario {
    name: "documents by the DI API to DingTalk",
    covers: "S13 S14 S15 S16",
    config: include_str!("../../config/dingtalk-sql-diapi.toml"),
    begin,
};

struct Documents {
    /// Their keys; every second one is refused.
    orders: Vec<String>,
    /// Keys of the drafts of goods issues and of their requests; all are approved.
    issues: Vec<(String, i64)>,
    order_form: String,
    issue_form: String,
}

/// A document with the DingTalk user id and department (部门) of who made it.
fn by_the_manager(mut document: Value) -> Value {
    document["U_UserID"] = "manager4974".into();
    document["U_BMID"] = "417223049".into();
    document
}

fn begin(sandbox: &Sandbox) -> Result<Box<dyn Story>, Failure> {
    let erp = sandbox.b1();
    for quantity in ["30", "0.25"] {
        let line = json!({"ItemCode": "RM-003", "Quantity": quantity, "UnitPrice": "1.1"});
        erp.create("PurchaseOrders", &json!({"CardCode": "V001", "DocumentLines": [line]}))?;
    }
    let orders = erp.list("PurchaseOrders")?;
    for order in &orders {
        let key = order["DocEntry"].to_string();
        erp.edit("PurchaseOrders", &key, &by_the_manager(json!({})))?;
    }
    let line = json!({"ItemCode": "RM-001", "Quantity": 2, "WarehouseCode": "01"});
    let issue = json!({"DocObjectCode": "60", "DocumentLines": [line]});
    let issue = erp.submit_draft(&by_the_manager(issue))?;
    Ok(Box::new(Documents {
        orders: orders.iter().map(|order| order["DocEntry"].to_string()).collect(),
        issues: vec![(issue.doc_entry.to_string(), issue.request_code)],
        order_form: sandbox.dingtalk().process_code("采购申请")?,
        issue_form: sandbox.dingtalk().process_code("库存发货")?,
    }))
}

impl Documents {
    fn approves(&self, order: &str) -> bool {
        self.orders.iter().position(|known| known == order).is_none_or(|index| index % 2 == 0)
    }

    /// The form is there once, and the document knows it.
    fn sent(&self, set: &str, key: &str, document: &Value, form: &str) -> Result<(), Failure> {
        expect(&format!("U_ISSYN of {set}({key})"), &document["U_ISSYN"], "Y")?;
        expect(&format!("U_instanceID of {set}({key})"), &document["U_instanceID"], form)
    }
}

impl Story for Documents {
    fn people_act(&self, sandbox: &Sandbox) -> Result<(), Failure> {
        for form in forms(sandbox)? {
            let order = form.process_code == self.order_form;
            form.decide(sandbox, !order || self.approves(&form.source))?;
        }
        Ok(())
    }

    fn arrived(&self, sandbox: &Sandbox) -> Result<Vec<Arrived>, Failure> {
        let (erp, forms) = (sandbox.b1(), forms(sandbox)?);
        let mut arrived = Vec::new();
        for key in &self.orders {
            let form = only_form(&forms, &self.order_form, key)?;
            let order = erp.get("PurchaseOrders", key)?;
            self.sent("PurchaseOrders", key, &order, &form.id)?;
            let result = if self.approves(key) { "Y" } else { "N" };
            expect(&format!("U_SUCCESS of order {key}"), &order["U_SUCCESS"], result)?;
            arrived.push(Arrived::new("purchase-orders", key, &form.id));
            let place = format!("PurchaseOrders({key})");
            arrived.push(Arrived::new("purchase-orders-decisions", &form.id, place));
        }
        for (key, request) in &self.issues {
            let form = only_form(&forms, &self.issue_form, key)?;
            self.sent("Drafts", key, &erp.get("Drafts", key)?, &form.id)?;
            let found = erp.get("ApprovalRequests", &request.to_string())?;
            expect(&format!("the state of request {request}"), &found["Status"], "arsApproved")?;
            arrived.push(Arrived::new("goods-issues", key, &form.id));
            let decided = format!("ApprovalRequests({request})");
            arrived.push(Arrived::new("goods-issues-decisions", &form.id, decided));
        }
        no_others(forms.len(), self.orders.len() + self.issues.len())?;
        Ok(arrived)
    }
}
