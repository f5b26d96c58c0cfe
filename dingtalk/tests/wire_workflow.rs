//! Every approval, contact and callback call: the exact request and the documented answer.

#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

mod support;

use chrono::{DateTime, Utc};
use dingtalk::callback::{CallbackTag, Event, InstanceChange, Registration};
use dingtalk::contacts::ROOT_DEPARTMENT;
use dingtalk::workflow::form::ComponentType;
use dingtalk::workflow::{
    AttachmentFile, CcPosition, CreateInstance, Decision, FormValue, Instance, InstanceStatus,
    Outcome, SaveTemplate, Step, TaskFiles, TaskStatus, TemplateComponent,
};
use erplink_core::ErrorKind;
use serde_json::{Value, json};
use support::{TOKEN, legacy, requests, start, v1};
use wiremock::matchers::{body_partial_json, method, path, query_param};
use wiremock::{Mock, ResponseTemplate};

const INSTANCES: &str = "/v1.0/workflow/processInstances";
const QUERY_IDS: &str = "/v1.0/workflow/processes/instanceIds/query";
const DONE: &str = r#"{"result":true,"success":true}"#;

fn done() -> Value {
    serde_json::from_str(DONE).unwrap()
}

fn instance_answer() -> Value {
    serde_json::from_str(include_str!("fixtures/instance.json")).unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[tokio::test]
async fn creates_an_instance_with_exactly_the_documented_body() {
    let (server, client, _) = start().await;
    v1(&server, "POST", INSTANCES, 200, json!({ "instanceId": "91ef1076" })).await;
    let request = CreateInstance::new("manager4974", "PROC-288AE7AC")
        .dept(417_223_049)
        .value(FormValue::text("来源单号", "1024"))
        .value(FormValue::number("数量合计", "12.5".parse::<erplink_core::Decimal>().unwrap()))
        .value(FormValue::table(
            "物料明细",
            [
                vec![FormValue::text("物料编码", "A-001"), FormValue::number("数量", 10)],
                vec![FormValue::text("物料编码", "B-002"), FormValue::number("数量", 2)],
            ],
        ));
    assert_eq!(client.workflow().create(&request).await.unwrap(), "91ef1076");
    let expected = json!({
        "originatorUserId": "manager4974", "processCode": "PROC-288AE7AC", "deptId": 417_223_049,
        "microappAgentId": 41_605_932,
        "formComponentValues": [
            { "name": "来源单号", "value": "1024" },
            { "name": "数量合计", "value": "12.5" },
            { "name": "物料明细", "value": r#"[[{"name":"物料编码","value":"A-001"},{"name":"数量","value":"10"}],[{"name":"物料编码","value":"B-002"},{"name":"数量","value":"2"}]]"# },
        ],
    });
    assert_eq!(requests(&server, INSTANCES).await, [(String::new(), expected)]);
}

#[tokio::test]
async fn creates_with_a_flow_of_its_own() {
    let (server, client, _) = start().await;
    v1(&server, "POST", INSTANCES, 200, json!({ "instanceId": "i" })).await;
    let request = CreateInstance::new("u", "PROC-1")
        .agent_id(7)
        .approver(Step::single("a"))
        .approver(Step::all(["b", "c"]))
        .approver(Step::any(["d", "e"]))
        .cc(["f"], CcPosition::StartFinish)
        .choose("key", ["g"])
        .detail_page("https://erp.example.com/1")
        .value(
            FormValue::raw("x", "y")
                .id("T1")
                .alias("z")
                .ext_value("{}")
                .component_type(ComponentType::Text),
        );
    client.workflow().create(&request).await.unwrap();
    // The root department is 1 for contacts and -1 here.
    client.workflow().create(&CreateInstance::new("u", "P").dept(ROOT_DEPARTMENT)).await.unwrap();
    let sent = requests(&server, INSTANCES).await;
    assert_eq!(
        sent[0].1,
        json!({
            "originatorUserId": "u", "processCode": "PROC-1", "microappAgentId": 7,
            "approvers": [
                { "actionType": "NONE", "userIds": ["a"] },
                { "actionType": "AND", "userIds": ["b", "c"] },
                { "actionType": "OR", "userIds": ["d", "e"] },
            ],
            "ccList": ["f"], "ccPosition": "START_FINISH",
            "targetSelectActioners": [{ "actionerKey": "key", "actionerUserIds": ["g"] }],
            "bizDetailPageUrl": "https://erp.example.com/1",
            "formComponentValues": [
                { "name": "x", "value": "y", "id": "T1", "bizAlias": "z", "extValue": "{}", "componentType": "TextField" },
            ],
        })
    );
    assert_eq!(sent[1].1["deptId"], -1);
}

#[tokio::test]
async fn refuses_what_cannot_be_created_before_it_is_sent() {
    let (server, client, _) = start().await;
    let new = || CreateInstance::new("u", "P");
    let many = |count: usize| (0..count).map(|n| n.to_string()).collect::<Vec<_>>();
    for (request, expected) in [
        (CreateInstance::new(" ", "P").dept(1), "originator: required"),
        (CreateInstance::new("u", "").dept(1), "process_code: required"),
        (new(), "dept: required without approvers"),
        (new().approver(Step::all(["a"])), "step 1: `all` and `any` need at least 2"),
        (new().approver(Step::single("a")).approver(Step::any(["a"])), "step 2"),
        (new().dept(1).cc(["a"], CcPosition::Start), "cc: DingTalk ignores it without approvers"),
        (
            new().approver(Step::single("a")).cc(many(51), CcPosition::Start),
            "cc: at most 50, found 51",
        ),
        (new().dept(1).choose("k", many(0)), "choose `k`: no user"),
        (new().dept(1).detail_page("x".repeat(1025)), "detail_page: at most 1024"),
        (
            new().dept(1).values((0..151).map(|n| FormValue::text(n.to_string(), ""))),
            "values: at most 150, found 151",
        ),
        (new().dept(1).value(FormValue::photos("图", ["u"; 10])), "`图`: at most 9 images"),
        (
            (0..21).fold(new(), |request, _| request.approver(Step::single("a"))),
            "approvers: at most 20, found 21",
        ),
    ] {
        let error = client.workflow().create(&request).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.is_before_send());
        assert!(error.to_string().contains(expected), "{error}");
    }
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn reads_an_instance() {
    let (server, client, _) = start().await;
    v1(&server, "GET", INSTANCES, 200, instance_answer()).await;
    let instance = client.workflow().get("RgJJ1veyQl2A/6841 +").await.unwrap();
    let (query, _) = &requests(&server, INSTANCES).await[0];
    assert_eq!(query, "processInstanceId=RgJJ1veyQl2A%2F6841+%2B");

    assert_eq!(instance.outcome(), Outcome::Approved);
    assert_eq!(instance.business_id.as_deref(), Some("202411201031000123456"));
    let finished = instance.finish_time.as_ref().unwrap();
    assert_eq!(
        (finished.as_str(), finished.utc()),
        ("2024-11-20T03:02Z", Some(at("2024-11-20T03:02:00Z")))
    );
    assert_eq!(instance.tasks[0].task_id, Some(67_583_405_630));
    assert_eq!(instance.tasks[0].status, Some(TaskStatus::Completed));
    assert_eq!(instance.open_tasks().count(), 0);
    assert_eq!(instance.operation_records[0].remark.as_deref(), Some("同意"));
    assert_eq!(instance.form().require("来源单号").unwrap().integer().unwrap(), Some(1024));
    assert_eq!(instance.form().get("备注").unwrap().text(), None);
    assert_eq!(instance.form().get("审批人").unwrap().user_ids(), ["0147282552401293909"]);
    let rows = instance.form().require("物料明细").unwrap().rows().unwrap();
    assert_eq!(rows[0].get("数量").unwrap().text(), Some("10"));
    assert_eq!(instance.extra["newMember"], json!({ "a": 1 }));
}

#[test]
fn decides_from_status_and_result_only() {
    for (status, result, expected) in [
        (json!("COMPLETED"), json!("agree"), Outcome::Approved),
        (json!("COMPLETED"), json!("refuse"), Outcome::Refused),
        (json!("COMPLETED"), json!(""), Outcome::Running),
        (json!("TERMINATED"), json!(null), Outcome::Withdrawn),
        (json!("TERMINATED"), json!("agree"), Outcome::Withdrawn),
        (json!("CANCELED"), json!(""), Outcome::Withdrawn),
        (json!("RUNNING"), json!("agree"), Outcome::Running),
        (json!("PAUSED_BY_MARTIANS"), json!("agree"), Outcome::Running),
        (json!(null), json!(null), Outcome::Running),
    ] {
        let instance: Instance =
            serde_json::from_value(json!({ "status": status, "result": result })).unwrap();
        assert_eq!(instance.outcome(), expected, "{status} {result}");
    }
}

/// Removes, and sets to null, each member of the document in turn.
fn shrunk(document: &Value, keep: &mut impl FnMut(Value)) {
    fn walk(root: &Value, at: &mut Vec<String>, here: &Value, keep: &mut impl FnMut(Value)) {
        let children: Vec<String> = match here {
            Value::Object(members) => members.keys().cloned().collect(),
            Value::Array(items) => (0..items.len()).map(|n| n.to_string()).collect(),
            _ => Vec::new(),
        };
        for child in children {
            let parent = format!("/{}", at.join("/")).trim_end_matches('/').to_owned();
            at.push(child.clone());
            let pointer = format!("/{}", at.join("/"));
            let mut without = root.clone();
            match without.pointer_mut(&parent).unwrap() {
                Value::Object(members) => drop(members.remove(&child)),
                Value::Array(items) => drop(items.remove(child.parse().unwrap())),
                _ => unreachable!(),
            }
            keep(without);
            let mut null = root.clone();
            *null.pointer_mut(&pointer).unwrap() = Value::Null;
            keep(null);
            walk(root, at, root.pointer(&pointer).unwrap(), keep);
            at.pop();
        }
    }
    walk(document, &mut Vec::new(), document, keep);
}

#[test]
fn an_instance_decodes_with_any_member_missing_or_null() {
    let mut count = 0;
    shrunk(&instance_answer()["result"], &mut |smaller| {
        count += 1;
        if let Err(error) = serde_json::from_value::<Instance>(smaller.clone()) {
            panic!("{error}: {smaller}");
        }
    });
    assert!(count > 150, "{count}");
}

#[tokio::test]
async fn lists_ids_over_pages_and_windows_each_once() {
    let (server, client, _) = start().await;
    let since = at("2024-01-01T00:00:00Z");
    let first = json!({ "startTime": since.timestamp_millis() });
    for (page, answer) in [
        (json!({ "nextToken": 0 }), json!({ "list": ["a", "b"], "nextToken": "10" })),
        (json!({ "nextToken": 10 }), json!({ "list": ["c"], "nextToken": "" })),
    ] {
        let mut expected = first.clone();
        expected.as_object_mut().unwrap().extend(page.as_object().unwrap().clone());
        Mock::given(path(QUERY_IDS))
            .and(body_partial_json(expected))
            .respond_with(
                ResponseTemplate::new(200)
                    .set_body_json(json!({ "result": answer, "success": true })),
            )
            .mount(&server)
            .await;
    }
    v1(
        &server,
        "POST",
        QUERY_IDS,
        200,
        json!({ "result": { "list": ["c", "d"], "nextToken": null } }),
    )
    .await;
    let ids = client
        .workflow()
        .list_ids("PROC-1", since)
        .until(at("2024-12-31T00:00:00Z"))
        .originators(["u"])
        .statuses([InstanceStatus::Completed])
        .ids()
        .try_collect()
        .await
        .unwrap();
    assert_eq!(ids, ["a", "b", "c", "d"]);
    let sent = requests(&server, QUERY_IDS).await;
    assert_eq!(sent.len(), 5, "365 days are four windows, the first of two pages");
    let day = 86_400_000;
    for (_, body) in &sent {
        let span = body["endTime"].as_i64().unwrap() - body["startTime"].as_i64().unwrap();
        assert!((0..=120 * day).contains(&span), "{body}");
        assert_eq!((&body["maxResults"], &body["userIds"]), (&json!(20), &json!(["u"])));
        assert_eq!(body["statuses"], json!(["COMPLETED"]));
    }
    for pair in sent[1..].windows(2) {
        assert_eq!(pair[0].1["endTime"], pair[1].1["startTime"], "no gap between windows");
    }
}

#[tokio::test]
async fn refuses_a_list_that_cannot_be_and_one_that_never_ends() {
    let (server, client, clock) = start().await;
    let workflow = client.workflow();
    let now = erplink_core::clock::Clock::utc(&clock);
    let backwards = workflow.list_ids("P", now).until(now - chrono::Duration::days(1));
    let error = backwards.ids().try_collect().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    let crowd = workflow.list_ids("P", now).originators(["u"; 11]);
    assert!(crowd.ids().try_collect().await.unwrap_err().to_string().contains("at most 10"));

    v1(&server, "POST", QUERY_IDS, 200, json!({ "result": { "list": [], "nextToken": "0" } }))
        .await;
    let stuck = workflow.list_ids("P", now).ids().try_collect().await.unwrap_err();
    assert_eq!(stuck.kind(), ErrorKind::Decode);
    let (_, body) = &requests(&server, QUERY_IDS).await[0];
    assert_eq!(body.get("endTime"), None, "an open end is the platform's now");
}

#[tokio::test]
async fn finds_the_instance_of_a_create_whose_answer_was_lost() {
    let (server, client, clock) = start().await;
    let since = erplink_core::clock::Clock::utc(&clock);
    v1(&server, "POST", QUERY_IDS, 200, json!({ "result": { "list": ["gone", "other", "mine"] } }))
        .await;
    let form = |value: &str| json!({ "result": { "formComponentValues": [{ "name": "来源单号", "value": value }] } });
    for (id, status, answer) in [
        ("gone", 400, json!({ "code": "processInstanceNotExist", "message": "m" })),
        ("other", 200, form("1023")),
        ("mine", 200, form("1024")),
    ] {
        Mock::given(method("GET"))
            .and(path(INSTANCES))
            .and(query_param("processInstanceId", id))
            .respond_with(ResponseTemplate::new(status).set_body_json(answer))
            .mount(&server)
            .await;
    }
    let workflow = client.workflow();
    let find = |value: &'static str| {
        let workflow = workflow.clone();
        async move { workflow.find_created("PROC-1", "u", since, "来源单号", value).await }
    };
    assert_eq!(find("1024").await.unwrap().unwrap().0, "mine");
    assert!(find("1025").await.unwrap().is_none());
    let (_, body) = &requests(&server, QUERY_IDS).await[0];
    assert_eq!(body["userIds"], json!(["u"]));
    assert_eq!(body["startTime"], since.timestamp_millis() - 120_000);

    Mock::given(method("GET"))
        .and(path(INSTANCES))
        .and(query_param("processInstanceId", "other"))
        .respond_with(ResponseTemplate::new(200).set_body_json(form("1024")))
        .with_priority(1)
        .mount(&server)
        .await;
    let error = find("1024").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.to_string().contains("other, mine"), "{error}");
}

