//! The outside of a push: its query and its envelope.

use std::borrow::Cow;

use erplink_core::callback::Sealed;
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::Value;

use super::CallbackError;
use super::xml::{self, XmlError};
use crate::tree::Tree;

/// The parameters of a push, decoded once. All are text: they are signed as they were sent.
pub(super) struct Query {
    pub(super) signature: String,
    pub(super) timestamp: String,
    pub(super) nonce: String,
}

impl Query {
    pub(super) fn parse(query: &str) -> Result<Self, CallbackError> {
        Ok(Self {
            signature: parameter(query, "msg_signature")?,
            timestamp: parameter(query, "timestamp")?,
            nonce: parameter(query, "nonce")?,
        })
    }

    /// The query of a check, with its `echostr`.
    pub(super) fn parse_check(query: &str) -> Result<(Self, String), CallbackError> {
        Ok((Self::parse(query)?, parameter(query, "echostr")?))
    }
}

/// Decoded once; a `+` stays one, because senders leave those of base64 as they are.
fn parameter(query: &str, name: &'static str) -> Result<String, CallbackError> {
    let mut found = query.split('&').filter_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (key == name).then_some(value)
    });
    let value = found.next().ok_or(CallbackError::MissingParameter(name))?;
    if found.next().is_some() {
        return Err(CallbackError::DuplicateParameter(name));
    }
    Ok(percent_decode_str(value).decode_utf8_lossy().into_owned())
}

/// An envelope. What it says besides `Encrypt` is not signed: good for choosing an app, no more.
pub(super) struct Push {
    pub(super) encrypt: String,
    pub(super) agent_id: Option<i64>,
}

impl Push {
    pub(super) fn parse(body: &[u8], accepts_json: bool) -> Result<Self, CallbackError> {
        let text =
            std::str::from_utf8(body).map_err(|_| CallbackError::Envelope("it is not UTF-8"))?;
        match text.trim_start().as_bytes().first() {
            Some(b'{') if accepts_json => Self::parse_json(text),
            Some(b'{') => Err(CallbackError::Envelope("it is JSON, which is not switched on")),
            _ => Self::parse_xml(text),
        }
    }

    fn parse_xml(text: &str) -> Result<Self, CallbackError> {
        let envelope = xml::parse(text).map_err(|error| match error {
            XmlError::Doctype => CallbackError::Doctype,
            XmlError::Malformed => CallbackError::Envelope("it is not well-formed XML"),
            XmlError::Entity => CallbackError::Envelope("it uses an entity"),
            XmlError::TooDeep | XmlError::TooMany => CallbackError::Envelope("it is too complex"),
        })?;
        let Value::Object(mut members) = envelope else {
            return Err(CallbackError::MissingEncrypt);
        };
        let agent_id = members.get("AgentID").and_then(|value| Tree::new(value).int());
        match members.remove("Encrypt") {
            None => Err(CallbackError::MissingEncrypt),
            Some(Value::Array(_)) => Err(CallbackError::DuplicateElement("Encrypt")),
            Some(Value::String(encrypt)) if encrypt.trim().is_empty() => {
                Err(CallbackError::MissingEncrypt)
            }
            // Space around it is the XML's and was not signed.
            Some(Value::String(encrypt)) => {
                Ok(Self { encrypt: encrypt.trim().to_owned(), agent_id })
            }
            Some(_) => Err(CallbackError::Envelope("`Encrypt` holds elements")),
        }
    }

    fn parse_json(text: &str) -> Result<Self, CallbackError> {
        #[derive(Deserialize)]
        struct Members<'a> {
            #[serde(borrow)]
            encrypt: Option<Cow<'a, str>>,
            #[serde(default)]
            agentid: Value,
        }
        let members: Members<'_> = serde_json::from_str(text).map_err(|_| {
            CallbackError::Envelope("it is not a JSON object with one text `encrypt`")
        })?;
        let encrypt = members.encrypt.ok_or(CallbackError::MissingEncrypt)?.into_owned();
        Ok(Self { encrypt, agent_id: Tree::new(&members.agentid).int() })
    }
}

/// The XML of an encrypted reply.
pub(super) fn reply(sealed: &Sealed, timestamp: &str, nonce: &str) -> String {
    // Neither base64 nor hexadecimal nor a number can end a CDATA section, a nonce could.
    let nonce = nonce.replace("]]>", "");
    format!(
        "<xml><Encrypt><![CDATA[{}]]></Encrypt><MsgSignature><![CDATA[{}]]></MsgSignature>\
         <TimeStamp>{timestamp}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>",
        sealed.encrypt, sealed.signature,
    )
}
