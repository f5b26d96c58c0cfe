//! What became of a save: what was posted, what stands, or why nothing was.

use std::fmt;

use erplink_core::{Members, RawJson};

use crate::backflush::BackflushError;
use crate::post::PostError;
use crate::request::RequestError;
use crate::{Created, CreatedKey, ErpError, Method, SaveAnswer};

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
    /// [`Settings::continue_after_backflush_failure`](crate::Settings::continue_after_backflush_failure).
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
    /// Nobody can tell: nothing marks it, because [`Settings::mark_field`](crate::Settings::mark_field)
    /// is not set or it is a record of a user table.
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
