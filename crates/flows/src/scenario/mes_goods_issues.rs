use async_trait::async_trait;
use chrono::{TimeDelta, Utc};
use erplink_sync::Flow;
use serde::Deserialize;

use super::fields::{FIELD, MoreFields};
use super::mes_goods_receipts::{ID_FIELD, WAREHOUSE, id_field};
use super::mes_windows::WINDOWS;
use super::mes_work_orders::ORDER_NUMBER;
use super::{
    Composition, Finding, MesWindows, Missing, Pace, Scenario, ScenarioKind, Systems, pace, read,
};
use crate::b1::OrderNumber;
use crate::config::shape::{Key, Shape, default, optional};
use crate::mes::{Booking, Feedings, IssueComponents, Mes};

/// What is fed (投料) to a work order becomes a goods issue for production (生产发料).
///
/// The MES pushes feedings; those whose push got lost are found in its list. Feedings that are
/// withdrawn later (退料) are left to people.
#[derive(Clone, Debug, Deserialize)]
pub struct MesGoodsIssues {
    /// Which number of the production order is the code of the work order.
    #[serde(default)]
    pub order_number: OrderNumber,
    /// The field with the feeding's id.
    #[serde(default = "id_field")]
    pub id_field: String,
    /// The warehouse; that of the component if `None`.
    #[serde(default)]
    pub warehouse: Option<String>,
    /// What of a feeding goes into the header of the issue.
    #[serde(default)]
    pub fields: MoreFields,
    /// Where feedings come from.
    #[serde(default)]
    pub rows: FeedingRows,
    /// Which windows of time are read.
    #[serde(flatten)]
    pub windows: MesWindows,
    /// The numbers of the flow.
    #[serde(flatten)]
    pub pace: Pace,
}

/// Where feedings come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedingRows {
    /// Pushes, and the MES's list in place of those that got lost.
    #[default]
    Both,
    /// Pushes alone.
    Pushed,
    /// The list alone, for a site whose pushes carry other ids than those of rows; they are
    /// acknowledged.
    Listed,
}

pub(super) const KIND: ScenarioKind = ScenarioKind {
    name: "mes-goods-issues",
    numbers: &["S23"],
    doc: "What is fed in the Blacklake MES (黑湖) becomes a goods issue for production.",
    needs: &[crate::b1::SYSTEM, crate::mes::SYSTEM],
    keys: &[KEYS, WINDOWS, pace::WORK],
    example: include_str!("examples/mes-goods-issues.toml"),
    read: read::<MesGoodsIssues>,
};

const KEYS: &[Key] = &[
    ORDER_NUMBER,
    ID_FIELD,
    WAREHOUSE,
    optional(
        "fields",
        Shape::Tables(FIELD),
        "What of a feeding goes into the header of the issue; paths such as feedRecordInfo.remark.",
    ),
    default(
        "rows",
        Shape::Choice(&["both", "pushed", "listed"]),
        r#""both""#,
        "both: pushes, and the MES's list for those that got lost; pushed; listed: where pushes carry other ids than those of rows.",
    ),
];

#[async_trait]
impl Scenario for MesGoodsIssues {
    /// The flow `name` into the ERP, and the receiver of the pushes.
    fn compose(
        &self,
        company: &str,
        name: &str,
        systems: &Systems,
    ) -> Result<Composition, Missing> {
        let (b1, mes) = (systems.b1()?, Mes::of(systems)?);
        let mut booking = Booking::issues(b1.clone())
            .id_field(&self.id_field)
            .order_number(self.order_number)
            .header(self.fields.0.clone());
        if let Some(warehouse) = &self.warehouse {
            booking = booking.warehouse(warehouse);
        }
        let feedings = Feedings::new(mes.client().clone(), self.windows.windows());
        let flow = Flow::new(company, name);
        let flow = match self.rows {
            FeedingRows::Both => flow.receive_and_poll(feedings),
            FeedingRows::Pushed => flow.receive(),
            FeedingRows::Listed => flow.poll(feedings),
        };
        let receiver = match self.rows {
            FeedingRows::Listed => mes.acknowledger(company),
            _ => mes.receiver(company, name),
        };
        let flow = flow.push(IssueComponents::new(mes.client().clone(), booking));
        Ok(Composition {
            flows: vec![self.pace.apply(flow)],
            receivers: vec![receiver],
            ..Composition::default()
        })
    }

    async fn check(&self, systems: &Systems) -> Vec<Finding> {
        let Ok(mes) = Mes::of(systems) else { return Vec::new() };
        let now = Utc::now();
        let recent = mes.client().production().feedings(now - TimeDelta::minutes(1), now);
        let asked = recent.page_size(1).rows().next().await.transpose();
        vec![mes.finding("feeding records (投料记录)", asked)]
    }
}
