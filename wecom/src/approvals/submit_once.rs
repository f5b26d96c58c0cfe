//! Submitting so that an ERP document never has two forms.

use std::future::IntoFuture;
use std::time::Duration;

use chrono::{DateTime, Utc};
use erplink_core::ErrorKind;
use futures_util::future::BoxFuture;
use tracing::warn;

use super::control::Control;
use super::form::Form;
use super::value::ControlValue;
use super::{Approvals, SubmitForm};
use crate::error::{Error, Result};

/// Clocks of caller and platform differ.
const CLOCK_SKEW: chrono::Duration = chrono::Duration::minutes(5);
const AHEAD: chrono::Duration = chrono::Duration::minutes(1);

/// A form on its way, submitted once whatever happens to the answers. From
/// [`Approvals::submit_once`]; await it.
#[derive(Clone, Debug)]
#[must_use = "nothing is submitted unless it is awaited"]
pub struct SubmitOnce {
    approvals: Approvals,
    form: SubmitForm,
    key: String,
    since: Option<DateTime<Utc>>,
    attempts: u32,
    visible_after: Duration,
}

/// A form that is there now.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Submitted {
    /// Its number.
    pub sp_no: String,
    /// Whether an earlier attempt had submitted it.
    pub was_there: bool,
}

impl Approvals {
    /// Submits a form and, when the answer is lost, looks for it before submitting again.
    ///
    /// WeCom has no key against submitting twice, so the form has to carry one of the caller's:
    /// `key` names a control of the form, by id or title, that holds the document's own number
    /// (草稿单号, 单据编号).
    ///
    /// ```no_run
    /// # use wecom::approvals::{ControlValue, SubmitForm};
    /// # async fn run(client: wecom::Client, marked: chrono::DateTime<chrono::Utc>) -> wecom::Result<()> {
    /// let form = SubmitForm::new("chenmeng", "3TkaH5KF").value("草稿单号", ControlValue::text("10023"));
    /// let submitted = client.approvals().submit_once(&form, "草稿单号").since(marked).await?;
    /// println!("{} {}", submitted.sp_no, submitted.was_there);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`submit`](Self::submit); [`ErrorKind::Conflict`] when several forms carry the key;
    /// [`ErrorKind::Invalid`] when the form has no such control or nothing in it. An error that
    /// [`may_have_taken_effect`](erplink_core::Error::may_have_taken_effect) means that the form
    /// was not found although it may be there: ask again with [`since`](SubmitOnce::since).
    pub fn submit_once(&self, form: &SubmitForm, key: impl Into<String>) -> SubmitOnce {
        SubmitOnce {
            approvals: self.clone(),
            form: form.clone(),
            key: key.into(),
            since: None,
            attempts: 2,
            visible_after: Duration::from_secs(5),
        }
    }

    /// Looks for a form by its ERP key: of this template and applicant, submitted at or after
    /// `since` (less five minutes, because clocks differ), whose control `key` (an id or a title)
    /// holds `value`.
    ///
    /// A form shows up a while after it was submitted; how long is not documented, so `None`
    /// directly after an attempt is no proof that there will be none.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`] when several forms match: somebody has to look at them.
    pub async fn find_submitted(
        &self,
        template_id: &str,
        creator: &str,
        since: DateTime<Utc>,
        key: &str,
        value: &str,
    ) -> Result<Option<Form>> {
        let since = since.checked_sub_signed(CLOCK_SKEW).unwrap_or(since);
        let now = self.client.clock().utc();
        let until = now.checked_add_signed(AHEAD).unwrap_or(now).max(since + AHEAD);
        let mut numbers =
            self.list(since).until(until).template(template_id).creator(creator).sp_nos();
        let mut found: Option<Form> = None;
        while let Some(sp_no) = numbers.next().await {
            let form = self.get(&sp_no?).await?;
            if !form.control(key).is_ok_and(|control| holds(control, value)) {
                continue;
            }
            if let Some(first) = &found {
                let (first, second) = (&first.sp_no, &form.sp_no);
                return Err(Error::new(
                    ErrorKind::Conflict,
                    format!("{key} = {value} was found in two forms: {first}, {second}"),
                ));
            }
            found = Some(form);
        }
        Ok(found)
    }
}

