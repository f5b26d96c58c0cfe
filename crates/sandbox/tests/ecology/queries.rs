//! Questions: detail, status, log, operators, lists and counts.

use std::time::Duration;

use erplink_sandbox::ecology::{ListStyle, Quirks};
use serde_json::{Value, json};

use crate::support::{
    ACCOUNTANT, ADMINISTRATOR, BUYER, PURCHASING_HEAD, STOREKEEPER, Stage, purchase_request, stage,
    with,
};

/// Titles of a list, in its order.
async fn titles(stage: &Stage, user: &str, name: &str, parameters: &[(&str, &str)]) -> Vec<String> {
    let rows = stage.call(user, name, parameters).await;
    let rows = rows.as_array().unwrap_or_else(|| unreachable!("{rows}")).iter();
    rows.map(|row| row["requestName"].as_str().unwrap().to_owned()).collect()
}

async fn create_named(stage: &Stage, name: &str) -> i64 {
    let body = with(purchase_request(), "requestName", json!(name));
    let answer = stage.call_json(BUYER, "doCreateRequest", &body).await;
    answer["data"]["requestid"].as_i64().unwrap()
}

#[tokio::test]
async fn the_detail_shows_the_form_and_the_log() {
    let stage = stage().await;
    let id = stage.create().await.to_string();
    let parameters = [("requestId", id.as_str())];
    let answer = stage.get(PURCHASING_HEAD, "getWorkflowRequest", &parameters).await;
    let data = &answer["data"];
    assert_eq!(answer["code"], "SUCCESS");
    assert_eq!(data["requestId"], json!(id));
    assert_eq!(
        (&data["currentNodeId"], &data["currentNodeName"]),
        (&json!("3975"), &json!("采购经理审批"))
    );
    assert_eq!((&data["status"], &data["canEdit"]), (&json!("出口1"), &json!(true)));
    assert_eq!(data["workflowBaseInfo"]["formId"], "-1356");
    let main = &data["workflowMainTableInfo"];
    assert_eq!(main["tableDBName"], "formtable_main_1356");
    let fields = main["requestRecords"][0]["workflowRequestTableFields"].as_array().unwrap();
    let field = |name| fields.iter().find(|field| field["fieldName"] == name).unwrap();
    assert_eq!(field("docentry")["fieldValue"], "1042");
    assert_eq!(field("docentry")["mand"], true);
    assert_eq!(
        (&field("sqr")["fieldValue"], &field("sqr")["fieldShowValue"]),
        (&json!(BUYER), &json!("张三"))
    );
    let rows = &data["workflowDetailTableInfos"][0]["workflowRequestTableRecords"];
    assert!(rows[1]["recordOrder"].as_i64().unwrap() > rows[0]["recordOrder"].as_i64().unwrap());
    let log = &data["workflowRequestLogs"][0];
    assert_eq!((&log["operateType"], &log["receivedPersons"]), (&json!("提交"), &json!("李四")));
    let stranger = stage.get(STOREKEEPER, "getWorkflowRequest", &parameters).await;
    assert_eq!(stranger["code"], "NO_PERMISSION");
    assert_eq!(
        stage.get(ADMINISTRATOR, "getWorkflowRequest", &parameters).await["code"],
        "SUCCESS"
    );
}

#[tokio::test]
async fn the_status_mixes_types_as_documented() {
    let stage = stage().await;
    let id = stage.create().await.to_string();
    let parameters = [("requestId", id.as_str())];
    let answer = stage.get(PURCHASING_HEAD, "getRequestStatus", &parameters).await;
    assert!(answer.get("code").is_none(), "the documented sample has none");
    let data = &answer["data"];
    assert_eq!((&data["requestId"], &data["workflowId"]), (&json!(id), &json!(781)));
    assert_eq!((&data["currentNodeType"], &data["isremark"]), (&json!("1"), &json!(0)));
    assert_eq!(data["mainTableInfoEntity"]["billid"], -1356);
    stage.ecology.set_quirks(Quirks { status_without_code: false, ..Quirks::default() });
    let answer = stage.get(PURCHASING_HEAD, "getRequestStatus", &parameters).await;
    assert_eq!(answer["code"], "SUCCESS");
}

