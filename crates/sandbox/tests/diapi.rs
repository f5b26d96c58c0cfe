//! The DI API service with a client that is not ours.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic is how a test fails")]

use std::time::Duration;

use erplink_sandbox::diapi::{Options, Quirks, SessionEnd};
use erplink_sandbox::{Fault, Sandbox};
use serde_json::{Value, json};

struct Stage {
    sandbox: Sandbox,
    http: reqwest::Client,
    cookies: String,
}

impl Stage {
    async fn start(quirks: Quirks) -> Self {
        let options = Options { quirks, ..Options::default() };
        let sandbox = Box::pin(Sandbox::builder().diapi(options).start()).await.unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut stage = Self { sandbox, http, cookies: String::new() };
        stage.cookies = stage.log_in().await.1;
        stage
    }

    async fn post(&self, call: &str, cookies: &str, body: &Value) -> reqwest::Response {
        let url = format!("{}/b1dis/v1/{call}", self.sandbox.diapi().root_url());
        let request = self.http.post(url).header("cookie", cookies).body(body.to_string());
        request.send().await.unwrap()
    }

    fn credentials(&self) -> Value {
        let b1 = self.sandbox.b1();
        json!({ "CompanyDB": b1.company_db(), "UserName": b1.user(), "Password": b1.password() })
    }

    /// The answer, and its cookies as a browser would send them back.
    async fn log_in(&self) -> (Value, String) {
        let response = self.post("login", "", &self.credentials()).await;
        let cookies: Vec<_> = response
            .headers()
            .get_all("set-cookie")
            .iter()
            .map(|line| line.to_str().unwrap().split(';').next().unwrap().to_owned())
            .collect();
        (body(response).await.1, cookies.join("; "))
    }

    async fn exec(&self, sql: &str) -> (u16, Value) {
        body(self.post("exec-sql", &self.cookies, &json!({ "Sql": sql })).await).await
    }

    async fn rows(&self, sql: &str) -> Vec<Value> {
        let (status, answer) = self.exec(sql).await;
        assert_eq!((status, &answer["code"]), (200, &json!("RIS.10000000")), "{sql}: {answer}");
        answer["data"]["value"].as_array().unwrap().clone()
    }
}

