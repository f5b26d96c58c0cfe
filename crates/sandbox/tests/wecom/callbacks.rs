//! Events pushed to a receiver, with their repeats and everything that can go wrong.

use std::time::Duration;

use axum::http::StatusCode;
use erplink_core::callback::EnvelopeError;
use erplink_sandbox::Fault;
use erplink_sandbox::wecom::{Callback, Options, PushFault, Quirks, Redelivery};

use crate::receiver::{AES_KEY, Receiver, Reply, TOKEN, element};
use crate::support::{Stage, stage, stage_with, stage_with_quirks};

async fn subscribed() -> (Stage, Receiver) {
    subscribed_on(stage().await).await
}

async fn subscribed_on(stage: Stage) -> (Stage, Receiver) {
    let receiver = Receiver::start(&stage.clock, &stage.wecom.corp_id()).await;
    stage.wecom.configure_callback(receiver.callback()).await.unwrap();
    (stage, receiver)
}

/// A form submitted and approved: `1/1`, then `2/2`.
async fn approve_one(stage: &Stage) -> String {
    let sp_no = stage.submit("16");
    stage.wecom.approve(&sp_no, "lisi", "同意").unwrap();
    stage.wecom.settled().await;
    sp_no
}

#[tokio::test]
async fn an_approval_is_pushed_from_submission_to_decision() {
    let (stage, receiver) = subscribed().await;
    let sp_no = approve_one(&stage).await;
    assert_eq!(receiver.events(), ["1/1", "2/2"]);
    let event = receiver.received()[1].clone().unwrap();
    for (name, expected) in [
        ("ToUserName", stage.wecom.corp_id()),
        ("FromUserName", "sys".to_owned()),
        ("Event", "sys_approval_change".to_owned()),
        ("AgentID", "1000002".to_owned()),
        ("SpNoStr", sp_no.clone()),
        ("SpNo", sp_no.clone()),
        ("TemplateId", stage.template("采购申请草稿审批")),
        ("Speech", "同意".to_owned()),
        ("Party", "2".to_owned()),
    ] {
        assert_eq!(element(&event, name), expected, "{name}");
    }
    let query = &receiver.queries()[1];
    assert_eq!((query["site"].as_str(), query["timestamp"].len()), ("1", 10));
    let envelope = &receiver.envelopes()[1];
    assert_eq!(element(envelope, "ToUserName"), stage.wecom.corp_id());
    assert_eq!(element(envelope, "AgentID"), "1000002");
    let pushes = stage.wecom.pushes();
    assert!(pushes.iter().all(|push| push.failure.is_none() && push.attempt == 1));
    assert_eq!((pushes[1].change, pushes[1].status, &pushes[1].plaintext), (2, 2, &event));
}

#[tokio::test]
async fn every_act_has_its_own_number() {
    let (stage, receiver) = subscribed().await;
    let sp_no = stage.submit("16");
    stage.wecom.urge(&sp_no).unwrap();
    stage.wecom.comment(&sp_no, "zhangsan", "请尽快").unwrap();
    stage.wecom.transfer(&sp_no, "lisi", "zhouba", "").unwrap();
    stage.wecom.refuse(&sp_no, "zhouba", "不同意").unwrap();
    let second = stage.submit("17");
    stage.wecom.withdraw(&second).unwrap();
    stage.wecom.delete(&second).unwrap();
    let third = stage.submit("18");
    stage.wecom.approve_to_the_end(&third).unwrap();
    stage.wecom.withdraw_passed(&third).unwrap();
    stage.wecom.settled().await;
    assert_eq!(
        receiver.events(),
        ["1/1", "5/1", "10/1", "4/1", "3/3", "1/1", "6/4", "7/7", "1/1", "2/2", "8/6"]
    );
    let remark = receiver.received()[2].clone().unwrap();
    assert_eq!(element(&remark, "CommentContent"), "请尽快");
    stage.wecom.set_quirks(Quirks { delete_event: None, ..Quirks::default() });
    stage.wecom.delete(&third).unwrap();
    stage.wecom.settled().await;
    assert_eq!(receiver.events().len(), 11, "no event for a deletion");
}

