//! Save: the backflush, then the document.

use std::fmt;

use erplink_core::{Members, RawJson};

use crate::backflush::BackflushError;
use crate::config::Settings;
use crate::name::{Marks, Role};
use crate::post::{PostError, post};
use crate::query::{Queries, QueryError};
use crate::request::RequestError;
use crate::{
    Backflush, Created, CreatedKey, Document, Documents, ErpError, Mark, Method, Operation,
    SaveAnswer, SaveName, SaveRequest,
};

/// What was posted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Saved {
    /// Where the document went, such as `InventoryGenEntries`.
    pub entity_set: String,
    /// The document that was asked for.
    pub document: Created,
    /// The issue of its components.
    pub issue: Option<Created>,
    /// Why there is no issue although one was asked for: only with
    /// [`Settings::continue_after_backflush_failure`].
    pub without_issue: Option<Box<SaveError>>,
}

impl Saved {
    /// What the application is told about it.
    #[must_use]
    pub fn answer(&self) -> SaveAnswer {
        let mut message = match self.document.is_draft {
            false => "OK".to_owned(),
            true => format!("saved as {}, which waits for its approval", self.document),
        };
        if let Some(error) = &self.without_issue {
            message.push_str(&format!("; without its issue: {error}"));
        }
        SaveAnswer { message, data: data(&self.document) }
    }
}

fn data(created: &Created) -> RawJson {
    let number = created.number.map_or_else(RawJson::null, RawJson::number);
    let members = match &created.key {
        CreatedKey::Code(code) => vec![("Code", RawJson::text(code))],
        CreatedKey::DocEntry(draft) if created.is_draft => vec![
            ("DocEntry", RawJson::null()),
            ("DocNum", RawJson::null()),
            ("DraftEntry", RawJson::number(*draft)),
        ],
        CreatedKey::DocEntry(entry) => {
            vec![("DocEntry", RawJson::number(*entry)), ("DocNum", number)]
        }
    };
    let members = members.into_iter().map(|(name, value)| (name.to_owned(), value));
    members.collect::<Members>().to_json()
}

