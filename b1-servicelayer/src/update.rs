//! Partial updates: leave, set, set to null.

use std::fmt;
use std::future::IntoFuture;

use erplink_core::{Idempotency, RawJson};
use futures_util::future::BoxFuture;
use http::{HeaderName, HeaderValue, Method, header};
use serde::Serialize;

use crate::call::Request;
use crate::edm::{EdmValue, Write};
use crate::json_object::{self, Members};
use crate::{ETag, EntityType, Error, Field, Record, Result, Version};

const REPLACE_COLLECTIONS: HeaderName = HeaderName::from_static("b1s-replacecollectionsonpatch");

/// What to change in an entity: what is not named stays as it is.
///
/// ```
/// use b1_servicelayer::{Changes, Field};
///
/// struct Draft;
/// const COMMENTS: Field<Draft, String> = Field::new("Comments");
/// const PROJECT: Field<Draft, String> = Field::new("Project");
///
/// let changes =
///     Changes::new().set(COMMENTS, "checked").clear(PROJECT).udf("U_ISSYN", "Y");
/// ```
#[must_use]
pub struct Changes<E> {
    entity: Option<Box<E>>,
    members: Vec<Result<(String, Box<dyn Member>)>>,
}

/// A value that can be written for either version.
trait Member: Send + Sync {
    fn json(&self, version: Version) -> serde_json::Result<RawJson>;
}

impl<T: EdmValue + Send + Sync> Member for T {
    fn json(&self, version: Version) -> serde_json::Result<RawJson> {
        RawJson::of(&Write(self, version))
    }
}

impl<E> fmt::Debug for Changes<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.members.iter().flatten().map(|(name, _)| name);
        f.debug_list().entries(names).finish_non_exhaustive()
    }
}

impl<E> Default for Changes<E> {
    fn default() -> Self {
        Self { entity: None, members: Vec::new() }
    }
}

/// The members of the entity that are filled.
impl<E: EntityType> From<E> for Changes<E> {
    fn from(entity: E) -> Self {
        Self { entity: Some(Box::new(entity)), members: Vec::new() }
    }
}

impl<E> Changes<E> {
    /// No changes yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a property.
    pub fn set<T>(self, field: Field<E, T>, value: impl Into<T>) -> Self
    where
        T: EdmValue + Send + Sync + 'static,
    {
        self.member(&field, Box::new(value.into()))
    }

    /// Sets a property to null.
    pub fn clear<T>(self, field: Field<E, T>) -> Self {
        self.member(&field, Box::new(RawJson::null()))
    }

    /// Sets a user-defined field. For decimals use [`set`](Self::set) with [`Field::udf`].
    pub fn udf(mut self, name: &str, value: impl Serialize) -> Self {
        let field = Field::<E, RawJson>::udf(name.to_owned());
        match RawJson::of(&value) {
            Ok(raw) => self.member(&field, Box::new(raw)),
            Err(error) => {
                self.members.push(Err(Error::invalid(format!("{name}: {error}"))));
                self
            }
        }
    }

    fn member<T>(mut self, field: &Field<E, T>, value: Box<dyn Member>) -> Self {
        self.members.push(match field.problem() {
            None => Ok((field.name().to_owned(), value)),
            Some(problem) => Err(Error::invalid(problem)),
        });
        self
    }
}

impl<E: EntityType> Changes<E> {
    /// The body of the request.
    pub(crate) fn json(self, version: Version) -> Result<String> {
        let invalid = |error: serde_json::Error| Error::invalid(error.to_string());
        let mut members = Members::default();
        if let Some(entity) = &self.entity {
            let json = serde_json::to_string(&Write(&**entity, version)).map_err(invalid)?;
            if self.members.is_empty() {
                return not_empty(json);
            }
            members = serde_json::from_str(&json).map_err(invalid)?;
        }
        for member in self.members {
            let (name, value) = member?;
            members.set(&name, value.json(version).map_err(invalid)?);
        }
        not_empty(serde_json::to_string(&members).map_err(invalid)?)
    }
}

fn not_empty(json: String) -> Result<String> {
    if json == "{}" {
        return Err(Error::invalid("there is nothing to change"));
    }
    Ok(json)
}

/// `PATCH /{Set}(key)`; await it.
///
/// An update of plain values is repeated when its answer is lost. One with lines is not, because
/// a line without its number is appended each time; with
/// [`replace_collections`](Self::replace_collections) it is.
#[must_use = "requests do nothing unless they are awaited"]
pub struct Update<E> {
    record: Record<E>,
    changes: Changes<E>,
    if_match: Option<ETag>,
    replace_collections: bool,
}

impl<E> fmt::Debug for Update<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Update({:?} {:?})", self.record, self.changes)
    }
}

impl<E: EntityType> Update<E> {
    pub(crate) fn new(record: Record<E>, changes: Changes<E>) -> Self {
        Self { record, changes, if_match: None, replace_collections: false }
    }

    /// Sets one more property.
    pub fn set<T>(mut self, field: Field<E, T>, value: impl Into<T>) -> Self
    where
        T: EdmValue + Send + Sync + 'static,
    {
        self.changes = self.changes.set(field, value);
        self
    }

    /// Sets one more property to null.
    pub fn clear<T>(mut self, field: Field<E, T>) -> Self {
        self.changes = self.changes.clear(field);
        self
    }

    /// Sets one more user-defined field.
    pub fn udf(mut self, name: &str, value: impl Serialize) -> Self {
        self.changes = self.changes.udf(name, value);
        self
    }

    /// Only if nobody changed the entity since this version was read; else the error is of kind
    /// `Conflict`.
    pub fn if_match(mut self, etag: ETag) -> Self {
        self.if_match = Some(etag);
        self
    }

    /// The lines in the request are all there are: others are deleted. Without it they stay.
    pub fn replace_collections(mut self) -> Self {
        self.replace_collections = true;
        self
    }

    fn build(self) -> Result<(crate::Client, Request)> {
        let client = self.record.client().clone();
        let json = self.changes.json(client.version())?;
        let idempotency = if json_object::has_filled_array(&json) && !self.replace_collections {
            Idempotency::NotIdempotent
        } else if self.if_match.is_some() {
            // The server refuses the second time: our own success changed the version.
            Idempotency::Keyed
        } else {
            Idempotency::Idempotent
        };
        let target = self.record.target(&[]);
        let mut request = Request::new(Method::PATCH, target, idempotency).json(json);
        if self.replace_collections {
            request = request.header(REPLACE_COLLECTIONS, HeaderValue::from_static("true"));
        }
        if let Some(etag) = self.if_match {
            request = request.header(header::IF_MATCH, etag.header()?);
        }
        Ok((client, request))
    }
}

impl<E: EntityType> IntoFuture for Update<E> {
    type Output = Result<()>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let (client, request) = self.build()?;
            // 204 by the book; some gateways echo the entity with 200.
            client.send(request).await.map(drop)
        })
    }
}
