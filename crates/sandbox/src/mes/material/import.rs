//! `POST …/material/_doimport`: creates a material or changes the one with its code.

use std::collections::BTreeSet;

use super::{BIZ_RANGES, Conversion, Material};
use crate::mes::catalog;
use crate::mes::fields::Fields;
use crate::mes::refusal::Refusal;
use crate::mes::request::Request;
use crate::mes::world::World;
use crate::servicelayer::json::Json;

pub(in crate::mes) const MEMBERS: &[&str] = &[
    "materialCode",
    "materialName",
    "unitName",
    "bizType",
    "bizRange",
    "materialCategory",
    "materialAttribute",
    "specification",
    "batchManagementEnable",
    "batchNoAttrDisplay",
    "batchNoAttrNotNull",
    "batchNoRuleCode",
    "remark",
    "convertUnitName",
    "transferBatch",
    "transferUnitName",
    "defaultWarehouseCode",
    "defaultLocationCode",
    "validityTime",
    "validityUnit",
    "fifoEnabled",
    "fifoAttr",
    "inventoryAttrDisplay",
    "inventoryAttrNotNull",
    "inventoryRuleCode",
    "productionUnitName",
    "feedUnitName",
    "purchaseUnitName",
    "manufactureQualityStatus",
    "purchaseAmount",
    "purchaseAmountMin",
    "sourceControl",
    "orderBatchRule",
    "controlLevel",
    "taxRate",
    "items",
    "customFields",
];

const ITEM: &[&str] =
    &["materialCode", "unitName", "unitType", "toUnitCount", "fromUnitCount", "enableFlag"];

const BATCH_ATTRIBUTES: &[&str] = &["供应商", "供应商批次", "客户", "生产日期", "有效期至"];
const INVENTORY_ATTRIBUTES: &[&str] =
    &["供应商", "供应商批次", "客户", "生产日期", "有效期至", "入厂日期"];
const QUALITIES: &[&str] = &["合格", "不合格", "让步合格", "待检"];

pub(in crate::mes) fn import(world: &mut World, request: &Request) -> Result<Json, Refusal> {
    let fields = request.fields();
    let code = fields.code("materialCode")?;
    let name = fields.code("materialName")?;
    let unit = world.unit_named(fields.required_text("unitName")?)?.id;
    // Every other member is text, too: a number or a boolean is refused here.
    for (member, value) in fields.object().iter() {
        if !matches!(value, Json::Array(_)) {
            fields.text(member)?;
        }
    }
    check(world, &fields)?;
    let (biz_type, biz_range) = business(&fields)?;
    let category = fields.text("materialCategory")?;
    let category = category.map(|name| world.leaf_category(name)).transpose()?.map(|one| one.id);
    let attributes = attributes(world, &fields)?;
    let conversions = conversions(world, request, &fields, code, unit)?;

    let at = request.at();
    let known = world.material_coded(code).map(|material| material.id);
    let id = known.unwrap_or_else(|| world.ids.draw());
    let material =
        world.materials.entry(id).or_insert_with(|| Material::new(id, code, name, unit, at));
    name.clone_into(&mut material.name);
    material.unit = unit;
    material.biz_type = biz_type;
    material.biz_range = biz_range;
    // What an import leaves out keeps its value.
    if let Some(category) = category {
        material.category = Some(category);
    }
    if !attributes.is_empty() {
        material.attributes = attributes;
    }
    if let Some(text) = fields.text("specification")? {
        text.clone_into(&mut material.specification);
    }
    if fields.has("remark") {
        fields.text("remark")?.unwrap_or_default().clone_into(&mut material.remark);
    }
    if let Some(managed) = fields.yes("batchManagementEnable")? {
        material.batch_managed = managed;
    }
    if !conversions.is_empty() {
        material.conversions = conversions;
    }
    material.updated_at = at;
    material.written = request.body.clone();
    Ok(Json::Null)
}

/// What an import may not say, whether or not the sandbox keeps it.
fn check(world: &World, fields: &Fields<'_>) -> Result<(), Refusal> {
    for (member, most) in [("specification", 255), ("remark", 1000)] {
        if fields.text(member)?.is_some_and(|text| text.chars().count() > most) {
            return Err(fields.invalid(member, &format!("不超过{most}个字符")));
        }
    }
    for member in ["productionUnitName", "feedUnitName", "purchaseUnitName", "transferUnitName"] {
        if let Some(name) = fields.text(member)? {
            world.unit_named(name)?;
        }
    }
    if let Some(code) = fields.text("defaultWarehouseCode")? {
        catalog::find(&world.warehouses, "仓库", code)?;
    }
    if let Some(code) = fields.text("defaultLocationCode")? {
        catalog::find(&world.locations, "仓位", code)?;
    }
    for member in ["batchManagementEnable", "fifoEnabled", "sourceControl"] {
        fields.yes(member)?;
    }
    for (member, allowed) in [
        ("batchNoAttrDisplay", BATCH_ATTRIBUTES),
        ("batchNoAttrNotNull", BATCH_ATTRIBUTES),
        ("inventoryAttrDisplay", INVENTORY_ATTRIBUTES),
        ("inventoryAttrNotNull", INVENTORY_ATTRIBUTES),
        ("manufactureQualityStatus", QUALITIES),
    ] {
        subset(fields, member, allowed)?;
    }
    one_of(fields, "validityUnit", &["年", "月", "日", "时", "分"])?;
    one_of(fields, "fifoAttr", &["批次号", "生产日期", "有效期至"])?;
    whole_number(fields, "validityTime", u64::MAX)?;
    whole_number(fields, "purchaseAmount", 999_999)?;
    whole_number(fields, "purchaseAmountMin", 999_999)
}

fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', '，']).map(str::trim).filter(|item| !item.is_empty())
}

fn subset(fields: &Fields<'_>, member: &str, allowed: &[&str]) -> Result<(), Refusal> {
    let text = fields.text(member)?.unwrap_or_default();
    if list(text).all(|item| allowed.contains(&item)) {
        Ok(())
    } else {
        Err(fields.invalid(member, &format!("只能包含: {}", allowed.join(","))))
    }
}

fn one_of(fields: &Fields<'_>, member: &str, allowed: &[&str]) -> Result<(), Refusal> {
    if fields.text(member)?.is_none_or(|text| allowed.contains(&text)) {
        Ok(())
    } else {
        Err(fields.invalid(member, &format!("只能为: {}", allowed.join("/"))))
    }
}

fn whole_number(fields: &Fields<'_>, member: &str, most: u64) -> Result<(), Refusal> {
    let Some(text) = fields.text(member)? else { return Ok(()) };
    match text.parse::<u64>() {
        Ok(number) if number > 0 && number <= most => Ok(()),
        _ => Err(fields.invalid(member, &format!("应为1到{most}的整数"))),
    }
}

/// `bizType` and `bizRange` as numbers.
fn business(fields: &Fields<'_>) -> Result<(i64, Vec<i64>), Refusal> {
    let biz_type = match fields.text("bizType")? {
        None | Some("默认") => 1,
        Some("虚拟件") => 0,
        Some("在制品") => 2,
        Some(_) => return Err(fields.invalid("bizType", "只能为: 默认/虚拟件/在制品")),
    };
    let allowed: &[i64] = match biz_type {
        0 => &[],
        1 => &[1, 2, 3, 4, 5, 6],
        _ => &[1, 4, 5, 6],
    };
    let Some(text) = fields.text("bizRange")? else { return Ok((biz_type, allowed.to_vec())) };
    let mut ranges = BTreeSet::new();
    for name in list(text) {
        let range =
            (1..).zip(BIZ_RANGES).find(|(_, known)| *known == name).map(|(number, _)| number);
        match range.filter(|range| allowed.contains(range)) {
            Some(range) => ranges.insert(range),
            None => return Err(fields.invalid("bizRange", &format!("【{name}】与业务类型不符"))),
        };
    }
    Ok((biz_type, ranges.into_iter().collect()))
}

/// `[颜色：黑色，产地：上海]`, of attributes and values that exist.
fn attributes(world: &World, fields: &Fields<'_>) -> Result<Vec<(String, String)>, Refusal> {
    let text = fields.text("materialAttribute")?.unwrap_or_default().trim();
    let text = text.trim_start_matches('[').trim_end_matches(']');
    let mut found = Vec::new();
    for pair in list(text) {
        let pair = pair.split_once('：').ok_or_else(|| {
            fields.invalid("materialAttribute", "格式应为 [属性：值，属性：值], 使用中文冒号")
        })?;
        let known = world.attributes.iter().find(|attribute| attribute.name == pair.0);
        if !known.is_some_and(|attribute| attribute.items.iter().any(|item| item == pair.1)) {
            let why = format!("物料属性【{}：{}】不存在", pair.0, pair.1);
            return Err(Refusal::named("ATTRIBUTE_NOT_EXIST", why));
        }
        found.push((pair.0.to_owned(), pair.1.to_owned()));
    }
    Ok(found)
}

/// The unit lines, `items[]`; the storage conversion unit has to be one of them.
fn conversions(
    world: &mut World,
    request: &Request,
    fields: &Fields<'_>,
    code: &str,
    main: i64,
) -> Result<Vec<Conversion>, Refusal> {
    let mut conversions = Vec::new();
    for line in fields.rows("items")? {
        request.only(&line, ITEM)?;
        if line.required_text("materialCode")? != code {
            return Err(line.invalid("materialCode", "与物料编号不一致"));
        }
        let unit = world.unit_named(line.required_text("unitName")?)?.id;
        if unit == main {
            return Err(line.invalid("unitName", "不能为主单位"));
        }
        let kind = match line.required_text("unitType")? {
            "转换单位" => 1,
            "辅助单位" => 2,
            _ => return Err(line.invalid("unitType", "只能为: 转换单位/辅助单位")),
        };
        let count = |name: &str| match line.positive(name)? {
            Some(count) => Ok(count.to_string()),
            None if kind == 1 => Err(line.absent(name)),
            None => Ok(String::new()),
        };
        let (to_count, from_count) = (count("toUnitCount")?, count("fromUnitCount")?);
        if line.yes("enableFlag")?.unwrap_or(true) {
            conversions.push(Conversion { id: world.ids.draw(), unit, kind, to_count, from_count });
        }
    }
    if let Some(name) = fields.text("convertUnitName")? {
        let unit = world.unit_named(name)?.id;
        if unit != main && !conversions.iter().any(|one| one.unit == unit && one.kind == 1) {
            return Err(fields.invalid("convertUnitName", "该物料未启用此转换单位"));
        }
    }
    Ok(conversions)
}
