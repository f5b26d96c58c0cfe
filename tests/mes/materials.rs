//! Materials and what they are made of.

use blacklake_mes::materials::{
    AttributeImport, BaseInfo, BizRange, BizType, CategoryFilter, CategoryImport, ConversionForm,
    FeedInfo, InventoryInfo, MaterialFilter, MaterialForm, MaterialImport, ProductionInfo,
    PurchaseInfo, UnitFilter, UnitLine, UnitList, Validity,
};
use blacklake_mes::{Decimal, ErrorKind, QcStatus, UnitType};
use chrono::{TimeDelta, Utc};

use crate::Factory;

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[tokio::test]
async fn an_import_with_every_member_is_understood_and_kept() {
    let factory = Factory::new().await;
    let materials = factory.client().materials();
    materials.import_attribute(&AttributeImport::new("产地", ["上海", "北京"])).await.unwrap();
    let path = CategoryImport::new("WL", "物料").below("WL03", "辅料");
    materials.import_category(&path).await.unwrap();
    let material = MaterialImport::new("A00006", "HP 600 打印机", "个")
        .biz_type("默认")
        .biz_range(["仓储", "采购", "自制"])
        .category("辅料")
        .attributes("[颜色：黑色，产地：上海]")
        .specification("600")
        .batch_managed(true)
        .batch_attributes(["供应商", "生产日期"])
        .required_batch_attributes(["供应商"])
        .remark("易碎")
        .transfer_batch(decimal("12.5"))
        .transfer_unit("箱")
        .default_warehouse("01")
        .default_location("XB-01")
        .validity(3)
        .validity_unit("年")
        .fifo(true)
        .fifo_attribute("生产日期")
        .inventory_attributes(["入厂日期"])
        .required_inventory_attributes(["入厂日期"])
        .production_unit("个")
        .feed_unit("个")
        .purchase_unit("个")
        .manufacture_quality(["合格", "让步合格"])
        .purchase_amount(20)
        .purchase_amount_min(1)
        .source_control(false)
        .order_batch_rule("1")
        .control_level("1")
        .tax_rate("13")
        .units([UnitLine::conversion("箱")
            .count(decimal("1"))
            .main_count(decimal("0.0833333333"))]);
    materials.import(&material).await.unwrap();
    let found = materials.find("A00006").await.unwrap().unwrap();
    assert_eq!((found.name.as_str(), found.specification.as_str()), ("HP 600 打印机", "600"));
    assert_eq!((found.unit_name.as_str(), found.remark.as_str()), ("个", "易碎"));
    assert_eq!(found.category.as_ref().unwrap().category_name, "辅料");
    let ranges: Vec<_> = found.biz_range.iter().map(|range| range.code).collect();
    assert_eq!(ranges, [BizRange::Storage, BizRange::Purchase, BizRange::Making]);
    let attributes: Vec<_> = found.attributes.iter().map(|one| &one.attribute_item_name).collect();
    assert_eq!(attributes, ["黑色", "上海"]);
    let written = &factory.mes().material("A00006").unwrap()["written"];
    assert_eq!(written["items"][0]["fromUnitCount"], "0.0833333333", "digit for digit");
    assert_eq!(written["transferBatch"], "12.5");
    // A second time changes the same one.
    materials.import(&MaterialImport::new("A00006", "打印机", "个")).await.unwrap();
    let again = materials.get(found.id).await.unwrap();
    assert_eq!((again.name.as_str(), again.specification.as_str()), ("打印机", "600"));
}

#[tokio::test]
async fn what_an_import_names_has_to_be_there() {
    let factory = Factory::new().await;
    let materials = factory.client().materials();
    let material = || MaterialImport::new("N-1", "新", "个");
    for (wrong, sub_code) in [
        (MaterialImport::new("N-1", "新", "打"), "MATERIAL-DOMAIN/UNIT_NOT_EXIST"),
        (material().category("没有"), "MATERIAL-DOMAIN/CATEGORY_NOT_EXIST"),
        (material().category("物料"), "MATERIAL-DOMAIN/CATEGORY_NOT_LEAF"),
        (material().default_warehouse("99"), "MATERIAL-DOMAIN/DATA_NOT_EXIST"),
    ] {
        let refused = materials.import(&wrong).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Api, "{refused}");
        assert_eq!(refused.api_error().unwrap().sub_code(), Some(sub_code), "{refused}");
        assert!(!refused.may_have_taken_effect());
    }
    assert!(materials.find("N-1").await.unwrap().is_none());
}

