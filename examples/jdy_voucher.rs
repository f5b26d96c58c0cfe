//! Journal entries (日记账分录) of the ERP become vouchers (凭证) of Kingdee JDY (精斗云), each exactly
//! once.
//!
//! ```console
//! cargo run --example jdy_voucher      # all in the sandbox
//! ```
//!
//! Every journal entry whose flag `U_ISSYN` is not `Y` is saved as a voucher under its own `linkId`;
//! the voucher's id goes back into `U_VchId`. Here the answer to one save is lost: the voucher is
//! looked for before it is sent again.
//!
//! Against your own systems, without code: `examples/config/jdy-vouchers.toml`.

use erplink::b1::{KeyType, Place, UnsyncedDocuments, WriteBack};
use erplink::jdy::{SaveVoucher, VoucherFields, VoucherMap};
use erplink_examples::{Failure, Table};
use erplink_sandbox::{Fault, Sandbox};
use erplink_sync::{Flow, MemoryStore, Runner};
use kingdee_jdy::Login;
use serde_json::json;

const COMPANY: &str = "SBODEMOCN";
const FLAG: &str = "U_ISSYN";
const VOUCHER_ID: &str = "U_VchId";

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let sandbox = Box::pin(Sandbox::start()).await?;
    book(&sandbox)?;
    let runner = Runner::builder(MemoryStore::default()).flow(entries_to_jdy(&sandbox)?).build()?;

    // The first save is carried out, and its answer never arrives.
    let lost = Fault::reset_after(None, "/jdyaccouting/voucher?");
    sandbox.jdy().faults().push(lost);
    println!("{}", runner.run_once().await);

    report(&sandbox)
}

/// Two sales on account, with their tax.
fn book(sandbox: &Sandbox) -> Result<(), Failure> {
    for (customer, gross, net, tax) in
        [("C001", "11300.10", "10000.09", "1300.01"), ("C002", "226", "200", "26")]
    {
        let entry = json!({
            "ReferenceDate": "2026-03-31", "Memo": "销售开票",
            "JournalEntryLines": [
                {"AccountCode": "1122", "ShortName": customer, "Debit": gross},
                {"AccountCode": "5001", "Credit": net},
                {"AccountCode": "222101", "Credit": tax},
            ],
        });
        sandbox.b1().create("JournalEntries", &entry)?;
    }
    Ok(())
}

/// ERP → JDY: read what is not flagged, save it under its `linkId`, flag it.
fn entries_to_jdy(sandbox: &Sandbox) -> Result<Flow, Failure> {
    let (erp, jdy) = (sandbox.b1(), sandbox.jdy());
    let b1 = b1_servicelayer::Client::builder(erp.root_url())
        .company_db(erp.company_db())
        .credentials(erp.user(), erp.password())
        .build()?;
    let login = Login::User { username: jdy.username().into(), password: jdy.password().into() };
    let jdy = kingdee_jdy::Client::builder(jdy.client_id(), jdy.client_secret(), login)
        .company_set(jdy.s_id(), jdy.db_id())
        .api_base(jdy.url())
        .build()?;

    // Which account is which (科目对照); customers go along with their receivables.
    let fields: VoucherFields = serde_json::from_value(json!({
        "accounts": [
            {"from": "1122", "to": "1122", "dimension": "customer"},
            {"from": "5001", "to": "5001"},
            {"from": "222101", "to": "222101"},
        ],
    }))?;
    let entries = UnsyncedDocuments::new(b1.clone(), "JournalEntries", "JdtNum", (FLAG, "N"), true);
    let entry = Place::Document {
        set: "JournalEntries".to_owned(),
        key: "JdtNum".to_owned(),
        key_type: KeyType::Numeric,
    };
    Ok(Flow::new(COMPANY, "jdy-vouchers")
        .poll(entries)
        .map(VoucherMap::new(fields, COMPANY, "ReferenceDate"))
        .push(SaveVoucher::new(jdy))
        .mark(WriteBack::new(b1, entry).flag(FLAG, "Y").id_field(VOUCHER_ID)))
}

/// Each journal entry and its voucher; an error if one is not where it should be.
fn report(sandbox: &Sandbox) -> Result<(), Failure> {
    let (entries, vouchers) = (sandbox.b1().list("JournalEntries")?, sandbox.jdy().vouchers());
    let mut table = Table::new(["entry", "flag", "voucher id", "linkId", "voucher", "total"]);
    let mut astray = vouchers.len().abs_diff(entries.len());
    for entry in entries {
        let link_id = format!("{COMPANY}-{}", entry["JdtNum"]);
        let voucher = sandbox.jdy().voucher(&link_id).unwrap_or_default();
        // A text there, a number here.
        let voucher_id = voucher["vchId"].to_string();
        let knows_it = entry[VOUCHER_ID] == voucher_id.as_str();
        astray += usize::from(entry[FLAG] != "Y" || !knows_it);
        table.row([
            &entry["JdtNum"],
            &entry[FLAG],
            &entry[VOUCHER_ID],
            &link_id,
            &voucher["vchNo"],
            &voucher["debitTotal"],
        ]);
    }
    println!("{table}");
    match astray {
        0 => Ok(()),
        _ => Err(format!("{astray} journal entries are not where they should be").into()),
    }
}
