//! The `erplink` program: its commands, one a file.

mod check;
mod flow;
mod init;
mod intervene;
mod metrics;
mod serve;
mod status;

use std::path::Path;

use erplink_sync::{RunnerBuilder, SqliteStore};

pub use self::init::template;
use crate::config::{Config, Loader, schema};
use crate::scenario::SCENARIOS;

/// What a person is told when a command fails.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

const USAGE: &str = "\
erplink COMMAND CONFIG …

  init SCENARIO                            print a commented configuration
  schema                                   print a JSON schema of configurations, for editors
  check CONFIG                             check the file, then every connection
  dry-run CONFIG COMPANY/FLOW              print what would be sent; nothing is sent or kept
  run CONFIG                               run all flows and receivers until Ctrl-C
  status CONFIG                            how each flow is doing, what failed and why

  retry CONFIG COMPANY/FLOW DOCUMENT       try a parked or waiting document again, now
  park CONFIG COMPANY/FLOW DOCUMENT        skip a document until it is unparked
  unpark CONFIG COMPANY/FLOW DOCUMENT      the same as retry
  resend CONFIG COMPANY/FLOW DOCUMENT      it is NOT at the target, I looked: send it
  resolve CONFIG COMPANY/FLOW DOCUMENT ID  it IS at the target as ID, I looked: mark it
  again CONFIG COMPANY/FLOW DOCUMENT       send a finished document once more
  discard CONFIG COMPANY/FLOW DOCUMENT     forget about it
  rerun CONFIG COMPANY EVENT               run a received event once more, by its id

  reconcile CONFIG                         ask the platforms about decisions that never came
  backfill CONFIG COMPANY/FLOW FROM TO     send the documents of these days (2026-01-01)

RUST_LOG sets what is logged. Scenarios:";

/// Does what the arguments say.
///
/// # Errors
/// For a person to read: a wrong argument, every mistake of the configuration, or what failed.
pub async fn run(args: &[String]) -> Result<(), Failure> {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["help" | "--help" | "-h"] => print(&usage()),
        ["--version"] => print(env!("CARGO_PKG_VERSION")),
        ["init", scenario] => print(template(scenario)?.trim_end()),
        ["schema"] => print(&format!("{:#}", schema())),
        ["check", config] => check::check(&read(config)?).await,
        ["dry-run", config, flow] => flow::dry_run(&read(config)?, flow).await,
        ["run", config] => serve::serve(&read(config)?).await,
        ["status", config] => status::status(&read_offline(config)?).await,
        ["reconcile", config] => flow::reconcile(&read(config)?).await,
        ["rerun", config, company, event] => {
            intervene::rerun(&read_offline(config)?, company, event).await
        }
        ["backfill", config, flow, from, to] => {
            flow::backfill(&read(config)?, flow, from, to).await
        }
        [command, config, flow, document, rest @ ..] => {
            let what = intervene::intervention(command, rest).ok_or_else(usage)?;
            intervene::intervene(&read_offline(config)?, flow, document, what).await
        }
        _ => Err(usage().into()),
    }
}

fn print(text: &str) -> Result<(), Failure> {
    println!("{text}");
    Ok(())
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

/// For commands that connect to nothing: they work in a shell without the service's variables.
fn read_offline(path: &str) -> Result<Config, Failure> {
    Ok(Loader::default().offline().read(Path::new(path))?)
}

async fn store(config: &Config) -> Result<SqliteStore, Failure> {
    Ok(SqliteStore::open(&config.ledger).await?)
}

/// All flows of all companies on the ledger file.
async fn runner(config: &Config) -> Result<RunnerBuilder, Failure> {
    let (builder, _) = config.compose()?.runner(store(config).await?);
    Ok(builder)
}
