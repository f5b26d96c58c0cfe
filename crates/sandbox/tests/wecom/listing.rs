//! Form numbers by time of submission.

use std::time::Duration;

use erplink_sandbox::wecom::{Limits, Quirks};
use serde_json::{Value, json};

use crate::support::{LIST, Stage, refused, stage, stage_with_quirks, with};

/// A window of half an hour around now.
fn window(stage: &Stage) -> Value {
    let now = stage.clock.now().timestamp();
    json!({
        "starttime": (now - 900).to_string(), "endtime": (now + 900).to_string(),
        "new_cursor": "", "size": 100, "filters": [],
    })
}

async fn numbers(stage: &Stage, body: &Value) -> Vec<String> {
    let answer = stage.post(LIST, body).await;
    assert_eq!(answer["errcode"], 0, "{answer}");
    let list = answer["sp_no_list"].as_array().unwrap();
    list.iter().map(|one| one.as_str().unwrap().to_owned()).collect()
}

fn filter(stage: &Stage, filters: &[(&str, &str)]) -> Value {
    let filters: Vec<_> =
        filters.iter().map(|(key, value)| json!({"key": key, "value": value})).collect();
    with(window(stage), "/filters", json!(filters))
}

#[tokio::test]
async fn pages_follow_the_cursor_until_there_is_none() {
    let stage = stage().await;
    let all: Vec<_> = (0..6).map(|draft| stage.submit(&draft.to_string())).collect();
    let mut body = with(window(&stage), "/size", json!(2));
    let (mut found, mut pages) = (Vec::new(), 0);
    loop {
        let answer = stage.post(LIST, &body).await;
        found.extend(answer["sp_no_list"].as_array().unwrap().clone());
        pages += 1;
        match answer.get("new_next_cursor") {
            Some(cursor) => body["new_cursor"] = cursor.clone(),
            None => break,
        }
    }
    assert_eq!((json!(found), pages), (json!(all), 3));
    stage.wecom.set_quirks(Quirks { empty_cursor_at_end: true, ..Quirks::default() });
    assert_eq!(stage.post(LIST, &body).await["new_next_cursor"], "");
}

#[tokio::test]
async fn what_the_app_may_not_see_leaves_short_and_empty_pages() {
    let stage = stage().await;
    stage.submit("1");
    let template = stage.template("采购申请草稿审批");
    let seen = stage.wecom.submit(&template, "sunqi", &json!({"草稿单号": "2"})).unwrap();
    stage.wecom.set_visible_users(&["sunqi"]);
    let first = stage.post(LIST, &with(window(&stage), "/size", json!(1))).await;
    assert_eq!(first["sp_no_list"], json!([]));
    let mut next = with(window(&stage), "/size", json!(1));
    next["new_cursor"] = first["new_next_cursor"].clone();
    assert_eq!(numbers(&stage, &next).await, [seen]);
}

#[tokio::test]
async fn filters_narrow_the_window() {
    let stage = stage().await;
    let first = stage.submit("1");
    let template = stage.template("采购订单审批");
    let values = json!({"单据编号": "2", "总金额": "33600.00"});
    let second = stage.wecom.submit(&template, "sunqi", &values).unwrap();
    stage.wecom.approve_to_the_end(&first).unwrap();
    for (filters, expected) in [
        (vec![("template_id", template.as_str())], vec![&second]),
        (vec![("creator", "ZhangSan")], vec![&first]),
        (vec![("sp_status", "2")], vec![&first]),
        (vec![("sp_status", "1"), ("creator", "zhangsan")], vec![]),
        (vec![("department", "2"), ("department", "4")], vec![&first, &second]),
        (vec![("record_type", "1")], vec![]),
    ] {
        let found = numbers(&stage, &filter(&stage, &filters)).await;
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{filters:?}");
    }
    for (filters, code) in [
        (vec![("colour", "red")], 301_025),
        (vec![("sp_status", "1"), ("sp_status", "2")], 301_025),
        (vec![("creator", "wujiu")], 301_055),
    ] {
        assert_eq!(refused(&stage.post(LIST, &filter(&stage, &filters)).await).0, code);
    }
}

#[tokio::test]
async fn the_window_is_at_most_31_days_of_seconds_as_text() {
    let stage = stage().await;
    let sp_no = stage.submit("1");
    let now = stage.clock.now().timestamp();
    let span = |days: i64| {
        with(window(&stage), "/starttime", json!((now + 900 - days * 86_400).to_string()))
    };
    assert_eq!(numbers(&stage, &span(31)).await, std::slice::from_ref(&sp_no));
    for body in [
        with(span(31), "/endtime", json!((now + 901).to_string())),
        span(0),
        with(window(&stage), "/starttime", json!(now)),
        with(window(&stage), "/size", json!(101)),
        with(window(&stage), "/size", json!(0)),
        with(window(&stage), "/new_cursor", json!("x")),
        with(window(&stage), "/new_cursor", Value::Null),
    ] {
        assert_eq!(refused(&stage.post(LIST, &body).await).0, 301_025, "{body}");
    }
    stage.wecom.set_quirks(Quirks { numbers_as_times: true, ..Quirks::default() });
    assert_eq!(
        numbers(&stage, &with(window(&stage), "/starttime", json!(now - 900))).await,
        [sp_no]
    );
    stage.wecom.set_limits(Limits { forms_in_window: Some(0), ..Limits::default() });
    assert_eq!(refused(&stage.post(LIST, &window(&stage)).await).0, 301_112);
}

#[tokio::test]
async fn a_new_form_can_take_a_while_to_be_listed() {
    let listing_delay = Duration::from_secs(30);
    let stage = stage_with_quirks(Quirks { listing_delay, ..Quirks::default() }).await;
    let sp_no = stage.submit("1");
    assert_eq!(numbers(&stage, &window(&stage)).await, Vec::<String>::new());
    stage.clock.advance(listing_delay);
    assert_eq!(numbers(&stage, &window(&stage)).await, [sp_no]);
}

#[tokio::test]
async fn a_decision_can_take_a_while_to_be_seen() {
    let decision_lag = Duration::from_secs(30);
    let stage = stage_with_quirks(Quirks { decision_lag, ..Quirks::default() }).await;
    let sp_no = stage.submit("1");
    stage.wecom.approve(&sp_no, "lisi", "同意").unwrap();
    assert_eq!(stage.wecom.form(&sp_no).unwrap()["sp_status"], 2);
    assert_eq!(stage.detail(&sp_no).await["sp_status"], 1);
    let passed = filter(&stage, &[("sp_status", "2")]);
    assert_eq!(numbers(&stage, &passed).await, Vec::<String>::new());
    stage.clock.advance(decision_lag);
    assert_eq!(stage.detail(&sp_no).await["sp_status"], 2);
    assert_eq!(numbers(&stage, &passed).await, [sp_no]);
}
