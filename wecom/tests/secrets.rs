//! Tokens and secrets appear in no error, no log line and no `Debug`.

#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

mod support;

use std::sync::{Arc, Mutex};

use serde_json::json;
use support::{SECRET, TOKEN, TOKEN_PATH, builder, give_token};
use wecom::RetryPolicy;
use wecom::approvals::{ControlValue, SubmitForm};
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

const SUBMIT: &str = "/cgi-bin/oa/applyevent";

fn refusal(code: i64, text: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({ "errcode": code, "errmsg": text }))
}

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

    let form = SubmitForm::new("chenmeng", "T1").value("Text-1", ControlValue::text("1"));
    let form = form.summary("单据 1");
    let mut texts = String::new();
    let echo = format!("your secret {SECRET}");
    for (at, template) in [
        (TOKEN_PATH, refusal(40_001, &echo)),
        (TOKEN_PATH, ResponseTemplate::new(200).set_body_string(format!("<p>{SECRET} {TOKEN}"))),
        (TOKEN_PATH, ResponseTemplate::new(200).set_body_json(json!({ "access_token": [TOKEN] }))),
        (SUBMIT, refusal(301_025, &format!("token {TOKEN}"))),
        (SUBMIT, ResponseTemplate::new(200).set_body_string(format!("<p>{TOKEN}"))),
        (SUBMIT, ResponseTemplate::new(502).set_body_string(TOKEN)),
    ] {
        let server = MockServer::start().await;
        Mock::given(path(at)).respond_with(template).with_priority(1).mount(&server).await;
        give_token(&server).await;
        let (builder, _) = builder(&server);
        texts.push_str(&format!("{builder:?}"));
        let client = builder.retry(RetryPolicy::never()).build().unwrap();
        let error = client.approvals().submit(&form).unchecked().await.unwrap_err();
        let call = client.raw().get("/x").query("token", TOKEN);
        texts.push_str(&format!("{client:?} {error} {error:?} {call:?}"));
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            texts.push_str(&format!("{cause} {cause:?}"));
            source = cause.source();
        }
    }
    texts.push_str(&String::from_utf8(log.0.lock().unwrap().clone()).unwrap());
    assert!(texts.contains("/cgi-bin/oa/applyevent?access_token=***"), "the log is empty");
    assert!(!texts.contains(TOKEN), "{texts}");
    assert!(!texts.contains(SECRET), "{texts}");
}
