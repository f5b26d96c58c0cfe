use std::collections::BTreeMap;

use async_trait::async_trait;
use erplink_core::RawJson;
use erplink_sync::map::at;
use erplink_sync::ports::{Delivered, Mapper, Marked, Marker, PageRequest, Source, SourcePage};
use erplink_sync::{Document, Failure};
use serde::Deserialize;

use super::folder::{InvoiceFolder, blocking};
use crate::b1::EntityMap;

/// What was recognised and is not in the ERP yet:
/// `{"File": {"Name", "Sha256", "Bytes"}, "Invoices", "Invoice", "Lines", "Answer"}`.
#[derive(Clone, Debug)]
pub struct Answers {
    folder: InvoiceFolder,
    page_size: usize,
}

impl Answers {
    /// In this folder, so many a page.
    #[must_use]
    pub fn new(folder: InvoiceFolder, page_size: usize) -> Self {
        Self { folder, page_size: page_size.max(1) }
    }

    /// The page of answers after the SHA-256 `cursor`.
    fn read(&self, cursor: Option<&str>) -> Result<SourcePage, Failure> {
        let all = self.folder.waiting()?;
        let all = all.into_iter().filter(|sha256| cursor.is_none_or(|last| sha256.as_str() > last));
        let page: Vec<String> = all.take(self.page_size.saturating_add(1)).collect();
        let is_last = page.len() <= self.page_size;
        let mut documents = Vec::new();
        for sha256 in page.iter().take(self.page_size) {
            let Some(text) = self.folder.read_answer(sha256)? else { continue };
            // A damaged file is a document that no map takes: it is parked and seen.
            let content = RawJson::parse(text).unwrap_or_else(|_| RawJson::null());
            documents.push(Document::new(sha256, content).about(sha256));
        }
        let last = page.get(self.page_size.saturating_sub(1)).filter(|_| !is_last);
        Ok(SourcePage { documents, next: last.cloned(), checkpoint: None })
    }
}

#[async_trait]
impl Source for Answers {
    fn system(&self) -> &str {
        super::FOLDER
    }

    async fn page(&self, request: PageRequest) -> Result<SourcePage, Failure> {
        let this = self.clone();
        blocking(move || this.read(request.cursor.as_deref())).await
    }
}

/// Moves answers that are in the ERP out of the way.
#[derive(Clone, Debug)]
pub struct Booked {
    folder: InvoiceFolder,
}

impl Booked {
    /// In this folder.
    #[must_use]
    pub fn new(folder: InvoiceFolder) -> Self {
        Self { folder }
    }
}

#[async_trait]
impl Marker for Booked {
    fn system(&self) -> &str {
        super::FOLDER
    }

    async fn mark(&self, delivered: &Delivered) -> Result<Marked, Failure> {
        let (folder, sha256) = (self.folder.clone(), delivered.document.key.document.clone());
        blocking(move || folder.book(&sha256)).await?;
        Ok(Marked::Yes)
    }
}

/// What to do with a picture that shows several invoices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Several {
    /// The first is the one that counts, as in the guide.
    #[default]
    First,
    /// A person cuts it in two.
    Park,
}

/// Turns what was recognised into a row of the ERP, whose key comes from the picture.
#[derive(Clone, Debug)]
pub struct InvoiceMap {
    map: EntityMap,
    several: Several,
    code: Option<usize>,
}

impl InvoiceMap {
    /// The fields of the row.
    #[must_use]
    pub fn new(map: EntityMap, several: Several) -> Self {
        Self { map, several, code: None }
    }

    /// Makes `Code`, and `Name` where no field fills it, of so many digits of the SHA-256.
    #[must_use]
    pub fn code(mut self, digits: usize) -> Self {
        self.code = Some(digits);
        self
    }
}

impl Mapper for InvoiceMap {
    fn map(&self, document: &Document) -> Result<RawJson, Failure> {
        let invoices = at("Invoices", &document.content)?.and_then(|count| count.get::<u64>().ok());
        if let Some(count) = invoices.filter(|count| *count > 1 && self.several == Several::Park) {
            return Err(Failure::park(format!(
                "the picture shows {count} invoices: put one picture for each into the folder, and \
                 discard this one"
            )));
        }
        let mut row: BTreeMap<String, RawJson> =
            self.map.map(document)?.get().map_err(Failure::park)?;
        if row.is_empty() {
            return Err(Failure::park(
                "the answer has nothing of what `fields` ask for: compare their paths with the \
                 `Answer` in the file below `answers`",
            ));
        }
        if let Some(digits) = self.code {
            let code = RawJson::text(document.id.get(..digits).unwrap_or(&document.id));
            row.entry("Name".to_owned()).or_insert_with(|| code.clone());
            row.insert("Code".to_owned(), code);
        }
        RawJson::of(&row).map_err(Failure::park)
    }
}
