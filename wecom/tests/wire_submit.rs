//! Submitting forms: what is checked, what is sent, and what is never sent twice.

#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

mod support;

use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use erplink_core::{ErrorKind, RawJson};
use serde_json::{Value, json};
use support::{answer, answer_once, requests, start, vector};
use wecom::Client;
use wecom::approvals::{
    ApproverAttr, Attendance, AttendanceKind, ControlKind, ControlValue, LegacyProcess, NotifyType,
    Period, Process, SignMode, SubmitForm, Vacation,
};
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

const TEMPLATE: &str = "/cgi-bin/oa/gettemplatedetail";
const SUBMIT: &str = "/cgi-bin/oa/applyevent";
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

async fn accepting(server: &MockServer) {
    answer(server, "POST", SUBMIT, json!({ "errcode": 0, "sp_no": "202507010001" })).await;
}

/// A form that fills in what the template requires.
fn form() -> SubmitForm {
    SubmitForm::new("chenmeng", "T1")
        .rows(
            "明细",
            [[("物料编码", ControlValue::text("A-1")), ("数量", ControlValue::number(1))]],
        )
        .value("付款方式", ControlValue::option("月结30天"))
        .value("草稿单号", ControlValue::text("10023"))
        .value("总金额", ControlValue::money(33_600))
}

async fn sent_body(server: &MockServer) -> Value {
    requests(server, SUBMIT).await.remove(0).1
}

#[tokio::test]
async fn remembers_a_template_until_it_seems_to_have_changed() {
    let (server, client, clock) = start().await;
    answer(
        &server,
        "POST",
        TEMPLATE,
        vector("template_details", "tpl-01-all-controls")["json"].clone(),
    )
    .await;
    accepting(&server).await;
    for (wait, read) in [(0, 1), (599, 1), (1, 2)] {
        clock.advance(Duration::from_secs(wait));
        client.approvals().submit(&form()).await.unwrap();
        assert_eq!(requests(&server, TEMPLATE).await.len(), read, "after {wait}");
    }
    let refused = json!({ "errcode": 301_025, "errmsg": "get approval param error" });
    answer_once(&server, SUBMIT, ResponseTemplate::new(200).set_body_json(refused)).await;
    let error = client.approvals().submit(&form()).await.unwrap_err();
    assert!(error.to_string().contains("creator_userid chenmeng, template_id T1"), "{error}");
    client.approvals().submit(&form()).await.unwrap();
    assert_eq!(requests(&server, TEMPLATE).await.len(), 3);
}

#[tokio::test]
async fn submits_in_the_templates_order_by_id_with_its_own_flow() {
    let (server, client) = with_template("tpl-01-all-controls").await;
    accepting(&server).await;
    let form = form().summary("采购订单 10023，供应商：成都某某机械有限公司").department(2);
    assert_eq!(client.approvals().submit(&form).await.unwrap(), "202507010001");
    let selector = json!({ "type": "single", "options": [{ "key": "option-1640339370001" }] });
    assert_eq!(
        sent_body(&server).await,
        json!({
            "creator_userid": "chenmeng", "template_id": "T1", "use_template_approver": 1,
            "choose_department": 2,
            "apply_data": { "contents": [
                { "control": "Text", "id": "Text-1640339319582", "value": { "text": "10023" } },
                { "control": "Money", "id": "Money-1640339350000", "value": { "new_money": "33600" } },
                { "control": "Selector", "id": "Selector-1640339370000", "value": { "selector": selector } },
                { "control": "Table", "id": "Table-1640339410000", "value": { "children": [{ "list": [
                    { "control": "Text", "id": "Text-1640339410001", "value": { "text": "A-1" } },
                    { "control": "Number", "id": "Number-1640339410002", "value": { "new_number": "1" } },
                    { "control": "Money", "id": "Money-1640339410003", "value": { "new_money": "" } },
                ] }] } },
            ] },
            "summary_list": [{ "summary_info": [{ "text": "采购订单 10023，供应商：成都某某机", "lang": "zh_CN" }] }],
        })
    );
}

