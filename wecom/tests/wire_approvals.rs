//! Templates and forms, as the platform sees and sends them.

#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

mod support;

use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use erplink_core::ErrorKind;
use serde_json::{Value, json};
use support::{answer, answer_once, requests, start, vector, vectors};
use wecom::Client;
use wecom::approvals::{
    ApproverAttr, AttendanceKind, ContactMode, ControlDefinition, ControlKind, ControlValue,
    DateType, Decision, EngineStatus, FormStatus, NodeType, OpinionStatus, OptionForm, RecordType,
    SelectorType, SignMode, TemplateDefinition,
};
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

const TEMPLATE: &str = "/cgi-bin/oa/gettemplatedetail";
const DETAIL: &str = "/cgi-bin/oa/getapprovaldetail";
const LIST: &str = "/cgi-bin/oa/getapprovalinfo";

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

/// A server with one of the templates of the vectors.
async fn with_template(id: &str) -> (MockServer, Client) {
    let (server, client, _) = start().await;
    answer(&server, "POST", TEMPLATE, vector("template_details", id)["json"].clone()).await;
    (server, client)
}

#[tokio::test]
async fn reads_templates() {
    let (server, client) = with_template("tpl-01-all-controls").await;
    let expected = vector("template_details", "tpl-01-all-controls")["expect"].clone();
    let template = client.approvals().template("T1").await.unwrap();
    assert_eq!(template.name, "采购订单审批");
    assert_eq!(json!(template.controls.len()), expected["controls"]);
    let required: Vec<_> =
        template.controls.iter().filter(|one| one.is_required).map(|one| &one.id).collect();
    assert_eq!(json!(required), expected["required"]);
    let table = template.control("明细").unwrap();
    assert_eq!(json!(table.children.len()), expected["table_children"]);
    assert_eq!(table.kind, ControlKind::Table);
    let payment = template.control("Selector-1640339370000").unwrap();
    assert_eq!(payment.selector_type, Some(SelectorType::Single));
    assert_eq!(payment.options[1].text, "现结");
    assert!(template.control("收款账户").unwrap().can_be_hidden);
    assert_eq!(template.control("提货时间").unwrap().date_type, Some(DateType::Hour));
    assert_eq!(template.control("受益部门").unwrap().contact_mode, Some(ContactMode::Department));
    let error = template.control("没有").unwrap_err();
    assert!(error.is_not_found() && error.to_string().contains("草稿单号"), "{error}");
    assert_eq!(requests(&server, TEMPLATE).await[0].1, json!({ "template_id": "T1" }));

    let (_server, client) = with_template("tpl-02-leave").await;
    let template = client.approvals().template("T2").await.unwrap();
    let keys: Vec<_> = template.controls[0].options.iter().map(|one| one.key.as_str()).collect();
    assert_eq!(keys, ["1", "2", "3"]);
}

#[tokio::test]
async fn turns_the_text_of_erp_fields_into_values() {
    let (_server, client) = with_template("tpl-01-all-controls").await;
    let template = client.approvals().template("T1").await.unwrap();
    let day = NaiveDate::from_ymd_opt(2025, 7, 1).unwrap();
    for (title, text, expected) in [
        ("草稿单号", " 10023 ", ControlValue::text("10023")),
        ("备注", "a\r\nb", ControlValue::Textarea("a\nb".into())),
        ("数量", "12.50", ControlValue::number("12.50".parse::<wecom::Decimal>().unwrap())),
        ("总金额", "1", ControlValue::money(1)),
        ("到货日期", "2025-07-01T00:00:00Z", ControlValue::date(day)),
        ("提货时间", "2025-07-01 10:00", ControlValue::date_time(&at(1_751_335_200))),
        ("付款方式", "月结30天", ControlValue::option("月结30天")),
        ("运输方式", "陆运，空运", ControlValue::options(["陆运", "空运"])),
        ("经办人", "a,b", ControlValue::members(["a", "b"])),
        ("受益部门", "2", ControlValue::departments([2])),
        ("草稿单号", "", ControlValue::Empty(ControlKind::Text)),
    ] {
        let value = template.control(title).unwrap().parse(text).unwrap();
        assert_eq!(value, expected, "{title}");
    }
    for (title, text) in
        [("数量", "many"), ("到货日期", "soon"), ("受益部门", "采购"), ("明细", "x")]
    {
        let error = template.control(title).unwrap().parse(text).unwrap_err();
        assert!(error.to_string().contains(title), "{error}");
    }
}

