//! Entities and enums against JSON as servers print it.

#![allow(clippy::unwrap_used)] // in helpers too: a failing read is a failing test

use std::collections::BTreeMap;

use b1_servicelayer::edm::{EdmValue, Write};
use b1_servicelayer::entities::*;
use b1_servicelayer::enums::*;
use b1_servicelayer::{Decimal, Entity, EntityType, Key, Secret, Version};
use chrono::{NaiveDate, NaiveTime};
use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("fixtures/entities/", $name, ".json"))
    };
}

fn read<T: DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).unwrap()
}

fn written<T: EdmValue>(value: &T, version: Version) -> Value {
    serde_json::to_value(Write(value, version)).unwrap()
}

fn date(text: &str) -> Option<NaiveDate> {
    Some(text.parse().unwrap())
}

fn number(text: &str) -> Option<Decimal> {
    Some(text.parse().unwrap())
}

#[test]
fn reads_an_item_of_either_version() {
    let item: Item = read(fixture!("item_v1"));
    assert_eq!(item.key(), Some("A00006".to_owned()));
    assert_eq!(item.sww, None);
    assert_eq!(item.user_text.as_deref(), Some("进口"));
    assert_eq!(item.inventory_uom.as_deref(), Some("个"));
    assert_eq!(item.gl_method, Some(BoGLMethods::Wh));
    assert_eq!(item.moving_average_price, number("12.3456789012345"));
    assert_eq!(item.create_date, date("2014-04-01"));
    assert_eq!(item.update_date, date("2022-08-23"));
    assert_eq!(item.update_time, NaiveTime::from_hms_opt(19, 32, 42));
    let prices = item.item_prices.unwrap();
    assert_eq!(prices[0].price.unwrap().to_string(), "205.50");
    assert_eq!(prices[0].uom_prices, Some(Vec::new()));

    let item: Item = read(fixture!("item_v2"));
    assert_eq!(item.update_date, date("2022-04-29"));
    assert_eq!(item.user_fields.get::<String>("U_ISSYN").unwrap().as_deref(), Some("Y"));
    assert_eq!(item.user_fields.len(), 1);
}

