//! Tokens of IAM and calls through the gateway, against a small IAM of this test.

#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::body::Bytes;
use axum::http::StatusCode;
use erplink::iam::{Authorizer, Config, GatewayTransport, Iam, IamBuilder, Scope, deny};
use erplink_core::clock::{Clock, ManualClock};
use erplink_core::transport::{Request, Response, TransportError};
use erplink_core::{ErrorKind, Transport};
use serde_json::{Value, json};

const PASSWORD: &str = "planted-password";
const DAY: Duration = Duration::from_secs(24 * 3600);
const HOUR: Duration = Duration::from_secs(3600);

/// IAM and a gateway in one: it answers what it was told, and tokens otherwise.
#[derive(Clone, Debug, Default)]
struct Cloud(Arc<Mutex<State>>, ManualClock);

#[derive(Debug, Default)]
struct State {
    issued: u32,
    /// Answers instead of tokens, the last first; 0 is a connection that does not stand.
    answers: Vec<(u16, String)>,
    token_requests: Vec<(String, Value)>,
    /// Header, value and body of the calls of services.
    calls: Vec<(Option<String>, Option<String>)>,
    /// Tokens that the gateway does not take.
    revoked: Vec<String>,
    life: Option<Duration>,
}

impl Cloud {
    fn with<T>(&self, f: impl FnOnce(&mut State) -> T) -> T {
        f(&mut self.0.lock().unwrap())
    }

    fn builder(&self) -> IamBuilder {
        let mut config = Config::new("flow-caller", PASSWORD, "hw12345678");
        config.endpoint = "https://iam.example.com/".to_owned();
        Iam::builder(config).transport(self.clone()).clock(self.1.clone())
    }

    fn token_answer(&self, state: &mut State) -> Response {
        state.issued += 1;
        let ends = self.1.utc() + state.life.unwrap_or(DAY);
        let text = ends.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string();
        let body = json!({ "token": { "expires_at": text, "methods": ["password"] } });
        let mut response = Response::new(Bytes::from(body.to_string()));
        *response.status_mut() = StatusCode::CREATED;
        let token = format!("token-{}", state.issued).parse().unwrap();
        response.headers_mut().insert("X-Subject-Token", token);
        response
    }
}

#[async_trait]
impl Transport for Cloud {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        self.with(|state| {
            let header = |name: &str| {
                request.headers().get(name).map(|value| value.to_str().unwrap().to_owned())
            };
            if request.uri().path() != "/v3/auth/tokens" {
                let token = header("x-auth-token");
                let is_revoked = token.as_ref().is_some_and(|token| state.revoked.contains(token));
                state.calls.push((token.or(header("x-apig-appcode")), header("x-stage")));
                let mut response = Response::new(Bytes::from_static(b"{}"));
                if is_revoked {
                    *response.status_mut() = StatusCode::UNAUTHORIZED;
                    let body =
                        r#"{"error_msg":"The token must be updated.","error_code":"APIG.0307"}"#;
                    *response.body_mut() = Bytes::from_static(body.as_bytes());
                }
                return Ok(response);
            }
            let body = serde_json::from_slice(request.body()).unwrap();
            state.token_requests.push((request.uri().to_string(), body));
            match state.answers.pop() {
                Some((0, text)) => Err(TransportError::before_send(ErrorKind::Connect, text)),
                Some((status, text)) => {
                    let mut response = Response::new(Bytes::from(text));
                    *response.status_mut() = StatusCode::from_u16(status).unwrap();
                    Ok(response)
                }
                None => Ok(self.token_answer(state)),
            }
        })
    }
}

#[tokio::test]
async fn a_token_is_asked_for_as_documented_and_kept_for_a_day() {
    let cloud = Cloud::default();
    let iam = cloud.builder().build().unwrap();
    assert_eq!(iam.token().await.unwrap().expose(), "token-1");
    let (address, body) = cloud.with(|state| state.token_requests[0].clone());
    assert_eq!(address, "https://iam.example.com/v3/auth/tokens?nocatalog=true");
    let user = json!({
        "name": "flow-caller", "password": PASSWORD, "domain": { "name": "hw12345678" },
    });
    let expected = json!({ "auth": {
        "identity": { "methods": ["password"], "password": { "user": user } },
        "scope": { "project": { "name": "cn-north-4" } },
    }});
    assert_eq!(body, expected);
    // Renewed half an hour before its end.
    for (wait, expected) in [(23 * 3600 + 1790, "token-1"), (11, "token-2")] {
        cloud.1.advance(Duration::from_secs(wait));
        assert_eq!(iam.token().await.unwrap().expose(), expected);
    }
}

