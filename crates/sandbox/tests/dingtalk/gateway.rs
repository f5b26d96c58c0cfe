//! Tokens, permissions, limits, bans and unknown paths.

use std::time::Duration;

use erplink_sandbox::Fault;
use erplink_sandbox::dingtalk::{BanPage, Limits, Options};
use http::Method;
use serde_json::{Value, json};

use crate::support::{BUYER, INSTANCES, send, stage, stage_with};

#[tokio::test]
async fn the_three_ways_give_one_token_which_works_on_both_hosts() {
    let stage = stage().await;
    let (id, secret) = (stage.dingtalk.client_id(), stage.dingtalk.client_secret());
    let body =
        json!({"client_id": id, "client_secret": secret, "grant_type": "client_credentials"});
    let path = format!("/v1.0/oauth2/{}/token", stage.dingtalk.corp_id());
    let (_, unified) = stage.post(&path, &body).await;
    assert_eq!(unified, json!({"access_token": stage.token, "expires_in": 7200}));
    for host in [stage.dingtalk.oapi_url(), stage.dingtalk.api_url()] {
        let url = format!("{host}/gettoken?appkey={id}&appsecret={secret}");
        let (status, old) = send(stage.http.get(url)).await;
        assert_eq!((status, &old["errcode"]), (200, &json!(0)));
        assert_eq!(old["access_token"], json!(stage.token));
    }
    assert_eq!(stage.dingtalk.fetch_count(), 4);
    assert_eq!(
        stage.old_post("/topapi/v2/user/get", &json!({"userid": BUYER})).await["errcode"],
        0
    );
}

#[tokio::test]
async fn wrong_credentials_are_refused_in_each_ways_own_words() {
    let stage = stage().await;
    let bad = json!({"appKey": "dingx", "appSecret": "x"});
    let (status, body) = stage.post("/v1.0/oauth2/accessToken", &bad).await;
    assert_eq!((status, &body["code"]), (400, &json!("invalidClientIdOrSecret")));
    assert!(body["requestid"].is_string());

    let path = format!("/v1.0/oauth2/{}/token", stage.dingtalk.corp_id());
    let credentials = |secret: &str, grant: &str| json!({"client_id": stage.dingtalk.client_id(), "client_secret": secret, "grant_type": grant});
    let secret = stage.dingtalk.client_secret();
    assert_eq!(
        stage.refusal(&path, &credentials("x", "client_credentials")).await,
        "invalid.client"
    );
    assert_eq!(stage.refusal(&path, &credentials(&secret, "x")).await, "unsupported.grant.type");
    let (status, body) = stage
        .post("/v1.0/oauth2/dingother/token", &credentials(&secret, "client_credentials"))
        .await;
    assert_eq!((status, &body["code"]), (401, &json!("unauthorized.client")));

    let base = format!("{}/gettoken", stage.dingtalk.oapi_url());
    let (_, wrong) = send(stage.http.get(format!("{base}?appkey=a&appsecret=b"))).await;
    assert_eq!(wrong["errcode"], 40096);
    let (_, missing) = send(stage.http.get(base)).await;
    assert_eq!(missing["errcode"], 40035);
}

#[tokio::test]
async fn a_token_lives_two_hours_after_it_was_last_fetched() {
    let stage = stage().await;
    let todo = format!("/v1.0/workflow/processes/todoTasks/numbers?userId={BUYER}");
    stage.clock.advance(Duration::from_secs(7000));
    assert_eq!(stage.fetch_token().await, stage.token);
    stage.clock.advance(Duration::from_secs(7000));
    assert_eq!(stage.get(&todo).await.0, 200);
    stage.clock.advance(Duration::from_secs(201));
    let (status, body) = stage.get(&todo).await;
    assert_eq!((status, &body["code"]), (400, &json!("InvalidAuthentication")));
    assert_ne!(stage.fetch_token().await, stage.token);
}