#[tokio::test]
async fn acts_on_instances_and_tasks() {
    let (server, client, _) = start().await;
    let workflow = client.workflow();
    for at in ["terminate", "comments"] {
        v1(&server, "POST", &format!("{INSTANCES}/{at}"), 200, done()).await;
    }
    let execute = format!("{INSTANCES}/execute");
    v1(&server, "POST", &execute, 200, json!({ "result": false, "success": true })).await;
    v1(&server, "POST", "/v1.0/workflow/tasks/redirect", 200, json!({ "result": true })).await;

    workflow.terminate("i").await.unwrap();
    workflow.terminate("i").by("u").remark("重复").await.unwrap();
    let sent = requests(&server, &format!("{INSTANCES}/terminate")).await;
    assert_eq!(sent[0].1, json!({ "processInstanceId": "i", "isSystem": true }));
    assert_eq!(
        sent[1].1,
        json!({
            "processInstanceId": "i", "isSystem": false, "operatingUserId": "u", "remark": "重复",
        })
    );

    let file = AttachmentFile::new("1635", "6433", "a.jpg", 333, "jpg");
    let files = TaskFiles { photos: vec!["https://h/a.png".into()], attachments: vec![file] };
    let file_json = json!({
        "photos": ["https://h/a.png"],
        "attachments": [{ "spaceId": "1635", "fileName": "a.jpg", "fileSize": "333", "fileType": "jpg", "fileId": "6433" }],
    });
    let executed = workflow
        .execute("i", 67_583_405_630, "u", Decision::Refuse)
        .remark("不同意")
        .files(files.clone())
        .await
        .unwrap();
    assert_eq!(executed.result, Some(false), "the decision, not the outcome of the call");
    assert_eq!(
        requests(&server, &execute).await[0].1,
        json!({
            "processInstanceId": "i", "taskId": 67_583_405_630_i64, "actionerUserId": "u",
            "result": "refuse", "remark": "不同意", "file": file_json,
        })
    );

    workflow.comment("i", "u", "好").files(files.clone()).await.unwrap();
    assert_eq!(
        requests(&server, &format!("{INSTANCES}/comments")).await[0].1,
        json!({
            "processInstanceId": "i", "text": "好", "commentUserId": "u", "file": file_json,
        })
    );

    workflow.redirect(7, "from", "to").remark("r").action_name("n").files(files).await.unwrap();
    assert_eq!(
        requests(&server, "/v1.0/workflow/tasks/redirect").await[0].1,
        json!({
            "taskId": 7, "toUserId": "to", "operateUserId": "from", "remark": "r", "actionName": "n",
            "file": file_json,
        })
    );

    let long = "审".repeat(1025);
    for error in [
        workflow.terminate("").await.unwrap_err(),
        workflow.terminate("i").by(" ").await.unwrap_err(),
        workflow.terminate("i").remark(long.clone()).await.unwrap_err(),
        workflow.comment("i", "u", "").await.unwrap_err(),
        workflow.comment("i", "u", long.clone()).await.unwrap_err(),
        workflow.redirect(7, "a", "b").remark("x".repeat(257)).await.unwrap_err(),
        workflow.redirect(7, "a", "b").action_name("x".repeat(129)).await.unwrap_err(),
        workflow.execute("i", 7, "u", Decision::Agree).remark(long).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
    }
}

