//! Accounts, settings, balances.

use serde_json::json;

use crate::support::{VOUCHER, stage, voucher};

const ACCOUNT: &str = "/jdyaccouting/account";

#[tokio::test]
async fn accounts_are_listed_by_class_and_created_once() {
    let stage = stage().await;
    let all = stage.get(ACCOUNT, &[]).await;
    assert_eq!(all["items"].as_array().unwrap().len(), 10);
    let assets = stage.get(ACCOUNT, &[("classId", "1")]).await;
    assert!(assets["items"].as_array().unwrap().iter().all(|one| one["groupName"] == "流动资产"));
    assert_eq!(stage.get(ACCOUNT, &[("classId", "9")]).await["code"], 46_002);
    let new = json!({ "number": "6601", "name": "销售费用", "dc": 1, "groupName": "期间费用" });
    assert_eq!(stage.post(ACCOUNT, new.clone()).await["code"], 0);
    assert_eq!(stage.post(ACCOUNT, new).await["msg"], "科目编码6601已存在");
    assert_eq!(stage.post(ACCOUNT, json!({ "number": "1" })).await["msg"], "name不能为空");
}

#[tokio::test]
async fn balances_follow_from_the_vouchers() {
    let stage = stage().await;
    stage.post(VOUCHER, json!([voucher("A"), voucher("B")])).await;
    let query = [("classId", "5"), ("currency", "RMB")];
    let answer = stage.get("/jdyaccouting/balance/query", &query).await;
    assert_eq!(
        answer["items"][0],
        json!({ "number": "5001", "name": "主营业务收入", "balance": -200 })
    );
}

#[tokio::test]
async fn settings_are_asked_for_by_key() {
    let stage = stage().await;
    let value = async |key: &str| stage.get("/jdyaccouting/profile", &[("key", key)]).await;
    assert_eq!(value("cur_period").await["value"], "202001");
    assert_eq!(value("std_currency").await["value"], "RMB");
    assert_eq!(value("colour").await["code"], 46_001);
}