/// Texts are compared as they are, numbers by what they mean: `10023` and `10023.0` are one key.
fn holds(control: &Control, value: &str) -> bool {
    let number = |text: &str| erplink_core::decimal::from_json_text(text.trim()).ok();
    match &control.value {
        ControlValue::Number(found) | ControlValue::Money(found) => number(value) == Some(*found),
        _ => control.text().is_some_and(|found| found.trim() == value.trim()),
    }
}

impl SubmitOnce {
    /// Looks for the form before the first attempt too: for a document that was marked as being
    /// submitted at this moment by a run that did not end well.
    pub fn since(mut self, since: DateTime<Utc>) -> Self {
        self.since = Some(since);
        self
    }

    /// How often the form is submitted at most, while it is not found in between. Default 2.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// How long to wait before the second look, because a new form does not show up at once.
    /// Default 5 seconds.
    pub fn visible_after(mut self, wait: Duration) -> Self {
        self.visible_after = wait;
        self
    }

    async fn run(self) -> Result<Submitted> {
        let (key, value) = self.key_value().await?;
        if let Some(since) = self.since
            && let Some(found) = self.look(&key, &value, since).await?
        {
            return Ok(found);
        }
        let mut attempt = 1;
        loop {
            let started = self.approvals.client.clock().utc();
            let error = match self.approvals.submit(&self.form).await {
                Ok(sp_no) => return Ok(Submitted { sp_no, was_there: false }),
                Err(error) if error.may_have_taken_effect() => error,
                Err(error) => return Err(error),
            };
            warn!(attempt, "looking for the form whose answer was lost: {error}");
            match self.look_twice(&key, &value, started).await {
                Ok(Some(found)) => return Ok(found),
                Ok(None) if attempt < self.attempts => attempt += 1,
                Ok(None) => return Err(error),
                Err(conflict) if conflict.kind() == ErrorKind::Conflict => return Err(conflict),
                Err(unseen) => {
                    warn!("the form could not be looked for: {unseen}");
                    return Err(error);
                }
            }
        }
    }

    /// The id of the key's control, and what the form holds there.
    async fn key_value(&self) -> Result<(String, String)> {
        let template = self.approvals.cached_template(&self.form.template_id).await?;
        let no_key = |reason: String| {
            Error::invalid(format!("the form cannot be submitted safely: {reason}"))
        };
        let key = template.control(&self.key).map_err(|error| no_key(error.to_string()))?;
        let is_key = |name: &str| template.control(name).is_ok_and(|found| found.id == key.id);
        let control = self.form.controls.iter().find(|control| is_key(&control.id));
        let text = control.and_then(Control::text);
        let value = text.ok_or_else(|| no_key(format!("{} holds no key", key.label())))?;
        Ok((key.id.clone(), value))
    }

    async fn look_twice(
        &self,
        key: &str,
        value: &str,
        since: DateTime<Utc>,
    ) -> Result<Option<Submitted>> {
        if let Some(found) = self.look(key, value, since).await? {
            return Ok(Some(found));
        }
        self.approvals.client.clock().sleep(self.visible_after).await;
        self.look(key, value, since).await
    }

    async fn look(
        &self,
        key: &str,
        value: &str,
        since: DateTime<Utc>,
    ) -> Result<Option<Submitted>> {
        let SubmitForm { template_id, creator_userid, .. } = &self.form;
        let found =
            Box::pin(self.approvals.find_submitted(template_id, creator_userid, since, key, value))
                .await?;
        Ok(found.map(|form| Submitted { sp_no: form.sp_no, was_there: true }))
    }
}

impl IntoFuture for SubmitOnce {
    type Output = Result<Submitted>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_keys_apart() {
        let text = |text: &str| Control::new("k", ControlValue::text(text));
        assert!(holds(&text("10023 "), "10023"));
        assert!(!holds(&text("010023"), "10023"));
        assert!(!holds(&text(""), ""));
        let number = Control::new("k", ControlValue::number(10_023));
        assert!(holds(&number, "10023.0"));
        assert!(!holds(&number, "1002"));
    }
}
