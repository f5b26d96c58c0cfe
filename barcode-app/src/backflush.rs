//! Backflush: which components to issue for what is received.

use std::fmt;

use erplink_core::{Decimal, MemberError, Members, RawJson};
use rust_decimal::RoundingStrategy;
use serde::Deserialize;

use crate::document::{Batch, PRODUCTION_ORDER};
use crate::query::Queries;
use crate::request::{RequestError, whole_number};
use crate::sql::{FillError, fill};
use crate::{Backflush, Document, QueryError, SaveRequest};

/// How a backflush is worked out. The SQL comes from the application, the rest is the site's.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BackflushRules {
    /// What is added to `InvertedSql` for each order; `{entry}` is its number, always a whole
    /// number. Default ` and T0."DocEntry" = {entry}`.
    pub condition: String,
    /// What `{0}`, `{1}`, `{2}` of `InvertedBathSql` stand for. Default item, warehouse, quantity.
    pub arguments: Vec<Argument>,
    /// Columns of the component rows that hold the order. If there is one, it has to be the order
    /// that was asked for. Default `DocEntry`. Case is ignored in all columns.
    pub order_columns: Vec<String>,
    /// Columns with the line of the order. Default `LineNum`.
    pub line_columns: Vec<String>,
    /// Columns with the item. Default `ItemCode`.
    pub item_columns: Vec<String>,
    /// Columns with the quantity for one product. Default `BaseQty`.
    pub base_quantity_columns: Vec<String>,
    /// Columns with the warehouse. Default `wareHouse`, `WhsCode`.
    pub warehouse_columns: Vec<String>,
    /// Columns of the batch rows with the batch. Default `BatchNumber`, `DistNumber`.
    pub batch_columns: Vec<String>,
    /// Columns of the batch rows with the quantity of the batch. Default `Quantity`.
    pub batch_quantity_columns: Vec<String>,
    /// To how many decimals quantities are rounded, half away from zero. Default 6, as the ERP.
    pub quantity_decimals: u32,
    /// Fields of the receipt's header that the issue takes over. Default `DocDate`, `DocDueDate`,
    /// `TaxDate`.
    pub header_fields: Vec<String>,
}

/// A value for a placeholder of `InvertedBathSql`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Argument {
    /// The item (物料).
    Item,
    /// The warehouse (仓库).
    Warehouse,
    /// The quantity to issue.
    Quantity,
    /// The number of the order (`DocEntry`).
    Order,
    /// The line of the order.
    Line,
}

impl Default for BackflushRules {
    fn default() -> Self {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            condition: " and T0.\"DocEntry\" = {entry}".to_owned(),
            arguments: vec![Argument::Item, Argument::Warehouse, Argument::Quantity],
            order_columns: names(&["DocEntry"]),
            line_columns: names(&["LineNum"]),
            item_columns: names(&["ItemCode"]),
            base_quantity_columns: names(&["BaseQty"]),
            warehouse_columns: names(&["wareHouse", "WhsCode"]),
            batch_columns: names(&["BatchNumber", "DistNumber"]),
            batch_quantity_columns: names(&["Quantity"]),
            quantity_decimals: 6,
            header_fields: names(&["DocDate", "DocDueDate", "TaxDate"]),
        }
    }
}

/// Why a backflush could not be worked out. Nothing was posted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BackflushError {
    /// The request does not say what is received.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// A query failed.
    #[error("{what}: {error}")]
    Query {
        /// `InvertedSql` or `InvertedBathSql`.
        what: &'static str,
        /// Why.
        error: QueryError,
    },
    /// The placeholders of `InvertedBathSql` cannot be filled.
    #[error("InvertedBathSql: {0}")]
    Fill(#[from] FillError),
    /// A row of a query lacks a column, or holds the wrong thing in it.
    #[error("row {row} of {what}: {problem}")]
    Row {
        /// `InvertedSql` or `InvertedBathSql`.
        what: &'static str,
        /// The row, from 1.
        row: usize,
        /// What is wrong.
        problem: String,
    },
    /// Quantities too large for an exact number.
    #[error("the quantity of {item} is too large")]
    Overflow {
        /// The item.
        item: String,
    },
    /// There are not enough batches.
    #[error("not enough in batches: {}", listed(.0))]
    Shortage(Vec<Shortage>),
}

/// What is missing of a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shortage {
    /// The item.
    pub item: String,
    /// The warehouse.
    pub warehouse: Option<String>,
    /// How much is missing.
    pub missing: Decimal,
}

impl fmt::Display for Shortage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} lacks {}", self.item, self.missing)?;
        match &self.warehouse {
            Some(warehouse) => write!(f, " in {warehouse}"),
            None => Ok(()),
        }
    }
}

fn listed(shortages: &[Shortage]) -> String {
    let texts: Vec<String> = shortages.iter().map(ToString::to_string).collect();
    texts.join(", ")
}

