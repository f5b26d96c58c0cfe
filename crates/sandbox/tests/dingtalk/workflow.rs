//! Creating, reading, deciding, withdrawing and listing instances.

use std::time::Duration;

use erplink_sandbox::dingtalk::{
    Approvers, FlowNode, Mode, Options, Quirks, TemplateStatus, TimeStyle,
};
use serde_json::{Value, json};

use crate::support::{
    ACCOUNTANT, BUYER, INSTANCES, PURCHASING, PURCHASING_HEAD, STOREKEEPER, Stage, stage,
    stage_with, with,
};

const EXECUTE: &str = "/v1.0/workflow/processInstances/execute";
const TERMINATE: &str = "/v1.0/workflow/processInstances/terminate";
const COMMENT: &str = "/v1.0/workflow/processInstances/comments";
const REDIRECT: &str = "/v1.0/workflow/tasks/redirect";
const LIST: &str = "/v1.0/workflow/processes/instanceIds/query";

fn component<'a>(detail: &'a Value, name: &str) -> &'a Value {
    let all = detail["formComponentValues"].as_array().unwrap();
    all.iter().find(|one| one["name"] == name).unwrap()
}

fn done() -> Value {
    json!({"result": true, "success": true})
}

async fn open_task(stage: &Stage, id: &str) -> Value {
    let detail = stage.detail(id).await;
    let tasks = detail["tasks"].as_array().unwrap();
    tasks.iter().find(|task| task["status"] == "RUNNING").unwrap().clone()
}

async fn execute(stage: &Stage, id: &str, user: &str, result: &str) -> (u16, Value) {
    let task = open_task(stage, id).await["taskId"].clone();
    let body = json!({
        "processInstanceId": id, "taskId": task, "actionerUserId": user, "result": result,
        "remark": "同意采购",
    });
    stage.post(EXECUTE, &body).await
}

#[tokio::test]
async fn a_created_instance_reads_back_in_the_read_shape() {
    let stage = stage().await;
    let id = stage.create(&stage.purchase_request()).await;
    let (_, answer) = stage.get(&format!("{INSTANCES}?processInstanceId={id}")).await;
    assert_eq!(answer["success"], "true", "text, as documented");
    let detail = &answer["result"];
    assert_eq!(detail["title"], "张三提交的采购申请");
    assert_eq!((&detail["status"], &detail["result"]), (&json!("RUNNING"), &json!("")));
    assert_eq!(detail["originatorDeptId"], PURCHASING.to_string());
    assert_eq!(detail["originatorDeptName"], "采购部");
    assert_eq!(detail.get("finishTime"), None);
    let created = detail["createTime"].as_str().unwrap();
    assert_eq!((created.len(), created.ends_with('Z')), (17, true), "no seconds: {created}");
    assert_eq!(detail["tasks"][0]["userId"], PURCHASING_HEAD);
    assert!(detail["tasks"][0]["taskId"].is_i64());
    assert_eq!(detail["operationRecords"][0]["type"], "START_PROCESS_INSTANCE");

    assert_eq!(component(detail, "来源单号")["value"], "1024");
    assert_eq!(component(detail, "备注")["value"], "null", "the text, not JSON null");
    let table = component(detail, "物料明细")["value"].as_str().unwrap();
    let rows: Value = serde_json::from_str(table).unwrap();
    assert_eq!(rows[1]["rowValue"][0]["value"], "B-002");
    assert_eq!(rows[1]["rowValue"][0]["label"], "物料编码");
}

#[tokio::test]
async fn a_change_of_the_template_does_not_reach_instances() {
    let stage = stage().await;
    let id = stage.create(&stage.purchase_request()).await;
    let code = stage.code("采购申请");
    stage.dingtalk.edit_template(&code, |one| one.components.clear()).unwrap();
    assert_eq!(component(&stage.detail(&id).await, "来源单号")["value"], "1024");
    assert_eq!(stage.dingtalk.wait_for_instance("来源单号", "1024").await, id);
}

