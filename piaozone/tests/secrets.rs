//! Tokens, secrets, keys and pictures appear in no error, no log line and no `Debug`.

#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

mod support;

use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use piaozone::check::Check;
use piaozone::imaging::FileType;
use piaozone::{Config, RetryPolicy, eas};
use serde_json::json;
use support::{
    CHECK, ID, KEY, LOGIN, PICTURE, SECRET, TOKEN, answer, builder, give_token, refusal, success,
};
use wiremock::{MockServer, ResponseTemplate};

const IMAGE: &str = "/m3/bill/invoice/img/Check/info";
const PASSWORD: &str = "planted-eas-password";

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

    let image = STANDARD.encode(PICTURE);
    let echo = format!("your {SECRET} {TOKEN} {image}");
    let page = |status: u16| ResponseTemplate::new(status).set_body_string(echo.clone());
    let mut texts = String::new();
    for (at, template) in [
        // A token that nobody was given is not known here.
        (LOGIN, refusal("1101", &format!("your {SECRET} {image}"))),
        (LOGIN, page(200)),
        (LOGIN, success(json!({ "access_token": [TOKEN] }))),
        (CHECK, refusal("9", &echo)),
        (CHECK, refusal(&echo, "x")),
        (CHECK, page(200)),
        (CHECK, page(502)),
        (IMAGE, refusal("9", &echo)),
        (IMAGE, page(400)),
        (IMAGE, success(json!([{ "image": image, "token": TOKEN }]))),
    ] {
        let server = MockServer::start().await;
        answer(&server, at, template).await;
        give_token(&server).await;
        answer(&server, CHECK, success(json!({}))).await;
        let builder = builder(&server).0.retry(RetryPolicy::never());
        texts.push_str(&format!("{builder:?}"));
        let client = builder.build().unwrap();
        let call = client.raw().get("/x").query("token", TOKEN);
        texts.push_str(&format!("{client:?} {call:?}"));
        let result = match at {
            IMAGE => client.imaging().check(PICTURE, FileType::Jpg).await,
            _ => client.invoices().check(piaozone::invoices::Gateway::M3, &json!({})).await,
        };
        match result {
            Ok(answer) => texts.push_str(&format!("{answer:?}")),
            Err(error) => {
                texts.push_str(&format!("{error} {error:?}"));
                let mut source = std::error::Error::source(&error);
                while let Some(cause) = source {
                    texts.push_str(&format!("{cause} {cause:?}"));
                    source = cause.source();
                }
            }
        }
        let mut config = Config::new(ID, SECRET);
        (config.base_url, config.encrypt_key) = (server.uri(), Some(KEY.into()));
        let eas = eas::Config::new(server.uri(), "DC", "u", PASSWORD);
        answer(&server, "/EASLogin", page(200)).await;
        let check = Check::new(config).eas(eas);
        texts.push_str(&format!("{check:?}"));
        texts.push_str(&format!("{:?}", check.run().await));
    }
    texts.push_str(&String::from_utf8(log.0.lock().unwrap().clone()).unwrap());
    assert!(texts.contains("sys/check?access_token=***"), "the log is empty");
    for secret in [SECRET, TOKEN, KEY, PASSWORD, "planted picture"] {
        assert!(!texts.contains(secret), "{secret}: {texts}");
    }
    let pieces = image.as_bytes().windows(16).map(|piece| std::str::from_utf8(piece).unwrap());
    for piece in pieces {
        assert!(!texts.contains(piece), "{piece}: {texts}");
    }
}
