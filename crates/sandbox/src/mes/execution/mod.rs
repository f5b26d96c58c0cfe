//! What happens on the shop floor: tasks, production reports, feedings.

pub(super) mod dispatch;
pub(super) mod entry;
pub(super) mod feedings;
pub(super) mod reports;
pub(super) mod shop;
pub(super) mod submit;
pub(super) mod tasks;

use rust_decimal::Decimal;

use super::catalog::Named;

/// A production task (生产任务): an operation of an order that workers see.
#[derive(Debug, Clone)]
pub(super) struct Task {
    pub(super) id: i64,
    pub(super) code: String,
    pub(super) work_order: i64,
    /// The order's operation.
    pub(super) process: i64,
    pub(super) planned: Decimal,
    pub(super) planned_start: i64,
    pub(super) planned_end: i64,
    /// 1 待执行, 2 执行中, 3 暂停中, 4 已结束, 5 已取消.
    pub(super) status: i64,
    pub(super) reported: Decimal,
}

/// A production report (报工).
#[derive(Debug, Clone)]
pub(super) struct ReportRow {
    pub(super) id: i64,
    pub(super) record: i64,
    pub(super) record_code: String,
    /// The output row of the order.
    pub(super) line: i64,
    pub(super) task: i64,
    pub(super) work_order: i64,
    /// The order's operation.
    pub(super) process: i64,
    pub(super) material: i64,
    pub(super) unit: i64,
    pub(super) amount: Decimal,
    pub(super) qc: i64,
    pub(super) batch_no: Option<String>,
    pub(super) batch_no_id: Option<i64>,
    pub(super) worker: Named,
    pub(super) start: i64,
    pub(super) end: i64,
    pub(super) at: i64,
    pub(super) remark: String,
}

/// A feeding (投料).
#[derive(Debug, Clone)]
pub(super) struct Feeding {
    pub(super) id: i64,
    pub(super) record: i64,
    pub(super) task: i64,
    pub(super) work_order: i64,
    /// The input row of the order.
    pub(super) line: i64,
    pub(super) material: i64,
    pub(super) unit: i64,
    pub(super) amount: Decimal,
    pub(super) retracted: Decimal,
    pub(super) qc: i64,
    pub(super) batch_no: Option<String>,
    pub(super) batch_no_id: Option<i64>,
    /// The component this one stands in for.
    pub(super) instead_of: Option<i64>,
    pub(super) worker: Named,
    pub(super) at: i64,
    pub(super) location: Option<Named>,
    pub(super) warehouse: Option<i64>,
    pub(super) remark: String,
}

/// A feeding taken back (投料撤回).
#[derive(Debug, Clone)]
pub(super) struct Retraction {
    pub(super) id: i64,
    /// The feeding.
    pub(super) feeding: i64,
    pub(super) amount: Decimal,
    pub(super) at: i64,
}

impl Feeding {
    pub(super) fn can_retract(&self) -> Decimal {
        self.amount.saturating_sub(self.retracted)
    }
}
