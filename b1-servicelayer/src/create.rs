//! Creating entities: plainly, or as documents that may need approval.

use std::borrow::Cow;
use std::fmt;
use std::future::IntoFuture;

use erplink_core::{Effect, ErrorKind, Idempotency};
use futures_util::future::BoxFuture;
use http::{HeaderValue, Method, header};
use serde::Deserialize;

use crate::call::{self, Request};
use crate::error::codes;
use crate::key::{Parsed, set_in_location};
use crate::list::PREFER;
use crate::query::Filter;
use crate::record::decode_entity;
use crate::{Answer, ApiError, Client, EntitySet, EntityType, Error, Field, Key, Result};

/// `POST /{Set}`; await it for the entity as the server completed it.
///
/// A creation is never repeated when its answer is lost; the error then says so with
/// [`may_have_taken_effect`](erplink_core::Error::may_have_taken_effect). So it does when the server
/// saved a draft instead of the document because an approval template applies (审批): the draft must
/// not be taken for the document. [`EntitySet::create_document`] tells them apart.
#[must_use = "requests do nothing unless they are awaited"]
pub struct Create<E> {
    set: EntitySet<E>,
    json: Result<String>,
}

impl<E> fmt::Debug for Create<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Create({:?})", self.set)
    }
}

impl<E: EntityType> Create<E> {
    pub(crate) fn new(set: EntitySet<E>, entity: &E) -> Self {
        let json = set.json_of(entity);
        Self { set, json }
    }

    /// Asks for the key only, which spares the server the answer's body.
    pub fn return_no_content(self) -> CreateForKey<E> {
        CreateForKey(self)
    }

    fn request(&self) -> Result<(Client, Request)> {
        let target = call::path(self.set.name(), None, &[]);
        let request = Request::new(Method::POST, target, Idempotency::NotIdempotent);
        Ok((self.set.client().clone(), request.json(self.json.clone()?).creating()))
    }

    async fn send(&self) -> Result<Saved> {
        let (client, request) = self.request()?;
        client.send(request).await.map(|answer| Saved::of(answer, self.set.name()))
    }
}

impl<E: EntityType> IntoFuture for Create<E> {
    type Output = Result<E>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            match self.send().await? {
                Saved::Entity(answer) => decode_entity(&answer, true),
                Saved::Draft(answer) => Err(saved_as_draft(&answer)),
            }
        })
    }
}

/// [`Create`] that only asks for the key; await it.
#[derive(Debug)]
#[must_use = "requests do nothing unless they are awaited"]
pub struct CreateForKey<E>(Create<E>);

impl<E: EntityType> IntoFuture for CreateForKey<E> {
    type Output = Result<Key>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let (client, request) = self.0.request()?;
            let prefer = HeaderValue::from_static("return-no-content");
            let set = self.0.set.name().to_owned();
            let answer = client.send(request.header(PREFER, prefer)).await?;
            match Saved::of(answer, &set) {
                Saved::Entity(answer) => key_of_location(&answer, E::KEY_PROPERTIES),
                Saved::Draft(answer) => Err(saved_as_draft(&answer)),
            }
        })
    }
}

/// What a successful `POST` has left behind.
enum Saved {
    Entity(Answer),
    /// A draft, because an approval template applies to the document.
    Draft(Answer),
}

impl Saved {
    /// `Location` and metadata of the answer name the set that the entity is in.
    fn of(answer: Answer, asked: &str) -> Self {
        #[derive(Deserialize)]
        struct Context {
            #[serde(rename = "odata.metadata", alias = "@odata.context")]
            context: Option<String>,
        }
        let is_draft = |set: &str| set != asked && ["Drafts", "StockTransferDrafts"].contains(&set);
        let location = answer.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
        let context = answer.json::<Context>().ok().and_then(|context| context.context);
        let context = context.as_deref().and_then(|context| context.split_once('#'));
        let context = context.and_then(|(_, set)| set.split('/').next());
        let draft = location.and_then(set_in_location).is_some_and(is_draft)
            || context.is_some_and(is_draft);
        if draft { Self::Draft(answer) } else { Self::Entity(answer) }
    }
}