#[tokio::test]
async fn a_token_must_stand_where_its_host_looks_for_it() {
    let stage = stage().await;
    let url = format!(
        "{}/v1.0/workflow/processes/todoTasks/numbers?userId={BUYER}&access_token={}",
        stage.dingtalk.api_url(),
        stage.token
    );
    let bearer = stage.http.get(url).header("authorization", format!("Bearer {}", stage.token));
    let (status, body) = send(bearer).await;
    assert_eq!((status, &body["code"]), (400, &json!("AuthenticationFailed.MissingParameter")));

    let url = format!("{}/topapi/v2/user/get", stage.dingtalk.oapi_url());
    let header = stage.http.post(url).header("x-acs-dingtalk-access-token", &stage.token);
    let (status, body) = send(header).await;
    assert_eq!((status, &body["errcode"], &body["sub_code"]), (200, &json!(88), &json!("40000")));
}

#[tokio::test]
async fn an_invalidated_token_is_refused_by_each_gateway_in_its_own_words() {
    let stage = stage().await;
    stage.dingtalk.invalidate_token();
    assert_eq!(stage.refusal(INSTANCES, &stage.purchase_request()).await, "InvalidAuthentication");
    assert_eq!(stage.dingtalk.instances(), Vec::<String>::new());
    let wrapped = stage.old_post("/topapi/v2/user/get", &json!({"userid": BUYER})).await;
    assert_eq!(wrapped["errcode"], 88);
    assert_eq!(wrapped["sub_code"], "40014");
    let text = "ding talk error[subcode=40014,submsg=不合法的access_token]";
    assert_eq!(wrapped["errmsg"], text);
    let plain = stage.old_get("/call_back/get_call_back_failed_result").await;
    assert_eq!(plain["errcode"], 40014);
}

#[tokio::test]
async fn a_missing_permission_is_named() {
    let stage = stage().await;
    stage.dingtalk.revoke_scope("Workflow.Instance.Write");
    let (status, body) = stage.post(INSTANCES, &stage.purchase_request()).await;
    assert_eq!(status, 403);
    assert_eq!(body["code"], "Forbidden.AccessDenied.AccessTokenPermissionDenied");
    assert_eq!(body["accessdenieddetail"], json!({"requiredScopes": ["Workflow.Instance.Write"]}));
    stage.dingtalk.revoke_scope("qyapi_get_member");
    let body = stage.old_post("/topapi/v2/user/get", &json!({"userid": BUYER})).await;
    assert_eq!(body["sub_code"], "60011");
}

#[tokio::test]
async fn limits_answer_with_the_platforms_codes() {
    let per_second = Limits { per_second: 0, ..Limits::default() };
    let stage = stage_with(Options { limits: per_second, ..Options::default() }).await;
    let (status, body) = stage.post(INSTANCES, &stage.purchase_request()).await;
    assert_eq!(status, 403);
    assert_eq!(body["code"], "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi");
    let user = json!({"userid": BUYER});
    let body = stage.old_post("/topapi/v2/user/get", &user).await;
    assert_eq!(body["sub_code"], "90018");

    stage.dingtalk.set_limits(Limits { per_month: 0, ..Limits::default() });
    let refused = stage.refusal(INSTANCES, &stage.purchase_request()).await;
    assert_eq!(refused, "Forbidden.AccessDenied.ApiCountLimitForOrg");
    let body = stage.old_post("/topapi/v2/user/get", &user).await;
    assert_eq!(body["errcode"], 0, "contacts do not count for the quota");
}

#[tokio::test]
async fn a_banned_address_gets_no_envelope_for_five_minutes() {
    let stage = stage().await;
    stage.dingtalk.ban_ip(BanPage::Json);
    let (_, body) = stage.post(INSTANCES, &stage.purchase_request()).await;
    assert_eq!((&body["status"], &body["punish"]), (&json!(1111), &json!("deny")));
    stage.dingtalk.ban_ip(BanPage::Html);
    let page = stage.old_get("/gettoken").await;
    assert!(page.as_str().is_some_and(|page| page.starts_with("<html>")), "{page}");
    stage.clock.advance(Duration::from_secs(300));
    stage.create(&stage.purchase_request()).await;
}

