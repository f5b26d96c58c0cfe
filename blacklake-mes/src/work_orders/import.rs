//! Creating or changing a work order by its code.

use chrono::NaiveDateTime;
use erplink_core::{Decimal, ErrorKind};
use tracing::warn;

use super::{WorkOrderType, WorkOrders, check_lines};
use crate::client::Endpoint;
use crate::error::{Result, read_data};
use crate::fields::{Field, Fields, local_time, request};
use crate::id::WorkOrderId;
use crate::lenient::model;

const IMPORT: Endpoint = Endpoint::write("POST /med/open/v1/work_order/_doImport");

const OUTPUTS: &str = "outputMaterialOpenCOs";
const INPUTS: &str = "inputMaterialOpenCOs";
const CONTROLS: &str = "inputMaterialControlOpenCOs";
const OPERATIONS: &str = "processPlanOpenCOs";
/// Arrays whose rows name their work order.
const LINES: [&str; 6] = [
    OUTPUTS,
    INPUTS,
    CONTROLS,
    OPERATIONS,
    "processPlanNodeRelationOpenCOs",
    "workInProgressOpenCOs",
];

request! {
    /// A work order to create or change, found by its code. From [`WorkOrderImport::new`].
    pub struct WorkOrderImport {
        /// `草稿` or `新建`.
        status: text = "status",
        /// Whether it follows a SOP. Default no.
        sop: flag = "enableSopInt",
        /// Whether only the materials named may be used (指定用料). Default yes.
        specified_material: flag = "specifiedMaterialInt",
        /// Whether the MES expands its own BOM.
        use_bom: flag = "useBomFlag",
        /// Whether the MES takes its own route.
        use_process_route: flag = "useProcessRouteFlag",
        /// Code of the order elsewhere.
        external_code: text = "externalOrderCode",
        /// Identifier; unique. Default: the code.
        identifier: text = "identifier",
        /// Remark.
        remark: text = "remark",
        /// Code of the department that makes it.
        production_department: text = "productionDepartmentCode",
        /// Number of the person who leads it.
        production_supervisor: text = "productionSupervisorCode",
        /// Code of the department that plans it.
        planning_department: text = "planningDepartmentCode",
        /// Number of the person who plans it.
        planning_user: text = "planningUserCode",
        /// How operations follow each other: `串行` or `并行`.
        plan_type: text = "processPlanType",
        /// Components.
        inputs: rows(InputLine) = "inputMaterialOpenCOs",
        /// How components are fed, in parts.
        controls: rows(ControlLine) = "inputMaterialControlOpenCOs",
        /// Operations.
        operations: rows(Operation) = "processPlanOpenCOs",
        /// Which operation follows which.
        links: rows(OperationLink) = "processPlanNodeRelationOpenCOs",
        /// Work in process between operations.
        wip: rows(WipLine) = "workInProgressOpenCOs",
        /// Sales orders it is for.
        sources: rows(SourceOrder) = "sourceSalesOrderCOs",
    }
}

request! {
    /// What a work order makes. From [`OutputLine::main`] or [`OutputLine::by_product`].
    pub struct OutputLine {
        /// Name of the unit.
        unit: text = "unitName",
        /// Version of the material.
        version: text = "version",
        /// Code of the operation that puts it out.
        output_operation: text = "outputProcessCode",
        /// Code of the route.
        process_route: text = "processRouteCode",
        /// Rate.
        rate: decimal_text = "productRate",
        /// Amount of one report.
        report_amount: decimal_text = "singleWorkReportAmount",
        /// Ways of reporting.
        reporting_methods: text = "reportingMethods",
        /// Whether it is stored.
        warehousing: yes_no = "warehousing",
        /// Whether it is stored by itself.
        auto_warehousing: yes_no = "autoWarehousingFlag",
    }
}

