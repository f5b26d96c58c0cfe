//! What is fed (投料) to a work order in the Blacklake MES (黑湖) becomes a goods issue for production
//! (生产发料) of the ERP.
//!
//! ```console
//! cargo run --example mes_feeding_issue      # all in the sandbox
//! ```
//!
//! The MES pushes encrypted events. Each row of a feeding is stored under its id, the MES gets its
//! answer, and then the issue is made: pushed twice, a feeding is booked once. A push that never came
//! is made up for from the MES's list.
//!
//! Against your own systems, without code: `examples/config/mes-goods-issues.toml`.

use std::time::Duration;

use erplink::mes::{Booking, Feedings, IssueComponents, Windows};
use erplink_examples::{Factory, Failure, Table};
use erplink_sandbox::mes::{Feed, PushFault};
use erplink_sync::Flow;

/// The key of the ledger.
const FLOW: &str = "mes-goods-issues";
const ISSUES: &str = "InventoryGenExits";

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let factory = Factory::open().await?;
    let runner = factory.runner(feedings_to_erp(&factory))?;
    factory.serve(factory.mes.receiver(Factory::NAME, FLOW), &runner).await?;

    let feedings = work(&factory)?;
    factory.people().settled().await;
    println!("{}", runner.run_once().await);
    // Nothing is booked twice, however often one looks.
    println!("{}", runner.run_once().await);

    report(&factory, &feedings)
}

/// MES → ERP: take what is pushed, and read what was not; issue it.
fn feedings_to_erp(factory: &Factory) -> Flow {
    // In the sandbox all clocks agree: no need to stay a minute behind.
    let windows = Windows::default().lag(Duration::ZERO).look_back(Duration::from_secs(3600));
    let mes = factory.mes.client();
    Flow::new(Factory::NAME, FLOW)
        .receive_and_poll(Feedings::new(mes.clone(), windows))
        .push(IssueComponents::new(mes.clone(), Booking::issues(factory.b1.clone())))
}

/// Workers feed three components. The first push comes twice, the last one never, and a feeding that
/// failed is none. Answers each feeding and what it has to become.
fn work(factory: &Factory) -> Result<Vec<(i64, &'static str, usize)>, Failure> {
    let people = factory.people();
    people.dispatch(Factory::ORDER)?;
    let feed = |material: &str, feed: Feed| people.feed(Factory::ORDER, material, feed);
    people.arrange_push_fault(PushFault::Duplicate);
    let mut feedings = vec![(feed("RM-001", Feed::new(20).batch("B-1"))?, "钢板 20", 1)];
    feedings.push((feed("RM-002", Feed::new(120))?, "螺丝 120", 1));
    feed("RM-002", Feed::new(1).fails("库存不足"))?;
    people.arrange_push_fault(PushFault::Lost);
    feedings.push((feed("RM-003", Feed::new(5))?, "油漆 5", 1));
    Ok(feedings)
}

/// Each feeding with its issues; an error if one has too many or none.
fn report(factory: &Factory, feedings: &[(i64, &str, usize)]) -> Result<(), Failure> {
    let mut table = Table::new(["feeding", "what", "issues", "line of the order", "quantity"]);
    let mut astray = factory.erp().list(ISSUES)?.len().abs_diff(feedings.len());
    for (id, what, wanted) in feedings {
        let made = factory.booked(ISSUES, &format!("MES-F{id}"))?;
        astray += usize::from(made.len() != *wanted);
        let line = made.first().map(|issue| issue["DocumentLines"][0].clone()).unwrap_or_default();
        table.row([id, what, &made.len(), &line["BaseLine"], &line["Quantity"]]);
    }
    println!("{table}");
    match astray {
        0 => Ok(()),
        _ => Err(format!("{astray} feedings are not where they should be").into()),
    }
}
