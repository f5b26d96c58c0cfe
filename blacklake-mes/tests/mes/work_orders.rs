//! What each call of work orders sends, in both contracts.

use blacklake_mes::work_orders::*;
use blacklake_mes::{Client, Config, ErrorKind, RawJson, work_orders_v2 as v2};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde_json::{Value, json};
use wiremock::matchers::path;
use wiremock::{Mock, ResponseTemplate};

use crate::materials::sends;
use crate::support::{answer, count, refusal, requests, start, success};

const NOTHING: Value = Value::Null;
const ID: i64 = 17_416_593_677_159_951;
const TO_ID: &str = "/custom-object/open/v1/object_service/_code_to_id";
const CLOSE: &str = "/med/open/v1/work_order/batch_close";
const DETAIL: &str = "/med/open/v1/work_order/base/_detail";

fn day(day: u32) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2022, 11, day).unwrap().and_hms_opt(0, 0, 0).unwrap()
}

fn moment(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(ms).unwrap()
}

fn order() -> WorkOrderImport {
    WorkOrderImport::new("71", day(21), day(24), [OutputLine::main("101010001", 100)])
}

#[tokio::test]
async fn an_import_of_the_first_contract() {
    let order = order().inputs([InputLine::new(10, "YY017").unit("个").per(1, 1)]);
    let body = json!({
        "code": "71", "workOrderType": "普通", "planStartTime": "2022-11-21 00:00:00",
        "planFinishTime": "2022-11-24 00:00:00",
        "outputMaterialOpenCOs": [{ "lineSeq": "0", "mainFlag": "1", "mainFlagInt": 1,
            "materialCode": "101010001", "plannedAmount": "100", "workOrderCode": "71" }],
        "inputMaterialOpenCOs": [{ "seq": "10", "materialCode": "YY017", "unitName": "个",
            "subInputAmountNumerator": "1", "subInputAmountDenominator": "1", "workOrderCode": "71" }],
    });
    let at = "/med/open/v1/work_order/_doImport";
    let imported = sends(at, json!({ "workOrderId": ID.to_string() }), body, async |mes| {
        mes.work_orders().import(&order).await
    })
    .await;
    assert_eq!((imported.id.unwrap().get(), imported.was_found_by_code), (ID, false));
}

#[tokio::test]
async fn every_line_of_an_import() {
    let order = order()
        .kind(WorkOrderType::Rework)
        .status("新建")
        .sop(false)
        .specified_material(true)
        .inputs([InputLine::new(10, "YY017").per(2, 1)])
        .controls([
            ControlLine::new(10, 1, "YY017")
                .per(1, 1)
                .quality([blacklake_mes::QcStatus::Qualified, blacklake_mes::QcStatus::Pending]),
            ControlLine::new(10, 2, "YY017").per(1, 1).limit("1"),
        ])
        .operations([Operation::new("1", "ZS").report_flag("是"), Operation::new("2", "JG")])
        .links([OperationLink::new("1", "2")])
        .wip([WipLine::new("1", "2").warehousing(true).auto_warehousing(false)]);
    // Some sites answer a list: nothing of it is promised.
    let answer = json!({ "list": [{ "workOrderId": 1 }], "total": 1 });
    let body = json!({
        "code": "71", "workOrderType": "返工", "status": "新建",
        "planStartTime": "2022-11-21 00:00:00", "planFinishTime": "2022-11-24 00:00:00",
        "enableSopInt": 0, "specifiedMaterialInt": 1,
        "outputMaterialOpenCOs": [{ "lineSeq": "0", "mainFlag": "1", "mainFlagInt": 1,
            "materialCode": "101010001", "plannedAmount": "100", "workOrderCode": "71" }],
        "inputMaterialOpenCOs": [{ "seq": "10", "materialCode": "YY017",
            "subInputAmountNumerator": "2", "subInputAmountDenominator": "1", "workOrderCode": "71" }],
        "inputMaterialControlOpenCOs": [
            { "seq": "10", "lineSeq": "1", "materialCode": "YY017", "inputAmountNumerator": "1",
              "inputAmountDenominator": "1", "inputQcState": "[1,3]", "workOrderCode": "71" },
            { "seq": "10", "lineSeq": "2", "materialCode": "YY017", "inputAmountNumerator": "1",
              "inputAmountDenominator": "1", "limit": "1", "workOrderCode": "71" }],
        "processPlanOpenCOs": [
            { "code": "ZS", "processNum": "1", "reportFlag": "是", "workOrderCode": "71" },
            { "code": "JG", "processNum": "2", "workOrderCode": "71" }],
        "processPlanNodeRelationOpenCOs": [
            { "prevProcessNum": "1", "nextProcessNum": "2", "workOrderCode": "71" }],
        "workInProgressOpenCOs": [{ "prevProcessNum": "1", "nextProcessNum": "2",
            "warehousingInt": 1, "autoWarehousingFlag": "否", "workOrderCode": "71" }],
    });
    let imported = sends("/med/open/v1/work_order/_doImport", answer, body, async |mes| {
        mes.work_orders().import(&order).await
    })
    .await;
    assert_eq!(imported.id, None);
}

