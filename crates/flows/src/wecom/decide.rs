use async_trait::async_trait;
use chrono::FixedOffset;
use erplink_core::RawJson;
use erplink_sync::Failure;
use erplink_sync::map::{CheckedMap, Entry, FieldMap, MapProblems, MappedField};
use erplink_sync::ports::{Outgoing, Pushed, Target};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use wecom::Client;
use wecom::approvals::{Decision, Form, Opinion};

use crate::b1::{Decide, ResultField, Verdict, WhichRequest, Withdrawn};
use crate::config::shape::{Key, Shape, default};
use crate::scenario::fields::FIELD;

/// The platform's own time zone, eight hours east of Greenwich.
const CHINA_SECONDS: i32 = 8 * 3600;

/// How the approval request of a form is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Locate {
    /// A control of the form holds the draft's `DocEntry`.
    DraftEntry {
        /// Its title or id, such as `草稿单号`.
        control: String,
    },
    /// A field of the draft holds the form's number.
    NumberField {
        /// The set of the draft, `Drafts` or `StockTransferDrafts`.
        set: String,
        /// The field, such as `U_SPNO`.
        field: String,
    },
}

/// What of a decided form goes into which field of the draft or document, besides the decision: a
/// map whose paths are those of [`DecidedForm`].
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(try_from = "Vec<Entry>")]
pub struct ResultFields(CheckedMap);

/// The key of [`ResultFields`].
pub(crate) const RESULT: &[Key] = &[default(
    "result_fields",
    Shape::Tables(FIELD),
    "[]",
    "What of the decided form goes into which field of the document: Form.Number, Result, Status, Approver, Approvers, Refusers, Speeches, Date, and Controls.TITLE.",
)];

impl TryFrom<Vec<Entry>> for ResultFields {
    type Error = MapProblems;

    fn try_from(entries: Vec<Entry>) -> Result<Self, MapProblems> {
        if entries.is_empty() {
            return Ok(Self::default());
        }
        FieldMap { main: entries, lines: None }.check(&[]).map(Self)
    }
}

impl ResultFields {
    fn of(&self, form: &DecidedForm) -> Result<Vec<MappedField>, Failure> {
        let content = RawJson::of(form).map_err(|error| Failure::park(error.to_string()))?;
        Ok(self.0.apply(&content)?.main)
    }
}

/// A decided form as [`ResultFields`] see it: `Form.Number`, `Controls.备注`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DecidedForm {
    /// The form.
    pub form: FormOutcome,
    /// The texts of its controls, by title.
    pub controls: BTreeMap<String, String>,
}

/// How a form was decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct FormOutcome {
    /// Its number (审批编号, sp_no).
    pub number: String,
    /// `Y` or `N`, or what the flow writes instead.
    pub result: String,
    /// `已同意` or `已驳回`.
    pub status: String,
    /// The userid of who acted last.
    pub approver: String,
    /// Who agreed.
    pub approvers: String,
    /// Who refused.
    pub refusers: String,
    /// What they wrote, `userid:text` joined.
    pub speeches: String,
    /// When somebody acted last, in China's time.
    pub date: String,
}

impl DecidedForm {
    fn new(form: &Form, verdict: &Verdict, result: &str) -> Self {
        let people = |opinions: &mut dyn Iterator<Item = &Opinion>| {
            let userids: Vec<_> = opinions.map(|one| one.userid.as_str()).collect();
            userids.join(", ")
        };
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let controls = form.controls.iter().filter_map(|control| {
            let title = control.title.clone().unwrap_or_else(|| control.id.clone());
            Some((title, control.text()?))
        });
        Self {
            form: FormOutcome {
                number: form.sp_no.clone(),
                result: result.to_owned(),
                status: verdict.words.clone(),
                approver: text(&verdict.approver),
                approvers: people(&mut form.progress.agreed()),
                refusers: people(&mut form.progress.rejected()),
                speeches: form.progress.speeches(),
                date: text(&verdict.date),
            },
            controls: controls.collect(),
        }
    }
}

