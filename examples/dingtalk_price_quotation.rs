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
//!
//! The flow is durable: an event is in a ledger file before DingTalk gets its answer, and a form
//! whose push was lost is found by looking. Here the flow's target is written out, to show how;
//! [`erplink::dingtalk::SavePrices`] is the same ready-made.

use async_trait::async_trait;
use b1_servicelayer::Decimal;
use b1_servicelayer::entities::{SpecialPrice, SpecialPriceDataArea, SpecialPriceKey};
use b1_servicelayer::enums::BoYesNoEnum;
use chrono::NaiveDate;
use dingtalk::callback::Callback;
use dingtalk::workflow::{FormValues, Instance, Outcome};
use erplink::dingtalk::{DecidedInstances, DingTalk};
use erplink::receive;
use erplink_examples::{Failure, Stage, Table, wait_for};
use erplink_sandbox::Sandbox;
use erplink_sync::ports::{Outgoing, Pushed, Target};
use erplink_sync::store::JobFilter;
use erplink_sync::{Flow, FlowId, Runner, StateKind};
use serde_json::json;

/// A key of the ledger. The flows are named after their forms.
const COMPANY: &str = "SBODEMOCN";
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
    let keys = &settings.callback;
    let callback = Callback::new(keys.token.clone(), keys.aes_key.clone(), dingtalk.client_id())?;
    let app = DingTalk::new(dingtalk.clone()).callback(callback);

    let mut builder = Runner::builder(stage.ledger().await?);
    let mut receivers = Vec::new();
    for form in &settings.quotation.process_codes {
        let save = SavePrices { b1: b1.clone(), dingtalk: dingtalk.clone() };
        let missed = DecidedInstances::new(dingtalk.clone(), form);
        builder = builder.flow(Flow::new(COMPANY, form).receive_and_poll(missed).push(save));
        receivers.push(app.receiver(COMPANY, form, form));
    }
    let runner = builder.build()?;
    stage.serve(receive::open(receivers, &runner)?).await?;

    let stopped = match stage.sandbox() {
        Some(sandbox) => {
            let mut played = Ok(());
            runner.run_until(async { played = demo(sandbox, &runner).await }).await;
            played
        }
        None => {
            runner.run_until(async { drop(tokio::signal::ctrl_c().await) }).await;
            Ok(())
        }
    };
    report(&b1, &dingtalk, &runner).await.and(stopped)
}

/// Makes the prices of an approved form special prices of the ERP.
struct SavePrices {
    b1: b1_servicelayer::Client,
    dingtalk: dingtalk::Client,
}

#[async_trait]
impl Target for SavePrices {
    fn system(&self) -> &str {
        "b1"
    }

    /// It looks for a price before it writes, so twice is the same as once.
    fn is_repeatable(&self) -> bool {
        true
    }

    async fn push(&self, event: &Outgoing) -> Result<Pushed, erplink_sync::Failure> {
        // The event is a hint; the instance says what holds.
        let instance = self.dingtalk.workflow().get(&event.key.document).await?;
        if instance.outcome() != Outcome::Approved {
            return Ok(Pushed::nothing("not approved: no price changes"));
        }
        // What cannot be read will not be readable the next time: a person looks at it.
        let quotations = quotations(&instance).map_err(erplink_sync::Failure::park)?;
        for quotation in &quotations {
            save_price(&self.b1, quotation).await?;
        }
        let names = quotations.iter().map(|one| format!("{}/{}", one.partner, one.item));
        Ok(Pushed::new(names.collect::<Vec<_>>().join(", ")))
    }
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
) -> b1_servicelayer::Result<()> {
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
        return record.update(price).await;
    }
    price.card_code = Some(quotation.partner.clone());
    price.item_code = Some(quotation.item.clone());
    b1.special_prices().create(&price).await?;
    Ok(())
}

/// Each form's way; an error if the ERP does not have a price that was approved.
async fn report(
    b1: &b1_servicelayer::Client,
    dingtalk: &dingtalk::Client,
    runner: &Runner,
) -> Result<(), Failure> {
    let mut table = Table::new(["form", "item", "partner", "price", "from", "to"]);
    for job in runner.store().list(JobFilter::default()).await? {
        let instance = dingtalk.workflow().get(&job.key.document).await?;
        let title = instance.title.clone().unwrap_or_default();
        if job.target_id.is_none() {
            table.row([&title, &"not approved, nothing done", &"", &"", &"", &""]);
            continue;
        }
        for quotation in quotations(&instance)? {
            check(b1, &quotation).await?;
            let Quotation { item, partner, price, from, to, .. } = quotation;
            table.row([&title, &item, &partner, &price, &from, &to]);
        }
    }
    println!("{table}");
    Ok(())
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

/// The sandbox's people: three quotations pass, one does not.
async fn demo(sandbox: &Sandbox, runner: &Runner) -> Result<(), Failure> {
    let people = sandbox.dingtalk();
    let price = |item: &str, partner: &str, price: &str, from: &str, to: &str| {
        json!({
            "物料编码": item, "业务伙伴编码": partner, "价格": price, "币种": "CNY",
            "生效日期": from, "失效日期": to, "价目表": 2,
        })
    };
    let (one, many) = (people.process_code("业务报价")?, people.process_code("采购核价明细")?);
    let single = price("FG-001", "C001", "199.90", "2027-01-01", "2027-12-31");
    let next_year = price("FG-001", "C001", "198.50", "2028-01-01", "2028-12-31");
    let rows = json!({ PRICE_TABLE: [
        price("RM-001", "V001", "12.345678", "2027-01-01", "2027-12-31"),
        price("RM-002", "V001", "0.05", "2027-02-01", "2027-12-31"),
    ]});
    let too_cheap = price("FG-001", "C002", "1", "2027-01-01", "2027-12-31");
    let forms = [
        (&one, people.start_by_hand(&one, "user0031", &single)?),
        (&one, people.start_by_hand(&one, "user0031", &next_year)?),
        (&many, people.start_by_hand(&many, "manager4974", &rows)?),
        (&one, people.start_by_hand(&one, "user0031", &too_cheap)?),
    ];
    let [passed @ .., (_, refused)] = &forms;
    for (_, form) in passed {
        people.approve_to_the_end(form)?;
    }
    people.refuse(refused, "user0031", "价格太低")?;
    for (flow, form) in forms {
        let key = FlowId::new(COMPANY, flow).document(form);
        wait_for(async || {
            let job = runner.store().get(&key).await?;
            Ok(job.is_some_and(|job| job.state.kind() == StateKind::Done))
        })
        .await?;
    }
    Ok(())
}