#[tokio::test]
async fn reaches_the_files_of_approvals() {
    let (server, client, _) = start().await;
    let workflow = client.workflow();
    let space = format!("{INSTANCES}/spaces/infos/query");
    let preview = format!("{INSTANCES}/spaces/authPreview");
    let grant = format!("{INSTANCES}/spaces/files/authDownload");
    let download = format!("{INSTANCES}/spaces/files/urls/download");
    let space_id = json!({ "result": { "spaceId": 3_996_960_664_i64 }, "success": true });
    v1(&server, "POST", &space, 200, space_id.clone()).await;
    v1(&server, "POST", &preview, 200, space_id).await;
    v1(&server, "POST", &grant, 200, done()).await;
    v1(&server, "POST", &download, 200, json!({
        "result": { "spaceId": 3_996_960_664_i64, "fileId": "26748422566", "downloadUri": "http://h/1" },
        "success": true,
    }))
    .await;

    assert_eq!(workflow.attachment_space("u").await.unwrap(), "3996960664");
    assert_eq!(
        requests(&server, &space).await[0].1,
        json!({ "userId": "u", "agentId": 41_605_932 })
    );

    workflow.authorize_preview("u", "i", "f").files(["g"]).with_comments().await.unwrap();
    assert_eq!(
        requests(&server, &preview).await[0].1,
        json!({
            "userId": "u", "processInstanceId": "i", "fileId": "f", "agentId": 41_605_932,
            "fileIdList": ["g"], "withCommentAttatchment": true,
        })
    );

    workflow.authorize_download("u", &[("3996960664", "f")]).await.unwrap();
    assert_eq!(
        requests(&server, &grant).await[0].1,
        json!({
            "userId": "u", "fileInfos": [{ "fileId": "f", "spaceId": 3_996_960_664_i64 }],
        })
    );
    assert!(workflow.authorize_download("u", &[("x", "f")]).await.unwrap_err().is_before_send());

    let found = workflow.download("i", "f", false).await.unwrap();
    assert_eq!(found.download_uri.as_deref(), Some("http://h/1"));
    assert_eq!(found.space_id.as_deref(), Some("3996960664"));
    assert_eq!(
        requests(&server, &download).await[0].1,
        json!({
            "processInstanceId": "i", "fileId": "f", "withCommentAttatchment": false,
        })
    );
}

