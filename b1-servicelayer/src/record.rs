//! One entity by its key: read it, change it, act on it.

use std::borrow::Cow;
use std::fmt;
use std::future::IntoFuture;
use std::marker::PhantomData;

use erplink_core::{ErrorKind, Idempotency};
use futures_util::future::BoxFuture;
use http::{Method, header};
use serde::{Deserialize, Serialize};

use crate::call::{self, Request};
use crate::edm::{EdmValue, Read};
use crate::query::{Options, Select, Selection};
use crate::{Answer, Changes, Client, ETag, EntityType, Error, Field, Key, Result, Tagged, Update};

/// One entity of a set, named by its key. No request is made until a verb is called.
pub struct Record<E> {
    client: Client,
    set: Cow<'static, str>,
    key: Key,
    selection: Selection,
    types: PhantomData<fn() -> E>,
}

impl<E> Clone for Record<E> {
    fn clone(&self) -> Self {
        Self {
            client: self.client.clone(),
            set: self.set.clone(),
            key: self.key.clone(),
            selection: self.selection.clone(),
            types: PhantomData,
        }
    }
}

impl<E> fmt::Debug for Record<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Record({}{})", self.set, self.key)
    }
}

impl<E: EntityType> Record<E> {
    pub(crate) fn new(client: Client, set: Cow<'static, str>, key: Key) -> Self {
        Self { client, set, key, selection: Selection::default(), types: PhantomData }
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn set_name(&self) -> &str {
        &self.set
    }

    /// The key, if it is a number.
    pub(crate) fn number(&self) -> Option<i32> {
        self.key.number().and_then(|number| i32::try_from(number).ok())
    }

    /// Reads only these properties; the others are `None`.
    #[must_use]
    pub fn select(mut self, fields: impl Select<E>) -> Self {
        self.selection.select(&fields);
        self
    }

    /// Reads the entity that this navigation property leads to as well.
    #[must_use]
    pub fn expand(mut self, navigation: impl Into<String>) -> Self {
        self.selection.expand(navigation);
        self
    }

    /// `GET /{Set}(key)`
    ///
    /// # Errors
    /// Of kind `NotFound` when there is no such entity.
    pub async fn get(self) -> Result<E> {
        let answer = self.client.send(self.read_request()?).await?;
        self.decode(&answer)
    }

    /// `GET /{Set}(key)`: `None` when there is no such entity.
    ///
    /// # Errors
    /// Those of the call, but for `NotFound`.
    pub async fn find(self) -> Result<Option<E>> {
        match self.get().await {
            Ok(entity) => Ok(Some(entity)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// `GET /{Set}(key)`: the entity with its version, for [`Update::if_match`].
    ///
    /// With a selection `DataVersion` is read as well: without it the server computes a wrong
    /// version.
    ///
    /// # Errors
    /// Of kind `Unsupported` for types that the server does not version.
    pub async fn get_tagged(mut self) -> Result<Tagged<E>> {
        let unversioned = || {
            Error::new(ErrorKind::Unsupported, "the server does not version entities of this type")
        };
        if !E::VERSIONED {
            return Err(unversioned());
        }
        self.selection.also("DataVersion");
        let answer = self.client.send(self.read_request()?).await?;
        let value = self.decode(&answer)?;
        let tag: Annotated = answer.json()?;
        let header = answer.headers().get(header::ETAG).and_then(|value| value.to_str().ok());
        let text = header.or(tag.etag.as_deref()).ok_or_else(unversioned)?;
        let etag = text
            .parse()
            .map_err(|_| answer.unreadable("the answer's etag has not the form W/\"…\""))?;
        Ok(Tagged { value, etag })
    }

    /// `GET /{Set}(key)/{Property}`: one property; `None` when it is null.
    ///
    /// The server answers null for an entity that does not exist, too.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn property<T: EdmValue>(self, field: Field<E, T>) -> Result<Option<T>> {
        if let Some(problem) = field.problem() {
            return Err(Error::invalid(format!("property: {problem}")));
        }
        let target = call::path(&self.set, Some(&self.key), &[field.name()]);
        let answer = self.client.send(Request::get(target)).await?;
        let property: Property<Read<T>> = answer.json()?;
        match property {
            Property { value: Some(read), .. } => Ok(Some(read.0)),
            Property { value: None, null: true } => Ok(None),
            Property { value: None, null: false } => {
                Err(answer.unreadable("the answer holds neither a value nor null"))
            }
        }
    }

    /// `GET /{Set}(key)` as raw JSON, nothing dropped.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn get_raw(self) -> Result<Answer> {
        self.client.send(self.read_request()?).await
    }

    /// `PATCH /{Set}(key)`: sends what is set and leaves the rest (修改).
    ///
    /// Takes an entity with the members to change, or [`Changes`].
    pub fn update(self, changes: impl Into<Changes<E>>) -> Update<E> {
        Update::new(self, changes.into())
    }

    /// `PATCH /{Set}(key)` of a single property.
    pub fn set<T>(self, field: Field<E, T>, value: impl Into<T>) -> Update<E>
    where
        T: EdmValue + Send + Sync + 'static,
    {
        self.update(Changes::new().set(field, value))
    }

    /// `DELETE /{Set}(key)`: drafts and master data; documents are cancelled or closed instead.
    pub fn delete(self) -> Action<E> {
        Action::new(self, Method::DELETE, None)
    }

    /// `POST /{Set}(key)/{Action}`: any action bound to the entity.
    pub fn action(self, name: impl Into<Cow<'static, str>>) -> Action<E> {
        Action::new(self, Method::POST, Some(name.into()))
    }

    pub(crate) fn target(&self, tail: &[&str]) -> String {
        call::path(&self.set, Some(&self.key), tail)
    }

    fn read_request(&self) -> Result<Request> {
        let mut options = Options::default();
        self.selection.apply(&mut options)?;
        let mut target = self.target(&[]);
        options.append_to(&mut target);
        Ok(Request::get(target))
    }

    fn decode(&self, answer: &Answer) -> Result<E> {
        decode_entity(answer, self.selection.is_all())
    }
}

/// Reads an entity; a whole one must have its key, or it is something else's answer.
pub(crate) fn decode_entity<E: EntityType>(answer: &Answer, whole: bool) -> Result<E> {
    let entity: E = answer.entity()?;
    if whole && entity.key().is_none() {
        return Err(answer.unreadable(format!(
            "the answer has no {}: this is no entity of the set",
            E::KEY_PROPERTIES.join(", ")
        )));
    }
    Ok(entity)
}

#[derive(Deserialize)]
struct Annotated {
    #[serde(rename = "odata.etag", alias = "@odata.etag")]
    etag: Option<String>,
}

#[derive(Deserialize)]
struct Property<T> {
    value: Option<T>,
    #[serde(rename = "odata.null", alias = "@odata.null", default)]
    null: bool,
}

/// A deletion or a bound action; await it.
#[must_use = "requests do nothing unless they are awaited"]
pub struct Action<E> {
    record: Record<E>,
    method: Method,
    name: Option<Cow<'static, str>>,
    json: Result<Option<String>>,
    if_match: Option<ETag>,
}

impl<E> fmt::Debug for Action<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Action({} {:?} {:?})", self.method, self.record, self.name)
    }
}

