//! Spellings, envelopes, charsets, arranged refusals, and what is not there.

use erplink_sandbox::Fault;
use erplink_sandbox::eteams::{Charset, Envelope, Quirks};
use http::StatusCode;
use serde_json::{Value, json};

use crate::support::{QUERY_ORG, stage};

#[tokio::test]
async fn spellings_follow_the_quirks() {
    let stage = stage().await;
    stage.eteams.set_quirks(Quirks {
        misspell_access_token: true,
        errcode_as_number: true,
        expires_in_as_text: true,
        ..Quirks::default()
    });
    let code = stage.code().await;
    let answer = stage.exchange(&code).await;
    assert!(answer["acessToken"].is_string() && answer["accessToken"].is_null(), "{answer}");
    assert_eq!((&answer["errcode"], &answer["expires_in"]), (&json!(0), &json!("7200")));
    let path = format!("{QUERY_ORG}?access_token={}", answer["acessToken"].as_str().unwrap());
    stage.eteams.set_quirks(Quirks {
        ids_as_numbers: true,
        parent_name: "parentid".to_owned(),
        without_total: true,
        envelope: Some(Envelope::Flat),
        ..Quirks::default()
    });
    let (_, answer) = stage.json(&path, &json!({"ids": ["9007199254740993"]})).await;
    assert_eq!((&answer["errcode"], &answer["total"]), (&json!("0"), &Value::Null));
    assert_eq!(answer["data"][0]["id"], json!(9_007_199_254_740_993_u64));
    assert_eq!(answer["data"][0]["parentid"], 7035);
    let nested = Quirks {
        envelope: Some(Envelope::Nested),
        list_name: "departments".to_owned(),
        ..Quirks::default()
    };
    stage.eteams.set_quirks(nested);
    let path = path.replace(QUERY_ORG, "/department/v1/list");
    let (_, answer) = stage.get(&path).await;
    assert_eq!(answer["message"]["errcode"], "0");
    assert_eq!(answer["data"]["departments"][0]["name"], "总经办");
}

#[tokio::test]
async fn the_same_json_comes_in_any_charset() {
    let stage = stage().await;
    let path = format!("{QUERY_ORG}?access_token={}", stage.token().await);
    for (charset, name, bytes) in [
        (Charset::Utf8, "UTF-8", "采购部".as_bytes()),
        (Charset::Gbk, "GBK", b"\xb2\xc9\xb9\xba\xb2\xbf"),
        // 购 is not in Big5, and nothing of it in Latin-1.
        (Charset::Big5, "Big5", b"\xaa\xf6\\u8d2d\xb3\xa1"),
        (Charset::Latin1, "ISO-8859-1", b"\\u91c7\\u8d2d\\u90e8"),
    ] {
        for named in [true, false] {
            stage.eteams.set_quirks(Quirks { charset, names_charset: named, ..Quirks::default() });
            let request = stage.request("POST", &path).header("content-type", "application/json");
            let response = request.body(r#"{"ids":["7035"]}"#).send().await.unwrap();
            let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
            assert_eq!(kind.contains(&format!("charset={name}")), named, "{kind}");
            let body = response.bytes().await.unwrap();
            let found = body.windows(bytes.len()).any(|window| window == bytes);
            assert!(found, "{name}: {}", String::from_utf8_lossy(&body));
        }
    }
    stage.eteams.set_quirks(Quirks { byte_order_mark: true, ..Quirks::default() });
    let response = stage.request("GET", "/oauth2/authorize").send().await.unwrap();
    assert!(response.bytes().await.unwrap().starts_with(b"\xef\xbb\xbf{"));
}

#[tokio::test]
async fn a_refusal_and_a_fault_come_as_arranged() {
    let stage = stage().await;
    stage.eteams.refuse_next("/queryOrg", "40035", "参数错误");
    let refused = stage.refusal(QUERY_ORG, json!({})).await;
    assert_eq!(refused, ("40035".to_owned(), "参数错误".to_owned()));
    stage.data(QUERY_ORG, json!({})).await;
    stage.eteams.refuse_next("/oauth2/authorize", "90009", "系统繁忙");
    let (status, answer) = stage.get("/oauth2/authorize").await;
    assert_eq!((status, &answer["errcode"]), (200, &json!("90009")));
    stage.eteams.set_quirks(Quirks { refusal_status: 403, ..Quirks::default() });
    assert_eq!(stage.get("/oauth2/authorize").await.0, 403);
    stage.eteams.faults().push(Fault::html(None, "/oauth2", StatusCode::BAD_GATEWAY));
    let response = stage.request("GET", "/oauth2/authorize").send().await.unwrap();
    assert_eq!(response.status(), 502);
}

#[tokio::test]
async fn what_is_not_there_fails_loudly() {
    let stage = stage().await;
    for (method, path) in [
        ("POST", "/workflow/v2/createRequest"),
        ("POST", "/user/v3/createUser"),
        ("GET", QUERY_ORG),
        ("GET", "/papi/openapi"),
        ("DELETE", "/oauth2/authorize"),
    ] {
        let response = stage.request(method, path).send().await.unwrap();
        assert_eq!(response.status(), 501, "{method} {path}");
        let answer: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
        assert!(answer.to_string().contains("does not simulate"), "{answer}");
    }
}
