//! The routes below `/piaozone` of the management port.

use std::time::Duration;

use axum::extract::State;
use axum::routing::{get, post, put};
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Piaozone, Quirks};
use crate::easst::Invoice;
use crate::management::{self as shared, Body};

/// The routes below `/piaozone` of the management port.
///
/// `GET /state` · `GET|POST /invoices` · `POST /tokens/expire` · `POST /refusals` · `POST /delays` ·
/// `PUT /quirks` · `GET|POST|DELETE /faults` · `GET|DELETE /calls`, and the last two below `/eas`.
pub fn management(piaozone: Piaozone) -> Router {
    let server = shared::server(piaozone.faults().clone(), piaozone.calls().clone());
    let eas = shared::server(piaozone.faults_eas().clone(), piaozone.calls_eas().clone());
    Router::new()
        .route("/state", get(state))
        .route("/invoices", get(invoices).post(put_invoice))
        .route("/tokens/expire", post(expire_tokens))
        .route("/refusals", post(refuse))
        .route("/delays", post(delay))
        .route("/quirks", put(set_quirks))
        .with_state(piaozone)
        .merge(server)
        .nest("/eas", eas)
}

/// `{"errcode":"9999","description":"系统繁忙"}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Refusal {
    errcode: String,
    #[serde(default)]
    description: String,
}

/// `{"ms":60000}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Delay {
    ms: u64,
}

async fn state(State(piaozone): State<Piaozone>) -> Json<Value> {
    let mut state = piaozone.connection();
    if let Some(members) = state.as_object_mut() {
        members.insert("token_count".to_owned(), json!(piaozone.token_count()));
        members.insert("eas_login_count".to_owned(), json!(piaozone.eas_login_count()));
    }
    Json(state)
}

async fn invoices(State(piaozone): State<Piaozone>) -> Json<Vec<Invoice>> {
    Json(piaozone.invoices())
}

async fn put_invoice(State(piaozone): State<Piaozone>, Body(invoice): Body<Invoice>) -> StatusCode {
    piaozone.put_invoice(invoice);
    StatusCode::NO_CONTENT
}

async fn expire_tokens(State(piaozone): State<Piaozone>) -> StatusCode {
    piaozone.expire_tokens();
    StatusCode::NO_CONTENT
}

async fn refuse(State(piaozone): State<Piaozone>, Body(refusal): Body<Refusal>) -> StatusCode {
    piaozone.refuse_next(&refusal.errcode, &refusal.description);
    StatusCode::NO_CONTENT
}

async fn delay(State(piaozone): State<Piaozone>, Body(delay): Body<Delay>) -> StatusCode {
    piaozone.delay_next_answer(Duration::from_millis(delay.ms));
    StatusCode::NO_CONTENT
}

async fn set_quirks(State(piaozone): State<Piaozone>, Body(quirks): Body<Quirks>) -> StatusCode {
    piaozone.set_quirks(quirks);
    StatusCode::NO_CONTENT
}
