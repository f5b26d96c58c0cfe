//! The simulated Piaozone and EAS over HTTP, with a client that is not ours.

#![allow(clippy::unwrap_used)] // helpers of tests fail by panicking, too

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use erplink_sandbox::easst::{Invoice, pdf, picture};
use erplink_sandbox::piaozone::{ExpiredToken, Options, Piaozone, Quirks, TimestampUnit};
use erplink_sandbox::{Clock, Fault, Sandbox};
use md5::{Digest as _, Md5};
use serde_json::{Value, json};

struct Stage {
    clock: Clock,
    piaozone: Piaozone,
    http: reqwest::Client,
    token: String,
}

async fn stage() -> Stage {
    let clock = Clock::new();
    let piaozone = Piaozone::start(clock.clone(), Options::default()).await.unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut stage = Stage { clock, piaozone, http, token: String::new() };
    stage.token = stage.log_in(&json!({})).await["access_token"].as_str().unwrap().to_owned();
    stage
}

impl Stage {
    /// A good request for a token, with these members in place of its own.
    async fn log_in(&self, change: &Value) -> Value {
        let (id, secret) = (self.piaozone.client_id(), self.piaozone.client_secret());
        let timestamp = change["timestamp"].as_str().map(str::to_owned);
        let timestamp =
            timestamp.unwrap_or_else(|| self.clock.now().timestamp_millis().to_string());
        let sign = Md5::digest(format!("{id}{secret}{timestamp}"));
        let sign: String = sign.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut body =
            json!({ "client_id": id, "timestamp": timestamp, "sign": sign, "encType": 0 });
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        let request = self.http.post(format!("{}/base/oauth/token", self.piaozone.url()));
        read(request.body(body.to_string())).await.1
    }

    fn at(&self, method: &str, path: &str, reqid: &str) -> reqwest::RequestBuilder {
        let separator = if path.contains('?') { '&' } else { '?' };
        let (url, token) = (self.piaozone.url(), &self.token);
        let url = format!("{url}{path}{separator}access_token={token}&reqid={reqid}");
        self.http.request(method.parse().unwrap(), url)
    }

    /// The whole answer of a call with a reqid of its own.
    async fn call(&self, method: &str, path: &str, body: Vec<u8>) -> Value {
        let reqid = self.piaozone.calls().total().to_string();
        let (status, answer) = read(self.at(method, path, &reqid).body(body)).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        self.call("POST", path, body.to_string().into_bytes()).await
    }

    async fn sealed(&self, path: &str, body: Value) -> Value {
        self.call("POST", path, seal(&body.to_string(), self.piaozone.encrypt_key())).await
    }

    async fn file(&self, path: &str, file: &[u8]) -> Value {
        self.call("POST", path, STANDARD.encode(file).into_bytes()).await
    }
}

