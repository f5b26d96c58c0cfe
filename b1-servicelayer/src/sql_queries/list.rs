//! Running a stored query.

use std::sync::Arc;

use erplink_core::{Idempotency, Page, Results, pager};
use http::{HeaderMap, Method};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::call::Request;
use crate::edm::{EdmValue, Read};
use crate::entities::SqlQuery;
use crate::list::{List, PREFER, STUCK, page_preference};
use crate::query::Options;
use crate::sql_queries::SqlValue;
use crate::sql_queries::parameter::Parameters;
use crate::{Answer, Cursor, Error, Field, Record, Result};

impl Record<SqlQuery> {
    /// `POST /SQLQueries('code')/List`: runs the stored query (执行 SQL 查询).
    ///
    /// ```no_run
    /// # async fn run(b1: b1_servicelayer::Client) -> b1_servicelayer::Result<()> {
    /// use b1_servicelayer::{ComplexType, Decimal};
    /// use chrono::NaiveDate;
    ///
    /// #[derive(Debug, Default, ComplexType)]
    /// struct Row {
    ///     doc_entry: Option<i32>, // column DocEntry
    ///     doc_date: Option<NaiveDate>,
    ///     #[entity(name = "total")]
    ///     total: Option<Decimal>,
    /// }
    ///
    /// let query = b1.sql_queries().key("open-orders");
    /// let mut rows = query.list().parameter("code", "C001").page_size(100).rows::<Row>();
    /// while let Some(row) = rows.next().await {
    ///     println!("{:?}", row?);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn list(self) -> SqlList {
        SqlList {
            record: self,
            parameters: Parameters::default(),
            page_size: None,
            in_address: false,
            start: Cursor::default(),
        }
    }
}

/// A stored SQL query about to be run; ask it for [`rows`](Self::rows) or [`pages`](Self::pages).
///
/// The rows come page by page as they are asked for. Pages are offsets, no snapshot: end the query
/// with an `ORDER BY` on something unique, and let your side bear a repetition.
///
/// Some versions answer an empty result with "not found". That is an empty list here, once the
/// query itself has been found to exist.
///
/// # Errors
/// Of kind `NotFound` when there is no such query; of kind `Forbidden` when the user may not run it
/// (an administrator grants it in the general authorizations; it takes about a minute); of kind
/// `Api` with [`SQL_PARAMETER`](crate::codes::SQL_PARAMETER) when a parameter is missing, unknown or
/// unreadable, with [`SQL_TABLE`](crate::codes::SQL_TABLE) or
/// [`SQL_COLUMN`](crate::codes::SQL_COLUMN) when the site no longer lets queries read what it names.
#[derive(Clone, Debug)]
#[must_use = "queries do nothing until they are asked for rows or pages"]
pub struct SqlList {
    record: Record<SqlQuery>,
    parameters: Parameters,
    page_size: Option<u32>,
    in_address: bool,
    start: Cursor,
}

