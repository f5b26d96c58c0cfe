//! What moves a request.

use std::time::Duration;

use erplink_sandbox::ecology::{Operators, Quirks, RejectExit, Sign};
use serde_json::{Value, json};

use crate::support::{
    ACCOUNTANT, ADMINISTRATOR, BUYER, GENERAL_MANAGER, PURCHASING_HEAD, STOREKEEPER, Stage,
    purchase_request, row, stage, stage_with, with,
};

async fn act(stage: &Stage, user: &str, name: &str, id: i64, more: &[(&str, &str)]) -> Value {
    let id = id.to_string();
    let mut parameters = vec![("requestId", id.as_str())];
    parameters.extend(more);
    stage.call(user, name, &parameters).await
}

fn ok() -> Value {
    json!({"code": "SUCCESS", "errMsg": {}})
}

/// A purchase order (采购订单), which the head, then the accountant and the manager sign.
async fn purchase_order(stage: &Stage) -> i64 {
    let body = with(purchase_request(), "workflowId", json!(785));
    let body = with(body, "detailData", json!([]));
    let answer = stage.call_json(BUYER, "doCreateRequest", &body).await;
    answer["data"]["requestid"].as_i64().unwrap()
}

#[tokio::test]
async fn an_approval_ends_the_request_once() {
    let stage = stage().await;
    let id = stage.create().await;
    let stranger = act(&stage, STOREKEEPER, "submitRequest", id, &[]).await;
    assert_eq!(stranger["code"], "NO_PERMISSION");
    assert!(stranger["errMsg"]["isremark"].is_string());
    assert_eq!(
        act(&stage, PURCHASING_HEAD, "submitRequest", id, &[("remark", "同意")]).await,
        ok()
    );
    assert_eq!((stage.result(id).as_str(), stage.log(id).as_str()), ("approved", "20"));
    let again = act(&stage, PURCHASING_HEAD, "submitRequest", id, &[]).await;
    assert_eq!(again["code"], "NO_PERMISSION");
    for id in [0, -1, 99] {
        let unknown = act(&stage, BUYER, "submitRequest", id, &[]).await;
        assert_eq!(unknown["errMsg"]["errorParam_requestid"], id);
    }
}

#[tokio::test]
async fn a_countersign_node_waits_for_all() {
    let stage = stage().await;
    let id = purchase_order(&stage).await;
    assert_eq!(act(&stage, PURCHASING_HEAD, "submitRequest", id, &[]).await, ok());
    assert_eq!(act(&stage, ACCOUNTANT, "submitRequest", id, &[]).await, ok());
    assert_eq!(stage.node(id), "财务会签", "success does not mean that it moved");
    assert_eq!(act(&stage, GENERAL_MANAGER, "submitRequest", id, &[]).await, ok());
    assert_eq!((stage.node(id).as_str(), stage.log(id).as_str()), ("归档", "2000"));
}

#[tokio::test]
async fn one_of_several_is_enough_or_they_sign_in_turn() {
    let stage = stage().await;
    let body = with(purchase_request(), "workflowId", json!(782));
    let body = with(body, "detailData", json!([]));
    let create = || stage.call_json(BUYER, "doCreateRequest", &body);
    let id = create().await["data"]["requestid"].as_i64().unwrap();
    assert_eq!(act(&stage, ACCOUNTANT, "submitRequest", id, &[]).await, ok());
    assert_eq!(stage.result(id), "approved");
    assert_eq!(stage.ecology.request(id).unwrap()["asked"], json!([]));
    stage.ecology.edit_workflow(782, |workflow| workflow.nodes[1].sign = Sign::InTurn).unwrap();
    let id = create().await["data"]["requestid"].as_i64().unwrap();
    assert_eq!(act(&stage, ACCOUNTANT, "submitRequest", id, &[]).await["code"], "NO_PERMISSION");
    assert_eq!(act(&stage, STOREKEEPER, "submitRequest", id, &[]).await, ok());
    assert_eq!(act(&stage, ACCOUNTANT, "submitRequest", id, &[]).await, ok());
    assert_eq!(stage.result(id), "approved");
}

