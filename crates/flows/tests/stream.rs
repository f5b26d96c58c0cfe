//! Decisions of DingTalk over a connection that we open: nobody has to reach us.

#![allow(clippy::unwrap_used)] // the lint spares test functions only

#[allow(dead_code)] // each file of tests uses a part
mod stage;

use std::sync::Arc;

use erplink::dingtalk::DingTalk;
use erplink::receive;
use erplink::scenario::{DraftApproval, Scenario as _};
use erplink_sandbox::dingtalk::StreamSubscription;
use erplink_sync::{Runner, SqliteStore};
use serde_json::json;
use stage::{COMPANY, MANAGER, Stage};
use tokio::task::JoinHandle;

/// A runner on the ledger file with a standing connection, the `number`th.
async fn connect(stage: &Stage, number: u64) -> (Runner, JoinHandle<()>) {
    let app = DingTalk::of(&stage.systems).unwrap().clone().stream();
    let systems = stage.systems.clone().with(app);
    let scenario: DraftApproval = serde_json::from_value(json!({
        "process_code": stage.process_code("采购申请"),
        "fields": [{"from": "User.UserName", "to": "申请人"}],
    }))
    .unwrap();
    let composition = scenario.compose(COMPANY, "requests", &systems).unwrap();
    let store = SqliteStore::open(stage.ledger.path()).await.unwrap();
    let (builder, receivers) = composition.runner(store);
    let runner = builder.clock(Arc::new(stage.clock.clone())).build().unwrap();
    let mut opened = receive::open(receivers, &runner).unwrap();
    assert_eq!(opened.paths, [""; 0], "there is nothing at the port");
    let connection = tokio::spawn(opened.connections.pop().unwrap());
    stage.sandbox.dingtalk().wait_for_stream_connection(number).await;
    (runner, connection)
}

#[tokio::test]
async fn decisions_come_without_an_address() {
    let stage = Stage::new().await;
    let (_, request) = stage.submit("RM-001", "1");
    let office = stage.sandbox.dingtalk();
    office.subscribe_stream(StreamSubscription::default());
    let (runner, _connection) = connect(&stage, 1).await;
    assert_eq!(runner.run_once().await.done, 1);

    office.approve(&office.instances()[0], MANAGER, "同意").unwrap();
    office.settled().await;
    let report = runner.run_once().await;
    assert_eq!((report.done, report.failed.len()), (1, 0), "{report}");
    assert_eq!(stage.entity("ApprovalRequests", request)["Status"], "arsApproved");
    let answers: Vec<_> = office.stream_pushes().into_iter().map(|push| push.answer).collect();
    assert!(answers.iter().all(|answer| answer.as_deref() == Some("SUCCESS")), "{answers:?}");
}

#[tokio::test]
async fn a_decision_while_nobody_listens_waits_for_the_next_connection() {
    let stage = Stage::new().await;
    let (_, request) = stage.submit("RM-001", "1");
    let office = stage.sandbox.dingtalk();
    office.subscribe_stream(StreamSubscription::default());
    let (runner, connection) = connect(&stage, 1).await;
    assert_eq!(runner.run_once().await.done, 1);
    connection.abort();
    drop((connection.await, runner));
    while office.stream_connections() > 0 {
        tokio::task::yield_now().await;
    }
    office.refuse(&office.instances()[0], MANAGER, "下季度再议").unwrap();

    let (runner, _connection) = connect(&stage, 2).await;
    office.settled().await;
    let report = runner.run_once().await;
    assert_eq!((report.done, report.failed.len()), (1, 0), "{report}");
    assert_eq!(stage.entity("ApprovalRequests", request)["Status"], "arsNotApproved");
}
