//! The enums of the Service Layer, under SAP's names.
//!
//! Variants are SAP's members without their prefix: `boposReleased` is
//! [`BoProductionOrderStatusEnum::Released`]. Values are written as the member's name; when
//! reading, the value of the database (`"R"`) means the same. Anything else is kept in `Unknown`
//! and written back as it came.
//!
//! [`BoObjectTypes`] alone is written as its number.

mod approvals;
mod definitions;
mod documents;
mod general;
mod items;
mod object_types;
mod partners;
mod production;
mod users;

pub use approvals::{
    ApprovalTemplateConditionTypeEnum, ApprovalTemplateOperationTypeEnum,
    ApprovalTemplatesDocumentTypeEnum, BoApprovalRequestDecisionEnum, BoApprovalRequestStatusEnum,
    DocumentAuthorizationStatusEnum, StockTransferAuthorizationStatusEnum,
};
pub use definitions::{
    BoFieldTypes, BoFldSubTypes, BoUDOObjType, BoUTBTableType, UDFLinkedSystemObjectTypesEnum,
};
pub use documents::{
    BinActionTypeEnum, BoAdEpnsDistribMethods, BoDocItemType, BoDocLineType, BoDocumentTypes,
    BoTransactionTypeEnum, CancelStatusEnum, InvBaseDocTypeEnum, ReferencedObjectTypeEnum,
};
pub use general::{
    BatchDetailServiceStatusEnum, BoStatus, BoYesNoEnum, BoYesNoNoneEnum, PrintStatusEnum,
    SourceCurrencyEnum,
};
pub use items::{
    BoGLMethods, BoInventorySystem, BoMRPComponentWarehouse, BoManageMethod, BoMaterialTypes,
    BoPlanningSystem, BoProcurementMethod, BoTaxTypes, IssuePrimarilyByEnum, ItemClassEnum,
    ItemTypeEnum, ItemUoMTypeEnum,
};
pub use object_types::BoObjectTypes;
pub use partners::{BoAddressType, BoCardTypes, BoGenderTypes, BoVatStatus};
pub use production::{
    BoIssueMethod, BoItemTreeTypes, BoProductionOrderOriginEnum, BoProductionOrderStatusEnum,
    BoProductionOrderTypeEnum, BoUpdateAllocationEnum, ProductionItemType, ResourceAllocationEnum,
};
pub use users::{BoPermission, BoSuppLangs, BoUserGroup, UserQueryTypeEnum};
