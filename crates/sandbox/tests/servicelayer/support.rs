//! A client of a few lines: cookies, JSON, nothing clever.

use erplink_sandbox::Sandbox;
use erplink_sandbox::servicelayer::{Options, ServiceLayer};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue, SET_COOKIE};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The number of a v1 error.
    pub(crate) fn code(&self) -> i64 {
        self.json()["error"]["code"].as_i64().unwrap_or_else(|| panic!("{}", self.text))
    }

    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// Status and v1 code of a refusal.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, code: i64) -> Self {
        let answer = self.expect(status);
        assert_eq!(answer.code(), code, "{}", answer.text);
        answer
    }
}

pub(crate) struct Client {
    pub(crate) http: reqwest::Client,
    pub(crate) base: String,
    pub(crate) cookies: String,
}

impl Client {
    pub(crate) fn new(root: &str, version: &str) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { http, base: format!("{root}/b1s/{version}"), cookies: String::new() }
    }

    pub(crate) async fn log_in(&mut self, b1: &ServiceLayer) -> Answer {
        self.log_in_as(b1.user(), b1.password()).await
    }

    pub(crate) async fn log_in_as(&mut self, user: &str, password: &str) -> Answer {
        let body = json!({"CompanyDB": "SBODEMOCN", "UserName": user, "Password": password});
        let answer = self.send(Method::POST, "Login", &[], Some(&body.to_string())).await;
        let cookies = answer.headers.get_all(SET_COOKIE).iter();
        let pairs = cookies.map(|c| c.to_str().unwrap().split(';').next().unwrap().to_owned());
        self.cookies = pairs.collect::<Vec<_>>().join("; ");
        answer
    }

    pub(crate) async fn try_send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) -> reqwest::Result<Answer> {
        let mut request = self.http.request(method, format!("{}/{path}", self.base));
        if !self.cookies.is_empty() {
            request = request.header("Cookie", &self.cookies);
        }
        for (name, value) in headers {
            let name: HeaderName = name.parse().unwrap();
            request = request.header(name, HeaderValue::from_str(value).unwrap());
        }
        if let Some(body) = body {
            request = request.header("Content-Type", "application/json").body(body.to_owned());
        }
        let response = request.send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        Ok(Answer { status, headers, text: response.text().await? })
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) -> Answer {
        self.try_send(method, path, headers, body).await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, &[], Some(&body.to_string())).await
    }

    pub(crate) async fn act(&self, path: &str) -> Answer {
        self.send(Method::POST, path, &[], None).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PATCH, path, &[], Some(&body.to_string())).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, &[], None).await
    }

    /// The values of one member of a list.
    pub(crate) async fn list(&self, path: &str, member: &str) -> Vec<Value> {
        let answer = self.get(path).await.expect(200).json();
        let rows = answer["value"].as_array().unwrap().iter();
        rows.map(|row| row[member].clone()).collect()
    }
}

/// A sandbox and a client logged in to it.
pub(crate) async fn logged_in(options: Options, version: &str) -> (Sandbox, Client) {
    let sandbox = Sandbox::builder().b1(options).start().await.unwrap();
    let mut client = Client::new(&sandbox.b1().root_url(), version);
    client.log_in(sandbox.b1()).await.expect(200);
    (sandbox, client)
}

pub(crate) async fn v1() -> (Sandbox, Client) {
    logged_in(Options::default(), "v1").await
}