async fn read(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// AES-128/ECB/PKCS7 in Base64.
fn seal(text: &str, key: &str) -> Vec<u8> {
    use aes::cipher::{Block, BlockCipherEncrypt as _, KeyInit as _};
    let cipher = aes::Aes128::new_from_slice(key.as_bytes()).unwrap();
    let mut data = text.as_bytes().to_vec();
    let pad = 16 - data.len() % 16;
    data.resize(data.len() + pad, u8::try_from(pad).unwrap());
    for chunk in data.chunks_exact_mut(16) {
        cipher.encrypt_block(<&mut Block<aes::Aes128>>::try_from(chunk).unwrap());
    }
    STANDARD.encode(data).into_bytes()
}

const CHECK: &str = "/m3/bill/invoice/sys/check";

#[tokio::test]
async fn a_token_is_signed() {
    let stage = stage().await;
    let code = async |change: Value| stage.log_in(&change).await["errcode"].clone();
    assert_eq!(code(json!({})).await, "0000");
    assert_eq!(code(json!({ "sign": "00" })).await, "1101");
    assert_eq!(code(json!({ "client_id": "somebody" })).await, "1101");
    assert_eq!(code(json!({ "client_id": "" })).await, "1200");
    assert_eq!(code(json!({ "encType": 1 })).await, "1101");
    assert_eq!(code(json!({ "encType": 7 })).await, "1000");
    assert_eq!(code(json!({ "enc_type": 0 })).await, "501");
    assert_eq!(code(json!({ "timestamp": "1700000000" })).await, "0000");
    let quirks = Quirks {
        timestamp_unit: TimestampUnit::Milliseconds,
        says_lifetime: true,
        ..Quirks::default()
    };
    stage.piaozone.set_quirks(quirks);
    assert_eq!(code(json!({ "timestamp": "1700000000" })).await, "1101");
    assert_eq!(stage.log_in(&json!({})).await["expires_in"], 7200);
    stage.piaozone.set_quirks(Quirks { enc_type: Some(2), ..Quirks::default() });
    assert_eq!(code(json!({})).await, "1101");
    assert_eq!(stage.piaozone.token_count(), 4);
}

/// Both signatures by a program that is not ours.
#[tokio::test]
async fn the_other_signatures_are_taken_too() {
    let stage = stage().await;
    let (id, secret) = (stage.piaozone.client_id(), stage.piaozone.client_secret());
    let text = format!("{id}{secret}1700000000000");
    for (enc_type, options) in [(1, vec!["-sha256"]), (2, vec!["-sha256", "-hmac", secret])] {
        let openssl = Command::new("openssl")
            .arg("dgst")
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let Ok(mut openssl) = openssl else { return }; // not on this machine
        std::io::Write::write_all(&mut openssl.stdin.take().unwrap(), text.as_bytes()).unwrap();
        let output = String::from_utf8(openssl.wait_with_output().unwrap().stdout).unwrap();
        let sign = output.split_whitespace().last().unwrap();
        let change = json!({ "timestamp": "1700000000000", "sign": sign, "encType": enc_type });
        assert_eq!(stage.log_in(&change).await["errcode"], "0000", "{enc_type}");
    }
}

#[tokio::test]
async fn a_call_needs_a_token_and_a_reqid_of_its_own() {
    let mut stage = stage().await;
    stage.piaozone.put_invoice(Invoice::numbered("7"));
    let body = seal(r#"{"invoiceNo":"7"}"#, stage.piaozone.encrypt_key());
    let send = async |stage: &Stage, reqid: &str| {
        read(stage.at("POST", CHECK, reqid).body(body.clone())).await
    };
    assert_eq!(send(&stage, "a").await.1["errcode"], "0000");
    assert_eq!(send(&stage, "a").await.1["errcode"], "1401");
    assert_eq!(send(&stage, "").await.1["errcode"], "1400");
    stage.clock.advance(Duration::from_secs(7200));
    assert_eq!(send(&stage, "b").await.1["errcode"], "1300");
    stage.token = stage.log_in(&json!({})).await["access_token"].as_str().unwrap().to_owned();
    assert_eq!(send(&stage, "c").await.1["errcode"], "0000");
    stage.piaozone.expire_tokens();
    let quirks = Quirks { expired_token: ExpiredToken::Http401, ..Quirks::default() };
    stage.piaozone.set_quirks(quirks);
    assert_eq!(send(&stage, "d").await.0, 401);
    assert_eq!(read(stage.at("POST", "/m9/unknown", "e")).await.0, 501);
    assert_eq!(read(stage.at("GET", CHECK, "f")).await.0, 405);
}

#[tokio::test]
async fn invoices_are_verified_and_issued_under_the_key() {
    let stage = stage().await;
    stage.piaozone.put_invoice(Invoice::numbered("7"));
    let found = stage.sealed(CHECK, json!({ "invoiceNo": "7" })).await;
    assert_eq!(found["data"]["salerName"], "上海供应商有限公司");
    assert_eq!(stage.sealed(CHECK, json!({ "invoiceNo": "8" })).await["errcode"], "2001");
    assert_eq!(stage.sealed(CHECK, json!({})).await["errcode"], "1000");
    let open = stage.post(CHECK, json!({ "invoiceNo": "7" })).await;
    assert_eq!(open["errcode"], "1500", "a body in the clear");
    let other = stage.call("POST", CHECK, seal("{}", "another-key-0123")).await;
    assert_eq!(other["errcode"], "1500");

    let create = "/m5/bill/invoice/create";
    let wanted = r#"{"buyerName":"买方","invoiceAmount":12.50}"#;
    let made = stage.call("POST", create, seal(wanted, stage.piaozone.encrypt_key())).await;
    let number = made["data"]["invoiceNo"].as_str().unwrap().to_owned();
    let again = stage.sealed(create, json!({ "invoiceNo": number })).await;
    assert_eq!(again["errcode"], "2002");
    let issued = stage.piaozone.invoices().into_iter().find(|one| one.number == number).unwrap();
    assert_eq!((issued.buyer.as_str(), issued.amount.to_string().as_str()), ("买方", "12.50"));
}

#[tokio::test]
async fn pictures_are_verified_one_by_one() {
    let stage = stage().await;
    let known = Invoice::numbered("7");
    stage.piaozone.put_invoice(known.clone());
    let bad = Invoice { illegible: true, ..Invoice::numbered("9") };
    let all = picture(&[known.clone(), Invoice::numbered("8"), bad.clone()]);
    let codes = |answer: &Value| {
        let items = answer["data"].as_array().unwrap();
        items.iter().map(|item| item["errcode"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let path = "/m3/bill/invoice/img/analyze/multiple";
    assert_eq!(codes(&stage.file(&format!("{path}/check"), &all).await), ["0000", "2001", "2006"]);
    assert_eq!(codes(&stage.file(&format!("{path}/info"), &all).await), ["0000", "0000", "2006"]);

    let one = "/m3/bill/invoice/img/Check/info";
    let found =
        stage.file(&format!("{one}?type=jpg"), &picture(std::slice::from_ref(&known))).await;
    assert_eq!(found["data"]["invoiceNo"], "7");
    assert_eq!(stage.file(&format!("{one}?type=tif"), &all).await["errcode"], "1000");
    assert_eq!(stage.file(&format!("{one}?type=jpg"), &picture(&[bad])).await["errcode"], "2006");
    assert_eq!(stage.file("/m3/bill/invoice/pdf/check", &pdf(&[known])).await["errcode"], "0000");
    assert_eq!(stage.file("/m3/bill/invoice/pdf/check", &pdf(&[])).await["errcode"], "2005");
    assert_eq!(stage.file("/m3/bill/invoice/pdf/check", b"text").await["errcode"], "2004");
    let raw = stage.call("POST", "/m3/bill/invoice/pdf/check", b"not base64".to_vec()).await;
    assert_eq!(raw["errcode"], "2003");
}

#[tokio::test]
async fn invoices_are_bound_to_one_expense_form() {
    let stage = stage().await;
    stage.piaozone.put_invoice(Invoice::numbered("7"));
    let entry = |form: &str| json!({ "expenseId": form, "invoiceNos": ["7"] });
    let code = async |path: &str, body: Value| stage.post(path, body).await["errcode"].clone();
    assert_eq!(code("/expense/entry/cache", entry("B1")).await, "0000");
    assert_eq!(code("/expense/entry/save", entry("B1")).await, "0000");
    assert_eq!(code("/expense/entry/save", entry("B2")).await, "2010");
    let state = |status: i32| json!({ "expenseId": "B1", "expenseStatus": status });
    assert_eq!(code("/expense/invoice/status/update", state(65)).await, "0000");
    assert_eq!(code("/expense/invoice/status/update", state(66)).await, "1000");
    let bound = stage.call("GET", "/bxdInvoices?expenseId=B1", Vec::new()).await;
    assert_eq!(bound["data"][0]["expenseStatus"], 65);
    assert_eq!(code("/expense/entry/delete", entry("B1")).await, "0000");
    let bound = stage.call("GET", "/bxdInvoices?expenseId=B1", Vec::new()).await;
    assert_eq!(bound["data"], json!([]));
    assert_eq!(code("/m4/fpzs/getUserKey", json!({})).await, "0000");
    assert_eq!(code("/m4/fpzs/getLinkKey", json!({})).await, "0000");
}

#[tokio::test]
async fn it_misbehaves_on_demand() {
    let stage = stage().await;
    stage.piaozone.refuse_next("9999", "系统繁忙");
    assert_eq!(stage.sealed(CHECK, json!({ "invoiceNo": "7" })).await["errcode"], "9999");
    stage.piaozone.put_invoice(Invoice::numbered("7"));
    stage.piaozone.delay_next_answer(Duration::from_millis(300));
    let started = Instant::now();
    stage.sealed(CHECK, json!({ "invoiceNo": "7" })).await;
    assert!(started.elapsed() >= Duration::from_millis(300));
    stage.piaozone.faults().push(Fault::reset_after(http::Method::POST, "/create"));
    let body = seal("{}", stage.piaozone.encrypt_key());
    let lost = stage.at("POST", "/m5/bill/invoice/create", "lost").body(body);
    lost.send().await.unwrap_err();
    assert_eq!(stage.piaozone.invoices().len(), 2, "the lost answer was carried out");
}

fn soap(user: &str, data_center: &str, more: &str) -> String {
    let password = "sandbox-eas-password";
    format!(
        "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body><n:login \
         xmlns:n=\"urn:client\"><userName>{user}</userName><password>{password}</password>\
         <slnName>eas</slnName><dcName>{data_center}</dcName><language>L2</language>\
         <dbType>1</dbType>{more}</n:login></e:Body></e:Envelope>"
    )
}

#[tokio::test]
async fn eas_lets_its_user_in() {
    let stage = stage().await;
    let (user, center) = (stage.piaozone.eas_user(), stage.piaozone.eas_data_center());
    let url = format!("{}EASLogin", stage.piaozone.eas_services());
    let send = async |body: String| {
        let request = stage.http.post(&url).header("SOAPAction", "\"\"").body(body);
        request.send().await.unwrap().text().await.unwrap()
    };
    let pattern = "<authPattern>BaseDB</authPattern><isEncodePwd>0</isEncodePwd>";
    for more in ["", "<authPattern>BaseDB</authPattern>", pattern] {
        let answer = send(soap(user, center, more)).await;
        assert!(answer.contains("<sessionId xsi:type=\"xsd:string\">"), "{answer}");
    }
    assert_eq!(stage.piaozone.eas_login_count(), 3);
    assert!(send(soap(user, "OTHER", "")).await.contains("xsi:nil=\"true\""));
    stage.piaozone.set_quirks(Quirks { eas_says_why: true, ..Quirks::default() });
    assert!(send(soap(user, "A&lt;B", "")).await.contains("数据中心 A&lt;B 不存在"));
    assert!(send(soap("nobody", center, "")).await.contains("用户名或密码错误"));
    assert!(send("<x/>".to_owned()).await.contains("urn:client"));
    assert!(send("urn:client<password>".to_owned()).await.contains("userName"));
    let silent = stage.http.post(&url).body(soap(user, center, "")).send().await.unwrap();
    assert!(silent.text().await.unwrap().contains("SOAPAction"));
    assert_eq!(stage.http.get(&url).send().await.unwrap().status(), 501);
    let elsewhere = url.replace("/ormrpc", "/eas");
    assert_eq!(stage.http.post(elsewhere).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn a_program_in_another_language_plays_the_authority() {
    let sandbox = Sandbox::start().await.unwrap();
    let base = format!("{}/piaozone", sandbox.management_url());
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let send = async |method: &str, path: &str, body: Value| {
        let request = http.request(method.parse().unwrap(), format!("{base}{path}"));
        read(request.header("content-type", "application/json").body(body.to_string())).await
    };
    assert_eq!(send("POST", "/invoices", json!({ "number": "7" })).await.0, 204);
    assert_eq!(send("GET", "/invoices", Value::Null).await.1[0]["number"], "7");
    assert_eq!(send("POST", "/tokens/expire", Value::Null).await.0, 204);
    assert_eq!(send("POST", "/refusals", json!({ "errcode": "9999" })).await.0, 204);
    assert_eq!(send("POST", "/delays", json!({ "ms": 1 })).await.0, 204);
    assert_eq!(send("PUT", "/quirks", json!({ "timestamp_unit": "seconds" })).await.0, 204);
    assert_eq!(send("PUT", "/quirks", json!({ "nonsense": 1 })).await.0, 422);
    let state = send("GET", "/state", Value::Null).await.1;
    assert_eq!(state["client_id"], sandbox.piaozone().client_id());
    let fault = json!({ "path_contains": "EASLogin", "kind": "reset_before" });
    assert_eq!(send("POST", "/eas/faults", fault.clone()).await.0, 204);
    assert_eq!(send("POST", "/faults", fault).await.0, 204);
    assert_eq!(send("GET", "/eas/calls", Value::Null).await.1, json!([]));
    assert_eq!(sandbox.piaozone().faults_eas().pending().len(), 1);
}
