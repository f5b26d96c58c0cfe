//! What each call of materials sends.

use blacklake_mes::materials::*;
use blacklake_mes::{ErrorKind, Result};
use chrono::DateTime;
use serde_json::{Value, json};

use crate::support::{answer, answer_once, count, refusal, requests, start, success};

/// Makes one call, which has to send this body to this path.
pub(crate) async fn sends<T>(
    at: &str,
    data: Value,
    body: Value,
    call: impl AsyncFnOnce(blacklake_mes::Client) -> Result<T>,
) -> T {
    let (server, client) = start().await;
    answer(&server, at, success(data)).await;
    let result = call(client).await.unwrap();
    let sent = requests(&server).await;
    assert_eq!(sent.len(), 1, "{at}: {sent:?}");
    assert_eq!(sent[0].0, at);
    assert_eq!(serde_json::from_str::<Value>(&sent[0].1).unwrap(), body, "{at}");
    result
}

const NOTHING: Value = Value::Null;

#[tokio::test]
async fn an_import_is_all_text() {
    let import = MaterialImport::new("A00006", "HP 600 打印机", "个")
        .biz_type("默认")
        .biz_range(["采购", "投料"])
        .specification("600")
        .batch_managed(true)
        .manufacture_quality(["合格"])
        .purchase_amount_min(5)
        .source_control(false)
        .transfer_batch(erplink_core::Decimal::new(125, 2))
        .remark("")
        .units([UnitLine::conversion("箱").count(1).main_count(12).enabled(true)])
        .extra("newMember", blacklake_mes::RawJson::of("x").unwrap());
    let body = json!({
        "materialCode": "A00006", "materialName": "HP 600 打印机", "unitName": "个",
        "bizType": "默认", "bizRange": "采购,投料", "specification": "600",
        "batchManagementEnable": "是", "manufactureQualityStatus": "合格",
        "purchaseAmountMin": "5", "sourceControl": "否", "transferBatch": "1.25", "remark": "",
        "items": [{ "unitName": "箱", "unitType": "转换单位", "toUnitCount": "1",
                    "fromUnitCount": "12", "enableFlag": "是", "materialCode": "A00006" }],
        "newMember": "x",
    });
    let at = "/material/open/v1/material/_doimport";
    sends(at, NOTHING, body, async |mes| mes.materials().import(&import).await).await;
}

#[tokio::test]
async fn an_import_that_cannot_work_is_not_sent() {
    let (server, client) = start().await;
    let long = "x".repeat(256);
    for (material, named) in [
        (MaterialImport::new("", "n", "个"), "materialCode"),
        (MaterialImport::new("A ", "n", "个"), "space"),
        (MaterialImport::new("A", " ", "个"), "materialName"),
        (MaterialImport::new("A", "n", ""), "unitName"),
        (MaterialImport::new("A", long.as_str(), "个"), "256"),
        (MaterialImport::new("A", "n", "个").remark("x".repeat(1001)), "remark"),
    ] {
        let error = client.materials().import(&material).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.to_string().contains(named), "{error}");
    }
    assert!(requests(&server).await.is_empty());
}

#[tokio::test]
async fn each_call_sends_what_it_should() {
    let list = json!({ "list": [], "total": 0 });
    let filter = MaterialFilter::new()
        .codes(["A1"])
        .enabled(true)
        .biz_type([BizType::Default])
        .updated_from(DateTime::from_timestamp_millis(1_668_960_000_000).unwrap())
        .page_size(50);
    let body = json!({ "codeList": ["A1"], "enableFlag": 1, "bizType": [1],
                       "updateStartTime": 1_668_960_000_000_i64, "size": 50, "page": 1 });
    sends("/material/open/v1/material/_list", list.clone(), body, async |mes| {
        mes.materials().list(filter).try_collect().await
    })
    .await;
    let id = 17_416_593_677_100_001_i64;
    let row = json!({ "id": id, "code": "A1", "enableFlag": { "code": 0, "message": "停用" },
                      "bizRange": [{ "code": 1, "message": "仓储" }, 99] });
    let material =
        sends("/material/open/v1/material/_detail", row, json!({ "id": id }), async |mes| {
            mes.materials().get(id).await
        })
        .await;
    assert_eq!((material.id.get(), material.is_stopped()), (id, Some(true)));
    assert_eq!(material.biz_range[1].code, BizRange::Unknown(99));
    for (at, stop) in [("_stop", true), ("_start", false)] {
        let at = format!("/material/open/v1/material/{at}");
        sends(&at, NOTHING, json!({ "ids": [id] }), async |mes| match stop {
            true => mes.materials().stop([id]).await,
            false => mes.materials().start([id]).await,
        })
        .await;
    }
    let form = MaterialForm::new(BaseInfo::new("n", 5, BizType::Default).code("A1"))
        .inventory(InventoryInfo::default().fifo(false).warehouse(7))
        .units(UnitList::default().unit(5));
    let body = json!({
        "baseInfo": { "name": "n", "unit": { "id": 5 }, "bizType": 1, "code": "A1" },
        "inventoryInfo": { "fifoEnabled": 0, "warehouse": { "id": 7 } },
        "unitList": { "unitId": 5 },
    });
    let created =
        sends("/material/open/v1/material/_create", json!({ "id": id }), body, async |mes| {
            mes.materials().create(&form).await
        })
        .await;
    assert_eq!(created.unwrap().get(), id);
    let change = MaterialForm::new(BaseInfo::new("n", 5, BizType::Default).id(id).qr_code("q"));
    let body = json!({ "baseInfo": { "name": "n", "unit": { "id": 5 }, "bizType": 1, "id": id, "qrCode": "q" } });
    sends("/material/open/v1/material/_update", NOTHING, body, async |mes| {
        mes.materials().update(&change).await
    })
    .await;
    let (_server, mes) = start().await;
    assert_eq!(mes.materials().update(&form).await.unwrap_err().kind(), ErrorKind::Invalid);
}

