//! Every misuse is refused at the right place, and told what to do.

use syn::DeriveInput;

use crate::model::{Kind, Model};

fn refusal(kind: Kind, source: &str) -> String {
    let input: DeriveInput = syn::parse_str(source).unwrap();
    match Model::parse(&input, kind) {
        Ok(_) => panic!("accepted: {source}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn of_entities() {
    for (source, expected) in [
        (
            r#"#[entity(set = "Items")] struct Item { item_code: Option<String> }"#,
            "an entity needs a key: add `#[entity(key = \"DocEntry\")]`, or derive `ComplexType`",
        ),
        (
            r#"#[entity(key("ItemCode", "CardCode"))] struct Price { item_code: Option<String> }"#,
            "no member is named `CardCode` on the wire: add it",
        ),
        (
            r#"#[entity(key("Code", "Code"))] struct Row { code: Option<String> }"#,
            "this property is already part of the key",
        ),
        (
            r#"#[entity(table = "OITM", key = "Code")] struct Item { code: Option<String> }"#,
            "unknown attribute of an entity: expected `set = \"…\"`",
        ),
        (
            r#"#[entity(key = "Code")] struct Item { #[entity(rename = "Code")] code: Option<i32> }"#,
            "unknown attribute of a member: expected `name = \"…\"`",
        ),
        (
            r#"#[entity(key = "Code")] struct Generic<T> { code: Option<T> }"#,
            "entities and complex types cannot be generic",
        ),
    ] {
        let found = refusal(Kind::Entity, source);
        assert!(found.contains(expected), "{source}: {found}");
    }
}

#[test]
fn of_complex_types() {
    for (source, expected) in [
        (
            r#"#[entity(set = "Lines")] struct Line { quantity: Option<i32> }"#,
            "complex types have no set, key or version: derive `Entity` instead",
        ),
        (
            r#"struct Line { quantity: Option<i32>, #[entity(name = "Quantity")] q: Option<i32> }"#,
            "`Quantity` is already the name of the member `quantity`",
        ),
        (
            r#"struct Line { #[entity(name = "U Quantity")] quantity: Option<i32> }"#,
            "a property name holds letters, digits and `_` only",
        ),
        (
            "struct Line { #[entity(user_fields)] a: U, #[entity(user_fields)] b: U }",
            "only one member can keep the user-defined fields",
        ),
        (
            r#"struct Line { #[entity(user_fields, name = "U_All")] all: UserFields }"#,
            "the member that keeps the user-defined fields has no name on the wire",
        ),
        ("struct Line(Option<String>);", "only structures with named members can be derived"),
        ("enum Status { Open }", "declare enums with `b1_servicelayer::open_enum!`"),
    ] {
        let found = refusal(Kind::Complex, source);
        assert!(found.contains(expected), "{source}: {found}");
    }
}
