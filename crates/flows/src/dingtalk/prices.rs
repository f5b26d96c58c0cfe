use async_trait::async_trait;
use b1_servicelayer::Client;
use dingtalk::workflow::{FormComponent, FormError, FormValues, Instance, Outcome};
use erplink_sync::Failure;
use erplink_sync::ports::{Outgoing, Pushed, Target};
use serde::{Deserialize, Serialize};

use super::ended_instance;
use crate::b1::Quotation;

/// The labels of the controls of a quotation form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PriceControls {
    /// The item (物料).
    pub item: String,
    /// The business partner (业务伙伴).
    pub partner: String,
    /// The price.
    pub price: String,
    /// The currency.
    pub currency: String,
    /// The first day.
    pub from: String,
    /// The last day.
    pub to: String,
    /// The number of the price list (价目表); 1 when it is empty.
    pub price_list: String,
    /// The table with one price a row. A form without it has one price in its own controls.
    pub table: String,
}

impl Default for PriceControls {
    fn default() -> Self {
        Self {
            item: "物料编码".to_owned(),
            partner: "业务伙伴编码".to_owned(),
            price: "价格".to_owned(),
            currency: "币种".to_owned(),
            from: "生效日期".to_owned(),
            to: "失效日期".to_owned(),
            price_list: "价目表".to_owned(),
            table: "价格明细".to_owned(),
        }
    }
}

/// Makes the prices of an approved form (业务报价, 采购核价) special prices (特殊价格) of the ERP.
#[derive(Clone, Debug)]
pub struct SavePrices {
    b1: Client,
    dingtalk: dingtalk::Client,
    controls: PriceControls,
}

impl SavePrices {
    /// For forms with these controls.
    #[must_use]
    pub fn new(b1: Client, dingtalk: dingtalk::Client, controls: PriceControls) -> Self {
        Self { b1, dingtalk, controls }
    }

    fn quotations(&self, instance: &Instance) -> Result<Vec<Quotation>, Failure> {
        let form = instance.form();
        match form.get(&self.controls.table) {
            Some(table) => {
                let rows = table.rows().map_err(Failure::park)?;
                rows.iter().map(|row| self.quotation(row)).collect()
            }
            None => Ok(vec![self.quotation(form)?]),
        }
    }

    fn quotation(&self, form: &FormValues) -> Result<Quotation, Failure> {
        let controls = &self.controls;
        let price_list = filled(form, &controls.price_list, FormComponent::integer)?.unwrap_or(1);
        Ok(Quotation {
            item: required(form, &controls.item, text)?,
            partner: required(form, &controls.partner, text)?,
            price: required(form, &controls.price, FormComponent::decimal)?,
            currency: required(form, &controls.currency, text)?,
            from: required(form, &controls.from, FormComponent::date)?,
            to: required(form, &controls.to, FormComponent::date)?,
            price_list: i32::try_from(price_list).map_err(Failure::park)?,
        })
    }
}

type Read<T> = fn(&FormComponent) -> Result<Option<T>, FormError>;

fn text(component: &FormComponent) -> Result<Option<String>, FormError> {
    Ok(component.text().map(str::to_owned))
}

fn filled<T>(form: &FormValues, label: &str, read: Read<T>) -> Result<Option<T>, Failure> {
    form.require(label).and_then(read).map_err(Failure::park)
}

fn required<T>(form: &FormValues, label: &str, read: Read<T>) -> Result<T, Failure> {
    filled(form, label, read)?
        .ok_or_else(|| Failure::park(format!("`{label}` of the form is empty")))
}

#[async_trait]
impl Target for SavePrices {
    fn system(&self) -> &str {
        crate::b1::SYSTEM
    }

    /// It looks for the price before it writes.
    fn is_repeatable(&self) -> bool {
        true
    }

    async fn push(&self, document: &Outgoing) -> Result<Pushed, Failure> {
        let (_, instance) = ended_instance(&self.dingtalk, document).await?;
        if instance.outcome() != Outcome::Approved {
            return Ok(Pushed::nothing("not approved: no price changes"));
        }
        let quotations = self.quotations(&instance)?;
        for quotation in &quotations {
            quotation.save(&self.b1).await?;
        }
        let names: Vec<_> =
            quotations.iter().map(|one| format!("{}/{}", one.partner, one.item)).collect();
        Ok(Pushed::new(names.join(", ")))
    }
}
