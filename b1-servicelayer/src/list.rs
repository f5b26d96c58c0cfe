//! Reading many: queries, pages, items.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use erplink_core::json::{self, DecodeError};
use erplink_core::{Page, RawJson, Results, pager};
use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Deserializer, Serialize};

use crate::call::{self, Request};
use crate::edm::Read;
use crate::json_object::Members;
use crate::query::{Filter, Options, OrderBy, Select, Selection};
use crate::{Client, EntityType, Error, ErrorKind, Result, TotalOption};

pub(crate) const PREFER: HeaderName = HeaderName::from_static("prefer");
const CASE_INSENSITIVE: HeaderName = HeaderName::from_static("b1s-caseinsensitive");

pub(crate) const STUCK: &str =
    "the link to the next page does not lead further; stopped instead of looping";

/// A query on an entity set, for `GET /{Set}`.
///
/// Pages are fetched one by one as they are asked for. Offsets are no snapshot: rows that others
/// insert or delete meanwhile shift the rest, so order by the key and let your side bear a
/// repetition.
#[must_use = "queries do nothing until they are asked for items, pages, first, all or count"]
pub struct Query<E> {
    client: Client,
    set: Cow<'static, str>,
    filter: Option<Filter<E>>,
    order: Vec<OrderBy<E>>,
    selection: Selection,
    top: Option<u64>,
    skip: Option<u64>,
    page_size: Option<u32>,
    case_insensitive: bool,
    start: Option<Cursor>,
}

/// Where a page starts. It can be stored and given to [`Query::resume`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    skip: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    skip_token: Option<String>,
    /// How many of [`Query::top`] are left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    left: Option<u64>,
}

/// A page together with the number of all matches.
#[derive(Clone, Debug)]
pub struct Counted<E> {
    /// The first page.
    pub page: Page<E, Cursor>,
    /// How many entities match in all, on every page.
    pub total: u64,
}

/// An item of a list, or why this one could not be read.
pub type Guarded<E> = std::result::Result<E, Undecodable>;

/// One item of a page that does not have the documented shape; the others are fine.
#[derive(Clone, Debug, thiserror::Error)]
#[error("item {} of the list cannot be read: {error}", key.as_deref().unwrap_or("without a key"))]
pub struct Undecodable {
    /// Its key, if that much could be read: `22`, or `C1|I1` for keys of several properties.
    pub key: Option<String>,
    /// The item as the server sent it.
    pub raw: RawJson,
    /// What does not fit.
    pub error: DecodeError,
}

impl<E> fmt::Debug for Query<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Query")
            .field("set", &self.set)
            .field("filter", &self.filter)
            .finish_non_exhaustive()
    }
}

impl<E> Clone for Query<E> {
    fn clone(&self) -> Self {
        Self {
            client: self.client.clone(),
            set: self.set.clone(),
            filter: self.filter.clone(),
            order: self.order.clone(),
            selection: self.selection.clone(),
            top: self.top,
            skip: self.skip,
            page_size: self.page_size,
            case_insensitive: self.case_insensitive,
            start: self.start.clone(),
        }
    }
}

impl<E: EntityType> Query<E> {
    pub(crate) fn new(client: Client, set: Cow<'static, str>) -> Self {
        Self {
            client,
            set,
            filter: None,
            order: Vec::new(),
            selection: Selection::default(),
            top: None,
            skip: None,
            page_size: None,
            case_insensitive: false,
            start: None,
        }
    }

    /// Only entities that meet the condition; a second one must hold as well.
    pub fn filter(mut self, filter: Filter<E>) -> Self {
        self.filter = Some(match self.filter {
            Some(first) => first.and(filter),
            None => filter,
        });
        self
    }

    /// In this order; a second one decides where the first is equal.
    pub fn order_by(mut self, order: OrderBy<E>) -> Self {
        self.order.push(order);
        self
    }

    /// Only these properties; the others are `None`. Collections come whole or not at all.
    pub fn select(mut self, fields: impl Select<E>) -> Self {
        self.selection.select(&fields);
        self
    }

    /// What errors call it.
    pub(crate) fn operation(&self) -> String {
        format!("GET {}", self.set)
    }

    /// Reads a property even if it is not among the selected ones.
    pub(crate) fn also_select(mut self, name: &str) -> Self {
        self.selection.also(name);
        self
    }

    /// With the entity that this navigation property leads to. Collections of lines need no
    /// expanding and the server refuses it.
    pub fn expand(mut self, navigation: impl Into<String>) -> Self {
        self.selection.expand(navigation);
        self
    }

    /// At most so many entities, over all pages.
    pub fn top(mut self, top: u64) -> Self {
        self.top = Some(top);
        self
    }

    /// Leaves out the first so many entities.
    pub fn skip(mut self, skip: u64) -> Self {
        self.skip = Some(skip);
        self
    }

    /// Entities a page. Default: the server's, usually 20. At least 1: the server takes 0 for
    /// "all at once", which is refused here.
    pub fn page_size(mut self, size: u32) -> Self {
        self.page_size = Some(size);
        self
    }

