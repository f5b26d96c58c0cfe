//! Listing form numbers.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use erplink_core::pager::{items, pages};
use erplink_core::{Idempotency, Page, Results};
use futures_util::{TryStreamExt, future, stream};
use serde_json::{Value, json};

use super::Approvals;
use super::status::FormStatus;
use crate::client::{Endpoint, Input};
use crate::error::{ApiError, Error, Result};
use crate::number_enum::number_enum;
use crate::tree::Tree;

const LIST: Endpoint = Endpoint::new("POST /cgi-bin/oa/getapprovalinfo", Idempotency::Safe);

/// One query spans at most 31 days.
const LONGEST: i64 = 31 * 24 * 3600;
const LARGEST_PAGE: u32 = 100;

number_enum! {
    /// What forms are about, for those submitted after 2021-05-31.
    pub enum RecordType {
        /// Leave (请假).
        Leave = 1,
        /// Clock correction (打卡补卡).
        ClockCorrection = 2,
        /// Business trip (出差).
        Trip = 3,
        /// Outing (外出).
        Outing = 4,
        /// Overtime (加班).
        Overtime = 5,
        /// Shift change (调班).
        ShiftChange = 6,
        /// Meeting room (会议室预定).
        MeetingRoom = 7,
        /// Refund (退款审批).
        Refund = 8,
        /// Red packet (红包报销审批).
        RedPacket = 9,
    }
}

/// Lists the numbers of forms that were submitted in an interval. From [`Approvals::list`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent before `sp_nos`"]
pub struct ListForms {
    approvals: Approvals,
    since: DateTime<Utc>,
    until: Option<DateTime<Utc>>,
    filters: Vec<Value>,
    page_size: u32,
}

impl Approvals {
    /// `POST /cgi-bin/oa/getapprovalinfo`: the numbers of forms **submitted** since a moment
    /// (批量获取审批单号). The call cannot tell what changed since.
    ///
    /// Only forms of applicants the app sees come back. Intervals of more than 31 days are asked
    /// for in parts, and parts that hold too much (`301112`) in halves.
    ///
    /// ```no_run
    /// # use chrono::{TimeDelta, Utc};
    /// use wecom::approvals::FormStatus;
    ///
    /// # async fn run(client: wecom::Client) -> wecom::Result<()> {
    /// let mut open = client
    ///     .approvals()
    ///     .list(Utc::now() - TimeDelta::days(90))
    ///     .template("3TkaH5KFbrG9heEQWLJjhgpFwmqAFB4d")
    ///     .status(FormStatus::Pending)
    ///     .sp_nos();
    /// while let Some(sp_no) = open.next().await {
    ///     println!("{}", sp_no?);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self, since: DateTime<Utc>) -> ListForms {
        ListForms {
            approvals: self.clone(),
            since,
            until: None,
            filters: Vec::new(),
            page_size: LARGEST_PAGE,
        }
    }
}

impl ListForms {
    /// Only forms submitted before this moment. Default: now.
    pub fn until(mut self, until: DateTime<Utc>) -> Self {
        self.until = Some(until);
        self
    }

    /// Only forms of this template.
    pub fn template(self, template_id: impl Into<String>) -> Self {
        self.only("template_id", template_id.into())
    }

    /// Only forms of this applicant. A member who left makes the call fail with `301055`.
    pub fn creator(self, userid: impl Into<String>) -> Self {
        self.only("creator", userid.into())
    }

    /// Only forms filed under this department; may be given several times, for any of them.
    pub fn department(mut self, id: i64) -> Self {
        self.filters.push(json!({ "key": "department", "value": id.to_string() }));
        self
    }

    /// Only forms in this state.
    pub fn status(self, status: FormStatus) -> Self {
        self.only("sp_status", status.number().to_string())
    }

    /// Only forms about this.
    pub fn record_type(self, record_type: RecordType) -> Self {
        self.only("record_type", record_type.number().to_string())
    }

