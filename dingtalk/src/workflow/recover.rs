//! Finding out whether a create whose answer was lost has happened.

use chrono::{DateTime, Duration, Utc};
use erplink_core::ErrorKind;

use super::Workflow;
use super::instance::Instance;
use crate::error::{Error, Result};

/// The clocks of caller and platform differ, and the platform counts in minutes.
const CLOCK_SKEW: Duration = Duration::minutes(2);

impl Workflow {
    /// Looks for the instance that a [`create`](Self::create) with an unknown outcome may have
    /// started: same template, same originator, started at or after `since`, and `component`
    /// (a label, id or business alias such as `来源单号`) holds `value`.
    ///
    /// Answers the id of the instance and the instance. `since` is a moment before the attempt;
    /// two minutes more are looked at for the sake of clocks that differ.
    ///
    /// An instance shows up a moment after it was started; `None` directly after the attempt is no
    /// proof that there will be none.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`] when several instances match: somebody has to look at them.
    pub async fn find_created(
        &self,
        process_code: &str,
        originator: &str,
        since: DateTime<Utc>,
        component: &str,
        value: &str,
    ) -> Result<Option<(String, Instance)>> {
        let since = since.checked_sub_signed(CLOCK_SKEW).unwrap_or(since);
        let mut ids = self.list_ids(process_code, since).originators([originator]).ids();
        let mut found: Option<(String, Instance)> = None;
        while let Some(id) = ids.next().await {
            let id = id?;
            let instance = match self.get(&id).await {
                Ok(instance) => instance,
                // Deleted between the list and now.
                Err(error) if error.is_not_found() => continue,
                Err(error) => return Err(error),
            };
            let matches = instance.form().get(component).and_then(|component| component.text())
                == Some(value);
            match (&found, matches) {
                (Some((first, _)), true) => {
                    return Err(Error::new(
                        ErrorKind::Conflict,
                        format!("{component} = {value} was found in two instances: {first}, {id}"),
                    ));
                }
                (None, true) => found = Some((id, instance)),
                (_, false) => {}
            }
        }
        Ok(found)
    }
}
