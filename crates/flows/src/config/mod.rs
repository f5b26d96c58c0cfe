//! The configuration file: companies (账套), connections, flows.
//!
//! It is checked as a whole before anything starts. Each mistake is reported with its line, what
//! is allowed, and the name that was probably meant. Secrets come from the environment
//! (`"${NAME}"`) or from files (`{ file = "…" }`) and never stand in it.

mod check;
mod keys;
mod problem;
mod secret;
mod shape;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use erplink_core::Secret;
use erplink_sync::Flow;
use serde::Deserialize;
use serde_json::Value;
use toml::de::DeTable;

use self::check::Check;
use self::problem::Notes;
pub use self::problem::{Problem, Problems};
use self::secret::Environment;
use self::shape::Key;
use crate::scenario::{DocumentApproval, DraftApproval, PriceQuotation, Systems, decisions_of};

/// A whole configuration.
#[derive(Clone, Debug, Deserialize)]
pub struct Config {
    /// The ledger file.
    pub ledger: PathBuf,
    /// Where pushes, metrics and health checks arrive.
    pub listen: SocketAddr,
    /// The companies, those of included files too.
    #[serde(default)]
    pub companies: Vec<Company>,
}

/// One company (账套): its systems and its flows.
#[derive(Clone, Debug, Deserialize)]
pub struct Company {
    /// Its name in paths, logs and the ledger.
    pub name: String,
    /// The ERP.
    pub b1: b1_servicelayer::Config,
    /// DingTalk.
    pub dingtalk: DingTalk,
    /// What flows.
    pub flows: Vec<FlowConfig>,
}

/// The DingTalk app of a company.
#[derive(Clone, Debug, Deserialize)]
pub struct DingTalk {
    /// The event subscription.
    pub callback: CallbackConfig,
    /// The app.
    #[serde(flatten)]
    app: Value,
}

/// Token and key of an event subscription (事件订阅).
#[derive(Clone, Debug, Deserialize)]
pub struct CallbackConfig {
    /// The signing token.
    pub token: Secret,
    /// The encryption key.
    pub aes_key: Secret,
}

/// A flow: its name and its scenario.
#[derive(Clone, Debug, Deserialize)]
pub struct FlowConfig {
    /// The name, unique in the company.
    pub name: String,
    /// What it does.
    #[serde(flatten)]
    pub scenario: Scenario,
}

/// What a flow does.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "scenario")]
pub enum Scenario {
    /// Drafts that wait for approval.
    #[serde(rename = "dingtalk-draft-approval")]
    DraftApproval(Box<DraftApproval>),
    /// Documents by flag.
    #[serde(rename = "dingtalk-document-approval")]
    DocumentApproval(Box<DocumentApproval>),
    /// Prices.
    #[serde(rename = "dingtalk-price-quotation")]
    PriceQuotation(Box<PriceQuotation>),
}

impl Config {
    /// Reads and checks a file and those it includes. A ledger with a relative path is beside the
    /// file.
    ///
    /// # Errors
    /// Every mistake that was found.
    pub fn read(path: &Path) -> Result<Self, Problems> {
        Self::read_with(path, &|name| std::env::var(name).ok())
    }

    fn read_with(path: &Path, environment: Environment<'_>) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        let mut whole = read_file(path, keys::FILE, environment, &mut problems);
        let base = path.parent().unwrap_or(Path::new(""));
        let includes = whole.get("include").and_then(Value::as_array).cloned().unwrap_or_default();
        let mut companies =
            whole.get("companies").and_then(Value::as_array).cloned().unwrap_or_default();
        for include in includes.iter().filter_map(Value::as_str) {
            let part = read_file(&base.join(include), keys::INCLUDED, environment, &mut problems);
            for company in part.get("companies").and_then(Value::as_array).into_iter().flatten() {
                let name = company.get("name");
                if name.is_some() && companies.iter().any(|known| known.get("name") == name) {
                    let name = name.and_then(Value::as_str).unwrap_or_default();
                    let message = format!("the company `{name}` is in another file already");
                    problems.push(Problem { file: base.join(include), line: 1, message });
                }
                companies.push(company.clone());
            }
        }
        if let Some(whole) = whole.as_object_mut() {
            whole.insert("companies".to_owned(), Value::from(companies));
        }
        if !problems.is_empty() {
            return Err(Problems(problems));
        }
        let mut config: Self = serde_json::from_value(whole).map_err(|error| {
            Problems(vec![Problem { file: path.to_owned(), line: 1, message: error.to_string() }])
        })?;
        config.ledger = base.join(&config.ledger);
        Ok(config)
    }
}

fn read_file(
    path: &Path,
    keys: &[Key],
    environment: Environment<'_>,
    problems: &mut Vec<Problem>,
) -> Value {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            let message = format!("the file cannot be read: {error}");
            problems.push(Problem { file: path.to_owned(), line: 0, message });
            return Value::Null;
        }
    };
    let (table, errors) = DeTable::parse_recoverable(&text);
    let notes = Notes { file: path, text: &text, found: Vec::new() };
    let mut check = Check { notes, environment };
    for error in &errors {
        check.notes.add(error.span().map_or(0, |span| span.start), error.message());
    }
    // A table that could not be parsed has only follow-up mistakes to offer.
    let value = if errors.is_empty() {
        check.table("", table.get_ref(), 0..0, &keys.iter().collect::<Vec<_>>())
    } else {
        Value::Null
    };
    problems.append(&mut check.notes.found);
    value
}

impl Company {
    /// The clients of the company. Nothing is sent.
    ///
    /// # Errors
    /// When an address or another setting cannot work; the message says which.
    pub fn systems(&self) -> Result<Systems, String> {
        let problem = |error: &dyn std::fmt::Display| format!("company {}: {error}", self.name);
        let b1 = b1_servicelayer::Client::from_config(&self.b1).map_err(|e| problem(&e))?;
        let app: dingtalk::Config =
            serde_json::from_value(self.dingtalk.app.clone()).map_err(|e| problem(&e))?;
        let dingtalk = dingtalk::Client::from_config(&app).map_err(|e| problem(&e))?;
        Ok(Systems { b1, dingtalk })
    }

    /// All flows of the company.
    #[must_use]
    pub fn flows(&self, systems: &Systems) -> Vec<Flow> {
        let flows = self.flows.iter().flat_map(|flow| match &flow.scenario {
            Scenario::DraftApproval(one) => one.flows(&self.name, &flow.name, systems).into(),
            Scenario::DocumentApproval(one) => one.flows(&self.name, &flow.name, systems).into(),
            Scenario::PriceQuotation(one) => vec![one.flow(&self.name, &flow.name, systems)],
        });
        flows.collect()
    }
}

impl FlowConfig {
    /// The form whose decisions the flow receives, and the name of the receiving flow.
    #[must_use]
    pub fn decisions(&self) -> (&str, String) {
        match &self.scenario {
            Scenario::DraftApproval(one) => (&one.process_code, decisions_of(&self.name)),
            Scenario::DocumentApproval(one) => (&one.process_code, decisions_of(&self.name)),
            Scenario::PriceQuotation(one) => (&one.process_code, self.name.clone()),
        }
    }
}

#[cfg(test)]
mod tests;