async fn read_detail(body: Value) -> wecom::Result<wecom::approvals::Form> {
    let (server, client, _) = start().await;
    answer(&server, "POST", DETAIL, body).await;
    let form = client.approvals().get(" 202507010001 ").await;
    assert_eq!(requests(&server, DETAIL).await[0].1, json!({ "sp_no": "202507010001" }));
    form
}

fn users<'a>(opinions: impl Iterator<Item = &'a wecom::approvals::Opinion>) -> Vec<&'a str> {
    opinions.map(|one| one.userid.as_str()).collect()
}

#[tokio::test]
async fn reads_a_form_with_every_control() {
    let form = read_detail(vector("approval_details", "det-01-all-controls")["json"].clone())
        .await
        .unwrap();
    assert_eq!((form.sp_no.as_str(), form.status), ("202507010001", FormStatus::Passed));
    assert_eq!(form.decision(), Decision::Approved);
    assert_eq!(form.controls.len(), 19);
    assert_eq!(form.control("草稿单号").unwrap().integer().unwrap(), Some(10_023));
    assert_eq!(form.control("总金额").unwrap().text().as_deref(), Some("33600.00"));
    assert_eq!(
        form.control("合计").unwrap().decimal().unwrap(),
        Some("33599.985".parse().unwrap())
    );
    assert_eq!(form.control("付款方式").unwrap().text().as_deref(), Some("月结30天"));
    let rows = form.control("明细").unwrap().rows();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[1].control("数量").unwrap().decimal().unwrap(), Some("20.5".parse().unwrap()));
    let hidden: Vec<_> = form.controls.iter().filter(|one| one.is_hidden).collect();
    assert_eq!(hidden.len(), 1);
    assert_eq!(hidden[0].value, ControlValue::Empty(ControlKind::PhoneNumber));
    // Nothing else is missing or unknown.
    for control in form.controls.iter().filter(|one| !one.is_hidden) {
        let is_known = !matches!(control.value, ControlValue::Empty(_) | ControlValue::Other(..));
        assert!(is_known, "{control:?}");
    }
    let ControlValue::Date(date) = &form.control("到货日期").unwrap().value else { panic!() };
    assert_eq!(date.date(), NaiveDate::from_ymd_opt(2025, 7, 1));
    let ControlValue::BankAccount(account) = &form.control("收款账户").unwrap().value else {
        panic!()
    };
    assert_eq!((account.bank.city_code, account.account_number.as_str()), (21, "6212000000000001"));
    let error = form.control("备注").unwrap().integer().unwrap_err();
    assert!(error.to_string().contains("`备注` (Textarea-1640339335659)"), "{error}");

    assert_eq!(users(form.progress.agreed()), ["zhoukai", "liuyan", "sunboss"]);
    assert_eq!(form.progress.last_time(), Some(at(1_751_338_798)));
    assert_eq!(form.progress.nodes[2].kind, NodeType::Cc);
    // The two numberings of the same node.
    assert_eq!(form.progress.nodes[0].mode, Some(SignMode::All));
    assert_eq!(form.progress.records[0].attr, Some(ApproverAttr::All));
    assert_eq!(form.progress.speeches(), "zhoukai:同意，单价已核对; liuyan:同意; sunboss:批准 👍");
}

