//! Envelopes, failures, departments and people, as the platform sees and sends them.

#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

mod support;

use erplink_core::{Effect, ErrorKind};
use serde_json::{Value, json};
use support::{
    QUERY_ORG, TOKEN, always, answer, builder, give_token, json_answer, once, page, refusal,
    requests, start,
};
use weaver_eteams::organization::Parents;
use weaver_eteams::{Client, Idempotency};
use wiremock::{MockServer, ResponseTemplate};

const EMPLOYEES: &str = "/api/hrm/restful/queryEmployee";
const CREATE: &str = "/workflow/v2/createRequest";

async fn read(client: &Client) -> weaver_eteams::Error {
    client.organization().departments().page(1).await.unwrap_err()
}

async fn write(client: &Client) -> weaver_eteams::Error {
    client.raw().post(CREATE).json(&json!({ "userid": "6012" })).await.unwrap_err()
}

#[tokio::test]
async fn departments_come_page_by_page_with_long_ids() {
    let (server, client, _) = start().await;
    let rows = |from: u64, to: u64| {
        let row = |n| json!({ "id": 9_007_199_254_740_993_u64 + n, "name": "部", "parentid": 1 });
        (from..to).map(row).collect::<Value>()
    };
    let first = ResponseTemplate::new(200).set_body_json(page(1, 5, rows(0, 2)));
    once(&server, QUERY_ORG, first).await;
    once(&server, QUERY_ORG, json_answer(page(2, 5, rows(2, 4)))).await;
    once(&server, QUERY_ORG, json_answer(page(3, 5, rows(4, 5)))).await;
    let query =
        client.organization().departments().page_size(2).below(Parents::Ids(vec!["1".to_owned()]));
    let found = query.with_disabled().items().try_collect().await.unwrap();
    assert_eq!(found.len(), 5);
    assert_eq!(found[4].id, "9007199254740997");
    assert_eq!(found[0].parent.as_deref(), Some("1"));
    assert_eq!(found[0].code, None);
    let sent = requests(&server, QUERY_ORG).await;
    assert_eq!(sent.len(), 3);
    for (number, request) in (1..).zip(&sent) {
        assert_eq!(request.content_type, "application/json; charset=utf-8");
        assert_eq!(request.query, format!("access_token={TOKEN}"));
        let expected = json!({
            "typeList": ["department"], "parentOrgIds": ["1"], "containDisableOrg": true,
            "current": number, "pageSize": 2,
        });
        assert_eq!(serde_json::from_str::<Value>(&request.body).unwrap(), expected);
    }
}

#[tokio::test]
async fn codes_and_ids_of_parents_exclude_one_another() {
    let (server, client, _) = start().await;
    answer(&server, "POST", QUERY_ORG, page(1, 0, json!([]))).await;
    let query = client.organization().subsidiaries().of_both_kinds().with_extension();
    let query = query.ids(["7"]).codes(["D35"]);
    let query = query.below(Parents::Ids(vec!["1".to_owned()]));
    let page = query.below(Parents::Codes(vec!["D0".to_owned()])).page(3).await.unwrap();
    assert_eq!((page.items.len(), page.next), (0, None));
    let sent: Value = serde_json::from_str(&requests(&server, QUERY_ORG).await[0].body).unwrap();
    let expected = json!({
        "typeList": ["department", "subcompany"], "ids": ["7"], "codeList": ["D35"],
        "parentCodeList": ["D0"], "containExtend": true, "current": 3, "pageSize": 100,
    });
    assert_eq!(sent, expected);
}

#[tokio::test]
async fn a_page_ends_where_the_counts_say_and_never_loops() {
    for (answer, items, next) in [
        (page(1, 2, json!([{ "id": 1 }, { "id": 2 }])), 2, None),
        (page(1, 3, json!([{ "id": 1 }, { "id": 2 }])), 2, Some(2)),
        // Who counts more than there is.
        (page(1, 99, json!([])), 0, None),
        // No counts at all.
        (json!({ "errcode": 0, "data": [{ "id": 1 }, { "id": 2 }] }), 2, Some(2)),
        (json!({ "errcode": 0, "data": { "data": [{ "id": 1 }] } }), 1, None),
        (json!({ "errcode": 0, "data": { "total": "3", "data": [{ "id": 1 }] } }), 1, Some(2)),
        (json!({ "errcode": 0, "data": null }), 0, None),
    ] {
        let (server, client, _) = start().await;
        always(&server, QUERY_ORG, json_answer(answer.clone())).await;
        let page = client.organization().departments().page_size(2).page(1).await.unwrap();
        assert_eq!((page.items.len(), page.next), (items, next), "{answer}");
    }
    let (_, client, _) = start().await;
    for size in [0, 1001] {
        let error = client.organization().departments().page_size(size).page(1).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.to_string().contains("1 to 1000"), "{error}");
    }
}