impl SqlList {
    /// The value for `:name` in the text of the query. Every parameter needs one.
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<SqlValue>) -> Self {
        self.parameters.set(name.into(), value.into());
        self
    }

    /// Rows a page. Default: the server's, usually 20. At least 1.
    pub fn page_size(mut self, size: u32) -> Self {
        self.page_size = Some(size);
        self
    }

    /// `GET /SQLQueries('code')/List?name=value`: sends the parameters in the address, for gateways
    /// that do not let the `POST` through. Addresses are limited in length and end up in logs.
    pub fn in_address(mut self) -> Self {
        self.in_address = true;
        self
    }

    /// Starts where an earlier walk stopped; see [`Page::next`].
    pub fn resume(mut self, cursor: Cursor) -> Self {
        self.start = cursor;
        self
    }

    /// The rows of all pages, one by one, read as a `#[derive(ComplexType)]` of yours (exact
    /// decimals, dates in every form, columns by name) or, as [`RawJson`](crate::RawJson), each as
    /// the JSON object that came.
    ///
    /// # Errors
    /// The first failing page ends the stream. A row of another shape fails its page.
    pub fn rows<T: EdmValue + Send + 'static>(self) -> Results<T, Error> {
        pager::items(self.pages())
    }

    /// The rows of all pages, one by one, decoded by serde.
    ///
    /// # Errors
    /// As [`rows`](Self::rows).
    pub fn rows_as<T: DeserializeOwned + Send + 'static>(self) -> Results<T, Error> {
        pager::items(self.pages_as())
    }

    /// [`rows`](Self::rows) page by page. [`Page::next`] can be stored to [`resume`](Self::resume)
    /// later.
    pub fn pages<T: EdmValue + Send + 'static>(self) -> Results<Page<T, Cursor>, Error> {
        self.walk(|row: Read<T>| row.0)
    }

    /// [`rows_as`](Self::rows_as) page by page.
    pub fn pages_as<T: DeserializeOwned + Send + 'static>(self) -> Results<Page<T, Cursor>, Error> {
        self.walk(|row: T| row)
    }

    fn walk<R, T>(self, row: fn(R) -> T) -> Results<Page<T, Cursor>, Error>
    where
        R: for<'de> Deserialize<'de> + 'static,
        T: Send + 'static,
    {
        let start = self.start.clone();
        let plan = self.plan().map(Arc::new);
        pager::pages(start, move |at| {
            let plan = plan.clone();
            async move { plan?.fetch(at, row).await }
        })
    }

    fn plan(self) -> Result<Plan> {
        let mut headers = HeaderMap::new();
        if let Some(size) = self.page_size {
            headers.insert(PREFER, page_preference(size)?);
        }
        let mut options = Options::default();
        let mut body = None;
        if self.in_address {
            for (name, value) in self.parameters.checked()? {
                options.set(name.clone(), value.as_str());
            }
        } else {
            let list = self.parameters.list()?;
            let json = serde_json::json!({ "ParamList": list });
            body = (!list.is_empty()).then(|| json.to_string());
        }
        let method = if self.in_address { Method::GET } else { Method::POST };
        Ok(Plan { record: self.record, method, options, headers, body })
    }
}

/// A query that is ready to be sent for any of its pages.
struct Plan {
    record: Record<SqlQuery>,
    method: Method,
    options: Options,
    headers: HeaderMap,
    body: Option<String>,
}

impl Plan {
    async fn fetch<R, T>(&self, at: Cursor, row: fn(R) -> T) -> Result<Page<T, Cursor>>
    where
        R: for<'de> Deserialize<'de>,
    {
        let answer = match self.send(&at).await {
            Err(error) if error.is_not_found() && self.is_there(&at).await? => {
                return Ok(Page { items: Vec::new(), next: None });
            }
            other => other?,
        };
        let list: List<R> = answer.json()?;
        let items = list.value.into_iter().map(row).collect();
        let next = match list.next {
            None => None,
            Some(link) => Some(at.follow(&link, None).ok_or_else(|| answer.unreadable(STUCK))?),
        };
        Ok(Page { items, next })
    }

    async fn send(&self, at: &Cursor) -> Result<Answer> {
        let mut options = self.options.clone();
        at.apply(&mut options);
        let mut target = self.record.target(&["List"]);
        options.append_to(&mut target);
        let mut request = Request::new(self.method.clone(), target, Idempotency::Safe)
            .headers(self.headers.clone());
        if let Some(body) = &self.body {
            request = request.json(body.clone());
        }
        self.record.client().send(request).await
    }

    /// "Not found" means no rows, or no such query. Behind the first page there is no doubt.
    async fn is_there(&self, at: &Cursor) -> Result<bool> {
        if *at != Cursor::default() {
            return Ok(true);
        }
        let code = Field::<SqlQuery, String>::new("SqlCode");
        Ok(self.record.clone().select(code).find().await?.is_some())
    }
}
