//! The filter in front of business calls, and the cookie that impersonates.

use erplink_sandbox::Fault;
use erplink_sandbox::ecology::GateFault;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{BUYER, PURCHASING_HEAD, Stage, seal, send, stage};

const WHO_AM_I: &str = "/api/hrm/login/getAccountList";

async fn who_am_i(stage: &Stage, headers: &[(&str, &str)]) -> (u16, Value) {
    let request = stage.http.get(stage.url(WHO_AM_I));
    send(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
}

#[tokio::test]
async fn the_call_runs_as_the_encrypted_user() {
    let stage = stage().await;
    let (_, body) = send(stage.as_user(stage.http.get(stage.url(WHO_AM_I)), BUYER)).await;
    assert_eq!((&body["status"], &body["data"]["userid"]), (&json!("1"), &json!(BUYER)));
    assert_eq!(body["data"]["deptid"], "39");
}

#[tokio::test]
async fn each_missing_or_wrong_header_has_its_answer() {
    let stage = stage().await;
    let (appid, spk) = (stage.ecology.appid(), stage.ecology.spk());
    let (good, left) = (seal(&spk, BUYER), seal(&spk, "15099"));
    let login = seal(&spk, "zhangsan");
    let (token, appid) = (("token", stage.token.as_str()), ("appid", appid.as_str()));
    let timeout = json!({"msg": "登录信息超时", "errorCode": "002", "status": false});
    for headers in [vec![], vec![token, appid], vec![token, ("userid", &good)]] {
        assert_eq!(who_am_i(&stage, &headers).await, (200, timeout.clone()));
    }
    let (_, unknown) = who_am_i(&stage, &[("token", "x-1"), appid, ("userid", &good)]).await;
    assert_eq!(unknown["msg"], "token不存在或者超时：x-1");
    let (_, plain) = who_am_i(&stage, &[token, appid, ("userid", BUYER)]).await;
    assert_eq!(plain["msg"], "解密失败！");
    for user in [&left, &login] {
        let (_, abnormal) = who_am_i(&stage, &[token, appid, ("userid", user)]).await;
        assert_eq!(abnormal["msg"], "该账号存在异常,单点登录失败");
    }
    stage.ecology.invalidate_tokens();
    let (_, forgotten) = who_am_i(&stage, &[token, appid, ("userid", &good)]).await;
    assert!(forgotten["msg"].as_str().unwrap().starts_with("token不存在或者超时"));
}

#[tokio::test]
async fn a_cookie_makes_the_call_run_as_somebody_else() {
    let stage = stage().await;
    let request = stage.as_user(stage.http.get(stage.url(WHO_AM_I)), PURCHASING_HEAD);
    let response = request.send().await.unwrap();
    let cookie = response.headers()["set-cookie"].to_str().unwrap().to_owned();
    let session = cookie.split(';').next().unwrap().to_owned();
    assert!(session.starts_with("JSESSIONID="), "{cookie}");
    let request = stage.as_user(stage.http.get(stage.url(WHO_AM_I)), BUYER);
    let (_, body) = send(request.header("cookie", &session)).await;
    assert_eq!(body["data"]["userid"], PURCHASING_HEAD, "the header was ignored");
    let request = stage.as_user(stage.http.get(stage.url(WHO_AM_I)), BUYER);
    let (_, body) = send(request.header("cookie", "JSESSIONID=unknown")).await;
    assert_eq!(body["data"]["userid"], BUYER);
}

#[tokio::test]
async fn the_filter_misbehaves_on_demand() {
    let stage = stage().await;
    let ask = || send(stage.as_user(stage.http.get(stage.url(WHO_AM_I)), BUYER));
    let arrange = |fault| stage.ecology.arrange_gate_fault(fault);
    arrange(GateFault::TokenUnknown);
    arrange(GateFault::LoginTimeout);
    assert_eq!(ask().await.1["msg"], format!("token不存在或者超时：{}", stage.token));
    assert_eq!(ask().await.1["errorCode"], "002");
    arrange(GateFault::LoginPage);
    let (status, page) = ask().await;
    assert!(status == 200 && page.as_str().unwrap().contains("loginForm"));
    arrange(GateFault::ServerError);
    let (status, page) = ask().await;
    assert!(status == 500 && page.as_str().unwrap().contains("<html>"));
    arrange(GateFault::AccountAbnormal);
    assert_eq!(ask().await.1["code"], -1);
    assert_eq!(ask().await.1["status"], "1", "then all is well again");
    stage.ecology.faults().push(Fault::html(
        Method::GET,
        "getAccountList",
        StatusCode::BAD_GATEWAY,
    ));
    assert_eq!(ask().await.0, 502);
    stage.ecology.answer_next(WHO_AM_I, json!({"status": "0"}));
    assert_eq!(ask().await.1, json!({"status": "0"}));
}

#[tokio::test]
async fn what_is_not_simulated_fails_loudly_and_what_does_not_exist_is_a_page() {
    let stage = stage().await;
    let post = |path: &str| send(stage.as_user(stage.http.post(stage.url(path)), BUYER));
    let (status, body) = post("/api/hrm/resful/synDepartment").await;
    assert_eq!((status, &body["code"]), (501, &json!("sandbox.unsupported")));
    assert_eq!(post("/services/WorkflowService").await.0, 501);
    assert_eq!(post("/api/ec/dev/message/sendCustomMessageSingle").await.0, 501);
    let (status, page) = post("/api/workflow/paService/doSomething").await;
    assert!(status == 404 && page.as_str().unwrap().contains("<html>"));
    assert_eq!(post("/api/workflow/paService/getRequestStatus").await.0, 405);
    assert_eq!(post("/nothing").await.0, 404);
}
