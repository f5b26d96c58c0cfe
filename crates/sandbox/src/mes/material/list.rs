//! `POST …/material/_list`, `_detail`, `_start`, `_stop`.

use super::Material;
use crate::mes::fields::Fields;
use crate::mes::page::{Row, Window, page};
use crate::mes::refusal::Refusal;
use crate::mes::request::Request;
use crate::mes::world::World;
use crate::servicelayer::json::Json;

pub(in crate::mes) const MEMBERS: &[&str] = &[
    "idList",
    "codeList",
    "code",
    "name",
    "qrCode",
    "enableFlag",
    "batchManagementEnable",
    "categoryIds",
    "quickSearch",
    "bizRange",
    "bizType",
    "specification",
    "updateStartTime",
    "updateEndTime",
];

pub(in crate::mes) fn list(world: &mut World, request: &Request) -> Result<Json, Refusal> {
    let fields = request.fields();
    let wanted = Wanted::read(&fields, world.quirks.fuzzy_material_code)?;
    let found = world.materials.values().filter(|material| wanted.admits(material));
    let rows = found.map(|material| Row { id: material.id, shown: material.row(world) }).collect();
    page(world, &fields, rows)
}

struct Wanted<'a> {
    ids: Vec<i64>,
    codes: Vec<&'a str>,
    code: Option<&'a str>,
    fuzzy_code: bool,
    name: &'a str,
    qr_code: Option<&'a str>,
    enabled: Option<bool>,
    batch_managed: Option<bool>,
    categories: Vec<i64>,
    quick: &'a str,
    ranges: Vec<i64>,
    types: Vec<i64>,
    specification: &'a str,
    updated: Window,
}

impl<'a> Wanted<'a> {
    fn read(fields: &Fields<'a>, fuzzy_code: bool) -> Result<Self, Refusal> {
        Ok(Wanted {
            ids: fields.ints("idList")?,
            codes: fields.texts("codeList")?,
            code: fields.text("code")?,
            fuzzy_code,
            name: fields.text("name")?.unwrap_or_default(),
            qr_code: fields.text("qrCode")?,
            enabled: fields.flag("enableFlag")?,
            batch_managed: fields.flag("batchManagementEnable")?,
            categories: fields.ints("categoryIds")?,
            quick: fields.text("quickSearch")?.unwrap_or_default(),
            ranges: fields.ints("bizRange")?,
            types: fields.ints("bizType")?,
            specification: fields.text("specification")?.unwrap_or_default(),
            updated: Window::read(fields, "updateStartTime", "updateEndTime")?,
        })
    }

    fn admits(&self, material: &Material) -> bool {
        let Material { code, name, specification, .. } = material;
        let matches_code = |wanted: &str| {
            if self.fuzzy_code { code.contains(wanted) } else { code == wanted }
        };
        (self.ids.is_empty() || self.ids.contains(&material.id))
            && (self.codes.is_empty() || self.codes.contains(&code.as_str()))
            && self.code.is_none_or(matches_code)
            && name.contains(self.name)
            && self.qr_code.is_none_or(|wanted| code == wanted)
            && self.enabled.is_none_or(|wanted| material.enabled == wanted)
            && self.batch_managed.is_none_or(|wanted| material.batch_managed == wanted)
            && (self.categories.is_empty()
                || material.category.is_some_and(|id| self.categories.contains(&id)))
            && [code, name, specification].iter().any(|text| text.contains(self.quick))
            && (self.ranges.is_empty()
                || self.ranges.iter().any(|range| material.biz_range.contains(range)))
            && (self.types.is_empty() || self.types.contains(&material.biz_type))
            && specification.contains(self.specification)
            && self.updated.holds(material.updated_at)
    }
}

/// `{"id"}`
pub(in crate::mes) fn detail(world: &mut World, request: &Request) -> Result<Json, Refusal> {
    let material = world.material(request.fields().required_int("id")?)?;
    let none = Vec::<Json>::new;
    let shown = material.row(world).with("batchNoRule", Json::Null).with("batchAttrs", none());
    let shown = shown.with("inventoryAttrs", none()).with("auxUnit", Json::Null);
    Ok(shown.with("customFields", none()).into())
}

/// Puts all of `ids` into the state, or none of them.
fn switch(world: &mut World, request: &Request, on: bool) -> Result<Json, Refusal> {
    let fields = request.fields();
    let ids = fields.ints("ids")?;
    if ids.is_empty() {
        return Err(fields.absent("ids"));
    }
    for id in &ids {
        let material = world.material(*id)?;
        if world.quirks.refuse_repeated_stop && material.enabled == on {
            let state = if on { "启用" } else { "停用" };
            return Err(Refusal::state(format!("物料【{}】已{state}", material.code)));
        }
    }
    for id in ids {
        if let Some(material) = world.materials.get_mut(&id) {
            material.enabled = on;
            material.updated_at = request.at();
        }
    }
    Ok(Json::Null)
}

pub(in crate::mes) fn start(world: &mut World, request: &Request) -> Result<Json, Refusal> {
    switch(world, request, true)
}

pub(in crate::mes) fn stop(world: &mut World, request: &Request) -> Result<Json, Refusal> {
    switch(world, request, false)
}
