use async_trait::async_trait;
use erplink_sync::Flow;
use serde::Deserialize;

use super::documents::{INCLUDE_NULL, synced_values, yes};
use super::fields::{FIELD, MoreFields};
use super::{Composition, Finding, Missing, Pace, Scenario, ScenarioKind, Systems, pace, read};
use crate::b1::{MarkOrder, OrderNumber, UnsyncedDocuments};
use crate::config::shape::{Key, Shape, default, optional};
use crate::mes::{Contract, ExportOrder, LookUp, Mes, OrderMap, UpdateBy};

/// Production orders (生产订单) that are released or cancelled and not synchronised become work orders
/// (工单) of the MES: created, changed, or closed.
#[derive(Clone, Debug, Deserialize)]
pub struct MesWorkOrders {
    /// Which number of the order is the code of the work order.
    #[serde(default)]
    pub order_number: OrderNumber,
    /// A further condition, in the server's syntax.
    #[serde(default)]
    pub filter: Option<String>,
    /// The status of the synchronisation.
    #[serde(default = "status_field")]
    pub status_field: String,
    /// The flag that spares our own mark from the notification procedure.
    #[serde(default = "flag_field")]
    pub flag_field: String,
    /// Their value before and after.
    #[serde(default = "synced_values")]
    pub synced_values: [String; 2],
    /// Whether orders without a status are not synchronised either.
    #[serde(default = "yes")]
    pub include_null: bool,
    /// Which contract of work orders the MES speaks.
    #[serde(default)]
    pub contract: Contract,
    /// How a work order is looked for.
    #[serde(default)]
    pub look_up: LookUp,
    /// How a work order is changed.
    #[serde(default)]
    pub update_by: UpdateBy,
    /// Whether an order that was cancelled before the MES had it is created there all the same.
    #[serde(default)]
    pub create_cancelled: bool,
    /// The reason with which work orders are closed.
    #[serde(default = "close_reason")]
    pub close_reason: String,
    /// What goes into further members of the import.
    #[serde(default)]
    pub fields: MoreFields,
    /// The numbers of the flow.
    #[serde(flatten)]
    pub pace: Pace,
}

pub(super) const KIND: ScenarioKind = ScenarioKind {
    name: "mes-work-orders",
    numbers: &["S21"],
    doc: "Production orders that are released or cancelled become work orders of the Blacklake MES (黑湖).",
    needs: &[crate::b1::SYSTEM, crate::mes::SYSTEM],
    keys: &[KEYS, pace::POLL, pace::WORK],
    example: include_str!("examples/mes-work-orders.toml"),
    read: read::<MesWorkOrders>,
};

const KEYS: &[Key] = &[
    ORDER_NUMBER,
    optional("filter", Shape::Text, "A further condition, such as Warehouse eq '01'."),
    default(
        "status_field",
        Shape::Text,
        r#""U_SyncStatus""#,
        "The status; the procedure resets it.",
    ),
    default(
        "flag_field",
        Shape::Text,
        r#""U_SyncFlag""#,
        "The flag by which the notification procedure knows our own mark.",
    ),
    default("synced_values", Shape::Pair, r#"["N", "Y"]"#, "Their value before and after."),
    INCLUDE_NULL,
    default(
        "contract",
        Shape::Choice(&["v1", "v2"]),
        r#""v1""#,
        "Which contract of work orders; every site has v1.",
    ),
    default(
        "look_up",
        Shape::Choice(&["code", "list"]),
        r#""code""#,
        "code: by the conversion of codes to ids (编号转ID); list: by the list, exactly this code.",
    ),
    default(
        "update_by",
        Shape::Choice(&["edit", "import"]),
        r#""edit""#,
        "edit: amounts and components by the call that edits, all else by an import; import: always.",
    ),
    default(
        "create_cancelled",
        Shape::Bool,
        "false",
        "Whether an order that was cancelled before the MES had it is created there all the same.",
    ),
    default(
        "close_reason",
        Shape::Text,
        r#""ERP取消""#,
        "The reason with which orders are closed.",
    ),
    optional(
        "fields",
        Shape::Tables(FIELD),
        "What of an order goes into further members of the import, such as Document.U_JGCJ to productionDepartmentCode. What is empty is not sent.",
    ),
];

pub(super) const ORDER_NUMBER: Key = default(
    "order_number",
    Shape::Choice(&["absolute_entry", "document_number"]),
    r#""absolute_entry""#,
    "Which number of a production order is the code of its work order; the same in all flows.",
);

/// Those that the MES has to know of.
const STATES: &str =
    "(ProductionOrderStatus eq 'boposReleased' or ProductionOrderStatus eq 'boposCancelled')";

fn status_field() -> String {
    "U_SyncStatus".to_owned()
}

fn flag_field() -> String {
    "U_SyncFlag".to_owned()
}

fn close_reason() -> String {
    "ERP取消".to_owned()
}

impl MesWorkOrders {
    fn source(&self, b1: &b1_servicelayer::Client) -> UnsyncedDocuments {
        let [no, _] = &self.synced_values;
        let flag = (self.status_field.as_str(), no.as_str());
        let (set, key) = ("ProductionOrders", OrderNumber::AbsoluteEntry.property());
        let orders = UnsyncedDocuments::new(b1.clone(), set, key, flag, self.include_null)
            .page_size(self.pace.page_size)
            .filter(STATES);
        match &self.filter {
            Some(filter) => orders.filter(filter),
            None => orders,
        }
    }
}

#[async_trait]
impl Scenario for MesWorkOrders {
    /// The flow `name` to the MES.
    fn compose(
        &self,
        company: &str,
        name: &str,
        systems: &Systems,
    ) -> Result<Composition, Missing> {
        let (b1, mes) = (systems.b1()?, Mes::of(systems)?);
        let map = OrderMap::new(self.order_number).more(self.fields.0.clone());
        let [no, yes] = &self.synced_values;
        let mark = MarkOrder::new(b1.clone(), map.clone())
            .fields(&self.status_field, &self.flag_field)
            .values(no, yes);
        let export = ExportOrder::new(mes.client().clone())
            .contract(self.contract)
            .look_up(self.look_up)
            .update_by(self.update_by)
            .create_cancelled(self.create_cancelled)
            .close_reason(&self.close_reason);
        let flow = Flow::new(company, name)
            .poll(self.source(b1))
            .map(map)
            .push(export)
            .mark(mark)
            .again_when_offered();
        Ok(Composition { flows: vec![self.pace.apply(flow)], ..Composition::default() })
    }

    async fn check(&self, systems: &Systems) -> Vec<Finding> {
        let (Ok(b1), Ok(mes)) = (systems.b1(), Mes::of(systems)) else { return Vec::new() };
        let counted = self.source(b1).count().await.map(drop);
        let counted = counted.map_err(|failure| {
            format!("check `status_field` and `filter` (are the fields registered?): {failure}")
        });
        let orders = mes.client().work_orders();
        const NONE: &str = "erplink-check";
        let asked = match (self.contract, self.look_up) {
            (Contract::V2, _) => mes.client().work_orders_v2().find(NONE).await.map(drop),
            (Contract::V1, LookUp::Code) => orders.code_to_id(NONE).await.map(drop),
            (Contract::V1, LookUp::List) => orders.find(NONE).await.map(drop),
        };
        vec![
            Finding::new("production orders (生产订单)", counted),
            mes.finding("work orders (工单)", asked),
        ]
    }
}
