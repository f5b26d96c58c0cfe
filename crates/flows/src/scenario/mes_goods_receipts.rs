use async_trait::async_trait;
use blacklake_mes::production::ReportFilter;
use blacklake_mes::work_orders::LastOperationRule;
use chrono::{TimeDelta, Utc};
use erplink_sync::Flow;
use erplink_sync::map::{Entry, Format};
use serde::Deserialize;

use super::fields::{FIELD, MoreFields};
use super::mes_windows::WINDOWS;
use super::mes_work_orders::ORDER_NUMBER;
use super::{
    Composition, Finding, MesWindows, Missing, Pace, Scenario, ScenarioKind, Systems, pace, read,
};
use crate::b1::OrderNumber;
use crate::config::shape::{Key, Shape, default, optional};
use crate::mes::{Booking, Mes, ProgressReports, ReceiveProduct};

/// What the last operation of a work order reports (报工) becomes a goods receipt from production
/// (生产收货). Reports that are corrected later (报工调整) are left to people.
#[derive(Clone, Debug, Deserialize)]
pub struct MesGoodsReceipts {
    /// Which number of the production order is the code of the work order.
    #[serde(default)]
    pub order_number: OrderNumber,
    /// Which operation is the last one.
    #[serde(default)]
    pub last_operation: LastOperationRule,
    /// Whether rejected products are received, too.
    #[serde(default)]
    pub book_rejected: bool,
    /// The field with the report's id.
    #[serde(default = "id_field")]
    pub id_field: String,
    /// The warehouse; that of the order if `None`.
    #[serde(default)]
    pub warehouse: Option<String>,
    /// What of a report goes into the header of the receipt; by default `U_InboundType` is `1`.
    #[serde(default = "inbound_type")]
    pub fields: MoreFields,
    /// Which windows of time are read.
    #[serde(flatten)]
    pub windows: MesWindows,
    /// The numbers of the flow.
    #[serde(flatten)]
    pub pace: Pace,
}

/// `U_InboundType` is `1`.
fn inbound_type() -> MoreFields {
    let entry = Entry {
        from: "=1".to_owned(),
        to: "U_InboundType".to_owned(),
        format: Format::Text,
        required: false,
    };
    MoreFields::try_from(vec![entry]).unwrap_or_default()
}

pub(super) const KIND: ScenarioKind = ScenarioKind {
    name: "mes-goods-receipts",
    numbers: &["S22"],
    doc: "What the Blacklake MES (黑湖) reports of the last operation becomes a goods receipt from production.",
    needs: &[crate::b1::SYSTEM, crate::mes::SYSTEM],
    keys: &[KEYS, WINDOWS, pace::WORK],
    example: include_str!("examples/mes-goods-receipts.toml"),
    read: read::<MesGoodsReceipts>,
};

const KEYS: &[Key] = &[
    ORDER_NUMBER,
    default(
        "last_operation",
        Shape::Choice(&["max_process_num", "no_successor", "main_output_process"]),
        r#""max_process_num""#,
        "Which operation is the last: of the greatest number, without a successor, or that of the main product.",
    ),
    default(
        "book_rejected",
        Shape::Bool,
        "false",
        "Whether rejected products (不合格) are received.",
    ),
    ID_FIELD,
    WAREHOUSE,
    default(
        "fields",
        Shape::Tables(FIELD),
        r#"[{"from": "=1", "to": "U_InboundType"}]"#,
        "What of a report goes into the header of the receipt; paths such as reportRecordCode.",
    ),
];

pub(super) const ID_FIELD: Key = default(
    "id_field",
    Shape::Text,
    r#""NumAtCard""#,
    "The field of the document for the MES's id, by which it is found again; a U_ field has to be registered.",
);

pub(super) const WAREHOUSE: Key = optional(
    "warehouse",
    Shape::Text,
    "The warehouse (仓库); that of the order or component if unset.",
);

pub(super) fn id_field() -> String {
    "NumAtCard".to_owned()
}

#[async_trait]
impl Scenario for MesGoodsReceipts {
    /// The flow `name` into the ERP.
    fn compose(
        &self,
        company: &str,
        name: &str,
        systems: &Systems,
    ) -> Result<Composition, Missing> {
        let (b1, mes) = (systems.b1()?, Mes::of(systems)?);
        let mut booking = Booking::receipts(b1.clone())
            .id_field(&self.id_field)
            .order_number(self.order_number)
            .header(self.fields.0.clone());
        if let Some(warehouse) = &self.warehouse {
            booking = booking.warehouse(warehouse);
        }
        let receive = ReceiveProduct::new(mes.client().clone(), booking)
            .last_operation(self.last_operation)
            .book_rejected(self.book_rejected);
        let flow = Flow::new(company, name)
            .poll(ProgressReports::new(mes.client().clone(), self.windows.windows()))
            .push(receive);
        Ok(Composition { flows: vec![self.pace.apply(flow)], ..Composition::default() })
    }

    async fn check(&self, systems: &Systems) -> Vec<Finding> {
        let Ok(mes) = Mes::of(systems) else { return Vec::new() };
        let now = Utc::now();
        let recent = ReportFilter::reported(now - TimeDelta::minutes(1), now).page_size(1);
        let asked = mes.client().production().reports(recent).next().await.transpose();
        vec![mes.finding("progress reports (报工记录)", asked)]
    }
}
