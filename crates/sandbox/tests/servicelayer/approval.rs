//! Drafts, requests, decisions.

use erplink_sandbox::Sandbox;
use erplink_sandbox::servicelayer::{ApprovalAnswer, Options};
use serde_json::{Value, json};

use crate::support::{Client, logged_in, v1};

const REQUESTER: (&str, &str) = ("S-ERP\\ZS", "Zhang-1234");

fn request() -> Value {
    json!({
        "RequriedDate": "2023-10-20", "Requester": "A001", "Comments": "急用",
        "DocumentLines": [{"ItemCode": "RM-001", "Quantity": 55, "RequiredDate": "2023-10-20"}],
    })
}

fn decision(status: &str) -> Value {
    json!({"ApprovalRequestDecisions": [{"Status": status, "Remarks": "同意"}]})
}

async fn requester(sandbox: &Sandbox) -> Client {
    let mut client = Client::new(&sandbox.b1().root_url(), "v1");
    client.log_in_as(REQUESTER.0, REQUESTER.1).await.expect(200);
    client
}

#[tokio::test]
async fn a_draft_is_approved_and_becomes_a_document() {
    let (sandbox, client) = v1().await;
    let made = sandbox.b1().submit_draft(&request()).unwrap();
    assert_eq!((made.doc_entry, made.request_code), (1, 1));

    let path = "ApprovalRequests?$filter=ObjectType eq '1470000113' and Status eq 'arsPending'";
    let rows = client.get(path).await.expect(200).json()["value"].clone();
    let row = &rows[0];
    assert_eq!((&row["Code"], &row["DraftEntry"]), (&json!(1), &json!(1)));
    assert_eq!((&row["OriginatorID"], &row["DraftType"]), (&json!(2), &json!("112")));
    assert_eq!(row["ApprovalRequestLines"][0]["UserID"], 1);
    let draft = client.get("Drafts(1)").await.json();
    assert_eq!(draft["AuthorizationStatus"], "dasPending");
    assert_eq!(draft["DocObjectCode"], "oPurchaseRequest");
    assert_eq!((&draft["U_SyncStatus"], &draft["U_REQUESTID"]), (&json!("N"), &Value::Null));
    let unsynced = "Drafts?$filter=DocObjectCode eq '1470000113' and \
                    (U_ISSYN eq 'N' or U_ISSYN eq null)&$select=DocEntry";
    assert_eq!(client.list(unsynced, "DocEntry").await, [1]);

    let save = json!({"Document": {"DocEntry": "1"}});
    let service = "DraftsService_SaveDraftToDocument";
    client.post(service, save.clone()).await.refused(400, -10);
    client.patch("ApprovalRequests(1)", decision("ardApproved")).await.expect(204);
    let request = client.get("ApprovalRequests(1)").await.json();
    assert_eq!(request["Status"], "arsApproved");
    assert_eq!(request["ApprovalRequestLines"][0]["Status"], "ardApproved");
    assert_eq!(request["ApprovalRequestLines"][0]["Remarks"], "同意");
    assert_eq!(client.get("Drafts(1)").await.json()["AuthorizationStatus"], "dasApproved");
    client.patch("ApprovalRequests(1)", decision("ardApproved")).await.refused(400, -5006);

    client.post(service, save.clone()).await.expect(204);
    let request = client.get("ApprovalRequests(1)").await.json();
    assert_eq!((&request["Status"], &request["ObjectEntry"]), (&json!("arsGenerated"), &json!(1)));
    let document = client.get("PurchaseRequests(1)").await.expect(200).json();
    assert_eq!(document["DocumentLines"][0]["Quantity"], 55.0);
    assert_eq!((&document["Comments"], &document["UserSign"]), (&json!("急用"), &json!(2)));
    client.post(service, save).await.refused(400, -5006);
}

#[tokio::test]
async fn a_refused_draft_stays_a_draft() {
    let (sandbox, client) = v1().await;
    sandbox.b1().submit_draft(&request()).unwrap();
    client.patch("ApprovalRequests(1)", decision("ardNotApproved")).await.expect(204);
    assert_eq!(sandbox.b1().get("ApprovalRequests", "1").unwrap()["Status"], "arsNotApproved");
    assert_eq!(sandbox.b1().get("Drafts", "1").unwrap()["AuthorizationStatus"], "dasRejected");
    sandbox.b1().configure(|options| options.decided_twice_code = -10);
    client.patch("ApprovalRequests(1)", decision("ardApproved")).await.refused(400, -10);
    let save = json!({"Document": {"DocEntry": 1}});
    client.post("DraftsService_SaveDraftToDocument", save).await.refused(400, -10);
    assert_eq!(client.list("PurchaseRequests", "DocEntry").await.len(), 0);
}