request! {
    /// A component. From [`InputLine::new`].
    ///
    /// Pages of the platform spell the flags for feeding by operation and for SOP in two ways; give
    /// them by [`extra`](Self::extra) where a site wants them.
    pub struct InputLine {
        /// Name of the material.
        material_name: text = "materialName",
        /// Name of the unit.
        unit: text = "unitName",
        /// Version.
        version: text = "version",
        /// Suppliers.
        suppliers: text = "suppliers",
        /// Number of the operation it is fed to.
        operation: text = "inputProcessNum",
        /// How it is picked.
        pick_mode: text = "pickMode",
        /// Remark.
        remark: text = "remark",
    }
}

request! {
    /// A part of a component's feeding. From [`ControlLine::new`].
    pub struct ControlLine {
        /// Name of the material.
        material_name: text = "materialName",
        /// Limit.
        limit: text = "limit",
        /// Lower limit.
        lower_limit: text = "lowerLimit",
        /// Upper limit.
        upper_limit: text = "upperLimit",
    }
}

request! {
    /// An operation of the work order. From [`Operation::new`].
    pub struct Operation {
        /// Name.
        name: text = "name",
        /// Description.
        description: text = "description",
        /// Whether it is reported, as the platform's text.
        report_flag: text = "reportFlag",
        /// Ways of reporting.
        report_methods: text = "reportMethods",
        /// Name of its unit.
        unit: text = "processUnitName",
        /// Code of the work centre.
        work_center: text = "workCenterCode",
        /// Ratio, below 10 000 000.
        ratio: decimal_text = "processRatio",
    }
}

request! {
    /// One operation follows another. From [`OperationLink::new`].
    pub struct OperationLink {}
}

request! {
    /// Work in process between two operations. From [`WipLine::new`].
    pub struct WipLine {
        /// Code of its material.
        material: text = "materialCode",
        /// Name of its material.
        material_name: text = "materialName",
        /// How it is fed.
        feed_type: text = "feedType",
        /// Name of the unit of feeding.
        feed_unit: text = "feedUnitName",
        /// Whether it is stored.
        warehousing: flag = "warehousingInt",
        /// Whether it is stored by itself.
        auto_warehousing: yes_no = "autoWarehousingFlag",
    }
}

request! {
    /// A sales order the work order is for; members by [`extra`](Self::extra), they are not
    /// documented in public.
    pub struct SourceOrder {}
}

/// What became of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Imported {
    /// Id of the work order, where the platform told it. [`WorkOrders::code_to_id`] finds it.
    pub id: Option<WorkOrderId>,
    /// The answer was lost, and the code was found afterwards. For a work order that was not there
    /// before, that is success; for one that was, look whether it has what was sent.
    pub was_found_by_code: bool,
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

fn link(previous: impl Into<String>, next: impl Into<String>) -> Fields {
    Fields::default().with("prevProcessNum", text(previous)).with("nextProcessNum", text(next))
}

impl OutputLine {
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
            .with("mainFlag", text(if is_main { "1" } else { "0" }))
            .with("mainFlagInt", Field::Int(is_main.into()))
            .with("materialCode", text(material))
            .with("plannedAmount", text(amount.into().to_string()));
        Self { fields }
    }
}

impl InputLine {
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

impl ControlLine {
    /// Part `line` of the component on line `seq`.
    pub fn new(seq: i64, line: i64, material: impl Into<String>) -> Self {
        let fields = Fields::default()
            .with("seq", text(seq.to_string()))
            .with("lineSeq", text(line.to_string()))
            .with("materialCode", text(material));
        Self { fields }
    }

    /// How much of it: the parts of a component add up to its numerator, over its denominator.
    pub fn per(mut self, numerator: impl Into<Decimal>, denominator: impl Into<Decimal>) -> Self {
        self.fields.set("inputAmountNumerator", text(numerator.into().to_string()));
        self.fields.set("inputAmountDenominator", text(denominator.into().to_string()));
        self
    }

