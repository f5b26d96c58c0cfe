//! What stored queries may say: the server's allow-lists.

use super::Door;
use super::statement::{Column, Statement};
use crate::servicelayer::refusal::Refusal;

/// Functions of stored queries. `like` is how SQLite calls the operator.
const FUNCTIONS: &[&str] = &[
    "avg",
    "count",
    "erp_left",
    "erp_right",
    "ifnull",
    "like",
    "lower",
    "max",
    "min",
    "sum",
    "upper",
];

/// Functions that the ERP's database has besides.
const MORE_FUNCTIONS: &[&str] = &[
    "abs",
    "add_days",
    "add_months",
    "ceil",
    "coalesce",
    "concat",
    "days_between",
    "dayofmonth",
    "floor",
    "length",
    "ltrim",
    "month",
    "nullif",
    "replace",
    "round",
    "row_number",
    "rtrim",
    "string_agg",
    "substr",
    "substring",
    "to_date",
    "to_nvarchar",
    "to_varchar",
    "trim",
    "year",
];

/// Words of SQL that stored queries know nothing of.
const FORBIDDEN: &[&str] = &[
    "ALTER",
    "ATTACH",
    "CALL",
    "CASE",
    "CAST",
    "CREATE",
    "DELETE",
    "DROP",
    "EXCEPT",
    "EXEC",
    "EXECUTE",
    "GRANT",
    "INSERT",
    "INTERSECT",
    "INTO",
    "LIMIT",
    "MERGE",
    "OFFSET",
    "OVER",
    "PRAGMA",
    "REPLACE",
    "TRUNCATE",
    "UPDATE",
    "VALUES",
    "WITH",
];

/// Families of documents: `O` + the stem is the header's table, the stem + 1…14 the lines'.
const DOCUMENTS: &[&str] = &[
    "QUT", "RDR", "DLN", "RRR", "RDN", "DPI", "INV", "RIN", "PRQ", "PQT", "POR", "PDN", "PRR",
    "RPD", "DPO", "PCH", "RPC", "DRF",
];

/// The other tables of `b1s_sqltable.conf` as it is delivered.
const TABLES: &[&str] = &[
    "CINF", "OADM", "ADM1", "OADP", "OCRN", "OCRD", "OCRP", "CRD1", "ORCT", "RCT1", "RCT2", "RCT3",
    "RCT4", "OVPM", "VPM1", "VPM2", "VPM3", "VPM4", "ODSC", "DSC1", "OHFC", "OFPR", "OACP", "OBPL",
    "OHLD", "HLD1", "OITM", "OITW", "OIBQ", "OBIN", "OBTQ", "OBBQ", "OBTN", "OSRQ", "OSBQ", "OSRN",
    "OCLG", "OCLT", "OCLS", "ATC1", "ORTT", "ORSC", "RSC1", "RSC2", "RSC3", "RSC4", "RSC5", "RSC6",
    "OSRT", "OITT", "ITT1", "ITT2", "OWOR", "WOR1", "WOR4", "ORCJ", "ORCM", "OPLN", "ITM1", "OJDT",
    "JDT1", "ECM2",
];

/// Whether stored queries may read the table; `more`: what the site added to the list.
pub(super) fn may_read(table: &str, more: &[String]) -> bool {
    let table = table.to_ascii_uppercase();
    let of = |stem: &str| DOCUMENTS.contains(&stem);
    let lines = || {
        let stem = table.trim_end_matches(|c: char| c.is_ascii_digit());
        let number = table.strip_prefix(stem).and_then(|number| number.parse::<u32>().ok());
        of(stem) && number.is_some_and(|number| (1..=14).contains(&number))
    };
    table.starts_with('@')
        || TABLES.contains(&table.as_str())
        || table.strip_prefix('O').is_some_and(of)
        || lines()
        || more.iter().any(|one| one.eq_ignore_ascii_case(&table))
}

pub(super) fn may_call(function: &str, door: Door) -> bool {
    let among = |list: &[&str]| list.iter().any(|one| one.eq_ignore_ascii_case(function));
    among(FUNCTIONS) || (door == Door::Free && among(MORE_FUNCTIONS))
}

/// What can be told from the text alone.
pub(super) fn check(statement: &Statement<'_>, door: Door) -> Result<(), Refusal> {
    let first = statement.tokens.first();
    let first = |word: &str| first.is_some_and(|token| token.is_word(word));
    if door == Door::Free {
        return match (first("SELECT") || first("WITH"), first("CALL")) {
            (true, _) => Ok(()),
            (false, true) => Err(Refusal::unsupported("stored procedures")),
            _ => Err(Refusal::invalid_sql("expected a SELECT")),
        };
    }
    if !first("SELECT") {
        return Err(Refusal::invalid_sql("only SELECT is supported"));
    }
    if let Some(word) = statement.word(FORBIDDEN) {
        return Err(Refusal::invalid_sql(format!("{word} is not supported")));
    }
    let mut labels: Vec<&str> = Vec::new();
    for column in statement.columns() {
        match column {
            Column::All => return Err(Refusal::invalid_sql("`*` is not supported")),
            Column::Nameless => {
                return Err(Refusal::invalid_sql("a computed column needs an alias"));
            }
            Column::Named { label, .. } if labels.contains(&label) => {
                return Err(Refusal::invalid_sql(format!("the alias {label} is there twice")));
            }
            Column::Named { label, .. } => labels.push(label),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_the_delivered_one() {
        for table in ["ORDR", "rdr1", "RDR14", "ODRF", "DRF1", "OITM", "OWOR", "@ROUTING", "PRQ1"] {
            assert!(may_read(table, &[]), "{table}");
        }
        for table in
            ["OWDD", "WDD1", "OUSR", "RDR15", "RDR0", "RDR", "CRD2", "OIGN", "OWTR", "entity"]
        {
            assert!(!may_read(table, &[]), "{table}");
        }
        assert!(may_read("OWDD", &["owdd".to_owned()]));
    }
}
