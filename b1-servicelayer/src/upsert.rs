//! Create what is missing, update what is there.

use std::fmt;
use std::future::IntoFuture;

use futures_util::future::BoxFuture;

use crate::error::codes;
use crate::{ApiError, EntitySet, EntityType, Error, Field, Key, Record, Result};

/// What an [`Upsert`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upserted {
    /// The entity is new.
    Created,
    /// The entity existed and was updated.
    Updated,
}

/// `PATCH /{Set}(key)` if the entity exists, else `POST /{Set}`; await it.
#[must_use = "requests do nothing unless they are awaited"]
pub struct Upsert<E> {
    set: EntitySet<E>,
    entity: E,
    replace_collections: bool,
}

impl<E> fmt::Debug for Upsert<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Upsert({:?})", self.set)
    }
}

impl<E: EntityType + Clone> EntitySet<E> {
    /// `PATCH /{Set}(key)` if the entity exists, else `POST /{Set}`.
    ///
    /// For entities whose key you choose: items, partners, special prices, bills of materials.
    /// When somebody else creates it in between, it is updated. Refused as `Invalid` when the key
    /// is not filled, or is a number that the server assigns.
    ///
    /// Lines of an entity that exists are appended, unless they carry their number or you say
    /// [`Upsert::replace_collections`].
    pub fn upsert(&self, entity: &E) -> Upsert<E> {
        Upsert { set: self.clone(), entity: entity.clone(), replace_collections: false }
    }
}

impl<E: EntityType + Clone> Upsert<E> {
    /// The lines of the entity are all there shall be: others are deleted. For bills of materials.
    pub fn replace_collections(mut self) -> Self {
        self.replace_collections = true;
        self
    }

    async fn run(self) -> Result<Upserted> {
        let record = self.record()?;
        if exists(&record).await? {
            return self.update(record).await;
        }
        let error = match self.set.create(&self.entity).return_no_content().await {
            Ok(_) => return Ok(Upserted::Created),
            Err(error) => error,
        };
        // The key guards against doubles: what is there now is ours or somebody else's, and
        // either way an update makes it right, unless it would append our lines a second time.
        let lost = error.may_have_taken_effect();
        let harmless = !lost || self.replace_collections || !self.has_lines()?;
        if (lost || may_be_duplicate(&error)) && harmless && exists(&record).await? {
            return self.update(record).await;
        }
        Err(error)
    }

    async fn update(self, record: Record<E>) -> Result<Upserted> {
        let update = record.update(self.entity);
        let update = if self.replace_collections { update.replace_collections() } else { update };
        update.await.map(|()| Upserted::Updated)
    }

    fn record(&self) -> Result<Record<E>> {
        let Some(key) = self.entity.key() else {
            return Err(Error::invalid(format!(
                "upsert: fill the key first ({})",
                E::KEY_PROPERTIES.join(", ")
            )));
        };
        let wire: Key = key.clone().into();
        if wire.number().is_some() {
            return Err(Error::invalid(
                "upsert: the server assigns the numbers of this set; create or update instead",
            ));
        }
        Ok(self.set.key(key))
    }

    fn has_lines(&self) -> Result<bool> {
        let json = self.set.json_of(&self.entity)?;
        Ok(crate::json_object::has_filled_array(&json))
    }
}

async fn exists<E: EntityType>(record: &Record<E>) -> Result<bool> {
    let keys: Vec<_> = E::KEY_PROPERTIES.iter().map(|name| Field::<E, String>::new(name)).collect();
    Ok(record.clone().select(keys).find().await?.is_some())
}

/// Objects differ in how they refuse a key that is taken; whoever asks looks again.
pub(crate) fn may_be_duplicate(error: &Error) -> bool {
    let number = error.api_error().and_then(ApiError::number);
    matches!(number, Some(codes::BUSINESS_RULE | codes::ALREADY_EXISTS))
}

impl<E: EntityType + Clone> IntoFuture for Upsert<E> {
    type Output = Result<Upserted>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}
