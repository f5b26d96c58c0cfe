//! A [`Job`] as a row and back.

use chrono::{DateTime, Utc};
use erplink_core::RawJson;
use rusqlite::{Connection, Row, named_params};

use crate::audit::{Action, AuditEntry};
use crate::document::FlowId;
use crate::error::{Error, ErrorKind, Result};
use crate::job::{Job, Lease, Newer, Reason, ReasonCode, State, Step, Wakes};
use crate::rules::Change;

/// What every query that returns jobs selects.
pub(super) const COLUMNS: &str = "sequence, company, flow, document, order_key, generation, \
    version, content, newer_version, newer_content, about, step, sending_at, target_id, previous_id, result, state, due_at, \
    lease_owner, reason_code, reason, wakes, attempts, claims, arrived_at, changed_at, awaiting";

pub(super) fn failed(error: rusqlite::Error) -> Error {
    Error::store("the ledger could not be read or written", error)
}

fn damaged(column: &str, found: &str) -> Error {
    Error::new(
        ErrorKind::Store,
        format!(
            "column `{column}` of the ledger holds `{found}`, which this program never writes: \
             restore the file, or start the program that wrote it"
        ),
    )
}

pub(super) fn millis(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}

pub(super) fn time(millis: i64) -> Result<DateTime<Utc>> {
    DateTime::from_timestamp_millis(millis).ok_or_else(|| damaged("a time", &millis.to_string()))
}

fn json(column: &str, text: String) -> Result<RawJson> {
    RawJson::parse(text).map_err(|error| damaged(column, &error.to_string()))
}

/// Reads the row that a query over [`COLUMNS`] returned.
pub(super) fn job(row: &Row<'_>) -> Result<Job> {
    fn get<T: rusqlite::types::FromSql>(row: &Row<'_>, column: &str) -> Result<T> {
        row.get(column).map_err(failed)
    }
    let flow = FlowId::new(get::<String>(row, "company")?, get::<String>(row, "flow")?);
    let result: Option<String> = get(row, "result")?;
    let awaiting: Option<i64> = get(row, "awaiting")?;
    let claims = get(row, "claims")?;
    let newer: Option<String> = get(row, "newer_version")?;
    let newer = newer.map(|version| {
        let content: Option<String> = get(row, "newer_content")?;
        let content = content.map(|text| json("newer_content", text)).transpose()?;
        Ok::<_, Error>(Newer { version, content })
    });
    Ok(Job {
        key: flow.document(get::<String>(row, "document")?),
        sequence: get(row, "sequence")?,
        order: get(row, "order_key")?,
        generation: get(row, "generation")?,
        version: get(row, "version")?,
        content: json("content", get(row, "content")?)?,
        newer: newer.transpose()?,
        about: get(row, "about")?,
        step: step(&get::<String>(row, "step")?, get(row, "sending_at")?)?,
        target_id: get(row, "target_id")?,
        previous_id: get(row, "previous_id")?,
        result: result.map(|text| json("result", text)).transpose()?,
        state: state(row, claims)?,
        attempts: get(row, "attempts")?,
        claims,
        arrived_at: time(get(row, "arrived_at")?)?,
        changed_at: time(get(row, "changed_at")?)?,
        awaiting: awaiting.map(time).transpose()?,
    })
}

fn step(text: &str, sending_at: Option<i64>) -> Result<Step> {
    match (text, sending_at) {
        ("fresh", _) => Ok(Step::Fresh),
        ("sending", Some(at)) => Ok(Step::Sending { since: time(at)? }),
        ("sent", _) => Ok(Step::Sent),
        _ => Err(damaged("step", text)),
    }
}

fn state(row: &Row<'_>, claims: u32) -> Result<State> {
    let text = |column: &str| row.get::<_, Option<String>>(column).map_err(failed);
    let due = || time(row.get::<_, Option<i64>>("due_at").map_err(failed)?.unwrap_or_default());
    let reason = || {
        let code = text("reason_code")?.unwrap_or_default();
        let code = ReasonCode::from_text(&code).ok_or_else(|| damaged("reason_code", &code))?;
        Ok::<_, Error>(Reason { code, message: text("reason")?.unwrap_or_default() })
    };
    let name = text("state")?.unwrap_or_default();
    Ok(match name.as_str() {
        "pending" => State::Pending,
        "leased" => State::Leased(Lease {
            owner: text("lease_owner")?.unwrap_or_default(),
            token: claims,
            until: due()?,
        }),
        "retry" => State::Retry { at: due()?, reason: reason()? },
        "parked" => {
            let wakes = text("wakes")?.unwrap_or_default();
            let wakes = Wakes::from_text(&wakes).ok_or_else(|| damaged("wakes", &wakes))?;
            State::Parked { reason: reason()?, wakes }
        }
        "done" => State::Done,
        other => return Err(damaged("state", other)),
    })
}

