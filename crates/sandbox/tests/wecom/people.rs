//! What people do with a form, as its detail shows it.

use erplink_sandbox::wecom::{FlowViews, Opinion, Quirks, Side};
use serde_json::{Value, json};

use crate::support::{Stage, stage};

/// A form under two approvers one after another, a handler and somebody who gets a copy.
async fn long_form(stage: &Stage) -> String {
    let mut body = stage.purchase_request();
    body["use_template_approver"] = json!(0);
    body["process"] = json!({"node_list": [
        {"type": 1, "apv_rel": 3, "userid": ["lisi", "wangwu"]},
        {"type": 2, "userid": ["zhaoliu"]},
        {"type": 3, "apv_rel": 1, "userid": ["sunqi"]},
    ]});
    stage.apply(&body).await
}

/// `userid:sp_yj` of everybody in a node.
fn verdicts(info: &Value, node: usize) -> Vec<String> {
    let people = info["process_list"]["node_list"][node]["sub_node_list"].as_array().unwrap();
    let verdict = |one: &Value| format!("{}:{}", one["userid"].as_str().unwrap(), one["sp_yj"]);
    people.iter().map(verdict).collect()
}

#[tokio::test]
async fn approvers_sign_one_after_another_and_a_handler_follows() {
    let stage = stage().await;
    let sp_no = long_form(&stage).await;
    let early = stage.wecom.approve(&sp_no, "wangwu", "").unwrap_err().to_string();
    assert!(early.contains("wangwu is not asked now (asked: lisi)"), "{early}");
    stage.wecom.approve(&sp_no, "lisi", "同意，单价已核对").unwrap();
    assert_eq!(stage.detail(&sp_no).await["sp_status"], 1);
    let media = stage.wecom.put_media("审核.txt", b"checked".to_vec());
    stage.wecom.approve(&sp_no, "wangwu", Opinion::from("同意").attach(media)).unwrap();
    let info = stage.detail(&sp_no).await;
    assert_eq!(info["sp_status"], 2);
    assert_eq!(verdicts(&info, 0), ["lisi:2", "wangwu:2"]);
    let record = &info["sp_record"][0];
    assert_eq!((&record["sp_status"], &record["approverattr"]), (&json!(2), &json!(2)));
    let detail = &record["details"][0];
    assert_eq!(detail["speech"], "同意，单价已核对");
    assert!(detail["sptime"].as_i64().unwrap() > 1_700_000_000);
    assert!(record["details"][1]["media_id"][0].as_str().unwrap().starts_with("WWCISP_"));
    assert_eq!(stage.wecom.asked(&sp_no).unwrap(), ["sunqi"]);
    stage.wecom.hand_over(&sp_no, "sunqi", "zhouba", "").unwrap();
    stage.wecom.handle(&sp_no, "zhouba", "已入库").unwrap();
    let info = stage.detail(&sp_no).await;
    assert_eq!(
        (&info["sp_status"], verdicts(&info, 2)),
        (&json!(2), vec!["sunqi:15".to_owned(), "zhouba:14".to_owned()])
    );
    assert_eq!(info["process_list"]["node_list"][2]["sp_status"], 14);
}

#[tokio::test]
async fn a_refusal_ends_the_form() {
    let stage = stage().await;
    let sp_no = stage.submit("16");
    stage.wecom.refuse(&sp_no, "lisi", "数量不对").unwrap();
    let info = stage.detail(&sp_no).await;
    assert_eq!((&info["sp_status"], &info["sp_record"][0]["sp_status"]), (&json!(3), &json!(3)));
    assert!(stage.wecom.approve(&sp_no, "lisi", "").is_err());
    assert!(stage.wecom.withdraw(&sp_no).is_err());
    assert!(stage.wecom.approve_to_the_end(&sp_no).is_err());
}

#[tokio::test]
async fn a_form_is_transferred_sent_back_and_signed_by_more() {
    let stage = stage().await;
    let template = stage.template("采购申请审批");
    let sp_no = stage.wecom.submit(&template, "zhangsan", &json!({"单据编号": "7"})).unwrap();
    stage.wecom.approve(&sp_no, "lisi", "").unwrap();
    stage.wecom.transfer(&sp_no, "wangwu", "SunQi", "请孙七处理").unwrap();
    assert_eq!(verdicts(&stage.detail(&sp_no).await, 0), ["lisi:2", "wangwu:4", "sunqi:1"]);
    stage.wecom.send_back(&sp_no, "sunqi", "lisi", "再看一下").unwrap();
    assert_eq!(stage.wecom.asked(&sp_no).unwrap(), ["lisi"]);
    stage.wecom.approve(&sp_no, "lisi", "看过了").unwrap();
    stage.wecom.add_signer(&sp_no, "sunqi", "zhaoliu", Side::Before).unwrap();
    assert_eq!(stage.wecom.asked(&sp_no).unwrap(), ["zhaoliu"]);
    stage.wecom.approve(&sp_no, "zhaoliu", "").unwrap();
    stage.wecom.approve(&sp_no, "sunqi", "").unwrap();
    stage.wecom.approve_and_add(&sp_no, "zhouba", "wangwu", "请财务复核").unwrap();
    stage.wecom.approve_to_the_end(&sp_no).unwrap();
    let info = stage.detail(&sp_no).await;
    assert_eq!(info["sp_status"], 2);
    assert_eq!(verdicts(&info, 1), ["zhouba:13", "wangwu:2"]);
    assert!(stage.wecom.transfer(&sp_no, "lisi", "nobody", "").is_err());
}

