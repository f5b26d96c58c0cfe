//! A bare client, and what most tests start from.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use erplink_sandbox::Clock;
use erplink_sandbox::ecology::{Ecology, Options, Quirks};
use rsa::pkcs8::DecodePublicKey as _;
use rsa::rand_core::OsRng;
use rsa::{Pkcs1v15Encrypt, RsaPublicKey};
use serde_json::{Value, json};

pub(crate) const ADMINISTRATOR: &str = "1";
pub(crate) const BUYER: &str = "15273";
pub(crate) const PURCHASING_HEAD: &str = "15001";
pub(crate) const ACCOUNTANT: &str = "15002";
pub(crate) const STOREKEEPER: &str = "15004";
pub(crate) const GENERAL_MANAGER: &str = "15000";

pub(crate) const REGIST: &str = "/api/ec/dev/auth/regist";
pub(crate) const APPLY_TOKEN: &str = "/api/ec/dev/auth/applytoken";
const PA_SERVICE: &str = "/api/workflow/paService";

/// A server, its clock, and a client with a token.
pub(crate) struct Stage {
    pub(crate) clock: Clock,
    pub(crate) ecology: Ecology,
    pub(crate) http: reqwest::Client,
    pub(crate) token: String,
}

/// Status and JSON body of an answer; other bodies as text.
pub(crate) type Answer = (u16, Value);

pub(crate) async fn stage() -> Stage {
    stage_with(Quirks::default()).await
}

pub(crate) async fn stage_with(quirks: Quirks) -> Stage {
    let clock = Clock::new();
    let options = Options { quirks, ..Options::default() };
    let ecology = Ecology::start(clock.clone(), options).await.unwrap();
    let redirect = reqwest::redirect::Policy::none();
    let http = reqwest::Client::builder().no_proxy().redirect(redirect).build().unwrap();
    let mut stage = Stage { clock, ecology, http, token: String::new() };
    stage.token = stage.apply_token(&[]).await["token"].as_str().unwrap_or_default().to_owned();
    stage
}

/// Base64( RSA-PKCS1v1.5( spk, text ) ).
pub(crate) fn seal(spk: &str, text: &str) -> String {
    let key = RsaPublicKey::from_public_key_der(&STANDARD.decode(spk).unwrap()).unwrap();
    STANDARD.encode(key.encrypt(&mut OsRng, Pkcs1v15Encrypt, text.as_bytes()).unwrap())
}

pub(crate) async fn send(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

pub(crate) fn form(parameters: &[(&str, &str)]) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(parameters).finish()
}

impl Stage {
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.ecology.url())
    }

    pub(crate) async fn post_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.http.post(self.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        send(request).await
    }

    /// Applies for a token with the right secret and these headers besides.
    pub(crate) async fn apply_token(&self, more: &[(&str, &str)]) -> Value {
        let secret = seal(&self.ecology.spk(), &self.ecology.secret());
        let appid = self.ecology.appid();
        let mut headers = vec![("appid", appid.as_str()), ("secret", &secret)];
        headers.extend(more);
        let (status, body) = self.post_with(APPLY_TOKEN, &headers).await;
        assert_eq!(status, 200, "{body}");
        body
    }

    pub(crate) fn as_user(
        &self,
        request: reqwest::RequestBuilder,
        user: &str,
    ) -> reqwest::RequestBuilder {
        request
            .header("token", &self.token)
            .header("appid", self.ecology.appid())
            .header("userid", seal(&self.ecology.spk(), user))
    }

    /// `POST` of the workflow service with form parameters.
    pub(crate) async fn call(&self, user: &str, name: &str, parameters: &[(&str, &str)]) -> Value {
        let request = self.http.post(self.url(&format!("{PA_SERVICE}/{name}")));
        let request = self
            .as_user(request, user)
            .header("content-type", "application/x-www-form-urlencoded; charset=utf-8");
        send(request.body(form(parameters))).await.1
    }

    /// `POST` of the workflow service with a JSON body.
    pub(crate) async fn call_json(&self, user: &str, name: &str, body: &Value) -> Value {
        let request = self.http.post(self.url(&format!("{PA_SERVICE}/{name}")));
        let request =
            self.as_user(request, user).header("content-type", "application/json; charset=utf-8");
        send(request.body(body.to_string())).await.1
    }

    /// `GET` of the workflow service.
    pub(crate) async fn get(&self, user: &str, name: &str, parameters: &[(&str, &str)]) -> Value {
        let url = self.url(&format!("{PA_SERVICE}/{name}?{}", form(parameters)));
        send(self.as_user(self.http.get(url), user)).await.1
    }

    /// Creates a purchase request (采购申请) of the buyer and returns its id.
    pub(crate) async fn create(&self) -> i64 {
        let answer = self.call_json(BUYER, "doCreateRequest", &purchase_request()).await;
        answer["data"]["requestid"].as_i64().unwrap_or_else(|| unreachable!("{answer}"))
    }

    pub(crate) fn node(&self, id: i64) -> String {
        self.ecology.request(id).unwrap()["node"].as_str().unwrap().to_owned()
    }

    pub(crate) fn result(&self, id: i64) -> String {
        self.ecology.request(id).unwrap()["result"].as_str().unwrap().to_owned()
    }

    /// Codes of the log, oldest first.
    pub(crate) fn log(&self, id: i64) -> String {
        let request = self.ecology.request(id).unwrap();
        let log = request["log"].as_array().unwrap().iter();
        log.map(|entry| entry["logtype"].as_str().unwrap()).collect()
    }
}

/// The body of a purchase request that every check accepts.
pub(crate) fn purchase_request() -> Value {
    json!({
        "workflowId": 781,
        "requestName": "采购申请-1042",
        "mainData": [
            {"fieldName": "docentry", "fieldValue": "1042"},
            {"fieldName": "reqdate", "fieldValue": "2024-11-20"},
            {"fieldName": "amount", "fieldValue": "12.50"},
            {"fieldName": "sqr", "fieldValue": BUYER},
        ],
        "detailData": [{
            "tableDBName": "formtable_main_1356_dt1",
            "workflowRequestTableRecords": [
                row(&[("itemcode", "RM-001"), ("qty", "12.000000")]),
                row(&[("itemcode", "RM-002"), ("qty", "3")]),
            ],
        }],
        "otherParams": {"isnextflow": "1", "delReqFlowFaild": "1"},
        "requestLevel": "0",
    })
}

pub(crate) fn row(columns: &[(&str, &str)]) -> Value {
    let fields: Vec<_> = columns
        .iter()
        .map(|(name, value)| json!({"fieldName": name, "fieldValue": value}))
        .collect();
    json!({"recordOrder": 0, "workflowRequestTableFields": fields})
}

/// The body with one member changed.
pub(crate) fn with(mut body: Value, member: &str, value: Value) -> Value {
    body[member] = value;
    body
}
