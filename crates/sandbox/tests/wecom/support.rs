//! A bare client, and what most tests start from.

use erplink_sandbox::Clock;
use erplink_sandbox::wecom::{Options, Quirks, WeCom};
use serde_json::{Value, json};

pub(crate) const APPLY: &str = "/cgi-bin/oa/applyevent";
pub(crate) const DETAIL: &str = "/cgi-bin/oa/getapprovaldetail";
pub(crate) const LIST: &str = "/cgi-bin/oa/getapprovalinfo";
pub(crate) const TEMPLATE: &str = "/cgi-bin/oa/gettemplatedetail";

/// A platform, its clock, and a client with a token.
pub(crate) struct Stage {
    pub(crate) clock: Clock,
    pub(crate) wecom: WeCom,
    pub(crate) http: reqwest::Client,
    pub(crate) token: String,
}

pub(crate) async fn stage() -> Stage {
    stage_with(Options::default()).await
}

pub(crate) async fn stage_with_quirks(quirks: Quirks) -> Stage {
    stage_with(Options { quirks, ..Options::default() }).await
}

pub(crate) async fn stage_with(options: Options) -> Stage {
    let clock = Clock::new();
    let wecom = WeCom::start(clock.clone(), options).await.unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut stage = Stage { clock, wecom, http, token: String::new() };
    stage.token = stage.token_for(&stage.wecom.secret()).await;
    stage
}

impl Stage {
    /// The whole answer of `gettoken`.
    pub(crate) async fn gettoken(&self, corp_id: &str, secret: &str) -> Value {
        let url =
            format!("{}/cgi-bin/gettoken?corpid={corp_id}&corpsecret={secret}", self.wecom.url());
        json_of(self.http.get(url)).await
    }

    pub(crate) async fn token_for(&self, secret: &str) -> String {
        let answer = self.gettoken(&self.wecom.corp_id(), secret).await;
        assert_eq!(answer["errcode"], 0, "{answer}");
        answer["access_token"].as_str().unwrap().to_owned()
    }

    pub(crate) fn url(&self, path_and_query: &str) -> String {
        let mark = if path_and_query.contains('?') { '&' } else { '?' };
        format!("{}{path_and_query}{mark}access_token={}", self.wecom.url(), self.token)
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Value {
        json_of(self.http.post(self.url(path)).body(body.to_string())).await
    }

    pub(crate) async fn get(&self, path_and_query: &str) -> Value {
        json_of(self.http.get(self.url(path_and_query))).await
    }

    /// The code and text of a refused call.
    pub(crate) async fn refusal(&self, path: &str, body: &Value) -> (i64, String) {
        refused(&self.post(path, body).await)
    }

    pub(crate) fn template(&self, name: &str) -> String {
        self.wecom.template_id(name).unwrap()
    }

    /// The body of a purchase request for approval that every check accepts.
    pub(crate) fn purchase_request(&self) -> Value {
        let row = |code: &str, quantity: &str| {
            json!({"list": [
                {"control": "Text", "id": "Text-21", "value": {"text": code}},
                {"control": "Text", "id": "Text-22", "value": {"text": ""}},
                {"control": "Number", "id": "Number-23", "value": {"new_number": quantity}},
                {"control": "Text", "id": "Text-24", "value": {"text": "张"}},
                {"control": "Date", "id": "Date-25", "value": {"date": {"type": "day", "s_timestamp": ""}}},
                {"control": "Text", "id": "Text-26", "value": {"text": "01"}},
            ]})
        };
        json!({
            "creator_userid": "zhangsan",
            "template_id": self.template("采购申请草稿审批"),
            "use_template_approver": 1,
            "apply_data": {"contents": [
                {"control": "Text", "id": "Text-11", "value": {"text": "16"}},
                {"control": "Date", "id": "Date-13",
                 "value": {"date": {"type": "day", "s_timestamp": "1751299200"}}},
                {"control": "Table", "id": "Table-15",
                 "value": {"children": [row("RM-001", "55"), row("RM-002", "2.5")]}},
            ]},
            "summary_list": [{"summary_info": [{"text": "采购申请 16", "lang": "zh_CN"}]}],
        })
    }

    pub(crate) async fn apply(&self, body: &Value) -> String {
        let answer = self.post(APPLY, body).await;
        assert_eq!(answer["errcode"], 0, "{answer}");
        answer["sp_no"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn detail(&self, sp_no: &str) -> Value {
        let answer = self.post(DETAIL, &json!({"sp_no": sp_no})).await;
        assert_eq!(answer["errcode"], 0, "{answer}");
        answer["info"].clone()
    }

    /// A purchase request submitted by hand, with this draft number.
    pub(crate) fn submit(&self, draft: &str) -> String {
        let template = self.template("采购申请草稿审批");
        self.wecom.submit(&template, "zhangsan", &json!({"草稿单号": draft})).unwrap()
    }

    pub(crate) async fn advance(&self, seconds: u64) {
        self.clock.advance(std::time::Duration::from_secs(seconds));
        self.wecom.settled().await;
    }
}

/// The body with one member changed; null takes it away.
pub(crate) fn with(mut body: Value, pointer: &str, value: Value) -> Value {
    *body.pointer_mut(pointer).unwrap() = value;
    body
}

pub(crate) fn refused(answer: &Value) -> (i64, String) {
    let code = answer["errcode"].as_i64().unwrap();
    assert_ne!(code, 0, "{answer}");
    (code, answer["errmsg"].as_str().unwrap().to_owned())
}

/// The JSON of an answer whose status is 200, as it is for refusals.
pub(crate) async fn json_of(request: reqwest::RequestBuilder) -> Value {
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    serde_json::from_str(&response.text().await.unwrap()).unwrap()
}
