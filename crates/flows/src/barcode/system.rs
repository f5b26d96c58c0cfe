use std::sync::Arc;

use async_trait::async_trait;
use barcode_app::{AnswerFormat, AppCodes, Barcode as Server, Company, Config, company_router};
use erplink_core::Secret;
use erplink_sync::FlowId;
use serde::Deserialize;
use serde_json::Value;

use super::{LedgerDesk, SYSTEM, Waiting};
use crate::config::shape::{Key, Shape, default, optional, required};
use crate::receive::{Doors, Entrance, Receiver};
use crate::system::{Finding, Missing, Settings, System, SystemKind, Systems};

pub(crate) const KIND: SystemKind = SystemKind {
    name: SYSTEM,
    doc: "The barcode application (条码应用), whose scanners call us.",
    keys: KEYS,
    example: include_str!("example.toml"),
    connect,
};

const KEYS: &[Key] = &[
    required(
        "app_code",
        Shape::Secret,
        "The AppCode that the application sends in X-ApiG-AppCode.",
    ),
    optional("next_app_code", Shape::Secret, "A second one that is good as well, for a change."),
    optional(
        "company_db",
        Shape::Text,
        "The database that the application is told (返回账套接口); the name of the company if unset.",
    ),
    optional(
        "company_name",
        Shape::Text,
        "The name that people know; asked from the ERP if unset.",
    ),
    default(
        "behind_https_proxy",
        Shape::Bool,
        "false",
        "Refuses what did not come through the HTTPS of the proxy in front.",
    ),
    default("body_limit", Shape::Integer(1, 1 << 30), "12582912", "The largest call, in bytes."),
    optional(
        "success",
        Shape::Text,
        r#"The answer that says it worked, as JSON with {msg} and {data}; {"code":"200","message":"{msg}","data":"{data}"} if unset."#,
    ),
    optional(
        "failure",
        Shape::Text,
        r#"The answer that says it did not; the same with 500 if unset."#,
    ),
];

#[derive(Deserialize)]
struct Entry {
    app_code: Secret,
    #[serde(default)]
    next_app_code: Option<Secret>,
    #[serde(default)]
    company_db: Option<String>,
    #[serde(default)]
    company_name: Option<String>,
    #[serde(default)]
    behind_https_proxy: bool,
    #[serde(default)]
    body_limit: Option<usize>,
    #[serde(default)]
    success: Option<String>,
    #[serde(default)]
    failure: Option<String>,
}

fn connect(mut settings: Settings) -> Result<Arc<dyn System>, String> {
    let entry: Entry = settings.read()?;
    let template = |key: &str, text: &str| -> Result<Value, String> {
        serde_json::from_str(text).map_err(|error| format!("{key}: no JSON: {error}"))
    };
    let mut answer = AnswerFormat::default();
    if let Some(text) = &entry.success {
        answer.success = template("success", text)?;
    }
    if let Some(text) = &entry.failure {
        answer.failure = template("failure", text)?;
    }
    let mut config = Config::default();
    config.app_codes = std::iter::once(entry.app_code).chain(entry.next_app_code).collect();
    AppCodes::new(config.app_codes.iter().cloned())
        .map_err(|error| format!("app_code: {error}"))?;
    config.behind_https_proxy = entry.behind_https_proxy;
    config.body_limit = entry.body_limit.unwrap_or(config.body_limit);
    config.answer = answer;
    let server = Server::from_config(config).map_err(|error| error.to_string())?;
    let mut system = Barcode::new(server);
    (system.company_db, system.company_name) = (entry.company_db, entry.company_name);
    Ok(Arc::new(system))
}

/// The barcode application of a company: who may call, and how it is answered.
#[derive(Clone, Debug)]
pub struct Barcode {
    server: Server,
    company_db: Option<String>,
    company_name: Option<String>,
}

impl Barcode {
    /// A server that has its AppCodes, and no company yet.
    #[must_use]
    pub fn new(server: Server) -> Self {
        Self { server, company_db: None, company_name: None }
    }

    /// What the application is told when it asks for the company (返回账套接口).
    #[must_use]
    pub fn company(mut self, db: impl Into<String>, name: impl Into<String>) -> Self {
        (self.company_db, self.company_name) = (Some(db.into()), Some(name.into()));
        self
    }

    /// That of a company.
    ///
    /// # Errors
    /// When the company has none.
    pub fn of(systems: &Systems) -> Result<&Self, Missing> {
        systems.get(SYSTEM)
    }

    /// The database that the application is told.
    pub(crate) fn company_db<'a>(&'a self, name: &'a str) -> &'a str {
        self.company_db.as_deref().unwrap_or(name)
    }

    pub(crate) fn company_name(&self) -> Option<&str> {
        self.company_name.as_deref()
    }

    /// `/COMPANY/barcode/` and `methods`, `query`, `save`, `companies`, `print-query`: the five
    /// addresses that are typed into the application. Saves go to the flow.
    #[must_use]
    pub fn receiver(
        &self,
        company: &str,
        flow: &str,
        served: Company,
        waiting: Waiting,
        same_is_known: bool,
    ) -> Receiver {
        let (server, id) = (self.server.clone(), company.to_owned());
        let open = move |path: &str, doors: Doors| {
            let desk = LedgerDesk::new(doors.only()?, waiting.clone(), same_is_known);
            let served = served.clone().desk(Arc::new(desk));
            let server = server.clone().company(id.clone(), served);
            Ok(Entrance::Routes(company_router(path, &id, server)))
        };
        Receiver::new(format!("/{company}/{SYSTEM}"), open).door("", FlowId::new(company, flow))
    }
}

#[async_trait]
impl System for Barcode {
    fn name(&self) -> &'static str {
        SYSTEM
    }

    /// Nothing: the application has no interface that could be asked.
    async fn check(&self) -> Vec<Finding> {
        Vec::new()
    }
}
