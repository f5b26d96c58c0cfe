//! Tokens, codes and secrets appear in no error, no log line and no `Debug`.

#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

mod support;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use support::{
    ACCESS_TOKEN, AUTHORIZE, CODE, QUERY_ORG, REFRESH, REFRESH_TOKEN, SECRET, TOKEN, always,
    builder, give_token, json_answer, page, refusal, token_answer,
};
use weaver_eteams::RetryPolicy;
use weaver_eteams::connector::{Connector, SuccessRule};
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

const PASSWORD: &str = "planted-basic-password";

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

fn everything(error: &(dyn std::error::Error + 'static)) -> String {
    let mut texts = format!("{error} {error:?}");
    let mut source = error.source();
    while let Some(cause) = source {
        texts.push_str(&format!("{cause} {cause:?}"));
        source = cause.source();
    }
    texts
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

    let mut texts = String::new();
    let text = |text: String| ResponseTemplate::new(200).set_body_string(text);
    for (at, template) in [
        (AUTHORIZE, text(format!("<p>{CODE}"))),
        (AUTHORIZE, json_answer(json!({ "errcode": 0, "code": [CODE] }))),
        (ACCESS_TOKEN, refusal("9", &format!("{SECRET} {CODE}"))),
        (ACCESS_TOKEN, text(format!("<p>{SECRET} {TOKEN} {CODE}"))),
        (ACCESS_TOKEN, json_answer(json!({ "errcode": 0, "accessToken": [TOKEN] }))),
        (QUERY_ORG, refusal("40035", &format!("token {TOKEN}"))),
        (QUERY_ORG, text(format!("<p>{TOKEN}"))),
        (QUERY_ORG, ResponseTemplate::new(502).set_body_string(TOKEN)),
    ] {
        let server = MockServer::start().await;
        Mock::given(path(at)).respond_with(template).with_priority(1).mount(&server).await;
        give_token(&server).await;
        let (builder, _) = builder(&server);
        texts.push_str(&format!("{builder:?}"));
        let client = builder.retry(RetryPolicy::never()).build().unwrap();
        let error = client.organization().departments().page(1).await.unwrap_err();
        texts.push_str(&everything(&error));
        let call = client.raw().post("/x").query("token", TOKEN).form([("a", SECRET)]);
        texts.push_str(&format!("{client:?} {call:?}"));
    }
    // A refresh that is refused with its own token in the text is only logged.
    let server = MockServer::start().await;
    give_token(&server).await;
    always(&server, REFRESH_TOKEN, refusal("300002", &format!("bad {REFRESH}"))).await;
    always(&server, QUERY_ORG, json_answer(page(1, 0, json!([])))).await;
    let (builder, clock) = builder(&server);
    let client = builder.build().unwrap();
    for _ in 0..2 {
        client.organization().departments().page(1).await.unwrap();
        clock.advance(Duration::from_secs(7200));
    }

    let connector = Connector::builder("planted", server.uri()).basic_auth("erp", PASSWORD);
    texts.push_str(&format!("{connector:?}"));
    let connector = connector.build().unwrap();
    always(&server, "/i", token_answer(TOKEN)).await;
    let call = || {
        let call = connector.post("/i", SuccessRule::response("/a").exists());
        call.query("access_token", TOKEN).json(&json!({ "secret": SECRET }))
    };
    texts.push_str(&format!("{connector:?} {:?}", call()));
    texts.push_str(&everything(&call().await.unwrap_err()));
    let answer = connector.get("/i", SuccessRule::errcode()).await.unwrap();
    texts.push_str(&format!("{answer:?} {}", everything(&answer.text("/x").unwrap_err())));

    texts.push_str(&String::from_utf8(log.0.lock().unwrap().clone()).unwrap());
    assert!(texts.contains("/api/hrm/restful/queryOrg?access_token=***"), "the log is empty");
    assert!(texts.contains("no refresh"), "the refresh was refused");
    for secret in [TOKEN, SECRET, CODE, REFRESH, PASSWORD, "ZXJwOn"] {
        assert!(!texts.contains(secret), "{secret}: {texts}");
    }
}
