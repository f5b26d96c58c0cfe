use std::sync::Arc;

use async_trait::async_trait;
use erplink_core::ErrorKind;
use weaver_eteams::{Client, ClientBuilder, Config};

use super::SYSTEM;
use crate::config::shape::{Key, Shape, default, optional, required};
use crate::system::{Finding, HTTP, Missing, Settings, System, SystemKind, Systems, told};

pub(crate) const KIND: SystemKind = SystemKind {
    name: SYSTEM,
    doc: "Weaver eteams (泛微 eteams), the public cloud or a private E10.",
    keys: KEYS,
    example: include_str!("example.toml"),
    connect,
};

const KEYS: &[Key] = &[
    required("corp_id", Shape::Text, "The id of the tenant (企业标识, corpid)."),
    required("app_key", Shape::Text, "The app_key of the application in the open platform."),
    required("app_secret", Shape::Secret, "The app_secret of the application."),
    default(
        "base_url",
        Shape::Url,
        r#""https://api.eteams.cn""#,
        "The address of the API; a private E10 has https://…/papi/openapi.",
    ),
    optional(
        "call_sys_code",
        Shape::Text,
        "The header callSysCode, which older installations (…/openserver) want.",
    ),
    optional(
        "authorize",
        Shape::Choice(&["get", "post"]),
        "How a code is asked for; post for E10, else get, if unset.",
    ),
    optional(
        "token_body",
        Shape::Choice(&["form", "json"]),
        "How the calls for a token are written; json for E10, else form, if unset.",
    ),
    default(
        "token_place",
        Shape::Choice(&["query", "body"]),
        r#""query""#,
        "Where calls carry their token.",
    ),
    default(
        "refresh_with_app",
        Shape::Bool,
        "false",
        "Whether a refresh carries app_key and app_secret as well.",
    ),
    default("success_codes", Shape::Texts, r#"["0"]"#, "The errcodes of success (成功条件)."),
    default(
        "renew_codes",
        Shape::Texts,
        r#"["200007", "200008", "300001", "300002"]"#,
        "The errcodes on which the token is renewed.",
    ),
    optional("calls_per_second", Shape::Integer(1, 10_000), "Calls a second; any number if unset."),
    optional(
        "http",
        Shape::Table(HTTP),
        "The connection: timeouts, proxy, certificates. Without it 60 s to connect and 60 s to answer.",
    ),
];

fn connect(mut settings: Settings) -> Result<Arc<dyn System>, String> {
    let config: Config = settings.read()?;
    let mut builder = ClientBuilder::new(config);
    if let Some(transport) = settings.transport {
        builder = builder.transport(transport);
    }
    let client = builder.build().map_err(|error| error.to_string())?;
    Ok(Arc::new(client))
}

/// That of a company.
///
/// # Errors
/// When the company has none.
pub(crate) fn client(systems: &Systems) -> Result<&Client, Missing> {
    systems.get(SYSTEM)
}

#[async_trait]
impl System for Client {
    fn name(&self) -> &'static str {
        SYSTEM
    }

    async fn check(&self) -> Vec<Finding> {
        let asked = self.organization().departments().page_size(1).page(1).await;
        vec![Finding::new(SYSTEM, asked.map(drop).map_err(|error| wrong(&error)))]
    }
}

/// Which step of the login was refused tells the settings apart.
fn wrong(error: &weaver_eteams::Error) -> String {
    let is_first = error.operation().is_some_and(|name| name.ends_with("/oauth2/authorize"));
    let account = if is_first { "`corp_id`" } else { "`app_key` and `app_secret`" };
    match error.kind() {
        ErrorKind::Api => format!("the application may lack the interface (接口权限): {error}"),
        kind => told(kind, error, "`base_url`", account),
    }
}
