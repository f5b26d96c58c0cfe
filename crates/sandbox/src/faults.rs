//! Misbehaviour on demand: rules that a [`Server`](crate::server::Server) applies to requests.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};

/// What happens to a request that meets a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultKind {
    /// The answer comes this much later (real time). Other faults still apply.
    Latency(Duration),
    /// The request is not processed; the answer has this status.
    Status {
        /// HTTP status.
        status: StatusCode,
        /// `Retry-After` in seconds.
        retry_after: Option<u32>,
        /// The body, sent as JSON. `None`: no body.
        body: Option<String>,
    },
    /// The connection is closed before the request is processed.
    ResetBefore,
    /// The request is processed and committed, then the connection is closed without an answer.
    ResetAfter,
    /// The request is processed; half of the answer's body arrives, then the connection closes.
    TruncateBody,
    /// The request is not processed; a gateway's HTML page with this status comes back.
    Html(StatusCode),
    /// The request is not processed and the connection stays open without an answer.
    NeverAnswer,
}

/// A rule: which requests, how often, and what happens to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Requests with this method; `None`: any.
    pub method: Option<Method>,
    /// Requests whose path and query contain this text; empty: any.
    pub path_contains: String,
    /// So many matching requests pass untouched first.
    pub skip: u32,
    /// So many matching requests are affected, then the rule is gone.
    pub times: u32,
    /// What happens.
    pub kind: FaultKind,
}

impl Fault {
    /// A rule for one request.
    ///
    /// `method` is a [`Method`] or `None` for any.
    pub fn new(
        method: impl Into<Option<Method>>,
        path_contains: impl Into<String>,
        kind: FaultKind,
    ) -> Self {
        Self { method: method.into(), path_contains: path_contains.into(), skip: 0, times: 1, kind }
    }

    /// [`FaultKind::Latency`] for one request.
    pub fn latency(
        method: impl Into<Option<Method>>,
        path_contains: impl Into<String>,
        latency: Duration,
    ) -> Self {
        Self::new(method, path_contains, FaultKind::Latency(latency))
    }

    /// [`FaultKind::Status`] without a body for one request.
    pub fn status(
        method: impl Into<Option<Method>>,
        path_contains: impl Into<String>,
        status: StatusCode,
    ) -> Self {
        let kind = FaultKind::Status { status, retry_after: None, body: None };
        Self::new(method, path_contains, kind)
    }

    /// [`FaultKind::ResetBefore`] for one request.
    pub fn reset_before(
        method: impl Into<Option<Method>>,
        path_contains: impl Into<String>,
    ) -> Self {
        Self::new(method, path_contains, FaultKind::ResetBefore)
    }

    /// [`FaultKind::ResetAfter`] for one request.
    pub fn reset_after(
        method: impl Into<Option<Method>>,
        path_contains: impl Into<String>,
    ) -> Self {
        Self::new(method, path_contains, FaultKind::ResetAfter)
    }

    /// [`FaultKind::TruncateBody`] for one request.
    pub fn truncate_body(
        method: impl Into<Option<Method>>,
        path_contains: impl Into<String>,
    ) -> Self {
        Self::new(method, path_contains, FaultKind::TruncateBody)
    }

    /// [`FaultKind::Html`] for one request.
    pub fn html(
        method: impl Into<Option<Method>>,
        path_contains: impl Into<String>,
        status: StatusCode,
    ) -> Self {
        Self::new(method, path_contains, FaultKind::Html(status))
    }

    /// [`FaultKind::NeverAnswer`] for one request.
    pub fn never_answer(
        method: impl Into<Option<Method>>,
        path_contains: impl Into<String>,
    ) -> Self {
        Self::new(method, path_contains, FaultKind::NeverAnswer)
    }

    /// Affects so many requests instead of one.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// Lets so many matching requests pass first.
    #[must_use]
    pub fn skip(mut self, skip: u32) -> Self {
        self.skip = skip;
        self
    }

    fn matches(&self, method: &Method, path_and_query: &str) -> bool {
        self.method.as_ref().is_none_or(|expected| expected == method)
            && path_and_query.contains(&self.path_contains)
    }
}

/// The queue of rules of one server. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    rules: Arc<Mutex<VecDeque<Fault>>>,
}

impl Faults {
    /// An empty queue.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a rule behind the others.
    pub fn push(&self, fault: Fault) {
        self.lock().push_back(fault);
    }

    /// Removes all rules.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// The rules that wait for requests, in the order in which they apply.
    #[must_use]
    pub fn pending(&self) -> Vec<Fault> {
        self.lock().iter().cloned().collect()
    }

