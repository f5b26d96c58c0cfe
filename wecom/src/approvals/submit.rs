//! Submitting forms.

use std::borrow::Cow;
use std::future::IntoFuture;

use erplink_core::Idempotency;
use futures_util::future::BoxFuture;
use serde::Serialize;
use serde_json::Value;

use super::control::Control;
use super::process::{Flow, LegacyProcess, Process};
use super::template::Template;
use super::value::ControlValue;
use super::write::without_controls;
use super::{Approvals, check};
use crate::client::{Endpoint, Input};
use crate::error::{ApiError, Error, Result};
use crate::tree::Tree;

const SUBMIT: Endpoint = Endpoint::new("POST /cgi-bin/oa/applyevent", Idempotency::NotIdempotent);

/// The notice card has three lines of twenty characters.
const SUMMARY_LINES: usize = 3;
const SUMMARY_CHARS: usize = 20;

/// A form to submit.
///
/// Controls are named by id or by title; they are sent in the order of the template, whatever the
/// order here. Without a [`process`](Self::process) the flow is the one that the template has in
/// the console, conditions included; it must not let the applicant choose approvers.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct SubmitForm {
    pub(super) creator_userid: String,
    pub(super) template_id: String,
    pub(super) controls: Vec<Control>,
    department: Option<i64>,
    flow: Flow,
    summary: Vec<String>,
}

impl SubmitForm {
    /// A form of this template in the name of this applicant, who has to be in the app's visible
    /// range (可见范围).
    pub fn new(creator_userid: impl Into<String>, template_id: impl Into<String>) -> Self {
        Self {
            creator_userid: creator_userid.into(),
            template_id: template_id.into(),
            controls: Vec::new(),
            department: None,
            flow: Flow::default(),
            summary: Vec::new(),
        }
    }

    /// Fills in a control, named by its id or its title.
    pub fn value(mut self, key: impl Into<String>, value: ControlValue) -> Self {
        self.controls.push(Control::new(key, value));
        self
    }

    /// Fills in a table (明细), named by its id or its title: for each row its controls. Controls a
    /// row leaves out are sent empty, because the platform wants all of them in every row.
    pub fn rows<K, R>(self, key: impl Into<String>, rows: impl IntoIterator<Item = R>) -> Self
    where
        K: Into<String>,
        R: IntoIterator<Item = (K, ControlValue)>,
    {
        self.value(key, ControlValue::table(rows))
    }

    /// The department under which the form is filed. Default: the applicant's main one.
    pub fn department(mut self, id: i64) -> Self {
        self.department = Some(id);
        self
    }

    /// Gives the flow with the form, instead of the template's. Replaces any other flow.
    pub fn process(mut self, process: Process) -> Self {
        self.flow = Flow::Process(process);
        self
    }

    /// Sends the flow in the members that the documentation dropped. Replaces any other flow.
    pub fn legacy_process(mut self, process: LegacyProcess) -> Self {
        self.flow = Flow::Legacy(process);
        self
    }

    /// Adds a line to the notice card and the list: at most three, of which 20 characters are
    /// shown; what is longer is cut. Default: the name of the template.
    pub fn summary(mut self, line: impl AsRef<str>) -> Self {
        let line = without_controls(line.as_ref()).replace('\n', " ");
        let line: String = line.trim().chars().take(SUMMARY_CHARS).collect();
        if !line.is_empty() {
            self.summary.push(line);
        }
        self
    }

    /// What does not depend on the template.
    fn problems(&self) -> Vec<String> {
        let mut problems = self.flow.problems();
        for (name, text) in
            [("creator_userid", &self.creator_userid), ("template_id", &self.template_id)]
        {
            if text.trim().is_empty() {
                problems.push(format!("{name} is empty"));
            }
        }
        if self.summary.len() > SUMMARY_LINES {
            let found = self.summary.len();
            problems.push(format!("the summary has at most {SUMMARY_LINES} lines, found {found}"));
        }
        problems
    }
}

/// A form on its way. From [`Approvals::submit`]; await it.
#[derive(Clone, Debug)]
#[must_use = "nothing is submitted unless it is awaited"]
pub struct Submit {
    approvals: Approvals,
    form: SubmitForm,
    is_checked: bool,
}

