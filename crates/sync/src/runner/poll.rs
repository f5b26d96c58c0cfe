//! From the source into the ledger.

use std::collections::HashSet;

use erplink_core::RawJson;
use tracing::warn;

use super::{FlowState, Inner, Report, later};
use crate::document::Document;
use crate::error::{Error, ErrorKind, Result};
use crate::failure::Failure;
use crate::ports::{PageRequest, Source, SourcePage};
use crate::rules::Arrival;
use crate::store::Batch;

/// The named lease of the poller: with several replicas only one reads the source.
pub(super) fn lease_name(state: &FlowState) -> String {
    format!("poll/{}", state.flow.id)
}

/// Reads the source page by page. What was read before a failure stays in the ledger.
pub(super) async fn poll(inner: &Inner, state: &FlowState) -> Report {
    let mut report = Report::default();
    if let Some(source) = &state.flow.source
        && let Err(problem) = read_pages(inner, state, &**source, &mut report).await
    {
        let problem = format!("{}: {problem}", state.flow.id);
        warn!("{problem}");
        report.problems.push(problem);
    }
    // Not after each page: a mark would move the pages of a source that filters by it.
    if report.queued > 0 {
        state.wake.notify_one();
    }
    report
}

type Problem = Box<dyn std::error::Error + Send + Sync>;

async fn read_pages(
    inner: &Inner,
    state: &FlowState,
    source: &dyn Source,
    report: &mut Report,
) -> Result<(), Problem> {
    let checkpoint = inner.store.checkpoint(&state.flow.id).await?;
    let mut request = PageRequest { cursor: None, checkpoint, now: inner.now() };
    let mut seen = HashSet::new();
    while !inner.is_stopping() && hold(inner, state).await? {
        let page = read_page(inner, state, source, request.clone()).await?;
        let next = page.next.clone();
        take_in(inner, state, page, report).await?;
        // What is parked or done does not count: it must not keep the rest from its turn.
        if report.queued >= state.flow.settings.max_per_run {
            break;
        }
        let Some(next) = next else { break };
        if !seen.insert(next.clone()) {
            return Err(format!("the source leads back to the page `{next}`; the run ends").into());
        }
        request.cursor = Some(next);
    }
    Ok(())
}

async fn hold(inner: &Inner, state: &FlowState) -> Result<bool> {
    let (now, settings) = (inner.now(), &state.flow.settings);
    let until = later(now, settings.timeout.saturating_add(settings.every.saturating_mul(2)));
    inner.store.hold(&lease_name(state), &inner.owner, now, until).await
}

pub(super) async fn read_page(
    inner: &Inner,
    state: &FlowState,
    source: &dyn Source,
    request: PageRequest,
) -> Result<SourcePage, Failure> {
    let _permit = inner.gates.enter(&state.flow.id.company, source.system()).await;
    inner.bounded(state.flow.settings.timeout, source.page(request)).await
}

async fn take_in(
    inner: &Inner,
    state: &FlowState,
    page: SourcePage,
    report: &mut Report,
) -> Result<()> {
    report.read += page.documents.len();
    let (named, nameless): (Vec<_>, Vec<_>) =
        page.documents.into_iter().partition(|document| !document.id.is_empty());
    if !nameless.is_empty() {
        report.problems.push(format!(
            "{}: {} documents without an id were left out; check the key field of the source",
            state.flow.id,
            nameless.len(),
        ));
    }
    let arrivals = named
        .into_iter()
        .map(|document| Arrival {
            flow: state.flow.id.clone(),
            document,
            repeat: state.flow.repeat,
        })
        .collect();
    let checkpoint = page.checkpoint.map(|value| (state.flow.id.clone(), value));
    let admissions = inner.store.enqueue(Batch { arrivals, checkpoint }, inner.now()).await?;
    let queued = admissions.iter().filter(|admission| admission.is_work()).count();
    report.queued += queued;
    report.skipped += admissions.len() - queued;
    Ok(())
}

/// Reads and maps without keeping anything.
pub(super) async fn dry_run(
    inner: &Inner,
    state: &FlowState,
) -> Result<Vec<(Document, Result<RawJson, Failure>)>> {
    let id = &state.flow.id;
    let Some(source) = &state.flow.source else {
        return Err(Error::config(format!(
            "flow {id}: it receives; only flows that poll can run dry"
        )));
    };
    let checkpoint = inner.store.checkpoint(id).await?;
    let mut request = PageRequest { cursor: None, checkpoint, now: inner.now() };
    let mut previews = Vec::new();
    loop {
        let page =
            read_page(inner, state, &**source, request.clone()).await.map_err(|failure| {
                Error::new(
                    ErrorKind::Config,
                    format!("flow {id}: the source cannot be read: {failure}"),
                )
            })?;
        previews.extend(page.documents.into_iter().map(|document| {
            let mapped = state.flow.preview(&document);
            (document, mapped)
        }));
        let stuck = page.next == request.cursor;
        request.cursor = page.next;
        if stuck || request.cursor.is_none() || previews.len() >= state.flow.settings.max_per_run {
            return Ok(previews);
        }
    }
}
