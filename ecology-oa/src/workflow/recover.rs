//! Finding out whether a create whose answer was lost has happened.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, Days, Utc};
use erplink_core::{Effect, ErrorKind};
use tracing::{info, warn};

use super::conditions::{Conditions, DateRange};
use super::create::CreateRequest;
use super::list::RequestList;
use super::{Workflow, awaitable, required};
use crate::error::{Error, Result};
use crate::time;

/// After a lost answer the server may still be at work: it is asked again after these waits.
const WAITS: [Duration; 3] =
    [Duration::from_secs(1), Duration::from_secs(3), Duration::from_secs(8)];

/// A request that was created, now or by an earlier attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Created {
    /// Its id.
    pub request_id: i64,
    /// Whether it was found instead of created.
    pub adopted: bool,
}

/// A create that never happens twice. From [`Workflow::create_or_adopt`].
#[derive(Clone, Debug)]
#[must_use = "requests do nothing unless they are awaited"]
pub struct CreateOrAdopt {
    workflow: Workflow,
    request: CreateRequest,
    attempted_since: Option<DateTime<Utc>>,
}

impl Workflow {
    /// Looks for the request that a [`create`](Self::create) with an unknown outcome may have
    /// started at or after `since`: exactly this title.
    ///
    /// Reads the lists [`RequestList::Mine`], [`RequestList::Handled`] and, for drafts,
    /// [`RequestList::ToDo`] of the user of this client. They count in days of the server, so a day
    /// more is looked at on either side.
    ///
    /// A request may show up a moment after it was started: `None` directly after the attempt is no
    /// proof that there will be none.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`] when several requests have the title: somebody has to look at them.
    pub async fn find_created(&self, title: &str, since: DateTime<Utc>) -> Result<Option<i64>> {
        required("title", title)?;
        let day = |at: DateTime<Utc>| time::local(at, time::china()).date();
        let (from, to) = (day(since), day(self.client.clock().utc()));
        let from = from.checked_sub_days(Days::new(1)).unwrap_or(from);
        let to = to.checked_add_days(Days::new(1)).unwrap_or(to);
        let conditions = Conditions::new().title(title).created(DateRange::Between(from, to));
        let mut found = BTreeSet::new();
        for list in [RequestList::Mine, RequestList::Handled, RequestList::ToDo] {
            let mut rows = self.list(list).conditions(conditions.clone()).rows();
            while let Some(row) = rows.next().await {
                let row = row?;
                // The server looks for titles that hold the text.
                if row.request_name.as_deref() == Some(title) {
                    found.extend(row.request_id);
                }
            }
        }
        match found.len() {
            0 | 1 => Ok(found.first().copied()),
            _ => Err(Error::new(
                ErrorKind::Conflict,
                format!("several requests are called `{title}`: {found:?}"),
            )),
        }
    }

    /// [`create`](Self::create), and when its answer is lost, the request is looked for by its
    /// title and taken over. It is never created a second time. Await it.
    ///
    /// The title has to be unique, see [`CreateRequest::new`]. When the request cannot be found
    /// either, the error of the create is answered, and
    /// [`may_have_taken_effect`](erplink_core::Error::may_have_taken_effect) stays true: try again
    /// later with [`attempted_since`](CreateOrAdopt::attempted_since), which looks before it
    /// creates.
    ///
    /// ```no_run
    /// use ecology_oa::workflow::{CreateRequest, Field};
    ///
    /// # async fn run(client: ecology_oa::Client) -> ecology_oa::Result<()> {
    /// let request = CreateRequest::new(781, "采购申请-1042").field(Field::text("docentry", "1042"));
    /// let created = client.workflow().create_or_adopt(&request).await?;
    /// println!("{} (found: {})", created.request_id, created.adopted);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of [`create`](Self::create) and of [`find_created`](Self::find_created).
    pub fn create_or_adopt(&self, request: &CreateRequest) -> CreateOrAdopt {
        CreateOrAdopt { workflow: self.clone(), request: request.clone(), attempted_since: None }
    }
}

impl CreateOrAdopt {
    /// Looks before it creates: an attempt was made at or after this moment, and its outcome is not
    /// known.
    pub fn attempted_since(mut self, since: DateTime<Utc>) -> Self {
        self.attempted_since = Some(since);
        self
    }

    async fn send(self) -> Result<Created> {
        let Self { workflow, request, attempted_since } = self;
        request.check()?;
        if let Some(since) = attempted_since
            && let Some(request_id) = workflow.find_created(request.title(), since).await?
        {
            info!(request_id, "an earlier attempt had created the request");
            return Ok(Created { request_id, adopted: true });
        }
        let started = workflow.client.clock().utc();
        let lost = match workflow.create(&request).await {
            Ok(request_id) => return Ok(Created { request_id, adopted: false }),
            // A refusal by the flow is an answer, also where its half-made request was kept.
            Err(error)
                if error.may_have_taken_effect()
                    && error.api_error().is_none_or(|api| api.request_failure().is_none()) =>
            {
                error
            }
            Err(error) => return Err(error),
        };
        for wait in WAITS {
            workflow.client.clock().sleep(wait).await;
            match workflow.find_created(request.title(), started).await {
                Ok(Some(request_id)) => {
                    info!(request_id, "the answer was lost, the request was found");
                    return Ok(Created { request_id, adopted: true });
                }
                Ok(None) => {}
                Err(error) if error.kind() == ErrorKind::Conflict => {
                    return Err(error.with_effect(Effect::Unknown));
                }
                Err(error) => warn!("the request cannot be looked for: {error}"),
            }
        }
        Err(lost)
    }
}

awaitable!(CreateOrAdopt => Created);