const COMPONENTS: &str = "InvertedSql";
const BATCHES: &str = "InvertedBathSql";

/// A component to issue.
struct Component {
    order: i64,
    line: i64,
    item: String,
    warehouse: Option<String>,
    quantity: Decimal,
}

impl BackflushRules {
    /// The issue of all components of what is received; `None` if there are none.
    pub(crate) async fn issue(
        &self,
        backflush: &Backflush,
        request: &SaveRequest,
        queries: &Queries,
    ) -> Result<Option<Document>, BackflushError> {
        let (mut lines, mut shortages) = (Vec::new(), Vec::new());
        for (order, received) in received(request)? {
            for component in self.components(backflush, order, received, queries).await? {
                let batches = match &backflush.batch_sql {
                    None => Vec::new(),
                    Some(sql) => match self.batches(sql, &component, queries).await? {
                        Ok(batches) => batches,
                        Err(shortage) => {
                            shortages.push(shortage);
                            continue;
                        }
                    },
                };
                lines.push(component.into_line(lines.len(), batches));
            }
        }
        if !shortages.is_empty() {
            return Err(BackflushError::Shortage(shortages));
        }
        if lines.is_empty() {
            return Ok(None);
        }
        Ok(Some(Document {
            entity_set: "InventoryGenExits".to_owned(),
            fields: std::iter::once(("DocumentLines".to_owned(), RawJson::array(lines))).collect(),
            mark: None,
        }))
    }

    async fn components(
        &self,
        backflush: &Backflush,
        order: i64,
        received: Decimal,
        queries: &Queries,
    ) -> Result<Vec<Component>, BackflushError> {
        let sql = backflush.sql.trim().trim_end_matches(';').trim_end();
        let sql = format!("{sql}{}", self.condition.replace("{entry}", &order.to_string()));
        let rows = queries
            .run(&sql)
            .await
            .map_err(|error| BackflushError::Query { what: COMPONENTS, error })?;
        let mut components = Vec::with_capacity(rows.len());
        for (at, row) in (1..).zip(&rows) {
            components.extend(self.component(
                Row { what: COMPONENTS, at, row },
                order,
                received,
            )?);
        }
        Ok(components)
    }

    fn component(
        &self,
        row: Row<'_>,
        order: i64,
        received: Decimal,
    ) -> Result<Option<Component>, BackflushError> {
        if let Some(found) = row.whole(&self.order_columns)?
            && found != order
        {
            return Err(row.problem(format!(
                "it belongs to order {found}, asked for was {order}: check `condition`"
            )));
        }
        let item = row.text(&self.item_columns)?.ok_or_else(|| row.lacks(&self.item_columns))?;
        let base = row
            .decimal(&self.base_quantity_columns)?
            .ok_or_else(|| row.lacks(&self.base_quantity_columns))?;
        let quantity = received
            .checked_mul(base)
            .ok_or_else(|| BackflushError::Overflow { item: item.clone() })?;
        let quantity = quantity
            .round_dp_with_strategy(self.quantity_decimals, RoundingStrategy::MidpointAwayFromZero);
        if quantity < Decimal::ZERO {
            return Err(row.problem(format!("{item} has the negative quantity {quantity}")));
        }
        if quantity.is_zero() {
            return Ok(None);
        }
        Ok(Some(Component {
            order,
            line: row.whole(&self.line_columns)?.ok_or_else(|| row.lacks(&self.line_columns))?,
            item,
            warehouse: row.text(&self.warehouse_columns)?,
            quantity,
        }))
    }

    /// Enough batches for a component, in the order of the rows.
    async fn batches(
        &self,
        sql: &str,
        component: &Component,
        queries: &Queries,
    ) -> Result<Result<Vec<Batch>, Shortage>, BackflushError> {
        let values: Vec<String> = self
            .arguments
            .iter()
            .map(|argument| match argument {
                Argument::Item => component.item.clone(),
                Argument::Warehouse => component.warehouse.clone().unwrap_or_default(),
                Argument::Quantity => component.quantity.normalize().to_string(),
                Argument::Order => component.order.to_string(),
                Argument::Line => component.line.to_string(),
            })
            .collect();
        let rows = queries
            .run(&fill(sql, &values)?)
            .await
            .map_err(|error| BackflushError::Query { what: BATCHES, error })?;
        let (mut batches, mut missing) = (Vec::<Batch>::new(), component.quantity);
        for (at, row) in (1..).zip(&rows) {
            let row = Row { what: BATCHES, at, row };
            let number =
                row.text(&self.batch_columns)?.ok_or_else(|| row.lacks(&self.batch_columns))?;
            let there = row
                .decimal(&self.batch_quantity_columns)?
                .ok_or_else(|| row.lacks(&self.batch_quantity_columns))?;
            let quantity = there.min(missing);
            if quantity <= Decimal::ZERO {
                continue;
            }
            missing -= quantity;
            match batches.iter_mut().find(|batch| batch.number == number) {
                Some(batch) => batch.quantity += quantity,
                None => batches.push(Batch { number, quantity, rest: Vec::new() }),
            }
        }
        Ok(match missing.is_zero() {
            true => Ok(batches),
            false => Err(Shortage {
                item: component.item.clone(),
                warehouse: component.warehouse.clone(),
                missing: missing.normalize(),
            }),
        })
    }

