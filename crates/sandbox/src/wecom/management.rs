//! The routes below `/wecom` of the management port: the people's actions as JSON.

use axum::extract::{Path, State};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Callback, Limits, Opinion, Push, PushFault, Quirks, Side, WeCom};
use crate::management::{self as shared, Body, Refusal};

/// The routes below `/wecom` of the management port.
///
/// `GET /state` · `GET|POST /forms` · `GET|DELETE /forms/{sp_no}` ·
/// `POST /forms/{sp_no}/{approve|refuse|approve-to-the-end|withdraw|withdraw-passed|transfer|`
/// `send-back|add-signer|approve-and-add|handle|hand-over|comment|urge|pay}` ·
/// `PUT|DELETE /callback` · `GET /pushes` · `POST /push-faults` · `POST /token/invalidate` ·
/// `POST /token/expire` · `POST /refusals` · `PUT /app` · `PUT /limits` · `PUT /quirks` ·
/// `GET|POST|DELETE /faults` · `GET|DELETE /calls`.
pub fn management(wecom: WeCom) -> Router {
    let server = shared::server(wecom.faults().clone(), wecom.calls().clone());
    Router::new()
        .route("/state", get(state))
        .route("/forms", get(list).post(submit))
        .route("/forms/{sp_no}", get(show).delete(delete))
        .route("/forms/{sp_no}/{action}", post(act))
        .route("/callback", put(configure_callback).delete(remove_callback))
        .route("/pushes", get(pushes))
        .route("/push-faults", post(arrange_push_fault))
        .route("/token/invalidate", post(invalidate_token))
        .route("/token/expire", post(expire_token))
        .route("/refusals", post(arrange_refusal))
        .route("/app", put(change_app))
        .route("/limits", put(set_limits))
        .route("/quirks", put(set_quirks))
        .with_state(wecom)
        .merge(server)
}

type Done = Result<StatusCode, Refusal>;

/// What a person does: `{"by":"lisi","speech":"同意","media":[]}`, with `to` where somebody else
/// comes in and `side` for a signer.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Act {
    by: Option<String>,
    to: Option<String>,
    side: Option<Side>,
    speech: String,
    media: Vec<String>,
}

/// `{"template":"采购申请审批","user":"zhangsan","values":{"单据编号":"7"}}`; the template by name or id.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Submit {
    template: String,
    user: String,
    values: Value,
}

/// `{"path":"/cgi-bin/oa/applyevent","code":301057,"message":"internal error","after_commit":true}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ArrangedRefusal {
    path: String,
    code: i64,
    #[serde(default)]
    message: String,
    #[serde(default)]
    after_commit: bool,
}

/// What an administrator changes about the app: members left out stay; a list of `null` lifts the
/// restriction.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AppChange {
    callable: Option<bool>,
    enabled: Option<bool>,
    client_ip: Option<String>,
    #[serde(default, deserialize_with = "given")]
    visible_users: Option<Option<Vec<String>>>,
    #[serde(default, deserialize_with = "given")]
    trusted_ips: Option<Option<Vec<String>>>,
}

/// Tells `null` from a member left out.
fn given<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<Vec<String>>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

async fn state(State(wecom): State<WeCom>) -> Json<Value> {
    let mut state = wecom.connection();
    if let Some(members) = state.as_object_mut() {
        members.insert("forms".to_owned(), json!(wecom.forms()));
        members.insert("callback_url".to_owned(), json!(wecom.callback_url()));
        members.insert("token_fetches".to_owned(), json!(wecom.fetch_count()));
    }
    Json(state)
}

async fn list(State(wecom): State<WeCom>) -> Json<Vec<String>> {
    Json(wecom.forms())
}

async fn show(
    State(wecom): State<WeCom>,
    Path(sp_no): Path<String>,
) -> Result<Json<Value>, Refusal> {
    Ok(Json(wecom.form(&sp_no)?))
}

