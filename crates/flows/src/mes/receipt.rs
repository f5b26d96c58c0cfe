use async_trait::async_trait;
use blacklake_mes::decisions::{ReportStep, SkipReason, report_step};
use blacklake_mes::production::ProgressReport;
use blacklake_mes::work_orders::LastOperationRule;
use blacklake_mes::{Client, china_time};
use erplink_sync::Failure;
use erplink_sync::ports::{Found, Outgoing, Pushed, Target};

use super::{Booking, failure};
use crate::b1::ProductionLine;

/// Receives what the last operation of a work order reports into stock.
#[derive(Clone, Debug)]
pub struct ReceiveProduct {
    mes: Client,
    booking: Booking,
    last_operation: LastOperationRule,
    book_rejected: bool,
}

impl ReceiveProduct {
    /// Asks this MES for the operations, and books receipts.
    #[must_use]
    pub fn new(mes: Client, booking: Booking) -> Self {
        let last_operation = LastOperationRule::default();
        Self { mes, booking, last_operation, book_rejected: false }
    }

    /// Which operation is the last one. Default the one with the greatest number.
    #[must_use]
    pub fn last_operation(mut self, rule: LastOperationRule) -> Self {
        self.last_operation = rule;
        self
    }

    /// Whether rejected products (不合格) are received, too. By default they are not.
    #[must_use]
    pub fn book_rejected(mut self, book: bool) -> Self {
        self.book_rejected = book;
        self
    }

    /// Whether the report is of the last operation; `None` if the plan does not have its own.
    async fn is_last(&self, report: &ProgressReport) -> Result<Option<bool>, Failure> {
        let orders = self.mes.work_orders();
        let order = report.work_order_id.ok_or_else(|| {
            Failure::park("the report has no workOrderId: may the account see it?")
        })?;
        let outputs = match self.last_operation {
            LastOperationRule::MainOutputProcess => orders.outputs(order).await.map_err(failure)?,
            _ => Vec::new(),
        };
        let outputs: Vec<_> = outputs.into_iter().map(blacklake_mes::Kept::into_inner).collect();
        let plan = orders.process_plan(order).await.map_err(failure)?;
        Ok(plan.is_last(report.reported_at(), self.last_operation, &outputs))
    }
}

fn report_of(event: &Outgoing) -> Result<ProgressReport, Failure> {
    event.source.get().map_err(|error| Failure::park(format!("the report: {error}")))
}

/// By which the goods receipt is found again.
fn reference(report: &ProgressReport) -> String {
    format!("MES-R{}", report.id)
}

/// What else than the main product was reported, if the report says so.
fn other_material(report: &ProgressReport) -> Option<&str> {
    let reported = report.material_info.as_ref().map(|info| info.base_info.code.as_str())?;
    let main = report.main_material_code.as_str();
    (!reported.is_empty() && !main.is_empty() && reported != main).then_some(reported)
}

#[async_trait]
impl Target for ReceiveProduct {
    fn system(&self) -> &str {
        crate::b1::SYSTEM
    }

    async fn push(&self, event: &Outgoing) -> Result<Pushed, Failure> {
        let report = report_of(event)?;
        let is_last = self.is_last(&report).await?;
        let (number, quantity) = match report_step(&report, is_last, self.book_rejected) {
            ReportStep::Receive { order, quantity } => (order, quantity),
            ReportStep::Skip(reason) => return skipped(&report, reason),
            _ => return Err(Failure::park("a decision that is not known here")),
        };
        if let Some(other) = other_material(&report) {
            return Err(Failure::park(format!(
                "`{other}` was reported, a by-product (联产品) of work order {}: book it by hand",
                report.work_order_code
            )));
        }
        let (entry, order) = self.booking.order(number).await?;
        let line = ProductionLine {
            order: entry,
            component: None,
            item: order.item_no.as_deref().unwrap_or_default(),
            quantity,
            warehouse: self.booking.warehouse_code(),
            batch: &report.batch_no,
            day: report.report_time.map(|at| china_time(at).date()),
        };
        self.booking.book(event, &reference(&report), &event.source, line).await
    }

    async fn find(&self, event: &Outgoing) -> Result<Found, Failure> {
        self.booking.find(event, &reference(&report_of(event)?)).await
    }
}

fn skipped(report: &ProgressReport, reason: SkipReason) -> Result<Pushed, Failure> {
    let order = &report.work_order_code;
    let why = match reason {
        SkipReason::NotLastOperation => "more operations follow",
        SkipReason::Rejected => "it was rejected (不合格)",
        SkipReason::ForeignWorkOrder => "its work order was not made from the ERP",
        SkipReason::NoQuantity => {
            report.quantity().map_err(failure)?;
            "nothing was made"
        }
        SkipReason::UnknownOperation => {
            return Err(Failure::park(format!(
                "the plan of work order {order} does not have the operation `{}`: look whether \
                 its goods have to be received",
                report.process_code
            )));
        }
        _ => "it is not for the ERP",
    };
    Ok(Pushed::nothing(format!("work order {order}: {why}")))
}
