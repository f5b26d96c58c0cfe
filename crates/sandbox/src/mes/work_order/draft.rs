//! What an import says about an order, whatever contract it came under.

use rust_decimal::Decimal;

/// Which contract a call belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::mes) enum Version {
    V1,
    V2,
}

/// Members that are `None` keep what the order has.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) code: String,
    pub(super) identifier: Option<String>,
    pub(super) external_code: Option<String>,
    pub(super) remark: Option<String>,
    pub(super) kind: Option<i64>,
    /// Whether it is created (新建), or kept as a draft (草稿).
    pub(super) submitted: Option<bool>,
    pub(super) planned_start: i64,
    pub(super) planned_finish: i64,
    pub(super) specified_material: Option<bool>,
    pub(super) enable_sop: Option<bool>,
    pub(super) use_route: Option<bool>,
    pub(super) production_department: Option<String>,
    pub(super) planning_department: Option<String>,
    pub(super) supervisor: Option<String>,
    pub(super) planner: Option<String>,
    pub(super) outputs: Vec<DraftOutput>,
    pub(super) inputs: Option<Vec<DraftInput>>,
    pub(super) processes: Option<Vec<DraftProcess>>,
    /// Number of the operation before, number of the one after.
    pub(super) links: Vec<(String, String)>,
    /// Operations without links follow each other (串行).
    pub(super) serial: bool,
}

#[derive(Debug)]
pub(super) struct DraftOutput {
    pub(super) line_seq: i64,
    pub(super) main: bool,
    pub(super) material: i64,
    pub(super) unit: i64,
    pub(super) planned: Decimal,
    pub(super) process: Option<String>,
    pub(super) warehousing: bool,
    pub(super) auto_warehousing: bool,
    pub(super) version: Option<String>,
}

#[derive(Debug)]
pub(super) struct DraftInput {
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
    pub(super) loss_rate: Option<Decimal>,
    pub(super) controls: Vec<super::Control>,
}

#[derive(Debug)]
pub(super) struct DraftProcess {
    pub(super) num: String,
    pub(super) code: String,
    pub(super) name: Option<String>,
    pub(super) description: String,
    pub(super) reports: bool,
}