    /// Text is compared without regard to case (SAP HANA).
    pub fn case_insensitive(mut self) -> Self {
        self.case_insensitive = true;
        self
    }

    /// Starts where an earlier walk stopped; see [`Page::next`](erplink_core::Page::next).
    pub fn resume(mut self, cursor: Cursor) -> Self {
        self.start = Some(cursor);
        self
    }

    /// `GET /{Set}`: the entities of all pages, one by one.
    ///
    /// # Errors
    /// The first failing page ends the stream. An item that cannot be read fails its page; see
    /// [`items_guarded`](Self::items_guarded).
    pub fn items(self) -> Results<E, Error> {
        pager::items(self.pages())
    }

    /// `GET /{Set}`: page by page. [`Page::next`](erplink_core::Page::next) can be stored to
    /// [`resume`](Self::resume) later.
    pub fn pages(self) -> Results<Page<E, Cursor>, Error> {
        self.walk(|item: Read<E>| item.0)
    }

    /// `GET /{Set}`: the entities of all pages, where one that cannot be read is reported in its
    /// place instead of failing its page.
    pub fn items_guarded(self) -> Results<Guarded<E>, Error> {
        pager::items(self.walk(guard::<E>))
    }

    /// `GET /{Set}?$top=1`: the first entity, if there is one.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn first(self) -> Result<Option<E>> {
        self.top(1).items().next().await.transpose()
    }

    /// `GET /{Set}`: all entities, in memory.
    ///
    /// # Errors
    /// Those of the calls.
    pub async fn all(self) -> Result<Vec<E>> {
        self.items().try_collect().await
    }

    /// `GET /{Set}/$count`: how many entities match.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn count(self) -> Result<u64> {
        let mut options = Options::default();
        if let Some(filter) = &self.filter {
            options.set("$filter", filter.checked()?);
        }
        let mut target = call::path(&self.set, None, &["$count"]);
        options.append_to(&mut target);
        let request = Request::get(target).headers(self.headers(None)?);
        let answer = self.client.send(request).await?;
        let text = answer.text()?.trim_start_matches('\u{feff}').trim();
        text.parse().map_err(|_| answer.unreadable("$count: expected a number"))
    }

    /// `GET /{Set}?$inlinecount=allpages` (v2: `$count=true`): the first page and the number of
    /// all matches.
    ///
    /// # Errors
    /// Those of the call; of kind `Decode` when the server left the number out.
    pub async fn with_total(self) -> Result<Counted<E>> {
        let client = self.client.clone();
        let mut plan = self.plan()?;
        match client.inner().total_option {
            TotalOption::InlineCount => plan.options.set("$inlinecount", "allpages"),
            TotalOption::Count => plan.options.set("$count", "true"),
        }
        let start = plan.start.clone();
        let (page, total) = plan.fetch(start, |item: Read<E>| item.0).await?;
        let total = total.ok_or_else(|| {
            Error::new(ErrorKind::Decode, "the list has no total: try the other `total_option`")
        })?;
        Ok(Counted { page, total })
    }

    pub(crate) fn walk<R, T>(self, item: fn(R) -> T) -> Results<Page<T, Cursor>, Error>
    where
        R: for<'de> Deserialize<'de> + 'static,
        T: Send + 'static,
    {
        let plan = self.plan().map(Arc::new);
        let start = plan.as_ref().map(|plan| plan.start.clone()).unwrap_or_default();
        pager::pages(start, move |at| {
            let plan = plan.clone();
            async move { Ok(plan?.fetch(at, item).await?.0) }
        })
    }

    fn headers(&self, page_size: Option<u32>) -> Result<HeaderMap> {
        let mut headers = HeaderMap::new();
        if let Some(size) = page_size {
            headers.insert(PREFER, page_preference(size)?);
        }
        if self.case_insensitive {
            headers.insert(CASE_INSENSITIVE, HeaderValue::from_static("true"));
        }
        Ok(headers)
    }

    fn plan(self) -> Result<Plan> {
        let mut options = Options::default();
        self.selection.apply(&mut options)?;
        if let Some(filter) = &self.filter {
            options.set("$filter", filter.checked()?);
        }
        if !self.order.is_empty() {
            let order: Result<Vec<_>> = self.order.iter().map(OrderBy::checked).collect();
            options.set("$orderby", order?.join(","));
        }
        let start = self.start.clone().unwrap_or(Cursor {
            skip: self.skip,
            skip_token: None,
            left: self.top,
        });
        let headers = self.headers(self.page_size)?;
        Ok(Plan { client: self.client, set: self.set, options, headers, start })
    }
}

/// A query that is ready to be sent for any of its pages.
struct Plan {
    client: Client,
    set: Cow<'static, str>,
    options: Options,
    headers: HeaderMap,
    start: Cursor,
}

