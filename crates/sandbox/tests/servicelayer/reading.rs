//! Keys, query options, pages.

use erplink_sandbox::servicelayer::{DateStyle, NextLink, Options};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Client, logged_in, v1};

async fn add_items(client: &Client, count: usize) {
    for number in 0..count {
        let item = json!({"ItemCode": format!("T{number:03}"), "ItemName": "test"});
        client.post("Items", item).await.expect(201);
    }
}

#[tokio::test]
async fn one_entity_by_every_form_of_its_key() {
    let (_sandbox, client) = v1().await;
    for path in ["Items('RM-001')", "Items(ItemCode='RM-001')", "Items(%27RM-001%27)"] {
        let item = client.get(path).await.expect(200).json();
        assert_eq!(item["ItemName"], "钢板");
        assert!(item["odata.metadata"].as_str().unwrap().ends_with("$metadata#Items/@Element"));
        assert_eq!(item["ManageBatchNumbers"], "tNO");
        assert_eq!(item["U_ISSYN"], "N");
        assert_eq!(item["ForeignName"], Value::Null);
    }
    for path in ["Items('A%2F1%232')", "Items('A/1%232')"] {
        assert_eq!(client.get(path).await.expect(200).json()["ItemCode"], "A/1#2");
    }
    for path in [
        "SpecialPrices(CardCode='C001',ItemCode='FG-001')",
        "SpecialPrices(ItemCode='FG-001',CardCode='C001')",
    ] {
        assert_eq!(client.get(path).await.expect(200).json()["Price"], 205.0);
    }
    client.get("Items('nope')").await.refused(404, -2028);
    client.get("Items(1)").await.refused(400, -1000);
    client.get("Orders('1')").await.refused(400, -1000);
    client.get("Nonsense").await.expect(404);
}

#[tokio::test]
async fn passwords_are_never_shown() {
    let (sandbox, client) = v1().await;
    let users = client.get("Users").await.expect(200);
    assert!(!users.text.contains(sandbox.b1().password()));
    assert_eq!(users.json()["value"][1]["FaxNumber"], "zhangsan");
}

#[tokio::test]
async fn versions_differ_in_annotations_errors_and_dates() {
    let (sandbox, one) = v1().await;
    let mut two = Client::new(&sandbox.b1().root_url(), "v2");
    two.log_in(sandbox.b1()).await.expect(200);

    let answer = one.get("Orders(1)").await.expect(200);
    let kind = "application/json;odata=minimalmetadata;charset=utf-8";
    assert_eq!(answer.header("content-type"), kind);
    assert_eq!(answer.header("dataserviceversion"), "3.0");
    let order = answer.json();
    let date = order["DocDate"].as_str().unwrap();
    assert_eq!(date.len(), 10);

    let answer = two.get("Orders(1)").await.expect(200);
    let kind = "application/json;odata.metadata=minimal;charset=utf-8";
    assert_eq!(answer.header("content-type"), kind);
    assert_eq!(answer.header("odata-version"), "4.0");
    let order = answer.json();
    assert_eq!(order["DocDate"], format!("{date}T00:00:00Z"));
    assert!(order["@odata.context"].as_str().unwrap().ends_with("#Orders/$entity"));
    assert!(order["@odata.etag"].is_string());

    let error = one.get("Orders(99)").await.refused(404, -2028).json();
    let text = "No matching records found (ODBC -2028)";
    assert_eq!(error["error"]["message"], json!({"lang": "en-us", "value": text}));
    let error = two.get("Orders(99)").await.expect(404).json();
    assert_eq!(error, json!({"error": {"code": "-2028", "message": text}}));

    assert_eq!(one.get("Orders(1)/Comments").await.json(), json!({"odata.null": true}));
    assert_eq!(two.get("Orders(1)/Comments").await.json(), json!({"@odata.null": true}));
}

#[tokio::test]
async fn version_one_prints_midnight_on_demand() {
    let options = Options { date_style: DateStyle::Midnight, ..Options::default() };
    let (_sandbox, client) = logged_in(options, "v1").await;
    let order = client.get("Orders(1)").await.json();
    assert!(order["DocDate"].as_str().unwrap().ends_with("T00:00:00Z"));
}

#[tokio::test]
async fn batch_numbers_are_spelt_by_version() {
    let (sandbox, one) = v1().await;
    let mut two = Client::new(&sandbox.b1().root_url(), "v2");
    two.log_in(sandbox.b1()).await.expect(200);
    let receipt = |name: &str| {
        json!({"DocumentLines": [
            {"ItemCode": "RM-001", "Quantity": 1, "BatchNumbers": [{name: "B1", "Quantity": 1}]},
        ]})
    };
    one.post("InventoryGenEntries", receipt("BatchNumberProperty")).await.refused(400, -1000);
    let made = one.post("InventoryGenEntries", receipt("BatchNumber")).await.expect(201).json();
    assert_eq!(made["DocumentLines"][0]["BatchNumbers"][0]["BatchNumber"], "B1");
    two.post("InventoryGenEntries", receipt("BatchNumber")).await.expect(400);
    let made = two.post("InventoryGenEntries", receipt("BatchNumberProperty")).await.json();
    assert_eq!(made["DocumentLines"][0]["BatchNumbers"][0]["BatchNumberProperty"], "B1");
}

