//! The configuration file: companies (账套), connections, flows.
//!
//! It is checked as a whole before anything starts. Each mistake is reported with its line, what
//! is allowed, and the name that was probably meant. Secrets come from the environment
//! (`"${NAME}"`) or from files (`{ file = "…" }`) and never stand in it.

mod check;
mod company;
mod keys;
mod problem;
mod schema;
mod secret;
pub(crate) mod shape;

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use erplink_core::Transport;
use erplink_sync::Limit;
use serde_json::Value;
use toml::de::DeTable;

use self::check::Check;
use self::problem::Notes;
pub use self::problem::{Problem, Problems};
pub use self::schema::schema;
use self::shape::Key;
use crate::scenario::{Composition, Finding, Missing, Scenario, Systems};

/// A whole configuration. The clients are made; nothing was sent.
#[derive(Clone, Debug)]
pub struct Config {
    /// The ledger file.
    pub ledger: PathBuf,
    /// Where pushes, metrics and health checks arrive.
    pub listen: SocketAddr,
    /// The companies, those of included files too.
    pub companies: Vec<Company>,
}

/// One company (账套): its systems and its flows.
#[derive(Clone, Debug)]
pub struct Company {
    /// Its name in paths, logs and the ledger.
    pub name: String,
    /// Its systems.
    pub systems: Systems,
    /// Calls at the same time, by system.
    pub limits: Vec<(&'static str, usize)>,
    /// What flows.
    pub flows: Vec<FlowConfig>,
}

/// A flow: its name and its scenario.
#[derive(Clone, Debug)]
pub struct FlowConfig {
    /// The name, unique in the company.
    pub name: String,
    /// What it does.
    pub scenario: Arc<dyn Scenario>,
}

type Variable<'a> = Box<dyn Fn(&str) -> Option<String> + 'a>;
type Wire<'a> = Box<dyn Fn(&str, &str) -> Option<Arc<dyn Transport>> + 'a>;

/// Reads configurations in a program of your own: with other variables, over another transport.
pub struct Loader<'a> {
    environment: Variable<'a>,
    transport: Option<Wire<'a>>,
    offline: bool,
}

impl Default for Loader<'_> {
    fn default() -> Self {
        let environment: Variable<'_> = Box::new(|name| std::env::var(name).ok());
        Self { environment, transport: None, offline: false }
    }
}

impl fmt::Debug for Loader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loader").finish_non_exhaustive()
    }
}

impl<'a> Loader<'a> {
    /// What `${NAME}` stands for. Default: the variables of the process.
    #[must_use]
    pub fn environment(mut self, variable: impl Fn(&str) -> Option<String> + 'a) -> Self {
        self.environment = Box::new(variable);
        self
    }

    /// The transport of a company's system, given the names of both. `None`: the built-in one.
    #[must_use]
    pub fn transport(
        mut self,
        transport: impl Fn(&str, &str) -> Option<Arc<dyn Transport>> + 'a,
    ) -> Self {
        self.transport = Some(Box::new(transport));
        self
    }

    /// Secrets may be missing: for a look into the ledger, from a shell without the variables of
    /// the service. The clients cannot log in.
    #[must_use]
    pub fn offline(mut self) -> Self {
        self.offline = true;
        self
    }

    /// Reads and checks a file and those it includes. A ledger with a relative path is beside the
    /// file.
    ///
    /// # Errors
    /// Every mistake that was found.
    pub fn read(&self, path: &Path) -> Result<Config, Problems> {
        let mut problems = Vec::new();
        let (whole, mut companies) = self.read_file(path, keys::FILE, &mut problems);
        let base = path.parent().unwrap_or(Path::new(""));
        let includes = whole.get("include").and_then(Value::as_array);
        for include in includes.into_iter().flatten().filter_map(Value::as_str) {
            let file = base.join(include);
            let (_, more) = self.read_file(&file, keys::INCLUDED, &mut problems);
            for company in more {
                if companies.iter().any(|known| known.name == company.name) {
                    let message =
                        format!("the company `{}` is in another file already", company.name);
                    problems.push(Problem { file: file.clone(), line: 1, message });
                }
                companies.push(company);
            }
        }
        let text = |key: &str| whole.get(key).and_then(Value::as_str).unwrap_or_default();
        match text("listen").parse() {
            Ok(listen) if problems.is_empty() => {
                Ok(Config { ledger: base.join(text("ledger")), listen, companies })
            }
            _ => Err(Problems(problems)),
        }
    }

    fn read_file(
        &self,
        path: &Path,
        keys: &[Key],
        problems: &mut Vec<Problem>,
    ) -> (Value, Vec<Company>) {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => {
                let message = format!("the file cannot be read: {error}");
                problems.push(Problem { file: path.to_owned(), line: 0, message });
                return (Value::Null, Vec::new());
            }
        };
        let (table, errors) = DeTable::parse_recoverable(&text);
        let notes = Notes { file: path, text: &text, found: Vec::new() };
        let mut check = Check { notes, loader: self, companies: Vec::new() };
        for error in &errors {
            check.notes.add(error.span().map_or(0, |span| span.start), error.message());
        }
        // A table that could not be parsed has only follow-up mistakes to offer.
        let value = match errors.as_slice() {
            [] => check.table("", table.get_ref(), 0..0, keys),
            _ => Value::Null,
        };
        check.notes.found.sort_by_key(|problem| problem.line);
        problems.append(&mut check.notes.found);
        (value, check.companies)
    }
}

impl Config {
    /// Reads and checks a file and those it includes; see [`Loader::read`].
    ///
    /// # Errors
    /// Every mistake that was found.
    pub fn read(path: &Path) -> Result<Self, Problems> {
        Loader::default().read(path)
    }

    /// All flows of all companies, and what belongs to them.
    ///
    /// # Errors
    /// When a flow needs a system that its company does not have.
    pub fn compose(&self) -> Result<Composition, Missing> {
        let mut whole = Composition::default();
        for company in &self.companies {
            whole.merge(company.compose()?);
        }
        Ok(whole)
    }
}

impl Company {
    /// All flows of the company, and what belongs to them.
    ///
    /// # Errors
    /// When a flow needs a system that the company does not have.
    pub fn compose(&self) -> Result<Composition, Missing> {
        let mut whole = Composition::default();
        for flow in &self.flows {
            whole.merge(flow.scenario.compose(&self.name, &flow.name, &self.systems)?);
        }
        for system in self.systems.iter() {
            whole.receivers.extend(system.receivers(&self.name));
        }
        for (system, calls) in &self.limits {
            whole.limits.push((format!("{}/{system}", self.name), Limit::concurrent(*calls)));
        }
        Ok(whole)
    }

    /// Asks every system for something small, and looks at what the flows need of them.
    pub async fn check(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for system in self.systems.iter() {
            findings.extend(system.check().await);
        }
        if findings.iter().any(|finding| finding.problem.is_some()) {
            return findings; // forms would only say the same again
        }
        for flow in &self.flows {
            findings.extend(flow.scenario.check(&self.systems).await);
        }
        findings
    }
}

#[cfg(test)]
mod tests;
