//! Pictures of invoices (发票) become rows of a table of the ERP: 千里聆 reads them, and the row has
//! what stands on the paper.
//!
//! ```console
//! cargo run --example invoice_ledger      # all in the sandbox
//! ```
//!
//! A scanner puts pictures into a folder. The key of a picture is the hash of its bytes: scanned once
//! and saved twice, it is one row. What was recognised is kept in the folder beside it, so a picture is
//! paid for once, also when the ERP's answer gets lost, as it does here for the first row. What is no
//! invoice stays in the folder, and the report says so.
//!
//! Against your own systems, without code: `examples/config/invoice-ledger.toml`.

use std::path::Path;
use std::time::Duration;

use erplink::b1::{CreateEntity, EntityMap};
use erplink::easst::{
    Answers, Booked, FiledPicture, InvoiceFolder, InvoiceMap, Pictures, Recognize, Several,
};
use erplink_examples::story::invoice_ledger::{TABLE, make_table};
use erplink_examples::{Failure, Folder, Table, wait_for};
use erplink_sandbox::easst::{Decimal, Invoice, pdf, picture};
use erplink_sandbox::{Fault, Sandbox};
use erplink_sync::map::FieldMap;
use erplink_sync::{Flow, MemoryStore, Runner};
use serde_json::json;

const COMPANY: &str = "SBODEMOCN";
const PAGE: usize = 20;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let sandbox = Box::pin(Sandbox::start()).await?;
    make_table(&sandbox)?;
    let place = Folder::new("erplink-invoices")?;
    scan(place.path())?;
    let folder = InvoiceFolder::new(place.path()).quiet(Duration::ZERO);
    let builder = Runner::builder(MemoryStore::default());
    let builder = builder.flow(recognise(&sandbox, &folder)?).flow(write_rows(&sandbox, &folder)?);
    let runner = builder.build()?;

    // The ERP writes the first row, and its answer never arrives.
    sandbox.b1().faults().push(Fault::reset_after(None, TABLE));
    let mut table = Table::new(["not an invoice", "why it stays in the folder"]);
    let mut stays = 0;
    wait_for(async || {
        for (key, reason) in runner.run_once().await.parked {
            table.row([&short(&key.document), &reason.message]);
            stays += 1;
        }
        Ok(sandbox.b1().list(TABLE)?.len() >= INVOICES.len()
            && stays > 0
            && is_empty(place.path())?)
    })
    .await?;
    println!("{table}");
    report(&sandbox)
}

/// Folder → 千里聆: what stands on a picture is kept beside it.
fn recognise(sandbox: &Sandbox, folder: &InvoiceFolder) -> Result<Flow, Failure> {
    let app = sandbox.easst();
    let client = easst_invoice::Client::builder(app.app_id(), app.app_secret())
        .base_url(app.url())
        .build()?;
    Ok(Flow::new(COMPANY, "invoices-pictures")
        .poll(Pictures::new(folder.clone(), PAGE))
        .push(Recognize::new(client, folder.clone()))
        .mark(FiledPicture::new(folder.clone()))
        .again_when_changed())
}

/// What was recognised → ERP: a row whose `Code` is the hash of the picture.
fn write_rows(sandbox: &Sandbox, folder: &InvoiceFolder) -> Result<Flow, Failure> {
    let erp = sandbox.b1();
    let b1 = b1_servicelayer::Client::builder(erp.root_url())
        .company_db(erp.company_db())
        .credentials(erp.user(), erp.password())
        .build()?;
    // The names inside an answer differ from account to account: look into a file below `answers`.
    let map: FieldMap = serde_json::from_value(json!({"main": [
        {"from": "Invoice.invoiceNumber", "to": "U_Number", "required": true},
        {"from": "Invoice.invoiceDate", "to": "U_Date", "format": "date"},
        {"from": "Invoice.sellerName", "to": "U_Seller"},
        {"from": "Invoice.totalAmount", "to": "U_Amount", "format": {"number": 2}},
        {"from": "File.Name", "to": "U_File"},
    ]}))?;
    let map = InvoiceMap::new(EntityMap::new(map.check(&[])?), Several::Park).code(40);
    Ok(Flow::new(COMPANY, "invoices")
        .poll(Answers::new(folder.clone(), PAGE))
        .map(map)
        .push(CreateEntity::new(b1, TABLE, "Code").without_drafts())
        .mark(Booked::new(folder.clone()))
        // The sandbox shows a lost row at once; a busy ERP gets half a minute.
        .settle(Duration::ZERO)
        .backoff(Duration::from_millis(100), Duration::from_secs(1)))
}

/// Number and amount in cents of each invoice.
const INVOICES: [(&str, i64); 3] = [
    ("24312000000000000201", 100_010),
    ("24312000000000000202", 7),
    ("24312000000000000203", 88_000),
];

/// The scanner's morning: three invoices, one of them saved twice, and a picture of something else.
fn scan(folder: &Path) -> Result<(), Failure> {
    let invoice =
        |(number, cents)| Invoice { amount: Decimal::new(cents, 2), ..Invoice::numbered(number) };
    let [first, second, third] = INVOICES.map(invoice);
    let files = [
        ("scan-1.png", picture(std::slice::from_ref(&first))),
        ("scan-1 (2).png", picture(&[first])),
        ("scan-2.png", picture(&[second])),
        ("数电票.pdf", pdf(&[third])),
        ("holiday.png", picture(&[])),
    ];
    for (name, bytes) in files {
        std::fs::write(folder.join(name), bytes)?;
    }
    Ok(())
}

/// Whether nothing waits: only the picture that is no invoice is left.
fn is_empty(folder: &Path) -> Result<bool, Failure> {
    let files = std::fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    let pictures = files.iter().filter(|file| file.path().is_file()).count();
    let answers = std::fs::read_dir(folder.join("answers"))?.count();
    Ok((pictures, answers) == (1, 0))
}

/// Hashes are long; their beginning tells them apart.
fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}

/// Each invoice with its row; an error if one is not where it should be.
fn report(sandbox: &Sandbox) -> Result<(), Failure> {
    let rows = sandbox.b1().list(TABLE)?;
    let mut table = Table::new(["invoice", "rows", "amount", "picture", "key"]);
    let mut astray = usize::from(rows.len() != INVOICES.len());
    for (number, cents) in INVOICES {
        let made: Vec<_> = rows.iter().filter(|row| row["U_Number"] == number).collect();
        let wanted = Decimal::new(cents, 2);
        let first = made.first().copied().cloned().unwrap_or_default();
        let amount = first["U_Amount"].to_string().parse::<Decimal>().ok();
        astray += usize::from(made.len() != 1 || amount != Some(wanted));
        let key = short(first["Code"].as_str().unwrap_or_default());
        let file = first["U_File"].as_str().unwrap_or_default();
        table.row([&number, &made.len(), &wanted, &file, &key]);
    }
    println!("{table}");
    let billed = sandbox.easst().recognized().len();
    println!("{billed} pictures recognised, and paid for");
    match (astray, billed) {
        (0, 4) => Ok(()),
        _ => Err("not every invoice is where it should be".into()),
    }
}
