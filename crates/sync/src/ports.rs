//! What a flow is made of: where documents come from, where they go, how they are marked.
//!
//! Adapters implement these traits for a system; the engine knows nothing else about it. Every
//! call may be made again after a crash, so each trait says what a repeat means.

use std::fmt;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use erplink_core::RawJson;
use serde::de::DeserializeOwned;

use crate::document::{Document, Key};
use crate::failure::{Failure, read};

/// Which page of a source to read.
#[derive(Clone, Debug, Default)]
pub struct PageRequest {
    /// Where the page before said that this one starts; `None` for the first.
    pub cursor: Option<String>,
    /// How far the source was read before, for sources that read by a high-water mark.
    pub checkpoint: Option<String>,
    /// The time by the clock of the runner, for sources that read by windows of time.
    pub now: DateTime<Utc>,
}

/// A page of a source.
#[derive(Clone, Debug, Default)]
pub struct SourcePage {
    /// The documents.
    pub documents: Vec<Document>,
    /// Where the next page starts; `None` after the last one.
    pub next: Option<String>,
    /// How far the source is read with this page. Kept durably together with the documents.
    pub checkpoint: Option<String>,
}

impl SourcePage {
    /// The only page.
    pub fn last(documents: Vec<Document>) -> Self {
        Self { documents, next: None, checkpoint: None }
    }
}

/// Where documents come from.
#[async_trait]
pub trait Source: Send + Sync {
    /// The system, for its limits: all adapters of one system say the same.
    fn system(&self) -> &str;

    /// Reads a page of documents that are not marked yet. Reading changes nothing.
    ///
    /// # Errors
    /// When the page cannot be read. The run ends, the next one starts over.
    async fn page(&self, request: PageRequest) -> Result<SourcePage, Failure>;
}

#[async_trait]
impl<S: Source + ?Sized> Source for Box<S> {
    fn system(&self) -> &str {
        (**self).system()
    }

    async fn page(&self, request: PageRequest) -> Result<SourcePage, Failure> {
        (**self).page(request).await
    }
}

/// A document on its way to the target.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// Company, flow and document.
    pub key: Key,
    /// 1 at first, one more each time the document goes to the target anew.
    pub generation: u32,
    /// The version of the content.
    pub version: String,
    /// What the map made of it.
    pub content: RawJson,
    /// As it came from the source.
    pub source: RawJson,
    /// What the target called the generation before. A look-up must not take it for this one.
    pub previous_id: Option<String>,
    /// For an event: the id of what it is about.
    pub about: Option<String>,
}

impl Outgoing {
    /// The mapped content as `T`.
    ///
    /// # Errors
    /// When it does not have the shape of `T`: the document is parked.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        read("the mapped content", &self.content)
    }

    /// A text that names this document and generation: `16`, then `16-2`. Put it into the
    /// target, such as into the title of a form, and [`Target::find`] can look for it.
    #[must_use]
    pub fn reference(&self) -> String {
        match self.generation {
            0 | 1 => self.key.document.clone(),
            later => format!("{}-{later}", self.key.document),
        }
    }
}

/// What became of a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pushed {
    pub(crate) id: Option<String>,
    pub(crate) result: Option<RawJson>,
    pub(crate) note: String,
}

impl Pushed {
    /// The target has it under this id.
    pub fn new(id: impl fmt::Display) -> Self {
        Self { id: Some(id.to_string()), result: None, note: String::new() }
    }

    /// There was nothing to do, such as for an event about a form that is not ours. The document
    /// is done and is not marked.
    pub fn nothing(why: impl fmt::Display) -> Self {
        Self { id: None, result: None, note: why.to_string() }
    }

    /// Adds what a waiting caller is to be told.
    #[must_use]
    pub fn answering(mut self, result: RawJson) -> Self {
        self.result = Some(result);
        self
    }
}

/// What a look-up found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// The target has it.
    Yes(Pushed),
    /// The target does not have it, for certain: creating is safe.
    No,
    /// The target cannot be asked, or the answer is ambiguous; the text says why. The document is
    /// parked: a person looks.
    CannotTell(String),
}

/// Where documents go.
#[async_trait]
pub trait Target: Send + Sync {
    /// The system, for its limits.
    fn system(&self) -> &str;

    /// Creates, updates or decides. The engine wrote down before that the push begins, and makes
    /// no second push of this generation unless the first certainly did nothing,
    /// [`Target::find`] said [`Found::No`], or [`Target::is_repeatable`].
    ///
    /// # Errors
    /// See [`Failure`]: whether it may have been done all the same decides what happens next.
    async fn push(&self, document: &Outgoing) -> Result<Pushed, Failure>;

    /// Whether pushing the same document twice does the same as once: an upsert under a key of
    /// ours, a decision that looks at the state first.
    fn is_repeatable(&self) -> bool {
        false
    }

    /// Looks a document up whose push has an unknown outcome.
    ///
    /// # Errors
    /// When the look-up itself failed; it is made again.
    async fn find(&self, document: &Outgoing) -> Result<Found, Failure> {
        let _ = document;
        Ok(Found::CannotTell("this target offers no look-up".to_owned()))
    }
}

/// A document that the target has.
#[derive(Clone, Debug)]
pub struct Delivered {
    /// The document.
    pub document: Outgoing,
    /// What the target calls it.
    pub target_id: String,
    /// What the target answered.
    pub result: Option<RawJson>,
}

/// What became of a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marked {
    /// The source knows: it will not offer this version again.
    Yes,
    /// The document was changed since it was read and was left unmarked. A flow that
    /// [sends again what changed](crate::Flow::again_when_changed) reads it again; in others it
    /// is parked.
    Changed,
}

/// How documents are marked in the source, such as by a flag and the id of the form.
#[async_trait]
pub trait Marker: Send + Sync {
    /// The system, for its limits.
    fn system(&self) -> &str;

    /// Writes the mark. It is repeated until it succeeds, so a second time must change nothing.
    ///
    /// # Errors
    /// When the mark is not written, or perhaps not.
    async fn mark(&self, delivered: &Delivered) -> Result<Marked, Failure>;
}

/// Turns the content of a document into what the target takes.
///
/// Implemented for closures and for [`CheckedMap`](crate::map::CheckedMap).
pub trait Mapper: Send + Sync {
    /// Maps the content. It has no effects and is called again for every attempt.
    ///
    /// # Errors
    /// When the content cannot be mapped: the document is parked until it changes.
    fn map(&self, document: &Document) -> Result<RawJson, Failure>;
}

impl<F> Mapper for F
where
    F: Fn(&Document) -> Result<RawJson, Failure> + Send + Sync,
{
    fn map(&self, document: &Document) -> Result<RawJson, Failure> {
        self(document)
    }
}

/// What the platform says about a decision that has not come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inquiry {
    /// Decided. The event takes the way of a received one; under the same id, so that a callback
    /// that comes after all is absorbed.
    Decided(Document),
    /// Not decided yet.
    Pending,
    /// There will be no decision: withdrawn, deleted. The text says why.
    Never(String),
}

/// Asks a platform about documents whose decision never came.
#[async_trait]
pub trait Inquirer: Send + Sync {
    /// The system, for its limits.
    fn system(&self) -> &str;

    /// Asks about what the target calls `target_id`. Asking changes nothing.
    ///
    /// # Errors
    /// When the platform did not answer; it is asked again.
    async fn inquire(&self, key: &Key, target_id: &str) -> Result<Inquiry, Failure>;
}
