//! The demo company, written through the same path as everything else.

use serde_json::{Value, json};

use super::{Actor, Company};
use crate::servicelayer::json::Object;
use crate::servicelayer::refusal::Refusal;

pub(crate) const COMPANY: &str = "SBODEMOCN";
/// The account of connectors, who is an approver too.
pub(crate) const MANAGER: &str = "S-ERP\\LLB";
pub(crate) const PASSWORD: &str = "Sandbox-1234";

/// Name, type, size, default.
type Field = (&'static str, &'static str, i64, Option<&'static str>);

/// Fields with the tables they belong to.
const FIELDS: &[(&[&str], &[Field])] = &[
    (
        &["ORDR", "OWTR"],
        &[
            ("ISSYN", "db_Alpha", 1, Some("N")),
            ("SyncStatus", "db_Alpha", 1, Some("N")),
            ("SYN", "db_Alpha", 1, None),
            ("REQUESTID", "db_Alpha", 50, None),
            ("instanceID", "db_Alpha", 100, None),
            ("SPNO", "db_Alpha", 50, None),
            ("SUCCESS", "db_Alpha", 1, None),
            ("Status", "db_Alpha", 1, None),
            ("UserID", "db_Alpha", 50, None),
            ("BMID", "db_Alpha", 50, None),
            ("Approver", "db_Alpha", 100, None),
            ("ApprovalDate", "db_Alpha", 30, None),
            ("ApprovalStatus", "db_Alpha", 50, None),
            ("IsSubmit", "db_Alpha", 10, None),
            ("DATE", "db_Alpha", 30, None),
            ("InboundType", "db_Alpha", 10, None),
            // Of the barcode application: who tapped and when, and why something is scrapped.
            ("CZR", "db_Alpha", 50, None),
            ("CZSJ", "db_Alpha", 30, None),
            ("BFYY1", "db_Alpha", 50, None),
            ("BarcodeMark", "db_Alpha", 50, None),
        ],
    ),
    (&["OITM"], &[("ISSYN", "db_Alpha", 1, Some("N")), ("Specifications", "db_Alpha", 254, None)]),
    (&["OCRD"], &[("ISSYN", "db_Alpha", 1, Some("N"))]),
    (&["RDR1"], &[("Specifications", "db_Alpha", 254, None)]),
    (
        &["OWOR"],
        &[
            ("SyncStatus", "db_Alpha", 1, Some("N")),
            ("SyncFlag", "db_Alpha", 1, None),
            ("ISSYN", "db_Alpha", 1, Some("N")),
        ],
    ),
];

pub(super) fn fill(company: &mut Company) -> Result<(), Refusal> {
    // One look at the new fields is enough.
    let need_restart = std::mem::replace(&mut company.options.new_fields_need_restart, true);
    let created = fields(company).and_then(|()| routings(company));
    company.options.new_fields_need_restart = need_restart;
    created?;
    company.restart()?;
    organisation(company)?;
    partners(company)?;
    items(company)?;
    approval(company)?;
    production(company)?;
    documents(company)
}

fn create(company: &mut Company, set: &str, entities: &[Value]) -> Result<(), Refusal> {
    for entity in entities {
        let entity = Object::from_serde(entity).map_err(Refusal::internal)?;
        company.create_from(set, entity, Actor(1))?;
    }
    Ok(())
}

fn fields(company: &mut Company) -> Result<(), Refusal> {
    for (tables, fields) in FIELDS {
        for table in *tables {
            for (name, kind, size, default) in *fields {
                let field = json!({
                    "TableName": table, "Name": name, "Description": name, "Type": kind,
                    "Size": size, "DefaultValue": default,
                });
                create(company, "UserFieldsMD", &[field])?;
            }
        }
    }
    Ok(())
}

/// Routings (工艺路线), for which the ERP has no object of its own: a user-defined one.
fn routings(company: &mut Company) -> Result<(), Refusal> {
    let table = |name: &str, kind: &str| json!({"TableName": name, "TableDescription": "工艺路线", "TableType": kind});
    let tables =
        [table("PLMROUTING", "bott_MasterData"), table("PLMROUTING1", "bott_MasterDataLines")];
    create(company, "UserTablesMD", &tables)?;
    let field = |table: &str, name: &str, kind: &str, sub: &str| json!({"TableName": table, "Name": name, "Description": name, "Type": kind, "SubType": sub});
    let fields = [
        field("@PLMROUTING", "ItemCode", "db_Alpha", "st_None"),
        field("@PLMROUTING1", "Step", "db_Numeric", "st_None"),
        field("@PLMROUTING1", "Operation", "db_Alpha", "st_None"),
        field("@PLMROUTING1", "Minutes", "db_Float", "st_Quantity"),
    ];
    create(company, "UserFieldsMD", &fields)?;
    let object = json!({
        "Code": "PLMROUTING", "Name": "工艺路线", "TableName": "PLMROUTING",
        "ObjectType": "boud_MasterData",
        "UserObjectMD_ChildTables": [{"TableName": "PLMROUTING1"}],
    });
    create(company, "UserObjectsMD", &[object])
}

fn organisation(company: &mut Company) -> Result<(), Refusal> {
    create(
        company,
        "Departments",
        &[
            json!({"Name": "总经办", "Description": "General management"}),
            json!({"Name": "采购部", "Description": "Purchasing"}),
            json!({"Name": "生产部", "Description": "Production"}),
        ],
    )?;
    create(company, "Branches", &[json!({"Name": "总部", "Description": "Headquarters"})])?;
    // The same people, with the same mobile numbers, as in the simulated DingTalk.
    create(
        company,
        "Users",
        &[
            json!({
                "UserCode": MANAGER, "UserName": "李四", "UserPassword": PASSWORD,
                "Superuser": "tYES", "eMail": "llb@example.com", "Department": 1, "Branch": 1,
                "MobilePhoneNumber": "13800000002", "FaxNumber": "lisi",
            }),
            json!({
                "UserCode": "S-ERP\\ZS", "UserName": "张三", "UserPassword": "Zhang-1234",
                "eMail": "zs@example.com", "Department": 2, "Branch": 1,
                "MobilePhoneNumber": "13800000001", "FaxNumber": "zhangsan",
            }),
            json!({
                "UserCode": "S-ERP\\WW", "UserName": "王五", "UserPassword": "Wang-1234",
                "eMail": "ww@example.com", "Department": 1, "Branch": 1,
                "MobilePhoneNumber": "13800000003", "FaxNumber": "wangwu",
            }),
            json!({
                "UserCode": "S-ERP\\LOCKED", "UserName": "离职", "UserPassword": "Gone-1234",
                "Locked": "tYES", "Department": 3, "Branch": 1,
            }),
        ],
    )?;
    create(
        company,
        "EmployeesInfo",
        &[json!({
            "LastName": "张", "FirstName": "三", "Department": 2, "Branch": 1,
            "ApplicationUserID": 2, "MobilePhone": "13800000001", "eMail": "zs@example.com",
        })],
    )?;
    create(
        company,
        "Warehouses",
        &[
            json!({"WarehouseCode": "01", "WarehouseName": "原料仓"}),
            json!({"WarehouseCode": "02", "WarehouseName": "成品仓", "EnableBinLocations": "tYES"}),
        ],
    )?;
    create(
        company,
        "BinLocations",
        &[json!({"BinCode": "02-A-01", "Warehouse": "02", "Sublevel1": "A", "Sublevel2": "01"})],
    )?;
    create(
        company,
        "PriceLists",
        &[
            json!({"PriceListName": "采购价", "BasePriceList": 1}),
            json!({"PriceListName": "销售价", "BasePriceList": 1, "Factor": 1.2}),
        ],
    )
}

fn partners(company: &mut Company) -> Result<(), Refusal> {
    create(
        company,
        "BusinessPartners",
        &[
            json!({
                "CardCode": "C001", "CardName": "上海客户有限公司", "CardType": "cCustomer",
                "Currency": "CNY", "Phone1": "021-55550001", "EmailAddress": "c001@example.com",
                "PriceListNum": 2,
                "BPAddresses": [{"AddressName": "总部", "AddressType": "bo_ShipTo", "City": "上海"}],
            }),
            json!({
                "CardCode": "C002", "CardName": "北京客户有限公司", "CardType": "cCustomer",
                "Currency": "CNY", "PriceListNum": 2,
            }),
            json!({
                "CardCode": "V001", "CardName": "苏州供应商有限公司", "CardType": "cSupplier",
                "Currency": "CNY", "PriceListNum": 1,
                "ContactEmployees": [{"Name": "赵六", "MobilePhone": "13900000001"}],
            }),
        ],
    )
}

fn items(company: &mut Company) -> Result<(), Refusal> {
    create(company, "ItemGroups", &[json!({"GroupName": "原材料"}), json!({"GroupName": "成品"})])?;
    let item = |code: &str, name: &str, group: i64, unit: &str| {
        json!({
            "ItemCode": code, "ItemName": name, "ItemsGroupCode": group, "InventoryUOM": unit,
            "PurchaseUnit": unit, "SalesUnit": unit, "DefaultWarehouse": "01",
            "U_Specifications": format!("{name} 标准规格"),
            "ItemPrices": [{"PriceList": 1, "Price": 12.50, "Currency": "CNY"}],
        })
    };
    create(
        company,
        "Items",
        &[
            item("RM-001", "钢板", 100, "张"),
            item("RM-002", "螺丝 M6", 100, "个"),
            item("RM-003", "油漆", 100, "桶"),
            item("FG-001", "机箱", 101, "台"),
            item("A/1#2", "特殊编码物料", 100, "个"),
        ],
    )?;
    create(
        company,
        "SpecialPrices",
        &[json!({"CardCode": "C001", "ItemCode": "FG-001", "Price": 205, "Currency": "CNY"})],
    )
}

fn approval(company: &mut Company) -> Result<(), Refusal> {
    create(
        company,
        "ApprovalStages",
        &[json!({
            "Name": "经理审批", "NoOfApproversRequired": 1,
            "ApprovalStageApprovers": [{"UserID": 1}],
        })],
    )?;
    create(
        company,
        "ApprovalTemplates",
        &[json!({
            "Name": "单据审批", "IsActive": "tYES",
            "ApprovalTemplateUsers": [{"UserID": 2}],
            "ApprovalTemplateStages": [{"SortID": 1, "ApprovalStageCode": 1}],
            "ApprovalTemplateDocuments": [
                {"DocumentType": "atdtPurchaseRequest"},
                {"DocumentType": "atdtGoodsReceipt"},
                {"DocumentType": "atdtGoodsIssue"},
                {"DocumentType": "atdtInventoryTransfer"},
            ],
        })],
    )
}

fn production(company: &mut Company) -> Result<(), Refusal> {
    create(
        company,
        "ProductTrees",
        &[json!({
            "TreeCode": "FG-001",
            "ProductTreeLines": [
                {"ItemCode": "RM-001", "Quantity": 2},
                {"ItemCode": "RM-002", "Quantity": 12},
                {"ItemCode": "RM-003", "Quantity": 0.25},
            ],
        })],
    )?;
    create(
        company,
        "ProductionOrders",
        &[
            json!({"ItemNo": "FG-001", "PlannedQuantity": 100, "Remarks": "首批"}),
            json!({"ItemNo": "FG-001", "PlannedQuantity": 5.5, "CustomerCode": "C001"}),
        ],
    )?;
    let release = Object::default().with("ProductionOrderStatus", "boposReleased");
    let first = crate::servicelayer::key::Key::single(1);
    company.update_from("ProductionOrders", &first, release, Actor(1))
}

fn documents(company: &mut Company) -> Result<(), Refusal> {
    create(
        company,
        "Orders",
        &[json!({
            "CardCode": "C001", "NumAtCard": "PO-2023-001",
            "DocumentLines": [{"ItemCode": "FG-001", "Quantity": 3, "UnitPrice": 205}],
        })],
    )?;
    create(
        company,
        "PurchaseOrders",
        &[json!({
            "CardCode": "V001",
            "DocumentLines": [
                {"ItemCode": "RM-001", "Quantity": 200, "UnitPrice": 12.5},
                {"ItemCode": "RM-002", "Quantity": 1200, "UnitPrice": 0.08},
            ],
        })],
    )
}
