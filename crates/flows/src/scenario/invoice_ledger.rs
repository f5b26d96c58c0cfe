use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use erplink_sync::Flow;
use erplink_sync::map::{CheckedMap, Entry, MapProblems};
use serde::Deserialize;

use super::fields::{FIELD, LINES, Table, checked_map};
use super::{
    Composition, Finding, Missing, Pace, Scenario, ScenarioKind, Systems, pace, pictures_of, read,
};
use crate::b1::{CreateEntity, EntityMap};
use crate::config::shape::{Key, Shape, default, optional, required};
use crate::easst::{
    Answers, Booked, Easst, FiledPicture, InvoiceFolder, InvoiceMap, Pictures, Recognize, Several,
};

/// Pictures of invoices (发票) in a folder are recognised by 千里聆 and become rows of a user-defined
/// table or object of the ERP: one row a picture.
///
/// Two flows: one recognises, the other, with the name of the scenario, writes the row. What was
/// recognised is kept in between, so that a picture is paid for once, and a map that was corrected
/// reads the same answer again.
#[derive(Clone, Debug, Deserialize)]
pub struct InvoiceLedger {
    /// The folder with the pictures; see [`InvoiceFolder`].
    pub folder: PathBuf,
    /// Seconds without a change after which a file is whole.
    #[serde(default = "quiet_seconds")]
    pub quiet_seconds: u64,
    /// The endings of pictures; the usual ones if empty.
    #[serde(default)]
    pub extensions: Vec<String>,
    /// What to do with a picture that shows several invoices.
    #[serde(default)]
    pub several: Several,
    /// The table (`U_INVOICES`) or user-defined object.
    pub object_type: String,
    /// The property with the key. `Code`: it is made of the picture's SHA-256.
    #[serde(default = "key_field")]
    pub key_field: String,
    /// How many digits of the SHA-256 `Code` has.
    #[serde(default = "code_digits")]
    pub code_digits: usize,
    /// The field for the whole SHA-256, by which a row is found where `key_field` is not `Code`.
    #[serde(default)]
    pub digest_field: Option<String>,
    /// What goes into which property.
    #[serde(flatten)]
    pub map: InvoiceFields,
    /// The numbers of the flows.
    #[serde(flatten)]
    pub pace: Pace,
}

/// What of an answer goes into which property of the ERP.
///
/// In a configuration these are the keys `fields` and `lines`.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "InvoiceKeys")]
pub struct InvoiceFields(pub CheckedMap);

#[derive(Deserialize)]
struct InvoiceKeys {
    fields: Vec<Entry>,
    #[serde(default)]
    lines: Option<Table>,
}

impl TryFrom<InvoiceKeys> for InvoiceFields {
    type Error = MapProblems;

    fn try_from(keys: InvoiceKeys) -> Result<Self, MapProblems> {
        checked_map(keys.fields, keys.lines, "Lines").map(Self)
    }
}

pub(super) const KIND: ScenarioKind = ScenarioKind {
    name: "invoice-ledger",
    numbers: &["S61"],
    doc: "Pictures of invoices (发票) are recognised by 千里聆 and become rows of a table of the ERP.",
    needs: &[crate::b1::SYSTEM, crate::easst::SYSTEM],
    keys: &[KEYS, pace::POLL, pace::WORK],
    example: include_str!("examples/invoice-ledger.toml"),
    read: read::<InvoiceLedger>,
};

