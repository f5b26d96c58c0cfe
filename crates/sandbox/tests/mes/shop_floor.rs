//! Reports, feedings, tasks.

use erplink_sandbox::mes::{Decimal, Feed, Quality, Quirks, Report, ReportProcessId};
use serde_json::{Value, json};

use crate::support::{FEEDING, FEEDINGS, PLAN, REPORTS, order, stage, stage_with};

#[tokio::test]
async fn reports_are_listed_in_half_open_windows() {
    let stage = stage().await;
    let start = stage.now();
    stage.advance(60);
    let first = stage.mes.report("1", Report::new(Decimal::new(125, 1)).batch("3")).unwrap();
    stage.advance(60);
    let second = stage.mes.report("1", Report::new(4).process("9")).unwrap();
    let at = stage.mes.reports()[1]["reportTime"].as_i64().unwrap();
    let ids = async |body: Value| -> Vec<i64> {
        let page = stage.data(REPORTS, body).await;
        page["list"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()).collect()
    };
    assert_eq!(ids(json!({"reportTimeFrom": start, "reportTimeTo": at})).await, [first]);
    assert_eq!(ids(json!({"reportTimeFrom": at, "reportTimeTo": at + 1})).await, [second]);
    let order = stage.id_of("1").await;
    assert_eq!(ids(json!({"workOrderIdList": [order], "qcStatusList": [1]})).await.len(), 2);
    assert!(ids(json!({"qcStatusList": [4]})).await.is_empty());

    let row = stage.data(REPORTS, json!({"batchNo": "3"})).await["list"][0].clone();
    assert_eq!(row["reportBaseAmount"]["amount"].to_string(), "12.5");
    assert_eq!(row["reportBaseAmount"]["unit"]["name"], "台");
    assert_eq!((&row["workOrderCode"], &row["batchNo"]), (&json!("1"), &json!("3")));
    assert_eq!(row["qcStatus"], json!({"code": 1, "message": "合格"}));
    let plan = stage.data(PLAN, json!({"workOrderId": order})).await;
    assert_eq!(row["processId"], plan["processes"][2]["id"]);
    let quirks = Quirks { report_process_id: ReportProcessId::Definition, ..Quirks::default() };
    stage.mes.set_quirks(quirks);
    let row = stage.data(REPORTS, json!({"batchNo": "3"})).await["list"][0].clone();
    assert_eq!(row["processId"], plan["processes"][2]["processId"]);
}

#[tokio::test]
async fn only_the_last_operation_counts_for_the_product() {
    let stage = stage_with(Quirks { auto_finish: true, ..Quirks::default() }).await;
    stage.import(order("71")).await;
    stage.mes.report("71", Report::new(100).process("9")).unwrap();
    stage.mes.report("71", Report::new(30).quality(Quality::Rejected)).unwrap();
    stage.mes.report("71", 60).unwrap();
    let shown = stage.mes.work_order("71").unwrap();
    assert_eq!(shown["status"]["code"], 3);
    assert_eq!(shown["outputs"][0]["qualifiedHoldAmount"]["amount"], 60);
    assert_eq!(shown["outputs"][0]["disqualifiedHoldAmount"]["amount"], 30);
    stage.mes.report("71", 40).unwrap();
    assert_eq!(stage.mes.work_order("71").unwrap()["status"]["code"], 4);
    let refusal = stage.mes.report("71", 1).unwrap_err().to_string();
    assert!(refusal.contains("不在执行状态"), "{refusal}");
}

#[tokio::test]
async fn tenant_automation_dispatches_new_orders() {
    let stage = stage_with(Quirks { auto_dispatch: true, ..Quirks::default() }).await;
    let id = stage.import(order("71")).await;
    assert_eq!(stage.mes.work_order("71").unwrap()["status"]["message"], "已下发");
    let body = json!({"workOrderIdList": [id], "taskStatusList": [1]});
    assert_eq!(stage.data("/mfg/open/v1/produce_task/_list", body).await["total"], 3);
}

#[tokio::test]
async fn a_paused_order_rests() {
    let stage = stage().await;
    stage.mes.report("1", 1).unwrap();
    stage.mes.pause("1").unwrap();
    assert!(stage.mes.report("1", 1).unwrap_err().to_string().contains("已暂停"));
    stage.mes.resume("1").unwrap();
    stage.mes.report("1", 1).unwrap();
    stage.mes.finish("1").unwrap();
    stage.mes.close("1").unwrap();
    assert!(stage.mes.close("1").is_err());
    assert!(stage.mes.report("2", 1).unwrap_err().to_string().contains("no work order"));
    assert!(stage.mes.report("1", 0).is_err());
}

