//! `POST`, `PATCH`, `PUT`, `DELETE`, and actions.

use http::{HeaderMap, Method, StatusCode, header};

use super::read::PREFERENCE_APPLIED;
use super::{Asked, Reply};
use crate::servicelayer::company::{Actor, Company, Mode, Posted, Purpose};
use crate::servicelayer::json::Object;
use crate::servicelayer::key::Key;
use crate::servicelayer::options::ApprovalAnswer;
use crate::servicelayer::present::{Printer, etag};
use crate::servicelayer::query::Preferences;
use crate::servicelayer::refusal::Refusal;
use crate::servicelayer::schema::EntitySet;

pub(super) fn create(
    company: &mut Company,
    asked: &Asked<'_>,
    set: &EntitySet,
    actor: Actor,
) -> Result<Reply, Refusal> {
    let body = Object::parse(asked.body_text()?).map_err(Refusal::malformed)?;
    let structure = company.structure(set);
    let body = company.accept(body, &structure, Purpose::Create, asked.dialect)?;
    let posted = company.atomically(|company| company.post(set, body, actor))?;
    let (name, key) = committed(company, posted)?;
    let set = company.set(&name)?;
    let location = format!("{}/{}({})", asked.root, set.name, key.in_url(&set));
    let stored = company.find(&set.name, &key)?;
    let mut reply = if Preferences::of(asked.headers).no_content {
        let mut reply = Reply::no_content(asked.dialect);
        reply.header(PREFERENCE_APPLIED, "return-no-content");
        reply
    } else {
        let mut answer = Object::default();
        let context = asked.context(&format!("{}/{}", set.name, asked.element()));
        answer.set(&asked.context_member(), context);
        let printer = Printer { company, dialect: asked.dialect };
        for (name, value) in printer.entity(&set, &stored, None)?.iter() {
            answer.set(name, value.clone());
        }
        Reply::json(StatusCode::CREATED, asked.dialect, answer)
    };
    reply.header(header::LOCATION, location);
    if set.etag {
        reply.header(header::ETAG, etag(stored.version));
    }
    Ok(reply)
}

/// What the client is told about a document that became a draft, which is stored by now.
pub(super) fn committed(company: &Company, posted: Posted) -> Result<(String, Key), Refusal> {
    match posted {
        Posted::Created { set, key } => Ok((set, key)),
        Posted::Drafted { set, key, .. } => match company.options.approval_answer {
            ApprovalAnswer::Draft => Ok((set, key)),
            ApprovalAnswer::NoMatchingRecords => {
                Err(Refusal { status: StatusCode::BAD_REQUEST, ..Refusal::not_found() })
            }
        },
    }
}

pub(super) fn update(
    company: &mut Company,
    asked: &Asked<'_>,
    set: &EntitySet,
    key: &str,
    actor: Actor,
) -> Result<Reply, Refusal> {
    let structure = company.structure(set);
    let key = Key::parse(key, set, &structure)?;
    check_if_match(company, asked.headers, set, &key)?;
    let body = Object::parse(asked.body_text()?).map_err(Refusal::bad_patch)?;
    let body = company.accept(body, &structure, Purpose::Update, asked.dialect)?;
    let mode = if asked.method == Method::PUT {
        Mode::Replace
    } else if Preferences::of(asked.headers).replace_rows {
        Mode::MergeReplacingRows
    } else {
        Mode::Merge
    };
    company.atomically(|company| company.update(set, &key, &body, mode, actor))?;
    Ok(Reply::no_content(asked.dialect))
}

pub(super) fn delete(
    company: &mut Company,
    asked: &Asked<'_>,
    set: &EntitySet,
    key: &str,
) -> Result<Reply, Refusal> {
    let key = Key::parse(key, set, &company.structure(set))?;
    check_if_match(company, asked.headers, set, &key)?;
    company.atomically(|company| company.delete(set, &key))?;
    Ok(Reply::no_content(asked.dialect))
}

pub(super) fn act(
    company: &mut Company,
    asked: &Asked<'_>,
    set: &EntitySet,
    key: &str,
    action: &str,
    actor: Actor,
) -> Result<Reply, Refusal> {
    let key = Key::parse(key, set, &company.structure(set))?;
    check_if_match(company, asked.headers, set, &key)?;
    let posted = company.atomically(|company| company.act(set, &key, action, actor))?;
    if let Some(posted) = posted {
        committed(company, posted)?;
    }
    Ok(Reply::no_content(asked.dialect))
}

/// Anything but `*` and `W/"…"` is ignored, as is a condition on sets without etags.
fn check_if_match(
    company: &Company,
    headers: &HeaderMap,
    set: &EntitySet,
    key: &Key,
) -> Result<(), Refusal> {
    let condition = headers.get(header::IF_MATCH).and_then(|value| value.to_str().ok());
    let weak = condition.filter(|value| value.starts_with("W/\"") && value.ends_with('"'));
    match weak {
        Some(expected) if set.etag => {
            let version = company.find(&set.name, key)?.version;
            if etag(version) == expected { Ok(()) } else { Err(Refusal::changed_meanwhile()) }
        }
        _ => Ok(()),
    }
}
