//! The program: its ready line, and that the addresses in it work.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// Ends the program with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn the_ready_line_leads_to_running_systems() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_erplink-sandbox"));
    for option in [
        "--b1-port",
        "--diapi-port",
        "--dingtalk-api-port",
        "--dingtalk-oapi-port",
        "--wecom-port",
        "--easst-port",
        "--ecology-port",
        "--eteams-port",
        "--mes-port",
        "--jdy-port",
        "--piaozone-port",
        "--eas-port",
        "--management-port",
    ] {
        command.args([option, "0"]);
    }
    let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut running = Running(child);
    let mut line = String::new();
    BufReader::new(running.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let ready: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(ready["ready"], true);
    assert!(ready["wecom"]["url"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    assert!(ready["dingtalk"]["api_url"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    assert!(ready["easst"]["url"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    assert!(ready["piaozone"]["url"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    assert!(ready["ecology"]["url"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    assert!(ready["jdy"]["url"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    assert!(ready["eteams"]["url"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    assert!(ready["mes"]["url"].as_str().unwrap().starts_with("http://127.0.0.1:"));

    assert!(ready["plm"]["push_url"].as_str().unwrap().ends_with("/plm"));
    assert!(ready["barcode"]["push_url"].as_str().unwrap().ends_with("/barcode"));

    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let b1 = &ready["b1"];
    let body = serde_json::json!({
        "CompanyDB": b1["company_db"], "UserName": b1["user"], "Password": b1["password"],
    });
    let login = format!("{}/b1s/v1/Login", b1["root_url"].as_str().unwrap());
    assert_eq!(http.post(login).body(body.to_string()).send().await.unwrap().status(), 200);
    let login = format!("{}/b1dis/v1/login", ready["diapi"]["root_url"].as_str().unwrap());
    assert_eq!(http.post(login).body(body.to_string()).send().await.unwrap().status(), 200);
    let state = format!("{}/b1/state", ready["management_url"].as_str().unwrap());
    let state = http.get(state).send().await.unwrap().text().await.unwrap();
    let state: Value = serde_json::from_str(&state).unwrap();
    assert_eq!(state["login_count"], 1);
}

#[test]
fn mistakes_end_it_with_a_reason() {
    let output = Command::new(env!("CARGO_BIN_EXE_erplink-sandbox"))
        .args(["--b1-port", "x"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("a port is a number"));
    let help = Command::new(env!("CARGO_BIN_EXE_erplink-sandbox")).arg("--help").output().unwrap();
    assert!(String::from_utf8_lossy(&help.stdout).contains("--management-port"));
}
