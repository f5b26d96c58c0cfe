use async_trait::async_trait;
use b1_servicelayer::{ChangeCursor, Client, Field, Filter, RawJson};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use erplink_sync::map::Expression;
use erplink_sync::ports::{PageRequest, Source, SourcePage};
use erplink_sync::{Document, Failure};
use serde::{Deserialize, Serialize};

use super::minutes::{Minutes, Window};
use super::row::{RowPage, keyed_row};

/// Items (物料主数据) that were created or changed, each as `{"Document": …}`.
///
/// How far they were read is kept in the ledger: a stop of any length loses none.
#[derive(Clone, Debug)]
pub struct ChangedItems {
    b1: Client,
    filter: Option<String>,
    select: Vec<String>,
    page_size: u32,
    since: NaiveDate,
    minutes: Option<Minutes>,
}

/// The properties that tell one change from the next.
const STAMPS: [&str; 4] = ["ItemCode", "UpdateDate", "UpdateTime", "DataVersion"];

impl ChangedItems {
    /// All items, then those that change.
    #[must_use]
    pub fn new(b1: Client) -> Self {
        let since = NaiveDate::default();
        Self { b1, filter: None, select: Vec::new(), page_size: 20, since, minutes: None }
    }

    /// Only items that meet this condition as well, in the server's own syntax, such as
    /// `ItemsGroupCode eq 101`.
    #[must_use]
    pub fn filter(mut self, condition: &str) -> Self {
        self.filter = Some(condition.to_owned());
        self
    }

    /// Only these properties (`$select`).
    #[must_use]
    pub fn select<'a>(mut self, properties: impl IntoIterator<Item = &'a str>) -> Self {
        self.select = properties.into_iter().map(str::to_owned).collect();
        self
    }

    /// How many items a page has. Default 20.
    #[must_use]
    pub fn page_size(mut self, items: u32) -> Self {
        self.page_size = items;
        self
    }

    /// At the first start, only items that changed on this day or later.
    #[must_use]
    pub fn since(mut self, day: NaiveDate) -> Self {
        self.since = day;
        self
    }

    /// Asks for the changes of whole minutes that are over, in place of all that came after the
    /// last one that was read.
    ///
    /// `utc_offset` is how many minutes the clock of the ERP is ahead of UTC: 480 in China.
    #[must_use]
    pub fn by_window(mut self, utc_offset: i32) -> Self {
        self.minutes = Some(Minutes::new(utc_offset));
        self
    }

    async fn newer(&self, request: PageRequest) -> Result<SourcePage, Failure> {
        let stand = request.cursor.or(request.checkpoint);
        let cursor = match stand.map(|text| Stand::read(&text)).transpose()? {
            Some(Stand::Changes(cursor)) => cursor,
            Some(Stand::Until(minute)) => ChangeCursor::since(minute),
            None => ChangeCursor::since(self.since.and_time(NaiveTime::MIN)),
        };
        let mut query = self.b1.set::<Item>("Items").query().page_size(self.page_size);
        if let Some(condition) = &self.filter {
            query = query.filter(Filter::raw(condition.clone()));
        }
        if !self.select.is_empty() {
            let fields: Vec<Field<Item, String>> = self.properties().map(Field::named).collect();
            query = query.select(fields);
        }
        let mut feed = query.changes(cursor);
        let full = usize::try_from(self.page_size).unwrap_or(usize::MAX);
        let mut documents = Vec::new();
        while documents.len() < full {
            let Some(item) = feed.next().await.transpose()? else { break };
            documents.push(document(&item.0)?);
        }
        let stand = Stand::Changes(feed.cursor()).text()?;
        let next = (documents.len() == full).then(|| stand.clone());
        Ok(SourcePage { documents, next, checkpoint: Some(stand) })
    }

    async fn window(&self, minutes: Minutes, request: PageRequest) -> Result<SourcePage, Failure> {
        let until = match request.checkpoint.as_deref().map(Stand::read).transpose()? {
            Some(Stand::Changes(cursor)) => Some(cursor.minute()),
            Some(Stand::Until(minute)) => Some(minute),
            None => None,
        };
        let place = match &request.cursor {
            Some(text) => Some(Place::read(text)?),
            None => minutes.first(until, request.now).map(Place::first),
        };
        let Some(Place { window, rows }) = place else { return Ok(SourcePage::default()) };
        let condition = window.condition();
        let filter = match &self.filter {
            Some(filter) => format!("({filter}) and {condition}"),
            None => condition,
        };
        let select = if self.select.is_empty() { Vec::new() } else { self.properties().collect() };
        let page = RowPage {
            set: "Items",
            filter,
            order: Field::named("ItemCode"),
            select: select.into_iter().map(Field::named).collect(),
            page_size: self.page_size,
            cursor: rows,
        };
        let (rows, more) = page.read(&self.b1).await?;
        let documents = rows.iter().map(document).collect::<Result<_, Failure>>()?;
        if more.is_some() {
            let next = Place { window, rows: more }.text()?;
            return Ok(SourcePage { documents, next: Some(next), checkpoint: None });
        }
        let after = minutes.first(Some(window.to), request.now).map(Place::first);
        let next = after.map(|place| place.text()).transpose()?;
        let checkpoint = Some(Stand::Until(window.to).text()?);
        Ok(SourcePage { documents, next, checkpoint })
    }

    fn properties(&self) -> impl Iterator<Item = String> {
        let more = STAMPS.iter().map(|name| (*name).to_owned());
        let more = more.filter(|name| !self.select.contains(name));
        self.select.iter().cloned().chain(more)
    }
}

#[async_trait]
impl Source for ChangedItems {
    fn system(&self) -> &str {
        super::SYSTEM
    }

    async fn page(&self, request: PageRequest) -> Result<SourcePage, Failure> {
        match self.minutes {
            Some(minutes) => self.window(minutes, request).await,
            None => self.newer(request).await,
        }
    }
}

fn document(item: &RawJson) -> Result<Document, Failure> {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Content<'a> {
        document: &'a RawJson,
    }
    let content = RawJson::of(&Content { document: item }).map_err(Failure::park)?;
    Ok(Document::new(Expression::path("ItemCode").text(item)?, content))
}

/// How far the items are read, as the ledger keeps it. Each way of reading goes on where the other
/// one stopped.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stand {
    Changes(ChangeCursor),
    Until(NaiveDateTime),
}

/// A place within a window.
#[derive(Serialize, Deserialize)]
struct Place {
    window: Window,
    rows: Option<String>,
}

fn unreadable(error: serde_json::Error) -> Failure {
    Failure::refused(format!("how far the items were read cannot be read: {error}"))
}

impl Stand {
    fn read(text: &str) -> Result<Self, Failure> {
        serde_json::from_str(text).map_err(unreadable)
    }

    fn text(&self) -> Result<String, Failure> {
        serde_json::to_string(self).map_err(unreadable)
    }
}

impl Place {
    fn first(window: Window) -> Self {
        Self { window, rows: None }
    }

    fn read(text: &str) -> Result<Self, Failure> {
        serde_json::from_str(text).map_err(unreadable)
    }

    fn text(&self) -> Result<String, Failure> {
        serde_json::to_string(self).map_err(unreadable)
    }
}

keyed_row! {
    /// An item as the server sent it.
    Item of Item, "ItemCode"
}
