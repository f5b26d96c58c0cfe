//! Optimistic locking.

use reqwest::Method;
use serde_json::json;

use crate::support::v1;

const FIRST: &str = "W/\"356A192B7913B04C54574D18C28D46E6395428AB\"";
const SECOND: &str = "W/\"DA4B9237BACCCDF19C0760CAB7AEC4A8359010B0\"";
const THIRD: &str = "W/\"77DE68DAECD823BABBB58EDB1C8E14D7106E83BB\"";

#[tokio::test]
async fn every_write_makes_a_new_version() {
    let (_sandbox, client) = v1().await;
    let made = client.post("Items", json!({"ItemCode": "E1"})).await.expect(201);
    assert_eq!(made.header("etag"), FIRST);
    assert_eq!(made.json()["odata.etag"], FIRST);
    client.patch("Items('E1')", json!({})).await.expect(204);
    let read = client.get("Items('E1')").await;
    assert_eq!((read.header("etag"), &read.json()["DataVersion"]), (SECOND, &json!(2)));
    client.act("Orders(1)/Close").await.expect(204);
    assert_eq!(client.get("Orders(1)").await.header("etag"), SECOND);
}

#[tokio::test]
async fn if_match_decides() {
    let (_sandbox, client) = v1().await;
    client.post("Items", json!({"ItemCode": "E1"})).await.expect(201);
    let patch = |condition: &'static str| {
        let body = json!({"ItemName": condition}).to_string();
        let client = &client;
        async move {
            let headers = [("If-Match", condition)];
            client.send(Method::PATCH, "Items('E1')", &headers, Some(&body)).await
        }
    };
    patch(FIRST).await.expect(204);
    let refused = patch(FIRST).await.refused(412, -2039);
    assert!(refused.text.contains("Another user or another operation modified data"));
    patch("W/\"nonsense\"").await.refused(412, -2039);
    patch(SECOND).await.expect(204);
    patch("*").await.expect(204);
    // A strong or broken value is ignored and overwrites blindly.
    patch("\"356A192B7913B04C54574D18C28D46E6395428AB\"").await.expect(204);
    patch("nonsense").await.expect(204);

    let stale = [("If-Match", FIRST)];
    client.send(Method::DELETE, "Items('E1')", &stale, None).await.refused(412, -2039);
    client.act("Orders(1)/Close").await.expect(204);
    client.send(Method::POST, "Orders(1)/Reopen", &stale, None).await.refused(412, -2039);
    let current = [("If-Match", SECOND)];
    client.send(Method::POST, "Orders(1)/Reopen", &current, None).await.expect(204);
}

#[tokio::test]
async fn sets_without_versions_ignore_conditions() {
    let (_sandbox, client) = v1().await;
    let answer = client.get("ProductionOrders(1)").await.expect(200);
    assert_eq!(answer.header("etag"), "");
    assert!(answer.json().get("odata.etag").is_none());
    let stale = [("If-Match", THIRD)];
    let body = Some("{\"Remarks\":\"x\"}");
    client.send(Method::PATCH, "ProductionOrders(1)", &stale, body).await.expect(204);
}

#[tokio::test]
async fn a_selection_spoils_the_etag() {
    let (_sandbox, client) = v1().await;
    client.patch("Items('RM-001')", json!({})).await.expect(204);
    let answer = client.get("Items('RM-001')?$select=ItemCode").await;
    assert_eq!((answer.header("etag"), &answer.json()["odata.etag"]), ("", &json!(FIRST)));
    let answer = client.get("Items('RM-001')?$select=ItemCode,DataVersion").await;
    assert_eq!((answer.header("etag"), &answer.json()["odata.etag"]), ("", &json!(SECOND)));
    let list = client.get("Items?$filter=ItemCode eq 'RM-001'").await;
    assert_eq!(list.header("etag"), "");
    assert_eq!(list.json()["value"][0]["odata.etag"], SECOND);
}
