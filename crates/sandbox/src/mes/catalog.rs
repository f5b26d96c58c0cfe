//! What a factory sets up once: units, categories, attributes, people, places, routes; and the calls
//! for units, categories and attributes.

use super::fields::Fields;
use super::page::{Row, page};
use super::refusal::Refusal;
use super::request::Request;
use super::show;
use super::world::World;
use crate::servicelayer::json::{Json, Object};

/// Anything that has no more than a code and a name.
#[derive(Debug, Clone)]
pub(super) struct Named {
    pub(super) id: i64,
    pub(super) code: String,
    pub(super) name: String,
}

/// A unit of measure (单位).
#[derive(Debug, Clone)]
pub(super) struct Unit {
    pub(super) id: i64,
    pub(super) code: String,
    pub(super) name: String,
    pub(super) remark: String,
    /// Digits behind the point.
    pub(super) precision: i64,
    pub(super) enabled: bool,
}

/// A category of materials (物料分类).
#[derive(Debug, Clone)]
pub(super) struct Category {
    pub(super) id: i64,
    pub(super) code: String,
    pub(super) name: String,
    pub(super) parent: Option<i64>,
    /// From 1 to 4.
    pub(super) level: i64,
}

/// An attribute of materials (物料属性) and its values.
#[derive(Debug, Clone)]
pub(super) struct Attribute {
    pub(super) name: String,
    pub(super) items: Vec<String>,
}

/// The operations a product goes through: number and code of each.
#[derive(Debug, Clone)]
pub(super) struct Route {
    pub(super) product: String,
    pub(super) steps: Vec<(String, String)>,
}

impl Category {
    fn is_leaf(&self, world: &World) -> bool {
        !world.categories.iter().any(|other| other.parent == Some(self.id))
    }

    pub(super) fn show(&self, world: &World) -> Object {
        let leaf = self.is_leaf(world);
        object! {
            "id": self.id, "code": self.code.as_str(), "name": self.name.as_str(),
            "level": self.level, "count": "0", "leaf": show::yes_no(leaf),
            "enableFlag": show::enabled(true), "orgId": world.org_id, "remark": "",
        }
    }
}

impl World {
    pub(super) fn category(&self, id: i64) -> Option<&Category> {
        self.categories.iter().find(|category| category.id == id)
    }

    /// A category that materials may belong to.
    pub(super) fn leaf_category(&self, name: &str) -> Result<&Category, Refusal> {
        let category = self.categories.iter().find(|category| category.name == name);
        let category = category.ok_or_else(|| {
            Refusal::named("CATEGORY_NOT_EXIST", format!("物料分类【{name}】不存在"))
        })?;
        if category.is_leaf(self) {
            Ok(category)
        } else {
            Err(Refusal::named("CATEGORY_NOT_LEAF", format!("物料分类【{name}】不是末级分类")))
        }
    }

    /// The definition of an operation; a code that is new gets one.
    pub(super) fn operation(&mut self, code: &str, name: Option<&str>) -> Named {
        if let Some(known) = self.operations.iter().find(|one| one.code == code) {
            return known.clone();
        }
        let name = name.unwrap_or(code).to_owned();
        let operation = Named { id: self.ids.draw(), code: code.to_owned(), name };
        self.operations.push(operation.clone());
        operation
    }
}

/// One of a list by its code.
pub(super) fn find<'a>(list: &'a [Named], what: &str, code: &str) -> Result<&'a Named, Refusal> {
    let found = list.iter().find(|one| one.code == code);
    found.ok_or_else(|| Refusal::missing(format!("{what}【{code}】不存在")))
}

pub(super) const UNIT_LIST: &[&str] = &["idList", "codeList", "code", "name", "enableFlag"];

/// `POST …/unit/_list`.
pub(super) fn list_units(world: &mut World, request: &Request) -> Result<Json, Refusal> {
    let fields = request.fields();
    let filter = CodeFilter::read(&fields)?;
    let enabled = fields.flag("enableFlag")?;
    let units = world.units.iter().filter(|unit| {
        filter.admits(unit.id, &unit.code, &unit.name)
            && enabled.is_none_or(|on| unit.enabled == on)
    });
    let rows = units.map(|unit| Row { id: unit.id, shown: show::unit(world, unit) }).collect();
    page(world, &fields, rows)
}

/// `POST …/unit/_detail {"id"}`.
pub(super) fn unit_detail(world: &mut World, request: &Request) -> Result<Json, Refusal> {
    let id = request.fields().required_int("id")?;
    let unit = world.unit(id).ok_or_else(|| Refusal::missing(format!("单位 {id} 不存在")))?;
    Ok(show::unit(world, unit).into())
}

