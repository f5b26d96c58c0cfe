//! Accounts, company sets, settings and balances.

use rust_decimal::Decimal;

use super::demo;
use super::refusal::Refusal;
use super::request::{Incoming, only, text_of};
use super::world::{Account, World};
use crate::servicelayer::json::Object;

const ACCOUNT: &[&str] =
    &["number", "name", "dc", "groupName", "currency", "useCustomer", "useSupplier"];

impl World {
    /// `GET /jdyaccouting/account`
    pub(super) fn accounts(&self, request: &Incoming) -> Object {
        let class = request.parameter("classId");
        let of_class = |account: &&Account| class.is_empty() || account.class() == class;
        let show = |account: &Account| {
            Object::default()
                .with("number", account.number.as_str())
                .with("name", account.name.as_str())
                .with("dc", if account.debit { 1 } else { -1 })
                .with("groupName", account.group.as_str())
                .with("useCustomer", i64::from(account.customer))
                .with("useSupplier", i64::from(account.supplier))
        };
        self.records(self.accounts.iter().filter(of_class).map(show).collect())
    }

    /// `POST /jdyaccouting/account`
    pub(super) fn create_account(&mut self, request: &Incoming) -> Result<Object, Refusal> {
        let body = request.object()?;
        only(&body, ACCOUNT)?;
        let text = |name: &str| {
            text_of(&body, name).ok_or_else(|| Refusal::data(format!("{name}不能为空")))
        };
        let (number, name, group) = (text("number")?, text("name")?, text("groupName")?);
        if self.accounts.iter().any(|account| account.number == number) {
            return Err(Refusal::data(format!("科目编码{number}已存在")));
        }
        self.accounts.push(Account {
            debit: body.int("dc") != Some(-1),
            customer: body.int("useCustomer") == Some(1),
            supplier: body.int("useSupplier") == Some(1),
            number,
            name,
            group,
        });
        Ok(Object::default().with("code", 0).with("msg", "成功"))
    }

    /// `GET /jdyaccouting/service`
    pub(super) fn company_sets(&self) -> Object {
        self.records(vec![
            Object::default()
                .with("sId", demo::S_ID)
                .with("dbId", demo::DB_ID)
                .with("name", demo::COMPANY),
        ])
    }

    /// `GET /jdyaccouting/profile?key=…`
    pub(super) fn profile(&self, request: &Incoming) -> Result<Object, Refusal> {
        let period = self.current_period.to_string();
        let value = match request.parameter("key") {
            "acct_rule" => "4-2-2-2",
            "acct_std" => "CHS.XQY_2011",
            "cur_period" => &period,
            "start_period" => "202001",
            "acct_name" => demo::COMPANY,
            "std_currency" => "RMB",
            key => return Err(Refusal::data(format!("key【{key}】不支持"))),
        };
        let answer = Object::default().with("code", self.quirks.query_code).with("msg", "成功");
        Ok(answer.with("key", request.parameter("key")).with("value", value))
    }

    /// `GET /jdyaccouting/balance/query`
    pub(super) fn balances(&self, request: &Incoming) -> Object {
        let class = request.parameter("classId");
        let balance = |account: &Account| {
            let entries = self.vouchers.iter().flat_map(|voucher| &voucher.entries);
            let own =
                entries.filter(|entry| text_of(entry, "acctNo").as_ref() == Some(&account.number));
            own.fold(Decimal::ZERO, |sum, entry| {
                let amount = entry.decimal("amount").unwrap_or_default();
                let signed = if entry.int("dc") == Some(1) { amount } else { -amount };
                sum.checked_add(signed).unwrap_or(sum)
            })
        };
        let show = |account: &Account| {
            Object::default()
                .with("number", account.number.as_str())
                .with("name", account.name.as_str())
                .with("balance", balance(account))
        };
        let of_class = self.accounts.iter().filter(|one| class.is_empty() || one.class() == class);
        self.records(of_class.map(show).collect())
    }
}