impl Approvals {
    /// `POST /cgi-bin/oa/applyevent`: submits a form (提交审批申请), answers its number (`sp_no`).
    ///
    /// The form is compared with its template first, so that the error names the control; the
    /// template is read at most once in ten minutes.
    ///
    /// **Two calls make two forms.** When
    /// [`may_have_taken_effect`](erplink_core::Error::may_have_taken_effect), look for the form
    /// before you submit again, or let [`submit_once`](Self::submit_once) do so.
    ///
    /// # Errors
    /// [`Invalid`](erplink_core::ErrorKind::Invalid) with all that does not fit the template;
    /// code `301055` for an applicant the app does not see; `301025` when the platform finds that
    /// the data does not fit; `301056` when approval is switched off.
    pub fn submit(&self, form: &SubmitForm) -> Submit {
        Submit { approvals: self.clone(), form: form.clone(), is_checked: true }
    }
}

impl Submit {
    /// Sends the form as it is: controls have to be named by id, rows be complete, and a summary
    /// be there.
    pub fn unchecked(mut self) -> Self {
        self.is_checked = false;
        self
    }

    async fn run(self) -> Result<String> {
        let Self { approvals, form, is_checked } = self;
        let problems = form.problems();
        if !problems.is_empty() {
            return Err(unfit(&problems));
        }
        let input = if is_checked {
            let template = approvals.cached_template(&form.template_id).await.map_err(not_sent)?;
            Input::json(&Body::fitted(&form, &template)?)?
        } else {
            Input::json(&Body::plain(&form)?)?
        };
        let SubmitForm { creator_userid, template_id, .. } = &form;
        let input =
            input.about(format!("creator_userid {creator_userid}, template_id {template_id}"));
        let read = |answer: &Value| Tree::new(answer).get("sp_no").require_text("sp_no");
        let sp_no = approvals.client.read(&SUBMIT, input, read).await;
        let is_unfit = |error: &Error| {
            error.api_error().is_some_and(|api| api.code() == ApiError::APPROVAL_PARAMETER)
        };
        if sp_no.as_ref().is_err_and(is_unfit) {
            // Somebody may have changed the template: the next form is compared with the new one.
            approvals.client.templates().forget(template_id);
        }
        sp_no
    }
}

impl IntoFuture for Submit {
    type Output = Result<String>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

/// The template could not be read, so the form was not submitted.
fn not_sent(error: Error) -> Error {
    error.with_effect(erplink_core::Effect::NotSent)
}

fn unfit(problems: &[String]) -> Error {
    Error::invalid(format!("the form does not fit: {}", problems.join("; ")))
}

#[derive(Serialize)]
struct Body<'a> {
    creator_userid: &'a str,
    template_id: &'a str,
    use_template_approver: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    choose_department: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    process: Option<&'a Process>,
    #[serde(flatten)]
    legacy: Option<&'a LegacyProcess>,
    apply_data: ApplyData<'a>,
    summary_list: Vec<Summary<'a>>,
}

#[derive(Serialize)]
struct ApplyData<'a> {
    contents: Cow<'a, [Control]>,
}

#[derive(Serialize)]
struct Summary<'a> {
    summary_info: [Text<'a>; 1],
}

#[derive(Serialize)]
struct Text<'a> {
    text: Cow<'a, str>,
    lang: &'static str,
}

impl<'a> Body<'a> {
    fn fitted(form: &'a SubmitForm, template: &'a Template) -> Result<Self> {
        let controls = check::fit(&form.controls, template).map_err(|problems| unfit(&problems))?;
        Self::new(
            form,
            Cow::Owned(controls),
            Some(template.name.chars().take(SUMMARY_CHARS).collect()),
        )
    }

    fn plain(form: &'a SubmitForm) -> Result<Self> {
        Self::new(form, Cow::Borrowed(&form.controls), None)
    }

    fn new(
        form: &'a SubmitForm,
        contents: Cow<'a, [Control]>,
        fallback: Option<String>,
    ) -> Result<Self> {
        let summary = |text| Summary { summary_info: [Text { text, lang: "zh_CN" }] };
        let mut summary_list: Vec<_> =
            form.summary.iter().map(|line| summary(Cow::Borrowed(line.as_str()))).collect();
        if summary_list.is_empty() {
            let text = fallback.filter(|text| !text.trim().is_empty()).ok_or_else(|| {
                Error::invalid("the form has no summary: the platform wants at least one line")
            })?;
            summary_list.push(summary(Cow::Owned(text)));
        }
        Ok(Self {
            creator_userid: form.creator_userid.trim(),
            template_id: form.template_id.trim(),
            use_template_approver: form.flow.use_template_approver(),
            choose_department: form.department,
            process: form.flow.process(),
            legacy: form.flow.legacy(),
            apply_data: ApplyData { contents },
            summary_list,
        })
    }
}
