//! Events pushed to a receiver, their retries and the list of failed pushes.

use std::time::Duration;

use axum::http::StatusCode;
use erplink_core::callback::EnvelopeError;
use erplink_sandbox::dingtalk::{
    Callback, FieldStyle, Options, OwnerKey, PushFault, Quirks, SignatureParameter,
};
use serde_json::{Value, json};

use crate::receiver::{AES_KEY, Receiver, Reply, TOKEN};
use crate::support::{BUYER, PURCHASING_HEAD, Stage, stage, stage_with};

const FAILED: &str = "/call_back/get_call_back_failed_result";

async fn subscribed(change: impl FnOnce(&mut Callback)) -> (Stage, Receiver) {
    subscribed_on(stage().await, change).await
}

async fn subscribed_on(stage: Stage, change: impl FnOnce(&mut Callback)) -> (Stage, Receiver) {
    let receiver = Receiver::start(&stage.clock, &stage.dingtalk.client_id()).await;
    let mut callback = Callback::new(receiver.url(), TOKEN, AES_KEY);
    change(&mut callback);
    stage.dingtalk.configure_callback(callback).await.unwrap();
    (stage, receiver)
}

fn finish_only(callback: &mut Callback) {
    callback.filters = vec!["/v1.0/event/bpms_instance_change/**/type/finish".to_owned()];
}

/// An instance approved: one `instance/finish/agree` under the filter above.
async fn approve_one(stage: &Stage) -> String {
    let id = stage.create(&stage.purchase_request()).await;
    stage.dingtalk.approve(&id, PURCHASING_HEAD, "同意").unwrap();
    stage.dingtalk.settled().await;
    id
}

async fn advance(stage: &Stage, seconds: u64) {
    stage.clock.advance(Duration::from_secs(seconds));
    stage.dingtalk.settled().await;
}

#[tokio::test]
async fn an_approval_is_pushed_from_start_to_finish() {
    let (stage, receiver) = subscribed(|_| ()).await;
    let id = approve_one(&stage).await;
    assert_eq!(
        receiver.events(),
        ["instance/start", "task/start", "task/finish/agree", "instance/finish/agree"]
    );
    let received = receiver.received();
    assert_eq!(received[0], Ok(json!({"EventType": "check_url"})));
    let finish = received[4].clone().unwrap();
    assert_eq!(finish["processInstanceId"], json!(id));
    assert_eq!(finish["processCode"], json!(stage.code("采购申请")));
    assert_eq!(finish["CorpId"], json!(stage.dingtalk.corp_id()));
    assert_eq!(finish["staffId"], BUYER);
    for member in ["eventId", "BizId", "businessId", "bizCategoryId", "url", "title"] {
        assert!(finish[member].is_string(), "{member}");
    }
    for member in ["EventTime", "createTime", "finishTime"] {
        assert!(finish[member].is_i64(), "{member}");
    }
    let task = received[3].clone().unwrap();
    assert_eq!((&task["staffId"], &task["remark"]), (&json!(PURCHASING_HEAD), &json!("同意")));
    assert!(task["taskId"].is_i64());
    let query = &receiver.queries()[4];
    assert_eq!(query["signature"], query["msg_signature"]);
    assert_eq!((query["timestamp"].len(), query["site"].as_str()), (13, "1"));
    assert!(stage.dingtalk.pushes().iter().all(|push| push.failure.is_none()));
}

#[tokio::test]
async fn the_older_style_has_fewer_members() {
    let (stage, receiver) = subscribed(|callback| {
        callback.style = FieldStyle::Seed;
        callback.signature = SignatureParameter::Signature;
    })
    .await;
    approve_one(&stage).await;
    let finish = receiver.received()[4].clone().unwrap();
    let mut members: Vec<_> = finish.as_object().unwrap().keys().map(String::as_str).collect();
    members.sort_unstable();
    assert_eq!(
        members,
        [
            "EventType",
            "corpid",
            "createTime",
            "finishTime",
            "processCode",
            "processInstanceId",
            "result",
            "staffId",
            "title",
            "type",
            "url"
        ]
    );
    assert!(!receiver.queries()[4].contains_key("msg_signature"));
}

#[tokio::test]
async fn a_withdrawal_and_a_deletion_have_no_result() {
    let (stage, receiver) =
        subscribed(|callback| callback.event_types = vec!["bpms_instance_change".to_owned()]).await;
    let id = stage.create(&stage.purchase_request()).await;
    stage.dingtalk.withdraw(&id).unwrap();
    stage.dingtalk.delete(&id).unwrap();
    stage.dingtalk.settled().await;
    assert_eq!(receiver.events(), ["instance/start", "instance/terminate", "instance/delete"]);
}

