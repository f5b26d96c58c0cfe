//! What OA pushes: who may, what is read, what is answered.

#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

use ecology_oa::callback::{
    AppCodes, ApprovalResult, Callback, CallbackError, Decision, Done, Push, ReplyFormat, ResultMap,
};
use http::{HeaderMap, StatusCode};
use proptest::prelude::*;
use serde_json::{Value, json};

const CODE: &str = "planted-code";

fn callback() -> Callback {
    Callback::new(AppCodes::new([CODE, "old-code"]).unwrap())
}

fn headers(code: &str, content_type: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("X-ApiG-AppCode", code.parse().unwrap());
    headers.insert("content-type", content_type.parse().unwrap());
    headers
}

fn receive(content_type: &str, body: &str) -> Result<Push, CallbackError> {
    callback().receive(&headers(CODE, content_type), body.as_bytes())
}

fn read(map: &ResultMap, body: &Value) -> Result<ApprovalResult, CallbackError> {
    map.read(&receive("application/json", &body.to_string())?)
}

#[test]
fn reads_a_result_from_json_and_from_a_form() {
    let body = json!({
        "requestid": 2_966_060, "workflowid": 781, "requestname": "采购申请-1042", "status": "1",
        "remark": "同意", "approver": "15273", "operatetime": "2024-11-20 10:12:13",
    });
    let expected = read(&ResultMap::new(), &body).unwrap();
    assert_eq!(expected.request_id, "2966060");
    assert_eq!(expected.decision, Decision::Approved);
    assert_eq!(expected.remark.as_deref(), Some("同意"));
    assert_eq!(expected.approver.as_deref(), Some("15273"));
    assert_eq!(expected.dedup_key(), "2966060:1");

    let form = "requestid=2966060&status=1&remark=%E5%90%8C%E6%84%8F&approver=15273";
    for (content_type, body) in [
        ("application/json; charset=utf-8", body.to_string()),
        ("", body.to_string()),
        ("text/plain", format!("\u{feff} {body}\n")),
        ("application/x-www-form-urlencoded", body.to_string()),
        ("application/x-www-form-urlencoded; charset=utf-8", form.to_owned()),
        ("Application/X-WWW-Form-Urlencoded", form.to_owned()),
    ] {
        let push = receive(content_type, &body).unwrap();
        assert_eq!(ResultMap::new().read(&push).unwrap(), expected, "{content_type}");
    }
}

#[test]
fn reads_forms_of_the_customers_own_design() {
    let push = receive(
        "application/json",
        r#"{"requestid":"2966060","mainData":{"docentry":"1042","amount":12.500000,"state":" 通过 "},"detail1":[{"itemcode":"A0001","qty":"5"}]}"#,
    )
    .unwrap();
    assert_eq!(push.text("/mainData/docentry").as_deref(), Some("1042"));
    assert_eq!(push.text("/detail1/0/qty").as_deref(), Some("5"));
    assert_eq!(push.text("/detail1"), None);
    assert_eq!(push.text("/nowhere"), None);
    assert_eq!(push.text("/mainData/amount").as_deref(), Some("12.500000"), "every digit is kept");
    assert_eq!(push.text("mainData"), None);
    let map = ResultMap::new().status_at("/mainData/state").remark_at("/none");
    map.check().unwrap();
    assert_eq!(map.read(&push).unwrap().decision, Decision::Approved);

    #[derive(Debug, serde::Deserialize)]
    #[allow(dead_code)]
    struct Form {
        requestid: u32,
    }
    let error = push.json::<Form>().unwrap_err();
    assert!(error.to_string().contains("requestid"), "{error}");

    let form = "requestid=5&status=1&mainData=%7B%22docentry%22%3A1042%7D&remark=%7Bnot+json";
    let push = receive("application/x-www-form-urlencoded", form).unwrap();
    assert_eq!(push.text("/mainData/docentry").as_deref(), Some("1042"));
    assert_eq!(push.text("/remark").as_deref(), Some("{not json"));
}

