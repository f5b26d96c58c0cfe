//! How a flow is composed.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use erplink_core::RawJson;

use crate::document::{Document, FlowId};
use crate::error::{Error, Result};
use crate::failure::Failure;
use crate::ports::{Inquirer, Mapper, Marker, Source, Target};
use crate::rules::Repeat;

/// One flow of documents, from a source or a platform's events to a target.
///
/// It reads as it runs: poll, map, push, mark.
///
/// ```
/// # use erplink_sync::{Flow, ports::*, Failure, MemoryStore};
/// # use std::time::Duration;
/// # fn compose(drafts: impl Source + 'static, oa: impl Target + 'static, flag: impl Marker + 'static,
/// #     decide: impl Target + 'static, fields: impl Mapper + 'static) {
/// let outbound = Flow::new("SBODEMOCN", "requests-to-oa")
///     .poll(drafts)
///     .map(fields)
///     .push(oa)
///     .mark(flag)
///     .every(Duration::from_secs(60))
///     .concurrency(8);
/// let inbound = Flow::new("SBODEMOCN", "decisions").receive().push(decide);
/// # let _ = (outbound, inbound);
/// # }
/// ```
pub struct Flow {
    pub(crate) id: FlowId,
    pub(crate) source: Option<Arc<dyn Source>>,
    pub(crate) receives: bool,
    pub(crate) mapper: Option<Arc<dyn Mapper>>,
    pub(crate) target: Arc<dyn Target>,
    pub(crate) marker: Option<Arc<dyn Marker>>,
    pub(crate) repeat: Repeat,
    pub(crate) answers: Option<String>,
    pub(crate) awaits: Option<Awaits>,
    pub(crate) settings: Settings,
}

/// Whose decision a flow waits for, and whom to ask if it does not come.
#[derive(Clone)]
pub(crate) struct Awaits {
    pub(crate) inbound: String,
    pub(crate) inquirer: Arc<dyn Inquirer>,
    pub(crate) every: Duration,
}

/// The numbers of a flow.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) every: Duration,
    pub(crate) max_per_run: usize,
    pub(crate) max_attempts: u32,
    pub(crate) backoff: (Duration, Duration),
    pub(crate) concurrency: usize,
    pub(crate) timeout: Duration,
    pub(crate) settle: Duration,
    pub(crate) look_before_create: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            every: Duration::from_secs(60),
            max_per_run: 200,
            max_attempts: 5,
            backoff: (Duration::from_secs(60), Duration::from_secs(3600)),
            concurrency: 4,
            timeout: Duration::from_secs(120),
            settle: Duration::from_secs(30),
            look_before_create: false,
        }
    }
}

/// A flow with a name. Say next where its documents come from.
#[must_use = "a flow needs a source and a target"]
#[derive(Debug)]
pub struct NamedFlow(FlowId);

impl NamedFlow {
    /// Documents are read from a source, periodically.
    pub fn poll(self, source: impl Source + 'static) -> FlowInput {
        FlowInput { id: self.0, source: Some(Arc::new(source)), receives: false, mapper: None }
    }

    /// Documents are events that a platform pushes to an [`Inlet`](crate::Inlet).
    pub fn receive(self) -> FlowInput {
        FlowInput { id: self.0, source: None, receives: true, mapper: None }
    }

    /// Documents are events that a platform pushes, and those whose push was lost are read from a
    /// source. Both give an event the same id and version, so it is one entry of the ledger.
    pub fn receive_and_poll(self, source: impl Source + 'static) -> FlowInput {
        FlowInput { id: self.0, source: Some(Arc::new(source)), receives: true, mapper: None }
    }
}

/// A flow with a name and an origin. Say next what to make of a document, and where it goes.
#[must_use = "a flow needs a target"]
pub struct FlowInput {
    id: FlowId,
    source: Option<Arc<dyn Source>>,
    receives: bool,
    mapper: Option<Arc<dyn Mapper>>,
}

impl fmt::Debug for FlowInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FlowInput").field("id", &self.id).finish_non_exhaustive()
    }
}

impl FlowInput {
    /// Maps each document. Without a map the target gets the content as it came.
    pub fn map(mut self, mapper: impl Mapper + 'static) -> Self {
        self.mapper = Some(Arc::new(mapper));
        self
    }

    /// Sends each document to the target. The flow is complete.
    pub fn push(self, target: impl Target + 'static) -> Flow {
        Flow {
            id: self.id,
            source: self.source,
            receives: self.receives,
            mapper: self.mapper,
            target: Arc::new(target),
            marker: None,
            repeat: Repeat::default(),
            answers: None,
            awaits: None,
            settings: Settings::default(),
        }
    }
}

impl Flow {
    /// Names a flow. Company and name are keys of the ledger: keep them.
    #[allow(clippy::new_ret_no_self)] // the first of three steps
    pub fn new(company: impl Into<String>, name: impl Into<String>) -> NamedFlow {
        NamedFlow(FlowId::new(company, name))
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> &FlowId {
        &self.id
    }

    /// Marks each document in its source after the target has it.
    #[must_use]
    pub fn mark(mut self, marker: impl Marker + 'static) -> Self {
        self.marker = Some(Arc::new(marker));
        self
    }

    /// The pause between the end of one poll and the start of the next. Default 1 minute.
    #[must_use]
    pub fn every(mut self, pause: Duration) -> Self {
        self.settings.every = pause;
        self
    }

    /// A poll stops after the page with which so many documents have something to do. Those that
    /// are parked or done do not count, so they cannot starve the others. Default 200.
    #[must_use]
    pub fn max_per_run(mut self, documents: usize) -> Self {
        self.settings.max_per_run = documents;
        self
    }

    /// A document that failed so often is parked. Default 5. With 1 the first failure of any
    /// kind parks, outages included: for callers that wait and were told of the failure.
    #[must_use]
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.settings.max_attempts = attempts;
        self
    }

