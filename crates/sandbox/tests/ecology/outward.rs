//! What nodes tell other systems, and what the person who pressed sees.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::post;
use erplink_sandbox::Clock;
use erplink_sandbox::ecology::{
    Accepted, Callback, Ecology, Encoding, Options, PushAt, PushBody, PushFault,
};
use erplink_sandbox::server::Server;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::receiver::{APP_CODE, Receiver};
use crate::support::{
    ACCOUNTANT, BUYER, GENERAL_MANAGER, PURCHASING_HEAD, Stage, purchase_request, stage, with,
};

async fn stage_and_receiver(configure: impl FnOnce(&mut Callback)) -> (Stage, Receiver) {
    let stage = stage().await;
    let receiver = Receiver::start(&stage.clock).await;
    let mut callback = Callback::new(receiver.url(), APP_CODE);
    configure(&mut callback);
    stage.ecology.add_callback(callback).unwrap();
    (stage, receiver)
}

#[tokio::test]
async fn the_approval_is_told_when_the_request_is_archived() {
    let (stage, receiver) = stage_and_receiver(|_| ()).await;
    let id = stage.create().await;
    assert!(receiver.take_all().is_empty(), "a creation tells nobody anything");
    stage.ecology.approve(id, PURCHASING_HEAD, "同意").await.unwrap();
    let got = receiver.take();
    assert_eq!(got.headers["x-apig-appcode"], APP_CODE);
    assert_eq!(got.headers["content-type"], "application/json; charset=utf-8");
    let body: Value = serde_json::from_str(&got.body).unwrap();
    let push = &stage.ecology.pushes()[0];
    assert_eq!(
        body,
        json!({
            "requestid": id, "workflowid": 781, "requestname": "采购申请-1042", "status": "1",
            "remark": "同意", "approver": "15001", "operatetime": body["operatetime"],
        })
    );
    assert_eq!((push.request, push.http_status, push.failure.as_deref()), (id, Some(200), None));
    assert_eq!(stage.result(id), "approved");
}

