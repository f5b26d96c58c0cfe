use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use barcode_app::{Company, Settings, Sql};
use erplink_sync::Flow;
use serde::Deserialize;

use super::{Composition, Finding, Missing, Pace, Scenario, ScenarioKind, Systems, pace, read};
use crate::barcode::{
    self, Barcode, FreeSql, SaveDocument, ScannedDocuments, TemporaryQueries, Waiting,
};
use crate::config::shape::{Key, Shape, default, optional, required};
use crate::diapi;

/// A save with all its queries and documents may take so long.
const LONGEST_SAVE: Duration = Duration::from_secs(300);

/// Scanners of the barcode application query, save documents of eleven kinds and receive products
/// with a backflush of their components. The person with the scanner reads what became of it.
///
/// One flow for each company (账套); another company is another table of the configuration.
#[derive(Clone, Debug, Deserialize)]
pub struct BarcodeServer {
    /// What runs the SQL of the application.
    pub query: QuerySource,
    /// Whether labels can be printed by stored queries of the Service Layer.
    #[serde(default = "yes")]
    pub print_query: bool,
    /// How requests become documents.
    #[serde(default)]
    pub rules: Settings,
    /// The numbers of the flow.
    #[serde(flatten)]
    pub pace: Pace,
}

/// What runs the SQL of the application: its queries and those of a backflush.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum QuerySource {
    /// The DI API service.
    DiApi,
    /// Stored queries of the Service Layer, within their limits: no procedures.
    SqlQueries,
    /// Nothing (合部 sites): queries and backflush answer that they are not enabled.
    Off,
}

fn yes() -> bool {
    true
}

pub(super) const KIND: ScenarioKind = ScenarioKind {
    name: "barcode-server",
    numbers: &["S30", "S31", "S32", "S33", "S34", "S35", "S36"],
    doc: "Scanners of the barcode application query, save documents and receive with backflush (反冲发料).",
    needs: &[crate::b1::SYSTEM, barcode::SYSTEM],
    keys: &[KEYS, pace::WORK],
    example: include_str!("examples/barcode-server.toml"),
    read: read::<BarcodeServer>,
};

const KEYS: &[Key] = &[
    required(
        "query",
        Shape::Choice(&["di-api", "sql-queries", "off"]),
        "What runs the application's SQL and that of the backflush: the DI API service, stored queries (SQLQueries), which take no procedures, or nothing (合部 sites).",
    ),
    default(
        "print_query",
        Shape::Bool,
        "true",
        "Whether labels can be printed (打印用查询), by stored queries of the Service Layer.",
    ),
    optional("rules", Shape::Table(RULES), "How requests become documents."),
];

const RULES: &[Key] = &[
    optional(
        "mark_field",
        Shape::Text,
        "A text field of documents, 32 characters or more, by which a document is found whose answer was lost. Set one.",
    ),
    default(
        "compensate_issue",
        Shape::Bool,
        "false",
        "Whether an issue is taken back by a component return (生产退料) when its receipt is refused.",
    ),
    default(
        "continue_after_backflush_failure",
        Shape::Bool,
        "false",
        "Whether the receipt is posted although its backflush failed.",
    ),
    default(
        "repeat_window_seconds",
        Shape::Integer(0, 86_400),
        "0",
        "For so long the same request gets the first answer again; a save that was not finished is finished. 0: never the same.",
    ),
    optional(
        "repeat_ignores",
        Shape::Texts,
        "Fields of MainTable that do not make a request another one; U_CZSJ, the time of the tap, if unset.",
    ),
    optional("query", Shape::Table(QUERY), "What queries may do."),
    optional("document", Shape::Table(DOCUMENT), "Dates, numbers and user tables."),
    optional("backflush", Shape::Table(BACKFLUSH), "How components are worked out."),
];

const QUERY: &[Key] = &[
    default("read_only", Shape::Bool, "true", "Whether only SQL that reads is run."),
    default(
        "procedures",
        Shape::Texts,
        "[]",
        "Procedures that may be called, such as that for batches; `diapi.procedures` has to list them, too.",
    ),
    default("max_rows", Shape::Integer(1, 1_000_000), "10000", "More rows are an error."),
    default("timeout_seconds", Shape::Integer(1, 600), "30", "How long a query may take."),
];

