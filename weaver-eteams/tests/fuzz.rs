//! Whatever a server answers ends in a result, never in a panic, and never for ever.

#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use erplink_core::clock::ManualClock;
use erplink_core::transport::{Request, Response};
use erplink_core::{Transport, TransportError};
use weaver_eteams::Client;
use weaver_eteams::connector::{Charset, Connector, SuccessRule};

/// How many answers; a longer run takes `ETEAMS_FUZZ_ANSWERS`.
fn answers() -> usize {
    let wanted = std::env::var("ETEAMS_FUZZ_ANSWERS").ok();
    wanted.and_then(|text| text.parse().ok()).unwrap_or(3000)
}

/// SplitMix64.
#[derive(Debug)]
struct Dice(u64);

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

    fn json(&mut self, depth: usize) -> String {
        match self.roll(if depth == 0 { 3 } else { 6 }) {
            0..=2 => self.pick(VALUES).to_owned(),
            3 => {
                let items: Vec<_> = (0..self.roll(4)).map(|_| self.json(depth - 1)).collect();
                format!("[{}]", items.join(","))
            }
            _ => {
                let members: Vec<_> = (0..self.roll(6))
                    .map(|_| format!("\"{}\":{}", self.pick(NAMES), self.json(depth - 1)))
                    .collect();
                format!("{{{}}}", members.join(","))
            }
        }
    }

    /// Mostly an envelope of success, sometimes cut or other bytes altogether.
    fn body(&mut self) -> Vec<u8> {
        let mut body = match self.roll(4) {
            0 => self.json(4),
            1 => format!(r#"{{"errcode":0,"data":{}}}"#, self.json(4)),
            2 => format!(r#"{{"message":{{"errcode":"0"}},"data":{}}}"#, self.json(4)),
            _ => format!(r#"{{"errcode":"0","{}":{}}}"#, self.pick(NAMES), self.json(4)),
        }
        .into_bytes();
        match self.roll(10) {
            0 => body.truncate(self.roll(body.len() + 1)),
            1 => body.iter_mut().for_each(|byte| *byte = byte.wrapping_add(0x80)),
            2 => body.splice(0..0, *b"\xef\xbb\xbf").for_each(drop),
            _ => {}
        }
        body
    }
}

const NAMES: &[&str] = &[
    "errcode",
    "errmsg",
    "message",
    "data",
    "code",
    "accessToken",
    "acessToken",
    "refreshToken",
    "expires_in",
    "current",
    "total",
    "id",
    "user_id",
    "name",
    "parentid",
    "list",
    "",
];

const VALUES: &[&str] = &[
    "null",
    "true",
    "0",
    "-1",
    "1e400",
    "18446744073709551615",
    "0.10",
    r#""""#,
    r#""0""#,
    r#""300001""#,
    r#""采购部""#,
    r#""\ud800""#,
    r#""35""#,
    "{}",
    "[]",
    "nonsense",
];

const TYPES: &[&str] = &[
    "application/json",
    "application/json;charset=GBK",
    "text/html; charset",
    "x/y;charset=big5",
    "a;charset=\"iso-8859-1\"",
    "a;charset=\"",
    ";;charset==;",
];

/// A server that answers anything.
#[derive(Clone, Debug)]
struct Anything(Arc<Mutex<Dice>>);

#[async_trait]
impl Transport for Anything {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let mut dice = self.0.lock().unwrap();
        if request.uri().path().starts_with("/oauth2/") && dice.roll(4) > 0 {
            // Behind the login there is more to see.
            let life = dice.pick(VALUES);
            let login = r#"{"errcode":0,"code":"c","accessToken":"t","expires_in":"#;
            return Ok(Response::new(Bytes::from(format!("{login}{life}}}"))));
        }
        let mut response = Response::new(Bytes::from(dice.body()));
        let status = [200, 200, 200, 200, 404, 429, 500, 302][dice.roll(8)];
        *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
        let kind = dice.pick(TYPES).parse().unwrap();
        response.headers_mut().insert("content-type", kind);
        Ok(response)
    }
}

#[tokio::test]
async fn nothing_that_a_server_answers_ends_in_a_panic() {
    let server = Anything(Arc::new(Mutex::new(Dice(63))));
    let (mut good, mut bad) = (0, 0);
    for _ in 0..answers() / 10 {
        // A token that works once is enough for many calls.
        let client = Client::builder("c", "k", "s")
            .transport(server.clone())
            .clock(ManualClock::default())
            .build()
            .unwrap();
        let organization = client.organization();
        for _ in 0..3 {
            let mut outcomes = vec![
                organization.departments().page_size(1).page(1).await.map(drop),
                organization.employees().page(7).await.map(drop),
                organization.departments_v1().await.map(drop),
                organization.department_users("1").await.map(drop),
                client.raw().post("/workflow/x").json(&1).await.map(drop),
            ];
            let mut items = organization.departments().page_size(1).items();
            let mut seen = 0;
            while let Some(item) = items.next().await {
                outcomes.push(item.map(drop));
                seen += 1;
                assert!(seen < 100_000, "a stream without an end");
            }
            for outcome in outcomes {
                match outcome {
                    Ok(()) => good += 1,
                    Err(error) => bad += format!("{error}{error:?}").len().min(1),
                }
            }
        }
    }
    assert!(good > 0 && bad > 0, "{good} good, {bad} bad");
}

#[tokio::test]
async fn nothing_that_a_connected_system_answers_ends_in_a_panic() {
    let server = Anything(Arc::new(Mutex::new(Dice(64))));
    let charsets = [Charset::Utf8, Charset::Gbk, Charset::Gb2312, Charset::Big5, Charset::Latin1];
    let (mut good, mut bad) = (0, 0);
    for round in 0..answers() {
        let connector = Connector::builder("x", "host")
            .charset(charsets[round % charsets.len()])
            .transport(server.clone())
            .clock(ManualClock::default())
            .build()
            .unwrap();
        let rule = match round % 4 {
            0 => SuccessRule::errcode(),
            1 => SuccessRule::response("/data/0/id").exists(),
            2 => SuccessRule::http_status().equals(200),
            _ => SuccessRule::response("/data").differs_from(0),
        };
        let call = connector.post("/x", rule).on_condition_not_met("{/data/0}{status}{");
        match call.await {
            Ok(answer) => {
                good += 1;
                drop((answer.text("/data/0/id"), answer.json::<Vec<u8>>()));
            }
            Err(error) => bad += format!("{error}{error:?}").len().min(1),
        }
    }
    assert!(good > 0 && bad > 0, "{good} good, {bad} bad");
}