#[tokio::test]
async fn only_an_approver_of_the_stage_decides() {
    let (sandbox, client) = v1().await;
    sandbox.b1().submit_draft(&request()).unwrap();
    let other = requester(&sandbox).await;
    other.patch("ApprovalRequests(1)", decision("ardApproved")).await.refused(403, -6006);
    let named = |password: &str| {
        json!({"ApprovalRequestDecisions": [{
            "Status": "ardApproved", "ApproverUserName": "S-ERP\\LLB", "ApproverPassword": password,
        }]})
    };
    other.patch("ApprovalRequests(1)", named("wrong")).await.refused(403, -6006);
    client.patch("ApprovalRequests(1)", decision("arsApproved")).await.refused(400, 206);
    let ignored = json!({"Status": "arsApproved", "Remarks": "x", "CurrentStage": 9});
    client.patch("ApprovalRequests(1)", ignored).await.expect(204);
    assert_eq!(client.get("ApprovalRequests(1)").await.json()["Status"], "arsPending");
    other.patch("ApprovalRequests(1)", named(sandbox.b1().password())).await.expect(204);
    assert_eq!(client.get("ApprovalRequests(1)").await.json()["Status"], "arsApproved");
}

#[tokio::test]
async fn every_stage_needs_its_decisions() {
    let (sandbox, client) = v1().await;
    let stage = json!({
        "Name": "二级审批", "NoOfApproversRequired": 2,
        "ApprovalStageApprovers": [{"UserID": 1}, {"UserID": 3}],
    });
    client.post("ApprovalStages", stage).await.expect(201);
    let second = json!({"ApprovalTemplateStages": [{"SortID": 2, "ApprovalStageCode": 2}]});
    client.patch("ApprovalTemplates(1)", second).await.expect(204);
    sandbox.b1().submit_draft(&request()).unwrap();
    assert!(sandbox.b1().approve(1, "S-ERP\\WW").is_err(), "not his stage yet");
    sandbox.b1().approve(1, "S-ERP\\LLB").unwrap();
    let request = client.get("ApprovalRequests(1)").await.json();
    assert_eq!((&request["CurrentStage"], &request["Status"]), (&json!(2), &json!("arsPending")));
    assert_eq!(request["ApprovalRequestLines"].as_array().unwrap().len(), 3);
    sandbox.b1().approve(1, "S-ERP\\LLB").unwrap();
    assert!(sandbox.b1().approve(1, "S-ERP\\LLB").is_err(), "each approver decides once");
    assert_eq!(client.get("ApprovalRequests(1)").await.json()["Status"], "arsPending");
    sandbox.b1().approve(1, "S-ERP\\WW").unwrap();
    assert_eq!(client.get("ApprovalRequests(1)").await.json()["Status"], "arsApproved");
}

#[tokio::test]
async fn a_draft_changed_after_approval_needs_its_whole_body() {
    let (sandbox, client) = v1().await;
    sandbox.b1().submit_draft(&request()).unwrap();
    client.patch("Drafts(1)", json!({"U_ISSYN": "Y"})).await.expect(204);
    sandbox.b1().approve(1, sandbox.b1().user()).unwrap();
    client.patch("Drafts(1)", json!({"U_SUCCESS": "Y"})).await.expect(204);
    let service = "DraftsService_SaveDraftToDocument";
    let key_only = json!({"Document": {"DocEntry": 1}});
    client.post(service, key_only).await.refused(400, 234_000_127);
    let some = json!({"Document": {"DocEntry": 1, "DocDueDate": "2023-10-28"}});
    client.post(service, some).await.refused(400, 234_000_127);
    let whole = client.get("Drafts(1)").await.json();
    client.post(service, json!({"Document": whole})).await.expect(204);
    let document = client.get("PurchaseRequests(1)").await.expect(200).json();
    assert_eq!(document["DocumentLines"].as_array().unwrap().len(), 1);

    sandbox.b1().submit_draft(&request()).unwrap();
    sandbox.b1().approve(2, sandbox.b1().user()).unwrap();
    client.patch("Drafts(2)", json!({"U_SUCCESS": "Y"})).await.expect(204);
    sandbox.b1().configure(|options| options.changed_draft_needs_full_body = false);
    client.post(service, json!({"Document": {"DocEntry": 2}})).await.expect(204);
}

