use std::sync::Arc;

use async_trait::async_trait;
use easst_invoice::{Client, ClientBuilder, Config, ErrorKind};

use super::SYSTEM;
use crate::config::shape::{Key, Shape, default, optional, required};
use crate::system::{Finding, HTTP, Missing, Settings, System, SystemKind, Systems, told};

pub(crate) const KIND: SystemKind = SystemKind {
    name: SYSTEM,
    doc: "The recognition of invoices (发票识别) of 千里聆 (easst).",
    keys: KEYS,
    example: include_str!("example.toml"),
    connect,
};

const KEYS: &[Key] = &[
    required("app_id", Shape::Text, "appId of the app."),
    required("app_secret", Shape::Secret, "appSecret of the app."),
    default("base_url", Shape::Url, r#""https://open.easst.cn""#, "The address of the service."),
    default(
        "path",
        Shape::Text,
        r#""/openapi/rest/common/invoiceocr""#,
        "The path of the recognition.",
    ),
    default(
        "encoding",
        Shape::Choice(&["json", "form"]),
        r#""json""#,
        "How the picture is sent; the service does not say.",
    ),
    default("image_field", Shape::Text, r#""image_data""#, "The member with the picture."),
    default(
        "timestamp_unit",
        Shape::Choice(&["milliseconds", "seconds"]),
        r#""milliseconds""#,
        "The unit of the timestamp that is signed.",
    ),
    optional(
        "signature",
        Shape::Table(SIGNATURE),
        "How calls are signed, where it is not the MD5 of app id, timestamp and app secret.",
    ),
    default(
        "max_picture_bytes",
        Shape::Integer(1, 67_108_864),
        "4194304",
        "The largest picture; larger ones are parked.",
    ),
    default(
        "repeat",
        Shape::Bool,
        "true",
        "Whether a recognition whose answer was lost is made again; it may be billed twice.",
    ),
    default(
        "credential_words",
        Shape::Texts,
        r#"["签名", "appId", "invalid sign"]"#,
        "A refusal with one of these words is about the app, not about the picture.",
    ),
    optional("http", Shape::Table(HTTP), "The connection: timeouts, proxy, certificates."),
];

const SIGNATURE: &[Key] = &[
    default(
        "parts",
        Shape::Texts,
        r#"["app_id", "timestamp", "app_secret"]"#,
        "The parts in their order: app_id, timestamp, app_secret.",
    ),
    default("separator", Shape::Text, r#""""#, "What stands between them."),
    default(
        "hash",
        Shape::Choice(&["md5", "sha256", "hmac_md5", "hmac_sha256"]),
        r#""md5""#,
        "What is done with the text; the last two under the app secret.",
    ),
    default("upper_case", Shape::Bool, "false", "Whether its digits are upper-case."),
];

fn connect(mut settings: Settings) -> Result<Arc<dyn System>, String> {
    let config: Config = settings.read()?;
    let mut builder = ClientBuilder::new(config);
    if let Some(transport) = settings.transport {
        builder = builder.transport(transport);
    }
    let client = builder.build().map_err(|error| error.to_string())?;
    Ok(Arc::new(Easst::new(client)))
}

/// The app of 千里聆 of a company.
#[derive(Clone, Debug)]
pub struct Easst {
    client: Client,
}

impl Easst {
    /// With this client.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }

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
impl System for Easst {
    fn name(&self) -> &'static str {
        SYSTEM
    }

    async fn check(&self) -> Vec<Finding> {
        let outcome = self.client.check().await.map_err(|error| match error.kind() {
            ErrorKind::NotFound => format!("check `base_url` and `path`: {error}"),
            kind => told(kind, &error, "`base_url`", "`app_id`, `app_secret` and `signature`"),
        });
        vec![Finding::new(SYSTEM, outcome)]
    }
}
