//! Tokens and secrets appear in no error, no log line and no `Debug`.

#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

mod support;

use std::sync::{Arc, Mutex};

use blacklake_mes::materials::MaterialImport;
use blacklake_mes::{RetryPolicy, TokenPlacement};
use serde_json::json;
use support::{APP_LOGIN, ROUTE, SECRET, TOKEN, builder, give_token, refusal, success};
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

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
async fn secrets_appear_nowhere() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    // The only test of this program, so that no other thread decides what is worth logging.
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let import = format!("{ROUTE}/material/open/v1/material/_doimport");
    let mut texts = String::new();
    for (at, template) in [
        (APP_LOGIN, refusal(400, SECRET, &format!("your secret {SECRET}"))),
        (APP_LOGIN, ResponseTemplate::new(200).set_body_string(format!("<p>{SECRET} {TOKEN}"))),
        (APP_LOGIN, success(json!({ "appAccessToken": [TOKEN] }))),
        (APP_LOGIN, success(json!({ "token": { "x": TOKEN } }))),
        (&import, refusal(400, "X", &format!("token {TOKEN}"))),
        (&import, ResponseTemplate::new(200).set_body_string(format!("<p>{TOKEN}"))),
        (&import, ResponseTemplate::new(302).set_body_string(TOKEN)),
        (&import, ResponseTemplate::new(502).set_body_string(TOKEN)),
    ] {
        let server = MockServer::start().await;
        Mock::given(path(at)).respond_with(template).with_priority(1).mount(&server).await;
        give_token(&server).await;
        let (builder, _) = builder(&server);
        let places = [
            TokenPlacement::Query("access_token".to_owned()),
            TokenPlacement::Header("X-AUTH".to_owned()),
        ];
        let builder = builder.token_placement(places).retry(RetryPolicy::never());
        texts.push_str(&format!("{builder:?}"));
        let client = builder.build().unwrap();
        let material = MaterialImport::new("A", "n", "个");
        let error = client.materials().import(&material).await.unwrap_err();
        let call = client.raw().read("/x").json(&json!({ "token": TOKEN }));
        texts.push_str(&format!("{client:?} {error} {error:?} {call:?}"));
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            texts.push_str(&format!("{cause} {cause:?}"));
            source = cause.source();
        }
    }
    texts.push_str(&String::from_utf8(log.0.lock().unwrap().clone()).unwrap());
    assert!(texts.contains("_doimport?access_token=***"), "the log is empty");
    assert!(!texts.contains(TOKEN), "{texts}");
    assert!(!texts.contains(SECRET), "{texts}");
}
