//! `POST /v1.0/gateway/connections/open`: where to connect, and the ticket.

use std::time::Duration;

use chrono::{DateTime, Utc};
use http::header;
use serde_json::{Value, json};

use super::super::gateway::Incoming;
use super::super::refusal::Refusal;
use super::super::world::World;
use super::{Ticket, Wanted};

const TICKET_LIFE: Duration = Duration::from_secs(90);

/// Hands out a ticket. Needs no access token; the credentials stand in the body.
pub(in crate::dingtalk) fn open(
    world: &mut World,
    incoming: &Incoming,
    now: DateTime<Utc>,
) -> Result<Value, Refusal> {
    let accepts = incoming.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    if !accepts.is_some_and(|accepts| accepts.contains("application/json")) {
        // The platform then answers with XML, which nobody wants to read.
        let message = "the platform answers with XML here: send `Accept: application/json`";
        return Err(Refusal::with_status(501, "sandbox.unsupported", message));
    }
    let body = incoming
        .json()
        .ok_or_else(|| Refusal::new("Missingbody", "body is mandatory for this action."))?;
    if !world.are_credentials(&body, "clientId", "clientSecret") {
        return Err(Refusal::with_status(401, "authFailed", "鉴权失败"));
    }
    let wanted = wanted(&body)?;
    let ticket = world.ids.uuid();
    let gateway = &mut world.stream;
    gateway.tickets.retain(|_, ticket| ticket.expires > now);
    gateway.tickets.insert(ticket.clone(), Ticket { expires: now + TICKET_LIFE, wanted });
    Ok(json!({"endpoint": gateway.endpoint, "ticket": ticket}))
}

fn wanted(body: &Value) -> Result<Wanted, Refusal> {
    let invalid = |message: String| Refusal::new("invalidParameter", message);
    let list = body.get("subscriptions").and_then(Value::as_array);
    let list = list.filter(|list| !list.is_empty());
    let list = list.ok_or_else(|| invalid("subscriptions 不能为空".to_owned()))?;
    let mut wanted = Wanted::default();
    for entry in list {
        let member = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default();
        match (member("type"), member("topic")) {
            ("EVENT", "*") => wanted.events = true,
            ("CALLBACK", topic) if topic.starts_with('/') => {
                wanted.topics.insert(topic.to_owned());
            }
            // Some libraries ask for the system frames, which come anyway.
            ("SYSTEM", _) => {}
            (kind, topic) => return Err(invalid(format!("未知的订阅：{kind} {topic}"))),
        }
    }
    Ok(wanted)
}
