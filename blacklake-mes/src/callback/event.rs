//! What the pushes say.

use erplink_core::{Decimal, RawJson};
use sha2::{Digest, Sha256};

use super::Reply;
use crate::id::{FeedDetailId, Id, MaterialId, ReportRecordId, TaskId, UnitId, WorkOrderId};
use crate::lenient::{Lenient, model};
use crate::shared::QcStatus;

/// A push that was opened.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Received {
    /// The event.
    pub event: Event,
    /// Its header.
    pub header: Header,
    /// Its data as they came; `null` without any.
    pub data: RawJson,
    /// The whole event as it was decrypted.
    pub raw: String,
    /// What to answer once it is stored.
    pub reply: Reply,
}

/// What every event carries.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Header {
    /// Type of the event, such as `mfg.result_notify.feeding`.
    pub event_type: String,
    /// Id of the request; repetitions carry the same. May be empty.
    pub request_id: String,
    /// The header as it came, with members this crate does not know.
    pub raw: RawJson,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// `check`: the address is being saved in the portal; the text to send back.
    Check(String),
    /// `mfg.result_notify.feeding`: materials were fed (投料结果通知), or failed to be.
    Feeding(FeedingEvent),
    /// `mfg.result_notify.feeding_retract`: a feeding was withdrawn (退料).
    FeedingRetract(RetractEvent),
    /// `mfg.result_notify.progress_report`: production was reported (报工结果通知).
    Report(ReportEvent),
    /// `mfg.result_notify.progress_report_adjust`: a report was corrected (报工调整).
    ReportAdjust(ReportEvent),
    /// `med.result_notify.produce_task_dispatch`: tasks were dispatched.
    Dispatched(DispatchNotice),
    /// `plo.result_notify.production_workorder_launch`: work orders were launched.
    Launched(LaunchNotice),
    /// `sop.sop_task.status_change`: a task of a SOP changed its state.
    SopTask(SopTaskEvent),
    /// `report.report.create_modify`: a report form was created or changed.
    Statistics(StatisticsEvent),
    /// `inventory.result_notify.*`: stock moved. The header says how.
    Inventory(Box<InventoryEvent>),
    /// `quality.result_notify.*`: something was inspected.
    Quality(QualityEvent),
    /// A type this version does not know; [`Received::data`] has what it says.
    Other,
    /// Data that do not fit the type, and why. A repetition would not help: store it, tell a person.
    Unreadable(String),
}