#[tokio::test]
async fn a_filter_lets_through_what_it_names() {
    let (stage, receiver) = subscribed(finish_only).await;
    approve_one(&stage).await;
    let id = stage.create(&stage.purchase_request()).await;
    stage.dingtalk.withdraw(&id).unwrap();
    stage.dingtalk.settled().await;
    assert_eq!(receiver.events(), ["instance/finish/agree"]);
}

#[tokio::test]
async fn comments_are_announced_on_demand() {
    let quirks = Quirks { comment_events: true, ..Quirks::default() };
    let stage = stage_with(Options { quirks, ..Options::default() }).await;
    let (stage, receiver) = subscribed_on(stage, |_| ()).await;
    let id = stage.create(&stage.purchase_request()).await;
    stage.dingtalk.comment(&id, BUYER, "请尽快").unwrap();
    stage.dingtalk.settled().await;
    assert_eq!(receiver.events(), ["instance/start", "task/start", "task/comment"]);
}

#[tokio::test]
async fn a_wrong_reply_is_retried_twice_and_then_listed() {
    let (stage, receiver) = subscribed(finish_only).await;
    receiver.reply(Reply::Plain);
    let id = approve_one(&stage).await;
    advance(&stage, 5).await;
    assert_eq!(stage.dingtalk.pushes().len(), 1);
    advance(&stage, 5).await;
    assert_eq!(stage.dingtalk.pushes().len(), 2);
    advance(&stage, 20).await;
    assert_eq!(stage.dingtalk.pushes().len(), 2);
    advance(&stage, 10).await;
    let pushes = stage.dingtalk.pushes();
    let attempts: Vec<_> = pushes.iter().map(|push| push.attempt).collect();
    assert_eq!(attempts, [1, 2, 3]);
    assert!(pushes.iter().all(|push| push.event_id == pushes[0].event_id));
    assert!(pushes.iter().all(|push| push.failure.as_deref() == Some("the reply is not JSON")));

    assert_eq!(stage.old_get(FAILED).await["failed_list"], json!([]), "not yet");
    advance(&stage, 180).await;
    assert_eq!(stage.dingtalk.pushes().len(), 3, "no fourth attempt");
    let failed = stage.old_get(FAILED).await;
    assert_eq!((&failed["errcode"], &failed["has_more"]), (&json!(0), &json!(false)));
    let entry = &failed["failed_list"][0];
    assert_eq!(entry["call_back_tag"], "bpms_instance_change");
    let data = &entry["bpms_instance_change"]["bpmsCallBackData"];
    assert_eq!((&data["processInstanceId"], &data["result"]), (&json!(id), &json!("agree")));
    assert_eq!(entry["bpms_instance_change"]["corpid"], json!(stage.dingtalk.corp_id()));
    assert_eq!(stage.old_get(FAILED).await["failed_list"], json!([]), "removed on return");
}

#[tokio::test]
async fn a_receiver_that_recovers_gets_the_event_by_retry() {
    let (stage, receiver) = subscribed(finish_only).await;
    receiver.reply(Reply::Status(StatusCode::INTERNAL_SERVER_ERROR));
    approve_one(&stage).await;
    receiver.reply(Reply::Right);
    advance(&stage, 10).await;
    let outcomes: Vec<_> =
        stage.dingtalk.pushes().iter().map(|push| push.failure.is_none()).collect();
    assert_eq!(outcomes, [false, true]);
    assert_eq!(receiver.events(), ["instance/finish/agree", "instance/finish/agree"]);
    advance(&stage, 3600).await;
    assert_eq!(stage.old_get(FAILED).await["failed_list"], json!([]));
}

#[tokio::test]
async fn every_other_reply_is_a_failed_push() {
    let (stage, receiver) = subscribed(finish_only).await;
    for (reply, reason) in [
        (Reply::OtherText, "other than `success`"),
        (Reply::WrongSignature, "signature"),
        (Reply::Status(StatusCode::FOUND), "302"),
        (Reply::Status(StatusCode::NO_CONTENT), "204"),
    ] {
        receiver.reply(reply);
        approve_one(&stage).await;
        let failure = stage.dingtalk.pushes().pop().unwrap().failure.unwrap();
        assert!(failure.contains(reason), "{failure}");
    }
}

#[tokio::test]
async fn a_reply_must_come_in_time() {
    let reply_deadline = Duration::from_millis(20);
    let stage = stage_with(Options { reply_deadline, ..Options::default() }).await;
    let receiver = Receiver::start(&stage.clock, &stage.dingtalk.client_id()).await;
    receiver.never_answer();
    let callback = Callback::new(receiver.url(), TOKEN, AES_KEY);
    let refused = stage.dingtalk.configure_callback(callback).await.unwrap_err().to_string();
    assert!(refused.contains("71012") && refused.contains("deadline"), "{refused}");
}