#[tokio::test]
async fn answers_can_be_spelt_otherwise() {
    let quirks =
        Quirks { success_as_boolean: true, times: TimeStyle::Milliseconds, ..Quirks::default() };
    let stage = stage_with(Options { quirks, ..Options::default() }).await;
    let id = stage.create(&stage.purchase_request()).await;
    let (_, answer) = stage.get(&format!("{INSTANCES}?processInstanceId={id}")).await;
    assert_eq!(answer["success"], true);
    assert!(answer["result"]["createTime"].is_i64());
}

#[tokio::test]
async fn create_checks_in_the_documented_order() {
    let stage = stage().await;
    let good = stage.purchase_request();
    let sales = 417_223_050;
    for (member, value, code) in [
        ("processCode", json!("PROC-NONE"), "processCodeError"),
        ("originatorUserId", json!("nobody"), "invalidParameter"),
        ("originatorUserId", json!("left0099"), "invalidParameter"),
        ("deptId", Value::Null, "processInstanceInvalidParameter"),
        ("deptId", json!(5), "processInstanceInvalidParameter"),
        ("deptId", json!(sales), "processInstanceInvalidParameter"),
        ("deptId", json!(-1), "processInstanceInvalidParameter"),
        ("deptId", json!("417223049"), "invalidParameter"),
        ("formComponentValues", json!([]), "formConverterError"),
        ("formComponentValues", Value::Null, "invalidParameter"),
        ("bizDetailPageUrl", json!("https://erp/1"), "benefitStatusInvalid"),
        ("microappAgentId", json!(7), "invalidAgentId"),
        ("microappAgentId", json!("41605932"), "invalidAgentId"),
    ] {
        let refused = stage.refusal(INSTANCES, &with(good.clone(), member, value.clone())).await;
        assert_eq!(refused, code, "{member} = {value}");
    }
    // Several mistakes at once: the first check wins.
    let both = with(with(good.clone(), "originatorUserId", json!("nobody")), "deptId", json!(5));
    assert_eq!(stage.refusal(INSTANCES, &both).await, "invalidParameter");
    let code = stage.code("采购申请");
    stage.dingtalk.edit_template(&code, |one| one.status = TemplateStatus::Invalid).unwrap();
    assert_eq!(stage.refusal(INSTANCES, &good).await, "processGetFailed");
    assert_eq!(stage.dingtalk.instances(), Vec::<String>::new());
}

#[tokio::test]
async fn the_root_department_has_two_numbers() {
    let stage = stage().await;
    for root in [-1, 1] {
        let body = with(stage.purchase_request(), "originatorUserId", json!("boss0001"));
        let id = stage.create(&with(body, "deptId", json!(root))).await;
        assert_eq!(stage.detail(&id).await["originatorDeptId"], "-1");
    }
}

#[tokio::test]
async fn a_converter_error_names_the_component() {
    let stage = stage().await;
    let values = json!([
        {"name": "来源单号", "value": "1"}, {"name": "数量合计", "value": "1,000"},
    ]);
    let body = with(stage.purchase_request(), "formComponentValues", values);
    let (_, answer) = stage.post(INSTANCES, &body).await;
    assert_eq!(answer["message"], "表单数据校验失败，失败控件：数量合计");
}

#[tokio::test]
async fn what_goes_with_a_decision_has_its_limits() {
    let stage = stage().await;
    let id = stage.create(&stage.purchase_request()).await;
    let task = open_task(&stage, &id).await["taskId"].clone();
    let files = |count: usize| json!({"attachments": vec![json!({"fileId": "1"}); count]});
    let body = json!({
        "processInstanceId": id, "taskId": task, "actionerUserId": PURCHASING_HEAD,
        "result": "agree", "file": files(21),
    });
    assert_eq!(stage.refusal(EXECUTE, &body).await, "invalidParameter");
    let body = json!({
        "taskId": task, "toUserId": ACCOUNTANT, "operateUserId": PURCHASING_HEAD,
        "actionName": "x".repeat(129),
    });
    assert_eq!(stage.refusal(REDIRECT, &body).await, "param.illegal");
    let (status, answer) = stage.post(REDIRECT, &with(body, "actionName", json!("转交"))).await;
    assert_eq!(status, 200, "{answer}");
}

