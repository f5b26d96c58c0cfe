//! One call: method, path, parameters, success condition, messages.

use std::fmt;
use std::future::IntoFuture;

use erplink_core::transport::{Request, Response, TransportError, send_logged};
use erplink_core::{Call, Effect, ErrorKind, Idempotency};
use futures_util::future::BoxFuture;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use serde::Serialize;
use serde_json::{Map, Value};
use url::Url;

use super::charset::Broken;
use super::error::{Detail, Error, Failure, Result};
use super::messages::{Messages, Values, fill};
use super::{Answer, Charset, Connector, SuccessRule};

/// What a form leaves as it is, besides letters and digits.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'*').remove(b'-').remove(b'.').remove(b'_');

/// One call of a [`Connector`]; add its parameters and await it.
#[must_use = "requests do nothing unless they are awaited"]
#[derive(Clone)]
pub struct Interface {
    connector: Connector,
    method: Method,
    path: String,
    rule: SuccessRule,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    body: Option<Body>,
    messages: Messages,
    idempotency: Idempotency,
    /// The first parameter that cannot be sent.
    mistake: Option<String>,
}

#[derive(Clone)]
enum Body {
    Json(String),
    Form(Vec<(String, String)>),
}

/// Values are left out.
impl fmt::Debug for Interface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interface")
            .field("operation", &self.operation())
            .field("rule", &self.rule)
            .finish_non_exhaustive()
    }
}

impl Interface {
    pub(super) fn new(
        connector: Connector,
        method: Method,
        path: String,
        rule: SuccessRule,
    ) -> Self {
        let idempotency = match method {
            Method::GET | Method::HEAD | Method::OPTIONS => Idempotency::Safe,
            _ => Idempotency::NotIdempotent,
        };
        Self {
            connector,
            method,
            path,
            rule,
            query: Vec::new(),
            headers: HeaderMap::new(),
            body: None,
            messages: Messages::default(),
            idempotency,
            mistake: None,
        }
    }

