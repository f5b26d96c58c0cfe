//! The client of the Service Layer against a server that answers anything.

use std::sync::Mutex;

use async_trait::async_trait;
use b1_servicelayer::entities::{Item, SpecialPrice};
use b1_servicelayer::{ChangeCursor, Client, Cookies, Field, Key, RawJson, RetryPolicy, Transport};
use bytes::Bytes;
use erplink_core::transport::{Request, Response, TransportError};
use http::{HeaderValue, Method, StatusCode, header};
use percent_encoding::percent_decode_str;

const SESSION: &str = "ac79876e-1e72-11ed-8000-000c299130e0";
/// No walk over pages needs more calls to show what it does.
const MOST_CALLS: u32 = 30;

/// Answers every request alike.
#[derive(Debug)]
struct Anything {
    status: StatusCode,
    body: Bytes,
    location: Option<HeaderValue>,
    calls: Mutex<u32>,
}

impl Anything {
    fn ok(body: &[u8]) -> Self {
        let body = Bytes::copy_from_slice(body);
        Self { status: StatusCode::OK, body, location: None, calls: Mutex::new(0) }
    }

    fn client(self) -> Client {
        Client::builder("http://erp.example.com/6160")
            .session(Cookies::parse(SESSION))
            .transport(self)
            .retry(RetryPolicy::never())
            .build()
            .expect("a good configuration")
    }
}

#[async_trait]
impl Transport for Anything {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let mut calls = self.calls.lock().expect("nobody panics");
        *calls += 1;
        let mut response = Response::new(self.body.clone());
        *response.status_mut() = self.status;
        if *calls > MOST_CALLS {
            *response.body_mut() = Bytes::from_static(b"{\"value\":[]}");
        }
        if request.method() == Method::POST
            && let Some(location) = &self.location
        {
            response.headers_mut().insert(header::LOCATION, location.clone());
        }
        Ok(response)
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(future)
}

/// The first two bytes are the status, the rest is the body of an error.
pub fn b1_error(data: &[u8]) {
    let [high, low, body @ ..] = data else { return };
    let status = 300 + u16::from_be_bytes([*high, *low]) % 300;
    let mut server = Anything::ok(body);
    server.status = StatusCode::from_u16(status).expect("a status");
    let client = server.client();
    let error = block_on(client.raw().get("Items").into_future()).expect_err("no success");
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains(SESSION), "the session is shown");
    assert!(!error.may_have_taken_effect(), "a read has no effect");
    if let Some(api) = error.api_error() {
        let _ = (api.number(), api.sub_code(), api.code(), api.message());
        assert!(api.body().len() < 1000, "the excerpt is bounded");
    }
}

/// The first byte chooses what is asked; the rest is the answer.
pub fn b1_answer(data: &[u8]) {
    let Some((choice, body)) = data.split_first() else { return };
    block_on(async {
        match choice % 5 {
            0 => {
                let client = Anything::ok(body).client();
                let _ = client.items().items().try_collect().await;
                let mut guarded = client.items().query().items_guarded();
                while let Some(Ok(_)) = guarded.next().await {}
                let _ = client.items().query().with_total().await;
                let _ = client.items().key("A").get_tagged().await;
                let _ = client.items().count().await;
            }
            1 => {
                let client = Anything::ok(body).client();
                let list = client.sql_queries().key("q").list();
                let _ = list.clone().rows::<RawJson>().try_collect().await;
                let _ = list.rows_as::<serde_json::Value>().try_collect().await;
            }
            2 => {
                let client = Anything::ok(body).client();
                let _ = client.sql_queries().ensure("q", "select a as b from c").await;
            }
            3 => {
                let mut server = Anything::ok(b"");
                server.location = HeaderValue::from_bytes(body).ok();
                let client = server.client();
                let _ = client.items().create(&Item::default()).return_no_content().await;
                let price = SpecialPrice::default();
                let _ = client.special_prices().create(&price).return_no_content().await;
                let _ = client.items().create(&Item::default()).await;
            }
            _ => {
                let client = Anything::ok(body).client();
                let cursor: ChangeCursor =
                    serde_json::from_str(r#"{"minute":"2023-10-20T15:00:00","seen":[]}"#)
                        .expect("a cursor");
                let mut feed = client.items().query().changes(cursor);
                while let Some(Ok(_)) = feed.next_guarded().await {}
                let stored = serde_json::to_string(&feed.cursor()).expect("a stored cursor");
                assert_eq!(
                    serde_json::from_str::<ChangeCursor>(&stored).expect("read again"),
                    feed.cursor()
                );
            }
        }
    });
}

/// Text in keys, filters and parameters stays the text it is.
pub fn b1_escaping(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let key = Key::from(&*text).to_string();
    assert!(key.bytes().all(|byte| byte.is_ascii_graphic()), "{key}");
    let decoded = percent_decode_str(&key).decode_utf8().expect("text");
    let inner = decoded.strip_prefix("('").and_then(|rest| rest.strip_suffix("')"));
    assert_eq!(unquoted(inner.expect("in quotes")).as_deref(), Some(&*text));

    let field = Field::<Item, String>::new("ItemCode");
    for (filter, before, after) in [
        (field.eq(&*text), "ItemCode eq '", "'"),
        (field.contains(&text), "contains(ItemCode,'", "')"),
    ] {
        let filter = filter.to_string();
        let inner = filter.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
        assert_eq!(unquoted(inner.expect("in quotes")).as_deref(), Some(&*text));
    }

    let value = b1_servicelayer::SqlValue::from(&*text);
    let inner = value.as_str().strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    assert_eq!(unquoted(inner.expect("in quotes")).as_deref(), Some(&*text));

    // A name is taken as it is or not at all.
    let filter = Field::<Item, String>::udf(text.clone().into_owned()).eq("x");
    let client = Anything::ok(b"{\"value\":[]}").client();
    if block_on(client.items().filter(filter).all()).is_ok() {
        assert!(text.starts_with("U_") && !text.contains([' ', '\'', '(', '&', '=']), "{text}");
    }
}

/// Undoes the doubling of quotes; `None` when one stands alone.
fn unquoted(inner: &str) -> Option<String> {
    let alone = inner.replace("''", "").contains('\'');
    (!alone).then(|| inner.replace("''", "'"))
}
