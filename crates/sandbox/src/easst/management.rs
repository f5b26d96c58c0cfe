//! The routes below `/easst` of the management port.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::routing::{get, post, put};
use axum::{Json, Router};
use http::{StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Easst, Invoice, Quirks, Recognized, pdf, picture};
use crate::management::{self as shared, Body};

/// The routes below `/easst` of the management port.
///
/// `GET /state` · `POST /pictures` · `POST /pdfs` · `GET /recognized` · `POST /refusals` ·
/// `POST /delays` · `PUT /quirks` · `GET|POST|DELETE /faults` · `GET|DELETE /calls`.
pub fn management(easst: Easst) -> Router {
    let server = shared::server(easst.faults().clone(), easst.calls().clone());
    Router::new()
        .route("/state", get(state))
        .route("/pictures", post(draw))
        .route("/pdfs", post(print))
        .route("/recognized", get(recognized))
        .route("/refusals", post(refuse))
        .route("/delays", post(delay))
        .route("/quirks", put(set_quirks))
        .with_state(easst)
        .merge(server)
}

/// `{"message":"系统繁忙"}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Refusal {
    message: String,
}

/// `{"ms":60000}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Delay {
    ms: u64,
}

async fn state(State(easst): State<Easst>) -> Json<Value> {
    let mut state = easst.connection();
    if let Some(members) = state.as_object_mut() {
        members.insert("recognized".to_owned(), json!(easst.recognized().len()));
    }
    Json(state)
}

/// `[{"number":"24312000000000000042"}]`; what is left out has a default.
async fn draw(
    Body(invoices): Body<Vec<Invoice>>,
) -> ([(header::HeaderName, &'static str); 1], Bytes) {
    ([(header::CONTENT_TYPE, "image/png")], picture(&invoices).into())
}

async fn print(
    Body(invoices): Body<Vec<Invoice>>,
) -> ([(header::HeaderName, &'static str); 1], Bytes) {
    ([(header::CONTENT_TYPE, "application/pdf")], pdf(&invoices).into())
}

async fn recognized(State(easst): State<Easst>) -> Json<Vec<Recognized>> {
    Json(easst.recognized())
}

async fn refuse(State(easst): State<Easst>, Body(refusal): Body<Refusal>) -> StatusCode {
    easst.refuse_next(&refusal.message);
    StatusCode::NO_CONTENT
}

async fn delay(State(easst): State<Easst>, Body(delay): Body<Delay>) -> StatusCode {
    easst.delay_next_answer(Duration::from_millis(delay.ms));
    StatusCode::NO_CONTENT
}

async fn set_quirks(State(easst): State<Easst>, Body(quirks): Body<Quirks>) -> StatusCode {
    easst.set_quirks(quirks);
    StatusCode::NO_CONTENT
}
