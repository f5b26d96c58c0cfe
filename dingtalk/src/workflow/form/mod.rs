//! Form values (表单控件值): written one way, read back another.
//!
//! [`FormValue`] writes, [`FormValues`] reads, [`FormSchema`] knows what a template wants.

mod read;
mod schema;
mod value;

use std::fmt;

use erplink_core::open_enum;

pub use read::{FormComponent, FormRow, FormValues};
pub use schema::{FormSchema, SchemaComponent};
pub use value::FormValue;

use crate::error::Error;

open_enum! {
    /// The kind of a form component (控件类型).
    pub enum ComponentType {
        /// 单行输入框, one line of text.
        Text = "TextField",
        /// 多行输入框, several lines of text.
        Textarea = "TextareaField",
        /// 数字输入框, a number.
        Number = "NumberField",
        /// 金额, an amount.
        Money = "MoneyField",
        /// 单选框, one of a list.
        Select = "DDSelectField",
        /// 多选框, several of a list.
        MultiSelect = "DDMultiSelectField",
        /// 日期, a date, with or without time of day.
        Date = "DDDateField",
        /// 时间区间, two dates.
        DateRange = "DDDateRangeField",
        /// 电话.
        Phone = "PhoneField",
        /// 图片, images.
        Photo = "DDPhotoField",
        /// 附件, files.
        Attachment = "DDAttachment",
        /// 联系人, people.
        Contact = "InnerContactField",
        /// 部门, departments.
        Department = "DepartmentField",
        /// 关联审批单, other instances.
        Relate = "RelateField",
        /// 省市区, province, city, district.
        Address = "AddressField",
        /// 评分, stars.
        StarRating = "StarRatingField",
        /// 时间地点, a time and a place.
        TimeAndLocation = "TimeAndLocationField",
        /// 身份证, an identity card.
        IdCard = "IdCardField",
        /// 明细/表格, rows of components.
        Table = "TableField",
        /// 文字说明, a note without value.
        Note = "TextNote",
        /// 关联表单, another form. Read only.
        FormRelate = "FormRelateField",
        /// 手写签名, a signature. Read only.
        Signature = "SignatureField",
    }
}

impl ComponentType {
    /// Whether a value written for `self` is a value of a component of type `other` as well: plain
    /// text fits everywhere plain text goes, a number where digits go.
    fn fits(&self, other: &Self) -> bool {
        self == other || (self.shape() == other.shape() && self.shape() != Shape::Own)
    }

    fn shape(&self) -> Shape {
        match self {
            Self::Text | Self::Textarea | Self::Phone | Self::IdCard => Shape::Plain,
            Self::Number | Self::Money | Self::StarRating => Shape::Digits,
            _ => Shape::Own,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Plain,
    Digits,
    /// Nothing else is written like it.
    Own,
}

/// A form value that cannot be sent, or one that is not what it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormError {
    label: String,
    problem: String,
    reading: bool,
}

impl FormError {
    fn writing(label: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { label: label.into(), problem: problem.into(), reading: false }
    }

    fn reading(label: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { label: label.into(), problem: problem.into(), reading: true }
    }

    /// The label of the component, `table / column` inside a table.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    fn inside(mut self, table: &str, row: usize) -> Self {
        self.label = format!("{table}[{row}] / {}", self.label);
        self
    }
}

impl fmt::Display for FormError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "form component `{}`: {}", self.label, self.problem)
    }
}

impl std::error::Error for FormError {}

impl From<FormError> for Error {
    fn from(error: FormError) -> Self {
        if error.reading {
            Self::new(erplink_core::ErrorKind::Decode, error.to_string())
        } else {
            Self::invalid(error.to_string())
        }
    }
}