#[tokio::test]
async fn every_scope_has_its_form() {
    for (scope, expected) in [
        (Scope::ProjectId("p".into()), json!({ "project": { "id": "p" } })),
        (Scope::Domain("d".into()), json!({ "domain": { "name": "d" } })),
        (Scope::DomainId("d".into()), json!({ "domain": { "id": "d" } })),
        (Scope::Account, Value::Null),
    ] {
        let cloud = Cloud::default();
        cloud.builder().scope(scope).build().unwrap().token().await.unwrap();
        assert_eq!(
            cloud.with(|state| state.token_requests[0].1["auth"]["scope"].clone()),
            expected
        );
    }
    let read: Scope = serde_json::from_str(r#"{"project_id":"p"}"#).unwrap();
    assert_eq!(read, Scope::ProjectId("p".into()));
    assert_eq!(serde_json::from_str::<Scope>(r#""account""#).unwrap(), Scope::Account);
}

#[tokio::test]
async fn each_refusal_has_its_kind_and_a_refused_user_is_not_tried_again() {
    let keystone =
        format!(r#"{{"error":{{"code":401,"message":"bad {PASSWORD}","title":"Unauthorized"}}}}"#);
    let gateway = r#"{"error_msg":"no project","error_code":"IAM.0001"}"#;
    for (status, body, kind, asked, told) in [
        (401, keystone.as_str(), ErrorKind::Auth, 1, "401 bad ***"),
        (400, gateway, ErrorKind::Api, 1, "IAM.0001 no project"),
        (403, "", ErrorKind::Forbidden, 1, "scope"),
        (404, "", ErrorKind::NotFound, 1, "scope"),
        (429, "", ErrorKind::RateLimited, 4, "too many"),
        (502, "<html>", ErrorKind::Server, 4, "trouble"),
        (0, "no route", ErrorKind::Connect, 4, "no route"),
        (201, "{}", ErrorKind::Decode, 1, "X-Subject-Token"),
    ] {
        let cloud = Cloud::default();
        cloud.with(|state| state.answers = vec![(status, body.to_owned()); 4]);
        let iam = cloud.builder().build().unwrap();
        let error = iam.token().await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(told), "{error}");
        assert!(!format!("{error} {error:?} {iam:?}").contains(PASSWORD));
        assert_eq!(cloud.with(|state| state.token_requests.len()), asked, "{status}");
        if kind == ErrorKind::Auth {
            iam.token().await.unwrap_err();
            assert_eq!(cloud.with(|state| state.token_requests.len()), 1);
            cloud.with(|state| state.answers.clear());
            iam.reset().await;
            iam.token().await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_token_whose_end_is_not_known_is_none() {
    let cloud = Cloud::default();
    cloud.with(|state| state.life = Some(Duration::ZERO));
    let error = cloud.builder().build().unwrap().token().await.unwrap_err();
    assert!(error.to_string().contains("clock"), "{error}");
}

#[tokio::test]
async fn the_authorizer_allows_with_a_token_that_outlives_the_gateways_memory() {
    let cloud = Cloud::default();
    let authorizer = Authorizer::new(cloud.builder()).unwrap();
    let answer = authorizer.answer().await;
    assert_eq!(answer["statusCode"], 200);
    assert_eq!(answer["headers"]["Content-Type"], "application/json");
    let body = |answer: &Value| -> Value {
        serde_json::from_str(answer["body"].as_str().unwrap()).unwrap()
    };
    let allowed = |token: &str| json!({ "status": "allow", "context": { "token": token } });
    assert_eq!(body(&answer), allowed("token-1"));
    // From two hours before its end on another is asked for; until one hour before it, it serves.
    cloud.1.advance(22 * HOUR + Duration::from_secs(60));
    cloud.with(|state| state.answers = vec![(502, String::new()); 8]);
    assert_eq!(body(&authorizer.answer().await), allowed("token-1"));
    cloud.1.advance(HOUR);
    let denied = authorizer.answer().await;
    assert_eq!(denied, deny("no token"));
    assert_eq!(body(&denied)["status"], "deny");
    cloud.with(|state| state.answers.clear());
    assert_eq!(body(&authorizer.answer().await), allowed("token-2"));
}

#[tokio::test]
async fn the_authorizer_denies_whenever_there_is_no_token() {
    for (status, body) in [(401, ""), (404, ""), (502, ""), (0, "down"), (201, "{}"), (200, "{}")] {
        let cloud = Cloud::default();
        cloud.with(|state| state.answers = vec![(status, body.to_owned()); 4]);
        let answer = Authorizer::new(cloud.builder()).unwrap().answer().await;
        assert_eq!(answer, deny("no token"), "{status}");
    }
    let cloud = Cloud::default();
    cloud.with(|state| state.life = Some(HOUR));
    let short = Authorizer::new(cloud.builder()).unwrap().answer().await;
    assert_eq!(short, deny("no token"), "good for less than the gateway keeps it");
}

fn call(address: &str) -> Request {
    let mut request = Request::new(Bytes::new());
    *request.uri_mut() = address.parse().unwrap();
    request
}

#[tokio::test]
async fn calls_carry_the_token_and_a_token_that_is_not_taken_is_renewed_once() {
    let cloud = Cloud::default();
    let transport = GatewayTransport::with_token(cloud.clone(), cloud.builder().build().unwrap());
    let send = || transport.send(call("https://flow.example.com/v1/orders"));
    assert_eq!(send().await.unwrap().status(), 200);
    cloud.with(|state| state.revoked = vec!["token-1".to_owned()]);
    assert_eq!(send().await.unwrap().status(), 200);
    cloud.with(|state| state.revoked = vec!["token-2".to_owned(), "token-3".to_owned()]);
    assert_eq!(send().await.unwrap().status(), 401, "once");
    let sent = cloud.with(|state| {
        state.calls.iter().map(|(token, _)| token.clone().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(sent, ["token-1", "token-1", "token-2", "token-2", "token-3"]);
}

#[tokio::test]
async fn a_call_without_a_token_is_not_sent() {
    for (status, kind) in [(401, ErrorKind::Config), (502, ErrorKind::Io), (0, ErrorKind::Connect)]
    {
        let cloud = Cloud::default();
        cloud.with(|state| state.answers = vec![(status, String::new()); 4]);
        let transport =
            GatewayTransport::with_token(cloud.clone(), cloud.builder().build().unwrap());
        let error = transport.send(call("https://flow.example.com/")).await.unwrap_err();
        assert_eq!((error.kind(), error.is_before_send()), (kind, true), "{error}");
        assert!(cloud.with(|state| state.calls.is_empty()));
    }
}

#[tokio::test]
async fn an_app_code_goes_over_https_alone() {
    let cloud = Cloud::default();
    let transport = GatewayTransport::with_app_code(cloud.clone(), "planted-code");
    let transport = transport.stage("TEST").unwrap();
    assert!(!format!("{transport:?}").contains("planted-code"));
    transport.send(call("https://flow.example.com/")).await.unwrap();
    let error = transport.send(call("http://flow.example.com/")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    let expected = (Some("planted-code".to_owned()), Some("TEST".to_owned()));
    assert_eq!(cloud.with(|state| state.calls.clone()), [expected]);
}

#[test]
fn settings_that_cannot_work_are_named() {
    let build = |user: &str, endpoint: &str| {
        let mut config = Config::new(user, PASSWORD, "d");
        config.endpoint = endpoint.to_owned();
        Iam::builder(config).transport(Cloud::default()).build().unwrap_err().to_string()
    };
    assert!(build("", "https://iam.example.com").contains("user is empty"));
    for endpoint in ["", "iam.example.com", "https://", "https://u@h", "ftp://h"] {
        assert!(build("u", endpoint).contains("endpoint: "), "{endpoint}");
    }
}
