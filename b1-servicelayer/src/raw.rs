//! The way to everything this crate has no method for, under the same session, retries and errors.

use std::borrow::Cow;
use std::fmt;
use std::future::IntoFuture;
use std::time::Duration;

use bytes::Bytes;
use erplink_core::transport::Response;
use erplink_core::{Call, Idempotency, RawJson, json};
use futures_util::future::BoxFuture;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use crate::call::Request;
use crate::edm::{EdmValue, Read};
use crate::error;
use crate::json_object;
use crate::query::Options;
use crate::{Client, Error, Result};

/// What no address can hold as it is. What is encoded already stays: `%` is left alone.
const ILLEGAL: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

impl Client {
    /// Requests of the caller's own making.
    ///
    /// ```no_run
    /// # async fn run(b1: b1_servicelayer::Client) -> b1_servicelayer::Result<()> {
    /// #[derive(serde::Deserialize)]
    /// struct Name { #[serde(rename = "ItemName")] name: Option<String> }
    ///
    /// let item: Name = b1.raw().get("Items('A1')").query("$select", "ItemName").await?.json()?;
    /// let metadata = b1.raw().get("$metadata").await?;
    /// println!("{}", metadata.text()?);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn raw(&self) -> Raw {
        Raw(self.clone())
    }
}

/// Starts raw requests; see [`Client::raw`].
#[derive(Clone, Debug)]
pub struct Raw(Client);

impl Raw {
    /// `GET /path`. The path is relative to `/b1s/v1/`.
    pub fn get(&self, path: &str) -> RawRequest {
        self.request(Method::GET, path)
    }

    /// `POST /path`
    pub fn post(&self, path: &str) -> RawRequest {
        self.request(Method::POST, path)
    }

    /// `PATCH /path`
    pub fn patch(&self, path: &str) -> RawRequest {
        self.request(Method::PATCH, path)
    }

    /// `DELETE /path`
    pub fn delete(&self, path: &str) -> RawRequest {
        self.request(Method::DELETE, path)
    }

    /// Any method. Blanks and letters beyond ASCII in the path are percent-encoded; quotes inside
    /// keys are the caller's business (see [`Key`](crate::Key)).
    pub fn request(&self, method: Method, path: &str) -> RawRequest {
        RawRequest {
            client: self.0.clone(),
            method,
            path: path.to_owned(),
            query: Options::default(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            idempotency: None,
            timeout: None,
            problem: None,
        }
    }
}

/// A raw request; await it.
#[must_use = "requests do nothing unless they are awaited"]
pub struct RawRequest {
    client: Client,
    method: Method,
    path: String,
    query: Options,
    headers: HeaderMap,
    body: Bytes,
    idempotency: Option<Idempotency>,
    timeout: Option<Duration>,
    problem: Option<Error>,
}

/// Without headers and body: they may hold secrets.
impl fmt::Debug for RawRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawRequest({} {})", self.method, self.path.split('?').next().unwrap_or_default())
    }
}

impl RawRequest {
    /// Adds a query option, such as `("$filter", "DocEntry eq 1")`. It is percent-encoded.
    pub fn query(mut self, name: &str, value: impl Into<String>) -> Self {
        self.query.set(name.to_owned(), value);
        self
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        match (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            (Ok(name), Ok(value)) => drop(self.headers.append(name, value)),
            _ => self.refuse(format!("header {name}: not a name and value that HTTP can carry")),
        }
        self
    }

    /// Sends this as JSON. For entities of this crate wrap them in
    /// [`Write`](crate::edm::Write).
    pub fn json<T: Serialize + ?Sized>(mut self, body: &T) -> Self {
        match serde_json::to_vec(body) {
            Ok(json) => self.body("application/json", json),
            Err(error) => {
                self.refuse(format!("body: {error}"));
                self
            }
        }
    }

    /// Sends these bytes.
    pub fn body(mut self, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let content_type = HeaderValue::from_static(content_type);
        self.headers.insert(http::header::CONTENT_TYPE, content_type);
        self.body = body.into();
        self
    }

    /// Says whether the request may be made twice after its answer was lost.
    ///
    /// Default: `GET` and `HEAD` are safe, `PUT` and `DELETE` idempotent, `PATCH` idempotent
    /// unless its body holds lines, everything else is not.
    pub fn idempotency(mut self, idempotency: Idempotency) -> Self {
        self.idempotency = Some(idempotency);
        self
    }

    /// How long one attempt may take, such as five minutes for a `$batch`.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    fn refuse(&mut self, problem: String) {
        self.problem.get_or_insert_with(|| Error::invalid(problem));
    }

    fn build(self) -> Result<(Client, Request)> {
        if let Some(problem) = self.problem {
            return Err(problem);
        }
        if self.path.contains("://") {
            return Err(Error::invalid("path: expected one relative to the service root"));
        }
        let idempotency = self.idempotency.unwrap_or_else(|| idempotency(&self.method, &self.body));
        let path = self.path.trim_start_matches('/');
        let mut target = utf8_percent_encode(path, ILLEGAL).to_string();
        let creates = self.method == Method::POST && !path.contains(['(', '$', '_', '/']);
        self.query.append_to(&mut target);
        let request = Request::new(self.method, target, idempotency)
            .headers(self.headers)
            .body(self.body)
            .timeout(self.timeout);
        Ok((self.client, if creates { request.creating() } else { request }))
    }
}

