//! The modelling engine (建模引擎, "cube"): rows of tables that the customer designed in OA.
//!
//! Each interface is defined in OA under 建模引擎 → 接口管理 → RESTful. Its identifier is the
//! `method` of the calls here, and is bound to one operation and one table, with its own fields and
//! match rule. Calls are signed inside the body with a system identifier and password, see
//! [`CubeConfig`].

pub(crate) mod answer;
mod record;
mod signer;

use erplink_core::{Call, Effect, ErrorKind, Idempotency, RawJson, Results};
use http::HeaderMap;
use serde_json::{Map, Value, json};
use url::form_urlencoded;

pub use answer::RecordOutcome;
use answer::{Decoded, outcome};
pub use record::{DetailAction, Record};
pub(crate) use signer::Signer;

use crate::client::{Client, Endpoint, Identity};
use crate::config::CubeConfig;
use crate::encoding::Params;
use crate::error::{Diagnosis, Error, Expect, Result};
use crate::workflow::{awaitable, walk};

const PREFIX: &str = "/api/cube/restful/interface/";
const PAGE_SIZE: u32 = 20;

/// The calls of the modelling engine. From [`Client::cube`].
#[derive(Clone, Debug)]
pub struct Cube {
    client: Client,
}

impl Client {
    /// The calls of the modelling engine (建模引擎, `/api/cube/restful/interface/…`).
    #[must_use]
    pub fn cube(&self) -> Cube {
        Cube { client: self.clone() }
    }
}

/// What a save answered.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Saved {
    /// The outcome of each record, in the order they were given.
    pub outcomes: Vec<RecordOutcome>,
    /// The answer as it came.
    pub raw: RawJson,
}

impl Saved {
    /// Whether every record is certainly written.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.outcomes.iter().all(RecordOutcome::is_saved)
    }
}

impl Cube {
    /// `POST /api/cube/restful/interface/saveOrUpdateModeData/{method}`: inserts or updates records
    /// (新增/更新建模数据), several in one call. Await it.
    ///
    /// ```no_run
    /// use ecology_oa::cube::Record;
    ///
    /// # async fn run(client: ecology_oa::Client) -> ecology_oa::Result<()> {
    /// let records = [Record::new().field("itemcode", "A0001").field("itemname", "螺丝 M3")];
    /// let saved = client.cube().save("saveItem", records).match_key("itemcode").await?;
    /// for outcome in &saved.outcomes {
    ///     println!("{outcome:?}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Config`] without [`CubeConfig`]; [`ErrorKind::Auth`] for a wrong system
    /// identifier or password. Records that were refused one by one are no error: see
    /// [`Saved::outcomes`].
    pub fn save(
        &self,
        method: impl Into<String>,
        records: impl IntoIterator<Item = Record>,
    ) -> Save {
        Save {
            cube: self.clone(),
            method: method.into(),
            records: records.into_iter().collect(),
            match_key: None,
        }
    }

    /// `POST /api/cube/restful/interface/getModeDataPageList/{method}`: rows (建模数据列表).
    pub fn list(&self, method: impl Into<String>) -> ListRows {
        ListRows {
            cube: self.clone(),
            method: method.into(),
            filter: Map::new(),
            page_size: PAGE_SIZE,
        }
    }

    /// `POST /api/cube/restful/interface/deleteModeDataByPK/{method}`: deletes the row with this id
    /// (删除建模数据).
    ///
    /// Sends the id as `mainTable.id`; where an interface wants another body, use
    /// [`operation`](Self::operation).
    ///
    /// # Errors
    /// As [`save`](Self::save).
    pub async fn delete(&self, method: &str, id: i64) -> Result<()> {
        let mut body = self.operator()?;
        body.insert("mainTable".into(), json!({ "id": id.to_string() }));
        let decoded = self.call(DELETE, method, body).await?.0;
        match decoded.status {
            Some(false) => {
                Err(Error::new(ErrorKind::Api, "the modelling engine did not delete the row"))
            }
            _ => Ok(()),
        }
    }