async fn body(response: reqwest::Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

#[tokio::test]
async fn a_login_answers_as_the_guide_prints_it() {
    let stage = Stage::start(Quirks::default()).await;
    let (answer, cookies) = stage.log_in().await;
    assert_eq!(answer["code"], "RIS.10000000");
    assert_eq!(answer["message"], "OK");
    assert_eq!(answer["data"], json!({ "SessionTimeout": "30m" }));
    let timestamp = answer["timestamp"].as_str().unwrap();
    assert!(timestamp.len() == 29 && timestamp.ends_with("+00:00"), "{timestamp}");
    assert_eq!(cookies.matches('=').count(), 2, "{cookies}");
    assert_eq!(stage.sandbox.diapi().login_count(), 2);
    assert_eq!(stage.sandbox.b1().login_count(), 0, "sessions of its own");
}

#[tokio::test]
async fn refused_logins_say_which_setting_it_is_unless_told_not_to() {
    let stage = Stage::start(Quirks::default()).await;
    let refused = async |member: &str, value: &str| {
        let mut credentials = stage.credentials();
        credentials[member] = json!(value);
        let response = stage.post("login", "", &credentials).await;
        assert!(response.headers().get("set-cookie").is_none());
        let (status, answer) = body(response).await;
        assert_ne!(answer["code"], "RIS.10000000");
        (status, answer["message"].as_str().unwrap().to_owned())
    };
    assert_eq!(refused("CompanyDB", "X").await, (200, "公司数据库不存在".to_owned()));
    assert_eq!(refused("UserName", "X").await, (200, "用户不存在".to_owned()));
    assert_eq!(refused("Password", "X").await, (200, "密码错误".to_owned()));
    assert_eq!(refused("UserName", "S-ERP\\LOCKED").await, (200, "用户已锁定".to_owned()));
    let vague = Quirks { exact_logins: false, refusal_status: 400, ..Quirks::default() };
    stage.sandbox.diapi().set_quirks(vague);
    assert_eq!(refused("Password", "X").await, (400, "登录失败".to_owned()));
}

#[tokio::test]
async fn an_empty_statement_is_complained_about_after_the_session() {
    let stage = Stage::start(Quirks::default()).await;
    for body_ in [json!({ "Sql": "" }), json!({}), json!({ "sql": "select 1 from dummy" })] {
        let (status, answer) = body(stage.post("exec-sql", &stage.cookies, &body_).await).await;
        assert_eq!((status, &answer["message"]), (200, &json!("Sql不能为空")));
        let (status, _) = body(stage.post("exec-sql", "", &body_).await).await;
        assert_eq!(status, 401);
    }
}

#[tokio::test]
async fn all_cookies_have_to_come_back_and_sessions_end() {
    let stage = Stage::start(Quirks::default()).await;
    let (session, node) = stage.cookies.split_once("; ").unwrap();
    let status = async |cookies: &str| {
        let sql = json!({ "Sql": "SELECT 1 AS \"A\" FROM DUMMY" });
        stage.post("exec-sql", cookies, &sql).await.status().as_u16()
    };
    let both = format!("{node};{session}");
    assert_eq!(status(&both).await, 200, "in any order, with or without a blank");
    assert_eq!(status(session).await, 401);
    assert_eq!(status(node).await, 401);
    let minutes = |count: u64| stage.sandbox.clock().advance(Duration::from_secs(count * 60));
    minutes(29);
    assert_eq!(status(&both).await, 200);
    minutes(29);
    assert_eq!(status(&both).await, 200, "each use starts its life anew");
    minutes(31);
    assert_eq!(status(&both).await, 401);
}

#[tokio::test]
async fn the_end_of_a_session_is_told_in_every_way() {
    for (session_end, status) in
        [(SessionEnd::Unauthorized, 401), (SessionEnd::Forbidden, 403), (SessionEnd::Code, 200)]
    {
        let stage = Stage::start(Quirks { session_end, ..Quirks::default() }).await;
        stage.sandbox.diapi().expire_sessions();
        let (found, answer) = stage.exec("SELECT 1 AS A FROM DUMMY").await;
        assert_eq!(found, status);
        assert_eq!(answer["code"] == "RIS.20000401", status != 403, "{answer}");
    }
    let quirks = Quirks { absolute_sessions: true, session_minutes: 10, ..Quirks::default() };
    let stage = Stage::start(quirks).await;
    for (minutes, expected) in [(6, 200), (6, 401)] {
        stage.sandbox.clock().advance(Duration::from_secs(minutes * 60));
        assert_eq!(stage.exec("SELECT 1 AS A FROM DUMMY").await.0, expected);
    }
}

#[tokio::test]
async fn the_guides_query_runs_and_names_come_as_the_database_prints_them() {
    let stage = Stage::start(Quirks::default()).await;
    let rows = stage
        .rows(
            "\nselect \"ItemCode\", \"ItemName\", ifnull(\"FrgnName\",'') as \"FrgnName\",
             TO_VARCHAR(TO_DATE(\"CreateDate\"),'YYYY-MM-DD') as CreateDate
             from oITM where \"ItemCode\" in ('RM-001') -- one",
        )
        .await;
    let row = rows[0].as_object().unwrap();
    let names: Vec<_> = row.keys().map(String::as_str).collect();
    let mut expected = ["ItemCode", "ItemName", "FrgnName", "CREATEDATE"];
    expected.sort_unstable();
    assert_eq!(
        {
            let mut names = names;
            names.sort_unstable();
            names
        },
        expected
    );
    let date = row["CREATEDATE"].as_str().unwrap();
    assert!(date.len() == 10 && date.as_bytes()[4] == b'-', "{date}");
}

#[tokio::test]
async fn every_table_of_the_scenarios_can_be_read() {
    let stage = Stage::start(Quirks::default()).await;
    let draft = stage.sandbox.b1().submit_draft(&json!({
        "DocumentLines": [{ "ItemCode": "RM-001", "Quantity": 55 }],
    }));
    let entry = draft.unwrap().doc_entry;
    for table in [
        "OITM", "OITW", "OITB", "OCRD", "CRD1", "ODRF", "DRF1", "OWOR", "WOR1", "OPRQ", "PRQ1",
        "OPOR", "POR1", "ORDR", "RDR1", "OWDD", "WDD1", "OITT", "ITT1", "OUSR", "OBTN", "OWHS",
        "OADM",
    ] {
        stage.rows(&format!("SELECT TOP 2 * FROM {table}")).await;
    }
    let lines = stage
        .rows(&format!(
            "SELECT T0.\"DocEntry\", T1.\"ItemCode\", T1.\"Quantity\", T2.\"Status\" AS \"审批\"
             FROM ODRF T0 INNER JOIN DRF1 T1 ON T0.\"DocEntry\" = T1.\"DocEntry\"
             INNER JOIN OWDD T2 ON T2.\"DraftEntry\" = T0.\"DocEntry\"
             WHERE IFNULL(T0.\"U_ISSYN\",'N') = 'N' AND T0.\"DocEntry\" = {entry} LIMIT 1 OFFSET 0"
        ))
        .await;
    assert_eq!(lines[0]["ItemCode"], "RM-001");
    assert_eq!(lines[0]["Quantity"].to_string(), "55.0");
    assert_eq!(lines[0]["审批"], "W");
    let company = stage.rows("select \"CompnyName\" from OADM").await;
    assert_eq!(company, [json!({ "CompnyName": "演示公司" })]);
}

#[tokio::test]
async fn what_is_no_query_is_refused_and_what_is_not_simulated_says_so() {
    let stage = Stage::start(Quirks::default()).await;
    for (sql, status, told) in [
        ("DELETE FROM OITM", 200, "expected a SELECT"),
        ("SELECT 1 AS A FROM DUMMY; DELETE FROM OITM", 200, "expected one statement"),
        ("SELECT \"Nothing\" FROM OITM", 200, "Nothing"),
        ("SELECT 1 FROM NOWHERE", 501, "NOWHERE"),
        ("CALL PICK_BATCHES('RM-001', 5)", 501, "stored procedures"),
        ("SELECT SOUNDEX('a') AS A FROM DUMMY", 501, "soundex"),
    ] {
        let (found, answer) = stage.exec(sql).await;
        assert_eq!(found, status, "{sql}: {answer}");
        let message = answer["message"].as_str().unwrap().to_lowercase();
        assert!(message.contains(&told.to_lowercase()), "{sql}: {message}");
    }
}

#[tokio::test]
async fn statements_are_noted_and_can_be_answered_by_hand() {
    let stage = Stage::start(Quirks { nulls_as_empty_text: true, ..Quirks::default() }).await;
    let diapi = stage.sandbox.diapi();
    diapi.answer("CALL PICK_BATCHES", &json!([{ "BatchNum": "B1", "Note": null }])).unwrap();
    let rows = stage.rows("CALL\n  PICK_BATCHES('RM-001', 5)").await;
    assert_eq!(rows, [json!({ "BatchNum": "B1", "Note": "" })]);
    assert_eq!(diapi.statements(), ["CALL\n  PICK_BATCHES('RM-001', 5)"]);
    diapi.answer("X", &json!({ "a": 1 })).unwrap_err();
    diapi.answer(" ", &json!([])).unwrap_err();
}

#[tokio::test]
async fn the_gateway_answers_what_is_not_of_the_service() {
    let stage = Stage::start(Quirks::default()).await;
    let root = stage.sandbox.diapi().root_url();
    for (method, url, status) in [
        ("POST", format!("{root}/b1dis/v1/logout"), 404),
        ("POST", format!("{}/b1dis/v1/login", root.trim_end_matches("/6160")), 404),
        ("GET", format!("{root}/b1dis/v1/login"), 405),
        ("POST", format!("{root}/b1dis/v1/login"), 400),
    ] {
        let request = stage.http.request(method.parse().unwrap(), &url);
        assert_eq!(request.body("not json").send().await.unwrap().status(), status, "{url}");
    }
    let faults = stage.sandbox.diapi().faults();
    faults.push(Fault::status(None, "/exec-sql", http::StatusCode::BAD_GATEWAY));
    assert_eq!(stage.exec("SELECT 1 AS A FROM DUMMY").await.0, 502);
}

#[tokio::test]
async fn a_program_in_another_language_arranges_it() {
    let stage = Stage::start(Quirks::default()).await;
    let base = format!("{}/diapi", stage.sandbox.management_url());
    let send = async |method: &str, path: &str, json: Value| {
        let request = stage.http.request(method.parse().unwrap(), format!("{base}{path}"));
        let request = request.header("content-type", "application/json").body(json.to_string());
        body(request.send().await.unwrap()).await
    };
    let answer = json!({ "contains": "CALL P", "rows": [{ "A": 1 }] });
    assert_eq!(send("POST", "/answers", answer).await.0, 204);
    assert_eq!(stage.rows("CALL P()").await, [json!({ "A": 1 })]);
    assert_eq!(send("GET", "/statements", Value::Null).await.1, json!(["CALL P()"]));
    let (_, state) = send("GET", "/state", Value::Null).await;
    assert_eq!((&state["login_count"], &state["open_sessions"]), (&json!(1), &json!(1)));
    assert_eq!(state["connection"]["root_url"], stage.sandbox.diapi().root_url());
    assert_eq!(send("PUT", "/quirks", json!({ "session_end": "code" })).await.0, 204);
    assert_eq!(send("PUT", "/quirks", json!({ "sessions": 1 })).await.0, 422);
    assert_eq!(send("POST", "/expire-sessions", Value::Null).await.0, 204);
    assert_eq!(stage.exec("SELECT 1 AS A FROM DUMMY").await.1["code"], "RIS.20000401");
}
