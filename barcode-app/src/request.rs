//! What the application sends.

use erplink_core::{Decimal, MemberError, Members, RawJson, json};

use crate::{Method, Operation};

/// Why a request cannot be read. Nothing was done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// The body is no JSON object.
    #[error("the body is not readable: {0}")]
    Body(String),
    /// A member that is needed is missing or empty.
    #[error("`{field}` is missing or empty")]
    Missing {
        /// The member, such as `data[0].linetable[1].BatchNumber`.
        field: String,
    },
    /// A member holds something else than it should.
    #[error("{place}{error}")]
    Field {
        /// Where it stands, such as `data[0].`; empty for the request itself.
        place: String,
        /// What is wrong.
        error: MemberError,
    },
    /// A member holds a value that cannot be used.
    #[error("`{field}`: expected {expected}, found `{found}`")]
    Value {
        /// The member.
        field: String,
        /// What was expected.
        expected: String,
        /// What was found.
        found: String,
    },
}

impl RequestError {
    pub(crate) fn missing(field: impl Into<String>) -> Self {
        Self::Missing { field: field.into() }
    }

    pub(crate) fn value(
        field: impl Into<String>,
        expected: impl Into<String>,
        found: &str,
    ) -> Self {
        let found = found.chars().take(40).collect();
        Self::Value { field: field.into(), expected: expected.into(), found }
    }

    /// For `map_err`: the member stands at this place.
    pub(crate) fn at(place: &str) -> impl Fn(MemberError) -> Self + '_ {
        move |error| Self::Field { place: place.to_owned(), error }
    }
}

/// `POST …/query` and `POST …/print-query`: one SQL text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueryRequest {
    /// The SQL text, as it was sent.
    pub sql: String,
}

impl QueryRequest {
    /// Reads `{"sql":"…"}`.
    ///
    /// # Errors
    /// When the body has another shape, or the text is empty.
    pub fn read(body: &[u8]) -> Result<Self, RequestError> {
        let sql = object(body)?.text("sql").map_err(RequestError::at(""))?;
        let sql = sql.filter(|sql| !sql.trim().is_empty());
        Ok(Self { sql: sql.ok_or_else(|| RequestError::missing("sql"))? })
    }
}

/// `POST …/save`: one document.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SaveRequest {
    /// `method`: what is saved.
    pub method: Method,
    /// `operationtype`: absent means add.
    pub operation: Operation,
    /// `table`: the table of the ERP, such as `OIGN`; for user tables the name of the object.
    pub table: Option<String>,
    /// `MainTable` without what steers the backflush, as it was sent.
    pub header: Members,
    /// `data`: the lines.
    pub lines: Vec<Line>,
    /// What components to issue before the receipt, if `MainTable.Inverted` is `Y`.
    pub backflush: Option<Backflush>,
}

/// One element of `data`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Line {
    /// Its members without the ones below, as they were sent. Mostly texts.
    pub fields: Members,
    /// `ManBtchNum`: whether the item is managed by batches. `None` where nothing is said.
    pub is_batch_managed: Option<bool>,
    /// `linetable`: batches and bins.
    pub allocations: Vec<Allocation>,
}

/// One element of `linetable`: how much of a line is of which batch, in which bin.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Allocation {
    /// The batch (批次).
    pub batch_number: Option<String>,
    /// How much.
    pub quantity: Option<Decimal>,
    /// The number of the bin (库位, `AbsEntry`).
    pub bin: Option<i64>,
    /// Whatever else was sent, such as `AddmisionDate`.
    pub rest: Members,
}

/// Backflush (反冲发料, 倒扣料): the components are issued before the product is received.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Backflush {
    /// `InvertedSql`: finds the components of an order.
    pub sql: String,
    /// `InvertedBathSql` (so spelt): finds the batches of a component; `{0}`, `{1}`, `{2}` are
    /// filled in. Without it no batches are named.
    pub batch_sql: Option<String>,
}

impl SaveRequest {
    /// Reads the body.
    ///
    /// # Errors
    /// When it has another shape; the text names the member.
    pub fn read(body: &[u8]) -> Result<Self, RequestError> {
        Self::from_members(&object(body)?)
    }