#[tokio::test]
async fn what_the_platform_does_not_have_and_what_the_sandbox_does_not_have_differ() {
    let stage = stage().await;
    let (status, body) = stage.post("/v1.0/workflow/nonsense", &json!({})).await;
    assert_eq!((status, &body["code"]), (404, &json!("InvalidAction.NotFound")));
    let (status, _) = stage.get("/v1.0/workflow/processInstances/execute").await;
    assert_eq!(status, 404, "the method counts");
    assert_eq!(stage.get("/oauth2/corpAccessToken").await.1["errcode"], 404);
    assert_eq!(stage.old_post("/topapi/nonsense", &json!({})).await["errcode"], 22);

    let (status, body) = stage.post("/v1.0/oauth2/userAccessToken", &json!({})).await;
    assert_eq!(status, 501);
    assert!(body["message"].as_str().unwrap().contains("/v1.0/oauth2/userAccessToken"));
    for path in ["/topapi/processinstance/create", "/user/get"] {
        let url = format!("{}{path}", stage.dingtalk.oapi_url());
        assert_eq!(send(stage.http.post(url)).await.0, 501, "{path}");
    }
}

#[tokio::test]
async fn form_bodies_are_refused_and_every_answer_has_a_request_id() {
    let stage = stage().await;
    let form = stage
        .http
        .post(format!("{}{INSTANCES}", stage.dingtalk.api_url()))
        .header("x-acs-dingtalk-access-token", &stage.token)
        .header("content-type", "application/x-www-form-urlencoded")
        .body("processCode=1");
    let response = form.send().await.unwrap();
    assert_eq!(response.status(), 400);
    let id = response.headers().get("x-acs-request-id").unwrap().to_str().unwrap().to_owned();
    let body: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
    assert_eq!(body["code"], "Missingbody");
    assert_eq!(body["requestid"], json!(id));

    let nameless = stage
        .http
        .post(format!("{}{INSTANCES}", stage.dingtalk.api_url()))
        .header("x-acs-dingtalk-access-token", &stage.token)
        .body(stage.purchase_request().to_string());
    let (status, body) = send(nameless).await;
    assert_eq!((status, &body["code"]), (400, &json!("Missingbody")), "no content type");
}

#[tokio::test]
async fn a_refusal_can_be_arranged_for_one_call() {
    let stage = stage().await;
    stage.dingtalk.refuse_next(INSTANCES, 400, "autoflowLikeTriggerRateLimited", "限流");
    let body = stage.purchase_request();
    assert_eq!(stage.refusal(INSTANCES, &body).await, "autoflowLikeTriggerRateLimited");
    stage.create(&body).await;
    let token = "/v1.0/oauth2/accessToken";
    stage.dingtalk.refuse_next(token, 500, "unknownError", "");
    let (status, refused) = stage.post(token, &json!({})).await;
    assert_eq!((status, &refused["code"]), (500, &json!("unknownError")));
}

#[tokio::test]
async fn an_answer_can_be_lost_after_the_instance_was_created() {
    let stage = stage().await;
    stage.dingtalk.faults_api().push(Fault::reset_after(Method::POST, INSTANCES));
    let request = stage
        .http
        .post(format!("{}{INSTANCES}", stage.dingtalk.api_url()))
        .header("x-acs-dingtalk-access-token", &stage.token)
        .header("content-type", "application/json")
        .body(stage.purchase_request().to_string());
    assert!(request.send().await.is_err());
    assert_eq!(stage.dingtalk.instances().len(), 1);
    assert_eq!(stage.dingtalk.calls_api().count(Method::POST, INSTANCES), 1);
}
