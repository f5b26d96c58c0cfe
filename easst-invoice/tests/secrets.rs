//! Secrets, signatures and pictures appear in no error, no log line and no `Debug`.

#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

mod support;

use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use easst_invoice::RetryPolicy;
use erplink_core::clock::Clock as _;
use md5::{Digest as _, Md5};
use support::{APP, PATH, PICTURE, SECRET, answer, builder, json, picture};
use wiremock::{MockServer, ResponseTemplate};

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
async fn secrets_and_pictures_appear_nowhere() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    // The only test of this program, so that no other thread decides what is worth logging.
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let image = STANDARD.encode(PICTURE);
    let mut texts = format!("{:?}", picture());
    let echo = |status: u16, body: String| {
        ResponseTemplate::new(status).set_body_raw(body, "application/json")
    };
    for kind in 0..5 {
        let server = MockServer::start().await;
        let (builder, clock) = builder(&server);
        let timestamp = clock.utc().timestamp_millis();
        let sign = Md5::digest(format!("{APP}{timestamp}{SECRET}"));
        let sign: String = sign.iter().map(|byte| format!("{byte:02x}")).collect();
        let template = match kind {
            0 => json(&format!(r#"{{"isSuccess":false,"errorMsg":"bad {image} {sign}"}}"#)),
            1 => echo(200, format!("<p>{image} {sign}")),
            2 => echo(502, format!("{image} {sign}")),
            3 => echo(400, format!(r#"{{"image_data":"{image}","sign":"{sign}"}}"#)),
            _ => json(&format!(r#"{{"isSuccess":true,"result":[{{"image":"{image}"}}]}}"#)),
        };
        answer(&server, template).await;
        texts.push_str(&format!("{builder:?}"));
        let client = builder.retry(RetryPolicy::never()).build().unwrap();
        let call = client.raw().post("/x").json(&serde_json::json!({ "image_data": image }));
        texts.push_str(&format!("{client:?} {call:?}"));
        match client.recognize(&picture()).await {
            Ok(read) => texts.push_str(&format!("{read:?}")),
            Err(error) => {
                texts.push_str(&format!("{error} {error:?}"));
                let mut source = std::error::Error::source(&error);
                while let Some(cause) = source {
                    texts.push_str(&format!("{cause} {cause:?}"));
                    source = cause.source();
                }
            }
        }
        assert!(!texts.contains(&sign), "{texts}");
    }
    texts.push_str(&String::from_utf8(log.0.lock().unwrap().clone()).unwrap());
    assert!(texts.contains(PATH) && texts.contains("answered"), "the log is empty");
    assert!(!texts.contains(SECRET), "{texts}");
    assert!(!texts.contains("planted picture"), "{texts}");
    // Any 16 characters of the picture in a row.
    let pieces = image.as_bytes().windows(16).map(|piece| std::str::from_utf8(piece).unwrap());
    for piece in pieces {
        assert!(!texts.contains(piece), "{piece}: {texts}");
    }
}
