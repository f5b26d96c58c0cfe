//! Passwords, sessions and bound values appear in no error, no log line and no `Debug`.

#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

mod support;

use std::sync::{Arc, Mutex};

use b1_diapi::{RetryPolicy, Sql};
use support::{COOKIE, EXEC, LOGIN, PASSWORD, accept_login, builder, json, refusal};
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

const BOUND: &str = "planted-value";

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

    let echo = format!("{PASSWORD} {COOKIE}");
    let with_cookie = |template: ResponseTemplate| {
        template.append_header("set-cookie", format!("JSESSIONID={COOKIE}"))
    };
    let mut texts = String::new();
    for (at, template) in [
        (LOGIN, with_cookie(refusal("RIS.1", &echo))),
        (LOGIN, with_cookie(ResponseTemplate::new(200).set_body_string(format!("<p>{echo}")))),
        (LOGIN, json(format!(r#"{{"code":"RIS.10000000","data":"{PASSWORD}"}}"#))),
        (LOGIN, ResponseTemplate::new(502).set_body_string(PASSWORD)),
        (EXEC, refusal("RIS.1", &echo)),
        (EXEC, refusal(&echo, "x")),
        (EXEC, ResponseTemplate::new(200).set_body_string(format!("<p>{echo}"))),
        (EXEC, ResponseTemplate::new(502).set_body_string(COOKIE)),
        (EXEC, ResponseTemplate::new(401).set_body_string(COOKIE)),
    ] {
        let server = MockServer::start().await;
        Mock::given(path(at)).respond_with(template).with_priority(1).mount(&server).await;
        accept_login(&server, COOKIE).await;
        let (builder, _) = builder(&server);
        texts.push_str(&format!("{builder:?}"));
        let client = builder.retry(RetryPolicy::never()).build().unwrap();
        let sql = Sql::new("SELECT :v FROM DUMMY").bind("v", BOUND);
        let call = client.exec_sql(sql);
        let raw = client.raw().post(format!("x?token={BOUND}"));
        texts.push_str(&format!("{client:?} {call:?} {raw:?}"));
        let error = call.await.unwrap_err();
        let check = client.check().await.unwrap_err();
        texts.push_str(&format!("{error} {error:?} {check} {check:?}"));
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            texts.push_str(&format!("{cause} {cause:?}"));
            source = cause.source();
        }
    }
    texts.push_str(&String::from_utf8(log.0.lock().unwrap().clone()).unwrap());
    assert!(texts.contains("/diapi/6160/b1dis/v1/exec-sql"), "the log is empty");
    for secret in [PASSWORD, COOKIE, BOUND] {
        assert!(!texts.contains(secret), "{secret}: {texts}");
    }
}