#[test]
fn user_fields_keep_every_digit_and_annotations_are_dropped() {
    let item: Item = read(fixture!("item_v1"));
    let names: Vec<_> = item.user_fields.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["U_Specifications", "U_ISSYN", "U_CX"]);
    let text = serde_json::to_string(&item).unwrap();
    assert!(text.contains(r#""U_CX":12345678901234567890.10"#), "{text}");
    assert!(text.contains(r#""Price":205.50"#), "{text}");
    for dropped in ["odata", "SAFTProductTypeEx", "ItemCycleCounts", "ForeignName"] {
        assert!(!text.contains(dropped), "{dropped} in {text}");
    }
    assert_eq!(read::<Item>(&text), item);
}

#[test]
fn reads_a_draft_with_all_its_oddities() {
    let draft: Draft = read(fixture!("draft"));
    assert_eq!(draft.doc_object_code, Some(BoObjectTypes::PurchaseRequest));
    assert_eq!(draft.doc_date, date("2024-03-01"));
    assert_eq!(draft.requried_date, date("2024-03-08"), "the corrected spelling is understood");
    assert_eq!(draft.doc_time, NaiveTime::from_hms_opt(9, 30, 0));
    assert_eq!(
        draft.authorization_status,
        Some(DocumentAuthorizationStatusEnum::GeneratedByAuthorizer)
    );
    assert_eq!(draft.document_status, Some(BoStatus::Unknown("bost_Frozen".into())));
    assert_eq!(draft.tax_extension, Some(Box::default()));
    let line = &draft.document_lines.as_ref().unwrap()[0];
    assert_eq!(line.price_after_vat, number("113.000000"), "numbers may come as text");
    assert_eq!(line.base_entry, Some(12861));
    assert_eq!(line.quantity.unwrap().to_string(), "1.10");
    assert_eq!(line.user_fields.raw("U_SafetyStock").unwrap().as_str(), "10.500000");

    let sent = written(&draft, Version::V1);
    assert_eq!(sent["RequriedDate"], "2024-03-08", "written as the server spells it");
    assert_eq!(sent["DocObjectCode"], "1470000113");
    assert_eq!(sent["DocumentStatus"], "bost_Frozen");
    assert_eq!(sent["U_IsSubmit"], Value::Null);
    assert!(sent.get("Comments").is_none());
}

#[test]
fn batch_numbers_are_written_as_the_version_names_them() {
    let transfer: StockTransfer = read(fixture!("stock_transfer"));
    let name = |version| {
        let sent = written(&transfer, version);
        let batch = sent["StockTransferLines"][0]["BatchNumbers"][0].as_object().unwrap().clone();
        batch.keys().next().unwrap().clone()
    };
    assert_eq!(name(Version::V1), "BatchNumber");
    assert_eq!(name(Version::V2), "BatchNumberProperty");
    let second: StockTransfer = serde_json::from_value(written(&transfer, Version::V2)).unwrap();
    assert_eq!(second, transfer, "both names are read");
}

#[test]
fn a_stock_transfer_survives_unchanged() {
    let expected: Value = read(fixture!("stock_transfer"));
    let transfer: StockTransfer = read(fixture!("stock_transfer"));
    assert_eq!(written(&transfer, Version::V1), expected);
    let bins = transfer.stock_transfer_lines.as_ref().unwrap()[0]
        .stock_transfer_lines_bin_allocations
        .as_ref()
        .unwrap();
    assert_eq!(bins[1].bin_action_type, Some(BinActionTypeEnum::ToWarehouse));
}

#[test]
fn a_product_tree_survives_unchanged() {
    let expected: Value = read(fixture!("product_tree"));
    let tree: ProductTree = read(fixture!("product_tree"));
    assert_eq!(written(&tree, Version::V1), expected);
}

#[test]
fn production_orders_read_database_values_and_write_members() {
    let order: ProductionOrder = read(fixture!("production_order"));
    assert_eq!(order.key(), Some(123));
    assert_eq!(order.production_order_status, Some(BoProductionOrderStatusEnum::Released));
    let sent = written(
        &ProductionOrder {
            production_order_status: order.production_order_status,
            ..Default::default()
        },
        Version::V1,
    );
    assert_eq!(sent, json!({"ProductionOrderStatus": "boposReleased"}));
}

#[test]
fn special_prices_have_a_key_of_two_properties() {
    let price: SpecialPrice = read(fixture!("special_price"));
    let key = price.key().unwrap();
    assert_eq!(key, SpecialPriceKey { item_code: "11028".into(), card_code: "C26000".into() });
    assert_eq!(Key::from(key).to_string(), "(ItemCode='11028',CardCode='C26000')");
    assert_eq!(SpecialPrice::KEY_PROPERTIES, ["ItemCode", "CardCode"]);
    assert_eq!(SpecialPrice { card_code: None, ..price }.key(), None);
}

#[test]
fn a_minimal_body_holds_only_what_was_set() {
    let item = Item {
        item_code: Some("test1234".into()),
        item_name: Some("item1234".into()),
        ..Default::default()
    };
    assert_eq!(
        serde_json::to_string(&item).unwrap(),
        r#"{"ItemCode":"test1234","ItemName":"item1234"}"#
    );
    assert_eq!(written(&Item::default(), Version::V2), json!({}));
}

#[test]
fn passwords_are_sent_but_not_printed() {
    let decision = ApprovalRequestDecision {
        approver_password: Some(Secret::new("hunter2")),
        status: Some(BoApprovalRequestDecisionEnum::Approved),
        remarks: Some("同意".into()),
        ..Default::default()
    };
    assert_eq!(
        written(&decision, Version::V1),
        json!({"ApproverPassword": "hunter2", "Status": "ardApproved", "Remarks": "同意"})
    );
    assert!(!format!("{decision:?}").contains("hunter2"));
}

#[test]
fn reads_users_partners_and_approval_requests() {
    let user: User = read(fixture!("user"));
    assert_eq!(user.fax_number.as_deref(), Some("LiLei"));
    assert_eq!(user.e_mail.as_deref(), Some("lilei@example.com"));
    assert_eq!(user.language_code, Some(BoSuppLangs::Chinese));
    let groups = user.user_group_by_user.unwrap();
    assert_eq!((groups[0].user_id, groups[0].group_id), (Some(1), Some(4)));

    let partner: BusinessPartner = read(fixture!("business_partner"));
    assert_eq!(partner.contact_employees.unwrap()[0].e_mail.as_deref(), Some("hmm@example.com"));
    assert_eq!(partner.bp_branch_assignment.unwrap()[0].bplid, Some(1));

    let request: ApprovalRequest = read(fixture!("approval_request"));
    assert_eq!(request.draft_entry, Some(16));
    let lines = request.approval_request_lines.unwrap();
    assert_eq!(lines[0].status, Some(BoApprovalRequestDecisionEnum::Pending));
    assert_eq!(lines[0].update_time, NaiveTime::from_hms_opt(6, 0, 0));
}

#[test]
fn the_last_of_two_equal_properties_counts() {
    let item: Item = read(r#"{"ItemCode":"A","U_A":1,"ItemCode":"B","U_A":2}"#);
    assert_eq!(item.item_code.as_deref(), Some("B"));
    assert_eq!(item.user_fields.raw("U_A").unwrap().as_str(), "2");
    assert_eq!(item.user_fields.len(), 1);
}

#[test]
fn a_wrong_shape_names_the_property() {
    let error = erplink_core::json::decode::<Document>(
        br#"{"DocumentLines":[{"LineNum":1},{"LineNum":{}}]}"#,
    )
    .unwrap_err();
    assert_eq!(error.path(), "DocumentLines[1].LineNum");
}

#[test]
fn a_wide_document_decodes_from_text_bytes_readers_and_values() {
    let text = fixture!("order_wide");
    let order: Order = read(text);
    assert_eq!(order.key(), Some(1041));
    assert_eq!(order.document_lines.as_ref().unwrap().len(), 5);
    assert_eq!(order.user_fields.raw("U_Rate").unwrap().as_str(), "6.250000");
    assert_eq!(serde_json::from_reader::<_, Order>(text.as_bytes()).unwrap(), order);
    let value: Order = serde_json::from_value(read(text)).unwrap();
    assert_eq!(value.document_lines.unwrap()[4].line_num, Some(4));
}

#[test]
fn goods_receipts_are_59_and_issues_are_60() {
    for (kind, text) in
        [(BoObjectTypes::InventoryGenEntry, "59"), (BoObjectTypes::InventoryGenExit, "60")]
    {
        assert_eq!(kind.as_str(), text);
        assert_eq!(read::<BoObjectTypes>(text), kind, "a bare number");
    }
    assert_eq!(BoObjectTypes::from("oInventoryGenEntry").number(), Some(59));
    assert_eq!(BoObjectTypes::from("oSomethingNew").number(), None);
}

#[test]
fn sets_and_versioning() {
    assert_eq!((Item::SET, Item::VERSIONED), ("Items", true));
    assert_eq!((ProductionOrder::SET, ProductionOrder::VERSIONED), ("ProductionOrders", false));
    assert_eq!(UserFieldMd::KEY_PROPERTIES, ["TableName", "FieldID"]);
    assert_eq!(Document::REQURIED_DATE.name(), "RequriedDate");
    assert_eq!(Item::USER_TEXT.name(), "User_Text");
    assert_eq!(UserFieldMd::TYPE.name(), "Type");
}

/// Every way of leaving out one property, or of setting it to `null`, anywhere in `value`.
fn shrunk(value: &Value) -> Vec<Value> {
    let mut all = Vec::new();
    match value {
        Value::Object(object) => {
            for (name, inner) in object {
                let mut without = object.clone();
                without.remove(name);
                all.push(Value::Object(without));
                let replacements = std::iter::once(Value::Null).chain(shrunk(inner));
                all.extend(replacements.map(|replacement| {
                    let mut changed = object.clone();
                    changed.insert(name.clone(), replacement);
                    Value::Object(changed)
                }));
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                all.extend(shrunk(inner).into_iter().map(|replacement| {
                    let mut changed = items.clone();
                    changed[index] = replacement;
                    Value::Array(changed)
                }));
            }
        }
        _ => {}
    }
    all
}

fn shrinks<T: DeserializeOwned>(text: &str) {
    let smaller = shrunk(&read(text));
    assert!(smaller.len() > 10);
    for value in smaller {
        let read = serde_json::from_value::<T>(value.clone());
        assert!(read.is_ok(), "{:?}: {value}", read.err());
    }
}

#[test]
fn no_property_is_needed_to_decode() {
    shrinks::<Item>(fixture!("item_v1"));
    shrinks::<Item>(fixture!("item_v2"));
    shrinks::<Draft>(fixture!("draft"));
    shrinks::<StockTransfer>(fixture!("stock_transfer"));
    shrinks::<ProductionOrder>(fixture!("production_order"));
    shrinks::<ProductTree>(fixture!("product_tree"));
    shrinks::<SpecialPrice>(fixture!("special_price"));
    shrinks::<ApprovalRequest>(fixture!("approval_request"));
    shrinks::<User>(fixture!("user"));
    shrinks::<BusinessPartner>(fixture!("business_partner"));
}

/// Any text reads, and what was read is written so that it reads the same.
fn stable<T>(name: &str, text: &str)
where
    T: EdmValue + DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let value: T = serde_json::from_value(json!(text)).unwrap();
    let sent = written(&value, Version::V2);
    assert!(sent.is_string(), "{name} wrote {sent}");
    assert_eq!(serde_json::from_value::<T>(sent).unwrap(), value, "{name}");
}

macro_rules! stable_enums {
    ($text:expr; $($name:ident),+ $(,)?) => { $(stable::<$name>(stringify!($name), $text);)+ };
}

proptest! {
    #[test]
    fn any_text_survives_every_enum(text in "\\PC*|[A-Z]|-?[0-9]{1,4}|(bo|bopos|t|ard)[A-Za-z]{0,9}") {
        stable_enums!(
            &text;
            ApprovalTemplateConditionTypeEnum, ApprovalTemplateOperationTypeEnum,
            ApprovalTemplatesDocumentTypeEnum, BatchDetailServiceStatusEnum,
            BinActionTypeEnum, BoAddressType, BoAdEpnsDistribMethods,
            BoApprovalRequestDecisionEnum, BoApprovalRequestStatusEnum, BoCardTypes,
            BoDocItemType, BoDocLineType, BoDocumentTypes, BoFieldTypes, BoFldSubTypes,
            BoGLMethods, BoGenderTypes, BoInventorySystem, BoIssueMethod,
            BoItemTreeTypes, BoManageMethod, BoMaterialTypes, BoMRPComponentWarehouse,
            BoObjectTypes, BoPermission, BoPlanningSystem, BoProcurementMethod,
            BoProductionOrderOriginEnum, BoProductionOrderStatusEnum,
            BoProductionOrderTypeEnum, BoStatus, BoSuppLangs, BoTaxTypes,
            BoTransactionTypeEnum, BoUDOObjType, BoUTBTableType, BoUpdateAllocationEnum,
            BoUserGroup, BoVatStatus, BoYesNoEnum, BoYesNoNoneEnum, CancelStatusEnum,
            DocumentAuthorizationStatusEnum, InvBaseDocTypeEnum, IssuePrimarilyByEnum,
            ItemClassEnum, ItemTypeEnum, ItemUoMTypeEnum, PrintStatusEnum,
            ProductionItemType, ReferencedObjectTypeEnum, ResourceAllocationEnum,
            SourceCurrencyEnum, StockTransferAuthorizationStatusEnum,
            UDFLinkedSystemObjectTypesEnum, UserQueryTypeEnum,
        );
    }

    #[test]
    fn any_properties_decode(names in prop::collection::btree_set("[A-Za-z_@.]{1,12}", 0..8)) {
        let members: BTreeMap<_, _> = names.iter().map(|name| (name, Value::Null)).collect();
        let read: Document = serde_json::from_value(json!(members)).unwrap();
        let kept: Vec<_> = read.user_fields.iter().map(|(name, _)| name.to_owned()).collect();
        let expected: Vec<_> = names.into_iter().filter(|name| name.starts_with("U_")).collect();
        prop_assert_eq!(kept, expected);
    }
}
