//! A set of entities: where queries, keys and creations start.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use erplink_core::{Page, Results};

use crate::edm::Write;
use crate::query::{Filter, OrderBy, Select};
use crate::{Client, Create, Cursor, EntityType, Error, Query, Record, Result};

/// An entity set such as `Orders`. Cheap to clone.
pub struct EntitySet<E> {
    client: Client,
    name: Cow<'static, str>,
    types: PhantomData<fn() -> E>,
}

impl<E> Clone for EntitySet<E> {
    fn clone(&self) -> Self {
        Self { client: self.client.clone(), name: self.name.clone(), types: PhantomData }
    }
}

impl<E> fmt::Debug for EntitySet<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EntitySet({})", self.name)
    }
}

impl<E: EntityType> EntitySet<E> {
    pub(crate) fn new(client: Client, name: Cow<'static, str>) -> Self {
        Self { client, name, types: PhantomData }
    }

    /// The name of the set.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The entity as this client's version writes it.
    pub(crate) fn json_of(&self, entity: &E) -> Result<String> {
        serde_json::to_string(&Write(entity, self.client.version()))
            .map_err(|error| Error::invalid(format!("{}: {error}", self.name)))
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// The entity with this key.
    ///
    /// Keys are percent-encoded. Where a gateway refuses `%2F` (a slash inside a code), look the
    /// entity up with [`filter`](Self::filter) instead.
    pub fn key(&self, key: impl Into<E::Key>) -> Record<E> {
        Record::new(self.client.clone(), self.name.clone(), key.into().into())
    }

    /// `POST /{Set}`: creates an entity (新建).
    pub fn create(&self, entity: &E) -> Create<E> {
        Create::new(self.clone(), entity)
    }

    /// All entities; conditions are chained on the query.
    pub fn query(&self) -> Query<E> {
        Query::new(self.client.clone(), self.name.clone())
    }

    /// A query with a condition.
    pub fn filter(&self, filter: Filter<E>) -> Query<E> {
        self.query().filter(filter)
    }

    /// A query in this order.
    pub fn order_by(&self, order: OrderBy<E>) -> Query<E> {
        self.query().order_by(order)
    }

    /// A query of these properties only.
    pub fn select(&self, fields: impl Select<E>) -> Query<E> {
        self.query().select(fields)
    }

    /// A query of at most so many entities.
    pub fn top(&self, top: u64) -> Query<E> {
        self.query().top(top)
    }

    /// A query with pages of this size.
    pub fn page_size(&self, size: u32) -> Query<E> {
        self.query().page_size(size)
    }

    /// [`Query::items`] of all entities.
    pub fn items(&self) -> Results<E, Error> {
        self.query().items()
    }

    /// [`Query::pages`] of all entities.
    pub fn pages(&self) -> Results<Page<E, Cursor>, Error> {
        self.query().pages()
    }

    /// [`Query::all`] entities, in memory.
    ///
    /// # Errors
    /// Those of the calls.
    pub async fn all(&self) -> Result<Vec<E>> {
        self.query().all().await
    }

    /// [`Query::count`] of all entities.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn count(&self) -> Result<u64> {
        self.query().count().await
    }
}
