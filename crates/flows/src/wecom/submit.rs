use std::collections::HashSet;

use async_trait::async_trait;
use chrono::{TimeDelta, Utc};
use erplink_core::decimal;
use erplink_sync::Failure;
use erplink_sync::ports::{Found, Outgoing, Pushed, Target};
use wecom::Client;
use wecom::approvals::{SubmitForm, Template, TemplateControl};

use super::form::{Filled, Form};

/// A clock of ours that is wrong must not hide a form: the list is asked for beyond now.
const AHEAD: TimeDelta = TimeDelta::days(1);

/// Submits a form (审批单) for a mapped document, checked against its template first.
///
/// WeCom knows no key against submitting twice: a form with an unknown outcome is looked up by
/// applicant and the control with the document's number, among the forms of the last days.
#[derive(Clone, Debug)]
pub struct SubmitApproval {
    wecom: Client,
    template_id: String,
    look_back: TimeDelta,
}

impl SubmitApproval {
    /// For forms of this template; looks seven days back.
    #[must_use]
    pub fn new(wecom: Client, template_id: impl Into<String>) -> Self {
        Self { wecom, template_id: template_id.into(), look_back: TimeDelta::days(7) }
    }

    /// How many days back a form with an unknown outcome is looked for: longer than the program is
    /// ever down.
    #[must_use]
    pub fn look_back(mut self, days: u32) -> Self {
        self.look_back = TimeDelta::days(days.into());
        self
    }

    /// The form in the template's own terms, or everything that does not fit.
    fn fitted(&self, form: &Form, template: &Template) -> Result<SubmitForm, Failure> {
        let mut submit = SubmitForm::new(&form.applicant, &self.template_id).summary(&form.summary);
        if let Some(id) = form.department {
            submit = submit.department(id);
        }
        let mut problems = Vec::new();
        let mut parsed = |filled: &Filled, control: wecom::Result<&TemplateControl>| {
            let value = control.and_then(|one| Ok((one.id.clone(), one.parse(&filled.text)?)));
            value.map_err(|error| problems.push(error.to_string())).ok()
        };
        for filled in std::iter::once(&form.key).chain(&form.controls) {
            if let Some((id, value)) = parsed(filled, template.control(&filled.control)) {
                submit = submit.value(id, value);
            }
        }
        if let Some(table) = &form.table {
            match template.control(&table.control) {
                Ok(control) => {
                    let mut rows = Vec::new();
                    for row in &table.rows {
                        let cells = row
                            .iter()
                            .filter_map(|filled| parsed(filled, control.child(&filled.control)));
                        rows.push(cells.collect::<Vec<_>>());
                    }
                    submit = submit.rows(&control.id, rows);
                }
                Err(error) => problems.push(error.to_string()),
            }
        }
        if problems.is_empty() {
            return Ok(submit);
        }
        // What is wrong with a column is wrong in every row.
        let mut told = HashSet::new();
        problems.retain(|problem| told.insert(problem.clone()));
        Err(Failure::park(format!("the form does not fit its template: {}", problems.join("; "))))
    }
}

#[async_trait]
impl Target for SubmitApproval {
    fn system(&self) -> &str {
        super::SYSTEM
    }

    async fn push(&self, document: &Outgoing) -> Result<Pushed, Failure> {
        let form: Form = document.read()?;
        let approvals = self.wecom.approvals();
        let template = approvals.cached_template(&self.template_id).await?;
        let submit = self.fitted(&form, &template)?;
        Ok(Pushed::new(approvals.submit(&submit).await?))
    }

    async fn find(&self, document: &Outgoing) -> Result<Found, Failure> {
        let form: Form = document.read()?;
        let approvals = self.wecom.approvals();
        let now = Utc::now();
        let list = approvals.list(now - self.look_back).until(now + AHEAD);
        let mut numbers = list.template(&self.template_id).creator(&form.applicant).sp_nos();
        let mut found = Vec::new();
        while let Some(sp_no) = numbers.next().await {
            let sp_no = sp_no?;
            if document.previous_id.as_ref() == Some(&sp_no) {
                continue;
            }
            let seen = approvals.get(&sp_no).await?;
            let key = seen.control(&form.key.control).ok().and_then(|control| control.text());
            if key.is_some_and(|key| is_same(&key, &form.key.text)) {
                found.push(sp_no);
            }
        }
        Ok(match found.as_slice() {
            [] => Found::No,
            [sp_no] => Found::Yes(Pushed::new(sp_no)),
            several => Found::CannotTell(format!(
                "{} = {} is in several forms: {}",
                form.key.control,
                form.key.text,
                several.join(", "),
            )),
        })
    }
}

/// 16 and 16.0 are the same number.
fn is_same(one: &str, other: &str) -> bool {
    let number = |text: &str| decimal::from_json_text(text.trim()).ok();
    one.trim() == other.trim() || number(one).is_some_and(|one| number(other) == Some(one))
}
