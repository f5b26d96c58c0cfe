//! Save: the backflush, then the document.

use std::fmt;

use crate::backflush::BackflushError;
use crate::config::Settings;
use crate::post::{PostError, post};
use crate::query::{Queries, QueryError};
use crate::request::RequestError;
use crate::{Backflush, Created, Document, Documents, Method, Operation, SaveRequest};

/// What was posted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Saved {
    /// The document that was asked for.
    pub document: Created,
    /// The issue of its components.
    pub issue: Option<Created>,
    /// Why there is no issue although one was asked for: only with
    /// [`Settings::continue_after_backflush_failure`].
    pub without_issue: Option<Box<SaveError>>,
}

/// Why nothing was saved, or not all of it. Its text says what stands in the ERP.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SaveError {
    /// The request cannot be read or converted. Nothing was posted.
    Request(RequestError),
    /// Method and operation are not served. Nothing was posted.
    Unsupported {
        /// Method and operation, such as `PurchaseDelivery-U`.
        key: String,
    },
    /// The site's own rule refused the document. Nothing was posted.
    Rewrite(String),
    /// The components could not be worked out. Nothing was posted.
    Backflush(BackflushError),
    /// The document was not posted. Nothing else was.
    Document(PostError),
    /// The issue was not posted, and so the receipt was not tried.
    Issue(PostError),
    /// The issue became a draft that somebody has to approve, and so the receipt was not tried.
    IssueIsDraft(Created),
    /// The issue was posted, the receipt was not.
    Receipt(Box<HalfSaved>),
}

/// An issue without its receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HalfSaved {
    /// Why the receipt was not posted.
    pub error: PostError,
    /// The issue.
    pub issue: Created,
    /// What became of taking the issue back.
    pub taken_back: TakenBack,
}

/// What became of an issue whose receipt was not posted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TakenBack {
    /// It stands: taking back is not switched on, or the receipt may have been posted all the same.
    No,
    /// The components were returned by this document.
    By(Created),
    /// The return was tried and not posted.
    Failed(PostError),
}

impl SaveError {
    /// Whether something stands in the ERP, or may: saving again as it is could double it.
    #[must_use]
    pub fn may_stand(&self) -> bool {
        match self {
            Self::Document(error) | Self::Issue(error) => error.may_stand(),
            Self::IssueIsDraft(_) => true,
            Self::Receipt(half) => {
                let taken_back = match &half.taken_back {
                    TakenBack::By(document) => !document.is_draft,
                    TakenBack::No | TakenBack::Failed(_) => false,
                };
                half.error.may_stand() || !taken_back
            }
            _ => false,
        }
    }
}

impl fmt::Display for SaveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(error) => error.fmt(f),
            Self::Unsupported { key } => {
                let known: Vec<String> =
                    Method::KNOWN.iter().map(|method| format!("{method}-A")).collect();
                let key: String = key.chars().take(60).collect();
                write!(f, "`{key}` is not served; served are {}", known.join(", "))
            }
            Self::Rewrite(text) => {
                write!(f, "the document was refused before it was posted: {text}")
            }
            Self::Backflush(error) => write!(f, "backflush: {error}; nothing was posted"),
            Self::Document(error) => error.fmt(f),
            Self::Issue(error) => write!(f, "backflush: {error}; the receipt was not posted"),
            Self::IssueIsDraft(issue) => write!(
                f,
                "backflush: the issue was saved as {issue} and waits for its approval; the receipt \
                 was not posted"
            ),
            Self::Receipt(half) => {
                let HalfSaved { error, issue, taken_back } = &**half;
                write!(f, "{error}; the issue InventoryGenExits {issue} was posted ")?;
                match taken_back {
                    TakenBack::No => f.write_str("and stands"),
                    TakenBack::By(by) => write!(f, "and taken back by InventoryGenEntries {by}"),
                    TakenBack::Failed(error) => write!(f, "and taking it back failed: {error}"),
                }
            }
        }
    }
}

impl std::error::Error for SaveError {}

impl From<RequestError> for SaveError {
    fn from(error: RequestError) -> Self {
        Self::Request(error)
    }
}

