//! Scenarios: the adapters composed to flows, with every knob at its default.
//!
//! A scenario is plain data, from a configuration file or from code, and makes the flows of one
//! company for a [`Runner`](erplink_sync::Runner).

mod document_approval;
mod draft_approval;
mod pace;
mod price_quotation;

pub use document_approval::DocumentApproval;
pub use draft_approval::{DraftApproval, SourceNumber};
pub use pace::Pace;
pub use price_quotation::PriceQuotation;

/// The systems of one company (账套).
#[derive(Clone, Debug)]
pub struct Systems {
    /// The ERP.
    pub b1: b1_servicelayer::Client,
    /// The DingTalk app.
    pub dingtalk: dingtalk::Client,
}

/// The name of the flow that carries the decisions on the documents of `flow` back.
#[must_use]
pub fn decisions_of(flow: &str) -> String {
    format!("{flow}-decisions")
}
