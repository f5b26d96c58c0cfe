//! The `erplink` program: its commands, one a file.

mod check;
mod init;
mod intervene;
mod serve;
mod show;

use std::path::Path;

use erplink_sync::{Runner, SqliteStore};

pub use self::init::template;
use crate::config::Config;
use crate::scenario::SCENARIOS;

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

RUST_LOG sets what is logged. Scenarios:";

/// Does what the arguments say.
///
/// # Errors
/// For a person to read: a wrong argument, every mistake of the configuration, or what failed.
pub async fn run(args: &[String]) -> Result<(), Failure> {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["init", scenario] => {
            print!("{}", init::template(scenario)?);
            Ok(())
        }
        ["check", config] => check::check(&read(config)?).await,
        ["dry-run", config, flow] => show::dry_run(&runner(&read(config)?).await?, flow).await,
        ["run", config] => serve::serve(&read(config)?).await,
        ["status", config] => show::status(&read(config)?).await,
        [command, config, flow, document, rest @ ..] => {
            let what = intervene::intervention(command, rest).ok_or_else(usage)?;
            intervene::intervene(&read(config)?, flow, document, what).await
        }
        _ => Err(usage().into()),
    }
}

fn usage() -> String {
    let mut text = USAGE.to_owned();
    for kind in SCENARIOS {
        let numbers = kind.numbers.join(", ");
        text.push_str(&format!("\n  {} ({numbers})\n      {}", kind.name, kind.doc));
    }
    text
}

fn read(path: &str) -> Result<Config, Failure> {
    Ok(Config::read(Path::new(path))?)
}

async fn store(config: &Config) -> Result<SqliteStore, Failure> {
    Ok(SqliteStore::open(&config.ledger).await?)
}

/// All flows of all companies on the ledger file.
async fn runner(config: &Config) -> Result<Runner, Failure> {
    let (builder, _) = config.compose()?.runner(store(config).await?);
    Ok(builder.build()?)
}
