//! What the ledger has to say in the end.

use std::path::Path;

use erplink_examples::story::Arrived;
use erplink_sync::audit::AuditFilter;
use erplink_sync::store::JobFilter;
use erplink_sync::{SqliteStore, StateKind, Store as _};

/// Every document is finished, no decision is awaited, and the ledger knows the same targets as
/// the systems.
pub(crate) async fn agrees(file: &Path, arrived: &[Arrived]) -> Result<(), String> {
    let store = SqliteStore::open(file).await.map_err(|error| error.to_string())?;
    let jobs = store.list(JobFilter::default()).await.map_err(|error| error.to_string())?;
    let mut known = Vec::new();
    for job in jobs {
        let (key, state) = (&job.key, job.state.kind());
        if state != StateKind::Done {
            let reason = job.state.reason().map(ToString::to_string).unwrap_or_default();
            return Err(format!("{key} is {state} in the ledger: {reason}"));
        }
        if job.awaiting.is_some() {
            return Err(format!("{key} still awaits its decision"));
        }
        known.push(Arrived {
            flow: key.flow.flow.clone(),
            document: key.document.clone(),
            target: job.target_id,
        });
    }
    let mut arrived = arrived.to_vec();
    known.sort();
    arrived.sort();
    if known == arrived {
        return Ok(());
    }
    Err(format!("the ledger has {known:#?}\nthe systems have {arrived:#?}"))
}

/// What happened to every document, for the report of a failure.
pub(crate) async fn story(file: &Path) -> String {
    let entries = match SqliteStore::open(file).await {
        Ok(store) => store.audit(AuditFilter::default()).await,
        Err(error) => Err(error),
    };
    match entries {
        Ok(entries) => entries
            .iter()
            .map(|entry| {
                let at = entry.at.format("%F %T%.3f");
                format!("    {at} {} {} {}\n", entry.key, entry.action, entry.detail)
            })
            .collect(),
        Err(error) => format!("    the ledger cannot be read: {error}\n"),
    }
}