#[tokio::test]
async fn reads_rejected_batch_and_leave_forms() {
    let rejected =
        read_detail(vector("approval_details", "det-02-rejected")["json"].clone()).await.unwrap();
    assert_eq!(rejected.decision(), Decision::Rejected);
    let by: Vec<_> = rejected.progress.rejected().collect();
    assert_eq!((by[0].userid.as_str(), by[0].speech.as_str()), ("sunboss", "金额不符"));
    assert_eq!(by[0].attachments, ["WWCISP_aB3-xQ_1", "WWCISP_aB3-xQ_2"]);
    let comment = &rejected.progress.comments[0];
    assert_eq!((comment.id.as_str(), comment.userid.as_str()), ("6741314136717778040", "libai"));

    let batch = read_detail(vector("approval_details", "det-03-batch-applyer")["json"].clone())
        .await
        .unwrap();
    assert_eq!(batch.applicant, None);
    assert_eq!(batch.batch_applicants, ["chenmeng", "libai"]);
    let ControlValue::Attendance(overtime) = &batch.controls[0].value else { panic!() };
    assert_eq!(overtime.kind, AttendanceKind::Overtime);
    assert_eq!(overtime.slices.as_ref().unwrap().state, Some(1));

    let leave =
        read_detail(vector("approval_details", "det-04-leave")["json"].clone()).await.unwrap();
    assert_eq!(leave.progress.cc, ["wangcai", "hr01"]);
    let ControlValue::Vacation(vacation) = &leave.controls[0].value else { panic!() };
    assert_eq!(
        (vacation.option.key.as_str(), vacation.option.text.as_deref()),
        ("3", Some("病假"))
    );
    assert_eq!(vacation.attendance.range.duration, Some(291_600));
    let ControlValue::Date(date) = &leave.control("填报日").unwrap().value else { panic!() };
    assert_eq!(date.zone.as_ref().unwrap().zone_desc, "UTC+9");
    assert_eq!(date.date_time().unwrap().to_rfc3339(), "2023-12-10T00:00:00+09:00");
}

#[tokio::test]
async fn reads_forms_whatever_is_missing_or_spelled_otherwise() {
    let (server, client, _) = start().await;
    for detail in vectors()["approval_details"].as_array().unwrap() {
        let info = detail["json"]["info"].as_object().unwrap();
        for name in info.keys() {
            for replacement in [None, Some(Value::Null), Some(json!([])), Some(json!(""))] {
                let mut body = detail["json"].clone();
                match replacement {
                    None => drop(body["info"].as_object_mut().unwrap().remove(name)),
                    Some(value) => body["info"][name] = value,
                }
                let is_needed = name == "sp_no" || name == "sp_status";
                let template = ResponseTemplate::new(200).set_body_json(body);
                answer_once(&server, DETAIL, template).await;
                let form = client.approvals().get("1").await;
                assert_eq!(form.is_err(), is_needed, "{name}");
                if let Err(error) = form {
                    assert_eq!(error.kind(), ErrorKind::Decode);
                    assert!(error.to_string().contains(&format!("info.{name}")), "{error}");
                }
            }
        }
    }
    let form = read_detail(json!({ "errcode": 0, "info": null })).await;
    assert!(form.is_err(), "an answer without `info`");
}

