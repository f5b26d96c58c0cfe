//! Tokens, apps, addresses, limits, faults and what is not simulated.

use std::time::Duration;

use erplink_sandbox::Fault;
use erplink_sandbox::wecom::{Limits, Quirks, TokenPolicy};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{APPLY, DETAIL, LIST, TEMPLATE, json_of, refused, stage, stage_with_quirks};

const USER: &str = "/cgi-bin/user/get?userid=zhangsan";

#[tokio::test]
async fn a_token_is_the_same_while_it_lives_and_each_app_has_its_own() {
    let stage = stage().await;
    let (corp, secret) = (stage.wecom.corp_id(), stage.wecom.secret());
    let again = stage.gettoken(&corp, &secret).await;
    assert_eq!(again["access_token"], json!(stage.token));
    let life = again["expires_in"].as_i64().unwrap();
    assert!((7190..=7200).contains(&life), "{life}");
    assert_ne!(stage.token_for(&stage.wecom.approval_secret()).await, stage.token);
    assert_eq!(stage.wecom.fetch_count(), 3);
    stage.clock.advance(Duration::from_secs(7201));
    assert_eq!(refused(&stage.get(USER).await).0, 42001);
    assert_ne!(stage.token_for(&secret).await, stage.token);
}

#[tokio::test]
async fn a_second_fetch_can_give_a_new_token_and_void_the_old_one() {
    for (token_policy, old) in [(TokenPolicy::New, 0), (TokenPolicy::Rotate, 40014)] {
        let stage = stage_with_quirks(Quirks { token_policy, ..Quirks::default() }).await;
        assert_ne!(stage.token_for(&stage.wecom.secret()).await, stage.token);
        assert_eq!(stage.get(USER).await["errcode"], old, "{token_policy:?}");
    }
}

#[tokio::test]
async fn wrong_credentials_are_refused_and_in_the_end_the_door_closes() {
    let stage = stage().await;
    let (corp, secret) = (stage.wecom.corp_id(), stage.wecom.secret());
    assert_eq!(refused(&stage.gettoken("ww0", &secret).await).0, 40013);
    assert_eq!(refused(&stage.gettoken("", &secret).await).0, 41002);
    assert_eq!(refused(&stage.gettoken(&corp, "").await).0, 41004);
    stage.wecom.set_limits(Limits { wrong_secrets_per_hour: 2, ..Limits::default() });
    for _ in 0..3 {
        assert_eq!(refused(&stage.gettoken(&corp, "x").await).0, 40001);
    }
    assert_eq!(refused(&stage.gettoken(&corp, &secret).await).0, 45009, "even the right one");
    stage.clock.advance(Duration::from_secs(3600));
    assert_eq!(stage.gettoken(&corp, &secret).await["errcode"], 0);
}

#[tokio::test]
async fn a_token_can_end_before_its_time() {
    let stage = stage().await;
    stage.wecom.expire_token();
    assert_eq!(refused(&stage.get(USER).await).0, 42001);
    let fresh = stage.token_for(&stage.wecom.secret()).await;
    stage.wecom.invalidate_token();
    let url = format!("{}{USER}&access_token={fresh}", stage.wecom.url());
    assert_eq!(refused(&json_of(stage.http.get(url)).await).0, 40014);
    let url = format!("{}{USER}", stage.wecom.url());
    assert_eq!(refused(&json_of(stage.http.get(url)).await).0, 41001);
}

#[tokio::test]
async fn an_error_text_carries_the_hint_and_the_address() {
    let stage = stage().await;
    stage.wecom.set_client_ip("203.0.113.9");
    stage.wecom.expire_token();
    let (_, text) = refused(&stage.get(USER).await);
    assert!(text.starts_with("access_token expired, hint: ["), "{text}");
    assert!(text.contains("], from ip: 203.0.113.9, more info at https://"), "{text}");
    assert!(text.ends_with("?e=42001"), "{text}");
}

#[tokio::test]
async fn only_trusted_addresses_may_call_a_minute_after_the_list_was_saved() {
    let stage = stage().await;
    stage.wecom.set_trusted_ips(&["203.0.113.9"]);
    assert_eq!(stage.get(USER).await["errcode"], 0, "not effective yet");
    stage.clock.advance(Duration::from_secs(60));
    assert_eq!(refused(&stage.get(USER).await).0, 60020);
    stage.wecom.set_client_ip("203.0.113.9");
    assert_eq!(stage.get(USER).await["errcode"], 0);
    stage.wecom.set_client_ip("127.0.0.1");
    stage.wecom.trust_all_ips();
    assert_eq!(refused(&stage.get(USER).await).0, 60020, "not effective yet");
    stage.clock.advance(Duration::from_secs(60));
    assert_eq!(stage.get(USER).await["errcode"], 0);
}

#[tokio::test]
async fn each_secret_opens_its_own_calls() {
    let mut stage = stage().await;
    let number = json!({"sp_no": "1"});
    stage.wecom.set_callable(false);
    assert_eq!(stage.refusal(DETAIL, &number).await.0, 301_055);
    stage.wecom.set_callable(true);
    stage.wecom.set_enabled(false);
    assert_eq!(refused(&stage.get(USER).await).0, 50003);
    stage.wecom.set_enabled(true);
    assert_eq!(stage.refusal("/cgi-bin/user/list_id", &json!({})).await.0, 48002);
    stage.token = stage.token_for(&stage.wecom.contacts_secret()).await;
    assert_eq!(stage.refusal(DETAIL, &number).await.0, 48002);
    assert_eq!(stage.post("/cgi-bin/user/list_id", &json!({})).await["errcode"], 0);
    stage.token = stage.token_for(&stage.wecom.approval_secret()).await;
    assert_eq!(stage.refusal(DETAIL, &number).await.0, 48002, "built-in secrets are closed");
    stage.wecom.set_quirks(Quirks { legacy_corp: true, ..Quirks::default() });
    assert_eq!(stage.refusal(DETAIL, &number).await.0, 301_025);
}

