//! What the controls of a form hold.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, TimeZone, Utc};
use erplink_core::{Decimal, RawJson, open_enum};

use super::control::{Control, Row};
use super::status::FormStatus;
use crate::number_enum::number_enum;

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

/// A date or a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DateValue {
    /// What the control asks for; has to equal the template's.
    pub kind: super::DateType,
    /// The moment, in seconds of the epoch. For a day its beginning.
    pub timestamp: i64,
    /// Where the form was filled in, when that was not at UTC+8.
    pub zone: Option<TimeZoneInfo>,
}

/// A time zone other than UTC+8.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TimeZoneInfo {
    /// As the platform writes it: hours **west**, such as `-9` for UTC+9.
    pub zone_offset: String,
    /// For people, such as `UTC+9`.
    pub zone_desc: String,
}

/// A chosen option.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SelectedOption {
    /// The key in the template. Before a form is checked it may be the text people see.
    pub key: String,
    /// The text people see, in answers.
    pub text: Option<String>,
}

/// A member in a contact control.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContactMember {
    /// The member.
    pub userid: String,
    /// The name people see.
    pub name: Option<String>,
}

/// A department in a contact control.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContactDepartment {
    /// The department's id, as text.
    pub openapi_id: String,
    /// The name people see.
    pub name: Option<String>,
}

/// A file in a form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FormFile {
    /// A media id when written, an id of permanent storage (`WWCISP_…`) when read.
    pub file_id: String,
    /// Its name.
    pub file_name: Option<String>,
    /// Its size in bytes.
    pub file_size: Option<i64>,
    /// Its type.
    pub file_type: Option<String>,
    /// Its address.
    pub file_url: Option<String>,
}

/// A time span.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Period {
    /// `halfday` (begin and end at 00:00 or 12:00) or `hour`.
    pub kind: String,
    /// The beginning, in seconds of the epoch.
    pub begin: i64,
    /// The end, in seconds of the epoch.
    pub end: i64,
    /// How long it counts, in seconds. Not needed where there are slices.
    pub duration: Option<i64>,
    /// How many seconds count as a day, in answers.
    pub perday_duration: Option<i64>,
}

number_enum! {
    /// What an attendance control is for.
    pub enum AttendanceKind {
        /// Leave (请假).
        Leave = 1,
        /// Clock correction (补卡), in answers.
        ClockCorrection = 2,
        /// Business trip (出差).
        Trip = 3,
        /// Outing (外出).
        Outing = 4,
        /// Overtime (加班): at most 7 days.
        Overtime = 5,
    }
}

/// Trip, outing, overtime, or the span of a leave.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attendance {
    /// What it is for.
    pub kind: AttendanceKind,
    /// From when to when.
    pub range: Period,
    /// How much counts on each day.
    pub slices: Option<AttendanceSlices>,
}

/// How much of a time span counts on each day (时长支持按天分片计算).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AttendanceSlices {
    /// The days.
    pub days: Vec<AttendanceSlice>,
    /// The sum in seconds, in answers.
    pub duration: Option<i64>,
    /// 1 computed by the system, 2 edited by a person; in answers.
    pub state: Option<i64>,
}

/// One day of a time span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AttendanceSlice {
    /// The day: its 00:00 at UTC+8, in seconds of the epoch.
    pub daytime: i64,
    /// What counts of it, in seconds.
    pub duration: i64,
}

/// Leave.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Vacation {
    /// The type of leave (假期类型): its id, as text.
    pub option: SelectedOption,
    /// From when to when.
    pub attendance: Attendance,
}

/// A clock correction.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PunchCorrection {
    /// What is corrected, such as `上班-未打卡`.
    pub state: String,
    /// The corrected time, in seconds of the epoch.
    pub time: Option<i64>,
    /// 1 when `day` is there.
    pub version: Option<i64>,
    /// The day it belongs to (`daymonthyear`), in seconds of the epoch.
    pub day: Option<i64>,
}

/// A place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Location {
    /// Degrees north, with 6 decimals, as text.
    pub latitude: String,
    /// Degrees east, with 6 decimals, as text.
    pub longitude: String,
    /// Name of the place.
    pub title: String,
    /// Its address.
    pub address: String,
    /// When it was chosen, in seconds of the epoch.
    pub time: i64,
}

/// Another form.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RelatedForm {
    /// Its number.
    pub sp_no: String,
    /// Name of its template, in answers.
    pub template_name: Option<String>,
    /// Its state, in answers.
    pub status: Option<FormStatus>,
    /// Name of its applicant, in answers.
    pub applicant_name: Option<String>,
    /// When it was submitted, in answers.
    pub created: Option<DateTime<Utc>>,
}

