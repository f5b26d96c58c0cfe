//! Pushes: the encryption's vectors, every type of event, refusals, repetitions.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use blacklake_mes::Secret;
use blacklake_mes::callback::*;
use serde_json::{Value, json};

fn vectors() -> Value {
    serde_json::from_str(include_str!("../fixtures/callback-vectors.json")).unwrap()
}

fn receive(body: &str) -> Result<Received, CallbackError> {
    Callback::new("demo-callback-key").receive(body.as_bytes())
}

fn plain(event_type: &str, request: &str, data: Value) -> Received {
    let body = json!({ "header": { "eventType": event_type, "requestId": request }, "data": data });
    Callback::plain().receive(body.to_string().as_bytes()).unwrap()
}

#[test]
fn the_vectors_are_opened() {
    let vectors = vectors();
    let key = Secret::new(vectors["key"].as_str().unwrap());
    for vector in vectors["vectors"].as_array().unwrap() {
        let sealed = vector["encrypt"].as_str().unwrap();
        let opened = Aes256EcbSha256::new(&key).decrypt(&STANDARD.decode(sealed).unwrap()).unwrap();
        assert_eq!(String::from_utf8(opened).unwrap(), vector["plain"].as_str().unwrap());
        let received = receive(&json!({ "encrypt": sealed }).to_string()).unwrap();
        assert_eq!(received.raw, vector["plain"].as_str().unwrap());
    }
    let check =
        receive(&json!({ "encrypt": vectors["vectors"][0]["encrypt"] }).to_string()).unwrap();
    assert_eq!(check.event, Event::Check("hello".to_owned()));
    assert_eq!(
        (check.reply.status.as_u16(), check.reply.body.as_str()),
        (200, r#"{"data":"hello"}"#)
    );
    let feeding =
        receive(&json!({ "encrypt": vectors["vectors"][1]["encrypt"] }).to_string()).unwrap();
    let Event::Feeding(event) = &feeding.event else { panic!("{feeding:?}") };
    assert!(event.is_success());
    assert_eq!(event.detail_ids()[0].get(), 1_234_567_890_123_456);
    assert_eq!(feeding.header.request_id, "r-2");
    assert_eq!(feeding.reply.body, r#"{"code":200,"message":"成功"}"#);
}

#[test]
fn what_is_not_from_the_mes_is_refused() {
    let good = vectors()["vectors"][1]["encrypt"].as_str().unwrap().to_owned();
    let mut torn = STANDARD.decode(&good).unwrap();
    *torn.last_mut().unwrap() ^= 1;
    let cipher = Aes256EcbSha256::new(&Secret::new("demo-callback-key"));
    assert_eq!(cipher.decrypt(&torn), Err(DecryptError), "its padding is torn");
    let envelope = |text: &str| json!({ "encrypt": text }).to_string();
    for body in [
        String::new(),
        "[]".to_owned(),
        "{".to_owned(),
        "{}".to_owned(),
        json!({ "encrypt": null }).to_string(),
        json!({ "encrypt": [1] }).to_string(),
        json!({ "header": { "eventType": "check" }, "data": "plain" }).to_string(),
        envelope(""),
        envelope("not base64!"),
        envelope(&good[..good.len() - 4]),
        envelope(&STANDARD.encode(&torn)),
        envelope(&STANDARD.encode([7_u8; 17])),
    ] {
        let error = receive(&body).unwrap_err();
        assert_eq!(error.reply().status.as_u16(), 400, "{body}");
        assert_eq!(error.reply().body, r#"{"errorMsg":"the push was refused"}"#);
    }
    let other_key = Callback::new("another key").receive(envelope(&good).as_bytes());
    assert_eq!(other_key.unwrap_err(), CallbackError::Decrypt(DecryptError));
    let small =
        Callback::new("demo-callback-key").body_limit(10).receive(envelope(&good).as_bytes());
    assert_eq!(small.unwrap_err().reply().status.as_u16(), 413);
    for body in ["{}", r#"{"header":1}"#, r#"{"header":{}}"#, r#"{"header":{"eventType":""}}"#, "1"]
    {
        let error = Callback::new("").receive(body.as_bytes()).unwrap_err();
        assert!(matches!(error, CallbackError::NotAnEvent(_)), "{body}: {error}");
    }
}

#[test]
fn a_check_is_answered_as_told() {
    let body = r#"{"header":{"eventType":"check","requestId":"r-1"},"data":"he\"llo"}"#;
    for (reply, expected) in [
        (CheckReply::Data, r#"{"data":"he\"llo"}"#),
        (CheckReply::Text, "he\"llo"),
        (CheckReply::Event, body),
        (CheckReply::CodeAndData, r#"{"code":200,"data":"he\"llo"}"#),
    ] {
        let received = Callback::plain().check_reply(reply).receive(body.as_bytes()).unwrap();
        assert_eq!(received.reply.body, expected);
    }
}

#[test]
fn every_type_of_event_is_read() {
    let id = 17_416_593_677_190_001_i64;
    let records = json!({ "recordIds": [id], "result": true, "reason": null, "recordList": [
        { "id": id, "opeAmount": 2.50, "qcStatuses": [1, 9], "qcStatus": 1, "reportAmount": "1.0" }] });
    for (event_type, data, expected) in [
        ("mfg.result_notify.feeding", records.clone(), "Feeding"),
        ("mfg.result_notify.feeding_retract", records.clone(), "FeedingRetract"),
        ("mfg.result_notify.progress_report", records.clone(), "Report"),
        ("mfg.result_notify.progress_report_adjust", records, "ReportAdjust"),
        (
            "med.result_notify.produce_task_dispatch",
            json!({ "dispatchRequestId": id }),
            "Dispatched",
        ),
        ("plo.result_notify.production_workorder_launch", json!({ "launchId": id }), "Launched"),
        ("sop.sop_task.status_change", json!({ "sopTaskId": id, "status": 2 }), "SopTask"),
        ("report.report.create_modify", json!({ "reportId": id, "reportType": 1 }), "Statistics"),
        ("inventory.result_notify.inbound", json!({ "inboundRecordIds": [id] }), "Inventory"),
        ("inventory.result_notify.outbound", json!({ "outboundOrderId": id }), "Inventory"),
        ("inventory.result_notify.transfer", json!({ "transferOrderId": id }), "Inventory"),
        (
            "inventory.result_notify.transfer_issue",
            json!({ "transferIssueRecordIds": [id] }),
            "Inventory",
        ),
        ("inventory.result_notify.transfer_receive", json!({}), "Inventory"),
        ("inventory.result_notify.adjust", json!({ "amountAdjustRecordIds": [id] }), "Inventory"),
        ("inventory.result_notify.posting", json!({ "resultIds": [id] }), "Inventory"),
        ("quality.result_notify.qc_task", json!({ "qcTaskId": id }), "Quality"),
        ("quality.result_notify.change_qc_status", json!({ "changeLogId": [id] }), "Quality"),
        ("something.new", json!([1]), "Other"),
        ("mfg.result_notify.feeding", json!({ "recordIds": {} }), "Unreadable"),
        ("mfg.result_notify.feeding", json!(null), "Unreadable"),
        ("check", json!({}), "Unreadable"),
    ] {
        let received = plain(event_type, "r", data);
        let name = format!("{:?}", received.event);
        assert_eq!(name.split(['(', ' ']).next().unwrap(), expected, "{event_type}");
        assert_eq!(received.reply.status.as_u16(), 200);
        if !matches!(expected, "Other" | "Unreadable") && received.data.as_str().contains("1741") {
            assert!(name.contains(&id.to_string()) || expected == "Report", "{name}");
        }
    }
    let callback = Callback::plain().unknown_events(UnknownEvents::Refuse);
    let refused = callback.receive(br#"{"header":{"eventType":"something.new"}}"#).unwrap();
    assert_eq!(refused.reply.status.as_u16(), 500);
    let header =
        callback.receive(br#"{"header":{"eventType":"x","orgId":7},"data":1}"#).unwrap().header;
    assert_eq!(header.raw.as_str(), r#"{"eventType":"x","orgId":7}"#);
}

#[test]
fn repetitions_are_known() {
    let feeding = |request: &str, ids: Value| {
        plain("mfg.result_notify.feeding", request, json!({ "recordIds": ids, "result": true }))
    };
    let recent = Recent::new(100);
    let keys = |ids: &[i64]| {
        Seen::New(ids.iter().map(|id| format!("mfg.result_notify.feeding#{id}")).collect())
    };
    assert_eq!(recent.note(&feeding("r-1", json!([1, 2]))), keys(&[1, 2]));
    assert_eq!(recent.note(&feeding("r-1", json!([1, 2]))), Seen::Known, "the same request");
    assert_eq!(recent.note(&feeding("r-2", json!([1, 2]))), Seen::Known, "the same records");
    assert_eq!(recent.note(&feeding("r-3", json!([2, 3]))), keys(&[3]));
    let failed = feeding("r-4", json!([4]));
    assert_eq!(recent.note(&failed), keys(&[4]));
    recent.forget(&failed);
    assert_eq!(recent.note(&failed), keys(&[4]), "its work failed");
    let nameless =
        |data: i64| plain("mfg.result_notify.feeding", "", json!({ "recordIds": [data] }));
    assert_ne!(nameless(1).dedup_key(), nameless(2).dedup_key());
    assert_eq!(nameless(1).dedup_key(), nameless(1).dedup_key());
    let small = Recent::new(2);
    for n in 0..1000 {
        small.note(&plain("x", &n.to_string(), Value::Null));
    }
    assert_eq!(small.note(&plain("x", "999", Value::Null)), Seen::Known);
    assert_eq!(small.note(&plain("x", "0", Value::Null)), Seen::New(Vec::new()), "forgotten");
}
