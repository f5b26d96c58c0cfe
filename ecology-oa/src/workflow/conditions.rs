//! What a list is filtered by.

use chrono::NaiveDate;
use serde_json::{Map, Value};

use super::create::RequestLevel;
use super::status::NodeType;
use crate::time;

/// A span of days, by the clock of the OA server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DateRange {
    /// Today.
    Today,
    /// This week.
    Week,
    /// This month.
    Month,
    /// This quarter.
    Quarter,
    /// This year.
    Year,
    /// Last month.
    LastMonth,
    /// Last year.
    LastYear,
    /// From one day to another, both included.
    Between(NaiveDate, NaiveDate),
}

impl DateRange {
    fn selector(self) -> &'static str {
        match self {
            Self::Today => "1",
            Self::Week => "2",
            Self::Month => "3",
            Self::Quarter => "4",
            Self::Year => "5",
            Self::Between(..) => "6",
            Self::LastMonth => "7",
            Self::LastYear => "8",
        }
    }
}

/// The member `conditions` of a list call: all of them have to hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Conditions(Map<String, Value>);

impl Conditions {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// The title holds this text.
    pub fn title(self, text: impl Into<String>) -> Self {
        self.with("requestname", text)
    }

    /// The level.
    pub fn level(self, level: &RequestLevel) -> Self {
        self.with("requestlevel", level.as_str())
    }

    /// Created in this span.
    pub fn created(self, range: DateRange) -> Self {
        self.range("createdate", range)
    }

    /// Last handled in this span.
    pub fn operated(self, range: DateRange) -> Self {
        self.range("operatedate", range)
    }

    /// Received in this span.
    pub fn received(self, range: DateRange) -> Self {
        // The platform's spelling.
        self.range("recievedate", range)
    }

    /// Archived, or not.
    pub fn archived(self, archived: bool) -> Self {
        self.with("archivestatus", if archived { "1" } else { "2" })
    }

    /// The kind of the current node.
    pub fn node_type(self, node: &NodeType) -> Self {
        self.with("nodetype", node.as_str())
    }

    /// Started by this employee, by OA user id.
    pub fn created_by(self, user_id: impl Into<String>) -> Self {
        self.with("creatertype", "0").with("createrid", user_id)
    }

    /// Waiting for this user.
    pub fn waiting_for(self, user_id: impl Into<String>) -> Self {
        self.with("unophrmid", user_id)
    }

    /// The number of the request (流程编号).
    pub fn number(self, number: impl Into<String>) -> Self {
        self.with("wfcode", number)
    }

    /// Any other condition, under the platform's name, such as `workcode`, `crmids` or, where the
    /// patch knows it, `workflowIds`.
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.insert(name.into(), Value::String(value.into()));
        self
    }

    fn range(self, name: &str, range: DateRange) -> Self {
        let this = self.with(format!("{name}select"), range.selector());
        match range {
            DateRange::Between(from, to) => this
                .with(format!("{name}from"), time::date(from))
                .with(format!("{name}to"), time::date(to)),
            _ => this,
        }
    }

    /// As it is sent: JSON text, in JSON bodies as well.
    pub(super) fn to_text(&self) -> Option<String> {
        (!self.0.is_empty()).then(|| Value::Object(self.0.clone()).to_string())
    }
}
