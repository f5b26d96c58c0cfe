//! Pictures of invoices in the ERP.

use std::collections::BTreeSet;
use std::path::Path;

use erplink_sandbox::Sandbox;
use erplink_sandbox::easst::{Invoice, pdf, picture};
use serde_json::json;

use super::{Arrived, Scenario, Story, expect};
use crate::Failure;

pub(super) const SCENARIO: Scenario = Scenario {
    name: "pictures of invoices in the ERP",
    covers: "S61",
    config: include_str!("../../config/invoice-ledger.toml"),
    begin,
};

/// The numbers of the invoices in the folder.
const NUMBERS: [&str; 3] = ["24312000000000000101", "24312000000000000102", "24312000000000000103"];
/// The table that the ERP's administrator made for them.
pub const TABLE: &str = "U_FAPIAO";

/// The table `@FAPIAO` with its fields.
///
/// # Errors
/// When the ERP has it already.
pub fn make_table(sandbox: &Sandbox) -> Result<(), Failure> {
    let b1 = sandbox.b1();
    b1.create("UserTablesMD", &json!({"TableName": "FAPIAO", "TableType": "bott_NoObject"}))?;
    let fields = [
        ("Number", "db_Alpha", "st_None"),
        ("Date", "db_Date", "st_None"),
        ("Seller", "db_Alpha", "st_None"),
        ("Amount", "db_Float", "st_Sum"),
        ("Tax", "db_Float", "st_Sum"),
        ("File", "db_Alpha", "st_None"),
    ];
    for (name, kind, sub) in fields {
        let field = json!({"Name": name, "Type": kind, "SubType": sub, "TableName": "@FAPIAO"});
        b1.create("UserFieldsMD", &field)?;
    }
    Ok(())
}

/// Puts pictures into a folder: three invoices, and the first one once more under another name.
///
/// # Errors
/// When the folder cannot be written.
pub(crate) fn scan(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let [first, second, third] = NUMBERS.map(Invoice::numbered);
    std::fs::write(folder.join("scan-1.png"), picture(std::slice::from_ref(&first)))?;
    std::fs::write(folder.join("scan-2.png"), picture(&[second]))?;
    std::fs::write(folder.join("数电票.pdf"), pdf(&[third]))?;
    std::fs::write(folder.join("scan-1 again.png"), picture(&[first]))
}

struct Invoices;

fn begin(sandbox: &Sandbox) -> Result<Box<dyn Story>, Failure> {
    make_table(sandbox)?;
    Ok(Box::new(Invoices))
}

impl Story for Invoices {
    fn people_act(&self, _: &Sandbox) -> Result<(), Failure> {
        Ok(())
    }

    fn arrived(&self, sandbox: &Sandbox) -> Result<Vec<Arrived>, Failure> {
        let rows = sandbox.b1().list(TABLE)?;
        if rows.len() != NUMBERS.len() {
            return Err(format!("{} invoices in {TABLE}, not {}", rows.len(), NUMBERS.len()).into());
        }
        for number in NUMBERS {
            let row = rows.iter().find(|row| row["U_Number"] == number);
            let row = row.ok_or_else(|| format!("{TABLE} has no {number}"))?;
            expect(&format!("U_Date of {number}"), &row["U_Date"], "2024-03-18")?;
        }
        // Lost answers were asked for again, so a picture may be there twice.
        let recognized = sandbox.easst().recognized();
        let pictures: BTreeSet<&str> = recognized.iter().map(|one| one.sha256.as_str()).collect();
        let mut arrived = Vec::new();
        for sha256 in pictures {
            let code = sha256.get(..40).unwrap_or(sha256);
            if !rows.iter().any(|row| row["Code"] == code) {
                return Err(format!("{TABLE} has no row for the picture {sha256}").into());
            }
            arrived.push(Arrived::new("invoices-pictures", sha256, sha256));
            arrived.push(Arrived::new("invoices", sha256, format!("{TABLE}('{code}')")));
        }
        Ok(arrived)
    }
}
