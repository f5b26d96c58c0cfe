//! Batches (批次) and serial numbers (序列号) of lines.

use chrono::NaiveDate;

use crate::{ComplexType, Decimal, UserFields};

/// A batch of a line (批次).
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct BatchNumber {
    /// Number of the batch (批次号). Named `BatchNumberProperty` in the second version of the service.
    #[entity(v2 = "BatchNumberProperty")]
    pub batch_number: Option<String>,
    /// First attribute of the batch.
    pub manufacturer_serial_number: Option<String>,
    /// Second attribute of the batch.
    pub internal_serial_number: Option<String>,
    /// Last day of use (失效日期).
    pub expiry_date: Option<NaiveDate>,
    /// Day of manufacture (生产日期).
    pub manufacturing_date: Option<NaiveDate>,
    /// Day of receipt (入库日期). The server misspells it so.
    pub addmision_date: Option<NaiveDate>,
    /// Place.
    pub location: Option<String>,
    /// Remarks.
    pub notes: Option<String>,
    /// Quantity from this batch.
    pub quantity: Option<Decimal>,
    /// Index of the line of the document, from 0.
    pub base_line_number: Option<i32>,
    /// Tracking note.
    pub tracking_note: Option<i32>,
    /// Line of the tracking note.
    pub tracking_note_line: Option<i32>,
    /// Code of the item.
    pub item_code: Option<String>,
    /// Number that the system gave the batch.
    pub system_serial_number: Option<i32>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}

/// A serial number of a line (序列号).
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct SerialNumber {
    /// The manufacturer's serial number.
    pub manufacturer_serial_number: Option<String>,
    /// The company's serial number.
    pub internal_serial_number: Option<String>,
    /// Last day of use.
    pub expiry_date: Option<NaiveDate>,
    /// Day of manufacture.
    pub manufacture_date: Option<NaiveDate>,
    /// Day of receipt.
    pub reception_date: Option<NaiveDate>,
    /// First day of the warranty.
    pub warranty_start: Option<NaiveDate>,
    /// Last day of the warranty.
    pub warranty_end: Option<NaiveDate>,
    /// Place.
    pub location: Option<String>,
    /// Remarks.
    pub notes: Option<String>,
    /// Batch that it belongs to.
    #[entity(name = "BatchID")]
    pub batch_id: Option<String>,
    /// Number that the system gave it.
    pub system_serial_number: Option<i32>,
    /// Index of the line of the document, from 0.
    pub base_line_number: Option<i32>,
    /// Quantity: one.
    pub quantity: Option<Decimal>,
    /// Tracking note.
    pub tracking_note: Option<i32>,
    /// Line of the tracking note.
    pub tracking_note_line: Option<i32>,
    /// Code of the item.
    pub item_code: Option<String>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}