const DOCUMENT: &[Key] = &[
    optional(
        "date_fields",
        Shape::Texts,
        "Fields with dates such as 20230920; instead of the usual ones.",
    ),
    optional("number_fields", Shape::Texts, "Fields with numbers; instead of the usual ones."),
    default("user_tables", Shape::Texts, "[]", "Objects and tables that UserDataTable may write."),
    optional(
        "user_table_lines",
        Shape::Text,
        "The child collection of such an object that takes `data`.",
    ),
    default(
        "transfer_source_bin",
        Shape::Text,
        r#""FromBinAbsEntry""#,
        "In transfers, the field with the bin that is transferred from.",
    ),
];

const BACKFLUSH: &[Key] = &[
    default(
        "condition",
        Shape::Text,
        r#"" and T0.\"DocEntry\" = {entry}""#,
        "What is added to InvertedSql for each order.",
    ),
    optional(
        "arguments",
        Shape::Texts,
        "What {0}, {1}, {2} of InvertedBathSql are: of item, warehouse, quantity, order, line.",
    ),
    optional("order_columns", Shape::Texts, "Columns with the order; DocEntry if unset."),
    optional("line_columns", Shape::Texts, "Columns with its line; LineNum if unset."),
    optional("item_columns", Shape::Texts, "Columns with the item; ItemCode if unset."),
    optional(
        "base_quantity_columns",
        Shape::Texts,
        "Columns with the quantity for one product; BaseQty if unset.",
    ),
    optional(
        "warehouse_columns",
        Shape::Texts,
        "Columns with the warehouse; wareHouse, WhsCode if unset.",
    ),
    optional(
        "batch_columns",
        Shape::Texts,
        "Columns with the batch; BatchNumber, DistNumber if unset.",
    ),
    optional(
        "batch_quantity_columns",
        Shape::Texts,
        "Columns with its quantity; Quantity if unset.",
    ),
    default("quantity_decimals", Shape::Integer(0, 12), "6", "Decimals of quantities."),
    optional(
        "header_fields",
        Shape::Texts,
        "Fields that the issue takes from its receipt; the dates if unset.",
    ),
];

impl BarcodeServer {
    fn company(&self, name: &str, systems: &Systems) -> Result<Company, Missing> {
        let (b1, app) = (systems.b1()?, Barcode::of(systems)?);
        let documents = Arc::new(ScannedDocuments::new(b1.clone()));
        let stored: Arc<dyn Sql> = Arc::new(TemporaryQueries::new(b1.clone()));
        let mut company =
            Company::new(app.company_db(name), documents).settings(self.rules.clone());
        if let Some(name) = app.company_name() {
            company = company.name(name);
        }
        match self.query {
            QuerySource::DiApi => {
                company = company.sql(Arc::new(FreeSql::new(diapi::of(systems)?.clone())));
            }
            QuerySource::SqlQueries => company = company.sql(stored.clone()),
            QuerySource::Off => {}
        }
        if self.print_query {
            company = company.print_sql(stored);
        }
        Ok(company)
    }
}

#[async_trait]
impl Scenario for BarcodeServer {
    /// The flow `name` of saves into the ERP, and the five addresses.
    fn compose(
        &self,
        company: &str,
        name: &str,
        systems: &Systems,
    ) -> Result<Composition, Missing> {
        let (app, served) = (Barcode::of(systems)?, self.company(company, systems)?);
        let (waiting, window) = (Waiting::default(), self.rules.repeat_window_seconds);
        let target = SaveDocument::new(served.clone(), waiting.clone());
        let flow = self.pace.apply(Flow::new(company, name).receive().push(target));
        let flow = flow.answers_each_time(Duration::from_secs(window)).timeout(LONGEST_SAVE);
        let receiver = app.receiver(company, name, served, waiting, window > 0);
        Ok(Composition { flows: vec![flow], receivers: vec![receiver], ..Composition::default() })
    }

    async fn check(&self, systems: &Systems) -> Vec<Finding> {
        let b1 = match systems.b1() {
            Ok(b1) => b1,
            Err(missing) => return vec![Finding::new(barcode::SYSTEM, Err(missing.to_string()))],
        };
        let mut findings = Vec::new();
        if let Some(field) = &self.rules.mark_field {
            let outcome = barcode::check_mark(b1, field).await;
            findings.push(Finding::new(format!("{} marks", barcode::SYSTEM), outcome));
        }
        if self.print_query || self.query == QuerySource::SqlQueries {
            let outcome = barcode::check_query(b1).await;
            findings.push(Finding::new(format!("{} stored queries", barcode::SYSTEM), outcome));
        }
        findings
    }
}
