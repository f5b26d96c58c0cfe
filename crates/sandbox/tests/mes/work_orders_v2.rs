//! Work orders under the v2 contract.

use serde_json::{Value, json};

use crate::support::{order, stage};

const V2: &str = "/med/open/v2/work_order";

fn order_v2(code: &str) -> Value {
    json!({
        "code": code, "status": 1, "planStartTime": 1_668_960_000_000_i64,
        "planFinishTime": 1_669_219_200_000_i64, "specifiedMaterial": 1, "enableSop": 0,
        "outputMaterialOpenCOs": [{"lineSeq": 0, "mainFlag": 1, "materialCode": "FG-001",
                                   "plannedAmount": "12.5"}],
        "inputMaterialOpenV2COs": [{"seq": 1, "materialCode": "RM-003", "lossRate": "0.02",
            "subInputAmountNumerator": "0.25", "subInputAmountDenominator": "1"}],
    })
}

#[tokio::test]
async fn an_order_is_read_by_its_code() {
    let stage = stage().await;
    let call = async |path: &str, body: Value| stage.data(&format!("{V2}/{path}"), body).await;
    let id = call("_doimport", order_v2("81")).await["workOrderId"].clone();
    let by_code = json!({"workOrderCode": "81", "warehouseFlag": false});
    let header = call("base/_detail", by_code.clone()).await;
    assert_eq!((&header["id"], &header["useBomFlag"]), (&id, &json!(0)));
    assert_eq!(header["plannedStartTime"], 1_668_960_000_000_i64);
    let inputs = call("input_material/_detail", by_code.clone()).await;
    assert_eq!((&inputs[0]["lossRate"], &inputs[0]["seq"]), (&json!("0.02"), &json!(1)));
    let outputs = call("output/_detail", by_code.clone()).await;
    assert_eq!(outputs[0]["plannedAmount"]["amountDisplay"], "12.5");
    let plan = call("process_plan/_detail", by_code).await;
    assert_eq!(plan["relations"].as_array().unwrap().len(), 2);

    stage.import(order("181")).await;
    let exact = json!({"exactWorkOrderCode": "81", "page": 1, "size": 25});
    let page = call("base/_list", exact).await;
    assert_eq!((&page["total"], &page["list"][0]["id"]), (&json!(1), &id));
    assert_eq!(page["list"][0]["code"], "81");
    let none = json!({"workOrderStatusList": [5]});
    assert_eq!(call("base/_list", none).await["total"], 0);
}

#[tokio::test]
async fn times_and_quantities_are_changed_and_operations_dispatched() {
    let stage = stage().await;
    let call = async |path: &str, body: Value| stage.data(&format!("{V2}/{path}"), body).await;
    call("_doimport", order_v2("81")).await;
    let change = json!({"workOrderUpdatePlanTimeList": [
        {"code": "81", "plannedAmount": "20", "planFinishTime": 1_669_300_000_000_i64},
    ]});
    call("_update_work_order_base_info", change).await;
    let shown = stage.mes.work_order("81").unwrap();
    assert_eq!(shown["plannedFinishTime"], 1_669_300_000_000_i64);
    assert_eq!(shown["outputs"][0]["plannedAmount"]["amount"], 20);

    let request = json!({"workOrderCode": "81", "processNum": "20", "produceTaskCode": "T-81",
                         "plannedAmount": 20});
    let answer = call("_dispatch", json!({"dispatchRequests": [request]})).await;
    let tasks = stage.data("/mfg/open/v1/produce_task/_list", json!({"quickSearch": "T-81"})).await;
    assert_eq!((&tasks["total"], &tasks["list"][0]["taskCode"]), (&json!(1), &json!("T-81")));
    assert_ne!(tasks["list"][0]["taskId"], answer["id"], "the answer carries a business id");
    assert_eq!(stage.mes.work_order("81").unwrap()["status"]["code"], 2);
}