#[tokio::test]
async fn six_hundred_calls_of_an_approval_api_a_minute() {
    let stage = stage().await;
    stage.wecom.set_limits(Limits { approval_per_minute: 2, ..Limits::default() });
    let body = json!({"template_id": stage.template("采购申请审批")});
    for _ in 0..2 {
        assert_eq!(stage.post(TEMPLATE, &body).await["errcode"], 0);
    }
    assert_eq!(stage.refusal(TEMPLATE, &body).await.0, 45009);
    assert_eq!(stage.refusal(DETAIL, &json!({"sp_no": "1"})).await.0, 301_025, "another API");
    stage.clock.advance(Duration::from_secs(60));
    assert_eq!(stage.post(TEMPLATE, &body).await["errcode"], 0);
}

#[tokio::test]
async fn method_and_body_have_to_be_right() {
    let stage = stage().await;
    assert_eq!(refused(&stage.get(DETAIL).await).0, 40058);
    assert_eq!(stage.refusal(USER, &json!({})).await.0, 40058);
    for body in ["{", "[]", ""] {
        let answer = json_of(stage.http.post(stage.url(DETAIL)).body(body)).await;
        let (code, text) = refused(&answer);
        assert_eq!(code, 40058);
        assert!(text.contains("wrong json format"), "{text}");
    }
    let escaped = r#"{"sp_no":"\u0031"}"#;
    let answer = json_of(stage.http.post(stage.url(DETAIL)).body(escaped)).await;
    assert_eq!(refused(&answer).0, 40033);
    stage.wecom.set_quirks(Quirks { accept_unicode_escapes: true, ..Quirks::default() });
    let answer = json_of(stage.http.post(stage.url(DETAIL)).body(escaped)).await;
    assert_eq!(refused(&answer).0, 301_025);
}

#[tokio::test]
async fn what_is_not_simulated_says_so() {
    let stage = stage().await;
    for path in ["/cgi-bin/oa/vacation/getcorpconf", "/cgi-bin/corp/getapprovaldata", "/"] {
        let response = stage.http.get(stage.url(path)).send().await.unwrap();
        assert_eq!(response.status(), 501);
        assert!(response.text().await.unwrap().contains(path));
    }
}

#[tokio::test]
async fn success_need_not_carry_a_code() {
    let stage = stage().await;
    let mut addresses = json!({"errcode": 0, "errmsg": "ok", "ip_list": ["127.0.0.1"]});
    assert_eq!(stage.get("/cgi-bin/getcallbackip").await, addresses);
    stage.wecom.set_quirks(Quirks { success_without_code: true, ..Quirks::default() });
    for member in ["errcode", "errmsg"] {
        addresses.as_object_mut().unwrap().remove(member);
    }
    assert_eq!(stage.get("/cgi-bin/get_api_domain_ip").await, addresses);
}

#[tokio::test]
async fn a_refusal_can_hide_that_the_form_exists() {
    let stage = stage().await;
    stage.wecom.refuse_next(APPLY, -1, "system busy");
    let (code, _) = stage.refusal(APPLY, &stage.purchase_request()).await;
    assert_eq!((code, stage.wecom.forms().len()), (-1, 0));
    stage.wecom.refuse_next_after_commit(APPLY, 301_057, "internal error");
    let (code, _) = stage.refusal(APPLY, &stage.purchase_request()).await;
    assert_eq!((code, stage.wecom.forms().len()), (301_057, 1));
    stage.apply(&stage.purchase_request()).await;
}

#[tokio::test]
async fn the_port_misbehaves_on_demand() {
    let stage = stage().await;
    let submit = || stage.http.post(stage.url(APPLY)).body(stage.purchase_request().to_string());
    stage.wecom.faults().push(Fault::reset_before(Method::POST, APPLY));
    assert!(submit().send().await.is_err());
    assert_eq!(stage.wecom.forms().len(), 0);
    stage.wecom.faults().push(Fault::reset_after(Method::POST, APPLY));
    assert!(submit().send().await.is_err());
    assert_eq!(stage.wecom.forms().len(), 1, "committed, but the answer is lost");
    stage.wecom.faults().push(Fault::html(None, APPLY, StatusCode::BAD_GATEWAY));
    let page = submit().send().await.unwrap();
    assert_eq!(page.status(), 502);
    assert!(page.text().await.unwrap().contains("<html>"));
    stage.wecom.faults().push(Fault::status(None, LIST, StatusCode::TOO_MANY_REQUESTS));
    let refused = stage.http.post(stage.url(LIST)).body("{}").send().await.unwrap();
    assert_eq!(refused.status(), 429);
    stage.wecom.faults().push(Fault::truncate_body(None, APPLY));
    let half = submit().send().await.unwrap();
    assert!(half.text().await.is_err());
    assert_eq!(stage.wecom.calls().count(Method::POST, APPLY), 4);
    assert_eq!(stage.get(USER).await["name"], Value::from("张三"));
}
