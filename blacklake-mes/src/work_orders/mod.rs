//! Work orders (工单), first contract. See [`work_orders_v2`](crate::work_orders_v2) for the second.
//!
//! ```no_run
//! use blacklake_mes::work_orders::{CloseType, InputLine, OutputLine, WorkOrderImport};
//! # use chrono::NaiveDate;
//!
//! # async fn run(client: blacklake_mes::Client) -> Result<(), Box<dyn std::error::Error>> {
//! let start = NaiveDate::from_ymd_opt(2022, 11, 21).and_then(|day| day.and_hms_opt(0, 0, 0));
//! let finish = NaiveDate::from_ymd_opt(2022, 11, 24).and_then(|day| day.and_hms_opt(0, 0, 0));
//! let (Some(start), Some(finish)) = (start, finish) else { return Ok(()) };
//!
//! let order = WorkOrderImport::new("71", start, finish, [OutputLine::main("101010001", 100)])
//!     .inputs([InputLine::new(10, "YY017").per(1, 1).unit("个")]);
//! client.work_orders().import(&order).await?;
//!
//! if let Some(id) = client.work_orders().code_to_id("71").await?.id() {
//!     client.work_orders().close_one(id, CloseType::Normal, "ERP取消").await?;
//! }
//! # Ok(())
//! # }
//! ```

mod close;
mod edit;
mod import;
mod import_check;
mod list;
mod lookup;
mod plan;
mod read;
mod rows;
mod states;

use crate::client::Client;

pub use close::{CloseFailure, Closed};
pub use edit::{EditControl, EditInput, EditOutput, WorkOrderEdit};
pub use import::{
    ControlLine, Imported, InputLine, Operation, OperationLink, OutputLine, SourceOrder, WipLine,
    WorkOrderImport,
};
pub(crate) use import_check::check_lines;
pub use list::{WorkOrderFilter, WorkOrderRow};
pub use lookup::CodeLookup;
pub use plan::{LastOperationRule, OperationConnection, PlanOperation, ProcessPlan, ReportedAt};
pub use read::{
    InputRow, MaterialAttribute, MaterialBase, MaterialInfo, OutputRow, ProcessRoute, Shift,
    WorkOrder,
};
pub(crate) use rows::Rows;
pub use states::{CloseType, WorkOrderStatus, WorkOrderType};

/// Work orders, first contract. From [`Client::work_orders`].
#[derive(Clone, Debug)]
pub struct WorkOrders {
    client: Client,
}

impl Client {
    /// Work orders (工单) by the first contract (v1), which every site has.
    #[must_use]
    pub fn work_orders(&self) -> WorkOrders {
        WorkOrders { client: self.clone() }
    }
}