#[tokio::test]
async fn a_callback_is_saved_only_when_its_address_answers() {
    let stage = stage().await;
    let receiver = Receiver::start(&stage.clock, &stage.dingtalk.client_id()).await;
    receiver.reply(Reply::Plain);
    let good = Callback::new(receiver.url(), TOKEN, AES_KEY);
    let refusal = |callback: Callback| {
        let dingtalk = stage.dingtalk.clone();
        async move { dingtalk.configure_callback(callback).await.unwrap_err().to_string() }
    };
    assert!(refusal(good.clone()).await.contains("71009"));
    assert!(refusal(Callback::new("http://127.0.0.1:1/", TOKEN, AES_KEY)).await.contains("71012"));
    assert!(refusal(Callback::new("https://h/", TOKEN, AES_KEY)).await.contains("71011"));
    assert!(refusal(Callback::new(receiver.url(), "a!", AES_KEY)).await.contains("token"));
    assert!(refusal(Callback::new(receiver.url(), TOKEN, "short")).await.contains("aes_key"));
    let unknown = Callback { event_types: vec!["user_add_org".to_owned()], ..good };
    assert!(refusal(unknown).await.contains("71008"));
    approve_one(&stage).await;
    assert_eq!(stage.dingtalk.pushes().len(), 0, "nothing was saved");
}

#[tokio::test]
async fn a_callback_registered_by_call_is_sealed_for_the_corp() {
    let stage = stage().await;
    let receiver = Receiver::start(&stage.clock, &stage.dingtalk.corp_id()).await;
    let registration = json!({
        "call_back_tag": ["bpms_instance_change"],
        "token": TOKEN, "aes_key": AES_KEY, "url": receiver.url(),
    });
    let post = |path: &'static str, body: Value| {
        let stage = &stage;
        async move { stage.old_post(path, &body).await["errcode"].clone() }
    };
    let register = "/call_back/register_call_back";
    assert_eq!(post("/call_back/update_call_back", registration.clone()).await, 71007);
    assert_eq!(post(register, registration.clone()).await, 0);
    assert_eq!(post(register, registration.clone()).await, 71006);
    approve_one(&stage).await;
    assert_eq!(receiver.events(), ["instance/start", "instance/finish/agree"]);
    let shown = stage.old_get("/call_back/get_call_back").await;
    assert_eq!(shown["call_back_tag"], json!(["bpms_instance_change"]));
    assert_eq!(shown["url"], json!(receiver.url()));
    receiver.reply(Reply::OtherText);
    assert_eq!(post("/call_back/update_call_back", registration).await, 71009);
    assert_eq!(stage.old_get("/call_back/delete_call_back").await["errcode"], 0);
    assert_eq!(stage.old_get("/call_back/get_call_back").await["errcode"], 71007);
    approve_one(&stage).await;
    assert_eq!(receiver.events().len(), 2, "nothing is pushed after the deletion");
}

#[tokio::test]
async fn another_owner_key_can_be_set() {
    let stage = stage().await;
    let receiver = Receiver::start(&stage.clock, "suite4711").await;
    let key = OwnerKey::Other("suite4711".to_owned());
    let callback = Callback { key, ..Callback::new(receiver.url(), TOKEN, AES_KEY) };
    stage.dingtalk.configure_callback(callback).await.unwrap();
}

#[tokio::test]
async fn an_event_can_come_twice() {
    let (stage, receiver) = subscribed(finish_only).await;
    stage.dingtalk.arrange_push_fault(PushFault::Duplicate);
    approve_one(&stage).await;
    let received = receiver.received();
    assert_eq!(received.len(), 3);
    assert_eq!(received[1], received[2], "the same event id");
}

#[tokio::test]
async fn an_event_can_come_after_the_next_one() {
    let (stage, receiver) = subscribed(|_| ()).await;
    stage.dingtalk.arrange_push_fault(PushFault::OutOfOrder);
    approve_one(&stage).await;
    assert_eq!(
        receiver.events(),
        ["task/start", "instance/start", "task/finish/agree", "instance/finish/agree"]
    );
}

#[tokio::test]
async fn a_damaged_push_is_repaired_by_its_retry() {
    let (stage, receiver) = subscribed(finish_only).await;
    for (fault, expected) in [
        (PushFault::BadSignature, EnvelopeError::Signature),
        (PushFault::WrongKey, EnvelopeError::Owner),
        (PushFault::TamperedCiphertext, EnvelopeError::Length),
    ] {
        stage.dingtalk.arrange_push_fault(fault);
        approve_one(&stage).await;
        assert_eq!(receiver.received().pop(), Some(Err(expected)));
        assert!(stage.dingtalk.pushes().pop().unwrap().failure.unwrap().contains("403"));
        advance(&stage, 10).await;
        assert_eq!(stage.dingtalk.pushes().pop().unwrap().failure, None, "{fault:?}");
    }
}
