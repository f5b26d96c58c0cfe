//! Prices agreed in DingTalk (业务报价, 采购核价) become special prices (特殊价格) of the ERP.
//!
//! ```console
//! cargo run --example dingtalk_price_quotation                       # all in the sandbox
//! cargo run --example dingtalk_price_quotation -- --config FILE      # your ERP, your DingTalk
//! ```
//!
//! 1. A salesperson starts a form in DingTalk: one price in its own controls, or several in a table.
//! 2. When it has passed, DingTalk pushes the decision. Refused and withdrawn forms do nothing.
//! 3. Each price is created in the ERP, or changed if the partner has one for the item already;
//!    its validity becomes a period of the price.

use b1_servicelayer::Decimal;
use b1_servicelayer::entities::{SpecialPrice, SpecialPriceDataArea, SpecialPriceKey};
use b1_servicelayer::enums::BoYesNoEnum;
use chrono::NaiveDate;
use dingtalk::callback::{Callback, Event, InstanceChange, router};
use dingtalk::workflow::{FormValues, Instance, Outcome};
use erplink_examples::{Failure, Stage, Table};
use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// The table of the forms that carry several prices.
const PRICE_TABLE: &str = "价格明细";

/// One price as the form states it.
#[derive(Clone, Debug)]
struct Quotation {
    item: String,
    partner: String,
    price: Decimal,
    currency: String,
    from: NaiveDate,
    to: NaiveDate,
    price_list: i32,
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let stage = Stage::from_args().await?;
    let settings = stage.settings();
    let b1 = b1_servicelayer::Client::from_config(&settings.b1)?;
    let dingtalk = dingtalk::Client::from_config(&settings.dingtalk)?;

    let (inbox, mut events) = mpsc::unbounded_channel();
    let callback = &settings.callback;
    let owner = dingtalk.client_id();
    let receiver = Callback::new(callback.token.clone(), callback.aes_key.clone(), owner)?;
    stage
        .serve(router(&callback.path, receiver, move |event| {
            let taken = inbox.send(event);
            async move { Ok(taken?) }
        }))
        .await?;
    let mut expected = demo_forms(&stage)?;

    let mut table = Table::new(["form", "item", "partner", "price", "from", "to", "ERP"]);
    while let Ok(event) = timeout(stage.patience(), events.recv()).await {
        let Event::Instance(event) = event.ok_or("receiver stopped")? else { continue };
        let ours =
            event.process_code.is_some_and(|c| settings.quotation.process_codes.contains(&c));
        if !ours || !matches!(event.change, InstanceChange::Finished(_)) {
            continue;
        }
        let instance = dingtalk.workflow().get(&event.process_instance_id).await?;
        let title = instance.title.clone().unwrap_or_default();
        if instance.outcome() == Outcome::Approved {
            for quotation in quotations(&instance)? {
                let done = save_price(&b1, &quotation).await?;
                check(&b1, &quotation).await?;
                let Quotation { item, partner, price, from, to, .. } = quotation;
                table.row([&title, &item, &partner, &price, &from, &to, &done]);
            }
        } else {
            table.row([&title, &"", &"", &"", &"", &"", &"not approved, nothing done"]);
        }
        expected.retain(|id| *id != event.process_instance_id);
        if stage.sandbox().is_some() && expected.is_empty() {
            break;
        }
    }
    println!("{table}");
    if !expected.is_empty() {
        return Err(format!("{} forms were never decided", expected.len()).into());
    }
    Ok(())
}

/// The prices of a form: the rows of its table, or its own controls.
fn quotations(instance: &Instance) -> Result<Vec<Quotation>, Failure> {
    match instance.form().get(PRICE_TABLE) {
        Some(table) => table.rows()?.iter().map(|row| quotation(row)).collect(),
        None => Ok(vec![quotation(instance.form())?]),
    }
}

fn quotation(form: &FormValues) -> Result<Quotation, Failure> {
    let text = |label: &str| -> Result<String, Failure> {
        let text = form.require(label)?.text();
        Ok(text.ok_or_else(|| format!("{label} is empty"))?.to_owned())
    };
    let date = |label: &str| -> Result<NaiveDate, Failure> {
        Ok(form.require(label)?.date()?.ok_or_else(|| format!("{label} is empty"))?)
    };
    Ok(Quotation {
        item: text("物料编码")?,
        partner: text("业务伙伴编码")?,
        price: form.require("价格")?.decimal()?.ok_or("价格 is empty")?,
        currency: text("币种")?,
        from: date("生效日期")?,
        to: date("失效日期")?,
        price_list: form.require("价目表")?.integer()?.unwrap_or(1).try_into()?,
    })
}

