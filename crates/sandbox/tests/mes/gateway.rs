//! Logins, tokens, permissions, quotas, and answers on demand.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use erplink_sandbox::mes::{ExpiredToken, LifetimeName, Limits, Quirks, TokenPlace};
use serde_json::{Value, json};

use crate::support::{
    ACCOUNT_LOGIN, APP_LOGIN, CODE_TO_ID, IMPORT_MATERIAL, LIST_MATERIALS, ORDER, REPORTS, ROUTE,
    stage, stage_with,
};

#[tokio::test]
async fn both_logins_give_tokens_that_open_calls() {
    let mut stage = stage().await;
    stage.data(LIST_MATERIALS, json!({})).await;
    let account = stage.log_in(ACCOUNT_LOGIN).await;
    assert_eq!((&account["code"], &account["data"]["terminal"]), (&json!(200), &json!(5)));
    stage.token = account["data"]["token"].as_str().unwrap().to_owned();
    stage.data(LIST_MATERIALS, json!({})).await;

    let parts: Vec<_> = stage.token.split('.').collect();
    let decoded = |part: &str| -> Value {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    };
    assert_eq!((parts.len(), decoded(parts[0])), (3, json!({"alg": "HS512"})));
    let claims = decoded(parts[1]);
    let left = claims["exp"].as_i64().unwrap() - stage.clock.now().timestamp();
    assert!((7190..=7200).contains(&left), "{left}");
    assert!(claims["userId"].is_i64() && claims["orgId"].is_i64() && claims["iat"].is_null());
    // HMAC-SHA-512.
    assert_eq!(URL_SAFE_NO_PAD.decode(parts[2]).unwrap().len(), 64);

    let other_path = "/api/openapi/domain/web/v1/access_token/_get_access_token";
    assert_eq!(stage.log_in(other_path).await["data"]["expire"], 7200);
    assert_eq!(stage.mes.token_count(), 3);
}

#[tokio::test]
async fn wrong_credentials_are_refused() {
    let stage = stage().await;
    let wrong = json!({"appKey": stage.mes.app_key(), "appSecret": "x"});
    let (status, answer) = stage.send(APP_LOGIN, &wrong).await;
    assert_eq!((status, &answer["code"]), (200, &json!(400)));
    assert_eq!(answer["subCode"], "OPENAPI-DOMAIN/APP_AUTH_FAIL");
    let missing = json!({"appKey": stage.mes.app_key(), "appSecret": stage.mes.app_secret()});
    let (_, answer) = stage.send(ACCOUNT_LOGIN, &missing).await;
    assert!(answer["message"].as_str().unwrap().contains("factoryNumber"), "{answer}");
}

#[tokio::test]
async fn a_token_travels_in_four_places() {
    let stage = stage().await;
    let url = format!("{}{ROUTE}{LIST_MATERIALS}", stage.mes.url());
    let by_header = async |name: &str| {
        let request = stage.http.post(&url).header(name, &stage.token);
        let response = request.header("content-type", "application/json").body("{}").send();
        let text = response.await.unwrap().text().await.unwrap();
        serde_json::from_str::<Value>(&text).unwrap()["code"].clone()
    };
    for name in ["access_token", "X-AUTH", "token"] {
        assert_eq!(by_header(name).await, 200, "{name}");
    }
    assert_eq!(by_header("authorization").await, 401);
    let only = Quirks { token_place: Some(TokenPlace::XAuthHeader), ..Quirks::default() };
    stage.mes.set_quirks(only);
    assert_eq!(by_header("token").await, 401);
    assert_eq!(by_header("x-auth").await, 200);
    assert_eq!(stage.call(LIST_MATERIALS, &json!({})).await["code"], 401);
}

