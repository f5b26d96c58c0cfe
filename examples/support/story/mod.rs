//! Scenarios played in the sandbox: the people's part, and where everything has to be afterwards.
//!
//! A scenario joins with a file here, a configuration under `examples/config/`, and a line in
//! [`SCENARIOS`]. The tour and the fault matrix play all of them; [`SETTINGS`], where nothing flows, only
//! the tour.

mod barcode_server;
mod dingtalk;
mod document_approval;
mod draft_approval;
mod ecology;
mod ecology_approval;
mod ecology_data;
mod ecology_master_data;
mod eteams_departments;
pub mod invoice_ledger;
mod jdy_vouchers;
mod mes_booked;
mod mes_goods_issues;
mod mes_goods_receipts;
mod mes_materials;
mod mes_work_orders;
mod piaozone_settings;
mod plm_engineering_data;
mod price_quotation;
mod wecom;
mod wecom_document_approval;
mod wecom_draft_approval;

use erplink_sandbox::Sandbox;

use crate::Failure;

pub use piaozone_settings::SETTINGS;

/// Every scenario, in the order of the tour.
pub const SCENARIOS: &[Scenario] = &[
    ecology_master_data::SCENARIO,
    ecology_data::SCENARIO,
    ecology_approval::SCENARIO,
    ecology_approval::BY_SQL,
    draft_approval::SCENARIO,
    draft_approval::BY_STREAM,
    price_quotation::SCENARIO,
    document_approval::BY_FLAG,
    document_approval::BY_SQL,
    document_approval::BY_DI_API,
    mes_materials::SCENARIO,
    mes_work_orders::SCENARIO,
    mes_work_orders::BY_SECOND_CONTRACT,
    mes_goods_receipts::SCENARIO,
    mes_goods_issues::SCENARIO,
    barcode_server::SCENARIO,
    wecom_draft_approval::SCENARIO,
    wecom_document_approval::SCENARIO,
    plm_engineering_data::SCENARIO,
    jdy_vouchers::SCENARIO,
    invoice_ledger::SCENARIO,
    eteams_departments::SCENARIO,
];

/// A scenario: its configuration, and the people of the sandbox who play in it.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// What happens, in few words.
    pub name: &'static str,
    /// Which flows of the guides it covers, such as `S10 S11`.
    pub covers: &'static str,
    /// The text of its file under `examples/config/`.
    pub config: &'static str,
    /// People make the documents.
    pub begin: fn(&Sandbox) -> Result<Box<dyn Story>, Failure>,
}

/// A scenario that has begun.
pub trait Story: Send + Sync {
    /// People do what is waiting for them. May be called at any time and any number of times:
    /// what is done stays done.
    ///
    /// # Errors
    /// When the sandbox refuses what people do.
    fn people_act(&self, sandbox: &Sandbox) -> Result<(), Failure>;

    /// Looks into every system: each document is there exactly once, and every decision is
    /// carried out.
    ///
    /// # Errors
    /// The first thing that is not where it should be (yet).
    fn arrived(&self, sandbox: &Sandbox) -> Result<Vec<Arrived>, Failure>;
}

/// A document that is where it should be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arrived {
    /// The flow that carried it.
    pub flow: String,
    /// Its key in the ledger.
    pub document: String,
    /// What the target calls it; `None` where nothing had to be done.
    pub target: Option<String>,
}

impl Arrived {
    fn new(flow: &str, document: impl ToString, target: impl ToString) -> Self {
        let (document, target) = (document.to_string(), Some(target.to_string()));
        Self { flow: flow.to_owned(), document, target }
    }
}

fn expect(what: &str, found: &serde_json::Value, expected: &str) -> Result<(), Failure> {
    if found == expected {
        return Ok(());
    }
    Err(format!("{what} is {found}, not {expected}").into())
}
