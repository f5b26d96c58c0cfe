//! Adapters of DingTalk (钉钉): forms start there, decisions come from there.

mod ask;
mod events;
mod form;
mod start;

pub use ask::AskInstance;
pub use events::{Events, instance_event};
pub use form::{FormMap, Originator};
pub use start::StartApproval;

pub(crate) use events::ended_instance;

/// The name of the system in the limits of a runner.
pub const SYSTEM: &str = "dingtalk";
