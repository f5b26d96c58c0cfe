//! One document, posted at most once.

use std::fmt;

use crate::{Created, Document, Documents, ErpError, Mark, RawJson};

/// A document that was not posted, or of which nobody knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostError(Box<Parts>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Parts {
    entity_set: String,
    erp: ErpError,
    mark: Option<Mark>,
    may_stand: bool,
}

impl PostError {
    /// Where it should have gone.
    #[must_use]
    pub fn entity_set(&self) -> &str {
        &self.0.entity_set
    }

    /// What the ERP said.
    #[must_use]
    pub fn erp(&self) -> &ErpError {
        &self.0.erp
    }

    /// Whether the document may have been posted all the same: the answer was lost, and looking for
    /// it was not possible or found nothing yet.
    #[must_use]
    pub fn may_stand(&self) -> bool {
        self.0.may_stand
    }

    /// By what the document can be looked for.
    #[must_use]
    pub fn mark(&self) -> Option<&Mark> {
        self.0.mark.as_ref()
    }
}

impl fmt::Display for PostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.entity_set, self.0.erp)?;
        if self.0.may_stand {
            f.write_str("; it may have been posted all the same: look for it")?;
            if let Some(mark) = &self.0.mark {
                write!(f, " by {mark}")?;
            }
            f.write_str(" before you save it again")?;
        }
        Ok(())
    }
}

impl std::error::Error for PostError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0.erp)
    }
}

/// Posts a document, once.
///
/// With a mark, a document whose answer was lost is looked for: what is found was posted. It is
/// never posted again, not even when it is not found: it may still be on its way.
pub(crate) async fn post(
    documents: &dyn Documents,
    mut document: Document,
    mark: Option<Mark>,
) -> Result<Created, PostError> {
    if let Some(mark) = &mark {
        document.fields.set(&mark.field, RawJson::text(&mark.value));
    }
    document.mark = mark;
    let error = match documents.create(&document).await {
        Ok(created) => return Ok(created),
        Err(error) => error,
    };
    let lost = error.may_have_taken_effect();
    if !lost && !error.may_hide_a_draft() {
        return Err(failed(document, error, false));
    }
    let found = match &document.mark {
        None => None,
        Some(mark) => Some(documents.find(&document.entity_set, mark).await),
    };
    match found {
        Some(Ok(Some(created))) => Ok(created),
        // It was answered, and nothing is there: it was refused.
        Some(Ok(None)) if !lost => Err(failed(document, error, false)),
        _ => Err(failed(document, error, true)),
    }
}

/// The mark is only of use where the document may stand.
fn failed(document: Document, erp: ErpError, may_stand: bool) -> PostError {
    let Document { entity_set, mark, .. } = document;
    PostError(Box::new(Parts { entity_set, erp, mark: mark.filter(|_| may_stand), may_stand }))
}
