//! The three calls that the rules need of an ERP.

use std::fmt;

use async_trait::async_trait;
use erplink_core::{Effect, Members};

/// The ERP, as far as a push needs it. In `erplink` it is the Service Layer of SAP Business One.
///
/// Each call is made once by the rules; repeating what is harmless to repeat is the
/// implementation's business.
#[async_trait]
pub trait Erp: Send + Sync {
    /// `GET {set}?$filter={key_field} eq …&$select={entity_key}`: the addresses of the records with
    /// this key. Two are enough: the rules refuse a key that is not unique.
    ///
    /// # Errors
    /// When the ERP does not answer the question.
    async fn find(&self, target: &Target, key: &Key) -> Result<Vec<Key>, ErpError>;

    /// `POST {set}`.
    ///
    /// # Errors
    /// When the ERP refuses, or its answer is lost ([`Effect::Unknown`]).
    async fn create(&self, target: &Target, fields: &Members) -> Result<(), ErpError>;

    /// `PATCH {set}({address})`, with the header `B1S-ReplaceCollectionsOnPatch: true` where
    /// [`Target::replace_collections`] says so. The key is not among the fields.
    ///
    /// # Errors
    /// When the ERP refuses, or its answer is lost ([`Effect::Unknown`]).
    async fn update(
        &self,
        target: &Target,
        address: &Key,
        fields: &Members,
    ) -> Result<(), ErpError>;
}

/// Where rows go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The entity set: `Items`, `ProductTrees` or the code of a user-defined object.
    pub entity_set: String,
    /// The field by which a record is looked up.
    pub key_field: String,
    /// The field by which a record is addressed, mostly the same.
    pub entity_key: String,
    /// Whether an update replaces the lines of the record. Otherwise the ERP adds those it does not
    /// know and keeps the rest.
    pub replace_collections: bool,
}

/// A key: of a row in the PLM, or of a record in the ERP.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// Text.
    Text(String),
    /// A number.
    Number(i64),
}

impl fmt::Display for Key {
    /// As it is, without quotes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => write!(f, "{number}"),
        }
    }
}

impl Target {
    /// The record in the way the Service Layer addresses it, such as `ProductTrees('T-01')`. For
    /// texts that people read.
    #[must_use]
    pub fn name(&self, key: &Key) -> String {
        match key {
            Key::Text(text) => format!("{}('{}')", self.entity_set, text.replace('\'', "''")),
            Key::Number(number) => format!("{}({number})", self.entity_set),
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

impl ErpError {
    /// The ERP refused, with its own words: the PLM's user reads them.
    pub fn new(message: impl Into<String>) -> Self {
        Self { code: None, message: message.into(), effect: Effect::NotExecuted }
    }

    /// With the ERP's own code, such as -1116.
    #[must_use]
    pub fn code(mut self, code: i64) -> Self {
        self.code = Some(code);
        self
    }

    /// Says what is known about the effect of a write. Default: it was not executed.
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

    /// Whether a write may have been done although its answer never came.
    #[must_use]
    pub fn may_have_taken_effect(&self) -> bool {
        self.effect == Effect::Unknown
    }

    /// Whether somebody may have created the same key in the meantime: -2035 says so, -10 can.
    pub(crate) fn may_exist_already(&self) -> bool {
        matches!(self.code, Some(-2035 | -10))
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
