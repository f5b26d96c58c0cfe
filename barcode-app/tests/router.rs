//! The router over real HTTP.

#![cfg(feature = "axum")]
#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

mod support;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use barcode_app::{
    AppCodes, Barcode, Company, Created, Document, Documents, ErpError, Mark, router,
};
use support::{BACKFLUSH, CODE, Fake, Table, barcode, company, settings};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

async fn serve(barcode: Barcode) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router(barcode)).await });
    address
}

async fn send(address: SocketAddr, method: &str, path: &str, code: &str, body: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "{method} /barcode/{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         x-apig-appcode: {code}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

async fn call(address: SocketAddr, method: &str, path: &str, code: &str, body: &str) -> String {
    let mut answer = String::new();
    let mut stream = send(address, method, path, code, body).await;
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn serves_every_endpoint_of_every_company() {
    let erp = Arc::new(Fake::default());
    let sql = Arc::new(Table::default().answer("t", "[]"));
    let address = serve(barcode(company(&erp, Some(&sql), settings("")).name("Demo"))).await;
    for method in ["GET", "POST"] {
        let answer = call(address, method, "demo/methods", CODE, "").await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("生产收货"), "{answer}");
        let answer = call(address, method, "demo/companies", CODE, "").await;
        assert!(answer.contains(r#""CompanyName":"Demo""#), "{answer}");
    }
    let answer = call(address, "POST", "demo/query", CODE, r#"{"sql":"select 1 from t"}"#).await;
    assert!(answer.ends_with(r#"{"code":"200","data":[],"message":"OK"}"#), "{answer}");
    let answer = call(address, "POST", "demo/print-query", CODE, r#"{"sql":"select 1"}"#).await;
    assert!(answer.contains("not enabled"), "{answer}");
    let body = r#"{"method":"Returns","data":[{"Quantity":"1"}]}"#;
    let answer = call(address, "POST", "demo/save", CODE, body).await;
    assert!(answer.contains(r#""DocEntry":100"#), "{answer}");

    assert!(call(address, "POST", "demo/save", "guess", body).await.starts_with("HTTP/1.1 401"));
    assert!(call(address, "POST", "other/save", CODE, body).await.starts_with("HTTP/1.1 404"));
    assert!(call(address, "GET", "demo/save", CODE, "").await.starts_with("HTTP/1.1 405"));
    assert_eq!(erp.creates(), 1);
}

/// Posts, and says when it is between two documents.
struct Slow {
    fake: Fake,
    issued: Notify,
    go_on: Notify,
    received: Notify,
}

#[async_trait]
impl Documents for Slow {
    async fn create(&self, document: &Document) -> Result<Created, ErpError> {
        let is_issue = document.entity_set == "InventoryGenExits";
        if is_issue {
            self.issued.notify_one();
            self.go_on.notified().await;
        }
        let created = self.fake.create(document).await;
        if !is_issue {
            self.received.notify_one();
        }
        created
    }

    async fn find(&self, set: &str, mark: &Mark) -> Result<Option<Created>, ErpError> {
        self.fake.find(set, mark).await
    }
}

#[tokio::test]
async fn a_caller_that_hangs_up_leaves_no_issue_alone() {
    let erp = Arc::new(Slow {
        fake: Fake::default(),
        issued: Notify::new(),
        go_on: Notify::new(),
        received: Notify::new(),
    });
    let rows = r#"[{"LineNum":0,"ItemCode":"C","BaseQty":1}]"#;
    let sql = Table::default()
        .answer("OWOR", rows)
        .answer("TMDK", r#"[{"BatchNumber":"B","Quantity":1}]"#);
    let company = Company::new("DB", erp.clone())
        .sql(Arc::new(sql))
        .settings(settings("query.procedures = ['TMDK']"));
    let barcode = Barcode::new(AppCodes::new([CODE]).unwrap()).company("demo", company);
    let address = serve(barcode).await;
    let stream = send(address, "POST", "demo/save", CODE, BACKFLUSH).await;
    erp.issued.notified().await;
    drop(stream);
    // The server sees the end of the connection before the ERP answers.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    erp.go_on.notify_one();
    let received = tokio::time::timeout(Duration::from_secs(5), erp.received.notified()).await;
    assert!(received.is_ok(), "the receipt was never posted");
    assert_eq!(erp.fake.posted().len(), 2);
}
