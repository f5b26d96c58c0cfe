//! What single controls hold.

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};

use super::CHINA_SECONDS;
use crate::approvals::status::FormStatus;
use crate::approvals::template::DateType;
use crate::number_enum::number_enum;

/// A date or a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DateValue {
    /// What the control asks for; has to equal the template's.
    pub kind: DateType,
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

impl DateValue {
    pub(super) fn at(kind: DateType, timestamp: i64) -> Self {
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