#[tokio::test]
async fn reads_and_writes_templates() {
    let (server, client, _) = start().await;
    let workflow = client.workflow();
    v1(&server, "GET", "/v1.0/workflow/forms/schemas/processCodes", 200, json!({ "result": {
        "formCode": "PROC-1", "name": "采购申请", "status": "PUBLISHED", "gmtModified": "1700000000000",
        "schemaContent": { "title": "t", "items": [
            { "componentName": "TextField", "props": { "id": "T1", "label": "来源单号", "required": true } },
        ] },
    } }))
    .await;
    let schema = workflow.schema("PROC-1").await.unwrap();
    assert_eq!(schema.components[0].component_type, Some(ComponentType::Text));
    assert!(schema.components[0].required);
    let error: dingtalk::Error = schema.fit([]).unwrap_err().into();
    assert!(error.is_before_send() && error.to_string().contains("来源单号"), "{error}");

    let by_name = "/v1.0/workflow/processCentres/schemaNames/processCodes";
    v1(
        &server,
        "GET",
        by_name,
        200,
        json!({ "result": {
        "processCode": "PROC-1", "gmtModified": "2024-03-22T11:50Z",
    } }),
    )
    .await;
    assert_eq!(workflow.code_by_name("采购申请").await.unwrap().process_code, "PROC-1");
    assert_eq!(requests(&server, by_name).await[0].0, "name=%E9%87%87%E8%B4%AD%E7%94%B3%E8%AF%B7");

    let visible = "/v1.0/workflow/processes/userVisibilities/templates";
    for (token, answer) in [
        (
            "0",
            json!({ "processList": [{ "name": "a", "processCode": "P1", "dirId": 1 }], "nextToken": 10 }),
        ),
        ("10", json!({ "processList": [{ "name": "b", "processCode": "P2" }] })),
    ] {
        Mock::given(path(visible))
            .and(query_param("nextToken", token))
            .and(query_param("userId", "u"))
            .and(query_param("maxResults", "100"))
            .respond_with(ResponseTemplate::new(200).set_body_json(json!({ "result": answer })))
            .mount(&server)
            .await;
    }
    let templates = workflow.visible_templates(Some("u")).try_collect().await.unwrap();
    let codes: Vec<_> = templates.iter().filter_map(|t| t.process_code.as_deref()).collect();
    assert_eq!(codes, ["P1", "P2"]);

    v1(&server, "GET", "/v1.0/workflow/processes/managements/templates", 200, json!({
        "result": [{ "flowTitle": "采购", "processCode": "P1", "newProcess": "true", "attendanceType": 0 }],
        "success": true,
    }))
    .await;
    assert_eq!(workflow.managed_templates("u").await.unwrap()[0].new_process, Some(true));

    let forms = "/v1.0/workflow/forms";
    v1(&server, "POST", forms, 200, json!({ "result": { "processCode": "PROC-9" } })).await;
    let table = TemplateComponent::new(ComponentType::Table, "TB", "明细")
        .child(TemplateComponent::new(ComponentType::Number, "N1", "数量").required());
    let template =
        SaveTemplate::new("采购").description("d").component(table).config("hidden", false);
    assert_eq!(workflow.save_template(&template).await.unwrap(), "PROC-9");
    workflow.save_template(&template.update("PROC-9")).await.unwrap();
    let sent = requests(&server, forms).await;
    assert_eq!(
        sent[0].1,
        json!({
            "name": "采购", "description": "d", "templateConfig": { "hidden": false },
            "formComponents": [{
                "componentType": "TableField", "props": { "componentId": "TB", "label": "明细" },
                "children": [{ "componentType": "NumberField",
                    "props": { "componentId": "N1", "label": "数量", "required": true } }],
            }],
        })
    );
    assert_eq!(sent[1].1["processCode"], "PROC-9");
}

