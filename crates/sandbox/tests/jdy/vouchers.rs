//! Vouchers: saved, refused, listed, deleted, reversed.

use std::time::{Duration, Instant};

use erplink_sandbox::jdy::{EmptyList, Quirks, Shape};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{LIST, VOUCHER, stage, stage_with, voucher};

#[tokio::test]
async fn a_batch_is_saved_in_part() {
    let stage = stage().await;
    let mut unknown = voucher("B");
    unknown["entries"][1]["acctNo"] = json!("9999");
    let answer = stage.post(VOUCHER, json!([voucher("A"), unknown, voucher("C")])).await;
    assert_eq!(answer["code"], 0);
    let results = answer["list"].as_array().unwrap();
    assert_eq!((&results[0]["code"], &results[0]["vchNo"]), (&json!(0), &json!("记-1")));
    assert_eq!(results[0]["vchId"].as_i64(), Some(9_007_199_254_740_993));
    assert_eq!(
        (&results[1]["code"], &results[1]["msg"]),
        (&json!(46_001), &json!("第2行: 科目9999不存在"))
    );
    assert_eq!(results[2]["vchNumber"], 2);
    assert_eq!(stage.jdy.vouchers().len(), 2);
    assert_eq!(stage.jdy.voucher("C").unwrap()["debitTotal"], 113);
    assert!(stage.jdy.voucher("B").is_err());
}

#[tokio::test]
async fn what_does_not_fit_the_books_is_refused() {
    let stage = stage().await;
    stage.jdy.open_period(202_603);
    let spoilt = |pointer: &str, value: Value| {
        let mut spoilt = voucher("A");
        *spoilt.pointer_mut(pointer).unwrap() = value;
        spoilt
    };
    let mut early = spoilt("/date", json!("2026-02-28"));
    early["yearPeriod"] = json!(202_602);
    for (voucher, expected) in [
        (spoilt("/linkId", json!("")), "linkId不能为空"),
        (spoilt("/groupName", json!("凭")), "凭证字【凭】不存在"),
        (spoilt("/date", json!("2026-3-31")), "格式不正确"),
        (spoilt("/yearPeriod", json!(202_604)), "会计期间与日期不符"),
        (early, "期间202602已结账"),
        (spoilt("/entries/0/amount", json!("113.01")), "amount应为数字"),
        (spoilt("/entries/0/amount", json!(114)), "借贷不平衡"),
        (spoilt("/entries/0/dc", json!(0)), "dc应为1或-1"),
        (spoilt("/entries/0/custNo", json!("C404")), "custNo【C404】不存在"),
        (spoilt("/entries/0/custNo", json!("")), "科目1122需要custNo"),
        (spoilt("/entries/2/currency", json!("CNY")), "币别CNY不存在"),
        (spoilt("/entries", json!([])), "分录不能少于两行"),
    ] {
        let answer = stage.post(VOUCHER, json!([voucher])).await;
        let result = &answer["list"][0];
        let text = result["msg"].as_str().unwrap();
        assert!(result["code"] == 46_001 && text.contains(expected), "{expected}: {answer}");
    }
    assert_eq!(stage.post(VOUCHER, json!([])).await["code"], 46_003);
    let many: Vec<Value> = (0..201).map(|number| voucher(&number.to_string())).collect();
    assert_eq!(stage.post(VOUCHER, json!(many)).await["code"], 46_004);
    assert_eq!(stage.post(VOUCHER, json!({ "list": [voucher("A")] })).await["code"], 46_001);
    assert!(stage.jdy.vouchers().is_empty());
}

#[tokio::test]
async fn numbers_are_given_and_taken_once() {
    let stage = stage().await;
    let mut numbered = voucher("A");
    numbered["vchNumber"] = json!(7);
    let first = stage.post(VOUCHER, json!([numbered])).await;
    assert_eq!(first["list"][0]["vchNo"], "记-7");
    numbered["linkId"] = json!("B");
    let again = stage.post(VOUCHER, json!([numbered])).await;
    assert_eq!(again["list"][0]["msg"], "凭证号记-7已被使用");
    numbered["vchNumber"] = json!(0);
    let free = stage.post(VOUCHER, json!([numbered])).await;
    assert_eq!(free["list"][0]["vchNo"], "记-8");
}

