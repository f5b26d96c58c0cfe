//! `GET /connect?ticket=…`: the WebSocket handshake.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use hyper_util::rt::TokioIo;
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::super::platform::Platform;
use super::super::world::World;
use super::{Line, Wanted, socket};

/// Answers 101 to a good ticket and serves the connection until its end; 401 to any other ticket
/// (what the platform answers is not documented), 400 to what is no WebSocket handshake.
pub(in crate::dingtalk) async fn connect(
    State(platform): State<Arc<Platform>>,
    mut request: Request<Body>,
) -> Response<Body> {
    let Some(accept) = accept_key(request.headers()) else {
        return status(StatusCode::BAD_REQUEST);
    };
    let query = request.uri().query().unwrap_or_default();
    let ticket = url::form_urlencoded::parse(query.as_bytes())
        .find_map(|(name, value)| (name == "ticket").then(|| value.into_owned()));
    let ticket = ticket.unwrap_or_default();
    let Some(wanted) = platform.act(|world, now| redeem(world, &ticket, now)) else {
        return status(StatusCode::UNAUTHORIZED);
    };
    let upgraded = hyper::upgrade::on(&mut request);
    let platform = Arc::downgrade(&platform);
    tokio::spawn(async move {
        let Ok(upgraded) = upgraded.await else { return };
        let io = TokioIo::new(upgraded);
        let socket = WebSocketStream::from_raw_socket(io, Role::Server, None).await;
        let (orders, inbox) = mpsc::unbounded_channel();
        let Some(number) = platform.upgrade().map(|platform| {
            platform.act(|world, now| {
                let World { stream, app, ids, .. } = world;
                stream.attach(Line { wanted, orders, closes: None }, &app.corp_id, ids, now)
            })
        }) else {
            return;
        };
        Box::pin(socket::serve(&platform, socket, inbox)).await;
        if let Some(platform) = platform.upgrade() {
            platform.act(|world, _| world.stream.detach(number));
        }
    });
    let mut response = status(StatusCode::SWITCHING_PROTOCOLS);
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    response
}

/// A ticket works once, and not for long.
fn redeem(world: &mut World, ticket: &str, now: DateTime<Utc>) -> Option<Wanted> {
    let ticket = world.stream.tickets.remove(ticket)?;
    (ticket.expires > now).then_some(ticket.wanted)
}

fn accept_key(headers: &HeaderMap) -> Option<HeaderValue> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let upgrades = text(header::UPGRADE)?.eq_ignore_ascii_case("websocket")
        && text(header::CONNECTION)?.to_ascii_lowercase().contains("upgrade")
        && text(header::SEC_WEBSOCKET_VERSION)? == "13";
    let key = headers.get(header::SEC_WEBSOCKET_KEY).filter(|_| upgrades)?;
    HeaderValue::from_str(&derive_accept_key(key.as_bytes())).ok()
}

fn status(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
