//! Work orders (工单).

pub(super) mod close;
pub(super) mod detail;
pub(super) mod draft;
pub(super) mod edit;
pub(super) mod list;
mod read;
pub(super) mod store;

use rust_decimal::Decimal;

/// How far an order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Status {
    Draft = 0,
    Created = 1,
    Dispatched = 2,
    Executing = 3,
    Finished = 4,
    Closed = 5,
}

/// A work order.
#[derive(Debug, Clone)]
pub(super) struct WorkOrder {
    pub(super) id: i64,
    pub(super) code: String,
    pub(super) identifier: String,
    pub(super) external_code: String,
    pub(super) remark: String,
    /// 1 普通, 2 返工, 3 改制, 4 维修.
    pub(super) kind: i64,
    pub(super) status: Status,
    pub(super) close_type: Option<i64>,
    pub(super) paused: bool,
    /// Why it cannot be closed, when a person holds it.
    pub(super) hold: Option<String>,
    pub(super) planned_start: i64,
    pub(super) planned_finish: i64,
    pub(super) actual_start: Option<i64>,
    pub(super) actual_end: Option<i64>,
    pub(super) created_at: i64,
    pub(super) updated_at: i64,
    pub(super) specified_material: bool,
    pub(super) enable_sop: bool,
    pub(super) use_route: bool,
    pub(super) production_department: Option<String>,
    pub(super) planning_department: Option<String>,
    pub(super) supervisor: Option<String>,
    pub(super) planner: Option<String>,
    pub(super) outputs: Vec<Output>,
    pub(super) inputs: Vec<Input>,
    pub(super) processes: Vec<Process>,
    pub(super) links: Vec<Link>,
}

/// A product or by-product of an order.
#[derive(Debug, Clone)]
pub(super) struct Output {
    pub(super) id: i64,
    pub(super) line_seq: i64,
    pub(super) main: bool,
    pub(super) material: i64,
    pub(super) unit: i64,
    pub(super) planned: Decimal,
    /// Number of the operation that gives it.
    pub(super) process_num: Option<String>,
    pub(super) warehousing: bool,
    pub(super) auto_warehousing: bool,
    pub(super) version: Option<String>,
    pub(super) qualified: Decimal,
    pub(super) disqualified: Decimal,
}

/// A component of an order.
#[derive(Debug, Clone)]
pub(super) struct Input {
    pub(super) id: i64,
    pub(super) seq: i64,
    pub(super) material: i64,
    pub(super) unit: i64,
    pub(super) numerator: Decimal,
    pub(super) denominator: Decimal,
    pub(super) specific_process: bool,
    pub(super) split_sop_control: bool,
    pub(super) process_num: Option<String>,
    pub(super) version: Option<String>,
    pub(super) remark: String,
    /// `lossRate`, which only v2 writes.
    pub(super) loss_rate: Option<Decimal>,
    pub(super) controls: Vec<Control>,
    /// Fed so far, less what was withdrawn.
    pub(super) fed: Decimal,
}

/// A rule for feeding a component (投料管控).
#[derive(Debug, Clone)]
pub(super) struct Control {
    pub(super) line_seq: i64,
    pub(super) numerator: Decimal,
    pub(super) denominator: Decimal,
    pub(super) qc_states: Vec<i64>,
    pub(super) limit: String,
}

/// An operation of an order (工单工序).
#[derive(Debug, Clone)]
pub(super) struct Process {
    pub(super) id: i64,
    /// The definition of the operation.
    pub(super) definition: i64,
    pub(super) num: String,
    pub(super) seq: i64,
    pub(super) code: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) reports: bool,
    pub(super) actual_start: Option<i64>,
    pub(super) actual_end: Option<i64>,
}

/// Which operation comes before which.
#[derive(Debug, Clone)]
pub(super) struct Link {
    pub(super) id: i64,
    pub(super) prev: String,
    pub(super) next: String,
}

impl WorkOrder {
    pub(super) fn main_output(&self) -> Option<&Output> {
        self.outputs.iter().find(|output| output.main)
    }

    pub(super) fn process(&self, num: &str) -> Option<&Process> {
        self.processes.iter().find(|process| process.num == num)
    }

    pub(super) fn process_before(&self, num: &str) -> Option<&Process> {
        self.links.iter().find(|link| link.next == num).and_then(|link| self.process(&link.prev))
    }

    /// The operation that gives the product: the one nobody follows, of several the last.
    pub(super) fn last_process(&self) -> Option<&Process> {
        let is_last = |process: &&Process| !self.links.iter().any(|link| link.prev == process.num);
        self.processes.iter().filter(is_last).max_by_key(|process| process.seq)
    }

    /// What of a component the whole order needs.
    pub(super) fn needed(&self, input: &Input) -> Decimal {
        let planned = self.main_output().map_or(Decimal::ZERO, |output| output.planned);
        let share = input.numerator.checked_div(input.denominator).unwrap_or_default();
        planned.checked_mul(share).unwrap_or(Decimal::MAX)
    }
}
