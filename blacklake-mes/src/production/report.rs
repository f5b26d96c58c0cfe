//! Reporting production (报工).

use erplink_core::{Decimal, RawJson};
use serde::Serialize;
use serde_json::json;

use super::Production;
use crate::client::Endpoint;
use crate::error::{Error, Result};
use crate::fields::{Field, Fields, request};
use crate::id::{Id, MaterialId, OperationId, ReportRecordId, TaskId, UnitId};
use crate::lenient::model;
use crate::number_enum::number_enum;
use crate::shared::QcStatus;

const REPORT: Endpoint = Endpoint::write("POST /mfg/open/v1/progress_report/_progress_report");
const REPORT_OLD: Endpoint =
    Endpoint::write("POST /mfg/open/v1/progress_report/_do_progress_report");
const MATERIALS: Endpoint =
    Endpoint::read("POST /mfg/open/v1/progress_report/_list_progress_report_materials");

number_enum! {
    /// How production is reported (报工方式).
    pub enum ReportType {
        /// Qualified, scanned.
        ScanQualified = 1,
        /// Qualified, by record.
        RecordQualified = 2,
        /// Rejected, scanned.
        ScanRejected = 3,
        /// Rejected, by record.
        RecordRejected = 4,
        /// Qualified, with a label printed.
        PrintQualified = 5,
        /// Rejected, with a label printed.
        PrintRejected = 6,
    }
}

request! {
    /// A report of production. From [`ReportForm::new`].
    pub struct ReportForm {
        /// Quality. Default: qualified.
        quality: enumeration(QcStatus) = "qcStatus",
        /// How it is reported. Default: qualified, by record.
        report_type: enumeration(ReportType) = "reportType",
        /// Place it is put.
        location: id(Id) = "storageLocationId",
        /// Begun.
        started: millis = "reportStartTime",
        /// Ended.
        ended: millis = "reportEndTime",
        /// Who did it.
        executors: ids(Id) = "actualExecutorIds",
        /// On which machines.
        equipments: ids(Id) = "actualEquipmentIds",
        /// Working hours.
        work_hour: number = "workHour",
        /// Unit of the working hours, by number.
        work_hour_unit: int = "workHourUnit",
        /// Why it is not qualified.
        defects: ids(Id) = "qcDefectReasonIds",
    }
}

/// An amount that some people made.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct ReportItem {
    executors: Vec<Id>,
    amount: Decimal,
    unit: UnitId,
    remark: Option<String>,
}

model! {
    /// What a report became.
    pub struct ReportResult {
        /// Id of the message by which it goes through the MES.
        pub message_trace_id: String,
        /// Ids of the reports.
        pub progress_report_record_ids: Vec<ReportRecordId>,
    }
}

impl ReportItem {
    /// So much, in this unit.
    pub fn new(amount: impl Into<Decimal>, unit: impl Into<UnitId>) -> Self {
        Self { executors: Vec::new(), amount: amount.into(), unit: unit.into(), remark: None }
    }

    /// Made by these people.
    pub fn executors(mut self, ids: impl IntoIterator<Item = impl Into<Id>>) -> Self {
        self.executors = ids.into_iter().map(Into::into).collect();
        self
    }

    /// Remark.
    pub fn remark(mut self, text: impl Into<String>) -> Self {
        self.remark = Some(text.into());
        self
    }

    fn field(self) -> Field {
        let mut material = Fields::default()
            .with("reportAmount", Field::Number(self.amount))
            .with("reportUnitId", Field::Int(self.unit.get()));
        if let Some(remark) = self.remark {
            material.set("remark", Field::Text(remark));
        }
        let executors = self.executors.into_iter().map(|id| Field::Int(id.get())).collect();
        Field::Object(
            Fields::default()
                .with("executorIds", Field::List(executors))
                .with("progressReportMaterialItems", Field::List(vec![Field::Object(material)])),
        )
    }
}

impl ReportForm {
    /// Of this task: output line, material and operation, as
    /// [`reportable_materials`](Production::reportable_materials) names them, and how much.
    pub fn new(
        task: impl Into<TaskId>,
        line: impl Into<Id>,
        material: impl Into<MaterialId>,
        operation: impl Into<OperationId>,
        items: impl IntoIterator<Item = ReportItem>,
    ) -> Self {
        let what = Fields::default()
            .with("lineId", Field::Int(line.into().get()))
            .with("materialId", Field::Int(material.into().get()))
            .with("reportProcessId", Field::Int(operation.into().get()));
        let fields = Fields::default()
            .with("taskId", Field::Int(task.into().get()))
            .with("progressReportMaterial", Field::Object(what))
            .with(
                "progressReportItems",
                Field::List(items.into_iter().map(ReportItem::field).collect()),
            )
            .with("qcStatus", Field::Int(QcStatus::Qualified.number()))
            .with("reportType", Field::Int(ReportType::RecordQualified.number()));
        Self { fields }
    }
}

impl Production {
    /// `POST /mfg/open/v1/progress_report/_progress_report`: reports production (批量报工).
    ///
    /// **Each call books output**, so it is never repeated when the answer is lost: list the
    /// reports of the task first.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) without an amount.
    pub async fn report(&self, report: &ReportForm) -> Result<ReportResult> {
        if report.fields.rows("progressReportItems").next().is_none() {
            return Err(Error::invalid("the report has no item: nothing was made"));
        }
        let result: Option<ReportResult> = self.client.fetch(&REPORT, &report.fields).await?;
        Ok(result.unwrap_or_default())
    }

    /// `POST /mfg/open/v1/progress_report/_do_progress_report`: reports production in the old form
    /// (报工), from a body of the caller's. Answers `data`. Never repeated.
    pub async fn report_old<T>(&self, body: &T) -> Result<RawJson>
    where
        T: Serialize + Sync + ?Sized,
    {
        Ok(self.client.call(&REPORT_OLD, body).await?.data)
    }

    /// `POST /mfg/open/v1/progress_report/_list_progress_report_materials`: what can be reported of
    /// a task (可报工物料), as it comes: the shape is not documented in public.
    pub async fn reportable_materials(&self, task: impl Into<TaskId>) -> Result<RawJson> {
        Ok(self.client.call(&MATERIALS, &json!({ "taskId": task.into() })).await?.data)
    }
}