fn saved_as_draft(answer: &Answer) -> Error {
    let location = answer.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
    let key = location.and_then(Parsed::in_location).and_then(|key| key.into_key(&["DocEntry"]));
    let key = key.map(|key| key.to_string()).unwrap_or_default();
    let message =
        format!("not created: an approval template applies, and the draft {key} was saved instead");
    answer.failed(Error::new(ErrorKind::Api, message).with_effect(Effect::Unknown))
}

fn key_of_location(answer: &Answer, names: &'static [&'static str]) -> Result<Key> {
    answer
        .headers()
        .get(header::LOCATION)
        .and_then(|location| location.to_str().ok())
        .and_then(|location| Parsed::in_location(location)?.into_key(names))
        .ok_or_else(|| {
            answer.unreadable("created, but the answer's Location names no key of the set")
        })
}

/// What became of a document that was sent with [`EntitySet::create_document`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Posted<E> {
    /// It was created.
    Created(E),
    /// It exists with this correlation although its own answer was lost.
    Found(E),
    /// An approval template applies (审批): not the document but this draft was saved.
    AwaitingApproval {
        /// The draft; when it had to be looked up, the newest with the correlation.
        draft: E,
    },
}

/// `POST /{Set}` for documents that may be subject to approval; await it.
#[must_use = "requests do nothing unless they are awaited"]
pub struct CreateDocument<E> {
    create: Create<E>,
    correlation: Filter<E>,
    drafts: Cow<'static, str>,
}

impl<E> fmt::Debug for CreateDocument<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CreateDocument({:?} {:?})", self.create, self.correlation)
    }
}

impl<E: EntityType> EntitySet<E> {
    /// `POST /{Set}`: creates a document that may be subject to approval (审批).
    ///
    /// Then the server saves a draft instead: it answers with the draft, or with error -2028 although
    /// it saved it. After that answer, and after none, the document and the draft are looked up by
    /// `correlation`: a condition that only this document meets, such as its `NumAtCard` or a
    /// user-defined field that holds your own number. Set that field in `document`.
    ///
    /// The error says with `may_have_taken_effect` when even the look-up could not tell.
    pub fn create_document(&self, document: &E, correlation: Filter<E>) -> CreateDocument<E> {
        let drafts = match self.name() {
            "StockTransfers" | "InventoryTransferRequests" => "StockTransferDrafts",
            _ => "Drafts",
        };
        CreateDocument { create: self.create(document), correlation, drafts: drafts.into() }
    }
}

impl<E: EntityType> CreateDocument<E> {
    /// The set where the draft would be: `Drafts`, or `StockTransferDrafts` for transfers.
    pub fn drafts(mut self, set: impl Into<Cow<'static, str>>) -> Self {
        self.drafts = set.into();
        self
    }

    async fn run(self) -> Result<Posted<E>> {
        let set = self.create.set.clone();
        self.correlation.checked()?;
        let error = match self.create.send().await {
            Ok(Saved::Entity(answer)) => {
                return decode_entity(&answer, true).map(Posted::Created);
            }
            Ok(Saved::Draft(answer)) => {
                let draft = decode_entity(&answer, true)?;
                return Ok(Posted::AwaitingApproval { draft });
            }
            Err(error) if error.may_have_taken_effect() => error,
            Err(error) => return Err(error),
        };
        let answered =
            error.api_error().and_then(ApiError::number) == Some(codes::NO_MATCHING_RECORD);
        let newest = |set: EntitySet<E>| {
            let key = E::KEY_PROPERTIES.first().copied().unwrap_or("DocEntry");
            let order = Field::<E, i32>::new(key).desc();
            set.filter(self.correlation.clone()).order_by(order).first()
        };
        // Whatever goes wrong while looking leaves the first question open: keep its error.
        if let Some(document) = newest(set.clone()).await.map_err(|_| error.clone())? {
            return Ok(Posted::Found(document));
        }
        let drafts = set.client().set::<E>(self.drafts);
        if let Some(draft) = newest(drafts).await.map_err(|_| error.clone())? {
            return Ok(Posted::AwaitingApproval { draft });
        }
        // An answer that came and left nothing behind was a refusal; one that never came may
        // still be on its way.
        Err(if answered { error.with_effect(Effect::NotExecuted) } else { error })
    }
}

impl<E: EntityType> IntoFuture for CreateDocument<E> {
    type Output = Result<Posted<E>>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}