#[tokio::test]
async fn a_link_id_is_saved_once() {
    let stage = stage().await;
    stage.post(VOUCHER, json!([voucher("A")])).await;
    let again = stage.post(VOUCHER, json!([voucher("A"), voucher("B")])).await;
    assert_eq!(again["list"][0]["msg"], "外部系统编号linkId重复");
    assert_eq!(again["list"][1]["code"], 0);
    let lax = stage_with(Quirks { unique_link_ids: false, ..Quirks::default() }).await;
    lax.post(VOUCHER, json!([voucher("A"), voucher("A")])).await;
    assert!(lax.jdy.voucher("A").unwrap_err().to_string().contains("several"), "both are there");
}

#[tokio::test]
async fn answers_can_be_late_lost_or_wrong_after_the_commit() {
    let stage = stage().await;
    stage.jdy.refuse_next("/voucher", 48_001, "未预期的错误");
    assert_eq!(stage.post(VOUCHER, json!([voucher("A")])).await["code"], 48_001);
    assert!(stage.jdy.vouchers().is_empty());
    stage.jdy.refuse_next_after_commit("/voucher", 48_001, "未预期的错误");
    assert_eq!(stage.post(VOUCHER, json!([voucher("A")])).await["code"], 48_001);
    assert!(stage.jdy.voucher("A").is_ok());
    stage.jdy.refuse_voucher("C", 46_001, "辅助核算不存在");
    let answer = stage.post(VOUCHER, json!([voucher("B"), voucher("C")])).await;
    assert_eq!(
        (&answer["list"][0]["code"], &answer["list"][1]["code"]),
        (&json!(0), &json!(46_001))
    );
    assert_eq!(stage.post(VOUCHER, json!([voucher("C")])).await["list"][0]["code"], 0, "once");
    let delay = Duration::from_millis(150);
    stage.jdy.delay_next_answer("/voucher", delay);
    let started = Instant::now();
    let slow = stage.post(VOUCHER, json!([voucher("D")]));
    let look = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(stage.jdy.voucher("D").is_ok(), "committed at once");
    };
    tokio::join!(slow, look);
    assert!(started.elapsed() >= delay);
}

#[tokio::test]
async fn the_list_finds_by_every_filter() {
    let stage = stage().await;
    let mut cash = voucher("B");
    cash["groupName"] = json!("收");
    cash["userName"] = json!("李四");
    cash["entries"] = json!([
        { "acctNo": "1002", "dc": 1, "amount": 5, "exp": "回款" },
        { "acctNo": "1122", "dc": -1, "amount": 5, "custNo": "C002" },
    ]);
    stage.post(VOUCHER, json!([voucher("A"), cash, voucher("C")])).await;
    stage.jdy.audit("C").unwrap();
    for (filter, expected) in [
        (json!({}), vec!["A", "B", "C"]),
        (json!({ "linkId": "B" }), vec!["B"]),
        (json!({ "vchGroup": "记" }), vec!["A", "C"]),
        (json!({ "vchNum": "2-9" }), vec!["C"]),
        (json!({ "status": 1 }), vec!["C"]),
        (json!({ "exp": "回" }), vec!["B"]),
        (json!({ "account": "1000-1009" }), vec!["B"]),
        (json!({ "fromAmount": 5.5 }), vec!["A", "C"]),
        (json!({ "toAmount": 5 }), vec!["B"]),
        (json!({ "userName": "李四" }), vec!["B"]),
        (json!({ "page": 2, "pageSize": 2 }), vec!["C"]),
    ] {
        let answer = stage.list(filter.clone()).await;
        let found: Vec<&str> = answer["items"]
            .as_array()
            .unwrap_or_else(|| panic!("{answer}"))
            .iter()
            .map(|one| one["linkId"].as_str().unwrap())
            .collect();
        assert_eq!(found, expected, "{filter}");
    }
    let page = stage.list(json!({ "pageSize": 2 })).await;
    assert_eq!((&page["totalsize"], &page["totalPages"]), (&json!(3), &json!(2)));
    let nothing = stage.list(json!({ "linkId": "Z" })).await;
    assert_eq!(nothing["code"], 46_002);
    let missing = stage.post(LIST, json!({ "filter": { "fromPeriod": 202_601 } })).await;
    assert_eq!(missing["msg"], "toPeriod不能为空");
    assert_eq!(stage.post(LIST, json!({ "fromPeriod": 202_601 })).await["code"], 501);
}