#[tokio::test]
async fn agreeing_completes_the_instance_once() {
    let stage = stage().await;
    let id = stage.create(&stage.purchase_request()).await;
    let (_, wrong) = execute(&stage, &id, BUYER, "agree").await;
    assert_eq!(wrong["code"], "aflowProcessInstCanNotBeExecuted");
    let (_, unknown) = execute(&stage, &id, "nobody", "agree").await;
    assert_eq!(unknown["code"], "userNotExist");
    let (_, result) = execute(&stage, &id, PURCHASING_HEAD, "yes").await;
    assert_eq!(result["code"], "invalidInstanceExecuteResult");

    let task = open_task(&stage, &id).await["taskId"].clone();
    assert_eq!(execute(&stage, &id, PURCHASING_HEAD, "agree").await, (200, done()));
    let detail = stage.detail(&id).await;
    assert_eq!((&detail["status"], &detail["result"]), (&json!("COMPLETED"), &json!("agree")));
    assert!(detail["finishTime"].is_string());
    let kinds: Vec<_> =
        detail["operationRecords"].as_array().unwrap().iter().map(|one| &one["type"]).collect();
    assert_eq!(kinds, ["START_PROCESS_INSTANCE", "EXECUTE_TASK_NORMAL", "FINISH_PROCESS_INSTANCE"]);
    assert_eq!(detail["operationRecords"][1]["remark"], "同意采购");

    let again = json!({
        "processInstanceId": id, "taskId": task, "actionerUserId": PURCHASING_HEAD,
        "result": "agree",
    });
    assert_eq!(stage.refusal(EXECUTE, &again).await, "aflowProcessInstStatusException");
}

#[tokio::test]
async fn an_own_flow_replaces_the_templates() {
    let stage = stage().await;
    let flow = json!([
        {"actionType": "OR", "userIds": [STOREKEEPER, ACCOUNTANT]},
        {"actionType": "NONE", "userIds": [PURCHASING_HEAD]},
    ]);
    let body = with(stage.purchase_request(), "approvers", flow);
    let body = with(with(body, "deptId", Value::Null), "ccList", json!([ACCOUNTANT]));
    let id = stage.create(&body).await;
    assert_eq!(execute(&stage, &id, STOREKEEPER, "agree").await.0, 200);
    let detail = stage.detail(&id).await;
    assert_eq!(detail["tasks"][1]["status"], "CANCELED");
    assert_eq!(detail["ccUserIds"], json!([ACCOUNTANT]));
    assert_eq!(execute(&stage, &id, PURCHASING_HEAD, "refuse").await.0, 200);
    assert_eq!(stage.detail(&id).await["result"], "refuse");

    for (kind, users) in [
        ("AND", json!([ACCOUNTANT])),
        ("NONE", json!([ACCOUNTANT, STOREKEEPER])),
        ("OR", json!([ACCOUNTANT, "nobody"])),
        ("ONE_BY_ONE", json!([ACCOUNTANT, STOREKEEPER])),
    ] {
        let flow = json!([{"actionType": kind, "userIds": users}]);
        let body = with(stage.purchase_request(), "approvers", flow);
        let refused = stage.refusal(INSTANCES, &body).await;
        assert_eq!(refused, "processInstanceInvalidParameter", "{kind}");
    }
}

#[tokio::test]
async fn a_self_chosen_node_is_forecast_and_must_be_chosen() {
    let stage = stage().await;
    let code = stage.code("采购申请");
    let node = FlowNode {
        activity_id: "self_1".to_owned(),
        name: "自选审批人".to_owned(),
        mode: Mode::OneByOne,
        approvers: Approvers::ChosenByOriginator {
            actor_key: "manual_1".to_owned(),
            range: Some(vec![ACCOUNTANT.to_owned(), STOREKEEPER.to_owned()]),
            required: true,
        },
    };
    stage.dingtalk.edit_template(&code, |template| template.flow.push(node)).unwrap();
    let body = stage.purchase_request();
    let question = json!({
        "processCode": code, "deptId": PURCHASING, "userId": BUYER,
        "formComponentValues": body["formComponentValues"],
    });
    let (_, forecast) = stage.post("/v1.0/workflow/processes/forecast", &question).await;
    let rule = &forecast["result"]["workflowActivityRules"][1];
    assert_eq!(rule["activityType"], "target_select");
    assert_eq!(rule["workflowActor"]["actorKey"], "manual_1");
    let range = &rule["workflowActor"]["actorSelectionRange"]["approvals"];
    assert_eq!(range[0]["workNo"], ACCOUNTANT);

    assert_eq!(stage.refusal(INSTANCES, &body).await, "targetSelectApproverMissing");
    let choose = |users: Value| {
        let choice = json!([{"actionerKey": "manual_1", "actionerUserIds": users}]);
        with(body.clone(), "targetSelectActioners", choice)
    };
    let outside = stage.refusal(INSTANCES, &choose(json!([BUYER]))).await;
    assert_eq!(outside, "targetSelectApproverScopeError");
    let id = stage.create(&choose(json!([STOREKEEPER, ACCOUNTANT]))).await;
    for user in [PURCHASING_HEAD, STOREKEEPER, ACCOUNTANT] {
        assert_eq!(execute(&stage, &id, user, "agree").await.0, 200, "{user}");
    }
    assert_eq!(stage.detail(&id).await["result"], "agree");
}

