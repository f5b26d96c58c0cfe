//! Materials (物料).

pub(super) mod by_id;
pub(super) mod import;
pub(super) mod list;

use super::show;
use super::world::World;
use crate::servicelayer::json::Object;

/// A material.
#[derive(Debug, Clone)]
pub(super) struct Material {
    pub(super) id: i64,
    pub(super) code: String,
    pub(super) name: String,
    /// Id of the main unit.
    pub(super) unit: i64,
    /// 0 虚拟件, 1 默认, 2 在制品.
    pub(super) biz_type: i64,
    pub(super) biz_range: Vec<i64>,
    pub(super) category: Option<i64>,
    /// Name and value of each attribute.
    pub(super) attributes: Vec<(String, String)>,
    pub(super) specification: String,
    pub(super) remark: String,
    pub(super) batch_managed: bool,
    pub(super) enabled: bool,
    pub(super) conversions: Vec<Conversion>,
    pub(super) created_at: i64,
    pub(super) updated_at: i64,
    /// What was last written about it, as it was sent.
    pub(super) written: Object,
}

/// A further unit of a material.
#[derive(Debug, Clone)]
pub(super) struct Conversion {
    pub(super) id: i64,
    pub(super) unit: i64,
    /// 1 conversion (转换单位), 2 auxiliary (辅助单位).
    pub(super) kind: i64,
    /// So many of this unit …
    pub(super) to_count: String,
    /// … are so many main units.
    pub(super) from_count: String,
}

/// 仓储, 采购, 销售, 自制, 质量, 投料, numbered from 1.
pub(super) const BIZ_RANGES: [&str; 6] = ["仓储", "采购", "销售", "自制", "质量", "投料"];

impl Material {
    pub(super) fn new(id: i64, code: &str, name: &str, unit: i64, at: i64) -> Self {
        Material {
            id,
            code: code.to_owned(),
            name: name.to_owned(),
            unit,
            biz_type: 1,
            biz_range: (1..=6).collect(),
            category: None,
            attributes: Vec::new(),
            specification: String::new(),
            remark: String::new(),
            batch_managed: false,
            enabled: true,
            conversions: Vec::new(),
            created_at: at,
            updated_at: at,
            written: Object::default(),
        }
    }

    fn biz_ranges(&self) -> Vec<Object> {
        let name = |range: i64| {
            let known = (1..).zip(BIZ_RANGES).find(|(number, _)| *number == range);
            known.map_or("", |(_, name)| name)
        };
        self.biz_range.iter().map(|range| show::coded(*range, name(*range))).collect()
    }

    fn biz_type(&self) -> Object {
        let message = match self.biz_type {
            0 => "虚拟件",
            1 => "默认",
            _ => "在制品",
        };
        show::coded(self.biz_type, message)
    }

    pub(super) fn base_info(&self, world: &World) -> Object {
        object! {
            "id": self.id, "orgId": world.org_id, "code": self.code.as_str(),
            "name": self.name.as_str(), "qrCode": self.code.as_str(),
            "remark": self.remark.as_str(), "specification": self.specification.as_str(),
            "enableFlag": show::enabled(self.enabled), "bizType": self.biz_type(),
            "bizRange": self.biz_ranges(),
        }
    }

    pub(super) fn conversions(&self, world: &World) -> Vec<Object> {
        let name = |id: i64| world.unit(id).map(|unit| unit.name.as_str());
        let shown = self.conversions.iter().filter(|one| one.kind == 1).map(|one| {
            object! {
                "id": one.id, "orgId": world.org_id, "fromUnitId": self.unit,
                "fromUnitName": name(self.unit), "fromUnitCount": one.from_count.as_str(),
                "toUnitId": one.unit, "toUnitName": name(one.unit),
                "toUnitCount": one.to_count.as_str(),
            }
        });
        shown.collect()
    }

    /// The row of the list, which the detail repeats.
    pub(super) fn row(&self, world: &World) -> Object {
        let category = self.category.and_then(|id| world.category(id)).map(|category| {
            object! {
                "relationId": category.id, "materialId": self.id,
                "categoryIds": vec![category.id], "categoryName": category.name.as_str(),
            }
        });
        let attributes: Vec<_> = (1_i64..)
            .zip(&self.attributes)
            .map(|(index, (name, item))| {
                object! {
                    "attributeName": name.as_str(), "attributeItemName": item.as_str(),
                    "index": index,
                }
            })
            .collect();
        let auxiliary = self.conversions.iter().filter(|one| one.kind == 2);
        let auxiliary: Vec<_> = auxiliary
            .filter_map(|one| world.unit(one.unit))
            .map(|unit| show::unit(world, unit))
            .collect();
        let unit = world.unit(self.unit);
        object! {
            "orgId": world.org_id, "id": self.id, "code": self.code.as_str(),
            "name": self.name.as_str(), "qrCode": self.code.as_str(),
            "remark": self.remark.as_str(), "createdAt": self.created_at,
            "updatedAt": self.updated_at, "enableFlag": show::enabled(self.enabled),
            "bizType": self.biz_type(), "bizRange": self.biz_ranges(), "category": category,
            "unitName": unit.map(|unit| unit.name.as_str()),
            "unit": unit.map(|unit| show::unit(world, unit)),
            "conversionUnits": self.conversions(world), "auxUnitList": auxiliary,
            "attributes": attributes, "documents": Vec::<Object>::new(),
            "specification": self.specification.as_str(),
            "batchManagementEnable": show::yes_no(self.batch_managed),
        }
    }
}
