//! Create or update: the rules.

use std::fmt;

use erplink_core::Members;

use crate::{Action, Erp, ErpError, Key, Payload, Target};

/// The call that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// Asking whether the key exists.
    LookUp,
    /// Creating.
    Create,
    /// Updating.
    Update,
}

/// A row that the ERP did not take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpsertError {
    record: String,
    step: Step,
    erp: ErpError,
}

impl UpsertError {
    /// The call that failed.
    #[must_use]
    pub fn step(&self) -> Step {
        self.step
    }

    /// What the ERP said.
    #[must_use]
    pub fn erp(&self) -> &ErpError {
        &self.erp
    }
}

impl fmt::Display for UpsertError {
    /// Such as `ProductTrees('T-01'): -1116 Could not commit transaction…`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.record, self.erp)?;
        if self.erp.may_have_taken_effect() && self.step != Step::LookUp {
            f.write_str("; the answer was lost and it may have been done: push it again")?;
        }
        Ok(())
    }
}

impl std::error::Error for UpsertError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.erp)
    }
}

/// Creates the record, or updates it where the key exists.
///
/// Pushing the same row again is always safe, and so is pushing it twice at once:
///
/// - A create that is refused because the key exists by now (-2035, sometimes -10) becomes an
///   update.
/// - After a create whose answer was lost the key is looked up: what is there was created. It is
///   never created again blindly.
///
/// # Errors
/// When the ERP refuses, does not answer, or has several records with the key.
pub async fn upsert<E: Erp + ?Sized>(
    erp: &E,
    target: &Target,
    payload: &Payload,
) -> Result<Action, UpsertError> {
    let key = payload.key();
    let record = Record { erp, target, key: &key, fields: payload.fields(&target.key_field) };
    match record.find().await? {
        Some(address) => record.update(&address).await,
        None => record.create().await,
    }
}

struct Record<'a, E: ?Sized> {
    erp: &'a E,
    target: &'a Target,
    key: &'a Key,
    fields: Members,
}

impl<E: Erp + ?Sized> Record<'_, E> {
    async fn find(&self) -> Result<Option<Key>, UpsertError> {
        let found = self.erp.find(self.target, self.key).await;
        let found = found.map_err(|error| self.failed(Step::LookUp, error))?;
        match found.as_slice() {
            [] => Ok(None),
            [address] => Ok(Some(address.clone())),
            _ => {
                let field = &self.target.key_field;
                let text = format!("several records have this key in `{field}`: nothing was done");
                Err(self.failed(Step::LookUp, ErpError::new(text)))
            }
        }
    }

    async fn create(&self) -> Result<Action, UpsertError> {
        let Err(error) = self.erp.create(self.target, &self.fields).await else {
            return Ok(Action::Created);
        };
        let lost = error.may_have_taken_effect();
        let refused = self.failed(Step::Create, error);
        if !lost && !refused.erp.may_exist_already() {
            return Err(refused);
        }
        match self.find().await {
            // Not there a moment ago, there now: ours.
            Ok(Some(_)) if lost => Ok(Action::Created),
            Ok(Some(address)) => self.update(&address).await,
            // Without an answer the first error is the one that matters.
            Ok(None) | Err(_) => Err(refused),
        }
    }

    async fn update(&self, address: &Key) -> Result<Action, UpsertError> {
        let mut fields = self.fields.clone();
        fields.remove(&self.target.key_field);
        fields.remove(&self.target.entity_key);
        if fields.is_empty() {
            return Ok(Action::Updated);
        }
        match self.erp.update(self.target, address, &fields).await {
            Ok(()) => Ok(Action::Updated),
            Err(error) => Err(self.failed(Step::Update, error)),
        }
    }

    fn failed(&self, step: Step, erp: ErpError) -> UpsertError {
        UpsertError { record: self.target.name(self.key), step, erp }
    }
}
