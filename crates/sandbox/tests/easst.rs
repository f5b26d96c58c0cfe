//! The simulated recognition of invoices over HTTP, with a client that is not ours.

#![allow(clippy::unwrap_used)] // helpers of tests fail by panicking, too

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use erplink_sandbox::easst::{Easst, Encoding, Invoice, Options, Placement, Quirks, pdf, picture};
use erplink_sandbox::{Clock, Fault, Sandbox};
use md5::{Digest as _, Md5};
use serde_json::{Value, json};

const PATH: &str = "/openapi/rest/common/invoiceocr";

struct Stage {
    clock: Clock,
    easst: Easst,
    http: reqwest::Client,
}

async fn stage() -> Stage {
    let clock = Clock::new();
    let easst = Easst::start(clock.clone(), Options::default()).await.unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    Stage { clock, easst, http }
}

impl Stage {
    fn request(&self, timestamp: &str, secret: &str) -> reqwest::RequestBuilder {
        let app_id = self.easst.app_id();
        let sign = Md5::digest(format!("{app_id}{timestamp}{secret}"));
        let sign: String = sign.iter().map(|byte| format!("{byte:02x}")).collect();
        let request = self.http.post(format!("{}{PATH}", self.easst.url()));
        request.header("appId", app_id).header("timestamp", timestamp).header("sign", sign)
    }

    async fn send(&self, body: &Value) -> (u16, Value) {
        let now = self.clock.now().timestamp_millis().to_string();
        let request = self.request(&now, self.easst.app_secret());
        read(request.header("content-type", "application/json").body(body.to_string())).await
    }

    async fn text(&self, body: &Value) -> String {
        let now = self.clock.now().timestamp_millis().to_string();
        let request = self.request(&now, self.easst.app_secret());
        let request = request.header("content-type", "application/json").body(body.to_string());
        request.send().await.unwrap().text().await.unwrap()
    }

