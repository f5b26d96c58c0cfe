//! Documents by flag and by SQL, and prices.

#![allow(clippy::unwrap_used)] // the lint spares test functions only

#[allow(dead_code)] // each file of tests uses a part
mod stage;

use erplink::scenario::{DocumentApproval, PriceQuotation, Scenario as _};
use erplink_sandbox::Fault;
use http::Method;
use serde_json::json;
use stage::{MANAGER, Stage};

#[tokio::test]
async fn a_flagged_document_gets_its_result() {
    let stage = Stage::new().await;
    let orders = stage.sandbox.b1().list("PurchaseOrders").unwrap();
    let key = orders[0]["DocEntry"].to_string();
    let scenario: DocumentApproval = serde_json::from_value(json!({
        "process_code": stage.process_code("采购申请"),
        "object_type": "PurchaseOrders",
        "source_control": "来源单号",
        "originator_user": "=manager4974",
        "originator_dept": "=417223049",
        "fields": [{"from": "=采购订单 {Document.DocNum}", "to": "备注"}],
        "lines": {"to": "物料明细", "fields": [{"from": "ItemCode", "to": "物料编码"}]},
    }))
    .unwrap();
    let runner = stage.start(&scenario, "orders").await;
    let report = runner.run_once().await;
    assert_eq!(report.done, orders.len(), "{report}");
    let order = stage.entity("PurchaseOrders", &key);
    assert_eq!(order["U_ISSYN"], "Y");
    let instance = order["U_instanceID"].as_str().unwrap();
    stage.sandbox.dingtalk().approve(instance, MANAGER, "同意").unwrap();
    stage.sandbox.dingtalk().settled().await;
    let report = runner.run_once().await;
    assert_eq!((report.read, report.done), (0, 1), "{report}");
    assert_eq!(stage.entity("PurchaseOrders", &key)["U_SUCCESS"], "Y");
}

#[tokio::test]
async fn an_approved_quotation_becomes_a_special_price_once() {
    let stage = Stage::new().await;
    let code = stage.process_code("业务报价");
    let scenario: PriceQuotation = serde_json::from_value(json!({ "process_code": code })).unwrap();
    let runner = stage.start(&scenario, "prices").await;
    let people = stage.sandbox.dingtalk();
    let form = json!({
        "物料编码": "FG-001", "业务伙伴编码": "C002", "价格": "199.90", "币种": "CNY",
        "生效日期": "2027-01-01", "失效日期": "2027-12-31", "价目表": 2,
    });
    let instance = people.start_by_hand(&code, "user0031", &form).unwrap();
    people.approve_to_the_end(&instance).unwrap();
    people.settled().await;
    stage.sandbox.b1().faults().push(Fault::reset_after(Method::POST, "/SpecialPrices"));
    let report = runner.run_once().await;
    assert_eq!((report.done, report.failed.len()), (0, 1), "{report}");
    let report = stage.later(&runner).await;
    assert_eq!(report.done, 1, "{report}");
    let price = stage.entity("SpecialPrices", "CardCode='C002',ItemCode='FG-001'");
    let periods = price["SpecialPriceDataAreas"].as_array().unwrap();
    assert_eq!((periods.len(), &periods[0]["DateFrom"]), (1, &json!("2027-01-01")));
}

/// The purchase orders that a query finds; `U_UserID` in `U_BMID` starts the form.
fn orders_by_sql(stage: &Stage) -> DocumentApproval {
    serde_json::from_value(json!({
        "process_code": stage.process_code("采购申请"),
        "object_type": "PurchaseOrders",
        "key_type": "numeric",
        "sql": {
            "main": "select T0.DocEntry, T0.DocNum, T0.DocDate, 'manager4974' as U_UserID, '417223049' as U_BMID from OPOR T0 where ifnull(T0.\"U_ISSYN\", 'N') = 'N' order by T0.DocEntry",
            "detail": "select T1.DocEntry, T1.ItemCode, T1.Quantity from POR1 T1 order by T1.DocEntry, T1.LineNum",
        },
        "source_control": "来源单号",
        "fields": [
            {"from": "采购订单 {Document.DocNum}", "to": "备注"},
            {"from": "Document.DocDate", "to": "需求日期", "format": "date"},
        ],
        "lines": {"to": "物料明细", "fields": [
            {"from": "ItemCode", "to": "物料编码"},
            {"from": "Quantity", "to": "数量"},
        ]},
    }))
    .unwrap()
}

