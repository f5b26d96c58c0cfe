//! Tokens, passwords and secrets appear in no error, no log line and no `Debug`.

#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

mod support;

use std::sync::{Arc, Mutex};

use kingdee_jdy::{Login, RetryPolicy};
use serde_json::json;
use support::{
    APP_SECRET, LIST, PASSWORD, SAVE, SECRET, TOKEN, TOKEN_PATH, app, builder, give_token,
    json_answer, user, voucher,
};
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

const AUTHORIZE: &str = "/jdyconnector/app_management/push_app_authorize";
const APP_TOKEN: &str = "/jdyconnector/app_management/kingdee_auth_token";

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

fn page(text: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_string(format!("<p>{text}"))
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

    // What a login knows, it must not repeat.
    let (echo, app_echo) = (format!("{PASSWORD} {SECRET}"), format!("{APP_SECRET} {SECRET}"));
    let login_says = |text: &str| json_answer(json!({ "errcode": 1, "description": text }));
    let save_says = json!({ "code": 46_001, "msg": format!("token {TOKEN}") });
    let grant = json!({ "appKey": "AK", "appSecret": [APP_SECRET], "domain": "d" });
    let mut texts = String::new();
    for (login, at, template) in [
        (user(), TOKEN_PATH, login_says(&echo)),
        (user(), TOKEN_PATH, page(&echo)),
        (
            user(),
            TOKEN_PATH,
            json_answer(json!({ "errcode": 0, "data": { "access_token": [TOKEN] } })),
        ),
        (user(), SAVE, json_answer(save_says.clone())),
        (user(), SAVE, json_answer(json!({ "code": 0, "list": [save_says] }))),
        (user(), SAVE, page(TOKEN)),
        (user(), SAVE, ResponseTemplate::new(502).set_body_string(TOKEN)),
        (user(), LIST, page(TOKEN)),
        (Login::Platform(app()), AUTHORIZE, json_answer(json!({ "data": [grant.clone()] }))),
        (Login::Platform(app()), AUTHORIZE, json_answer(json!({ "data": APP_SECRET }))),
        (Login::Platform(app()), AUTHORIZE, login_says(SECRET)),
        (Login::Platform(app()), APP_TOKEN, login_says(&app_echo)),
    ] {
        let server = MockServer::start().await;
        Mock::given(path(at)).respond_with(template).with_priority(1).mount(&server).await;
        give_token(&server).await;
        let granted = json!({ "appKey": "AK", "appSecret": APP_SECRET, "domain": "d" });
        Mock::given(path(AUTHORIZE))
            .respond_with(json_answer(json!({ "data": [granted] })))
            .mount(&server)
            .await;
        let (builder, _) = builder(&server, login);
        // The authorizations of these tests name no company set.
        let builder =
            if at == AUTHORIZE || at == APP_TOKEN { builder.company_set("", "") } else { builder };
        texts.push_str(&format!("{builder:?}"));
        let client = builder.retry(RetryPolicy::never()).build().unwrap();
        let error = match at {
            LIST => {
                let march = "202603".parse().unwrap();
                client.vouchers().find("A", march, march).await.unwrap_err()
            }
            _ => client.vouchers().save_one(&voucher("A")).await.unwrap_err(),
        };
        let call = client.raw().get("/x").query("token", TOKEN);
        texts.push_str(&format!("{client:?} {error} {error:?} {call:?}"));
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            texts.push_str(&format!("{cause} {cause:?}"));
            source = cause.source();
        }
    }
    texts.push_str(&String::from_utf8(log.0.lock().unwrap().clone()).unwrap());
    assert!(
        texts.contains("/auth/user/access_token?username=***&password=***"),
        "the log is empty"
    );
    assert!(texts.contains("46001 token ***"), "the refusals are not there");
    for secret in [TOKEN, PASSWORD, SECRET, APP_SECRET] {
        assert!(!texts.contains(secret), "{secret} in {texts}");
    }
}