#[tokio::test]
async fn a_task_can_be_handed_over() {
    let stage = stage().await;
    let id = stage.create(&stage.purchase_request()).await;
    let task = open_task(&stage, &id).await["taskId"].clone();
    let body = json!({"taskId": task, "toUserId": ACCOUNTANT, "operateUserId": PURCHASING_HEAD});
    for (member, value, code) in [
        ("taskId", Value::Null, "param.blank"),
        ("toUserId", json!("nobody"), "param.illegal"),
        ("operateUserId", json!(BUYER), "param.illegal.operator"),
    ] {
        let refused = stage.refusal(REDIRECT, &with(body.clone(), member, value)).await;
        assert_eq!(refused, code, "{member}");
    }
    assert_eq!(stage.post(REDIRECT, &body).await, (200, json!({"result": true})));
    assert_eq!(stage.refusal(REDIRECT, &body).await, "task.status.error");
    let detail = stage.detail(&id).await;
    assert_eq!(detail["tasks"][0]["result"], "REDIRECTED");
    assert_eq!(detail["tasks"][1]["userId"], ACCOUNTANT);

    let todo = |user: &str| format!("/v1.0/workflow/processes/todoTasks/numbers?userId={user}");
    assert_eq!(stage.get(&todo(ACCOUNTANT)).await.1["result"], 1);
    assert_eq!(stage.get(&todo(PURCHASING_HEAD)).await.1["result"], 0);
    stage.dingtalk.approve_to_the_end(&id).unwrap();
    assert_eq!(stage.get(&todo(ACCOUNTANT)).await.1["result"], 0);
    assert_eq!(stage.refusal(REDIRECT, &body).await, "instance.status.error");
}

#[tokio::test]
async fn a_comment_is_recorded() {
    let stage = stage().await;
    let id = stage.create(&stage.purchase_request()).await;
    let body = json!({"processInstanceId": id, "text": "请尽快", "commentUserId": BUYER});
    assert_eq!(stage.post(COMMENT, &body).await, (200, done()));
    let detail = stage.detail(&id).await;
    assert_eq!(detail["operationRecords"][1]["type"], "ADD_REMARK");
    assert_eq!(detail["operationRecords"][1]["remark"], "请尽快");
    for (member, value, code) in [
        ("text", json!(""), "invalidInstanceCommentText"),
        ("commentUserId", Value::Null, "invalidInstanceCommentUserId"),
        ("commentUserId", json!("nobody"), "userNotExist"),
        ("processInstanceId", json!("x"), "aflowProcessInstNotExist"),
    ] {
        assert_eq!(stage.refusal(COMMENT, &with(body.clone(), member, value)).await, code);
    }
}

