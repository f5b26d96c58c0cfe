//! Drafts go to DingTalk, decisions come back: nothing lost, nothing doubled.

#![allow(clippy::unwrap_used, clippy::panic)] // the lint spares test functions only

#[allow(dead_code)] // each file of tests uses a part
mod stage;

use erplink::scenario::DraftApproval;
use erplink_sandbox::Fault;
use erplink_sandbox::dingtalk::PushFault;
use erplink_sync::store::JobFilter;
use erplink_sync::{Runner, StateKind};
use http::Method;
use serde_json::json;
use stage::{MANAGER, Stage};

const FLOW: &str = "purchase-requests";

fn scenario(stage: &Stage) -> DraftApproval {
    serde_json::from_value(json!({
        "process_code": stage.process_code("采购申请"),
        "object_type": "1470000113",
        "instance_field": "U_instanceID",
        "fields": [
            {"from": "User.UserName", "to": "申请人"},
            {"from": "Draft.Comments", "to": "备注"},
            {"from": "Draft.RequriedDate", "to": "需求日期"},
        ],
        "lines": {"to": "物料明细", "fields": [
            {"from": "ItemCode", "to": "物料编码"},
            {"from": "Quantity", "to": "数量"},
        ]},
        "approval_fields": {"approver": "U_Approver", "status": "U_ApprovalStatus"},
    }))
    .unwrap()
}

async fn start(stage: &Stage) -> Runner {
    stage.start(&scenario(stage), FLOW).await
}

fn the_instance(stage: &Stage) -> String {
    let instances = stage.sandbox.dingtalk().instances();
    let [instance] = instances.as_slice() else { panic!("not one instance: {instances:?}") };
    instance.clone()
}

#[tokio::test]
async fn approved_and_refused_drafts_are_decided_in_the_erp() {
    let stage = Stage::new().await;
    let (approved, refused) = (stage.submit("RM-001", "12.50"), stage.submit("RM-002", "3"));
    let runner = start(&stage).await;
    let report = runner.run_once().await;
    assert_eq!(report.done, 2, "{report}");

    for instance in stage.sandbox.dingtalk().instances() {
        let form = stage.sandbox.dingtalk().instance(&instance).unwrap().to_string();
        if form.contains("RM-001") {
            assert!(form.contains("12.5") && form.contains("补充安全库存"), "{form}");
            stage.sandbox.dingtalk().approve(&instance, MANAGER, "同意").unwrap();
        } else {
            stage.sandbox.dingtalk().refuse(&instance, MANAGER, "下季度再议").unwrap();
        }
    }
    stage.sandbox.dingtalk().settled().await;
    let report = runner.run_once().await;
    assert_eq!(report.done, 2, "{report}");
    for ((draft, request), status, words) in
        [(approved, "arsApproved", "已同意"), (refused, "arsNotApproved", "已拒绝")]
    {
        assert_eq!(stage.entity("ApprovalRequests", request)["Status"], status);
        let draft = stage.entity("Drafts", draft);
        assert_eq!(draft["U_ApprovalStatus"], words);
        assert_eq!(draft["U_Approver"], MANAGER);
        assert!(draft["U_instanceID"].is_string());
    }
    let again = stage.later(&runner).await;
    assert_eq!((again.done, stage.creates()), (0, 2), "{again}");
}

#[tokio::test]
async fn a_create_whose_answer_is_lost_is_found_after_a_restart() {
    let stage = Stage::new().await;
    stage.submit("RM-001", "1");
    let lost = Fault::reset_after(Method::POST, "/v1.0/workflow/processInstances");
    stage.sandbox.dingtalk().faults_api().push(lost);
    let runner = start(&stage).await;
    let report = runner.run_once().await;
    assert_eq!((report.done, report.failed.len()), (0, 1), "{report}");
    drop(runner);

    let runner = start(&stage).await;
    let report = stage.later(&runner).await;
    assert_eq!((report.done, stage.creates()), (1, 1), "{report}");
}

