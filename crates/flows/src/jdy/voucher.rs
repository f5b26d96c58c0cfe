use chrono::NaiveDate;
use erplink_core::{Decimal, RawJson};
use erplink_sync::map::{Expression, at};
use erplink_sync::ports::Mapper;
use erplink_sync::{Document, Failure};
use kingdee_jdy::Period;
use kingdee_jdy::vouchers::{Entry, Side, Voucher};
use serde::Deserialize;

use crate::config::shape::{Key, Shape, default, optional, required};

/// What of a journal entry (日记账分录) goes into a voucher (凭证).
#[derive(Clone, Debug, Deserialize)]
pub struct VoucherFields {
    /// The voucher word (凭证字).
    #[serde(default = "voucher_word")]
    pub voucher_word: String,
    /// Before the key of the journal entry in `linkId`: the name of the company if `None`.
    #[serde(default)]
    pub link_prefix: Option<String>,
    /// Who made the voucher (制单人); the user who logs in if `None`.
    #[serde(default)]
    pub user_name: Option<Expression>,
    /// The property with the lines.
    #[serde(default = "line_collection")]
    pub line_collection: String,
    /// The accounts.
    pub accounts: Vec<MappedAccount>,
    /// Whether accounts that are not in `accounts` have the same code in JDY; else the journal
    /// entry is parked.
    #[serde(default)]
    pub other_accounts_same: bool,
    /// What the text of a line is (摘要), from the line.
    #[serde(default = "line_text")]
    pub line_text: Expression,
    /// Whether foreign amounts and rates are sent besides the currency.
    #[serde(default)]
    pub foreign_amounts: bool,
}

/// An account of the ERP and the one that it is in JDY.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MappedAccount {
    /// The code in the ERP (`AccountCode`).
    pub from: String,
    /// The code in JDY (科目编码).
    pub to: String,
    /// The dimension (辅助核算) of the account, if it has one.
    #[serde(default)]
    pub dimension: Option<Dimension>,
    /// The property of the line with its number; the partner's code (`ShortName`) if `None`.
    #[serde(default)]
    pub number: Option<Expression>,
}

/// A dimension (辅助核算) of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dimension {
    /// Customers (客户).
    Customer,
    /// Suppliers (供应商).
    Supplier,
    /// Departments (部门).
    Department,
    /// Employees (职员).
    Employee,
    /// Projects (项目).
    Project,
}

