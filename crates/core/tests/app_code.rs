//! Who may call a receiver.

#![cfg(feature = "app-code")]
#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

use erplink_core::app_code::{AppCodeError, AppCodes, HEADER, Reason};
use http::{HeaderMap, HeaderName, HeaderValue};

const CODES: [&str; 5] = ["code-one", "code-two", "code-three", "c", "3f9a/+_!@#$%-="];

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        let name: HeaderName = name.parse().unwrap();
        headers.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    headers
}

#[test]
fn accepts_each_of_up_to_five_codes_under_any_spelling_of_the_header() {
    let codes = AppCodes::new(CODES).unwrap();
    for code in CODES {
        for name in [HEADER, "X-ApiG-AppCode", "X-Apig-AppCode"] {
            assert!(codes.check(&headers(&[(name, code)])).is_ok(), "{name}: {code}");
        }
    }
}

#[test]
fn refuses_everything_else_with_one_and_the_same_answer() {
    let codes = AppCodes::new(CODES).unwrap();
    let long = "x".repeat(1025);
    for (sent, reason) in [
        (headers(&[]), Reason::Missing),
        (headers(&[("authorization", "code-one")]), Reason::Missing),
        (headers(&[(HEADER, "")]), Reason::Wrong),
        (headers(&[(HEADER, "code-on")]), Reason::Wrong),
        (headers(&[(HEADER, "code-onee")]), Reason::Wrong),
        (headers(&[(HEADER, "CODE-ONE")]), Reason::Wrong),
        (headers(&[(HEADER, " code-one")]), Reason::Wrong),
        (headers(&[(HEADER, "code-one ")]), Reason::Wrong),
        (headers(&[(HEADER, "code-one,code-two")]), Reason::Wrong),
        (headers(&[(HEADER, "审批")]), Reason::Wrong),
        (headers(&[(HEADER, &long)]), Reason::TooLong),
        (headers(&[(HEADER, "code-one"), (HEADER, "code-one")]), Reason::Repeated),
    ] {
        let refused = codes.check(&sent).unwrap_err();
        assert_eq!(refused.reason(), reason, "{sent:?}");
        assert_eq!(refused.status(), 401);
        assert_eq!(refused.body(), r#"{"code":401,"message":"unauthorized"}"#);
    }
}

#[test]
fn codes_under_two_configured_headers_are_two_codes() {
    let codes = AppCodes::new(["a"]).unwrap().headers([HEADER, "x-app-key"]).unwrap();
    assert!(codes.check(&headers(&[("X-App-Key", "a")])).is_ok());
    let refused = codes.check(&headers(&[("X-App-Key", "a"), (HEADER, "a")])).unwrap_err();
    assert_eq!(refused.reason(), Reason::Repeated);
    let error = AppCodes::new(["a"]).unwrap().headers(["no header"]).unwrap_err();
    assert_eq!(error, AppCodeError::Header { name: "no header".into() });
}

#[test]
fn looks_like_the_gateway_on_demand() {
    let codes = AppCodes::new(["a"]).unwrap().like_gateway();
    let first = codes.check(&headers(&[])).unwrap_err();
    let second = codes.check(&headers(&[])).unwrap_err();
    assert_ne!(first.request_id(), second.request_id());
    let body: serde_json::Value = serde_json::from_str(&first.body()).unwrap();
    assert_eq!(
        body,
        serde_json::json!({
            "error_msg": "Incorrect app authentication information",
            "error_code": "APIG.0303",
            "request_id": first.request_id(),
        })
    );
}

#[test]
fn demands_https_of_the_proxy_on_demand() {
    let codes = AppCodes::new(["a"]).unwrap().behind_https_proxy();
    let proto = "x-forwarded-proto";
    for value in ["https", "HTTPS", "https, http"] {
        assert!(codes.check(&headers(&[(HEADER, "a"), (proto, value)])).is_ok(), "{value}");
    }
    for sent in [
        headers(&[(HEADER, "a")]),
        headers(&[(HEADER, "a"), (proto, "http")]),
        headers(&[(HEADER, "a"), (proto, "http, https")]),
        headers(&[(HEADER, "a"), (proto, "https"), (proto, "http")]),
    ] {
        assert_eq!(codes.check(&sent).unwrap_err().reason(), Reason::PlainHttp, "{sent:?}");
    }
}

#[test]
fn refuses_codes_that_cannot_protect() {
    assert_eq!(AppCodes::new(Vec::<String>::new()).unwrap_err(), AppCodeError::Empty);
    assert_eq!(AppCodes::new(["a"; 6]).unwrap_err(), AppCodeError::TooMany { found: 6 });
    for code in ["", " a", "a ", "a b", "审", "a\n", &"x".repeat(1025)] {
        let error = AppCodes::new(["good", code]).unwrap_err();
        assert_eq!(error, AppCodeError::Unusable { place: 2, bytes: code.len() });
    }
    assert!(AppCodes::new(["x".repeat(1024)]).is_ok());
}

#[test]
fn lets_everybody_in_only_when_told_so() {
    let codes = AppCodes::allow_anonymous().unwrap();
    assert!(codes.check(&headers(&[])).is_ok());
    assert!(codes.check(&headers(&[(HEADER, "whatever")])).is_ok());
    let https = codes.behind_https_proxy();
    assert!(https.check(&headers(&[])).is_err());
}

#[test]
fn never_prints_a_code() {
    let codes = AppCodes::new(["planted-code"]).unwrap();
    let refused = codes.check(&headers(&[(HEADER, "planted-guess")])).unwrap_err();
    let texts = format!("{codes:?} {refused:?} {refused}");
    assert!(!texts.contains("planted"), "{texts}");
}
