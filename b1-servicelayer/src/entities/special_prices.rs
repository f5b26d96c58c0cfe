//! Special prices (特殊价格).

use chrono::NaiveDate;

use crate::enums::{BoYesNoEnum, SourceCurrencyEnum};
use crate::{ComplexType, Decimal, Entity, UserFields};

/// The special price of an item for one partner (特殊价格), set `SpecialPrices`.
#[derive(Clone, Debug, Default, PartialEq, Entity)]
#[entity(set = "SpecialPrices", key("ItemCode", "CardCode"))]
pub struct SpecialPrice {
    /// Code of the item; part of the key.
    pub item_code: Option<String>,
    /// Code of the partner, or `*1`, `*2`, … for everybody on that price list; part of the key.
    pub card_code: Option<String>,
    /// Special price of one unit.
    pub price: Option<Decimal>,
    /// Currency of the price.
    pub currency: Option<String>,
    /// Discount against the price list, in percent.
    pub discount_percent: Option<Decimal>,
    /// Number of the price list it starts from.
    pub price_list_num: Option<i32>,
    /// Whether it follows the price list.
    pub auto_update: Option<BoYesNoEnum>,
    /// Which of the item's prices it starts from.
    pub source_price: Option<SourceCurrencyEnum>,
    /// Whether it is in use.
    pub valid: Option<BoYesNoEnum>,
    /// First day of validity.
    pub valid_from: Option<NaiveDate>,
    /// Last day of validity.
    pub valid_to: Option<NaiveDate>,
    /// Prices for periods (期间).
    pub special_price_data_areas: Option<Vec<SpecialPriceDataArea>>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}

/// A special price for a period.
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct SpecialPriceDataArea {
    /// Number of the row.
    pub row_number: Option<i32>,
    /// Code of the item.
    pub item_no: Option<String>,
    /// Code of the partner.
    #[entity(name = "BPCode")]
    pub bp_code: Option<String>,
    /// First day of the period.
    pub date_from: Option<NaiveDate>,
    /// Last day of the period. The server spells it with a small “to”.
    pub dateto: Option<NaiveDate>,
    /// Special price of one unit.
    pub special_price: Option<Decimal>,
    /// Currency of the price.
    pub price_currency: Option<String>,
    /// Discount, in percent.
    pub discount: Option<Decimal>,
    /// Number of the price list it starts from.
    pub price_list_no: Option<i32>,
    /// Whether it follows the price list.
    pub auto_update: Option<BoYesNoEnum>,
    /// Prices for quantities in this period.
    pub special_price_quantity_areas: Option<Vec<SpecialPriceQuantityArea>>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}

/// A special price from a quantity on.
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct SpecialPriceQuantityArea {
    /// Number of the row.
    pub row_number: Option<i32>,
    /// Number of the row of the period.
    #[entity(name = "SPDARowNumber")]
    pub spda_row_number: Option<i32>,
    /// Lowest quantity.
    pub quantity: Option<Decimal>,
    /// Special price of one unit.
    pub special_price: Option<Decimal>,
    /// Currency of the price.
    pub price_currency: Option<String>,
    /// Discount, in percent. The server spells it so.
    pub discountin: Option<Decimal>,
    /// Number of the unit of measure.
    #[entity(name = "UoMEntry")]
    pub uom_entry: Option<i32>,
    /// Code of the item.
    pub item_no: Option<String>,
    /// Code of the partner.
    #[entity(name = "BPCode")]
    pub bp_code: Option<String>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}
