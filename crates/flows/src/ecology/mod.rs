//! Adapters of Weaver e-cology (泛微 OA): requests start there, decisions and forms come from there,
//! master data goes there.
//!
//! What OA pushes is part of a person's click: it is answered once the work is done, and the person
//! reads the answer.

mod ask;
mod decide;
mod ended;
mod form;
mod push;
mod record;
mod start;
mod system;

pub use ask::{AskRequest, Returned};
pub use decide::{DecideDraft, MarkResult};
pub use ended::{End, RequestEnd, ended_request};
pub use form::{RequestFields, RequestMap, UserIs};
pub use record::{RecordFields, SaveRecord};
pub use start::StartRequest;
pub use system::Ecology;

pub(crate) use ask::RETURNED;
pub(crate) use ended::RESULTS;
pub(crate) use form::FORM;
pub(crate) use record::RECORD;
pub(crate) use system::KIND;

use crate::config::shape::{Key, Shape, required};

/// The name of the system in configurations, in limits and in paths.
pub const SYSTEM: &str = "ecology";

/// The workflow of a flow.
pub(crate) const WORKFLOW: &[Key] = &[
    required(
        "workflow_id",
        Shape::Integer(1, i64::MAX),
        "The workflow (流程id), as the OA administrator says.",
    ),
    required(
        "request_name",
        Shape::Text,
        "The title of the requests; the document's key is added: 采购申请-16. No two flows on one OA have the same.",
    )
    .unique(),
];
