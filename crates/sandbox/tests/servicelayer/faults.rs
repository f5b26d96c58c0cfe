//! Misbehaviour, seen from the wire.

use std::time::Duration;

use erplink_sandbox::{Fault, FaultKind};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::{Client, v1};

async fn post_item(client: &Client, code: &str) -> reqwest::Result<StatusCode> {
    let body = json!({"ItemCode": code}).to_string();
    let answer = client.try_send(Method::POST, "Items", &[], Some(&body)).await?;
    Ok(answer.status)
}

#[tokio::test]
async fn a_reset_before_leaves_nothing_behind() {
    let (sandbox, client) = v1().await;
    sandbox.b1().faults().push(Fault::reset_before(Method::POST, "/Items"));
    let error = post_item(&client, "F1").await.unwrap_err();
    assert!(error.is_request() && !error.is_connect(), "{error:?}");
    client.get("Items('F1')").await.refused(404, -2028);
    assert_eq!(post_item(&client, "F1").await.unwrap(), 201);
    let calls = sandbox.b1().calls().all();
    let posts = calls.iter().filter(|call| call.path.ends_with("/Items"));
    assert_eq!(posts.map(|call| call.status).collect::<Vec<_>>(), [None, Some(201)]);
}

#[tokio::test]
async fn a_reset_after_has_committed() {
    let (sandbox, client) = v1().await;
    sandbox.b1().faults().push(Fault::reset_after(Method::POST, "/Items"));
    assert!(post_item(&client, "F1").await.unwrap_err().is_request());
    client.get("Items('F1')").await.expect(200);
    assert_eq!(sandbox.b1().calls().count(Method::POST, "/Items"), 1);
}

#[tokio::test]
async fn half_a_body_is_an_error() {
    let (sandbox, client) = v1().await;
    sandbox.b1().faults().push(Fault::truncate_body(Method::GET, "/Items"));
    let error = client.try_send(Method::GET, "Items('RM-001')", &[], None).await.err().unwrap();
    assert!(error.is_body() || error.is_decode(), "{error:?}");
    client.get("Items('RM-001')").await.expect(200);
}

#[tokio::test]
async fn statuses_pages_and_delays() {
    let (sandbox, client) = v1().await;
    let faults = sandbox.b1().faults();
    let kind = FaultKind::Status {
        status: StatusCode::TOO_MANY_REQUESTS,
        retry_after: Some(7),
        body: Some("{\"slow\":\"down\"}".to_owned()),
    };
    faults.push(Fault::new(None, "", kind));
    let answer = client.get("Items").await.expect(429);
    assert_eq!((answer.header("retry-after"), answer.text.as_str()), ("7", "{\"slow\":\"down\"}"));
    faults.push(Fault::status(Method::GET, "", StatusCode::UNAUTHORIZED));
    assert_eq!(client.get("Items").await.expect(401).text, "");
    faults.push(Fault::html(Method::GET, "", StatusCode::BAD_GATEWAY));
    let page = client.get("Items").await.expect(502);
    assert!(page.header("content-type").starts_with("text/html"));
    faults.push(Fault::latency(None, "", Duration::from_millis(60)));
    let started = std::time::Instant::now();
    client.get("Items").await.expect(200);
    assert!(started.elapsed() >= Duration::from_millis(60));
    assert!(faults.pending().is_empty());
}

#[tokio::test]
async fn a_server_that_never_answers_keeps_the_client_waiting() {
    let (sandbox, mut client) = v1().await;
    let cookies = client.cookies.clone();
    client.http =
        reqwest::Client::builder().no_proxy().timeout(Duration::from_millis(100)).build().unwrap();
    client.cookies = cookies;
    sandbox.b1().faults().push(Fault::never_answer(Method::GET, "/Items"));
    let error = client.try_send(Method::GET, "Items", &[], None).await.err().unwrap();
    assert!(error.is_timeout(), "{error:?}");
}

#[tokio::test]
async fn a_connection_is_used_again() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let (sandbox, _) = v1().await;
    let root = sandbox.b1().root_url();
    let address = root.strip_prefix("http://").unwrap().strip_suffix("/6160").unwrap();
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let mut buffer = vec![0; 4096];
    for _ in 0..2 {
        stream.write_all(b"GET /ping/ HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        let count = stream.read(&mut buffer).await.unwrap();
        assert!(buffer[..count].starts_with(b"HTTP/1.1 200 OK"));
    }
    sandbox.b1().faults().push(Fault::reset_before(None, "/ping"));
    stream.write_all(b"GET /ping/ HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let end = stream.read(&mut buffer).await;
    assert!(matches!(end, Ok(0) | Err(_)), "closed without a byte: {end:?}");
}

#[tokio::test]
async fn a_dropped_sandbox_is_gone() {
    let (sandbox, client) = v1().await;
    client.get("Items").await.expect(200);
    drop(sandbox);
    // The listener is closed by the runtime a moment later.
    while client.try_send(Method::GET, "Items", &[], None).await.is_ok() {
        tokio::task::yield_now().await;
    }
}
