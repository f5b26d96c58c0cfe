//! Writes whose answer is lost, committed or not.

use blacklake_mes::materials::MaterialImport;
use blacklake_mes::production::{ReportForm, ReportItem};
use blacklake_mes::work_orders::{CloseType, OutputLine, WorkOrderImport};
use chrono::NaiveDate;
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use crate::support::{answer, answer_once, count, refusal, start, success};

const IMPORT: &str = "/med/open/v1/work_order/_doImport";
const LIST: &str = "/med/open/v1/work_order/base/_list";
const TO_ID: &str = "/custom-object/open/v1/object_service/_code_to_id";

fn lost() -> ResponseTemplate {
    ResponseTemplate::new(504).set_body_string("<html>gateway timeout</html>")
}

fn order() -> WorkOrderImport {
    let at = NaiveDate::from_ymd_opt(2022, 11, 21).unwrap().and_hms_opt(0, 0, 0).unwrap();
    WorkOrderImport::new("71", at, at, [OutputLine::main("A", 1)])
}

#[tokio::test]
async fn a_work_order_is_sent_again_only_when_it_is_missing() {
    let there = json!({ "list": [{ "workOrderId": 5, "workOrderCode": "71" }], "total": 1 });
    let missing = json!({ "list": [{ "workOrderId": 6, "workOrderCode": "710" }], "total": 1 });
    for (name, rows, sent, found) in
        [("committed", there, 1, true), ("not committed", missing, 2, false)]
    {
        let (server, mes) = start().await;
        answer_once(&server, IMPORT, lost()).await;
        answer(&server, IMPORT, success(json!({ "workOrderId": 5 }))).await;
        answer(&server, LIST, success(rows)).await;
        let imported = mes.work_orders().import(&order()).await.unwrap();
        assert_eq!((imported.id.unwrap().get(), imported.was_found_by_code), (5, found), "{name}");
        assert_eq!(count(&server, IMPORT).await, sent, "{name}");
    }
}

#[tokio::test]
async fn where_listing_is_forbidden_the_code_is_converted() {
    let (server, mes) = start().await;
    answer(&server, IMPORT, lost()).await;
    answer(&server, LIST, refusal(403, "URL_NO_PERMISSION", "")).await;
    answer(&server, TO_ID, success(json!({ "id": 5 }))).await;
    assert!(mes.work_orders().import(&order()).await.unwrap().was_found_by_code);
    assert_eq!(count(&server, IMPORT).await, 1);
}

#[tokio::test]
async fn an_order_that_cannot_be_looked_up_stays_unknown() {
    let (server, mes) = start().await;
    answer(&server, IMPORT, lost()).await;
    answer(&server, LIST, lost()).await;
    let error = mes.work_orders().import(&order()).await.unwrap_err();
    assert!(error.may_have_taken_effect(), "{error}");
    assert!(error.to_string().contains("_doImport"), "{error}");
    assert_eq!(count(&server, IMPORT).await, 1);
}

#[tokio::test]
async fn a_refused_import_is_looked_up_by_nobody() {
    let (server, mes) = start().await;
    answer(&server, IMPORT, refusal(400, "MED-DOMAIN/MATERIAL", "物料不存在")).await;
    let error = mes.work_orders().import(&order()).await.unwrap_err();
    assert!(!error.may_have_taken_effect() && error.to_string().contains("物料不存在"), "{error}");
    assert_eq!(count(&server, LIST).await, 0);
}

#[tokio::test]
async fn a_material_is_simply_sent_again() {
    let (server, mes) = start().await;
    let at = "/material/open/v1/material/_doimport";
    answer_once(&server, at, lost()).await;
    answer(&server, at, success(Value::Null)).await;
    mes.materials().import(&MaterialImport::new("A", "n", "个")).await.unwrap();
    assert_eq!(count(&server, at).await, 2);
}

#[tokio::test]
async fn production_is_never_reported_twice() {
    let (server, mes) = start().await;
    let at = "/mfg/open/v1/progress_report/_progress_report";
    answer(&server, at, lost()).await;
    let report = ReportForm::new(1, 2, 3, 5, [ReportItem::new(1, 4)]);
    let error = mes.production().report(&report).await.unwrap_err();
    assert!(error.may_have_taken_effect(), "{error}");
    assert_eq!(count(&server, at).await, 1);
}

#[tokio::test]
async fn a_close_reads_the_state_before_it_is_repeated() {
    let close = "/med/open/v1/work_order/batch_close";
    let detail = "/med/open/v1/work_order/base/_detail";
    for (state, sent) in [(5, 1), (3, 2)] {
        let (server, mes) = start().await;
        answer_once(&server, close, lost()).await;
        answer(&server, close, success(json!({ "successAmount": 1, "failAmount": 0 }))).await;
        answer(&server, detail, success(json!({ "id": 1, "status": { "code": state } }))).await;
        mes.work_orders().close_one(1, CloseType::Normal, "").await.unwrap();
        assert_eq!(count(&server, close).await, sent, "state {state}");
    }
}