    async fn recognize(&self, file: &[u8]) -> Value {
        let (status, answer) = self.send(&json!({ "image_data": STANDARD.encode(file) })).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    async fn refusal(&self, file: &[u8]) -> String {
        let answer = self.recognize(file).await;
        assert_eq!(answer["isSuccess"], false, "{answer}");
        answer["errorMsg"].as_str().unwrap().to_owned()
    }
}

async fn read(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    (status, serde_json::from_str(&response.text().await.unwrap()).unwrap())
}

#[tokio::test]
async fn what_stands_on_a_picture_is_read() {
    let stage = stage().await;
    for file in [picture(&[Invoice::default()]), pdf(&[Invoice::default()])] {
        let answer = stage.recognize(&file).await;
        assert_eq!(answer["isSuccess"], true);
        let invoice = &answer["result"][0];
        assert_eq!(invoice["invoiceNumber"], "24312000000000000001");
        assert_eq!(invoice["invoiceDate"], "2024-03-18");
        // Digit for digit, which a float would not show.
        let body = json!({ "image_data": STANDARD.encode(&file) });
        let text = stage.text(&body).await;
        for part in [r#""totalAmount":1000.10"#, r#""amountWithTax":1130.11"#, r#""quantity":10,"#]
        {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
    let billed = stage.easst.recognized();
    assert_eq!((billed.len(), billed[0].invoices), (4, 1));
    assert_eq!(billed[0].sha256.len(), 64);
}

#[tokio::test]
async fn several_invoices_may_be_read_in_part() {
    let stage = stage().await;
    let bad = Invoice { illegible: true, ..Invoice::numbered("2") };
    let answer = stage.recognize(&picture(&[Invoice::numbered("1"), bad.clone()])).await;
    assert_eq!(answer["result"].as_array().unwrap().len(), 1);
    assert_eq!(answer["errorMsg"], "1张发票无法识别");
    assert!(stage.refusal(&picture(&[bad])).await.contains("不清晰"));
    assert_eq!(stage.easst.recognized().len(), 2, "both were billed");
}

#[tokio::test]
async fn what_is_no_invoice_is_refused() {
    let stage = stage().await;
    assert_eq!(stage.refusal(&picture(&[])).await, "未识别到发票");
    assert_eq!(stage.refusal(b"a letter").await, "图片格式不支持");
    assert_eq!(stage.refusal(&vec![0; 4 * 1024 * 1024 + 1]).await, "图片大小超过限制");
    let (_, answer) = stage.send(&json!({ "image_data": "data:image/png;base64,AAAA" })).await;
    assert_eq!(answer["errorMsg"], "image_data不是Base64");
    let (_, answer) = stage.send(&json!({})).await;
    assert_eq!(answer["errorMsg"], "image_data不能为空");
    let (status, answer) = stage.send(&json!({ "image_data": "AA==", "imageType": "1" })).await;
    assert!(status == 501 && answer["errorMsg"].as_str().unwrap().contains("imageType"));
    let quirks = Quirks { ignore_unknown_members: true, ..Quirks::default() };
    stage.easst.set_quirks(quirks);
    assert_eq!(stage.send(&json!({ "image_data": "AA==", "imageType": "1" })).await.0, 200);
}

#[tokio::test]
async fn a_call_is_signed() {
    let stage = stage().await;
    let now = stage.clock.now().timestamp_millis().to_string();
    let body = json!({ "image_data": STANDARD.encode(picture(&[Invoice::default()])) });
    let send = async |timestamp: &str, secret: &str| {
        let request = stage.request(timestamp, secret).header("content-type", "application/json");
        read(request.body(body.to_string())).await.1["errorMsg"].as_str().map(str::to_owned)
    };
    let secret = stage.easst.app_secret();
    assert_eq!(send(&now, secret).await, None);
    assert_eq!(send(&now, "wrong").await.unwrap(), "签名错误");
    let seconds = stage.clock.now().timestamp().to_string();
    assert!(send(&seconds, secret).await.unwrap().contains("毫秒"));
    let unsigned = stage.http.post(format!("{}{PATH}", stage.easst.url())).body("{}");
    assert_eq!(read(unsigned).await.1["errorMsg"], "缺少请求头 appId");
    assert_eq!(stage.easst.recognized().len(), 1);

    let tolerance = Some(Duration::from_secs(300));
    stage.easst.set_quirks(Quirks { timestamp_tolerance: tolerance, ..Quirks::default() });
    assert_eq!(send(&now, secret).await, None);
    stage.clock.advance(Duration::from_secs(301));
    assert!(send(&now, secret).await.unwrap().contains("过期"));
}

#[tokio::test]
async fn forms_and_other_shapes_are_switches() {
    let stage = stage().await;
    let file = picture(&[Invoice::default()]);
    let form = async || {
        let now = stage.clock.now().timestamp_millis().to_string();
        let request = stage.request(&now, stage.easst.app_secret());
        let body = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("image_data", &STANDARD.encode(&file))
            .finish();
        read(request.header("content-type", "application/x-www-form-urlencoded").body(body)).await
    };
    assert_eq!(form().await.1["isSuccess"], true);
    stage.easst.set_quirks(Quirks { encoding: Encoding::Json, ..Quirks::default() });
    assert_eq!(form().await.0, 415);
    let placed = |placement| Quirks { placement, amounts_as_text: true, ..Quirks::default() };
    stage.easst.set_quirks(placed(Placement::InResult));
    let answer = stage.recognize(&file).await;
    assert_eq!(answer["result"][0]["commodity_info"][0]["amount"], "1000.10");
    stage.easst.set_quirks(placed(Placement::InData));
    let answer = stage.recognize(&file).await;
    assert_eq!(answer["data"]["result"][0]["totalTax"], "130.01");
}

#[tokio::test]
async fn it_misbehaves_on_demand() {
    let stage = stage().await;
    let file = picture(&[Invoice::default()]);
    stage.easst.refuse_next("系统繁忙");
    assert_eq!(stage.refusal(&file).await, "系统繁忙");
    assert!(stage.easst.recognized().is_empty());
    stage.easst.delay_next_answer(Duration::from_millis(300));
    let started = Instant::now();
    stage.recognize(&file).await;
    assert!(started.elapsed() >= Duration::from_millis(300));
    stage.easst.faults().push(Fault::reset_after(http::Method::POST, "invoiceocr"));
    let now = stage.clock.now().timestamp_millis().to_string();
    let body = json!({ "image_data": STANDARD.encode(&file) }).to_string();
    let request = stage.request(&now, stage.easst.app_secret());
    request.header("content-type", "application/json").body(body).send().await.unwrap_err();
    assert_eq!(stage.easst.recognized().len(), 2, "the lost answer was billed");
    assert_eq!(stage.easst.calls().count(http::Method::POST, PATH), 3);
    let other = stage.http.post(format!("{}/openapi/rest/common/ocr", stage.easst.url()));
    assert_eq!(other.send().await.unwrap().status(), 501);
}

#[tokio::test]
async fn a_program_in_another_language_draws_pictures() {
    let sandbox = Sandbox::start().await.unwrap();
    let base = format!("{}/easst", sandbox.management_url());
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let send = async |method: &str, path: &str, body: Value| {
        let request = http.request(method.parse().unwrap(), format!("{base}{path}"));
        let request = request.header("content-type", "application/json").body(body.to_string());
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.bytes().await.unwrap())
    };
    let wanted = json!([{ "number": "7", "amount": "12.50" }]);
    let (status, file) = send("POST", "/pictures", wanted.clone()).await;
    assert!(status == 200 && file.starts_with(b"\x89PNG"));
    assert!(send("POST", "/pdfs", wanted).await.1.starts_with(b"%PDF-"));
    assert_eq!(send("POST", "/pictures", json!([{ "nummer": "7" }])).await.0, 422);
    assert_eq!(send("POST", "/refusals", json!({ "message": "系统繁忙" })).await.0, 204);
    assert_eq!(send("POST", "/delays", json!({ "ms": 1 })).await.0, 204);
    let quirks = json!({ "placement": "in_data", "timestamp_tolerance": 300 });
    assert_eq!(send("PUT", "/quirks", quirks).await.0, 204);
    assert_eq!(send("PUT", "/quirks", json!({ "nonsense": 1 })).await.0, 422);
    let fault = json!({ "path_contains": "invoiceocr", "kind": "reset_after" });
    assert_eq!(send("POST", "/faults", fault).await.0, 204);
    let state: Value = serde_json::from_slice(&send("GET", "/state", Value::Null).await.1).unwrap();
    assert_eq!((&state["app_id"], &state["recognized"]), (&json!("sandbox-easst-app"), &json!(0)));
    assert_eq!(send("GET", "/recognized", Value::Null).await.1, "[]");
    assert_eq!(send("GET", "/calls", Value::Null).await.1, "[]");
}