#[tokio::test]
async fn forecasts_the_nodes_to_choose_for() {
    let (server, client, _) = start().await;
    let at = "/v1.0/workflow/processes/forecast";
    v1(&server, "POST", at, 200, json!({ "result": {
        "isForecastSuccess": true, "processCode": "P", "userId": "u", "processId": 1,
        "workflowActivityRules": [
            { "activityId": "a", "activityType": "target_select", "isTargetSelect": true,
              "workflowActor": { "actorKey": "key", "required": true, "allowedMulti": "false",
                "actorSelectionRange": { "approvals": [{ "workNo": "0147", "userName": "张三" }] } } },
            { "activityId": "b", "activityType": "target_approval", "isTargetSelect": false },
        ],
        "workflowForecastNodes": [{ "activityId": "a", "outId": "o" }],
    } }))
    .await;
    let values = [FormValue::text("来源单号", "1")];
    let forecast = client.workflow().forecast("P", "u", 1, &values).await.unwrap();
    let choices: Vec<_> = forecast.required_choices().collect();
    assert_eq!(choices.len(), 1);
    assert_eq!(choices[0].workflow_actor.actor_key.as_deref(), Some("key"));
    let range = &choices[0].workflow_actor.actor_selection_range;
    assert_eq!(range.approvals[0].user_id.as_deref(), Some("0147"));
    assert_eq!(
        requests(&server, at).await[0].1,
        json!({
            "processCode": "P", "deptId": -1, "userId": "u",
            "formComponentValues": [{ "name": "来源单号", "value": "1" }],
        })
    );
}

