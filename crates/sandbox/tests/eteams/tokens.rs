//! Codes, tokens, refreshes, and the three kinds of installation.

use std::time::Duration;

use erplink_sandbox::eteams::{Grants, Quirks};
use serde_json::{Value, json};

use crate::support::{QUERY_ORG, Stage, answer, stage, stage_with};

async fn errcode(stage: &Stage, token: &str) -> Value {
    let path = format!("{QUERY_ORG}?access_token={token}");
    stage.json(&path, &json!({})).await.1["message"]["errcode"].clone()
}

#[tokio::test]
async fn a_code_works_once_and_for_five_minutes() {
    let stage = stage().await;
    let code = stage.code().await;
    let answer = stage.exchange(&code).await;
    assert_eq!((&answer["errcode"], &answer["expires_in"]), (&json!("0"), &json!(7200)));
    assert!(answer["refreshToken"].is_string());
    let again = stage.exchange(&code).await;
    assert_eq!(again["errcode"], "90004", "{again}");
    let late = stage.code().await;
    stage.clock.advance(Duration::from_secs(301));
    assert_eq!(stage.exchange(&late).await["errcode"], "90005");
    assert_eq!(stage.exchange("never").await["errcode"], "90003");
    assert_eq!(stage.eteams.grants(), Grants { codes: 2, tokens: 1, refreshes: 0 });
}

#[tokio::test]
async fn wrong_credentials_are_refused_at_their_own_step() {
    let stage = stage().await;
    let path = "/oauth2/authorize?corpid=other&response_type=code";
    assert_eq!(stage.get(path).await.1["errcode"], "90007");
    let code = stage.code().await;
    let fields = [
        ("app_key", stage.eteams.app_key()),
        ("app_secret", "wrong"),
        ("grant_type", "authorization_code"),
        ("code", &code),
    ];
    assert_eq!(stage.form("/oauth2/access_token", &fields).await.1["errcode"], "90008");
    // The code was not used up by that.
    assert_eq!(stage.exchange(&code).await["errcode"], "0");
    let (_, answer) = stage.form("/oauth2/access_token", &fields[..2]).await;
    assert!(answer["errmsg"].as_str().unwrap().contains("grant_type"), "{answer}");
}

#[tokio::test]
async fn a_refresh_gives_another_refresh_token() {
    let stage = stage().await;
    let code = stage.code().await;
    let refresh = stage.exchange(&code).await["refreshToken"].as_str().unwrap().to_owned();
    let fields = [("grant_type", "refresh_token"), ("refresh_token", &*refresh)];
    let second = stage.form("/oauth2/refresh_token", &fields).await.1;
    assert_ne!(second["refreshToken"], refresh);
    assert_eq!(errcode(&stage, second["accessToken"].as_str().unwrap()).await, "0");
    let again = stage.form("/oauth2/refresh_token", &fields).await.1;
    assert_eq!(again["errcode"], "90006", "used up");

    let keeps = Quirks { keep_refresh_token: true, refresh_needs_app: true, ..Quirks::default() };
    stage.eteams.set_quirks(keeps);
    let refresh = second["refreshToken"].as_str().unwrap();
    let mut fields = vec![("grant_type", "refresh_token"), ("refresh_token", refresh)];
    assert_eq!(stage.form("/oauth2/refresh_token", &fields).await.1["errcode"], "90001");
    fields.extend([("app_key", stage.eteams.app_key()), ("app_secret", stage.eteams.app_secret())]);
    for _ in 0..2 {
        let answer = stage.form("/oauth2/refresh_token", &fields).await.1;
        assert_eq!(answer["refreshToken"], refresh, "{answer}");
    }
}

#[tokio::test]
async fn tokens_end_and_are_forgotten() {
    let stage = stage().await;
    let token = stage.token().await;
    assert_eq!(errcode(&stage, &token).await, "0");
    stage.clock.advance(Duration::from_secs(7200));
    assert_eq!(errcode(&stage, &token).await, "300001");
    assert_eq!(errcode(&stage, "never").await, "300002");
    assert_eq!(errcode(&stage, "").await, "200007");
    let token = stage.token().await;
    stage.eteams.expire_tokens();
    let quirks = Quirks { expired_code: "200008".to_owned(), ..Quirks::default() };
    stage.eteams.set_quirks(quirks);
    assert_eq!(errcode(&stage, &token).await, "200008");
    stage.eteams.forget_tokens();
    assert_eq!(errcode(&stage, &token).await, "300002");
    let voids = Quirks { new_token_voids_old: true, ..Quirks::default() };
    stage.eteams.set_quirks(voids);
    let (first, second) = (stage.token().await, stage.token().await);
    assert_eq!(errcode(&stage, &first).await, "300002");
    assert_eq!(errcode(&stage, &second).await, "0");
}

#[tokio::test]
async fn a_token_travels_in_the_query_or_in_a_body() {
    let stage = stage().await;
    let token = stage.token().await;
    let in_body = json!({"access_token": token, "current": 1, "pageSize": 1});
    assert_eq!(stage.json(QUERY_ORG, &in_body).await.1["message"]["errcode"], "0");
    stage.eteams.set_quirks(Quirks { token_in_query_only: true, ..Quirks::default() });
    assert_eq!(stage.json(QUERY_ORG, &in_body).await.1["message"]["errcode"], "200007");
}

#[tokio::test]
async fn an_e10_has_a_path_of_its_own_and_an_older_installation_a_header() {
    let stage = stage_with(Quirks { strict_dialect: true, ..Quirks::default() }).await;
    let body = json!({"corpid": stage.eteams.corp_id(), "response_type": "code", "state": ""});
    let (_, code) = stage.json("/papi/openapi/oauth2/authorize", &body).await;
    assert_eq!(code["errcode"], "0", "{code}");
    let app = json!({
        "app_key": stage.eteams.app_key(), "app_secret": stage.eteams.app_secret(),
        "grant_type": "authorization_code", "code": code["code"],
    });
    let (_, token) = stage.json("/papi/openapi/oauth2/access_token", &app).await;
    let token = token["accessToken"].as_str().unwrap();
    let path = format!("/papi/openapi{QUERY_ORG}?access_token={token}");
    assert_eq!(stage.json(&path, &json!({})).await.1["message"]["errcode"], "0");
    // Strictly, each has its own way.
    assert_eq!(stage.json("/oauth2/authorize", &body).await.1["errcode"], "90001");
    stage.code().await;

    let path = format!("/openserver{QUERY_ORG}?access_token={token}");
    assert_eq!(stage.json(&path, &json!({})).await.1["message"]["errcode"], "90002");
    let request = stage.request("POST", &path).header("callSysCode", stage.eteams.call_sys_code());
    let request = request.header("content-type", "application/json").body("{}");
    assert_eq!(answer(request).await.1["message"]["errcode"], "0");
}