#[tokio::test]
async fn keeps_values_it_does_not_know_digit_for_digit() {
    let body = r#"{"errcode":0,"info":{"sp_no":202507010001,"sp_status":"2","apply_time":"1751335198",
        "sp_record":[{"SpStatus":2,"ApproverAttr":"1","details":[
            {"approver":{"userid":"a"},"Speech":"好","sp_status":"2","Sptime":""}]}],
        "apply_data":{"contents":[null,
            {"control":"Date","id":"D","value":{"type":"day","s_timestamp":"1751299200.5"}},
            {"control":"New","id":"N","value":{"n":1.10,"a":"b"}},
            {"control":"Number","id":"Q","value":{"new_number":"many"}},
            {"control":"Table","id":"T","value":{"children":[
                {"list":[{"control":"New","id":"N","value":{"n": 12345678901234567890.50}}]}]}}]}}}"#;
    let (server, client, _) = start().await;
    Mock::given(path(DETAIL))
        .respond_with(ResponseTemplate::new(200).set_body_raw(body, "application/json"))
        .mount(&server)
        .await;
    let form = client.approvals().get("202507010001").await.unwrap();
    assert_eq!((form.sp_no.as_str(), form.status), ("202507010001", FormStatus::Passed));
    let opinion = form.progress.opinions().next().unwrap();
    assert_eq!((opinion.speech.as_str(), opinion.time), ("好", None));
    assert_eq!(opinion.status, Some(OpinionStatus::Agreed));
    let ControlValue::Date(date) = &form.controls[0].value else { panic!("{form:?}") };
    assert_eq!(date.timestamp, 1_751_299_200);
    let raw = |control: &wecom::approvals::Control| match &control.value {
        ControlValue::Other(_, raw) => raw.as_str().to_owned(),
        other => panic!("{other:?}"),
    };
    assert_eq!(raw(form.control("N").unwrap()), r#"{"n":1.10,"a":"b"}"#);
    assert_eq!(raw(form.control("Q").unwrap()), r#"{"new_number":"many"}"#);
    let row = &form.control("T").unwrap().rows()[0];
    assert_eq!(raw(&row.controls()[0]), r#"{"n": 12345678901234567890.50}"#);
    assert_eq!(
        serde_json::to_string(form.control("N").unwrap()).unwrap(),
        r#"{"control":"New","id":"N","value":{"n":1.10,"a":"b"}}"#
    );
}

/// Forms submitted every `step` seconds; refuses windows that hold more than `most`.
fn listing(forms: i64, step: i64, most: usize) -> impl Fn(&Request) -> ResponseTemplate {
    move |request: &Request| {
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        let seconds = |name: &str| body[name].as_str().unwrap().parse::<i64>().unwrap();
        let (start, end) = (seconds("starttime"), seconds("endtime"));
        assert!(start < end && end - start <= 31 * 86_400, "{start} {end}");
        let inside: Vec<String> = (0..forms)
            .map(|form| form * step)
            .filter(|at| (start..=end).contains(at))
            .map(|at| format!("{at}"))
            .collect();
        if inside.len() > most {
            let refused = json!({ "errcode": 301_112, "errmsg": "narrow the window" });
            return ResponseTemplate::new(200).set_body_json(refused);
        }
        let cursor = body["new_cursor"].as_str().unwrap();
        let from: usize = cursor.parse().unwrap_or(0);
        let size = usize::try_from(body["size"].as_u64().unwrap()).unwrap();
        // The second page of each window is empty and not the last.
        let page: Vec<_> = if from == 1 {
            Vec::new()
        } else {
            inside.iter().skip(from / 2 * size).take(size).collect()
        };
        let mut answer = json!({ "errcode": 0, "errmsg": "ok", "sp_no_list": page });
        if from == 0 || from / 2 * size + size < inside.len() {
            answer["new_next_cursor"] = json!((from + 1 + usize::from(from > 0)).to_string());
        }
        ResponseTemplate::new(200).set_body_json(answer)
    }
}

#[tokio::test]
async fn lists_every_form_once_over_long_intervals_and_narrow_windows() {
    const DAY: i64 = 86_400;
    for (forms, step, most, size) in
        [(0, DAY, 1000, 100), (95, DAY, 1000, 7), (95, DAY, 4, 100), (60, 3600, 9, 2)]
    {
        let (server, client, _) = start().await;
        Mock::given(path(LIST)).respond_with(listing(forms, step, most)).mount(&server).await;
        let list = client.approvals().list(at(0)).until(at(100 * DAY)).page_size(size);
        let numbers = list.sp_nos().try_collect().await.unwrap();
        let mut found: Vec<i64> = numbers.iter().map(|one| one.parse().unwrap()).collect();
        found.sort_unstable();
        let expected: Vec<i64> = (0..forms).map(|form| form * step).collect();
        assert_eq!(found, expected, "{forms} forms, at most {most} a window");
    }
}

#[tokio::test]
async fn sends_filters_as_texts() {
    let (server, client, _) = start().await;
    answer(&server, "POST", LIST, json!({ "errcode": 0, "sp_no_list": [], "new_next_cursor": "" }))
        .await;
    let list = client.approvals().list(at(1_751_299_200)).until(at(1_751_904_000));
    let list = list.template("old").template("T1").creator("chenmeng").department(2).department(3);
    let list = list.status(FormStatus::Pending).record_type(RecordType::Leave);
    list.sp_nos().try_collect().await.unwrap();
    assert_eq!(
        requests(&server, LIST).await[0].1,
        json!({
            "starttime": "1751299200", "endtime": "1751904000", "new_cursor": "", "size": 100,
            "filters": [
                { "key": "template_id", "value": "T1" }, { "key": "creator", "value": "chenmeng" },
                { "key": "department", "value": "2" }, { "key": "department", "value": "3" },
                { "key": "sp_status", "value": "1" }, { "key": "record_type", "value": "1" },
            ],
        })
    );
    let error =
        client.approvals().list(at(9)).until(at(1)).sp_nos().next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
}

#[tokio::test]
async fn a_list_that_does_not_move_ends_in_an_error() {
    let (server, client, _) = start().await;
    answer(&server, "POST", LIST, json!({ "sp_no_list": ["1"], "new_next_cursor": "same" })).await;
    let result = client.approvals().list(at(0)).until(at(9)).sp_nos().try_collect().await;
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Decode);
    // A second that holds too much cannot be halved.
    let (server, client, _) = start().await;
    answer(&server, "POST", LIST, json!({ "errcode": 301_112, "errmsg": "" })).await;
    let error =
        client.approvals().list(at(0)).until(at(4)).sp_nos().try_collect().await.unwrap_err();
    assert_eq!(error.api_error().unwrap().code(), 301_112);
}

#[tokio::test]
async fn creates_and_updates_templates() {
    let (server, client, _) = start().await;
    answer(&server, "POST", "/cgi-bin/oa/approval/create_template", json!({ "template_id": "T9" }))
        .await;
    answer(&server, "POST", "/cgi-bin/oa/approval/update_template", json!({ "errcode": 0 })).await;
    answer(
        &server,
        "POST",
        "/cgi-bin/oa/approval/copytemplate",
        json!({ "template_id": "open_B" }),
    )
    .await;
    let approvals = client.approvals();
    let definition = |option_form| {
        TemplateDefinition::new("采购订单审批")
            .option_form(option_form)
            .control(
                ControlDefinition::new(ControlKind::Text, "Text-01", "草稿单号")
                    .required()
                    .not_printed()
                    .placeholder("单号"),
            )
            .control(ControlDefinition::selector(
                "Selector-01",
                "付款方式",
                &SelectorType::Single,
                [("option-1", "月结")],
            ))
            .control(ControlDefinition::table(
                "Table-01",
                "明细",
                [ControlDefinition::date("Date-01", "日期", &DateType::Day)],
            ))
    };
    assert_eq!(approvals.create_template(&definition(OptionForm::Object)).await.unwrap(), "T9");
    approvals.update_template("T9", &definition(OptionForm::Array)).await.unwrap();
    assert_eq!(approvals.copy_template("open").await.unwrap(), "open_B");
    let chinese = |text: &str| json!({ "text": text, "lang": "zh_CN" });
    let body = |option: Value| {
        json!({
            "template_name": [chinese("采购订单审批")],
            "template_content": { "controls": [
                { "property": { "control": "Text", "id": "Text-01", "title": [chinese("草稿单号")],
                    "placeholder": [chinese("单号")], "require": 1, "un_print": 1 } },
                { "property": { "control": "Selector", "id": "Selector-01", "title": [chinese("付款方式")],
                    "require": 0, "un_print": 0 },
                  "config": { "selector": { "type": "single", "options": [{ "key": "option-1", "value": option }] } } },
                { "property": { "control": "Table", "id": "Table-01", "title": [chinese("明细")],
                    "require": 0, "un_print": 0 },
                  "config": { "table": { "children": [
                    { "property": { "control": "Date", "id": "Date-01", "title": [chinese("日期")],
                        "require": 0, "un_print": 0 }, "config": { "date": { "type": "day" } } }] } } },
            ] },
        })
    };
    let sent = requests(&server, "/cgi-bin/oa/approval/create_template").await;
    assert_eq!(sent[0].1, body(chinese("月结")));
    let sent = requests(&server, "/cgi-bin/oa/approval/update_template").await;
    let mut expected = body(json!([chinese("月结")]));
    expected["template_id"] = json!("T9");
    assert_eq!(sent[0].1, expected);

    let text = |id: &str, title: &str| ControlDefinition::new(ControlKind::Text, id, title);
    let table = |children| ControlDefinition::table("Table-1", "t", children);
    for (definition, expected) in [
        (TemplateDefinition::new(""), "template_name is empty"),
        (TemplateDefinition::new("a".repeat(41)), "at most 40 characters, found 41"),
        (TemplateDefinition::new("a"), "no controls"),
        (TemplateDefinition::new("a").control(text("Text", "t")), "expected an id such as Text-01"),
        (
            TemplateDefinition::new("a").control(text("Text-1", "t")).control(text("Text-1", "u")),
            "the id stands there twice",
        ),
        (
            TemplateDefinition::new("a").control(text("Text-1", "t")).control(text("Text-2", "t")),
            "the title `t` stands there twice",
        ),
        (TemplateDefinition::new("a").control(table(vec![])), "a table without controls"),
        (
            TemplateDefinition::new("a").control(table(vec![table(vec![])])),
            "a table cannot hold a Table",
        ),
    ] {
        let error = approvals.create_template(&definition).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[tokio::test]
async fn reads_flows_of_the_flow_engine_in_both_spellings() {
    let (server, client, _) = start().await;
    let body = json!({ "errcode": 0, "data": {
        "ThirdNo": "B1-PO-10023", "OpenTemplateId": "T", "OpenSpName": "采购", "OpenSpstatus": 1,
        "ApplyTime": 1_527_837_645, "ApplyUsername": "张三", "ApplyUserParty": "采购部",
        "ApplyUserImage": "", "ApplyUserId": "zhangsan",
        "ApprovalNodes": { "ApprovalNode": [{ "NodeStatus": 1, "NodeAttr": 1, "NodeType": 1,
            "Items": { "Item": [{ "ItemName": "李四", "ItemParty": "x", "ItemUserid": "lisi",
                "ItemStatus": 1, "ItemSpeech": "", "ItemOpTime": 0 }] } }] },
        "NotifyNodes": { "NotifyNode": [{ "ItemName": "王五", "ItemUserId": "wangwu" }] },
        "ApproverStep": 0 } });
    answer(&server, "POST", "/cgi-bin/corp/getopenapprovaldata", body).await;
    let form = client.approvals().engine_form("B1-PO-10023").await.unwrap();
    assert_eq!((form.status, form.step), (EngineStatus::Pending, Some(0)));
    assert_eq!(form.applicant_name.as_deref(), Some("张三"));
    assert_eq!(form.nodes[0].attr, Some(ApproverAttr::Any));
    assert_eq!(
        (form.nodes[0].items[0].userid.as_str(), form.nodes[0].items[0].time),
        ("lisi", None)
    );
    assert_eq!(form.cc[0].userid, "wangwu");
    let sent = requests(&server, "/cgi-bin/corp/getopenapprovaldata").await;
    assert_eq!(sent[0].1, json!({ "thirdNo": "B1-PO-10023" }));
}

#[tokio::test]
async fn reads_and_sets_balances_of_leave() {
    let (server, client, _) = start().await;
    let types = json!({ "lists": [
        { "id": 1, "name": "年假", "time_attr": 0, "duration_type": 0, "perday_duration": 86_400 },
        { "id": 2, "name": "事假", "time_attr": 1, "duration_type": 1 }] });
    answer(&server, "GET", "/cgi-bin/oa/vacation/getcorpconf", types).await;
    let quotas = json!({ "lists": [{ "id": 1, "vacationname": "年假", "assignduration": 432_000,
        "usedduration": 86_400, "leftduration": 345_600, "real_assignduration": 432_000 }] });
    answer(&server, "POST", "/cgi-bin/oa/vacation/getuservacationquota", quotas).await;
    answer(&server, "POST", "/cgi-bin/oa/vacation/setoneuserquota", json!({ "errcode": 0 })).await;
    let approvals = client.approvals();
    let types = approvals.vacation_types().await.unwrap();
    assert!(!types[0].is_by_hour && types[0].counts_calendar_days && types[1].is_by_hour);
    assert_eq!(approvals.vacation_quotas("a").await.unwrap()[0].left, 345_600);
    approvals
        .set_vacation_quota("a", &types[1], Duration::from_secs(3600), Some("补"))
        .await
        .unwrap();
    assert_eq!(
        requests(&server, "/cgi-bin/oa/vacation/setoneuserquota").await[0].1,
        json!({ "userid": "a", "vacation_id": 2, "leftduration": 3600, "time_attr": 1, "remarks": "补" })
    );
    let error = approvals
        .set_vacation_quota("a", &types[0], Duration::from_secs(3600), None)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("年假 (1): expected a multiple of 8640"), "{error}");
}
