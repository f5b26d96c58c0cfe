//! Decisions that never came: the platform is asked.

use std::time::Duration;

use tracing::{info, warn};

use super::{FlowState, Inner, Report, later};
use crate::document::FlowId;
use crate::error::Result;
use crate::flow::Awaits;
use crate::job::{Job, StateKind};
use crate::ports::Inquiry;
use crate::rules::{Admission, Arrival};
use crate::store::Batch;

/// How many documents are asked about between two looks at the ledger.
const PAGE: usize = 100;

/// Which documents the platform is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// Those whose decision should have come.
    Overdue,
    /// All that have no decision.
    All,
}

/// Asks about the documents that have no decision.
pub(super) async fn reconcile(inner: &Inner, state: &FlowState, asked: Asked) -> Report {
    let mut report = Report::default();
    let Some(awaits) = &state.flow.awaits else { return report };
    let now = match asked {
        Asked::Overdue => inner.now(),
        // Whatever is asked about now is asked about again after that.
        Asked::All => later(inner.now(), awaits.every),
    };
    loop {
        let overdue = match inner.store.unanswered(&state.flow.id, now, PAGE).await {
            Ok(overdue) => overdue,
            Err(error) => {
                report.problems.push(format!("{}: {error}", state.flow.id));
                return report;
            }
        };
        let last_page = overdue.len() < PAGE;
        for job in overdue {
            if inner.is_stopping() {
                return report;
            }
            if let Err(error) = ask(inner, state, awaits, &job, &mut report).await {
                // The store is not well: asking on would ask about the same ones again.
                report.problems.push(format!("{}: {error}", job.key));
                return report;
            }
        }
        if last_page {
            return report;
        }
    }
}

async fn ask(
    inner: &Inner,
    state: &FlowState,
    awaits: &Awaits,
    job: &Job,
    report: &mut Report,
) -> Result<()> {
    let (store, key) = (&inner.store, &job.key);
    let Some(target_id) = &job.target_id else {
        return store.set_awaiting(key, None).await;
    };
    let answer = {
        let _permit = inner.gates.enter(&key.flow.company, awaits.inquirer.system()).await;
        let call = awaits.inquirer.inquire(key, target_id);
        inner.bounded(state.flow.settings.timeout, call).await
    };
    let again = Some(later(inner.now(), awaits.every + Duration::from_millis(1)));
    match answer {
        Ok(Inquiry::Pending) => store.set_awaiting(key, again).await,
        Ok(Inquiry::Never(why)) => {
            info!(%key, target_id, "no decision will come: {why}");
            store.set_awaiting(key, None).await
        }
        Ok(Inquiry::Decided(event)) => {
            let flow = FlowId::new(key.flow.company.as_str(), awaits.inbound.as_str());
            let inbound = inner.state(&flow)?;
            let repeat = inbound.flow.repeat;
            let arrivals = vec![Arrival { flow, document: event.about(target_id), repeat }];
            let batch = Batch { arrivals, checkpoint: None };
            let admissions = store.enqueue(batch, inner.now()).await?;
            report.read += 1;
            report.queued += admissions.iter().filter(|admission| admission.is_work()).count();
            inbound.wake.notify_one();
            // Answered only when the decision is carried out; until then it is asked again.
            let carried_out = admissions.contains(&Admission::Known(StateKind::Done));
            store.set_awaiting(key, again.filter(|_| !carried_out)).await
        }
        Err(failure) => {
            warn!(%key, target_id, "cannot ask for the decision: {failure}");
            report.problems.push(format!("{key}: cannot ask for the decision: {failure}"));
            store.set_awaiting(key, again).await
        }
    }
}
