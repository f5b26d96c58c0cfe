//! The management port, and the handle in the process.

use erplink_sandbox::{Error, Sandbox};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::v1;

async fn call(
    sandbox: &Sandbox,
    method: Method,
    path: &str,
    body: Option<Value>,
) -> (StatusCode, Value) {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut request = http.request(method, format!("{}{path}", sandbox.management_url()));
    if let Some(body) = body {
        request = request.header("Content-Type", "application/json").body(body.to_string());
    }
    let response = request.send().await.unwrap();
    let status = response.status();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::Null))
}

#[tokio::test]
async fn people_act_through_the_management_port() {
    let (sandbox, client) = v1().await;
    let draft = json!({"DocumentLines": [{"ItemCode": "RM-001", "Quantity": 1}]});
    let (status, made) = call(&sandbox, Method::POST, "/b1/drafts/submit", Some(draft)).await;
    assert_eq!((status.as_u16(), made), (201, json!({"doc_entry": 1, "request_code": 1})));
    let path = "/b1/approval-requests/1/approve";
    let (status, error) = call(&sandbox, Method::POST, path, Some(json!({"user": "nobody"}))).await;
    assert_eq!((status.as_u16(), &error["error"]), (404, &json!("there is no user `nobody`")));
    let (status, error) =
        call(&sandbox, Method::POST, path, Some(json!({"user": "S-ERP\\ZS"}))).await;
    assert_eq!(status, 400, "{error}");
    let decision = json!({"user": "S-ERP\\LLB", "remarks": "好"});
    assert_eq!(call(&sandbox, Method::POST, path, Some(decision)).await.0, 204);
    let (_, request) = call(&sandbox, Method::GET, "/b1/entities/ApprovalRequests/1", None).await;
    assert_eq!(request["Status"], "arsApproved");
    let change = Some(json!({"ItemName": "by hand"}));
    let path = "/b1/entities/Items/RM-001";
    assert_eq!(call(&sandbox, Method::PATCH, path, change).await.0, 204);
    assert_eq!(client.get("Items('RM-001')").await.json()["ItemName"], "by hand");
    let item = Some(json!({"ItemCode": "M1"}));
    assert_eq!(call(&sandbox, Method::POST, "/b1/entities/Items", item).await.0, 201);
    let (_, items) = call(&sandbox, Method::GET, "/b1/entities/Items", None).await;
    assert_eq!(items.as_array().unwrap().len(), 6);
}

#[tokio::test]
async fn faults_clock_and_state() {
    let (sandbox, client) = v1().await;
    let fault =
        json!({"method": "GET", "path_contains": "/Items", "kind": "status", "status": 503});
    assert_eq!(call(&sandbox, Method::POST, "/b1/faults", Some(fault.clone())).await.0, 204);
    let (_, faults) = call(&sandbox, Method::GET, "/b1/faults", None).await;
    assert_eq!(faults[0]["times"], 1);
    client.get("Items").await.expect(503);
    let wrong = json!({"kind": "status"});
    assert_eq!(call(&sandbox, Method::POST, "/b1/faults", Some(wrong)).await.0, 400);
    call(&sandbox, Method::POST, "/b1/faults", Some(fault)).await;
    assert_eq!(call(&sandbox, Method::DELETE, "/b1/faults", None).await.0, 204);
    client.get("Items").await.expect(200);

    let (_, calls) = call(&sandbox, Method::GET, "/b1/calls", None).await;
    let last = calls.as_array().unwrap().last().unwrap();
    assert_eq!((&last["method"], &last["status"]), (&json!("GET"), &json!(200)));
    let seconds = Some(json!({"seconds": 31 * 60}));
    assert_eq!(call(&sandbox, Method::POST, "/clock/advance", seconds).await.0, 200);
    client.get("Items").await.refused(401, 301);
    let (_, state) = call(&sandbox, Method::GET, "/b1/state", None).await;
    assert_eq!((&state["login_count"], &state["open_sessions"]), (&json!(1), &json!(0)));
    assert_eq!(state["connection"]["company_db"], "SBODEMOCN");
}

#[tokio::test]
async fn switches_change_while_it_runs() {
    let (sandbox, client) = v1().await;
    let item = json!({"ItemCode": "S1", "Unknown": 1});
    client.post("Items", item.clone()).await.refused(400, -1000);
    let changes = Some(json!({"strict": false, "page_size": 1, "next_link": "forgetful"}));
    let (status, options) = call(&sandbox, Method::PATCH, "/b1/options", changes).await;
    assert_eq!((status.as_u16(), &options["tenant_prefix"]), (200, &json!("6160")));
    client.post("Items", item).await.expect(201);
    let page = client.get("Items?$select=ItemCode").await.json();
    assert_eq!(page["odata.nextLink"], "Items?$skip=1");
    for wrong in [json!({"nonsense": 1}), json!({"next_link": "other"})] {
        let (status, error) = call(&sandbox, Method::PATCH, "/b1/options", Some(wrong)).await;
        assert_eq!(status, 400, "{error}");
    }
}

#[tokio::test]
async fn the_handle_reads_and_writes() {
    let sandbox = Sandbox::start().await.unwrap();
    let b1 = sandbox.b1();
    let price = b1.get("SpecialPrices", "CardCode='C001',ItemCode='FG-001'").unwrap();
    assert_eq!(price["Price"], 205.0);
    assert!(matches!(b1.get("Items", "nope"), Err(Error::NotFound(_))));
    let made = b1.create("Items", &json!({"ItemCode": "H1"})).unwrap();
    assert_eq!((&made["ItemCode"], &made["Valid"]), (&json!("H1"), &json!("tYES")));
    let refused = b1.create("Items", &json!({"ItemCode": "H1"})).unwrap_err();
    assert!(matches!(&refused, Error::Refused { code, .. } if code == "-10"), "{refused}");
    let none = b1.submit_draft(&json!({"DocObjectCode": "17", "CardCode": "C001"})).unwrap_err();
    assert!(none.to_string().contains("no approval template"), "{none}");
    assert_eq!(b1.list("Users").unwrap().len(), 4);
}
