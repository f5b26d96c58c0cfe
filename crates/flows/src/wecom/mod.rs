//! Adapters of WeCom (企业微信): forms are submitted there, decisions come from there.

mod ask;
mod check;
mod decide;
mod events;
mod form;
mod submit;
mod system;

pub use ask::AskForm;
pub use decide::{
    DecideDraft, DecidedForm, DocumentOf, FormOutcome, Locate, MarkResult, ResultFields,
};
pub use events::{Events, OTHER_FORMS, form_event};
pub use form::{FormFields, FormMap};
pub use submit::SubmitApproval;
pub use system::WeCom;

pub(crate) use decide::RESULT;
pub(crate) use form::FORM;
pub(crate) use system::KIND;

use crate::config::shape::{Key, Shape, required};

/// The name of the system in configurations, in limits and in paths.
pub const SYSTEM: &str = "wecom";

/// The form of a flow.
pub(crate) const TEMPLATE: &[Key] = &[required(
    "template_id",
    Shape::Text,
    "The template (审批模板): the id in the address of its page. One flow a template.",
)
.unique()];
