//! Documents by SQL: a main query with one row a document, a detail query with its lines.
//!
//! Whatever can run a query and give its rows as JSON objects is a place for rows, a [`SqlRows`]:
//! stored queries of the Service Layer ([`StoredQueries`](crate::b1::StoredQueries)), the DI API
//! service ([`FreeQueries`](crate::diapi::FreeQueries)), or one of your own.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use erplink_core::{RawJson, decimal};
use erplink_sync::ports::{PageRequest, Source, SourcePage};
use erplink_sync::{Document, Failure};

/// A query and its name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SqlQuery {
    /// A name for it, where queries are stored under one.
    pub name: String,
    /// The `SELECT`.
    pub text: String,
}

/// Where rows come from.
#[async_trait]
pub trait SqlRows: fmt::Debug + Send + Sync {
    /// The system, for its limits.
    fn system(&self) -> &str;

    /// Runs a query. Each row is a JSON object whose members are the columns.
    ///
    /// # Errors
    /// When the query cannot be run.
    async fn rows(&self, query: &SqlQuery) -> Result<Vec<RawJson>, Failure>;
}

/// Documents of a main query, each with the rows of a detail query that have the same key:
/// `{"Document": {…, "DocumentLines": […]}}`.
///
/// The main query says itself which documents are not synchronised yet, such as
/// `ifnull(T0."U_ISSYN", 'N') = 'N'`.
#[derive(Clone, Debug)]
pub struct SqlDocuments {
    rows: Arc<dyn SqlRows>,
    main: SqlQuery,
    detail: Option<SqlQuery>,
    key: String,
    lines: String,
}

impl SqlDocuments {
    /// Documents without lines; `key` is the column with their key.
    pub fn new(rows: Arc<dyn SqlRows>, main: SqlQuery, key: impl Into<String>) -> Self {
        Self { rows, main, detail: None, key: key.into(), lines: "DocumentLines".to_owned() }
    }

    /// Their lines; the query has the same column with the key.
    #[must_use]
    pub fn detail(mut self, detail: SqlQuery) -> Self {
        self.detail = Some(detail);
        self
    }

    /// The name that the lines get in a document. Default `DocumentLines`.
    #[must_use]
    pub fn line_collection(mut self, name: impl Into<String>) -> Self {
        self.lines = name.into();
        self
    }

    async fn lines(&self) -> Result<HashMap<String, Vec<RawJson>>, Failure> {
        let mut lines = HashMap::<_, Vec<_>>::new();
        if let Some(detail) = &self.detail {
            for row in self.rows.rows(detail).await? {
                let key = self.key_of(&columns(detail, &row)?, detail)?;
                lines.entry(key).or_default().push(row);
            }
        }
        Ok(lines)
    }

    /// 16, "16" and 16.0 are the same key.
    fn key_of(&self, row: &Row, query: &SqlQuery) -> Result<String, Failure> {
        let key = row.get(&self.key).ok_or_else(|| {
            let columns = row.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            let (name, key) = (&query.name, &self.key);
            Failure::park(format!("query {name} has no column {key}; it has {columns}"))
        })?;
        let text = key.get::<String>().unwrap_or_else(|_| key.to_string());
        let number = decimal::from_json_text(text.trim());
        Ok(number.map_or_else(|_| text.trim().to_owned(), |number| number.normalize().to_string()))
    }
}

type Row = BTreeMap<String, RawJson>;

fn columns(query: &SqlQuery, row: &RawJson) -> Result<Row, Failure> {
    let row = row.get();
    row.map_err(|_| Failure::park(format!("query {}: a row is no JSON object", query.name)))
}

fn json(value: &impl serde::Serialize) -> Result<RawJson, Failure> {
    RawJson::of(value).map_err(|error| Failure::park(error.to_string()))
}

#[async_trait]
impl Source for SqlDocuments {
    fn system(&self) -> &str {
        self.rows.system()
    }

