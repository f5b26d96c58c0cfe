//! Encrypted pushes, the check of the address, redelivery.

use std::time::Duration;

use axum::http::StatusCode;
use erplink_sandbox::mes::{CheckAnswer, Feed, PushFault, Quirks, RecordIds};
use serde_json::{Value, json};

use crate::receiver::{KEY, Receiver, Reply, open};
use crate::support::{FEEDING, Stage, stage};

async fn subscribed() -> (Stage, Receiver) {
    let stage = stage().await;
    let receiver = Receiver::start(&stage.clock).await;
    stage.mes.configure_callback(&receiver.url(), KEY).await.unwrap();
    (stage, receiver)
}

fn kinds(receiver: &Receiver) -> Vec<String> {
    let events = receiver.events();
    events.iter().map(|event| event["header"]["eventType"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn an_address_is_checked_before_it_is_saved() {
    let stage = stage().await;
    let receiver = Receiver::start(&stage.clock).await;
    let url = receiver.url();
    for reply in [Reply::Wrong, Reply::Status(StatusCode::INTERNAL_SERVER_ERROR)] {
        receiver.reply(reply);
        assert!(stage.mes.configure_callback(&url, KEY).await.is_err());
        assert_eq!(stage.mes.callback_url(), None);
    }
    assert!(stage.mes.configure_callback("nonsense", KEY).await.is_err());
    receiver.reply(Reply::BareText);
    stage.mes.configure_callback(&url, KEY).await.unwrap();
    stage.mes.set_quirks(Quirks { check_answer: CheckAnswer::Data, ..Quirks::default() });
    assert!(stage.mes.configure_callback(&url, KEY).await.is_err());
    receiver.reply(Reply::Right);
    stage.mes.configure_callback(&url, KEY).await.unwrap();
    let check = open(&receiver.bodies()[0]).unwrap();
    assert_eq!(check["header"]["eventType"], "check");
    assert!(check["data"].is_string() && check["header"]["requestId"].is_string());
}

#[tokio::test]
async fn feedings_and_reports_are_announced() {
    let (stage, receiver) = subscribed().await;
    let id = stage.mes.feed("1", "RM-001", Feed::new(20).batch("B1")).unwrap();
    let report = stage.mes.report("1", 10).unwrap();
    stage.mes.retract(id, 5.into()).unwrap();
    stage.mes.settled().await;
    assert_eq!(
        kinds(&receiver),
        [
            "med.result_notify.produce_task_dispatch",
            "mfg.result_notify.feeding",
            "mfg.result_notify.progress_report",
            "mfg.result_notify.feeding_retract",
        ]
    );
    let events = receiver.events();
    let feeding = &events[1]["data"];
    assert_eq!((&feeding["result"], &feeding["recordIds"]), (&json!(true), &json!([id])));
    assert_eq!(feeding["recordList"][0]["opeAmountStr"], "20");
    assert_eq!(feeding["recordList"][0]["batchNoList"], json!(["B1"]));
    let body = json!({"feedRecordDetailId": feeding["recordList"][0]["id"]});
    assert_eq!(stage.data(FEEDING, body).await["materialInfo"]["baseInfo"]["code"], "RM-001");
    assert_eq!(events[2]["data"]["recordIds"], json!([report]));

    stage.mes.set_quirks(Quirks { record_ids: RecordIds::Record, ..Quirks::default() });
    let id = stage.mes.feed("1", "RM-001", 1).unwrap();
    stage.mes.feed("1", "RM-001", Feed::new(1).fails("库存不足")).unwrap();
    stage.mes.settled().await;
    let events = receiver.events();
    assert_ne!(events[4]["data"]["recordIds"], json!([id]));
    assert_eq!(events[5]["data"]["reason"], "库存不足");
    assert_eq!(
        (&events[5]["data"]["result"], &events[5]["data"]["recordIds"]),
        (&json!(false), &json!([]))
    );
    assert_eq!(stage.mes.feedings().len(), 2, "what failed is not booked");
}

#[tokio::test]
async fn a_push_without_answer_is_repeated() {
    let (stage, receiver) = subscribed().await;
    receiver.reply(Reply::Status(StatusCode::BAD_GATEWAY));
    let request_id = stage.mes.push_event("inventory.result_notify.inbound", &json!({"x": 1}));
    stage.mes.settled().await;
    assert_eq!(receiver.events().len(), 1);
    receiver.reply(Reply::Right);
    stage.clock.advance(Duration::from_secs(10));
    stage.mes.settled().await;
    let pushes = stage.mes.pushes();
    let attempts: Vec<_> =
        pushes.iter().map(|push| (push.attempt, push.failure.is_none())).collect();
    assert_eq!(attempts, [(1, false), (2, true)]);
    assert!(pushes.iter().all(|push| push.request_id == request_id));

    stage.mes.redeliver(&request_id).unwrap();
    stage.mes.settled().await;
    let events = receiver.events();
    assert_eq!((events.len(), &events[2]), (3, &events[0]), "the same event again");
    assert!(stage.mes.redeliver("unknown").is_err());
    stage.mes.remove_callback();
    stage.mes.report("1", 1).unwrap();
    stage.mes.settled().await;
    assert_eq!(receiver.events().len(), 3);
}

#[tokio::test]
async fn pushes_go_wrong_on_demand() {
    let (stage, receiver) = subscribed().await;
    let push = async |fault: PushFault| {
        stage.mes.arrange_push_fault(fault);
        let id = stage.mes.push_event("quality.result_notify.qc_task", &json!({"qcTaskId": 1}));
        stage.mes.settled().await;
        id
    };
    let twice = push(PushFault::Duplicate).await;
    let ids = |receiver: &Receiver| -> Vec<Value> {
        receiver.events().iter().map(|event| event["header"]["requestId"].clone()).collect()
    };
    assert_eq!(ids(&receiver), [json!(twice), json!(twice)]);
    for fault in [PushFault::WrongKey, PushFault::Truncated] {
        push(fault).await;
        assert_eq!(open(receiver.bodies().last().unwrap()), None, "{fault:?}");
    }
    push(PushFault::Plain).await;
    let plain: Value = serde_json::from_str(receiver.bodies().last().unwrap()).unwrap();
    assert_eq!(plain["data"]["qcTaskId"], 1);
    let lost = push(PushFault::Lost).await;
    assert!(!ids(&receiver).contains(&json!(lost)));
    stage.mes.redeliver(&lost).unwrap();
    stage.mes.settled().await;
    assert_eq!(ids(&receiver).last().unwrap(), &json!(lost));
    let held = push(PushFault::OutOfOrder).await;
    let overtaking = stage.mes.push_event("quality.result_notify.qc_task", &json!({}));
    stage.mes.settled().await;
    assert_eq!(ids(&receiver)[3..], [json!(overtaking), json!(held)]);
}
