//! The demo factory: the same small manufacturer as in the other systems. Its materials carry the
//! codes of the ERP's items and its first work order the `AbsoluteEntry` of the production order that
//! the demo company has released.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;

use super::catalog::{Attribute, Category, Named, Route, Unit};
use super::ids::Ids;
use super::limits::Meter;
use super::material::Material;
use super::options::Options;
use super::push::PushLog;
use super::refusal::Refusal;
use super::request::Request;
use super::tokens::Tokens;
use super::work_order::store;
use super::world::{World, millis};
use crate::servicelayer::json::Object;

pub(super) const APP_KEY: &str = "cli_1669012345678901";
/// With the characters that break clients which do not quote: `$ + / , =`.
pub(super) const APP_SECRET: &str = "Sbx$mes+demo/secret,0001==";
pub(super) const FACTORY_NUMBER: &str = "SBODEMOCN-01";
/// The work order that stands for the released production order of the demo company.
pub(super) const WORK_ORDER: &str = "1";

pub(super) fn world(options: &Options, now: DateTime<Utc>) -> Result<World, Refusal> {
    let mut ids = Ids::new();
    let org_id = ids.draw();
    let mut named = |list: &[(&str, &str)]| -> Vec<Named> {
        let one = |(code, name): &(&str, &str)| Named {
            id: ids.draw(),
            code: (*code).to_owned(),
            name: (*name).to_owned(),
        };
        list.iter().map(one).collect()
    };
    // The first is the integration account, the last the worker who reports and feeds.
    let workers =
        named(&[("erp", "ERP接口账号"), ("zhouba", "周八"), ("sunqi", "孙七"), ("qianyi", "钱一")]);
    let departments = named(&[("D01", "总经办"), ("D06", "生产部"), ("D0601", "钣金车间")]);
    let warehouses = named(&[("01", "原料仓"), ("02", "成品仓")]);
    let locations = named(&[("XB-01", "钣金线边"), ("02-A-01", "成品仓A区")]);
    let operations = named(&[("XL", "下料"), ("HJ", "焊接"), ("ZP", "装配"), ("SC", "生产")]);
    let units = [("张", 0), ("个", 0), ("桶", 3), ("台", 1), ("千克", 3), ("箱", 0)];
    let units = units.into_iter().map(|(name, precision)| Unit {
        id: ids.draw(),
        code: name.to_owned(),
        name: name.to_owned(),
        remark: String::new(),
        precision,
        enabled: true,
    });
    let units: Vec<_> = units.collect();
    let mut category = |code: &str, name: &str, parent: Option<i64>, level: i64| {
        let (id, code, name) = (ids.draw(), code.to_owned(), name.to_owned());
        Category { id, code, name, parent, level }
    };
    let root = category("WL", "物料", None, 1);
    let children = [("WL01", "原材料"), ("WL02", "成品")];
    let children = children.map(|(code, name)| category(code, name, Some(root.id), 2));
    let categories = std::iter::once(root).chain(children).collect();
    let colours = ["黑色", "白色"].map(str::to_owned).to_vec();
    let step = |num: &str, code: &str| (num.to_owned(), code.to_owned());
    let route = Route {
        product: "FG-001".to_owned(),
        // "9" sorts behind "10" as text.
        steps: vec![step("9", "XL"), step("10", "HJ"), step("20", "ZP")],
    };
    let mut world = World {
        ids,
        org_id,
        tokens: Tokens::default(),
        meter: Meter::default(),
        limits: options.limits,
        quirks: options.quirks.clone(),
        revoked: BTreeSet::new(),
        hidden: Vec::new(),
        arranged: VecDeque::new(),
        units,
        categories,
        attributes: vec![Attribute { name: "颜色".to_owned(), items: colours }],
        warehouses,
        locations,
        departments,
        workers,
        operations,
        routes: vec![route],
        materials: BTreeMap::new(),
        work_orders: BTreeMap::new(),
        tasks: BTreeMap::new(),
        reports: Vec::new(),
        feedings: Vec::new(),
        retractions: Vec::new(),
        subscription: None,
        events: Vec::new(),
        push_log: PushLog::default(),
    };
    materials(&mut world, now)?;
    let order = Request { body: order(now), now, lenient: false };
    store::import_v2(&mut world, &order)?;
    // What the demo data announce happened before anybody listened.
    world.events.clear();
    Ok(world)
}

fn materials(world: &mut World, now: DateTime<Utc>) -> Result<(), Refusal> {
    for (code, name, unit) in [
        ("RM-001", "钢板", "张"),
        ("RM-002", "螺丝 M6", "个"),
        ("RM-003", "油漆", "桶"),
        ("FG-001", "机箱", "台"),
    ] {
        let (id, unit) = (world.ids.draw(), world.unit_named(unit)?.id);
        let mut material = Material::new(id, code, name, unit, millis(now));
        let category = if code.starts_with("FG") { "成品" } else { "原材料" };
        material.category = Some(world.leaf_category(category)?.id);
        material.specification = format!("{name} 标准规格");
        world.materials.insert(id, material);
    }
    Ok(())
}

/// 100 机箱, with the components of the ERP's bill of materials.
fn order(now: DateTime<Utc>) -> Object {
    let part = |seq: i64, code: &str, quantity: Decimal| {
        object! {
            "seq": seq, "materialCode": code, "subInputAmountNumerator": quantity.to_string(),
            "subInputAmountDenominator": "1", "workOrderCode": WORK_ORDER,
        }
    };
    object! {
        "code": WORK_ORDER, "planStartTime": millis(now),
        "planFinishTime": millis(now + TimeDelta::days(3)), "status": 1, "remark": "首批",
        "productionDepartmentCode": "D06",
        "outputMaterialOpenCOs": vec![object! {
            "lineSeq": "0", "mainFlag": 1, "materialCode": "FG-001", "plannedAmount": "100",
            "workOrderCode": WORK_ORDER,
        }],
        "inputMaterialOpenV2COs": vec![
            part(0, "RM-001", Decimal::from(2)),
            part(1, "RM-002", Decimal::from(12)),
            part(2, "RM-003", Decimal::new(25, 2)),
        ],
    }
}
