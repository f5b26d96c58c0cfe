//! Which documents of an entity set a flow takes: those with a flag, or those of a query.

use std::sync::Arc;

use b1_servicelayer::Client;
use chrono::NaiveDate;
use erplink_sync::ports::{PageRequest, Source};
use serde::Deserialize;

use super::draft_approval::START_DATE;
use super::{Finding, Missing, Past, PastResult, Systems};
use crate::b1::{KeyType, Place, StoredQueries, UnsyncedDocuments};
use crate::config::shape::{Key, Shape, default, optional, required};
use crate::diapi::{self, FreeQueries};
use crate::sql::{SqlDocuments, SqlQuery, SqlRows};

/// The documents of an entity set that are not synchronised yet.
#[derive(Clone, Debug, Deserialize)]
pub struct Documents {
    /// The entity set, such as `PurchaseOrders`, `Drafts` or a user-defined object.
    pub object_type: String,
    /// The property with the key.
    #[serde(default = "key_field")]
    pub key_field: String,
    /// How the key is written in addresses.
    #[serde(default)]
    pub key_type: KeyType,
    /// Documents by SQL, instead of the flag, `filter`, `select` and `start_date`.
    #[serde(default)]
    pub sql: Option<Sql>,
    /// A further condition, in the server's syntax.
    #[serde(default)]
    pub filter: Option<String>,
    /// The property with the document's date.
    #[serde(default = "date_field")]
    pub date_field: String,
    /// Documents from before this day are left to `erplink backfill`.
    #[serde(default)]
    pub start_date: Option<NaiveDate>,
    /// The properties to read; all if empty.
    #[serde(default)]
    pub select: Vec<String>,
    /// The flag.
    #[serde(default = "synced_field")]
    pub synced_field: String,
    /// Its value before and after, such as `["N", "Y"]`.
    #[serde(default = "synced_values")]
    pub synced_values: [String; 2],
    /// Whether documents without a flag are not synchronised either.
    #[serde(default = "yes")]
    pub include_null: bool,
}

