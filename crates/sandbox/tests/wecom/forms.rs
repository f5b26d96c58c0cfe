//! Submitting forms: who, which flow, which summary, and what the detail shows.

use erplink_sandbox::wecom::Quirks;
use serde_json::{Value, json};

use crate::support::{APPLY, DETAIL, Stage, stage, stage_with_quirks, with};

async fn refuses(stage: &Stage, body: &Value, code: i64, reason: &str) {
    let (found, text) = stage.refusal(APPLY, body).await;
    assert_eq!(found, code, "{text}");
    assert!(text.contains(reason), "{reason}: {text}");
    assert!(stage.wecom.forms().is_empty());
}

#[tokio::test]
async fn a_form_is_submitted_and_read_back() {
    let stage = stage().await;
    let sp_no = stage.apply(&stage.purchase_request()).await;
    assert!(sp_no.len() == 12 && sp_no.ends_with("0001"), "{sp_no}");
    let info = stage.detail(&sp_no).await;
    assert_eq!((&info["sp_no"], &info["sp_status"]), (&json!(sp_no), &json!(1)));
    assert_eq!(info["sp_name"], "采购申请草稿审批");
    assert_eq!(info["applyer"], json!({"userid": "zhangsan", "partyid": "2"}));
    assert_eq!(info["notifyer"], json!([{"userid": "wangwu"}]));
    let contents = info["apply_data"]["contents"].as_array().unwrap();
    let ids: Vec<_> = contents.iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["Text-11", "Date-13", "Table-15", "Formula-16"]);
    assert_eq!(contents[0]["title"][0]["text"], "草稿单号");
    assert_eq!(contents[0]["value"]["text"], "16");
    assert_eq!(contents[0]["value"]["files"], json!([]), "empty lists of other controls");
    let row = &contents[2]["value"]["children"][1]["list"];
    assert_eq!(row[2]["value"]["new_number"], "2.5");
    assert_eq!(row[2]["title"][0]["text"], "数量");
    assert_eq!(contents[3]["value"]["formula"]["value"], "57.5", "computed");
    assert_eq!(info["sp_record"][0]["approverattr"], 2);
    assert_eq!(info["sp_record"][0]["details"][0]["approver"]["userid"], "lisi");
    let nodes = &info["process_list"]["node_list"];
    assert_eq!((&nodes[0]["node_type"], &nodes[0]["apv_rel"]), (&json!(1), &json!(1)));
    assert_eq!(nodes[0]["sub_node_list"][0]["sptime"], 0);
    assert_eq!(nodes[1], json!({"node_type": 2, "sub_node_list": [{"userid": "wangwu"}]}));
    let number: u64 = sp_no.parse().unwrap();
    assert_eq!(stage.post(DETAIL, &json!({"sp_no": number})).await["errcode"], 0);
    assert_eq!(stage.refusal(DETAIL, &json!({"sp_no": "1"})).await.0, 301_025);
}

#[tokio::test]
async fn two_calls_make_two_forms() {
    let stage = stage().await;
    let first = stage.apply(&stage.purchase_request()).await;
    let second = stage.apply(&stage.purchase_request()).await;
    assert_ne!(first, second);
    assert_eq!(stage.wecom.wait_for_form("草稿单号", "16").await, second);
}

#[tokio::test]
async fn the_applicant_has_to_be_there_and_visible() {
    let stage = stage().await;
    let by = |userid: &str| with(stage.purchase_request(), "/creator_userid", json!(userid));
    refuses(&stage, &by(""), 40058, "creator_userid").await;
    refuses(&stage, &by("wujiu"), 301_055, "visible").await;
    stage.wecom.set_visible_users(&["lisi"]);
    refuses(&stage, &by("zhangsan"), 301_055, "visible").await;
    let quirks = Quirks { invisible_applicant_as_301025: true, ..Quirks::default() };
    stage.wecom.set_quirks(quirks);
    refuses(&stage, &by("zhangsan"), 301_025, "not in app visiable range").await;
}

#[tokio::test]
async fn template_contents_and_summary_have_to_be_there() {
    let stage = stage().await;
    let body = |pointer: &str, value: Value| with(stage.purchase_request(), pointer, value);
    refuses(&stage, &body("/template_id", json!("x")), 301_025, "template_id").await;
    refuses(&stage, &body("/apply_data/contents", json!([])), 301_025, "no applydata content")
        .await;
    refuses(&stage, &body("/summary_list", json!([])), 301_025, "summary_list").await;
    let text = "/summary_list/0/summary_info/0/text";
    refuses(&stage, &body(text, json!("")), 301_025, "empty text").await;
    let long = "字".repeat(21);
    refuses(&stage, &body(text, json!(long)), 301_025, "longer than 20").await;
    let lang = "/summary_list/0/summary_info/0/lang";
    refuses(&stage, &body(lang, json!("zh-CN")), 301_025, "lang").await;
    stage.wecom.set_quirks(Quirks { cut_long_summary: true, ..Quirks::default() });
    stage.apply(&body(text, json!(long))).await;
}

