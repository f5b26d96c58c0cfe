use erplink_sandbox::Sandbox;
use serde_json::{Value, json};

use super::draft_approval::no_others;
use super::wecom::{forms, only_form};
use super::{Arrived, Scenario, Story, expect};
use crate::Failure;

pub(super) const SCENARIO: Scenario = Scenario {
    name: "drafts approved in WeCom",
    covers: "S40 S42 S43 S47 S48",
    config: include_str!("../../config/wecom-draft-approval.toml"),
    begin,
};

/// A draft that waits for approval.
struct Draft {
    flow: &'static str,
    template_id: String,
    entry: String,
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
    let line = json!({"ItemCode": "RM-003", "Quantity": "0.75", "WarehouseCode": "01"});
    let receipt = json!({"DocObjectCode": "59", "DocumentLines": [line]});
    let submit = |document: &Value, approve: bool| {
        let (flow, template) = match document["DocObjectCode"].as_str() {
            Some("59") => ("goods-receipts", "库存收货草稿审批"),
            _ => ("purchase-requests", "采购申请草稿审批"),
        };
        let submitted = sandbox.b1().submit_draft(document)?;
        let template_id = sandbox.wecom().template_id(template)?;
        let (entry, request) = (submitted.doc_entry.to_string(), submitted.request_code);
        Ok::<_, Failure>(Draft { flow, template_id, entry, request, approve })
    };
    Ok(Box::new(Drafts(vec![
        submit(&purchase("RM-001", "12.5"), true)?,
        submit(&purchase("RM-002", "2000"), false)?,
        submit(&receipt, true)?,
    ])))
}

impl Story for Drafts {
    fn people_act(&self, sandbox: &Sandbox) -> Result<(), Failure> {
        for form in forms(sandbox)? {
            let draft = self.0.iter().find(|draft| draft.entry == form.source);
            form.decide(sandbox, draft.is_some_and(|draft| draft.approve))?;
        }
        Ok(())
    }

    fn arrived(&self, sandbox: &Sandbox) -> Result<Vec<Arrived>, Failure> {
        let (erp, forms) = (sandbox.b1(), forms(sandbox)?);
        let mut arrived = Vec::new();
        for one in &self.0 {
            let form = only_form(&forms, &one.template_id, &one.entry)?;
            let (status, result) =
                if one.approve { ("arsApproved", "Y") } else { ("arsNotApproved", "N") };
            let request = one.request.to_string();
            let found = erp.get("ApprovalRequests", &request)?;
            expect(&format!("the state of request {request}"), &found["Status"], status)?;
            let draft = erp.get("Drafts", &one.entry)?;
            expect("the draft's U_SyncStatus", &draft["U_SyncStatus"], "Y")?;
            expect("the draft's U_SUCCESS", &draft["U_SUCCESS"], result)?;
            if one.flow == "purchase-requests" {
                expect("the draft's U_SPNO", &draft["U_SPNO"], &form.sp_no)?;
                expect("the draft's U_REQUESTID", &draft["U_REQUESTID"], &form.sp_no)?;
            }
            arrived.push(Arrived::new(one.flow, &request, &form.sp_no));
            let decisions = format!("{}-decisions", one.flow);
            let decided = format!("ApprovalRequests({request})");
            arrived.push(Arrived::new(&decisions, form.end(one.approve), decided));
        }
        no_others(forms.len(), self.0.len())?;
        Ok(arrived)
    }
}
