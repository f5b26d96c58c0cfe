//! Vouchers on the wire: what is sent, what comes back, and what happens when nothing does.

#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

mod support;

use std::time::Duration;

use erplink_core::ErrorKind;
use kingdee_jdy::vouchers::{Entry, Outcome, Saved, Voucher};
use kingdee_jdy::{BodyShape, Client, Config, FilterShape, Members, Names, Period, RawJson};
use serde_json::{Value, json};
use support::{
    LIST, SAVE, answer, answer_once, builder, decimal, give_token, json_answer, requests, start,
    user, voucher,
};
use wiremock::matchers::{body_string_contains, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

fn result(id: u64) -> Value {
    json!({ "vchId": id, "vchNumber": 12, "vchNo": "记-12", "code": 0, "msg": "成功" })
}

fn saved(results: &[Value]) -> Value {
    json!({ "code": 0, "msg": "成功", "list": results })
}

/// What the list says about a `linkId`.
async fn listed(server: &MockServer, link_id: &str, items: Value) {
    let answer = json!({ "code": 0, "items": items, "totalsize": 1, "totalPages": 1 });
    Mock::given(path(LIST))
        .and(body_string_contains(format!("\"linkId\":\"{link_id}\"")))
        .respond_with(json_answer(answer))
        .mount(server)
        .await;
}

async fn save(client: &Client, link_ids: &[&str]) -> kingdee_jdy::Result<Vec<Outcome>> {
    let batch: Vec<Voucher> = link_ids.iter().map(|link_id| voucher(link_id)).collect();
    client.vouchers().save(&batch).await
}

fn there(outcome: &Outcome) -> (&str, bool) {
    match outcome {
        Outcome::Saved(Saved { vch_id, was_there, .. }) => (vch_id, *was_there),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_voucher_is_sent_digit_for_digit() {
    let (server, client, _) = start().await;
    answer(&server, "POST", SAVE, saved(&[result(9_007_199_254_740_993)])).await;
    let mut foreign = Entry::debit("1002", decimal("12345678901234567890.12"));
    (foreign.currency, foreign.rate) = (Some("USD".into()), Some(decimal("7.1000")));
    (foreign.foreign_amount, foreign.supplier) = (Some(decimal("1.5")), Some("V001".into()));
    (foreign.quantity, foreign.unit) = (Some(decimal("0.5")), Some("台".into()));
    let mut voucher = Voucher::new("SBODEMOCN-1", "记", "2026-03-31".parse().unwrap())
        .entry(foreign.text("回款"))
        .entry(Entry::credit("1122", decimal("12345678901234567890.12")).customer("C001"))
        .user_name("会计");
    voucher.period = Some(Period::of(voucher.date));
    voucher.more.set("attachments", RawJson::number(2));
    let outcome = client.vouchers().save_one(&voucher).await.unwrap();
    assert_eq!(outcome.vch_id, "9007199254740993");
    assert_eq!((outcome.number, outcome.vch_no.as_deref()), (Some(12), Some("记-12")));
    assert!(!outcome.was_there);
    let sent = requests(&server, SAVE).await;
    assert_eq!(
        sent[0].1,
        concat!(
            r#"[{"linkId":"SBODEMOCN-1","groupName":"记","date":"2026-03-31","yearPeriod":202603,"#,
            r#""userName":"会计","entries":["#,
            r#"{"acctNo":"1002","dc":1,"amount":12345678901234567890.12,"exp":"回款","#,
            r#""currency":"USD","rate":7.1000,"amountFor":1.5,"suppNo":"V001","qty":0.5,"unit":"台"},"#,
            r#"{"acctNo":"1122","dc":-1,"amount":12345678901234567890.12,"custNo":"C001"}],"#,
            r#""attachments":2}]"#,
        )
    );
}

#[tokio::test]
async fn wrapping_mode_paths_and_names_are_settings() {
    let server = MockServer::start().await;
    give_token(&server).await;
    let mut config: Config = serde_json::from_value(json!({
        "client_id": "200421", "client_secret": support::SECRET,
        "login": { "user": { "username": "13800000000", "password": support::PASSWORD } },
        "s_id": "1", "db_id": "2", "body_shape": "wrapped", "filter_shape": "flat", "mode": "1",
        "paths": { "voucher": "/jdyaccounting/voucher" },
        "names": { "acctNo": "accountNo", "list": "vouchers", "linkId": "outerId" },
    }))
    .unwrap();
    config.api_base = server.uri();
    assert_eq!((config.body_shape, config.filter_shape), (BodyShape::Wrapped, FilterShape::Flat));
    assert_eq!(
        config.names,
        Names::new([("acctNo", "accountNo"), ("list", "vouchers"), ("linkId", "outerId")])
    );
    let client = Client::from_config(&config).unwrap();
    let listed = json!({ "code": 0, "vouchers": [result(1)] });
    answer(&server, "POST", "/jdyaccounting/voucher", listed).await;
    answer(&server, "POST", LIST, json!({ "code": 0, "items": [{ "outerId": "A", "vchId": 7 }] }))
        .await;
    assert_eq!(there(&save(&client, &["A"]).await.unwrap()[0]), ("1", false));
    let (query, body) = requests(&server, "/jdyaccounting/voucher").await.remove(0);
    assert!(query.starts_with("mode=1&"), "{query}");
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((&body["sId"], &body["dbId"]), (&json!("1"), &json!("2")));
    let sent = &body["vouchers"][0];
    assert_eq!(sent["outerId"], "A");
    assert_eq!(sent["entries"][0]["accountNo"], "1122");
    let march = "202603".parse().unwrap();
    let found = client.vouchers().find("A", march, march).await.unwrap().unwrap();
    assert_eq!(found.vch_id.as_deref(), Some("7"));
    let filter = requests(&server, LIST).await.remove(0).1;
    assert_eq!(
        filter,
        r#"{"fromPeriod":202603,"toPeriod":202603,"outerId":"A","page":1,"pageSize":100}"#
    );
}

#[tokio::test]
async fn results_come_in_the_order_of_the_vouchers() {
    for code in [0, 46_001] {
        let (server, client, _) = start().await;
        let refused = json!({ "code": 46_001, "msg": "科目1122不存在" });
        let answered = json!({ "code": code, "msg": "", "list": [result(1), refused, result(3)] });
        answer(&server, "POST", SAVE, answered).await;
        let outcomes = save(&client, &["A", "B", "C"]).await.unwrap();
        assert_eq!((there(&outcomes[0]), there(&outcomes[2])), (("1", false), ("3", false)));
        let Outcome::Refused(api) = &outcomes[1] else { panic!("{outcomes:?}") };
        assert_eq!((api.code(), api.message()), (46_001, "科目1122不存在"));
        let error = outcomes[1].clone().into_result().unwrap_err();
        assert!(error.to_string().contains("科目1122不存在"), "{error}");
        assert_eq!(requests(&server, SAVE).await.len(), 1);
    }
}

#[tokio::test]
async fn nothing_is_sent_before_all_problems_are_put_right() {
    let (server, client, _) = start().await;
    let mut wrong = voucher("A");
    wrong.entries[1].amount = decimal("11299.99");
    wrong.period = Some("202604".parse().unwrap());
    let mut short = voucher("");
    short.entries.truncate(1);
    short.group_name.clear();
    let mut precise = voucher("A");
    precise.entries[0].amount = decimal("11300.001");
    precise.entries[1].amount = decimal("11300.001");
    precise.entries[1].account = " ".into();
    let error = client.vouchers().save(&[wrong, short, precise]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    let text = error.to_string();
    for expected in [
        "voucher `A`: debits are 11300.00 and credits 11299.99: they differ by 0.01",
        "voucher `A`: `yearPeriod` is 202604, but 2026-03-31 is in 202603",
        "voucher 2 of the batch: `groupName` (凭证字) is empty",
        "voucher 2 of the batch: 1 line(s); a voucher has two at least",
        "voucher 2 of the batch: `linkId` is empty",
        "voucher `A`: line 1 (1122): 11300.001 has more than 2 digits behind the point",
        "voucher `A`: line 2: `acctNo` is empty",
        "voucher `A`: another voucher of the batch has the same `linkId`",
    ] {
        assert!(text.contains(expected), "{expected}\nin {text}");
    }
    let many: Vec<Voucher> = (0..201).map(|n| voucher(&n.to_string())).collect();
    let error = client.vouchers().save(&many).await.unwrap_err();
    assert!(error.to_string().contains("201 vouchers at once; a call takes 200"), "{error}");
    assert!(client.vouchers().save(&[]).await.unwrap().is_empty());
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn amounts_with_more_digits_are_a_setting() {
    let server = MockServer::start().await;
    give_token(&server).await;
    answer(&server, "POST", SAVE, saved(&[result(1)])).await;
    let client = builder(&server, user()).0.amount_digits(4).build().unwrap();
    let mut precise = voucher("A");
    precise.entries[0].amount = decimal("0.0001");
    precise.entries[1].amount = decimal("0.00010");
    client.vouchers().save_one(&precise).await.unwrap();
}

#[tokio::test]
async fn a_duplicate_is_already_saved() {
    let duplicate = json!({ "code": 46_001, "msg": "外部系统编号linkId重复" });
    for (answered, single) in
        [(json!({ "code": 0, "list": [duplicate] }), false), (duplicate.clone(), true)]
    {
        let (server, client, _) = start().await;
        answer(&server, "POST", SAVE, answered).await;
        listed(&server, "A", json!([{ "vchId": 77, "linkId": "A", "vchNumber": 3 }])).await;
        let outcomes = save(&client, &["A"]).await.unwrap();
        assert_eq!(there(&outcomes[0]), ("77", true), "{single}");
    }
    // A refusal that only sounds like it stays one.
    let (server, client, _) = start().await;
    answer(&server, "POST", SAVE, json!({ "code": 0, "list": [duplicate] })).await;
    listed(&server, "A", json!([])).await;
    let error = client.vouchers().save_one(&voucher("A")).await.unwrap_err();
    assert_eq!((error.kind(), error.may_have_taken_effect()), (ErrorKind::Api, false));
    assert!(error.to_string().starts_with("POST /jdyaccouting/voucher: "), "{error}");
}

#[tokio::test]
async fn a_lost_answer_is_resolved_before_anything_is_repeated() {
    let lost = || ResponseTemplate::new(504);
    let unexpected = || json_answer(json!({ "code": 48_001, "msg": "未预期的错误" }));
    let page = || ResponseTemplate::new(200).set_body_string("<html>");
    for template in [lost(), unexpected(), page()] {
        // It was carried out.
        let (server, client, clock) = start().await;
        answer_once(&server, SAVE, template.clone()).await;
        listed(&server, "A", json!([{ "vchId": 77, "linkId": "A" }])).await;
        assert_eq!(there(&save(&client, &["A"]).await.unwrap()[0]), ("77", true));
        assert_eq!(requests(&server, SAVE).await.len(), 1, "found, and not sent again");
        assert!(clock.slept().is_empty());
        let filter = requests(&server, LIST).await.remove(0).1;
        assert_eq!(
            filter,
            r#"{"filter":{"fromPeriod":202603,"toPeriod":202603,"linkId":"A","page":1,"pageSize":100}}"#
        );
        // It was not.
        let (server, client, clock) = start().await;
        answer_once(&server, SAVE, template).await;
        answer(&server, "POST", SAVE, saved(&[result(5)])).await;
        answer(&server, "POST", LIST, json!({ "code": 46_002, "msg": "暂无查询结果" })).await;
        assert_eq!(there(&save(&client, &["A"]).await.unwrap()[0]), ("5", false));
        assert_eq!(requests(&server, SAVE).await.len(), 2);
        assert_eq!(requests(&server, LIST).await.len(), 2, "it is looked for twice first");
        assert_eq!(clock.slept(), [Duration::from_secs(3)]);
    }
}

#[tokio::test]
async fn a_look_that_cannot_tell_repeats_nothing() {
    for list in [
        json!({ "code": 48_001, "msg": "未预期的错误" }),
        json!({ "code": 0, "items": [{ "vchId": 1 }] }),
        json!({ "code": 0, "items": [{ "vchId": 1, "linkId": "A" }, { "vchId": 2, "linkId": "A" }] }),
        json!({ "code": 40_003, "msg": "无账套访问权限" }),
        json!({ "code": 0, "items": [{ "linkId": "A" }] }),
    ] {
        let (server, client, _) = start().await;
        answer(&server, "POST", LIST, list.clone()).await;
        Mock::given(path(SAVE)).respond_with(ResponseTemplate::new(504)).mount(&server).await;
        let outcomes = save(&client, &["A"]).await.unwrap();
        let Outcome::Failed(error) = &outcomes[0] else { panic!("{list}: {outcomes:?}") };
        assert!(error.may_have_taken_effect() && !error.is_retryable(), "{error}");
        assert_eq!(requests(&server, SAVE).await.len(), 1, "{list}");
    }
}

#[tokio::test]
async fn after_the_last_attempt_nobody_knows() {
    let (server, client, _) = start().await;
    answer(&server, "POST", LIST, json!({ "code": 0, "items": [] })).await;
    Mock::given(path(SAVE)).respond_with(ResponseTemplate::new(504)).mount(&server).await;
    let error = client.vouchers().save_one(&voucher("A")).await.unwrap_err();
    assert!(error.may_have_taken_effect() && !error.is_retryable(), "{error}");
    assert_eq!(requests(&server, SAVE).await.len(), 2);
    let save = client.vouchers().save(&[voucher("A")]).attempts(1);
    assert!(save.one().await.unwrap_err().may_have_taken_effect());
    assert_eq!(requests(&server, SAVE).await.len(), 3);
}

#[tokio::test]
async fn only_what_was_lost_is_sent_again() {
    let (server, client, _) = start().await;
    // The second has no readable result, and the third is refused.
    let refused = json!({ "code": 46_001, "msg": "科目停用" });
    let half = saved(&[result(1), json!({ "vchNumber": 2 }), refused]);
    answer_once(&server, SAVE, json_answer(half)).await;
    answer(&server, "POST", SAVE, saved(&[result(2)])).await;
    listed(&server, "B", json!([])).await;
    let outcomes = save(&client, &["A", "B", "C"]).await.unwrap();
    assert_eq!((there(&outcomes[0]), there(&outcomes[1])), (("1", false), ("2", false)));
    assert!(matches!(outcomes[2], Outcome::Refused(_)));
    let again: Value = serde_json::from_str(&requests(&server, SAVE).await[1].1).unwrap();
    assert_eq!(again.as_array().unwrap().len(), 1);
    assert_eq!(again[0]["linkId"], "B");
}

#[tokio::test]
async fn trouble_with_one_of_a_batch_is_resolved_for_that_one() {
    let (server, client, _) = start().await;
    let trouble = json!({ "code": 48_001, "msg": "未预期的错误" });
    answer_once(&server, SAVE, json_answer(saved(&[result(1), trouble]))).await;
    listed(&server, "B", json!([{ "vchId": 20, "linkId": "B" }])).await;
    let outcomes = save(&client, &["A", "B"]).await.unwrap();
    assert_eq!((there(&outcomes[0]), there(&outcomes[1])), (("1", false), ("20", true)));
}

#[tokio::test]
async fn a_duplicate_that_cannot_be_looked_for_may_be_there() {
    let (server, client, _) = start().await;
    let duplicate = json!({ "code": 46_001, "msg": "linkId已存在" });
    answer(&server, "POST", SAVE, json!({ "code": 0, "list": [duplicate] })).await;
    Mock::given(path(LIST)).respond_with(ResponseTemplate::new(502)).mount(&server).await;
    let error = client.vouchers().save_one(&voucher("A")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    assert!(error.may_have_taken_effect() && error.to_string().contains("已存在"), "{error}");
}

#[tokio::test]
async fn results_that_do_not_match_the_vouchers_belong_to_none() {
    let (server, client, _) = start().await;
    answer(&server, "POST", SAVE, saved(&[result(1)])).await;
    for (link_id, id) in [("A", 10), ("B", 20)] {
        listed(&server, link_id, json!([{ "vchId": id, "linkId": link_id }])).await;
    }
    let outcomes = save(&client, &["A", "B"]).await.unwrap();
    assert_eq!((there(&outcomes[0]), there(&outcomes[1])), (("10", true), ("20", true)));
}

#[tokio::test]
async fn nobody_at_the_address_is_repeated_and_was_not_sent() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let server = MockServer::start().await;
    let client = builder(&server, user()).0.api_base(address).build().unwrap();
    let error = client.vouchers().save_one(&voucher("A")).await.unwrap_err();
    assert!(error.is_before_send() && error.is_retryable() && !error.may_have_taken_effect());
}

#[tokio::test]
async fn a_list_is_read_page_by_page_with_every_filter() {
    let (server, client, _) = start().await;
    for page in 1..=3 {
        let items: Vec<Value> =
            (0..2).map(|n| json!({ "vchId": page * 10 + n, "linkId": "x" })).collect();
        // Versions differ in what they call the list.
        let name = if page == 2 { "records" } else { "items" };
        let answer =
            json!({ "code": if page == 3 { 250 } else { 0 }, name: items, "totalPages": 3 });
        Mock::given(path(LIST))
            .and(body_string_contains(format!("\"page\":{page},")))
            .respond_with(json_answer(answer))
            .mount(&server)
            .await;
    }
    let (from, to) = ("202601".parse().unwrap(), "202603".parse().unwrap());
    let list = client.vouchers().list(from, to).page_size(2).group("记").numbers("1-3").vch_id("5");
    let list = list.link_id("L").audited(true).only_generated().text("摘").accounts("1001-1009");
    let list = list.item("车辆", "京A").amounts(Some(decimal("0.10")), Some(decimal("20")));
    let list = list.user_name("会计").currency("RMB").template("T");
    let all = list.items().try_collect().await.unwrap();
    let ids: Vec<&str> = all.iter().filter_map(|one| one.vch_id.as_deref()).collect();
    assert_eq!(ids, ["10", "11", "20", "21", "30", "31"]);
    let sent = requests(&server, LIST).await;
    assert_eq!(
        sent[0].1,
        concat!(
            r#"{"filter":{"fromPeriod":202601,"toPeriod":202603,"vchGroup":"记","vchNum":"1-3","#,
            r#""vchId":"5","linkId":"L","status":1,"onlyMech":1,"exp":"摘","account":"1001-1009","#,
            r#""itemClsName":"车辆","itemName":"京A","fromAmount":0.10,"toAmount":20,"#,
            r#""userName":"会计","currency":"RMB","transTypeName":"T","page":1,"pageSize":2}}"#,
        )
    );
}

#[tokio::test]
async fn a_list_that_never_ends_is_left() {
    let (server, client, _) = start().await;
    answer(&server, "POST", LIST, json!({ "code": 0, "items": [{ "vchId": 1 }] })).await;
    let march = "202603".parse().unwrap();
    let list = client.vouchers().list(march, march).page_size(1).items();
    let error = list.try_collect().await.unwrap_err();
    assert!(error.to_string().contains("page 2 is page 1 again"), "{error}");
}

#[tokio::test]
async fn vouchers_are_deleted_reversed_and_counted() {
    let (server, client, _) = start().await;
    answer(&server, "DELETE", SAVE, json!({ "code": 0 })).await;
    answer(&server, "POST", SAVE, json!({ "code": 0, "vchId": 99 })).await;
    answer(&server, "GET", SAVE, json!({ "code": 200, "total": 7 })).await;
    client.vouchers().delete(["9007199254740993", "0017", "A1"]).await.unwrap();
    let reversed: Members = client.vouchers().reverse(["1", "2"]).await.unwrap();
    assert_eq!(reversed.text("vchId").unwrap().as_deref(), Some("99"));
    let (from, to) = ("202601".parse().unwrap(), "202603".parse().unwrap());
    let totals = client.vouchers().totals(from, to).await.unwrap();
    assert_eq!(totals.text("total").unwrap().as_deref(), Some("7"));
    let sent = requests(&server, SAVE).await;
    assert_eq!(sent[0].1, r#"{"idSet":[9007199254740993,"0017","A1"]}"#);
    assert!(sent[1].0.starts_with("isReverse=1&"), "{}", sent[1].0);
    assert_eq!(sent[1].1, r#"{"vchId":"1,2"}"#);
    assert!(sent[2].0.starts_with("action=getVchTotalQuery&fromDate=202601&toDate=202603&"));
}

#[tokio::test]
async fn a_reversal_is_never_repeated_and_a_deletion_is() {
    let (server, client, _) = start().await;
    Mock::given(path(SAVE)).respond_with(ResponseTemplate::new(502)).mount(&server).await;
    let error = client.vouchers().reverse(["1"]).await.unwrap_err();
    assert!(error.may_have_taken_effect());
    assert_eq!(requests(&server, SAVE).await.len(), 1);
    client.vouchers().delete(["1"]).await.unwrap_err();
    assert_eq!(requests(&server, SAVE).await.len(), 1 + 3);
}
