//! A binary of its own: its subscriber must see every event from the first one on.

#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

mod support;

use std::sync::Arc;

use ecology_oa::workflow::{CreateRequest, Field};
use serde_json::json;
use support::{SECRET, TOKEN, TOKEN_PATH, builder, pa, start, texts};
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

#[derive(Clone, Default)]
struct Log(Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_text_holds_a_secret() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let create = CreateRequest::new(781, "t").field(Field::text("f", "v"));
    // Answers that hold what was sent: token, secret, cube password.
    let (server, client, _) = start().await;
    Mock::given(path(pa("doCreateRequest")))
        .respond_with(ResponseTemplate::new(500).set_body_string(format!("<p>token: {TOKEN}</p>")))
        .mount(&server)
        .await;
    Mock::given(path(pa("submitRequest")))
        .respond_with(ResponseTemplate::new(200).set_body_json(
            json!({ "code": "FAIL", "errMsg": { "msg": format!("token {TOKEN}"), TOKEN: 1 } }),
        ))
        .mount(&server)
        .await;
    Mock::given(path(pa("getRequestStatus")))
        .respond_with(ResponseTemplate::new(200).set_body_string(format!("{{\"t\":\"{TOKEN}\"}}")))
        .mount(&server)
        .await;
    let mut all = format!("{client:?} {:?}", client.workflow());
    let mut keep = |error: ecology_oa::Error| all.push_str(&texts(&error));
    keep(client.workflow().create(&create).await.unwrap_err());
    keep(client.workflow().submit(7).await.unwrap_err());
    keep(client.workflow().status(7).await.unwrap_err());
    keep(
        client
            .cube()
            .save("m", [ecology_oa::cube::Record::new().field("a", "b")])
            .await
            .unwrap_err(),
    );

    let refusing = MockServer::start().await;
    Mock::given(path(TOKEN_PATH))
        .respond_with(ResponseTemplate::new(200).set_body_json(
            json!({ "status": false, "code": -1, "msg": format!("认证信息错误 {SECRET}") }),
        ))
        .mount(&refusing)
        .await;
    let client = builder(&refusing).0.build().unwrap();
    keep(client.ping().await.unwrap_err());
    assert!(all.contains("***"), "the errors show that there was something");
    assert!(!all.contains("planted"), "{all}");
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("answered"), "nothing was logged");
    assert!(!log.contains("planted"), "{log}");
}
