//! Listing approval instances.

use std::collections::HashSet;

use chrono::{DateTime, Duration, Utc};
use erplink_core::pager::{items, pages};
use erplink_core::{ErrorKind, Idempotency, Page, Results};
use futures_util::{TryStreamExt, future, stream};
use serde::{Deserialize, Serialize};

use super::create::{at_most, required};
use super::instance::InstanceStatus;
use super::{READ, Workflow};
use crate::client::{Client, Endpoint, Input};
use crate::error::{Error, Result};
use crate::lenient::Scalar;

pub(super) const QUERY_IDS: Endpoint =
    Endpoint::api("POST /v1.0/workflow/processes/instanceIds/query", Idempotency::Safe, READ);

/// One query may span 120 days. A day less, because an open end is measured by the platform's clock.
const MAX_DAYS: i64 = 119;
const PAGE_SIZE: u32 = 20;
const MAX_ORIGINATORS: usize = 10;

/// From a moment to another, or to whatever the platform calls now.
type Window = (DateTime<Utc>, Option<DateTime<Utc>>);

/// Lists the ids of instances that were started in an interval. From [`Workflow::list_ids`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent before `ids`"]
pub struct ListInstances {
    client: Client,
    process_code: String,
    since: DateTime<Utc>,
    until: Option<DateTime<Utc>>,
    originators: Vec<String>,
    statuses: Vec<InstanceStatus>,
}

impl Workflow {
    /// `POST /v1.0/workflow/processes/instanceIds/query`: lists the ids of instances of a template
    /// (获取审批实例ID列表) that were **started** since a moment.
    ///
    /// Permission `Workflow.Instance.Read`. The platform keeps 365 days (5 years in the premium
    /// edition) and pages through at most 10 000 ids of an interval.
    pub fn list_ids(&self, process_code: impl Into<String>, since: DateTime<Utc>) -> ListInstances {
        ListInstances {
            client: self.client.clone(),
            process_code: process_code.into(),
            since,
            until: None,
            originators: Vec::new(),
            statuses: Vec::new(),
        }
    }
}

impl ListInstances {
    /// Only instances started before this moment. Default: now.
    pub fn until(mut self, until: DateTime<Utc>) -> Self {
        self.until = Some(until);
        self
    }

    /// Only instances of these originators, at most 10.
    pub fn originators<I: Into<String>>(mut self, user_ids: impl IntoIterator<Item = I>) -> Self {
        self.originators = user_ids.into_iter().map(Into::into).collect();
        self
    }

    /// Only instances in these states.
    pub fn statuses(mut self, statuses: impl IntoIterator<Item = InstanceStatus>) -> Self {
        self.statuses = statuses.into_iter().collect();
        self
    }

    /// The ids, each once. Intervals of more than 120 days are asked for in parts.
    ///
    /// The order is the platform's, which does not document one.
    pub fn ids(self) -> Results<String, Error> {
        match self.windows() {
            Ok(windows) => self.walk(windows),
            Err(error) => Results::new(stream::once(future::err(error))),
        }
    }

    fn windows(&self) -> Result<Vec<Window>> {
        required("process_code", &self.process_code)?;
        at_most("originators", self.originators.len(), MAX_ORIGINATORS)?;
        if let Some(until) = self.until.filter(|until| *until < self.since) {
            return Err(Error::invalid(format!(
                "until ({until}) lies before since ({}): nothing can be in between",
                self.since
            )));
        }
        let until = self.until.unwrap_or_else(|| self.client.clock().utc());
        let mut windows = Vec::new();
        let mut start = self.since;
        loop {
            match start.checked_add_signed(Duration::days(MAX_DAYS)) {
                Some(end) if end < until => {
                    windows.push((start, Some(end)));
                    start = end;
                }
                _ => {
                    windows.push((start, self.until));
                    return Ok(windows);
                }
            }
        }
    }

    fn walk(self, windows: Vec<Window>) -> Results<String, Error> {
        let pages = pages((0_usize, 0_i64), move |(window, token)| {
            let list = self.clone();
            let interval = windows.get(window).copied();
            let has_more = window + 1 < windows.len();
            async move {
                let Some(interval) = interval else {
                    return Ok(Page { items: Vec::new(), next: None });
                };
                let page = list.page(interval, token).await?;
                let next = match page.next {
                    Some(token) => Some((window, token)),
                    None => has_more.then_some((window + 1, 0)),
                };
                Ok(Page { items: page.items, next })
            }
        });
        // Neighbouring intervals share an instant, and instances start while pages are read.
        let mut seen = HashSet::new();
        let unique = items(pages).try_filter(move |id| future::ready(seen.insert(id.clone())));
        Results::new(unique)
    }

    async fn page(&self, (start, end): Window, token: i64) -> Result<Page<String, i64>> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Query<'a> {
            process_code: &'a str,
            start_time: i64,
            #[serde(skip_serializing_if = "Option::is_none")]
            end_time: Option<i64>,
            next_token: i64,
            max_results: u32,
            #[serde(skip_serializing_if = "<[_]>::is_empty")]
            user_ids: &'a [String],
            #[serde(skip_serializing_if = "<[_]>::is_empty")]
            statuses: &'a [InstanceStatus],
        }
        #[derive(Default, Deserialize)]
        #[serde(rename_all = "camelCase", default)]
        struct Answer {
            #[serde(deserialize_with = "crate::lenient::texts")]
            list: Vec<String>,
            next_token: Scalar,
        }
        let query = Query {
            process_code: &self.process_code,
            start_time: start.timestamp_millis(),
            end_time: end.map(|end| end.timestamp_millis()),
            next_token: token,
            max_results: PAGE_SIZE,
            user_ids: &self.originators,
            statuses: &self.statuses,
        };
        let answer: Answer = self.client.call_result(&QUERY_IDS, Input::json(&query)?).await?;
        Ok(Page { items: answer.list, next: next_token(answer.next_token)? })
    }
}

/// Sent as text here and as a number there; absent, null or empty on the last page.
pub(super) fn next_token(token: Scalar) -> Result<Option<i64>> {
    match token.into_text() {
        None => Ok(None),
        Some(text) => text.trim().parse().map(Some).map_err(|_| {
            Error::new(ErrorKind::Decode, format!("nextToken: expected a number, found `{text}`"))
        }),
    }
}
