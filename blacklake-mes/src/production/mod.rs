//! The shop floor (生产执行): reports, feedings, tasks, what is made and not stored yet.
//!
//! ```no_run
//! # use chrono::{DateTime, Utc};
//! use blacklake_mes::production::ReportFilter;
//! use blacklake_mes::work_orders::LastOperationRule;
//!
//! # async fn run(client: blacklake_mes::Client, from: DateTime<Utc>, to: DateTime<Utc>) -> blacklake_mes::Result<()> {
//! let mut reports = client.production().reports(ReportFilter::reported(from, to));
//! while let Some(report) = reports.next().await {
//!     let report = report?;
//!     let Some(order) = report.work_order_id else { continue };
//!     let plan = client.work_orders().process_plan(order).await?;
//!     if plan.is_last(report.reported_at(), LastOperationRule::default(), &[]) == Some(true) {
//!         println!("{} of {} for {}", report.quantity()?, report.main_material_code, report.work_order_code);
//!     }
//! }
//! # Ok(())
//! # }
//! ```

mod feeding;
mod inventory;
mod report;
mod reports;
mod tasks;
mod windows;

use crate::client::Client;

pub use feeding::{FeedDetail, FeedRecord, FeedRow, Feedings, Location, Retraction, Retractions};
pub use inventory::{InventoryFilter, ProductionInventory};
pub use report::{ReportForm, ReportItem, ReportResult, ReportType};
pub use reports::{Defect, ProgressReport, ReportFilter, ResourceGroup};
pub use tasks::{ProduceTask, TaskFilter, TaskProgress, TaskStatus};

/// The shop floor. From [`Client::production`].
#[derive(Clone, Debug)]
pub struct Production {
    client: Client,
}

impl Client {
    /// The shop floor (生产执行).
    #[must_use]
    pub fn production(&self) -> Production {
        Production { client: self.clone() }
    }
}