#[tokio::test]
async fn documents_by_sql_are_sent_and_marked_once() {
    let stage = Stage::new().await;
    let orders = stage.sandbox.b1().list("PurchaseOrders").unwrap();
    let scenario = orders_by_sql(&stage);
    let findings = scenario.check(&stage.systems).await;
    assert!(findings.iter().all(|finding| finding.problem.is_none()), "{findings:?}");
    let runner = stage.start(&scenario, "orders").await;
    let report = runner.run_once().await;
    assert_eq!(report.done, orders.len(), "{report}");
    for order in &orders {
        let order = stage.entity("PurchaseOrders", &order["DocEntry"]);
        assert_eq!(order["U_ISSYN"], "Y");
        let instance = order["U_instanceID"].as_str().unwrap();
        let form = stage.sandbox.dingtalk().instance(instance).unwrap().to_string();
        let item = order["DocumentLines"][0]["ItemCode"].as_str().unwrap();
        assert!(form.contains(item) && form.contains(&order["DocNum"].to_string()), "{form}");
    }
    let report = stage.later(&runner).await;
    assert_eq!((report.read, stage.creates()), (0, orders.len()), "{report}");
}

#[tokio::test]
async fn a_form_by_sql_whose_answer_is_lost_is_found_again() {
    let stage = Stage::new().await;
    let orders = stage.sandbox.b1().list("PurchaseOrders").unwrap();
    let lost = Fault::reset_after(Method::POST, "/v1.0/workflow/processInstances");
    stage.sandbox.dingtalk().faults_api().push(lost);
    let runner = stage.start(&orders_by_sql(&stage), "orders").await;
    let report = runner.run_once().await;
    assert_eq!((report.done, report.failed.len()), (orders.len() - 1, 1), "{report}");
    drop(runner);

    let runner = stage.start(&orders_by_sql(&stage), "orders").await;
    let report = stage.later(&runner).await;
    assert_eq!((report.done, stage.creates()), (1, orders.len()), "{report}");
    let instances = stage.sandbox.dingtalk().instances();
    for order in &orders {
        let order = stage.entity("PurchaseOrders", &order["DocEntry"]);
        let known = instances.iter().any(|id| order["U_instanceID"] == id.as_str());
        assert!(known && order["U_ISSYN"] == "Y", "{order}");
    }
}

#[tokio::test]
async fn a_query_that_cannot_run_is_found_by_the_check() {
    let stage = Stage::new().await;
    let scenario: DocumentApproval = serde_json::from_value(json!({
        "process_code": stage.process_code("采购申请"),
        "object_type": "PurchaseOrders",
        "sql": {"main": "select T0.DocNum from OPOR T0"},
    }))
    .unwrap();
    let findings = scenario.check(&stage.systems).await;
    let problem = findings.last().unwrap().problem.as_deref().unwrap();
    assert!(problem.contains("has no column DocEntry; it has DocNum"), "{problem}");
}

#[tokio::test]
async fn results_of_other_forms_reach_the_drafts_that_have_their_id() {
    let stage = Stage::new().await;
    let (draft, request) = stage.submit("RM-001", "1");
    let scenario: DocumentApproval = serde_json::from_value(json!({
        "process_code": stage.process_code("库存转储"),
        "object_type": "Drafts",
        "filter": "DocEntry eq -1",
        "other_forms": true,
        "originator_user": "=manager4974",
        "originator_dept": "=417223049",
    }))
    .unwrap();
    let runner = stage.start(&scenario, "drafts").await;
    let people = stage.sandbox.dingtalk();
    let code = stage.process_code("采购申请");
    let form = json!({ "备注": "by hand", "来源单号": "1" });
    let start = || people.start_by_hand(&code, MANAGER, &form).unwrap();
    let (ours, anothers) = (start(), start());
    let marked = json!({ "U_instanceID": ours });
    stage.sandbox.b1().edit("Drafts", &draft.to_string(), &marked).unwrap();
    for instance in [&ours, &anothers] {
        people.approve_to_the_end(instance).unwrap();
    }
    people.settled().await;
    let report = runner.run_once().await;
    assert_eq!((report.done, report.failed.len()), (2, 0), "{report}");
    assert_eq!(stage.entity("ApprovalRequests", request)["Status"], "arsApproved");
}
