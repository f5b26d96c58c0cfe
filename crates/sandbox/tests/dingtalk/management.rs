//! The people's actions through the management port.

use erplink_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::receiver::{AES_KEY, Receiver, TOKEN};
use crate::support::{PURCHASING_HEAD, send};

#[tokio::test]
async fn a_program_in_another_language_plays_the_people() {
    let sandbox = Sandbox::start().await.unwrap();
    let base = format!("{}/dingtalk", sandbox.management_url());
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let call = |method: &str, path: &str, body: Value| {
        let method = method.parse().unwrap();
        let request = http.request(method, format!("{base}{path}"));
        send(request.header("content-type", "application/json").body(body.to_string()))
    };
    let receiver = Receiver::start(sandbox.clock(), &sandbox.dingtalk().client_id()).await;
    let callback = json!({
        "url": receiver.url(), "token": TOKEN, "aes_key": AES_KEY, "key": "app_key",
        "filters": ["/v1.0/event/bpms_instance_change/**"],
    });
    assert_eq!(call("PUT", "/callback", callback).await.0, 204);

    let (_, state) = call("GET", "/state", Value::Null).await;
    assert!(state["process_codes"]["采购申请"].is_string());
    let start = json!({
        "template": "采购申请", "user": "manager4974", "values": {"来源单号": "7"},
    });
    let (status, started) = call("POST", "/instances", start).await;
    assert_eq!(status, 201, "{started}");
    let instance = format!("/instances/{}", started["instance"].as_str().unwrap());
    let verdict = json!({"user": PURCHASING_HEAD, "remark": "同意"});
    assert_eq!(call("POST", &format!("{instance}/approve"), verdict.clone()).await.0, 204);
    let (_, shown) = call("GET", &instance, Value::Null).await;
    assert_eq!(shown["result"], "agree");
    let (status, again) = call("POST", &format!("{instance}/approve"), verdict).await;
    assert_eq!(status, 400, "{again}");
    sandbox.dingtalk().settled().await;
    assert_eq!(receiver.events(), ["instance/start", "instance/finish/agree"]);
    let (_, pushes) = call("GET", "/pushes", Value::Null).await;
    assert_eq!(pushes.as_array().unwrap().len(), 2);
    assert_eq!(call("GET", "/state", Value::Null).await.1["callback_url"], json!(receiver.url()));
    assert_eq!(call("PUT", "/limits", json!({"per_month": 9})).await.0, 204);
    let quirks = json!({"times": "milliseconds", "empty_values": "absent", "decision_lag": 60});
    assert_eq!(call("PUT", "/quirks", quirks).await.0, 204);
    let (_, shown) = call("GET", &instance, Value::Null).await;
    assert!(shown["createTime"].is_i64(), "{shown}");
    let (status, refused) = call("PUT", "/quirks", json!({"nonsense": 1})).await;
    assert_eq!(status, 422);
    assert!(refused["error"].as_str().unwrap().contains("nonsense"), "{refused}");
    let (status, refused) = call("PUT", "/nonsense", Value::Null).await;
    assert_eq!((status, refused["error"].is_string()), (404, true));
    assert_eq!(call("POST", "/push-faults", json!("out_of_order")).await.0, 204);
    assert_eq!(call("DELETE", &instance, Value::Null).await.0, 204);

    let filters = json!({"filters": ["/v1.0/event/bpms_instance_change/**"]});
    assert_eq!(call("PUT", "/stream/subscription", filters).await.0, 204);
    for (path, body) in [
        ("break", json!("kill")),
        ("disconnect", json!({"reason": "connection is expired"})),
        ("ping", Value::Null),
        ("frame-faults", json!("nested")),
        ("text", json!("garbage")),
    ] {
        assert_eq!(call("POST", &format!("/stream/{path}"), body).await.0, 204, "{path}");
    }
    let bot = json!({"topic": "/v1.0/im/bot/messages/get", "data": {}});
    assert_eq!(call("POST", "/stream/callback", bot).await.0, 404, "nobody is connected");
    assert_eq!(call("GET", "/stream", Value::Null).await.1["connections"], 0);
    assert_eq!(call("DELETE", "/stream/subscription", Value::Null).await.0, 204);
    assert_eq!(call("GET", &instance, Value::Null).await.0, 404);
}
