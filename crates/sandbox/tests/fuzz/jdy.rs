use erplink_sandbox::Sandbox;
use reqwest::Method;
use serde_json::json;

use crate::{Client, Dice, requests};

const CALLS: &[&str] = &[
    "/auth/user/access_token",
    "/jdyconnector/app_management/push_app_authorize",
    "/jdyconnector/app_management/kingdee_auth_token",
    "/jdyaccouting/voucher",
    "/jdyaccouting/voucherlist",
    "/jdyaccouting/account",
    "/jdyaccouting/service",
    "/jdyaccouting/profile",
    "/jdyaccouting/balance/query",
    "/%FF",
];
const NAMES: &[&str] = &[
    "linkId",
    "groupName",
    "vchNumber",
    "date",
    "yearPeriod",
    "entries",
    "acctNo",
    "dc",
    "amount",
    "custNo",
    "filter",
    "fromPeriod",
    "toPeriod",
    "vchNum",
    "account",
    "page",
    "pageSize",
    "idSet",
    "vchId",
    "number",
    "name",
    "list",
];
const TEXTS: &[&str] = &[
    "",
    "记",
    "A",
    "2026-03-31",
    "9999-99-99",
    "1122",
    "5001",
    "C001",
    "1-",
    "-",
    "1,2",
    "202603",
    "%",
    "\u{0}",
    "9007199254740993",
    "一",
];
const QUERY: &[&str] = &[
    "&isReverse=1",
    "&action=getVchTotalQuery",
    "&fromDate=202603",
    "&toDate=999999999999999999999",
    "&classId=1",
    "&key=cur_period",
    "&%FF=%FF",
    "&dbId=x",
    "=",
    "&",
];

#[tokio::test]
async fn jdy_survives_nonsense() {
    let sandbox = Sandbox::start().await.unwrap();
    let (jdy, client, mut dice) = (sandbox.jdy(), Client::new(), Dice(70));
    let login = format!(
        "{}/auth/user/access_token?username={}&password={}&client_id={}&client_secret={}",
        jdy.url(),
        jdy.username(),
        "Jdy%26Sandbox%2B1234",
        jdy.client_id(),
        "Sbx$jdy%2Bdemo/secret%260001==",
    );
    let token = reqwest::get(&login).await.unwrap().text().await.unwrap();
    let token: serde_json::Value = serde_json::from_str(&token).unwrap();
    let token = token["data"]["access_token"].as_str().unwrap();
    let json_type = [("content-type", "application/json")];
    let mut served = 0;
    for _ in 0..requests() {
        let method = [Method::GET, Method::POST, Method::DELETE][dice.roll(3)].clone();
        let url = format!(
            "{}{}?access_token={token}&sId={}&dbId={}{}",
            jdy.url(),
            dice.pick(CALLS),
            jdy.s_id(),
            jdy.db_id(),
            dice.words(QUERY, 2),
        );
        let body = match dice.roll(4) {
            0 => dice.words(&["{", "[", "\"", "1", ":", "记", ",", "}"], 8),
            1 => json!([dice.json(NAMES, TEXTS, 3)]).to_string(),
            2 => json!({ "filter": dice.json(NAMES, TEXTS, 2) }).to_string(),
            _ => dice.json(NAMES, TEXTS, 3).to_string(),
        };
        client.survive(method, &url, &json_type, body).await;
        served += 1;
    }
    assert_eq!(served, requests());
    assert!(jdy.calls().total() >= served as u64);
}
