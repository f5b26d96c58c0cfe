use async_trait::async_trait;
use b1_servicelayer::entities::ProductionOrderLine;
use blacklake_mes::decisions::{IssueLine, issue_line};
use blacklake_mes::id::{FeedDetailId, TaskId, WorkOrderId};
use blacklake_mes::production::FeedDetail;
use blacklake_mes::{Client, Decimal, china_time};
use chrono::TimeDelta;
use erplink_sync::Failure;
use erplink_sync::ports::{Found, Outgoing, Pushed, Target};

use super::{Booking, Feeding, failure};
use crate::b1::ProductionLine;

/// Issues what was fed (投料) to a work order from stock.
#[derive(Clone, Debug)]
pub struct IssueComponents {
    mes: Client,
    booking: Booking,
}

impl IssueComponents {
    /// Asks this MES what was fed, and books issues.
    #[must_use]
    pub fn new(mes: Client, booking: Booking) -> Self {
        Self { mes, booking }
    }

    /// The code of the work order that something was fed to.
    async fn work_order(
        &self,
        fed: &FeedDetail,
        id: FeedDetailId,
        order: Option<WorkOrderId>,
        task: Option<TaskId>,
    ) -> Result<String, Failure> {
        if let Some(order) = order {
            let order = self.mes.work_orders().get(order).await.map_err(failure)?;
            return Ok(order.into_inner().code);
        }
        let task = match task {
            Some(task) => Some(task),
            None => self.task(fed, id).await?,
        };
        let task = task.ok_or_else(|| {
            Failure::park(format!(
                "neither the push nor the MES's list says which work order feeding {id} is for"
            ))
        })?;
        let task = self.mes.production().task(task).await.map_err(failure)?;
        Ok(task.into_inner().work_order_code)
    }

    /// The task of a feeding, which the list knows and the detail does not.
    async fn task(&self, fed: &FeedDetail, id: FeedDetailId) -> Result<Option<TaskId>, Failure> {
        let Some(at) = fed.feed_record_info.feed_time else { return Ok(None) };
        let around = TimeDelta::minutes(1);
        let mut rows = self.mes.production().feedings(at - around, at + around).rows();
        while let Some(row) = rows.next().await.transpose().map_err(failure)? {
            if row.feed_record_detail_id == id {
                return Ok(row.task_id);
            }
        }
        Ok(None)
    }

    async fn issue(
        &self,
        event: &Outgoing,
        id: FeedDetailId,
        order: Option<WorkOrderId>,
        task: Option<TaskId>,
    ) -> Result<Pushed, Failure> {
        let fed = self.mes.production().feed_detail(id).await.map_err(failure)?;
        let code = self.work_order(&fed, id, order, task).await?;
        let Ok(number) = code.trim().parse() else {
            return Ok(Pushed::nothing(format!("work order {code} was not made from the ERP")));
        };
        let record = &fed.feed_record_info;
        let quantity = record.quantity().map_err(failure)?;
        if quantity <= Decimal::ZERO {
            return Ok(Pushed::nothing(format!("work order {code}: nothing was fed")));
        }
        let (entry, order) = self.booking.order(number).await?;
        let lines = order.production_order_lines.unwrap_or_default();
        let component = component(&fed, &code, &lines)?;
        let line = ProductionLine {
            order: entry,
            component: component.line_number,
            item: &fed.material_info.base_info.code,
            quantity,
            warehouse: self.booking.warehouse_code(),
            batch: &record.batch_no,
            day: record.feed_time.map(|at| china_time(at).date()),
        };
        self.booking.book(event, &reference(id), fed.raw(), line).await
    }
}

/// The line of the order that the fed material is issued on: the one of exactly its own code. The
/// ERP refuses another item on a line, so a substitute (替代料) has to be a component itself.
fn component<'a>(
    fed: &FeedDetail,
    order: &str,
    lines: &'a [ProductionOrderLine],
) -> Result<&'a ProductionOrderLine, Failure> {
    let code = &fed.material_info.base_info.code;
    let items = lines.iter().map(|line| line.item_no.as_deref().unwrap_or_default());
    let found = match issue_line(code, items) {
        IssueLine::Component(at) => lines.get(at),
        IssueLine::Ambiguous => {
            return Err(Failure::park(format!(
                "production order {order} has `{code}` on several lines: book it by hand"
            )));
        }
        _ => None,
    };
    found.ok_or_else(|| {
        let original = &fed.feed_record_info.original_alternative_material_code;
        let instead = match original.as_str() {
            "" => String::new(),
            original => format!(", a substitute (替代料) for `{original}`,"),
        };
        Failure::park(format!(
            "`{code}`{instead} was fed, and production order {order} has no such component: add \
             it to the order and retry, or book it by hand"
        ))
    })
}

/// By which the goods issue is found again.
fn reference(id: FeedDetailId) -> String {
    format!("MES-F{id}")
}

fn feeding_of(event: &Outgoing) -> Result<Feeding, Failure> {
    event.source.get().map_err(|error| Failure::park(format!("the feeding: {error}")))
}

#[async_trait]
impl Target for IssueComponents {
    fn system(&self) -> &str {
        crate::b1::SYSTEM
    }

    async fn push(&self, event: &Outgoing) -> Result<Pushed, Failure> {
        match feeding_of(event)? {
            Feeding::Row { id, work_order_id, task_id } => {
                Box::pin(self.issue(event, id, work_order_id, task_id)).await
            }
            Feeding::Unreadable(problem) => {
                Err(Failure::park(format!("the push of a feeding cannot be read: {problem}")))
            }
        }
    }

    async fn find(&self, event: &Outgoing) -> Result<Found, Failure> {
        match feeding_of(event)? {
            Feeding::Row { id, .. } => self.booking.find(event, &reference(id)).await,
            Feeding::Unreadable(_) => Ok(Found::No),
        }
    }
}