#[tokio::test]
async fn a_callback_is_saved_only_when_its_address_answers_rightly() {
    let options = Options { check_deadline: Duration::from_millis(50), ..Options::default() };
    let stage = stage_with(options).await;
    let receiver = Receiver::start(&stage.clock, &stage.wecom.corp_id()).await;
    let refusal = |callback: Callback| {
        let wecom = stage.wecom.clone();
        async move { wecom.configure_callback(callback).await.unwrap_err().to_string() }
    };
    receiver.reply(Reply::QuotedEcho);
    assert!(refusal(receiver.callback()).await.contains("nothing around it"));
    receiver.reply(Reply::Status(StatusCode::FOUND));
    assert!(refusal(receiver.callback()).await.contains("302"));
    receiver.reply(Reply::Right);
    receiver.fault(Fault::never_answer(None, ""));
    assert!(refusal(receiver.callback()).await.contains("deadline"));
    let unreachable = Callback::new("http://127.0.0.1:1/", TOKEN, AES_KEY);
    assert!(refusal(unreachable).await.contains("40057"));
    let other_key = Callback::new(receiver.callback().url, "other", AES_KEY);
    assert!(refusal(other_key).await.contains("403"));
    approve_one(&stage).await;
    assert!(stage.wecom.pushes().is_empty() && stage.wecom.callback_url().is_none());
    stage.wecom.configure_callback(receiver.callback()).await.unwrap();
    assert!(stage.wecom.callback_url().is_some());
    stage.wecom.remove_callback();
    approve_one(&stage).await;
    assert!(stage.wecom.pushes().is_empty());
}

#[tokio::test]
async fn the_check_can_leave_a_plus_raw_and_name_another_receiver() {
    let stage = stage_with_quirks(Quirks { raw_plus: true, ..Quirks::default() }).await;
    // Often enough for an echo text with a plus in it.
    for _ in 0..8 {
        let receiver = Receiver::start(&stage.clock, "suite4711").await;
        let receive_id = Some("suite4711".to_owned());
        let callback = Callback { receive_id, ..receiver.callback() };
        stage.wecom.configure_callback(callback).await.unwrap();
    }
}

#[tokio::test]
async fn a_failed_push_is_repeated_three_times() {
    let (stage, receiver) = subscribed().await;
    receiver.reply(Reply::Status(StatusCode::INTERNAL_SERVER_ERROR));
    stage.submit("16");
    stage.wecom.settled().await;
    for attempts in [1, 2, 3, 4, 4] {
        assert_eq!(stage.wecom.pushes().len(), attempts);
        stage.advance(10).await;
    }
    let pushes = stage.wecom.pushes();
    let attempts: Vec<_> = pushes.iter().map(|push| push.attempt).collect();
    assert_eq!(attempts, [1, 2, 3, 4]);
    assert!(pushes.iter().all(|push| push.failure.as_ref().unwrap().contains("500")));
    let received = receiver.received();
    assert!(received.iter().all(|one| *one == received[0]), "the same message");
    let queries = receiver.queries();
    assert_ne!(queries[0]["nonce"], queries[1]["nonce"]);
    receiver.reply(Reply::Right);
    stage.submit("17");
    stage.wecom.settled().await;
    assert_eq!(stage.wecom.pushes()[4].failure, None);
}

#[tokio::test]
async fn a_lost_connection_is_repeated_and_a_status_need_not_be() {
    let redelivery = Redelivery { on_status: false, same_stamp: true, ..Redelivery::default() };
    let stage = stage_with(Options { redelivery, ..Options::default() }).await;
    let (stage, receiver) = subscribed_on(stage).await;
    receiver.reply(Reply::Status(StatusCode::INTERNAL_SERVER_ERROR));
    stage.submit("16");
    stage.wecom.settled().await;
    stage.advance(60).await;
    assert_eq!(stage.wecom.pushes().len(), 1);
    receiver.reply(Reply::Right);
    receiver.fault(Fault::reset_after(None, ""));
    stage.submit("17");
    stage.wecom.settled().await;
    stage.advance(10).await;
    assert_eq!(receiver.events(), ["1/1", "1/1", "1/1"]);
    let queries = receiver.queries();
    for name in ["timestamp", "nonce"] {
        assert_eq!(queries[1][name], queries[2][name], "{name} of the first attempt");
    }
}

#[tokio::test]
async fn a_reply_must_come_in_time() {
    let options = Options { reply_deadline: Duration::from_millis(50), ..Options::default() };
    let (stage, receiver) = subscribed_on(stage_with(options).await).await;
    receiver.fault(Fault::never_answer(None, ""));
    stage.submit("16");
    stage.wecom.settled().await;
    assert!(stage.wecom.pushes()[0].failure.as_ref().unwrap().contains("deadline"));
    stage.advance(10).await;
    assert_eq!(stage.wecom.pushes()[1].failure, None);
}