#[tokio::test]
async fn the_list_has_its_quirks() {
    let stage = stage().await;
    stage.post(VOUCHER, json!([voucher("A"), voucher("B")])).await;
    let quirk = |quirks: Quirks| stage.jdy.set_quirks(quirks);
    quirk(Quirks { list_name: "records".into(), query_code: 250, ..Quirks::default() });
    let answer = stage.list(json!({ "linkId": "A" })).await;
    assert_eq!((&answer["code"], &answer["records"][0]["linkId"]), (&json!(250), &json!("A")));
    quirk(Quirks {
        shows_link_id: false,
        ignores_link_id: true,
        total_pages: false,
        ..Quirks::default()
    });
    let answer = stage.list(json!({ "linkId": "A" })).await;
    assert_eq!(answer["items"].as_array().unwrap().len(), 2);
    assert!(answer["items"][0].get("linkId").is_none() && answer.get("totalPages").is_none());
    quirk(Quirks { empty_list: EmptyList::Unexpected, ..Quirks::default() });
    assert_eq!(stage.list(json!({ "linkId": "Z" })).await["code"], 48_001);
    quirk(Quirks { empty_list: EmptyList::Empty, ..Quirks::default() });
    assert_eq!(stage.list(json!({ "linkId": "Z" })).await["items"], json!([]));
    quirk(Quirks { list_lag: 10, ..Quirks::default() });
    assert_eq!(stage.list(json!({ "linkId": "A" })).await["code"], 46_002);
    stage.advance(10);
    assert_eq!(stage.list(json!({ "linkId": "A" })).await["code"], 0);
    quirk(Quirks {
        body: Shape::Wrapped,
        filter: Shape::Bare,
        partial_code: 46_001,
        ..Quirks::default()
    });
    let bare = stage.post(LIST, json!({ "fromPeriod": 202_601, "toPeriod": 202_612 })).await;
    assert_eq!(bare["totalsize"], 2);
    let wrapped = json!({ "sId": "7480001", "list": [voucher("A"), voucher("C")] });
    let answer = stage.post(VOUCHER, wrapped).await;
    assert_eq!((&answer["code"], &answer["list"][1]["code"]), (&json!(46_001), &json!(0)));
}

#[tokio::test]
async fn vouchers_are_deleted_unless_audited_and_reversed() {
    let stage = stage().await;
    let answer = stage.post(VOUCHER, json!([voucher("A"), voucher("B")])).await;
    let id = |index: usize| answer["list"][index]["vchId"].as_i64().unwrap();
    stage.jdy.audit("B").unwrap();
    let delete = async |ids: Value| {
        stage.call(Method::DELETE, VOUCHER, &[], Some(&json!({ "idSet": ids }))).await
    };
    assert_eq!(delete(json!([id(0), id(1)])).await["msg"], "已审核的凭证不能删除");
    assert_eq!(delete(json!([id(0)])).await["code"], 0);
    assert_eq!(delete(json!([id(0)])).await["code"], 46_003);
    let body = json!({ "vchId": id(1).to_string() });
    let reversed = stage.call(Method::POST, VOUCHER, &[("isReverse", "1")], Some(&body)).await;
    assert_eq!((&reversed["code"], &reversed["list"][0]["vchNo"]), (&json!(0), &json!("记-3")));
    let all = stage.jdy.vouchers();
    assert_eq!((all.len(), &all[1]["debitTotal"]), (2, &json!(-113)));
    let query = [("action", "getVchTotalQuery"), ("fromDate", "202603"), ("toDate", "202603")];
    let totals = stage.get(VOUCHER, &query).await;
    assert_eq!((&totals["vchCount"], &totals["debitTotal"]), (&json!(2), &json!(0)));
}
