use std::sync::Arc;

use async_trait::async_trait;
use erplink_core::ErrorKind;
use kingdee_jdy::{Client, ClientBuilder, Error, ProfileKey};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::SYSTEM;
use crate::config::shape::{Key, Shape, default, optional, required};
use crate::system::{Finding, HTTP, Settings, System, SystemKind, told};

pub(crate) const KIND: SystemKind = SystemKind {
    name: SYSTEM,
    doc: "A company set (账套) of Kingdee JDY (精斗云).",
    keys: KEYS,
    example: include_str!("example.toml"),
    connect,
};

const KEYS: &[Key] = &[
    required("client_id", Shape::Text, "The app's id (client_id)."),
    required("client_secret", Shape::Secret, "The app's secret (client_secret)."),
    required("login", Shape::Table(LOGIN), "Who logs in: one of user, org, platform."),
    default(
        "s_id",
        Shape::Text,
        r#""""#,
        "sId, as the account shows it; empty with platform: that of the app.",
    ),
    default("db_id", Shape::Text, r#""""#, "dbId (账套), likewise."),
    default("api_base", Shape::Url, r#""https://api.kingdee.com""#, "The address of the API."),
    default(
        "amount_digits",
        Shape::Integer(0, 8),
        "2",
        "Digits behind the point that an amount may have.",
    ),
    default(
        "body_shape",
        Shape::Choice(&["array", "wrapped"]),
        r#""array""#,
        "How vouchers are wrapped: bare, or in `list` with sId and dbId.",
    ),
    default(
        "filter_shape",
        Shape::Choice(&["wrapped", "flat"]),
        r#""wrapped""#,
        "How the filter of the voucher list is wrapped.",
    ),
    optional("mode", Shape::Text, "The query parameter `mode` of a save; not sent if unset."),
    default(
        "duplicate_words",
        Shape::Texts,
        r#"["重复", "已存在", "已经存在", "duplicate", "exist"]"#,
        "Words in a refusal that make the program look whether the voucher is there already.",
    ),
    default(
        "names",
        Shape::Tables(NAMES),
        "[]",
        "Members that your version of the platform spells differently.",
    ),
    optional("http", Shape::Table(HTTP), "The connection: timeouts, proxy, certificates."),
];

const LOGIN: &[Key] = &[
    optional("user", Shape::Table(USER), "The legacy token of a user."),
    optional("org", Shape::Table(ORG), "The legacy token of an organisation."),
    optional("platform", Shape::Table(PLATFORM), "Version 2 of the open platform (开放平台)."),
];

const USER: &[Key] = &[
    required("username", Shape::Text, "The user's name."),
    required("password", Shape::Secret, "The user's password."),
];

const ORG: &[Key] = &[
    required("tid", Shape::Text, "The organisation's id."),
    required("secret", Shape::Secret, "The organisation's secret."),
];

const PLATFORM: &[Key] = &[
    required("outer_instance_id", Shape::Text, "The customer's instance (outerInstanceId)."),
    optional("app_key", Shape::Text, "Which authorization, where the instance has several."),
    optional("uid", Shape::Text, "In whose name calls are made."),
    default(
        "sign_headers",
        Shape::Choice(&["timestamp-first", "nonce-first"]),
        r#""timestamp-first""#,
        "The order in which X-Api-SignHeaders names the signed headers.",
    ),
];

const NAMES: &[Key] = &[
    required("ours", Shape::Text, "The name in the documentation, such as amountFor.").unique(),
    required("theirs", Shape::Text, "The name that your version has."),
];

#[derive(Deserialize)]
struct Renamed {
    ours: String,
    theirs: String,
}

fn connect(mut settings: Settings) -> Result<Arc<dyn System>, String> {
    let logins = settings.table.get("login").and_then(Value::as_object).map_or(0, Map::len);
    if logins != 1 {
        return Err(format!("login: expected one of user, org, platform, found {logins} of them"));
    }
    let names: Option<Vec<Renamed>> = settings.take("names")?;
    let names: Map<String, Value> =
        names.into_iter().flatten().map(|one| (one.ours, Value::from(one.theirs))).collect();
    settings.table.insert("names".to_owned(), Value::Object(names));
    let config: kingdee_jdy::Config = settings.read()?;
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
        // It takes a login and both ids, and nothing else.
        let outcome = self.profile(ProfileKey::CurrentPeriod).await.map(drop);
        vec![Finding::new(SYSTEM, outcome.map_err(|error| wrong(&error)))]
    }
}

fn wrong(error: &Error) -> String {
    match error.api_error() {
        Some(api) if api.is_about_db_id() => format!("check `db_id`: {error}"),
        Some(api) if api.is_about_s_id() => format!("check `s_id`: {error}"),
        _ if error.kind() == ErrorKind::Config => error.to_string(),
        _ => told(error.kind(), error, "`api_base`", "`client_id`, `client_secret` and `login`"),
    }
}