#[tokio::test]
async fn a_restart_between_form_and_mark_repeats_only_the_mark() {
    let stage = Stage::new().await;
    let (draft, _) = stage.submit("RM-001", "1");
    stage.sandbox.b1().faults().push(Fault::status(
        Method::PATCH,
        "/Drafts",
        http::StatusCode::BAD_GATEWAY,
    ));
    let runner = start(&stage).await;
    let report = runner.run_once().await;
    assert_eq!((report.done, report.failed.len()), (0, 1), "{report}");
    assert!(stage.entity("Drafts", draft)["U_instanceID"].is_null());
    drop(runner);

    let runner = start(&stage).await;
    let report = stage.later(&runner).await;
    assert_eq!((report.done, stage.creates()), (1, 1), "{report}");
    assert_eq!(stage.entity("Drafts", draft)["U_instanceID"], the_instance(&stage));
}

#[tokio::test]
async fn a_doubled_push_decides_once() {
    let stage = Stage::new().await;
    let (_, request) = stage.submit("RM-001", "1");
    let runner = start(&stage).await;
    runner.run_once().await;
    stage.sandbox.dingtalk().arrange_push_fault(PushFault::Duplicate);
    stage.sandbox.dingtalk().approve(&the_instance(&stage), MANAGER, "同意").unwrap();
    stage.sandbox.dingtalk().settled().await;
    let report = runner.run_once().await;
    assert_eq!((report.done, report.failed.len()), (1, 0), "{report}");
    assert_eq!(stage.entity("ApprovalRequests", request)["Status"], "arsApproved");
}

#[tokio::test]
async fn a_decision_whose_push_is_lost_is_asked_for() {
    let stage = Stage::new().await;
    let (_, request) = stage.submit("RM-001", "1");
    let runner = start(&stage).await;
    runner.run_once().await;
    stage.sandbox.dingtalk().remove_callback();
    stage.sandbox.dingtalk().approve(&the_instance(&stage), MANAGER, "同意").unwrap();
    assert_eq!(stage.entity("ApprovalRequests", request)["Status"], "arsPending");
    let report = stage.later(&runner).await;
    assert_eq!(report.done, 1, "{report}");
    assert_eq!(stage.entity("ApprovalRequests", request)["Status"], "arsApproved");
}

#[tokio::test]
async fn a_withdrawal_decides_nothing_and_is_parked() {
    let stage = Stage::new().await;
    let (_, request) = stage.submit("RM-001", "1");
    let runner = start(&stage).await;
    runner.run_once().await;
    stage.sandbox.dingtalk().withdraw(&the_instance(&stage)).unwrap();
    stage.sandbox.dingtalk().settled().await;
    let report = runner.run_once().await;
    assert_eq!(report.parked.len(), 1, "{report}");
    assert_eq!(stage.entity("ApprovalRequests", request)["Status"], "arsPending");
}

#[tokio::test]
async fn a_decision_made_in_the_erp_meanwhile_stands() {
    let stage = Stage::new().await;
    let (_, request) = stage.submit("RM-001", "1");
    let runner = start(&stage).await;
    runner.run_once().await;
    stage.sandbox.b1().refuse(request, stage.sandbox.b1().user()).unwrap();
    stage.sandbox.dingtalk().approve(&the_instance(&stage), MANAGER, "同意").unwrap();
    stage.sandbox.dingtalk().settled().await;
    let report = runner.run_once().await;
    let [(_, reason)] = report.parked.as_slice() else { panic!("{report}") };
    assert!(reason.message.contains("decided already"), "{reason}");
    assert_eq!(stage.entity("ApprovalRequests", request)["Status"], "arsNotApproved");
    let filter = JobFilter { state: Some(StateKind::Parked), ..JobFilter::default() };
    assert_eq!(runner.store().list(filter).await.unwrap().len(), 1);
}
