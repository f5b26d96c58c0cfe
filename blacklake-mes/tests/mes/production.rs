//! What each call of the shop floor sends, and what its answers say.

use blacklake_mes::production::*;
use blacklake_mes::{ErrorKind, QcStatus};
use chrono::{DateTime, Utc};
use erplink_core::Decimal;
use serde_json::{Value, json};
use wiremock::{Mock, Request};

use crate::materials::sends;
use crate::support::{ROUTE, count, requests, start, success};

const NOTHING: Value = Value::Null;

fn moment(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(ms).unwrap()
}

#[tokio::test]
async fn reports_of_an_interval() {
    let (from, to) = (1_669_012_680_000_i64, 1_669_012_740_000_i64);
    let row: Value = serde_json::from_str(
        r#"{"page":1,"total":1,"list":[{"id":17416593677170001,"reportRecordId":17416593677170000,
        "lineId":1,"taskId":17416593677165001,"taskCode":"T-1","workOrderId":17416593677159951,
        "workOrderCode":"71","processId":17416593677160002,"processCode":"JG","processName":"加工",
        "mainMaterialId":17416593677100001,"mainMaterialCode":"101010001","mainMaterialName":"成品",
        "materialInfo":{"baseInfo":{"id":17416593677100001,"code":"101010001","name":"成品"}},
        "reportBaseAmount":{"amount":100,"unit":{"id":17416593677000001,"code":"pcs","name":"个","precisionFigure":0}},
        "batchNo":"3","batchNoId":17416593677180001,"qcStatus":{"code":1,"message":"合格"},
        "reportTime":1669012700000,"startTime":1669010000000,"endTime":1669012690000,"workHour":0.75}]}"#,
    )
    .unwrap();
    let body = json!({ "reportTimeFrom": from, "reportTimeTo": to, "page": 1, "size": 200 });
    let at = "/mfg/open/v1/progress_report/_list";
    let reports = sends(at, row, body, async |mes| {
        mes.production()
            .reports(ReportFilter::reported(moment(from), moment(to)))
            .try_collect()
            .await
    })
    .await;
    let report = &reports[0];
    assert_eq!(report.id.get(), 17_416_593_677_170_001);
    assert_eq!(report.quantity().unwrap(), Decimal::from(100));
    assert_eq!(report.qc_status.as_ref().unwrap().code, QcStatus::Qualified);
    assert_eq!(report.work_hour.unwrap().to_string(), "0.75");
    assert_eq!(report.reported_at().process_id, Some(17_416_593_677_160_002));
    assert!(ProgressReport::default().quantity().is_err(), "a missing amount is not zero");
}

#[tokio::test]
async fn a_feeding_in_full() {
    let data: Value = serde_json::from_str(
        r#"{"materialInfo":{"baseInfo":{"id":17416593677100002,"code":"YY017","name":"Item4"}},
        "feedRecordInfo":{"feedRecordId":17416593677190000,"feedRecordDetailId":17416593677190001,
        "materialId":17416593677100002,"lineId":1,"batchNo":"B1","qcStatus":{"code":1,"message":"合格"},
        "feedAmount":{"amount":2.5,"amountDisplay":"2.5","unitId":17416593677000001,"unitCode":"kg","unitName":"千克"},
        "feedTime":1669012000000,"opeLocation":{"id":1,"code":"L01","name":"线边","warehouseId":2},
        "alternativeFlag":false},"customFields":[]}"#,
    )
    .unwrap();
    let id = 17_416_593_677_190_001_i64;
    let at = "/mfg/open/v1/feed_record/feed_record/_detail";
    let body = json!({ "feedRecordDetailId": id });
    let feed = sends(at, data, body, async |mes| mes.production().feed_detail(id).await).await;
    assert_eq!(feed.material_info.base_info.code, "YY017");
    let record = &feed.feed_record_info;
    assert_eq!(record.quantity().unwrap().to_string(), "2.5");
    assert_eq!((record.feed_record_detail_id.unwrap().get(), record.alternative_flag), (id, false));
    assert!(FeedRecord::default().quantity().is_err());
}

