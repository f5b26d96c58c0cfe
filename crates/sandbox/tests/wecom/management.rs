//! The people's actions through the management port.

use erplink_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::receiver::{AES_KEY, Receiver, TOKEN};

async fn send(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

#[tokio::test]
async fn a_program_in_another_language_plays_the_people() {
    let sandbox = Sandbox::start().await.unwrap();
    let base = format!("{}/wecom", sandbox.management_url());
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let call = |method: &str, path: &str, body: Value| {
        let method = method.parse().unwrap();
        let request = http.request(method, format!("{base}{path}"));
        send(request.header("content-type", "application/json").body(body.to_string()))
    };
    let receiver = Receiver::start(sandbox.clock(), &sandbox.wecom().corp_id()).await;
    let url = receiver.callback().url;
    let callback = json!({"url": url, "token": TOKEN, "aes_key": AES_KEY});
    assert_eq!(call("PUT", "/callback", callback).await.0, 204);

    let (_, state) = call("GET", "/state", Value::Null).await;
    assert!(state["template_ids"]["采购申请审批"].is_string());
    assert_eq!((&state["agent_id"], &state["callback_url"]), (&json!(1_000_002), &json!(url)));
    let submit =
        json!({"template": "采购申请审批", "user": "zhangsan", "values": {"单据编号": "7"}});
    let (status, submitted) = call("POST", "/forms", submit).await;
    assert_eq!(status, 201, "{submitted}");
    let form = format!("/forms/{}", submitted["sp_no"].as_str().unwrap());
    let act = |action: &str, body: Value| call("POST", &format!("{form}/{action}"), body);
    assert_eq!(act("approve", json!({"by": "lisi", "speech": "同意"})).await.0, 204);
    assert_eq!(act("comment", json!({"by": "zhangsan", "speech": "请尽快"})).await.0, 204);
    assert_eq!(act("transfer", json!({"by": "wangwu", "to": "sunqi"})).await.0, 204);
    assert_eq!(act("send-back", json!({"by": "sunqi", "to": "lisi"})).await.0, 204);
    assert_eq!(act("approve-to-the-end", json!({})).await.0, 204);
    let (_, shown) = call("GET", &form, Value::Null).await;
    assert_eq!((&shown["sp_status"], &shown["asked"]), (&json!(2), &json!([])));
    let (status, refusal) = act("approve", json!({"by": "lisi"})).await;
    assert!(status == 400 && refusal["error"].as_str().unwrap().contains("not asked"));
    let (status, refusal) = act("approve", json!({})).await;
    assert!(status == 400 && refusal["error"].as_str().unwrap().contains("`by` is missing"));
    assert_eq!(act("dance", json!({})).await.0, 400);
    assert_eq!(act("approve", json!({"who": "lisi"})).await.0, 400);
    sandbox.wecom().settled().await;
    let (_, pushes) = call("GET", "/pushes", Value::Null).await;
    let changes: Vec<_> = pushes.as_array().unwrap().iter().map(|push| &push["change"]).collect();
    assert_eq!(changes, [1, 2, 10, 4, 11, 2, 2, 2]);

    assert_eq!(call("POST", "/push-faults", json!("duplicate")).await.0, 204);
    assert_eq!(
        call("PUT", "/quirks", json!({"decision_lag": 60, "token_policy": "rotate"})).await.0,
        204
    );
    assert_eq!(call("PUT", "/quirks", json!({"nonsense": 1})).await.0, 422);
    assert_eq!(call("PUT", "/limits", json!({"approval_per_minute": 60})).await.0, 204);
    assert_eq!(
        call("PUT", "/app", json!({"visible_users": ["lisi"], "callable": true})).await.0,
        204
    );
    assert_eq!(
        call("PUT", "/app", json!({"visible_users": null, "trusted_ips": null})).await.0,
        204
    );
    let refusal = json!({"path": "/cgi-bin/oa/applyevent", "code": -1, "after_commit": true});
    assert_eq!(call("POST", "/refusals", refusal).await.0, 204);
    assert_eq!(call("POST", "/token/expire", Value::Null).await.0, 204);
    assert_eq!(call("POST", "/token/invalidate", Value::Null).await.0, 204);
    let fault = json!({"path_contains": "applyevent", "kind": "reset_after"});
    assert_eq!(call("POST", "/faults", fault).await.0, 204);
    assert_eq!(call("GET", "/calls", Value::Null).await.1, json!([]));
    assert_eq!(call("DELETE", &form, Value::Null).await.0, 204);
    assert_eq!(call("GET", "/forms/1", Value::Null).await.0, 404);
    assert_eq!(call("DELETE", "/callback", Value::Null).await.0, 204);
}
