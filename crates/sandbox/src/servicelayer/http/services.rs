//! Operations that are not bound to an entity: `DraftsService_SaveDraftToDocument`, …

use http::{Method, StatusCode};

use super::{Asked, Reply, not_allowed, write};
use crate::servicelayer::company::{Actor, Company, Purpose};
use crate::servicelayer::json::{Json, Object};
use crate::servicelayer::key::Key;
use crate::servicelayer::present::Printer;
use crate::servicelayer::refusal::Refusal;
use crate::servicelayer::schema::Kind;

/// `…Service_GetApprovalTemplates`: the service, and the set whose documents it is about.
const DOCUMENT_SERVICES: &[(&str, &str)] = &[
    ("OrdersService", "Orders"),
    ("PurchaseRequestService", "PurchaseRequests"),
    ("PurchaseOrdersService", "PurchaseOrders"),
    ("InventoryGenEntryService", "InventoryGenEntries"),
    ("InventoryGenExitService", "InventoryGenExits"),
    ("StockTransferService", "StockTransfers"),
];

pub(super) fn call(
    company: &mut Company,
    asked: &Asked<'_>,
    name: &str,
    actor: Actor,
) -> Result<Reply, Refusal> {
    if asked.method != Method::POST {
        return Err(not_allowed(asked));
    }
    match name {
        "DraftsService_SaveDraftToDocument" => save_draft(company, asked, actor),
        "UsersService_GetCurrentUser" => current_user(company, asked, actor),
        "ApprovalRequestsService_GetAllApprovalRequestsList"
        | "ApprovalRequestsService_GetApprovalRequestList" => requests(company, asked, |_| true),
        "ApprovalRequestsService_GetOpenApprovalRequestList" => {
            requests(company, asked, |request| request.text("Status") == Some("arsPending"))
        }
        _ => match name.split_once('_') {
            Some((service, "GetApprovalTemplates")) => {
                let known = DOCUMENT_SERVICES.iter().find(|(known, _)| *known == service);
                let (_, set) = known.ok_or_else(|| Refusal::unsupported(name))?;
                approval_templates(company, asked, set, actor)
            }
            _ => Err(Refusal::unsupported(name)),
        },
    }
}

fn parameter(asked: &Asked<'_>, name: &str) -> Result<Object, Refusal> {
    let body = Object::parse(asked.body_text()?).map_err(Refusal::malformed)?;
    match body.get(name) {
        Some(Json::Object(object)) => Ok(object.clone()),
        _ => Err(Refusal::malformed(format!("the parameter {name} is missing"))),
    }
}

fn save_draft(company: &mut Company, asked: &Asked<'_>, actor: Actor) -> Result<Reply, Refusal> {
    let document = parameter(asked, "Document")?;
    let entry = document.get("DocEntry").cloned().unwrap_or(Json::Null);
    let entry = Kind::Int.scalar(entry).map_err(Refusal::malformed)?;
    if entry.is_null() {
        return Err(Refusal::malformed("DocEntry of the draft is missing"));
    }
    let structure = company.structure(&company.set("Drafts")?);
    let sent = company.accept(document, &structure, Purpose::Create, asked.dialect)?;
    let key = Key::single(entry);
    let posted = company.atomically(|company| company.save_draft("Drafts", &key, &sent, actor))?;
    write::committed(company, posted)?;
    Ok(Reply::no_content(asked.dialect))
}

fn current_user(company: &Company, asked: &Asked<'_>, actor: Actor) -> Result<Reply, Refusal> {
    let set = company.set("Users")?;
    let stored = company.find("Users", &Key::single(actor.0))?;
    let printer = Printer { company, dialect: asked.dialect };
    let mut answer = Object::default().with(&asked.context_member(), asked.context("User"));
    for (name, value) in printer.entity(&set, &stored, None)?.iter() {
        answer.set(name, value.clone());
    }
    Ok(Reply::json(StatusCode::OK, asked.dialect, answer))
}

fn requests(
    company: &Company,
    asked: &Asked<'_>,
    wanted: impl Fn(&Object) -> bool,
) -> Result<Reply, Refusal> {
    let all = company.store.all("ApprovalRequests")?;
    let rows = all.iter().map(|stored| &stored.body).filter(|request| wanted(request));
    let rows = rows.map(|request| {
        ["Code", "Remarks", "Status"]
            .into_iter()
            .fold(Object::default(), |row, name| {
                row.with(name, request.get(name).cloned().unwrap_or(Json::Null))
            })
            .into()
    });
    let answer = Object::default().with("value", Json::Array(rows.collect()));
    Ok(Reply::json(StatusCode::OK, asked.dialect, answer))
}

/// The document as sent, with the templates that posting it would start.
fn approval_templates(
    company: &Company,
    asked: &Asked<'_>,
    set: &str,
    actor: Actor,
) -> Result<Reply, Refusal> {
    let set = company.set(set)?;
    let (name, rows) = if set.is_transfer() {
        ("StockTransfer", "StockTransfer_ApprovalRequests")
    } else {
        ("Document", "Document_ApprovalRequests")
    };
    let mut document = parameter(asked, name)?;
    let template = company.template(set.object, actor)?;
    let found = template.iter().map(|template| {
        let member = |name| template.get(name).cloned().unwrap_or(Json::Null);
        Object::default()
            .with("ApprovalTemplatesID", member("Code"))
            .with("ApprovalTemplatesName", member("Name"))
            .with("Remarks", Json::Null)
            .with("ActiveForUpdate", member("IsActiveWhenUpdatingDocuments"))
            .into()
    });
    document.set(rows, Json::Array(found.collect()));
    Ok(Reply::json(StatusCode::OK, asked.dialect, document))
}