    /// Numbers a page, 1 to 100. Default 100.
    pub fn page_size(mut self, size: u32) -> Self {
        self.page_size = size.clamp(1, LARGEST_PAGE);
        self
    }

    /// All keys but `department` may stand there once: the last one counts.
    fn only(mut self, key: &str, value: String) -> Self {
        self.filters.retain(|filter| filter["key"] != key);
        self.filters.push(json!({ "key": key, "value": value }));
        self
    }

    /// The numbers, each once. The order is the platform's, which does not document one.
    pub fn sp_nos(self) -> Results<String, Error> {
        match self.windows() {
            Ok(windows) => self.walk(windows),
            Err(error) => Results::new(stream::once(future::err(error))),
        }
    }

    /// The interval in parts, latest first: they are taken from the end.
    fn windows(&self) -> Result<Vec<Window>> {
        let since = self.since.timestamp();
        let until = self.until.unwrap_or_else(|| self.approvals.client.clock().utc()).timestamp();
        if until < since {
            return Err(Error::invalid(format!(
                "until ({until}) lies before since ({since}): nothing can be in between"
            )));
        }
        // The platform wants the end to lie after the beginning.
        let until = until.max(since.saturating_add(1));
        let mut windows = Vec::new();
        let mut start = since;
        while start < until {
            let end = start.saturating_add(LONGEST).min(until);
            windows.push(Window { start, end });
            start = end;
        }
        windows.reverse();
        Ok(windows)
    }

    fn walk(self, windows: Vec<Window>) -> Results<String, Error> {
        let start = Place { windows, cursor: String::new() };
        let pages = pages(start, move |place| {
            let list = self.clone();
            async move {
                let Place { mut windows, cursor } = place;
                let Some(window) = windows.last().copied() else {
                    return Ok(Page { items: Vec::new(), next: None });
                };
                let (items, cursor) = match list.page(window, &cursor).await {
                    Ok((items, Some(cursor))) => (items, cursor),
                    Ok((items, None)) => {
                        windows.pop();
                        (items, String::new())
                    }
                    Err(error) => {
                        let halves =
                            window.halves().filter(|_| is_too_wide(&error)).ok_or(error)?;
                        windows.pop();
                        windows.extend(halves);
                        (Vec::new(), String::new())
                    }
                };
                let next = (!windows.is_empty()).then_some(Place { windows, cursor });
                Ok(Page { items, next })
            }
        });
        // Neighbouring parts share a second, and a part that is halved starts over.
        let mut seen = HashSet::new();
        let unique =
            items(pages).try_filter(move |number| future::ready(seen.insert(number.clone())));
        Results::new(unique)
    }

    async fn page(&self, window: Window, cursor: &str) -> Result<(Vec<String>, Option<String>)> {
        let mut body = json!({
            "starttime": window.start.to_string(),
            "endtime": window.end.to_string(),
            "new_cursor": cursor,
            "size": self.page_size,
        });
        if !self.filters.is_empty() {
            body["filters"] = json!(self.filters);
        }
        self.approvals
            .client
            .read(&LIST, Input::json(&body)?, |answer| {
                let answer = Tree::new(answer);
                Ok((answer.get("sp_no_list").texts(), answer.get("new_next_cursor").text()))
            })
            .await
    }
}

fn is_too_wide(error: &Error) -> bool {
    error.api_error().is_some_and(|api| api.code() == ApiError::WINDOW_TOO_WIDE)
}

/// Seconds of the epoch, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Window {
    start: i64,
    end: i64,
}

impl Window {
    /// Latest first. A second cannot be halved.
    fn halves(self) -> Option<[Self; 2]> {
        let middle = self.start + (self.end - self.start) / 2;
        let halves =
            [Self { start: middle, end: self.end }, Self { start: self.start, end: middle }];
        (middle > self.start).then_some(halves)
    }
}

/// Where a walk stands: the parts left, the current one last, and its cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    windows: Vec<Window>,
    cursor: String,
}