    /// States that may be fed. The platform takes the list as a text: `"[1,2,3]"`.
    pub fn quality(mut self, states: impl IntoIterator<Item = crate::QcStatus>) -> Self {
        let states: Vec<String> =
            states.into_iter().map(|state| state.number().to_string()).collect();
        self.fields.set("inputQcState", text(format!("[{}]", states.join(","))));
        self
    }
}

impl Operation {
    /// The operation with this code, under this number in the work order.
    pub fn new(number: impl Into<String>, code: impl Into<String>) -> Self {
        let fields = Fields::default().with("code", text(code)).with("processNum", text(number));
        Self { fields }
    }
}

impl OperationLink {
    /// The operation numbered `next` follows the one numbered `previous`.
    pub fn new(previous: impl Into<String>, next: impl Into<String>) -> Self {
        Self { fields: link(previous, next) }
    }
}

impl WipLine {
    /// Between the operations of these numbers.
    pub fn new(previous: impl Into<String>, next: impl Into<String>) -> Self {
        Self { fields: link(previous, next) }
    }
}

impl WorkOrderImport {
    /// The members the platform wants: code (工单编号), planned start and finish, and what is made.
    ///
    /// Times are those of China's clocks: [`china_time`](crate::china_time) turns a moment into one.
    pub fn new(
        code: impl Into<String>,
        start: NaiveDateTime,
        finish: NaiveDateTime,
        outputs: impl IntoIterator<Item = OutputLine>,
    ) -> Self {
        let outputs = outputs.into_iter().map(|line| Field::Object(line.fields)).collect();
        let fields = Fields::default()
            .with("code", text(code))
            .with("workOrderType", text("普通"))
            .with("planStartTime", local_time(start))
            .with("planFinishTime", local_time(finish))
            .with(OUTPUTS, Field::List(outputs));
        Self { fields }
    }

    /// Kind. Default: ordinary (普通).
    pub fn kind(mut self, kind: WorkOrderType) -> Self {
        self.fields.set("workOrderType", Field::Text(kind.import_text()));
        self
    }

    /// The code: the key by which the platform finds the work order.
    #[must_use]
    pub fn code(&self) -> &str {
        self.fields.text("code").unwrap_or_default()
    }

    /// What is sent: every line names its work order.
    fn body(&self) -> Result<Fields> {
        check_lines(&self.fields, self.code(), OUTPUTS, INPUTS, CONTROLS, OPERATIONS)?;
        let mut fields = self.fields.clone();
        let code = text(self.code());
        for list in LINES {
            fields.set_in_rows(list, "workOrderCode", &code);
        }
        Ok(fields)
    }
}

impl WorkOrders {
    /// `POST /med/open/v1/work_order/_doImport`: creates a work order or changes the one with this
    /// code (导入工单).
    ///
    /// When the answer is lost, the code is looked up: the work order is sent again only when it is
    /// not there, because people may have changed or dispatched it meanwhile.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] for lines that contradict each other; [`ErrorKind::Api`] for a
    /// material, unit or operation that is not there. One that
    /// [`may_have_taken_effect`](crate::Error::may_have_taken_effect) means that the code could not
    /// be looked up either.
    pub async fn import(&self, order: &WorkOrderImport) -> Result<Imported> {
        let body = order.body()?;
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
        // Whatever else comes (some sites answer a list) is not promised.
        let answer: Option<ImportAnswer> = read_data(&data).unwrap_or_default();
        let id = answer.and_then(|answer| answer.work_order_id);
        Ok(Imported { id, was_found_by_code: false })
    }

    /// The id of exactly this code, by the list; by the conversion of codes where an account may
    /// not list.
    pub(super) async fn id_of(&self, code: &str) -> Result<Option<WorkOrderId>> {
        match self.find(code).await {
            Ok(found) => Ok(found.map(|row| row.work_order_id)),
            Err(error) if error.kind() == ErrorKind::Forbidden => {
                Ok(self.code_to_id(code).await?.id())
            }
            Err(error) => Err(error),
        }
    }
}
