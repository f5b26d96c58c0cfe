use erplink_sync::{FlowId, Intervention, StateKind, Store};

use super::flow::flow_id;
use super::{Failure, runner, store};
use crate::config::Config;

pub(super) fn intervention(command: &str, rest: &[&str]) -> Option<Intervention> {
    match (command, rest) {
        ("retry" | "unpark", []) => Some(Intervention::Retry),
        ("park", []) => Some(Intervention::Park),
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
    let job = store(config).await?.intervene(&key, what, &person(), chrono::Utc::now()).await?;
    println!("{key}: {}", job.state.kind());
    Ok(())
}

/// Runs an event of a company once more, whichever flow received it. What it did already is not
/// done twice: decisions look at the state first, creates are looked up.
pub(super) async fn rerun(config: &Config, company: &str, event: &str) -> Result<(), Failure> {
    let store = store(config).await?;
    let runner = runner(config).await?.build()?;
    let of_company = |flow: &&FlowId| flow.company == company && runner.receives(flow);
    let mut found = false;
    for flow in runner.flows().filter(of_company) {
        let key = flow.document(event);
        let Some(job) = store.get(&key).await? else { continue };
        let what = match job.state.kind() {
            StateKind::Done => Intervention::Again,
            _ => Intervention::Retry,
        };
        let job = store.intervene(&key, what, &person(), chrono::Utc::now()).await?;
        println!("{key}: {}", job.state.kind());
        found = true;
    }
    if found {
        return Ok(());
    }
    Err(format!("no flow of company {company} received an event `{event}`").into())
}

fn person() -> String {
    std::env::var("USER").unwrap_or_else(|_| "a person".to_owned())
}
