//! What the receiver needs of an ERP.

use std::fmt;

use async_trait::async_trait;
use erplink_core::{Effect, Members};

/// Posts documents. In `erplink` it is the Service Layer of SAP Business One.
///
/// **An implementation never repeats a create whose outcome is unknown.** It says
/// [`Effect::Unknown`] and leaves the rest to the caller.
#[async_trait]
pub trait Documents: Send + Sync {
    /// `POST {entity_set}`.
    ///
    /// # Errors
    /// When the ERP refuses, or its answer is lost ([`Effect::Unknown`]).
    async fn create(&self, document: &Document) -> Result<Created, ErpError>;

    /// Looks for a document by the mark it was posted with: in the entity set, and in the drafts
    /// (`Drafts`, for transfers `StockTransferDrafts`), where a document waits that has to be
    /// approved.
    ///
    /// # Errors
    /// When the ERP does not answer the question.
    async fn find(&self, entity_set: &str, mark: &Mark) -> Result<Option<Created>, ErpError>;
}

/// Runs SQL. In `erplink` it is the DI API service, and stored queries of the Service Layer for
/// printing.
#[async_trait]
pub trait Sql: Send + Sync {
    /// The rows of one statement. An implementation may stop behind `limit` + 1 rows: the caller
    /// refuses more than `limit`.
    ///
    /// # Errors
    /// When the database refuses, with its own words.
    async fn query(&self, sql: &str, limit: usize) -> Result<Vec<Members>, ErpError>;
}

/// A document to be posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The entity set, such as `InventoryGenEntries`.
    pub entity_set: String,
    /// The body, with the mark.
    pub fields: Members,
    /// By what it can be found again.
    pub mark: Option<Mark>,
}

/// A value that nobody else has, in a field that can be searched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The field of the document.
    pub field: String,
    /// The value.
    pub value: String,
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = '{}'", self.field, self.value)
    }
}

/// A document or record that stands in the ERP.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Created {
    /// Its key: `DocEntry`, or the `Code` of a record.
    pub key: CreatedKey,
    /// The number that people know (`DocNum`).
    pub number: Option<i64>,
    /// Whether it is a draft, which somebody has to approve before it counts.
    pub is_draft: bool,
}

/// The key of a [`Created`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CreatedKey {
    /// `DocEntry` of a document.
    DocEntry(i64),
    /// `Code` of a master data record.
    Code(String),
}

impl Created {
    /// A document.
    #[must_use]
    pub fn document(doc_entry: i64, doc_num: Option<i64>) -> Self {
        Self { key: CreatedKey::DocEntry(doc_entry), number: doc_num, is_draft: false }
    }

    /// A record of a user-defined object.
    pub fn record(code: impl Into<String>) -> Self {
        Self { key: CreatedKey::Code(code.into()), number: None, is_draft: false }
    }

    /// A draft of a document, with its own key.
    #[must_use]
    pub fn draft(doc_entry: i64) -> Self {
        Self { is_draft: true, ..Self::document(doc_entry, None) }
    }
}

impl fmt::Display for Created {
    /// Such as `12 (DocNum 34)`, `draft 12` or `'A1'`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_draft {
            f.write_str("draft ")?;
        }
        match &self.key {
            CreatedKey::DocEntry(entry) => write!(f, "{entry}")?,
            CreatedKey::Code(code) => write!(f, "'{code}'")?,
        }
        match self.number {
            Some(number) => write!(f, " (DocNum {number})"),
            None => Ok(()),
        }
    }
}

/// A call that the ERP refused or did not answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErpError {
    code: Option<i64>,
    message: String,
    effect: Effect,
}

/// No matching record; of a create it may also mean that a draft was saved instead.
const NO_MATCHING_RECORD: i64 = -2028;

impl ErpError {
    /// The ERP refused, with its own words: the person with the scanner reads them.
    pub fn new(message: impl Into<String>) -> Self {
        Self { code: None, message: message.into(), effect: Effect::NotExecuted }
    }

    /// With the ERP's own code, such as -5002.
    #[must_use]
    pub fn code(mut self, code: i64) -> Self {
        self.code = Some(code);
        self
    }

    /// Says what is known about the effect of a create. Default: it was not executed.
    #[must_use]
    pub fn effect(mut self, effect: Effect) -> Self {
        self.effect = effect;
        self
    }

    /// The ERP's own code.
    #[must_use]
    pub fn erp_code(&self) -> Option<i64> {
        self.code
    }

    /// The ERP's own words.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Whether a create may have been done although its answer never came.
    #[must_use]
    pub fn may_have_taken_effect(&self) -> bool {
        self.effect == Effect::Unknown
    }

    /// Whether the answer may hide a draft: the approval trap of the Service Layer.
    pub(crate) fn may_hide_a_draft(&self) -> bool {
        self.code == Some(NO_MATCHING_RECORD)
    }
}

impl fmt::Display for ErpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(code) = self.code {
            write!(f, "{code} ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for ErpError {}