#[tokio::test]
async fn tokens_end_with_the_sub_code_of_their_login() {
    let mut stage = stage().await;
    stage.advance(7201);
    let answer = stage.call(LIST_MATERIALS, &json!({})).await;
    assert_eq!(answer["subCode"], "OPENAPI-DOMAIN/ACCESS_TOKEN_EXPIRED");
    stage.token = stage.log_in(ACCOUNT_LOGIN).await["data"]["token"].as_str().unwrap().to_owned();
    stage.mes.expire_tokens();
    let answer = stage.call(LIST_MATERIALS, &json!({})).await;
    assert_eq!((&answer["code"], &answer["data"]), (&json!(400_150), &Value::Null));
    assert_eq!(answer["subCode"], "USER-DOMAIN/SSO_TOKEN_FAIL");
    let quirks = Quirks { expired_token: ExpiredToken::Http401, ..Quirks::default() };
    stage.mes.set_quirks(quirks);
    let path = format!("{ROUTE}{LIST_MATERIALS}?access_token={}", stage.token);
    assert_eq!(stage.send(&path, &json!({})).await.0, 401);
    stage.mes.forget_tokens();
    assert_eq!(stage.call(LIST_MATERIALS, &json!({})).await["code"], 400_150);
}

#[tokio::test]
async fn a_new_token_can_void_the_old_one() {
    let quirks = Quirks {
        new_token_voids_old: true,
        lifetime_name: LifetimeName::ExpiresIn,
        ..Quirks::default()
    };
    let mut stage = stage_with(quirks).await;
    let second = stage.log_in(APP_LOGIN).await["data"].clone();
    assert_eq!((&second["expiresIn"], &second["expire"]), (&json!(7200), &Value::Null));
    assert_eq!(stage.call(LIST_MATERIALS, &json!({})).await["code"], 400_150);
    stage.token = second["appAccessToken"].as_str().unwrap().to_owned();
    stage.data(LIST_MATERIALS, json!({})).await;
}

#[tokio::test]
async fn calls_can_be_taken_away_and_fields_hidden() {
    let stage = stage().await;
    stage.mes.revoke("/progress_report/_list");
    let answer = stage.call(REPORTS, &json!({})).await;
    assert_eq!(answer["subCode"], "OPENAPI-DOMAIN/URL_NO_PERMISSION");
    assert_eq!(answer["code"], 3_500_060);
    stage.mes.grant("/progress_report/_list");
    stage.data(REPORTS, json!({})).await;

    let body = json!({"workOrderId": stage.id_of("1").await});
    let shown = stage.call(ORDER, &body).await;
    assert_eq!(
        (&shown["data"]["remark"], &shown["fieldPermission"]),
        (&json!("首批"), &Value::Null)
    );
    stage.mes.hide_fields(&["remark"]);
    let shown = stage.call(ORDER, &body).await;
    assert!(shown["data"].get("remark").is_none(), "{shown}");
    assert_eq!(shown["fieldPermission"]["noAccess"], json!(["remark"]));
}

#[tokio::test]
async fn a_used_up_quota_is_said_in_the_envelope_or_by_the_status() {
    let stage = stage().await;
    stage.mes.set_limits(Limits { per_second: 0, ..Limits::default() });
    let answer = stage.call(LIST_MATERIALS, &json!({})).await;
    assert_eq!(answer["subCode"], "OPENAPI-DOMAIN/QUOTA_EXCEEDED");
    stage.mes.set_limits(Limits { per_day: 0, http_429: true, ..Limits::default() });
    let path = format!("{ROUTE}{LIST_MATERIALS}?access_token={}", stage.token);
    let (status, answer) = stage.send(&path, &json!({})).await;
    assert_eq!((status, &answer["code"]), (429, &json!(429)));
    stage.mes.set_limits(Limits::default());
    stage.data(LIST_MATERIALS, json!({})).await;
}

