use erplink_sandbox::Sandbox;
use serde_json::{Value, json};

use super::{Arrived, Scenario, Story, expect};
use crate::Failure;

pub(super) const SCENARIO: Scenario = Scenario {
    name: "journal entries in Kingdee JDY",
    covers: "S60",
    config: include_str!("../../config/jdy-vouchers.toml"),
    begin,
};

const FLOW: &str = "jdy-vouchers";

/// The keys of the journal entries, and what the debits of each add up to.
struct Vouchers(Vec<(i64, &'static str)>);

/// A sale on account, with its tax.
fn sale(customer: &str, gross: &str, net: &str, tax: &str) -> Value {
    json!({
        "ReferenceDate": "2026-03-31", "Memo": "销售开票",
        "JournalEntryLines": [
            {"AccountCode": "1122", "ShortName": customer, "Debit": gross},
            {"AccountCode": "5001", "Credit": net},
            {"AccountCode": "222101", "Credit": tax},
        ],
    })
}

/// A supplier is paid.
fn payment(amount: &str) -> Value {
    json!({
        "ReferenceDate": "2026-04-01", "Memo": "付款",
        "JournalEntryLines": [
            {"AccountCode": "2202", "ShortName": "V001", "Debit": amount},
            {"AccountCode": "1002", "Credit": amount},
        ],
    })
}

fn begin(sandbox: &Sandbox) -> Result<Box<dyn Story>, Failure> {
    let mut entries = Vec::new();
    for (entry, total) in [
        (sale("C001", "11300.10", "10000.09", "1300.01"), "11300.10"),
        (sale("C002", "0.13", "0.12", "0.01"), "0.13"),
        (payment("9999999999.99"), "9999999999.99"),
    ] {
        let made = sandbox.b1().create("JournalEntries", &entry)?;
        entries.push((made["JdtNum"].as_i64().unwrap_or_default(), total));
    }
    Ok(Box::new(Vouchers(entries)))
}

impl Story for Vouchers {
    fn people_act(&self, _: &Sandbox) -> Result<(), Failure> {
        Ok(())
    }

    fn arrived(&self, sandbox: &Sandbox) -> Result<Vec<Arrived>, Failure> {
        let mut arrived = Vec::new();
        for (key, total) in &self.0 {
            let voucher = sandbox.jdy().voucher(&format!("SBODEMOCN-{key}"))?;
            let id = voucher["vchId"].to_string();
            if voucher["debitTotal"].to_string().trim_end_matches('0')
                != total.trim_end_matches('0')
            {
                return Err(format!("voucher {id} is over {}", voucher["debitTotal"]).into());
            }
            let entry = sandbox.b1().get("JournalEntries", &key.to_string())?;
            expect(&format!("U_ISSYN of journal entry {key}"), &entry["U_ISSYN"], "Y")?;
            expect(&format!("U_VchId of journal entry {key}"), &entry["U_VchId"], &id)?;
            arrived.push(Arrived::new(FLOW, key, id));
        }
        match sandbox.jdy().vouchers().len() {
            number if number == self.0.len() => Ok(arrived),
            number => Err(format!("{number} vouchers for {} journal entries", self.0.len()).into()),
        }
    }
}
