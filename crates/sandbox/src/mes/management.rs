//! The routes below `/mes` of the management port: the people's actions as JSON.

use std::time::Duration;

use axum::extract::{Path, State};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use http::StatusCode;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Feed, Limits, Mes, Push, PushFault, Quirks, Report};
use crate::management::{self as shared, Body, Refusal};

/// The routes below `/mes` of the management port.
///
/// `GET /state` · `GET /work-orders` · `GET /work-orders/{code}` ·
/// `POST /work-orders/{code}/{dispatch|report|feed|finish|close|pause|resume|hold|release}` ·
/// `GET /materials` · `GET /materials/{code}` · `POST /materials/{code}/{start|stop}` ·
/// `GET /reports` · `GET /feedings` · `POST /feedings/{id}/retract` · `PUT|DELETE /callback` ·
/// `GET /pushes` · `POST /push-faults` · `POST /events` · `POST /events/{requestId}/redeliver` ·
/// `POST /tokens/expire` · `POST /tokens/forget` · `POST /refusals` · `PUT|DELETE /permissions` ·
/// `PUT /hidden-fields` · `PUT /limits` · `PUT /quirks` · `GET|POST|DELETE /faults` ·
/// `GET|DELETE /calls`.
pub fn management(mes: Mes) -> Router {
    let server = shared::server(mes.faults().clone(), mes.calls().clone());
    Router::new()
        .route("/state", get(state))
        .route("/work-orders", get(work_orders))
        .route("/work-orders/{code}", get(work_order))
        .route("/work-orders/{code}/report", post(report))
        .route("/work-orders/{code}/feed", post(feed))
        .route("/work-orders/{code}/hold", post(hold))
        .route("/work-orders/{code}/{action}", post(act))
        .route("/materials", get(materials))
        .route("/materials/{code}", get(material))
        .route("/materials/{code}/start", post(start_material))
        .route("/materials/{code}/stop", post(stop_material))
        .route("/reports", get(reports))
        .route("/feedings", get(feedings))
        .route("/feedings/{id}/retract", post(retract))
        .route("/callback", put(configure_callback).delete(remove_callback))
        .route("/pushes", get(pushes))
        .route("/push-faults", post(arrange_push_fault))
        .route("/events", post(push_event))
        .route("/events/{request_id}/redeliver", post(redeliver))
        .route("/tokens/expire", post(expire_tokens))
        .route("/tokens/forget", post(forget_tokens))
        .route("/refusals", post(arrange_refusal))
        .route("/permissions", put(grant).delete(revoke))
        .route("/hidden-fields", put(hide_fields))
        .route("/limits", put(set_limits))
        .route("/quirks", put(set_quirks))
        .with_state(mes)
        .merge(server)
}

type Done = Result<StatusCode, Refusal>;
const DONE: Done = Ok(StatusCode::NO_CONTENT);

/// `{"material":"RM-001","feed":{"quantity":2.5,"batch":"B1"}}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FeedOf {
    material: String,
    feed: Feed,
}

/// `{"reason":"存在未完成的入库"}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Hold {
    reason: String,
}

/// `{"quantity":1.5}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Quantity {
    #[serde(with = "erplink_core::decimal")]
    quantity: Decimal,
}

/// `{"url":"http://…","key":"…"}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Callback {
    url: String,
    #[serde(default)]
    key: String,
}

/// `{"event_type":"inventory.result_notify.inbound","data":{}}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AnyEvent {
    event_type: String,
    data: Value,
}

/// `{"path":"/work_order/_doImport","code":500,"sub_code":"","message":"…","after_commit":true}`; or
/// with `confirmation` (`needCheck`), or with `delay_ms`, which answers late and refuses nothing.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ArrangedRefusal {
    path: String,
    #[serde(default)]
    code: i64,
    #[serde(default)]
    sub_code: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    after_commit: bool,
    #[serde(default)]
    confirmation: bool,
    delay_ms: Option<u64>,
}

/// `{"path":"/work_order/_doImport"}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CallPath {
    path: String,
}

async fn state(State(mes): State<Mes>) -> Json<Value> {
    let mut state = mes.connection();
    if let Some(members) = state.as_object_mut() {
        members.insert("work_orders".to_owned(), json!(mes.work_orders()));
        members.insert("materials".to_owned(), json!(mes.materials()));
        members.insert("callback_url".to_owned(), json!(mes.callback_url()));
        members.insert("token_count".to_owned(), json!(mes.token_count()));
    }
    Json(state)
}

async fn work_orders(State(mes): State<Mes>) -> Json<Vec<String>> {
    Json(mes.work_orders())
}

async fn work_order(
    State(mes): State<Mes>,
    Path(code): Path<String>,
) -> Result<Json<Value>, Refusal> {
    Ok(Json(mes.work_order(&code)?))
}

async fn report(
    State(mes): State<Mes>,
    Path(code): Path<String>,
    Body(report): Body<Report>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    Ok((StatusCode::CREATED, Json(json!({"id": mes.report(&code, report)?}))))
}

async fn feed(
    State(mes): State<Mes>,
    Path(code): Path<String>,
    Body(feed): Body<FeedOf>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let id = mes.feed(&code, &feed.material, feed.feed)?;
    Ok((StatusCode::CREATED, Json(json!({"id": id}))))
}