/// What stands of a save in the ERP.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Standing {
    /// All of it.
    Saved(Saved),
    /// The issue of its components, without the receipt.
    Issue(Created),
    /// Nothing.
    Nothing,
    /// Nobody can tell, because [`Settings::mark_field`] is not set.
    CannotTell,
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
    /// What was begun under this name before could not be looked for, and so nothing was posted now.
    LookUp(ErpError),
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
            Self::IssueIsDraft(_) | Self::LookUp(_) => true,
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
            Self::LookUp(error) => write!(
                f,
                "what was saved before could not be looked for: {error}; nothing was posted now"
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

/// An issue may be taken back and made anew so often under one name.
const ROUNDS: u8 = 9;

const ISSUES: &str = "InventoryGenExits";
const RECEIPTS: &str = "InventoryGenEntries";

/// The issue of a backflush: in which round it was made and, if it was made just now, of what.
struct Issued {
    created: Created,
    round: u8,
    document: Option<Document>,
}

impl Saver<'_> {
    pub(crate) async fn save(
        &self,
        request: &SaveRequest,
        name: Option<&SaveName>,
    ) -> Result<Saved, SaveError> {
        // Everything that can be wrong with it shows before the first document is posted.
        let (converted, document) = self.converted(request)?;
        let marks = self.marks(name)?;
        let Some(backflush) = &request.backflush else {
            return self.document(document, &marks).await;
        };
        let issued = match name.is_some() {
            true => self.issued_before(&marks).await.map_err(SaveError::LookUp)?,
            false => Ok(1),
        };
        let issued = match issued {
            Ok(round) => self.issue(backflush, request, &converted, &marks, round).await,
            Err(issued) if issued.created.is_draft => Err(SaveError::IssueIsDraft(issued.created)),
            Err(issued) => Ok(Some(issued)),
        };
        match issued {
            Ok(None) => self.document(document, &marks).await,
            Ok(Some(issued)) => self.receive(document, issued, &marks).await,
            Err(error) if self.settings.continue_after_backflush_failure => {
                let saved = self.document(document, &marks).await?;
                Ok(Saved { without_issue: Some(Box::new(error)), ..saved })
            }
            Err(error) => Err(error),
        }
    }

    pub(crate) async fn standing(
        &self,
        request: &SaveRequest,
        name: &SaveName,
    ) -> Result<Standing, SaveError> {
        let (_, Document { entity_set, .. }) = self.converted(request)?;
        let marks = self.marks(Some(name))?;
        let Some(mark) = marks.of(Role::Document) else { return Ok(Standing::CannotTell) };
        let found = self.documents.find(&entity_set, &mark).await.map_err(SaveError::LookUp)?;
        let issued = match request.backflush {
            Some(_) => self.issued_before(&marks).await.map_err(SaveError::LookUp)?.err(),
            None => None,
        };
        let issue = issued.map(|issued| issued.created);
        Ok(match (found, issue) {
            (Some(document), issue) => {
                Standing::Saved(Saved { entity_set, document, issue, without_issue: None })
            }
            (None, Some(issue)) => Standing::Issue(issue),
            (None, None) => Standing::Nothing,
        })
    }

    /// The document as converted, and as it is to be posted.
    fn converted(&self, request: &SaveRequest) -> Result<(Document, Document), SaveError> {
        let SaveRequest { method, operation, .. } = request;
        if !method.is_known() || *operation != Operation::Add {
            return Err(SaveError::Unsupported { key: format!("{method}-{operation}") });
        }
        let converted = self.settings.document.document(request)?;
        let document = self.rewritten(converted.clone())?;
        if request.backflush.is_some() && *method != Method::InventoryGenEntry {
            let expected = "N, because only InventoryGenEntry can backflush";
            return Err(RequestError::value("MainTable.Inverted", expected, "Y").into());
        }
        Ok((converted, document))
    }

    fn marks(&self, name: Option<&SaveName>) -> Result<Marks<'_>, SaveError> {
        let name = name.cloned().map_or_else(SaveName::random, Ok);
        Ok(Marks::new(self.settings.mark_field.as_deref(), name.map_err(SaveError::LookUp)?))
    }

    /// The issue of this save that stands, or else the round in which one can be made.
    async fn issued_before(&self, marks: &Marks<'_>) -> Result<Result<u8, Issued>, ErpError> {
        for round in 1..=ROUNDS {
            let Some(mark) = marks.of(Role::Issue(round)) else { return Ok(Ok(1)) };
            let Some(created) = self.documents.find(ISSUES, &mark).await? else {
                return Ok(Ok(round));
            };
            let back = match marks.of(Role::Return(round)) {
                Some(mark) => self.documents.find(RECEIPTS, &mark).await?,
                None => None,
            };
            // A return that waits for its approval has returned nothing.
            if back.is_none_or(|back| back.is_draft) {
                return Ok(Err(Issued { created, round, document: None }));
            }
        }
        Err(ErpError::new(format!("its issue was taken back {ROUNDS} times: save it anew")))
    }

    /// Posts the issue, if there are components to issue.
    async fn issue(
        &self,
        backflush: &Backflush,
        request: &SaveRequest,
        receipt: &Document,
        marks: &Marks<'_>,
        round: u8,
    ) -> Result<Option<Issued>, SaveError> {
        let Some(queries) = self.queries else {
            let error = QueryError::NotEnabled { what: "backflush" };
            let error = BackflushError::Query { what: "InvertedSql", error };
            return Err(SaveError::Backflush(error));
        };
        let rules = &self.settings.backflush;
        let issue = rules.issue(backflush, request, queries).await.map_err(SaveError::Backflush)?;
        let Some(issue) = issue else { return Ok(None) };
        let issue = self.rewritten(rules.with_header(issue, receipt))?;
        let posted = self.post(issue.clone(), marks.of(Role::Issue(round))).await;
        let created = posted.map_err(SaveError::Issue)?;
        if created.is_draft {
            Err(SaveError::IssueIsDraft(created))
        } else {
            Ok(Some(Issued { created, round, document: Some(issue) }))
        }
    }

    /// Posts a document that has no issue.
    async fn document(&self, document: Document, marks: &Marks<'_>) -> Result<Saved, SaveError> {
        let entity_set = document.entity_set.clone();
        let posted = self.post(document, marks.of(Role::Document)).await;
        let document = posted.map_err(SaveError::Document)?;
        Ok(Saved { entity_set, document, issue: None, without_issue: None })
    }

    /// Posts the receipt behind its issue.
    async fn receive(
        &self,
        receipt: Document,
        issued: Issued,
        marks: &Marks<'_>,
    ) -> Result<Saved, SaveError> {
        let Issued { created, round, document } = issued;
        let error = match self.document(receipt, marks).await {
            Ok(saved) => return Ok(Saved { issue: Some(created), ..saved }),
            Err(SaveError::Document(error)) => error,
            Err(other) => return Err(other),
        };
        // A receipt that may have been posted keeps its issue.
        let taken_back = match document {
            Some(issue) if self.settings.compensate_issue && !error.may_stand() => {
                self.take_back(issue, marks.of(Role::Return(round))).await
            }
            _ => TakenBack::No,
        };
        let half = HalfSaved { error, issue: created, taken_back };
        Err(SaveError::Receipt(Box::new(half)))
    }

    /// The component return (生产退料): a receipt that names the lines of the order.
    async fn take_back(&self, issue: Document, mark: Option<Mark>) -> TakenBack {
        let entity_set = RECEIPTS.to_owned();
        match self.post(Document { entity_set, ..issue }, mark).await {
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

    async fn post(&self, document: Document, mark: Option<Mark>) -> Result<Created, PostError> {
        post(self.documents, document, mark).await
    }
}