    /// Any other operation of the modelling engine, such as `getModeDataByPK`, signed as the others.
    /// `members` stand beside the `header` of `datajson`. Answers the rows.
    ///
    /// Taken as a write that must not be repeated.
    ///
    /// # Errors
    /// As [`save`](Self::save).
    pub async fn operation(
        &self,
        operation: &str,
        method: &str,
        members: Map<String, Value>,
    ) -> Result<Vec<Map<String, Value>>> {
        let operation = Operation { name: operation, idempotency: Idempotency::NotIdempotent };
        Ok(self.call(operation, method, members).await?.0.rows)
    }

    fn signer(&self) -> Result<&Signer> {
        self.client.inner.cube.as_ref().ok_or_else(|| {
            Error::config(
                "cube: the modelling engine is not configured; give systemid, password and operator",
            )
        })
    }

    fn operator(&self) -> Result<Map<String, Value>> {
        let operator = &self.signer()?.config.operator;
        let mut body = Map::new();
        body.insert("operationinfo".into(), json!({ "operator": operator }));
        Ok(body)
    }

    /// Makes a call. When the server says that the clocks differ, its own time is taken, once.
    async fn call(
        &self,
        operation: Operation<'_>,
        method: &str,
        members: Map<String, Value>,
    ) -> Result<(Decoded, RawJson)> {
        let signer = self.signer()?;
        if method.trim().is_empty() {
            return Err(Error::invalid("method: the identifier of the interface is empty"));
        }
        let result = self.send(signer, &operation, method, &members).await;
        if let Err(error) = &result
            && let Some(api) = error.api_error()
            && api.diagnosis() == Some(Diagnosis::ClockSkew)
            && let Some(server) = api.server_date
        {
            signer.follow(server, self.client.clock().utc());
            return self.send(signer, &operation, method, &members).await;
        }
        result
    }

    async fn send(
        &self,
        signer: &Signer,
        operation: &Operation<'_>,
        method: &str,
        members: &Map<String, Value>,
    ) -> Result<(Decoded, RawJson)> {
        let mut datajson = Map::new();
        datajson.insert("header".into(), signer.header(self.client.clock().utc()));
        datajson.extend(members.clone());
        let segment = |text: &str| {
            let escaped: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
            escaped.replace('+', "%20")
        };
        let path = format!("{PREFIX}{}/{}", segment(operation.name), segment(method));
        let endpoint = Endpoint::new("POST cube", operation.idempotency, Expect::Cube);
        let mut exchange = endpoint
            .exchange()
            // The signed text goes as a form whatever the client's encoding is.
            .body(Params::new().nested("datajson", Value::Object(datajson)).form());
        exchange.call = Call::new(format!("POST {path}"), operation.idempotency);
        exchange.path = path;
        if !signer.config.with_token_headers {
            exchange.identity = Identity::Headers(HeaderMap::new());
        }
        let raw: RawJson = self.client.call(&exchange).await?;
        let shapeless = || {
            Error::new(ErrorKind::Decode, "the answer is not one of the modelling engine")
                .with_effect(Effect::Unknown)
        };
        let value: Value = raw.get().map_err(|_| shapeless())?;
        Ok((Decoded::of(&value).ok_or_else(shapeless)?, raw))
    }
}

struct Operation<'a> {
    name: &'a str,
    idempotency: Idempotency,
}

const DELETE: Operation<'static> =
    Operation { name: "deleteModeDataByPK", idempotency: Idempotency::Idempotent };
const LIST: Operation<'static> =
    Operation { name: "getModeDataPageList", idempotency: Idempotency::Safe };
const COUNT: Operation<'static> =
    Operation { name: "getModeDataPageCount", idempotency: Idempotency::Safe };

/// A save. From [`Cube::save`].
#[derive(Clone, Debug)]
#[must_use = "requests do nothing unless they are awaited"]
pub struct Save {
    cube: Cube,
    method: String,
    records: Vec<Record>,
    match_key: Option<String>,
}

impl Save {
    /// The column by which the interface recognises a row that exists already.
    ///
    /// Only with it, or with an id in every record, a save can be made twice without harm, and is
    /// repeated after a lost answer. Where the answer has fewer rows than were sent, they are told
    /// apart by it.
    pub fn match_key(mut self, column: impl Into<String>) -> Self {
        self.match_key = Some(column.into());
        self
    }

