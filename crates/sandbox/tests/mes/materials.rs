//! Materials, units, categories, attributes.

use erplink_sandbox::mes::Quirks;
use serde_json::{Value, json};

use crate::support::{IMPORT_MATERIAL, LIST_MATERIALS, Stage, stage, stage_with};

const START: &str = "/material/open/v1/material/_start";
const STOP: &str = "/material/open/v1/material/_stop";

fn item(changes: Value) -> Value {
    let mut body = json!({
        "materialCode": "A00006", "materialName": "HP 600 打印机", "unitName": "个",
        "bizType": "默认", "specification": "600", "batchManagementEnable": "是",
        "manufactureQualityStatus": "合格", "remark": "",
    });
    for (name, value) in changes.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

async fn by_code(stage: &Stage, code: &str) -> Value {
    let page = stage.data(LIST_MATERIALS, json!({"codeList": [code]})).await;
    assert_eq!((&page["total"], &page["page"]), (&json!(1), &json!(1)));
    page["list"][0].clone()
}

#[tokio::test]
async fn an_import_creates_and_changes() {
    let stage = stage().await;
    assert_eq!(stage.data(IMPORT_MATERIAL, item(json!({}))).await, Value::Null);
    let first = by_code(&stage, "A00006").await;
    assert_eq!(first["batchManagementEnable"]["code"], 1);
    assert_eq!((&first["unitName"], &first["enableFlag"]["code"]), (&json!("个"), &json!(1)));
    let id = first["id"].as_i64().unwrap();
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
    let through_a_float = id as f64 as i64;
    assert_ne!(id, through_a_float, "ids do not survive a float");

    // What the second import leaves out stays.
    let second = json!({"materialCode": "A00006", "materialName": "打印机", "unitName": "箱"});
    stage.data(IMPORT_MATERIAL, second).await;
    let changed = by_code(&stage, "A00006").await;
    assert_eq!((&changed["id"], &changed["name"]), (&json!(id), &json!("打印机")));
    assert_eq!(changed["specification"], "600");
    assert_eq!(changed["batchManagementEnable"]["code"], 1);
    assert_eq!(stage.mes.material("A00006").unwrap()["written"]["unitName"], "箱");
}

#[tokio::test]
async fn an_import_is_checked() {
    let stage = stage().await;
    for (changes, sub_code, text) in [
        (json!({"unitName": "打"}), "MATERIAL-DOMAIN/UNIT_NOT_EXIST", "打"),
        (json!({"materialCode": " A"}), "MATERIAL-DOMAIN/PARAM_INVALID", "materialCode"),
        (json!({"materialCode": ""}), "MATERIAL-DOMAIN/PARAM_INVALID", "materialCode"),
        (json!({"batchManagementEnable": true}), "MATERIAL-DOMAIN/PARAM_INVALID", "文本"),
        (json!({"purchaseAmountMin": 10}), "MATERIAL-DOMAIN/PARAM_INVALID", "purchaseAmountMin"),
        (json!({"purchaseAmountMin": "1000000"}), "MATERIAL-DOMAIN/PARAM_INVALID", "999999"),
        (json!({"defaultWarehouseCode": "09"}), "MATERIAL-DOMAIN/DATA_NOT_EXIST", "09"),
        (json!({"materialCategory": "物料"}), "MATERIAL-DOMAIN/CATEGORY_NOT_LEAF", "物料"),
        (json!({"materialAttribute": "[颜色：绿色]"}), "MATERIAL-DOMAIN/ATTRIBUTE_NOT_EXIST", "绿"),
        (json!({"bizType": "在制品", "bizRange": "采购"}), "MATERIAL-DOMAIN/PARAM_INVALID", "采购"),
        (json!({"manufactureQualityStatus": "良"}), "MATERIAL-DOMAIN/PARAM_INVALID", "合格"),
        (json!({"convertUnitName": "箱"}), "MATERIAL-DOMAIN/PARAM_INVALID", "convertUnitName"),
        (
            json!({"items": [{"materialCode": "A00006", "unitName": "箱", "unitType": "转换单位"}]}),
            "MATERIAL-DOMAIN/PARAM_INVALID",
            "items[0].toUnitCount",
        ),
    ] {
        let (found, message) = stage.refusal(IMPORT_MATERIAL, item(changes.clone())).await;
        assert_eq!(found, sub_code, "{changes}: {message}");
        assert!(message.contains(text), "{changes}: {message}");
    }
    assert!(stage.mes.material("A00006").is_err());
    let good = json!({
        "materialCategory": "原材料", "materialAttribute": "[颜色：黑色]", "convertUnitName": "箱",
        "items": [{"materialCode": "A00006", "unitName": "箱", "unitType": "转换单位",
                   "toUnitCount": "1", "fromUnitCount": "12", "enableFlag": "是"}],
    });
    stage.data(IMPORT_MATERIAL, item(good)).await;
    let row = by_code(&stage, "A00006").await;
    assert_eq!(row["category"]["categoryName"], "原材料");
    assert_eq!(row["conversionUnits"][0]["fromUnitCount"], "12");
    assert_eq!(row["attributes"][0]["attributeItemName"], "黑色");
}

#[tokio::test]
async fn materials_are_listed_stopped_and_started() {
    let stage = stage().await;
    let codes = async |filter: Value| -> Vec<String> {
        let page = stage.data(LIST_MATERIALS, filter).await;
        let rows = page["list"].as_array().unwrap().iter();
        rows.map(|row| row["code"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(codes(json!({"code": "RM-00"})).await, ["RM-001", "RM-002", "RM-003"]);
    assert_eq!(codes(json!({"quickSearch": "螺丝"})).await, ["RM-002"]);
    let sorter = json!([{"field": "code", "order": "desc"}]);
    assert_eq!(codes(json!({"size": 2, "sorter": sorter})).await, ["RM-003", "RM-002"]);
    assert_eq!(codes(json!({"size": 3, "page": 2})).await, ["FG-001"]);

    let id = by_code(&stage, "RM-002").await["id"].clone();
    assert_eq!(stage.data(STOP, json!({"ids": [id]})).await, Value::Null);
    assert_eq!(codes(json!({"enableFlag": 0})).await, ["RM-002"]);
    stage.data(STOP, json!({"ids": [id]})).await;
    stage.mes.set_quirks(Quirks {
        refuse_repeated_stop: true,
        fuzzy_material_code: false,
        ..Quirks::default()
    });
    assert!(codes(json!({"code": "RM-00"})).await.is_empty());
    let (sub_code, _) = stage.refusal(STOP, json!({"ids": [id]})).await;
    assert_eq!(sub_code, "MATERIAL-DOMAIN/STATUS_NOT_ALLOWED");
    stage.data(START, json!({"ids": [id]})).await;
    // All of them or none.
    let (sub_code, _) = stage.refusal(STOP, json!({"ids": [id, 7]})).await;
    assert_eq!(sub_code, "MATERIAL-DOMAIN/DATA_NOT_EXIST");
    assert_eq!(by_code(&stage, "RM-002").await["enableFlag"]["code"], 1);
    let (_, message) = stage.refusal(LIST_MATERIALS, json!({"size": 1001})).await;
    assert!(message.contains("size"), "{message}");
}

#[tokio::test]
async fn pages_may_repeat_rows() {
    let stage = stage_with(Quirks { repeated_rows: 1, ..Quirks::default() }).await;
    let page = async |page: i64| -> Vec<String> {
        let body = json!({"size": 2, "page": page});
        let shown = stage.data(LIST_MATERIALS, body).await;
        assert_eq!(shown["total"], if page == 1 { 4 } else { 5 }, "a row arrived in between");
        let rows = shown["list"].as_array().unwrap().iter();
        rows.map(|row| row["code"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(page(1).await, ["RM-001", "RM-002"]);
    assert_eq!(page(2).await, ["RM-002", "RM-003"]);
    assert_eq!(page(3).await, ["FG-001"]);
}

#[tokio::test]
async fn materials_have_calls_by_id() {
    let stage = stage().await;
    let units = stage.data("/material/open/v1/unit/_list", json!({"codeList": ["个"]})).await;
    let unit = units["list"][0]["id"].clone();
    let create = "/material/open/v1/material/_create";
    let base = json!({"name": "垫片", "code": "P-1", "unit": {"id": unit}, "bizType": 1});
    let id = stage.data(create, json!({"baseInfo": base})).await["id"].clone();
    let (sub_code, _) = stage.refusal(create, json!({"baseInfo": base})).await;
    assert_eq!(sub_code, "MATERIAL-DOMAIN/CODE_DUPLICATE");
    let update = json!({"baseInfo": {
        "id": id, "qrCode": "P-1", "name": "垫圈", "unit": {"id": unit}, "bizType": 1,
    }});
    stage.data("/material/open/v1/material/_update", update).await;
    let detail = stage.data("/material/open/v1/material/_detail", json!({"id": id})).await;
    assert_eq!((&detail["name"], &detail["customFields"]), (&json!("垫圈"), &json!([])));

    stage.data("/material/open/v1/unit/_stop", json!({"ids": [unit]})).await;
    let (sub_code, _) = stage.refusal(IMPORT_MATERIAL, item(json!({}))).await;
    assert_eq!(sub_code, "MATERIAL-DOMAIN/UNIT_NOT_EXIST");
}

#[tokio::test]
async fn categories_and_attributes_are_imported() {
    let stage = stage().await;
    let category = json!({
        "categoryName": "包材", "categoryCode": "BC",
        "secondCategoryName": "纸箱", "secondCategoryCode": "BC01",
    });
    stage.data("/material/open/v1/material/category/_doimport", category).await;
    let list = "/material/open/v1/material/category/_list";
    let rows = stage.data(list, json!({"code": "BC"})).await["list"].clone();
    assert_eq!((&rows[0]["leaf"], &rows[1]["leaf"]), (&json!(0), &json!(1)));
    assert_eq!((&rows[1]["name"], &rows[1]["level"]), (&json!("纸箱"), &json!(2)));
    let attribute = "/material/open/v1/material/attribute/_doimport";
    stage.data(attribute, json!({"attribute": "产地", "attributeItem": "上海,苏州"})).await;
    let twice = json!({"attribute": "产地", "attributeItem": "上海,上海"});
    assert!(stage.refusal(attribute, twice).await.1.contains("重复"));
    let changes = json!({"materialCategory": "纸箱", "materialAttribute": "[产地：苏州]"});
    stage.data(IMPORT_MATERIAL, item(changes)).await;
}