#[tokio::test]
async fn the_log_comes_in_pages_newest_first() {
    let stage = stage().await;
    let id = stage.create().await.to_string();
    for remark in ["一", "二", "三"] {
        let parameters = [("requestId", id.as_str()), ("remark", remark)];
        stage.call(BUYER, "saveRequestLog", &parameters).await;
    }
    let page = |options| {
        let (stage, id) = (&stage, id.as_str());
        async move {
            let parameters = [("requestId", id), ("otherParams", options)];
            let answer = stage.get(BUYER, "getRequestLog", &parameters).await;
            let entries = answer["data"].as_array().unwrap().clone();
            entries.iter().map(|one| one["logtype"].as_str().unwrap()).collect::<String>()
        }
    };
    assert_eq!(page("").await, "9992");
    assert_eq!(page(r#"{"pageSize":3,"pageNumber":1}"#).await, "999");
    assert_eq!(page(r#"{"pageSize":"3","pageNumber":"2"}"#).await, "2");
    let answer = stage.get(BUYER, "getRequestLog", &[("requestId", &id)]).await;
    let first = &answer["data"][3];
    assert_eq!(
        (&first["destnodeid"], &first["receivedPersonids"]),
        (&json!("3975"), &json!(PURCHASING_HEAD))
    );
    assert_eq!(first["remarkLocation"], "null");

    let one = [("requestId", id.as_str()), ("pageSize", "1")];
    let newest = stage.call(BUYER, "getWorkflowRequestLogs", &one).await;
    assert_eq!(newest[0]["remark"], "三");
    let end = newest[0]["id"].as_str().unwrap();
    let rest =
        stage.call(BUYER, "getWorkflowRequestLogs", &[("requestId", &id), ("endId", end)]).await;
    assert_eq!(rest.as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn operators_are_shown_with_their_standing() {
    let stage = stage().await;
    let id = stage.create().await.to_string();
    let operators = || async {
        let answer =
            stage.get(BUYER, "getRequestOperatorInfo", &[("requestid", id.as_str())]).await;
        let text = |one: &Value| {
            let part = |name: &str| one[name].as_str().unwrap().to_owned();
            format!("{}:{}:{}", part("userid"), part("isremark"), part("viewType"))
        };
        answer["data"].as_array().unwrap().iter().map(text).collect::<Vec<_>>()
    };
    assert_eq!(operators().await, ["15273:2:-2", "15001:0:0"]);
    stage.get(PURCHASING_HEAD, "getWorkflowRequest", &[("requestId", id.as_str())]).await;
    assert_eq!(operators().await, ["15273:2:-2", "15001:0:-2"]);
    stage.call(PURCHASING_HEAD, "submitRequest", &[("requestId", id.as_str())]).await;
    assert_eq!(operators().await, ["15273:2:-2", "15001:2:-2", "15273:4:0"]);
    let chart = stage.get(BUYER, "getRequestFlowChart", &[("requestid", id.as_str())]).await;
    assert!(chart["data"]["chartUrl"].as_str().unwrap().contains(&id));
}

#[tokio::test]
async fn each_list_holds_its_part() {
    let stage = stage().await;
    stage
        .ecology
        .edit_workflow(781, |workflow| workflow.copy_to = vec![ACCOUNTANT.to_owned()])
        .unwrap();
    let (a, b, c) = (
        create_named(&stage, "A").await,
        create_named(&stage, "B").await,
        create_named(&stage, "C").await,
    );
    stage.ecology.approve(a, PURCHASING_HEAD, "").await.unwrap();
    stage.ecology.refuse(b, PURCHASING_HEAD, "").await.unwrap();
    let forward =
        [("requestId", &*c.to_string()), ("forwardFlag", "1"), ("forwardResourceIds", "15004")];
    stage.call(PURCHASING_HEAD, "forwardRequest", &forward).await;
    for (user, name, expected) in [
        (PURCHASING_HEAD, "getToDoWorkflowRequest", vec!["C"]),
        (PURCHASING_HEAD, "getToDoRequest", vec!["C"]),
        (PURCHASING_HEAD, "getHandledWorkflowRequest", vec!["B", "A"]),
        (PURCHASING_HEAD, "getDoingWorkflowRequest", vec!["B"]),
        (PURCHASING_HEAD, "getProcessedWorkflowRequest", vec!["A"]),
        (BUYER, "getMyWorkflowRequest", vec!["C", "B", "A"]),
        (BUYER, "getToDoWorkflowRequest", vec!["B"]),
        (BUYER, "getBeRejectWorkflowRequest", vec!["B"]),
        (ACCOUNTANT, "getCCWorkflowRequest", vec!["A"]),
        (ACCOUNTANT, "getToBeReadWorkflowRequest", vec!["A"]),
        (ACCOUNTANT, "getToDoWorkflowRequest", vec![]),
        (STOREKEEPER, "getForwardWorkflowRequest", vec!["C"]),
        (STOREKEEPER, "getAllWorkflowRequest", vec!["C"]),
        (ADMINISTRATOR, "getAllWorkflowRequest", vec!["C", "B", "A"]),
    ] {
        assert_eq!(titles(&stage, user, &format!("{name}List"), &[]).await, expected, "{name}");
        let count = stage.call(user, &format!("{name}Count"), &[]).await;
        assert_eq!(count, json!(expected.len()), "{name}");
    }
    let of_ofs = titles(&stage, PURCHASING_HEAD, "getHandledWorkflowRequestList4Ofs", &[]).await;
    assert_eq!(of_ofs, ["B", "A"]);
    let count = stage.call(PURCHASING_HEAD, "getHandledWorkflowRequestCount4Ofs", &[]).await;
    assert_eq!(count, 2);
    let unread = |user| titles(&stage, user, "getToDoRequestList", &[("tabIds", "1")]);
    assert_eq!(unread(PURCHASING_HEAD).await, ["C"]);
    stage.get(PURCHASING_HEAD, "getWorkflowRequest", &[("requestId", &*c.to_string())]).await;
    assert!(unread(PURCHASING_HEAD).await.is_empty());
}

#[tokio::test]
async fn lists_are_filtered_and_paged() {
    let mut stage = stage().await;
    let token = stage.apply_token(&[("time", "999999")]).await;
    stage.token = token["token"].as_str().unwrap().to_owned();
    for number in 1..=12 {
        create_named(&stage, &format!("采购申请-{number}")).await;
    }
    let mine = |parameters: Vec<(&'static str, String)>| {
        let stage = &stage;
        async move {
            let parameters: Vec<_> =
                parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
            titles(stage, BUYER, "getMyWorkflowRequestList", &parameters).await.len()
        }
    };
    let page = |number: &str, size: &str| {
        mine(vec![("pageNo", number.to_owned()), ("pageSize", size.to_owned())])
    };
    assert_eq!((page("1", "5").await, page("3", "5").await, page("4", "5").await), (5, 2, 0));
    assert_eq!(mine(vec![]).await, 10, "the default size");
    let met = |conditions: Value| {
        mine(vec![("pageSize", "99".to_owned()), ("conditions", conditions.to_string())])
    };
    assert_eq!(met(json!({"requestname": "采购申请-12"})).await, 1);
    assert_eq!(met(json!({"requestname": "采购申请-1"})).await, 4, "contains");
    assert_eq!(met(json!({"createdateselect": "1"})).await, 12);
    assert_eq!(met(json!({"archivestatus ": "1"})).await, 0);
    assert_eq!(met(json!({"archivestatus": "2", "nodetype": 1})).await, 12);
    assert_eq!(met(json!({"archivestatus": "0"})).await, 12);
    assert_eq!(met(json!({"nodetype": "0"})).await, 0);
    assert_eq!(met(json!({"workcode": "E0042", "unophrmid": PURCHASING_HEAD})).await, 12);
    assert_eq!(met(json!({"ownerdepartmentid": "39", "creatersubcompanyid": "2"})).await, 12);
    assert_eq!(met(json!({"workflowIds": "780,781", "workflowTypes": "167"})).await, 12);
    assert_eq!(met(json!({"workflowIds": "78"})).await, 0);
    assert_eq!(met(json!({"requestlevel": "2"})).await, 0);
    assert_eq!(met(json!({"createrid2": "5"})).await, 0);
    stage.clock.advance(Duration::from_secs(86_400));
    assert_eq!(met(json!({"createdateselect": "1"})).await, 0);
    let range =
        json!({"createdateselect": "6", "createdatefrom": "2020-01-01", "createdateto": ""});
    assert_eq!(met(range).await, 12);
    let broken = stage.call(BUYER, "getMyWorkflowRequestList", &[("conditions", "{")]).await;
    assert_eq!(broken["code"], "PARAM_ERROR");
}

#[tokio::test]
async fn lists_are_wrapped_in_three_ways() {
    let stage = stage().await;
    stage.create().await;
    let bare = stage.call(BUYER, "getMyWorkflowRequestList", &[]).await;
    assert_eq!(bare[0].as_object().unwrap().len(), 15);
    assert_eq!(bare[0]["workflowBaseInfo"]["workflowName"], "采购申请");
    let quirks = |list_style| Quirks { list_style, wide_rows: true, ..Quirks::default() };
    stage.ecology.set_quirks(quirks(ListStyle::CodeData));
    let wrapped = stage.call(BUYER, "getMyWorkflowRequestList", &[]).await;
    assert_eq!(
        (&wrapped["code"], &wrapped["data"][0]["currentnodetype"]),
        (&json!("SUCCESS"), &json!("1"))
    );
    stage.ecology.set_quirks(quirks(ListStyle::StatusDatas));
    let wrapped = stage.call(BUYER, "getMyWorkflowRequestCount", &[]).await;
    assert_eq!(wrapped, json!({"status": "1", "datas": 1}));
}

#[tokio::test]
async fn what_a_user_may_start_is_listed() {
    let stage = stage().await;
    stage
        .ecology
        .edit_workflow(782, |workflow| workflow.creators = vec!["15004".to_owned()])
        .unwrap();
    stage.ecology.edit_workflow(783, |workflow| workflow.enabled = false).unwrap();
    let count = |user| stage.call(user, "getCreateWorkflowCount", &[]);
    assert_eq!((count(BUYER).await, count(STOREKEEPER).await), (json!(5), json!(6)));
    let named = [("conditions", r#"{"wfName":"采购"}"#)];
    let rows = stage.call(BUYER, "getCreateWorkflowList", &named).await;
    assert_eq!(rows.as_array().unwrap().len(), 2);
    assert_eq!((&rows[0]["workflowId"], &rows[0]["formId"]), (&json!("781"), &json!("-1356")));
    let types = stage.call(BUYER, "getCreateWorkflowTypeList", &[]).await;
    assert_eq!(types, json!([{"workflowTypeId": "167", "workflowTypeName": "ERP 单据"}]));
    assert_eq!(stage.call(BUYER, "getCreateWorkflowTypeCount", &[]).await, 1);
}

#[tokio::test]
async fn some_patches_describe_the_form() {
    let stage = stage().await;
    let ask = || stage.get(BUYER, "getCreateWorkflowRequestInfo", &[("workflowId", "786")]);
    assert!(ask().await.is_string(), "most answer with a page");
    stage.ecology.set_quirks(Quirks { form_definition_call: true, ..Quirks::default() });
    let fields = &ask().await["data"]["workflowMainTableInfo"]["requestRecords"][0]["workflowRequestTableFields"];
    assert_eq!((&fields[0]["fieldName"], &fields[0]["mand"]), (&json!("cardcode"), &json!(true)));
    assert_eq!(fields[5]["selectvalues"], json!(["0", "1"]));
    assert_eq!(fields[5]["selectnames"], json!(["生产物料", "服务"]));
}
