//! Workflow calls as the server sees them, and its answers as the client reads them.

#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use ecology_oa::workflow::{
    Attachment, Conditions, CreateRequest, DateRange, DetailTable, Field, ForwardKind, LogType,
    NodeType, OperatorState, Outcome, RequestLevel, RequestList, SignType,
};
use ecology_oa::{Client, Decimal, Encoding, ErrorKind};
use erplink_core::clock::ManualClock;
use serde_json::{Value, json};
use support::{answer, builder, form, pa, pairs, requests, start};
use wiremock::matchers::{path, query_param};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

fn full() -> CreateRequest {
    CreateRequest::new(781, "采购申请-1042")
        .field(Field::text("docentry", "1042"))
        .field(Field::number("amount", "12.500000".parse::<Decimal>().unwrap()))
        .field(Field::date("docdate", NaiveDate::from_ymd_opt(2024, 11, 20).unwrap()))
        .field(Field::time("at", NaiveTime::from_hms_opt(14, 51, 0).unwrap()))
        .field(Field::choice("urgent", 1))
        .field(Field::ids("buyers", ["2978", "2979"]))
        .field(Field::documents("docs", [11, 12]))
        .field(Field::attachments(
            "fj",
            [
                Attachment::content(&b"%PDF-1.4\n"[..], "a.pdf"),
                Attachment::url("http://files.example.com/b.pdf", "b.pdf"),
            ],
        ))
        .detail(
            DetailTable::new("formtable_main_1356_dt1")
                .row([Field::text("itemcode", "A0001"), Field::number("qty", 12)])
                .row([Field::text("itemcode", "A+B&C")]),
        )
        .level(RequestLevel::Urgent)
        .remark("请批准")
}

fn main_data() -> Value {
    json!([
        { "fieldName": "docentry", "fieldValue": "1042" },
        { "fieldName": "amount", "fieldValue": "12.500000" },
        { "fieldName": "docdate", "fieldValue": "2024-11-20" },
        { "fieldName": "at", "fieldValue": "14:51" },
        { "fieldName": "urgent", "fieldValue": "1" },
        { "fieldName": "buyers", "fieldValue": "2978,2979" },
        { "fieldName": "docs", "fieldValue": "11,12" },
        { "fieldName": "fj", "fieldValue": [
            { "filePath": "base64:JVBERi0xLjQK", "fileName": "a.pdf" },
            { "filePath": "http://files.example.com/b.pdf", "fileName": "b.pdf" },
        ] },
    ])
}

fn detail_data() -> Value {
    json!([{ "tableDBName": "formtable_main_1356_dt1", "workflowRequestTableRecords": [
        { "recordOrder": 0, "workflowRequestTableFields": [
            { "fieldName": "itemcode", "fieldValue": "A0001" },
            { "fieldName": "qty", "fieldValue": "12" },
        ] },
        { "recordOrder": 0, "workflowRequestTableFields": [
            { "fieldName": "itemcode", "fieldValue": "A+B&C" },
        ] },
    ] }])
}

fn created(id: Value) -> Value {
    json!({ "code": "SUCCESS", "data": { "requestid": id }, "errMsg": {} })
}

#[tokio::test]
async fn creates_as_a_form_and_as_json() {
    let (server, client, _) = start().await;
    answer(&server, &pa("doCreateRequest"), created(json!(2_966_060))).await;
    assert_eq!(client.workflow().create(&full()).await.unwrap(), 2_966_060);
    let json_client = client.with_encoding(Encoding::Json);
    assert_eq!(json_client.workflow().create(&full()).await.unwrap(), 2_966_060);

    let sent = requests(&server, &pa("doCreateRequest")).await;
    assert!(sent[0].url.query().is_none(), "nothing in the query");
    let members = form(&sent[0]);
    let names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "workflowId",
            "requestName",
            "mainData",
            "detailData",
            "remark",
            "requestLevel",
            "otherParams"
        ]
    );
    let value = |at: usize| -> Value { serde_json::from_str(&members[at].1).unwrap() };
    assert_eq!((members[0].1.as_str(), members[1].1.as_str()), ("781", "采购申请-1042"));
    assert_eq!((value(2), value(3)), (main_data(), detail_data()));
    assert_eq!((members[4].1.as_str(), members[5].1.as_str()), ("请批准", "2"));
    assert_eq!(value(6), json!({ "isnextflow": "1", "delReqFlowFaild": "1" }));

    let content_type = sent[1].headers.get("content-type").unwrap().to_str().unwrap();
    assert!(content_type.starts_with("application/json"));
    let body: Value = serde_json::from_slice(&sent[1].body).unwrap();
    assert_eq!(
        body,
        json!({
            "workflowId": 781, "requestName": "采购申请-1042", "remark": "请批准",
            "requestLevel": "2", "mainData": main_data(), "detailData": detail_data(),
            "otherParams": { "isnextflow": "1", "delReqFlowFaild": "1" },
        })
    );
}

