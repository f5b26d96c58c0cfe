//! Lists whose pages move, lie, or end early.

use blacklake_mes::materials::MaterialFilter;
use serde_json::{Value, json};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::support::{ROUTE, give_token, success};
use blacklake_mes::Client;

const LIST: &str = "/material/open/v1/material/_list";

async fn pages(pages: Vec<Value>) -> (MockServer, Client) {
    let server = MockServer::start().await;
    give_token(&server).await;
    let client = crate::support::builder(&server).0.build().unwrap();
    let reply = move |request: &Request| -> ResponseTemplate {
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        let page = usize::try_from(body["page"].as_i64().unwrap()).unwrap();
        success(pages.get(page - 1).cloned().unwrap_or_else(|| json!({ "list": [] })))
    };
    Mock::given(wiremock::matchers::path(format!("{ROUTE}{LIST}")))
        .respond_with(reply)
        .mount(&server)
        .await;
    (server, client)
}

fn page(ids: &[i64], total: Value) -> Value {
    let rows: Vec<Value> = ids.iter().map(|id| json!({ "id": id })).collect();
    json!({ "list": rows, "page": 1, "total": total })
}

#[tokio::test]
async fn every_row_comes_once() {
    let null = Value::Null;
    for (name, given, expected, calls) in [
        ("by total", vec![page(&[1, 2], json!(3)), page(&[3], json!(3))], vec![1, 2, 3], 2),
        ("shifted", vec![page(&[1, 2], json!(4)), page(&[2, 3], json!(4))], vec![1, 2, 3], 2),
        // The platform caps the size of pages below the one asked for.
        (
            "capped",
            vec![page(&[1], json!(3)), page(&[2], json!(3)), page(&[3], json!(3))],
            vec![1, 2, 3],
            3,
        ),
        ("no total", vec![page(&[1, 2], null.clone()), page(&[3], null.clone())], vec![1, 2, 3], 2),
        (
            "total as text",
            vec![page(&[1, 2], json!("3")), page(&[3], json!("3"))],
            vec![1, 2, 3],
            2,
        ),
        (
            "shrunk",
            vec![page(&[1, 2], json!(9)), json!({ "list": null, "total": 9 })],
            vec![1, 2],
            2,
        ),
        ("none", vec![json!({ "list": [], "total": 0 })], vec![], 1),
        ("nothing at all", vec![Value::Null], vec![], 1),
    ] {
        let (server, client) = pages(given).await;
        let rows = client.materials().list(MaterialFilter::new().page_size(2));
        let rows = rows.try_collect().await.unwrap();
        let ids: Vec<i64> = rows.iter().map(|row| row.id.get()).collect();
        assert_eq!(ids, expected, "{name}");
        assert_eq!(crate::support::count(&server, LIST).await, calls, "{name}");
    }
}

#[tokio::test]
async fn an_empty_first_page_of_many_rows_is_no_empty_list() {
    let (_server, client) = pages(vec![json!({ "list": [], "total": 5 })]).await;
    let error = client.materials().list(MaterialFilter::new()).try_collect().await.unwrap_err();
    assert!(error.to_string().contains("5 rows"), "{error}");
}

#[tokio::test]
async fn codes_are_compared_exactly() {
    let fuzzy = json!({ "list": [
        { "id": 1, "code": "A10" }, { "id": 2, "code": "A1" }, { "id": 3, "code": "a1" },
    ], "total": 3 });
    let (_server, client) = pages(vec![fuzzy]).await;
    let materials = client.materials();
    assert_eq!(materials.find("A1").await.unwrap().unwrap().id.get(), 2);
    assert_eq!(materials.find("A").await.unwrap(), None);
    let twice =
        json!({ "list": [{ "id": 1, "code": "A1" }, { "id": 2, "code": "A1" }], "total": 2 });
    let (_server, client) = pages(vec![twice]).await;
    let error = client.materials().find("A1").await.unwrap_err();
    assert_eq!(error.kind(), blacklake_mes::ErrorKind::Conflict, "{error}");
}
