use b1_servicelayer::entities::{SpecialPrice, SpecialPriceDataArea, SpecialPriceKey};
use b1_servicelayer::enums::BoYesNoEnum;
use b1_servicelayer::{Client, Decimal};
use chrono::NaiveDate;
use erplink_sync::Failure;

/// A price that was agreed for an item and a business partner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quotation {
    /// The item (物料).
    pub item: String,
    /// The business partner (业务伙伴).
    pub partner: String,
    /// The price.
    pub price: Decimal,
    /// The currency.
    pub currency: String,
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// The number of the price list (价目表).
    pub price_list: i32,
}

impl Quotation {
    /// Makes it a special price (特殊价格) of the ERP.
    ///
    /// A price that exists is changed; a validity with the same first day is changed, another is
    /// added. A second time changes nothing.
    ///
    /// # Errors
    /// When the ERP refuses it, such as for a date that overlaps with another.
    pub async fn save(&self, b1: &Client) -> Result<(), Failure> {
        let key = SpecialPriceKey { card_code: self.partner.clone(), item_code: self.item.clone() };
        let record = b1.special_prices().key(key);
        let Some(known) = record.clone().find().await? else {
            let mut price = self.price(None);
            price.card_code = Some(self.partner.clone());
            price.item_code = Some(self.item.clone());
            b1.special_prices().create(&price).await?;
            return Ok(());
        };
        let periods = known.special_price_data_areas.as_deref().unwrap_or_default();
        let same_start = periods.iter().find(|period| period.date_from == Some(self.from));
        let row = same_start.and_then(|period| period.row_number);
        Ok(record.update(self.price(row)).await?)
    }

    fn price(&self, row_number: Option<i32>) -> SpecialPrice {
        let period = SpecialPriceDataArea {
            row_number,
            date_from: Some(self.from),
            dateto: Some(self.to),
            special_price: Some(self.price),
            price_currency: Some(self.currency.clone()),
            price_list_no: Some(self.price_list),
            auto_update: Some(BoYesNoEnum::No),
            ..Default::default()
        };
        SpecialPrice {
            price: Some(self.price),
            currency: Some(self.currency.clone()),
            price_list_num: Some(self.price_list),
            valid: Some(BoYesNoEnum::Yes),
            special_price_data_areas: Some(vec![period]),
            ..Default::default()
        }
    }
}
