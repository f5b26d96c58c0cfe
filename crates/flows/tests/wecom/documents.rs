//! Documents by flag and by SQL, and their results.

use erplink::scenario::{Scenario as _, WeComDocumentApproval};
use erplink_sandbox::Fault;
use http::Method;
use serde_json::{Value, json};

use crate::office::{APPLY, Office};

/// Purchase orders as S45 and S46 have them: `U_ISSYN`, `U_SPNO`, `U_SUCCESS`.
fn orders(office: &Office, more: &Value) -> WeComDocumentApproval {
    let mut scenario = json!({
        "template_id": office.template("采购订单审批"),
        "object_type": "PurchaseOrders",
        "fields": [
            {"from": "Document.CardCode", "to": "供应商编码"},
            {"from": "Document.DocTotal", "to": "总金额"},
        ],
        "lines": {"to": "订单明细", "fields": [
            {"from": "ItemCode", "to": "物料编码"},
            {"from": "Quantity", "to": "数量"},
            {"from": "UnitPrice", "to": "单价"},
        ]},
    });
    for (key, value) in more.as_object().unwrap() {
        scenario[key] = value.clone();
    }
    serde_json::from_value(scenario).unwrap()
}

fn order(office: &Office, price: &str) -> String {
    let line = json!({"ItemCode": "RM-003", "Quantity": "0.25", "UnitPrice": price});
    let order = json!({"CardCode": "V001", "DocumentLines": [line]});
    office.erp().create("PurchaseOrders", &order).unwrap()["DocEntry"].to_string()
}

/// The form of a document, by what is in its control 单据编号.
fn form_of(office: &Office, number: &Value) -> String {
    let (forms, number) = (office.wecom().forms(), number.to_string());
    let is_it = |sp_no: &&String| office.control(sp_no, "单据编号")["text"] == number;
    forms.iter().find(is_it).unwrap_or_else(|| panic!("{number}: {forms:?}")).clone()
}

#[tokio::test]
async fn flagged_documents_get_their_results() {
    let office = Office::new().await;
    order(&office, "4.40");
    let runner = office.start(&orders(&office, &json!({})), "orders").await;
    let documents = office.erp().list("PurchaseOrders").unwrap();
    let report = runner.run_once().await;
    assert_eq!(report.done, documents.len(), "{report}");
    for (index, document) in documents.iter().enumerate() {
        let sp_no = form_of(&office, &document["DocNum"]);
        let total = office.control(&sp_no, "总金额")["new_money"].clone();
        let same = document["DocTotal"].to_string();
        assert_eq!(total.as_str().unwrap(), same.strip_suffix(".0").unwrap_or(&same));
        match index {
            0 => office.wecom().approve_to_the_end(&sp_no).unwrap(),
            _ => office.wecom().refuse(&sp_no, "wangwu", "超预算").unwrap(),
        }
    }
    let report = office.round(&runner).await;
    assert_eq!(report.done, documents.len(), "{report}");
    for (index, document) in documents.iter().enumerate() {
        let document = office.entity("PurchaseOrders", &document["DocEntry"]);
        assert_eq!(document["U_ISSYN"], "Y");
        assert_eq!(document["U_SPNO"], form_of(&office, &document["DocNum"]));
        assert_eq!(document["U_SUCCESS"], if index == 0 { "Y" } else { "N" });
    }
}

#[tokio::test]
async fn a_document_without_a_number_field_is_found_by_its_control() {
    let office = Office::new().await;
    let scenario = orders(
        &office,
        &json!({
            "synced_field": "U_SyncStatus",
            "success_field": "U_Status",
            "number_field": "",
            "result_fields": [
                {"from": "Form.Speeches", "to": "U_ApprovalStatus"},
                {"from": "Controls.供应商编码", "to": "U_REQUESTID"},
            ],
        }),
    );
    let runner = office.start(&scenario, "orders").await;
    office.wecom().faults().push(Fault::reset_after(Method::POST, APPLY));
    let report = runner.run_once().await;
    assert_eq!(report.failed.len(), 1, "{report}");
    let report = office.stage.later(&runner).await;
    assert_eq!(report.done, 1, "{report}");
    let sp_no = office.the_form();
    let order = office.entity("PurchaseOrders", 1);
    assert_eq!((&order["U_SyncStatus"], &order["U_SPNO"]), (&json!("Y"), &Value::Null));
    office.wecom().approve(&sp_no, "lisi", "可以").unwrap();
    office.wecom().approve(&sp_no, "wangwu", "").unwrap();
    let report = office.round(&runner).await;
    assert_eq!(report.done, 1, "{report}");
    let order = office.entity("PurchaseOrders", 1);
    assert_eq!((&order["U_Status"], &order["U_ISSYN"]), (&json!("Y"), &json!("N")));
    assert_eq!(order["U_ApprovalStatus"], "lisi:可以");
    assert_eq!(order["U_REQUESTID"], "V001");
}

