//! The commands of one flow: dry-run, backfill.

use std::io::{IsTerminal, Write as _};

use chrono::NaiveDate;
use erplink_sync::{Backfilled, FlowId};

use super::{Failure, runner};
use crate::config::Config;
use crate::scenario::Past;

/// `COMPANY/FLOW`.
pub(super) fn flow_id(text: &str) -> Result<FlowId, Failure> {
    let (company, flow) = text
        .split_once('/')
        .ok_or_else(|| format!("`{text}`: expected COMPANY/FLOW, such as SBODEMOCN/requests"))?;
    Ok(FlowId::new(company, flow))
}

/// Prints what would be sent.
pub(super) async fn dry_run(config: &Config, flow: &str) -> Result<(), Failure> {
    let runner = runner(config).await?.build()?;
    for (document, mapped) in runner.dry_run(&flow_id(flow)?).await? {
        match mapped {
            Ok(content) => println!("{}: {}", document.id, content.as_str()),
            Err(failure) => println!("{}: cannot be sent: {failure}", document.id),
        }
    }
    Ok(())
}

/// Sends the documents of a range of days through a flow, beside the live one.
pub(super) async fn backfill(
    config: &Config,
    flow: &str,
    from: &str,
    to: &str,
) -> Result<(), Failure> {
    let flow = flow_id(flow)?;
    let (from, to) = (day(from)?, day(to)?);
    if to < from {
        return Err(format!("{to} is before {from}; the first day comes first").into());
    }
    let past = past(config, &flow, from, to).await?;
    let runner = runner(config).await?.owner("backfill").build()?;
    let mut bar = Bar::new(past.total);
    let end = runner.backfill(&flow, &*past.source, |so_far| bar.show(so_far)).await;
    bar.end();
    println!("{flow} from {from} to {to}: {}", end?);
    Ok(())
}

fn day(text: &str) -> Result<NaiveDate, Failure> {
    text.parse().map_err(|_| format!("`{text}`: expected a day such as 2026-08-01").into())
}

async fn past(
    config: &Config,
    flow: &FlowId,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Past, Failure> {
    let company = config.companies.iter().find(|company| company.name == flow.company);
    let found = company.and_then(|company| {
        let flow = company.flows.iter().find(|one| one.name == flow.flow)?;
        Some((company, flow))
    });
    let (company, one) = found.ok_or_else(|| format!("the configuration has no flow {flow}"))?;
    let past = one.scenario.past(&company.systems, from, to).await?;
    past.ok_or_else(|| format!("{flow} waits for events; it has no past to fill in").into())
}

/// A line that is written over and over on a terminal; elsewhere one line in a hundred documents.
struct Bar {
    total: usize,
    terminal: bool,
    next: usize,
}

impl Bar {
    fn new(total: usize) -> Self {
        Self { total, terminal: std::io::stderr().is_terminal(), next: 100 }
    }

    fn show(&mut self, so_far: Backfilled) {
        let line = bar(so_far, self.total);
        if self.terminal {
            eprint!("\r{line}");
            drop(std::io::stderr().flush());
        } else if so_far.read >= self.next {
            eprintln!("{line}");
            self.next = so_far.read + 100;
        }
    }

    fn end(&self) {
        if self.terminal {
            eprintln!();
        }
    }
}

fn bar(so_far: Backfilled, total: usize) -> String {
    const WIDTH: usize = 30;
    let total = total.max(so_far.read).max(1);
    let full = so_far.read * WIDTH / total;
    let (full, rest) = ("#".repeat(full), ".".repeat(WIDTH - full));
    let Backfilled { read, failed, parked, .. } = so_far;
    format!("[{full}{rest}] {read}/{total}  failed {failed}  parked {parked}")
}

/// Asks the platforms about every decision that has not come.
pub(super) async fn reconcile(config: &Config) -> Result<(), Failure> {
    let report = runner(config).await?.owner("reconcile").build()?.reconcile().await;
    println!("{report}");
    match report.problems.len() {
        0 => Ok(()),
        problems => Err(format!("{problems} questions could not be asked").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_fills_up() {
        let at = |read| bar(Backfilled { read, ..Backfilled::default() }, 60);
        assert_eq!(at(0), "[..............................] 0/60  failed 0  parked 0");
        assert_eq!(at(30), "[###############...............] 30/60  failed 0  parked 0");
        assert_eq!(at(61), "[##############################] 61/61  failed 0  parked 0");
    }
}