async fn delete(State(wecom): State<WeCom>, Path(sp_no): Path<String>) -> Done {
    wecom.delete(&sp_no)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn submit(
    State(wecom): State<WeCom>,
    Body(submit): Body<Submit>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let template = wecom.template_id(&submit.template).unwrap_or(submit.template);
    let sp_no = wecom.submit(&template, &submit.user, &submit.values)?;
    Ok((StatusCode::CREATED, Json(json!({"sp_no": sp_no}))))
}

async fn act(
    State(wecom): State<WeCom>,
    Path((sp_no, action)): Path<(String, String)>,
    body: axum::body::Bytes,
) -> Done {
    let act = match body.is_empty() {
        true => Act::default(),
        false => serde_json::from_slice(&body)
            .map_err(|error| Refusal::bad_request(error.to_string()))?,
    };
    let Act { by, to, side, speech, media } = act;
    let opinion = Opinion { speech, media };
    let needed = |name: &str, value: Option<String>| {
        value.ok_or_else(|| Refusal::bad_request(format!("`{name}` is missing: give a userid")))
    };
    match action.as_str() {
        "approve" => wecom.approve(&sp_no, &needed("by", by)?, opinion)?,
        "refuse" => wecom.refuse(&sp_no, &needed("by", by)?, opinion)?,
        "approve-to-the-end" => wecom.approve_to_the_end(&sp_no)?,
        "withdraw" => wecom.withdraw(&sp_no)?,
        "withdraw-passed" => wecom.withdraw_passed(&sp_no)?,
        "transfer" => {
            wecom.transfer(&sp_no, &needed("by", by)?, &needed("to", to)?, opinion)?;
        }
        "send-back" => {
            wecom.send_back(&sp_no, &needed("by", by)?, &needed("to", to)?, opinion)?;
        }
        "add-signer" => {
            let side = side.unwrap_or(Side::Before);
            wecom.add_signer(&sp_no, &needed("by", by)?, &needed("to", to)?, side)?;
        }
        "approve-and-add" => {
            wecom.approve_and_add(&sp_no, &needed("by", by)?, &needed("to", to)?, opinion)?;
        }
        "handle" => wecom.handle(&sp_no, &needed("by", by)?, opinion)?,
        "hand-over" => {
            wecom.hand_over(&sp_no, &needed("by", by)?, &needed("to", to)?, opinion)?;
        }
        "comment" => wecom.comment(&sp_no, &needed("by", by)?, opinion)?,
        "urge" => wecom.urge(&sp_no)?,
        "pay" => wecom.pay(&sp_no)?,
        _ => return Err(Refusal::bad_request(format!("nobody can do {action:?} to a form"))),
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn configure_callback(State(wecom): State<WeCom>, Body(callback): Body<Callback>) -> Done {
    Box::pin(wecom.configure_callback(callback)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn remove_callback(State(wecom): State<WeCom>) -> StatusCode {
    wecom.remove_callback();
    StatusCode::NO_CONTENT
}

async fn pushes(State(wecom): State<WeCom>) -> Json<Vec<Push>> {
    Json(wecom.pushes())
}

async fn arrange_push_fault(
    State(wecom): State<WeCom>,
    Body(fault): Body<PushFault>,
) -> StatusCode {
    wecom.arrange_push_fault(fault);
    StatusCode::NO_CONTENT
}

async fn invalidate_token(State(wecom): State<WeCom>) -> StatusCode {
    wecom.invalidate_token();
    StatusCode::NO_CONTENT
}

async fn expire_token(State(wecom): State<WeCom>) -> StatusCode {
    wecom.expire_token();
    StatusCode::NO_CONTENT
}

async fn arrange_refusal(
    State(wecom): State<WeCom>,
    Body(arranged): Body<ArrangedRefusal>,
) -> StatusCode {
    let ArrangedRefusal { path, code, message, after_commit } = arranged;
    if after_commit {
        wecom.refuse_next_after_commit(&path, code, &message);
    } else {
        wecom.refuse_next(&path, code, &message);
    }
    StatusCode::NO_CONTENT
}

async fn change_app(State(wecom): State<WeCom>, Body(change): Body<AppChange>) -> StatusCode {
    if let Some(callable) = change.callable {
        wecom.set_callable(callable);
    }
    if let Some(enabled) = change.enabled {
        wecom.set_enabled(enabled);
    }
    if let Some(address) = &change.client_ip {
        wecom.set_client_ip(address);
    }
    match change.visible_users {
        Some(Some(list)) => wecom.set_visible_users(&list),
        Some(None) => wecom.show_all_users(),
        None => {}
    }
    match change.trusted_ips {
        Some(Some(list)) => wecom.set_trusted_ips(&list),
        Some(None) => wecom.trust_all_ips(),
        None => {}
    }
    StatusCode::NO_CONTENT
}

async fn set_limits(State(wecom): State<WeCom>, Body(limits): Body<Limits>) -> StatusCode {
    wecom.set_limits(limits);
    StatusCode::NO_CONTENT
}

async fn set_quirks(State(wecom): State<WeCom>, Body(quirks): Body<Quirks>) -> StatusCode {
    wecom.set_quirks(quirks);
    StatusCode::NO_CONTENT
}
