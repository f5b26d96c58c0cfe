//! Where the platform is inconsistent, or nobody knows: switches.

use std::time::Duration;

use serde::{Deserialize, Deserializer};

/// How the platform's answers are spelt today. The default is the documented form.
///
/// The management port takes them as JSON, enumerations in `snake_case`, `decision_lag` in seconds.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Quirks {
    /// Create accepts unknown options, users, departments and related instances, as the platform does
    /// until its announced stricter checks are in force.
    pub lenient_forms: bool,
    /// `success` of the instance detail is a boolean instead of the documented text `"true"`.
    pub success_as_boolean: bool,
    /// How the instance detail writes times.
    pub times: TimeStyle,
    /// How the instance detail writes a component that was not filled in.
    pub empty_values: EmptyStyle,
    /// A table without rows carries schema-like objects instead of rows.
    pub empty_table_as_schema: bool,
    /// Contacts answer with numbers and booleans as text, lists as text, one-element lists as the element.
    pub stringly_contacts: bool,
    /// The status of open tasks after a withdrawal is `TERMINATED` instead of `CANCELED`.
    pub withdrawn_tasks_terminated: bool,
    /// For so long (on the simulated clock) after its end an instance still reads as running,
    /// although the event was pushed: whether the platform does this is not documented.
    #[serde(deserialize_with = "seconds")]
    pub decision_lag: Duration,
    /// A comment also pushes `bpms_task_change` with the type `comment`.
    pub comment_events: bool,
}

fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    u64::deserialize(deserializer).map(Duration::from_secs)
}

/// How the instance detail writes times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeStyle {
    /// `2024-11-20T02:31Z`, as documented: no seconds.
    #[default]
    Minutes,
    /// `2024-11-20T02:31:05Z`.
    Seconds,
    /// `2024-11-20T10:31:05+08:00`.
    Beijing,
    /// `1732069865000` as a number.
    Milliseconds,
}

/// How the instance detail writes a component that was not filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmptyStyle {
    /// The four letters `null` as text.
    #[default]
    NullText,
    /// A JSON null.
    Null,
    /// No `value` member.
    Absent,
}
