//! Entities of the Service Layer: items, partners, documents, production, approvals.
//!
//! Every member is optional: what is `None` is not sent, and what the server does not send is
//! `None`. Build values with `..Default::default()`. Amounts and quantities are exact
//! [`Decimal`](crate::Decimal)s, dates are plain days.
//!
//! The types list the properties that integrations use, not all of them. User-defined fields are
//! kept in `user_fields` and written back; other properties are ignored when reading. For a
//! property that is not here, or for user-defined fields with a type, write a structure of your
//! own with the same set:
//!
//! ```
//! use b1_servicelayer::{Entity, UserFields};
//!
//! #[derive(Clone, Debug, Default, PartialEq, Entity)]
//! #[entity(set = "Items", key = "ItemCode", versioned)]
//! struct Product {
//!     item_code: Option<String>,
//!     properties1: Option<b1_servicelayer::enums::BoYesNoEnum>,
//!     #[entity(name = "U_Specifications")]
//!     specifications: Option<String>,
//!     #[entity(user_fields)]
//!     user_fields: UserFields,
//! }
//!
//! let json = r#"{"ItemCode":"A1","Properties1":"tYES","U_Specifications":"10 mm","U_CX":1.50}"#;
//! let product: Product = serde_json::from_str(json)?;
//! assert_eq!(product.specifications.as_deref(), Some("10 mm"));
//! assert_eq!(serde_json::to_string(&product)?, json);
//! # Ok::<(), serde_json::Error>(())
//! ```

mod approvals;
mod batches_and_serials;
mod definitions;
mod document_addresses;
mod document_lines;
mod document_parts;
mod documents;
mod items;
mod organization;
mod partners;
mod product_trees;
mod production_orders;
mod special_prices;
mod stock_transfers;
mod users;
mod warehouses;

pub use approvals::{
    ApprovalRequest, ApprovalRequestDecision, ApprovalRequestLine, ApprovalStage,
    ApprovalStageApprover, ApprovalTemplate, ApprovalTemplateDocument, ApprovalTemplateQuery,
    ApprovalTemplateStage, ApprovalTemplateTerm, ApprovalTemplateUser,
};
pub use batches_and_serials::{BatchNumber, SerialNumber};
pub use definitions::{
    UserFieldMd, UserFieldMdKey, UserKeyMd, UserKeyMdElement, UserKeyMdKey, UserObjectMd,
    UserObjectMdChildTable, UserObjectMdFindColumn, UserObjectMdFormColumn, UserTableMd,
    ValidValueMd,
};
pub use document_addresses::{AddressExtension, TaxExtension};
pub use document_lines::{DocumentLine, DocumentLineBinAllocation};
pub use document_parts::{DocumentAdditionalExpense, DocumentApprovalRequest, DocumentReference};
pub use documents::{
    CreditNote, DeliveryNote, Document, DownPayment, Draft, GoodsReturnRequest, InventoryGenEntry,
    InventoryGenExit, Invoice, Order, PurchaseCreditNote, PurchaseDeliveryNote,
    PurchaseDownPayment, PurchaseInvoice, PurchaseOrder, PurchaseQuotation, PurchaseRequest,
    PurchaseReturn, Quotation, Return, ReturnRequest,
};
pub use items::{
    BatchNumberDetail, Item, ItemBarCode, ItemGroup, ItemPreferredVendor, ItemPrice,
    ItemUnitOfMeasurement, ItemWarehouseInfo, PriceList, UoMPrice,
};
pub use organization::{Branch, Department, EmployeeInfo};
pub use partners::{
    BpAddress, BpBankAccount, BpBranchAssignmentItem, BusinessPartner, ContactEmployee,
};
pub use product_trees::{ProductTree, ProductTreeLine, ProductTreeStage};
pub use production_orders::{
    ProductionOrder, ProductionOrderDocumentReference, ProductionOrderLine,
    ProductionOrderSalesOrderLine, ProductionOrderStage,
};
pub use special_prices::{
    SpecialPrice, SpecialPriceDataArea, SpecialPriceKey, SpecialPriceQuantityArea,
};
pub use stock_transfers::{
    InventoryTransferRequest, StockTransfer, StockTransferApprovalRequest, StockTransferDraft,
    StockTransferLine, StockTransferLineBinAllocation,
};
pub use users::{
    SqlQuery, User, UserBranchAssignmentItem, UserGroupByUserItem, UserPermissionItem, UserQuery,
    UserQueryKey,
};
pub use warehouses::{BinLocation, Warehouse};