#[tokio::test]
async fn the_flow_is_the_templates_or_the_forms_never_both() {
    let process = Process::new()
        .approvers(SignMode::All, ["zhoukai", "liuyan"])
        .approvers(SignMode::Sequential, ["sunboss"])
        .handlers(SignMode::Any, ["libai"])
        .cc(["wangcai"]);
    let nodes = json!({ "node_list": [
        { "type": 1, "apv_rel": 1, "userid": ["zhoukai", "liuyan"] },
        { "type": 1, "apv_rel": 3, "userid": ["sunboss"] },
        { "type": 3, "apv_rel": 2, "userid": ["libai"] },
        { "type": 2, "userid": ["wangcai"] },
    ] });
    let legacy = LegacyProcess::new()
        .approvers(ApproverAttr::All, ["zhoukai"])
        .cc(NotifyType::OnPass, ["wangcai"]);
    let cc_only = LegacyProcess::new().cc(NotifyType::OnSubmit, ["wangcai"]);
    for (form, expected) in [
        (form(), json!({ "use_template_approver": 1 })),
        (
            form().legacy_process(legacy.clone()).process(process.clone()),
            json!({ "use_template_approver": 0, "process": nodes }),
        ),
        (
            form().process(process).legacy_process(legacy),
            json!({ "use_template_approver": 0, "approver": [{ "attr": 2, "userid": ["zhoukai"] }],
                    "notifyer": ["wangcai"], "notify_type": 2 }),
        ),
        (
            form().legacy_process(cc_only),
            json!({ "use_template_approver": 1, "notifyer": ["wangcai"], "notify_type": 1 }),
        ),
    ] {
        let (server, client) = with_template("tpl-01-all-controls").await;
        accepting(&server).await;
        client.approvals().submit(&form).await.unwrap();
        let mut sent = sent_body(&server).await;
        let sent = sent.as_object_mut().unwrap();
        for name in ["creator_userid", "template_id", "apply_data", "summary_list"] {
            assert!(sent.remove(name).is_some(), "{name}");
        }
        assert_eq!(json!(sent), expected);
    }
}

