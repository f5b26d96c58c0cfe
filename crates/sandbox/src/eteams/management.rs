//! The routes below `/eteams` of the management port: what an administrator does, as JSON.

use axum::extract::{Path, State};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Department, Employee, Eteams, Quirks};
use crate::management::{self as shared, Body, Refusal};

/// The routes below `/eteams` of the management port.
///
/// `GET /state` · `GET|PUT /departments` · `GET /departments/{id}` ·
/// `POST /departments/{id}/{rename|disable|enable|delete}` · `PUT /employees` ·
/// `POST /tokens/expire` · `POST /tokens/forget` · `POST /refusals` · `PUT /quirks` ·
/// `GET|POST|DELETE /faults` · `GET|DELETE /calls`.
pub fn management(eteams: Eteams) -> Router {
    let server = shared::server(eteams.faults().clone(), eteams.calls().clone());
    Router::new()
        .route("/state", get(state))
        .route("/departments", get(departments).put(put_department))
        .route("/departments/{id}", get(department))
        .route("/departments/{id}/rename", post(rename))
        .route("/departments/{id}/{action}", post(act))
        .route("/employees", put(put_employee))
        .route("/tokens/expire", post(expire_tokens))
        .route("/tokens/forget", post(forget_tokens))
        .route("/refusals", post(arrange_refusal))
        .route("/quirks", put(set_quirks))
        .with_state(eteams)
        .merge(server)
}

type Done = Result<StatusCode, Refusal>;
const DONE: Done = Ok(StatusCode::NO_CONTENT);

/// `{"name":"采购中心"}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rename {
    name: String,
}

/// `{"path":"/queryOrg","code":"40035","message":"…"}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ArrangedRefusal {
    path: String,
    code: String,
    #[serde(default)]
    message: String,
}

async fn state(State(eteams): State<Eteams>) -> Json<Value> {
    let mut state = eteams.connection();
    if let Some(members) = state.as_object_mut() {
        members.insert("departments".to_owned(), json!(eteams.departments()));
        members.insert("grants".to_owned(), json!(eteams.grants()));
    }
    Json(state)
}

async fn departments(State(eteams): State<Eteams>) -> Json<Vec<Department>> {
    Json(eteams.departments())
}

async fn department(
    State(eteams): State<Eteams>,
    Path(id): Path<String>,
) -> Result<Json<Department>, Refusal> {
    Ok(Json(eteams.department(&id)?))
}

async fn put_department(State(eteams): State<Eteams>, Body(department): Body<Department>) -> Done {
    if department.id.is_empty() {
        return Err(Refusal::bad_request("`id` is missing: give digits"));
    }
    eteams.put_department(department);
    DONE
}

async fn rename(
    State(eteams): State<Eteams>,
    Path(id): Path<String>,
    Body(rename): Body<Rename>,
) -> Done {
    eteams.rename_department(&id, &rename.name)?;
    DONE
}

async fn act(State(eteams): State<Eteams>, Path((id, action)): Path<(String, String)>) -> Done {
    let edit: fn(&mut Department) = match action.as_str() {
        "disable" => |department| department.disabled = true,
        "enable" => |department| department.disabled = false,
        "delete" => |department| department.deleted = true,
        _ => {
            let actions = "rename, disable, enable, delete";
            let why = format!("nobody can {action:?} a department; there are: {actions}");
            return Err(Refusal::bad_request(why));
        }
    };
    eteams.edit_department(&id, edit)?;
    DONE
}

async fn put_employee(State(eteams): State<Eteams>, Body(employee): Body<Employee>) -> Done {
    if employee.id.is_empty() {
        return Err(Refusal::bad_request("`id` is missing: give digits"));
    }
    eteams.put_employee(employee);
    DONE
}

async fn expire_tokens(State(eteams): State<Eteams>) -> StatusCode {
    eteams.expire_tokens();
    StatusCode::NO_CONTENT
}

async fn forget_tokens(State(eteams): State<Eteams>) -> StatusCode {
    eteams.forget_tokens();
    StatusCode::NO_CONTENT
}

async fn arrange_refusal(
    State(eteams): State<Eteams>,
    Body(refusal): Body<ArrangedRefusal>,
) -> StatusCode {
    eteams.refuse_next(&refusal.path, &refusal.code, &refusal.message);
    StatusCode::NO_CONTENT
}

async fn set_quirks(State(eteams): State<Eteams>, Body(quirks): Body<Quirks>) -> StatusCode {
    eteams.set_quirks(quirks);
    StatusCode::NO_CONTENT
}
