//! The ready router, over real HTTP.

use std::sync::{Arc, Mutex};

use blacklake_mes::callback::{Callback, HandlerError, Received, router};
use blacklake_mes::{HttpTransport, Transport, TransportConfig};
use erplink_core::transport::{Request, Response};
use serde_json::{Value, json};

async fn post(address: &str, body: String) -> (u16, Value) {
    let mut request = Request::new(body.into());
    *request.method_mut() = http::Method::POST;
    *request.uri_mut() = address.parse().unwrap();
    let transport = HttpTransport::from_config(&TransportConfig::default()).unwrap();
    let response: Response = transport.send(request).await.unwrap();
    let kind = response.headers()[http::header::CONTENT_TYPE].to_str().unwrap();
    assert_eq!(kind, "application/json; charset=utf-8");
    (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap())
}

#[tokio::test]
async fn pushes_are_taken_and_answered() {
    let taken = Arc::new(Mutex::new(Vec::new()));
    let inbox = taken.clone();
    let handler = move |received: Received| {
        let result = match received.header.request_id.as_str() {
            "bad" => Err(HandlerError::from("the disk is full")),
            _ => {
                inbox.lock().unwrap().push(received.dedup_key());
                Ok(())
            }
        };
        async move { result }
    };
    let app = router("/mes", Callback::plain().body_limit(1000), handler);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/mes", listener.local_addr().unwrap());
    let server = tokio::spawn(async move { axum::serve(listener, app).await });

    let event = |event_type: &str, request: &str, data: Value| {
        json!({ "header": { "eventType": event_type, "requestId": request }, "data": data })
            .to_string()
    };
    let feeding = "mfg.result_notify.feeding";
    let ok = (200, json!({ "code": 200, "message": "成功" }));
    let check = post(&address, event("check", "r-1", json!("hello"))).await;
    assert_eq!(check, (200, json!({ "data": "hello" })));
    assert_eq!(post(&address, event("something.new", "r-2", json!({}))).await, ok);
    assert_eq!(post(&address, event(feeding, "r-3", json!({ "recordIds": [1] }))).await, ok);
    assert_eq!(post(&address, event(feeding, "bad", json!({ "recordIds": [1] }))).await.0, 500);
    assert_eq!(post(&address, "garbage".to_owned()).await.0, 400);
    assert_eq!(post(&address, "x".repeat(1001)).await.0, 413);
    assert_eq!(*taken.lock().unwrap(), [format!("{feeding}|r-3")]);
    server.abort();
}
