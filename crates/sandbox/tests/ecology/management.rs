//! The people's actions through the management port.

use erplink_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::receiver::{APP_CODE, Receiver};
use crate::support::{BUYER, PURCHASING_HEAD, send};

#[tokio::test]
async fn a_program_in_another_language_plays_the_people() {
    let sandbox = Sandbox::start().await.unwrap();
    let base = format!("{}/ecology", sandbox.management_url());
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let call = |method: &str, path: &str, body: Value| {
        let method = method.parse().unwrap();
        let request = http.request(method, format!("{base}{path}"));
        send(request.header("content-type", "application/json").body(body.to_string()))
    };
    let receiver = Receiver::start(sandbox.clock()).await;
    let callback = json!({
        "url": receiver.url(), "app_code": APP_CODE, "workflows": [781], "on_return": true,
        "body": {"template": {"id": "{requestid}", "ok": "{status}"}},
        "accepted": {"pointer": "/ok", "values": ["1"], "message": "/why"},
    });
    assert_eq!(call("POST", "/callbacks", callback).await.0, 204);
    let (_, state) = call("GET", "/state", Value::Null).await;
    assert_eq!(state["workflows"]["采购申请"], 781);
    assert_eq!(state["users"]["zhangsan"], BUYER);
    assert_eq!(state["callbacks"], json!([receiver.url()]));

    let start = json!({"workflow": "采购申请", "user": BUYER, "values": {"docentry": "16"}});
    let (status, started) = call("POST", "/requests", start).await;
    assert_eq!(status, 201, "{started}");
    let request = format!("/requests/{}", started["requestid"]);
    let verdict = json!({"user": PURCHASING_HEAD, "remark": "同意"});
    receiver.reply(200, r#"{"ok":0,"why":"ERP is closed"}"#);
    let (status, refused) = call("POST", &format!("{request}/approve"), verdict.clone()).await;
    assert!(status == 400 && refused["error"].as_str().unwrap().contains("ERP is closed"));
    receiver.reply(200, r#"{"ok":1}"#);
    let back = json!({"user": PURCHASING_HEAD, "node": 3974});
    assert_eq!(call("POST", &format!("{request}/return"), back).await.0, 204);
    let again = json!({"user": BUYER});
    assert_eq!(call("POST", &format!("{request}/approve"), again.clone()).await.0, 204);
    assert_eq!(call("POST", &format!("{request}/withdraw"), again.clone()).await.0, 204);
    assert_eq!(call("POST", &format!("{request}/approve"), again.clone()).await.0, 204);
    assert_eq!(call("POST", &format!("{request}/comment"), verdict.clone()).await.0, 204);
    assert_eq!(call("POST", &format!("{request}/refuse"), verdict.clone()).await.0, 204);
    assert_eq!(call("POST", &format!("{request}/approve"), again).await.0, 204);
    let over = json!({"from": PURCHASING_HEAD, "to": "15002"});
    assert_eq!(call("POST", &format!("{request}/hand-over"), over).await.0, 204);
    assert_eq!(call("POST", &format!("{request}/approve-to-the-end"), Value::Null).await.0, 204);
    let (_, shown) = call("GET", &request, Value::Null).await;
    assert_eq!((&shown["result"], &shown["main"]["docentry"]), (&json!("approved"), &json!("16")));
    let (_, list) = call("GET", "/requests", Value::Null).await;
    assert_eq!(list[0]["node"], "归档");
    let (_, pushes) = call("GET", "/pushes", Value::Null).await;
    assert_eq!(pushes.as_array().unwrap().len(), 4);
    assert_eq!(pushes[0]["failure"], "ERP is closed");

    assert_eq!(call("POST", "/push-faults", json!("lose_answer")).await.0, 204);
    let gate = json!({"fault": "login_page", "times": 2});
    assert_eq!(call("POST", "/gate-faults", gate).await.0, 204);
    let arranged = json!({"path": "/api/x", "body": {"code": "SYSTEM_INNER_ERROR"}});
    assert_eq!(call("POST", "/answers", arranged).await.0, 204);
    assert_eq!(call("POST", "/tokens/invalidate", Value::Null).await.0, 204);
    let quirks =
        json!({"async_delay": 500, "list_style": "code_data", "token_urls_blocked": "page"});
    assert_eq!(call("PUT", "/quirks", quirks).await.0, 204);
    let (status, refused) = call("PUT", "/quirks", json!({"nonsense": 1})).await;
    assert!(status == 422 && refused["error"].as_str().unwrap().contains("nonsense"));
    let fault = json!({"path_contains": "doCreateRequest", "kind": "reset_after"});
    assert_eq!(call("POST", "/faults", fault).await.0, 204);
    assert_eq!(call("GET", "/received", Value::Null).await, (200, json!([])));
    assert_eq!(call("GET", "/calls", Value::Null).await, (200, json!([])));
    assert_eq!(call("GET", "/cube/uf_item", Value::Null).await, (200, json!([])));
    assert_eq!(call("GET", "/cube/uf_x", Value::Null).await.0, 404);
    assert_eq!(call("DELETE", "/callbacks", Value::Null).await.0, 204);
    assert_eq!(call("DELETE", &request, Value::Null).await.0, 204);
    let (status, gone) = call("GET", &request, Value::Null).await;
    assert!(status == 404 && gone["error"].is_string());
    let (status, refused) = call("GET", "/requests/x", Value::Null).await;
    assert_eq!((status, refused["error"].is_string()), (400, true));
}
