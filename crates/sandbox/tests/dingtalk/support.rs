//! A bare client, and what most tests start from.

use erplink_sandbox::Clock;
use erplink_sandbox::dingtalk::{DingTalk, Options};
use serde_json::{Value, json};

pub(crate) const BUYER: &str = "manager4974";
pub(crate) const PURCHASING: i64 = 417_223_049;
pub(crate) const PURCHASING_HEAD: &str = "0147282552401293909";
pub(crate) const ACCOUNTANT: &str = "08058646137";
pub(crate) const STOREKEEPER: &str = "00213";

pub(crate) const INSTANCES: &str = "/v1.0/workflow/processInstances";

/// A platform, its clock, and a client with a token.
pub(crate) struct Stage {
    pub(crate) clock: Clock,
    pub(crate) dingtalk: DingTalk,
    pub(crate) http: reqwest::Client,
    pub(crate) token: String,
}

/// Status and JSON body of an answer.
pub(crate) type Answer = (u16, Value);

pub(crate) async fn stage() -> Stage {
    stage_with(Options::default()).await
}

pub(crate) async fn stage_with(options: Options) -> Stage {
    let clock = Clock::new();
    let dingtalk = DingTalk::start(clock.clone(), options).await.unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut stage = Stage { clock, dingtalk, http, token: String::new() };
    stage.token = stage.fetch_token().await;
    stage
}

impl Stage {
    pub(crate) async fn fetch_token(&self) -> String {
        let credentials = json!({
            "appKey": self.dingtalk.client_id(),
            "appSecret": self.dingtalk.client_secret(),
        });
        let (status, body) = self.post("/v1.0/oauth2/accessToken", &credentials).await;
        assert_eq!(status, 200, "{body}");
        body["accessToken"].as_str().unwrap().to_owned()
    }

    /// `POST` on the new API with the token in its header.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        let request = self.http.post(format!("{}{path}", self.dingtalk.api_url()));
        send(self.with_token(request).body(body.to_string())).await
    }

    /// `GET` on the new API with the token in its header.
    pub(crate) async fn get(&self, path_and_query: &str) -> Answer {
        let request = self.http.get(format!("{}{path_and_query}", self.dingtalk.api_url()));
        send(self.with_token(request)).await
    }

    /// `POST` on the old API with the token in the query.
    pub(crate) async fn old_post(&self, path: &str, body: &Value) -> Value {
        let url = format!("{}{path}?access_token={}", self.dingtalk.oapi_url(), self.token);
        let request = self.http.post(url).header("content-type", "application/json");
        ok(send(request.body(body.to_string())).await)
    }

    /// `GET` on the old API with the token in the query.
    pub(crate) async fn old_get(&self, path: &str) -> Value {
        let url = format!("{}{path}?access_token={}", self.dingtalk.oapi_url(), self.token);
        ok(send(self.http.get(url)).await)
    }

    fn with_token(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        request
            .header("content-type", "application/json")
            .header("x-acs-dingtalk-access-token", &self.token)
    }

    pub(crate) fn code(&self, name: &str) -> String {
        self.dingtalk.process_code(name).unwrap()
    }

    /// The body of a purchase request that every check accepts.
    pub(crate) fn purchase_request(&self) -> Value {
        let rows = json!([
            [{"name": "物料编码", "value": "A-001"}, {"name": "数量", "value": "10"}],
            [{"name": "物料编码", "value": "B-002"}, {"name": "数量", "value": "2.5"}],
        ]);
        json!({
            "originatorUserId": BUYER,
            "processCode": self.code("采购申请"),
            "deptId": PURCHASING,
            "microappAgentId": self.dingtalk.agent_id(),
            "formComponentValues": [
                {"name": "来源单号", "value": "1024"},
                {"name": "数量合计", "value": "12.5"},
                {"name": "物料明细", "value": rows.to_string()},
            ],
        })
    }

    pub(crate) async fn create(&self, body: &Value) -> String {
        let (status, answer) = self.post(INSTANCES, body).await;
        assert_eq!(status, 200, "{answer}");
        answer["instanceId"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn detail(&self, id: &str) -> Value {
        let (status, answer) = self.get(&format!("{INSTANCES}?processInstanceId={id}")).await;
        assert_eq!(status, 200, "{answer}");
        answer["result"].clone()
    }

    /// The code of a refused call of the new API.
    pub(crate) async fn refusal(&self, path: &str, body: &Value) -> String {
        let (status, answer) = self.post(path, body).await;
        assert_ne!(status, 200, "{answer}");
        answer["code"].as_str().unwrap().to_owned()
    }
}

/// The body with one member changed; null takes it away.
pub(crate) fn with(mut body: Value, member: &str, value: Value) -> Value {
    body[member] = value;
    body
}

pub(crate) async fn send(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

fn ok((status, body): Answer) -> Value {
    assert_eq!(status, 200, "{body}");
    body
}
