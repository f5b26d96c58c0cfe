//! Changing a work order by its code.

use super::WorkOrders;
use crate::client::Endpoint;
use crate::error::{Error, Result};
use crate::fields::{Field, Fields, request};

const EDIT: Endpoint =
    Endpoint::repeatable("POST /api/schedule-for-openapi/med/open/v1/work_order/update");

/// A change of a work order. From [`WorkOrderEdit::new`].
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct WorkOrderEdit {
    code: String,
    base: Fields,
    lists: Fields,
}

request! {
    /// An output to change.
    pub struct EditOutput {
        /// Line.
        line: int_text = "lineSeq",
        /// Main product or by-product.
        main: flag = "main",
        /// Code of the material.
        material: text = "materialCode",
        /// Unit.
        unit: text = "unitCode",
        /// Planned amount.
        amount: decimal_text = "plannedAmount",
        /// Where its batch number comes from: 1 a rule, 2 a number, 3 nowhere.
        batch_generation: int = "batchGenerationType",
        /// Rate.
        rate: decimal_text = "productRate",
        /// Amount of one report.
        report_amount: decimal_text = "singleWorkReportAmount",
        /// Code of the operation.
        operation: text = "processCode",
        /// Ways of reporting.
        reporting_methods: ints = "reportingMethods",
        /// Whether it is stored.
        warehousing: flag = "warehousing",
        /// Whether it is stored by itself.
        auto_warehousing: flag = "autoWarehousingFlag",
    }
}

request! {
    /// A component to change.
    pub struct EditInput {
        /// Line.
        seq: int_text = "seq",
        /// Code of the material.
        material: text = "materialCode",
        /// Name of the material.
        material_name: text = "materialName",
        /// Name of the unit.
        unit: text = "unitName",
        /// So much of it …
        numerator: decimal_text = "subInputAmountNumerator",
        /// … for so many products.
        denominator: decimal_text = "subInputAmountDenominator",
    }
}

request! {
    /// A part of a component's feeding to change.
    pub struct EditControl {
        /// Line of the component.
        seq: int_text = "seq",
        /// Line of the part.
        line: int_text = "lineSeq",
        /// Code of the material.
        material: text = "materialCode",
        /// Name of the material.
        material_name: text = "materialName",
        /// So much of it …
        numerator: decimal_text = "inputAmountNumerator",
        /// … for so many products.
        denominator: decimal_text = "inputAmountDenominator",
    }
}

impl WorkOrderEdit {
    /// A change of the work order with this code.
    pub fn new(code: impl Into<String>) -> Self {
        let code = code.into();
        let base = Fields::default().with("code", Field::Text(code.clone()));
        Self { code, base, lists: Fields::default() }
    }

    /// Remark.
    pub fn remark(mut self, text: impl Into<String>) -> Self {
        self.base.set("remark", Field::Text(text.into()));
        self
    }

    /// Identifier; unique.
    pub fn identifier(mut self, text: impl Into<String>) -> Self {
        self.base.set("identifier", Field::Text(text.into()));
        self
    }

    /// Outputs.
    pub fn outputs(self, rows: impl IntoIterator<Item = EditOutput>) -> Self {
        self.list("outputMaterials", rows.into_iter().map(|row| row.fields))
    }

    /// Components.
    pub fn inputs(self, rows: impl IntoIterator<Item = EditInput>) -> Self {
        self.list("inputMaterials", rows.into_iter().map(|row| row.fields))
    }

    /// How components are fed, in parts (`controllInfos`, so spelt).
    pub fn controls(self, rows: impl IntoIterator<Item = EditControl>) -> Self {
        self.list("controllInfos", rows.into_iter().map(|row| row.fields))
    }

    fn list(mut self, name: &'static str, rows: impl Iterator<Item = Fields>) -> Self {
        let code = Field::Text(self.code.clone());
        self.lists.set(name, Field::List(rows.map(Field::Object).collect()));
        self.lists.set_in_rows(name, "workOrderCode", &code);
        self
    }

    fn body(&self) -> Fields {
        let mut body = Fields::default()
            .with("code", Field::Text(self.code.clone()))
            .with("workOrderBaseCO", Field::Object(self.base.clone()));
        for name in ["outputMaterials", "inputMaterials", "controllInfos"] {
            if let Some(list) = self.lists.get(name) {
                body.set(name, list.clone());
            }
        }
        body
    }
}

impl WorkOrders {
    /// `POST /api/schedule-for-openapi/med/open/v1/work_order/update`: changes a work order by its
    /// code (编辑工单).
    ///
    /// Repeated when its answer is lost: a second time changes nothing. The path, which has no route
    /// prefix, is a setting; where a site lacks it, [`import`](Self::import) changes as well.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) without a code.
    pub async fn update(&self, edit: &WorkOrderEdit) -> Result<()> {
        if edit.code.trim().is_empty() {
            return Err(Error::invalid("the code of the work order is empty"));
        }
        let path = self.client.work_order_edit_path().to_owned();
        self.client.call_at(path, &EDIT, &edit.body()).await.map(drop)
    }
}