#[tokio::test]
async fn feedings_are_read_listed_and_withdrawn() {
    let stage = stage().await;
    let feed = Feed::new(Decimal::new(25, 1)).batch("B1");
    let detail_id = stage.mes.feed("1", "RM-003", feed).unwrap();
    let detail = stage.data(FEEDING, json!({"feedRecordDetailId": detail_id})).await;
    let record = &detail["feedRecordInfo"];
    assert_eq!(detail["materialInfo"]["baseInfo"]["code"], "RM-003");
    assert_eq!(record["feedAmount"]["amount"].to_string(), "2.5");
    assert_eq!((&record["batchNo"], &record["alternativeFlag"]), (&json!("B1"), &json!(false)));
    assert_ne!(record["feedRecordId"], record["feedRecordDetailId"]);

    let now = stage.now();
    let window = |from: i64, to: i64| json!({"feedTimeStart": from, "feedTimeEnd": to});
    let page = stage.data(FEEDINGS, window(now - 1_800_000, now + 1_800_000)).await;
    assert_eq!(page["list"][0]["feedRecordDetailId"], detail_id);
    let (_, message) = stage.refusal(FEEDINGS, window(now - 1_800_001, now + 1_800_000)).await;
    assert!(message.contains("1小时"), "{message}");
    let (_, message) = stage.refusal(FEEDINGS, json!({"feedTimeStart": now})).await;
    assert!(message.contains("feedTimeEnd"), "{message}");

    let withdrawn = stage.mes.retract(detail_id, Decimal::ONE).unwrap();
    assert!(stage.mes.retract(detail_id, Decimal::TWO).is_err(), "1.5 is left");
    let path = "/mfg/open/v1/feed_retract_record/_list";
    let page = stage.data(path, window(now - 60_000, now + 60_000)).await;
    assert_eq!(page["list"][0]["retractRecordId"], withdrawn);
    let inputs = stage.mes.work_order("1").unwrap()["inputs"].clone();
    assert_eq!(inputs[2]["inputAmount"]["amountDisplay"], "1.5");
    assert_eq!(stage.mes.feedings()[0]["retracted"], "1");
}

#[tokio::test]
async fn a_substitute_names_what_it_stands_for() {
    let stage = stage().await;
    let body = json!({"materialCode": "RM-009", "materialName": "替代钢板", "unitName": "张"});
    stage.data(crate::support::IMPORT_MATERIAL, body).await;
    assert!(stage.mes.feed("1", "RM-009", 1).unwrap_err().to_string().contains("不是工单"));
    let id = stage.mes.feed("1", "RM-009", Feed::new(1).instead_of("RM-001")).unwrap();
    let record = stage.data(FEEDING, json!({"feedRecordDetailId": id})).await;
    assert_eq!(record["feedRecordInfo"]["alternativeFlag"], true);
    assert_eq!(record["feedRecordInfo"]["originalAlternativeMaterialCode"], "RM-001");
    assert_eq!(record["materialInfo"]["baseInfo"]["code"], "RM-009");
}

#[tokio::test]
async fn production_is_reported_through_the_api() {
    let stage = stage().await;
    stage.mes.dispatch("1").unwrap();
    let order = stage.id_of("1").await;
    let list = "/mfg/open/v1/produce_task/_list";
    let tasks = stage.data(list, json!({"workOrderIdList": [order]})).await["list"].clone();
    assert_eq!(tasks.as_array().unwrap().len(), 3);
    let task = tasks.as_array().unwrap().iter().find(|task| task["processCode"] == "ZP").unwrap();
    let unit = &task["progress"]["plannedAmount"]["unit"]["id"];
    let material = &task["progress"]["materialInfo"]["baseInfo"]["id"];
    let body = json!({
        "taskId": task["taskId"], "qcStatus": 1, "reportType": 2,
        "progressReportMaterial": {"materialId": material, "reportProcessId": task["processId"]},
        "progressReportItems": [{"executorIds": [], "progressReportMaterialItems": [
            {"reportAmount": 0.1, "reportUnitId": unit}, {"reportAmount": 0.2, "reportUnitId": unit},
        ]}],
    });
    let path = "/mfg/open/v1/progress_report/_progress_report";
    let answer = stage.data(path, body.clone()).await;
    let records = answer["progressReportRecordIds"].clone();
    let found = stage.data(REPORTS, json!({"progressReportRecordIds": records})).await;
    assert_eq!(found["total"], 2);
    // Every call books: there is no key against repeats. And 0.1 + 0.2 is 0.3.
    stage.data(path, body).await;
    let detail =
        stage.data("/mfg/open/v1/produce_task/_detail", json!({"taskId": task["taskId"]})).await;
    assert_eq!(detail["progress"]["alreadyReportedAmount"]["amount"].to_string(), "0.6");
    assert_eq!(detail["taskStatus"]["message"], "执行中");
}