    /// What happens to this request: delays first, then at most one other fault. Uses the rules up.
    pub(crate) fn take(&self, method: &Method, path_and_query: &str) -> Vec<FaultKind> {
        let mut rules = self.lock();
        let mut taken = Vec::new();
        for rule in rules.iter_mut() {
            if rule.times == 0 || !rule.matches(method, path_and_query) {
                continue;
            }
            if rule.skip > 0 {
                rule.skip -= 1;
                continue;
            }
            rule.times -= 1;
            taken.push(rule.kind.clone());
            if !matches!(rule.kind, FaultKind::Latency(_)) {
                break;
            }
        }
        rules.retain(|rule| rule.times > 0);
        taken
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<Fault>> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A rule as the management port takes and shows it:
/// `{"method":"POST","path_contains":"/Drafts","times":1,"kind":"reset_after"}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FaultJson {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    #[serde(default)]
    path_contains: String,
    #[serde(default)]
    skip: u32,
    #[serde(default = "once")]
    times: u32,
    kind: KindName,
    /// Milliseconds, for `latency`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ms: Option<u64>,
    /// For `status` and `html`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retry_after: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body: Option<String>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KindName {
    Latency,
    Status,
    ResetBefore,
    ResetAfter,
    TruncateBody,
    Html,
    NeverAnswer,
}

fn once() -> u32 {
    1
}

impl TryFrom<FaultJson> for Fault {
    type Error = String;

    fn try_from(json: FaultJson) -> Result<Self, String> {
        let method = json
            .method
            .map(|name| Method::from_bytes(name.as_bytes()).map_err(|_| not_a("method", &name)))
            .transpose()?;
        let status = || {
            let number =
                json.status.ok_or("`status` is missing: give the HTTP status, e.g. 503")?;
            StatusCode::from_u16(number).map_err(|_| not_a("status", &number.to_string()))
        };
        let kind = match json.kind {
            KindName::Latency => {
                let ms = json.ms.ok_or("`ms` is missing: give the delay in milliseconds")?;
                FaultKind::Latency(Duration::from_millis(ms))
            }
            KindName::Status => FaultKind::Status {
                status: status()?,
                retry_after: json.retry_after,
                body: json.body,
            },
            KindName::ResetBefore => FaultKind::ResetBefore,
            KindName::ResetAfter => FaultKind::ResetAfter,
            KindName::TruncateBody => FaultKind::TruncateBody,
            KindName::Html => FaultKind::Html(status()?),
            KindName::NeverAnswer => FaultKind::NeverAnswer,
        };
        Ok(Self {
            method,
            path_contains: json.path_contains,
            skip: json.skip,
            times: json.times,
            kind,
        })
    }
}

fn not_a(field: &str, found: &str) -> String {
    format!("`{field}` is `{found}`, which is not an HTTP {field}")
}

impl From<Fault> for FaultJson {
    fn from(fault: Fault) -> Self {
        let mut json = Self {
            method: fault.method.map(|method| method.to_string()),
            path_contains: fault.path_contains,
            skip: fault.skip,
            times: fault.times,
            kind: KindName::NeverAnswer,
            ms: None,
            status: None,
            retry_after: None,
            body: None,
        };
        match fault.kind {
            FaultKind::Latency(latency) => {
                json.kind = KindName::Latency;
                json.ms = u64::try_from(latency.as_millis()).ok();
            }
            FaultKind::Status { status, retry_after, body } => {
                json.kind = KindName::Status;
                json.status = Some(status.as_u16());
                json.retry_after = retry_after;
                json.body = body;
            }
            FaultKind::ResetBefore => json.kind = KindName::ResetBefore,
            FaultKind::ResetAfter => json.kind = KindName::ResetAfter,
            FaultKind::TruncateBody => json.kind = KindName::TruncateBody,
            FaultKind::Html(status) => {
                json.kind = KindName::Html;
                json.status = Some(status.as_u16());
            }
            FaultKind::NeverAnswer => json.kind = KindName::NeverAnswer,
        }
        json
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_used_up() {
        let faults = Faults::new();
        faults.push(Fault::reset_after(Method::POST, "/Drafts").times(2).skip(1));
        assert_eq!(faults.take(&Method::GET, "/b1s/v1/Drafts"), []);
        assert_eq!(faults.take(&Method::POST, "/b1s/v1/Orders"), []);
        assert_eq!(faults.take(&Method::POST, "/b1s/v1/Drafts"), [], "one passes first");
        assert_eq!(faults.take(&Method::POST, "/b1s/v1/Drafts"), [FaultKind::ResetAfter]);
        assert_eq!(faults.take(&Method::POST, "/b1s/v1/Drafts"), [FaultKind::ResetAfter]);
        assert_eq!(faults.take(&Method::POST, "/b1s/v1/Drafts"), []);
        assert!(faults.pending().is_empty());
    }

    #[test]
    fn latency_goes_together_with_another_fault() {
        let faults = Faults::new();
        let delay = Duration::from_millis(5);
        faults.push(Fault::latency(None, "", delay));
        faults.push(Fault::never_answer(None, ""));
        let taken = faults.take(&Method::GET, "/");
        assert_eq!(taken, [FaultKind::Latency(delay), FaultKind::NeverAnswer]);
    }

    #[test]
    fn the_json_form_round_trips() {
        let fault = Fault::status(Method::PATCH, "/Drafts", StatusCode::SERVICE_UNAVAILABLE);
        let json = FaultJson::from(fault.clone());
        assert_eq!(Fault::try_from(json), Ok(fault));
    }

    #[test]
    fn a_missing_status_is_named() {
        let json: FaultJson = serde_json::from_str(r#"{"kind":"status"}"#).unwrap();
        assert!(Fault::try_from(json).unwrap_err().contains("`status` is missing"));
    }
}
