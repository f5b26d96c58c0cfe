//! Creating or changing a work order by its code, second contract.

use chrono::{DateTime, Utc};
use erplink_core::{Decimal, ErrorKind};
use tracing::warn;

use super::WorkOrdersV2;
use crate::client::Endpoint;
use crate::error::{Result, read_data};
use crate::fields::{Field, Fields, millis, request};
use crate::id::WorkOrderId;
use crate::lenient::model;
use crate::work_orders::{Imported, WorkOrderStatus, check_lines};

const IMPORT: Endpoint = Endpoint::write("POST /med/open/v2/work_order/_doimport");

const OUTPUTS: &str = "outputMaterialOpenCOs";
const INPUTS: &str = "inputMaterialOpenV2COs";
const CONTROLS: &str = "inputMaterialControlOpenCOs";
const OPERATIONS: &str = "processPlanOpenCOs";

request! {
    /// A work order to create or change, found by its code. From [`WorkOrderImport::new`].
    pub struct WorkOrderImport {
        /// Draft or created.
        status: enumeration(WorkOrderStatus) = "status",
        /// Whether it follows a SOP.
        sop: flag = "enableSop",
        /// Whether only the materials named may be used (指定用料).
        specified_material: flag = "specifiedMaterial",
        /// Whether the MES expands its own BOM.
        use_bom: flag = "useBomFlag",
        /// Whether the MES takes its own route.
        use_process_route: flag = "useProcessRouteFlag",
        /// Code of the order elsewhere.
        external_code: text = "externalOrderCode",
        /// Identifier; unique.
        identifier: text = "identifier",
        /// Code of the resource.
        resource: text = "resourceCode",
        /// Remark.
        remark: text = "remark",
        /// Components.
        inputs: rows(Input) = "inputMaterialOpenV2COs",
        /// How components are fed, in parts.
        controls: rows(Control) = "inputMaterialControlOpenCOs",
        /// Operations.
        operations: rows(Operation) = "processPlanOpenCOs",
    }
}

request! {
    /// What a work order makes. From [`Output::main`] or [`Output::by_product`].
    pub struct Output {
        /// Name of the unit.
        unit: text = "unitName",
        /// Version of the material.
        version: text = "version",
    }
}

request! {
    /// A component. From [`Input::new`].
    pub struct Input {
        /// Version.
        version: text = "version",
        /// Name of the unit.
        unit: text = "unitName",
        /// Whether it is fed to one operation only.
        by_operation: flag = "specificProcessInput",
        /// Number of that operation.
        operation: text = "inputProcessNum",
        /// Whether it is fed by steps of the SOP.
        by_sop: flag = "splitSopControlInput",
        /// Loss.
        loss_rate: decimal_text = "lossRate",
    }
}

request! {
    /// A part of a component's feeding. From [`Control::new`].
    pub struct Control {}
}

request! {
    /// An operation of the work order. From [`Operation::new`].
    pub struct Operation {
        /// Name.
        name: text = "name",
        /// Code of the work centre.
        work_center: text = "workCenterCode",
    }
}

model! {
    #[allow(unreachable_pub)]
    pub struct ImportAnswer {
        pub work_order_id: Option<WorkOrderId>,
    }
}

fn text(value: impl Into<String>) -> Field {
    Field::Text(value.into())
}

impl Output {
    /// The main product, of this code and amount.
    pub fn main(material: impl Into<String>, amount: impl Into<Decimal>) -> Self {
        Self::line(0, true, material, amount)
    }

    /// A by-product, on a line of its own (1 and up).
    pub fn by_product(line: i64, material: impl Into<String>, amount: impl Into<Decimal>) -> Self {
        Self::line(line, false, material, amount)
    }

    fn line(
        line: i64,
        is_main: bool,
        material: impl Into<String>,
        amount: impl Into<Decimal>,
    ) -> Self {
        let fields = Fields::default()
            .with("lineSeq", text(line.to_string()))
            .with("mainFlag", Field::Int(is_main.into()))
            .with("materialCode", text(material))
            .with("plannedAmount", text(amount.into().to_string()));
        Self { fields }
    }
}

