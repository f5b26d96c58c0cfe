//! SQL over the company's tables: stored queries, and what the DI API reads.
//!
//! The entities are shown as the ERP's tables, under the names and with the columns they have in its
//! database, by views of SQLite. What the database has and SQLite lacks is added
//! ([`functions`]); what stored queries may not say is refused ([`rules`]).

mod functions;
mod parameters;
mod rules;
mod statement;
mod tables;
mod tokens;

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::config::DbConfig;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode};
use rust_decimal::Decimal;

use self::statement::{Column, Now, Statement};
use super::company::Company;
use super::json::{Json, Object};
use super::refusal::Refusal;
use super::schema::Schema;
use super::store::Store;

pub(crate) use parameters::Parameters;

/// How a statement came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    /// `SQLQueries`: tables and functions of the allow-lists, dates as `20201007`, labels as
    /// written.
    SqlQueries,
    /// Any SELECT of SAP HANA, as the DI API takes it: dates as `2020-10-07`, labels without quotes
    /// in capitals.
    Free,
}

/// A statement that may be stored.
pub(crate) struct Checked {
    /// As the server keeps it.
    pub(crate) text: String,
    pub(crate) parameters: Vec<String>,
}

/// What the authorizer refused.
#[derive(Clone, Debug)]
enum Denied {
    Table(String),
    Function(String),
    Statement,
}

/// A thousand instructions of SQLite each.
const LONGEST: u32 = 10_000;

impl Company {
    /// Checks the text of a stored query.
    pub(crate) fn check_sql(&mut self, text: &str) -> Result<Checked, Refusal> {
        let statement = Statement::parse(text).map_err(Refusal::invalid_sql)?;
        self.run_sql(&statement, Door::SqlQueries, None, 0, 0)?;
        let parameters = statement.parameters().into_iter().map(str::to_owned).collect();
        Ok(Checked { text: statement.normal(), parameters })
    }

    /// Runs a SELECT and takes `count` of its rows behind `skip`.
    pub(crate) fn sql(
        &mut self,
        text: &str,
        door: Door,
        parameters: &Parameters,
        skip: usize,
        count: usize,
    ) -> Result<Vec<Object>, Refusal> {
        let statement = Statement::parse(text).map_err(Refusal::invalid_sql)?;
        self.run_sql(&statement, door, Some(parameters), skip, count)
    }

    /// Without parameters the statement is only checked.
    fn run_sql(
        &mut self,
        statement: &Statement<'_>,
        door: Door,
        parameters: Option<&Parameters>,
        skip: usize,
        count: usize,
    ) -> Result<Vec<Object>, Refusal> {
        rules::check(statement, door)?;
        let now = Now(self.local_time().naive_local());
        let sql = statement.for_sqlite(&now).map_err(Refusal::invalid_sql)?;
        let views = self.store.show_tables(&self.schema)?;
        let denied = Arc::new(Mutex::new(None));
        let guard = guard(door, views, self.options.sql_tables.clone(), Arc::clone(&denied));
        let connection = self.store.connection();
        let mut steps = 0_u32;
        connection.authorizer(Some(guard))?;
        connection.progress_handler(
            1000,
            Some(move || {
                steps = steps.saturating_add(1);
                steps > LONGEST
            }),
        )?;
        let columns = statement.columns();
        let rows = select(connection, &sql, door, &columns, parameters, skip, count);
        connection.authorizer(None::<fn(AuthContext<'_>) -> Authorization>)?;
        connection.progress_handler(0, None::<fn() -> bool>)?;
        rows.map_err(|failed| match failed {
            Failed::Refused(refusal) => refusal,
            Failed::Sql(error) => {
                let denied = denied.lock().unwrap_or_else(PoisonError::into_inner).take();
                refusal(&error, denied, door)
            }
        })
    }
}

impl Store {
    /// Makes the views, if the metadata changed since. Their names.
    fn show_tables(&mut self, schema: &Arc<Schema>) -> Result<Arc<[String]>, Refusal> {
        if let Some((known, names)) = &self.tables
            && Arc::ptr_eq(known, schema)
        {
            return Ok(Arc::clone(names));
        }
        let views = tables::views(schema).map_err(Refusal::internal)?;
        let connection = self.connection();
        // `"Unknown"` is an error, not a text; LIKE looks at the case.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
        connection.execute_batch("PRAGMA case_sensitive_like = ON")?;
        functions::register(connection, Arc::clone(schema))?;
        for view in &views {
            let name = tables::name_literal(&view.name);
            connection.execute_batch(&format!(
                "DROP VIEW IF EXISTS temp.{name}; CREATE TEMP VIEW {name} AS {}",
                view.select
            ))?;
        }
        let names: Arc<[String]> = views.into_iter().map(|view| view.name).collect();
        self.tables = Some((Arc::clone(schema), Arc::clone(&names)));
        Ok(names)
    }
}

/// Lets SELECTs read the tables they may read. What the views themselves read is no question.
fn guard(
    door: Door,
    views: Arc<[String]>,
    more: Vec<String>,
    denied: Arc<Mutex<Option<Denied>>>,
) -> impl for<'c> FnMut(AuthContext<'c>) -> Authorization + Send + 'static {
    let is_view = move |name: &str| views.iter().any(|view| view.eq_ignore_ascii_case(name));
    move |context: AuthContext<'_>| {
        let within_view = context.accessor.is_some_and(&is_view);
        let problem = match context.action {
            _ if within_view => None,
            AuthAction::Select | AuthAction::Recursive => None,
            AuthAction::Read { table_name, .. } => {
                // Tables made within the statement have no view and no database.
                let own = context.database_name.is_none();
                let known = is_view(table_name)
                    && (door == Door::Free || rules::may_read(table_name, &more));
                (!own && !known).then(|| Denied::Table(table_name.to_owned()))
            }
            AuthAction::Function { function_name } => (!rules::may_call(function_name, door))
                .then(|| Denied::Function(function_name.to_owned())),
            _ => Some(Denied::Statement),
        };
        match problem {
            None => Authorization::Allow,
            Some(problem) => {
                denied.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(problem);
                Authorization::Deny
            }
        }
    }
}

