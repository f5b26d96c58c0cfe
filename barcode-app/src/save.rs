//! Save: the backflush, then the document.

use crate::backflush::BackflushError;
use crate::config::Settings;
use crate::name::{Marks, Role};
use crate::outcome::{HalfSaved, SaveError, Saved, Standing, TakenBack};
use crate::post::{PostError, post};
use crate::query::{Queries, QueryError};
use crate::request::RequestError;
use crate::{
    Backflush, Created, Document, Documents, ErpError, Mark, Method, Operation, SaveName,
    SaveRequest,
};

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

/// What was found of an issue under the name of a save.
enum Before {
    /// One stands.
    Issued(Issued),
    /// None stands; one can be made in this round.
    Open(u8),
}

impl Saver<'_> {
    pub(crate) async fn save(
        &self,
        request: &SaveRequest,
        name: Option<&SaveName>,
    ) -> Result<Saved, SaveError> {
        // Everything that can be wrong with it shows before the first document is posted.
        let (converted, document) = self.converted(request)?;
        let marks = self.marks(request, name)?;
        let Some(backflush) = &request.backflush else {
            return self.document(document, &marks).await;
        };
        let before = match name {
            Some(_) => self.issued_before(&marks).await.map_err(SaveError::LookUp)?,
            None => Before::Open(1),
        };
        let issued = match before {
            Before::Open(round) => self.issue(backflush, request, &converted, &marks, round).await,
            Before::Issued(issued) if issued.created.is_draft => {
                Err(SaveError::IssueIsDraft(issued.created))
            }
            Before::Issued(issued) => Ok(Some(issued)),
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
        let marks = self.marks(request, Some(name))?;
        let Some(mark) = marks.of(Role::Document) else { return Ok(Standing::CannotTell) };
        let found = self.documents.find(&entity_set, &mark).await.map_err(SaveError::LookUp)?;
        let before = match request.backflush {
            Some(_) => self.issued_before(&marks).await.map_err(SaveError::LookUp)?,
            None => Before::Open(1),
        };
        let issue = match before {
            Before::Issued(issued) => Some(issued.created),
            Before::Open(_) => None,
        };
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

    /// User tables have fields of their own, and none for marks.
    fn marks(
        &self,
        request: &SaveRequest,
        name: Option<&SaveName>,
    ) -> Result<Marks<'_>, SaveError> {
        let field = self.settings.mark_field.as_deref();
        let field = field.filter(|_| request.method != Method::UserDataTable);
        let name = name.cloned().map_or_else(SaveName::random, Ok);
        Ok(Marks::new(field, name.map_err(SaveError::LookUp)?))
    }

    async fn issued_before(&self, marks: &Marks<'_>) -> Result<Before, ErpError> {
        for round in 1..=ROUNDS {
            let Some(mark) = marks.of(Role::Issue(round)) else { return Ok(Before::Open(1)) };
            let Some(created) = self.documents.find(ISSUES, &mark).await? else {
                return Ok(Before::Open(round));
            };
            let back = match marks.of(Role::Return(round)) {
                Some(mark) => self.documents.find(RECEIPTS, &mark).await?,
                None => None,
            };
            // A return that waits for its approval has returned nothing.
            if back.is_none_or(|back| back.is_draft) {
                return Ok(Before::Issued(Issued { created, round, document: None }));
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
