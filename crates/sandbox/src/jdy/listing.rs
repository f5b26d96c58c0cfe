//! The list of vouchers (凭证列表) and their totals.

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;

use super::quirks::{EmptyList, Shape};
use super::refusal::Refusal;
use super::request::{Incoming, only, text_of};
use super::voucher::Voucher;
use super::world::World;
use crate::servicelayer::json::{Json, Object};

const FILTER: &[&str] = &[
    "fromPeriod",
    "toPeriod",
    "vchGroup",
    "vchNum",
    "vchId",
    "linkId",
    "status",
    "exp",
    "account",
    "fromAmount",
    "toAmount",
    "userName",
    "page",
    "pageSize",
];
const LARGEST_PAGE: i64 = 500;

impl World {
    /// `POST /jdyaccouting/voucherlist`
    pub(super) fn list(&self, request: &Incoming, now: DateTime<Utc>) -> Result<Object, Refusal> {
        let body = request.object()?;
        let filter = match self.quirks.filter {
            Shape::Bare => body,
            Shape::Wrapped => {
                only(&body, &["filter"])?;
                let filter = body.get("filter").and_then(Json::as_object).cloned();
                filter.ok_or_else(|| Refusal::data("filter不能为空"))?
            }
        };
        if !self.quirks.ignore_unknown_members {
            only(&filter, FILTER)?;
        }
        let period =
            |name: &str| filter.int(name).ok_or_else(|| Refusal::data(format!("{name}不能为空")));
        let periods = period("fromPeriod")?..=period("toPeriod")?;
        let lag =
            TimeDelta::seconds(i64::try_from(self.quirks.list_lag).unwrap_or(i64::MAX / 1000));
        let found: Vec<&Voucher> = self
            .vouchers
            .iter()
            .filter(|voucher| periods.contains(&voucher.period))
            .filter(|voucher| now - voucher.saved_at >= lag)
            .filter(|voucher| self.passes(voucher, &filter))
            .collect();
        let size = filter.int("pageSize").unwrap_or(50).clamp(1, LARGEST_PAGE);
        let page = filter.int("page").unwrap_or(1).max(1);
        let count = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
        let shown =
            found.iter().skip(count(page - 1).saturating_mul(count(size))).take(count(size));
        let shown = shown.map(|voucher| {
            let mut voucher = voucher.show().0;
            if !self.quirks.shows_link_id {
                voucher.remove("linkId");
            }
            voucher
        });
        let total = i64::try_from(found.len()).unwrap_or(i64::MAX);
        let mut answer = self.records(shown.collect());
        answer.set("totalsize", total);
        if self.quirks.total_pages {
            answer.set("totalPages", total.saturating_add(size - 1) / size);
        }
        Ok(answer)
    }

    /// The envelope around what a query found.
    pub(super) fn records(&self, records: Vec<Object>) -> Object {
        let code = match self.quirks.empty_list {
            EmptyList::NothingFound if records.is_empty() => 46_002,
            EmptyList::Unexpected if records.is_empty() => 48_001,
            _ => self.quirks.query_code,
        };
        let answer = Object::default().with("code", code);
        match code {
            46_002 => answer.with("msg", "暂无查询结果"),
            48_001 => answer.with("msg", "未预期的错误"),
            _ => answer.with("msg", "成功").with(&self.quirks.list_name, records),
        }
    }

    fn passes(&self, voucher: &Voucher, filter: &Object) -> bool {
        let is =
            |name: &str, value: &str| text_of(filter, name).is_none_or(|wanted| wanted == value);
        let amount = |name: &str| filter.decimal(name);
        let texts = |name: &str| text_of(filter, name).unwrap_or_default();
        is("vchGroup", &voucher.group)
            && is("vchId", &voucher.id.to_string())
            && (self.quirks.ignores_link_id || is("linkId", &voucher.link_id))
            && is("status", if voucher.audited { "1" } else { "0" })
            && is("userName", &voucher.user_name)
            && amount("fromAmount").is_none_or(|least| voucher.debits >= least)
            && amount("toAmount").is_none_or(|most| voucher.debits <= most)
            && in_ranges(&texts("vchNum"), voucher.number)
            && voucher.entries.iter().any(|entry| {
                let text = text_of(entry, "exp").unwrap_or_default();
                let account = text_of(entry, "acctNo").unwrap_or_default();
                text.contains(&texts("exp")) && of_accounts(&texts("account"), &account)
            })
    }

    /// `GET /jdyaccouting/voucher?action=getVchTotalQuery`
    pub(super) fn totals(&self, request: &Incoming) -> Result<Object, Refusal> {
        if request.parameter("action") != "getVchTotalQuery" {
            return Err(Refusal::unsupported("this action of vouchers"));
        }
        let period = |name: &str| {
            let digits: String =
                request.parameter(name).chars().filter(char::is_ascii_digit).take(6).collect();
            digits.parse::<i64>().map_err(|_| Refusal::data(format!("{name}不能为空")))
        };
        let periods = period("fromDate")?..=period("toDate")?;
        let of_periods = || self.vouchers.iter().filter(|one| periods.contains(&one.period));
        let total = of_periods()
            .map(|one| one.debits)
            .fold(Decimal::ZERO, |sum, one| sum.checked_add(one).unwrap_or(sum));
        let count = i64::try_from(of_periods().count()).unwrap_or(i64::MAX);
        Ok(Object::default()
            .with("code", self.quirks.query_code)
            .with("msg", "成功")
            .with("vchCount", count)
            .with("debitTotal", total)
            .with("creditTotal", total))
    }
}

/// `1,2,3` or `1-3`; nothing: any number.
fn in_ranges(text: &str, number: i64) -> bool {
    text.is_empty()
        || text.split(',').any(|part| match part.split_once('-') {
            Some((from, to)) => {
                let bound = |text: &str| text.trim().parse::<i64>().ok();
                bound(from).is_some_and(|from| from <= number)
                    && bound(to).is_some_and(|to| number <= to)
            }
            None => part.trim() == number.to_string(),
        })
}

/// `1001`, `1001,1002` or `1001-1009`; nothing: any account.
fn of_accounts(text: &str, account: &str) -> bool {
    text.is_empty()
        || text.split(',').any(|part| match part.split_once('-') {
            Some((from, to)) => from.trim() <= account && account <= to.trim(),
            None => part.trim() == account,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_accounts_are_named_one_by_one_or_from_to() {
        assert!(in_ranges("", 7) && in_ranges("1, 7", 7) && in_ranges("5-9", 7));
        assert!(!in_ranges("1,2", 7) && !in_ranges("8-9", 7) && !in_ranges("x-y", 7));
        assert!(of_accounts("1001-1122", "1002") && of_accounts("5001", "5001"));
        assert!(!of_accounts("1001-1122", "5001"));
    }
}
