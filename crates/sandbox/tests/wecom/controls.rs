//! Every type of control, with vectors that were not made by this project.

use erplink_sandbox::wecom::{Control, FlowNode, Relation, Template, User};
use serde_json::{Map, Value, json};

use crate::support::{APPLY, Stage, stage};

fn vectors() -> Value {
    serde_json::from_str(include_str!("../fixtures/wecom.json")).unwrap()
}

async fn stage_with_template(detail: &Value) -> Stage {
    let stage = stage().await;
    let template = Template::from_detail("3Tvector", detail).unwrap();
    stage.wecom.put_template(template.node(FlowNode::approvers(Relation::All, &["lisi"])));
    for (userid, name) in [("chenmeng", "陈梦"), ("libai", "李白")] {
        stage.wecom.put_user(User::new(userid, name, "13800001111", &[2]));
    }
    stage
}

fn form(contents: Vec<Value>) -> Value {
    json!({
        "creator_userid": "chenmeng", "template_id": "3Tvector", "use_template_approver": 1,
        "apply_data": {"contents": contents},
        "summary_list": [{"summary_info": [{"text": "采购", "lang": "zh_CN"}]}],
    })
}

/// A control of the detail as it is submitted: the empty lists of others left out.
fn submitted(control: &Value) -> Value {
    let members = control["value"].as_object().unwrap().iter();
    let mut value: Map<String, Value> = members
        .filter(|(_, member)| **member != json!([]))
        .map(|(name, member)| (name.clone(), member.clone()))
        .collect();
    for row in value.get_mut("children").and_then(Value::as_array_mut).into_iter().flatten() {
        let cells = row["list"].as_array().unwrap().iter().map(submitted).collect();
        row["list"] = Value::Array(cells);
    }
    json!({"control": control["control"], "id": control["id"], "value": value})
}

fn find<'a>(contents: &'a [Value], kind: &str) -> &'a Value {
    contents.iter().find(|one| one["control"] == kind).unwrap()
}

#[tokio::test]
async fn a_template_of_the_vectors_reads_back_as_it_was() {
    for name in ["template", "leave_template"] {
        let detail = vectors()[name].clone();
        let stage = stage_with_template(&detail).await;
        let read = stage.post(crate::support::TEMPLATE, &json!({"template_id": "3Tvector"})).await;
        assert_eq!(read["template_names"], detail["template_names"]);
        let read = read["template_content"]["controls"].as_array().unwrap();
        let expected = detail["template_content"]["controls"].as_array().unwrap();
        assert_eq!(read.len(), expected.len());
        for (read, expected) in read.iter().zip(expected) {
            assert_eq!(read["property"], expected["property"]);
            if read["property"]["control"] != "Table" {
                let config = expected.get("config").cloned().unwrap_or(json!({}));
                assert_eq!(read["config"], config);
            }
        }
    }
}