    async fn send(self) -> Result<Saved> {
        if self.records.is_empty() {
            return Err(Error::invalid("records: there is nothing to save"));
        }
        for (place, record) in (1..).zip(&self.records) {
            record.check(place, self.match_key.as_deref())?;
        }
        let repeatable = self.match_key.is_some() || self.records.iter().all(Record::has_id);
        let operation = Operation {
            name: "saveOrUpdateModeData",
            idempotency: if repeatable {
                Idempotency::Idempotent
            } else {
                Idempotency::NotIdempotent
            },
        };
        let signer = self.cube.signer()?;
        let now = signer.now(self.cube.client.clock().utc());
        let data: Value =
            self.records.iter().map(|record| record.encode(&signer.config.operator, now)).collect();
        let mut members = Map::new();
        members.insert("data".into(), data);
        let (decoded, raw) = self.cube.call(operation, &self.method, members).await?;
        Ok(Saved { outcomes: self.outcomes(&decoded), raw })
    }

    fn outcomes(&self, decoded: &Decoded) -> Vec<RecordOutcome> {
        let whole = decoded.status;
        if decoded.rows.is_empty() {
            // Failures without rows were errors before: the whole speaks for all.
            return vec![RecordOutcome::Saved { id: None }; self.records.len()];
        }
        if decoded.rows.len() == self.records.len() {
            return decoded.rows.iter().map(|row| outcome(row, whole)).collect();
        }
        let Some(key) = &self.match_key else {
            return vec![RecordOutcome::Unknown; self.records.len()];
        };
        self.records
            .iter()
            .map(|record| {
                let wanted = record.text(key);
                let row = decoded.rows.iter().find(|row| {
                    let place = row.get("mainTable").and_then(Value::as_object).unwrap_or(row);
                    let found = place.get(key.as_str()).and_then(crate::lenient::into_text);
                    found.is_some() && found == wanted
                });
                row.map_or(RecordOutcome::Unknown, |row| outcome(row, whole))
            })
            .collect()
    }
}

awaitable!(Save => Saved);

/// Lists rows. From [`Cube::list`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent before `rows` or `count`"]
pub struct ListRows {
    cube: Cube,
    method: String,
    filter: Map<String, Value>,
    page_size: u32,
}

impl ListRows {
    /// Only rows with this value in this column. Which columns can be used, and how they are
    /// compared, is set up in OA.
    pub fn filter(mut self, column: impl Into<String>, value: impl Into<String>) -> Self {
        self.filter.insert(column.into(), Value::String(value.into()));
        self
    }

    /// Rows in one page, at least 1. Default 20.
    pub fn page_size(mut self, rows: u32) -> Self {
        self.page_size = rows.max(1);
        self
    }

    /// The rows, each once: `{"mainTable": {…}, "detail1": […]}`.
    pub fn rows(self) -> Results<Map<String, Value>, Error> {
        let size = self.page_size as usize;
        let key = |row: &Map<String, Value>| {
            row.get("mainTable")?.get("id").and_then(crate::lenient::into_text)
        };
        walk(size, key, move |page| {
            let this = self.clone();
            async move { this.page(page).await }
        })
    }

    /// `POST /api/cube/restful/interface/getModeDataPageCount/{method}`: how many rows there are.
    /// `method` is that of a count interface.
    ///
    /// # Errors
    /// As [`Cube::save`].
    pub async fn count(self) -> Result<u64> {
        let decoded = self.cube.call(COUNT, &self.method, self.members()?).await?.0;
        decoded.count.and_then(|count| u64::try_from(count).ok()).ok_or_else(|| {
            Error::new(
                ErrorKind::Decode,
                "the answer holds no `pageCount`: is it a count interface?",
            )
        })
    }

    async fn page(&self, page: u32) -> Result<Vec<Map<String, Value>>> {
        let mut members = self.members()?;
        members.insert(
            "pageInfo".into(),
            json!({ "pageNo": page.to_string(), "pageSize": self.page_size.to_string() }),
        );
        Ok(self.cube.call(LIST, &self.method, members).await?.0.rows)
    }

    fn members(&self) -> Result<Map<String, Value>> {
        let mut members = self.cube.operator()?;
        members.insert("mainTable".into(), Value::Object(self.filter.clone()));
        Ok(members)
    }
}
