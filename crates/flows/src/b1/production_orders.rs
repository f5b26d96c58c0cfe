use b1_servicelayer::entities::{Item, ProductionOrder};
use b1_servicelayer::enums::BoYesNoEnum;
use b1_servicelayer::{Client, Decimal, RawJson, Version};
use chrono::NaiveDate;
use erplink_sync::Failure;
use serde::{Deserialize, Serialize};

/// The object type of production orders, as documents name what they are based on.
const BASE_TYPE: i32 = 202;

/// Which number of a production order (生产订单) other systems know it by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderNumber {
    /// `AbsoluteEntry`, the key.
    #[default]
    AbsoluteEntry,
    /// `DocumentNumber`, which people see.
    DocumentNumber,
}

impl OrderNumber {
    /// The property.
    #[must_use]
    pub fn property(self) -> &'static str {
        match self {
            Self::AbsoluteEntry => "AbsoluteEntry",
            Self::DocumentNumber => "DocumentNumber",
        }
    }

    /// The order with this number; `None` if there is none.
    ///
    /// # Errors
    /// When the ERP cannot be asked, or several orders have the number.
    pub async fn find(self, b1: &Client, number: i32) -> Result<Option<ProductionOrder>, Failure> {
        if self == Self::AbsoluteEntry {
            return Ok(b1.production_orders().key(number).find().await?);
        }
        let same = ProductionOrder::DOCUMENT_NUMBER.eq(number);
        let mut found = b1.production_orders().filter(same).top(2).all().await?.into_iter();
        match (found.next(), found.next()) {
            (order, None) => Ok(order),
            _ => Err(Failure::park(format!(
                "several production orders have the DocumentNumber {number}: the series \
                 (编号系列) of the site overlap; use AbsoluteEntry"
            ))),
        }
    }
}

/// A line of a goods receipt or goods issue that is based on a production order.
#[derive(Clone, Debug)]
pub(crate) struct ProductionLine<'a> {
    /// `AbsoluteEntry` of the order.
    pub order: i32,
    /// `LineNumber` of the component; `None`: the product.
    pub component: Option<i32>,
    /// The item. The line itself must not name it; its batches do.
    pub item: &'a str,
    pub quantity: Decimal,
    pub warehouse: Option<&'a str>,
    /// Empty: none.
    pub batch: &'a str,
    /// When the batch came.
    pub day: Option<NaiveDate>,
}

/// The line as the Service Layer takes it.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Line<'a> {
    base_type: i32,
    base_entry: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    base_line: Option<i32>,
    #[serde(with = "erplink_core::decimal")]
    quantity: Decimal,
    #[serde(skip_serializing_if = "Option::is_none")]
    warehouse_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    batch_numbers: Vec<Batch<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Batch<'a> {
    /// Its number, first version.
    #[serde(skip_serializing_if = "Option::is_none")]
    batch_number: Option<&'a str>,
    /// Its number, second version.
    #[serde(skip_serializing_if = "Option::is_none")]
    batch_number_property: Option<&'a str>,
    #[serde(with = "erplink_core::decimal")]
    quantity: Decimal,
    item_code: &'a str,
    base_line_number: i32,
    /// So spelt.
    #[serde(rename = "AddmisionDate", skip_serializing_if = "Option::is_none")]
    admission_date: Option<NaiveDate>,
}

impl ProductionLine<'_> {
    /// As JSON, with a batch if the item is managed by batches (批次管理).
    pub(crate) async fn write(&self, b1: &Client) -> Result<RawJson, Failure> {
        let batches = match self.has_batches(b1).await? {
            true => vec![self.batch(b1.version())?],
            false => Vec::new(),
        };
        let line = Line {
            base_type: BASE_TYPE,
            base_entry: self.order,
            base_line: self.component,
            quantity: self.quantity,
            warehouse_code: self.warehouse,
            batch_numbers: batches,
        };
        RawJson::of(&line).map_err(Failure::park)
    }

    async fn has_batches(&self, b1: &Client) -> Result<bool, Failure> {
        let same = Item::ITEM_CODE.eq(self.item);
        let item = b1.items().filter(same).select(Item::MANAGE_BATCH_NUMBERS).first().await?;
        let item = item.ok_or_else(|| {
            Failure::park(format!("the ERP has no item `{}`, or not any more", self.item))
        })?;
        Ok(item.manage_batch_numbers == Some(BoYesNoEnum::Yes))
    }

    fn batch(&self, version: Version) -> Result<Batch<'_>, Failure> {
        if self.batch.is_empty() {
            return Err(Failure::park(format!(
                "the ERP keeps `{}` by batches (批次管理), and the MES names no batch: switch the \
                 batches of the material on in the MES too, and book this one by hand",
                self.item
            )));
        }
        let number = Some(self.batch);
        let (batch_number, batch_number_property) = match version {
            Version::V1 => (number, None),
            Version::V2 => (None, number),
        };
        Ok(Batch {
            batch_number,
            batch_number_property,
            quantity: self.quantity,
            item_code: self.item,
            base_line_number: 0,
            admission_date: self.day,
        })
    }
}
