//! Work orders under the v1 contract.

use erplink_sandbox::mes::{ImportAnswer, MissingCode, Quirks};
use serde_json::{Value, json};

use crate::support::{CODE_TO_ID, IMPORT_ORDER, ORDER, PLAN, Stage, order, stage, stage_with};

const EDIT: &str = "/api/schedule-for-openapi/med/open/v1/work_order/update";
const INPUTS: &str = "/med/open/v1/work_order/input_material/_detail";
const OUTPUTS: &str = "/med/open/v1/work_order/output/_detail";
const LIST: &str = "/med/open/v1/work_order/base/_list";

async fn edit(stage: &Stage, body: Value) -> Value {
    stage.send(&format!("{EDIT}?access_token={}", stage.token), &body).await.1
}

#[tokio::test]
async fn an_import_creates_an_order() {
    let stage = stage().await;
    let id = stage.import(order("71")).await;
    assert_eq!(stage.id_of("71").await, id);
    let header = stage.data(ORDER, json!({"workOrderId": id})).await;
    assert_eq!((&header["code"], &header["identifier"]), (&json!("71"), &json!("71")));
    assert_eq!(header["status"], json!({"code": 1, "message": "新建"}));
    // Midnight in China.
    assert_eq!(header["plannedStartTime"], 1_668_960_000_000_i64);
    assert_eq!(header["plannedFinishTime"], 1_669_219_200_000_i64);
    assert_eq!(header["workOrderCloseType"], Value::Null);

    let inputs = stage.data(INPUTS, json!({"workOrderId": id})).await["inputMaterials"].clone();
    assert_eq!((&inputs[1]["seq"], &inputs[1]["unitName"]), (&json!(20), &json!("桶")));
    assert_eq!(inputs[1]["inputAmountNumerator"], "0.25");
    assert_eq!(inputs[1]["plannedAmount"]["amount"], 25);
    let outputs = stage.data(OUTPUTS, json!({"workOrderId": id})).await["outputMaterials"].clone();
    assert_eq!(outputs[0]["plannedAmount"]["amount"], 100);
    assert_eq!(outputs[0]["material"]["baseInfo"]["code"], "FG-001");

    // The product's own route: the greatest number is last, and 9 comes before 10.
    let plan = stage.data(PLAN, json!({"workOrderId": id})).await;
    let nums: Vec<_> =
        plan["processes"].as_array().unwrap().iter().map(|one| &one["processNum"]).collect();
    assert_eq!(nums, ["9", "10", "20"]);
    assert_eq!(plan["processConnections"][1]["nextProcessNum"], "20");
    assert_eq!(plan["processes"][2]["preProcessNum"], "10");
    assert_eq!(outputs[0]["outputProcessId"], plan["processes"][2]["id"]);
}

#[tokio::test]
async fn operations_of_the_import_are_kept() {
    let stage = stage().await;
    let mut body = order("72");
    body["processPlanOpenCOs"] = json!([
        {"code": "ZS", "name": "注塑", "processNum": "10", "workOrderCode": "72", "reportFlag": "是"},
        {"code": "JG", "processNum": 20, "workOrderCode": "72"},
        {"code": "BZ", "processNum": "30", "workOrderCode": "72"},
    ]);
    body["processPlanNodeRelationOpenCOs"] = json!([
        {"workOrderCode": "72", "prevProcessNum": "10", "nextProcessNum": "30"},
        {"workOrderCode": "72", "prevProcessNum": "20", "nextProcessNum": "30"},
    ]);
    let id = stage.import(body.clone()).await;
    let plan = stage.data(PLAN, json!({"workOrderId": id})).await;
    assert_eq!(plan["processes"][0]["processName"], "注塑");
    assert_eq!(plan["processConnections"].as_array().unwrap().len(), 2);
    // A repeated import keeps the ids.
    stage.import(body).await;
    assert_eq!(stage.data(PLAN, json!({"workOrderId": id})).await["processes"], plan["processes"]);

    stage.mes.set_quirks(Quirks { default_route: false, ..Quirks::default() });
    let id = stage.import(order("73")).await;
    let plan = stage.data(PLAN, json!({"workOrderId": id})).await;
    assert_eq!(plan["processes"], json!([]));
}