#[tokio::test]
async fn the_superior_is_asked_where_the_design_says_so() {
    let stage = stage().await;
    stage
        .ecology
        .edit_workflow(781, |workflow| workflow.nodes[1].operators = Operators::Manager)
        .unwrap();
    let id = stage.create().await;
    assert_eq!(stage.ecology.request(id).unwrap()["asked"], json!([PURCHASING_HEAD]));
}

#[tokio::test]
async fn a_return_leads_to_the_creator_who_submits_again() {
    let stage = stage().await;
    let id = purchase_order(&stage).await;
    act(&stage, PURCHASING_HEAD, "submitRequest", id, &[]).await;
    assert_eq!(act(&stage, ACCOUNTANT, "rejectRequest", id, &[("remark", "单价不对")]).await, ok());
    assert_eq!((stage.result(id).as_str(), stage.node(id).as_str()), ("returned", "创建"));
    assert_eq!(stage.log(id), "203");
    assert_eq!(act(&stage, BUYER, "rejectRequest", id, &[]).await["code"], "NO_PERMISSION");
    assert_eq!(act(&stage, BUYER, "submitRequest", id, &[]).await, ok());
    assert_eq!(stage.node(id), "采购经理审批", "through all nodes again");
}

#[tokio::test]
async fn a_return_can_name_its_node_and_come_straight_back() {
    let stage = stage().await;
    let id = purchase_order(&stage).await;
    act(&stage, PURCHASING_HEAD, "submitRequest", id, &[]).await;
    let chosen = r#"{"RejectToType":0,"RejectToNodeid":4015}"#;
    let reject = |options: &'static str| {
        let stage = &stage;
        async move {
            let options = [("otherParams", options)];
            act(stage, ACCOUNTANT, "rejectRequest", id, &options).await
        }
    };
    assert_eq!(reject(chosen).await, ok());
    assert_eq!(stage.node(id), "采购经理审批");
    act(&stage, PURCHASING_HEAD, "submitRequest", id, &[]).await;
    let later = r#"{"RejectToType":0,"RejectToNodeid":4016}"#;
    assert_eq!(reject(later).await["errMsg"]["RejectToNodeid"], 4016);
    assert_eq!(reject(r#"{"isSubmitDirect":"0"}"#).await, ok());
    assert_eq!(act(&stage, BUYER, "submitRequest", id, &[]).await, ok());
    assert_eq!(stage.node(id), "财务会签");
}

#[tokio::test]
async fn a_refusal_can_end_the_request() {
    let stage = stage().await;
    let exit = |exit| {
        stage.ecology.edit_workflow(785, |workflow| workflow.reject_exit = exit).unwrap();
    };
    exit(RejectExit::Previous);
    let id = purchase_order(&stage).await;
    act(&stage, PURCHASING_HEAD, "submitRequest", id, &[]).await;
    act(&stage, ACCOUNTANT, "rejectRequest", id, &[]).await;
    assert_eq!(stage.node(id), "采购经理审批");
    exit(RejectExit::Archive);
    act(&stage, PURCHASING_HEAD, "rejectRequest", id, &[]).await;
    assert_eq!((stage.node(id).as_str(), stage.result(id).as_str()), ("归档", "refused"));
}

#[tokio::test]
async fn what_was_submitted_last_can_be_taken_back() {
    let stage = stage().await;
    let id = purchase_order(&stage).await;
    let withdraw = |user| act(&stage, user, "withdrawRequest", id, &[("isremind", "0")]);
    assert_eq!(withdraw(STOREKEEPER).await["code"], "NO_PERMISSION");
    assert_eq!(withdraw(BUYER).await, ok());
    assert_eq!((stage.node(id).as_str(), stage.log(id).as_str()), ("创建", "2"));
    assert_eq!(withdraw(BUYER).await["code"], "NO_PERMISSION", "it is back already");
    assert_eq!(stage.ecology.request(id).unwrap()["asked"], json!([BUYER]));
    act(&stage, BUYER, "submitRequest", id, &[]).await;
    act(&stage, PURCHASING_HEAD, "submitRequest", id, &[]).await;
    act(&stage, BUYER, "saveRequestLog", id, &[("remark", "急")]).await;
    assert_eq!(withdraw(BUYER).await["code"], "NO_PERMISSION", "somebody has acted since");
    act(&stage, ACCOUNTANT, "submitRequest", id, &[]).await;
    assert_eq!(withdraw(ACCOUNTANT).await, ok(), "one signature of two");
    act(&stage, GENERAL_MANAGER, "submitRequest", id, &[]).await;
    assert_eq!(stage.node(id), "财务会签");
    act(&stage, ACCOUNTANT, "submitRequest", id, &[]).await;
    assert_eq!(withdraw(ACCOUNTANT).await["code"], "NO_PERMISSION", "archived");
}

#[tokio::test]
async fn forwarding_asks_others_without_moving() {
    let stage = stage().await;
    let id = stage.create().await;
    let forward = |flag, to| {
        let parameters = [("forwardFlag", flag), ("forwardResourceIds", to), ("remark", "请看")];
        let stage = &stage;
        async move { act(stage, PURCHASING_HEAD, "forwardRequest", id, &parameters).await }
    };
    assert_eq!(forward("1", "15002,15004").await, ok());
    assert_eq!(forward("2", "15000").await, ok());
    assert_eq!(act(&stage, ACCOUNTANT, "submitRequest", id, &[("remark", "阅")]).await, ok());
    assert_eq!(act(&stage, GENERAL_MANAGER, "submitRequest", id, &[]).await, ok());
    assert_eq!((stage.log(id).as_str(), stage.node(id).as_str()), ("27a9b", "采购经理审批"));
    assert_eq!(forward("3", "15002,15004").await["code"], "PARAM_ERROR", "exactly one");
    assert_eq!(forward("4", "15002").await["errMsg"]["forwardFlag"], "4");
    assert_eq!(forward("1", "4711").await["errMsg"]["forwardResourceIds"], "4711");
    assert_eq!(forward("3", "15002").await, ok());
    assert_eq!(
        act(&stage, PURCHASING_HEAD, "submitRequest", id, &[]).await["code"],
        "NO_PERMISSION"
    );
    assert_eq!(act(&stage, ACCOUNTANT, "submitRequest", id, &[]).await, ok());
    assert_eq!(stage.result(id), "approved");
}

#[tokio::test]
async fn the_form_is_changed_with_and_without_moving() {
    let stage = stage().await;
    let id = stage.create().await;
    let table = |more: Value, rows: Value| {
        let mut table = json!({"tableDBName": "formtable_main_1356_dt1"});
        table["workflowRequestTableRecords"] = rows;
        table.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({
            "requestId": id, "detailData": [table], "otherParams": {"src": "save"},
            "mainData": [{"fieldName": "amount", "fieldValue": 100.25}],
        })
    };
    let save = |user, body: Value| {
        let stage = &stage;
        async move { stage.call_json(user, "submitRequest", &body).await }
    };
    let parameters = [("requestId", &*id.to_string())];
    let shown = stage.get(BUYER, "getWorkflowRequest", &parameters).await;
    let records = &shown["data"]["workflowDetailTableInfos"][0]["workflowRequestTableRecords"];
    let (first, second) = (&records[0]["recordOrder"], &records[1]["recordOrder"]);
    let mut changed = row(&[("qty", "7")]);
    changed["recordOrder"] = first.clone();
    let body = table(json!({"deleteKeys": second.to_string()}), json!([changed.clone()]));
    assert_eq!(save(BUYER, body.clone()).await["code"], "NO_PERMISSION");
    assert_eq!(save(PURCHASING_HEAD, body).await, ok());
    let request = stage.ecology.request(id).unwrap();
    assert_eq!(request["details"], json!([[{"itemcode": "RM-001", "qty": "7"}]]));
    assert_eq!(
        (&request["main"]["amount"], &request["main"]["docentry"]),
        (&json!("100.25"), &json!("1042"))
    );
    assert_eq!((stage.log(id).as_str(), stage.node(id).as_str()), ("21", "采购经理审批"));
    let new = json!([row(&[("itemcode", "A2"), ("qty", "1")])]);
    assert_eq!(save(PURCHASING_HEAD, table(json!({"deleteAll": "1"}), new)).await, ok());
    assert_eq!(
        stage.ecology.request(id).unwrap()["details"],
        json!([[{"itemcode": "A2", "qty": "1"}]])
    );
    let gone = save(PURCHASING_HEAD, table(json!({}), json!([changed]))).await;
    assert!(gone["errMsg"]["recordOrder"].is_string(), "{gone}");
    let empty = json!({
        "requestId": id, "otherParams": {"judgeFormMustInput": 1},
        "mainData": [{"fieldName": "docentry", "fieldValue": ""}],
    });
    let refused = stage.call_json(PURCHASING_HEAD, "submitRequest", &empty).await;
    assert_eq!(refused["reqFailMsg"]["msgType"], "JUDGE_MUST_INPUT");
    assert_eq!(stage.ecology.request(id).unwrap()["main"]["docentry"], "1042", "nothing stays");
}

#[tokio::test]
async fn some_patches_want_the_workflow_id() {
    let stage = stage_with(Quirks { submit_needs_workflow_id: true, ..Quirks::default() }).await;
    let id = stage.create().await;
    assert_eq!(act(&stage, PURCHASING_HEAD, "submitRequest", id, &[]).await["code"], "PARAM_ERROR");
    let named = [("workflowId", "781")];
    assert_eq!(act(&stage, PURCHASING_HEAD, "submitRequest", id, &named).await, ok());
}

#[tokio::test]
async fn the_administrator_may_force_and_others_may_not() {
    let stage = stage().await;
    let monitor = [("otherParams", r#"{"ismonitor":"1"}"#)];
    let id = purchase_order(&stage).await;
    assert_eq!(act(&stage, BUYER, "doForceOver", id, &[]).await["code"], "NO_PERMISSION");
    assert_eq!(act(&stage, BUYER, "doForceOver", id, &monitor).await["code"], "NO_PERMISSION");
    assert_eq!(act(&stage, ADMINISTRATOR, "doForceOver", id, &monitor).await, ok());
    assert_eq!((stage.node(id).as_str(), stage.log(id).as_str()), ("归档", "2e"));
    assert_eq!(
        act(&stage, ADMINISTRATOR, "doForceOver", id, &monitor).await["code"],
        "NO_PERMISSION"
    );
    assert_eq!(act(&stage, ADMINISTRATOR, "doForceDrawBack", id, &monitor).await, ok());
    assert_eq!(stage.node(id), "财务会签");
    let to_create = [("submitNodeId", "4014"), ("Intervenorid", BUYER), ("SignType", "0")];
    assert_eq!(act(&stage, BUYER, "doIntervenor", id, &to_create).await["code"], "NO_PERMISSION");
    assert_eq!(act(&stage, ADMINISTRATOR, "doIntervenor", id, &to_create).await, ok());
    assert_eq!(stage.ecology.request(id).unwrap()["asked"], json!([BUYER]));
    assert_eq!(act(&stage, ACCOUNTANT, "deleteRequest", id, &[]).await["code"], "NO_PERMISSION");
    assert_eq!(act(&stage, BUYER, "deleteRequest", id, &[]).await, ok());
    assert!(stage.ecology.requests().is_empty());
}

#[tokio::test]
async fn an_intervention_says_who_signs_and_how() {
    let stage = stage().await;
    let id = stage.create().await;
    let intervene = |sign: &'static str| {
        let parameters =
            [("submitNodeId", "3975"), ("Intervenorid", "15002,15004"), ("SignType", sign)];
        let stage = &stage;
        async move { act(stage, ADMINISTRATOR, "doIntervenor", id, &parameters).await }
    };
    let asked = || stage.ecology.request(id).unwrap()["asked"].clone();
    assert_eq!(intervene("3").await["errMsg"]["SignType"], "3");
    assert_eq!(intervene("2").await, ok());
    assert_eq!(asked(), json!([ACCOUNTANT]), "one after the other");
    assert_eq!(intervene("1").await, ok());
    assert_eq!(act(&stage, STOREKEEPER, "submitRequest", id, &[]).await, ok());
    assert_eq!(asked(), json!([ACCOUNTANT]), "both");
    assert_eq!(act(&stage, ACCOUNTANT, "submitRequest", id, &[]).await, ok());
    assert_eq!((stage.log(id).as_str(), stage.result(id).as_str()), ("2ii00", "approved"));
}

#[tokio::test]
async fn a_draft_is_submitted_later() {
    let stage = stage().await;
    let body = with(purchase_request(), "otherParams", json!({"isnextflow": "0"}));
    let answer = stage.call_json(BUYER, "doCreateRequest", &body).await;
    let id = answer["data"]["requestid"].as_i64().unwrap();
    assert_eq!((stage.log(id).as_str(), stage.node(id).as_str()), ("", "创建"));
    assert_eq!(act(&stage, BUYER, "submitRequest", id, &[]).await, ok());
    assert_eq!((stage.log(id).as_str(), stage.node(id).as_str()), ("2", "采购经理审批"));
}

#[tokio::test]
async fn an_opinion_moves_nothing() {
    let stage = stage().await;
    let id = stage.create().await;
    assert_eq!(act(&stage, BUYER, "saveRequestLog", id, &[("remark", "急")]).await, ok());
    assert_eq!(act(&stage, BUYER, "saveRequestLog", id, &[]).await["code"], "PARAM_ERROR");
    let stranger = act(&stage, STOREKEEPER, "saveRequestLog", id, &[("remark", "x")]).await;
    assert_eq!(stranger["code"], "NO_PERMISSION");
    assert_eq!((stage.log(id).as_str(), stage.node(id).as_str()), ("29", "采购经理审批"));
}

#[tokio::test]
async fn the_background_task_moves_the_flow_later() {
    let async_delay = Duration::from_secs(30);
    let stage = stage_with(Quirks { async_delay, ..Quirks::default() }).await;
    let id = stage.create().await.to_string();
    let parameters = [("requestId", id.as_str())];
    let node = || async {
        let status = stage.get(BUYER, "getRequestStatus", &parameters).await;
        status["data"]["currentNodeType"].as_str().unwrap().to_owned()
    };
    let to_do = || stage.call(PURCHASING_HEAD, "getToDoWorkflowRequestCount", &[]);
    assert_eq!((node().await.as_str(), to_do().await), ("0", json!(0)));
    stage.clock.advance(async_delay);
    assert_eq!((node().await.as_str(), to_do().await), ("1", json!(1)));
    stage.call(PURCHASING_HEAD, "submitRequest", &parameters).await;
    assert_eq!((node().await.as_str(), to_do().await), ("1", json!(1)), "still as before");
    let again = stage.call(PURCHASING_HEAD, "submitRequest", &parameters).await;
    assert_eq!(again["code"], "NO_PERMISSION");
    stage.clock.advance(async_delay);
    assert_eq!((node().await.as_str(), to_do().await), ("3", json!(0)));
}
