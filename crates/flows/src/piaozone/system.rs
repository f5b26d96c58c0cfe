use std::sync::Arc;

use async_trait::async_trait;
use erplink_core::Transport;
use piaozone::check::Check;
use piaozone::{Client, ClientBuilder, Config, eas};

use super::SYSTEM;
use crate::config::shape::{Key, Shape, default, optional, required};
use crate::system::{Finding, HTTP, Missing, Settings, System, SystemKind, Systems};

pub(crate) const KIND: SystemKind = SystemKind {
    name: SYSTEM,
    doc: "Kingdee Piaozone (发票云), and the EAS behind its imaging system.",
    keys: KEYS,
    example: include_str!("example.toml"),
    connect,
};

const KEYS: &[Key] = &[
    required("client_id", Shape::Text, "client id of the company's authorisation."),
    required("client_secret", Shape::Secret, "client secret of the company's authorisation."),
    optional("encrypt_key", Shape::Secret, "encrypt_key of the authorisation: 16 characters."),
    default(
        "base_url",
        Shape::Url,
        r#""https://api.piaozone.com""#,
        "The address of the API; the test API is https://api-dev.piaozone.com/test.",
    ),
    default(
        "enc_type",
        Shape::Choice(&["md5", "sha256", "hmac_sha256"]),
        r#""md5""#,
        "How the request for a token is signed (encType).",
    ),
    default(
        "timestamp_unit",
        Shape::Choice(&["milliseconds", "seconds"]),
        r#""milliseconds""#,
        "The unit of the timestamp that is signed.",
    ),
    optional("tax_number", Shape::Text, "The company's tax number (税号), for the check."),
    optional("company_name", Shape::Text, "The company's name, for the check."),
    optional(
        "eas",
        Shape::Table(EAS),
        "The connection to EAS as the imaging system (影像) stores it, for the check.",
    ),
    optional("http", Shape::Table(HTTP), "The connection: timeouts, proxy, certificates."),
];

const EAS: &[Key] = &[
    required("services", Shape::Url, "The prefix: http://<ip>:<port>/ormrpc/services/."),
    required("data_center", Shape::Text, "The code of the data centre (数据中心)."),
    required("user", Shape::Text, "The user."),
    required("password", Shape::Secret, "The password of the user."),
    default("solution", Shape::Text, r#""eas""#, "The name of the solution (EASSI)."),
    default("language", Shape::Choice(&["L1", "L2", "L3"]), r#""L2""#, "L2 is 简体中文."),
    default(
        "database",
        Shape::Choice(&["sql_server", "oracle", "db2"]),
        r#""oracle""#,
        "The database of the data centre.",
    ),
    optional("auth_pattern", Shape::Text, "The kind of authentication, such as BaseDB."),
    optional("http", Shape::Table(HTTP), "The connection: timeouts, proxy, certificates."),
];

/// Of the `encrypt_key`.
const KEY_LENGTH: usize = 16;

fn connect(mut settings: Settings) -> Result<Arc<dyn System>, String> {
    let tax_number: Option<String> = settings.take("tax_number")?;
    let company_name: Option<String> = settings.take("company_name")?;
    let eas: Option<eas::Config> = settings.take("eas")?;
    let config: Config = settings.read()?;
    let mut usable = config.clone();
    // A key of the wrong length is for the check to tell, beside whatever else is wrong.
    usable.encrypt_key = usable.encrypt_key.filter(|key| key.expose().len() == KEY_LENGTH);
    let mut builder = ClientBuilder::new(usable);
    if let Some(transport) = settings.transport.clone() {
        builder = builder.transport(transport);
    }
    let client = builder.build().map_err(|error| error.to_string())?;
    let transport = settings.transport;
    Ok(Arc::new(Piaozone { client, config, tax_number, company_name, eas, transport }))
}

/// The authorisation of a company at Piaozone, and its connection to EAS.
#[derive(Clone, Debug)]
pub struct Piaozone {
    client: Client,
    config: Config,
    tax_number: Option<String>,
    company_name: Option<String>,
    eas: Option<eas::Config>,
    transport: Option<Arc<dyn Transport>>,
}

impl Piaozone {
    /// That of a company.
    ///
    /// # Errors
    /// When the company has none.
    pub fn of(systems: &Systems) -> Result<&Self, Missing> {
        systems.get(SYSTEM)
    }

    /// Its client.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }
}

#[async_trait]
impl System for Piaozone {
    fn name(&self) -> &'static str {
        SYSTEM
    }

    /// S62 of the guide: which of the settings is wrong.
    async fn check(&self) -> Vec<Finding> {
        let mut check = Check::new(self.config.clone());
        if let Some(number) = &self.tax_number {
            check = check.tax_number(number);
        }
        if let Some(name) = &self.company_name {
            check = check.company_name(name);
        }
        if let Some(eas) = &self.eas {
            check = check.eas(eas.clone());
        }
        if let Some(transport) = &self.transport {
            check = check.transport(transport.clone());
        }
        let findings = check.run().await.into_iter();
        findings.map(|one| Finding { what: one.what.to_owned(), problem: one.problem }).collect()
    }
}