#[tokio::test]
async fn amounts_stay_exact() {
    let (_sandbox, client) = v1().await;
    let body = r#"{"CardCode":"V001","DocumentLines":[
        {"ItemCode":"RM-001","Quantity":3,"UnitPrice":0.1000000000000000055}]}"#;
    let answer = client.send(Method::POST, "PurchaseOrders", &[], Some(body)).await.expect(201);
    assert!(answer.text.contains(r#""UnitPrice":0.1000000000000000055"#), "{}", answer.text);
    assert!(answer.text.contains(r#""DocTotal":0.3000000000000000165"#), "{}", answer.text);
    assert!(answer.text.contains(r#""Quantity":3.0"#), "{}", answer.text);
}

#[tokio::test]
async fn selections_and_filters() {
    let (_sandbox, client) = v1().await;
    let answer = client.get("Items?$select=ItemCode,ItemName&$filter=ItemCode eq 'RM-001'").await;
    let body = answer.expect(200).json();
    let row = &body["value"][0];
    assert_eq!(row.as_object().unwrap().len(), 3, "two properties and the etag: {row}");
    assert!(body["odata.metadata"].as_str().unwrap().ends_with("$metadata#Items"));

    for query in [
        "$filter=startswith(ItemCode,'RM')%20and%20ItemsGroupCode%20eq%20100",
        "$filter=startswith(ItemCode,'RM')+and+ItemsGroupCode+eq+100",
        "%24filter=startswith(ItemCode,'RM')",
        "$filter=contains(ItemCode,'rm')%20or%20substringof('RM',ItemCode)",
        "$filter=not(ItemCode%20eq%20'FG-001')%20and%20ItemCode%20ge%20'RM'",
    ] {
        let codes = client.list(&format!("Items?{query}"), "ItemCode").await;
        assert_eq!(codes, ["RM-001", "RM-002", "RM-003"], "{query}");
    }
    assert_eq!(client.list("Items?$filter=ItemCode eq 'zz'", "ItemCode").await.len(), 0);
    let insensitive = [("B1S-CaseInsensitive", "true")];
    let path = "Items/$count?$filter=startswith(ItemCode,'rm')";
    let answer = client.send(Method::GET, path, &insensitive, None).await.expect(200);
    assert_eq!(answer.text, "3");

    client.get("Items?$select=1").await.refused(400, 201);
    client.get("Items?$select=Nonsense").await.refused(400, -1000);
    client.get("Items?$filter=Nonsense eq 1").await.refused(400, -1000);
    client.get("Items?$filter=tolower(ItemCode) eq 'x'").await.refused(400, 201);
    client.get("Orders?$filter=DocumentLines/ItemCode eq 'x'").await.refused(400, -1000);
    client.get("Items?$orderby=Nonsense").await.refused(400, -1000);
    client.get("Orders?$orderby=TaxExtension").await.refused(400, -1000);
    client.get("Items?$top=x").await.refused(400, 201);
    client.get("Items?$inlinecount=some").await.refused(400, 201);
}

#[tokio::test]
async fn order_top_skip_and_totals() {
    let (sandbox, client) = v1().await;
    let path =
        "Items?$orderby=ItemsGroupCode%20desc,ItemCode%20desc&$select=ItemCode&$top=2&$skip=1";
    assert_eq!(client.list(path, "ItemCode").await, ["RM-003", "RM-002"]);
    let body = client.get("Items?$inlinecount=allpages&$top=1").await.expect(200).json();
    assert_eq!(body["odata.count"], "5");
    assert_eq!(body["value"].as_array().unwrap().len(), 1);
    client.get("Items?$count=true").await.refused(400, 201);
    let answer = client.get("Items/$count?$filter=ItemsGroupCode eq 101").await.expect(200);
    assert_eq!(answer.text, "1");
    assert!(answer.header("content-type").starts_with("text/plain"));

    let mut two = Client::new(&sandbox.b1().root_url(), "v2");
    two.log_in(sandbox.b1()).await.expect(200);
    let body = two.get("Items?$count=true&$top=1").await.expect(200).json();
    assert_eq!(body["@odata.count"], 5);
}

#[tokio::test]
async fn pages_have_twenty_rows_unless_the_client_asks() {
    let (_sandbox, client) = v1().await;
    add_items(&client, 20).await;
    let body = client.get("Items?$select=ItemCode").await.json();
    assert_eq!(body["value"].as_array().unwrap().len(), 20);
    assert_eq!(body["odata.nextLink"], "Items?$select=ItemCode&$skip=20");
    let body = client.get("Items?$select=ItemCode&$skip=20").await.json();
    assert_eq!(body["value"].as_array().unwrap().len(), 5);
    assert_eq!(body["odata.nextLink"], Value::Null);

    let prefer = [("Prefer", "odata.maxpagesize=3")];
    let answer = client.send(Method::GET, "Items?$top=5", &prefer, None).await;
    assert_eq!(answer.header("preference-applied"), "odata.maxpagesize=3");
    assert_eq!(answer.json()["value"].as_array().unwrap().len(), 3);
    assert!(answer.json()["odata.nextLink"].is_string(), "the top is beyond the page");
    let whole = [("Prefer", "odata.maxpagesize=0")];
    let answer = client.send(Method::GET, "Items", &whole, None).await.json();
    assert_eq!(answer["value"].as_array().unwrap().len(), 25);
    let header = [("B1S-PageSize", "4")];
    let answer = client.send(Method::GET, "Items", &header, None).await;
    assert_eq!(answer.json()["value"].as_array().unwrap().len(), 4);
    assert_eq!(answer.header("preference-applied"), "");
}

#[tokio::test]
async fn the_next_link_takes_every_known_form() {
    let (sandbox, client) = logged_in(Options { page_size: 2, ..Options::default() }, "v1").await;
    for (form, link) in [
        (NextLink::Relative, "Items?$filter=ItemsGroupCode%20eq%20100&$skip=2"),
        (NextLink::Forgetful, "Items?$skip=2"),
        (NextLink::ServerRoot, "/b1s/v1/Items?$skip=2"),
        (
            NextLink::ForeignHost,
            "https://databaseserver:50001/b1s/v1/Items?$filter=ItemsGroupCode%20eq%20100&$skip=2",
        ),
        (NextLink::Ampersand, "Items?&$skip=2"),
    ] {
        sandbox.b1().configure(|options| options.next_link = form);
        let body = client.get("Items?$filter=ItemsGroupCode%20eq%20100").await.json();
        assert_eq!(body["odata.nextLink"], link);
    }
    client.get("Items?&$skip=2").await.expect(200);
    sandbox.b1().configure(|options| options.next_link_after_full_page = true);
    let full = client.get("Items?$filter=ItemsGroupCode%20eq%20100&$skip=2").await.json();
    assert_eq!(full["odata.nextLink"], "Items?&$skip=4");
    let empty = client.get("Items?$filter=ItemsGroupCode%20eq%20100&$skip=4").await.json();
    assert_eq!((&empty["value"], &empty["odata.nextLink"]), (&json!([]), &Value::Null));
}

#[tokio::test]
async fn navigations_and_properties() {
    let (_sandbox, client) = v1().await;
    let order = client.get("Orders(1)?$expand=BusinessPartner($select=CardName)").await.json();
    assert_eq!(order["BusinessPartner"]["CardName"], "上海客户有限公司");
    let path = "Orders(1)?$select=CardCode,BusinessPartner/CardName&$expand=BusinessPartner";
    let order = client.get(path).await.expect(200).json();
    assert_eq!(order["CardCode"], "C001");
    assert_eq!(order["BusinessPartner"]["CardName"], "上海客户有限公司");
    assert_eq!(order["BusinessPartner"]["CardType"], Value::Null);
    client.get("Orders(1)?$expand=DocumentLines").await.refused(400, -1000);
    client.get("Orders(1)?$expand=Nonsense").await.refused(400, -1000);

    let partner = client.get("Orders(1)/BusinessPartner").await.expect(200).json();
    assert_eq!(partner["CardCode"], "C001");
    assert_eq!(client.list("BusinessPartners('C001')/Orders", "DocEntry").await, [1]);
    assert_eq!(client.get("Orders(1)/DocEntry").await.json(), json!({"value": 1}));
    let raw = client.get("Orders(1)/DocEntry/$value").await.expect(200);
    assert_eq!(raw.text, "1");
    client.get("Orders(1)/Comments/$value").await.refused(404, -2028);
    let unknown_row = client.get("Orders(99)/DocEntry").await.expect(200).json();
    assert_eq!(unknown_row, json!({"odata.null": true}));
    client.get("Orders(1)/Nonsense").await.refused(400, -1000);
}

#[tokio::test]
async fn the_service_document_and_the_metadata_name_the_sets() {
    let (_sandbox, client) = v1().await;
    let sets = client.list("", "name").await;
    assert!(sets.contains(&json!("StockTransferDrafts")));
    let metadata = client.get("$metadata").await.expect(200);
    assert!(metadata.text.contains("<EntitySet Name=\"Drafts\" EntityType=\"SAPB1.Document\"/>"));
    assert!(metadata.text.contains("<Property Name=\"U_ISSYN\" Type=\"Edm.String\"/>"));
}