#[tokio::test]
async fn only_the_originator_withdraws_and_not_at_once() {
    let stage = stage().await;
    let id = stage.create(&stage.purchase_request()).await;
    let body = json!({"processInstanceId": id, "isSystem": false, "operatingUserId": BUYER});
    assert_eq!(stage.refusal(TERMINATE, &body).await, "aflowProcessInstStatusException");
    stage.clock.advance(Duration::from_secs(15));
    for (member, value, code) in [
        ("isSystem", Value::Null, "invalidInstanceTerminateIsSystem"),
        ("operatingUserId", Value::Null, "invalidInstanceTerminateOperatingUserId"),
        ("operatingUserId", json!("nobody"), "userNotExist"),
        ("operatingUserId", json!(ACCOUNTANT), "internalError"),
        ("processInstanceId", json!("x"), "aflowProcessInstNotExist"),
    ] {
        assert_eq!(stage.refusal(TERMINATE, &with(body.clone(), member, value)).await, code);
    }
    let code = stage.code("采购申请");
    stage.dingtalk.edit_template(&code, |one| one.allow_withdraw = false).unwrap();
    assert_eq!(stage.refusal(TERMINATE, &body).await, "internalError");
    stage.dingtalk.edit_template(&code, |one| one.allow_withdraw = true).unwrap();
    assert_eq!(stage.post(TERMINATE, &body).await, (200, done()));
    let detail = stage.detail(&id).await;
    assert_eq!((&detail["status"], &detail["result"]), (&json!("TERMINATED"), &json!("")));
    assert_eq!(detail["tasks"][0]["status"], "CANCELED");
    assert_eq!(stage.refusal(TERMINATE, &body).await, "aflowProcessInstStatusException");
}

#[tokio::test]
async fn ids_are_listed_in_pages() {
    let stage = stage().await;
    let before = stage.clock.now().timestamp_millis();
    let mut created = Vec::new();
    for _ in 0..3 {
        stage.clock.advance(Duration::from_secs(1));
        created.push(stage.create(&stage.purchase_request()).await);
    }
    let question = json!({
        "processCode": stage.code("采购申请"), "startTime": before, "nextToken": 0, "maxResults": 2,
    });
    let (_, first) = stage.post(LIST, &question).await;
    assert_eq!(first["result"]["list"], json!(created[..2]));
    assert_eq!(first["result"]["nextToken"], "2", "text");
    let as_text = with(question.clone(), "nextToken", json!("2"));
    assert_eq!(stage.refusal(LIST, &as_text).await, "invalidNextToken");
    let (_, last) = stage.post(LIST, &with(question.clone(), "nextToken", json!(2))).await;
    assert_eq!(last["result"], json!({"list": [created[2]]}));

    stage.dingtalk.approve(&created[0], PURCHASING_HEAD, "").unwrap();
    let completed = with(question.clone(), "statuses", json!(["COMPLETED"]));
    assert_eq!(stage.post(LIST, &completed).await.1["result"]["list"], json!([created[0]]));
    let of_others = with(question.clone(), "userIds", json!([ACCOUNTANT]));
    assert_eq!(stage.post(LIST, &of_others).await.1["result"]["list"], json!([]));
}

#[tokio::test]
async fn list_requests_have_limits() {
    let stage = stage().await;
    let day = 86_400_000;
    let now = stage.clock.now().timestamp_millis();
    let question = json!({
        "processCode": stage.code("采购申请"), "startTime": now, "nextToken": 0, "maxResults": 20,
    });
    for (member, value, code) in [
        ("processCode", json!("x"), "invalidProcessCode"),
        ("startTime", Value::Null, "invalidInstanceListIdsStartTime"),
        ("startTime", json!(now - 121 * day), "invalidInstanceListIdsStartTime"),
        ("maxResults", json!(21), "invalidMaxResults"),
        ("endTime", json!(now - day), "invalidEndTime"),
        ("userIds", json!(vec!["u"; 11]), "invalidUserIds"),
    ] {
        let refused = stage.refusal(LIST, &with(question.clone(), member, value)).await;
        assert_eq!(refused, code, "{member}");
    }
    let between = |from: i64, until: i64| {
        let question = with(question.clone(), "startTime", json!(now - from * day));
        with(question, "endTime", json!(now - until * day))
    };
    assert_eq!(stage.post(LIST, &between(364, 250)).await.0, 200);
    let too_long = stage.refusal(LIST, &between(364, 200)).await;
    assert_eq!(too_long, "invalidInstanceListIdsStartTime");
    let too_old = stage.refusal(LIST, &between(366, 300)).await;
    assert_eq!(too_old, "invalidInstanceListIdsStartTime");
}

