use erplink_sandbox::Sandbox;
use serde_json::{Value, json};

use super::dingtalk::{forms, only_form};
use super::{Arrived, Scenario, Story, expect};
use crate::Failure;

pub(super) const SCENARIO: Scenario = Scenario {
    name: "drafts approved in DingTalk",
    covers: "S10 S11 S17",
    config: include_str!("../../config/dingtalk-draft-approval.toml"),
    begin,
};

/// Decisions come over a connection that the flows open.
pub(super) const BY_STREAM: Scenario = Scenario {
    name: "drafts approved in DingTalk, decisions by Stream",
    config: include_str!("../../config/dingtalk-stream-approval.toml"),
    ..SCENARIO
};

/// A draft that waits for approval.
struct Draft {
    flow: &'static str,
    set: &'static str,
    process_code: String,
    entry: i64,
    request: i64,
    approve: bool,
}

struct Drafts(Vec<Draft>);

fn begin(sandbox: &Sandbox) -> Result<Box<dyn Story>, Failure> {
    let purchase = |item: &str, quantity: &str| {
        json!({
            "DocObjectCode": "1470000113", "RequriedDate": "2026-12-31", "Comments": "补充安全库存",
            "DocumentLines": [{"ItemCode": item, "Quantity": quantity, "LineVendor": "V001"}],
        })
    };
    let transfer = json!({
        "FromWarehouse": "01", "ToWarehouse": "02",
        "StockTransferLines": [{
            "ItemCode": "RM-001", "Quantity": 4,
            "FromWarehouseCode": "01", "WarehouseCode": "02",
        }],
    });
    let submit = |document: &Value, approve: bool| {
        let is_transfer = document.get("StockTransferLines").is_some();
        let (flow, set, form) = if is_transfer {
            ("transfers", "StockTransferDrafts", "库存转储")
        } else {
            ("purchase-requests", "Drafts", "采购申请")
        };
        let submitted = sandbox.b1().submit_draft(document)?;
        let process_code = sandbox.dingtalk().process_code(form)?;
        let (entry, request) = (submitted.doc_entry, submitted.request_code);
        Ok::<_, Failure>(Draft { flow, set, process_code, entry, request, approve })
    };
    Ok(Box::new(Drafts(vec![
        submit(&purchase("RM-001", "12.5"), true)?,
        submit(&purchase("RM-002", "2000"), false)?,
        submit(&transfer, true)?,
    ])))
}

impl Story for Drafts {
    fn people_act(&self, sandbox: &Sandbox) -> Result<(), Failure> {
        for form in forms(sandbox)? {
            let draft = self.0.iter().find(|draft| draft.request.to_string() == form.source);
            form.decide(sandbox, draft.is_some_and(|draft| draft.approve))?;
        }
        Ok(())
    }

    fn arrived(&self, sandbox: &Sandbox) -> Result<Vec<Arrived>, Failure> {
        let (erp, forms) = (sandbox.b1(), forms(sandbox)?);
        let mut arrived = Vec::new();
        for one in &self.0 {
            let request = one.request.to_string();
            let form = only_form(&forms, &one.process_code, &request)?;
            let (status, words) = if one.approve {
                ("arsApproved", "已同意")
            } else {
                ("arsNotApproved", "已拒绝")
            };
            let found = erp.get("ApprovalRequests", &request)?;
            expect(&format!("the state of request {request}"), &found["Status"], status)?;
            let draft = erp.get(one.set, &one.entry.to_string())?;
            expect("the draft's U_instanceID", &draft["U_instanceID"], &form.id)?;
            expect("the draft's U_ApprovalStatus", &draft["U_ApprovalStatus"], words)?;
            arrived.push(Arrived::new(one.flow, &request, &form.id));
            let decisions = format!("{}-decisions", one.flow);
            let decided = format!("ApprovalRequests({request})");
            arrived.push(Arrived::new(&decisions, &form.id, decided));
        }
        no_others(forms.len(), self.0.len())?;
        Ok(arrived)
    }
}

/// Nothing is on the platform that no document asked for.
pub(super) fn no_others(forms: usize, documents: usize) -> Result<(), Failure> {
    if forms == documents {
        return Ok(());
    }
    Err(format!("{forms} forms for {documents} documents").into())
}