#[tokio::test]
async fn posting_under_a_template_makes_a_draft() {
    let (sandbox, _) = v1().await;
    let client = requester(&sandbox).await;
    let templates = json!({"Document": request()});
    let service = "PurchaseRequestService_GetApprovalTemplates";
    let asked = client.post(service, templates).await.expect(200).json();
    assert_eq!(asked["Document_ApprovalRequests"][0]["ApprovalTemplatesID"], 1);
    let made = client.post("PurchaseRequests", request()).await.expect(201);
    assert!(made.header("location").ends_with("/Drafts(1)"));
    assert_eq!(client.list("PurchaseRequests", "DocEntry").await.len(), 0);
    assert_eq!(client.list("ApprovalRequests", "DraftEntry").await, [1]);
}

#[tokio::test]
async fn some_builds_answer_the_diverted_post_with_an_error() {
    let options =
        Options { approval_answer: ApprovalAnswer::NoMatchingRecords, ..Options::default() };
    let (sandbox, _) = logged_in(options, "v1").await;
    let client = requester(&sandbox).await;
    client.post("PurchaseRequests", request()).await.refused(400, -2028);
    assert_eq!(client.list("Drafts", "DocEntry").await, [1], "the draft was saved all the same");
    assert_eq!(client.list("ApprovalRequests", "Status").await, ["arsPending"]);
}

#[tokio::test]
async fn requests_are_withdrawn_and_restored() {
    let (sandbox, client) = v1().await;
    sandbox.b1().submit_draft(&request()).unwrap();
    client.act("ApprovalRequests(1)/RestoreApprovalRequest").await.refused(400, -5006);
    client.act("ApprovalRequests(1)/CancelApprovalRequest").await.expect(204);
    assert_eq!(client.get("Drafts(1)").await.json()["AuthorizationStatus"], "dasCancelled");
    client.act("ApprovalRequests(1)/CancelApprovalRequest").await.refused(400, -5006);
    client.act("ApprovalRequests(1)/RestoreApprovalRequest").await.expect(204);
    assert_eq!(client.get("ApprovalRequests(1)").await.json()["Status"], "arsPending");
    let open = client.act("ApprovalRequestsService_GetOpenApprovalRequestList").await.json();
    assert_eq!(open["value"], json!([{"Code": 1, "Remarks": null, "Status": "arsPending"}]));
}

#[tokio::test]
async fn a_plain_draft_becomes_a_document_or_asks_for_approval() {
    let (sandbox, client) = v1().await;
    let service = "DraftsService_SaveDraftToDocument";
    let save = |entry: i64| json!({"Document": {"DocEntry": entry}});
    client.post("Drafts", json!({"DocObjectCode": "17", "CardCode": "C001"})).await.expect(201);
    client.post(service, save(1)).await.expect(204);
    assert_eq!(client.list("Orders", "DocEntry").await, [1, 2]);
    client.post("Drafts", json!({"Comments": "of what?"})).await.expect(201);
    client.post(service, save(2)).await.refused(400, -5002);
    client.post(service, save(99)).await.refused(404, -2028);

    let client = requester(&sandbox).await;
    let mut draft = request();
    draft["DocObjectCode"] = json!("1470000113");
    client.post("Drafts", draft).await.expect(201);
    client.post(service, save(3)).await.expect(204);
    assert_eq!(client.get("Drafts(3)").await.json()["AuthorizationStatus"], "dasPending");
    assert_eq!(client.list("ApprovalRequests", "DraftEntry").await, [3]);
}

#[tokio::test]
async fn transfers_wait_in_their_own_set() {
    let (sandbox, client) = v1().await;
    let transfer = json!({
        "FromWarehouse": "01", "ToWarehouse": "02",
        "StockTransferLines": [{"ItemCode": "RM-001", "Quantity": 5}],
    });
    let made = sandbox.b1().submit_draft(&transfer).unwrap();
    let draft = client.get("StockTransferDrafts(1)").await.expect(200).json();
    assert_eq!(draft["AuthorizationStatus"], "sasPending");
    assert_eq!(draft["DocObjectCode"], "67");
    assert_eq!(client.list("Drafts", "DocEntry").await.len(), 0);
    let request = client.get(&format!("ApprovalRequests({})", made.request_code)).await.json();
    assert_eq!((&request["ObjectType"], &request["DraftType"]), (&json!("67"), &json!("1179")));
    sandbox.b1().approve(made.request_code, sandbox.b1().user()).unwrap();
    client.act("StockTransferDrafts(1)/SaveDraftToDocument").await.expect(204);
    let transfer = client.get("StockTransfers(1)").await.expect(200).json();
    assert_eq!(transfer["StockTransferLines"][0]["WarehouseCode"], "02");
}