#[tokio::test]
async fn a_row_that_makes_no_sense_is_named_by_its_place() {
    for (rows, expected) in [
        (json!([{ "id": "1" }, { "id": {} }]), "`data.data[1].id`: expected a text or a number"),
        (json!([{ "name": "x" }]), "`data.data[0].id`: expected a text or a number, found nothing"),
        (json!(["x"]), "`data.data`: expected an array of objects"),
    ] {
        let (server, client, _) = start().await;
        always(&server, QUERY_ORG, json_answer(page(1, 2, rows))).await;
        let error = read(&client).await;
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.to_string().contains(expected), "{error}");
        assert!(error.to_string().starts_with("POST /api/hrm/restful/queryOrg"), "{error}");
    }
}

#[tokio::test]
async fn people_have_two_ids() {
    let (server, client, _) = start().await;
    let row = json!({
        "id": "8041", "user_id": "6012", "username": "张三", "email": "zs@example.com",
        "mobile": "13800000000", "job_num": "E0042", "account": "zhangsan",
    });
    answer(&server, "POST", EMPLOYEES, page(1, 1, json!([row]))).await;
    let query = client.organization().employees().departments(["35"]).job_numbers(["E0042"]);
    let found = query.account("zhangsan").with_user_info().items().try_collect().await.unwrap();
    let [person] = &found[..] else { panic!("one person") };
    assert_eq!((person.id.as_str(), person.user_id.as_deref()), ("8041", Some("6012")));
    assert_eq!(person.name.as_deref(), Some("张三"));
    assert_eq!(person.job_number.as_deref(), Some("E0042"));
    assert_eq!(person.raw.text("mobile").unwrap().as_deref(), Some("13800000000"));
    let sent: Value = serde_json::from_str(&requests(&server, EMPLOYEES).await[0].body).unwrap();
    let expected = json!({
        "jobNumList": ["E0042"], "departmentIds": ["35"], "account": "zhangsan",
        "containUserInfo": true, "current": 1, "pageSize": 100,
    });
    assert_eq!(sent, expected);
}

#[tokio::test]
async fn the_older_lists_are_read_whatever_their_member_is_called() {
    for body in [
        json!({ "errcode": "0", "errmsg": "success", "departments": [{ "id": 35, "name": "采购部" }] }),
        json!({ "errcode": "0", "data": [{ "id": 35, "name": "采购部" }] }),
        json!({ "message": { "errcode": 0 }, "data": { "list": [{ "id": 35, "name": "采购部" }] } }),
    ] {
        let (server, client, _) = start().await;
        always(&server, "/department/v1/list", json_answer(body.clone())).await;
        always(&server, "/department/v2/list", json_answer(body.clone())).await;
        let found = client.organization().departments_v1().await.unwrap();
        assert_eq!(found[0].name.as_deref(), Some("采购部"));
        let list = client.organization().departments_v2().department("35");
        assert_eq!(list.with_disabled().with_deleted().await.unwrap(), found);
        let sent = requests(&server, "/department/v2/list").await;
        let expected = format!("depid=35&status=all&isDelete=all&access_token={TOKEN}");
        assert_eq!(sent[0].query, expected);
    }
    for (body, expected) in [
        (
            json!({ "errcode": 0, "a": [], "b": [] }),
            "among the members a, b, errcode, found several",
        ),
        (json!({ "errcode": 0 }), "among the members errcode, found none"),
    ] {
        let (server, client, _) = start().await;
        always(&server, "/department/v1/list", json_answer(body)).await;
        let error = client.organization().departments_v1().await.unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[tokio::test]
async fn the_people_of_a_department_by_the_older_call() {
    let (server, client, _) = start().await;
    let body = json!({ "errcode": "0", "users": [{ "id": "8041", "name": "张三", "jobNum": 42 }] });
    always(&server, "/user/v1/departmentUsers", json_answer(body)).await;
    let found = client.organization().department_users("35").with_children().await.unwrap();
    assert_eq!(found[0].name.as_deref(), Some("张三"));
    assert_eq!(found[0].job_number.as_deref(), Some("42"));
    let sent = requests(&server, "/user/v1/departmentUsers").await;
    assert_eq!(sent[0].query, format!("status=normal&depid=35&fetch_child=1&access_token={TOKEN}"));
    let error = client.organization().department_users("").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
}

#[tokio::test]
async fn a_refusal_keeps_code_and_text_in_both_envelopes() {
    for body in [
        json!({ "errcode": 40035, "errmsg": "参数错误" }),
        json!({ "message": { "errcode": "40035", "errmsg": "参数错误" }, "data": {} }),
    ] {
        let (server, client, _) = start().await;
        always(&server, QUERY_ORG, json_answer(body)).await;
        let error = read(&client).await;
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Api, 1));
        let api = error.api_error().unwrap();
        assert_eq!((api.code().as_str(), api.message()), ("40035", "参数错误"));
        assert!(error.to_string().contains("40035 参数错误"), "{error}");
    }
}

