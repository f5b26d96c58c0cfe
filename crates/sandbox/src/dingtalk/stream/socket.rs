//! One connection: carries out orders, reads what the client sends.

use std::sync::Weak;

use futures_util::{SinkExt as _, StreamExt as _};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::super::platform::Platform;

type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// What happens to all open connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SocketFault {
    /// The TCP connection breaks without a close frame.
    Kill,
    /// The connection looks alive, WebSocket pings are answered, and nothing is delivered any more.
    Silence,
    /// Nothing is read or written any more; the TCP connection stays.
    Freeze,
}

/// What a connection is told to do.
#[derive(Debug)]
pub(super) enum Order {
    Text(String),
    Close,
    Fault(SocketFault),
}

/// Serves a connection until it ends.
pub(super) async fn serve(
    platform: &Weak<Platform>,
    mut socket: Socket,
    mut orders: mpsc::UnboundedReceiver<Order>,
) {
    let (mut silent, mut frozen) = (false, false);
    loop {
        tokio::select! {
            order = orders.recv() => match order {
                Some(Order::Text(_)) if silent || frozen => {}
                Some(Order::Text(text)) => {
                    if socket.send(Message::text(text)).await.is_err() {
                        return;
                    }
                }
                Some(Order::Fault(SocketFault::Silence)) => silent = true,
                Some(Order::Fault(SocketFault::Freeze)) => frozen = true,
                Some(Order::Close) => {
                    if socket.close(None).await.is_err() {
                        tracing::debug!("the connection broke before it was closed");
                    }
                    return;
                }
                // Dropping the socket closes TCP and says nothing. Without a platform it is over.
                Some(Order::Fault(SocketFault::Kill)) | None => return,
            },
            message = socket.next(), if !frozen => match message {
                Some(Ok(Message::Text(text))) => {
                    let Some(platform) = platform.upgrade() else { return };
                    platform.act(|world, _| world.stream.receive(&text));
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                // Pings are answered by the library.
                Some(Ok(_)) => {}
            },
        }
    }
}
