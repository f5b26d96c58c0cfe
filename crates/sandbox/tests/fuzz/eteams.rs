use erplink_sandbox::{Sandbox, eteams};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{Client, Dice, requests};

const CALLS: &[&str] = &[
    "/oauth2/authorize",
    "/oauth2/access_token",
    "/oauth2/refresh_token",
    "/department/v1/list",
    "/department/v2/list",
    "/user/v1/departmentUsers",
    "/api/hrm/restful/queryOrg",
    "/api/hrm/restful/queryEmployee",
    "/papi/openapi/oauth2/authorize",
    "/papi/openapi/api/hrm/restful/queryOrg",
    "/openserver/department/v1/list",
    "/papi/openapi",
    "/%FF",
];

const NAMES: &[&str] = &[
    "corpid",
    "response_type",
    "app_key",
    "app_secret",
    "grant_type",
    "code",
    "refresh_token",
    "access_token",
    "typeList",
    "ids",
    "codeList",
    "parentCodeList",
    "parentOrgIds",
    "containDisableOrg",
    "containExtend",
    "jobNumList",
    "account",
    "current",
    "pageSize",
    "depid",
    "status",
    "fetch_child",
];

const VALUES: &[&str] = &[
    "1",
    "0",
    "all",
    "normal",
    "code",
    "refresh_token",
    "authorization_code",
    "department",
    "7035",
    "18446744073709551615",
    "-1",
    "1e400",
    "",
    "\u{0}",
    "采购部",
    "[1,2]",
];

pub(crate) fn authorize(sandbox: &Sandbox) -> String {
    let (url, corp) = (sandbox.eteams().url(), sandbox.eteams().corp_id());
    format!("{url}/oauth2/authorize?corpid={corp}&response_type=code")
}

#[tokio::test]
async fn eteams_answers_whatever_is_sent() {
    let (sandbox, client, mut dice) = (Sandbox::start().await.unwrap(), Client::new(), Dice(12));
    let eteams = sandbox.eteams();
    // Otherwise nearly everything ends at the first member that does not belong.
    let quirks = eteams::Quirks { ignore_unknown_members: true, ..Default::default() };
    eteams.set_quirks(quirks);
    let json = [("Content-Type", "application/json")];
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let ask = async |url: String, body: String| -> Value {
        let request = client.0.post(url).header(json[0].0, json[0].1).body(body);
        serde_json::from_str(&request.send().await.unwrap().text().await.unwrap()).unwrap()
    };
    let corp = json!({"corpid": eteams.corp_id(), "response_type": "code"}).to_string();
    let code = ask(format!("{}/oauth2/authorize", eteams.url()), corp).await;
    let app = json!({
        "app_key": eteams.app_key(), "app_secret": eteams.app_secret(),
        "grant_type": "authorization_code", "code": code["code"],
    });
    let token = ask(format!("{}/oauth2/access_token", eteams.url()), app.to_string()).await;
    let token = token["accessToken"].as_str().unwrap();
    for _ in 0..requests() {
        let (name, value) = (dice.pick(NAMES), dice.pick(VALUES));
        let path = dice.pick(CALLS);
        let url = format!("{}{path}?access_token={token}&{name}={value}", eteams.url());
        let method = if dice.roll(3) == 0 { Method::GET } else { Method::POST };
        let headers = if dice.roll(4) == 0 { &form } else { &json };
        client.survive(method, &url, headers, dice.body(NAMES, VALUES)).await;
    }
    let answer = ask(
        format!("{}/api/hrm/restful/queryOrg?access_token={token}", eteams.url()),
        json!({"ids": ["7035"]}).to_string(),
    );
    assert_eq!(answer.await["data"]["total"], 1, "it still works");
}
