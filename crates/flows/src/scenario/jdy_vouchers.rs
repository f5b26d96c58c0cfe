use async_trait::async_trait;
use chrono::NaiveDate;
use erplink_sync::Flow;
use serde::Deserialize;

use super::documents::{INCLUDE_NULL, synced_values, yes};
use super::draft_approval::START_DATE;
use super::{
    Composition, Finding, Missing, Pace, Past, PastResult, Scenario, ScenarioKind, Systems, pace,
    read,
};
use crate::b1::{KeyType, Place, UnsyncedDocuments, WriteBack};
use crate::config::shape::{Key, Shape, default, optional};
use crate::jdy::{SaveVoucher, VOUCHER, VoucherFields, VoucherMap};

/// Journal entries (日记账分录) with the flag "not synchronised" become vouchers (凭证) of Kingdee JDY
/// (精斗云), each exactly once.
#[derive(Clone, Debug, Deserialize)]
pub struct JdyVouchers {
    /// The entity set.
    #[serde(default = "object_type")]
    pub object_type: String,
    /// The property with the key.
    #[serde(default = "key_field")]
    pub key_field: String,
    /// The property with the day of the voucher.
    #[serde(default = "date_field")]
    pub date_field: String,
    /// A further condition, in the server's syntax.
    #[serde(default)]
    pub filter: Option<String>,
    /// Entries from before this day are left to `erplink backfill`.
    #[serde(default)]
    pub start_date: Option<NaiveDate>,
    /// The properties to read; all if empty.
    #[serde(default)]
    pub select: Vec<String>,
    /// The flag.
    #[serde(default = "synced_field")]
    pub synced_field: String,
    /// Its value before and after.
    #[serde(default = "synced_values")]
    pub synced_values: [String; 2],
    /// Whether entries without a flag are not synchronised either.
    #[serde(default = "yes")]
    pub include_null: bool,
    /// The field for the voucher's id (`vchId`). Empty: it is not written.
    #[serde(default = "voucher_id_field")]
    pub voucher_id_field: String,
    /// What goes into the voucher.
    #[serde(flatten)]
    pub voucher: VoucherFields,
    /// The numbers of the flow.
    #[serde(flatten)]
    pub pace: Pace,
}

pub(super) const KIND: ScenarioKind = ScenarioKind {
    name: "jdy-vouchers",
    numbers: &["S60"],
    doc: "Journal entries (日记账分录) with the flag \"not synchronised\" become vouchers (凭证) of Kingdee JDY.",
    needs: &[crate::b1::SYSTEM, crate::jdy::SYSTEM],
    keys: &[KEYS, VOUCHER, pace::POLL, pace::WORK],
    example: include_str!("examples/jdy-vouchers.toml"),
    read: read::<JdyVouchers>,
};

const KEYS: &[Key] = &[
    default("object_type", Shape::Text, r#""JournalEntries""#, "The entity set."),
    default("key_field", Shape::Text, r#""JdtNum""#, "The property with the key."),
    default(
        "date_field",
        Shape::Text,
        r#""ReferenceDate""#,
        "The property with the day of the voucher.",
    ),
    optional("filter", Shape::Text, "A further condition, such as TransactionCode eq 'JDY'."),
    START_DATE,
    default("select", Shape::Texts, "[]", "The properties to read; all if empty."),
    default("synced_field", Shape::Text, r#""U_ISSYN""#, "The flag."),
    default("synced_values", Shape::Pair, r#"["N", "Y"]"#, "Its value before and after."),
    INCLUDE_NULL,
    default(
        "voucher_id_field",
        Shape::Text,
        r#""U_VchId""#,
        "The field for the voucher's id (vchId). Empty: it is not written.",
    ),
];

fn object_type() -> String {
    "JournalEntries".to_owned()
}

fn key_field() -> String {
    "JdtNum".to_owned()
}

fn date_field() -> String {
    "ReferenceDate".to_owned()
}

fn synced_field() -> String {
    "U_ISSYN".to_owned()
}

fn voucher_id_field() -> String {
    "U_VchId".to_owned()
}

#[async_trait]
impl Scenario for JdyVouchers {
    /// The flow `name` to JDY.
    fn compose(
        &self,
        company: &str,
        name: &str,
        systems: &Systems,
    ) -> Result<Composition, Missing> {
        let (b1, jdy) = (systems.b1()?, crate::jdy::client(systems)?);
        let flow = Flow::new(company, name)
            .poll(self.source(b1).dated(&self.date_field, self.start_date, None))
            .map(VoucherMap::new(self.voucher.clone(), company, &self.date_field))
            .push(SaveVoucher::new(jdy.clone()))
            .mark(self.mark(b1));
        Ok(Composition { flows: vec![self.pace.apply(flow)], ..Composition::default() })
    }

    async fn past(&self, systems: &Systems, from: NaiveDate, to: NaiveDate) -> PastResult {
        let source = self.source(systems.b1()?).dated(&self.date_field, Some(from), Some(to));
        let total = source.count().await?;
        Ok(Some(Past { source: Box::new(source), total }))
    }

    /// Whether the accounts of the map are in the chart of accounts (科目表).
    async fn check(&self, systems: &Systems) -> Vec<Finding> {
        let Ok(jdy) = crate::jdy::client(systems) else { return Vec::new() };
        let outcome = match jdy.accounts().list(None).await {
            Ok(chart) => {
                let is_there = |number: &str| chart.iter().any(|account| account.number == number);
                let wanted = self.voucher.accounts.iter().map(|account| account.to.as_str());
                let missing: Vec<&str> = wanted.filter(|number| !is_there(number)).collect();
                match missing.as_slice() {
                    [] => Ok(()),
                    _ => {
                        Err(format!("check `accounts`: JDY has no account {}", missing.join(", ")))
                    }
                }
            }
            Err(error) => Err(error.to_string()),
        };
        vec![Finding::new("jdy accounts", outcome)]
    }
}

impl JdyVouchers {
    fn source(&self, b1: &b1_servicelayer::Client) -> UnsyncedDocuments {
        let [no, _] = &self.synced_values;
        let flag = (self.synced_field.as_str(), no.as_str());
        let (set, key) = (&self.object_type, &self.key_field);
        let source = UnsyncedDocuments::new(b1.clone(), set, key, flag, self.include_null)
            .select(self.select.iter().map(String::as_str))
            .page_size(self.pace.page_size);
        match &self.filter {
            Some(filter) => source.filter(filter),
            None => source,
        }
    }

    fn mark(&self, b1: &b1_servicelayer::Client) -> WriteBack {
        let (set, key) = (self.object_type.clone(), self.key_field.clone());
        let place = Place::Document { set, key, key_type: KeyType::Auto };
        let [_, yes] = &self.synced_values;
        let mark = WriteBack::new(b1.clone(), place).flag(&self.synced_field, yes);
        match self.voucher_id_field.as_str() {
            "" => mark,
            field => mark.id_field(field),
        }
    }
}
