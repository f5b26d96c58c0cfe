//! What the shop floor reports (报工) in the Blacklake MES (黑湖) becomes goods receipts from production
//! (生产收货) of the ERP.
//!
//! ```console
//! cargo run --example mes_goods_receipt      # all in the sandbox
//! ```
//!
//! Reports are read in windows of time that meet, whatever time a stop takes. Only the last operation
//! of a work order makes a product, and what was rejected is none. Each receipt carries the id of its
//! report: one whose answer got lost is found again, and not made twice.
//!
//! Against your own systems, without code: `examples/config/mes-goods-receipts.toml`.

use std::time::Duration;

use axum::http::Method;
use erplink::mes::{Booking, ProgressReports, ReceiveProduct, Windows};
use erplink_examples::{Factory, Failure, Table};
use erplink_sandbox::Fault;
use erplink_sandbox::mes::{Quality, Report};
use erplink_sync::Flow;
use erplink_sync::map::FieldMap;
use serde_json::json;

const RECEIPTS: &str = "InventoryGenEntries";

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let factory = Factory::open().await?;
    let runner = factory.runner(reports_to_erp(&factory)?)?;

    let reports = work(&factory)?;
    // Windows end before the present.
    tokio::time::sleep(Duration::from_millis(5)).await;
    // The answer to the first receipt is lost on its way, though the ERP has it.
    factory.erp().faults().push(Fault::reset_after(Method::POST, RECEIPTS));
    println!("{}", runner.run_once().await);
    // Nothing is booked twice, however often one looks.
    println!("{}", runner.run_once().await);

    report(&factory, &reports)
}

/// MES → ERP: read what was reported, receive what the last operation made.
fn reports_to_erp(factory: &Factory) -> Result<Flow, Failure> {
    let header: FieldMap = serde_json::from_value(json!({"main": [
        {"from": "=1", "to": "U_InboundType"},
        {"from": "{workOrderCode} {processName} {reportRecordCode}", "to": "Comments"},
    ]}))?;
    // In the sandbox all clocks agree: no need to stay a minute behind.
    let windows = Windows::default().lag(Duration::ZERO).look_back(Duration::from_secs(3600));
    let mes = factory.mes.client();
    let booking = Booking::receipts(factory.b1.clone()).header(header.check(&[])?);
    Ok(Flow::new(Factory::NAME, "mes-goods-receipts")
        .poll(ProgressReports::new(mes.clone(), windows))
        .push(ReceiveProduct::new(mes.clone(), booking)))
}

/// Workers report on three operations; 20 is the last. Answers each report and what it has to become.
fn work(factory: &Factory) -> Result<Vec<(i64, &'static str, usize)>, Failure> {
    let report = |report| factory.people().report(Factory::ORDER, report);
    Ok(vec![
        (report(Report::new(10).process("9"))?, "下料 10", 0),
        (report(Report::new(10).process("10"))?, "焊接 10", 0),
        (report(Report::new(6).process("20"))?, "装配 6", 1),
        (report(Report::new(1).process("20").quality(Quality::Rejected))?, "装配 1 不合格", 0),
        (report(Report::new(3).process("20"))?, "装配 3", 1),
    ])
}

/// Each report with its receipts; an error if one has too many or none.
fn report(factory: &Factory, reports: &[(i64, &str, usize)]) -> Result<(), Failure> {
    let mut table = Table::new(["report", "what", "receipts", "quantity", "comments"]);
    let mut astray = 0;
    for (id, what, wanted) in reports {
        let made = factory.booked(RECEIPTS, &format!("MES-R{id}"))?;
        astray += usize::from(made.len() != *wanted);
        let first = made.first().cloned().unwrap_or_default();
        let quantity = &first["DocumentLines"][0]["Quantity"];
        table.row([id, what, &made.len(), quantity, &first["Comments"]]);
    }
    println!("{table}");
    match astray {
        0 => Ok(()),
        _ => Err(format!("{astray} reports are not where they should be").into()),
    }
}
