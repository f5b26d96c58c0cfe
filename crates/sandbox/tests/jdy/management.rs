//! The people's actions through the management port.

use erplink_sandbox::Sandbox;
use serde_json::{Value, json};

#[tokio::test]
async fn a_program_in_another_language_plays_the_accountants() {
    let sandbox = Sandbox::start().await.unwrap();
    let base = format!("{}/jdy", sandbox.management_url());
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let call = async |method: &str, path: &str, body: Value| -> (u16, Value) {
        let request = http.request(method.parse().unwrap(), format!("{base}{path}"));
        let request = request.header("content-type", "application/json").body(body.to_string());
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    };
    let (_, state) = call("GET", "/state", Value::Null).await;
    assert_eq!((&state["vouchers"], &state["s_id"]), (&json!(0), &json!("7480001")));
    assert_eq!(call("GET", "/vouchers", Value::Null).await.1, json!([]));
    assert_eq!(call("GET", "/vouchers/A", Value::Null).await.0, 404);
    assert_eq!(call("POST", "/vouchers/A/audit", Value::Null).await.0, 404);
    assert_eq!(call("PUT", "/period", json!({ "period": 202_604 })).await.0, 204);
    assert_eq!(
        call("POST", "/accounts", json!({ "number": "6601", "name": "销售费用" })).await.0,
        201
    );
    assert_eq!(call("POST", "/customers", json!({ "number": "C100" })).await.0, 201);
    assert_eq!(call("POST", "/tokens/expire", Value::Null).await.0, 204);
    assert_eq!(call("POST", "/app-secret/rotate", Value::Null).await.0, 204);
    for arranged in [
        json!({ "path": "/voucher", "code": 46_001, "message": "x", "after_commit": true }),
        json!({ "path": "/voucher", "delay_ms": 10 }),
        json!({ "link_id": "A", "code": 46_001, "message": "x" }),
    ] {
        assert_eq!(call("POST", "/refusals", arranged).await.0, 204);
    }
    for wrong in [json!({ "path": "/voucher" }), json!({ "code": 1 }), json!({ "nonsense": 1 })] {
        assert!(call("POST", "/refusals", wrong).await.0 >= 400);
    }
    let quirks = json!({ "empty_list": "unexpected", "body": "wrapped", "list_lag": 3 });
    assert_eq!(call("PUT", "/quirks", quirks).await.0, 204);
    assert_eq!(call("PUT", "/quirks", json!({ "nonsense": 1 })).await.0, 422);
    let fault = json!({ "path_contains": "/voucher", "kind": "reset_after" });
    assert_eq!(call("POST", "/faults", fault).await.0, 204);
    assert_eq!(call("GET", "/calls", Value::Null).await.1, json!([]));
}
