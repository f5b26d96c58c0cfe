//! Opens a connection: the ticket by HTTPS, then the WebSocket handshake.

use std::sync::Arc;

use bytes::Bytes;
use erplink_core::transport::{Request, Timeout, Transport, Upgrade};
use erplink_core::{Effect, ErrorKind, Idempotency, Secret, sanitize};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde::{Deserialize, Serialize};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tracing::debug;
use url::Url;

use super::Config;
use crate::client::Client;
use crate::error::{Error, Expect, Result, Rules};
use crate::wire::{Outgoing, address};

const PATH: &str = "/v1.0/gateway/connections/open";
const OPEN: &str = "POST /v1.0/gateway/connections/open";
const CONNECT: &str = "WebSocket handshake";

const RULES: Rules = Rules {
    expect: Expect::Anything,
    result_is_data: false,
    scope: None,
    // The ticket is as good as the app's secret.
    answers_secrets: true,
};

pub(super) type Socket = WebSocketStream<erplink_core::transport::Connection>;

/// What the connection is to bring.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Subscription {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) topic: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Open<'a> {
    client_id: &'a str,
    client_secret: &'a str,
    subscriptions: &'a [Subscription],
    ua: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    local_ip: Option<&'a str>,
}

#[derive(Deserialize)]
struct Opened {
    endpoint: String,
    ticket: Secret,
}

/// Opens a connection. One attempt: when it fails, the caller decides when to try again.
pub(super) async fn open(
    client: &Client,
    config: &Config,
    subscriptions: &[Subscription],
) -> Result<Socket> {
    let opened = ticket(client, config, subscriptions)
        .await
        .map_err(|error| error.in_call(OPEN, Idempotency::Safe, 1))?;
    connect(client, config, &opened)
        .await
        .map_err(|error| error.in_call(CONNECT, Idempotency::Safe, 1))
}

async fn ticket(
    client: &Client,
    config: &Config,
    subscriptions: &[Subscription],
) -> Result<Opened> {
    let parts = client.parts();
    let secret = parts.auth.client_secret.expose();
    let body = serde_json::to_vec(&Open {
        client_id: &parts.auth.client_id,
        client_secret: secret,
        subscriptions,
        ua: concat!("dingtalk-client-rs/", env!("CARGO_PKG_VERSION")),
        local_ip: config.local_ip.as_deref(),
    })
    .map_err(|_| Error::config("client id and secret have no JSON form"))?;
    let outgoing = Outgoing {
        method: Method::POST,
        url: address(parts.api, PATH)?,
        body: Some(body.into()),
        header_token: None,
        timeout: parts.timeout,
        secret,
    };
    let answer = parts.wire.exchange(outgoing, &RULES).await?;
    // Not the general decoder: its text could quote the ticket.
    serde_json::from_slice(&answer).map_err(|_| {
        Error::new(ErrorKind::Decode, "the answer holds no `endpoint` and `ticket`").transient()
    })
}

async fn connect(client: &Client, config: &Config, opened: &Opened) -> Result<Socket> {
    let parts = client.parts();
    let url = connect_url(opened, parts.api)?;
    parts.wire.transport.check(&url)?;
    let key = generate_key();
    let mut request = handshake(&url, &key)?;
    if let Some(timeout) = parts.timeout {
        request.extensions_mut().insert(Timeout(timeout));
    }
    debug!(address = %sanitize::url(&url, &[]), "connecting");
    let transport: &Arc<dyn Transport> = &parts.wire.transport;
    match transport.upgrade(request).await? {
        Upgrade::Switched(headers, connection) if accepts(&headers, &key) => {
            let limits = WebSocketConfig::default()
                .max_message_size(Some(config.max_frame_bytes))
                .max_frame_size(Some(config.max_frame_bytes));
            Ok(WebSocketStream::from_raw_socket(connection, Role::Client, Some(limits)).await)
        }
        Upgrade::Switched(..) => {
            Err(broken("the server switched to something that is not this WebSocket"))
        }
        Upgrade::Refused(response) => Err(refused(response.status())),
    }
}

/// The address of the endpoint with the ticket, in the schemes of HTTP.
///
/// `ws` is for tests: it is taken only from a platform that is itself spoken to without TLS.
fn connect_url(opened: &Opened, api: &Url) -> Result<Url> {
    let mut url: Url = opened
        .endpoint
        .parse()
        .map_err(|_| broken("the endpoint is not an address such as wss://host/connect"))?;
    let scheme = match url.scheme() {
        "wss" => "https",
        "ws" if api.scheme() == "http" => "http",
        "ws" => return Err(broken("the endpoint is ws:, which is not encrypted")),
        other => return Err(broken(format!("expected a wss: endpoint, found {other}:"))),
    };
    if url.set_scheme(scheme).is_err() {
        return Err(broken("the endpoint is not an address such as wss://host/connect"));
    }
    url.query_pairs_mut().append_pair("ticket", opened.ticket.expose());
    Ok(url)
}

fn handshake(url: &Url, key: &str) -> Result<Request> {
    let key = HeaderValue::from_str(key).map_err(|_| broken("no random key"))?;
    let mut request = Request::new(Bytes::new());
    *request.uri_mut() = url.as_str().parse().map_err(|_| broken("the endpoint is too long"))?;
    let headers = request.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    headers.insert(header::SEC_WEBSOCKET_KEY, key);
    Ok(request)
}

fn accepts(headers: &HeaderMap, key: &str) -> bool {
    headers
        .get(header::SEC_WEBSOCKET_ACCEPT)
        .is_some_and(|accept| accept.as_bytes() == derive_accept_key(key.as_bytes()).as_bytes())
}

fn refused(status: StatusCode) -> Error {
    let why = match status {
        StatusCode::UNAUTHORIZED => "the ticket was refused",
        _ => "the server did not switch to WebSocket",
    };
    Error::new(ErrorKind::Server, why).with_status(status).transient()
}

/// What the server says cannot be used; the next answer may be another.
fn broken(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Decode, message).with_effect(Effect::NotSent).transient()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connect_to(endpoint: &str, api: &str) -> Result<String> {
        let opened = Opened { endpoint: endpoint.to_owned(), ticket: Secret::new("a+b/c=") };
        connect_url(&opened, &api.parse().unwrap()).map(String::from)
    }

    #[test]
    fn the_ticket_joins_the_endpoint() {
        const API: &str = "https://api.dingtalk.com";
        assert_eq!(
            connect_to("wss://wss-open-connection.dingtalk.com:443/connect", API).unwrap(),
            "https://wss-open-connection.dingtalk.com/connect?ticket=a%2Bb%2Fc%3D"
        );
        assert_eq!(
            connect_to("wss://other.example/connect?v=1", API).unwrap(),
            "https://other.example/connect?v=1&ticket=a%2Bb%2Fc%3D"
        );
    }

    #[test]
    fn an_endpoint_without_tls_is_for_tests() {
        assert!(connect_to("ws://127.0.0.1:1/connect", "http://127.0.0.1:1").is_ok());
        for (endpoint, why) in [
            ("ws://gateway.example/connect", "not encrypted"),
            ("http://gateway.example/connect", "found http:"),
            ("gateway", "not an address"),
        ] {
            let error = connect_to(endpoint, "https://api.dingtalk.com").unwrap_err();
            assert!(error.to_string().contains(why), "{error}");
            assert!(!format!("{error:?}").contains("a+b"), "{error:?}");
        }
    }
}