/// The keys of [`Documents`].
pub(super) const DOCUMENTS: &[Key] = &[
    required(
        "object_type",
        Shape::Text,
        "The entity set, such as PurchaseOrders, Drafts or a user-defined object.",
    ),
    default("key_field", Shape::Text, r#""DocEntry""#, "The property with the key."),
    default(
        "key_type",
        Shape::Choice(&["auto", "numeric", "string"]),
        r#""auto""#,
        "How the key is written in addresses: (16) or ('16'); auto: as it was read.",
    ),
    optional(
        "sql",
        Shape::Table(SQL),
        "Documents by SQL, instead of the flag, filter, select and start_date.",
    ),
    optional("filter", Shape::Text, "A further condition, such as DocObjectCode eq '1470000113'."),
    default("date_field", Shape::Text, r#""DocDate""#, "The property with the document's date."),
    START_DATE,
    default("select", Shape::Texts, "[]", "The properties to read; all if empty."),
    default("synced_field", Shape::Text, r#""U_ISSYN""#, "The flag."),
    SYNCED_VALUES,
    INCLUDE_NULL,
];

pub(super) const SYNCED_VALUES: Key = default(
    "synced_values",
    Shape::Pair,
    r#"["N", "Y"]"#,
    "The value of the flag before and after; also those of the result: refused, approved.",
);

pub(super) const INCLUDE_NULL: Key = default(
    "include_null",
    Shape::Bool,
    "true",
    "Whether documents without a flag are not synchronised either.",
);

const SQL: &[Key] = &[
    default(
        "source",
        Shape::Choice(&["sql-queries", "di-api"]),
        r#""sql-queries""#,
        "What runs the queries: stored queries (SQLQueries) of the Service Layer, or the company's DI API service, which takes any SELECT.",
    ),
    required(
        "main",
        Shape::Text,
        "One row a document that is not synchronised, with the key, the columns of the form, and who starts it.",
    ),
    optional("detail", Shape::Text, "The lines, with the same column for the key."),
];

/// The queries of documents by SQL.
#[derive(Clone, Debug, Deserialize)]
pub struct Sql {
    /// What runs them.
    #[serde(default)]
    pub source: SqlSource,
    /// One row a document.
    pub main: String,
    /// The lines.
    #[serde(default)]
    pub detail: Option<String>,
}

/// What runs the queries.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SqlSource {
    /// Stored queries (`SQLQueries`) of the Service Layer.
    #[default]
    SqlQueries,
    /// The [DI API service](crate::diapi) of the company, which takes any `SELECT`.
    DiApi,
    /// Something of your own.
    #[serde(skip)]
    Custom(Arc<dyn SqlRows>),
}

impl SqlSource {
    fn rows(&self, systems: &Systems) -> Result<Arc<dyn SqlRows>, Missing> {
        Ok(match self {
            Self::SqlQueries => Arc::new(StoredQueries::new(systems.b1()?.clone())),
            Self::DiApi => Arc::new(FreeQueries::new(diapi::of(systems)?.clone())),
            Self::Custom(rows) => rows.clone(),
        })
    }
}

fn key_field() -> String {
    "DocEntry".to_owned()
}

fn date_field() -> String {
    "DocDate".to_owned()
}

fn synced_field() -> String {
    "U_ISSYN".to_owned()
}

pub(super) fn synced_values() -> [String; 2] {
    ["N".to_owned(), "Y".to_owned()]
}

pub(super) fn yes() -> bool {
    true
}

/// How documents are read: what the rest of a scenario knows about them.
pub(super) struct Reading<'a> {
    /// The beginning of the names of stored queries. No two flows of a company have the same.
    pub queries: &'a str,
    /// What the lines are called.
    pub lines: &'a str,
    /// Documents a page.
    pub page_size: u32,
}

impl Documents {
    /// Where a document is, for writing something into it.
    pub(super) fn place(&self) -> Place {
        Place::Document {
            set: self.object_type.clone(),
            key: self.key_field.clone(),
            key_type: self.key_type,
        }
    }

    /// Whether they are drafts (草稿), which have an approval request to decide.
    pub(super) fn are_drafts(&self) -> bool {
        matches!(self.object_type.as_str(), "Drafts" | Place::TRANSFER_DRAFTS)
    }

    /// Those that have to be sent.
    pub(super) fn source(
        &self,
        systems: &Systems,
        reading: &Reading<'_>,
    ) -> Result<Box<dyn Source>, Missing> {
        if let Some(sql) = &self.sql {
            return Ok(Box::new(self.by_sql(sql, systems, reading)?));
        }
        let source = self.by_flag(systems.b1()?, reading);
        Ok(Box::new(source.dated(&self.date_field, self.start_date, None)))
    }

    /// Those of a range of days.
    pub(super) async fn past(
        &self,
        systems: &Systems,
        reading: &Reading<'_>,
        from: NaiveDate,
        to: NaiveDate,
    ) -> PastResult {
        if self.sql.is_some() {
            return Err(
                "the main query says which documents there are: change its condition".into()
            );
        }
        let source = self.by_flag(systems.b1()?, reading);
        let source = source.dated(&self.date_field, Some(from), Some(to));
        let total = source.count().await?;
        Ok(Some(Past { source: Box::new(source), total }))
    }

    /// Whether the queries can be run; `None` where there are none.
    pub(super) async fn check(&self, systems: &Systems, reading: &Reading<'_>) -> Option<Finding> {
        let sql = self.sql.as_ref()?;
        let outcome = match self.by_sql(sql, systems, reading) {
            Ok(documents) => {
                let page = documents.page(PageRequest::default()).await;
                page.map(drop).map_err(|failure| format!("check `sql`: {failure}"))
            }
            Err(missing) => Err(format!("check `sql.source`: {missing}")),
        };
        Some(Finding::new(format!("queries of {}", self.object_type), outcome))
    }

    fn by_sql(
        &self,
        sql: &Sql,
        systems: &Systems,
        reading: &Reading<'_>,
    ) -> Result<SqlDocuments, Missing> {
        let query = |kind: &str, text: &str| SqlQuery {
            name: format!("{}-{kind}", reading.queries),
            text: text.to_owned(),
        };
        let rows = sql.source.rows(systems)?;
        let documents = SqlDocuments::new(rows, query("main", &sql.main), &self.key_field)
            .line_collection(reading.lines);
        Ok(match &sql.detail {
            Some(detail) => documents.detail(query("detail", detail)),
            None => documents,
        })
    }

    fn by_flag(&self, b1: &Client, reading: &Reading<'_>) -> UnsyncedDocuments {
        let [no, _] = &self.synced_values;
        let flag = (self.synced_field.as_str(), no.as_str());
        let (set, key) = (&self.object_type, &self.key_field);
        let source = UnsyncedDocuments::new(b1.clone(), set, key, flag, self.include_null)
            .select(self.select.iter().map(String::as_str))
            .page_size(reading.page_size);
        match &self.filter {
            Some(filter) => source.filter(filter),
            None => source,
        }
    }
}
