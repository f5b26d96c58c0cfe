use erplink_sync::{FlowId, Intervention, SqliteStore, Store};

use super::Failure;
use crate::config::Config;

pub(super) fn intervention(command: &str, rest: &[&str]) -> Option<Intervention> {
    match (command, rest) {
        ("retry", []) => Some(Intervention::Retry),
        ("resend", []) => Some(Intervention::Resend),
        ("again", []) => Some(Intervention::Again),
        ("discard", []) => Some(Intervention::Discard),
        ("resolve", [id]) => Some(Intervention::Resolve { target_id: (*id).to_owned() }),
        _ => None,
    }
}

/// Writes the decision into the ledger; a running program takes it from there.
pub(super) async fn intervene(
    config: &Config,
    flow: &str,
    document: &str,
    what: Intervention,
) -> Result<(), Failure> {
    let key = flow_id(flow)?.document(document);
    let store = SqliteStore::open(&config.ledger).await?;
    let by = std::env::var("USER").unwrap_or_else(|_| "a person".to_owned());
    let job = store.intervene(&key, what, &by, chrono::Utc::now()).await?;
    println!("{key}: {}", job.state.kind());
    Ok(())
}

pub(super) fn flow_id(text: &str) -> Result<FlowId, Failure> {
    let (company, flow) = text
        .split_once('/')
        .ok_or_else(|| format!("`{text}`: expected COMPANY/FLOW, such as SBODEMOCN/requests"))?;
    Ok(FlowId::new(company, flow))
}
