//! The routes below `/barcode` of the management port.

use axum::extract::State;
use axum::routing::{get, post, put};
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use super::{Addresses, Answer, Barcode};
use crate::management::{Body, Refusal};

/// The routes below `/barcode` of the management port.
///
/// `PUT /server` types the addresses of a company into the settings · `POST
/// /{methods|companies|query|print-query|save|save-twice|receipt}` lets a scanner call and waits for
/// the answer · `GET /calls`.
pub(crate) fn management(barcode: Barcode) -> Router {
    Router::new()
        .route("/server", put(configure))
        .route("/methods", post(methods))
        .route("/companies", post(companies))
        .route("/query", post(query))
        .route("/print-query", post(print_query))
        .route("/save", post(save))
        .route("/save-twice", post(save_twice))
        .route("/receipt", post(receipt))
        .route("/calls", get(calls))
        .with_state(barcode)
}

/// `{"base":"http://127.0.0.1:8080/SBODEMOCN/barcode","app_code":"…"}`, or `addresses` one by one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Server {
    #[serde(default)]
    base: Option<String>,
    #[serde(default)]
    addresses: Option<Addresses>,
    app_code: String,
}

/// `{"sql":"select …"}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    sql: String,
}

/// `{"order":"1","quantity":"2","warehouse":"01","backflush":{"sql":"Select …"}}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Receipt {
    order: String,
    quantity: String,
    #[serde(default)]
    warehouse: String,
    #[serde(default)]
    batches: Vec<Batch>,
    #[serde(default)]
    backflush: Option<Backflush>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Batch {
    number: String,
    quantity: String,
    #[serde(default)]
    bin: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Backflush {
    sql: String,
    #[serde(default)]
    batch_sql: Option<String>,
}

type Called = Result<Json<Answer>, Refusal>;

async fn configure(
    State(barcode): State<Barcode>,
    Body(server): Body<Server>,
) -> Result<StatusCode, Refusal> {
    let addresses = match (server.base, server.addresses) {
        (Some(base), None) => Addresses::under(&base),
        (None, Some(addresses)) => addresses,
        _ => return Err(Refusal::bad_request("give either `base` or `addresses`")),
    };
    barcode.configure(addresses, server.app_code);
    Ok(StatusCode::NO_CONTENT)
}

async fn methods(State(barcode): State<Barcode>) -> Called {
    Ok(Json(barcode.methods().await?))
}

async fn companies(State(barcode): State<Barcode>) -> Called {
    Ok(Json(barcode.companies().await?))
}

async fn query(State(barcode): State<Barcode>, Body(Query { sql }): Body<Query>) -> Called {
    Ok(Json(barcode.query(&sql).await?))
}

async fn print_query(State(barcode): State<Barcode>, Body(Query { sql }): Body<Query>) -> Called {
    Ok(Json(barcode.print_query(&sql).await?))
}

async fn save(State(barcode): State<Barcode>, Body(document): Body<Value>) -> Called {
    Ok(Json(barcode.save(&document).await?))
}

async fn save_twice(
    State(barcode): State<Barcode>,
    Body(document): Body<Value>,
) -> Result<Json<[Answer; 2]>, Refusal> {
    Ok(Json(barcode.save_twice(&document).await?))
}

async fn receipt(State(barcode): State<Barcode>, Body(scanned): Body<Receipt>) -> Called {
    let mut receipt =
        barcode.receipt(&scanned.order, &scanned.quantity).warehouse(&scanned.warehouse);
    for Batch { number, quantity, bin } in scanned.batches {
        receipt = receipt.batch(&number, &quantity, &bin);
    }
    if let Some(Backflush { sql, batch_sql }) = scanned.backflush {
        receipt = receipt.backflush(&sql, batch_sql.as_deref());
    }
    Ok(Json(barcode.save(&receipt.request()).await?))
}

async fn calls(State(barcode): State<Barcode>) -> Json<Vec<Answer>> {
    Json(barcode.calls())
}