#[tokio::test]
async fn looks_people_up_whatever_the_types_of_the_answer() {
    let (server, client, _) = start().await;
    let contacts = client.contacts();
    legacy(
        &server,
        "POST",
        "/topapi/v2/user/getbymobile",
        json!({
            "errcode": "0", "errmsg": "ok", "result": { "userid": "0147" }, "request_id": "R",
        }),
    )
    .await;
    legacy(&server, "POST", "/topapi/v2/user/get", json!({ "errcode": "0", "result": {
        "userid": "0147", "name": "张三", "active": "true", "admin": false, "hired_date": "1597573616828",
        "dept_id_list": "[1,2]", "role_list": { "id": 100, "name": "主管", "group_name": "职务" },
        "leader_in_dept": [{ "dept_id": "2", "leader": "true" }], "nickname": "三",
    } }))
    .await;
    let user = contacts.user("0147").await.unwrap();
    assert_eq!(
        (user.active, user.admin, user.hired_date),
        (Some(true), Some(false), Some(1_597_573_616_828))
    );
    assert_eq!(user.dept_id_list, [1, 2]);
    assert_eq!(user.role_list[0].id.as_deref(), Some("100"));
    assert_eq!(user.leader_in_dept[0].leader, Some(true));
    assert_eq!(user.extra["nickname"], "三");

    let originator = contacts.originator_by_mobile("13800000000").await.unwrap();
    assert_eq!((originator.user_id.as_str(), originator.dept_id), ("0147", -1));
    let (query, body) = &requests(&server, "/topapi/v2/user/getbymobile").await[0];
    assert_eq!(
        (query.as_str(), body),
        (format!("access_token={TOKEN}").as_str(), &json!({ "mobile": "13800000000" }))
    );

    legacy(
        &server,
        "POST",
        "/topapi/user/getbyunionid",
        json!({
            "errcode": 0, "result": { "contact_type": 0, "userid": "u" },
        }),
    )
    .await;
    assert_eq!(contacts.user_by_union_id("x").await.unwrap().contact_type, Some(0));
    legacy(
        &server,
        "POST",
        "/topapi/user/listid",
        json!({ "errcode": 0, "result": { "userid_list": ["u"] } }),
    )
    .await;
    assert_eq!(contacts.user_ids(1).await.unwrap(), ["u"]);
    legacy(
        &server,
        "POST",
        "/topapi/v2/department/listsubid",
        json!({ "errcode": 0, "result": { "dept_id_list": [2, "3"] } }),
    )
    .await;
    assert_eq!(contacts.sub_department_ids(1).await.unwrap(), [2, 3]);
    legacy(
        &server,
        "POST",
        "/topapi/v2/department/get",
        json!({ "errcode": 0, "result": { "dept_id": 2, "name": "采购部", "parent_id": "1" } }),
    )
    .await;
    assert_eq!(contacts.department(2).await.unwrap().parent_id, Some(1));
    legacy(
        &server,
        "POST",
        "/topapi/v2/department/listparentbyuser",
        json!({ "errcode": 0, "result": {
        "parent_list": [{ "parent_dept_id_list": [456, 123, 1] }],
    } }),
    )
    .await;
    assert_eq!(contacts.parent_departments("u").await.unwrap(), [[456, 123, 1]]);
    assert!(contacts.user("").await.unwrap_err().is_before_send());
}