#[tokio::test]
async fn feedings_are_asked_for_hour_by_hour() {
    let (server, mes) = start().await;
    let hour = 3_600_000_i64;
    let list = "/mfg/open/v1/feed_record/_list";
    // Every window holds the rows of both its ends, as a platform with closed windows would say.
    let rows = |request: &Request| {
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        let (start, end) =
            (body["feedTimeStart"].as_i64().unwrap(), body["feedTimeEnd"].as_i64().unwrap());
        assert!(end - start <= 3_600_000, "{body}");
        let inside = (0..=10).map(|n| n * 900_000).filter(|at| start <= *at && *at <= end);
        let rows: Vec<Value> =
            inside.map(|at| json!({ "feedRecordDetailId": at + 1, "feedTime": at })).collect();
        success(json!({ "total": rows.len(), "list": rows }))
    };
    Mock::given(wiremock::matchers::path(format!("{ROUTE}{list}")))
        .respond_with(rows)
        .mount(&server)
        .await;
    let feedings = mes.production().feedings(moment(0), moment(2 * hour)).work_order(71);
    let rows = feedings.rows().try_collect().await.unwrap();
    let times: Vec<i64> =
        rows.iter().map(|row| row.feed_time.unwrap().timestamp_millis()).collect();
    assert_eq!(times, (0..8).map(|n| n * 900_000).collect::<Vec<_>>(), "each once, the end not");
    assert_eq!(count(&server, list).await, 3);
    let (_, body) = &requests(&server).await[0];
    assert_eq!(
        serde_json::from_str::<Value>(body).unwrap(),
        json!({
        "workOrderId": 71, "feedTimeStart": 0, "feedTimeEnd": hour, "page": 1, "size": 200 })
    );
    let error = mes.production().feedings(moment(1), moment(0)).rows().try_collect().await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Invalid);
}

#[tokio::test]
async fn the_other_calls_of_the_shop_floor() {
    let data = json!({ "list": [{ "retractRecordId": 5, "feedRecordDetailId": 6 }], "total": 1 });
    let body = json!({ "feedTimeStart": 0, "feedTimeEnd": 60_000, "page": 1, "size": 200 });
    let rows = sends("/mfg/open/v1/feed_retract_record/_list", data, body, async |mes| {
        mes.production().retractions(moment(0), moment(60_000)).rows().try_collect().await
    })
    .await;
    assert_eq!(rows[0].feed_record_detail_id.unwrap().get(), 6);

    let data = json!({ "list": [{ "taskId": 1, "taskStatus": { "code": 9, "message": "?" } }], "total": 1 });
    let filter = TaskFilter::new().work_orders([71]).statuses([TaskStatus::Executing]);
    let body = json!({ "workOrderIdList": [71], "taskStatusList": [2], "page": 1, "size": 200 });
    let tasks = sends("/mfg/open/v1/produce_task/_list", data, body, async |mes| {
        mes.production().tasks(filter).try_collect().await
    })
    .await;
    assert_eq!(tasks[0].task_status.as_ref().unwrap().code, TaskStatus::Unknown(9));
    sends(
        "/mfg/open/v1/produce_task/_detail",
        json!({ "taskId": 1 }),
        json!({ "taskId": 1 }),
        async |mes| mes.production().task(1).await,
    )
    .await;

    let data = json!({ "list": [{ "id": 1, "amount": { "amount": "3.0" } }], "total": 1 });
    let body = json!({ "workOrderIdList": [71], "page": 1, "size": 200 });
    let filter = InventoryFilter::new().work_orders([71]);
    sends("/mfg/open/v1/production_inventory/_list", data, body, async |mes| {
        mes.production().inventory(filter).try_collect().await
    })
    .await;
    let body = json!({ "ids": [1] });
    let at = "/mfg/open/v1/production_inventory/_bulk_to_warehouse";
    sends(at, NOTHING, body.clone(), async |mes| mes.production().store(&body).await).await;

    let item = ReportItem::new(Decimal::new(105, 1), 4).executors([8]).remark("r");
    let report = ReportForm::new(1, 2, 3, 5, [item]).work_hour(Decimal::new(75, 2));
    let body = json!({
        "taskId": 1,
        "progressReportMaterial": { "lineId": 2, "materialId": 3, "reportProcessId": 5 },
        "progressReportItems": [{ "executorIds": [8], "progressReportMaterialItems": [
            { "reportAmount": 10.5, "reportUnitId": 4, "remark": "r" }] }],
        "qcStatus": 1, "reportType": 2, "workHour": 0.75,
    });
    let data =
        json!({ "messageTraceId": "m", "progressReportRecordIds": [17_416_593_677_170_000_i64] });
    let result = sends("/mfg/open/v1/progress_report/_progress_report", data, body, async |mes| {
        mes.production().report(&report).await
    })
    .await;
    assert_eq!(result.progress_report_record_ids[0].get(), 17_416_593_677_170_000);
    let body = json!({ "taskId": 1 });
    let at = "/mfg/open/v1/progress_report/_do_progress_report";
    sends(at, NOTHING, body.clone(), async |mes| mes.production().report_old(&body).await).await;
    let at = "/mfg/open/v1/progress_report/_list_progress_report_materials";
    sends(at, NOTHING, json!({ "taskId": 1 }), async |mes| {
        mes.production().reportable_materials(1).await
    })
    .await;
    let (server, mes) = start().await;
    assert!(mes.production().report(&ReportForm::new(1, 2, 3, 5, [])).await.is_err());
    assert!(requests(&server).await.is_empty());
}