#[tokio::test]
async fn categories_attributes_units_and_batches() {
    let list = json!({ "list": [{ "id": 1, "code": "c", "leaf": 1, "batchNo": "B1", "name": "n" }], "total": 1 });
    let path =
        CategoryImport::new("c1", "n1").below("c2", "n2").below("c3", "n3").below("c4", "n4");
    let body = json!({
        "categoryName": "n1", "categoryCode": "c1", "secondCategoryName": "n2",
        "secondCategoryCode": "c2", "thirdCategoryName": "n3", "thirdCategoryCode": "c3",
        "forthCategoryName": "n4", "forthCategoryCode": "c4",
    });
    sends("/material/open/v1/material/category/_doimport", NOTHING, body, async |mes| {
        mes.materials().import_category(&path).await
    })
    .await;
    let rows = sends(
        "/material/open/v1/material/category/_list",
        list.clone(),
        json!({ "codeList": ["c"], "page": 1, "size": 200 }),
        async |mes| {
            mes.materials().categories(CategoryFilter::new().codes(["c"])).try_collect().await
        },
    )
    .await;
    assert!(rows[0].leaf);
    let attribute = AttributeImport::new("颜色", ["黑色", "白色"]);
    let body = json!({ "attribute": "颜色", "attributeItem": "黑色,白色" });
    sends("/material/open/v1/material/attribute/_doimport", NOTHING, body, async |mes| {
        mes.materials().import_attribute(&attribute).await
    })
    .await;
    sends(
        "/material/open/v1/unit/_list",
        list.clone(),
        json!({ "name": "个", "page": 1, "size": 200 }),
        async |mes| mes.materials().units(UnitFilter::new().name("个")).try_collect().await,
    )
    .await;
    sends("/material/open/v1/unit/_detail", json!({ "id": 1 }), json!({ "id": 1 }), async |mes| {
        mes.materials().unit(1).await
    })
    .await;
    let unit = UnitForm::new("个").precision(2);
    let body = json!({ "name": "个", "precisionFigure": 2 });
    sends("/material/open/v1/unit/_doimport", NOTHING, body.clone(), async |mes| {
        mes.materials().import_unit(&unit).await
    })
    .await;
    sends("/material/open/v1/unit/_update", NOTHING, body, async |mes| {
        mes.materials().update_unit(&unit).await
    })
    .await;
    sends("/material/open/v1/unit/_start", NOTHING, json!({ "ids": [1] }), async |mes| {
        mes.materials().start_units([1]).await
    })
    .await;
    sends("/material/open/v1/unit/_stop", NOTHING, json!({ "ids": [1] }), async |mes| {
        mes.materials().stop_units([1]).await
    })
    .await;
    let rows = sends(
        "/material/open/v1/batch_no/_list",
        list,
        json!({ "materialId": 9, "page": 1, "size": 200 }),
        async |mes| {
            mes.materials().batch_numbers(BatchNumberFilter::new().material(9)).try_collect().await
        },
    )
    .await;
    assert_eq!(rows[0].batch_no, "B1");
    let batch = BatchNumberForm::new(9, "B1");
    let body = json!({ "materialId": 9, "batchNo": "B1" });
    sends("/material/open/v1/batch_no/_save", NOTHING, body.clone(), async |mes| {
        mes.materials().save_batch_number(&batch).await
    })
    .await;
    sends("/material/open/v1/batch_no/_update", NOTHING, body, async |mes| {
        mes.materials().update_batch_number(&batch).await
    })
    .await;
}

#[tokio::test]
async fn bad_categories_and_attributes_are_not_sent() {
    let (server, mes) = start().await;
    let mut path = CategoryImport::new("c", "n");
    for _ in 0..4 {
        path = path.below("c", "n");
    }
    let materials = mes.materials();
    materials.import_category(&path).await.unwrap_err();
    materials.import_category(&CategoryImport::new("", "n")).await.unwrap_err();
    materials.import_attribute(&AttributeImport::new("a", ["x,y"])).await.unwrap_err();
    materials.import_attribute(&AttributeImport::new("a", ["x", "x"])).await.unwrap_err();
    assert!(requests(&server).await.is_empty());
}

#[tokio::test]
async fn stopping_a_stopped_material_is_a_success() {
    let stop = "/material/open/v1/material/_stop";
    let list = "/material/open/v1/material/_list";
    for (state, is_done) in [(0, true), (1, false)] {
        let (server, mes) = start().await;
        answer(&server, stop, refusal(400, "MATERIAL-DOMAIN/STATE", "物料已停用")).await;
        let row = json!({ "id": 9, "enableFlag": { "code": state } });
        answer(&server, list, success(json!({ "list": [row], "total": 1 }))).await;
        assert_eq!(mes.materials().stop([9]).await.is_ok(), is_done);
        assert_eq!(count(&server, stop).await, 1);
    }
    // A lost answer: read, and only then repeated.
    let (server, mes) = start().await;
    answer_once(&server, stop, wiremock::ResponseTemplate::new(502)).await;
    answer(&server, stop, success(Value::Null)).await;
    let row = json!({ "id": 9, "enableFlag": { "code": 1 } });
    answer(&server, list, success(json!({ "list": [row], "total": 1 }))).await;
    mes.materials().stop([9]).await.unwrap();
    assert_eq!((count(&server, stop).await, count(&server, list).await), (2, 1));
    mes.materials().stop([0_i64; 0]).await.unwrap();
}
