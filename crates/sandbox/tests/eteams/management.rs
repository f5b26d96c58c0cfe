//! What an administrator does, through the management port.

use erplink_sandbox::Sandbox;
use serde_json::{Value, json};

#[tokio::test]
async fn a_program_in_another_language_changes_the_organisation() {
    let sandbox = Sandbox::start().await.unwrap();
    let base = format!("{}/eteams", sandbox.management_url());
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
    assert_eq!(state["corp_id"], sandbox.eteams().corp_id());
    assert_eq!(state["grants"], json!({"codes": 0, "tokens": 0, "refreshes": 0}));
    assert_eq!(call("GET", "/departments", Value::Null).await.1.as_array().unwrap().len(), 8);

    let new = json!({"id": "7040", "name": "质检部", "code": "D07", "parent": "7001"});
    assert_eq!(call("PUT", "/departments", new).await.0, 204);
    assert_eq!(call("PUT", "/departments", json!({"name": "x"})).await.0, 400);
    let rename = json!({"name": "采购中心"});
    assert_eq!(call("POST", "/departments/7035/rename", rename).await.0, 204);
    assert_eq!(call("GET", "/departments/7035", Value::Null).await.1["name"], "采购中心");
    for (action, flag, value) in
        [("disable", "disabled", true), ("enable", "disabled", false), ("delete", "deleted", true)]
    {
        let path = format!("/departments/7040/{action}");
        assert_eq!(call("POST", &path, Value::Null).await.0, 204);
        assert_eq!(call("GET", "/departments/7040", Value::Null).await.1[flag], value);
    }
    assert_eq!(call("POST", "/departments/7040/dance", Value::Null).await.0, 400);
    assert_eq!(call("POST", "/departments/1/disable", Value::Null).await.0, 404);
    assert_eq!(call("GET", "/departments/1", Value::Null).await.0, 404);
    let person = json!({"id": "8100", "user_id": "6100", "name": "郑十", "department": "7035"});
    assert_eq!(call("PUT", "/employees", person).await.0, 204);
    assert_eq!(call("PUT", "/employees", json!({"name": "x"})).await.0, 400);

    assert_eq!(call("POST", "/tokens/expire", Value::Null).await.0, 204);
    assert_eq!(call("POST", "/tokens/forget", Value::Null).await.0, 204);
    let refusal = json!({"path": "/queryOrg", "code": "9", "message": "no"});
    assert_eq!(call("POST", "/refusals", refusal).await.0, 204);
    assert_eq!(call("PUT", "/quirks", json!({"charset": "gbk"})).await.0, 204);
    assert_eq!(call("PUT", "/quirks", json!({"charsets": "gbk"})).await.0, 422);
    let fault = json!({"kind": "html", "status": 502, "path_contains": "/queryOrg"});
    assert_eq!(call("POST", "/faults", fault).await.0, 204);
    assert_eq!(call("GET", "/calls", Value::Null).await.1, json!([]));
}
