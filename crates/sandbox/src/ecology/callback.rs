//! Outward calls (数据外发): what an administrator attaches to nodes so that they call other systems.
//!
//! The platform fixes no protocol: address, header, body, status values and the reply that counts as
//! accepted are the administrator's, and so are they here.

use chrono::{DateTime, Utc};
use erplink_core::Secret;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::flow::Outcome;
use super::incoming::scalar;
use super::press::Press;
use super::push::Letter;
use super::request::{Request, State};
use super::time;
use super::workflow::Workflow;
use super::world::World;

/// A call that nodes make when a person has pressed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Callback {
    /// Where it is posted; `http` only.
    pub url: String,
    /// The AppCode (APP认证).
    pub app_code: Secret,
    /// The header that carries the AppCode.
    #[serde(default = "app_code_header")]
    pub header: String,
    /// For which workflows, by id; none: all.
    #[serde(default)]
    pub workflows: Vec<i64>,
    /// Which approvals are told.
    #[serde(default)]
    pub at: PushAt,
    /// Whether returns (退回) are told: the administrator has to tick that.
    #[serde(default)]
    pub on_return: bool,
    /// The status of an approval.
    #[serde(default = "approved")]
    pub approved: String,
    /// The status of a return.
    #[serde(default = "returned")]
    pub returned: String,
    /// What the call carries.
    #[serde(default)]
    pub body: PushBody,
    /// How the body is encoded.
    #[serde(default)]
    pub encoding: Encoding,
    /// Which replies count as accepted.
    #[serde(default)]
    pub accepted: Accepted,
}

fn app_code_header() -> String {
    "X-ApiG-AppCode".to_owned()
}

fn approved() -> String {
    "1".to_owned()
}

fn returned() -> String {
    "0".to_owned()
}

impl Callback {
    /// Tells an address the result of every request when it is archived: status `1`, as JSON, with
    /// the AppCode in `X-ApiG-AppCode`, accepted when the reply says `"success":true`.
    pub fn new(url: impl Into<String>, app_code: &str) -> Self {
        Callback {
            url: url.into(),
            app_code: app_code.into(),
            header: app_code_header(),
            workflows: Vec::new(),
            at: PushAt::default(),
            on_return: false,
            approved: approved(),
            returned: returned(),
            body: PushBody::default(),
            encoding: Encoding::default(),
            accepted: Accepted::default(),
        }
    }
}

/// Which approvals are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PushAt {
    /// The one by which the request reaches the archive. A forced archive runs no node action.
    #[default]
    Archive,
    /// The completion of every approval node.
    EveryNode,
}

/// What a call carries.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PushBody {
    /// `requestid`, `workflowid`, `requestname`, `status`, `remark`, `approver`, `operatetime`.
    #[default]
    Result,
    /// `requestid`, `status` and the form: `mainData`, `detail1`, ….
    Document,
    /// JSON of the administrator's own. Texts hold places in braces: `{requestid}`,
    /// `{workflowid}`, `{requestname}`, `{status}`, `{remark}`, `{approver}`, `{operatetime}`, and
    /// any main field by its name, e.g. `{docentry}`.
    Template(Value),
}

/// How the body is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// `application/json`.
    #[default]
    Json,
    /// `application/x-www-form-urlencoded`; structures inside become JSON text.
    Form,
}

/// Which replies count as accepted. The HTTP status has to be 2xx in any case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Accepted {
    /// JSON pointer to the member that decides; empty: the HTTP status alone.
    pub pointer: String,
    /// Its values that mean success, as text.
    pub values: Vec<String>,
    /// JSON pointer to the text that the person sees otherwise.
    pub message: String,
}

impl Default for Accepted {
    fn default() -> Self {
        Accepted {
            pointer: "/success".to_owned(),
            values: vec!["true".to_owned()],
            message: "/msg".to_owned(),
        }
    }
}

impl Accepted {
    /// What the person sees; `Ok` when the reply accepts.
    pub(super) fn check(&self, status: u16, body: &[u8]) -> Result<(), String> {
        let reply: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
        let message = reply.pointer(&self.message).and_then(scalar);
        let message = message.filter(|text| !text.is_empty());
        if !(200..300).contains(&status) {
            return Err(message.unwrap_or_else(|| format!("接口返回HTTP {status}")));
        }
        if self.pointer.is_empty() {
            return Ok(());
        }
        let decision = reply.pointer(&self.pointer).and_then(scalar);
        match decision {
            Some(value) if self.values.contains(&value) => Ok(()),
            Some(value) => Err(message.unwrap_or_else(|| format!("接口返回失败: {value}"))),
            None => Err(message.unwrap_or_else(|| format!("接口返回中没有{}", self.pointer))),
        }
    }
}

