use erplink_sandbox::Sandbox;
use serde_json::{Value, json};

use super::draft_approval::no_others;
use super::wecom::{Form, forms, only_form};
use super::{Arrived, Scenario, Story, expect};
use crate::Failure;

pub(super) const SCENARIO: Scenario = Scenario {
    name: "documents by flag to WeCom",
    covers: "S41 S44 S45 S46",
    config: include_str!("../../config/wecom-document-approval.toml"),
    begin,
};

/// A document that has to go to WeCom.
struct Document {
    flow: &'static str,
    set: &'static str,
    template_id: String,
    entry: String,
    number: String,
    approve: bool,
}

struct Documents(Vec<Document>);

fn begin(sandbox: &Sandbox) -> Result<Box<dyn Story>, Failure> {
    let erp = sandbox.b1();
    for quantity in ["40", "1.5"] {
        let line = json!({"ItemCode": "RM-002", "Quantity": quantity});
        let request = json!({
            "RequriedDate": "2026-12-31", "Comments": "订单备料", "DocumentLines": [line],
        });
        erp.create("PurchaseRequests", &request)?;
    }
    let line = json!({"ItemCode": "RM-003", "Quantity": "0.25", "UnitPrice": "4.4"});
    erp.create("PurchaseOrders", &json!({"CardCode": "V001", "DocumentLines": [line]}))?;
    let mut documents = Vec::new();
    for (flow, set, template) in [
        ("purchase-requests", "PurchaseRequests", "采购申请审批"),
        ("purchase-orders", "PurchaseOrders", "采购订单审批"),
    ] {
        let template_id = sandbox.wecom().template_id(template)?;
        for (index, found) in erp.list(set)?.iter().enumerate() {
            documents.push(Document {
                flow,
                set,
                template_id: template_id.clone(),
                entry: found["DocEntry"].to_string(),
                number: found["DocNum"].to_string(),
                approve: index % 2 == 0,
            });
        }
    }
    Ok(Box::new(Documents(documents)))
}

impl Document {
    /// The document knows that it was sent, and how it was decided.
    fn check(&self, found: &Value, form: &Form) -> Result<(), Failure> {
        let result = if self.approve { "Y" } else { "N" };
        let (synced, success) = match self.set {
            "PurchaseRequests" => ("U_SyncStatus", "U_Status"),
            _ => {
                expect(&format!("U_SPNO of order {}", self.entry), &found["U_SPNO"], &form.sp_no)?;
                ("U_ISSYN", "U_SUCCESS")
            }
        };
        let of = |field: &str| format!("{field} of {}({})", self.set, self.entry);
        expect(&of(synced), &found[synced], "Y")?;
        expect(&of(success), &found[success], result)
    }
}

impl Story for Documents {
    fn people_act(&self, sandbox: &Sandbox) -> Result<(), Failure> {
        for form in forms(sandbox)? {
            let ours =
                |one: &&Document| one.template_id == form.template_id && one.number == form.source;
            let document = self.0.iter().find(ours);
            form.decide(sandbox, document.is_some_and(|one| one.approve))?;
        }
        Ok(())
    }

    fn arrived(&self, sandbox: &Sandbox) -> Result<Vec<Arrived>, Failure> {
        let (erp, forms) = (sandbox.b1(), forms(sandbox)?);
        let mut arrived = Vec::new();
        for one in &self.0 {
            let form = only_form(&forms, &one.template_id, &one.number)?;
            one.check(&erp.get(one.set, &one.entry)?, form)?;
            arrived.push(Arrived::new(one.flow, &one.entry, &form.sp_no));
            let decisions = format!("{}-decisions", one.flow);
            let place = format!("{}({})", one.set, one.entry);
            arrived.push(Arrived::new(&decisions, form.end(one.approve), place));
        }
        no_others(forms.len(), self.0.len())?;
        Ok(arrived)
    }
}
