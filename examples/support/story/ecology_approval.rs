use erplink_sandbox::Sandbox;
use serde_json::json;

use super::ecology::{Request, requests};
use super::{Arrived, Scenario, Story, expect};
use crate::Failure;

pub(super) const SCENARIO: Scenario = Scenario {
    name: "documents approved in Weaver OA",
    covers: "S03 S04 S05 S06 S08 S09",
    config: include_str!("../../config/ecology-approval.toml"),
    begin,
};

struct Document {
    flow: &'static str,
    set: &'static str,
    workflow: i64,
    key: String,
    /// The approval request of a draft.
    approval: Option<i64>,
    approve: bool,
}

struct Documents(Vec<Document>);

fn begin(sandbox: &Sandbox) -> Result<Box<dyn Story>, Failure> {
    let (erp, oa) = (sandbox.b1(), sandbox.ecology());
    let mut documents = Vec::new();
    for (item, quantity, approve) in [("RM-001", "12.5", true), ("RM-002", "2000", false)] {
        let submitted = erp.submit_draft(&json!({
            "DocObjectCode": "1470000113", "RequriedDate": "2026-12-31", "Comments": "补充安全库存",
            "DocumentLines": [{"ItemCode": item, "Quantity": quantity, "LineVendor": "V001"}],
        }))?;
        documents.push(Document {
            flow: "oa-purchase-requests",
            set: "Drafts",
            workflow: oa.workflow_id("采购申请")?,
            key: submitted.doc_entry.to_string(),
            approval: Some(submitted.request_code),
            approve,
        });
    }
    let submitted = erp.submit_draft(&json!({
        "FromWarehouse": "01", "ToWarehouse": "02",
        "StockTransferLines": [{
            "ItemCode": "RM-001", "Quantity": 4,
            "FromWarehouseCode": "01", "WarehouseCode": "02",
        }],
    }))?;
    documents.push(Document {
        flow: "oa-transfers",
        set: "StockTransferDrafts",
        workflow: oa.workflow_id("库存转储")?,
        key: submitted.doc_entry.to_string(),
        approval: Some(submitted.request_code),
        approve: true,
    });
    let line = json!({"ItemCode": "RM-003", "Quantity": "0.25", "UnitPrice": "1.1"});
    erp.create("PurchaseOrders", &json!({"CardCode": "V001", "DocumentLines": [line]}))?;
    for (index, order) in erp.list("PurchaseOrders")?.iter().enumerate() {
        documents.push(Document {
            flow: "oa-purchase-orders",
            set: "PurchaseOrders",
            workflow: oa.workflow_id("采购订单")?,
            key: order["DocEntry"].to_string(),
            approval: None,
            approve: index % 2 == 0,
        });
    }
    Ok(Box::new(Documents(documents)))
}

impl Document {
    fn is_about(&self, request: &Request) -> bool {
        self.workflow == request.workflow && self.key == request.source
    }

    fn arrived(&self, sandbox: &Sandbox, requests: &[Request]) -> Result<[Arrived; 2], Failure> {
        let Self { flow, set, key, .. } = self;
        let found: Vec<_> = requests.iter().filter(|one| self.is_about(one)).collect();
        let [request] = found.as_slice() else {
            return Err(format!("{set}({key}) has {} requests in the OA", found.len()).into());
        };
        let (result, word) =
            if self.approve { ("approved", "approved") } else { ("returned", "rejected") };
        if request.result != result {
            return Err(format!("{} is {}, not {result}", request.title, request.result).into());
        }
        let document = sandbox.b1().get(set, key)?;
        expect("U_ISSYN", &document["U_ISSYN"], "Y")?;
        expect("U_REQUESTID", &document["U_REQUESTID"], &request.id.to_string())?;
        let decided = match self.approval {
            Some(code) => {
                let status = if self.approve { "arsApproved" } else { "arsNotApproved" };
                let approval = sandbox.b1().get("ApprovalRequests", &code.to_string())?;
                expect(&format!("request {code}"), &approval["Status"], status)?;
                format!("ApprovalRequests({code})")
            }
            None => {
                let flag = if self.approve { "Y" } else { "N" };
                expect("U_SUCCESS", &document["U_SUCCESS"], flag)?;
                format!("{set}({key})")
            }
        };
        let event = format!("{}:{word}", request.id);
        Ok([
            Arrived::new(flow, key, request.id),
            Arrived::new(&format!("{flow}-decisions"), event, decided),
        ])
    }
}

impl Story for Documents {
    fn people_act(&self, sandbox: &Sandbox) -> Result<(), Failure> {
        for request in requests(sandbox)? {
            let document = self.0.iter().find(|one| one.is_about(&request));
            request.decide(sandbox, document.is_some_and(|one| one.approve));
        }
        Ok(())
    }

    fn arrived(&self, sandbox: &Sandbox) -> Result<Vec<Arrived>, Failure> {
        let requests = requests(sandbox)?;
        if requests.len() != self.0.len() {
            let (found, known) = (requests.len(), self.0.len());
            return Err(format!("{found} requests in the OA for {known} documents").into());
        }
        let arrived = self.0.iter().map(|one| one.arrived(sandbox, &requests));
        let arrived: Vec<_> = arrived.collect::<Result<_, _>>()?;
        Ok(arrived.into_iter().flatten().collect())
    }
}