async fn hold(State(mes): State<Mes>, Path(code): Path<String>, Body(hold): Body<Hold>) -> Done {
    mes.hold(&code, &hold.reason)?;
    DONE
}

async fn act(State(mes): State<Mes>, Path((code, action)): Path<(String, String)>) -> Done {
    match action.as_str() {
        "dispatch" => mes.dispatch(&code)?,
        "finish" => mes.finish(&code)?,
        "close" => mes.close(&code)?,
        "pause" => mes.pause(&code)?,
        "resume" => mes.resume(&code)?,
        "release" => mes.release(&code)?,
        _ => {
            let actions = "dispatch, report, feed, finish, close, pause, resume, hold, release";
            let why = format!("nobody can {action:?} a work order; there are: {actions}");
            return Err(Refusal::bad_request(why));
        }
    }
    DONE
}

async fn materials(State(mes): State<Mes>) -> Json<Vec<String>> {
    Json(mes.materials())
}

async fn material(
    State(mes): State<Mes>,
    Path(code): Path<String>,
) -> Result<Json<Value>, Refusal> {
    Ok(Json(mes.material(&code)?))
}

async fn start_material(State(mes): State<Mes>, Path(code): Path<String>) -> Done {
    mes.start_material(&code)?;
    DONE
}

async fn stop_material(State(mes): State<Mes>, Path(code): Path<String>) -> Done {
    mes.stop_material(&code)?;
    DONE
}

async fn reports(State(mes): State<Mes>) -> Json<Vec<Value>> {
    Json(mes.reports())
}

async fn feedings(State(mes): State<Mes>) -> Json<Vec<Value>> {
    Json(mes.feedings())
}

async fn retract(
    State(mes): State<Mes>,
    Path(id): Path<String>,
    Body(amount): Body<Quantity>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let not_an_id = |_| Refusal::bad_request(format!("{id:?} is not the id of a feeding"));
    let id = id.parse().map_err(not_an_id)?;
    Ok((StatusCode::CREATED, Json(json!({"id": mes.retract(id, amount.quantity)?}))))
}

async fn configure_callback(State(mes): State<Mes>, Body(callback): Body<Callback>) -> Done {
    Box::pin(mes.configure_callback(&callback.url, &callback.key)).await?;
    DONE
}

async fn remove_callback(State(mes): State<Mes>) -> StatusCode {
    mes.remove_callback();
    StatusCode::NO_CONTENT
}

async fn pushes(State(mes): State<Mes>) -> Json<Vec<Push>> {
    Json(mes.pushes())
}

async fn arrange_push_fault(State(mes): State<Mes>, Body(fault): Body<PushFault>) -> StatusCode {
    mes.arrange_push_fault(fault);
    StatusCode::NO_CONTENT
}

async fn push_event(
    State(mes): State<Mes>,
    Body(event): Body<AnyEvent>,
) -> (StatusCode, Json<Value>) {
    let request_id = mes.push_event(&event.event_type, &event.data);
    (StatusCode::CREATED, Json(json!({"request_id": request_id})))
}

async fn redeliver(State(mes): State<Mes>, Path(request_id): Path<String>) -> Done {
    mes.redeliver(&request_id)?;
    DONE
}

async fn expire_tokens(State(mes): State<Mes>) -> StatusCode {
    mes.expire_tokens();
    StatusCode::NO_CONTENT
}

async fn forget_tokens(State(mes): State<Mes>) -> StatusCode {
    mes.forget_tokens();
    StatusCode::NO_CONTENT
}

async fn arrange_refusal(State(mes): State<Mes>, Body(refusal): Body<ArrangedRefusal>) -> Done {
    let ArrangedRefusal { path, code, sub_code, message, .. } = &refusal;
    if let Some(delay) = refusal.delay_ms {
        mes.delay_next_answer(path, Duration::from_millis(delay));
    } else if refusal.confirmation {
        mes.ask_confirmation_next(path, message);
    } else if *code == 0 {
        let why =
            "`code` is missing: give the code of the refusal, or `confirmation`, or `delay_ms`";
        return Err(Refusal::bad_request(why));
    } else if refusal.after_commit {
        mes.refuse_next_after_commit(path, *code, sub_code, message);
    } else {
        mes.refuse_next(path, *code, sub_code, message);
    }
    DONE
}

async fn grant(State(mes): State<Mes>, Body(call): Body<CallPath>) -> StatusCode {
    mes.grant(&call.path);
    StatusCode::NO_CONTENT
}

async fn revoke(State(mes): State<Mes>, Body(call): Body<CallPath>) -> StatusCode {
    mes.revoke(&call.path);
    StatusCode::NO_CONTENT
}

async fn hide_fields(State(mes): State<Mes>, Body(names): Body<Vec<String>>) -> StatusCode {
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    mes.hide_fields(&names);
    StatusCode::NO_CONTENT
}

async fn set_limits(State(mes): State<Mes>, Body(limits): Body<Limits>) -> StatusCode {
    mes.set_limits(limits);
    StatusCode::NO_CONTENT
}

async fn set_quirks(State(mes): State<Mes>, Body(quirks): Body<Quirks>) -> StatusCode {
    mes.set_quirks(quirks);
    StatusCode::NO_CONTENT
}