/// A bank account. The form for submitting is not documented; this is the one of answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BankAccount {
    /// 1 a company's, 2 a person's.
    pub account_type: i64,
    /// Name of the holder.
    pub account_name: String,
    /// Number of the account.
    pub account_number: String,
    /// A remark.
    pub remark: String,
    /// The bank.
    pub bank: Bank,
}

/// A bank.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Bank {
    /// Name, such as `工商银行`.
    pub bank_alias: String,
    /// Code of the name.
    pub bank_alias_code: String,
    /// Province.
    pub province: String,
    /// Code of the province.
    pub province_code: i64,
    /// City.
    pub city: String,
    /// Code of the city.
    pub city_code: i64,
    /// Name of the branch.
    pub bank_branch_name: String,
    /// Code of the branch (联行号).
    pub bank_branch_id: String,
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
        Self::Date(DateValue::at(super::DateType::Day, china(at)))
    }

    /// A moment (年-月-日+时间).
    pub fn date_time<Tz: TimeZone>(at: &DateTime<Tz>) -> Self {
        Self::Date(DateValue::at(super::DateType::Hour, at.timestamp()))
    }

    /// A moment, in the platform's time, UTC+8.
    #[must_use]
    pub fn local_date_time(at: NaiveDateTime) -> Self {
        Self::Date(DateValue::at(super::DateType::Hour, china(at)))
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
        let duration = Some(end.saturating_sub(begin));
        Self::DateRange(Period { kind: kind.into(), begin, end, duration, perday_duration: None })
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

impl DateValue {
    pub(super) fn at(kind: super::DateType, timestamp: i64) -> Self {
        Self { kind, timestamp, zone: None }
    }

    /// The moment, with the clock of the place where the form was filled in.
    #[must_use]
    pub fn date_time(&self) -> Option<DateTime<FixedOffset>> {
        let seconds = self.zone.as_ref().and_then(TimeZoneInfo::seconds_east);
        let offset = FixedOffset::east_opt(seconds.unwrap_or(CHINA_SECONDS))?;
        Some(DateTime::from_timestamp(self.timestamp, 0)?.with_timezone(&offset))
    }

    /// The day, where the form was filled in.
    #[must_use]
    pub fn date(&self) -> Option<NaiveDate> {
        self.date_time().map(|at| at.date_naive())
    }
}

impl TimeZoneInfo {
    fn seconds_east(&self) -> Option<i32> {
        let west: f64 = self.zone_offset.trim().parse().ok()?;
        // Half and quarter hours exist, more than a day does not.
        #[allow(clippy::cast_possible_truncation)]
        (west.abs() < 24.0).then(|| -(west * 3600.0) as i32)
    }
}

impl SelectedOption {
    /// An option by its key in the template.
    pub fn new(key: impl Into<String>) -> Self {
        Self { key: key.into(), text: None }
    }
}

impl RelatedForm {
    /// A form by its number.
    pub fn new(sp_no: impl Into<String>) -> Self {
        Self {
            sp_no: sp_no.into(),
            template_name: None,
            status: None,
            applicant_name: None,
            created: None,
        }
    }
}

impl Period {
    /// A time span; `kind` is the template's `halfday` or `hour`, times are seconds of the epoch.
    pub fn new(kind: impl Into<String>, begin: i64, end: i64) -> Self {
        let duration = Some(end.saturating_sub(begin));
        Self { kind: kind.into(), begin, end, duration, perday_duration: None }
    }
}

impl Attendance {
    /// A time span without slices.
    #[must_use]
    pub fn new(kind: AttendanceKind, range: Period) -> Self {
        Self { kind, range, slices: None }
    }

    /// What counts of each day: its 00:00 at UTC+8 in seconds of the epoch, and seconds.
    #[must_use]
    pub fn slices(mut self, days: impl IntoIterator<Item = (i64, i64)>) -> Self {
        let slice = |(daytime, duration)| AttendanceSlice { daytime, duration };
        let days = days.into_iter().map(slice).collect();
        self.slices = Some(AttendanceSlices { days, duration: None, state: None });
        self
    }
}

impl Vacation {
    /// Leave of a type, by its id or name.
    #[must_use]
    pub fn new(option: impl Into<String>, attendance: Attendance) -> Self {
        Self { option: SelectedOption::new(option), attendance }
    }
}

impl Location {
    /// A place, with degrees as text with 6 decimals.
    pub fn new(
        latitude: impl Into<String>,
        longitude: impl Into<String>,
        title: impl Into<String>,
        address: impl Into<String>,
        time: i64,
    ) -> Self {
        Self {
            latitude: latitude.into(),
            longitude: longitude.into(),
            title: title.into(),
            address: address.into(),
            time,
        }
    }
}

fn china(at: NaiveDateTime) -> i64 {
    at.and_utc().timestamp() - i64::from(CHINA_SECONDS)
}