#[tokio::test]
async fn a_failure_keeps_the_flow_and_the_approver_presses_again() {
    let (stage, receiver) = stage_and_receiver(|_| ()).await;
    let id = stage.create().await;
    receiver.reply(200, r#"{"success":false,"code":"-1","msg":"草稿不存在"}"#);
    let shown = stage.ecology.approve(id, PURCHASING_HEAD, "同意").await.unwrap_err().to_string();
    assert!(shown.contains("草稿不存在"), "{shown}");
    assert_eq!((stage.result(id).as_str(), stage.log(id).as_str()), ("running", "2"));
    receiver.reply(500, "");
    let shown = stage.ecology.approve(id, PURCHASING_HEAD, "同意").await.unwrap_err().to_string();
    assert!(shown.contains("500"), "{shown}");
    receiver.close_next();
    stage.ecology.approve(id, PURCHASING_HEAD, "同意").await.unwrap_err();
    receiver.reply(200, r#"{"success":true}"#);
    stage.ecology.approve(id, PURCHASING_HEAD, "同意").await.unwrap();
    assert_eq!((stage.result(id).as_str(), stage.log(id).as_str()), ("approved", "20"));
    assert_eq!(stage.ecology.pushes().len(), 4);
    let bodies: Vec<Value> =
        receiver.take_all().iter().map(|got| serde_json::from_str(&got.body).unwrap()).collect();
    assert!(bodies.iter().all(|body| body["requestid"] == id), "the same event several times");
}

#[tokio::test]
async fn an_approval_through_the_interface_runs_the_same_action() {
    let (stage, receiver) = stage_and_receiver(|_| ()).await;
    let id = stage.create().await;
    receiver.reply(200, r#"{"success":false,"msg":"no"}"#);
    let parameters = [("requestId", &*id.to_string())];
    let blocked = stage.call(PURCHASING_HEAD, "submitRequest", &parameters).await;
    assert_eq!(blocked["code"], "FAIL");
    assert_eq!(blocked["reqFailMsg"]["msgInfo"], "no");
    receiver.reply(200, r#"{"success":true}"#);
    let done = stage.call(PURCHASING_HEAD, "submitRequest", &parameters).await;
    assert_eq!(done["code"], "SUCCESS");
}

#[tokio::test]
async fn the_approval_is_finished_although_its_caller_hangs_up() {
    let stage = stage().await;
    let (arrived, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let desk = (Arc::clone(&arrived), Arc::clone(&go));
    let slow = move || {
        let (arrived, go) = desk.clone();
        async move {
            arrived.notify_one();
            go.notified().await;
            r#"{"success":true}"#
        }
    };
    let router = Router::new().route("/slow", post(slow));
    let server = Server::start(0, stage.clock.clone(), |_| router).await.unwrap();
    let callback = Callback::new(format!("{}/slow", server.url()), APP_CODE);
    stage.ecology.add_callback(callback).unwrap();
    let id = stage.create().await;
    {
        let id = id.to_string();
        let parameters = [("requestId", id.as_str())];
        let call = stage.call(PURCHASING_HEAD, "submitRequest", &parameters);
        tokio::select! {
            answer = call => unreachable!("{answer}"),
            () = arrived.notified() => {}
        }
    }
    assert_eq!(stage.result(id), "running");
    go.notify_one();
    stage.ecology.settled().await;
    assert_eq!(stage.result(id), "approved");
}

#[tokio::test]
async fn a_return_is_told_only_where_it_was_ticked() {
    let (stage, receiver) = stage_and_receiver(|_| ()).await;
    let id = stage.create().await;
    stage.ecology.refuse(id, PURCHASING_HEAD, "不同意").await.unwrap();
    assert!(receiver.take_all().is_empty());
    stage.ecology.remove_callbacks();
    let mut callback = Callback::new(receiver.url(), APP_CODE);
    callback.on_return = true;
    callback.returned = "退回".to_owned();
    stage.ecology.add_callback(callback).unwrap();
    stage.ecology.approve(id, BUYER, "").await.unwrap();
    stage.ecology.refuse(id, PURCHASING_HEAD, "仍不同意").await.unwrap();
    let body: Value = serde_json::from_str(&receiver.take().body).unwrap();
    assert_eq!((&body["status"], &body["remark"]), (&json!("退回"), &json!("仍不同意")));
}

#[tokio::test]
async fn every_node_can_tell_and_workflows_can_be_chosen() {
    let (stage, receiver) = stage_and_receiver(|callback| {
        callback.at = PushAt::EveryNode;
        callback.workflows = vec![785];
    })
    .await;
    let other = stage.create().await;
    stage.ecology.approve(other, PURCHASING_HEAD, "").await.unwrap();
    assert!(receiver.take_all().is_empty());
    let body = with(purchase_request(), "workflowId", json!(785));
    let body = with(body, "detailData", json!([]));
    let answer = stage.call_json(BUYER, "doCreateRequest", &body).await;
    let id = answer["data"]["requestid"].as_i64().unwrap();
    stage.ecology.approve(id, PURCHASING_HEAD, "").await.unwrap();
    receiver.take();
    stage.ecology.approve(id, ACCOUNTANT, "").await.unwrap();
    assert!(receiver.take_all().is_empty(), "the node is not complete");
    stage.ecology.approve(id, GENERAL_MANAGER, "").await.unwrap();
    receiver.take();
}

#[tokio::test]
async fn the_administrator_designs_the_body() {
    let (stage, receiver) = stage_and_receiver(|callback| {
        callback.body = PushBody::Document;
    })
    .await;
    let supplier = json!({"cardcode": "V100", "cardname": "无锡供应商", "gyslx": "0"});
    let workflow = stage.ecology.workflow_id("供应商准入").unwrap();
    let id = stage.ecology.start_by_hand(workflow, BUYER, &supplier).unwrap();
    stage.ecology.approve_to_the_end(id).await.unwrap();
    let body: Value = serde_json::from_str(&receiver.take().body).unwrap();
    let expected = json!({"requestid": id.to_string(), "status": "1", "mainData": supplier});
    assert_eq!(body, expected);

    let template = json!({
        "CardCode": "{cardcode}", "U_REQUESTID": "OA-{requestid}", "by": "{approver}",
    });
    stage.ecology.remove_callbacks();
    let mut callback = Callback::new(receiver.url(), APP_CODE);
    callback.body = PushBody::Template(template);
    callback.encoding = Encoding::Form;
    callback.header = "X-Apig-AppCode".to_owned();
    stage.ecology.add_callback(callback).unwrap();
    let order = json!({"cardcode": "C001", "detail1": [{"itemcode": "FG-001", "qty": 3}]});
    let workflow = stage.ecology.workflow_id("销售订单").unwrap();
    let id = stage.ecology.start_by_hand(workflow, BUYER, &order).unwrap();
    stage.ecology.approve_to_the_end(id).await.unwrap();
    let got = receiver.take();
    assert_eq!(got.headers["content-type"], "application/x-www-form-urlencoded; charset=utf-8");
    assert_eq!(got.body, format!("CardCode=C001&U_REQUESTID=OA-{id}&by=15003"));
    let rows = stage.ecology.request(id).unwrap()["details"].clone();
    assert_eq!(rows, json!([[{"itemcode": "FG-001", "qty": "3"}]]));
}

#[tokio::test]
async fn calls_come_twice_lose_their_answer_or_carry_another_code() {
    let (stage, receiver) = stage_and_receiver(|_| ()).await;
    let id = stage.create().await;
    stage.ecology.arrange_push_fault(PushFault::LoseAnswer);
    stage.ecology.approve(id, PURCHASING_HEAD, "").await.unwrap_err();
    assert_eq!((receiver.take_all().len(), stage.result(id).as_str()), (1, "running"));
    stage.ecology.arrange_push_fault(PushFault::WrongAppCode);
    stage.ecology.arrange_push_fault(PushFault::Duplicate);
    stage.ecology.approve(id, PURCHASING_HEAD, "").await.unwrap();
    assert_ne!(receiver.take().headers["x-apig-appcode"], APP_CODE);
    let id = stage.create().await;
    stage.ecology.approve(id, PURCHASING_HEAD, "").await.unwrap();
    assert_eq!(receiver.take_all().len(), 2);
}

#[tokio::test]
async fn a_reply_may_count_by_its_status_alone_and_must_come_in_time() {
    let (stage, receiver) = stage_and_receiver(|callback| {
        callback.accepted = Accepted { pointer: String::new(), ..Accepted::default() };
    })
    .await;
    receiver.reply(204, "");
    let id = stage.create().await;
    stage.ecology.approve(id, PURCHASING_HEAD, "").await.unwrap();

    let options = Options { reply_deadline: Duration::from_millis(20), ..Options::default() };
    let ecology = Ecology::start(Clock::new(), options).await.unwrap();
    ecology.add_callback(Callback::new(receiver.url(), APP_CODE)).unwrap();
    receiver.never_answer();
    let form = json!({"docentry": "1"});
    let id = ecology.start_by_hand(781, BUYER, &form).unwrap();
    let shown = ecology.approve(id, PURCHASING_HEAD, "").await.unwrap_err().to_string();
    assert!(shown.contains("超时"), "{shown}");
}

#[tokio::test]
async fn a_callback_that_cannot_work_is_refused() {
    let stage = stage().await;
    let refusal = |callback| stage.ecology.add_callback(callback).unwrap_err().to_string();
    assert!(refusal(Callback::new("https://h/", APP_CODE)).contains("`url`"));
    assert!(refusal(Callback::new("http://h/", "a\nb")).contains("`app_code`"));
    let header = "a b".to_owned();
    let callback = Callback { header, ..Callback::new("http://h/", APP_CODE) };
    assert!(refusal(callback).contains("`header`"));
}

#[tokio::test]
async fn people_are_held_to_the_rules() {
    let stage = stage().await;
    let ecology = &stage.ecology;
    let id = stage.create().await;
    let refused = ecology.approve(id, ACCOUNTANT, "").await.unwrap_err().to_string();
    assert!(refused.contains("NO_PERMISSION"), "{refused}");
    assert!(
        ecology.approve(7, ACCOUNTANT, "").await.unwrap_err().to_string().contains("no request 7")
    );
    ecology.hand_over(id, PURCHASING_HEAD, ACCOUNTANT).unwrap();
    ecology.comment(id, BUYER, "急").unwrap();
    ecology.return_to(id, ACCOUNTANT, "重填", 3974).await.unwrap();
    assert_eq!((stage.log(id).as_str(), stage.result(id).as_str()), ("2h93", "returned"));
    ecology.approve(id, BUYER, "").await.unwrap();
    ecology.withdraw(id, BUYER).unwrap();
    assert_eq!(stage.node(id), "创建");
    let incomplete = ecology.start_by_hand(781, BUYER, &json!({})).unwrap_err().to_string();
    assert!(incomplete.contains("单据号"), "{incomplete}");
    assert!(ecology.start_by_hand(781, "15099", &json!({"docentry": "1"})).is_err(), "has left");
    assert!(ecology.workflow_id("请假").unwrap_err().to_string().contains("采购申请"));
    assert_eq!(ecology.wait_for_request("docentry", "1042").await, id);
    ecology.delete(id).unwrap();
    assert!(ecology.request(id).is_err());
}
