//! Expenses, references and approvals of marketing documents.

use chrono::NaiveDate;

use crate::enums::{BoAdEpnsDistribMethods, BoStatus, BoYesNoEnum, ReferencedObjectTypeEnum};
use crate::{ComplexType, Decimal, UserFields};

/// An additional expense (附加费用), such as freight.
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct DocumentAdditionalExpense {
    /// Number of the kind of expense.
    pub expense_code: Option<i32>,
    /// Number of the line.
    pub line_num: Option<i32>,
    /// Amount without tax, in local currency.
    pub line_total: Option<Decimal>,
    /// Amount with tax, in local currency.
    pub line_gross: Option<Decimal>,
    /// Remarks.
    pub remarks: Option<String>,
    /// How the amount is spread over the lines.
    pub distribution_method: Option<BoAdEpnsDistribMethods>,
    /// Whether it is taxed.
    pub tax_liable: Option<BoYesNoEnum>,
    /// Tax code.
    pub vat_group: Option<String>,
    /// Tax code, in countries that use this property.
    pub tax_code: Option<String>,
    /// Tax rate, in percent.
    pub tax_percent: Option<Decimal>,
    /// Tax, in local currency.
    pub tax_sum: Option<Decimal>,
    /// Open or closed.
    pub status: Option<BoStatus>,
    /// Code of the project.
    pub project: Option<String>,
    /// Distribution rule of the first dimension.
    pub distribution_rule: Option<String>,
    /// Distribution rule of the second dimension.
    pub distribution_rule2: Option<String>,
    /// Distribution rule of the third dimension.
    pub distribution_rule3: Option<String>,
    /// Distribution rule of the fourth dimension.
    pub distribution_rule4: Option<String>,
    /// Distribution rule of the fifth dimension.
    pub distribution_rule5: Option<String>,
    /// Object type of the base document, as a number.
    pub base_doc_type: Option<i32>,
    /// Key of the base document.
    pub base_doc_entry: Option<i32>,
    /// Number of the line of the base document.
    pub base_doc_line: Option<i32>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}

/// A reference from one document to another (参考单据).
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct DocumentReference {
    /// Key of the document.
    pub doc_entry: Option<i32>,
    /// Number of the line.
    pub line_number: Option<i32>,
    /// Key of the other document. The server spells it so.
    pub ref_doc_entr: Option<i32>,
    /// Number of the other document.
    pub ref_doc_num: Option<i32>,
    /// Number of a document outside of the company.
    pub ext_doc_num: Option<String>,
    /// The kind of the other document.
    pub ref_obj_type: Option<ReferencedObjectTypeEnum>,
    /// Day of issue of the other document.
    pub issue_date: Option<NaiveDate>,
    /// Referenced amount.
    pub ref_amount: Option<Decimal>,
    /// Remarks.
    pub remark: Option<String>,
}

/// An approval template that a document is subject to.
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct DocumentApprovalRequest {
    /// Key of the template.
    #[entity(name = "ApprovalTemplatesID")]
    pub approval_templates_id: Option<i32>,
    /// Name of the template. Read-only.
    pub approval_templates_name: Option<String>,
    /// Remarks of the originator to the approvers.
    pub remarks: Option<String>,
    /// Whether it also applies when the document is changed.
    pub active_for_update: Option<BoYesNoEnum>,
}