#[tokio::test]
async fn writes_each_kind_of_control() {
    let day = NaiveDate::from_ymd_opt(2025, 7, 1).unwrap();
    let period = || Period::new("halfday", 1_570_550_400, 1_570_593_600);
    let range = json!({ "type": "halfday", "new_begin": 1_570_550_400, "new_end": 1_570_593_600,
                        "new_duration": 43_200 });
    for (value, expected) in [
        (ControlValue::text("a\u{0}b\tc"), json!({ "text": "ab c" })),
        (ControlValue::Textarea("a\nb\r\u{7f}".into()), json!({ "text": "a\nb" })),
        (
            ControlValue::number("700.50".parse::<wecom::Decimal>().unwrap()),
            json!({ "new_number": "700.50" }),
        ),
        (ControlValue::money(700), json!({ "new_money": "700" })),
        (
            ControlValue::date(day),
            json!({ "date": { "type": "day", "s_timestamp": "1751299200" } }),
        ),
        (
            ControlValue::date_time(&at(1_751_335_200)),
            json!({ "date": { "type": "hour", "s_timestamp": "1751335200" } }),
        ),
        (
            ControlValue::options(["o1", "o2"]),
            json!({ "selector": { "type": "multi", "options": [{ "key": "o1" }, { "key": "o2" }] } }),
        ),
        (ControlValue::members(["a"]), json!({ "members": [{ "userid": "a", "name": "" }] })),
        (
            ControlValue::departments([2]),
            json!({ "departments": [{ "openapi_id": "2", "name": "" }] }),
        ),
        (ControlValue::files(["m1"]), json!({ "files": [{ "file_id": "m1" }] })),
        (ControlValue::DateRange(period()), json!({ "date_range": range })),
        (
            ControlValue::Attendance(
                Attendance::new(AttendanceKind::Trip, period()).slices([(1_713_801_600, 86_400)]),
            ),
            json!({ "attendance": { "date_range": range, "type": 3,
                "slice_info": { "day_items": [{ "daytime": 1_713_801_600, "duration": 86_400 }] } } }),
        ),
        (
            ControlValue::Vacation(Vacation::new(
                "3",
                Attendance::new(AttendanceKind::Leave, period()),
            )),
            json!({ "vacation": {
                "selector": { "type": "single", "options": [{ "key": "3" }], "exp_type": 0 },
                "attendance": { "date_range": range, "type": 1 } } }),
        ),
        (ControlValue::related(["1"]), json!({ "related_approval": [{ "sp_no": "1" }] })),
        (
            ControlValue::raw(ControlKind::PhoneNumber, RawJson::parse(r#"{"n":1.5}"#).unwrap()),
            json!({ "n": 1.5 }),
        ),
    ] {
        let (server, client, _) = start().await;
        accepting(&server).await;
        let kind = value.kind();
        let form = SubmitForm::new("a", "T").value("id-1", value).summary("x");
        client.approvals().submit(&form).unchecked().await.unwrap();
        let sent = sent_body(&server).await;
        let expected = json!([{ "control": kind, "id": "id-1", "value": expected }]);
        assert_eq!(sent["apply_data"]["contents"], expected);
        let all = server.received_requests().await.unwrap();
        assert!(!all.iter().any(|one| String::from_utf8_lossy(&one.body).contains("\\u")));
    }
}

#[tokio::test]
async fn nothing_that_does_not_fit_is_sent() {
    let (server, client) = with_template("tpl-01-all-controls").await;
    accepting(&server).await;
    let day = NaiveDate::from_ymd_opt(2025, 7, 1).unwrap();
    let row = |key: &'static str, value| form().rows("Table-1640339410000", [[(key, value)]]);
    let cases = [
        (SubmitForm::new("chenmeng", "T1"), "`草稿单号` (Text-1640339319582) is required"),
        (SubmitForm::new("", "T1"), "creator_userid is empty"),
        (form().value("不存在", ControlValue::text("x")), "`不存在`"),
        (form().value("草稿单号", ControlValue::text("2")), "is given twice"),
        (
            form().value("备注", ControlValue::number(1)),
            "`备注` (Textarea-1640339335659) is a Textarea",
        ),
        (
            form().value("数量", ControlValue::option("x")),
            "is a Number, the value is for a Selector",
        ),
        (form().value("到货日期", ControlValue::date_time(&at(0))), "takes dates of type `day`"),
        (form().value("提货时间", ControlValue::date(day)), "takes dates of type `hour`"),
        (
            form().value("运输方式", ControlValue::option("火箭")),
            "no option `火箭`; there are: 陆运, 空运, 海运",
        ),
        (form().value("经办人", ControlValue::departments([1])), "takes contacts of mode `user`"),
        (
            form().value("受益部门", ControlValue::departments([1, 2])),
            "exactly one contact, found 2",
        ),
        (form().value("说明", ControlValue::text("x")), "cannot be submitted"),
        (form().value("合计", ControlValue::Formula("1".into())), "cannot be submitted"),
        (form().value("合同", ControlValue::files(["m"; 7])), "at most 6 files, found 7"),
        (
            form().value("交付周期", ControlValue::DateRange(Period::new("hour", 0, 1))),
            "takes spans of type `halfday`",
        ),
        (row("物料编码", ControlValue::text("A")), "`数量` (Number-1640339410002) is required"),
        (row("价", ControlValue::text("A")), "row 1: no control has the id or title `价`"),
        (row("物料编码", ControlValue::text("A\nB")), "is one line"),
        (
            row("数量", ControlValue::table([[("a", ControlValue::text("b"))]])),
            "cannot hold a Table",
        ),
        (form().summary("1").summary("2").summary("3").summary("4"), "at most 3 lines, found 4"),
        (form().process(Process::new().cc(["a"])), "nobody has to approve"),
        (
            form().process(Process::new().approvers::<String>(SignMode::All, [])),
            "process node 1 has no people",
        ),
    ];
    for (form, expected) in cases {
        let error = client.approvals().submit(&form).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
        assert!(error.is_before_send());
        assert!(error.to_string().contains(expected), "{expected}: {error}");
    }
    let several = SubmitForm::new("a", "T1").value("备注", ControlValue::number(1));
    let error = client.approvals().submit(&several).await.unwrap_err().to_string();
    assert!(error.contains("`备注`") && error.contains("`总金额`"), "all at once: {error}");
    assert!(requests(&server, SUBMIT).await.is_empty());
    let unchecked = SubmitForm::new("a", "T1").value("x", ControlValue::text("1"));
    let error = client.approvals().submit(&unchecked).unchecked().await.unwrap_err();
    assert!(error.to_string().contains("no summary"), "{error}");
}

#[tokio::test]
async fn a_template_that_cannot_be_read_means_nothing_was_submitted() {
    let (server, client, _) = start().await;
    Mock::given(path(TEMPLATE)).respond_with(ResponseTemplate::new(502)).mount(&server).await;
    let error = client.approvals().submit(&form()).await.unwrap_err();
    assert!(error.is_before_send() && !error.may_have_taken_effect());
}

fn found_form(sp_no: &str, key: &str) -> Value {
    json!({ "errcode": 0, "info": { "sp_no": sp_no, "sp_status": 1, "apply_data": { "contents": [
        { "control": "Text", "id": "Text-1640339319582", "value": { "text": key } }] } } })
}

async fn with_forms(server: &MockServer, numbers: &[&str], key: &str) {
    answer(server, "POST", LIST, json!({ "sp_no_list": numbers })).await;
    let key = key.to_owned();
    Mock::given(path(DETAIL))
        .respond_with(move |request: &Request| {
            let body: Value = serde_json::from_slice(&request.body).unwrap();
            ResponseTemplate::new(200)
                .set_body_json(found_form(body["sp_no"].as_str().unwrap(), &key))
        })
        .mount(server)
        .await;
}

#[tokio::test]
async fn a_lost_answer_is_looked_for_before_it_is_repeated() {
    let lost = || ResponseTemplate::new(502);
    let failed =
        || ResponseTemplate::new(200).set_body_json(json!({ "errcode": 301_057, "errmsg": "" }));
    for template in [lost(), failed()] {
        let (server, client) = with_template("tpl-01-all-controls").await;
        answer_once(&server, SUBMIT, template).await;
        with_forms(&server, &["7", "8"], "other").await;
        answer_once(
            &server,
            DETAIL,
            ResponseTemplate::new(200).set_body_json(found_form("7", "10023")),
        )
        .await;
        let submitted = client.approvals().submit_once(&form(), "草稿单号").await.unwrap();
        assert_eq!((submitted.sp_no.as_str(), submitted.was_there), ("7", true));
        assert_eq!(requests(&server, SUBMIT).await.len(), 1);
        let filters = &requests(&server, LIST).await[0].1["filters"];
        assert_eq!(filters[0]["value"], "T1");
        assert_eq!(filters[1]["value"], "chenmeng");
    }
}

#[tokio::test]
async fn a_form_that_is_not_there_is_submitted_again() {
    let (server, client, clock) = start().await;
    answer(
        &server,
        "POST",
        TEMPLATE,
        vector("template_details", "tpl-01-all-controls")["json"].clone(),
    )
    .await;
    answer_once(&server, SUBMIT, ResponseTemplate::new(502)).await;
    accepting(&server).await;
    with_forms(&server, &["7"], "other").await;
    let submitted = client.approvals().submit_once(&form(), "草稿单号").await.unwrap();
    assert_eq!((submitted.sp_no.as_str(), submitted.was_there), ("202507010001", false));
    assert_eq!(requests(&server, SUBMIT).await.len(), 2);
    assert_eq!(requests(&server, LIST).await.len(), 2, "looked twice");
    assert_eq!(clock.slept(), [Duration::from_secs(5)]);
}

#[tokio::test]
async fn safe_submitting_ends_in_doubt_when_it_has_to() {
    // Never found, never confirmed.
    let (server, client) = with_template("tpl-01-all-controls").await;
    Mock::given(path(SUBMIT)).respond_with(ResponseTemplate::new(502)).mount(&server).await;
    with_forms(&server, &[], "").await;
    let error = client.approvals().submit_once(&form(), "草稿单号").await.unwrap_err();
    assert!(error.may_have_taken_effect());
    assert_eq!(requests(&server, SUBMIT).await.len(), 2);
    // The list cannot be read: no second submit.
    let (server, client) = with_template("tpl-01-all-controls").await;
    Mock::given(path(SUBMIT)).respond_with(ResponseTemplate::new(502)).mount(&server).await;
    answer(&server, "POST", LIST, json!({ "errcode": 301_055, "errmsg": "" })).await;
    let error = client.approvals().submit_once(&form(), "草稿单号").await.unwrap_err();
    assert!(error.may_have_taken_effect());
    assert_eq!(requests(&server, SUBMIT).await.len(), 1);
    // Two of them.
    let (server, client) = with_template("tpl-01-all-controls").await;
    Mock::given(path(SUBMIT)).respond_with(ResponseTemplate::new(502)).mount(&server).await;
    with_forms(&server, &["7", "8"], "10023").await;
    let error = client.approvals().submit_once(&form(), "草稿单号").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.to_string().contains("7, 8"), "{error}");
}

#[tokio::test]
async fn safe_submitting_needs_a_key_and_can_look_first() {
    let (server, client) = with_template("tpl-01-all-controls").await;
    accepting(&server).await;
    for key in ["备注", "不存在"] {
        let error = client.approvals().submit_once(&form(), key).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
        assert!(error.to_string().contains(key), "{error}");
    }
    assert!(requests(&server, SUBMIT).await.is_empty());
    with_forms(&server, &["7"], "10023").await;
    let once = client.approvals().submit_once(&form(), "Text-1640339319582").since(at(1000));
    assert_eq!(once.await.unwrap().sp_no, "7");
    assert!(requests(&server, SUBMIT).await.is_empty());
    assert_eq!(requests(&server, LIST).await[0].1["starttime"], "700");
}