    /// Reads a body that was taken apart before.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn from_members(whole: &Members) -> Result<Self, RequestError> {
        let text = |name| whole.text(name).map_err(RequestError::at(""));
        let method = text("method")?.ok_or_else(|| RequestError::missing("method"))?;
        let operation = text("operationtype")?.map_or(Operation::Add, Operation::from);
        let mut header = match whole.get("MainTable") {
            Some(value) if !value.is_null() => value.get::<Members>().map_err(|error| {
                RequestError::value("MainTable", "an object", &error.to_string())
            })?,
            _ => Members::new(),
        };
        let data = whole.objects("data").map_err(RequestError::at(""))?;
        if data.is_empty() {
            return Err(RequestError::missing("data"));
        }
        let lines = (0..)
            .zip(data)
            .map(|(place, line)| Line::read(&format!("data[{place}]."), line))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            method: Method::from(method),
            operation,
            table: text("table")?,
            backflush: Backflush::take(&mut header)?,
            header,
            lines,
        })
    }
}

impl Line {
    fn read(place: &str, mut line: Members) -> Result<Self, RequestError> {
        let is_batch_managed = yes_or_no(&mut line, place, "ManBtchNum")?;
        let table = line.objects("linetable").map_err(RequestError::at(place))?;
        line.remove("linetable");
        let allocations = (0..)
            .zip(table)
            .map(|(at, row)| Allocation::read(&format!("{place}linetable[{at}]."), row))
            .collect::<Result<_, _>>()?;
        Ok(Self { fields: line, is_batch_managed, allocations })
    }
}

impl Allocation {
    fn read(place: &str, mut row: Members) -> Result<Self, RequestError> {
        let read = Self {
            batch_number: row.text("BatchNumber").map_err(RequestError::at(place))?,
            quantity: row.decimal("Quantity").map_err(RequestError::at(place))?,
            bin: whole_number(&row, place, "BinAbsEntry")?,
            rest: Members::new(),
        };
        for name in ["BatchNumber", "Quantity", "BinAbsEntry"] {
            row.remove(name);
        }
        Ok(Self { rest: row, ..read })
    }
}

impl Backflush {
    fn take(header: &mut Members) -> Result<Option<Self>, RequestError> {
        let place = "MainTable.";
        let wanted = yes_or_no(header, place, "Inverted")?.unwrap_or_default();
        let sql = header.text("InvertedSql").map_err(RequestError::at(place))?;
        let batch_sql = header.text("InvertedBathSql").map_err(RequestError::at(place))?;
        header.remove("InvertedSql");
        header.remove("InvertedBathSql");
        if !wanted {
            return Ok(None);
        }
        let given = |sql: &String| !sql.trim().is_empty();
        let sql = sql
            .filter(given)
            .ok_or_else(|| RequestError::missing(format!("{place}InvertedSql")))?;
        Ok(Some(Self { sql, batch_sql: batch_sql.filter(given) }))
    }
}

fn yes_or_no(object: &mut Members, place: &str, name: &str) -> Result<Option<bool>, RequestError> {
    let text = object.text(name).map_err(RequestError::at(place))?;
    object.remove(name);
    match text.as_deref() {
        None => Ok(None),
        Some("Y" | "y") => Ok(Some(true)),
        Some("N" | "n") => Ok(Some(false)),
        Some(other) => Err(RequestError::value(format!("{place}{name}"), "Y or N", other)),
    }
}

/// A whole number, mostly written as text.
pub(crate) fn whole_number(
    object: &Members,
    place: &str,
    name: &str,
) -> Result<Option<i64>, RequestError> {
    let Some(text) = object.text(name).map_err(RequestError::at(place))? else { return Ok(None) };
    match text.trim().parse() {
        Ok(number) => Ok(Some(number)),
        Err(_) => Err(RequestError::value(format!("{place}{name}"), "a whole number", &text)),
    }
}

/// The body as an object; a byte order mark is none of our business.
pub(crate) fn object(body: &[u8]) -> Result<Members, RequestError> {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    let raw: RawJson = json::decode(body)
        .map_err(|error| RequestError::Body(format!("it is not JSON: {}", error.message())))?;
    if !raw.as_str().starts_with('{') {
        return Err(RequestError::Body("it is JSON, but not an object".to_owned()));
    }
    raw.get().map_err(|error| RequestError::Body(error.to_string()))
}
