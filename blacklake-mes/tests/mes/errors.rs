//! Every kind of answer, and what it means for reads and for writes.

use blacklake_mes::{Effect, ErrorKind};
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use crate::support::{answer, answer_once, count, refusal, start, success};

const ANY: &str = "/any";

fn text(status: u16, body: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_string(body)
}

#[tokio::test]
async fn each_answer_is_the_error_it_is() {
    use Effect::{NotExecuted, Unknown};
    let confirm = ResponseTemplate::new(200).set_body_json(json!({
        "code": 200, "message": "库存不足，是否继续？", "needCheck": 1, "data": { "rule": 7 },
    }));
    let permission = "OPENAPI-DOMAIN/URL_NO_PERMISSION";
    for (name, template, kind, effect, reads, writes) in [
        (
            "business",
            refusal(400, "MATERIAL-DOMAIN/UNIT", "单位不存在"),
            ErrorKind::Api,
            NotExecuted,
            1,
            1,
        ),
        ("confirm", confirm, ErrorKind::Api, NotExecuted, 1, 1),
        (
            "permission",
            refusal(3_500_060, permission, "无权限"),
            ErrorKind::Forbidden,
            NotExecuted,
            1,
            1,
        ),
        (
            "permission, short",
            refusal(3401, "URL_NO_PERMISSION", ""),
            ErrorKind::Forbidden,
            NotExecuted,
            1,
            1,
        ),
        ("code 403", refusal(403, "", ""), ErrorKind::Forbidden, NotExecuted, 1, 1),
        ("http 403", text(403, "<html>"), ErrorKind::Forbidden, NotExecuted, 1, 1),
        ("http 404", text(404, "not found"), ErrorKind::Decode, NotExecuted, 1, 1),
        ("http 429", text(429, ""), ErrorKind::RateLimited, NotExecuted, 4, 4),
        ("code 429", refusal(429, "", ""), ErrorKind::RateLimited, NotExecuted, 4, 4),
        ("throttled", refusal(400, "", "请求过于频繁"), ErrorKind::RateLimited, NotExecuted, 4, 4),
        ("http 502", text(502, "<html>"), ErrorKind::Server, Unknown, 4, 1),
        ("code 500", refusal(500, "", "系统异常"), ErrorKind::Server, Unknown, 4, 1),
        ("http 302", text(302, ""), ErrorKind::Decode, Unknown, 1, 1),
        ("http 202", text(202, r#"{"code":200}"#), ErrorKind::Decode, Unknown, 1, 1),
        ("empty", text(200, ""), ErrorKind::Decode, Unknown, 1, 1),
        ("a page", text(200, "<html>login</html>"), ErrorKind::Decode, Unknown, 1, 1),
        ("an array", text(200, "[]"), ErrorKind::Decode, Unknown, 1, 1),
        ("no code", text(200, r#"{"data":{}}"#), ErrorKind::Decode, Unknown, 1, 1),
        ("cut off", text(200, r#"{"code":200,"data":{"id":1"#), ErrorKind::Decode, Unknown, 1, 1),
    ] {
        let (server, client) = start().await;
        answer(&server, ANY, template).await;
        let error = client.raw().read(ANY).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (kind, effect), "{name}: {error}");
        assert!(!error.may_have_taken_effect(), "{name}: reads change nothing");
        assert_eq!(count(&server, ANY).await, reads, "{name}: reads");
        let error = client.raw().write(ANY).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{name}: {error}");
        assert_eq!(error.may_have_taken_effect(), effect == Unknown, "{name}: {error}");
        assert_eq!(count(&server, ANY).await, reads + writes, "{name}: writes");
    }
}

#[tokio::test]
async fn what_a_person_has_to_confirm_is_told_apart() {
    let (server, client) = start().await;
    let body =
        json!({ "code": 200, "message": "是否继续？", "needCheck": 1, "data": { "rule": 7 } });
    answer(&server, ANY, ResponseTemplate::new(200).set_body_json(body)).await;
    let error = client.raw().write(ANY).await.unwrap_err();
    let api = error.api_error().unwrap();
    assert!(api.needs_confirmation() && !error.is_retryable() && !error.may_have_taken_effect());
    assert_eq!((api.message(), api.data().as_str()), ("是否继续？", r#"{"rule":7}"#));
    assert!(error.to_string().contains("nothing was done"), "{error}");
}

#[tokio::test]
async fn a_zero_of_need_check_is_a_success() {
    let (server, client) = start().await;
    let body = json!({ "code": 200, "message": "成功", "needCheck": 0, "data": { "id": 17416593677159951_i64 } });
    answer(&server, ANY, ResponseTemplate::new(200).set_body_json(body)).await;
    let answer = client.raw().write(ANY).await.unwrap();
    assert_eq!(answer.data().as_str(), r#"{"id":17416593677159951}"#);
}

#[tokio::test]
async fn members_the_account_may_not_see_are_told() {
    let (server, client) = start().await;
    let body = json!({
        "code": 200, "data": { "id": 1, "code": "71" },
        "fieldPermission": { "encoding": "", "noAccess": ["plannedAmount"], "readonly": [] },
    });
    let at = "/med/open/v1/work_order/base/_detail";
    answer(&server, at, ResponseTemplate::new(200).set_body_json(body)).await;
    let order = client.work_orders().get(1).await.unwrap();
    assert_eq!((order.no_access(), order.code.as_str()), (&["plannedAmount".to_owned()][..], "71"));
    assert_eq!(order.raw().as_str(), r#"{"code":"71","id":1}"#);
}

#[tokio::test]
async fn the_wait_that_is_asked_for_is_kept() {
    let (server, client) = start().await;
    let slow = text(429, "").insert_header("retry-after", "7");
    answer_once(&server, ANY, slow).await;
    answer(&server, ANY, success(Value::Null)).await;
    client.raw().write(ANY).await.unwrap();
    assert_eq!(count(&server, ANY).await, 2);
}

#[tokio::test]
async fn an_answer_that_does_not_fit_names_call_and_place() {
    let (server, client) = start().await;
    let at = "/mfg/open/v1/progress_report/_list";
    let rows =
        json!({ "list": [{ "id": 1 }, { "id": 2, "reportBaseAmount": { "amount": "many" } }] });
    answer(&server, at, success(rows)).await;
    let filter = blacklake_mes::production::ReportFilter::new();
    let error = client.production().reports(filter).try_collect().await.unwrap_err().to_string();
    for part in ["POST /mfg/open/v1/progress_report/_list", "list[1]", "reportBaseAmount", "many"] {
        assert!(error.contains(part), "{part}: {error}");
    }
}

#[tokio::test]
async fn a_path_without_a_slash_never_gets_a_token() {
    let (server, client) = start().await;
    for call in [client.raw().read(".evil.example.com"), client.raw().write_at("x")] {
        assert_eq!(call.await.unwrap_err().kind(), ErrorKind::Invalid);
    }
    assert!(server.received_requests().await.unwrap().is_empty());
}