fn idempotency(method: &Method, body: &[u8]) -> Idempotency {
    match *method {
        Method::GET | Method::HEAD | Method::OPTIONS => Idempotency::Safe,
        Method::PUT | Method::DELETE => Idempotency::Idempotent,
        Method::PATCH if !json_object::has_filled_array(&String::from_utf8_lossy(body)) => {
            Idempotency::Idempotent
        }
        _ => Idempotency::NotIdempotent,
    }
}

impl IntoFuture for RawRequest {
    type Output = Result<Answer>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let (client, request) = self.build()?;
            client.send(request).await
        })
    }
}

/// The answer to a raw request, an action or a service call; its status is one of success.
#[derive(Clone)]
pub struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    /// For errors in reading it.
    call: Call,
    attempts: u32,
}

/// Without headers and body: they may hold secrets.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, body, call, .. } = self;
        write!(f, "Answer({}: {status}, {} bytes)", call.operation, body.len())
    }
}

impl Answer {
    pub(crate) fn new(response: Response, call: Call, attempts: u32) -> Self {
        let (parts, body) = response.into_parts();
        Self { status: parts.status, headers: parts.headers, body, call, attempts }
    }

    /// The HTTP status: 200, 201, 204 …
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body as it came.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.body
    }

    /// Whether there is no body, as after 204.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.body.is_empty()
    }

    /// The body as text.
    ///
    /// # Errors
    /// When it is not UTF-8.
    pub fn text(&self) -> Result<&str> {
        std::str::from_utf8(&self.body).map_err(|_| self.unreadable("the answer is not UTF-8 text"))
    }

    /// The body decoded by serde.
    ///
    /// # Errors
    /// When it is not JSON of this shape.
    pub fn json<'a, T: Deserialize<'a>>(&'a self) -> Result<T> {
        json::decode(&self.body).map_err(|error| self.failed(Error::decode(error)))
    }

    /// The body as an entity or a structure of this crate.
    ///
    /// # Errors
    /// When it has another shape.
    pub fn entity<T: EdmValue>(&self) -> Result<T> {
        self.json::<Read<T>>().map(|read| read.0)
    }

    /// A single value, bare (`2.92920`, `"RMB"`) or as `{"value":…}`.
    ///
    /// # Errors
    /// When it is neither.
    pub fn scalar<T: EdmValue>(&self) -> Result<T> {
        if self.body.trim_ascii_start().starts_with(b"{") {
            return self.json::<Wrapped<T>>().map(|wrapped| wrapped.value);
        }
        self.entity()
    }

    /// The items of `{"value":[…]}`.
    ///
    /// # Errors
    /// When it has another shape.
    pub fn list<T: EdmValue>(&self) -> Result<Vec<T>> {
        self.json::<Wrapped<Vec<T>>>().map(|wrapped| wrapped.value)
    }

    /// The JSON without the server's annotations (`odata.…`, `@odata.…`), fit to be sent back.
    ///
    /// # Errors
    /// When the body is not JSON.
    pub fn without_annotations(&self) -> Result<RawJson> {
        let raw: RawJson = self.json()?;
        json_object::without_annotations(&raw)
            .map_err(|error| self.unreadable(format!("the answer is not JSON: {error}")))
    }

    /// An error of kind `Decode` about this answer.
    pub(crate) fn unreadable(&self, message: impl Into<Cow<'static, str>>) -> Error {
        self.failed(error::unreadable(message))
    }

    /// Names the call in an error about its answer.
    pub(crate) fn failed(&self, error: Error) -> Error {
        let Call { operation, idempotency } = self.call.clone();
        error.with_status(self.status).in_call(operation, idempotency, self.attempts)
    }
}

struct Wrapped<T> {
    value: T,
}

impl<'de, T: EdmValue> Deserialize<'de> for Wrapped<T> {
    fn deserialize<D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> std::result::Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Outer<V> {
            value: V,
        }
        Outer::<Read<T>>::deserialize(deserializer).map(|outer| Self { value: outer.value.0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Decimal;

    fn answer(body: &'static str) -> Answer {
        let call = Call::new("POST X", Idempotency::NotIdempotent);
        Answer::new(http::Response::new(Bytes::from_static(body.as_bytes())), call, 1)
    }

    #[test]
    fn results_come_bare_and_wrapped() {
        let rate = Decimal::new(292_920, 5);
        assert_eq!(answer(" 2.92920").scalar::<Decimal>().unwrap(), rate);
        assert_eq!(answer(r#"{"value":2.92920}"#).scalar::<Decimal>().unwrap(), rate);
        assert_eq!(answer("\"RMB\"").scalar::<String>().unwrap(), "RMB");
        assert_eq!(answer(r#"{"value":["a"]}"#).list::<String>().unwrap(), ["a"]);
        assert!(answer("").scalar::<String>().is_err());
        assert!(answer("").is_empty());
    }

    #[test]
    fn the_method_and_body_say_whether_repeating_is_harmless() {
        use Idempotency::{Idempotent, NotIdempotent, Safe};
        for (method, body, expected) in [
            (Method::GET, "", Safe),
            (Method::DELETE, "", Idempotent),
            (Method::PUT, "{}", Idempotent),
            (Method::PATCH, r#"{"a":1}"#, Idempotent),
            (Method::PATCH, r#"{"a":[{}]}"#, NotIdempotent),
            (Method::POST, "", NotIdempotent),
        ] {
            assert_eq!(idempotency(&method, body.as_bytes()), expected, "{method} {body}");
        }
    }
}
