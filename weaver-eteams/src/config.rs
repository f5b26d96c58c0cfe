//! The client's settings as data, for programs that read them from a file.

use erplink_core::{Secret, TransportConfig};
use serde::Deserialize;

use crate::error::Code;

/// Where the API of the public cloud lives.
pub const API_BASE: &str = "https://api.eteams.cn";

/// Settings of a [`Client`](crate::Client).
///
/// ```
/// let config: weaver_eteams::Config = serde_json::from_str(r#"{
///     "corp_id": "ww6f3c1d9a02b7e845",
///     "app_key": "k-2f9c",
///     "app_secret": "app secret",
///     "base_url": "https://e10.example.com/papi/openapi"
/// }"#)?;
/// let client = weaver_eteams::Client::from_config(&config)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// Id of the tenant (企业标识, corpid).
    pub corp_id: String,
    /// `app_key` of the application in the open platform (开放平台).
    pub app_key: String,
    /// `app_secret` of the application.
    pub app_secret: Secret,
    /// Base address. Default [`API_BASE`]; a private E10 has `https://<domain>/papi/openapi`, older
    /// ones `https://<domain>/openserver`.
    #[serde(default = "base_url")]
    pub base_url: String,
    /// Value of the header `callSysCode`, which `/openserver` wants; the customer assigns it.
    #[serde(default)]
    pub call_sys_code: Option<String>,
    /// How a code is asked for. Default: `post` where the base address ends in `/papi/openapi`,
    /// else `get`.
    #[serde(default)]
    pub authorize: Option<Authorize>,
    /// How the calls for a token are written. Default: `json` where the base address ends in
    /// `/papi/openapi`, else `form`.
    #[serde(default)]
    pub token_body: Option<TokenBody>,
    /// Where calls carry their token.
    #[serde(default)]
    pub token_place: TokenPlace,
    /// Whether a refresh carries `app_key` and `app_secret` as well. Default no.
    #[serde(default)]
    pub refresh_with_app: bool,
    /// Seconds before its expiry at which a token is renewed, half its life at most. Default 120.
    #[serde(default = "token_margin")]
    pub token_margin: u64,
    /// Seconds for which a refused app is answered from memory, without asking again. Default 60.
    #[serde(default = "refusal_memory")]
    pub refusal_memory: u64,
    /// Codes of success. Default `0`; workflow calls say `200` as well.
    #[serde(default = "success_codes")]
    pub success_codes: Vec<Code>,
    /// Codes on which the token is renewed and the call made once more. Default `200007`, `200008`,
    /// `300001`, `300002`; their exact meanings are not published.
    #[serde(default = "renew_codes")]
    pub renew_codes: Vec<Code>,
    /// Calls at the same time. Default 8; the platform publishes no limit.
    #[serde(default = "concurrency")]
    pub concurrency: usize,
    /// Calls a second. Default no limit.
    #[serde(default)]
    pub calls_per_second: Option<u32>,
    /// Settings of the HTTP transport. Default: 60 s to connect, 60 s without a byte.
    #[serde(default = "http")]
    pub http: TransportConfig,
}

/// How a code is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Authorize {
    /// `GET` with a query, as the public cloud has it.
    Get,
    /// `POST` with JSON, as E10 has it.
    Post,
}

/// How a call for a token is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TokenBody {
    /// `application/x-www-form-urlencoded`, as the public cloud has it.
    Form,
    /// JSON, as E10 has it.
    Json,
}

/// Where calls carry their token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TokenPlace {
    /// In the query, which every call takes. Gateways may write it into their logs.
    #[default]
    Query,
    /// In the body of those that have one that is a form or a JSON object, else in the query.
    Body,
}

/// The end of the base address of a private E10.
const E10_PATH: &str = "/papi/openapi";

impl Config {
    /// The defaults for one application.
    pub fn new(
        corp_id: impl Into<String>,
        app_key: impl Into<String>,
        app_secret: impl Into<Secret>,
    ) -> Self {
        Self {
            corp_id: corp_id.into(),
            app_key: app_key.into(),
            app_secret: app_secret.into(),
            base_url: base_url(),
            call_sys_code: None,
            authorize: None,
            token_body: None,
            token_place: TokenPlace::default(),
            refresh_with_app: false,
            token_margin: token_margin(),
            refusal_memory: refusal_memory(),
            success_codes: success_codes(),
            renew_codes: renew_codes(),
            concurrency: concurrency(),
            calls_per_second: None,
            http: http(),
        }
    }

    pub(crate) fn authorize(&self) -> Authorize {
        let usual = if self.is_e10() { Authorize::Post } else { Authorize::Get };
        self.authorize.unwrap_or(usual)
    }

    pub(crate) fn token_body(&self) -> TokenBody {
        let usual = if self.is_e10() { TokenBody::Json } else { TokenBody::Form };
        self.token_body.unwrap_or(usual)
    }

    fn is_e10(&self) -> bool {
        self.base_url.trim_end_matches('/').ends_with(E10_PATH)
    }
}

fn base_url() -> String {
    API_BASE.to_owned()
}

fn token_margin() -> u64 {
    120
}

fn refusal_memory() -> u64 {
    60
}

fn success_codes() -> Vec<Code> {
    vec![Code::from("0")]
}

fn renew_codes() -> Vec<Code> {
    ["200007", "200008", "300001", "300002"].map(Code::from).to_vec()
}

fn concurrency() -> usize {
    8
}

fn http() -> TransportConfig {
    let mut config = TransportConfig::default();
    // A second more for the answer: a connection that does not come is told apart from it.
    (config.connect_timeout, config.read_timeout, config.total_timeout) = (60.0, 61.0, 120.0);
    config
}