/// A site's own rule for documents.
pub(crate) type Rewrite = dyn Fn(Document) -> Result<Document, String> + Send + Sync;

/// What saving needs.
pub(crate) struct Saver<'a> {
    pub(crate) documents: &'a dyn Documents,
    pub(crate) queries: Option<&'a Queries>,
    pub(crate) settings: &'a Settings,
    pub(crate) rewrite: Option<&'a Rewrite>,
}

impl Saver<'_> {
    pub(crate) async fn save(&self, request: &SaveRequest) -> Result<Saved, SaveError> {
        let SaveRequest { method, operation, .. } = request;
        if !method.is_known() || *operation != Operation::Add {
            return Err(SaveError::Unsupported { key: format!("{method}-{operation}") });
        }
        // Everything that can be wrong with it shows before the first document is posted.
        let converted = self.settings.document.document(request)?;
        let document = self.rewritten(converted.clone())?;
        let Some(backflush) = &request.backflush else {
            let posted = self.post(document).await.map_err(SaveError::Document)?;
            return Ok(Saved { document: posted, issue: None, without_issue: None });
        };
        if *method != Method::InventoryGenEntry {
            let expected = "N, because only InventoryGenEntry can backflush";
            return Err(RequestError::value("MainTable.Inverted", expected, "Y").into());
        }
        match self.issue(backflush, request, &converted).await {
            Ok(issue) => self.receive(document, issue).await,
            Err(error) if self.settings.continue_after_backflush_failure => {
                let posted = self.post(document).await.map_err(SaveError::Document)?;
                Ok(Saved { document: posted, issue: None, without_issue: Some(Box::new(error)) })
            }
            Err(error) => Err(error),
        }
    }

    /// Posts the issue, if there are components to issue.
    async fn issue(
        &self,
        backflush: &Backflush,
        request: &SaveRequest,
        receipt: &Document,
    ) -> Result<Option<(Created, Document)>, SaveError> {
        let Some(queries) = self.queries else {
            let error = QueryError::NotEnabled { what: "backflush" };
            let error = BackflushError::Query { what: "InvertedSql", error };
            return Err(SaveError::Backflush(error));
        };
        let rules = &self.settings.backflush;
        let issue = rules.issue(backflush, request, queries).await.map_err(SaveError::Backflush)?;
        let Some(issue) = issue else { return Ok(None) };
        let issue = self.rewritten(rules.with_header(issue, receipt))?;
        let posted = self.post(issue.clone()).await.map_err(SaveError::Issue)?;
        if posted.is_draft {
            Err(SaveError::IssueIsDraft(posted))
        } else {
            Ok(Some((posted, issue)))
        }
    }

    /// Posts the receipt behind its issue.
    async fn receive(
        &self,
        receipt: Document,
        issue: Option<(Created, Document)>,
    ) -> Result<Saved, SaveError> {
        match (self.post(receipt).await, issue) {
            (Ok(document), issue) => {
                let issue = issue.map(|(posted, _)| posted);
                Ok(Saved { document, issue, without_issue: None })
            }
            (Err(error), None) => Err(SaveError::Document(error)),
            (Err(error), Some((posted, issue))) => {
                // A receipt that may have been posted keeps its issue.
                let taken_back = match self.settings.compensate_issue && !error.may_stand() {
                    true => self.take_back(issue).await,
                    false => TakenBack::No,
                };
                let half = HalfSaved { error, issue: posted, taken_back };
                Err(SaveError::Receipt(Box::new(half)))
            }
        }
    }

    /// The component return (生产退料): a receipt that names the lines of the order.
    async fn take_back(&self, issue: Document) -> TakenBack {
        let entity_set = "InventoryGenEntries".to_owned();
        match self.post(Document { entity_set, ..issue }).await {
            Ok(posted) => TakenBack::By(posted),
            Err(error) => TakenBack::Failed(error),
        }
    }

    fn rewritten(&self, document: Document) -> Result<Document, SaveError> {
        match self.rewrite {
            Some(rewrite) => rewrite(document).map_err(SaveError::Rewrite),
            None => Ok(document),
        }
    }

    async fn post(&self, document: Document) -> Result<Created, PostError> {
        post(self.documents, document, self.settings.mark_field.as_deref()).await
    }
}
