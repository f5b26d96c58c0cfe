//! Journal entries (日记账分录): lines that balance. Accounts are not checked, for there is no chart
//! of accounts here.

use rust_decimal::Decimal;

use super::Company;
use crate::servicelayer::json::{Json, Object};
use crate::servicelayer::refusal::Refusal;

const LINES: &str = "JournalEntryLines";

impl Company {
    pub(super) fn complete_journal_entry(&self, entry: &mut Object) {
        entry.set("Number", entry.get("JdtNum").cloned().unwrap_or(Json::Null));
        let today = self.local_time().format("%Y-%m-%d").to_string();
        entry.or_set("ReferenceDate", today);
        let date = entry.get("ReferenceDate").cloned().unwrap_or(Json::Null);
        entry.or_set("DueDate", date.clone());
        entry.or_set("TaxDate", date.clone());
        let memo = entry.get("Memo").cloned().unwrap_or(Json::Null);
        for (index, line) in entry.rows_mut(LINES).enumerate() {
            line.or_set("Line_ID", i64::try_from(index).unwrap_or(i64::MAX));
            for amount in ["Debit", "Credit", "FCDebit", "FCCredit"] {
                line.or_set(amount, 0);
            }
            let account = line.get("AccountCode").cloned().unwrap_or(Json::Null);
            line.or_set("ShortName", account);
            line.or_set("LineMemo", memo.clone());
            line.or_set("ReferenceDate1", date.clone());
            line.or_set("DueDate", date.clone());
        }
    }
}

/// What holds for every journal entry, new or changed.
pub(super) fn settle(entry: &Object) -> Result<(), Refusal> {
    let mut open = Decimal::ZERO;
    for line in entry.rows(LINES) {
        if line.text("AccountCode").or(line.text("ShortName")).is_none_or(str::is_empty) {
            return Err(Refusal::inconsistent("a line has neither AccountCode nor ShortName"));
        }
        let amount = |name| line.decimal(name).unwrap_or_default();
        open = open
            .checked_add(amount("Debit"))
            .and_then(|open| open.checked_sub(amount("Credit")))
            .ok_or_else(|| Refusal::inconsistent("the amounts are too large"))?;
    }
    if entry.rows(LINES).count() < 2 {
        return Err(Refusal::inconsistent("a journal entry has two lines at least"));
    }
    if open.is_zero() { Ok(()) } else { Err(Refusal::inconsistent("Unbalanced Transaction")) }
}