impl Callback {
    pub(super) fn wants(&self, workflow: i64, outcome: Outcome) -> bool {
        let concerns = self.workflows.is_empty() || self.workflows.contains(&workflow);
        concerns
            && match outcome {
                Outcome::Stays => false,
                Outcome::Returned => self.on_return,
                // The create node's submission tells nobody anything.
                Outcome::Completed { from } => from > 0,
                Outcome::Passed { from } => from > 0 && self.at == PushAt::EveryNode,
            }
    }

    #[expect(clippy::too_many_arguments, reason = "all that a press is about")]
    pub(super) fn letter(
        &self,
        world: &World,
        request: &Request,
        workflow: &Workflow,
        state: &State,
        press: &Press,
        outcome: Outcome,
        now: DateTime<Utc>,
    ) -> Letter {
        let status = if outcome == Outcome::Returned { &self.returned } else { &self.approved };
        let facts = json!({
            "requestid": request.id,
            "workflowid": workflow.id,
            "requestname": request.name,
            "status": status,
            "remark": press.remark,
            "approver": press.user,
            "approvername": world.directory.name_of(&press.user),
            "operatetime": time::date_time(now),
        });
        let body = match &self.body {
            PushBody::Result => {
                let mut body = facts;
                if let Some(members) = body.as_object_mut() {
                    members.remove("approvername");
                }
                body
            }
            PushBody::Document => document(request, state, status),
            PushBody::Template(template) => {
                let mut places: Map<String, Value> =
                    state.main.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
                places.extend(facts.as_object().cloned().unwrap_or_default());
                fill(template, &places)
            }
        };
        let (body, content_type) = match self.encoding {
            Encoding::Json => (body.to_string(), "application/json; charset=utf-8"),
            Encoding::Form => (form(&body), "application/x-www-form-urlencoded; charset=utf-8"),
        };
        Letter {
            url: self.url.clone(),
            header: self.header.clone(),
            app_code: self.app_code.clone(),
            content_type,
            body,
            accepted: self.accepted.clone(),
            request: request.id,
            status: status.clone(),
            approver: press.user.clone(),
        }
    }
}

fn document(request: &Request, state: &State, status: &str) -> Value {
    let mut body = json!({
        "requestid": request.id.to_string(), "status": status, "mainData": state.main,
    });
    if let Some(members) = body.as_object_mut() {
        for (index, rows) in state.details.iter().enumerate() {
            let rows: Vec<_> = rows.iter().map(|row| &row.values).collect();
            members.insert(format!("detail{}", index.saturating_add(1)), json!(rows));
        }
    }
    body
}

/// The template with its places filled in.
fn fill(template: &Value, places: &Map<String, Value>) -> Value {
    match template {
        Value::String(text) => {
            let filled = places.iter().fold(text.clone(), |text, (name, value)| {
                text.replace(&format!("{{{name}}}"), &scalar(value).unwrap_or_default())
            });
            Value::String(filled)
        }
        Value::Array(values) => values.iter().map(|value| fill(value, places)).collect(),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| (name.clone(), fill(value, places)));
            Value::Object(members.collect())
        }
        other => other.clone(),
    }
}

fn form(body: &Value) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (name, value) in body.as_object().into_iter().flatten() {
        form.append_pair(name, &scalar(value).unwrap_or_else(|| value.to_string()));
    }
    form.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_accepted_by_its_body_or_by_its_status() {
        let by_body = Accepted::default();
        assert_eq!(by_body.check(200, br#"{"success":true}"#), Ok(()));
        assert_eq!(by_body.check(200, br#"{"success":"true"}"#), Ok(()));
        let refused = br#"{"success":false,"msg":"no such draft"}"#;
        assert_eq!(by_body.check(200, refused), Err("no such draft".to_owned()));
        assert_eq!(by_body.check(500, refused), Err("no such draft".to_owned()));
        assert_eq!(by_body.check(200, b"OK"), Err("接口返回中没有/success".to_owned()));
        let by_status = Accepted { pointer: String::new(), ..Accepted::default() };
        assert_eq!(by_status.check(204, b""), Ok(()));
        assert_eq!(by_status.check(404, b""), Err("接口返回HTTP 404".to_owned()));
        let values = vec!["0".to_owned(), "200".to_owned()];
        let by_code = Accepted { pointer: "/code".to_owned(), values, ..Accepted::default() };
        assert_eq!(by_code.check(200, br#"{"code":200}"#), Ok(()));
    }

    #[test]
    fn a_template_is_filled_in_everywhere() {
        let places = json!({"requestid": 7, "docentry": "16"});
        let template = json!({"head": {"id": "OA-{requestid}"}, "rows": ["{docentry}", 1, "{x}"]});
        let filled = fill(&template, places.as_object().unwrap());
        assert_eq!(filled, json!({"head": {"id": "OA-7"}, "rows": ["16", 1, "{x}"]}));
    }
}
