//! regist and applytoken.

use std::time::Duration;

use erplink_sandbox::ecology::{LoginWall, Quirks, SecretName};
use serde_json::{Value, json};

use crate::support::{APPLY_TOKEN, BUYER, REGIST, Stage, seal, stage, stage_with};

/// The published key, and the demo secret sealed with it by another implementation (padding 0xAA).
const SPK: &str = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDXV+2MTMd2767yXDqw0d47T10btu0sH4839j3X424OD1eKHggAYrpJ6ptEcE15xPJCuOht3aMREkNiUfwXbFkjzw5cC4cMU3OBNmUi9jBV6KKDTPJmq3TEyW8utsiXo3FT5+i80GYWJVXM/Ue7leHHR6JwA5s1cGNuw5PqAR6S0QIDAQAB";
const SEALED_SECRET: &str = "JdnMO2INc2C/ypPucTVqKKFsFsXAMtgf38N0wKD6bQuXIh+kNB7ixW1Ua0aXNEzuvxeG5bLmd+IRdjlSbA6vJu5XW8EGsjeRSXJ1SThgQ/HllAByKPLffUkK17G7zYHO60xPRmlIqc0WatdWjUtyZXE8laHKimAiT+nGHgm6CAs=";

async fn regist(stage: &Stage) -> Value {
    let appid = stage.ecology.appid();
    let (status, body) = stage.post_with(REGIST, &[("appid", &appid), ("cpk", "123")]).await;
    assert_eq!(status, 200);
    body
}

async fn apply(stage: &Stage, secret: &str) -> Value {
    let appid = stage.ecology.appid();
    let headers = [("appid", appid.as_str()), ("secret", secret)];
    stage.post_with(APPLY_TOKEN, &headers).await.1
}

/// Whether the token opens a business call.
async fn works(stage: &Stage, token: &str) -> bool {
    let stage_token = [("token", token)];
    let appid = stage.ecology.appid();
    let userid = seal(&stage.ecology.spk(), BUYER);
    let url = stage.url("/api/hrm/login/getAccountList");
    let request = stage.http.get(url).header("appid", appid).header("userid", userid);
    let request =
        stage_token.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    crate::support::send(request).await.1["status"] == "1"
}

#[tokio::test]
async fn regist_tells_the_secret_and_the_key() {
    let stage = stage().await;
    let body = regist(&stage).await;
    assert_eq!(
        body,
        json!({
            "msgShowType": "none", "code": 0, "errcode": "0", "msg": "ok", "errmsg": "ok",
            "status": true, "secrit": "e5b4257a-0000-4e3a-89d3-000000000001", "spk": SPK,
        })
    );
    assert_eq!(regist(&stage).await, body, "a repeated call changes nothing");
    let (_, unknown) = stage.post_with(REGIST, &[("appid", "nobody")]).await;
    assert_eq!((&unknown["status"], &unknown["code"]), (&json!(false), &json!(-1)));
    assert!(unknown["msg"].as_str().unwrap().contains("APPID"));
}

#[tokio::test]
async fn a_sample_of_another_implementation_is_opened() {
    let stage = stage().await;
    let body = apply(&stage, SEALED_SECRET).await;
    assert_eq!((&body["status"], &body["code"]), (&json!(true), &json!(0)));
    assert!(works(&stage, body["token"].as_str().unwrap()).await);
}

#[tokio::test]
async fn older_patches_rotate_and_cut_everybody_off() {
    let rotating = Quirks {
        rotate_on_regist: true,
        secret_name: SecretName::Both,
        text_codes: true,
        ..Quirks::default()
    };
    let stage = stage_with(rotating).await;
    let first = regist(&stage).await;
    assert_eq!((&first["secret"], &first["code"]), (&first["secrit"], &json!("0")));
    let sealed_before = seal(SPK, first["secret"].as_str().unwrap());
    let second = regist(&stage).await;
    assert_ne!(second["secret"], first["secret"]);
    assert_eq!(second["spk"].as_str().unwrap().len(), 392, "a key of 2048 bits");
    let refused = apply(&stage, &sealed_before).await;
    assert_eq!(refused["msg"], "secret解密失败,请检查加密内容.");
    let sealed = seal(second["spk"].as_str().unwrap(), second["secret"].as_str().unwrap());
    assert_eq!(apply(&stage, &sealed).await["status"], true);
}

