//! The objects that many answers share.

use rust_decimal::Decimal;

use super::catalog::{Named, Unit};
use super::material::Material;
use super::world::World;
use crate::servicelayer::json::Object;

/// `{code, message}`: a value of an enumeration.
pub(super) fn coded(code: i64, message: &str) -> Object {
    object! {"code": code, "message": message}
}

pub(super) fn yes_no(flag: bool) -> Object {
    if flag { coded(1, "是") } else { coded(0, "否") }
}

pub(super) fn enabled(flag: bool) -> Object {
    if flag { coded(1, "启用") } else { coded(0, "停用") }
}

pub(super) fn order_status(status: i64) -> Object {
    let message = match status {
        0 => "草稿",
        1 => "新建",
        2 => "已下发",
        3 => "执行中",
        4 => "已结束",
        _ => "已关闭",
    };
    coded(status, message)
}

pub(super) fn order_kind(kind: i64) -> Object {
    let message = match kind {
        1 => "普通",
        2 => "返工",
        3 => "改制",
        _ => "维修",
    };
    coded(kind, message)
}

pub(super) fn close_type(kind: i64) -> Object {
    coded(kind, if kind == 1 { "正常关闭" } else { "异常关闭" })
}

pub(super) fn task_status(status: i64) -> Object {
    let message = match status {
        1 => "待执行",
        2 => "执行中",
        3 => "暂停中",
        4 => "已结束",
        _ => "已取消",
    };
    coded(status, message)
}

pub(super) fn qc_status(status: i64) -> Object {
    let message = match status {
        1 => "合格",
        2 => "让步合格",
        3 => "待检",
        _ => "不合格",
    };
    coded(status, message)
}

/// `{id, code, name}`.
pub(super) fn named(one: &Named) -> Object {
    object! {"id": one.id, "code": one.code.as_str(), "name": one.name.as_str()}
}

pub(super) fn user(one: &Named) -> Object {
    object! {
        "id": one.id, "code": one.code.as_str(), "name": one.name.as_str(),
        "avatarUrl": None::<i64>, "username": one.code.as_str(),
    }
}

/// `AmountDisplay`.
pub(super) fn amount(world: &World, amount: Decimal, unit: i64) -> Object {
    let unit_name = |part: fn(&Unit) -> &str| world.unit(unit).map(part);
    let amount = amount.normalize();
    object! {
        "amount": amount, "amountDisplay": amount.to_string(), "unitId": unit,
        "unitCode": unit_name(|unit| unit.code.as_str()),
        "unitName": unit_name(|unit| unit.name.as_str()),
    }
}

/// `Amount`, with the whole unit.
pub(super) fn amount_with_unit(world: &World, amount: Decimal, unit: i64) -> Object {
    let shown = world.unit(unit).map(|unit| {
        object! {
            "id": unit.id, "code": unit.code.as_str(), "name": unit.name.as_str(),
            "orgId": world.org_id, "enablePrecision": true, "precisionFigure": unit.precision,
            "roundingRole": 0, "calculatePrecisionFigure": 10,
            "bigDecimalRoundingRole": "HALF_UP",
        }
    });
    object! {"amount": amount.normalize(), "unit": shown}
}

pub(super) fn unit(world: &World, unit: &Unit) -> Object {
    object! {
        "id": unit.id, "code": unit.code.as_str(), "name": unit.name.as_str(),
        "remark": unit.remark.as_str(), "orgId": world.org_id, "unitType": 0,
        "enableFlag": enabled(unit.enabled), "enablePrecision": yes_no(true),
        "roundingRole": coded(0, "四舍五入"), "precisionFigure": unit.precision,
    }
}

/// `materialInfo` of orders.
pub(super) fn material_of_order(world: &World, material: &Material) -> Object {
    let unit = world.unit(material.unit).map(|one| unit(world, one));
    object! {
        "baseInfo": material.base_info(world),
        "attribute": Vec::<Object>::new(),
        "category": material.category.and_then(|id| world.category(id)).map(|one| one.show(world)),
        "unit": unit.clone(), "unitList": vec![unit], "conversions": material.conversions(world),
        "documents": Vec::<Object>::new(),
        "batchManagementEnable": yes_no(material.batch_managed),
    }
}

/// `materialInfo` of reports and feedings, which has other members than that of orders.
pub(super) fn material_of_report(world: &World, material: &Material) -> Object {
    let unit = world.unit(material.unit).map(|one| unit(world, one));
    object! {
        "baseInfo": object! {
            "id": material.id, "code": material.code.as_str(), "name": material.name.as_str(),
            "specification": material.specification.as_str(), "remark": material.remark.as_str(),
        },
        "attribute": Vec::<Object>::new(),
        "category": material.category.and_then(|id| world.category(id)).map(|one| one.show(world)),
        "masterUnit": unit.clone(), "productionUnit": unit.clone(),
        "materialFeedUnit": unit.clone(), "unitList": vec![unit],
        "unitConversionInfo": material.conversions(world),
        "batchManagementEnable": yes_no(material.batch_managed), "batchNoRuleId": None::<i64>,
        "keyComponent": 0, "outboundOrNot": 0,
    }
}