#[tokio::test]
async fn what_is_not_there_fails_loudly() {
    let stage = stage().await;
    let send = async |path: &str, body: Value| {
        let path = format!("{ROUTE}{path}?access_token={}", stage.token);
        let (status, answer) = stage.send(&path, &body).await;
        (status, answer["message"].as_str().unwrap().to_owned())
    };
    let (status, message) = send("/inventory/open/v1/inbound_order/_list", json!({})).await;
    assert!(status == 501 && message.contains("inbound_order"), "{message}");
    let (status, message) = send(REPORTS, json!({"reportTimeForm": 1})).await;
    assert!(status == 501 && message.contains("reportTimeForm"), "{message}");
    assert_eq!(send(REPORTS, json!({"equipmentIdList": [], "qrCode": null})).await.0, 200);
    stage.mes.set_quirks(Quirks { ignore_unknown_members: true, ..Quirks::default() });
    assert_eq!(send(REPORTS, json!({"reportTimeForm": 1})).await.0, 200);

    let url = format!("{}{ROUTE}{REPORTS}", stage.mes.url());
    let get = stage.http.get(&url).send().await.unwrap();
    assert_eq!(get.status(), 405);
    let form = stage.http.post(format!("{url}?access_token={}", stage.token)).body("a=1");
    assert_eq!(form.send().await.unwrap().status(), 415);
    assert_eq!(stage.call(REPORTS, &json!([1])).await["subCode"], "OPENAPI-DOMAIN/BODY_INVALID");
    // A reverse proxy that drops `/api`.
    let short = format!("/openapi/domain/web/v1/route{REPORTS}?access_token={}", stage.token);
    assert_eq!(stage.send(&short, &json!({})).await.1["code"], 200);
}

#[tokio::test]
async fn answers_come_as_arranged() {
    let stage = stage().await;
    let material =
        |code: &str| json!({"materialCode": code, "materialName": "新料", "unitName": "个"});
    stage.mes.refuse_next("/material/_doimport", 500, "MATERIAL-DOMAIN/SYSTEM_ERROR", "系统异常");
    let answer = stage.call(IMPORT_MATERIAL, &material("A1")).await;
    assert_eq!((&answer["code"], &answer["message"]), (&json!(500), &json!("系统异常")));
    assert!(stage.mes.material("A1").is_err());

    stage.mes.refuse_next_after_commit("/material/_doimport", 500, "", "系统异常");
    let answer = stage.call(IMPORT_MATERIAL, &material("A2")).await;
    assert_eq!((&answer["code"], &answer["subCode"]), (&json!(500), &Value::Null));
    assert_eq!(stage.mes.material("A2").unwrap()["name"], "新料");

    stage.mes.ask_confirmation_next("/material/_doimport", "编码规则不符, 是否继续?");
    let mut body = material("A3");
    let answer = stage.call(IMPORT_MATERIAL, &body).await;
    assert_eq!((&answer["code"], &answer["needCheck"]), (&json!(200), &json!(1)));
    assert!(stage.mes.material("A3").is_err(), "nothing is done before somebody confirms");
    stage.mes.ask_confirmation_next("/material/_doimport", "编码规则不符, 是否继续?");
    body["skipWeakControlRule"] = json!(["code_rule"]);
    assert_eq!(stage.call(IMPORT_MATERIAL, &body).await["needCheck"], 0);
    assert!(stage.mes.material("A3").is_ok());
}

#[tokio::test]
async fn an_answer_can_come_after_its_commit() {
    let stage = stage().await;
    let delay = Duration::from_millis(300);
    stage.mes.delay_next_answer("/_code_to_id", delay);
    let started = Instant::now();
    stage.data(CODE_TO_ID, json!({"code": "1", "objectCode": "ProductionOrder"})).await;
    assert!(started.elapsed() >= delay);

    stage.mes.delay_next_answer("/material/_doimport", Duration::from_secs(600));
    let body = json!({"materialCode": "LATE", "materialName": "迟", "unitName": "个"});
    let call = stage.call(IMPORT_MATERIAL, &body);
    // The client gives up; the material is there all the same.
    let gave_up = tokio::time::timeout(Duration::from_millis(1500), call).await.is_err();
    assert!(gave_up && stage.mes.material("LATE").is_ok());
}
