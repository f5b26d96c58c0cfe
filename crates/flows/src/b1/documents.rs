use async_trait::async_trait;
use b1_servicelayer::{Client, Field, Filter, RawJson};
use chrono::NaiveDate;
use erplink_sync::map::{Expression, at};
use erplink_sync::ports::{PageRequest, Source, SourcePage};
use erplink_sync::{Document, Failure};
use serde::Serialize;

use super::row::{Row, RowPage};
use super::users::users;

/// Documents of an entity set that are not synchronised yet, each with the user who made it:
/// `{"Document": …, "User": …}`.
#[derive(Clone, Debug)]
pub struct UnsyncedDocuments {
    b1: Client,
    set: String,
    filter: Filter<Row>,
    key: String,
    select: Vec<String>,
    page_size: u32,
}

/// The first and the last day of a range; `None`: open.
pub(crate) type Days = (Option<NaiveDate>, Option<NaiveDate>);

/// The condition that a date is in a range.
pub(super) fn within<E>(field: &str, (from, to): Days) -> Option<Filter<E>> {
    let field = Field::<E, NaiveDate>::named(field.to_owned());
    match (from, to) {
        (Some(from), Some(to)) => Some(field.ge(from).and(field.le(to))),
        (Some(from), None) => Some(field.ge(from)),
        (None, Some(to)) => Some(field.le(to)),
        (None, None) => None,
    }
}

impl UnsyncedDocuments {
    /// The documents of `set` whose `flag` is `no`, or null if `or_null` (documents from before
    /// the field existed). `key` is the property with their key, such as `DocEntry`.
    pub fn new(b1: Client, set: &str, key: &str, flag: (&str, &str), or_null: bool) -> Self {
        let (name, no) = flag;
        let field = Field::<Row, String>::udf(name.to_owned());
        let unsynced = field.eq(no);
        let filter = if or_null { unsynced.or(field.is_null()) } else { unsynced };
        let (set, key) = (set.to_owned(), key.to_owned());
        Self { b1, set, filter, key, select: Vec::new(), page_size: 20 }
    }

    /// Only documents that meet this condition as well, in the server's own syntax, such as
    /// `DocObjectCode eq '1470000113'`.
    #[must_use]
    pub fn filter(mut self, condition: &str) -> Self {
        self.filter = Filter::raw(condition).and(self.filter);
        self
    }

    /// Only documents whose date is in a range of days.
    #[must_use]
    pub fn dated(mut self, field: &str, from: Option<NaiveDate>, to: Option<NaiveDate>) -> Self {
        if let Some(dated) = within(field, (from, to)) {
            self.filter = self.filter.and(dated);
        }
        self
    }

    /// How many there are.
    ///
    /// # Errors
    /// When the ERP does not say.
    pub async fn count(&self) -> Result<usize, Failure> {
        let query = self.b1.set::<Row>(self.set.clone()).filter(self.filter.clone());
        Ok(usize::try_from(query.count().await?).unwrap_or(usize::MAX))
    }

    /// Only these properties (`$select`); lines always come.
    #[must_use]
    pub fn select<'a>(mut self, properties: impl IntoIterator<Item = &'a str>) -> Self {
        self.select = properties.into_iter().map(str::to_owned).collect();
        self
    }

    /// How many documents a page has. Default 20.
    #[must_use]
    pub fn page_size(mut self, documents: u32) -> Self {
        self.page_size = documents;
        self
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Content<'a> {
    document: &'a RawJson,
    user: Option<&'a RawJson>,
}

fn author(row: &RawJson) -> Option<i32> {
    at("UserSign", row).ok().flatten().and_then(|value| value.get().ok())
}

#[async_trait]
impl Source for UnsyncedDocuments {
    fn system(&self) -> &str {
        super::SYSTEM
    }

    async fn page(&self, request: PageRequest) -> Result<SourcePage, Failure> {
        let page = RowPage {
            set: &self.set,
            filter: self.filter.to_string(),
            order: Field::named(self.key.clone()),
            select: self.select.iter().cloned().map(Field::named).collect(),
            page_size: self.page_size,
            cursor: request.cursor,
        };
        let (rows, next) = page.read(&self.b1).await?;
        let people = users(&self.b1, rows.iter().filter_map(author)).await?;
        let key = Expression::path(&self.key);
        let documents = rows.iter().map(|row| {
            let user = author(row).and_then(|key| people.get(&key));
            let content = RawJson::of(&Content { document: row, user })
                .map_err(|error| Failure::park(error.to_string()))?;
            Ok(Document::new(key.text(row)?, content))
        });
        let documents = documents.collect::<Result<_, Failure>>()?;
        Ok(SourcePage { documents, next, checkpoint: None })
    }
}