#[tokio::test]
async fn reads_the_id_however_it_is_written_and_misses_it_loudly() {
    for answered in [
        created(json!("5")),
        json!({ "code": { "name": "SUCCESS", "statusCode": 1 }, "data": { "requestId": 5 } }),
        json!({ "code": { "statusCode": 1 }, "data": { "requestid": "5" }, "errMsg": {} }),
        json!({ "code": 1, "data": { "requestid": 5 } }),
        json!({ "code": "1", "data": { "requestid": 5 } }),
        json!({ "data": { "requestid": 5 }, "errMsg": {} }),
    ] {
        let (server, client, _) = start().await;
        answer(&server, &pa("doCreateRequest"), answered.clone()).await;
        assert_eq!(client.workflow().create(&full()).await.unwrap(), 5, "{answered}");
    }
    for answered in [
        json!({ "code": "SUCCESS", "data": {} }),
        json!({ "code": "SUCCESS", "data": { "requestid": 0 } }),
        json!({ "code": "SUCCESS" }),
    ] {
        let (server, client, _) = start().await;
        answer(&server, &pa("doCreateRequest"), answered.clone()).await;
        let error = client.workflow().create(&full()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{answered}");
        assert!(error.may_have_taken_effect(), "{answered}");
    }
}

#[tokio::test]
async fn sends_the_options_of_a_create() {
    let (server, _, _) = start().await;
    answer(&server, &pa("doCreateRequest"), created(json!(5))).await;
    let client = builder(&server).0.attachment_prefix("BASE64,").build().unwrap();
    let request = CreateRequest::new(781, "t")
        .field(Field::attachments("fj", [Attachment::content(&b"x"[..], "a.txt")]))
        .detail(DetailTable::unnamed().row([Field::text("a", "b")]))
        .draft()
        .keep_on_failure()
        .option("isVerifyPer", "0");
    client.workflow().create(&request).await.unwrap();
    let members = form(&requests(&server, &pa("doCreateRequest")).await[0]);
    assert!(members[2].1.contains("BASE64,eA=="), "{members:?}");
    assert!(members[3].1.contains(r#""tableDBName":"""#), "{members:?}");
    let options: Value = serde_json::from_str(&members[4].1).unwrap();
    let expected = json!({ "isnextflow": "0", "delReqFlowFaild": "0", "isVerifyPer": "0" });
    assert_eq!(options, expected);
}

#[test]
fn refuses_what_the_platform_would_misunderstand_and_names_it() {
    let base = || CreateRequest::new(781, "t").field(Field::text("a", "b"));
    let table = || DetailTable::new("dt1");
    for (request, expected) in [
        (CreateRequest::new(0, "t"), "workflow_id"),
        (CreateRequest::new(781, " "), "title"),
        (CreateRequest::new(781, "审".repeat(1001)), "1001"),
        (CreateRequest::new(781, "t"), "fields"),
        (base().field(Field::text("A", "b")), "`A` is given twice"),
        (base().field(Field::text("", "b")), "empty name"),
        (base().field(Field::text("RequestName", "b")), "RequestName"),
        (base().field(Field::json("n", Value::Null)), "null"),
        (base().field(Field::attachments("fj", [Attachment::content("x", "a")])), "extension"),
        (base().field(Field::attachments("fj", [Attachment::url("x", "a.b")])), "scheme"),
        (base().detail(DetailTable::new(" ")), "unnamed"),
        (base().detail(table().row([Field::text("x", "1"), Field::text("X", "2")])), "dt1 row 1"),
        (base().detail(table()).detail(DetailTable::new("DT1")), "given twice"),
        (base().detail(table()).detail(DetailTable::unnamed()), "needs its name"),
        (base().detail(table().change_row(4, [Field::text("x", "1")])), "only created"),
        (base().detail(table().delete_all()), "only created"),
    ] {
        let error = request.check().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.to_string().contains(expected), "{expected}: {error}");
    }
    full().check().unwrap();
}

#[tokio::test]
async fn every_action_as_it_is_sent() {
    let (server, client, _) = start().await;
    let done = json!({ "code": "SUCCESS", "errMsg": {} });
    for name in [
        "submitRequest",
        "rejectRequest",
        "forwardRequest",
        "withdrawRequest",
        "deleteRequest",
        "doForceOver",
        "doForceDrawBack",
        "doIntervenor",
        "saveRequestLog",
    ] {
        answer(&server, &pa(name), done.clone()).await;
    }
    let workflow = client.workflow();
    workflow.submit(9).remark("同意").await.unwrap();
    workflow
        .submit(9)
        .field(Field::text("amount", "100.00"))
        .detail(
            DetailTable::new("dt1")
                .delete_all()
                .delete_rows([12, 13])
                .change_row(87, [Field::text("qty", "2")])
                .row([Field::text("itemcode", "A2")]),
        )
        .workflow_id(781)
        .save_only()
        .check_mandatory()
        .await
        .unwrap();
    workflow.reject(9).remark("x").to_node(3974).straight_back(true).await.unwrap();
    workflow.forward(9, ForwardKind::Consult, ["2978", "2979"]).remark("?").await.unwrap();
    workflow.forward(9, ForwardKind::HandOver, ["2978"]).await.unwrap();
    workflow.withdraw(9).remind(true).remark("r").await.unwrap();
    workflow.delete(9).as_monitor().await.unwrap();
    workflow.force_archive(9).as_monitor().remark("end").await.unwrap();
    workflow.force_withdraw(9).await.unwrap();
    workflow
        .intervene(9, 3974, ["1", "2"])
        .sign_type(SignType::InTurn)
        .run_node_actions(false)
        .remark("r")
        .await
        .unwrap();
    workflow.save_log(9, "noted").await.unwrap();

    let rows = json!([{
        "tableDBName": "dt1", "deleteAll": "1", "deleteKeys": "12,13",
        "workflowRequestTableRecords": [
            { "recordOrder": 87, "workflowRequestTableFields": [{ "fieldName": "qty", "fieldValue": "2" }] },
            { "recordOrder": 0, "workflowRequestTableFields": [{ "fieldName": "itemcode", "fieldValue": "A2" }] },
        ],
    }])
    .to_string();
    type Members<'a> = &'a [(&'a str, &'a str)];
    let expected: &[(&str, usize, Members<'_>)] = &[
        ("submitRequest", 0, &[("requestId", "9"), ("remark", "同意")]),
        (
            "submitRequest",
            1,
            &[
                ("requestId", "9"),
                ("workflowId", "781"),
                ("mainData", r#"[{"fieldName":"amount","fieldValue":"100.00"}]"#),
                ("detailData", &rows),
                ("otherParams", r#"{"judgeFormMustInput":"1","src":"save"}"#),
            ],
        ),
        (
            "rejectRequest",
            0,
            &[
                ("requestId", "9"),
                ("remark", "x"),
                ("otherParams", r#"{"RejectToNodeid":3974,"RejectToType":0,"isSubmitDirect":"0"}"#),
            ],
        ),
        (
            "forwardRequest",
            0,
            &[
                ("requestId", "9"),
                ("forwardFlag", "2"),
                ("forwardResourceIds", "2978,2979"),
                ("remark", "?"),
            ],
        ),
        (
            "forwardRequest",
            1,
            &[("requestId", "9"), ("forwardFlag", "3"), ("forwardResourceIds", "2978")],
        ),
        ("withdrawRequest", 0, &[("requestId", "9"), ("isremind", "1"), ("remark", "r")]),
        ("deleteRequest", 0, &[("requestId", "9"), ("otherParams", r#"{"ismonitor":"1"}"#)]),
        (
            "doForceOver",
            0,
            &[("requestId", "9"), ("remark", "end"), ("otherParams", r#"{"ismonitor":"1"}"#)],
        ),
        ("doForceDrawBack", 0, &[("requestId", "9")]),
        (
            "doIntervenor",
            0,
            &[
                ("requestId", "9"),
                ("submitNodeId", "3974"),
                ("Intervenorid", "1,2"),
                ("SignType", "2"),
                ("enableIntervenor", "false"),
                ("remark", "r"),
            ],
        ),
        ("saveRequestLog", 0, &[("requestId", "9"), ("remark", "noted")]),
    ];
    for (name, at, members) in expected {
        let sent = requests(&server, &pa(name)).await;
        assert_eq!(form(&sent[*at]), pairs(members), "{name}");
    }

    for error in [
        workflow.submit(0).await.unwrap_err(),
        workflow.forward(9, ForwardKind::Forward, Vec::<String>::new()).await.unwrap_err(),
        workflow.forward(9, ForwardKind::HandOver, ["1", "2"]).await.unwrap_err(),
        workflow.forward(9, ForwardKind::Forward, ["zhangsan"]).await.unwrap_err(),
        workflow.save_log(9, " ").await.unwrap_err(),
        workflow.submit(9).field(Field::text("", "x")).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
    }
}

fn status_of(node: &str) -> Value {
    json!({ "data": {
        "requestId": "3038137", "requestName": "test-002", "requestLevel": "0", "creatorId": "2978",
        "creatertype": 0, "currentNodeId": "3976", "currentNodeType": node, "currentOperateId": 1512,
        "isremark": 0, "takisremark": -1, "status": "出口1", "create": false,
        "needAffirmance": false, "workflowId": 781,
        "workflowBaseInfo": { "formId": "-1356", "isBill": "1", "workflowName": "JHY-自由加签", "workflowTypeId": "167" },
        "mainTableInfoEntity": { "billid": -1356, "tableDbName": "formtable_main_1356" },
    }, "errMsg": {} })
}

fn entry(id: i64, log_type: &str, time: &str) -> Value {
    json!({
        "id": id.to_string(), "logid": "0", "nodeid": "3974", "nodename": "创建1",
        "nodeattribute": "0", "operator": "2978", "operatorDept": "835", "operatedate": "2019-12-31",
        "operatetime": time, "logtype": log_type, "remarkHtml": "意见内容",
        "receivedPersons": "xf01,xf02", "receivedPersonids": "2978,2979", "destnodeid": "3976",
        "remarkLocation": "null", "annexdocids": "",
    })
}

fn log_of(entries: &[Value]) -> Value {
    json!({ "code": "SUCCESS", "data": entries, "errMsg": {} })
}

#[tokio::test]
async fn reads_status_request_operators_and_the_rest() {
    let (server, client, _) = start().await;
    let workflow = client.workflow();
    answer(&server, &pa("getRequestStatus"), status_of("1")).await;
    let status = workflow.status(3_038_137).await.unwrap();
    assert_eq!(status.request_id, Some(3_038_137));
    assert_eq!(status.current_node_type, Some(NodeType::Approve));
    assert_eq!(status.isremark, Some(OperatorState::Pending));
    assert_eq!(status.workflow_base_info.as_ref().unwrap().form_id, Some(-1356));
    assert!(!status.is_archived());
    assert!(status.raw.unwrap().as_str().contains("currentOperateId"));
    let call = requests(&server, &pa("getRequestStatus")).await.remove(0);
    assert_eq!((call.method.as_str(), call.url.query()), ("GET", Some("requestId=3038137")));

    answer(
        &server,
        &pa("getWorkflowRequest"),
        json!({ "code": "SUCCESS", "data": {
            "requestId": 7, "canEdit": "true", "canView": true, "status": "出口1",
            "workflowMainTableInfo": { "tableDBName": "formtable_main_1356", "requestRecords": [
                { "recordOrder": 0, "workflowRequestTableFields": [
                    { "fieldId": "1", "fieldName": "docentry", "fieldValue": "1042", "selectnames": ["a"], "selectvalues": null },
                    { "fieldName": "empty", "fieldValue": "" },
                ] },
            ] },
            "workflowDetailTableInfos": [{ "tableDBName": "formtable_main_1356_dt1", "tableTitle": "明细",
                "workflowRequestTableRecords": [{ "recordOrder": 87, "workflowRequestTableFields": [
                    { "fieldName": "qty", "fieldValue": 12.50 },
                ] }] }],
            "workflowRequestLogs": [{ "id": "1", "operateType": "提交", "operatorName": "张三" }],
        } }),
    )
    .await;
    let request = workflow.get(7).await.unwrap();
    assert_eq!(request.value("DocEntry"), Some("1042"));
    assert_eq!(request.value("empty"), None);
    assert_eq!((request.can_edit, request.can_view), (Some(true), Some(true)));
    assert_eq!(request.main_table(), Some("formtable_main_1356"));
    let rows = request.detail("FORMTABLE_main_1356_dt1").unwrap();
    assert_eq!(rows.rows[0].record_order, Some(87));
    assert_eq!(rows.rows[0].value("qty"), Some("12.5"));
    assert_eq!(request.logs[0].operate_type.as_deref(), Some("提交"));

    answer(
        &server,
        &pa("getRequestOperatorInfo"),
        json!({ "code": "SUCCESS", "data": [
            { "id": 1, "nodeid": "3974", "userid": 2978, "userName": "xf01", "isremark": "2", "viewType": -2 },
            { "id": 2, "userid": "2979", "isremark": 11 },
        ] }),
    )
    .await;
    let operators = workflow.operators(7).await.unwrap();
    assert_eq!(operators[0].user_id.as_deref(), Some("2978"));
    assert_eq!(operators[0].isremark, Some(OperatorState::Done));
    assert_eq!(operators[1].isremark, Some(OperatorState::Circulated));
    let call = requests(&server, &pa("getRequestOperatorInfo")).await.remove(0);
    assert_eq!(call.url.query(), Some("requestid=7"), "in lower case here");

    answer(
        &server,
        &pa("getRequestResources"),
        json!({ "code": "SUCCESS", "data": [{ "id": "5", "name": "a.pdf", "type": 3, "downloadUrl": "/x" }] }),
    )
    .await;
    let resources = workflow.resources(7).await.unwrap();
    assert_eq!((resources[0].id, resources[0].kind.as_deref()), (Some(5), Some("3")));

    answer(
        &server,
        &pa("getRequestFlowChart"),
        json!({ "code": "SUCCESS", "data": { "chartUrl": "/workflow/chart" } }),
    )
    .await;
    assert_eq!(workflow.flow_chart(7).await.unwrap(), "/workflow/chart");

    answer(
        &server,
        &pa("getCreateWorkflowRequestInfo"),
        json!({ "code": "SUCCESS", "data": { "workflowMainTableInfo": { "requestRecords": [
            { "workflowRequestTableFields": [{ "fieldName": "docentry", "mand": "1", "fieldDBType": "varchar(100)" }] },
        ] } } }),
    )
    .await;
    let empty = workflow.form(781).await.unwrap();
    let field = &empty.main().unwrap().fields[0];
    assert_eq!((field.mand, field.field_db_type.as_deref()), (Some(true), Some("varchar(100)")));

    answer(&server, &pa("getWorkflowRequestLogs"), json!([{ "id": 1, "remark": "同意" }])).await;
    let logs = workflow.written_logs(7, 781, 10).await.unwrap();
    assert_eq!(logs[0].remark.as_deref(), Some("同意"));
}

#[tokio::test]
async fn walks_the_log_and_judges_the_outcome() {
    for (node, entries, expected) in [
        ("3", vec![entry(1, "2", "10:00:00"), entry(2, "0", "11:00:00")], Outcome::Approved),
        // In whatever order they come, and whatever is merely said afterwards.
        (
            "3",
            vec![
                entry(4, "9", "12:00:00"),
                entry(3, "t", "11:00:01"),
                entry(2, "0", "11:00:00"),
                entry(1, "3", "10:00:00"),
            ],
            Outcome::Approved,
        ),
        ("3", vec![entry(2, "e", "11:00:00")], Outcome::ForceArchived),
        ("3", vec![entry(2, "3", "11:00:00")], Outcome::Unclear),
        ("3", vec![entry(2, "?", "11:00:00")], Outcome::Unclear),
        ("3", vec![], Outcome::Unclear),
        ("0", vec![entry(1, "2", "10:00:00"), entry(2, "3", "11:00:00")], Outcome::Returned),
        ("0", vec![], Outcome::Running),
        ("1", vec![entry(1, "2", "10:00:00")], Outcome::Running),
        ("1", vec![entry(1, "3", "10:00:00")], Outcome::Running),
    ] {
        let (server, client, _) = start().await;
        answer(&server, &pa("getRequestStatus"), status_of(node)).await;
        answer(&server, &pa("getRequestLog"), log_of(&entries)).await;
        assert_eq!(client.workflow().outcome(7).await.unwrap(), expected, "{node} {entries:?}");
    }
    let (server, client, _) = start().await;
    for (page, ids) in [(1, [1, 2]), (2, [2, 3])] {
        Mock::given(path(pa("getRequestLog")))
            .and(query_param("requestId", "7"))
            .and(query_param("otherParams", format!(r#"{{"pageNumber":{page},"pageSize":2}}"#)))
            .respond_with(
                ResponseTemplate::new(200)
                    .set_body_json(log_of(&ids.map(|id| entry(id, "2", "10:00:00")))),
            )
            .mount(&server)
            .await;
    }
    Mock::given(path(pa("getRequestLog")))
        .respond_with(ResponseTemplate::new(200).set_body_json(log_of(&[])))
        .mount(&server)
        .await;
    let entries = client.workflow().log(7).page_size(2).entries().try_collect().await.unwrap();
    let ids: Vec<_> = entries.iter().filter_map(|entry| entry.id).collect();
    assert_eq!(ids, [1, 2, 3], "each once");
    assert_eq!(entries[0].log_type, Some(LogType::Submit));
    assert_eq!(entries[0].at().unwrap().to_string(), "2019-12-31 10:00:00");
}

fn row(id: i64, title: &str) -> Value {
    json!({
        "requestId": id.to_string(), "requestName": title, "requestLevel": "0", "creatorId": "2978",
        "creatorName": "xf01", "createTime": "2019-12-31 14:51:13", "currentNodeId": "3976",
        "currentNodeName": "审批3", "status": "出口1", "sysName": "", "viewtype": "0",
        "workflowBaseInfo": { "workflowId": "781", "workflowName": "JHY", "formId": "-1356" },
    })
}

#[tokio::test]
async fn lists_and_counts_in_every_shape() {
    let rows = json!([row(1, "a"), row(2, "b")]);
    for (list, count) in [
        (rows.clone(), json!(41)),
        (rows.clone(), json!("41")),
        (
            json!({ "code": "SUCCESS", "data": rows, "errMsg": {} }),
            json!({ "code": "SUCCESS", "data": 41 }),
        ),
        (json!({ "status": "1", "datas": rows }), json!({ "status": "1", "count": "41" })),
    ] {
        let (server, client, _) = start().await;
        answer(&server, &pa("getMyWorkflowRequestList"), list.clone()).await;
        answer(&server, &pa("getMyWorkflowRequestCount"), count).await;
        let mine = || client.workflow().list(RequestList::Mine);
        let rows = mine().rows().try_collect().await.unwrap();
        assert_eq!(rows.len(), 2, "{list}");
        assert_eq!(rows[0].request_id, Some(1));
        assert_eq!(rows[0].sys_name, None);
        assert_eq!(rows[0].workflow_base_info.as_ref().unwrap().workflow_id, Some(781));
        assert_eq!(mine().count().await.unwrap(), 41);
    }
    for (body, kind) in [
        (json!({ "code": "NO_PERMISSION", "errMsg": {} }), ErrorKind::Forbidden),
        (json!({ "status": "0", "msg": "x" }), ErrorKind::Api),
        (json!(true), ErrorKind::Decode),
    ] {
        let (server, client, _) = start().await;
        answer(&server, &pa("getMyWorkflowRequestList"), body.clone()).await;
        let error =
            client.workflow().list(RequestList::Mine).rows().try_collect().await.unwrap_err();
        assert_eq!(error.kind(), kind, "{body}: {error}");
    }
}

#[tokio::test]
async fn sends_the_conditions_of_a_list() {
    let (server, client, _) = start().await;
    answer(&server, &pa("getToDoRequestList"), json!([])).await;
    let day = |day| NaiveDate::from_ymd_opt(2024, 11, day).unwrap();
    let conditions = Conditions::new()
        .title("采购")
        .level(&RequestLevel::Urgent)
        .created(DateRange::Between(day(1), day(20)))
        .received(DateRange::Today)
        .archived(false)
        .node_type(&NodeType::Approve)
        .created_by("2978")
        .with("workflowIds", "781");
    let list = client
        .workflow()
        .list(RequestList::ToDoByTab)
        .conditions(conditions)
        .page_size(50)
        .merge_accounts(true)
        .other_systems(false)
        .tabs("1");
    assert!(list.rows().try_collect().await.unwrap().is_empty());
    let members = form(&requests(&server, &pa("getToDoRequestList")).await[0]);
    let conditions: Value = serde_json::from_str(&members[0].1).unwrap();
    assert_eq!(
        conditions,
        json!({
            "requestname": "采购", "requestlevel": "2", "createdateselect": "6",
            "createdatefrom": "2024-11-01", "createdateto": "2024-11-20",
            "recievedateselect": "1", "archivestatus": "2", "nodetype": "1", "creatertype": "0",
            "createrid": "2978", "workflowIds": "781",
        })
    );
    assert_eq!(
        members[1..],
        pairs(&[
            ("isMergeShow", "true"),
            ("isNeedOs", "false"),
            ("tabIds", "1"),
            ("pageNo", "1"),
            ("pageSize", "50"),
        ])
    );
}

/// Pages of two; ignores the page number from the third on.
struct Pages;

impl Respond for Pages {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let page = form(request).iter().find(|(name, _)| name == "pageNo").unwrap().1.clone();
        let page: i64 = page.parse::<i64>().unwrap().min(3);
        let rows = [row(page * 2 - 1, "a"), row(page * 2, "b")];
        ResponseTemplate::new(200).set_body_json(json!(rows))
    }
}

#[tokio::test]
async fn a_list_that_never_ends_ends() {
    let (server, client, _) = start().await;
    Mock::given(path(pa("getAllWorkflowRequestList"))).respond_with(Pages).mount(&server).await;
    let all = client.workflow().list(RequestList::All).page_size(2);
    let rows = all.rows().try_collect().await.unwrap();
    assert_eq!(rows.len(), 6);
    assert_eq!(requests(&server, &pa("getAllWorkflowRequestList")).await.len(), 4);
}

#[tokio::test]
async fn lists_what_may_be_started() {
    let (server, client, _) = start().await;
    answer(
        &server,
        &pa("getCreateWorkflowList"),
        json!([{ "workflowId": "781", "workflowName": "采购" }]),
    )
    .await;
    answer(
        &server,
        &pa("getCreateWorkflowTypeList"),
        json!([{ "workflowTypeId": 167, "workflowTypeName": "采购类" }]),
    )
    .await;
    answer(&server, &pa("getCreateWorkflowCount"), json!(1)).await;
    answer(&server, &pa("getCreateWorkflowTypeCount"), json!(1)).await;
    let creatable = client.workflow().creatable().name("采购").ids([781]).type_name("t");
    let workflows = creatable.clone().workflows().try_collect().await.unwrap();
    assert_eq!(workflows[0].info.workflow_id, Some(781));
    let types = creatable.clone().types().try_collect().await.unwrap();
    assert_eq!(types[0].workflow_type_id, Some(167));
    assert_eq!(creatable.clone().count_workflows().await.unwrap(), 1);
    assert_eq!(creatable.count_types().await.unwrap(), 1);
    let members = form(&requests(&server, &pa("getCreateWorkflowList")).await[0]);
    assert_eq!(members[0].1, r#"{"wfIds":"781","wfName":"采购","wfTypeName":"t"}"#);
}

/// Does the create, and loses its answer; the request shows up after some looks.
struct Lossy {
    creates: AtomicUsize,
    looks: AtomicUsize,
    hidden: usize,
    titles: Vec<&'static str>,
}

impl Respond for &'static Lossy {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let path = request.url.path();
        if path == support::TOKEN_PATH {
            return support::token_answer(support::TOKEN);
        }
        if path.ends_with("doCreateRequest") {
            self.creates.fetch_add(1, Ordering::SeqCst);
            return ResponseTemplate::new(502).set_body_string("<html>bad gateway</html>");
        }
        if path.ends_with("getMyWorkflowRequestList") {
            let look = self.looks.fetch_add(1, Ordering::SeqCst);
            if look >= self.hidden {
                let rows: Vec<Value> =
                    (5..).zip(&self.titles).map(|(id, title)| row(id, title)).collect();
                return ResponseTemplate::new(200).set_body_json(rows);
            }
        }
        ResponseTemplate::new(200).set_body_json(json!([]))
    }
}

async fn lossy(
    hidden: usize,
    titles: &[&'static str],
) -> (&'static Lossy, Client, MockServer, ManualClock) {
    let platform: &'static Lossy = Box::leak(Box::new(Lossy {
        creates: AtomicUsize::new(0),
        looks: AtomicUsize::new(0),
        hidden,
        titles: titles.to_vec(),
    }));
    let server = MockServer::start().await;
    Mock::given(wiremock::matchers::any()).respond_with(platform).mount(&server).await;
    let (builder, clock) = builder(&server);
    let client = builder.build().unwrap();
    (platform, client, server, clock)
}

#[tokio::test]
async fn a_lost_answer_is_looked_up_and_never_created_twice() {
    let title = "采购申请-1042";
    for hidden in [0, 2] {
        let (platform, client, server, clock) =
            lossy(hidden, &["采购申请-10421", title, "旧采购申请-1042"]).await;
        clock.advance(Duration::from_secs(1_732_060_800)); // 2024-11-20, 8:00 in China
        let created = client.workflow().create_or_adopt(&full()).await.unwrap();
        assert!(created.adopted);
        assert_eq!(created.request_id, 6, "exactly this title");
        assert_eq!(platform.creates.load(Ordering::SeqCst), 1);
        let look = &requests(&server, &pa("getMyWorkflowRequestList")).await[0];
        let conditions: Value = serde_json::from_str(&form(look)[0].1).unwrap();
        assert_eq!(
            conditions,
            json!({
                "requestname": title, "createdateselect": "6",
                "createdatefrom": "2024-11-19", "createdateto": "2024-11-21",
            })
        );
        for list in ["getHandledWorkflowRequestList", "getToDoWorkflowRequestList"] {
            assert!(!requests(&server, &pa(list)).await.is_empty(), "{list}");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_found_stays_in_doubt_until_the_next_attempt_looks_first() {
    let title = "采购申请-1042";
    let (platform, client, _server, _) = lossy(3, &[title]).await;
    let error = client.workflow().create_or_adopt(&full()).await.unwrap_err();
    assert!(error.may_have_taken_effect(), "{error}");
    assert_eq!(platform.creates.load(Ordering::SeqCst), 1, "not created again");
    let created = client
        .workflow()
        .create_or_adopt(&full())
        .attempted_since(DateTime::<Utc>::UNIX_EPOCH)
        .await
        .unwrap();
    assert!(created.adopted);
    assert_eq!(platform.creates.load(Ordering::SeqCst), 1);

    let (platform, client, _server, _) = lossy(0, &[title, title]).await;
    let error = client.workflow().create_or_adopt(&full()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.may_have_taken_effect() && error.to_string().contains("5, 6"), "{error}");
    assert_eq!(platform.creates.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_refusal_is_not_looked_up() {
    let (server, client, _) = start().await;
    let refused = json!({
        "code": "FAIL", "errMsg": {}, "reqFailMsg": { "msgType": "JUDGE_MUST_INPUT", "msgInfo": "必填" },
    });
    answer(&server, &pa("doCreateRequest"), refused).await;
    for (request, kept) in [(full(), false), (full().keep_on_failure(), true)] {
        let error = client.workflow().create_or_adopt(&request).await.unwrap_err();
        assert_eq!(error.may_have_taken_effect(), kept, "{error}");
        assert!(error.to_string().contains("JUDGE_MUST_INPUT"), "{error}");
    }
    assert!(requests(&server, &pa("getMyWorkflowRequestList")).await.is_empty());
}