model! {
    /// Materials were fed, or failed to be.
    pub struct FeedingEvent {
        /// Ids of the records.
        pub record_ids: Vec<i64>,
        /// Whether it worked.
        pub result: Option<bool>,
        /// Why not.
        pub reason: String,
        /// What was fed.
        pub record_list: Vec<FeedNotice>,
    }

    /// Something that was fed.
    pub struct FeedNotice {
        /// Id of the row.
        pub id: Option<FeedDetailId>,
        /// Work order.
        pub work_order_id: Option<WorkOrderId>,
        /// Operation.
        pub process_id: Option<i64>,
        /// Task.
        pub task_id: Option<TaskId>,
        /// Qualities.
        pub qc_statuses: Vec<QcStatus>,
        /// QR code.
        pub qr_code: String,
        /// Batch numbers.
        pub batch_no_list: Vec<String>,
        /// Places.
        pub location_ids: Vec<Id>,
        /// How much.
        pub ope_amount: Option<Decimal>,
        /// The same as text.
        pub ope_amount_str: String,
        /// Unit.
        pub ope_unit_id: Option<UnitId>,
        /// Identifiers of the batches.
        pub batch_identifiers: Vec<String>,
    }

    /// A feeding was withdrawn, or failed to be.
    pub struct RetractEvent {
        /// Ids of the records.
        pub record_ids: Vec<i64>,
        /// Whether it worked.
        pub result: Option<bool>,
        /// Why not.
        pub reason: String,
        /// What was withdrawn.
        pub record_list: Vec<RetractNotice>,
    }

    /// Something that was withdrawn.
    pub struct RetractNotice {
        /// Id.
        pub id: Option<Id>,
        /// Task.
        pub task_id: Option<TaskId>,
        /// Identifier of the batch.
        pub batch_identifier: String,
        /// Identifier of the stock.
        pub inventory_identifier: String,
        /// Quality.
        pub qc_status: Option<QcStatus>,
        /// Batch number.
        pub batch_no: String,
        /// How much.
        pub ope_amount: Option<Decimal>,
        /// Unit.
        pub ope_unit_id: Option<UnitId>,
        /// Where it went.
        pub ope_location_id: Option<Id>,
        /// In an auxiliary unit.
        pub aux_amount1: Option<Decimal>,
        /// Which.
        pub aux_unit_id1: Option<UnitId>,
        /// Why.
        pub reason: String,
        /// Remark.
        pub remark: String,
    }

    /// Production was reported or a report corrected, or failed to be.
    pub struct ReportEvent {
        /// Ids of the records.
        pub record_ids: Vec<i64>,
        /// Whether it worked.
        pub result: Option<bool>,
        /// Why not.
        pub reason: String,
        /// What was reported.
        pub record_list: Vec<ReportNotice>,
    }

    /// Something that was reported.
    pub struct ReportNotice {
        /// Id of the report.
        pub progress_report_record_id: Option<ReportRecordId>,
        /// Task.
        pub task_id: Option<TaskId>,
        /// Work order.
        pub work_order_id: Option<WorkOrderId>,
        /// Operation.
        pub process_id: Option<i64>,
        /// Material.
        pub material_id: Option<MaterialId>,
        /// Quality.
        pub qc_status: Option<QcStatus>,
        /// QR code.
        pub qr_code: String,
        /// Batch number.
        pub batch_no: String,
        /// How much.
        pub report_amount: Option<Decimal>,
        /// Unit.
        pub report_unit_id: Option<UnitId>,
    }

    /// Tasks were dispatched.
    pub struct DispatchNotice {
        /// The id that [`dispatch`](crate::work_orders_v2::WorkOrdersV2::dispatch) answered.
        pub dispatch_request_id: Option<Id>,
    }

    /// Work orders were launched.
    pub struct LaunchNotice {
        /// Id.
        pub launch_id: Option<Id>,
    }

    /// A task of a SOP changed its state.
    pub struct SopTaskEvent {
        /// Id.
        pub sop_task_id: Option<Id>,
        /// Code.
        pub code: String,
        /// Name.
        pub name: String,
        /// Kind, by number.
        pub biz_type: Option<i64>,
        /// State, by number.
        pub status: Option<i64>,
    }

    /// A report form was created or changed.
    pub struct StatisticsEvent {
        /// Id.
        pub report_id: Option<Id>,
        /// Kind.
        pub report_type: String,
        /// What was done.
        pub operate_type: String,
    }

    /// Stock moved: in, out, transferred, adjusted, posted. Members of other moves are empty.
    pub struct InventoryEvent {
        /// Order of a move in (`inbound`).
        pub inbound_order_id: Option<Id>,
        /// Its code.
        pub inbound_order_code: String,
        /// Its records.
        pub inbound_record_ids: Vec<Id>,
        /// Order of a move out (`outbound`).
        pub outbound_order_id: Option<Id>,
        /// Its code.
        pub outbound_order_code: String,
        /// Its records.
        pub outbound_record_ids: Vec<Id>,
        /// Order of a transfer (`transfer`, `transfer_issue`, `transfer_receive`).
        pub transfer_order_id: Option<Id>,
        /// Its code.
        pub transfer_order_code: String,
        /// Its records of leaving.
        pub transfer_issue_record_ids: Vec<Id>,
        /// Its records of arriving.
        pub transfer_receive_record_ids: Vec<Id>,
        /// Order of an adjustment (`adjust`).
        pub amount_adjust_order_id: Option<Id>,
        /// Its records.
        pub amount_adjust_record_ids: Vec<Id>,
        /// Results of a posting (`posting`).
        pub result_ids: Vec<Id>,
    }

    /// Something was inspected.
    pub struct QualityEvent {
        /// Task of inspection (`qc_task`).
        pub qc_task_id: Option<Id>,
        /// Logs of changed qualities (`change_qc_status`).
        pub change_log_id: Vec<Id>,
    }

    #[allow(unreachable_pub)]
    pub struct HeaderMembers {
        pub event_type: String,
        pub request_id: String,
    }
}

