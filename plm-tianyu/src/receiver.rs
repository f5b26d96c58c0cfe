//! From the request to the answer.

use std::fmt;
use std::sync::Arc;

use erplink_core::app_code::{AppCodes, Refused};
use erplink_core::{Members, RawJson};
use http::HeaderMap;
use tracing::{info, warn};

use crate::config::DEFAULT_LIMIT;
use crate::{
    Action, AnswerFormat, Config, ConfigError, Kind, Payload, Push, PushError, Reply, Report, Row,
    RowError, RowResult, Rows, Target,
};

type Map = dyn Fn(Members) -> Result<Members, String> + Send + Sync;

/// Receives the pushes to one address: checks, reads, upserts, answers.
///
/// [`handle`](Self::handle) does all of it. Its parts are public for those who want something
/// between them.
#[derive(Clone)]
pub struct Receiver {
    kind: Kind,
    target: Target,
    codes: AppCodes,
    limit: usize,
    rows_at: Option<String>,
    empty_means_clear: bool,
    stop_on_error: bool,
    answer: AnswerFormat,
    map: Option<Arc<Map>>,
}

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("target", &self.target)
            .field("codes", &self.codes)
            .finish_non_exhaustive()
    }
}

impl Receiver {
    /// A receiver for callers with one of these codes. [`from_config`](Self::from_config) has more
    /// settings.
    #[must_use]
    pub fn new(kind: Kind, codes: AppCodes) -> Self {
        Self {
            target: kind.target(),
            kind,
            codes,
            limit: DEFAULT_LIMIT,
            rows_at: None,
            empty_means_clear: false,
            stop_on_error: false,
            answer: AnswerFormat::default(),
            map: None,
        }
    }

    /// A receiver from data.
    ///
    /// # Errors
    /// When the configuration cannot work; the text names the field.
    pub fn from_config(config: Config) -> Result<Self, ConfigError> {
        config.check()?;
        let mut this = Self::new(config.kind.clone(), config.codes()?);
        if let Some(replace) = config.replace_collections {
            this.target.replace_collections = replace;
        }
        Ok(Self {
            limit: config.body_limit,
            rows_at: config.rows_at,
            empty_means_clear: config.empty_means_clear,
            stop_on_error: config.stop_on_error,
            answer: config.answer,
            ..this
        })
    }

    /// Changes each row before it is read: rename, drop, add. For PLM templates whose names are not
    /// those of the ERP. The text of its error goes to the PLM's user.
    #[must_use]
    pub fn map_rows(
        mut self,
        map: impl Fn(Members) -> Result<Members, String> + Send + Sync + 'static,
    ) -> Self {
        self.map = Some(Arc::new(map));
        self
    }

    /// Where the rows go.
    #[must_use]
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// The largest body that is read.
    #[must_use]
    pub fn body_limit(&self) -> usize {
        self.limit
    }

    /// Checks the AppCode alone: do it before the body is read.
    ///
    /// # Errors
    /// [`Refused`], whose answer [`refuse`](Self::refuse) writes.
    pub fn check(&self, headers: &HeaderMap) -> Result<(), Refused> {
        self.codes.check(headers)
    }

    /// Takes the headers and the body of a push.
    ///
    /// # Errors
    /// In this order: AppCode, size, shape of the body.
    pub fn receive(&self, headers: &HeaderMap, body: &[u8]) -> Result<Push, PushError> {
        self.check(headers)?;
        if body.len() > self.limit {
            return Err(PushError::TooLarge { limit: self.limit });
        }
        Push::read(&self.kind, self.rows_at.as_deref(), body)
    }

    /// Reads one row of a push.
    ///
    /// # Errors
    /// When the map refuses it, a required field is missing, or one holds the wrong thing.
    pub fn read(&self, row: &RawJson) -> Result<Payload, RowError> {
        let members: Members = row.get().map_err(|error| RowError::Row(error.to_string()))?;
        let members = match &self.map {
            Some(map) => map(members).map_err(RowError::Map)?,
            None => members,
        };
        Payload::read(&self.kind, members, self.empty_means_clear)
    }

    /// Upserts the rows of a push, one after the other in their order.
    pub async fn upsert<R: Rows + ?Sized>(&self, push: &Push, rows_to: &R) -> Report {
        let mut rows: Vec<RowResult> = Vec::with_capacity(push.rows.len());
        for (place, row) in (1..).zip(&push.rows) {
            let stop = self.stop_on_error && rows.last().is_some_and(|row| row.code != 200);
            rows.push(match self.read(row) {
                _ if stop => RowResult::skipped(place),
                Err(error) => RowResult::wrong(push.is_batch.then_some(place), &error),
                Ok(payload) => {
                    let key = payload.key();
                    match rows_to.upsert(&self.target, &Row { sent: row, payload }).await {
                        Ok(action) => RowResult::done(key, action),
                        Err(failure) => RowResult::refused(key, failure),
                    }
                }
            });
        }
        Report { rows, is_batch: push.is_batch }
    }

    /// The answer to a push that was worked off.
    #[must_use]
    pub fn answer(&self, report: &Report) -> Reply {
        self.answer.report(report)
    }

    /// The answer to a push that was refused as a whole: HTTP 401 or 413, otherwise code 400.
    #[must_use]
    pub fn refuse(&self, error: &PushError) -> Reply {
        self.answer.refusal(error)
    }

    /// All of it: from the request to the answer.
    ///
    /// Dropping the future stops between two calls to the ERP, or in one. That is harmless, for the
    /// push can be repeated; the router of feature `axum` finishes what it began all the same.
    pub async fn handle<R: Rows + ?Sized>(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        rows_to: &R,
    ) -> Reply {
        let set = &self.target.entity_set;
        match self.receive(headers, body) {
            Err(error) => {
                warn!("a push of the PLM to {set} was refused: {error}");
                self.refuse(&error)
            }
            Ok(push) => {
                let report = self.upsert(&push, rows_to).await;
                for row in report.rows.iter().filter(|row| row.action == Action::Failed) {
                    warn!("a row of the PLM failed: {}", row.message);
                }
                info!(rows = report.rows.len(), code = report.code(), "a push of the PLM to {set}");
                self.answer(&report)
            }
        }
    }
}
