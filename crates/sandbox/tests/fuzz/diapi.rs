use erplink_sandbox::Sandbox;
use reqwest::Method;
use serde_json::json;

use crate::{Client, Dice, requests};

const NAMES: &[&str] = &["Sql", "sql", "CompanyDB", "UserName", "Password"];

const PIECES: &[&str] = &[
    "SELECT ",
    "FROM ",
    "OITM ",
    "T0.",
    "\"ItemCode\"",
    "*",
    "WHERE ",
    "'",
    "\"",
    "(",
    ")",
    ",",
    "--",
    "/*",
    "*/",
    ";",
    "1",
    "-1e400",
    ":p",
    "WITH a AS ",
    "UNION ",
    "ifnull(",
    "TO_DATE('x')",
    "ADD_DAYS(",
    "TOP 1 ",
    "\u{0}",
    "中",
    "[@X]",
    "CALL P()",
    " = ",
    "LIMIT 1 ",
];

#[tokio::test]
async fn the_diapi_service_answers_whatever_is_sent() {
    let (sandbox, client, mut dice) = (Sandbox::start().await.unwrap(), Client::new(), Dice(17));
    let (root, b1) = (sandbox.diapi().root_url(), sandbox.b1());
    let login = json!({
        "CompanyDB": b1.company_db(), "UserName": b1.user(), "Password": b1.password(),
    });
    let answer = client.0.post(format!("{root}/b1dis/v1/login")).body(login.to_string());
    let answer = answer.send().await.unwrap();
    let lines = answer.headers().get_all("set-cookie").iter();
    let pairs: Vec<_> =
        lines.map(|line| line.to_str().unwrap().split(';').next().unwrap()).collect();
    let cookies = pairs.join("; ");
    for _ in 0..requests() {
        let call = dice.pick(&["exec-sql", "exec-sql", "exec-sql", "login", "%FF", ""]);
        let cookies = if dice.roll(10) == 0 { "SESSION=;=;;a" } else { cookies.as_str() };
        let body = match dice.roll(3) {
            0 => dice.body(NAMES, PIECES),
            _ => json!({ "Sql": format!("SELECT {}", dice.words(PIECES, 14)) }).to_string(),
        };
        let url = format!("{root}/b1dis/v1/{call}");
        client.survive(Method::POST, &url, &[("Cookie", cookies)], body).await;
    }
    assert!(!sandbox.diapi().statements().is_empty());
}