impl Input {
    /// A component on this line of the work order.
    pub fn new(seq: i64, material: impl Into<String>) -> Self {
        let fields = Fields::default()
            .with("seq", text(seq.to_string()))
            .with("materialCode", text(material));
        Self { fields }
    }

    /// How much of it goes into the product: `numerator` for `denominator` products.
    pub fn per(mut self, numerator: impl Into<Decimal>, denominator: impl Into<Decimal>) -> Self {
        self.fields.set("subInputAmountNumerator", text(numerator.into().to_string()));
        self.fields.set("subInputAmountDenominator", text(denominator.into().to_string()));
        self
    }
}

impl Control {
    /// Part `line` of the component on line `seq`: so much of it.
    pub fn new(
        seq: i64,
        line: i64,
        material: impl Into<String>,
        numerator: impl Into<Decimal>,
    ) -> Self {
        let fields = Fields::default()
            .with("seq", text(seq.to_string()))
            .with("lineSeq", text(line.to_string()))
            .with("materialCode", text(material))
            .with("inputAmountNumerator", text(numerator.into().to_string()));
        Self { fields }
    }
}

impl Operation {
    /// The operation with this code, under this number in the work order, reported or not.
    pub fn new(number: impl Into<String>, code: impl Into<String>, is_reported: bool) -> Self {
        let fields = Fields::default()
            .with("code", text(code))
            .with("processNum", text(number))
            .with("reportFlag", Field::Int(is_reported.into()));
        Self { fields }
    }
}

impl WorkOrderImport {
    /// The members the platform wants: code (工单编号), planned start and finish, and what is made.
    pub fn new(
        code: impl Into<String>,
        start: DateTime<Utc>,
        finish: DateTime<Utc>,
        outputs: impl IntoIterator<Item = Output>,
    ) -> Self {
        let outputs = outputs.into_iter().map(|line| Field::Object(line.fields)).collect();
        let fields = Fields::default()
            .with("code", text(code))
            .with("planStartTime", millis(start))
            .with("planFinishTime", millis(finish))
            .with(OUTPUTS, Field::List(outputs));
        Self { fields }
    }

    /// The code: the key by which the platform finds the work order.
    #[must_use]
    pub fn code(&self) -> &str {
        self.fields.text("code").unwrap_or_default()
    }
}

impl WorkOrdersV2 {
    /// `POST /med/open/v2/work_order/_doimport`: creates a work order or changes the one with this
    /// code (导入工单).
    ///
    /// When the answer is lost, the code is looked up: the work order is sent again only when it is
    /// not there.
    ///
    /// # Errors
    /// As those of the [first contract](crate::work_orders::WorkOrders::import).
    pub async fn import(&self, order: &WorkOrderImport) -> Result<Imported> {
        check_lines(&order.fields, order.code(), OUTPUTS, INPUTS, CONTROLS, OPERATIONS)?;
        let mut body = order.fields.clone();
        for list in [OUTPUTS, INPUTS, CONTROLS, OPERATIONS] {
            body.set_in_rows(list, "workOrderCode", &text(order.code()));
        }
        let error = match self.send_import(&body).await {
            Err(error) if error.may_have_taken_effect() => error,
            result => return result,
        };
        warn!("looking for the work order whose answer was lost: {error}");
        match Box::pin(self.id_of(order.code())).await {
            Ok(Some(id)) => Ok(Imported { id: Some(id), was_found_by_code: true }),
            Ok(None) => self.send_import(&body).await,
            Err(unseen) => {
                warn!("the work order could not be looked for: {unseen}");
                Err(error)
            }
        }
    }

    async fn send_import(&self, body: &Fields) -> Result<Imported> {
        let data = self.client.call(&IMPORT, body).await?.data;
        let answer: Option<ImportAnswer> = read_data(&data).unwrap_or_default();
        let id = answer.and_then(|answer| answer.work_order_id);
        Ok(Imported { id, was_found_by_code: false })
    }

    async fn id_of(&self, code: &str) -> Result<Option<WorkOrderId>> {
        match self.find(code).await {
            Ok(found) => Ok(found.map(|row| row.work_order_id)),
            Err(error) if error.kind() == ErrorKind::Forbidden => {
                Ok(self.client.work_orders().code_to_id(code).await?.id())
            }
            Err(error) => Err(error),
        }
    }
}
