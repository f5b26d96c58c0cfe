//! `POST …/material/_create` and `_update`, whose bodies name everything by id.

use super::Material;
use crate::mes::fields::Fields;
use crate::mes::refusal::Refusal;
use crate::mes::request::Request;
use crate::mes::world::World;
use crate::servicelayer::json::Json;

/// The sections of the body. Only `baseInfo` shows in answers; the others are kept as they are.
pub(in crate::mes) const MEMBERS: &[&str] =
    &["baseInfo", "unitList", "inventoryInfo", "productionInfo", "purchaseInfo", "feedInfo"];

pub(in crate::mes) fn create(world: &mut World, request: &Request) -> Result<Json, Refusal> {
    let fields = request.fields();
    let base = fields.part("baseInfo")?.ok_or_else(|| fields.absent("baseInfo"))?;
    let code = match base.text("code")? {
        Some(_) => base.code("code")?.to_owned(),
        // A numbering rule makes the code.
        None => format!("M{:06}", world.ids.serial()),
    };
    if world.material_coded(&code).is_some() {
        return Err(Refusal::named("CODE_DUPLICATE", format!("物料编号【{code}】已存在")));
    }
    let unit = main_unit(world, &base)?;
    let id = world.ids.draw();
    let fresh = Material::new(id, &code, base.code("name")?, unit, request.at());
    let material = written(world, &base, fresh, request)?;
    world.materials.insert(id, material);
    Ok(object! {"id": id}.into())
}

pub(in crate::mes) fn update(world: &mut World, request: &Request) -> Result<Json, Refusal> {
    let fields = request.fields();
    let base = fields.part("baseInfo")?.ok_or_else(|| fields.absent("baseInfo"))?;
    let id = base.required_int("id")?;
    let mut known = world.material(id)?.clone();
    if base.text("code")?.is_some_and(|code| code != known.code) {
        return Err(base.invalid("code", "物料编号不可修改"));
    }
    base.required_text("qrCode")?;
    base.code("name")?.clone_into(&mut known.name);
    known.unit = main_unit(world, &base)?;
    let material = written(world, &base, known, request)?;
    world.materials.insert(id, material);
    Ok(object! {"id": id}.into())
}

fn main_unit(world: &World, base: &Fields<'_>) -> Result<i64, Refusal> {
    let unit = base.part("unit")?.ok_or_else(|| base.absent("unit"))?;
    let id = unit.required_int("id")?;
    let known = world.unit(id).filter(|unit| unit.enabled);
    let missing = || Refusal::named("UNIT_NOT_EXIST", format!("单位 {id} 不存在或已停用"));
    known.map(|unit| unit.id).ok_or_else(missing)
}

/// The material with what both calls write.
fn written(
    world: &World,
    base: &Fields<'_>,
    mut material: Material,
    request: &Request,
) -> Result<Material, Refusal> {
    material.biz_type = base.required_int("bizType")?;
    if !(0..=2).contains(&material.biz_type) {
        return Err(base.invalid("bizType", "只能为0/1/2"));
    }
    if base.has("bizRange") {
        material.biz_range = base.ints("bizRange")?;
        if !material.biz_range.iter().all(|range| (1..=6).contains(range)) {
            return Err(base.invalid("bizRange", "只能包含1到6"));
        }
    }
    if let Some(managed) = base.flag("batchManagementEnable")? {
        material.batch_managed = managed;
    }
    if let Some(category) = base.part("category")? {
        material.category = category.ints("categoryIds")?.last().copied();
        if material.category.is_some_and(|id| world.category(id).is_none()) {
            return Err(category.invalid("categoryIds", "物料分类不存在"));
        }
    }
    base.text("remark")?.unwrap_or_default().clone_into(&mut material.remark);
    base.text("specification")?.unwrap_or_default().clone_into(&mut material.specification);
    material.updated_at = request.at();
    material.written = request.body.clone();
    Ok(material)
}
