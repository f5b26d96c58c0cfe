//! Adapters of DingTalk (钉钉): forms start there, decisions come from there.

mod ask;
mod decide;
mod ended;
mod events;
mod form;
mod prices;
mod start;
mod system;

pub use ask::AskInstance;
pub use decide::{DecideDraft, Locate, MarkResult};
pub use ended::DecidedInstances;
pub use events::{Events, OTHER_FORMS, instance_event};
pub use form::{FormFields, FormMap, Originator};
pub use prices::{PriceControls, SavePrices};
pub use start::StartApproval;
pub use system::DingTalk;

pub(crate) use events::ended_instance;
pub(crate) use form::FORM;
pub(crate) use system::KIND;

use crate::config::shape::{Key, Shape, required};

/// The name of the system in configurations, in limits and in paths.
pub const SYSTEM: &str = "dingtalk";

/// The form of a flow.
pub(crate) const PROCESS: &[Key] =
    &[required("process_code", Shape::Text, "The form (审批模板), PROC-…. One flow a form.")
        .unique()];