    async fn page(&self, _: PageRequest) -> Result<SourcePage, Failure> {
        let main = self.rows.rows(&self.main).await?;
        if main.is_empty() {
            return Ok(SourcePage::default());
        }
        let mut lines = self.lines().await?;
        let mut documents = Vec::<(String, Result<Row, usize>)>::new();
        let mut places = HashMap::new();
        for row in main {
            let mut row = columns(&self.main, &row)?;
            let key = self.key_of(&row, &self.main)?;
            if let Some(place) = places.get(&key).copied() {
                let known: Option<&mut (String, Result<Row, usize>)> = documents.get_mut(place);
                if let Some((_, known)) = known {
                    *known = Err(known.as_ref().err().map_or(2, |rows| rows + 1));
                }
                continue;
            }
            if let Some(lines) = lines.remove(&key) {
                row.insert(self.lines.clone(), json(&lines)?);
            }
            places.insert(key.clone(), documents.len());
            documents.push((key, Ok(row)));
        }
        let documents = documents.into_iter().map(|(key, row)| {
            let content = match row {
                Ok(row) => json(&BTreeMap::from([("Document", row)]))?,
                // One document is parked; the others go on.
                Err(rows) => {
                    let name = &self.main.name;
                    let problem = format!("query {name} gave {rows} rows for {} {key}", self.key);
                    json(&BTreeMap::from([("Problem", problem)]))?
                }
            };
            Ok(Document::new(key, content))
        });
        Ok(SourcePage::last(documents.collect::<Result<_, Failure>>()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Rows(&'static str, &'static str);

    #[async_trait]
    impl SqlRows for Rows {
        fn system(&self) -> &str {
            "b1"
        }

        async fn rows(&self, query: &SqlQuery) -> Result<Vec<RawJson>, Failure> {
            let text = if query.name == "main" { self.0 } else { self.1 };
            serde_json::from_str(text).map_err(Failure::refused)
        }
    }

    async fn read(main: &'static str, detail: &'static str) -> Result<Vec<Document>, Failure> {
        let query = |name: &str| SqlQuery { name: name.to_owned(), text: String::new() };
        let source = SqlDocuments::new(Arc::new(Rows(main, detail)), query("main"), "DocEntry");
        let page = source.detail(query("detail")).page(PageRequest::default()).await?;
        Ok(page.documents)
    }

    #[tokio::test]
    async fn rows_are_joined_by_keys_however_they_are_written() {
        let documents = read(
            r#"[{"DocEntry":16,"Total":12.50},{"DocEntry":"17"},{"DocEntry":"A-1 "}]"#,
            r#"[{"DocEntry":"16","N":1},{"DocEntry":16.0,"N":2},{"DocEntry":"A-1"},{"DocEntry":99}]"#,
        );
        let documents = documents.await.unwrap();
        let contents: Vec<_> =
            documents.iter().map(|one| (one.id.as_str(), one.content.as_str())).collect();
        assert_eq!(
            contents,
            [
                (
                    "16",
                    r#"{"Document":{"DocEntry":16,"DocumentLines":[{"DocEntry":"16","N":1},{"DocEntry":16.0,"N":2}],"Total":12.50}}"#
                ),
                ("17", r#"{"Document":{"DocEntry":"17"}}"#),
                ("A-1", r#"{"Document":{"DocEntry":"A-1 ","DocumentLines":[{"DocEntry":"A-1"}]}}"#),
            ]
        );
    }

    #[tokio::test]
    async fn two_rows_for_a_document_park_it_alone() {
        let main = r#"[{"DocEntry":1},{"DocEntry":2},{"DocEntry":"1"},{"DocEntry":1.0}]"#;
        let documents = read(main, "[]").await.unwrap();
        let problem = r#"{"Problem":"query main gave 3 rows for DocEntry 1"}"#;
        assert_eq!(documents[0].content.as_str(), problem);
        assert_eq!(documents[1].content.as_str(), r#"{"Document":{"DocEntry":2}}"#);
    }

    #[tokio::test]
    async fn a_query_without_the_key_says_what_it_has() {
        let failure = read(r#"[{"DOCENTRY":1,"Total":2}]"#, "[]").await.unwrap_err();
        assert_eq!(failure.message(), "query main has no column DocEntry; it has DOCENTRY, Total");
    }
}