    /// The wait after the first failure; it doubles up to `longest`. Default 1 minute, 1 hour.
    /// A longer wait that the system asks for wins.
    #[must_use]
    pub fn backoff(mut self, first: Duration, longest: Duration) -> Self {
        self.settings.backoff = (first, longest);
        self
    }

    /// How many documents are worked on at the same time. Default 4. The limit of each system
    /// ([`RunnerBuilder::limit`](crate::RunnerBuilder::limit)) holds over all flows.
    #[must_use]
    pub fn concurrency(mut self, documents: usize) -> Self {
        self.settings.concurrency = documents;
        self
    }

    /// A call that takes longer has an unknown outcome. Default 2 minutes; longer than what the
    /// client itself allows.
    #[must_use]
    pub fn timeout(mut self, longest_call: Duration) -> Self {
        self.settings.timeout = longest_call;
        self
    }

    /// How long after the start of a lost push the target may still show no trace of it: a
    /// look-up waits that long. Default 30 seconds.
    #[must_use]
    pub fn settle(mut self, delay: Duration) -> Self {
        self.settings.settle = delay;
        self
    }

    /// Looks a document up also before its first push, for targets that were filled by something
    /// else before, or after the ledger was lost.
    #[must_use]
    pub fn look_before_create(mut self) -> Self {
        self.settings.look_before_create = true;
        self
    }

    /// Sends a finished document again when its source offers it with a new version: for upserts,
    /// and where somebody who resets the flag wants a second form.
    #[must_use]
    pub fn again_when_changed(mut self) -> Self {
        self.repeat = Repeat::WhenChanged;
        self
    }

    /// Sends a finished document again whenever its source offers it again, changed or not: for
    /// sources that offer what is not marked and do not say when it was changed, and targets for
    /// which twice is as good as once.
    #[must_use]
    pub fn again_when_offered(mut self) -> Self {
        self.repeat = Repeat::WhenOffered;
        self
    }

    /// For callers that wait for the result and show it to a person: a failure is final for the
    /// engine (the person decides), and a repeated delivery tries again.
    #[must_use]
    pub fn answers_a_person(mut self) -> Self {
        self.repeat = Repeat::RetryFailed;
        self.max_attempts(1)
    }

    /// As [`answers_a_person`](Self::answers_a_person), and what is delivered again so long after
    /// its end is a request of its own and is done again: pushes under a key that stays, such as
    /// an item's, or orders that may rightly be given twice.
    #[must_use]
    pub fn answers_each_time(mut self, after: Duration) -> Self {
        self.repeat = Repeat::Again { after };
        self.max_attempts(1)
    }

    /// For a flow of events: they are the decisions on the documents of the flow `outbound` of
    /// the same company. [`Document::about`](crate::Document::about) says on which.
    #[must_use]
    pub fn answers(mut self, outbound: impl Into<String>) -> Self {
        self.answers = Some(outbound.into());
        self
    }

    /// Expects a decision on each document as an event of the flow `inbound` of the same company,
    /// and asks the platform `every` so often while none came.
    #[must_use]
    pub fn awaits(
        mut self,
        inbound: impl Into<String>,
        inquirer: impl Inquirer + 'static,
        every: Duration,
    ) -> Self {
        let inquirer = Arc::new(inquirer);
        self.awaits = Some(Awaits { inbound: inbound.into(), inquirer, every });
        self
    }

    /// What the target would get for a document. Nothing is sent.
    ///
    /// # Errors
    /// When the document cannot be mapped.
    pub fn preview(&self, document: &Document) -> Result<RawJson, Failure> {
        match &self.mapper {
            Some(mapper) => mapper.map(document),
            None => Ok(document.content.clone()),
        }
    }

    pub(crate) fn check(&self) -> Result<()> {
        let Settings { every, max_per_run, max_attempts, backoff, concurrency, timeout, .. } =
            &self.settings;
        let problem = if self.id.company.is_empty() || self.id.flow.is_empty() {
            "company and name must not be empty"
        } else if *concurrency == 0 {
            "`concurrency` must be at least 1"
        } else if *max_attempts == 0 {
            "`max_attempts` must be at least 1"
        } else if *max_per_run == 0 {
            "`max_per_run` must be at least 1"
        } else if backoff.0.is_zero() || backoff.1 < backoff.0 {
            "`backoff` must not be zero, and its longest wait not shorter than its first"
        } else if timeout.is_zero() {
            "`timeout` must not be zero"
        } else if self.source.is_some() && every.is_zero() {
            "`every` must not be zero"
        } else if self.awaits.as_ref().is_some_and(|awaits| awaits.every.is_zero()) {
            "a decision cannot be asked for without a pause"
        } else if self.source.is_some() && self.repeat.is_pressed() {
            "`answers_a_person` and `answers_each_time` are for flows that receive; this one polls"
        } else {
            return Ok(());
        };
        Err(Error::config(format!("flow {}: {problem}", self.id)))
    }
}

impl fmt::Debug for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flow")
            .field("id", &self.id)
            .field("polls", &self.source.is_some())
            .field("marks", &self.marker.is_some())
            .field("repeat", &self.repeat)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