/// Writes the whole row, new or changed.
pub(super) fn put(connection: &Connection, job: &Job) -> Result<()> {
    let (step, sending_at) = match job.step {
        Step::Fresh => ("fresh", None),
        Step::Sending { since } => ("sending", Some(millis(since))),
        Step::Sent => ("sent", None),
    };
    let reason = job.state.reason();
    let wakes = match &job.state {
        State::Parked { wakes, .. } => Some(wakes.as_str()),
        _ => None,
    };
    connection
        .prepare_cached(
            "INSERT INTO jobs (sequence, company, flow, document, order_key, generation, \
             version, content, newer_version, newer_content, about, step, sending_at, target_id, previous_id, result, state, \
             due_at, lease_owner, reason_code, reason, wakes, attempts, claims, arrived_at, \
             changed_at, awaiting) \
             VALUES (:sequence, :company, :flow, :document, :order_key, :generation, :version, \
             :content, :newer_version, :newer_content, :about, :step, :sending_at, :target_id, :previous_id, :result, :state, \
             :due_at, :lease_owner, :reason_code, :reason, :wakes, :attempts, :claims, \
             :arrived_at, :changed_at, :awaiting) \
             ON CONFLICT (sequence) DO UPDATE SET order_key = :order_key, \
             generation = :generation, version = :version, content = :content, \
             newer_version = :newer_version, newer_content = :newer_content, about = :about, \
             step = :step, sending_at = :sending_at, target_id = :target_id, \
             previous_id = :previous_id, result = :result, state = :state, due_at = :due_at, \
             lease_owner = :lease_owner, reason_code = :reason_code, reason = :reason, \
             wakes = :wakes, attempts = :attempts, claims = :claims, arrived_at = :arrived_at, \
             changed_at = :changed_at, awaiting = :awaiting",
        )
        .and_then(|mut statement| {
            statement.execute(named_params! {
                ":sequence": job.sequence,
                ":company": job.key.flow.company,
                ":flow": job.key.flow.flow,
                ":document": job.key.document,
                ":order_key": job.order,
                ":generation": job.generation,
                ":version": job.version,
                ":content": job.content.as_str(),
                ":newer_version": job.newer.as_ref().map(|newer| &newer.version),
                ":newer_content": job.newer.as_ref()
                    .and_then(|newer| newer.content.as_ref()).map(RawJson::as_str),
                ":about": job.about,
                ":step": step,
                ":sending_at": sending_at,
                ":target_id": job.target_id,
                ":previous_id": job.previous_id,
                ":result": job.result.as_ref().map(RawJson::as_str),
                ":state": job.state.kind().as_str(),
                ":due_at": job.due_at().map(millis),
                ":lease_owner": job.lease().map(|lease| &lease.owner),
                ":reason_code": reason.map(|reason| reason.code.as_str()),
                ":reason": reason.map(|reason| &reason.message),
                ":wakes": wakes,
                ":attempts": job.attempts,
                ":claims": job.claims,
                ":arrived_at": millis(job.arrived_at),
                ":changed_at": millis(job.changed_at),
                ":awaiting": job.awaiting.map(millis),
            })
        })
        .map(|_| ())
        .map_err(failed)
}

/// Writes a changed entry and its line of the audit.
pub(super) fn write(connection: &Connection, change: Change) -> Result<Job> {
    put(connection, &change.job)?;
    let audit = &change.audit;
    connection
        .prepare_cached(
            "INSERT INTO audit (at, company, flow, document, generation, action, detail, by) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .and_then(|mut statement| {
            statement.execute((
                millis(audit.at),
                &audit.key.flow.company,
                &audit.key.flow.flow,
                &audit.key.document,
                audit.generation,
                audit.action.as_str(),
                &audit.detail,
                &audit.by,
            ))
        })
        .map_err(failed)?;
    Ok(change.job)
}

/// Reads a line of the audit.
pub(super) fn audit(row: &Row<'_>) -> Result<AuditEntry> {
    let text = |column: &str| row.get::<_, String>(column).map_err(failed);
    let action = text("action")?;
    Ok(AuditEntry {
        at: time(row.get("at").map_err(failed)?)?,
        key: FlowId::new(text("company")?, text("flow")?).document(text("document")?),
        generation: row.get("generation").map_err(failed)?,
        action: Action::from_text(&action).ok_or_else(|| damaged("action", &action))?,
        detail: text("detail")?,
        by: text("by")?,
    })
}
