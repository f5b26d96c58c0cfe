//! What goes over the wire to a callback: the URL check and the sealed message.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode, header};
use http_body_util::Full;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::callback::Subscription;
use super::event::Xml;
use super::options::PushFault;
use crate::caller::{Caller, NoReply, Reply};

/// The query as the platform writes it, but for a `+` that a careless proxy leaves alone.
const ALL_BUT_PLUS: &AsciiSet = &NON_ALPHANUMERIC.remove(b'+');

/// A message and what surrounds it.
pub(super) struct Letter<'a> {
    pub(super) message: &'a str,
    pub(super) corp_id: &'a str,
    pub(super) agent: i64,
    pub(super) time: String,
    pub(super) nonce: String,
    pub(super) damage: Option<PushFault>,
}

/// The URL check.
pub(super) struct Check<'a> {
    pub(super) echo: &'a str,
    pub(super) time: &'a str,
    pub(super) nonce: &'a str,
    pub(super) raw_plus: bool,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("the callback cannot be reached: {0}")]
    Unreachable(String),
    #[error("no reply within the deadline")]
    Late,
    #[error("the reply has the status {0}, not 200")]
    Status(StatusCode),
    #[error("the reply is not the decrypted echo text, with nothing around it")]
    WrongEcho,
    #[error("the operating system gave no random numbers")]
    Sealing,
}

/// Sends the echo text sealed and expects it plain.
pub(super) async fn check(
    http: &Caller,
    subscription: &Subscription,
    check: Check<'_>,
    deadline: Duration,
) -> Result<(), Failure> {
    let Check { echo, time, nonce, raw_plus } = check;
    let sealed = subscription.envelope.seal(echo, &subscription.receive_id, time, nonce);
    let sealed = sealed.map_err(|_| Failure::Sealing)?;
    let set = if raw_plus { ALL_BUT_PLUS } else { NON_ALPHANUMERIC };
    let echostr = utf8_percent_encode(&sealed.encrypt, set).to_string();
    let url = signed(subscription, &sealed.signature, time, nonce, Some(&echostr));
    let request = Request::get(url).body(Full::default());
    let reply = exchange(http, request, deadline).await?;
    if reply == echo.as_bytes() { Ok(()) } else { Err(Failure::WrongEcho) }
}

/// Sends a message and expects the status 200; the body of the reply does not matter.
pub(super) async fn post(
    http: &Caller,
    subscription: &Subscription,
    letter: Letter<'_>,
    deadline: Duration,
) -> Result<(), Failure> {
    let request = write(subscription, letter)?;
    exchange(http, request, deadline).await.map(drop)
}

fn write(
    subscription: &Subscription,
    letter: Letter<'_>,
) -> Result<http::Result<Request<Full<Bytes>>>, Failure> {
    let Letter { message, corp_id, agent, time, nonce, damage } = letter;
    let receiver = match damage {
        Some(PushFault::WrongReceiver) => "ww0000somebodyelse0",
        _ => &subscription.receive_id,
    };
    let sealed = subscription.envelope.seal(message, receiver, &time, &nonce);
    let sealed = sealed.map_err(|_| Failure::Sealing)?;
    let (mut encrypt, mut signature) = (sealed.encrypt, sealed.signature);
    match damage {
        Some(PushFault::BadSignature) => signature = flip_first(&signature),
        Some(PushFault::TamperedCiphertext) => {
            encrypt = flip_first(&encrypt);
            signature = subscription.envelope.sign(&time, &nonce, &encrypt);
        }
        _ => {}
    }
    let mut xml = Xml(String::new());
    xml.open("xml");
    xml.text("ToUserName", corp_id);
    xml.text("Encrypt", &encrypt);
    xml.text("AgentID", &agent.to_string());
    xml.close("xml");
    let url = signed(subscription, &signature, &time, &nonce, None);
    Ok(Request::post(url).header(header::CONTENT_TYPE, "text/xml").body(Full::from(xml.0)))
}

/// The address with the four (or three) parameters behind those it has.
fn signed(
    subscription: &Subscription,
    signature: &str,
    time: &str,
    nonce: &str,
    echostr: Option<&str>,
) -> String {
    let mut url = subscription.url.clone();
    url.query_pairs_mut()
        .append_pair("msg_signature", signature)
        .append_pair("timestamp", time)
        .append_pair("nonce", nonce);
    let echostr = echostr.map(|text| format!("&echostr={text}")).unwrap_or_default();
    format!("{url}{echostr}")
}

async fn exchange(
    http: &Caller,
    request: http::Result<Request<Full<Bytes>>>,
    deadline: Duration,
) -> Result<Bytes, Failure> {
    match http.send(request, deadline).await {
        Ok(Reply { status: StatusCode::OK, body }) => Ok(body),
        Ok(Reply { status, .. }) => Err(Failure::Status(status)),
        Err(NoReply::Late(_)) => Err(Failure::Late),
        Err(why) => Err(Failure::Unreachable(why.to_string())),
    }
}

/// The text with another first character, still hexadecimal and still base64. In a ciphertext this
/// changes the first byte of the inner length, which follows the first block.
fn flip_first(text: &str) -> String {
    let other = if text.starts_with('0') { '1' } else { '0' };
    std::iter::once(other).chain(text.chars().skip(1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wecom::callback::Callback;

    #[test]
    fn the_echo_text_is_percent_encoded_unless_a_plus_is_to_stay() {
        assert_eq!(utf8_percent_encode("a+/=", NON_ALPHANUMERIC).to_string(), "a%2B%2F%3D");
        assert_eq!(utf8_percent_encode("a+/=", ALL_BUT_PLUS).to_string(), "a+%2F%3D");
    }

    #[test]
    fn the_address_keeps_its_own_query() {
        let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
        let callback = Callback::new("http://h/p?site=1", "QDG6eK", key);
        let subscription = Subscription::new(callback, "ww1").unwrap();
        assert_eq!(
            signed(&subscription, "ab", "1", "2", Some("x%3D")),
            "http://h/p?site=1&msg_signature=ab&timestamp=1&nonce=2&echostr=x%3D"
        );
    }
}
