//! The systems of a company (账套).
//!
//! # How a system joins
//!
//! One folder and one line. The folder `src/<system>/` holds its adapters (the
//! [ports](erplink_sync::ports) of the engine) and one [`System`]: the connected client with
//! whatever else its table of the configuration says, a check of the connection, and the
//! receivers that its pushes need. Beside it stand the keys of that table and an example of it for
//! `erplink init`. The line goes into `SYSTEMS` in this file; from there the configuration check,
//! the JSON schema, `check` and `run` know it.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use erplink_core::{Secret, Transport};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::config::shape::{Key, Shape, default, optional, required};
use crate::receive::Receiver;

/// Every system that a company can have.
pub(crate) const SYSTEMS: &[SystemKind] = &[
    crate::b1::KIND,
    crate::diapi::KIND,
    crate::barcode::KIND,
    crate::dingtalk::KIND,
    crate::easst::KIND,
    crate::ecology::KIND,
    crate::eteams::KIND,
    crate::jdy::KIND,
    crate::mes::KIND,
    crate::piaozone::KIND,
    crate::plm::KIND,
    crate::wecom::KIND,
];

/// What the configuration needs to know about a system.
#[derive(Debug)]
pub(crate) struct SystemKind {
    /// The key of its table, and its name in limits and logs.
    pub name: &'static str,
    pub doc: &'static str,
    pub keys: &'static [Key],
    /// An example of the table, for `init`.
    pub example: &'static str,
    /// Makes the client. Nothing is sent.
    pub connect: fn(Settings) -> Result<Arc<dyn System>, String>,
}

/// The keys that the tables of all systems have besides their own.
pub(crate) const LIMITS: &[Key] = &[default(
    "concurrency",
    Shape::Integer(1, 1000),
    "8",
    "Calls at the same time, over all flows of the company.",
)];

/// The keys of the connection, for every system that is called over HTTP.
pub(crate) const HTTP: &[Key] = &[
    optional("connect_timeout", Shape::Integer(1, 600), "Seconds until a connection stands."),
    optional("read_timeout", Shape::Integer(1, 3600), "Seconds without a byte."),
    optional("total_timeout", Shape::Integer(1, 3600), "Seconds for one attempt of a call."),
    optional(
        "proxy",
        Shape::Table(&[required("address", Shape::Url, "Where all calls go through.")]),
        "A proxy. Without it HTTPS_PROXY and the like decide.",
    ),
    optional(
        "root_certificates",
        Shape::Secret,
        "Certificates (PEM) to trust besides the usual ones: { file = \"…\" }, for a server with its own.",
    ),
    optional(
        "danger_accept_any_certificate",
        Shape::Bool,
        "Trusts whoever answers. Trust the certificate instead.",
    ),
];

/// A system of one company, ready to be called.
#[async_trait]
pub trait System: Any + fmt::Debug + Send + Sync {
    /// Its name, such as `dingtalk`: the key of its table in the configuration.
    fn name(&self) -> &'static str;

    /// Asks it for something small. Each finding says what was looked at, and which setting is
    /// wrong.
    async fn check(&self) -> Vec<Finding>;

    /// What it needs at the port besides the [receivers](Receiver) of the flows.
    fn receivers(&self, company: &str) -> Vec<Receiver> {
        let _ = company;
        Vec::new()
    }
}

/// What a check of a connection found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at, such as `b1` or `dingtalk callback`.
    pub what: String,
    /// The setting that is wrong, and what the system said.
    pub problem: Option<String>,
}

impl Finding {
    /// What came of looking at `what`.
    pub fn new(what: impl Into<String>, outcome: Result<(), String>) -> Self {
        Self { what: what.into(), problem: outcome.err() }
    }
}

/// The systems of one company.
#[derive(Clone, Debug, Default)]
pub struct Systems(BTreeMap<&'static str, Arc<dyn System>>);

/// A flow needs a system that its company does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missing(pub &'static str);

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the company has no `{}`", self.0)
    }
}

impl std::error::Error for Missing {}

impl Systems {
    /// Adds a system.
    #[must_use]
    pub fn with(mut self, system: impl System) -> Self {
        self.add(Arc::new(system));
        self
    }

    pub(crate) fn add(&mut self, system: Arc<dyn System>) {
        self.0.insert(system.name(), system);
    }

    /// The system with this name.
    ///
    /// # Errors
    /// When the company does not have it.
    pub fn get<S: System>(&self, name: &'static str) -> Result<&S, Missing> {
        let found = self.0.get(name).map(|system| &**system as &dyn Any);
        found.and_then(|system| system.downcast_ref()).ok_or(Missing(name))
    }

    /// SAP Business One.
    ///
    /// # Errors
    /// When the company does not have it.
    pub fn b1(&self) -> Result<&b1_servicelayer::Client, Missing> {
        self.get(crate::b1::SYSTEM)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &dyn System> {
        self.0.values().map(|system| &**system)
    }
}

/// The checked table of one system, on its way to a client.
pub(crate) struct Settings {
    pub table: Map<String, Value>,
    pub transport: Option<Arc<dyn Transport>>,
}

impl Settings {
    /// Takes a part out of the table that is not the client's.
    pub(crate) fn take<T: DeserializeOwned>(&mut self, key: &str) -> Result<Option<T>, String> {
        let part = self.table.remove(key).map(serde_json::from_value).transpose();
        part.map_err(|error| format!("{key}: {error}"))
    }

    /// Reads what is left as the configuration of a client.
    pub(crate) fn read<T: DeserializeOwned>(&mut self) -> Result<T, String> {
        let table = Value::Object(std::mem::take(&mut self.table));
        serde_json::from_value(table).map_err(|error| error.to_string())
    }
}

/// Says which setting a failed connection points at.
pub(crate) fn told(
    kind: erplink_core::ErrorKind,
    error: &dyn fmt::Display,
    address: &str,
    account: &str,
) -> String {
    use erplink_core::ErrorKind as Kind;
    match kind {
        Kind::Auth => format!("check {account}: {error}"),
        Kind::Forbidden => format!("the account lacks a permission: {error}"),
        Kind::Api | Kind::RateLimited => error.to_string(),
        _ => format!("check the address {address}: {error}"),
    }
}

/// Token and key of an event subscription, as configured.
#[derive(serde::Deserialize)]
pub(crate) struct CallbackKeys {
    pub token: Secret,
    pub aes_key: Secret,
}
