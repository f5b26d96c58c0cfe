//! The `erplink` program: its commands, one a file.

mod check;
mod intervene;
mod serve;
mod show;

use std::path::Path;

use erplink_sync::{Runner, SqliteStore};

use crate::config::{Config, Scenario};
use crate::scenario::Systems;

/// What a person is told when a command fails.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

const USAGE: &str = "\
erplink COMMAND CONFIG …

  init SCENARIO                            print a commented configuration
  check CONFIG                             check the file, then every connection
  dry-run CONFIG COMPANY/FLOW              print what would be sent; nothing is sent or kept
  run CONFIG                               run all flows and receivers until Ctrl-C
  status CONFIG                            how many documents of each flow are in which state
  retry CONFIG COMPANY/FLOW DOCUMENT       try a parked or waiting document again, now
  resend CONFIG COMPANY/FLOW DOCUMENT      it is NOT at the target, I looked: send it
  resolve CONFIG COMPANY/FLOW DOCUMENT ID  it IS at the target as ID, I looked: mark it
  again CONFIG COMPANY/FLOW DOCUMENT       send a finished document once more
  discard CONFIG COMPANY/FLOW DOCUMENT     forget about it

Scenarios: dingtalk-draft-approval (S10, S11), dingtalk-document-approval (S13 to S16),
dingtalk-price-quotation (S12). RUST_LOG sets what is logged.";

/// Does what the arguments say.
///
/// # Errors
/// For a person to read: a wrong argument, every mistake of the configuration, or what failed.
pub async fn run(args: &[String]) -> Result<(), Failure> {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["init", scenario] => {
            print!("{}", template(scenario)?);
            Ok(())
        }
        ["check", config] => check::check(&read(config)?).await,
        ["dry-run", config, flow] => show::dry_run(&runner(&read(config)?).await?, flow).await,
        ["run", config] => serve::serve(&read(config)?).await,
        ["status", config] => show::status(&read(config)?).await,
        [command, config, flow, document, rest @ ..] => {
            let what = intervene::intervention(command, rest).ok_or(USAGE)?;
            intervene::intervene(&read(config)?, flow, document, what).await
        }
        _ => Err(USAGE.into()),
    }
}

fn read(path: &str) -> Result<Config, Failure> {
    Ok(Config::read(Path::new(path))?)
}

fn template(scenario: &str) -> Result<&'static str, Failure> {
    match scenario {
        "dingtalk-draft-approval" | "S10" | "S11" => Ok(include_str!("init/draft-approval.toml")),
        "dingtalk-document-approval" | "S13" | "S14" | "S15" | "S16" => {
            Ok(include_str!("init/document-approval.toml"))
        }
        "dingtalk-price-quotation" | "S12" => Ok(include_str!("init/price-quotation.toml")),
        _ => Err(USAGE.into()),
    }
}

/// All flows of all companies on the ledger file.
async fn runner(config: &Config) -> Result<Runner, Failure> {
    let mut builder = Runner::builder(SqliteStore::open(&config.ledger).await?);
    for company in &config.companies {
        let systems: Systems = company.systems()?;
        for flow in company.flows(&systems) {
            builder = builder.flow(flow);
        }
    }
    Ok(builder.build()?)
}

/// The names of a company's flows in the ledger: those to DingTalk, and those of the decisions.
fn flow_names(company: &crate::config::Company) -> Vec<String> {
    let names = company.flows.iter().flat_map(|flow| {
        let (_, decisions) = flow.decisions();
        match &flow.scenario {
            Scenario::PriceQuotation(_) => vec![decisions],
            _ => vec![flow.name.clone(), decisions],
        }
    });
    names.collect()
}