/// `POST …/unit/_start`, `POST …/unit/_stop` `{"ids":[]}`.
fn switch_units(world: &mut World, request: &Request, on: bool) -> Result<Json, Refusal> {
    let ids = request.fields().ints("ids")?;
    for id in &ids {
        world.unit(*id).ok_or_else(|| Refusal::missing(format!("单位 {id} 不存在")))?;
    }
    for unit in world.units.iter_mut().filter(|unit| ids.contains(&unit.id)) {
        unit.enabled = on;
    }
    Ok(Json::Null)
}

pub(super) fn start_units(world: &mut World, request: &Request) -> Result<Json, Refusal> {
    switch_units(world, request, true)
}

pub(super) fn stop_units(world: &mut World, request: &Request) -> Result<Json, Refusal> {
    switch_units(world, request, false)
}

/// `POST …/material/attribute/_doimport`: an attribute and its values.
pub(super) fn import_attribute(world: &mut World, request: &Request) -> Result<Json, Refusal> {
    let fields = request.fields();
    let name = fields.code("attribute")?;
    let items: Vec<_> = fields.required_text("attributeItem")?.split([',', '，']).collect();
    let distinct: std::collections::BTreeSet<_> = items.iter().collect();
    if distinct.len() != items.len() {
        return Err(fields.invalid("attributeItem", "属性值重复"));
    }
    let known = world.attributes.iter().position(|one| one.name == name);
    let index = known.unwrap_or(world.attributes.len());
    if known.is_none() {
        world.attributes.push(Attribute { name: name.to_owned(), items: Vec::new() });
    }
    if let Some(attribute) = world.attributes.get_mut(index) {
        for item in items {
            if !attribute.items.iter().any(|known| known == item) {
                attribute.items.push(item.to_owned());
            }
        }
    }
    Ok(Json::Null)
}

/// Name and code of each level, as the wire spells them.
pub(super) const CATEGORY_LEVELS: [(&str, &str); 4] = [
    ("categoryName", "categoryCode"),
    ("secondCategoryName", "secondCategoryCode"),
    ("thirdCategoryName", "thirdCategoryCode"),
    ("forthCategoryName", "forthCategoryCode"),
];

/// `POST …/material/category/_doimport`: a path of categories.
pub(super) fn import_category(world: &mut World, request: &Request) -> Result<Json, Refusal> {
    let fields = request.fields();
    let mut path = Vec::new();
    for (index, (name, code)) in CATEGORY_LEVELS.into_iter().enumerate() {
        if index > 0 && !fields.has(name) && !fields.has(code) {
            break;
        }
        path.push((fields.code(name)?, fields.code(code)?));
    }
    let mut parent = None;
    for (level, (name, code)) in (1..).zip(path) {
        let known = world.categories.iter_mut().find(|category| category.code == code);
        let id = match known {
            Some(category) if category.parent == parent => {
                name.clone_into(&mut category.name);
                category.id
            }
            Some(_) => return Err(Refusal::parameter(format!("分类编号【{code}】已在其他上级下"))),
            None => {
                let id = world.ids.draw();
                let (code, name) = (code.to_owned(), name.to_owned());
                world.categories.push(Category { id, code, name, parent, level });
                id
            }
        };
        parent = Some(id);
    }
    Ok(Json::Null)
}

pub(super) const CATEGORY_LIST: &[&str] = &["codeList", "nameList", "code", "name"];

/// `POST …/material/category/_list`.
pub(super) fn list_categories(world: &mut World, request: &Request) -> Result<Json, Refusal> {
    let fields = request.fields();
    let filter = CodeFilter::read(&fields)?;
    let categories = (world.categories.iter())
        .filter(|category| filter.admits(category.id, &category.code, &category.name));
    let rows = categories.map(|category| Row {
        id: category.id,
        shown: object! {
            "id": category.id, "code": category.code.as_str(), "name": category.name.as_str(),
            "level": category.level, "remark": "",
            "leaf": i64::from(category.is_leaf(world)),
        },
    });
    let rows = rows.collect();
    page(world, &fields, rows)
}

/// The filters on id, code and name that lists have: exact in the lists, fuzzy in the texts.
struct CodeFilter<'a> {
    ids: Vec<i64>,
    codes: Vec<&'a str>,
    names: Vec<&'a str>,
    code: &'a str,
    name: &'a str,
}

impl<'a> CodeFilter<'a> {
    fn read(fields: &Fields<'a>) -> Result<Self, Refusal> {
        Ok(CodeFilter {
            ids: fields.ints("idList")?,
            codes: fields.texts("codeList")?,
            names: fields.texts("nameList")?,
            code: fields.text("code")?.unwrap_or_default(),
            name: fields.text("name")?.unwrap_or_default(),
        })
    }

    fn admits(&self, id: i64, code: &str, name: &str) -> bool {
        (self.ids.is_empty() || self.ids.contains(&id))
            && (self.codes.is_empty() || self.codes.contains(&code))
            && (self.names.is_empty() || self.names.contains(&name))
            && code.contains(self.code)
            && name.contains(self.name)
    }
}
