//! The HR service.

use std::time::Duration;

use erplink_sandbox::ecology::{Quirks, User};
use md5::{Digest as _, Md5};
use serde_json::{Value, json};

use crate::support::{BUYER, Stage, form, send, stage, stage_with};

const USERS: &str = "/api/hrm/resful/getHrmUserInfoWithPage";

async fn ask(stage: &Stage, path: &str, params: Value) -> Value {
    let request = stage.as_user(stage.http.post(stage.url(path)), BUYER);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    send(request.body(form(&[("params", &params.to_string())]))).await.1
}

fn ids(answer: &Value) -> Vec<&str> {
    let rows = answer["data"]["dataList"].as_array().unwrap().iter();
    rows.map(|row| row["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn users_are_found_by_any_column() {
    let stage = stage().await;
    let found = ask(&stage, USERS, json!({"loginid": "zhangsan"})).await;
    assert_eq!((&found["code"], ids(&found)), (&json!("1"), vec![BUYER]));
    let user = &found["data"]["dataList"][0];
    for (column, value) in [
        ("lastname", "张三"),
        ("workcode", "E0042"),
        ("departmentname", "采购一组"),
        ("subcompanyname", "总部"),
        ("managerid", "15001"),
        ("status", "1"),
        ("accounttype", "0"),
        ("mobile", "13800000001"),
    ] {
        assert_eq!(user[column], value, "{column}");
    }
    let both = ask(&stage, USERS, json!({"workcode": "E0042"})).await;
    assert_eq!(ids(&both), ["15273", "15274"], "a secondary account shares the employee number");
    assert_eq!(both["data"]["dataList"][1]["belongto"], "15273");
    let left = ask(&stage, USERS, json!({"loginid": "wujiu"})).await;
    assert_eq!(left["data"]["dataList"][0]["status"], "5");
    stage.ecology.put_user(User {
        modified: "2031-01-01 00:00:00".to_owned(),
        ..User::new("20000", "new", "新人", "35")
    });
    let changed = ask(&stage, USERS, json!({"modified": "2030-01-01"})).await;
    assert_eq!(ids(&changed), ["20000"]);
}

#[tokio::test]
async fn pages_tell_the_total() {
    let stage = stage().await;
    let page = ask(&stage, USERS, json!({"pagesize": 4, "curpage": "3"})).await;
    let data = &page["data"];
    assert_eq!(
        (&data["totalSize"], &data["pageSize"], &data["page"]),
        (&json!(9), &json!(4), &json!(3))
    );
    assert_eq!(ids(&page).len(), 1);
    let url = stage.url(USERS);
    let request =
        stage.as_user(stage.http.post(url), BUYER).header("content-type", "application/json");
    let body = json!({"params": {"departmentid": 35}});
    assert_eq!(ids(&send(request.body(body.to_string())).await.1), ["15001"]);
    for (name, total) in [
        ("getHrmdepartmentWithPage", 6),
        ("getHrmsubcompanyWithPage", 1),
        ("getJobtitleInfoWithPage", 8),
    ] {
        let answer = ask(&stage, &format!("/api/hrm/resful/{name}"), json!({})).await;
        assert_eq!(answer["data"]["totalSize"], total, "{name}");
    }
    let request = stage.as_user(stage.http.post(stage.url(USERS)), BUYER);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let broken = send(request.body(form(&[("params", "{")]))).await.1;
    assert_eq!(broken["code"], "-1");
}

#[tokio::test]
async fn three_ways_lead_in() {
    let stage = stage().await;
    let bare = || send(stage.http.post(stage.url(USERS)));
    assert_eq!(bare().await.1["errorCode"], "002");
    let with_key = |ts: i64| {
        let text = format!("{}{ts}", stage.ecology.hr_identifier());
        let key: String =
            Md5::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02X}")).collect();
        (key, ts.to_string())
    };
    let now = stage.clock.now().timestamp_millis();
    let by_headers = |ts| {
        let (key, ts) = with_key(ts);
        send(stage.http.post(stage.url(USERS)).header("key", key).header("ts", ts))
    };
    assert_eq!(by_headers(now).await.1["code"], "1");
    assert_eq!(by_headers(now - 301_000).await.1["code"], "-1", "older than five minutes");
    let (key, ts) = with_key(now);
    let in_body = form(&[("token", &json!({"key": key, "ts": ts}).to_string())]);
    let request = stage.http.post(stage.url(USERS));
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(send(request.body(in_body)).await.1["code"], "1");
    let request = stage.http.post(stage.url(USERS)).header("key", key.to_lowercase());
    assert_eq!(send(request.header("ts", ts)).await.1["code"], "-1");
    stage.clock.advance(Duration::from_secs(301));
    assert_eq!(by_headers(now).await.1["code"], "-1");
    let open = stage_with(Quirks { hr_open: true, ..Quirks::default() }).await;
    assert_eq!(send(open.http.post(open.url(USERS))).await.1["code"], "1");
}
