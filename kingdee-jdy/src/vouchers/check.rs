//! What would be refused, or booked wrongly, is found before it is sent.

use std::collections::HashSet;

use super::entry::Side;
use super::voucher::Voucher;
use crate::error::{Error, Result};
use crate::period::Period;

/// So many the platform takes in one call.
const MOST: usize = 200;

/// Everything that is wrong, each with its voucher and line.
pub(super) fn check(vouchers: &[Voucher], amount_digits: u32) -> Result<()> {
    let mut problems = Vec::new();
    if vouchers.len() > MOST {
        problems.push(format!("{} vouchers at once; a call takes {MOST}", vouchers.len()));
    }
    let mut seen = HashSet::new();
    for (index, voucher) in vouchers.iter().enumerate() {
        let place = match voucher.link_id.trim() {
            "" => format!("voucher {} of the batch", index + 1),
            link_id => format!("voucher `{link_id}`"),
        };
        let mut found = problems_of(voucher, amount_digits);
        if voucher.link_id.trim().is_empty() {
            found.push(
                "`linkId` is empty; it is what keeps a voucher from being saved twice".into(),
            );
        } else if !seen.insert(voucher.link_id.trim()) {
            found.push("another voucher of the batch has the same `linkId`".into());
        }
        problems.extend(found.into_iter().map(|problem| format!("{place}: {problem}")));
    }
    if problems.is_empty() {
        return Ok(());
    }
    Err(Error::invalid(format!("not sent: {}", problems.join("; "))))
}

fn problems_of(voucher: &Voucher, amount_digits: u32) -> Vec<String> {
    let mut problems = Vec::new();
    if voucher.group_name.trim().is_empty() {
        problems.push("`groupName` (凭证字) is empty".to_owned());
    }
    let expected = Period::of(voucher.date);
    if let Some(period) = voucher.period.filter(|period| *period != expected) {
        let date = voucher.date;
        problems.push(format!("`yearPeriod` is {period}, but {date} is in {expected}"));
    }
    if voucher.entries.len() < 2 {
        problems.push(format!("{} line(s); a voucher has two at least", voucher.entries.len()));
    }
    for (index, entry) in voucher.entries.iter().enumerate() {
        let line = index + 1;
        if entry.account.trim().is_empty() {
            problems.push(format!("line {line}: `acctNo` is empty"));
        }
        if entry.amount.normalize().scale() > amount_digits {
            let (account, amount) = (&entry.account, entry.amount);
            problems.push(format!(
                "line {line} ({account}): {amount} has more than {amount_digits} digits behind the point"
            ));
        }
    }
    problems.extend(imbalance(voucher));
    problems
}

fn imbalance(voucher: &Voucher) -> Option<String> {
    let (Some(debits), Some(credits), Some(difference)) =
        (voucher.total(Side::Debit), voucher.total(Side::Credit), voucher.difference())
    else {
        return Some("the amounts are too large to be added".to_owned());
    };
    (!difference.is_zero()).then(|| {
        format!("debits are {debits} and credits {credits}: they differ by {}", difference.abs())
    })
}