fn verdict(form: &Form, approve: bool, words: &str) -> Verdict {
    let progress = &form.progress;
    let acted = progress.agreed().chain(progress.rejected());
    let last = acted.max_by_key(|opinion| opinion.time);
    let china = FixedOffset::east_opt(CHINA_SECONDS);
    let date = progress.last_time().zip(china).map(|(at, china)| at.with_timezone(&china));
    let speeches = progress.speeches();
    Verdict {
        approve,
        words: words.to_owned(),
        remarks: (!speeches.is_empty()).then_some(speeches),
        approver: last.map(|opinion| opinion.userid.clone()),
        date: date.map(|at| at.format("%Y-%m-%d %H:%M:%S").to_string()),
    }
}

/// The form that an event is about. The event is a hint; the form says what holds.
async fn ended_form(wecom: &Client, event: &Outgoing) -> Result<Form, Failure> {
    let sp_no = event.about.as_deref().unwrap_or(&event.key.document);
    let form = wecom.approvals().get(sp_no).await?;
    if !form.status.is_final() {
        return Err(Failure::refused("WeCom still shows the form as under approval"));
    }
    Ok(form)
}

/// What was done for a form that had passed is for a person to undo.
fn revoked_after_pass(form: &Form) -> Failure {
    Failure::park(format!(
        "form {} was revoked after it had passed (通过后撤销); nothing is done about it in the ERP: look there, then discard this event",
        form.sp_no
    ))
}

/// Carries a decision of WeCom over to the approval request (审批请求) of the ERP.
#[derive(Clone, Debug)]
pub struct DecideDraft {
    wecom: Client,
    decide: Decide,
    locate: Locate,
    fields: ResultFields,
    withdrawn: Withdrawn,
    ignores_others: bool,
}

impl DecideDraft {
    /// Writes no further field of the draft; a withdrawal (撤销) or deletion does nothing.
    #[must_use]
    pub fn new(wecom: Client, decide: Decide, locate: Locate) -> Self {
        let (fields, withdrawn) = (ResultFields::default(), Withdrawn::default());
        Self { wecom, decide, locate, fields, withdrawn, ignores_others: false }
    }

    /// Writes these fields of the draft too.
    #[must_use]
    pub fn fields(mut self, fields: ResultFields) -> Self {
        self.fields = fields;
        self
    }

    /// What a withdrawal (撤销) or a deletion before the decision does. Default: nothing.
    #[must_use]
    pub fn withdrawn(mut self, withdrawn: Withdrawn) -> Self {
        self.withdrawn = withdrawn;
        self
    }

    /// Leaves forms alone whose number is in no draft: for receivers of all templates.
    #[must_use]
    pub fn ignore_others(mut self, ignore: bool) -> Self {
        self.ignores_others = ignore;
        self
    }

    async fn is_anothers(&self, form: &Form) -> Result<bool, Failure> {
        match &self.locate {
            Locate::NumberField { set, field } if self.ignores_others => {
                Ok(!self.decide.knows(set, field, &form.sp_no).await?)
            }
            _ => Ok(false),
        }
    }

    fn which(&self, form: &Form) -> Result<WhichRequest, Failure> {
        Ok(match &self.locate {
            Locate::DraftEntry { control } => {
                let number = number_in(form, control)?;
                let entry = i32::try_from(number);
                WhichRequest::OfDraft(entry.map_err(|_| no_number(control))?)
            }
            Locate::NumberField { set, field } => WhichRequest::OfDraftWith {
                set: set.clone(),
                field: field.clone(),
                id: form.sp_no.clone(),
            },
        })
    }
}

fn number_in(form: &Form, control: &str) -> Result<i64, Failure> {
    let number = form.control(control).and_then(|found| found.integer());
    number.map_err(Failure::park)?.ok_or_else(|| no_number(control))
}

