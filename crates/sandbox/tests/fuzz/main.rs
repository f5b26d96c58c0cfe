//! Nonsense on every port: no request may end a connection without an answer or make the sandbox
//! fail. The requests are the same in every run.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic is how a test fails")]

mod diapi;
mod dingtalk;
mod ecology;
mod eteams;
mod jdy;
mod mes;
mod servicelayer;
mod wecom;

use std::time::Duration;

use erplink_sandbox::Sandbox;
use reqwest::Method;
use serde_json::{Value, json};

/// How many requests each port gets; a longer run takes `SANDBOX_FUZZ_REQUESTS`.
pub(crate) fn requests() -> usize {
    let wanted = std::env::var("SANDBOX_FUZZ_REQUESTS").ok();
    wanted.and_then(|text| text.parse().ok()).unwrap_or(1500)
}

/// SplitMix64.
pub(crate) struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((word ^ (word >> 31)) % 0xffff_ffff).unwrap() % sides
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }

    /// Words in a row, as they come.
    fn words(&mut self, from: &[&str], most: usize) -> String {
        (0..self.roll(most + 1)).map(|_| self.pick(from)).collect()
    }

    fn json(&mut self, names: &[&str], texts: &[&str], depth: usize) -> Value {
        match self.roll(if depth == 0 { 6 } else { 9 }) {
            0 => Value::Null,
            1 => json!(self.roll(2) == 0),
            2 => json!(self.roll(5)),
            3 => json!(-1.5e300),
            4 => json!(i64::MIN),
            5 => json!(self.pick(texts)),
            6 => (0..self.roll(4)).map(|_| self.json(names, texts, depth - 1)).collect(),
            _ => {
                let members = (0..self.roll(6))
                    .map(|_| (self.pick(names).to_owned(), self.json(names, texts, depth - 1)));
                Value::Object(members.collect())
            }
        }
    }

    /// Mostly JSON, sometimes cut in the middle.
    fn body(&mut self, names: &[&str], texts: &[&str]) -> String {
        let text = self.json(names, texts, 4).to_string();
        match self.roll(8) {
            0 => text.chars().take(self.roll(40)).collect(),
            1 => self.words(texts, 6),
            _ => text,
        }
    }
}

pub(crate) struct Client(reqwest::Client);

impl Client {
    fn new() -> Self {
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(20));
        Self(http.build().unwrap())
    }

    /// Sends it, if it can be sent, and expects any answer that is not a failure of ours.
    async fn survive(&self, method: Method, url: &str, headers: &[(&str, &str)], body: String) {
        let described = format!("{method} {url} {headers:?} {body:?}");
        let mut request = self.0.request(method, url).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let Ok(request) = request.build() else { return };
        let response = self.0.execute(request).await;
        let response = response.unwrap_or_else(|error| panic!("{described}: {error:?}"));
        let status = response.status().as_u16();
        assert!(status < 500 || status == 501, "{described}: {status}");
        response.bytes().await.unwrap();
    }
}

#[tokio::test]
async fn a_clock_far_ahead_stops_nothing() {
    let (sandbox, client) = (Sandbox::start().await.unwrap(), Client::new());
    let advance = format!("{}/clock/advance", sandbox.management_url());
    let json = [("Content-Type", "application/json")];
    for seconds in [1_u64 << 40, u64::MAX] {
        let body = json!({"seconds": seconds}).to_string();
        client.survive(Method::POST, &advance, &json, body).await;
        let (root, cookie) = servicelayer::log_in(&sandbox, &client, "v1").await;
        let order = json!({"CardCode": "C001"}).to_string();
        client
            .survive(Method::POST, &format!("{root}/Orders"), &[("Cookie", &cookie)], order)
            .await;
        let form = json!({"来源单号": "1024"});
        let code = sandbox.dingtalk().process_code("采购申请").unwrap();
        sandbox.dingtalk().start_by_hand(&code, "manager4974", &form).unwrap();
        let ecology = sandbox.ecology();
        ecology.start_by_hand(781, "15273", &json!({"docentry": "1024"})).unwrap();
        let url = format!("{}/api/ec/dev/auth/applytoken", ecology.url());
        let headers = [
            ("appid", &*ecology.appid()),
            ("secret", ecology::OA_SECRET),
            ("time", "9223372036854775807"),
        ];
        client.survive(Method::POST, &url, &headers, String::new()).await;
        let dingtalk = sandbox.dingtalk();
        let token = format!(
            "{}/gettoken?appkey={}&appsecret={}",
            dingtalk.oapi_url(),
            dingtalk.client_id(),
            dingtalk.client_secret()
        );
        client.survive(Method::GET, &token, &[], String::new()).await;
        let mes = sandbox.mes();
        mes.report("1", 1).unwrap();
        client
            .survive(Method::POST, &mes::mes_login(&sandbox), &json, mes::mes_app(&sandbox))
            .await;
        let wecom = sandbox.wecom();
        let template = wecom.template_id("采购申请草稿审批").unwrap();
        let sp_no = wecom.submit(&template, "zhangsan", &json!({"草稿单号": "16"})).unwrap();
        wecom.approve_to_the_end(&sp_no).unwrap();
        client.survive(Method::GET, &eteams::authorize(&sandbox), &[], String::new()).await;
        client.survive(Method::GET, &wecom::wecom_token_url(&sandbox), &[], String::new()).await;
    }
}