    /// Takes over fields from the receipt's header.
    pub(crate) fn with_header(&self, issue: Document, receipt: &Document) -> Document {
        let taken = receipt
            .fields
            .iter()
            .filter(|(name, _)| self.header_fields.iter().any(|known| known == name))
            .map(|(name, value)| (name.to_owned(), value.clone()));
        Document { fields: taken.chain(issue.fields).collect(), ..issue }
    }
}

impl Component {
    fn into_line(self, at: usize, batches: Vec<Batch>) -> RawJson {
        // No item: the ERP takes it from the order, and refuses it otherwise.
        let mut line = vec![
            ("BaseEntry".to_owned(), RawJson::number(self.order)),
            ("BaseType".to_owned(), RawJson::number(PRODUCTION_ORDER)),
            ("BaseLine".to_owned(), RawJson::number(self.line)),
            ("Quantity".to_owned(), RawJson::number(self.quantity.normalize())),
        ];
        line.extend(self.warehouse.map(|code| ("WarehouseCode".to_owned(), RawJson::text(&code))));
        if !batches.is_empty() {
            let batches = batches.into_iter().map(|batch| batch.into_json(at));
            line.push(("BatchNumbers".to_owned(), RawJson::array(batches)));
        }
        line.into_iter().collect::<Members>().to_json()
    }
}

/// How much is received on each order, in the order of the lines.
fn received(request: &SaveRequest) -> Result<Vec<(i64, Decimal)>, RequestError> {
    let mut orders: Vec<(i64, Decimal)> = Vec::new();
    for (at, line) in request.lines.iter().enumerate() {
        let place = format!("data[{at}].");
        let base = whole_number(&line.fields, &place, "BaseType")?;
        if let Some(other) = base.filter(|base| *base != PRODUCTION_ORDER) {
            let expected = "202, a production order, because of the backflush";
            return Err(RequestError::value(
                format!("{place}BaseType"),
                expected,
                &other.to_string(),
            ));
        }
        let order = whole_number(&line.fields, &place, "BaseEntry")?
            .ok_or_else(|| RequestError::missing(format!("{place}BaseEntry")))?;
        let quantity = line
            .fields
            .decimal("Quantity")
            .map_err(RequestError::at(&place))?
            .ok_or_else(|| RequestError::missing(format!("{place}Quantity")))?;
        let wrong = || {
            let found = quantity.to_string();
            RequestError::value(format!("{place}Quantity"), "a quantity above zero", &found)
        };
        if quantity <= Decimal::ZERO {
            return Err(wrong());
        }
        match orders.iter_mut().find(|(known, _)| *known == order) {
            Some((_, sum)) => *sum = sum.checked_add(quantity).ok_or_else(wrong)?,
            None => orders.push((order, quantity)),
        }
    }
    Ok(orders)
}

/// A row of a query, for its errors.
#[derive(Clone, Copy)]
struct Row<'a> {
    what: &'static str,
    at: usize,
    row: &'a Members,
}

impl Row<'_> {
    /// Databases return names without quotes in upper case: case says nothing.
    fn name(&self, columns: &[String]) -> Option<&str> {
        columns.iter().find_map(|column| {
            self.row.iter().map(|(name, _)| name).find(|name| name.eq_ignore_ascii_case(column))
        })
    }

    fn text(&self, columns: &[String]) -> Result<Option<String>, BackflushError> {
        let Some(name) = self.name(columns) else { return Ok(None) };
        self.row.text(name).map_err(|error| self.wrong(&error))
    }

    fn decimal(&self, columns: &[String]) -> Result<Option<Decimal>, BackflushError> {
        let Some(name) = self.name(columns) else { return Ok(None) };
        self.row.decimal(name).map_err(|error| self.wrong(&error))
    }

    fn whole(&self, columns: &[String]) -> Result<Option<i64>, BackflushError> {
        let Some(number) = self.decimal(columns)? else { return Ok(None) };
        let text = number.normalize().to_string();
        text.parse().map(Some).map_err(|_| {
            self.problem(format!("{}: expected a whole number, found {number}", columns.join(", ")))
        })
    }

    fn lacks(&self, columns: &[String]) -> BackflushError {
        let columns = columns.join(", ");
        self.problem(format!("expected one of the columns {columns}, found none or an empty one"))
    }

    fn wrong(&self, error: &MemberError) -> BackflushError {
        self.problem(error.to_string())
    }

    fn problem(&self, problem: String) -> BackflushError {
        BackflushError::Row { what: self.what, row: self.at, problem }
    }
}