#[test]
fn a_status_that_is_not_known_never_approves() {
    let map = ResultMap::new();
    for status in ["1", "Y", "y", "true", "TRUE", "approved", "pass", "同意", "通过", "批准", " 1 "]
    {
        let result = read(&map, &json!({ "requestid": 1, "status": status })).unwrap();
        assert_eq!(result.decision, Decision::Approved, "{status}");
    }
    for status in ["0", "2", "N", "false", "rejected", "refuse", "不同意", "拒绝", "退回", "驳回"]
    {
        let result = read(&map, &json!({ "requestid": 1, "status": status })).unwrap();
        assert_eq!(result.decision, Decision::Rejected, "{status}");
    }
    for status in ["3", "11", "01", "approve", "未同意", "同意吗", "-1", "yes"] {
        let error = read(&map, &json!({ "requestid": 1, "status": status })).unwrap_err();
        assert!(matches!(error, CallbackError::UnknownStatus { .. }), "{status}");
    }
    // JSON scalars read as their text.
    for (status, decision) in [(json!(1), Decision::Approved), (json!(false), Decision::Rejected)] {
        let result = read(&map, &json!({ "requestid": "1", "status": status })).unwrap();
        assert_eq!(result.decision, decision);
    }
    for status in [json!(null), json!(""), json!(" "), json!([1]), json!({ "a": "1" })] {
        let error = read(&map, &json!({ "requestid": 1, "status": status })).unwrap_err();
        assert!(matches!(error, CallbackError::Missing { .. }), "{status}");
    }
    let error = read(&map, &json!({ "status": "1" })).unwrap_err();
    assert!(error.to_string().contains("/requestid"), "{error}");

    // Replaced, not extended.
    let own = ResultMap::new().approved(["2"]).rejected(["1"]);
    own.check().unwrap();
    let of = |status| read(&own, &json!({ "requestid": 1, "status": status }));
    assert_eq!(of("2").unwrap().decision, Decision::Approved);
    assert_eq!(of("1").unwrap().decision, Decision::Rejected);
    assert!(of("同意").is_err());

    // Even where nobody checked it: what means both means nothing.
    let both = ResultMap::new().approved(["1"]).rejected(["1"]);
    assert!(read(&both, &json!({ "requestid": 1, "status": "1" })).is_err());
    for (map, expected) in [
        (both, "as approved and as rejected"),
        (ResultMap::new().approved(["Y"]).rejected([" y "]), "as approved and as rejected"),
        (ResultMap::new().approved(Vec::<String>::new()), "no status"),
        (ResultMap::new().status_at("status"), "JSON Pointer"),
    ] {
        let error = map.check().unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[test]
fn refuses_who_shows_no_code_before_it_looks_at_the_body() {
    let callback = callback();
    let body = br#"{"requestid":1,"status":"1"}"#;
    assert!(callback.receive(&headers("old-code", "application/json"), body).is_ok());
    let mut repeated = headers(CODE, "application/json");
    repeated.append("x-apig-appcode", CODE.parse().unwrap());
    for (headers, body) in [
        (headers("guess", "application/json"), &body[..]),
        (headers("guess", "application/json"), &b"not json"[..]),
        (HeaderMap::new(), &body[..]),
        (repeated, &body[..]),
    ] {
        let error = callback.receive(&headers, body).unwrap_err();
        assert!(matches!(error, CallbackError::Unauthorized(_)));
        let reply = callback.refused(&error);
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
        assert_eq!(reply.body, r#"{"code":401,"message":"unauthorized"}"#);
    }
    assert!(!format!("{callback:?}").contains("planted"));
}

#[test]
fn refuses_bodies_it_cannot_read_and_says_why() {
    for (content_type, body, expected) in [
        ("application/json", "", "not JSON"),
        ("application/json", "{\"requestid\":", "not JSON"),
        ("application/json", "[1]", "not an object"),
        ("application/json", "requestid=1", "not JSON"),
        ("application/x-www-form-urlencoded", "", "empty"),
        ("application/x-www-form-urlencoded", "status=1&status=2", "twice"),
    ] {
        let error = receive(content_type, body).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        let reply = callback().refused(&error);
        assert_eq!(reply.status, StatusCode::OK);
        let reply: Value = serde_json::from_str(&reply.body).unwrap();
        assert_eq!(reply["success"], false);
        assert!(reply["msg"].as_str().unwrap().contains(expected));
    }
    let error =
        callback().receive(&headers(CODE, "application/json"), b"{\"a\":\"\xff\"}").unwrap_err();
    assert!(error.to_string().contains("UTF-8"), "{error}");
    let small = callback().body_limit(10);
    let error = small.receive(&headers(CODE, ""), b"{\"a\":\"123456\"}").unwrap_err();
    assert_eq!(small.refused(&error).status, StatusCode::PAYLOAD_TOO_LARGE);
    let deep = format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
    assert!(receive("application/json", &deep).is_err());
}

#[test]
fn answers_as_agreed() {
    let body = |reply: ecology_oa::callback::Reply| -> Value {
        serde_json::from_str(&reply.body).unwrap()
    };
    let callback = callback();
    assert_eq!(
        body(callback.done(&Done::new())),
        json!({ "success": true, "code": "0", "msg": "ok" })
    );
    let done = Done::new().message("已生成").data(json!({ "DocEntry": 7 }));
    assert_eq!(
        body(callback.done(&done)),
        json!({ "success": true, "code": "0", "msg": "已生成", "data": { "DocEntry": 7 } })
    );
    let failure = callback.failed("no such \"draft\" {data}");
    assert_eq!(failure.status, StatusCode::OK);
    assert_eq!(
        body(failure),
        json!({ "success": false, "code": "-1", "msg": "no such \"draft\" {data}" })
    );
    let format: ReplyFormat = serde_json::from_value(json!({
        "success": { "flag": "Y", "list": ["{data}", 1, "{msg}!"] },
        "failure": { "flag": "N", "text": "错误: {msg}" },
        "failure_status": 500,
    }))
    .unwrap();
    let callback = callback.replies(format);
    assert_eq!(body(callback.done(&Done::new())), json!({ "flag": "Y", "list": [1, "ok!"] }));
    let failure = callback.failed("x");
    assert_eq!(failure.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(body(failure), json!({ "flag": "N", "text": "错误: x" }));
    for wrong in [json!({ "failure_status": 5 }), json!({ "sucess": {} })] {
        assert!(serde_json::from_value::<ReplyFormat>(wrong).is_err());
    }
}

proptest! {
    #[test]
    fn no_body_breaks_the_receiver(body in proptest::collection::vec(any::<u8>(), 0..512), form: bool) {
        let content_type =
            if form { "application/x-www-form-urlencoded" } else { "application/json" };
        if let Ok(push) = callback().receive(&headers(CODE, content_type), &body) {
            let _ = ResultMap::new().read(&push);
        }
    }

    #[test]
    fn only_known_statuses_decide(status in "\\PC{0,12}") {
        let known = [
            "1", "y", "true", "approved", "pass", "同意", "通过", "批准", "0", "2", "n", "false",
            "rejected", "refuse", "不同意", "拒绝", "退回", "驳回",
        ];
        let is_known = known.contains(&status.trim().to_ascii_lowercase().as_str());
        let result = read(&ResultMap::new(), &json!({ "requestid": 1, "status": status }));
        prop_assert_eq!(result.is_ok(), is_known);
    }
}

#[cfg(feature = "axum")]
mod router {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use ecology_oa::callback::router;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// Serves the router on a free port and posts to it, byte for byte.
    async fn post(app: axum::Router, code: &str, body: &str) -> (u16, String) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(async move { axum::serve(listener, app).await });
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let request = format!(
            "POST /oa HTTP/1.1\r\nHost: x\r\nX-ApiG-AppCode: {code}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        server.abort();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    #[tokio::test]
    async fn awaits_the_handler_and_returns_its_answer() {
        let handled = Arc::new(AtomicUsize::new(0));
        let app = |callback: Callback| {
            let handled = handled.clone();
            router("/oa", callback, move |push: Push| {
                let handled = handled.clone();
                async move {
                    let result = ResultMap::new().read(&push)?;
                    tokio::task::yield_now().await;
                    handled.fetch_add(1, Ordering::SeqCst);
                    if result.request_id == "404" {
                        return Err("找不到草稿".into());
                    }
                    Ok(Done::new().data(json!({ "DocEntry": 7 })))
                }
            })
        };
        for (code, body, status, expected, count) in [
            (
                CODE,
                r#"{"requestid":5,"status":"1"}"#,
                200,
                r#"{"code":"0","data":{"DocEntry":7},"msg":"ok","success":true}"#,
                1,
            ),
            (
                CODE,
                r#"{"requestid":404,"status":"1"}"#,
                200,
                r#"{"code":"-1","msg":"找不到草稿","success":false}"#,
                2,
            ),
            (
                "guess",
                r#"{"requestid":5,"status":"1"}"#,
                401,
                r#"{"code":401,"message":"unauthorized"}"#,
                2,
            ),
        ] {
            let answer = post(app(callback()), code, body).await;
            assert_eq!(answer, (status, expected.to_owned()));
            assert_eq!(handled.load(Ordering::SeqCst), count);
        }
        let (status, body) = post(app(callback()), CODE, r#"{"requestid":5,"status":"?"}"#).await;
        assert_eq!(status, 200);
        assert!(body.contains("nothing was decided"), "{body}");
        let (status, _) = post(app(callback().body_limit(5)), CODE, r#"{"requestid":5}"#).await;
        assert_eq!(status, 413);
        assert_eq!(handled.load(Ordering::SeqCst), 2);
    }
}
