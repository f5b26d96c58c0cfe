//! A bare client, and what most tests start from.

use erplink_sandbox::Clock;
use erplink_sandbox::eteams::{Eteams, Options, Quirks};
use serde_json::{Value, json};

pub(crate) const QUERY_ORG: &str = "/api/hrm/restful/queryOrg";
pub(crate) const QUERY_EMPLOYEE: &str = "/api/hrm/restful/queryEmployee";

/// A platform, its clock, and a client.
pub(crate) struct Stage {
    pub(crate) clock: Clock,
    pub(crate) eteams: Eteams,
    pub(crate) http: reqwest::Client,
}

pub(crate) async fn stage() -> Stage {
    stage_with(Quirks::default()).await
}

pub(crate) async fn stage_with(quirks: Quirks) -> Stage {
    let clock = Clock::new();
    let options = Options { quirks, ..Options::default() };
    let eteams = Eteams::start(clock.clone(), options).await.unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    Stage { clock, eteams, http }
}

impl Stage {
    pub(crate) fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method.parse().unwrap(), format!("{}{path}", self.eteams.url()))
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        answer(self.request("GET", path)).await
    }

    pub(crate) async fn json(&self, path: &str, body: &Value) -> (u16, Value) {
        let request = self.request("POST", path).header("content-type", "application/json");
        answer(request.body(body.to_string())).await
    }

    pub(crate) async fn form(&self, path: &str, fields: &[(&str, &str)]) -> (u16, Value) {
        let quoted = |text: &str| {
            text.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat()
        };
        let pairs = fields.iter().map(|(name, value)| format!("{name}={}", quoted(value)));
        let body = pairs.collect::<Vec<_>>().join("&");
        let kind = "application/x-www-form-urlencoded; charset=utf-8";
        answer(self.request("POST", path).header("content-type", kind).body(body)).await
    }

    pub(crate) async fn code(&self) -> String {
        let path = format!(
            "/oauth2/authorize?corpid={}&response_type=code&state=x",
            self.eteams.corp_id()
        );
        let (_, answer) = self.get(&path).await;
        answer["code"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    pub(crate) async fn exchange(&self, code: &str) -> Value {
        let fields = [
            ("app_key", self.eteams.app_key()),
            ("app_secret", self.eteams.app_secret()),
            ("grant_type", "authorization_code"),
            ("code", code),
        ];
        self.form("/oauth2/access_token", &fields).await.1
    }

    pub(crate) async fn token(&self) -> String {
        let code = self.code().await;
        let answer = self.exchange(&code).await;
        answer["accessToken"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    /// The `data` of a newer call that succeeds.
    pub(crate) async fn data(&self, path: &str, body: Value) -> Value {
        let path = format!("{path}?access_token={}", self.token().await);
        let (_, answer) = self.json(&path, &body).await;
        assert_eq!(answer["message"], json!({"errcode": "0", "errmsg": "success"}), "{answer}");
        answer["data"].clone()
    }

    /// Code and text of a newer call that is refused.
    pub(crate) async fn refusal(&self, path: &str, body: Value) -> (String, String) {
        let path = format!("{path}?access_token={}", self.token().await);
        let (_, answer) = self.json(&path, &body).await;
        let text = |name: &str| answer["message"][name].as_str().unwrap().to_owned();
        (text("errcode"), text("errmsg"))
    }
}

pub(crate) async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    (status, serde_json::from_str(&response.text().await.unwrap()).unwrap())
}

/// The ids of rows.
pub(crate) fn ids(rows: &Value) -> Vec<&str> {
    rows.as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect()
}
