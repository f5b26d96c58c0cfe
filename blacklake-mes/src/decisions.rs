//! What to do next, as pure functions: the rules by which an ERP and the MES are kept in step.
//!
//! They do no I/O and know no ERP: the caller looks things up, asks here, acts. Each row of the
//! tables is a test.

use erplink_core::Decimal;

use crate::callback::Event;
use crate::id::FeedDetailId;
use crate::production::ProgressReport;
use crate::shared::{Enabled, QcStatus};
use crate::work_orders::WorkOrderStatus;

/// What to do with a material, in this order. From [`material_steps`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MaterialSteps {
    /// Import it, always: also one that will be stopped.
    pub import: bool,
    /// Look its id up and stop it.
    pub stop: bool,
    /// Look its id up and start it.
    pub start: bool,
}

/// An item of the ERP changed.
///
/// | item | in the MES | import | then |
/// |---|---|---|---|
/// | valid | not there, or in use | yes | – |
/// | valid | stopped | yes | start, if `restart` |
/// | not valid | any | yes | stop |
///
/// `in_mes` is `None` when the MES does not have it, or nobody looked.
#[must_use]
pub fn material_steps(is_valid: bool, in_mes: Option<Enabled>, restart: bool) -> MaterialSteps {
    let is_stopped = in_mes == Some(Enabled::No);
    MaterialSteps { import: true, stop: !is_valid, start: is_valid && is_stopped && restart }
}

/// What to do with a work order. From [`work_order_step`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WorkOrderStep {
    /// Import it; mark it when that worked.
    Create,
    /// Change it; mark it when that worked.
    Update,
    /// Close it (close type 1); mark it when none failed.
    Close,
    /// Nothing to do in the MES: mark it.
    Mark,
}

/// A production order of the ERP is not in step.
///
/// | in the MES | state there | cancelled in the ERP | step |
/// |---|---|---|---|
/// | no | – | no | [`Create`](WorkOrderStep::Create) |
/// | no | – | yes | [`Mark`](WorkOrderStep::Mark); [`Create`](WorkOrderStep::Create) if `create_cancelled` |
/// | yes | closed | any | [`Mark`](WorkOrderStep::Mark) |
/// | yes | any other | yes | [`Close`](WorkOrderStep::Close) |
/// | yes | any other | no | [`Update`](WorkOrderStep::Update) |
#[must_use]
pub fn work_order_step(
    in_mes: Option<WorkOrderStatus>,
    is_cancelled: bool,
    create_cancelled: bool,
) -> WorkOrderStep {
    match in_mes {
        None if is_cancelled && !create_cancelled => WorkOrderStep::Mark,
        None => WorkOrderStep::Create,
        Some(WorkOrderStatus::Closed) => WorkOrderStep::Mark,
        Some(_) if is_cancelled => WorkOrderStep::Close,
        Some(_) => WorkOrderStep::Update,
    }
}

/// What to do with a reported row. From [`report_step`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReportStep {
    /// Receive this quantity from the production order with this number.
    Receive {
        /// Number of the production order: the code of the work order.
        order: i64,
        /// How much.
        quantity: Decimal,
    },
    /// Nothing to book, and why.
    Skip(SkipReason),
}

/// Why a reported row is not booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SkipReason {
    /// More operations follow.
    NotLastOperation,
    /// The plan of the work order does not have its operation: somebody should look.
    UnknownOperation,
    /// It was rejected (不合格).
    Rejected,
    /// The work order was not made from the ERP: its code is no number.
    ForeignWorkOrder,
    /// It has no amount, or none above zero.
    NoQuantity,
}

/// Production was reported.
///
/// | operation | quality | code of the work order | amount | step |
/// |---|---|---|---|---|
/// | not the last | any | any | any | skip |
/// | not in the plan | any | any | any | skip, look |
/// | the last | rejected | any | any | skip, unless `book_rejected` |
/// | the last | other | no number | any | skip |
/// | the last | other | a number | none, or not above zero | skip |
/// | the last | other | a number | above zero | [`Receive`](ReportStep::Receive) |
///
/// `is_last` is what [`ProcessPlan::is_last`](crate::work_orders::ProcessPlan::is_last) answers.
#[must_use]
pub fn report_step(
    report: &ProgressReport,
    is_last: Option<bool>,
    book_rejected: bool,
) -> ReportStep {
    match is_last {
        Some(true) => {}
        Some(false) => return ReportStep::Skip(SkipReason::NotLastOperation),
        None => return ReportStep::Skip(SkipReason::UnknownOperation),
    }
    let quality = report.qc_status.as_ref().map(|status| status.code);
    if quality == Some(QcStatus::Rejected) && !book_rejected {
        return ReportStep::Skip(SkipReason::Rejected);
    }
    let Ok(order) = report.work_order_code.trim().parse() else {
        return ReportStep::Skip(SkipReason::ForeignWorkOrder);
    };
    match report.quantity() {
        Ok(quantity) if quantity > Decimal::ZERO => ReportStep::Receive { order, quantity },
        _ => ReportStep::Skip(SkipReason::NoQuantity),
    }
}

/// What to do with a push. From [`event_step`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventStep {
    /// Read these rows of feedings and issue them for production.
    Issue(Vec<FeedDetailId>),
    /// Answer only: the address was checked.
    Verify,
    /// The feeding failed in the MES, for this reason: log it, book nothing.
    Failed(String),
    /// Not for the ERP: acknowledge it.
    Ignore,
    /// It cannot be read, for this reason: store it and tell a person.
    Park(String),
}

/// An event came.
///
/// | event | step |
/// |---|---|
/// | `check` | [`Verify`](EventStep::Verify) |
/// | feeding that worked | [`Issue`](EventStep::Issue) |
/// | feeding that failed, or does not say | [`Failed`](EventStep::Failed) |
/// | data that do not fit | [`Park`](EventStep::Park) |
/// | any other | [`Ignore`](EventStep::Ignore) |
///
/// A push that cannot be decrypted is none:
/// [`Callback::receive`](crate::callback::Callback::receive) refuses it.
#[must_use]
pub fn event_step(event: &Event) -> EventStep {
    match event {
        Event::Check(_) => EventStep::Verify,
        Event::Feeding(feeding) if feeding.is_success() => EventStep::Issue(feeding.detail_ids()),
        Event::Feeding(feeding) => EventStep::Failed(feeding.reason.clone()),
        Event::Unreadable(problem) => EventStep::Park(problem.clone()),
        _ => EventStep::Ignore,
    }
}

/// How a fed material meets the components of the ERP's production order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IssueLine {
    /// Issue it on the component at this place of the list.
    Component(usize),
    /// No component has its code; for a substitute (替代料), neither has one the substitute's own.
    Missing,
    /// Several components have its code: somebody has to say which.
    Ambiguous,
}

/// The component of a production order on which a fed material is issued: the one of exactly its
/// own code. A substitute is never booked on the line of the material it stands in for.
#[must_use]
pub fn issue_line<'a>(fed: &str, components: impl IntoIterator<Item = &'a str>) -> IssueLine {
    let mut found =
        components.into_iter().enumerate().filter(|(_, code)| *code == fed).map(|(at, _)| at);
    match (found.next(), found.next()) {
        (None, _) => IssueLine::Missing,
        (Some(at), None) => IssueLine::Component(at),
        (Some(_), Some(_)) => IssueLine::Ambiguous,
    }
}
