//! Vouchers (凭证) as they are written.

use chrono::NaiveDate;
use erplink_core::{Decimal, Members, RawJson};
use serde::{Deserialize, Serialize};

use super::entry::{Entry, Side};
use super::read::{NoVoucher, Reader, put_number, put_text};
use crate::period::Period;

/// A voucher (凭证) to save.
///
/// ```
/// use kingdee_jdy::vouchers::{Entry, Voucher};
///
/// let voucher = Voucher::new("SBODEMOCN-1001", "记", "2026-03-31".parse()?)
///     .entry(Entry::debit("1122", 11_300).customer("C001").text("销售开票"))
///     .entry(Entry::credit("5001", 10_000))
///     .entry(Entry::credit("2221.01", 1_300));
/// assert_eq!(voucher.difference().unwrap().to_string(), "0");
/// # Ok::<(), chrono::ParseError>(())
/// ```
///
/// As JSON it is what goes on the wire; members it does not know are kept in `more`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Members", try_from = "Members")]
pub struct Voucher {
    /// Its id in the system it comes from (`linkId`): what the platform knows it by, and the only
    /// protection against saving it twice. Unique.
    pub link_id: String,
    /// The voucher word (凭证字, `groupName`), such as `记`.
    pub group_name: String,
    /// Its number (凭证号, `vchNumber`); `None`: the next free one.
    pub number: Option<u32>,
    /// Its day (`date`).
    pub date: NaiveDate,
    /// Its period (`yearPeriod`), which must be the one of its day, and open. `None`: not sent.
    pub period: Option<Period>,
    /// Who made it (制单人, `userName`).
    pub user_name: Option<String>,
    /// Its lines (分录, `entries`).
    pub entries: Vec<Entry>,
    /// Members this crate does not know, as they go on the wire.
    pub more: Members,
}

impl Voucher {
    /// A voucher without lines.
    pub fn new(link_id: impl Into<String>, group_name: impl Into<String>, date: NaiveDate) -> Self {
        Self {
            link_id: link_id.into(),
            group_name: group_name.into(),
            number: None,
            date,
            period: None,
            user_name: None,
            entries: Vec::new(),
            more: Members::new(),
        }
    }

    /// Adds a line.
    #[must_use]
    pub fn entry(mut self, entry: Entry) -> Self {
        self.entries.push(entry);
        self
    }

    /// Says who made it (制单人).
    #[must_use]
    pub fn user_name(mut self, name: impl Into<String>) -> Self {
        self.user_name = Some(name.into());
        self
    }

    /// What the lines of one side add up to; `None` beyond 28 digits.
    #[must_use]
    pub fn total(&self, side: Side) -> Option<Decimal> {
        let of_side = self.entries.iter().filter(|entry| entry.side == side);
        of_side.map(|entry| entry.amount).try_fold(Decimal::ZERO, Decimal::checked_add)
    }

    /// Debits less credits, which is 0 for a balanced voucher; `None` beyond 28 digits.
    #[must_use]
    pub fn difference(&self) -> Option<Decimal> {
        self.total(Side::Debit)?.checked_sub(self.total(Side::Credit)?)
    }

    /// As it goes on the wire.
    #[must_use]
    pub fn to_members(&self) -> Members {
        let entries = self.entries.iter().map(Entry::to_members).collect();
        self.with_entries(entries)
    }

    /// The members, with lines that may have been renamed.
    pub(super) fn with_entries(&self, entries: Vec<Members>) -> Members {
        let mut members = Members::new();
        members.set("linkId", RawJson::text(&self.link_id));
        members.set("groupName", RawJson::text(&self.group_name));
        put_number(&mut members, "vchNumber", self.number);
        members.set("date", RawJson::text(&self.date.format("%Y-%m-%d").to_string()));
        put_number(&mut members, "yearPeriod", self.period.map(Period::number));
        put_text(&mut members, "userName", self.user_name.as_ref());
        members.set("entries", RawJson::array(entries.iter().map(Members::to_json)));
        for (name, value) in self.more.iter() {
            members.set(name, value.clone());
        }
        members
    }
}

impl From<Voucher> for Members {
    fn from(voucher: Voucher) -> Self {
        voucher.to_members()
    }
}

impl TryFrom<Members> for Voucher {
    type Error = NoVoucher;

    fn try_from(members: Members) -> Result<Self, NoVoucher> {
        let mut members = Reader(members);
        let number = |text: Option<String>, name: &str| {
            let parsed = text.map(|text| text.parse::<u32>().map_err(|_| text)).transpose();
            parsed.map_err(|text| {
                NoVoucher::new(format!("`{name}`: expected a whole number, found `{text}`"))
            })
        };
        let link_id = members.required_text("linkId")?;
        let group_name = members.required_text("groupName")?;
        let vch_number = number(members.text("vchNumber")?, "vchNumber")?;
        let date = erplink_core::date::date(&members.required_text("date")?)
            .map_err(|error| NoVoucher::new(format!("`date`: {error}")))?;
        let period = number(members.text("yearPeriod")?, "yearPeriod")?
            .map(Period::try_from)
            .transpose()
            .map_err(|error| NoVoucher::new(format!("`yearPeriod`: {error}")))?;
        let user_name = members.text("userName")?;
        let lines = members.objects("entries")?.into_iter().enumerate();
        let entries = lines.map(|(index, line)| {
            Entry::from_members(line)
                .map_err(|error| NoVoucher::new(format!("line {}: {error}", index + 1)))
        });
        let entries = entries.collect::<Result<_, _>>()?;
        let more = members.0;
        Ok(Self { link_id, group_name, number: vch_number, date, period, user_name, entries, more })
    }
}
