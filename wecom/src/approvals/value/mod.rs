//! What the controls of a form hold.

mod parts;

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeZone};
use erplink_core::{Decimal, RawJson, open_enum};

use super::control::{Control, Row};
use super::template::DateType;

pub use parts::{
    Attendance, AttendanceKind, AttendanceSlice, AttendanceSlices, Bank, BankAccount,
    ContactDepartment, ContactMember, DateValue, FormFile, Location, Period, PunchCorrection,
    RelatedForm, SelectedOption, TimeZoneInfo, Vacation,
};

/// Eight hours east of Greenwich: the platform's own time.
const CHINA_SECONDS: i32 = 8 * 3600;

open_enum! {
    /// The kind of a control (控件).
    pub enum ControlKind {
        /// One line of text (文本).
        Text = "Text",
        /// Several lines of text (多行文本).
        Textarea = "Textarea",
        /// A number (数字).
        Number = "Number",
        /// An amount (金额).
        Money = "Money",
        /// A date, or a date with time (日期).
        Date = "Date",
        /// One or several options (单选、多选).
        Selector = "Selector",
        /// Members or departments (成员、部门).
        Contact = "Contact",
        /// A text for the reader (说明文字). The platform fills it in.
        Tips = "Tips",
        /// Files (附件).
        File = "File",
        /// Rows of controls (明细).
        Table = "Table",
        /// A time span (时长).
        DateRange = "DateRange",
        /// Leave (假勤组件-请假组件).
        Vacation = "Vacation",
        /// Trip, outing, overtime (假勤组件).
        Attendance = "Attendance",
        /// Clock correction (补卡). Cannot be submitted by API.
        PunchCorrection = "PunchCorrection",
        /// A place (位置).
        Location = "Location",
        /// Other forms (关联审批单).
        RelatedApproval = "RelatedApproval",
        /// A computed value (公式). The platform computes it.
        Formula = "Formula",
        /// A bank account (收款账户).
        BankAccount = "BankAccount",
        /// A phone number (电话). Its value is not documented: see [`ControlValue::raw`].
        PhoneNumber = "PhoneNumber",
    }
}

impl ControlKind {
    /// Whether the platform fills the control in, and refuses a value for it.
    #[must_use]
    pub fn is_filled_by_platform(&self) -> bool {
        matches!(self, Self::Tips | Self::Formula)
    }
}

/// The value of a control.
///
/// Values are written and read in the same form. What does not have the documented form of its
/// control stays as it was sent, in [`ControlValue::Other`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ControlValue {
    /// One line of text.
    Text(String),
    /// Several lines of text.
    Textarea(String),
    /// A number, exact.
    Number(Decimal),
    /// An amount, exact.
    Money(Decimal),
    /// A date or a moment.
    Date(DateValue),
    /// The chosen options.
    Selector(Vec<SelectedOption>),
    /// Members.
    Members(Vec<ContactMember>),
    /// Departments.
    Departments(Vec<ContactDepartment>),
    /// The text the template shows, as sent.
    Tips(RawJson),
    /// Files.
    Files(Vec<FormFile>),
    /// Rows.
    Table(Vec<Row>),
    /// A time span.
    DateRange(Period),
    /// Leave.
    Vacation(Vacation),
    /// Trip, outing, overtime.
    Attendance(Attendance),
    /// Clock correction.
    PunchCorrection(PunchCorrection),
    /// A place.
    Location(Location),
    /// Other forms.
    RelatedApprovals(Vec<RelatedForm>),
    /// What the platform computed, as it wrote it.
    Formula(String),
    /// A bank account.
    BankAccount(BankAccount),
    /// Nothing was entered.
    Empty(ControlKind),
    /// A value this version does not know: the JSON under `value`.
    Other(ControlKind, RawJson),
}

impl ControlValue {
    /// Text, for a control of one line or of several.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A number, with exactly these digits.
    pub fn number(number: impl Into<Decimal>) -> Self {
        Self::Number(number.into())
    }

    /// An amount, with exactly these digits.
    pub fn money(amount: impl Into<Decimal>) -> Self {
        Self::Money(amount.into())
    }

    /// A day (年-月-日), in the platform's time, UTC+8.
    #[must_use]
    pub fn date(date: NaiveDate) -> Self {
        let at = date.and_time(chrono::NaiveTime::MIN);
        Self::Date(DateValue::at(DateType::Day, china(at)))
    }

    /// A moment (年-月-日+时间).
    pub fn date_time<Tz: TimeZone>(at: &DateTime<Tz>) -> Self {
        Self::Date(DateValue::at(DateType::Hour, at.timestamp()))
    }