#[tokio::test]
async fn success_codes_are_those_of_the_call_and_of_the_configuration() {
    let (server, client, _) = start().await;
    always(&server, CREATE, refusal("200", "ok")).await;
    always(&server, "/crm/v1/search", refusal("200", "ok")).await;
    client.raw().post(CREATE).form([("userid", "1")]).await.unwrap();
    let error = client.raw().post("/crm/v1/search").await.unwrap_err();
    assert_eq!(error.api_error().unwrap().code().as_str(), "200");
    let server = MockServer::start().await;
    give_token(&server).await;
    always(&server, "/crm/v1/search", refusal("200", "ok")).await;
    let (builder, _) = builder(&server);
    let client = builder.success_codes(["0", "200"]).build().unwrap();
    let answer = client.raw().post("/crm/v1/search").await.unwrap();
    let body: Value = answer.json().unwrap();
    assert_eq!(body["message"]["errmsg"], "ok");
    assert!(answer.json::<Vec<u8>>().unwrap_err().to_string().contains("/crm/v1/search"));
}

#[tokio::test]
async fn answers_that_are_none_of_the_platform() {
    let page = "<html>502 Bad Gateway</html>";
    let text = |status: u16, body: &str| ResponseTemplate::new(status).set_body_string(body);
    for (template, kind, effect, reads) in [
        (text(404, page), ErrorKind::Server, Effect::Unknown, 3),
        (text(502, page), ErrorKind::Server, Effect::Unknown, 3),
        (text(503, ""), ErrorKind::Server, Effect::Unknown, 3),
        (text(504, page), ErrorKind::Server, Effect::Unknown, 3),
        (text(500, r#"{"errcode":"0"}"#), ErrorKind::Server, Effect::Unknown, 3),
        (text(429, ""), ErrorKind::RateLimited, Effect::NotExecuted, 3),
        (text(200, page), ErrorKind::Decode, Effect::Unknown, 1),
        (text(200, ""), ErrorKind::Decode, Effect::Unknown, 1),
        (text(200, "[]"), ErrorKind::Decode, Effect::Unknown, 1),
        (text(200, r#"{"errcode":"0","data":"#), ErrorKind::Decode, Effect::Unknown, 1),
        (text(200, r#"{"message":"no","data":{}}"#), ErrorKind::Decode, Effect::Unknown, 1),
        (text(200, r#"{"errcode":{}}"#), ErrorKind::Decode, Effect::Unknown, 1),
        (text(403, page), ErrorKind::Decode, Effect::NotExecuted, 1),
    ] {
        let (server, client, _) = start().await;
        always(&server, CREATE, template.clone()).await;
        always(&server, QUERY_ORG, template).await;
        let error = write(&client).await;
        assert_eq!((error.kind(), error.effect()), (kind, effect), "{error}");
        assert_eq!(error.may_have_taken_effect(), effect == Effect::Unknown, "{error}");
        let writes = if kind == ErrorKind::RateLimited { 3 } else { 1 };
        assert_eq!(requests(&server, CREATE).await.len(), writes, "{error}");
        let error = read(&client).await;
        assert_eq!(requests(&server, QUERY_ORG).await.len(), reads, "{error}");
        assert!(!error.may_have_taken_effect());
    }
}

#[tokio::test]
async fn a_refusal_with_a_status_of_failure_is_still_a_refusal() {
    let (server, client, _) = start().await;
    let body = json!({ "errcode": "300009", "errmsg": "no right" });
    always(&server, QUERY_ORG, ResponseTemplate::new(403).set_body_json(body)).await;
    let error = read(&client).await;
    assert_eq!((error.kind(), error.http_status()), (ErrorKind::Api, Some(403)));
}

#[tokio::test]
async fn a_byte_order_mark_is_no_obstacle() {
    let (server, client, _) = start().await;
    let body = "\u{feff}{\"errcode\":0,\"data\":[{\"id\":1}]}";
    always(&server, QUERY_ORG, ResponseTemplate::new(200).set_body_string(body)).await;
    client.organization().departments().page(1).await.unwrap();
}

#[tokio::test]
async fn a_read_by_post_may_be_declared_one() {
    let (server, client, _) = start().await;
    once(&server, "/workflow/v2/getTodoData", ResponseTemplate::new(502)).await;
    always(&server, "/workflow/v2/getTodoData", refusal("0", "")).await;
    let call = client.raw().post("/workflow/v2/getTodoData").query("userid", "6012");
    call.idempotency(Idempotency::Safe).await.unwrap();
    let error = client.raw().get("x.example.com/").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid, "the token would go to another host");
}

#[tokio::test]
async fn calls_keep_the_rate_that_is_configured() {
    let server = MockServer::start().await;
    give_token(&server).await;
    answer(&server, "POST", QUERY_ORG, page(1, 0, json!([]))).await;
    let (builder, clock) = builder(&server);
    let client = builder.calls_per_second(2).concurrency(1).build().unwrap();
    for _ in 0..6 {
        client.organization().departments().page(1).await.unwrap();
    }
    let slept: std::time::Duration = clock.slept().iter().sum();
    assert_eq!(slept, std::time::Duration::from_secs(2), "two at once, the others in line");
}
