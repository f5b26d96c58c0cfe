//! The router over real HTTP.

#![cfg(feature = "axum")]
#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

mod support;

use std::sync::Arc;

use plm_tianyu::{Kind, router};
use support::{CODE, Fake, receiver};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

async fn post(address: std::net::SocketAddr, code: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "POST /plm/items HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         x-apig-appcode: {code}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn serves_the_receiver() {
    let erp = Arc::new(Fake::default());
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = router("/plm/items", receiver(Kind::Item), erp.clone());
    let server = tokio::spawn(async move { axum::serve(listener, app).await });

    let answer = post(address, CODE, r#"{"ItemCode":"A"}"#).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("content-type: application/json; charset=utf-8"), "{answer}");
    assert!(answer.ends_with(r#"{"code":200,"message":"created"}"#), "{answer}");
    assert!(erp.record("Items('A')").is_some());

    let answer = post(address, "guess", r#"{"ItemCode":"B"}"#).await;
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    assert!(erp.record("Items('B')").is_none());
    server.abort();
}
