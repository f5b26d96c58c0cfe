use erplink_sandbox::{Sandbox, wecom};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{Client, Dice, requests};

const WECOM_CALLS: &[&str] = &[
    "/cgi-bin/oa/applyevent",
    "/cgi-bin/oa/applyevent",
    "/cgi-bin/oa/applyevent",
    "/cgi-bin/oa/getapprovaldetail",
    "/cgi-bin/oa/getapprovalinfo",
    "/cgi-bin/oa/gettemplatedetail",
    "/cgi-bin/oa/approval/create_template",
    "/cgi-bin/oa/approval/update_template",
    "/cgi-bin/user/get",
    "/cgi-bin/user/getuserid",
    "/cgi-bin/user/get_userid_by_email",
    "/cgi-bin/user/list",
    "/cgi-bin/department/list",
    "/cgi-bin/department/get",
    "/cgi-bin/media/upload",
    "/cgi-bin/media/get",
    "/cgi-bin/gettoken",
    "/%FF",
];

const WECOM_NAMES: &[&str] = &[
    "creator_userid",
    "template_id",
    "process",
    "node_list",
    "contents",
    "value",
    "children",
    "list",
    "id",
    "control",
    "files",
    "file_id",
    "date",
    "date_range",
    "type",
    "new_begin",
    "new_end",
    "attendance",
    "slice_info",
    "day_items",
    "daytime",
    "duration",
    "userid",
    "department_id",
    "media_id",
    "starttime",
    "endtime",
    "new_cursor",
    "size",
    "filters",
    "key",
    "template_name",
    "template_content",
    "controls",
    "property",
    "config",
    "table",
    "text",
    "lang",
];

const WECOM_TEXTS: &[&str] = &[
    "zhangsan",
    "3TkaPurchaseRequestDraft5e8BsJ2YxQmCpL7daaa",
    "Text-11",
    "Number-23",
    "Table-15",
    "File-17",
    "Formula-16",
    "CAIQ2",
    "CAIQffffffffffffffff",
    "-1",
    "9223372036854775807",
    "1e400",
    "0.00000000000000000000000000000000001",
    "halfday",
    "中\u{0}",
    "",
];

pub(crate) fn wecom_token_url(sandbox: &Sandbox) -> String {
    let wecom = sandbox.wecom();
    let (url, corp_id, secret) = (wecom.url(), wecom.corp_id(), wecom.secret());
    format!("{url}/cgi-bin/gettoken?corpid={corp_id}&corpsecret={secret}")
}

/// A form or a list query that is right but for one place.
fn almost_right(dice: &mut Dice) -> Value {
    let cell = |control: &str, id: &str, value: Value| json!({"control": control, "id": id, "value": value});
    let row = vec![
        cell("Text", "Text-21", json!({"text": "RM-001"})),
        cell("Text", "Text-22", json!({"text": ""})),
        cell("Number", "Number-23", json!({"new_number": "55"})),
        cell("Text", "Text-24", json!({"text": ""})),
        cell("Date", "Date-25", json!({"date": {"type": "day", "s_timestamp": "0"}})),
        cell("Text", "Text-26", json!({"text": ""})),
    ];
    let mut body = json!({
        "creator_userid": "zhangsan",
        "template_id": "3TkaPurchaseRequestDraft5e8BsJ2YxQmCpL7daaa",
        "use_template_approver": 0,
        "process": {"node_list": [{"type": 1, "apv_rel": 3, "userid": ["lisi", "lisi"]}]},
        "apply_data": {"contents": [
            cell("Text", "Text-11", json!({"text": "16"})),
            cell("File", "File-17", json!({"files": []})),
            cell("Table", "Table-15", json!({"children": [{"list": row}]})),
        ]},
        "summary_list": [{"summary_info": [{"text": "16", "lang": "zh_CN"}]}],
        "starttime": "0", "endtime": "1", "new_cursor": "", "size": 100,
        "filters": [{"key": "sp_status", "value": "1"}],
    });
    let mut place = &mut body;
    while dice.roll(4) > 0 {
        let inside = place
            .as_array()
            .map_or_else(|| place.as_object().map_or(0, serde_json::Map::len), Vec::len);
        if inside == 0 {
            break;
        }
        let index = dice.roll(inside);
        place = match place {
            Value::Array(entries) => &mut entries[index],
            Value::Object(members) => members.values_mut().nth(index).unwrap(),
            _ => unreachable!("only lists and objects have something inside"),
        };
    }
    *place = dice.json(WECOM_NAMES, WECOM_TEXTS, 2);
    body
}

#[tokio::test]
async fn wecom_answers_whatever_is_sent() {
    let (sandbox, client, mut dice) = (Sandbox::start().await.unwrap(), Client::new(), Dice(5));
    let many = u32::MAX;
    sandbox.wecom().set_limits(wecom::Limits {
        approval_per_minute: many,
        per_minute: many,
        per_hour: many,
        wrong_lookups_per_day: many,
        ..wecom::Limits::default()
    });
    sandbox.wecom().set_quirks(wecom::Quirks {
        accept_unicode_escapes: true,
        numbers_as_times: true,
        legacy_members: true,
        ..wecom::Quirks::default()
    });
    let token = client.0.get(wecom_token_url(&sandbox)).send().await.unwrap();
    let token: Value = serde_json::from_str(&token.text().await.unwrap()).unwrap();
    let token = token["access_token"].as_str().unwrap();
    for _ in 0..requests() {
        let url = format!(
            "{}{}?access_token={token}&{}={}",
            sandbox.wecom().url(),
            dice.pick(WECOM_CALLS),
            dice.pick(WECOM_NAMES),
            dice.pick(WECOM_TEXTS)
        );
        let method = if dice.roll(4) == 0 { Method::GET } else { Method::POST };
        let body = match dice.roll(3) {
            0 => dice.body(WECOM_NAMES, WECOM_TEXTS),
            _ => almost_right(&mut dice).to_string(),
        };
        let kind = [("Content-Type", "multipart/form-data; boundary=x"), ("Range", "bytes=1-")];
        client.survive(method, &url, &kind, body).await;
    }
    assert!(!sandbox.wecom().forms().is_empty(), "some of it was right");
}
