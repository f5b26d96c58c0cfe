use std::sync::Arc;

use async_trait::async_trait;
use b1_servicelayer::Client;
use b1_servicelayer::entities::Item;

use super::SYSTEM;
use crate::config::shape::{Key, Shape, default, optional, required};
use crate::system::{Finding, HTTP, Settings, System, SystemKind, told};

pub(crate) const KIND: SystemKind = SystemKind {
    name: SYSTEM,
    doc: "The Service Layer of SAP Business One.",
    keys: KEYS,
    example: include_str!("example.toml"),
    connect,
};

const KEYS: &[Key] = &[
    required("root", Shape::Url, "The address before /b1s/v1, tenant prefix included."),
    required("company_db", Shape::Text, "The company database (公司数据库)."),
    required("user", Shape::Text, "The user. For approvals an approver of the stage (审批阶段)."),
    required("password", Shape::Secret, "The password of the user."),
    default(
        "language",
        Shape::Integer(1, 100),
        "15",
        "The language of messages: 15 is 简体中文, 3 English.",
    ),
    optional("http", Shape::Table(HTTP), "The connection: timeouts, proxy, certificates."),
];

fn connect(mut settings: Settings) -> Result<Arc<dyn System>, String> {
    let config: b1_servicelayer::Config = settings.read()?;
    let mut builder = Client::builder(&config.root).config(&config);
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
        let item = self.items().select(Item::ITEM_CODE).first().await;
        vec![Finding::new(SYSTEM, item.map(drop).map_err(|error| wrong(&error)))]
    }
}

/// A refused login does not say which of the three it was; a company that cannot be opened does.
fn wrong(error: &b1_servicelayer::Error) -> String {
    let code = error.api_error().and_then(|api| api.code());
    let account = match code {
        Some("305") => "`company_db`",
        _ => "`company_db`, `user` and `password` (the server does not say which is wrong)",
    };
    told(error.kind(), error, "`root`", account)
}
