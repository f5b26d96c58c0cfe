//! The people's actions through the management port.

use erplink_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::receiver::{KEY, Receiver};

#[tokio::test]
async fn a_program_in_another_language_plays_the_people() {
    let sandbox = Sandbox::start().await.unwrap();
    let base = format!("{}/mes", sandbox.management_url());
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let call = async |method: &str, path: &str, body: Value| -> (u16, Value) {
        let request = http.request(method.parse().unwrap(), format!("{base}{path}"));
        let request = request.header("content-type", "application/json").body(body.to_string());
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    };
    let receiver = Receiver::start(sandbox.clock()).await;
    let callback = json!({"url": receiver.url(), "key": KEY});
    assert_eq!(call("PUT", "/callback", callback).await.0, 204);
    let (_, state) = call("GET", "/state", Value::Null).await;
    assert_eq!(
        (&state["work_orders"], &state["callback_url"]),
        (&json!(["1"]), &json!(receiver.url()))
    );

    let (status, report) =
        call("POST", "/work-orders/1/report", json!({"quantity": 12.5, "batch": "3"})).await;
    assert_eq!(status, 201, "{report}");
    let feed = json!({"material": "RM-001", "feed": {"quantity": "25"}});
    let (status, feeding) = call("POST", "/work-orders/1/feed", feed).await;
    assert_eq!(status, 201, "{feeding}");
    let retract = format!("/feedings/{}/retract", feeding["id"]);
    assert_eq!(call("POST", &retract, json!({"quantity": 1})).await.0, 201);
    assert_eq!(call("POST", "/feedings/x/retract", json!({"quantity": 1})).await.0, 400);
    sandbox.mes().settled().await;
    let (_, pushes) = call("GET", "/pushes", Value::Null).await;
    assert_eq!(pushes.as_array().unwrap().len(), 4);
    let redeliver = format!("/events/{}/redeliver", pushes[0]["request_id"].as_str().unwrap());
    assert_eq!(call("POST", &redeliver, Value::Null).await.0, 204);
    assert_eq!(call("GET", "/reports", Value::Null).await.1[0]["batchNo"], "3");
    assert_eq!(call("GET", "/feedings", Value::Null).await.1[0]["retracted"], "1");

    for action in ["pause", "resume", "finish"] {
        assert_eq!(call("POST", &format!("/work-orders/1/{action}"), Value::Null).await.0, 204);
    }
    assert_eq!(call("POST", "/work-orders/1/hold", json!({"reason": "盘点"})).await.0, 204);
    let (status, refusal) = call("POST", "/work-orders/1/close", Value::Null).await;
    assert!(status == 400 && refusal["error"].as_str().unwrap().contains("盘点"), "{refusal}");
    assert_eq!(call("POST", "/work-orders/1/release", Value::Null).await.0, 204);
    assert_eq!(call("POST", "/work-orders/1/close", Value::Null).await.0, 204);
    let (_, order) = call("GET", "/work-orders/1", Value::Null).await;
    assert_eq!(order["status"]["code"], 5);
    assert_eq!(call("GET", "/work-orders/9", Value::Null).await.0, 404);
    assert_eq!(call("POST", "/work-orders/1/dance", Value::Null).await.0, 400);
    assert_eq!(call("POST", "/materials/RM-001/stop", Value::Null).await.0, 204);
    assert_eq!(call("GET", "/materials/RM-001", Value::Null).await.1["enableFlag"]["code"], 0);
    assert_eq!(call("POST", "/materials/RM-001/start", Value::Null).await.0, 204);

    assert_eq!(call("POST", "/push-faults", json!("wrong_key")).await.0, 204);
    let event = json!({"event_type": "quality.result_notify.qc_task", "data": {"qcTaskId": 1}});
    assert_eq!(call("POST", "/events", event).await.0, 201);
    let refusal =
        json!({"path": "/_doImport", "code": 500, "message": "异常", "after_commit": true});
    assert_eq!(call("POST", "/refusals", refusal).await.0, 204);
    let (status, refusal) = call("POST", "/refusals", json!({"path": "/_doImport"})).await;
    assert!(status == 400 && refusal["error"].as_str().unwrap().contains("`code`"));
    assert_eq!(call("POST", "/tokens/expire", Value::Null).await.0, 204);
    assert_eq!(call("POST", "/tokens/forget", Value::Null).await.0, 204);
    assert_eq!(call("DELETE", "/permissions", json!({"path": "/_list"})).await.0, 204);
    assert_eq!(call("PUT", "/permissions", json!({"path": "/_list"})).await.0, 204);
    assert_eq!(call("PUT", "/hidden-fields", json!(["remark"])).await.0, 204);
    assert_eq!(call("PUT", "/limits", json!({"per_second": 5})).await.0, 204);
    let quirks = json!({"expired_token": "http401", "repeated_rows": 1});
    assert_eq!(call("PUT", "/quirks", quirks).await.0, 204);
    assert_eq!(call("PUT", "/quirks", json!({"nonsense": 1})).await.0, 422);
    let fault = json!({"path_contains": "_doImport", "kind": "reset_after"});
    assert_eq!(call("POST", "/faults", fault).await.0, 204);
    assert_eq!(call("GET", "/calls", Value::Null).await.1, json!([]));
    assert_eq!(call("DELETE", "/callback", Value::Null).await.0, 204);
}