#[tokio::test]
async fn lists_filter_by_every_condition() {
    let factory = Factory::new().await;
    let materials = factory.client().materials();
    let (past, future) = (Utc::now() - TimeDelta::days(1), Utc::now() + TimeDelta::days(1));
    let product = materials.find("FG-001").await.unwrap().unwrap();
    let category = product.category.as_ref().unwrap().category_ids[0];
    materials.stop([product.id]).await.unwrap();
    for (filter, count) in [
        (MaterialFilter::new(), 4),
        (MaterialFilter::new().ids([product.id]), 1),
        (MaterialFilter::new().codes(["RM-001", "RM-002", "NONE"]), 2),
        (MaterialFilter::new().code("RM"), 3),
        (MaterialFilter::new().name("螺丝"), 1),
        (MaterialFilter::new().qr_code("none"), 0),
        (MaterialFilter::new().enabled(false), 1),
        (MaterialFilter::new().batch_managed(true), 0),
        (MaterialFilter::new().categories([category]), 1),
        (MaterialFilter::new().search("油漆"), 1),
        (MaterialFilter::new().biz_range([BizRange::Storage]), 4),
        (MaterialFilter::new().biz_type([BizType::Phantom]), 0),
        (MaterialFilter::new().specification("钢板"), 1),
        (MaterialFilter::new().updated_from(past).updated_to(future), 4),
        (MaterialFilter::new().updated_from(future), 0),
        (MaterialFilter::new().page_size(1), 4),
    ] {
        let text = format!("{filter:?}");
        let rows = materials.list(filter).try_collect().await.unwrap();
        assert_eq!(rows.len(), count, "{text}");
    }
    // The code is looked for exactly, whatever the list does with it.
    assert!(materials.find("RM").await.unwrap().is_none());
}

#[tokio::test]
async fn materials_are_stopped_and_started_however_often() {
    for refuse_repeated_stop in [false, true] {
        let factory = Factory::new().await;
        let quirks = erplink_sandbox::mes::Quirks { refuse_repeated_stop, ..Default::default() };
        factory.mes().set_quirks(quirks);
        let materials = factory.client().materials();
        let id = materials.find("RM-001").await.unwrap().unwrap().id;
        for _ in 0..2 {
            materials.stop([id]).await.unwrap();
            assert_eq!(materials.get(id).await.unwrap().is_stopped(), Some(true));
        }
        for _ in 0..2 {
            materials.start([id]).await.unwrap();
            assert_eq!(materials.get(id).await.unwrap().is_stopped(), Some(false));
        }
    }
}

#[tokio::test]
async fn a_material_is_created_and_changed_by_ids() {
    let factory = Factory::new().await;
    let materials = factory.client().materials();
    let units = materials.units(UnitFilter::new().name("个")).try_collect().await.unwrap();
    let unit = units[0].id.unwrap();
    let base = BaseInfo::new("端子", unit, BizType::Default)
        .code("T-1")
        .biz_range([BizRange::Storage, BizRange::Feeding])
        .batch_managed(true)
        .remark("镀锡")
        .specification("2.5");
    let form = MaterialForm::new(base)
        .units(
            UnitList::default().unit(unit).conversions([ConversionForm::default()
                .from_count(1)
                .to_unit(unit)
                .to_count(12)
                .kind(UnitType::Conversion)
                .serial(1)
                .enabled(true)]),
        )
        .inventory(
            InventoryInfo::default().validity(Validity::default().time(1).unit(0)).fifo(true),
        )
        .production(ProductionInfo::default().unit(unit).quality([QcStatus::Qualified]))
        .purchase(PurchaseInfo::default().unit(unit).amount(5).source_control(false))
        .feed(FeedInfo::default().unit(unit).quality([QcStatus::Qualified]));
    let id = materials.create(&form).await.unwrap().unwrap();
    let made = materials.get(id).await.unwrap();
    assert_eq!((made.code.as_str(), made.specification.as_str()), ("T-1", "2.5"));
    let base = BaseInfo::new("端子 大", unit, BizType::Default).id(id).qr_code(&made.qr_code);
    materials.update(&MaterialForm::new(base.reason("改名"))).await.unwrap();
    assert_eq!(materials.get(id).await.unwrap().name, "端子 大");
}

#[tokio::test]
async fn units_and_categories_are_listed_and_switched() {
    let factory = Factory::new().await;
    let materials = factory.client().materials();
    let units = materials.units(UnitFilter::new().codes(["台"]).enabled(true));
    let units = units.try_collect().await.unwrap();
    let unit = units[0].id.unwrap();
    assert_eq!(units[0].precision_figure, Some(1));
    materials.stop_units([unit]).await.unwrap();
    let refused = materials.import(&MaterialImport::new("N-1", "新", "台")).await.unwrap_err();
    assert!(refused.to_string().contains("台"), "{refused}");
    materials.start_units([unit]).await.unwrap();
    assert_eq!(materials.unit(unit).await.unwrap().name, "台");
    let leaves = materials.categories(CategoryFilter::new().names(["成品", "原材料"]));
    assert_eq!(leaves.try_collect().await.unwrap().len(), 2);
    let all = materials.categories(CategoryFilter::new().code("WL").page_size(2));
    assert_eq!(all.try_collect().await.unwrap().len(), 3);
}