#[tokio::test]
async fn a_form_is_withdrawn_before_or_after_it_passed_paid_or_deleted() {
    let stage = stage().await;
    let status = |sp_no: &str| stage.wecom.form(sp_no).unwrap()["sp_status"].clone();
    let withdrawn = stage.submit("1");
    stage.wecom.withdraw(&withdrawn).unwrap();
    assert_eq!((status(&withdrawn), stage.wecom.asked(&withdrawn).unwrap().len()), (json!(4), 0));
    let passed = stage.submit("2");
    assert!(stage.wecom.withdraw_passed(&passed).is_err());
    stage.wecom.approve_to_the_end(&passed).unwrap();
    stage.wecom.withdraw_passed(&passed).unwrap();
    assert_eq!(status(&passed), 6);
    let paid = stage.submit("3");
    stage.wecom.approve_to_the_end(&paid).unwrap();
    stage.wecom.pay(&paid).unwrap();
    assert_eq!(status(&paid), 10);
    stage.wecom.delete(&paid).unwrap();
    assert_eq!(stage.detail(&paid).await["sp_status"], 7);
    assert!(stage.wecom.withdraw("1").unwrap_err().to_string().contains("no form \"1\""));
}

#[tokio::test]
async fn remarks_stand_with_the_form_and_urging_needs_somebody() {
    let stage = stage().await;
    let sp_no = stage.submit("1");
    stage.wecom.urge(&sp_no).unwrap();
    stage.wecom.comment(&sp_no, "zhangsan", "请尽快").unwrap();
    stage.wecom.approve_to_the_end(&sp_no).unwrap();
    stage.wecom.comment(&sp_no, "lisi", "已同意").unwrap();
    assert!(stage.wecom.urge(&sp_no).is_err());
    assert!(stage.wecom.comment(&sp_no, "nobody", "x").is_err());
    let info = stage.detail(&sp_no).await;
    let comments = info["comments"].as_array().unwrap();
    assert_eq!(comments.len(), 2);
    assert_eq!(comments[0]["commentUserInfo"]["userid"], "zhangsan");
    assert_eq!(comments[0]["commentcontent"], "请尽快");
    assert_eq!(comments[0]["commentid"].as_str().unwrap().len(), 19);
}

#[tokio::test]
async fn the_detail_can_show_less_and_spell_otherwise() {
    let stage = stage().await;
    let sp_no = stage.submit("1");
    let shown = |quirks: Quirks| {
        stage.wecom.set_quirks(quirks);
        stage.wecom.form(&sp_no).unwrap()
    };
    let old = shown(Quirks { flow_views: FlowViews::Old, ..Quirks::default() });
    assert!(old.get("sp_record").is_some() && old.get("process_list").is_none());
    let new = shown(Quirks { flow_views: FlowViews::New, ..Quirks::default() });
    assert!(new.get("sp_record").is_none() && new.get("process_list").is_some());
    let part = |info: &Value| info["process_list"]["node_list"][0]["sub_node_list"][0].clone();
    let capital = part(&shown(Quirks { capital_members: true, ..Quirks::default() }));
    assert!(capital.get("Sptime").is_some() && capital.get("sptime").is_none());
    let empty = part(&shown(Quirks { empty_time_as_text: true, ..Quirks::default() }));
    assert_eq!(empty["sptime"], "");
    let bare = shown(Quirks { bare_values: true, ..Quirks::default() });
    assert_eq!(bare["apply_data"]["contents"][0]["value"], json!({"text": "1"}));
}

#[tokio::test]
async fn what_a_person_types_is_put_into_the_right_values() {
    let stage = stage().await;
    let values = json!({
        "单据编号": "7", "总金额": 33600, "付款方式": "现结", "交货日期": "2025-07-01",
        "订单明细": [{"物料编码": "RM-001", "数量": 100, "单价": "12.5"}],
    });
    let template = stage.template("采购订单审批");
    let sp_no = stage.wecom.submit(&template, "zhangsan", &values).unwrap();
    let info = stage.detail(&sp_no).await;
    let contents = info["apply_data"]["contents"].as_array().unwrap();
    let value = |id: &str| &contents.iter().find(|one| one["id"] == id).unwrap()["value"];
    assert_eq!(value("Money-14")["new_money"], "33600");
    assert_eq!(value("Selector-15")["selector"]["options"][0]["key"], "option-2");
    assert_eq!(value("Date-16")["date"]["s_timestamp"], "1751299200");
    let row = value("Table-17")["children"][0]["list"].as_array().unwrap();
    assert_eq!(row.len(), 5, "every column stands in a row");
    assert_eq!(row[3]["value"]["new_money"], "12.5");
    let wrong = stage.wecom.submit(&template, "zhangsan", &json!({"颜色": "红"})).unwrap_err();
    assert!(wrong.to_string().contains("颜色"), "{wrong}");
    assert!(stage.wecom.submit("x", "zhangsan", &values).is_err());
}
