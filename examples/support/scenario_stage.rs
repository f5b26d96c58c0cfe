use std::net::SocketAddr;
use std::path::Path;

use erplink::config::{Company, Config};
use erplink::receive::Opened;
use erplink_sandbox::Sandbox;
use erplink_sync::{Runner, SqliteStore};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::story::{Scenario, Story};
use crate::{Failure, Folder, meanwhile, systems};

/// More rounds than any scenario needs.
const ROUNDS: usize = 8;

/// A company (账套) whose connections are in a configuration file of the `erplink` program, or in
/// the sandbox, where people play a [`Scenario`].
pub struct ScenarioStage {
    company: Company,
    config: Config,
    scenario: &'static Scenario,
    play: Option<Play>,
    beside: JoinSet<()>,
}

/// The sandbox and its people.
struct Play {
    sandbox: Sandbox,
    story: Box<dyn Story>,
    _folder: Folder,
}

impl ScenarioStage {
    /// The first company of a file; without one that of the scenario, in the sandbox.
    ///
    /// # Errors
    /// When the file is wrong, has no company, or the machine has no free port.
    pub async fn new(scenario: &'static Scenario, file: Option<&Path>) -> Result<Self, Failure> {
        let (mut config, play) = match file {
            Some(file) => (Config::read(file)?, None),
            None => {
                let sandbox = Box::pin(Sandbox::start()).await?;
                let story = (scenario.begin)(&sandbox)?;
                let folder = Folder::new("erplink-example")?;
                let addresses = systems::addresses(&sandbox);
                let file = systems::write_config(folder.path(), scenario.config, &addresses)?;
                let mut config = Config::read(&file)?;
                config.listen = SocketAddr::from(([127, 0, 0, 1], 0));
                (config, Some(Play { sandbox, story, _folder: folder }))
            }
        };
        let company = (!config.companies.is_empty()).then(|| config.companies.remove(0));
        let company = company.ok_or("the configuration has no company")?;
        Ok(Self { company, config, scenario, play, beside: JoinSet::new() })
    }

    /// Its name and its connections.
    #[must_use]
    pub fn company(&self) -> &Company {
        &self.company
    }

    /// The ledger: what became of each document. In the sandbox it goes away with the stage.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub async fn ledger(&self) -> Result<SqliteStore, Failure> {
        Ok(SqliteStore::open(&self.config.ledger).await?)
    }

    /// Serves the receivers, and tells the sandbox's platforms where they are.
    ///
    /// # Errors
    /// When the address is taken, or a platform's check of it fails.
    pub async fn serve(&mut self, receivers: Opened) -> Result<(), Failure> {
        let listener = TcpListener::bind(self.config.listen).await?;
        let base = format!("http://{}", listener.local_addr()?);
        println!("pushes go to {base}{}", receivers.paths.join(", "));
        for connection in receivers.connections {
            self.beside.spawn(connection);
        }
        let routes = receivers.routes;
        self.beside.spawn(async move { drop(axum::serve(listener, routes).await) });
        if let Some(Play { sandbox, .. }) = &self.play {
            Box::pin(systems::subscribe(sandbox, &base, self.scenario.config)).await?;
        }
        Ok(())
    }

    /// Runs the flows: until Ctrl-C, in the sandbox until its people have decided everything.
    ///
    /// # Errors
    /// When something fails in the sandbox.
    pub async fn run(&self, runner: &Runner) -> Result<(), Failure> {
        let Some(Play { sandbox, story, .. }) = &self.play else {
            runner.run_until(async { drop(tokio::signal::ctrl_c().await) }).await;
            return Ok(());
        };
        for _ in 0..ROUNDS {
            let report = runner.run_once().await;
            if !report.failed.is_empty() || !report.parked.is_empty() || !report.problems.is_empty()
            {
                return Err(report.to_string().into());
            }
            if report.done == 0 {
                return Ok(());
            }
            story.people_act(sandbox)?;
            // Some people wait for what the flows do.
            meanwhile(runner, systems::settled(sandbox)).await;
        }
        Err("the documents never come to an end".into())
    }
}

impl std::fmt::Debug for ScenarioStage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ScenarioStage").field("company", &self.company).finish_non_exhaustive()
    }
}