    /// Adds a query parameter.
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        match (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            (Ok(name), Ok(value)) => {
                self.headers.append(name, value);
            }
            _ => self.note(format!("header `{name}`: it holds what a header cannot")),
        }
        self
    }

    /// Sends this as JSON, in the charset of the connection.
    pub fn json<T: Serialize + ?Sized>(mut self, body: &T) -> Self {
        match serde_json::to_string(body) {
            Ok(text) => self.body = Some(Body::Json(text)),
            Err(error) => self.note(format!("the body has no JSON form: {error}")),
        }
        self
    }

    /// Adds fields of a form, which is sent in the charset of the connection.
    pub fn form<N: Into<String>, V: Into<String>>(
        mut self,
        fields: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let fields = fields.into_iter().map(|(name, value)| (name.into(), value.into()));
        let mut form = match self.body.take() {
            Some(Body::Form(form)) => form,
            _ => Vec::new(),
        };
        form.extend(fields);
        self.body = Some(Body::Form(form));
        self
    }

    /// What to tell the user when it fails.
    pub fn messages(mut self, messages: Messages) -> Self {
        self.messages = messages;
        self
    }

    /// What to tell the user when the condition is not met (不满足条件提示).
    pub fn on_condition_not_met(mut self, text: impl Into<String>) -> Self {
        self.messages.condition_not_met = Some(text.into());
        self
    }

    /// What to tell the user when there is no answer in time (请求超时提示).
    pub fn on_timeout(mut self, text: impl Into<String>) -> Self {
        self.messages.timeout = Some(text.into());
        self
    }

    /// What to tell the user when anything else goes wrong (请求异常提示).
    pub fn on_exception(mut self, text: impl Into<String>) -> Self {
        self.messages.exception = Some(text.into());
        self
    }

    /// Says whether the call may be repeated after its answer was lost. Taken as given: reads may
    /// (`GET`, `HEAD`, `OPTIONS`), others must not.
    pub fn idempotency(mut self, idempotency: Idempotency) -> Self {
        self.idempotency = idempotency;
        self
    }

    fn note(&mut self, mistake: String) {
        self.mistake.get_or_insert(mistake);
    }

    /// What errors, logs and `Debug` show: values of a query do not belong there.
    fn operation(&self) -> String {
        let path = self.path.split('?').next().unwrap_or_default();
        format!("{} {path}", self.method)
    }

    /// The request as conditions and messages see it.
    fn tree(&self) -> Value {
        let object = |pairs: &[(String, String)]| {
            let pairs = pairs.iter().map(|(name, value)| (name.clone(), value.clone().into()));
            Value::Object(pairs.collect::<Map<_, _>>())
        };
        let body = match &self.body {
            None => Value::Null,
            Some(Body::Json(text)) => serde_json::from_str(text).unwrap_or_default(),
            Some(Body::Form(fields)) => object(fields),
        };
        serde_json::json!({ "query": object(&self.query), "body": body })
    }

    fn build(&self) -> Result<Request> {
        if let Some(mistake) = &self.mistake {
            return Err(Error::invalid(mistake.clone()));
        }
        self.rule.check().map_err(|why| Error::config(format!("success condition: {why}")))?;
        let mut url: Url = join(&self.connector.inner.base, &self.path)?;
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        let charset = self.connector.inner.charset;
        let (content_type, body) = match &self.body {
            None => (None, Vec::new()),
            Some(Body::Json(text)) => (Some("application/json"), encode(charset, text)?),
            Some(Body::Form(fields)) => {
                (Some("application/x-www-form-urlencoded"), form(charset, fields)?)
            }
        };
        let mut request = Request::new(body.into());
        *request.method_mut() = self.method.clone();
        *request.uri_mut() =
            url.as_str().parse().map_err(|_| Error::invalid("the address is too long"))?;
        let headers = request.headers_mut();
        headers.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
        if let Some(authorization) = &self.connector.inner.authorization {
            headers.insert(header::AUTHORIZATION, authorization.clone());
        }
        if let Some(kind) = content_type {
            let kind = HeaderValue::from_str(&format!("{kind}; charset={charset}"));
            headers.insert(header::CONTENT_TYPE, kind.map_err(|_| Error::invalid("content type"))?);
        }
        // Those of the interface win.
        for (index, (name, value)) in self.headers.iter().enumerate() {
            let is_first = !self.headers.keys().take(index).any(|before| before == name);
            if is_first {
                headers.insert(name, value.clone());
            } else {
                headers.append(name, value.clone());
            }
        }
        Ok(request)
    }

    async fn attempt(&self) -> Result<Answer> {
        let sent = send_logged(&*self.connector.inner.transport, self.build()?, &[]).await;
        match sent {
            Ok(response) => self.judge(&response),
            Err(error) => Err(self.unanswered(&error)),
        }
    }

    fn judge(&self, response: &Response) -> Result<Answer> {
        let status = response.status();
        let text = self.connector.text(response).map_err(|why| self.unreadable(response, why))?;
        let value = match serde_json::from_str::<Value>(&text) {
            Ok(value) => value,
            Err(_) if !self.rule.reads_response() => Value::Null,
            Err(error) => {
                return Err(self.unreadable(response, format!("it is no JSON: {error}")));
            }
        };
        let request = self.tree();
        let Some(found) = self.rule.unmet(&request, &value, status) else {
            return Ok(Answer::new(status, text, value, self.call()));
        };
        let values = Values { request: &request, response: &value, status: Some(status) };
        let text = self.messages.condition_not_met.as_ref().map(|text| fill(text, &values));
        let message = format!("expected {}, found {found}", self.rule);
        let error = match status {
            StatusCode::TOO_MANY_REQUESTS => {
                Error::new(ErrorKind::RateLimited, message).transient()
            }
            StatusCode::UNAUTHORIZED => Error::new(ErrorKind::Auth, message),
            status if status.is_server_error() => {
                Error::new(ErrorKind::Api, message).with_effect(Effect::Unknown)
            }
            _ => Error::new(ErrorKind::Api, message),
        };
        let body = Some(value).filter(|value| !value.is_null());
        let failure = Failure::ConditionNotMet;
        Err(error.with_status(status).with_api(Detail { failure, text, body }))
    }

    /// An answer that is not the interface's: a gateway's page, another charset, half of one.
    fn unreadable(&self, response: &Response, why: String) -> Error {
        let status = response.status();
        let error = match status {
            StatusCode::TOO_MANY_REQUESTS => {
                Error::new(ErrorKind::RateLimited, "the server throttles this call").transient()
            }
            status if status.is_server_error() => {
                Error::new(ErrorKind::Server, "the server or its gateway is in trouble")
                    .with_effect(Effect::Unknown)
                    .transient()
            }
            status => {
                let effect =
                    if status.is_success() { Effect::Unknown } else { Effect::NotExecuted };
                let message = format!("the answer cannot be read: {why}");
                Error::new(ErrorKind::Decode, message).with_effect(effect)
            }
        };
        error.with_status(status).with_api(self.detail(Failure::Exception, Some(status)))
    }

    fn unanswered(&self, error: &TransportError) -> Error {
        let failure = match error.kind() {
            ErrorKind::Timeout => Failure::Timeout,
            _ => Failure::Exception,
        };
        Error::from(error.clone()).with_api(self.detail(failure, None))
    }

    /// What to tell the user where there is no answer.
    fn detail(&self, failure: Failure, status: Option<StatusCode>) -> Detail {
        let template = match failure {
            Failure::Timeout => &self.messages.timeout,
            _ => &self.messages.exception,
        };
        let request = self.tree();
        let values = Values { request: &request, response: &Value::Null, status };
        let text = template.as_ref().map(|text| fill(text, &values));
        Detail { failure, text, body: None }
    }

    fn call(&self) -> Call {
        Call::new(self.operation(), self.idempotency)
    }
}

impl IntoFuture for Interface {
    type Output = Result<Answer>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let retry = self.connector.inner.retry.clone();
            retry.run(&self.call(), |_| Box::pin(self.attempt())).await
        })
    }
}

/// Base and path, with exactly one slash between them.
fn join(base: &Url, path: &str) -> Result<Url> {
    let (base, path) = (base.as_str().trim_end_matches('/'), path.trim_start_matches('/'));
    format!("{base}/{path}").parse().map_err(|_| Error::invalid("path: no address comes of it"))
}

fn encode(charset: Charset, text: &str) -> Result<Vec<u8>> {
    charset.encode(text).map_err(|broken| {
        Error::invalid(match broken {
            Broken::Character(character) => {
                format!("`{character}` does not exist in {charset}, the charset of the connection")
            }
            Broken::Bytes => format!("the text cannot be written in {charset}"),
        })
    })
}

fn form(charset: Charset, fields: &[(String, String)]) -> Result<Vec<u8>> {
    let quoted = |text: &str| -> Result<String> {
        let bytes = encode(charset, text)?;
        Ok(percent_encode(&bytes, FORM).to_string().replace("%20", "+"))
    };
    let pair =
        |(name, value): &(String, String)| Ok(format!("{}={}", quoted(name)?, quoted(value)?));
    let pairs = fields.iter().map(pair).collect::<Result<Vec<_>>>()?;
    Ok(pairs.join("&").into_bytes())
}