/// Creates the price or changes it; a period with the same start is changed, another is added.
async fn save_price(
    b1: &b1_servicelayer::Client,
    quotation: &Quotation,
) -> Result<&'static str, Failure> {
    let key =
        SpecialPriceKey { card_code: quotation.partner.clone(), item_code: quotation.item.clone() };
    let record = b1.special_prices().key(key);
    let known = record.clone().find().await?;
    let period_with_same_start = |price: &SpecialPrice| {
        let periods = price.special_price_data_areas.as_deref().unwrap_or_default();
        periods.iter().find(|p| p.date_from == Some(quotation.from)).and_then(|p| p.row_number)
    };
    let period = SpecialPriceDataArea {
        row_number: known.as_ref().and_then(period_with_same_start),
        date_from: Some(quotation.from),
        dateto: Some(quotation.to),
        special_price: Some(quotation.price),
        price_currency: Some(quotation.currency.clone()),
        price_list_no: Some(quotation.price_list),
        auto_update: Some(BoYesNoEnum::No),
        ..Default::default()
    };
    let mut price = SpecialPrice {
        price: Some(quotation.price),
        currency: Some(quotation.currency.clone()),
        price_list_num: Some(quotation.price_list),
        valid: Some(BoYesNoEnum::Yes),
        special_price_data_areas: Some(vec![period]),
        ..Default::default()
    };
    if known.is_some() {
        record.update(price).await?;
        return Ok("changed");
    }
    price.card_code = Some(quotation.partner.clone());
    price.item_code = Some(quotation.item.clone());
    b1.special_prices().create(&price).await?;
    Ok("created")
}

/// Reads the price back from the ERP.
async fn check(b1: &b1_servicelayer::Client, quotation: &Quotation) -> Result<(), Failure> {
    let (card_code, item_code) = (quotation.partner.clone(), quotation.item.clone());
    let price = b1.special_prices().key(SpecialPriceKey { card_code, item_code }).get().await?;
    let periods = price.special_price_data_areas.unwrap_or_default();
    let there: Vec<_> = periods.iter().filter(|p| p.date_from == Some(quotation.from)).collect();
    match there.as_slice() {
        [period] if period.special_price == Some(quotation.price) => Ok(()),
        _ => Err(format!("the ERP does not have the price of {}", quotation.item).into()),
    }
}

/// The sandbox's people: two quotations pass, one of them twice for the same period, one does not.
fn demo_forms(stage: &Stage) -> Result<Vec<String>, Failure> {
    let Some(sandbox) = stage.sandbox() else { return Ok(Vec::new()) };
    let people = sandbox.dingtalk();
    let price = |item: &str, partner: &str, price: &str, from: &str| {
        json!({
            "物料编码": item, "业务伙伴编码": partner, "价格": price, "币种": "CNY",
            "生效日期": from, "失效日期": "2027-12-31", "价目表": 2,
        })
    };
    let one = people.process_code("业务报价")?;
    let many = people.process_code("采购核价明细")?;
    let forms = [
        people.start_by_hand(&one, "user0031", &price("FG-001", "C001", "199.90", "2027-01-01"))?,
        people.start_by_hand(&one, "user0031", &price("FG-001", "C001", "198.50", "2027-01-01"))?,
        people.start_by_hand(
            &many,
            "manager4974",
            &json!({ PRICE_TABLE: [
                price("RM-001", "V001", "12.345678", "2027-01-01"),
                price("RM-002", "V001", "0.05", "2027-02-01"),
            ]}),
        )?,
        people.start_by_hand(&one, "user0031", &price("FG-001", "C002", "1", "2027-01-01"))?,
    ];
    let [first, second, third, refused] = &forms;
    for form in [first, second, third] {
        people.approve_to_the_end(form)?;
    }
    people.refuse(refused, "user0031", "价格太低")?;
    Ok(forms.to_vec())
}
