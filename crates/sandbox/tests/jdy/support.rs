//! A bare client, and what most tests start from.

use std::time::Duration;

use base64::Engine as _;
use erplink_sandbox::Clock;
use erplink_sandbox::jdy::{Jdy, Options, Quirks};
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::Method;
use serde_json::{Value, json};

pub(crate) const VOUCHER: &str = "/jdyaccouting/voucher";
pub(crate) const LIST: &str = "/jdyaccouting/voucherlist";

/// A platform, its clock, and a client with a token.
pub(crate) struct Stage {
    pub(crate) clock: Clock,
    pub(crate) jdy: Jdy,
    pub(crate) http: reqwest::Client,
    pub(crate) token: String,
    pub(crate) router: Option<String>,
}

pub(crate) async fn stage() -> Stage {
    stage_with(Quirks::default()).await
}

pub(crate) async fn stage_with(quirks: Quirks) -> Stage {
    let clock = Clock::new();
    let options = Options { quirks, ..Options::default() };
    let jdy = Jdy::start(clock.clone(), options).await.unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut stage = Stage { clock, jdy, http, token: String::new(), router: None };
    let (status, answer) = stage.log_in(stage.jdy.username(), stage.jdy.password()).await;
    assert_eq!((status, &answer["errcode"]), (200, &json!(0)), "{answer}");
    stage.token = answer["data"]["access_token"].as_str().unwrap().to_owned();
    stage
}

/// The signature as the guide describes it.
pub(crate) fn seal(secret: &str, text: &str) -> String {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    let hex: String =
        mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    base64::engine::general_purpose::STANDARD.encode(hex)
}

impl Stage {
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        headers: &[(&str, String)],
        body: Option<&Value>,
    ) -> (u16, Value) {
        let mut url = url::Url::parse(&format!("{}{path}", self.jdy.url())).unwrap();
        url.query_pairs_mut().extend_pairs(query);
        let mut request = self.http.request(method, url.as_str());
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let response = request.send().await.unwrap();
        let (status, text) = (response.status().as_u16(), response.text().await.unwrap());
        (status, serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}")))
    }

    pub(crate) async fn log_in(&self, username: &str, password: &str) -> (u16, Value) {
        let query = [
            ("username", username),
            ("password", password),
            ("client_id", self.jdy.client_id()),
            ("client_secret", self.jdy.client_secret()),
        ];
        self.send(Method::GET, "/auth/user/access_token", &query, &[], None).await
    }

    /// A business call about the company set.
    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Value {
        let mut all = vec![
            ("access_token", self.token.as_str()),
            ("sId", self.jdy.s_id()),
            ("dbId", self.jdy.db_id()),
        ];
        all.extend(query);
        let router: Vec<(&str, String)> =
            self.router.iter().map(|router| ("x-gw-router-addr", router.clone())).collect();
        self.send(method, path, &all, &router, body).await.1
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        self.call(Method::POST, path, &[], Some(&body)).await
    }

    pub(crate) async fn get(&self, path: &str, query: &[(&str, &str)]) -> Value {
        self.call(Method::GET, path, query, None).await
    }

    /// The vouchers that a filter finds.
    pub(crate) async fn list(&self, mut filter: Value) -> Value {
        filter["fromPeriod"] = json!(202_601);
        filter["toPeriod"] = json!(202_612);
        self.post(LIST, json!({ "filter": filter })).await
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

pub(crate) fn voucher(link_id: &str) -> Value {
    json!({
        "linkId": link_id, "groupName": "记", "date": "2026-03-31", "yearPeriod": 202_603,
        "entries": [
            { "acctNo": "1122", "dc": 1, "amount": 113, "custNo": "C001", "exp": "销售开票" },
            { "acctNo": "5001", "dc": -1, "amount": 100 },
            { "acctNo": "222101", "dc": -1, "amount": 13, "currency": "RMB" },
        ],
    })
}