#[tokio::test]
async fn every_control_reads_back_as_the_platform_shows_it() {
    let vectors = vectors();
    let stage = stage_with_template(&vectors["template"]).await;
    let shown = vectors["detail"]["info"]["apply_data"]["contents"].as_array().unwrap();
    let earlier = stage.submit("15");
    let id = stage.wecom.put_media("合同.pdf", b"contract".to_vec());
    let mut contents: Vec<Value> = Vec::new();
    for control in shown {
        let mut given = submitted(control);
        match control["control"].as_str().unwrap() {
            // The platform's own, and one whose value nobody documents.
            "Tips" | "Formula" | "PhoneNumber" => continue,
            "File" => given["value"]["files"] = json!([{"file_id": id}, {"file_id": id}]),
            "RelatedApproval" => given["value"] = json!({"related_approval": [{"sp_no": earlier}]}),
            _ => {}
        }
        contents.push(given);
    }
    let sp_no = stage.apply(&form(contents)).await;
    let read = stage.detail(&sp_no).await;
    let read = read["apply_data"]["contents"].as_array().unwrap();
    let mut compared = 0;
    for expected in shown {
        let kind = expected["control"].as_str().unwrap();
        let found = read.iter().find(|one| one["id"] == expected["id"]);
        match kind {
            "PhoneNumber" => assert!(found.is_none()),
            "File" => {
                let files = found.unwrap()["value"]["files"].as_array().unwrap();
                let is_kept =
                    |file: &Value| file["file_id"].as_str().unwrap().starts_with("WWCISP_");
                assert!(files.len() == 2 && files.iter().all(is_kept));
            }
            "RelatedApproval" => {
                let related = &found.unwrap()["value"]["related_approval"][0];
                assert_eq!(
                    (&related["sp_no"], &related["sp_status"]),
                    (&json!(earlier), &json!(1))
                );
                assert_eq!(related["template_names"][0]["text"], "采购申请草稿审批");
            }
            "Formula" => assert!(found.unwrap()["value"]["formula"]["value"].is_string()),
            _ => {
                let found = found.unwrap();
                assert_eq!(found["title"], expected["title"]);
                assert_eq!(found["value"], expected["value"], "{kind}");
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 15);
    assert_eq!(find(read, "BankAccount")["hidden"], 1, "its option was not picked");
}

#[tokio::test]
async fn a_leave_reads_back_as_the_platform_shows_it() {
    let vectors = vectors();
    let stage = stage_with_template(&vectors["leave_template"]).await;
    let shown = vectors["leave_detail"]["info"]["apply_data"]["contents"].as_array().unwrap();
    let contents: Vec<_> = shown.iter().take(2).map(submitted).collect();
    let sp_no = stage.apply(&form(contents)).await;
    let read = stage.detail(&sp_no).await;
    let read = read["apply_data"]["contents"].as_array().unwrap();
    assert_eq!(read[..], shown[..2]);
}

/// A value that breaks a rule of one control, and a part of the refusal.
fn wrong_values() -> Vec<(&'static str, Value, &'static str)> {
    let range = |begin: i64, end: i64, kind: &str| json!({"date_range": {"type": kind, "new_begin": begin, "new_end": end, "new_duration": 1}});
    vec![
        ("Text", json!({"text": "a\nb"}), "line break"),
        ("Text", json!({"text": 7}), "text is not a text"),
        ("Text", json!(7), "value of Text-1640339319582 is no object"),
        ("Number", json!({"new_number": 7}), "new_number is not a text"),
        ("Number", json!({"new_number": "1e3"}), "not a decimal"),
        ("Number", json!({"new_number": "1."}), "not a decimal"),
        ("Money", json!({"new_money": "1,000"}), "not a decimal"),
        ("Date", json!({"date": {"type": "hour", "s_timestamp": "1"}}), "not \"day\""),
        ("Date", json!({"date": {"type": "day", "s_timestamp": 1}}), "s_timestamp is not a text"),
        ("Date", json!({"date": {"type": "day", "s_timestamp": "2025-07-01"}}), "not in seconds"),
        ("Date", json!({"type": "day", "s_timestamp": "1"}), "date is not an object"),
        (
            "Selector",
            json!({"selector": {"type": "single", "options": [{"key": "x"}]}}),
            "unknown option key \"x\"",
        ),
        (
            "Selector",
            json!({"selector": {"type": "multi", "options": []}}),
            "selector.type is \"multi\"",
        ),
        (
            "Selector",
            json!({"selector": {"type": "single", "options": [
                {"key": "option-1640339370001"}, {"key": "option-1640339370002"}]}}),
            "one option",
        ),
        ("Contact", json!({"departments": []}), "members is not a list"),
        ("Contact", json!({"members": [{"userid": "nobody"}]}), "unknown userid nobody"),
        ("File", json!({"files": [{"file_id": 1}]}), "no text file_id"),
        ("Tips", json!({"new_tips": {}}), "cannot be submitted"),
        ("Formula", json!({"formula": {"value": "1"}}), "cannot be submitted"),
        ("DateRange", range(1_751_299_200, 1_751_601_600, "hour"), "not \"halfday\""),
        ("DateRange", range(1_751_299_201, 1_751_601_600, "halfday"), "00:00 or 12:00"),
        ("DateRange", range(1_751_601_600, 1_751_299_200, "halfday"), "ends before it begins"),
        ("Location", json!({"location": {"latitude": 30.5}}), "latitude is not a text"),
        ("RelatedApproval", json!({"related_approval": [{"sp_no": "1"}]}), "unknown sp_no 1"),
        ("BankAccount", json!({"account": 1}), "bank_account is not an object"),
        ("Table", json!({"children": {}}), "children is not a list"),
        ("Table", json!({"children": []}), "has no require control Table-1640339410000"),
        ("Table", json!({"children": [{"list": []}]}), "has no require control Text-1640339410001"),
    ]
}

#[tokio::test]
async fn a_value_that_does_not_fit_its_control_is_refused() {
    let vectors = vectors();
    let stage = stage_with_template(&vectors["template"]).await;
    let shown = vectors["detail"]["info"]["apply_data"]["contents"].as_array().unwrap();
    let required = ["Text", "Money", "Selector", "Table"].map(|kind| submitted(find(shown, kind)));
    stage.apply(&form(required.to_vec())).await;
    for (kind, value, reason) in wrong_values() {
        let id = find(shown, kind)["id"].clone();
        let mut contents: Vec<_> = required.iter().filter(|one| one["id"] != id).cloned().collect();
        contents.push(json!({"control": kind, "id": id, "value": value}));
        let (code, text) = stage.refusal(APPLY, &form(contents)).await;
        assert_eq!(code, 301_025, "{kind}: {text}");
        assert!(text.contains(reason), "{kind}, {reason}: {text}");
    }
}

#[tokio::test]
async fn contents_have_to_fit_the_template() {
    let vectors = vectors();
    let stage = stage_with_template(&vectors["template"]).await;
    let shown = vectors["detail"]["info"]["apply_data"]["contents"].as_array().unwrap();
    let required = ["Text", "Money", "Selector", "Table"].map(|kind| submitted(find(shown, kind)));
    let refusal = |change: fn(&mut Vec<Value>)| {
        let mut contents = required.to_vec();
        change(&mut contents);
        let stage = &stage;
        async move { stage.refusal(APPLY, &form(contents)).await.1 }
    };
    let text = refusal(|contents| contents[0]["id"] = json!("Text-1")).await;
    assert!(text.contains("get approval param error:invalid control id Text-1"), "{text}");
    let text = refusal(|contents| contents[0]["control"] = json!("Number")).await;
    assert!(text.contains("is Number, not Text"), "{text}");
    let text = refusal(|contents| drop(contents.remove(1))).await;
    assert!(text.contains("has no require control Money-1640339350000"), "{text}");
    let text = refusal(|contents| contents.push(contents[0].clone())).await;
    assert!(text.contains("comes twice"), "{text}");
    let text = refusal(|contents| {
        let row = contents[3].pointer_mut("/value/children/0/list").unwrap();
        drop(row.as_array_mut().unwrap().pop());
    })
    .await;
    assert!(text.contains("has no"), "{text}");
}

#[tokio::test]
async fn attendance_fits_what_its_template_says() {
    let stage = stage().await;
    let config = json!({"attendance": {"type": 3, "date_range": {"type": "hour"}}});
    let control = Control { config, ..Control::new("Attendance", 1, "出差").required() };
    let template = Template::new("3Tvector", "出差申请", vec![control]);
    stage.wecom.put_template(template.node(FlowNode::approvers(Relation::All, &["lisi"])));
    stage.wecom.put_user(User::new("chenmeng", "陈梦", "13800001111", &[2]));
    let trip = |kind: i64, daytime: i64| {
        let range = json!({"type": "hour", "new_begin": 1_751_421_600, "new_end": 1_751_432_400, "new_duration": 10_800});
        let slices = json!({"day_items": [{"daytime": daytime, "duration": 10_800}]});
        let value =
            json!({"attendance": {"date_range": range, "type": kind, "slice_info": slices}});
        form(vec![json!({"control": "Attendance", "id": "Attendance-1", "value": value})])
    };
    assert!(stage.refusal(APPLY, &trip(5, 1_751_385_600)).await.1.contains("attendance.type"));
    assert!(stage.refusal(APPLY, &trip(3, 1_751_385_601)).await.1.contains("00:00"));
    stage.apply(&trip(3, 1_751_385_600)).await;
}