#[tokio::test]
async fn every_way_to_get_the_secret_wrong_has_its_text() {
    let stage = stage().await;
    let secret = stage.ecology.secret();
    let message = |sealed: String| {
        let stage = &stage;
        async move {
            let body = apply(stage, &sealed).await;
            assert_eq!((&body["status"], &body["code"]), (&json!(false), &json!(-1)));
            body["msg"].as_str().unwrap().to_owned()
        }
    };
    assert!(message(secret.clone()).await.starts_with("secret解密失败"), "plain text");
    assert!(message(String::new()).await.starts_with("secret解密失败"));
    let with_newline = seal(SPK, &format!("{secret}\n"));
    assert!(message(with_newline).await.starts_with("认证信息错误"));
    assert!(message(seal(SPK, "other")).await.starts_with("认证信息错误"));
    let headers = [("appid", "nobody"), ("secret", SEALED_SECRET)];
    let (_, unknown) = stage.post_with(APPLY_TOKEN, &headers).await;
    assert!(unknown["msg"].as_str().unwrap().contains("APPID"));
}

#[tokio::test]
async fn a_token_lives_as_long_as_it_was_asked_for() {
    let stage = stage().await;
    let long = stage.apply_token(&[("time", "3600")]).await["token"].as_str().unwrap().to_owned();
    assert!(works(&stage, &stage.token).await && works(&stage, &long).await, "both are good");
    stage.clock.advance(Duration::from_secs(1801));
    assert!(!works(&stage, &stage.token).await, "the default is 1800 seconds");
    assert!(works(&stage, &long).await);
    stage.clock.advance(Duration::from_secs(1800));
    assert!(!works(&stage, &long).await);
}

#[tokio::test]
async fn what_is_not_documented_about_tokens_are_switches() {
    let stage = stage_with(Quirks { new_token_cancels_old: true, ..Quirks::default() }).await;
    stage.apply_token(&[]).await;
    assert!(!works(&stage, &stage.token).await);

    let stage = stage_with(Quirks { sliding_tokens: true, ..Quirks::default() }).await;
    for _ in 0..3 {
        stage.clock.advance(Duration::from_secs(1000));
        assert!(works(&stage, &stage.token).await);
    }

    let stage = stage_with(Quirks { broken_token_store: true, ..Quirks::default() }).await;
    let token = stage.apply_token(&[]).await["token"].as_str().unwrap().to_owned();
    assert!(!works(&stage, &token).await);
}

#[tokio::test]
async fn a_filter_that_blocks_the_token_addresses_answers_with_a_login() {
    for (wall, status) in [(LoginWall::Page, 200), (LoginWall::Redirect, 302)] {
        let quirks = Quirks { token_urls_blocked: Some(wall), ..Quirks::default() };
        let stage = stage_with(Quirks::default()).await;
        stage.ecology.set_quirks(quirks);
        let (found, body) = stage.post_with(APPLY_TOKEN, &[]).await;
        assert_eq!(found, status);
        assert!(body.as_str().unwrap().starts_with("<!DOCTYPE html>"), "{body}");
    }
    let stage = stage().await;
    let quirks = Quirks { token_urls_blocked: Some(LoginWall::Json), ..Quirks::default() };
    stage.ecology.set_quirks(quirks);
    let (_, body) = stage.post_with(REGIST, &[]).await;
    assert_eq!(body, json!({"msg": "登录信息超时", "errorCode": "002", "status": false}));
}

#[tokio::test]
async fn everything_received_can_be_looked_at() {
    let stage = stage().await;
    let secret = stage.ecology.secret();
    let shown = format!("{:?}", stage.ecology.received());
    assert!(shown.contains("applytoken") && !shown.contains(&secret));
    assert_eq!(stage.ecology.token_count(), 1);
}
