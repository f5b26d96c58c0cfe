//! Logins, tokens, signatures, company sets.

use erplink_sandbox::jdy::Quirks;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{LIST, Stage, VOUCHER, seal, stage, stage_with};

const AUTHORIZE: &str = "/jdyconnector/app_management/push_app_authorize";
const APP_TOKEN: &str = "/jdyconnector/app_management/kingdee_auth_token";

/// What a signed request says, to be spoilt by tests.
struct Signing {
    secret: String,
    client_id: String,
    sign_headers: &'static str,
    seconds_ago: i64,
    nonce: String,
}

impl Signing {
    fn of(stage: &Stage) -> Self {
        Self {
            secret: stage.jdy.client_secret().to_owned(),
            client_id: stage.jdy.client_id().to_owned(),
            sign_headers: "X-Api-TimeStamp,X-Api-Nonce",
            seconds_ago: 0,
            nonce: "4427456950".to_owned(),
        }
    }

    async fn send(self, stage: &Stage, path: &str, query: &[(&str, &str)]) -> (u16, Value) {
        let (method, body) = match path {
            AUTHORIZE => (Method::POST, Some(json!({}))),
            _ => (Method::GET, None),
        };
        let time = (stage.clock.now().timestamp_millis() - self.seconds_ago * 1000).to_string();
        let mut pairs: Vec<String> = query
            .iter()
            .map(|(name, value)| format!("{name}={}", value.replace('=', "%253D")))
            .collect();
        pairs.sort();
        let text = format!(
            "{method}\n{}\n{}\nx-api-nonce:{}\nx-api-timestamp:{time}\n",
            path.replace('/', "%2F"),
            pairs.join("&"),
            self.nonce,
        );
        let headers = [
            ("X-Api-ClientID", self.client_id),
            ("X-Api-Auth-Version", "2.0".to_owned()),
            ("X-Api-TimeStamp", time),
            ("X-Api-Nonce", self.nonce),
            ("X-Api-SignHeaders", self.sign_headers.to_owned()),
            ("X-Api-Signature", seal(&self.secret, &text)),
        ];
        stage.send(method, path, query, &headers, body.as_ref()).await
    }
}

async fn grant(stage: &Stage) -> Value {
    let instance = [("outerInstanceId", stage.jdy.outer_instance_id())];
    let (status, answer) = Signing::of(stage).send(stage, AUTHORIZE, &instance).await;
    assert_eq!((status, &answer["errcode"]), (200, &json!(0)), "{answer}");
    answer["data"][0].clone()
}

async fn app_token(stage: &Stage, grant: &Value, nonce: &str) -> Value {
    let text = |name: &str| grant[name].as_str().unwrap();
    let signature = seal(text("appSecret"), text("appKey"));
    let query = [("app_key", text("appKey")), ("app_signature", signature.as_str())];
    let signing = Signing { nonce: nonce.to_owned(), ..Signing::of(stage) };
    signing.send(stage, APP_TOKEN, &query).await.1
}

#[tokio::test]
async fn wrong_credentials_are_told_apart() {
    let stage = stage().await;
    let (_, answer) = stage.log_in("13800000003", "wrong").await;
    assert_eq!(answer, json!({ "errcode": 1002, "description": "用户名或密码错误" }));
    let query = [("username", "13800000003"), ("client_id", "1"), ("client_secret", "x")];
    let (_, answer) = stage.send(Method::GET, "/auth/user/access_token", &query, &[], None).await;
    assert_eq!(answer["errcode"], 1001);
    let (tid, secret) = stage.jdy.organisation();
    let query = [
        ("tid", tid),
        ("secret", secret),
        ("client_id", stage.jdy.client_id()),
        ("client_secret", stage.jdy.client_secret()),
    ];
    let (_, answer) = stage.send(Method::GET, "/auth/org/access_token", &query, &[], None).await;
    assert_eq!((&answer["errcode"], &answer["data"]["expires_in"]), (&json!(0), &json!(7200)));
    assert_eq!(stage.jdy.token_count(), 2);
}

#[tokio::test]
async fn tokens_end() {
    let mut stage = stage().await;
    let works = async |stage: &Stage| stage.get("/jdyaccouting/account", &[]).await["code"] == 0;
    assert!(works(&stage).await);
    stage.advance(7201);
    let answer = stage.get("/jdyaccouting/account", &[]).await;
    assert_eq!(answer, json!({ "code": 4010, "msg": "invalid credential" }));
    let fresh = stage.log_in(stage.jdy.username(), stage.jdy.password()).await.1;
    stage.token = fresh["data"]["access_token"].as_str().unwrap().to_owned();
    assert!(works(&stage).await);
    stage.jdy.expire_tokens();
    assert!(!works(&stage).await);

    let stage = stage_with(Quirks { new_token_voids_old: true, ..Quirks::default() }).await;
    assert!(works(&stage).await);
    stage.log_in(stage.jdy.username(), stage.jdy.password()).await;
    assert!(!works(&stage).await);
}

