use std::sync::Arc;

use async_trait::async_trait;
use b1_diapi::{Client, ClientBuilder, Config};

use super::SYSTEM;
use crate::config::shape::{Key, Shape, default, optional, required};
use crate::system::{Finding, HTTP, Settings, System, SystemKind};

pub(crate) const KIND: SystemKind = SystemKind {
    name: SYSTEM,
    doc: "The DI API service beside SAP Business One, which runs free SQL.",
    keys: KEYS,
    example: include_str!("example.toml"),
    connect,
};

const KEYS: &[Key] = &[
    required("root", Shape::Url, "The address before /b1dis/v1, tenant prefix included."),
    required("company_db", Shape::Text, "The company database (公司数据库)."),
    required("user", Shape::Text, "The user. One who may only read is enough."),
    required("password", Shape::Secret, "The password of the user."),
    default(
        "procedures",
        Shape::Texts,
        "[]",
        "Procedures that SQL may CALL, written as in SQL. Without them only SELECT is sent.",
    ),
    optional(
        "danger_any_statement",
        Shape::Bool,
        "Sends any statement, writing ones included. Allow procedures by name instead.",
    ),
    default(
        "session_codes",
        Shape::Texts,
        "[]",
        "Codes that mean that the session has ended, besides HTTP 401 and 403.",
    ),
    default(
        "session_messages",
        Shape::Texts,
        "[]",
        "Parts of messages that mean that the session has ended.",
    ),
    optional("http", Shape::Table(HTTP), "The connection: timeouts, proxy, certificates."),
];

fn connect(mut settings: Settings) -> Result<Arc<dyn System>, String> {
    let config: Config = settings.read()?;
    let mut builder = ClientBuilder::new(config);
    if let Some(transport) = settings.transport {
        builder = builder.transport(transport);
    }
    builder
        .build()
        .map(|client| Arc::new(client) as Arc<dyn System>)
        .map_err(|error| error.to_string())
}

#[async_trait]
impl System for Client {
    fn name(&self) -> &'static str {
        SYSTEM
    }

    async fn check(&self) -> Vec<Finding> {
        let outcome = Client::check(self).await;
        vec![Finding::new(SYSTEM, outcome.map_err(|problem| problem.to_string()))]
    }
}
