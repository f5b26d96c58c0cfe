//! Closing orders: partial failure under a successful envelope.

use erplink_sandbox::mes::Quirks;
use serde_json::{Value, json};

use crate::support::{CLOSE, order, stage};

#[tokio::test]
async fn some_orders_close_and_others_do_not() {
    let stage = stage().await;
    let mut ids = Vec::new();
    for code in ["71", "72", "73"] {
        ids.push(stage.import(order(code)).await);
    }
    stage.mes.report("72", 1).unwrap();
    stage.mes.hold("73", "存在未完成的入库").unwrap();
    let close = |ids: Vec<i64>, kind: i64| {
        let body = json!({"operateReason": "ERP取消", "workOrderCloseType": kind,
                          "workOrderIdList": ids});
        stage.data(CLOSE, body)
    };
    let answer = close(vec![ids[0], ids[1], ids[2], 7], 1).await;
    assert_eq!((&answer["successAmount"], &answer["failAmount"]), (&json!(1), &json!(3)));
    let reasons: Vec<_> = answer["failResults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (&one["workOrderCode"], &one["failedReason"]))
        .collect();
    let expected = [
        (json!("72"), json!("存在执行中的任务")),
        (json!("73"), json!("存在未完成的入库")),
        (json!(""), json!("工单不存在")),
    ];
    let expected: Vec<_> = expected.iter().map(|(code, reason)| (code, reason)).collect();
    assert_eq!(reasons, expected);
    let closed = stage.mes.work_order("71").unwrap();
    assert_eq!(
        (&closed["status"]["code"], &closed["workOrderCloseType"]["code"]),
        (&json!(5), &json!(1))
    );

    let answer = close(vec![ids[0]], 1).await;
    assert_eq!(answer["failResults"][0]["failedReason"], "工单已关闭");
    // Abnormally, or where the tenant lets it, an order in execution closes.
    assert_eq!(close(vec![ids[1]], 2).await["successAmount"], 1);
    stage.mes.release("73").unwrap();
    stage.mes.report("73", 1).unwrap();
    stage.mes.set_quirks(Quirks { close_while_executing: true, ..Quirks::default() });
    assert_eq!(close(vec![ids[2]], 1).await["failResults"], json!([]));
    assert!(stage.mes.report("73", 1).is_err());
}

#[tokio::test]
async fn the_second_contract_takes_codes() {
    let stage = stage().await;
    let id = stage.import(order("71")).await;
    let close = async |body: Value| stage.data("/med/open/v2/work_order/batch_close", body).await;
    let body =
        json!({"workOrderCloseType": 1, "workOrderIdList": [7], "workOrderCodeList": ["71"]});
    assert_eq!(close(body).await["failResults"][0]["workOrderId"], 7, "the ids win");
    let body = json!({"workOrderCloseType": 1, "workOrderCodeList": ["71", "nobody"]});
    let answer = close(body).await;
    assert_eq!((&answer["successAmount"], &answer["failAmount"]), (&json!(1), &json!(1)));
    assert_eq!(answer["failResults"][0]["workOrderCode"], "nobody");
    assert_eq!(stage.mes.work_order("71").unwrap()["id"], id);
}