#[tokio::test]
async fn lines_that_contradict_each_other_are_not_sent() {
    let (server, mes) = start().await;
    let input = || InputLine::new(10, "YY017").per(2, 1);
    let part = |line| ControlLine::new(10, line, "YY017").per(1, 1);
    for (order, named) in [
        (WorkOrderImport::new("", day(1), day(2), [OutputLine::main("A", 1)]), "code"),
        (WorkOrderImport::new("71", day(1), day(2), []), "makes nothing"),
        (WorkOrderImport::new("71", day(1), day(2), [OutputLine::main(" ", 1)]), "materialCode"),
        (order().inputs([input(), input()]), "twice"),
        (order().inputs([input()]).controls([part(1), part(1)]), "twice"),
        (order().operations([Operation::new("1", "A"), Operation::new("1", "B")]), "twice"),
        (order().inputs([input()]).controls([part(1)]), "add up to 1"),
        (order().controls([part(1)]), "no component"),
        (
            order().inputs([input()]).controls([ControlLine::new(10, 1, "X").per(2, 1)]),
            "materialCode",
        ),
        (
            order().inputs([input()]).controls([ControlLine::new(10, 1, "YY017").per(2, 3)]),
            "denominator",
        ),
    ] {
        let error = mes.work_orders().import(&order).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.to_string().contains(named), "{named}: {error}");
    }
    assert!(requests(&server).await.is_empty());
}

#[tokio::test]
async fn a_code_is_converted() {
    let found = sends(
        TO_ID,
        json!({ "id": ID }),
        json!({ "code": "71", "objectCode": "ProductionOrder" }),
        async |mes| mes.work_orders().code_to_id("71").await,
    )
    .await;
    assert_eq!(found.id().unwrap().get(), ID);
    for data in [NOTHING, json!({ "id": null }), json!({})] {
        let (server, mes) = start().await;
        answer(&server, TO_ID, success(data)).await;
        assert_eq!(mes.work_orders().code_to_id("71").await.unwrap(), CodeLookup::Missing(None));
    }
}

