//! Objects that many answers hold.

use std::fmt;

use erplink_core::{Decimal, RawJson};

use crate::id::{Id, UnitId};
use crate::lenient::{Lenient, integer, model};
use crate::number_enum::number_enum;

/// A number with its name, as the MES writes states and kinds: `{"code": 3, "message": "执行中"}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeMessage<E> {
    /// What it means.
    pub code: E,
    /// What people read (empty where only the number came).
    pub message: String,
}

model! {
    #[allow(unreachable_pub)]
    pub struct Named {
        pub code: Option<i64>,
        pub message: String,
    }
}

impl<E: From<i64>> Lenient for CodeMessage<E> {
    fn read(text: &str) -> Result<Self, String> {
        if !text.starts_with('{') {
            return Ok(Self { code: integer(text)?.into(), message: String::new() });
        }
        let named = Named::read(text)?;
        let code = named.code.ok_or("it has no `code`")?.into();
        Ok(Self { code, message: named.message })
    }
}

impl<E: fmt::Display> fmt::Display for CodeMessage<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.message.as_str() {
            "" => self.code.fmt(f),
            message => f.write_str(message),
        }
    }
}

number_enum! {
    /// Whether a thing may be used (启用状态).
    pub enum Enabled {
        /// Stopped (停用).
        No = 0,
        /// In use (启用).
        Yes = 1,
    }

    /// Yes or no where the platform writes a number.
    pub enum Flag {
        /// No.
        No = 0,
        /// Yes.
        Yes = 1,
    }

    /// Quality of what was made or fed (质量状态).
    pub enum QcStatus {
        /// Qualified (合格).
        Qualified = 1,
        /// Accepted with concession (让步合格).
        Concession = 2,
        /// Waits for inspection (待检).
        Pending = 3,
        /// Rejected (不合格).
        Rejected = 4,
        /// On hold (暂控), of places.
        OnHold = 5,
    }

    /// How amounts are rounded (舍入方式).
    pub enum RoundingRole {
        /// Half up.
        HalfUp = 0,
        /// Half to even.
        HalfEven = 1,
        /// Away from zero.
        Up = 2,
        /// Towards zero.
        Down = 3,
    }

    /// Which role a unit plays for a material (单位类型).
    pub enum UnitType {
        /// Main unit (主单位).
        Main = 0,
        /// Conversion unit (转换单位).
        Conversion = 1,
        /// Auxiliary unit (辅助单位).
        Auxiliary = 2,
    }
}

model! {
    /// A person.
    pub struct UserRef {
        /// Id.
        pub id: Option<Id>,
        /// Number (工号).
        pub code: String,
        /// Name.
        pub name: String,
        /// Login, where it comes.
        pub username: String,
        /// Address of the picture.
        pub avatar_url: String,
    }

    /// A thing with code and name: a department, a resource, an equipment.
    pub struct CodeName {
        /// Id.
        pub id: Option<Id>,
        /// Code (编号).
        pub code: String,
        /// Name (名称).
        pub name: String,
    }

    /// An amount with its unit, for display (BaseAmountDisplay).
    pub struct AmountDisplay {
        /// The amount, exact. `None` when the account may not see it: not zero.
        pub amount: Option<Decimal>,
        /// As the MES prints it.
        pub amount_display: String,
        /// The unit's id.
        pub unit_id: Option<UnitId>,
        /// The unit's code.
        pub unit_code: String,
        /// The unit's name.
        pub unit_name: String,
    }

    /// An amount with its unit (BaseAmount).
    pub struct Amount {
        /// The amount, exact. `None` when the account may not see it: not zero.
        pub amount: Option<Decimal>,
        /// The unit.
        pub unit: Option<AmountUnit>,
    }

    /// The unit of an [`Amount`].
    pub struct AmountUnit {
        /// Id.
        pub id: Option<UnitId>,
        /// Code.
        pub code: String,
        /// Name.
        pub name: String,
        /// Whether amounts are rounded.
        pub enable_precision: bool,
        /// Digits after the point, 0 to 10.
        pub precision_figure: Option<i64>,
        /// How they are rounded.
        pub rounding_role: Option<RoundingRole>,
    }

    /// A unit of measure (单位).
    pub struct Unit {
        /// Id.
        pub id: Option<UnitId>,
        /// Code.
        pub code: String,
        /// Name: what imports call it by.
        pub name: String,
        /// Remark.
        pub remark: String,
        /// Its role for a material.
        pub unit_type: Option<UnitType>,
        /// Whether it may be used.
        pub enable_flag: Option<CodeMessage<Enabled>>,
        /// Whether amounts are rounded.
        pub enable_precision: Option<CodeMessage<Flag>>,
        /// How they are rounded.
        pub rounding_role: Option<CodeMessage<RoundingRole>>,
        /// Digits after the point, 0 to 10.
        pub precision_figure: Option<i64>,
    }

    /// How two units of a material convert.
    pub struct Conversion {
        /// Id.
        pub id: Option<Id>,
        /// From this unit …
        pub from_unit_id: Option<UnitId>,
        /// … by its name …
        pub from_unit_name: String,
        /// … so many …
        pub from_unit_count: Option<Decimal>,
        /// … are, of this unit …
        pub to_unit_id: Option<UnitId>,
        /// … by its name …
        pub to_unit_name: String,
        /// … so many.
        pub to_unit_count: Option<Decimal>,
    }

    /// A field of the tenant's own (自定义字段).
    pub struct CustomField {
        /// Id of the value.
        pub id: Option<Id>,
        /// Id of the field.
        pub field_id: Option<Id>,
        /// Code of the field.
        pub field_code: String,
        /// Name of the field.
        pub field_name: String,
        /// Kind of the field, by number.
        pub field_type: Option<i64>,
        /// The value, of any shape.
        pub field_value: Option<RawJson>,
        /// The value as exports print it.
        pub field_export_value: Option<RawJson>,
    }

    /// A table of the tenant's own (从对象).
    pub struct SonObject {
        /// Which table.
        pub object_code: String,
        /// Its fields.
        pub custom_fields: Vec<CustomField>,
    }
}