impl Plan {
    /// Sends the *original* query with another offset: the server's link does not reliably repeat
    /// the options and may name a host that only it can see.
    async fn fetch<R, T>(
        &self,
        at: Cursor,
        item: fn(R) -> T,
    ) -> Result<(Page<T, Cursor>, Option<u64>)>
    where
        R: for<'de> Deserialize<'de>,
    {
        let mut options = self.options.clone();
        if let Some(left) = at.left {
            options.set("$top", left.to_string());
        }
        at.apply(&mut options);
        let mut target = call::path(&self.set, None, &[]);
        options.append_to(&mut target);
        let request = Request::get(target).headers(self.headers.clone());
        let answer = self.client.send(request).await?;
        let list: List<R> = answer.json()?;
        let limit = at.left.and_then(|left| usize::try_from(left).ok()).unwrap_or(usize::MAX);
        let items: Vec<T> = list.value.into_iter().take(limit).map(item).collect();
        let left = at.left.map(|left| left.saturating_sub(items.len() as u64));
        let next = match list.next {
            Some(link) if left != Some(0) => {
                let next = at.follow(&link, left);
                Some(next.ok_or_else(|| answer.unreadable(STUCK))?)
            }
            _ => None,
        };
        Ok((Page { items, next }, list.count))
    }
}

impl Cursor {
    /// Asks for the page that starts here.
    pub(crate) fn apply(&self, options: &mut Options) {
        if let Some(skip) = self.skip {
            options.set("$skip", skip.to_string());
        }
        if let Some(token) = &self.skip_token {
            options.set("$skiptoken", token.clone());
        }
    }

    /// Where the server's link leads; `None` when it does not lead further.
    pub(crate) fn follow(&self, link: &str, left: Option<u64>) -> Option<Self> {
        let query = link.split_once('?').map_or("", |(_, query)| query);
        let option = |name: &str| {
            query.split('&').filter_map(|pair| pair.split_once('=')).find_map(|(key, value)| {
                let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
                decode(key).eq_ignore_ascii_case(name).then(|| decode(value))
            })
        };
        let skip_token = option("$skiptoken");
        let skip = option("$skip").and_then(|text| text.trim().parse().ok());
        let advances = skip.is_some_and(|skip| skip > self.skip.unwrap_or_default());
        if skip_token.is_none() && !advances {
            return None;
        }
        let skip = if advances { skip } else { self.skip };
        Some(Self { skip, skip_token, left })
    }
}

/// `Prefer: odata.maxpagesize=…`
pub(crate) fn page_preference(size: u32) -> Result<HeaderValue> {
    if size == 0 {
        return Err(Error::invalid("page_size: expected at least 1"));
    }
    HeaderValue::try_from(format!("odata.maxpagesize={size}"))
        .map_err(|error| Error::invalid(format!("page_size: {error}")))
}

#[derive(Deserialize)]
pub(crate) struct List<T> {
    pub(crate) value: Vec<T>,
    #[serde(rename = "odata.nextLink", alias = "@odata.nextLink")]
    pub(crate) next: Option<String>,
    #[serde(rename = "odata.count", alias = "@odata.count", default, deserialize_with = "total")]
    count: Option<u64>,
}

/// v1 prints the total as text, v2 as a number.
fn total<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Option<u64>, D::Error> {
    let total = Option::<Read<i64>>::deserialize(deserializer)?;
    Ok(total.and_then(|total| u64::try_from(total.0).ok()))
}

fn guard<E: EntityType>(raw: RawJson) -> Guarded<E> {
    json::decode::<Read<E>>(raw.as_str().as_bytes()).map(|read| read.0).map_err(|error| {
        let key = raw.get::<Members>().ok().and_then(|m| m.key_text(E::KEY_PROPERTIES));
        Undecodable { key, raw: raw.clone(), error }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_only_the_offset_out_of_any_link() {
        let skip = |link: &str| Cursor::default().follow(link, None).map(|next| next.skip);
        for (link, expected) in [
            ("/b1s/v1/Orders?$skip=20", 20),
            ("Orders?$select=DocEntry,CardCode&$skip=2", 2),
            ("SQLQueries('sql0001')/List?&$skip=5", 5),
            ("SQLQueries('sql01')/List?docTotal=10.1&$skip=5", 5),
            ("https://databaseserver:50001/b1s/v1/BusinessPartners?$skip=20&$filter=a eq 'b'", 20),
            ("Items?%24skip=40", 40),
        ] {
            assert_eq!(skip(link).unwrap(), Some(expected), "{link}");
        }
        for link in ["Orders", "Orders?$top=3", "Orders?$skip=0", "Orders?$skip=x", ""] {
            assert!(skip(link).is_none(), "{link}");
        }
        let token = Cursor::default().follow("Items?$skiptoken=a%2Fb", None).unwrap();
        assert_eq!(token.skip_token.as_deref(), Some("a/b"));
    }

    #[test]
    fn a_cursor_survives_storage() {
        let cursor = Cursor { skip: Some(20), skip_token: None, left: Some(5) };
        let text = serde_json::to_string(&cursor).unwrap();
        assert_eq!(text, r#"{"skip":20,"left":5}"#);
        assert_eq!(serde_json::from_str::<Cursor>(&text).unwrap(), cursor);
    }
}