#[tokio::test]
async fn an_import_is_checked() {
    let stage = stage().await;
    let changed = |pointer: &str, value: Value| {
        let mut body = order("71");
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        body.pointer_mut(parent).unwrap()[name] = value;
        body
    };
    let control = |numerator: &str| {
        json!([{"seq": "10", "lineSeq": "1", "materialCode": "RM-001", "limit": "1",
                "inputAmountNumerator": numerator, "inputAmountDenominator": "1",
                "inputQcState": "[1,2]", "workOrderCode": "71"}])
    };
    for (body, text) in [
        (changed("/planStartTime", json!("2022/11/21 00:00:00")), "yyyy-MM-dd"),
        (changed("/planFinishTime", json!("2022-11-20 00:00:00")), "planFinishTime"),
        (changed("/workOrderType", json!("试制")), "普通"),
        (changed("/status", json!("已下发")), "草稿"),
        (changed("/outputMaterialOpenCOs/0/plannedAmount", json!("0")), "plannedAmount"),
        (changed("/outputMaterialOpenCOs/0/plannedAmount", json!("1x")), "[0].plannedAmount"),
        (changed("/outputMaterialOpenCOs/0/mainFlag", json!("0")), "mainFlagInt"),
        (changed("/outputMaterialOpenCOs/0/workOrderCode", json!("7")), "workOrderCode"),
        (changed("/inputMaterialOpenCOs/1/seq", json!("10")), "重复"),
        (changed("/inputMaterialOpenCOs/0/inputProcessNum", json!("99")), "99"),
        (changed("/inputMaterialControlOpenCOs", control("1")), "投料管控"),
    ] {
        let (_, message) = stage.refusal(IMPORT_ORDER, body).await;
        assert!(message.contains(text), "{message}");
    }
    let body = changed("/inputMaterialOpenCOs/0/materialCode", json!("X"));
    assert_eq!(stage.refusal(IMPORT_ORDER, body).await.0, "MED-DOMAIN/MATERIAL_NOT_EXIST");
    assert!(stage.mes.work_order("71").is_err(), "nothing is left behind");
    stage.import(changed("/inputMaterialControlOpenCOs", control("2"))).await;

    let misspelt = changed("/inputMaterialOpenCOs/0/subInputAmountNumertor", json!("1"));
    let path = format!("{}{IMPORT_ORDER}?access_token={}", crate::support::ROUTE, stage.token);
    assert_eq!(stage.send(&path, &misspelt).await.0, 501);
}

#[tokio::test]
async fn a_second_import_changes_the_order() {
    let stage = stage().await;
    let mut draft = order("71");
    draft["status"] = json!("草稿");
    let id = stage.import(draft).await;
    assert_eq!(stage.mes.work_order("71").unwrap()["status"]["code"], 0);
    assert!(stage.mes.report("71", 1).is_err(), "nobody reports on a draft");
    let mut body = order("71");
    body["status"] = json!("新建");
    body["remark"] = json!("加急");
    body["outputMaterialOpenCOs"][0]["plannedAmount"] = json!("120.5");
    assert_eq!(stage.import(body).await, id);
    let shown = stage.mes.work_order("71").unwrap();
    assert_eq!((&shown["status"]["code"], &shown["remark"]), (&json!(1), &json!("加急")));
    assert_eq!(shown["outputs"][0]["plannedAmount"]["amountDisplay"], "120.5");

    let mut other = order("72");
    other["identifier"] = json!("71");
    assert_eq!(stage.refusal(IMPORT_ORDER, other).await.0, "MED-DOMAIN/IDENTIFIER_DUPLICATE");

    // What was fed is not taken away, and operations stay once tasks exist.
    stage.mes.feed("71", "RM-001", 5).unwrap();
    let mut without = order("71");
    without["inputMaterialOpenCOs"].as_array_mut().unwrap().remove(0);
    assert!(stage.refusal(IMPORT_ORDER, without).await.1.contains("已投料"));
    let mut replanned = order("71");
    replanned["processPlanOpenCOs"] =
        json!([{"code": "ZS", "processNum": "1", "workOrderCode": "71"}]);
    assert!(stage.refusal(IMPORT_ORDER, replanned).await.1.contains("工序"));
    stage.mes.set_quirks(Quirks { locked_while_executing: true, ..Quirks::default() });
    let (sub_code, _) = stage.refusal(IMPORT_ORDER, order("71")).await;
    assert_eq!(sub_code, "MED-DOMAIN/STATUS_NOT_ALLOWED");
}

