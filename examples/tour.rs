//! Every scenario, from its configuration file under `examples/config/` to the last decision, in
//! the sandbox.
//!
//! ```console
//! cargo run --example tour
//! ```
//!
//! Each scenario gets a sandbox and a ledger of its own. Documents go out, people decide,
//! decisions come back; then every system is looked into.

use std::time::Instant;

use erplink::config::Config;
use erplink::receive;
use erplink_examples::story::{Arrived, SCENARIOS, SETTINGS, Scenario};
use erplink_examples::{Failure, Folder, Table, meanwhile, systems, visit};
use erplink_sandbox::Sandbox;
use erplink_sync::SqliteStore;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// More rounds than any scenario needs.
const ROUNDS: usize = 6;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    let mut table =
        Table::new(["scenario", "covers", "flow", "documents", "target ids", "calls", "ms"]);
    let mut astray = Vec::new();
    for scenario in SCENARIOS.iter().chain([&SETTINGS]) {
        match Box::pin(play(scenario)).await {
            Ok(played) => played.print(scenario, &mut table),
            Err(problem) => {
                table.row([
                    &scenario.name,
                    &scenario.covers,
                    &"",
                    &"",
                    &"not as it should be",
                    &"",
                    &"",
                ]);
                astray.push(format!("{}: {problem}", scenario.name));
            }
        }
    }
    println!("{table}");
    if astray.is_empty() {
        return Ok(());
    }
    Err(astray.join("\n").into())
}

/// A scenario that went well.
struct Played {
    arrived: Vec<Arrived>,
    calls: usize,
    milliseconds: u128,
}

async fn play(scenario: &Scenario) -> Result<Played, Failure> {
    let sandbox = Box::pin(Sandbox::start()).await?;
    let story = (scenario.begin)(&sandbox)?;
    let folder = Folder::new("erplink-tour")?;
    let file =
        systems::write_config(folder.path(), scenario.config, &systems::addresses(&sandbox))?;

    let started = Instant::now();
    let config = Config::read(&file)?;
    let store = SqliteStore::open(&config.ledger).await?;
    let (builder, receivers) = config.compose()?.runner(store);
    let runner = builder.build()?;
    let opened = receive::open(receivers, &runner)?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let base = format!("http://{}", listener.local_addr()?);
    let mut beside = JoinSet::new();
    for connection in opened.connections {
        beside.spawn(connection);
    }
    beside.spawn(async move { drop(axum::serve(listener, opened.routes).await) });
    Box::pin(visit(&sandbox, &base, &config)).await?;
    systems::subscribe(&sandbox, &base, scenario.config).await?;

    let mut outcome = Err("nothing happened yet".into());
    for _ in 0..ROUNDS {
        let report = runner.run_once().await;
        if !report.failed.is_empty() || !report.parked.is_empty() || !report.problems.is_empty() {
            return Err(report.to_string().into());
        }
        story.people_act(&sandbox)?;
        // Some people wait for what the flows do.
        meanwhile(&runner, systems::settled(&sandbox)).await;
        outcome = story.arrived(&sandbox);
        if outcome.is_ok() {
            break;
        }
    }
    let milliseconds = started.elapsed().as_millis();
    Ok(Played { arrived: outcome?, calls: systems::calls(&sandbox), milliseconds })
}

impl Played {
    /// A row a flow; what is counted for the whole scenario stands in its first row.
    fn print(&self, scenario: &Scenario, table: &mut Table) {
        let mut flows: Vec<&str> = self.arrived.iter().map(|one| one.flow.as_str()).collect();
        flows.sort_unstable();
        flows.dedup();
        for (index, flow) in flows.iter().enumerate() {
            let of_flow = || self.arrived.iter().filter(|one| one.flow == **flow);
            let targets = listed(of_flow().map(|one| one.target.as_deref().map_or("-", short)));
            let first =
                |text: &dyn ToString| if index == 0 { text.to_string() } else { String::new() };
            table.row([
                &first(&scenario.name),
                &first(&scenario.covers),
                flow,
                &of_flow().count(),
                &targets,
                &first(&self.calls),
                &first(&self.milliseconds),
            ]);
        }
    }
}

/// As many as fit into the column, and how many more there are.
fn listed<'a>(ids: impl Iterator<Item = &'a str>) -> String {
    let ids: Vec<&str> = ids.collect();
    let mut text = String::new();
    for (index, id) in ids.iter().enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        if index > 0 && text.len() + comma.len() + id.len() > 44 {
            return format!("{text} and {} more", ids.len() - index);
        }
        text = format!("{text}{comma}{id}");
    }
    text
}

/// Instance ids and hashes are long; their beginning tells them apart.
fn short(id: &str) -> &str {
    let is_opaque = |c: char| c.is_ascii_hexdigit() || c == '-';
    if id.len() > 31 && id.chars().all(is_opaque) { id.get(..8).unwrap_or(id) } else { id }
}