#[tokio::test]
async fn walks_the_department_tree_and_does_not_loop() {
    let (server, client, _) = start().await;
    for (parent, children) in [
        (1, json!([{ "dept_id": 2 }, { "dept_id": 3 }])),
        (2, json!([{ "dept_id": 4 }])),
        (3, json!([])),
        (4, json!({ "dept_id": 1 })),
    ] {
        Mock::given(path("/topapi/v2/department/listsub"))
            .and(body_partial_json(json!({ "dept_id": parent })))
            .respond_with(
                ResponseTemplate::new(200)
                    .set_body_json(json!({ "errcode": 0, "result": children })),
            )
            .expect(1)
            .mount(&server)
            .await;
    }
    let tree = client.contacts().department_tree(ROOT_DEPARTMENT).await.unwrap();
    let ids: Vec<_> = tree.iter().filter_map(|department| department.dept_id).collect();
    assert_eq!(ids, [2, 3, 4]);
}

#[tokio::test]
async fn reads_the_events_that_were_pushed_in_vain() {
    let (server, client, _) = start().await;
    legacy(&server, "GET", "/call_back/get_call_back_failed_result", json!({
        "errcode": 0, "errmsg": "ok", "has_more": true, "failed_list": [
            { "call_back_tag": "bpms_instance_change", "event_time": 1_732_071_720_000_i64,
              "bpms_instance_change": { "corpid": "ding9f50", "bpmsCallBackData": {
                "EventType": "bpms_instance_change", "type": "finish", "result": "agree",
                "processInstanceId": "91ef", "processCode": "PROC-1", "corpId": "ding9f50" } } },
            { "call_back_tag": "user_add_org", "event_time": 1, "user_add_org": { "corpid": "d", "userid": ["u"] } },
            { "unheard": "of" },
        ],
    }))
    .await;
    let failed = client.failed_events().await.unwrap();
    assert!(failed.has_more);
    let Event::Instance(event) = &failed.events[0] else { panic!("{failed:?}") };
    assert!(matches!(event.change, InstanceChange::Finished(Some(_))));
    assert_eq!(event.meta.corp_id.as_deref(), Some("ding9f50"));
    assert_eq!(event.meta.event_time, Some(1_732_071_720_000));
    assert_eq!(failed.events[1].meta().unwrap().event_type, "user_add_org");
    assert_eq!(failed.events.len(), 2);
    assert_eq!(failed.unreadable[0].as_str(), r#"{"unheard":"of"}"#);
}

#[tokio::test]
async fn registers_a_callback() {
    let (server, client, _) = start().await;
    let ok = json!({ "errcode": 0, "errmsg": "ok" });
    for (verb, name) in [("POST", "register"), ("POST", "update"), ("GET", "delete")] {
        legacy(&server, verb, &format!("/call_back/{name}_call_back"), ok.clone()).await;
    }
    legacy(&server, "GET", "/call_back/get_call_back", json!({
        "errcode": 0, "call_back_tag": ["bpms_instance_change"], "token": "t", "aes_key": "k", "url": "https://h/cb",
    }))
    .await;
    let tags = [CallbackTag::InstanceChange, CallbackTag::TaskChange];
    let registration = Registration::new("https://h/cb", "planted-token", "planted-key", tags);
    assert!(!format!("{registration:?}").contains("planted"));
    client.register_callback(&registration).await.unwrap();
    client.update_callback(&registration).await.unwrap();
    client.delete_callback().await.unwrap();
    let registered = client.registered_callback().await.unwrap();
    assert_eq!(registered.call_back_tag, [CallbackTag::InstanceChange]);
    assert_eq!(registered.token.unwrap().expose(), "t");
    let (_, body) = &requests(&server, "/call_back/register_call_back").await[0];
    assert_eq!(
        *body,
        json!({
            "call_back_tag": ["bpms_instance_change", "bpms_task_change"],
            "token": "planted-token", "aes_key": "planted-key", "url": "https://h/cb",
        })
    );
}