    /// A moment, in the platform's time, UTC+8.
    #[must_use]
    pub fn local_date_time(at: NaiveDateTime) -> Self {
        Self::Date(DateValue::at(DateType::Hour, china(at)))
    }

    /// One option, by its key or by its text.
    pub fn option(option: impl Into<String>) -> Self {
        Self::options([option])
    }

    /// Several options, by their keys or by their texts.
    pub fn options<I: Into<String>>(options: impl IntoIterator<Item = I>) -> Self {
        let option = |key: I| SelectedOption { key: key.into(), text: None };
        Self::Selector(options.into_iter().map(option).collect())
    }

    /// Members, by their userids.
    pub fn members<I: Into<String>>(userids: impl IntoIterator<Item = I>) -> Self {
        let member = |userid: I| ContactMember { userid: userid.into(), name: None };
        Self::Members(userids.into_iter().map(member).collect())
    }

    /// Departments, by their ids.
    pub fn departments(ids: impl IntoIterator<Item = i64>) -> Self {
        let department = |id: i64| ContactDepartment { openapi_id: id.to_string(), name: None };
        Self::Departments(ids.into_iter().map(department).collect())
    }

    /// Files, by their media ids. At most 6 in the whole form.
    pub fn files<I: Into<String>>(media_ids: impl IntoIterator<Item = I>) -> Self {
        let file = |id: I| FormFile { file_id: id.into(), ..FormFile::default() };
        Self::Files(media_ids.into_iter().map(file).collect())
    }

    /// Rows: for each the child controls, by id or title, and their values.
    pub fn table<K, R>(rows: impl IntoIterator<Item = R>) -> Self
    where
        K: Into<String>,
        R: IntoIterator<Item = (K, Self)>,
    {
        let row = |row: R| row.into_iter().map(|(key, value)| Control::new(key, value)).collect();
        Self::Table(rows.into_iter().map(row).collect())
    }

    /// A time span; `kind` is the template's `halfday` or `hour`.
    pub fn date_range<Tz: TimeZone>(
        kind: impl Into<String>,
        begin: &DateTime<Tz>,
        end: &DateTime<Tz>,
    ) -> Self {
        let (begin, end) = (begin.timestamp(), end.timestamp());
        Self::DateRange(Period::new(kind, begin, end))
    }

    /// Other forms, by their numbers.
    pub fn related<I: Into<String>>(sp_nos: impl IntoIterator<Item = I>) -> Self {
        Self::RelatedApprovals(sp_nos.into_iter().map(RelatedForm::new).collect())
    }

    /// JSON of the caller's for the member `value`, where this crate has no form for it.
    pub fn raw(kind: ControlKind, value: RawJson) -> Self {
        Self::Other(kind, value)
    }

    /// What kind of control it is for.
    #[must_use]
    pub fn kind(&self) -> ControlKind {
        match self {
            Self::Text(_) => ControlKind::Text,
            Self::Textarea(_) => ControlKind::Textarea,
            Self::Number(_) => ControlKind::Number,
            Self::Money(_) => ControlKind::Money,
            Self::Date(_) => ControlKind::Date,
            Self::Selector(_) => ControlKind::Selector,
            Self::Members(_) | Self::Departments(_) => ControlKind::Contact,
            Self::Tips(_) => ControlKind::Tips,
            Self::Files(_) => ControlKind::File,
            Self::Table(_) => ControlKind::Table,
            Self::DateRange(_) => ControlKind::DateRange,
            Self::Vacation(_) => ControlKind::Vacation,
            Self::Attendance(_) => ControlKind::Attendance,
            Self::PunchCorrection(_) => ControlKind::PunchCorrection,
            Self::Location(_) => ControlKind::Location,
            Self::RelatedApprovals(_) => ControlKind::RelatedApproval,
            Self::Formula(_) => ControlKind::Formula,
            Self::BankAccount(_) => ControlKind::BankAccount,
            Self::Empty(kind) | Self::Other(kind, _) => kind.clone(),
        }
    }

    /// Whether nothing was entered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Empty(_) => true,
            Self::Text(text) | Self::Textarea(text) | Self::Formula(text) => text.is_empty(),
            Self::Selector(options) => options.is_empty(),
            Self::Members(members) => members.is_empty(),
            Self::Departments(departments) => departments.is_empty(),
            Self::Files(files) => files.is_empty(),
            Self::Table(rows) => rows.is_empty(),
            Self::RelatedApprovals(forms) => forms.is_empty(),
            _ => false,
        }
    }
}

fn china(at: NaiveDateTime) -> i64 {
    at.and_utc().timestamp() - i64::from(CHINA_SECONDS)
}
