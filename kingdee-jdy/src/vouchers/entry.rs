//! The lines of a voucher (分录).

use erplink_core::{Decimal, Members, RawJson};

use super::read::{NoVoucher, Reader, put_number, put_text};

/// Debit or credit (借贷方向, `dc`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// Debit (借), 1 on the wire.
    Debit,
    /// Credit (贷), −1 on the wire.
    Credit,
}

impl Side {
    pub(crate) fn to_json(self) -> RawJson {
        RawJson::number(match self {
            Self::Debit => 1,
            Self::Credit => -1,
        })
    }
}

/// A line of a voucher (分录).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The account's code (科目编码, `acctNo`).
    pub account: String,
    /// Debit or credit (`dc`).
    pub side: Side,
    /// The amount in the standard currency (本位币, `amount`).
    pub amount: Decimal,
    /// The text of the line (摘要, `exp`).
    pub text: Option<String>,
    /// The currency's code, such as `RMB` (`currency`).
    pub currency: Option<String>,
    /// The exchange rate (`rate`).
    pub rate: Option<Decimal>,
    /// The amount in that currency. Its name on the wire is not confirmed: `amountFor`, unless
    /// [`Config::names`](crate::Config::names) says otherwise.
    pub foreign_amount: Option<Decimal>,
    /// The customer (`custNo`), for accounts with that dimension, like all that follow.
    pub customer: Option<String>,
    /// The supplier (`suppNo`).
    pub supplier: Option<String>,
    /// The department (`deptNo`).
    pub department: Option<String>,
    /// The employee (`empNo`).
    pub employee: Option<String>,
    /// The inventory item (`inventoryNo`).
    pub inventory: Option<String>,
    /// The project (`projectNo`).
    pub project: Option<String>,
    /// The name of a dimension of the company's own (自定义辅助核算, `itemClsName`).
    pub item_class: Option<String>,
    /// The item of that dimension (`itemNo`).
    pub item: Option<String>,
    /// The quantity (`qty`), for accounts with quantities.
    pub quantity: Option<Decimal>,
    /// The unit of that quantity (`unit`).
    pub unit: Option<String>,
    /// The price of one unit (`price`).
    pub price: Option<Decimal>,
    /// Members this crate does not know, as they go on the wire.
    pub more: Members,
}

impl Entry {
    /// A debit line (借).
    pub fn debit(account: impl Into<String>, amount: impl Into<Decimal>) -> Self {
        Self::new(account.into(), Side::Debit, amount.into())
    }

    /// A credit line (贷).
    pub fn credit(account: impl Into<String>, amount: impl Into<Decimal>) -> Self {
        Self::new(account.into(), Side::Credit, amount.into())
    }

    fn new(account: String, side: Side, amount: Decimal) -> Self {
        Self {
            account,
            side,
            amount,
            text: None,
            currency: None,
            rate: None,
            foreign_amount: None,
            customer: None,
            supplier: None,
            department: None,
            employee: None,
            inventory: None,
            project: None,
            item_class: None,
            item: None,
            quantity: None,
            unit: None,
            price: None,
            more: Members::new(),
        }
    }

    /// Sets the text of the line (摘要).
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }

    /// Sets the customer (客户).
    #[must_use]
    pub fn customer(mut self, number: impl Into<String>) -> Self {
        self.customer = Some(number.into());
        self
    }

    /// Sets the supplier (供应商).
    #[must_use]
    pub fn supplier(mut self, number: impl Into<String>) -> Self {
        self.supplier = Some(number.into());
        self
    }

    /// The amount with the sign that makes balanced lines add up to nothing.
    #[must_use]
    pub fn signed_amount(&self) -> Decimal {
        match self.side {
            Side::Debit => self.amount,
            Side::Credit => -self.amount,
        }
    }

    /// As it goes on the wire.
    #[must_use]
    pub fn to_members(&self) -> Members {
        let mut members = Members::new();
        members.set("acctNo", RawJson::text(&self.account));
        members.set("dc", self.side.to_json());
        members.set("amount", RawJson::number(self.amount));
        put_text(&mut members, "exp", self.text.as_ref());
        put_text(&mut members, "currency", self.currency.as_ref());
        put_number(&mut members, "rate", self.rate);
        put_number(&mut members, "amountFor", self.foreign_amount);
        for (name, value) in [
            ("custNo", &self.customer),
            ("suppNo", &self.supplier),
            ("deptNo", &self.department),
            ("empNo", &self.employee),
            ("inventoryNo", &self.inventory),
            ("projectNo", &self.project),
            ("itemClsName", &self.item_class),
            ("itemNo", &self.item),
        ] {
            put_text(&mut members, name, value.as_ref());
        }
        put_number(&mut members, "qty", self.quantity);
        put_text(&mut members, "unit", self.unit.as_ref());
        put_number(&mut members, "price", self.price);
        for (name, value) in self.more.iter() {
            members.set(name, value.clone());
        }
        members
    }

    pub(super) fn from_members(members: Members) -> Result<Self, NoVoucher> {
        let mut members = Reader(members);
        let account = members.required_text("acctNo")?;
        let side = match members.required_text("dc")?.as_str() {
            "1" => Side::Debit,
            "-1" => Side::Credit,
            other => return Err(NoVoucher::new(format!("`dc`: expected 1 or -1, found {other}"))),
        };
        let amount = members.required_decimal("amount")?;
        let (text, currency) = (members.text("exp")?, members.text("currency")?);
        let (rate, foreign_amount) = (members.decimal("rate")?, members.decimal("amountFor")?);
        Ok(Self {
            text,
            currency,
            rate,
            foreign_amount,
            customer: members.text("custNo")?,
            supplier: members.text("suppNo")?,
            department: members.text("deptNo")?,
            employee: members.text("empNo")?,
            inventory: members.text("inventoryNo")?,
            project: members.text("projectNo")?,
            item_class: members.text("itemClsName")?,
            item: members.text("itemNo")?,
            quantity: members.decimal("qty")?,
            unit: members.text("unit")?,
            price: members.decimal("price")?,
            more: members.0,
            ..Self::new(account, side, amount)
        })
    }
}