/// The keys of [`VoucherFields`].
pub(crate) const VOUCHER: &[Key] = &[
    default("voucher_word", Shape::Text, r#""记""#, "The voucher word (凭证字)."),
    optional(
        "link_prefix",
        Shape::Text,
        "Before the key in linkId, which is what a voucher is found by. The company's name if unset. Keep it.",
    ),
    optional(
        "user_name",
        Shape::Expression,
        "Who made the voucher (制单人), such as User.UserName.",
    ),
    default(
        "line_collection",
        Shape::Text,
        r#""JournalEntryLines""#,
        "The property with the lines.",
    ),
    required(
        "accounts",
        Shape::Tables(ACCOUNT),
        "Which account of the ERP is which in JDY (科目对照).",
    ),
    default(
        "other_accounts_same",
        Shape::Bool,
        "false",
        "Whether accounts that are not in `accounts` have the same code; else the entry is parked.",
    ),
    default(
        "line_text",
        Shape::Expression,
        r#""LineMemo""#,
        "The text of a line (摘要), from the line.",
    ),
    default(
        "foreign_amounts",
        Shape::Bool,
        "false",
        "Whether foreign amounts (amountFor) and rates go with the currency; their names are not confirmed.",
    ),
];

const ACCOUNT: &[Key] = &[
    required("from", Shape::Text, "The code in the ERP (AccountCode).").unique(),
    required("to", Shape::Text, "The code in JDY (科目编码)."),
    optional(
        "dimension",
        Shape::Choice(&["customer", "supplier", "department", "employee", "project"]),
        "The dimension (辅助核算) of the account.",
    ),
    optional(
        "number",
        Shape::Expression,
        "The property of the line with the number in that dimension; ShortName, the partner's code, if unset.",
    )
    .with("dimension"),
];

fn voucher_word() -> String {
    "记".to_owned()
}

fn line_collection() -> String {
    "JournalEntryLines".to_owned()
}

fn line_text() -> Expression {
    Expression::path("LineMemo")
}

/// Turns a journal entry into a voucher.
#[derive(Clone, Debug)]
pub struct VoucherMap {
    fields: VoucherFields,
    prefix: String,
    date: Expression,
}

impl VoucherMap {
    /// `date` is the property with the day; `company` stands in `linkId` unless the fields say
    /// otherwise.
    #[must_use]
    pub fn new(fields: VoucherFields, company: &str, date: &str) -> Self {
        let prefix = fields.link_prefix.clone().unwrap_or_else(|| company.to_owned());
        Self { fields, prefix, date: Expression::path(&format!("Document.{date}")) }
    }

    fn voucher(&self, document: &Document) -> Result<Voucher, Failure> {
        let content = &document.content;
        let link_id = format!("{}-{}", self.prefix, document.id);
        let date = self.day(content)?;
        let mut voucher = Voucher::new(link_id, &self.fields.voucher_word, date);
        voucher.period = Some(Period::of(date));
        if let Some(user) = &self.fields.user_name {
            voucher.user_name = Some(user.text(content)?).filter(|name| !name.is_empty());
        }
        let collection = format!("Document.{}", self.fields.line_collection);
        let lines: Vec<RawJson> = match at(&collection, content)? {
            Some(lines) => lines
                .get()
                .map_err(|_| Failure::park(format!("`{collection}` is no list of lines")))?,
            None => Vec::new(),
        };
        for (index, line) in lines.iter().enumerate() {
            let entry = self.entry(line).map_err(|failure| {
                Failure::park(format!("line {}: {}", index + 1, failure.message()))
            })?;
            voucher.entries.extend(entry);
        }
        Ok(voucher)
    }

    fn day(&self, content: &RawJson) -> Result<NaiveDate, Failure> {
        let text = self.date.text(content)?;
        erplink_core::date::date(&text).map_err(|error| Failure::park(format!("the day: {error}")))
    }

    /// A line of the voucher; `None` for a line that books nothing.
    fn entry(&self, line: &RawJson) -> Result<Option<Entry>, Failure> {
        let Some((side, amount)) = amount(line, "Debit", "Credit")? else { return Ok(None) };
        let code = Expression::path("AccountCode").text(line)?;
        let account = self.account(&code)?;
        let to = account.map_or(&code, |account| &account.to);
        let mut entry = match side {
            Side::Debit => Entry::debit(to, amount),
            Side::Credit => Entry::credit(to, amount),
        };
        entry.text = Some(self.fields.line_text.text(line)?).filter(|text| !text.is_empty());
        if let Some((dimension, number)) = account.and_then(|account| {
            account.dimension.map(|dimension| (dimension, account.number.as_ref()))
        }) {
            let partner = Expression::path("ShortName");
            let number = number.unwrap_or(&partner).text(line)?;
            if number.is_empty() {
                return Err(Failure::park(format!("account {code}: the {dimension:?} is empty")));
            }
            set_dimension(&mut entry, dimension, number);
        }
        self.add_currency(&mut entry, line)?;
        Ok(Some(entry))
    }

    fn account(&self, code: &str) -> Result<Option<&MappedAccount>, Failure> {
        if code.is_empty() {
            return Err(Failure::park("the line has no `AccountCode`"));
        }
        match self.fields.accounts.iter().find(|account| account.from == code) {
            None if !self.fields.other_accounts_same => {
                Err(Failure::park(format!("account {code} is not in `accounts` (科目对照)")))
            }
            account => Ok(account),
        }
    }

    fn add_currency(&self, entry: &mut Entry, line: &RawJson) -> Result<(), Failure> {
        let currency = Expression::path("FCCurrency").text(line)?;
        if currency.is_empty() {
            return Ok(());
        }
        // SAP's name of the Chinese currency is the ISO's, Kingdee's is not.
        entry.currency = Some(if currency == "CNY" { "RMB".to_owned() } else { currency });
        if let (true, Some((_, foreign))) =
            (self.fields.foreign_amounts, amount(line, "FCDebit", "FCCredit")?)
        {
            entry.rate = entry.amount.checked_div(foreign).map(|rate| rate.round_dp(6));
            entry.foreign_amount = Some(foreign);
        }
        Ok(())
    }
}

/// Side and amount of a line; `None` if both are 0. A negative one stays on its side (红字).
fn amount(line: &RawJson, debit: &str, credit: &str) -> Result<Option<(Side, Decimal)>, Failure> {
    let of = |name: &str| -> Result<Decimal, Failure> {
        let value = at(name, line)?;
        let number =
            value.map(|raw| erplink_core::decimal::from_json_text(raw.as_str())).transpose();
        number
            .map(Option::unwrap_or_default)
            .map_err(|error| Failure::park(format!("`{name}`: {error}")))
    };
    let (debits, credits) = (of(debit)?, of(credit)?);
    match (debits.is_zero(), credits.is_zero()) {
        (true, true) => Ok(None),
        (false, true) => Ok(Some((Side::Debit, debits))),
        (true, false) => Ok(Some((Side::Credit, credits))),
        (false, false) => Err(Failure::park(format!(
            "`{debit}` is {debits} and `{credit}` {credits}, not one of them"
        ))),
    }
}

fn set_dimension(entry: &mut Entry, dimension: Dimension, number: String) {
    let slot = match dimension {
        Dimension::Customer => &mut entry.customer,
        Dimension::Supplier => &mut entry.supplier,
        Dimension::Department => &mut entry.department,
        Dimension::Employee => &mut entry.employee,
        Dimension::Project => &mut entry.project,
    };
    *slot = Some(number);
}

impl Mapper for VoucherMap {
    fn map(&self, document: &Document) -> Result<RawJson, Failure> {
        RawJson::of(&self.voucher(document)?).map_err(Failure::park)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(keys: &str, lines: &str) -> Result<String, String> {
        let fields: VoucherFields = serde_json::from_str(keys).unwrap();
        let map = VoucherMap::new(fields, "SBODEMOCN", "ReferenceDate");
        let content = format!(
            r#"{{"Document":{{"JdtNum":7,"ReferenceDate":"2026-03-31T00:00:00Z",
                "JournalEntryLines":{lines}}},"User":{{"UserName":"王五"}}}}"#
        );
        let document = Document::new("7", RawJson::parse(content).unwrap());
        map.map(&document).map(|raw| raw.to_string()).map_err(|no| no.message().to_owned())
    }

    const ACCOUNTS: &str = r#"{"accounts":[
        {"from":"1122","to":"1122.01","dimension":"customer"},
        {"from":"6602","to":"6602","dimension":"department","number":"CostingCode"},
        {"from":"5001","to":"5001"}]}"#;

    #[test]
    fn a_journal_entry_becomes_a_voucher() {
        let lines = r#"[
            {"AccountCode":"1122","ShortName":"C001","Debit":113.10,"Credit":0,"LineMemo":"开票"},
            {"AccountCode":"9999","Debit":0.0,"Credit":null},
            {"AccountCode":"6602","CostingCode":"D01","Debit":-3.1,"Credit":0.0,"FCCurrency":"CNY"},
            {"AccountCode":"5001","ShortName":"5001","Debit":0,"Credit":110.00,"LineMemo":""}]"#;
        assert_eq!(
            map(ACCOUNTS, lines).unwrap(),
            concat!(
                r#"{"linkId":"SBODEMOCN-7","groupName":"记","date":"2026-03-31","yearPeriod":202603,"#,
                r#""entries":["#,
                r#"{"acctNo":"1122.01","dc":1,"amount":113.10,"exp":"开票","custNo":"C001"},"#,
                r#"{"acctNo":"6602","dc":1,"amount":-3.1,"currency":"RMB","deptNo":"D01"},"#,
                r#"{"acctNo":"5001","dc":-1,"amount":110.00}]}"#,
            )
        );
    }

    #[test]
    fn word_prefix_user_and_foreign_amounts_are_settings() {
        let keys = r#"{"accounts":[],"other_accounts_same":true,"voucher_word":"转","link_prefix":"S1",
            "user_name":"User.UserName","line_text":"{LineMemo}/{Reference1}","foreign_amounts":true}"#;
        let lines = r#"[{"AccountCode":"1002","Debit":0,"Credit":710.05,"FCCredit":100,"FCDebit":0,
            "FCCurrency":"USD","LineMemo":"付款","Reference1":"R1"}]"#;
        assert_eq!(
            map(keys, lines).unwrap(),
            concat!(
                r#"{"linkId":"S1-7","groupName":"转","date":"2026-03-31","yearPeriod":202603,"#,
                r#""userName":"王五","entries":[{"acctNo":"1002","dc":-1,"amount":710.05,"#,
                r#""exp":"付款/R1","currency":"USD","rate":7.1005,"amountFor":100}]}"#,
            )
        );
    }

    #[test]
    fn what_cannot_be_mapped_names_its_line() {
        let line =
            |members: &str| format!(r#"[{{"AccountCode":"5001","Credit":1}},{{{members}}}]"#);
        for (members, expected) in [
            (r#""AccountCode":"6601","Debit":1"#, "line 2: account 6601 is not in `accounts`"),
            (r#""Debit":1"#, "line 2: the line has no `AccountCode`"),
            (r#""AccountCode":"1122","Debit":1"#, "line 2: account 1122: the Customer is empty"),
            (r#""AccountCode":"5001","Debit":1,"Credit":2"#, "line 2: `Debit` is 1 and `Credit` 2"),
            (r#""AccountCode":"5001","Debit":"x""#, "line 2: `Debit`: expected a decimal number"),
        ] {
            let problem = map(ACCOUNTS, &line(members)).unwrap_err();
            assert!(problem.starts_with(expected), "{problem}");
        }
    }
}
