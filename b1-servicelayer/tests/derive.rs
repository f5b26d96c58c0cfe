//! The derives on the user's own structures.

use b1_servicelayer::edm::Write;
use b1_servicelayer::enums::BoYesNoEnum;
use b1_servicelayer::{
    ComplexType, Decimal, Entity, EntityType, Field, Key, Patch, UserFields, Version,
};
use chrono::NaiveDate;
use serde_json::{Value, json};

/// A user-defined object of the document type, with one child table.
#[derive(Clone, Debug, Default, PartialEq, Entity)]
#[entity(set = "ROUTING", key = "DocEntry")]
pub struct Routing {
    /// Key of the routing.
    pub doc_entry: Option<i32>,
    /// Whether it has been cancelled.
    pub canceled: Option<String>,
    /// The item that is made.
    #[entity(name = "U_ItemCode")]
    pub item_code: Option<String>,
    /// Valid from this day.
    #[entity(name = "U_ValidFrom")]
    pub valid_from: Patch<NaiveDate>,
    /// The operations.
    #[entity(name = "ROUTING1Collection", alias = "ROUTING1")]
    pub operations: Option<Vec<Operation>>,
    /// Everything else that the user defined.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}

/// A row of the child table.
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct Operation {
    /// Number of the row.
    pub line_id: Option<i32>,
    /// Hours of work.
    #[entity(name = "U_Hours")]
    pub hours: Option<Decimal>,
}

/// A standard set with typed user-defined fields.
#[derive(Clone, Debug, Default, PartialEq, Entity)]
#[entity(set = "Drafts", key = "DocEntry", versioned)]
struct PurchaseRequestDraft {
    doc_entry: Option<i32>,
    #[entity(name = "U_ISSYN")]
    synced: Patch<String>,
    #[entity(name = "U_IsUrgent")]
    urgent: Option<BoYesNoEnum>,
}

/// A key of several properties, members out of order and renamed.
#[derive(Clone, Debug, Default, PartialEq, Entity)]
#[entity(set = "AlternateCatNum", key("ItemCode", "CardCode", "Substitute"))]
struct CatalogNumber {
    #[entity(name = "CardCode")]
    partner: Option<String>,
    substitute: Patch<String>,
    #[entity(name = "ItemCode")]
    item: Option<String>,
}

const JSON: &str = r#"{"DocEntry":3,"U_ItemCode":"A1","U_ValidFrom":"2024-03-01","ROUTING1Collection":[{"LineId":1,"U_Hours":1.50}],"U_Level":2.0}"#;

#[test]
fn a_user_defined_object_survives_a_round_trip() {
    let routing: Routing = serde_json::from_str(JSON).unwrap();
    assert_eq!(routing.key(), Some(3));
    assert_eq!(routing.operations.as_ref().unwrap()[0].hours.unwrap().to_string(), "1.50");
    assert_eq!(
        routing.user_fields.len(),
        1,
        "fields with a member of their own are not kept twice"
    );
    assert_eq!(serde_json::to_string(&routing).unwrap(), JSON);
}

#[test]
fn aliases_are_read_and_never_written() {
    let routing: Routing = serde_json::from_str(r#"{"ROUTING1":[{"LineId":7}]}"#).unwrap();
    assert_eq!(
        serde_json::to_value(&routing).unwrap(),
        json!({"ROUTING1Collection": [{"LineId": 7}]})
    );
}

#[test]
fn patches_tell_absent_from_null() {
    let sent =
        |draft: &PurchaseRequestDraft| serde_json::to_string(&Write(draft, Version::V2)).unwrap();
    let mut draft = PurchaseRequestDraft { urgent: Some(true.into()), ..Default::default() };
    assert_eq!(sent(&draft), r#"{"U_IsUrgent":"tYES"}"#);
    draft.synced = Patch::Null;
    assert_eq!(sent(&draft), r#"{"U_ISSYN":null,"U_IsUrgent":"tYES"}"#);
    draft.synced = Patch::set("Y");
    assert_eq!(sent(&draft), r#"{"U_ISSYN":"Y","U_IsUrgent":"tYES"}"#);
    let read: PurchaseRequestDraft = serde_json::from_str(r#"{"U_ISSYN":null}"#).unwrap();
    assert_eq!((read.synced, read.urgent), (Patch::Null, None));
}

#[test]
fn keys_follow_the_order_of_the_attribute() {
    let number = CatalogNumber {
        partner: Some("C1".into()),
        substitute: Patch::set("X"),
        item: Some("A1".into()),
    };
    let key: CatalogNumberKey = number.key().unwrap();
    assert_eq!(Key::from(key).to_string(), "(ItemCode='A1',CardCode='C1',Substitute='X')");
    assert_eq!(CatalogNumber { substitute: Patch::Null, ..number }.key(), None);
}

#[test]
fn constants_carry_names_and_types() {
    let item: Field<Routing, String> = Routing::ITEM_CODE;
    let from: Field<Routing, NaiveDate> = Routing::VALID_FROM;
    assert_eq!((item.name(), from.name()), ("U_ItemCode", "U_ValidFrom"));
    assert_eq!((Routing::SET, Routing::VERSIONED), ("ROUTING", false));
    assert_eq!((PurchaseRequestDraft::SET, PurchaseRequestDraft::VERSIONED), ("Drafts", true));
}

#[test]
fn without_user_fields_they_are_ignored() {
    let value: Value = serde_json::from_str(JSON).unwrap();
    let draft: PurchaseRequestDraft = serde_json::from_value(value).unwrap();
    assert_eq!(draft, PurchaseRequestDraft { doc_entry: Some(3), ..Default::default() });
}

#[test]
fn an_object_is_expected() {
    let error = serde_json::from_str::<Operation>("[]").unwrap_err();
    assert!(error.to_string().contains("expected an object (Operation)"), "{error}");
}