const KEYS: &[Key] = &[
    required(
        "folder",
        Shape::Folder,
        "Where the pictures are put. Recognised ones move to `pictures` in it, what was recognised to `answers`, and to `booked` when it is in the ERP.",
    ),
    default(
        "quiet_seconds",
        Shape::Integer(0, 3600),
        "5",
        "Seconds without a change after which a file is whole.",
    ),
    default(
        "extensions",
        Shape::Texts,
        "[]",
        "The endings of pictures, such as png; bmp, gif, jpeg, jpg, pdf, png, tif, tiff, webp if empty.",
    ),
    default(
        "several",
        Shape::Choice(&["first", "park"]),
        r#""first""#,
        "A picture with several invoices: the first counts, or a person cuts it.",
    ),
    required(
        "object_type",
        Shape::Text,
        "The user-defined table (U_INVOICES for @INVOICES) or object.",
    ),
    default(
        "key_field",
        Shape::Text,
        r#""Code""#,
        "The property with the key. Code is made of the picture's SHA-256; DocEntry, of objects that are documents, needs `digest_field`.",
    ),
    default(
        "code_digits",
        Shape::Integer(16, 64),
        "40",
        "How many digits of the SHA-256 Code has; it takes 50 characters.",
    ),
    optional(
        "digest_field",
        Shape::Text,
        "The field for the whole SHA-256 (64 characters), such as U_SHA256. A row is found by it.",
    ),
    required(
        "fields",
        Shape::Tables(FIELD),
        "Which value goes into which property; paths such as Invoice.invoiceNumber, File.Name, Answer.result.0.amount.",
    ),
    optional(
        "lines",
        Shape::Table(LINES),
        "Which values of a commodity line go into which properties; `to` is the collection of the object, such as INVOICE1Collection.",
    ),
];

fn quiet_seconds() -> u64 {
    5
}

fn key_field() -> String {
    "Code".to_owned()
}

fn code_digits() -> usize {
    40
}

impl InvoiceLedger {
    fn folder(&self) -> InvoiceFolder {
        let folder =
            InvoiceFolder::new(&self.folder).quiet(Duration::from_secs(self.quiet_seconds));
        match self.extensions.is_empty() {
            true => folder,
            false => folder.extensions(self.extensions.iter().map(String::as_str)),
        }
    }

    fn create(&self, b1: &b1_servicelayer::Client) -> CreateEntity {
        let create = CreateEntity::new(b1.clone(), &self.object_type, &self.key_field);
        let create = create.without_drafts();
        match &self.digest_field {
            Some(field) => create.id_field(field),
            None => create,
        }
    }

    fn makes_code(&self) -> bool {
        self.key_field == "Code"
    }
}

/// All attempts of a client that waits a minute for each.
const LONGEST_RECOGNITION: Duration = Duration::from_secs(300);

#[async_trait]
impl Scenario for InvoiceLedger {
    /// The flow `name` into the ERP, and the flow [`pictures_of`] it.
    fn compose(
        &self,
        company: &str,
        name: &str,
        systems: &Systems,
    ) -> Result<Composition, Missing> {
        let (b1, app) = (systems.b1()?, Easst::of(systems)?);
        let (folder, page) = (self.folder(), usize::try_from(self.pace.page_size).unwrap_or(1));
        let pictures = Flow::new(company, pictures_of(name))
            .poll(Pictures::new(folder.clone(), page))
            .push(Recognize::new(app.client().clone(), folder.clone()))
            .mark(FiledPicture::new(folder.clone()))
            .again_when_changed();
        let pictures = self.pace.apply(pictures).timeout(LONGEST_RECOGNITION);

        let map = InvoiceMap::new(EntityMap::new(self.map.0.clone()), self.several);
        let map = if self.makes_code() { map.code(self.code_digits) } else { map };
        let rows = Flow::new(company, name)
            .poll(Answers::new(folder.clone(), page))
            .map(map)
            .push(self.create(b1))
            .mark(Booked::new(folder))
            .look_before_create();
        let flows = vec![pictures, self.pace.apply(rows)];
        Ok(Composition { flows, ..Composition::default() })
    }

    async fn check(&self, systems: &Systems) -> Vec<Finding> {
        let folder = self.folder().check().map_err(|problem| format!("check `folder`: {problem}"));
        let key = match (&self.digest_field, self.makes_code()) {
            (None, false) => Err(format!(
                "`key_field` is {}: set `digest_field`, or a row cannot be found again",
                self.key_field
            )),
            _ => Ok(()),
        };
        let mut findings = vec![
            Finding::new(format!("folder {}", self.folder.display()), folder),
            Finding::new("key of the rows", key),
        ];
        if let Ok(b1) = systems.b1() {
            let table = self.create(b1).check().await;
            let table = table.map_err(|failure| format!("check `object_type`: {failure}"));
            findings.push(Finding::new(format!("b1 {}", self.object_type), table));
        }
        findings
    }
}