fn no_number(control: &str) -> Failure {
    Failure::park(format!("`{control}` of the form is empty or no number of the ERP"))
}

#[async_trait]
impl Target for DecideDraft {
    fn system(&self) -> &str {
        crate::b1::SYSTEM
    }

    /// It looks at the state before it decides.
    fn is_repeatable(&self) -> bool {
        true
    }

    async fn push(&self, document: &Outgoing) -> Result<Pushed, Failure> {
        let form = ended_form(&self.wecom, document).await?;
        if self.is_anothers(&form).await? {
            return Ok(Pushed::nothing("no draft has the number of this form"));
        }
        let (approve, words) = match (form.decision(), self.withdrawn) {
            (Decision::Approved, _) => (true, "已同意"),
            (Decision::Rejected, _) => (false, "已驳回"),
            (Decision::Revoked, Withdrawn::Refuse) => (false, "已撤销"),
            (Decision::Deleted, Withdrawn::Refuse) => (false, "已删除"),
            (Decision::RevokedAfterPass, _) => return Err(revoked_after_pass(&form)),
            (other, _) => {
                return Err(Failure::park(format!(
                    "form {} is {other:?} (撤销, 删除) in WeCom: nobody decided; decide in the ERP, or submit anew",
                    form.sp_no
                )));
            }
        };
        let verdict = verdict(&form, approve, words);
        let result = if approve { "Y" } else { "N" };
        let fields = self.fields.of(&DecidedForm::new(&form, &verdict, result))?;
        self.decide.clone().also(fields).carry_out(&self.which(&form)?, &verdict).await
    }
}

/// How the document of a form is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocumentOf {
    /// The field of the [`ResultField`] holds the form's number.
    Number,
    /// A control of the form holds a number of the document.
    Control {
        /// Its title or id, such as `单据编号`.
        control: String,
        /// The property, such as `DocNum`.
        property: String,
    },
}

/// Writes how WeCom decided into the document. For documents without an approval of their own in
/// the ERP.
#[derive(Clone, Debug)]
pub struct MarkResult {
    wecom: Client,
    result: ResultField,
    document: DocumentOf,
    fields: ResultFields,
}

impl MarkResult {
    /// Writes no further field; a withdrawal (撤销) or deletion writes nothing.
    #[must_use]
    pub fn new(wecom: Client, result: ResultField, document: DocumentOf) -> Self {
        Self { wecom, result, document, fields: ResultFields::default() }
    }

    /// Writes these fields of the document too.
    #[must_use]
    pub fn fields(mut self, fields: ResultFields) -> Self {
        self.fields = fields;
        self
    }
}

#[async_trait]
impl Target for MarkResult {
    fn system(&self) -> &str {
        crate::b1::SYSTEM
    }

    /// Writing the same values twice is the same as once.
    fn is_repeatable(&self) -> bool {
        true
    }

    async fn push(&self, document: &Outgoing) -> Result<Pushed, Failure> {
        let form = ended_form(&self.wecom, document).await?;
        let (approved, words) = match form.decision() {
            Decision::Approved => (true, "已同意"),
            Decision::Rejected => (false, "已驳回"),
            Decision::RevokedAfterPass => return Err(revoked_after_pass(&form)),
            _ => return Ok(Pushed::nothing("withdrawn or deleted (撤销, 删除): nobody decided")),
        };
        let verdict = verdict(&form, approved, words);
        let decided = DecidedForm::new(&form, &verdict, self.result.value(approved));
        let result = self.result.clone().also(self.fields.of(&decided)?);
        match &self.document {
            DocumentOf::Number => result.write(&form.sp_no, approved).await,
            DocumentOf::Control { control, property } => {
                let number = number_in(&form, control)?;
                result.write_to_number(property, number, approved).await
            }
        }
    }
}
