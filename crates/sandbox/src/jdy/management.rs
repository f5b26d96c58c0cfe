//! The routes below `/jdy` of the management port: the people's actions as JSON.

use std::time::Duration;

use axum::extract::{Path, State};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Jdy, Quirks};
use crate::management::{self as shared, Body, Refusal};

/// The routes below `/jdy` of the management port.
///
/// `GET /state` · `GET /vouchers` · `GET /vouchers/{linkId}` · `POST /vouchers/{linkId}/audit` ·
/// `PUT /period` · `POST /accounts` · `POST /customers` · `POST /tokens/expire` ·
/// `POST /app-secret/rotate` · `POST /refusals` · `PUT /quirks` · `GET|POST|DELETE /faults` ·
/// `GET|DELETE /calls`.
pub fn management(jdy: Jdy) -> Router {
    let server = shared::server(jdy.faults().clone(), jdy.calls().clone());
    Router::new()
        .route("/state", get(state))
        .route("/vouchers", get(vouchers))
        .route("/vouchers/{link_id}", get(voucher))
        .route("/vouchers/{link_id}/audit", post(audit))
        .route("/period", put(open_period))
        .route("/accounts", post(put_account))
        .route("/customers", post(put_customer))
        .route("/tokens/expire", post(expire_tokens))
        .route("/app-secret/rotate", post(rotate_app_secret))
        .route("/refusals", post(arrange_refusal))
        .route("/quirks", put(set_quirks))
        .with_state(jdy)
        .merge(server)
}

/// `{"period":202604}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OpenPeriod {
    period: i64,
}

/// `{"number":"6601","name":"销售费用"}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewAccount {
    number: String,
    name: String,
}

/// `{"number":"C100"}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewCustomer {
    number: String,
}

/// `{"path":"/voucher","code":46001,"message":"…","after_commit":true}`; `{"path":"/voucher",
/// "delay_ms":60000}`, which answers late and refuses nothing; or `{"link_id":"…","code":46001,
/// "message":"…"}` for one voucher of a batch.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ArrangedRefusal {
    path: Option<String>,
    link_id: Option<String>,
    #[serde(default)]
    code: i64,
    #[serde(default)]
    message: String,
    #[serde(default)]
    after_commit: bool,
    delay_ms: Option<u64>,
}

async fn state(State(jdy): State<Jdy>) -> Json<Value> {
    let mut state = jdy.connection();
    if let Some(members) = state.as_object_mut() {
        members.insert("vouchers".to_owned(), json!(jdy.vouchers().len()));
        members.insert("token_count".to_owned(), json!(jdy.token_count()));
    }
    Json(state)
}

async fn vouchers(State(jdy): State<Jdy>) -> Json<Vec<Value>> {
    Json(jdy.vouchers())
}

async fn voucher(State(jdy): State<Jdy>, Path(id): Path<String>) -> Result<Json<Value>, Refusal> {
    Ok(Json(jdy.voucher(&id)?))
}

async fn audit(State(jdy): State<Jdy>, Path(id): Path<String>) -> Result<StatusCode, Refusal> {
    jdy.audit(&id)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn open_period(State(jdy): State<Jdy>, Body(open): Body<OpenPeriod>) -> StatusCode {
    jdy.open_period(open.period);
    StatusCode::NO_CONTENT
}

async fn put_account(State(jdy): State<Jdy>, Body(new): Body<NewAccount>) -> StatusCode {
    jdy.put_account(&new.number, &new.name);
    StatusCode::CREATED
}

async fn put_customer(State(jdy): State<Jdy>, Body(new): Body<NewCustomer>) -> StatusCode {
    jdy.put_customer(&new.number);
    StatusCode::CREATED
}

async fn expire_tokens(State(jdy): State<Jdy>) -> StatusCode {
    jdy.expire_tokens();
    StatusCode::NO_CONTENT
}

async fn rotate_app_secret(State(jdy): State<Jdy>) -> StatusCode {
    jdy.rotate_app_secret();
    StatusCode::NO_CONTENT
}

async fn arrange_refusal(
    State(jdy): State<Jdy>,
    Body(refusal): Body<ArrangedRefusal>,
) -> Result<StatusCode, Refusal> {
    let ArrangedRefusal { code, message, after_commit, .. } = &refusal;
    match (&refusal.path, &refusal.link_id, refusal.delay_ms) {
        (Some(path), None, Some(delay)) => {
            jdy.delay_next_answer(path, Duration::from_millis(delay));
        }
        (_, _, _) if *code == 0 => {
            return Err(Refusal::bad_request("`code` is missing: give the code of the refusal"));
        }
        (Some(path), None, None) if *after_commit => {
            jdy.refuse_next_after_commit(path, *code, message);
        }
        (Some(path), None, None) => jdy.refuse_next(path, *code, message),
        (None, Some(link_id), None) => jdy.refuse_voucher(link_id, *code, message),
        _ => return Err(Refusal::bad_request("give either `path` or `link_id`")),
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn set_quirks(State(jdy): State<Jdy>, Body(quirks): Body<Quirks>) -> StatusCode {
    jdy.set_quirks(quirks);
    StatusCode::NO_CONTENT
}
