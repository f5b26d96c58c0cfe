use b1_servicelayer::Decimal;
use erplink_sandbox::Sandbox;
use serde_json::{Value, json};

use super::dingtalk::forms;
use super::{Arrived, Scenario, Story};
use crate::Failure;

pub(super) const SCENARIO: Scenario = Scenario {
    name: "prices agreed in DingTalk",
    covers: "S12",
    config: include_str!("../../config/dingtalk-price-quotation.toml"),
    begin,
};

/// One price of a form.
#[derive(Clone, Copy)]
struct Price {
    partner: &'static str,
    item: &'static str,
    price: &'static str,
    from: &'static str,
}

struct Quotation {
    flow: &'static str,
    form: String,
    prices: Vec<Price>,
    approve: bool,
}

struct Quotations(Vec<Quotation>);

fn begin(sandbox: &Sandbox) -> Result<Box<dyn Story>, Failure> {
    let office = sandbox.dingtalk();
    let one = office.process_code("业务报价")?;
    let many = office.process_code("采购核价明细")?;
    let price = |partner, item, price, from| Price { partner, item, price, from };
    let mut quotations = Vec::new();
    for (prices, approve) in [
        (vec![price("C001", "FG-001", "199.90", "2027-01-01")], true),
        (vec![price("C001", "FG-001", "198.50", "2028-01-01")], true),
        (vec![price("C002", "FG-001", "1.00", "2027-01-01")], false),
        (
            vec![
                price("V001", "RM-001", "12.345678", "2027-01-01"),
                price("V001", "RM-002", "0.05", "2027-02-01"),
            ],
            true,
        ),
    ] {
        let (flow, form) = match prices.as_slice() {
            [single] => ("sales-prices", office.start_by_hand(&one, "user0031", &values(single))?),
            rows => {
                let rows: Vec<_> = rows.iter().map(values).collect();
                let rows = json!({ "价格明细": rows });
                ("purchase-prices", office.start_by_hand(&many, "manager4974", &rows)?)
            }
        };
        quotations.push(Quotation { flow, form, prices, approve });
    }
    Ok(Box::new(Quotations(quotations)))
}

/// What a person types into the form.
fn values(price: &Price) -> Value {
    let Price { partner, item, price, from } = price;
    let year = from.get(..4).unwrap_or_default();
    json!({
        "物料编码": item, "业务伙伴编码": partner, "价格": price, "币种": "CNY",
        "生效日期": from, "失效日期": format!("{year}-12-31"), "价目表": 2,
    })
}

impl Story for Quotations {
    fn people_act(&self, sandbox: &Sandbox) -> Result<(), Failure> {
        for form in forms(sandbox)? {
            let known = self.0.iter().find(|one| one.form == form.id);
            form.decide(sandbox, known.is_some_and(|one| one.approve))?;
        }
        Ok(())
    }

    fn arrived(&self, sandbox: &Sandbox) -> Result<Vec<Arrived>, Failure> {
        let mut arrived = Vec::new();
        for quotation in &self.0 {
            let names = quotation.prices.iter().map(|one| format!("{}/{}", one.partner, one.item));
            let names: Vec<_> = names.collect();
            for price in &quotation.prices {
                check(sandbox, price, quotation.approve)?;
            }
            arrived.push(Arrived {
                flow: quotation.flow.to_owned(),
                document: quotation.form.clone(),
                target: quotation.approve.then(|| names.join(", ")),
            });
        }
        let (mut forms, ours) = (forms(sandbox)?.into_iter(), &self.0);
        match forms.find(|form| !ours.iter().any(|one| one.form == form.id)) {
            None => Ok(arrived),
            Some(other) => Err(format!("nobody started the form {}", other.id).into()),
        }
    }
}

/// The validity with this first day is there once; of a refused price there is none.
fn check(sandbox: &Sandbox, price: &Price, approved: bool) -> Result<(), Failure> {
    let Price { partner, item, price, from } = price;
    let key = format!("CardCode='{partner}',ItemCode='{item}'");
    let found = sandbox.b1().get("SpecialPrices", &key).unwrap_or_default();
    let periods = found["SpecialPriceDataAreas"].as_array().cloned().unwrap_or_default();
    let periods: Vec<_> = periods.iter().filter(|period| period["DateFrom"] == *from).collect();
    match periods.as_slice() {
        [] if !approved => Ok(()),
        [period] if approved => {
            let found: Decimal = period["SpecialPrice"].to_string().parse()?;
            if found == price.parse()? {
                return Ok(());
            }
            Err(format!("{partner}/{item} costs {found} from {from}, not {price}").into())
        }
        _ => Err(format!("{partner}/{item} has {} prices from {from}", periods.len()).into()),
    }
}