impl FeedingEvent {
    /// Whether it worked. False also when the event does not say: then nothing may be booked.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.result == Some(true)
    }

    /// The rows to read by [`feed_detail`](crate::production::Production::feed_detail): those of
    /// the list, or the record ids where there is none.
    ///
    /// Which of its ids the platform means by record ids is not documented; where reading them
    /// finds nothing, [`feedings`](crate::production::Production::feedings) of the last hour does.
    #[must_use]
    pub fn detail_ids(&self) -> Vec<FeedDetailId> {
        let listed: Option<Vec<_>> = self.record_list.iter().map(|record| record.id).collect();
        let ids = match listed.filter(|ids| !ids.is_empty()) {
            Some(ids) => ids,
            None => self.record_ids.iter().copied().map(FeedDetailId::new).collect(),
        };
        let mut seen = std::collections::HashSet::new();
        ids.into_iter().filter(|id| seen.insert(*id)).collect()
    }
}

impl Header {
    pub(super) fn read(text: &str, raw: &RawJson) -> Result<Self, String> {
        let members = HeaderMembers::read(text)?;
        if members.event_type.is_empty() {
            return Err("its header has no `eventType`".to_owned());
        }
        let HeaderMembers { event_type, request_id } = members;
        Ok(Self { event_type, request_id, raw: raw.clone() })
    }
}

impl Event {
    pub(super) fn read(event_type: &str, data: &RawJson) -> Self {
        Self::of(event_type, data.as_str()).unwrap_or_else(Self::Unreadable)
    }

    fn of(event_type: &str, data: &str) -> Result<Self, String> {
        Ok(match event_type {
            "check" => Self::Check(String::read(data)?),
            "mfg.result_notify.feeding" => Self::Feeding(Lenient::read(data)?),
            "mfg.result_notify.feeding_retract" => Self::FeedingRetract(Lenient::read(data)?),
            "mfg.result_notify.progress_report" => Self::Report(Lenient::read(data)?),
            "mfg.result_notify.progress_report_adjust" => Self::ReportAdjust(Lenient::read(data)?),
            "med.result_notify.produce_task_dispatch" => Self::Dispatched(Lenient::read(data)?),
            "plo.result_notify.production_workorder_launch" => Self::Launched(Lenient::read(data)?),
            "sop.sop_task.status_change" => Self::SopTask(Lenient::read(data)?),
            "report.report.create_modify" => Self::Statistics(Lenient::read(data)?),
            "inventory.result_notify.inbound"
            | "inventory.result_notify.outbound"
            | "inventory.result_notify.transfer"
            | "inventory.result_notify.transfer_issue"
            | "inventory.result_notify.transfer_receive"
            | "inventory.result_notify.adjust"
            | "inventory.result_notify.posting" => Self::Inventory(Lenient::read(data)?),
            "quality.result_notify.qc_task" | "quality.result_notify.change_qc_status" => {
                Self::Quality(Lenient::read(data)?)
            }
            _ => Self::Other,
        })
    }
}

impl Received {
    /// The same text for every delivery of the same request. Keep the keys for some days.
    #[must_use]
    pub fn dedup_key(&self) -> String {
        match self.header.request_id.as_str() {
            "" => {
                let digest = Sha256::digest(self.raw.as_bytes());
                digest.iter().map(|byte| format!("{byte:02x}")).collect()
            }
            id => format!("{}|{id}", self.header.event_type),
        }
    }

    /// One text for each record the event is about, the same whatever request tells of it. Empty
    /// for events without records.
    #[must_use]
    pub fn record_keys(&self) -> Vec<String> {
        let ids: Vec<i64> = match &self.event {
            Event::Feeding(event) => {
                event.detail_ids().into_iter().map(FeedDetailId::get).collect()
            }
            Event::FeedingRetract(event) => event.record_ids.clone(),
            Event::Report(event) => event.record_ids.clone(),
            // The same report may be corrected many times: each correction is news.
            _ => Vec::new(),
        };
        ids.into_iter().map(|id| format!("{}#{id}", self.header.event_type)).collect()
    }
}
