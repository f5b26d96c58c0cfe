//! The approval procedure (审批流程): requests, stages and templates.

use chrono::{NaiveDate, NaiveTime};

use crate::enums::{
    ApprovalTemplateConditionTypeEnum, ApprovalTemplateOperationTypeEnum,
    ApprovalTemplatesDocumentTypeEnum, BoApprovalRequestDecisionEnum, BoApprovalRequestStatusEnum,
    BoYesNoEnum,
};
use crate::{ComplexType, Entity, Secret};

/// An approval request (审批请求), set `ApprovalRequests`.
///
/// All of it is read-only but the decisions, which are only written.
#[derive(Clone, Debug, Default, PartialEq, Entity)]
#[entity(set = "ApprovalRequests", key = "Code")]
pub struct ApprovalRequest {
    /// Key of the request.
    pub code: Option<i32>,
    /// Key of the template that caught the document (审批模板).
    #[entity(name = "ApprovalTemplatesID")]
    pub approval_templates_id: Option<i32>,
    /// Number of the object that the draft will become, as text: `1470000113`.
    pub object_type: Option<String>,
    /// `Y` while the document is a draft, else `N`.
    pub is_draft: Option<String>,
    /// Key of the document, once it has been created.
    pub object_entry: Option<i32>,
    /// State of the request (状态).
    pub status: Option<BoApprovalRequestStatusEnum>,
    /// Remarks of the originator.
    pub remarks: Option<String>,
    /// Key of the current stage (审批阶段).
    pub current_stage: Option<i32>,
    /// `InternalKey` of the originator in `Users` (发起人).
    #[entity(name = "OriginatorID")]
    pub originator_id: Option<i32>,
    /// Day of creation.
    pub creation_date: Option<NaiveDate>,
    /// Time of creation.
    pub creation_time: Option<NaiveTime>,
    /// Key of the draft in `Drafts`.
    pub draft_entry: Option<i32>,
    /// Object type of the draft, as text: `112`.
    pub draft_type: Option<String>,
    /// One line for each approver (审批人).
    pub approval_request_lines: Option<Vec<ApprovalRequestLine>>,
    /// Decisions to send. Only written.
    pub approval_request_decisions: Option<Vec<ApprovalRequestDecision>>,
}

/// An approver's part in an approval request.
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct ApprovalRequestLine {
    /// Key of the stage.
    pub stage_code: Option<i32>,
    /// `InternalKey` of the approver (审批人).
    #[entity(name = "UserID")]
    pub user_id: Option<i32>,
    /// The decision.
    pub status: Option<BoApprovalRequestDecisionEnum>,
    /// Remarks of the approver.
    pub remarks: Option<String>,
    /// Day of the decision.
    pub update_date: Option<NaiveDate>,
    /// Time of the decision.
    pub update_time: Option<NaiveTime>,
    /// Day of creation.
    pub creation_date: Option<NaiveDate>,
    /// Time of creation.
    pub creation_time: Option<NaiveTime>,
}

/// A decision to send (审批决定).
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct ApprovalRequestDecision {
    /// Code of the user who decides; the session's user when not given.
    pub approver_user_name: Option<String>,
    /// Password of that user.
    pub approver_password: Option<Secret>,
    /// The decision.
    pub status: Option<BoApprovalRequestDecisionEnum>,
    /// Remarks of the approver (审批意见).
    pub remarks: Option<String>,
}

/// A stage of approval (审批阶段), set `ApprovalStages`.
#[derive(Clone, Debug, Default, PartialEq, Entity)]
#[entity(set = "ApprovalStages", key = "Code")]
pub struct ApprovalStage {
    /// Key of the stage.
    pub code: Option<i32>,
    /// Name of the stage.
    pub name: Option<String>,
    /// How many approvals the stage needs.
    pub no_of_approvers_required: Option<i32>,
    /// Remarks.
    pub remarks: Option<String>,
    /// The approvers of the stage.
    pub approval_stage_approvers: Option<Vec<ApprovalStageApprover>>,
}

/// An approver of a stage.
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct ApprovalStageApprover {
    /// `InternalKey` of the user.
    #[entity(name = "UserID")]
    pub user_id: Option<i32>,
}

/// An approval template (审批模板), set `ApprovalTemplates`.
#[derive(Clone, Debug, Default, PartialEq, Entity)]
#[entity(set = "ApprovalTemplates", key = "Code")]
pub struct ApprovalTemplate {
    /// Key of the template.
    pub code: Option<i32>,
    /// Name of the template.
    pub name: Option<String>,
    /// Remarks.
    pub remarks: Option<String>,
    /// Whether the template is in use.
    pub is_active: Option<BoYesNoEnum>,
    /// Whether it catches only documents that meet its terms.
    pub use_terms: Option<BoYesNoEnum>,
    /// Whether it also catches changes of documents.
    pub is_active_when_updating_documents: Option<BoYesNoEnum>,
    /// Originators that it looks at (发起人).
    pub approval_template_users: Option<Vec<ApprovalTemplateUser>>,
    /// Its stages, in order.
    pub approval_template_stages: Option<Vec<ApprovalTemplateStage>>,
    /// Kinds of documents that it looks at.
    pub approval_template_documents: Option<Vec<ApprovalTemplateDocument>>,
    /// Terms that catch a document.
    pub approval_template_terms: Option<Vec<ApprovalTemplateTerm>>,
    /// User queries that catch a document.
    pub approval_template_queries: Option<Vec<ApprovalTemplateQuery>>,
}

/// An originator that a template looks at.
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct ApprovalTemplateUser {
    /// `InternalKey` of the user.
    #[entity(name = "UserID")]
    pub user_id: Option<i32>,
}

/// A stage in a template.
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct ApprovalTemplateStage {
    /// Place in the order.
    #[entity(name = "SortID")]
    pub sort_id: Option<i32>,
    /// Key of the stage.
    pub approval_stage_code: Option<i32>,
    /// Remarks.
    pub remarks: Option<String>,
}

/// A kind of document that a template looks at.
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct ApprovalTemplateDocument {
    /// The kind of document.
    pub document_type: Option<ApprovalTemplatesDocumentTypeEnum>,
}

/// A term of a template.
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct ApprovalTemplateTerm {
    /// What it looks at.
    pub condition_type: Option<ApprovalTemplateConditionTypeEnum>,
    /// How it compares.
    pub operation_type: Option<ApprovalTemplateOperationTypeEnum>,
    /// The value, as text.
    pub value: Option<String>,
}

/// A user query of a template.
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct ApprovalTemplateQuery {
    /// Key of the user query.
    #[entity(name = "QueryID")]
    pub query_id: Option<i32>,
}
