//! User-defined fields, tables, objects.

use erplink_sandbox::Sandbox;
use erplink_sandbox::servicelayer::Options;
use serde_json::{Value, json};

use crate::support::{Client, logged_in, v1};

/// A server that shows what is registered at once.
async fn at_once() -> (Sandbox, Client) {
    let options = Options { new_fields_need_restart: false, ..Options::default() };
    logged_in(options, "v1").await
}

#[tokio::test]
async fn a_field_of_one_document_table_is_a_field_of_all() {
    let (_sandbox, client) = at_once().await;
    let field = json!({
        "Name": "MyFlag", "Type": "db_Alpha", "Size": 10, "Description": "d", "TableName": "OPOR",
    });
    let made = client.post("UserFieldsMD", field.clone()).await.expect(201).json();
    assert_eq!((&made["FieldID"], &made["TableName"]), (&json!(0), &json!("OPOR")));
    client.post("UserFieldsMD", field).await.refused(400, -2035);
    let sibling = json!({"Name": "MyFlag", "TableName": "ORDR"});
    client.post("UserFieldsMD", sibling).await.refused(400, -2035);
    client.patch("Orders(1)", json!({"U_MyFlag": "x"})).await.expect(204);
    let path = "Orders?$filter=U_MyFlag eq 'x'&$select=DocEntry,U_MyFlag";
    assert_eq!(client.list(path, "U_MyFlag").await, ["x"]);
    client.patch("Items('RM-001')", json!({"U_MyFlag": "x"})).await.refused(400, -1000);
    let known = "UserFieldsMD?$filter=TableName eq 'OITM' and Name eq 'ISSYN'";
    assert_eq!(client.list(known, "FieldID").await, [0]);
    client.get("UserFieldsMD(TableName='OITM',FieldID=0)").await.expect(200);
    client
        .post("UserFieldsMD", json!({"Name": "A", "TableName": "XXXX"}))
        .await
        .refused(400, -5002);
}

#[tokio::test]
async fn typed_fields_check_their_values() {
    let (_sandbox, client) = at_once().await;
    for (name, kind, sub) in [
        ("Num", "db_Numeric", "st_None"),
        ("Day", "db_Date", "st_None"),
        ("At", "db_Date", "st_Time"),
        ("Sum", "db_Float", "st_Sum"),
    ] {
        let field = json!({"Name": name, "Type": kind, "SubType": sub, "TableName": "OITM"});
        client.post("UserFieldsMD", field).await.expect(201);
    }
    let values = json!({"U_Num": "5", "U_Day": "20230405", "U_At": "18:38", "U_Sum": 1.10});
    client.patch("Items('RM-001')", values).await.expect(204);
    let item = client.get("Items('RM-001')").await.json();
    assert_eq!((&item["U_Num"], &item["U_Day"]), (&json!(5), &json!("2023-04-05")));
    assert_eq!((&item["U_At"], &item["U_Sum"]), (&json!("18:38:00"), &json!(1.10)));
    client.patch("Items('RM-001')", json!({"U_Num": "x"})).await.refused(400, 206);
}

#[tokio::test]
async fn new_fields_need_a_restart() {
    let (sandbox, mut client) = logged_in(Options::default(), "v1").await;
    let early = json!({"Name": "Early", "Type": "db_Alpha", "TableName": "OITM"});
    sandbox.b1().create("UserFieldsMD", &early).unwrap();
    client.patch("Items('RM-001')", json!({"U_Early": "x"})).await.expect(204);
    let field = json!({"Name": "Late", "Type": "db_Alpha", "TableName": "OITM"});
    client.post("UserFieldsMD", field).await.expect(201);
    client.patch("Items('RM-001')", json!({"U_Late": "x"})).await.refused(400, -1000);
    sandbox.b1().restart().unwrap();
    client.get("Items").await.refused(401, 301);
    client.log_in(sandbox.b1()).await.expect(200);
    assert_eq!(client.get("Items('RM-001')").await.json()["U_Late"], Value::Null);
    client.patch("Items('RM-001')", json!({"U_Late": "x"})).await.expect(204);
}

