//! Reading, creating and changing templates.

use serde_json::{Value, json};

use crate::support::{APPLY, TEMPLATE, stage, with};

const CREATE: &str = "/cgi-bin/oa/approval/create_template";
const UPDATE: &str = "/cgi-bin/oa/approval/update_template";

fn control(kind: &str, id: &str, title: &str, config: Value) -> Value {
    json!({
        "property": {"control": kind, "id": id, "title": [{"text": title, "lang": "zh_CN"}],
            "placeholder": [{"text": "", "lang": "zh_CN"}], "require": 1, "un_print": 0},
        "config": config,
    })
}

fn template() -> Value {
    let options = json!([{"key": "option-1", "value": {"text": "月结", "lang": "zh_CN"}}]);
    let column = control("Text", "Text-03", "物料", json!({}));
    json!({
        "template_name": [{"text": "付款申请", "lang": "zh_CN"}],
        "template_content": {"controls": [
            control("Text", "Text-01", "单据编号", json!({})),
            control("Selector", "Selector-02", "付款方式",
                json!({"selector": {"type": "single", "options": options}})),
            control("Table", "Table-04", "明细",
                json!({"table": {"print_format": 0, "children": [column]}})),
        ]},
    })
}

#[tokio::test]
async fn a_template_of_the_console_reads_as_documented() {
    let stage = stage().await;
    let id = stage.template("采购订单审批");
    let detail = stage.post(TEMPLATE, &json!({"template_id": id})).await;
    assert_eq!(detail["template_names"], json!([{"text": "采购订单审批", "lang": "zh_CN"}]));
    let controls = detail["template_content"]["controls"].as_array().unwrap();
    let first = &controls[0]["property"];
    assert_eq!((&first["control"], &first["id"]), (&json!("Text"), &json!("Text-11")));
    assert_eq!((&first["require"], &first["un_print"]), (&json!(1), &json!(0)));
    assert_eq!(first["title"][0]["text"], "单据编号");
    let options = &controls[4]["config"]["selector"]["options"];
    assert_eq!(options[0]["value"], json!([{"text": "月结30天", "lang": "zh_CN"}]));
    let columns = controls[6]["config"]["table"]["children"].as_array().unwrap();
    assert_eq!(columns.len(), 5);
    assert_eq!(stage.refusal(TEMPLATE, &json!({"template_id": "x"})).await.0, 301_025);
}

#[tokio::test]
async fn a_template_created_by_call_reads_with_option_texts_as_lists() {
    let stage = stage().await;
    let created = stage.post(CREATE, &template()).await;
    assert_eq!(created["errcode"], 0, "{created}");
    let id = created["template_id"].as_str().unwrap();
    let detail = stage.post(TEMPLATE, &json!({"template_id": id})).await;
    let controls = &detail["template_content"]["controls"];
    let options = &controls[1]["config"]["selector"]["options"];
    assert_eq!(options[0]["value"], json!([{"text": "月结", "lang": "zh_CN"}]));
    assert_eq!(controls[2]["config"]["table"]["children"][0]["property"]["id"], "Text-03");
    assert_eq!(controls[2]["config"]["table"]["print_format"], 0);

    let mut changed = with(template(), "/template_name/0/text", json!("付款申请单"));
    changed["template_id"] = json!(id);
    assert_eq!(stage.post(UPDATE, &changed).await["errcode"], 0);
    assert_eq!(stage.template("付款申请单"), id);
    stage.wecom.edit_template(id, |template| template.custom_print = true).unwrap();
    assert_eq!(stage.refusal(UPDATE, &changed).await.0, 301_115);

    // It has no flow in the console, so the caller has to give one.
    let table = json!({"children": [{"list": [
        {"control": "Text", "id": "Text-03", "value": {"text": "RM-001"}}]}]});
    let mut form = json!({
        "creator_userid": "zhangsan", "template_id": id, "use_template_approver": 1,
        "apply_data": {"contents": [
            {"control": "Text", "id": "Text-01", "value": {"text": "7"}},
            {"control": "Selector", "id": "Selector-02",
             "value": {"selector": {"type": "single", "options": [{"key": "option-1"}]}}},
            {"control": "Table", "id": "Table-04", "value": table},
        ]},
        "summary_list": [{"summary_info": [{"text": "付款", "lang": "zh_CN"}]}],
    });
    let (code, text) = stage.refusal(APPLY, &form).await;
    assert!(code == 301_025 && text.contains("no flow"), "{text}");
    form["use_template_approver"] = json!(0);
    form["process"] = json!({"node_list": [{"type": 1, "apv_rel": 1, "userid": ["lisi"]}]});
    stage.apply(&form).await;
}

#[tokio::test]
async fn a_template_that_breaks_a_rule_is_refused() {
    let stage = stage().await;
    let first = "/template_content/controls/0/property";
    let long = "长".repeat(41);
    for (body, reason) in [
        (with(template(), "/template_name", json!([])), "template_name is empty"),
        (with(template(), "/template_name/0/text", json!(long)), "longer than 40"),
        (with(template(), "/template_name/0/text", json!("采购订单审批")), "exists"),
        (with(template(), "/template_name/0/lang", json!("zh-CN")), "neither zh_CN nor en"),
        (with(template(), "/template_content/controls", json!([])), "no controls"),
        (with(template(), &format!("{first}/control"), json!("Formula")), "unknown control type"),
        (with(template(), &format!("{first}/id"), json!("a")), "<control>-<digits>"),
        (with(template(), &format!("{first}/title/0/text"), json!("明细")), "not unique"),
        (with(template(), &format!("{first}/require"), json!("yes")), "neither 0 nor 1"),
        (
            with(template(), "/template_content/controls/1/config/selector/options", json!([])),
            "config.selector",
        ),
        (
            with(template(), "/template_content/controls/2/config/table/children", json!([])),
            "no controls",
        ),
    ] {
        let (code, text) = stage.refusal(CREATE, &body).await;
        assert_eq!(code, 301_086, "{text}");
        assert!(text.contains(reason), "{reason}: {text}");
    }
    let mut other = template();
    other["template_id"] = json!(stage.template("采购申请审批"));
    assert_eq!(stage.refusal(UPDATE, &other).await.0, 301_088, "made in the console");
    other["template_id"] = json!("x");
    assert_eq!(stage.refusal(UPDATE, &other).await.0, 301_086);
}