#[tokio::test]
async fn a_given_flow_is_checked_and_followed() {
    let stage = stage().await;
    let given = |nodes: Value| {
        let mut body = with(stage.purchase_request(), "/use_template_approver", json!(0));
        body["process"] = json!({"node_list": nodes});
        body
    };
    refuses(&stage, &given(json!([])), 301_025, "node_list").await;
    let node = json!([{"type": 9, "apv_rel": 1, "userid": ["lisi"]}]);
    refuses(&stage, &given(node), 301_025, "type of a node").await;
    let node = json!([{"type": 1, "userid": ["lisi"]}]);
    refuses(&stage, &given(node), 301_025, "apv_rel").await;
    let node = json!([{"type": 1, "apv_rel": 1, "userid": ["nobody"]}]);
    refuses(&stage, &given(node), 301_025, "nobody").await;
    let node = json!([{"type": 1, "apv_rel": 1, "userid": []}]);
    refuses(&stage, &given(node), 301_025, "no userid").await;
    let without = with(stage.purchase_request(), "/use_template_approver", json!(0));
    refuses(&stage, &without, 301_025, "no process").await;
    let nodes = json!([
        {"type": 1, "apv_rel": 3, "userid": ["LISI", "wangwu"]},
        {"type": 2, "userid": ["zhouba"]},
        {"type": 3, "apv_rel": 2, "userid": ["sunqi"]},
    ]);
    let sp_no = stage.apply(&given(nodes)).await;
    let info = stage.detail(&sp_no).await;
    assert_eq!(info["process_list"]["node_list"][0]["sub_node_list"][0]["userid"], "lisi");
    assert_eq!(info["process_list"]["node_list"][0]["apv_rel"], 3);
    assert_eq!(info["sp_record"].as_array().unwrap().len(), 1, "approvers alone");
    assert_eq!(stage.wecom.asked(&sp_no).unwrap(), ["lisi"]);
}

#[tokio::test]
async fn older_integrations_can_be_accepted() {
    // As the guides send it: no control, texts for everything, old members for the flow.
    let old = |stage: &Stage| {
        json!({
            "creator_userid": "zhangsan", "template_id": stage.template("采购申请草稿审批"),
            "use_template_approver": 0,
            "approver": [{"attr": 2, "userid": ["lisi", "wangwu"]}, {"attr": 1, "userid": ["sunqi"]}],
            "notifyer": ["zhouba"], "notify_type": 1,
            "apply_data": {"contents": [
                {"id": "Text-11", "value": {"text": "16"}},
                {"id": "Date-13", "value": {"text": "2026-01-31"}},
            ]},
            "summary_list": [{"summary_info": [{"text": "急用", "lang": "zh_CN"}]}],
        })
    };
    let strict = stage().await;
    refuses(&strict, &old(&strict), 301_025, "no process").await;
    let quirks = Quirks { legacy_members: true, ..Quirks::default() };
    let flows_only = stage_with_quirks(quirks).await;
    refuses(&flows_only, &old(&flows_only), 301_025, "control of Text-11 is missing").await;
    let lenient = stage_with_quirks(Quirks { lenient_contents: true, ..quirks }).await;
    let sp_no = lenient.apply(&old(&lenient)).await;
    let info = lenient.detail(&sp_no).await;
    let nodes = &info["process_list"]["node_list"];
    assert_eq!((&nodes[0]["node_type"], &nodes[1]["apv_rel"]), (&json!(2), &json!(1)));
    assert_eq!(nodes[2]["apv_rel"], 2);
    let attributes = [&info["sp_record"][0]["approverattr"], &info["sp_record"][1]["approverattr"]];
    assert_eq!(attributes, [&json!(2), &json!(1)]);
    assert_eq!(info["apply_data"]["contents"][1]["value"]["text"], "2026-01-31");
}

#[tokio::test]
async fn a_flow_beside_that_of_the_template_is_ignored_or_refused() {
    let both = |stage: &Stage| {
        let mut body = stage.purchase_request();
        let node = json!({"type": 1, "apv_rel": 1, "userid": ["zhouba"]});
        body["process"] = json!({"node_list": [node]});
        body
    };
    let stage = stage().await;
    let sp_no = stage.apply(&both(&stage)).await;
    assert_eq!(stage.wecom.asked(&sp_no).unwrap(), ["lisi"]);
    let quirks = Quirks { refuse_process_with_template_flow: true, ..Quirks::default() };
    let strict = stage_with_quirks(quirks).await;
    refuses(&strict, &both(&strict), 301_025, "use_template_approver 1").await;
}