#[tokio::test]
async fn which_refusals_mean_that_a_code_is_missing() {
    let permission = "OPENAPI-DOMAIN/URL_NO_PERMISSION";
    for (refused, is_missing, is_missing_to_all) in [
        (refusal(400, "CUSTOM-OBJECT/NOT_FOUND", "编号不存在"), true, true),
        (refusal(403, permission, ""), false, true),
        (refusal(500, "", "系统异常"), false, true),
        (refusal(400_150, "USER-DOMAIN/SSO_TOKEN_FAIL", ""), false, false),
        (ResponseTemplate::new(502), false, false),
    ] {
        for treat_any in [false, true] {
            let (server, _) = start().await;
            answer(&server, TO_ID, refused.clone()).await;
            let mut config = Config::new(server.uri(), "k", "s");
            config.treat_any_error_as_missing = treat_any;
            let (_, clock) = crate::support::builder(&server);
            let mes = blacklake_mes::ClientBuilder::new(config).clock(clock).build().unwrap();
            let result = mes.work_orders().code_to_id("71").await;
            let expected = if treat_any { is_missing_to_all } else { is_missing };
            assert_eq!(result.is_ok(), expected, "{result:?}");
            if let Ok(found) = result {
                assert!(matches!(found, CodeLookup::Missing(Some(_))), "{found:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_batch_shows_what_failed() {
    let data = json!({ "successAmount": 0, "failAmount": 1, "failResults": [
        { "workOrderId": ID, "workOrderCode": "71", "failedReason": "存在执行中的任务" }] });
    let body =
        json!({ "operateReason": "ERP取消", "workOrderCloseType": 1, "workOrderIdList": [ID] });
    let closed = sends(CLOSE, data, body, async |mes| {
        mes.work_orders().batch_close([ID], CloseType::Normal, "ERP取消").await
    })
    .await;
    assert!(!closed.is_complete());
    assert_eq!(closed.fail_results[0].work_order_id.unwrap().get(), ID);
    let error = closed.complete().unwrap_err();
    assert!(error.to_string().contains("71: 存在执行中的任务"), "{error}");
}

async fn close(failed: bool, state: i64) -> (usize, blacklake_mes::Result<()>) {
    let (server, mes) = start().await;
    let data = match failed {
        true => {
            json!({ "successAmount": 0, "failAmount": 1, "failResults": [{ "workOrderCode": "71" }] })
        }
        false => json!({ "successAmount": 1, "failAmount": 0, "failResults": [] }),
    };
    answer(&server, CLOSE, success(data)).await;
    answer(&server, DETAIL, success(json!({ "id": ID, "status": { "code": state } }))).await;
    let result = mes.work_orders().close_one(ID, CloseType::Normal, "").await;
    (count(&server, CLOSE).await, result)
}

#[tokio::test]
async fn one_order_is_closed_or_an_error() {
    assert!(close(false, 3).await.1.is_ok());
    assert!(close(true, 5).await.1.is_ok(), "it was closed already");
    let (calls, result) = close(true, 3).await;
    assert_eq!((calls, result.unwrap_err().kind()), (1, ErrorKind::Api));
}

#[tokio::test]
async fn an_edit_has_a_path_of_its_own() {
    let at = "/api/schedule-for-openapi/med/open/v1/work_order/update";
    let (server, mes) = start().await;
    Mock::given(path(at)).respond_with(success(NOTHING)).mount(&server).await;
    let edit = WorkOrderEdit::new("71")
        .remark("急")
        .identifier("71")
        .outputs([EditOutput::default()
            .line(0)
            .main(true)
            .material("A")
            .amount(100)
            .reporting_methods([1, 3])])
        .inputs([EditInput::default().seq(10).material("B").numerator(1).denominator(1)])
        .controls([EditControl::default().seq(10).line(1).material("B").numerator(1)]);
    mes.work_orders().update(&edit).await.unwrap();
    let sent = requests(&server).await;
    assert_eq!(sent[0].0, at);
    assert_eq!(
        serde_json::from_str::<Value>(&sent[0].1).unwrap(),
        json!({
            "code": "71",
            "workOrderBaseCO": { "code": "71", "remark": "急", "identifier": "71" },
            "outputMaterials": [{ "lineSeq": "0", "main": 1, "materialCode": "A", "plannedAmount": "100",
                                  "reportingMethods": [1, 3], "workOrderCode": "71" }],
            "inputMaterials": [{ "seq": "10", "materialCode": "B", "subInputAmountNumerator": "1",
                                 "subInputAmountDenominator": "1", "workOrderCode": "71" }],
            "controllInfos": [{ "seq": "10", "lineSeq": "1", "materialCode": "B",
                                "inputAmountNumerator": "1", "workOrderCode": "71" }],
        })
    );
    assert!(mes.work_orders().update(&WorkOrderEdit::new(" ")).await.is_err());
}

#[tokio::test]
async fn reads_of_the_first_contract() {
    let id = json!({ "workOrderId": ID });
    let header = json!({ "id": ID, "code": "71", "status": { "code": 5, "message": "已关闭" },
        "workOrderCloseType": null, "pauseFlag": 0, "plannedStartTime": 1_668_960_000_000_i64,
        "createdAt": 1_668_950_000_000_i64, "files": [], "customFields": [], "sonObjects": [] });
    let order =
        sends(DETAIL, header, id.clone(), async |mes| mes.work_orders().get(ID).await).await;
    assert!(order.is_closed() && order.id.get() == ID);
    assert_eq!(order.planned_start_time, Some(moment(1_668_960_000_000)));
    let plan = json!({ "originalProcessRoute": null, "enableSop": 0, "processes": [
        { "id": 17_416_593_677_160_001_i64, "processId": 5, "processNum": "9", "processCode": "ZS" },
        { "id": 17_416_593_677_160_002_i64, "processId": 6, "processNum": "10", "processCode": "JG" }],
        "processConnections": [{ "id": 1, "prevProcessNum": "9", "nextProcessNum": "10",
                                 "connectionType": { "code": 1, "message": "…" } }] });
    let at = "/med/open/v1/work_order/process_plan/_detail";
    let plan =
        sends(at, plan, id.clone(), async |mes| mes.work_orders().process_plan(ID).await).await;
    let at = ReportedAt::new(Some(17_416_593_677_160_002), "");
    for rule in [LastOperationRule::MaxProcessNum, LastOperationRule::NoSuccessor] {
        assert_eq!(plan.is_last(at, rule, &[]), Some(true));
    }
    let rows =
        json!({ "list": [{ "seq": 10, "materialId": 7, "inputAmount": { "amount": 2.50 } }] });
    let at = "/med/open/v1/work_order/input_material/_detail";
    let inputs = sends(at, rows, id.clone(), async |mes| mes.work_orders().inputs(ID).await).await;
    assert_eq!(inputs[0].material_id.unwrap().get(), 7);
    let rows = json!([{ "main": 1, "materialId": 8, "outputProcessId": ID }]);
    let at = "/med/open/v1/work_order/output/_detail";
    let outputs =
        sends(at, rows, id.clone(), async |mes| mes.work_orders().outputs(ID).await).await;
    assert_eq!(outputs[0].output_process_id.unwrap().get(), ID);
    let at = "/med/open/v1/work_order/source/_detail";
    sends(at, json!({}), id, async |mes| mes.work_orders().sources(ID).await).await;
    let rows = json!({ "list": [{ "workOrderId": 1, "workOrderCode": "710" }, { "id": ID, "workOrderId": ID, "code": "?", "workOrderCode": "71" }], "total": 2 });
    let body = json!({ "workOrderCode": "71", "page": 1, "size": 200 });
    let at = "/med/open/v1/work_order/base/_list";
    let found = sends(at, rows, body, async |mes| mes.work_orders().find("71").await).await;
    assert_eq!(found.unwrap().work_order_id.get(), ID);
    let body = json!({ "draftFlag": false });
    let created = sends(
        "/med/open/v1/work_order/_create",
        json!({ "workOrderId": ID }),
        body.clone(),
        async |mes| mes.work_orders().create_by_ids(&body).await,
    );
    assert_eq!(created.await.unwrap().get(), ID);
    let body = json!({ "draftFlag": false });
    sends("/med/open/v1/work_order/_update", NOTHING, body.clone(), async |mes| {
        mes.work_orders().update_by_ids(&body).await
    })
    .await;
}

#[tokio::test]
async fn the_second_contract() {
    let (start, finish) = (moment(1_668_960_000_000), moment(1_669_219_200_000));
    let order = v2::WorkOrderImport::new("71", start, finish, [v2::Output::main("A", 100)])
        .status(WorkOrderStatus::Created)
        .sop(false)
        .inputs([v2::Input::new(10, "B").per(1, 2).by_operation(false)])
        .operations([v2::Operation::new("1", "ZS", true)]);
    let body = json!({
        "code": "71", "planStartTime": 1_668_960_000_000_i64, "planFinishTime": 1_669_219_200_000_i64,
        "status": 1, "enableSop": 0,
        "outputMaterialOpenCOs": [{ "lineSeq": "0", "mainFlag": 1, "materialCode": "A",
                                    "plannedAmount": "100", "workOrderCode": "71" }],
        "inputMaterialOpenV2COs": [{ "seq": "10", "materialCode": "B", "subInputAmountNumerator": "1",
            "subInputAmountDenominator": "2", "specificProcessInput": 0, "workOrderCode": "71" }],
        "processPlanOpenCOs": [{ "code": "ZS", "processNum": "1", "reportFlag": 1, "workOrderCode": "71" }],
    });
    sends("/med/open/v2/work_order/_doimport", json!({ "workOrderId": ID }), body, async |mes| {
        mes.work_orders_v2().import(&order).await
    })
    .await;
    let by_code = json!({ "workOrderCode": "71", "warehouseFlag": false });
    let v2_path = |tail: &str| -> &'static str { format!("/med/open/v2/work_order/{tail}").leak() };
    sends(
        v2_path("base/_detail"),
        json!({ "id": ID, "actualStartTime": 1 }),
        by_code.clone(),
        async |mes: Client| mes.work_orders_v2().get("71").await,
    )
    .await;
    let plan = json!({ "processes": [{ "id": 1, "processNum": "1", "reportFlag": 1 }], "relations": [{ "id": 2 }] });
    let plan =
        sends(v2_path("process_plan/_detail"), plan, by_code.clone(), async |mes: Client| {
            mes.work_orders_v2().process_plan("71").await
        })
        .await;
    assert_eq!(plan.process_connections.len(), 1);
    let rows = json!([{ "materialId": 1 }, { "materialId": 2 }]);
    let inputs = sends(
        v2_path("input_material/_detail"),
        rows.clone(),
        by_code.clone(),
        async |mes: Client| mes.work_orders_v2().inputs("71").await,
    );
    assert_eq!(inputs.await.len(), 2);
    let outputs = sends(v2_path("output/_detail"), rows, by_code, async |mes: Client| {
        mes.work_orders_v2().outputs("71").await
    });
    assert_eq!(outputs.await.len(), 2);
    let body = json!({ "exactWorkOrderCode": "71", "page": 1, "size": 25 });
    let rows = json!({ "list": [{ "id": ID, "code": "71" }], "total": 1 });
    let found = sends(v2_path("base/_list"), rows, body, async |mes: Client| {
        mes.work_orders_v2().find("71").await
    });
    assert_eq!(found.await.unwrap().work_order_id.get(), ID);
    let body = json!({ "workOrderUpdatePlanTimeList": [
        { "code": "71", "plannedAmount": "120.50", "planFinishTime": 1_669_219_200_000_i64 }] });
    let change =
        v2::PlanChange::new("71").amount(erplink_core::Decimal::new(12_050, 2)).finish(finish);
    sends(v2_path("_update_work_order_base_info"), NOTHING, body, async |mes: Client| {
        mes.work_orders_v2().change_plans([change]).await
    })
    .await;
    let body =
        json!({ "workOrderCodeList": ["71"], "operateReason": "r", "workOrderCloseType": 2 });
    sends(v2_path("batch_close"), json!({ "failAmount": 0 }), body, async |mes: Client| {
        mes.work_orders_v2().batch_close_codes(["71"], CloseType::Abnormal, "r").await
    })
    .await;
    let body = json!({ "workOrderIdList": [ID], "operateReason": "r", "workOrderCloseType": 1 });
    sends(v2_path("batch_close"), json!({ "failAmount": 0 }), body, async |mes: Client| {
        mes.work_orders_v2().batch_close([ID], CloseType::Normal, "r").await
    })
    .await;
    sends(
        v2_path("_batch_update_draft_flag"),
        NOTHING,
        json!({ "codes": ["71"] }),
        async |mes: Client| {
            let body = RawJson::parse(r#"{"codes":["71"]}"#).unwrap();
            mes.work_orders_v2().submit_drafts(&body).await
        },
    )
    .await;
    let body = json!({ "dispatchRequests": [{ "workOrderCode": "71", "processNum": "1", "plannedAmount": 2.5,
        "resourceGroupList": [{ "lineNo": 1, "bizOpenCOList": [{ "bizCode": "E1" }] }] }] });
    let group =
        v2::DispatchGroup::default().line(1).members([v2::DispatchResource::default().code("E1")]);
    let dispatch =
        v2::Dispatch::new("71", "1").amount(erplink_core::Decimal::new(25, 1)).groups([group]);
    let id = sends(v2_path("_dispatch"), json!({ "id": ID }), body, async |mes: Client| {
        mes.work_orders_v2().dispatch([dispatch]).await
    });
    assert_eq!(id.await.unwrap().get(), ID);
}
