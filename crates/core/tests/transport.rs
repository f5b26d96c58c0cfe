//! The HTTP transport against servers that misbehave on the socket.
#![cfg(any(feature = "rustls", feature = "native-tls", not(feature = "rustls-no-provider")))]
#![allow(clippy::unwrap_used, clippy::panic)]

use std::time::Duration;

use bytes::Bytes;
use erplink_core::transport::{Pkcs12, Proxy, Timeout, Upgrade};
use erplink_core::{ErrorKind, HttpTransport, Transport, TransportConfig, TransportError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use url::Url;

fn transport() -> HttpTransport {
    HttpTransport::builder().proxy(Proxy::None).build().unwrap()
}

/// Answers each connection with the given bytes after it has read something, then closes.
async fn server(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _ = socket.read(&mut request).await;
            let _ = socket.write_all(answer).await;
        }
    });
    format!("http://{address}/path?token=planted-secret")
}

async fn get(uri: &str) -> Result<http::Response<Bytes>, TransportError> {
    let request = http::Request::get(uri).body(Bytes::new()).unwrap();
    transport().send(request).await
}

#[tokio::test]
async fn a_refused_connection_was_never_sent() {
    let port = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap().port()
    };
    let error = get(&format!("http://127.0.0.1:{port}/?token=planted-secret")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(error.is_before_send());
    assert!(!format!("{error:?} {error}").contains("planted-secret"), "{error:?}");
}

#[tokio::test]
async fn a_connection_closed_without_an_answer_may_have_arrived() {
    let error = get(&server(b"").await).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(!error.is_before_send());
    assert!(!format!("{error:?} {error}").contains("planted-secret"), "{error:?}");
}

#[tokio::test]
async fn a_truncated_body_is_no_answer() {
    let uri = server(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"half\":").await;
    let error = get(&uri).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(!error.is_before_send());

    // Exactly half of it: what came is as long as what is missing.
    let uri = server(b"HTTP/1.1 200 OK\r\ncontent-length: 16\r\n\r\n{\"half\":").await;
    let error = get(&uri).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
}

#[tokio::test]
async fn silence_ends_at_the_timeout_of_the_request() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut request = http::Request::get(format!("http://{}/", listener.local_addr().unwrap()))
        .body(Bytes::new())
        .unwrap();
    request.extensions_mut().insert(Timeout(Duration::from_millis(50)));
    let error = transport().send(request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(!error.is_before_send());
}

#[tokio::test]
async fn redirects_are_answers() {
    let uri = server(
        b"HTTP/1.1 302 Found\r\nlocation: http://evil.example/\r\ncontent-length: 0\r\n\r\n",
    );
    let response = get(&uri.await).await.unwrap();
    assert_eq!(response.status(), 302);
}

#[tokio::test]
async fn an_answer_beyond_the_limit_is_given_up() {
    let mut config = TransportConfig::default();
    config.proxy = Proxy::None;
    config.max_response_bytes = 3;
    let uri = server(b"HTTP/1.1 200 OK\r\n\r\nfour").await;
    let request = http::Request::get(uri).body(Bytes::new()).unwrap();
    let error = HttpTransport::from_config(&config).unwrap().send(request).await.unwrap_err();
    assert!(error.message().contains("3 bytes"), "{error}");
}

#[test]
fn builds_without_a_runtime_and_refuses_bad_settings() {
    let transport = transport();
    assert!(transport.check(&Url::parse("ftp://h/").unwrap()).is_err());
    let https = transport.check(&Url::parse("https://h/").unwrap());
    let tls = cfg!(any(feature = "rustls", feature = "native-tls", feature = "rustls-no-provider"));
    assert_eq!(https.is_ok(), tls);

    let no_certificate = HttpTransport::builder().root_certificates("not a certificate").build();
    assert_eq!(no_certificate.unwrap_err().kind(), ErrorKind::Config);
    let no_time = HttpTransport::builder().read_timeout(Duration::ZERO).build();
    assert!(no_time.unwrap_err().message().contains("read_timeout"));
    let for_ever = HttpTransport::builder().total_timeout(Duration::MAX).build();
    assert!(for_ever.unwrap_err().message().contains("total_timeout"));
    let no_proxy = HttpTransport::builder().proxy(Proxy::Address("::".into())).build();
    assert!(no_proxy.unwrap_err().message().contains("proxy"));
}

#[test]
fn the_password_of_a_proxy_is_not_printed() {
    let config =
        HttpTransport::builder().proxy(Proxy::Address("http://user:p@planted@proxy:3128".into()));
    let text = format!("{config:?}");
    assert!(text.contains("proxy:3128") && !text.contains("planted"), "{text}");
}

async fn upgrade(uri: &str) -> Result<Upgrade, TransportError> {
    let request = http::Request::get(uri)
        .header("connection", "Upgrade")
        .header("upgrade", "echo")
        .body(Bytes::new())
        .unwrap();
    transport().upgrade(request).await
}

#[tokio::test]
async fn a_connection_can_leave_http_behind() {
    let uri = server(
        b"HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: echo\r\n\r\nhello",
    )
    .await;
    let Upgrade::Switched(headers, mut connection) = upgrade(&uri).await.unwrap() else {
        panic!("switched")
    };
    assert_eq!(headers["upgrade"], "echo");
    let mut greeting = [0; 5];
    connection.read_exact(&mut greeting).await.unwrap();
    assert_eq!(&greeting, b"hello");
}

#[tokio::test]
async fn a_server_that_does_not_switch_is_heard() {
    let uri = server(b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 2\r\n\r\nno").await;
    let Upgrade::Refused(response) = upgrade(&uri).await.unwrap() else { panic!("refused") };
    assert_eq!((response.status().as_u16(), &response.body()[..]), (401, &b"no"[..]));
    let error = upgrade(&server(b"").await).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(!format!("{error:?} {error}").contains("planted-secret"), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_handshake_has_its_time() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}/?token=planted-secret", listener.local_addr().unwrap());
    let error = upgrade(&uri).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
}

#[test]
fn a_pkcs12_file_that_cannot_be_opened_says_what_to_do() {
    let file = Pkcs12::new(*b"\x30\x03\x02\x01\x03", "planted-secret");
    let builder = HttpTransport::builder().client_pkcs12(file);
    assert!(!format!("{builder:?}").contains("planted-secret"), "{builder:?}");
    let error = builder.build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    let expected = if cfg!(feature = "native-tls") {
        "client_pkcs12: it does not open with this password"
    } else if cfg!(feature = "rustls") {
        "openssl pkcs12 -in FILE.p12 -nodes"
    } else {
        "certificates need the feature"
    };
    assert!(error.to_string().contains(expected), "{error}");
}
