//! Scenarios: the adapters composed to flows, with every knob at its default.
//!
//! A scenario is plain data, from a configuration file or from code, and makes the flows of one
//! company for a [`Runner`].
//!
//! # How a scenario joins
//!
//! One file and one line. The file `src/scenario/<name>.rs` holds its data (serde, with the
//! defaults), the keys of the configuration that stand for them, an example for `erplink init`,
//! and its [`Scenario::compose`]: flows, and the receivers that feed them. The line goes into
//! `SCENARIOS` in this file.

mod barcode_server;
mod document_approval;
mod documents;
mod draft_approval;
mod ecology_approval;
mod ecology_data;
mod ecology_master_data;
mod eteams_departments;
pub(crate) mod fields;
mod invoice_ledger;
mod jdy_vouchers;
mod mes_goods_issues;
mod mes_goods_receipts;
mod mes_materials;
mod mes_windows;
mod mes_work_orders;
mod pace;
mod plm_engineering_data;
mod price_quotation;
mod wecom_document_approval;
mod wecom_draft_approval;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::NaiveDate;
use erplink_sync::ports::Source;
use erplink_sync::{Flow, Limit, Runner, RunnerBuilder, Store};
use serde::de::DeserializeOwned;
use serde_json::Value;

pub use barcode_server::{BarcodeServer, QuerySource};
pub use document_approval::DocumentApproval;
pub use documents::{Documents, Sql, SqlSource};
pub use draft_approval::{DraftApproval, SourceNumber};
pub use ecology_approval::EcologyApproval;
pub use ecology_data::{EcologyData, FormEntries};
pub use ecology_master_data::EcologyMasterData;
pub use eteams_departments::{EntityFields, EteamsDepartments};
pub use fields::MoreFields;
pub use invoice_ledger::InvoiceLedger;
pub use jdy_vouchers::JdyVouchers;
pub use mes_goods_issues::{FeedingRows, MesGoodsIssues};
pub use mes_goods_receipts::MesGoodsReceipts;
pub use mes_materials::{MesMaterials, ReadItems};
pub use mes_windows::MesWindows;
pub use mes_work_orders::MesWorkOrders;
pub use pace::Pace;
pub use plm_engineering_data::PlmEngineeringData;
pub use price_quotation::PriceQuotation;
pub use wecom_document_approval::WeComDocumentApproval;
pub use wecom_draft_approval::WeComDraftApproval;

use crate::config::shape::Key;
use crate::receive::Receiver;
pub use crate::system::{Finding, Missing, Systems};

/// Every scenario that a flow can have.
pub(crate) const SCENARIOS: &[ScenarioKind] = &[
    ecology_master_data::KIND,
    ecology_data::KIND,
    ecology_approval::KIND,
    draft_approval::KIND,
    document_approval::KIND,
    price_quotation::KIND,
    mes_materials::KIND,
    mes_work_orders::KIND,
    mes_goods_receipts::KIND,
    mes_goods_issues::KIND,
    barcode_server::KIND,
    wecom_draft_approval::KIND,
    wecom_document_approval::KIND,
    plm_engineering_data::KIND,
    jdy_vouchers::KIND,
    invoice_ledger::KIND,
    eteams_departments::KIND,
];

/// What the configuration needs to know about a scenario.
#[derive(Debug)]
pub(crate) struct ScenarioKind {
    /// The value of `scenario`.
    pub name: &'static str,
    /// Its numbers in the guides.
    pub numbers: &'static [&'static str],
    pub doc: &'static str,
    /// The systems without which it cannot work.
    pub needs: &'static [&'static str],
    pub keys: &'static [&'static [Key]],
    /// An example of the flow, for `init`.
    pub example: &'static str,
    pub read: fn(Value) -> serde_json::Result<Arc<dyn Scenario>>,
}

/// What a flow of the configuration does.
#[async_trait]
pub trait Scenario: fmt::Debug + Send + Sync {
    /// The flows of one company under this name, and the receivers that feed them.
    ///
    /// # Errors
    /// When the company lacks a system.
    fn compose(&self, company: &str, name: &str, systems: &Systems)
    -> Result<Composition, Missing>;

    /// The documents of a range of days that the flow would leave out, or has not come to, for
    /// `erplink backfill`. `None` where there is no such thing.
    ///
    /// # Errors
    /// When the company lacks a system, or the documents cannot be counted.
    async fn past(&self, systems: &Systems, from: NaiveDate, to: NaiveDate) -> PastResult {
        let _ = (systems, from, to);
        Ok(None)
    }

    /// Looks at what the flows need besides the connections, such as the form.
    async fn check(&self, systems: &Systems) -> Vec<Finding> {
        let _ = systems;
        Vec::new()
    }
}

/// Documents of the past.
pub struct Past {
    /// Where they come from.
    pub source: Box<dyn Source>,
    /// How many there are.
    pub total: usize,
}

impl fmt::Debug for Past {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Past").field("total", &self.total).finish_non_exhaustive()
    }
}

/// What [`Scenario::past`] gives.
pub type PastResult = Result<Option<Past>, Box<dyn std::error::Error + Send + Sync>>;

/// Flows, and what belongs to them.
#[derive(Debug, Default)]
pub struct Composition {
    /// The flows.
    pub flows: Vec<Flow>,
    /// What feeds those of them that receive.
    pub receivers: Vec<Receiver>,
    /// What the systems can take, by `COMPANY/SYSTEM`.
    pub limits: Vec<(String, Limit)>,
}

impl Composition {
    /// Adds another one.
    pub fn merge(&mut self, other: Self) {
        self.flows.extend(other.flows);
        self.receivers.extend(other.receivers);
        self.limits.extend(other.limits);
    }

    /// A runner for the flows, and the receivers to [open](crate::receive::open) for it.
    pub fn runner(self, store: impl Store + 'static) -> (RunnerBuilder, Vec<Receiver>) {
        let builder = Runner::builder(store);
        let builder = self.flows.into_iter().fold(builder, RunnerBuilder::flow);
        let limit = |builder: RunnerBuilder, (system, limit)| builder.limit(system, limit);
        (self.limits.into_iter().fold(builder, limit), self.receivers)
    }
}

/// The name of the flow that carries the decisions on the documents of `flow` back.
#[must_use]
pub fn decisions_of(flow: &str) -> String {
    format!("{flow}-decisions")
}

/// The name of the flow that recognises the pictures whose invoices `flow` carries to the ERP.
#[must_use]
pub fn pictures_of(flow: &str) -> String {
    format!("{flow}-pictures")
}

/// For [`ScenarioKind::read`].
fn read<S: Scenario + DeserializeOwned + 'static>(
    flow: Value,
) -> serde_json::Result<Arc<dyn Scenario>> {
    serde_json::from_value::<S>(flow).map(|scenario| Arc::new(scenario) as Arc<dyn Scenario>)
}