impl<E: EntityType> Action<E> {
    fn new(record: Record<E>, method: Method, name: Option<Cow<'static, str>>) -> Self {
        Self { record, method, name, json: Ok(None), if_match: None }
    }

    /// Sends parameters.
    pub fn body<T: Serialize + ?Sized>(mut self, body: &T) -> Self {
        self.json = serde_json::to_string(body)
            .map(Some)
            .map_err(|error| Error::invalid(format!("body: {error}")));
        self
    }

    /// Only if nobody changed the entity since this version was read; else the error is of kind
    /// `Conflict`.
    pub fn if_match(mut self, etag: ETag) -> Self {
        self.if_match = Some(etag);
        self
    }
}

impl<E: EntityType> IntoFuture for Action<E> {
    type Output = Result<Answer>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let idempotency = match self.method {
                Method::DELETE => Idempotency::Idempotent,
                _ => Idempotency::NotIdempotent,
            };
            let target = self.record.target(self.name.as_deref().as_slice());
            let mut request = Request::new(self.method, target, idempotency);
            if let Some(json) = self.json? {
                request = request.json(json);
            }
            if let Some(etag) = self.if_match {
                request = request.header(header::IF_MATCH, etag.header()?);
            }
            self.record.client.send(request).await
        })
    }
}
