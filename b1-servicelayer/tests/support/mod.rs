//! A scripted Service Layer: each request but the login takes the next answer.
#![allow(dead_code)] // each test file uses its part

use std::sync::Arc;

use b1_servicelayer::{Client, ClientBuilder};
use erplink_core::clock::ManualClock;
use serde_json::Value;
use wiremock::matchers::{any, method, path_regex};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

pub(crate) const SESSION: &str = "ac79876e-1e72-11ed-8000-000c299130e0";
pub(crate) const PASSWORD: &str = "pa55-w0rd-in-the-tests";

pub(crate) struct Erp {
    pub(crate) server: MockServer,
    pub(crate) client: Client,
    pub(crate) clock: ManualClock,
}

pub(crate) fn login_answer() -> ResponseTemplate {
    ResponseTemplate::new(200)
        .append_header("set-cookie", format!("B1SESSION={SESSION};HttpOnly;"))
        .append_header("set-cookie", "ROUTEID=.node1; path=/b1s")
        .set_body_raw(
            format!(r#"{{"odata.metadata":"x","SessionId":"{SESSION}","Version":"1000190","SessionTimeout":30}}"#),
            "application/json",
        )
}

pub(crate) fn json(status: u16, body: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw(body, "application/json;odata=minimalmetadata")
}

pub(crate) fn error(status: u16, code: i64) -> ResponseTemplate {
    let message = "some message";
    json(
        status,
        &format!(
            r#"{{"error":{{"code":{code},"message":{{"lang":"en-us","value":"{message}"}}}}}}"#
        ),
    )
}

pub(crate) fn no_content() -> ResponseTemplate {
    ResponseTemplate::new(204)
}

impl Erp {
    pub(crate) async fn start() -> Self {
        Self::with(|builder| builder).await
    }

    /// A server that accepts the login.
    pub(crate) async fn with(configure: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Self {
        let erp = Self::without_login(configure).await;
        Mock::given(method("POST"))
            .and(path_regex("/b1s/v[12]/Login$"))
            .respond_with(login_answer())
            .with_priority(2)
            .mount(&erp.server)
            .await;
        erp
    }

    pub(crate) async fn without_login(
        configure: impl FnOnce(ClientBuilder) -> ClientBuilder,
    ) -> Self {
        let server = MockServer::start().await;
        let clock = ManualClock::default();
        let builder = Client::builder(format!("{}/6160", server.uri()))
            .company_db("SBODEMOCN ")
            .credentials("S-ERP\\LLB", PASSWORD)
            .language(15)
            .clock(Arc::new(clock.clone()));
        let client = configure(builder).build().unwrap();
        Self { server, client, clock }
    }

    /// The answer to the next request that is no login.
    pub(crate) async fn answer(&self, response: ResponseTemplate) -> &Self {
        let no_login = |request: &Request| !request.url.path().ends_with("/Login");
        Mock::given(any())
            .and(no_login)
            .respond_with(response)
            .up_to_n_times(1)
            .mount(&self.server)
            .await;
        self
    }

    pub(crate) async fn answer_login(&self, response: ResponseTemplate) -> &Self {
        Mock::given(method("POST"))
            .and(path_regex("/Login$"))
            .respond_with(response)
            .up_to_n_times(1)
            .with_priority(1)
            .mount(&self.server)
            .await;
        self
    }

    pub(crate) async fn received(&self) -> Vec<Request> {
        self.server.received_requests().await.unwrap()
    }

    /// The requests but for logins.
    pub(crate) async fn calls(&self) -> Vec<Request> {
        let mut requests = self.received().await;
        requests.retain(|request| !request.url.path().ends_with("/Login"));
        requests
    }

    pub(crate) async fn logins(&self) -> usize {
        self.received().await.len() - self.calls().await.len()
    }

    /// `GET Items('A1')?$top=1` below the root, as they were sent.
    pub(crate) async fn lines(&self) -> Vec<String> {
        self.calls().await.iter().map(line).collect()
    }

    /// The last request, and its body as JSON (`null` when there is none).
    pub(crate) async fn last(&self) -> (String, Value, Request) {
        let request = self.calls().await.pop().expect("a request");
        let body = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
        (line(&request), body, request)
    }
}

pub(crate) fn line(request: &Request) -> String {
    let path = request.url.path();
    let below = path.split_once("/b1s/v").map_or(path, |(_, rest)| &rest[2..]);
    let query = request.url.query().map(|query| format!("?{query}")).unwrap_or_default();
    format!("{} {below}{query}", request.method)
}

pub(crate) fn header(request: &Request, name: &str) -> String {
    request.headers.get(name).map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default()
}