#[tokio::test]
async fn events_come_twice_late_never_or_in_another_order() {
    let (stage, receiver) = subscribed().await;
    stage.wecom.arrange_push_fault(PushFault::Duplicate);
    let first = approve_one(&stage).await;
    assert_eq!(receiver.events(), ["1/1", "1/1", "2/2"]);
    assert_eq!(receiver.received()[0], receiver.received()[1]);
    stage.wecom.arrange_push_fault(PushFault::OutOfOrder);
    approve_one(&stage).await;
    assert_eq!(receiver.events()[3..], ["2/2", "1/1"]);
    stage.wecom.arrange_push_fault(PushFault::Lost);
    approve_one(&stage).await;
    assert_eq!(receiver.events()[5..], ["2/2"]);
    stage.wecom.arrange_push_fault(PushFault::Late);
    approve_one(&stage).await;
    assert_eq!(receiver.events()[6..], ["2/2"]);
    stage.advance(60).await;
    assert_eq!(receiver.events()[6..], ["2/2", "1/1"]);
    assert_eq!(stage.wecom.form(&first).unwrap()["sp_status"], 2);
}

#[tokio::test]
async fn a_damaged_push_is_repaired_by_its_repeat() {
    let (stage, receiver) = subscribed().await;
    for (fault, expected) in [
        (PushFault::BadSignature, EnvelopeError::Signature),
        (PushFault::WrongReceiver, EnvelopeError::Owner),
        (PushFault::TamperedCiphertext, EnvelopeError::Length),
    ] {
        stage.wecom.arrange_push_fault(fault);
        stage.submit("16");
        stage.wecom.settled().await;
        assert_eq!(receiver.received().pop(), Some(Err(expected)));
        stage.advance(10).await;
        assert_eq!(stage.wecom.pushes().pop().unwrap().failure, None, "{fault:?}");
    }
}

#[tokio::test]
async fn an_event_can_have_an_older_body() {
    let (stage, receiver) = subscribed().await;
    stage.wecom.arrange_push_fault(PushFault::OldBody);
    stage.wecom.arrange_push_fault(PushFault::WithoutSpNo);
    stage.wecom.set_quirks(Quirks { events_name_approval_app: true, ..Quirks::default() });
    let sp_no = approve_one(&stage).await;
    let received = receiver.received();
    let (old, without) = (received[0].clone().unwrap(), received[1].clone().unwrap());
    assert!(!old.contains("<SpNoStr>") && !old.contains("<ProcessList>"));
    assert_eq!(element(&old, "SpNo"), sp_no);
    assert!(!without.contains("<SpNo>"));
    assert_eq!(element(&without, "SpNoStr"), sp_no);
    assert_eq!(element(&without, "AgentID"), "3010040");
}

#[tokio::test]
async fn every_subscribed_app_hears_of_the_forms_it_may_see() {
    let (stage, receiver) = subscribed().await;
    stage.wecom.put_app(1_000_003, "other-secret");
    let other = Receiver::start(&stage.clock, &stage.wecom.corp_id()).await;
    stage.wecom.configure_callback_of(1_000_003, other.callback()).await.unwrap();
    approve_one(&stage).await;
    assert_eq!((receiver.events().len(), other.events().len()), (2, 2));
    assert_eq!(element(&other.received()[0].clone().unwrap(), "AgentID"), "1000003");
    stage.wecom.set_visible_users(&["lisi"]);
    approve_one(&stage).await;
    assert_eq!((receiver.events().len(), other.events().len()), (2, 4));
    stage.wecom.show_all_users();
    stage.wecom.set_callable(false);
    let template = stage.template("采购申请草稿审批");
    let values = serde_json::json!({"草稿单号": "1"});
    stage.wecom.submit(&template, "zhangsan", &values).unwrap();
    stage.wecom.settled().await;
    assert_eq!((receiver.events().len(), other.events().len()), (2, 5));
    let missing = stage.wecom.configure_callback_of(9, other.callback()).await.unwrap_err();
    assert!(missing.to_string().contains("40056"), "{missing}");
}

#[tokio::test]
async fn a_trusted_domain_is_verified_by_the_text_of_its_file() {
    let stage = stage().await;
    let file = axum::Router::new().route("/WW_verify_a.txt", axum::routing::get("a"));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, file).await });
    stage.wecom.verify_domain(&origin, "WW_verify_a.txt", "a").await.unwrap();
    for (name, text, expected) in
        [("WW_verify_a.txt", "b", "another text"), ("WW_verify_b.txt", "a", "404")]
    {
        let refused = stage.wecom.verify_domain(&origin, name, text).await.unwrap_err();
        assert!(refused.to_string().contains(expected), "{refused}");
    }
}