#[tokio::test]
async fn user_tables_are_sets() {
    let (_sandbox, client) = at_once().await;
    let table =
        json!({"TableName": "mylog", "TableDescription": "log", "TableType": "bott_NoObject"});
    let made = client.post("UserTablesMD", table).await.expect(201).json();
    assert_eq!(made["TableName"], "MYLOG");
    let field = json!({"Name": "Text", "Type": "db_Alpha", "TableName": "@MYLOG"});
    client.post("UserFieldsMD", field).await.expect(201);
    let row = json!({"Code": "1", "Name": "n", "U_Text": "t"});
    client.post("U_MYLOG", row).await.expect(201);
    assert_eq!(client.get("U_MYLOG('1')").await.expect(200).json()["U_Text"], "t");
    client.delete("U_MYLOG('1')").await.expect(204);

    let table = json!({"TableName": "AUTO", "TableType": "bott_NoObjectAutoIncrement"});
    client.post("UserTablesMD", table).await.expect(201);
    let made = client.post("U_AUTO", json!({"Name": "n"})).await.expect(201).json();
    assert_eq!(made["Code"], 1);
}

#[tokio::test]
async fn user_objects_have_lines_and_actions() {
    let (_sandbox, client) = at_once().await;
    for (name, kind) in [("ROUTE", "bott_Document"), ("ROUTE1", "bott_DocumentLines")] {
        let table = json!({"TableName": name, "TableType": kind});
        client.post("UserTablesMD", table).await.expect(201);
    }
    for (table, name) in [("@ROUTE", "Item"), ("@ROUTE1", "Step")] {
        let field = json!({"Name": name, "Type": "db_Alpha", "TableName": table});
        client.post("UserFieldsMD", field).await.expect(201);
    }
    let object = json!({
        "Code": "Routing", "Name": "Routing", "TableName": "ROUTE", "ObjectType": "boud_Document",
        "CanCancel": "tYES", "CanClose": "tNO", "UserObjectMD_ChildTables": [{"TableName": "ROUTE1"}],
    });
    client.post("UserObjectsMD", object).await.expect(201);
    let routing =
        json!({"U_Item": "FG-001", "ROUTE1Collection": [{"U_Step": "cut"}, {"U_Step": "weld"}]});
    let made = client.post("Routing", routing).await.expect(201).json();
    assert_eq!((&made["DocEntry"], &made["ROUTE1Collection"][1]["LineId"]), (&json!(1), &json!(2)));
    let change = json!({"ROUTE1Collection": [{"LineId": 2, "U_Step": "paint"}]});
    client.patch("Routing(1)", change).await.expect(204);
    let read = client.get("Routing(1)").await.json();
    assert_eq!(read["ROUTE1Collection"][1]["U_Step"], "paint");
    client.act("Routing(1)/Close").await.refused(400, -5006);
    client.act("Routing(1)/Cancel").await.expect(204);
    client.act("Routing(1)/Cancel").await.refused(400, -5006);
    assert_eq!(client.get("Routing(1)").await.json()["Canceled"], "Y");
}

#[tokio::test]
async fn a_text_fits_its_field() {
    let (sandbox, client) = v1().await;
    let entry = |text: &str| json!({"U_SPNO": text, "DocObjectCode": "17"});
    let fits = "物".repeat(50);
    client.post("Drafts", entry(&fits)).await.expect(201);
    let refused = client.post("Drafts", entry(&format!("{fits}x"))).await.refused(400, -1000);
    assert!(refused.text.contains("Value too long in property 'U_SPNO' of 'Document'"));
    client.patch("Drafts(1)", entry(&format!("{fits}x"))).await.refused(400, -1000);
    let line = json!({"ItemCode": "RM-001", "U_Specifications": "x".repeat(255)});
    client.post("Drafts", json!({"DocumentLines": [line]})).await.refused(400, -1000);
    sandbox.b1().configure(|options| options.strict = false);
    client.patch("Drafts(1)", entry(&format!("{fits}x"))).await.expect(204);
}