enum Failed {
    Sql(rusqlite::Error),
    Refused(Refusal),
}

impl From<rusqlite::Error> for Failed {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

fn select(
    connection: &Connection,
    sql: &str,
    door: Door,
    columns: &[Column<'_>],
    parameters: Option<&Parameters>,
    skip: usize,
    count: usize,
) -> Result<Vec<Object>, Failed> {
    let mut statement = connection.prepare(sql)?;
    let Some(parameters) = parameters else { return Ok(Vec::new()) };
    let labels = labels(&statement, columns, door);
    parameters.bind(&mut statement).map_err(Failed::Refused)?;
    let mut rows = statement.raw_query();
    let mut printed = Vec::new();
    let mut position = 0_usize;
    while let Some(row) = rows.next()? {
        if position >= skip {
            if printed.len() == count {
                break;
            }
            let mut object = Object::default();
            for (index, label) in labels.iter().enumerate() {
                object.set(label, print(row.get_ref(index)?, door));
            }
            printed.push(object);
        }
        position = position.saturating_add(1);
    }
    Ok(printed)
}

fn labels(statement: &rusqlite::Statement<'_>, columns: &[Column<'_>], door: Door) -> Vec<String> {
    let names = statement.column_names().map(str::to_owned).collect::<Vec<_>>();
    if columns.len() != names.len() {
        // `*`: the tables' own names.
        return names;
    }
    let labels = columns.iter().zip(names).map(|(column, name)| match column {
        Column::Named { label, quoted: false } if door == Door::Free => label.to_uppercase(),
        Column::Named { label, .. } => label.replace("\"\"", "\""),
        Column::All | Column::Nameless => name,
    });
    labels.collect()
}

fn print(value: ValueRef<'_>, door: Door) -> Json {
    match value {
        ValueRef::Null => Json::Null,
        ValueRef::Integer(number) => number.into(),
        ValueRef::Real(number) => Json::Number(decimal_text(number)),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            let text = String::from_utf8_lossy(bytes);
            let form = if door == Door::SqlQueries { "%Y%m%d" } else { "%Y-%m-%d" };
            match functions::unmarked(&text) {
                Some(date) => date.format(form).to_string().into(),
                None => text.replace(functions::DATE_MARK, "").into(),
            }
        }
    }
}

/// A decimal of the database: six digits behind the point, zeros but the first left out.
fn decimal_text(number: f64) -> String {
    let Some(exact) = Decimal::from_f64_retain(number) else { return number.to_string() };
    let text = exact.round_dp(6).normalize().to_string();
    if text.contains('.') { text } else { format!("{text}.0") }
}

fn refusal(error: &rusqlite::Error, denied: Option<Denied>, door: Door) -> Refusal {
    match (denied, door) {
        (Some(Denied::Table(table)), _) => return Refusal::table_not_accessible(&table),
        (Some(Denied::Function(name)), Door::SqlQueries) => {
            return Refusal::invalid_sql(format!("the function {name} is not supported"));
        }
        (Some(Denied::Function(name)), Door::Free) => {
            return Refusal::unsupported(format_args!("the SQL function {name}"));
        }
        (Some(Denied::Statement), _) => return Refusal::invalid_sql("only SELECT is supported"),
        (None, _) => {}
    }
    let message = match error {
        rusqlite::Error::SqlInputError { msg, .. } => msg.clone(),
        rusqlite::Error::SqliteFailure(failure, _)
            if failure.code == ErrorCode::OperationInterrupted =>
        {
            return Refusal::unsupported("statements that take so long");
        }
        rusqlite::Error::SqliteFailure(_, Some(message)) => message.clone(),
        other => other.to_string(),
    };
    if let Some(table) = message.strip_prefix("no such table: ") {
        let listed = rules::may_read(table, &[]) && !table.starts_with('@');
        return if listed || (door == Door::Free && !table.starts_with('@')) {
            Refusal::unsupported(format_args!("the table {table}"))
        } else {
            Refusal::table_not_accessible(table)
        };
    }
    if let Some(column) = message.strip_prefix("no such column: ") {
        return Refusal::column_not_accessible(column);
    }
    if let Some(function) = message.strip_prefix("no such function: ")
        && door == Door::Free
    {
        return Refusal::unsupported(format_args!("the SQL function {function}"));
    }
    Refusal::invalid_sql(message)
}