#[tokio::test]
async fn the_answer_of_an_import_is_an_option() {
    let quirks = Quirks { import_answer: ImportAnswer::List, ..Quirks::default() };
    let stage = stage_with(quirks).await;
    let answer = stage.data(IMPORT_ORDER, order("71")).await;
    assert_eq!(answer["list"][0]["workOrderCode"], "71");
    stage.mes.set_quirks(Quirks { import_answer: ImportAnswer::Nothing, ..Quirks::default() });
    assert_eq!(stage.data(IMPORT_ORDER, order("71")).await, Value::Null);
}

#[tokio::test]
async fn an_order_is_edited_by_its_code() {
    let stage = stage().await;
    let id = stage.import(order("71")).await;
    let body = json!({
        "code": "71",
        "workOrderBaseCO": {"code": "71", "remark": "改", "identifier": "B1-71"},
        "outputMaterials": [{"workOrderCode": "71", "lineSeq": "0", "main": 1,
            "materialCode": "FG-001", "unitCode": "台", "plannedAmount": "90",
            "processCode": "ZP", "reportingMethods": [1, 3], "warehousing": 1}],
        "inputMaterials": [{"seq": "10", "materialCode": "RM-001", "materialName": "钢板",
            "unitName": "张", "subInputAmountDenominator": "1", "subInputAmountNumerator": "3",
            "workOrderCode": "71"}],
        "controllInfos": [{"seq": "10", "lineSeq": "1", "workOrderCode": "71",
            "materialCode": "RM-001", "inputAmountDenominator": "1", "inputAmountNumerator": "3"}],
    });
    let answer = edit(&stage, body).await;
    assert_eq!(answer["code"], 200, "{answer}");
    let shown = stage.mes.work_order("71").unwrap();
    assert_eq!((&shown["id"], &shown["identifier"]), (&json!(id), &json!("B1-71")));
    assert_eq!(shown["outputs"][0]["plannedAmount"]["amount"], 90);
    assert_eq!(shown["inputs"].as_array().unwrap().len(), 1);
    let answer = edit(&stage, json!({"code": "none", "workOrderBaseCO": {"remark": "x"}})).await;
    assert_eq!(answer["subCode"], "MED-DOMAIN/DATA_NOT_EXIST");
}

#[tokio::test]
async fn orders_are_found_by_code() {
    let stage = stage().await;
    let body = json!({"code": "71", "objectCode": "ProductionOrder"});
    let (sub_code, _) = stage.refusal(CODE_TO_ID, body.clone()).await;
    assert_eq!(sub_code, "CUSTOM-OBJECT-DOMAIN/DATA_NOT_EXIST");
    stage.mes.set_quirks(Quirks { missing_code: MissingCode::NullId, ..Quirks::default() });
    assert_eq!(stage.data(CODE_TO_ID, body).await, json!({"id": null}));

    let id = stage.import(order("71")).await;
    stage.import(order("171")).await;
    let page = stage.data(LIST, json!({"workOrderCode": "71"})).await;
    assert_eq!((&page["total"], &page["list"][0]["workOrderId"]), (&json!(2), &json!(id)));
    assert_eq!(page["list"][0]["materialInfo"]["baseInfo"]["code"], "FG-001");
    stage.advance(60);
    let now = stage.now();
    assert_eq!(stage.data(LIST, json!({"updatedAtFrom": now})).await["total"], 0);
    stage.mes.pause("71").unwrap();
    assert_eq!(stage.data(LIST, json!({"updatedAtFrom": now})).await["total"], 1);
    let batch = "/dev/open/v1/object_service/batch_code_to_id";
    let body = json!({"codeList": ["71", "9"], "objectCode": "ProductionOrder"});
    assert_eq!(stage.data(batch, body).await, json!({"pairList": [{"id": id, "code": "71"}]}));
}
