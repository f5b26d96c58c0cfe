//! The entity sets by name.

use crate::entities::{
    ApprovalRequest, ApprovalStage, ApprovalTemplate, BatchNumberDetail, BinLocation, Branch,
    BusinessPartner, Department, Document, EmployeeInfo, Item, ItemGroup, PriceList, ProductTree,
    ProductionOrder, SpecialPrice, SqlQuery, StockTransfer, User, UserFieldMd, UserKeyMd,
    UserObjectMd, UserQuery, UserTableMd, Warehouse,
};
use crate::{Client, EntitySet};

macro_rules! sets {
    ($($method:ident $set:literal $entity:ident $meaning:literal;)+) => {
        /// The sets by name. Others, such as `U_…` tables and user-defined objects, are reached
        /// with [`Client::entity`] and [`Client::set`].
        impl Client {$(
            #[doc = concat!("`/", $set, "`: ", $meaning, ".")]
            #[must_use]
            pub fn $method(&self) -> EntitySet<$entity> {
                self.set($set)
            }
        )+}

        #[cfg(test)]
        mod tests {
            #[test]
            fn each_method_names_its_set() {
                let client = crate::Client::builder("http://localhost")
                    .session(crate::Cookies::parse("x"))
                    .build()
                    .unwrap();
                $(
                    assert_eq!(client.$method().name(), $set);
                    let words = $set.replace("MD", "Md").replace("SQL", "Sql").replace("Attachments2", "Attachments");
                    let mut snake = String::new();
                    for c in words.chars() {
                        if c.is_ascii_uppercase() && !snake.is_empty() {
                            snake.push('_');
                        }
                        snake.push(c.to_ascii_lowercase());
                    }
                    assert_eq!(stringify!($method), snake);
                )+
            }
        }
    };
}

sets! {
    items "Items" Item "items (物料)";
    item_groups "ItemGroups" ItemGroup "item groups (物料组)";
    price_lists "PriceLists" PriceList "price lists (价格清单)";
    special_prices "SpecialPrices" SpecialPrice "special prices (特殊价格)";
    warehouses "Warehouses" Warehouse "warehouses (仓库)";
    bin_locations "BinLocations" BinLocation "bin locations (库位)";
    batch_number_details "BatchNumberDetails" BatchNumberDetail "batches (批次)";
    business_partners "BusinessPartners" BusinessPartner "business partners (业务伙伴)";
    drafts "Drafts" Document "drafts of documents (草稿)";
    quotations "Quotations" Document "sales quotations (销售报价单)";
    orders "Orders" Document "sales orders (销售订单)";
    delivery_notes "DeliveryNotes" Document "deliveries (销售交货)";
    returns "Returns" Document "returns (销售退货)";
    return_request "ReturnRequest" Document "return requests (退货请求)";
    invoices "Invoices" Document "A/R invoices (应收发票)";
    credit_notes "CreditNotes" Document "A/R credit memos (应收贷项凭证)";
    down_payments "DownPayments" Document "A/R down payments (应收预付款)";
    purchase_requests "PurchaseRequests" Document "purchase requests (采购申请)";
    purchase_quotations "PurchaseQuotations" Document "purchase quotations (采购报价单)";
    purchase_orders "PurchaseOrders" Document "purchase orders (采购订单)";
    purchase_delivery_notes "PurchaseDeliveryNotes" Document "goods receipts of purchase orders (采购收货)";
    purchase_returns "PurchaseReturns" Document "goods returns (采购退货)";
    goods_return_request "GoodsReturnRequest" Document "goods return requests (采购退货请求)";
    purchase_invoices "PurchaseInvoices" Document "A/P invoices (应付发票)";
    purchase_credit_notes "PurchaseCreditNotes" Document "A/P credit memos (应付贷项凭证)";
    purchase_down_payments "PurchaseDownPayments" Document "A/P down payments (应付预付款)";
    inventory_gen_entries "InventoryGenEntries" Document "goods receipts, object type 59 (库存收货)";
    inventory_gen_exits "InventoryGenExits" Document "goods issues, object type 60 (库存发货)";
    stock_transfers "StockTransfers" StockTransfer "inventory transfers (库存转储)";
    stock_transfer_drafts "StockTransferDrafts" StockTransfer "drafts of inventory transfers (库存转储草稿)";
    inventory_transfer_requests "InventoryTransferRequests" StockTransfer "inventory transfer requests (库存转储请求)";
    production_orders "ProductionOrders" ProductionOrder "production orders (生产订单)";
    product_trees "ProductTrees" ProductTree "bills of materials (物料清单)";
    approval_requests "ApprovalRequests" ApprovalRequest "approval requests (审批请求)";
    approval_stages "ApprovalStages" ApprovalStage "approval stages (审批阶段)";
    approval_templates "ApprovalTemplates" ApprovalTemplate "approval templates (审批模板)";
    users "Users" User "users (用户)";
    departments "Departments" Department "departments (部门)";
    branches "Branches" Branch "branches of the company's structure (分支机构)";
    employees_info "EmployeesInfo" EmployeeInfo "employees (员工)";
    user_queries "UserQueries" UserQuery "user queries (用户查询)";
    sql_queries "SQLQueries" SqlQuery "SQL queries that the server keeps and runs";
    user_tables_md "UserTablesMD" UserTableMd "definitions of user-defined tables (用户定义表)";
    user_fields_md "UserFieldsMD" UserFieldMd "definitions of user-defined fields (用户自定义字段)";
    user_keys_md "UserKeysMD" UserKeyMd "definitions of user-defined keys";
    user_objects_md "UserObjectsMD" UserObjectMd "definitions of user-defined objects (用户定义对象)";
}