#[tokio::test]
async fn documents_by_sql_are_sent_and_marked_once() {
    let office = Office::new().await;
    order(&office, "4.40");
    let scenario = orders(
        &office,
        &json!({
            "key_type": "numeric",
            "sql": {
                "main": "select T0.DocEntry, T0.DocNum, T0.CardCode, T0.DocTotal, 'zhangsan' as U_UserID from OPOR T0 where ifnull(T0.\"U_ISSYN\", 'N') = 'N' order by T0.DocEntry",
                "detail": "select T1.DocEntry, T1.ItemCode, T1.Quantity from POR1 T1 order by T1.DocEntry, T1.LineNum",
            },
            "applicant": "Document.U_UserID",
            "lines": {"to": "订单明细", "fields": [
                {"from": "ItemCode", "to": "物料编码"},
                {"from": "Quantity", "to": "数量"},
            ]},
        }),
    );
    let findings = scenario.check(&office.systems).await;
    assert!(findings.iter().all(|finding| finding.problem.is_none()), "{findings:?}");
    assert_eq!(findings.len(), 2);
    let runner = office.start(&scenario, "orders").await;
    let documents = office.erp().list("PurchaseOrders").unwrap();
    let report = runner.run_once().await;
    assert_eq!(report.done, documents.len(), "{report}");
    for document in &documents {
        let document = office.entity("PurchaseOrders", &document["DocEntry"]);
        let sp_no = document["U_SPNO"].as_str().unwrap();
        let form = office.wecom().form(sp_no).unwrap();
        assert_eq!(form["applyer"]["userid"], "zhangsan");
        let item = document["DocumentLines"][0]["ItemCode"].as_str().unwrap();
        assert!(form.to_string().contains(item), "{form}");
    }
    let report = office.stage.later(&runner).await;
    assert_eq!((report.read, office.wecom().forms().len()), (0, documents.len()), "{report}");
}

#[tokio::test]
async fn drafts_are_decided_also_those_of_forms_that_no_flow_names() {
    let office = Office::new().await;
    let submit = || {
        let line = json!({"ItemCode": "RM-001", "Quantity": 2, "WarehouseCode": "01"});
        let issue = json!({"DocObjectCode": "60", "DocumentLines": [line]});
        office.erp().submit_draft(&issue).unwrap()
    };
    let (ours, others) = (submit(), submit());
    // Somebody sent this one in another way, and wrote the number into it.
    let other = office.template("库存收货草稿审批");
    let values = json!({"草稿单号": others.doc_entry.to_string()});
    let by_hand = office.wecom().submit(&other, "zhangsan", &values).unwrap();
    let number = json!({"U_SPNO": by_hand, "U_ISSYN": "Y"});
    office.erp().edit("Drafts", &others.doc_entry.to_string(), &number).unwrap();
    let unrelated = office.wecom().submit(&other, "zhangsan", &json!({"草稿单号": "x"})).unwrap();

    let scenario: WeComDocumentApproval = serde_json::from_value(json!({
        "template_id": office.template("库存发货草稿审批"),
        "object_type": "Drafts",
        "filter": "DocObjectCode eq '60'",
        "source_field": "DocEntry",
        "source_control": "草稿单号",
        "other_forms": true,
    }))
    .unwrap();
    let runner = office.start(&scenario, "issues").await;
    let report = runner.run_once().await;
    assert_eq!(report.done, 1, "{report}");
    let sent = office.entity("Drafts", ours.doc_entry)["U_SPNO"].as_str().unwrap().to_owned();
    for sp_no in [&sent, &by_hand, &unrelated] {
        office.wecom().approve_to_the_end(sp_no).unwrap();
    }
    let report = office.round(&runner).await;
    assert_eq!((report.done, report.parked.len()), (3, 0), "{report}");
    for draft in [ours, others] {
        assert_eq!(office.entity("ApprovalRequests", draft.request_code)["Status"], "arsApproved");
    }
}