#[tokio::test]
async fn a_passed_instance_is_modified_and_revoked_by_later_ones() {
    let stage = stage().await;
    let id = stage.create(&stage.purchase_request()).await;
    assert!(stage.dingtalk.revoke(&id).is_err(), "not passed yet");
    stage.dingtalk.approve_to_the_end(&id).unwrap();
    let modified = stage.dingtalk.modify(&id, &json!({"来源单号": "1025"})).unwrap();
    let revoked = stage.dingtalk.revoke(&id).unwrap();
    let detail = stage.detail(&id).await;
    assert_eq!(detail["attachedProcessInstanceIds"], json!([modified, revoked]));
    assert_eq!(detail["bizAction"], "NONE");
    let detail = stage.detail(&modified).await;
    assert_eq!(
        (&detail["bizAction"], &detail["mainProcessInstanceId"]),
        (&json!("MODIFY"), &json!(id))
    );
    assert_eq!(component(&detail, "来源单号")["value"], "1025");
    let detail = stage.detail(&revoked).await;
    assert_eq!(detail["bizAction"], "REVOKE");
    assert_eq!(component(&detail, "来源单号")["value"], "1024");
}

#[tokio::test]
async fn a_test_waits_for_the_instance_of_its_document() {
    let stage = stage().await;
    let dingtalk = stage.dingtalk.clone();
    let waiting = tokio::spawn(async move { dingtalk.wait_for_instance("来源单号", "1025").await });
    stage.create(&stage.purchase_request()).await;
    let mut body = stage.purchase_request();
    body["formComponentValues"][0]["value"] = json!("1025");
    let id = stage.create(&body).await;
    assert_eq!(waiting.await.unwrap(), id);
    assert_eq!(stage.dingtalk.wait_for_instance("来源单号", "1025").await, id);
}

#[tokio::test]
async fn a_decision_can_be_visible_late() {
    let quirks = Quirks { decision_lag: Duration::from_secs(60), ..Quirks::default() };
    let stage = stage_with(Options { quirks, ..Options::default() }).await;
    let id = stage.create(&stage.purchase_request()).await;
    stage.dingtalk.approve_to_the_end(&id).unwrap();
    let detail = stage.detail(&id).await;
    assert_eq!((&detail["status"], &detail["result"]), (&json!("RUNNING"), &json!("")));
    assert_eq!(stage.dingtalk.instance(&id).unwrap()["result"], "agree");
    stage.clock.advance(Duration::from_secs(60));
    assert_eq!(stage.detail(&id).await["result"], "agree");
}

#[tokio::test]
async fn people_act_in_the_app() {
    let stage = stage().await;
    let code = stage.code("业务报价");
    let values = json!({
        "物料编码": "A-001", "业务伙伴编码": "C20000", "价格": 12.5, "币种": "CNY",
        "生效日期": "2026-12-01", "失效日期": "2026-12-31", "价目表": 1,
    });
    let id = stage.dingtalk.start_by_hand(&code, "user0031", &values).unwrap();
    assert_eq!(component(&stage.detail(&id).await, "价格")["value"], "12.5");
    assert!(stage.dingtalk.approve(&id, BUYER, "").is_err(), "not asked");
    stage.dingtalk.redirect(&id, "user0031", PURCHASING_HEAD).unwrap();
    stage.dingtalk.approve(&id, PURCHASING_HEAD, "好").unwrap();
    stage.dingtalk.comment(&id, ACCOUNTANT, "在看").unwrap();
    let state = stage.dingtalk.instance(&id).unwrap();
    assert_eq!(state["openTasks"], json!([ACCOUNTANT]));
    stage.dingtalk.refuse(&id, ACCOUNTANT, "太贵").unwrap();
    assert_eq!(stage.dingtalk.instance(&id).unwrap()["result"], "refuse");
    assert!(stage.dingtalk.withdraw(&id).is_err(), "ended");
    stage.dingtalk.delete(&id).unwrap();
    let (_, gone) = stage.get(&format!("{INSTANCES}?processInstanceId={id}")).await;
    assert_eq!(gone["code"], "processInstanceNotExist");

    let incomplete = stage.dingtalk.start_by_hand(&code, "user0031", &json!({"价格": 1}));
    assert!(incomplete.unwrap_err().to_string().contains("物料编码"));
}