#[tokio::test]
async fn a_wrong_company_set_is_named() {
    let stage = stage().await;
    let token = stage.token.as_str();
    for (s_id, db_id, code) in [
        ("7480001", "", 42_020),
        ("7480001", "x1", 42_021),
        ("7480001", "1", 42_022),
        ("", "7480002", 42_030),
        ("s", "7480002", 42_031),
        ("1", "7480002", 42_032),
    ] {
        let query = [("access_token", token), ("sId", s_id), ("dbId", db_id)];
        let answer = stage.send(Method::GET, "/jdyaccouting/account", &query, &[], None).await;
        assert_eq!((answer.0, &answer.1["code"]), (200, &json!(code)));
    }
    let query = [("access_token", token)];
    let sets = stage.send(Method::GET, "/jdyaccouting/service", &query, &[], None).await.1;
    assert_eq!(sets["items"][0]["dbId"], "7480002");
}

#[tokio::test]
async fn the_open_platform_wants_real_signatures() {
    let mut stage = stage().await;
    let grant = grant(&stage).await;
    assert_eq!((&grant["serviceId"], &grant["accountId"]), (&json!("7480001"), &json!("7480002")));
    let answer = app_token(&stage, &grant, "2").await;
    assert_eq!(answer["errcode"], 0, "{answer}");
    stage.token = answer["data"]["access_token"].as_str().unwrap().to_owned();
    // Without the address of its data centre nothing is found.
    assert_eq!(stage.get("/jdyaccouting/account", &[]).await["code"], 404);
    stage.router = Some(grant["domain"].as_str().unwrap().to_owned());
    assert_eq!(stage.get("/jdyaccouting/account", &[]).await["code"], 0);
}

#[tokio::test]
async fn bad_signatures_are_refused() {
    let stage = stage().await;
    let instance = [("outerInstanceId", stage.jdy.outer_instance_id())];
    let good = || Signing::of(&stage);
    for (signing, code) in [
        (Signing { secret: "wrong".to_owned(), ..good() }, 1005),
        (Signing { client_id: "1".to_owned(), ..good() }, 1001),
        (Signing { sign_headers: "X-Api-Nonce", ..good() }, 1003),
        (Signing { seconds_ago: 301, ..good() }, 1004),
        (Signing { nonce: "abc".to_owned(), ..good() }, 1006),
    ] {
        let (status, answer) = signing.send(&stage, AUTHORIZE, &instance).await;
        assert_eq!((status, &answer["errcode"]), (401, &json!(code)), "{answer}");
    }
    let either_order = Signing { sign_headers: "X-Api-Nonce,X-Api-TimeStamp", ..good() };
    assert_eq!(either_order.send(&stage, AUTHORIZE, &instance).await.0, 200);
    // A nonce is taken once.
    assert_eq!(good().send(&stage, AUTHORIZE, &instance).await.1["errcode"], 1006);
    let unknown = Signing { nonce: "7".to_owned(), ..good() };
    let answer = unknown.send(&stage, AUTHORIZE, &[("outerInstanceId", "1")]).await.1;
    assert_eq!(answer["errcode"], 1007);
}

#[tokio::test]
async fn yesterdays_secret_of_the_app_opens_nothing() {
    let stage = stage().await;
    let old = grant(&stage).await;
    stage.jdy.rotate_app_secret();
    assert_eq!(app_token(&stage, &old, "2").await["errcode"], 1008);
}

#[tokio::test]
async fn what_is_not_simulated_says_so() {
    let stage = stage().await;
    for path in ["/jdyaccouting/report", "/jdy/v2/gl/voucher", "/"] {
        assert_eq!(stage.get(path, &[]).await["code"], 501, "{path}");
    }
    let mut odd = crate::support::voucher("A");
    odd["entries"][0]["account"] = json!("1122");
    let answer = stage.post(VOUCHER, json!([odd])).await;
    assert!(answer["msg"].as_str().unwrap().contains("`account`"), "{answer}");
    assert_eq!(stage.post(LIST, json!({ "filter": { "colour": 1 } })).await["code"], 501);
    assert!(stage.jdy.vouchers().is_empty());
}
