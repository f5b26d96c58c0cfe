//! What flows: documents, and the names by which they are known.

use std::fmt;

use erplink_core::RawJson;
use serde::{Deserialize, Serialize};

/// One flow of one company: `SBODEMOCN/requests-to-oa`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FlowId {
    /// The company (账套) whose documents flow.
    pub company: String,
    /// The name of the flow, unique within the company. It is a key of the ledger: a renamed
    /// flow is a new flow that remembers nothing.
    pub flow: String,
}

impl FlowId {
    /// Names a flow.
    pub fn new(company: impl Into<String>, flow: impl Into<String>) -> Self {
        Self { company: company.into(), flow: flow.into() }
    }

    /// The ledger key of a document in this flow.
    pub fn document(&self, id: impl Into<String>) -> Key {
        Key { flow: self.clone(), document: id.into() }
    }
}

impl fmt::Display for FlowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.company, self.flow)
    }
}

/// The key of the ledger: company, flow and document.
///
/// For a polled document the last part is its key in the source; for a received event it is the
/// platform's own key for the event, so that a replay meets the entry of the first delivery.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key {
    /// Company and flow.
    pub flow: FlowId,
    /// The document's or event's own key.
    pub document: String,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.flow, self.document)
    }
}

/// A document as a source reads it, or an event as a platform pushes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its key in the source, or the platform's key of the event. Never empty.
    pub id: String,
    /// Changes when the document changes. A hash of the content unless [`Document::version`]
    /// gave something better, such as the date and time of the last update.
    pub version: String,
    /// The content as JSON, kept digit for digit.
    pub content: RawJson,
    /// Documents with the same order key are worked on one after the other, in order of arrival.
    pub order: Option<String>,
    /// For an event: the id, at the platform, of the thing it is about.
    pub about: Option<String>,
}

impl Document {
    /// A document whose version is a hash of its content.
    pub fn new(id: impl Into<String>, content: RawJson) -> Self {
        let version = fingerprint(content.as_str());
        Self { id: id.into(), version, content, order: None, about: None }
    }

    /// Says what tells one state of the document from the next.
    #[must_use]
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = version.into();
        self
    }

    /// Keeps the documents with this order key in their order of arrival.
    #[must_use]
    pub fn order(mut self, key: impl Into<String>) -> Self {
        self.order = Some(key.into());
        self
    }

    /// Says which thing at the platform the event is about.
    #[must_use]
    pub fn about(mut self, id: impl Into<String>) -> Self {
        self.about = Some(id.into());
        self
    }
}

/// A hash that is the same in every build (FNV-1a, 64 bits): it is kept in files.
fn fingerprint(text: &str) -> String {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fingerprint_is_the_published_function() {
        assert_eq!(fingerprint(""), "cbf29ce484222325");
        assert_eq!(fingerprint("a"), "af63dc4c8601ec8c");
        assert_eq!(fingerprint("foobar"), "85944171f73967e8");
    }
}
