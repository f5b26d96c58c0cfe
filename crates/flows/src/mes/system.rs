use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use blacklake_mes::callback::{Callback, CheckReply, Received, UnknownEvents, router};
use blacklake_mes::materials::UnitFilter;
use blacklake_mes::{Client, ErrorKind, RetryPolicy};
use erplink_core::Secret;
use erplink_sync::FlowId;
use serde::Deserialize;

use super::{SYSTEM, events};
use crate::config::shape::{Key, Shape, default, optional, required};
use crate::receive::{Doors, Entrance, Receiver};
use crate::system::{Finding, HTTP, Missing, Settings, System, SystemKind, Systems, told};

pub(crate) const KIND: SystemKind = SystemKind {
    name: SYSTEM,
    doc: "The Blacklake MES (黑湖智造), v3.",
    keys: KEYS,
    example: include_str!("example.toml"),
    connect,
};

const KEYS: &[Key] = &[
    required(
        "base_url",
        Shape::Url,
        "The address of the deployment: https://v3-hw.blacklake.cn (Huawei), https://v3-ali.blacklake.cn (Ali).",
    ),
    required("app_key", Shape::Text, "The appKey of the app or interface account."),
    required("app_secret", Shape::Secret, "Its appSecret."),
    optional(
        "factory_number",
        Shape::Text,
        "The number of the factory (工厂号), for an interface account (接口账号); without it an app (自建应用).",
    ),
    optional("login_path", Shape::Text, "The path of the login, if it is another one."),
    optional(
        "token_placement",
        Shape::Tables(PLACEMENT),
        "Where the token travels; [{ query = \"access_token\" }] if unset.",
    ),
    optional(
        "route_prefix",
        Shape::Text,
        "The prefix of all calls; /api/openapi/domain/web/v1/route if unset.",
    ),
    optional("work_order_edit_path", Shape::Text, "The path that edits a work order by its code."),
    default(
        "treat_any_error_as_missing",
        Shape::Bool,
        "false",
        "Whether every refusal of a look-up by code means that there is no such work order.",
    ),
    default("calls_per_second", Shape::Integer(1, 1000), "5", "Calls a second (配额)."),
    default("burst", Shape::Integer(1, 1000), "10", "Calls at once after a pause."),
    default("max_in_flight", Shape::Integer(1, 1000), "4", "Calls that wait for their answer."),
    optional("http", Shape::Table(HTTP), "The connection: timeouts, proxy, certificates."),
    optional("callback", Shape::Table(CALLBACK), "Where the MES pushes events (事件回调)."),
];

const PLACEMENT: &[Key] = &[
    optional("query", Shape::Text, "The name of a parameter of the query."),
    optional("header", Shape::Text, "The name of a header, such as X-AUTH or token."),
];

const CALLBACK: &[Key] = &[
    required("key", Shape::Secret, "The key of the page 事件回调 (回调内容密钥)."),
    default(
        "check_reply",
        Shape::Choice(&["data", "text", "event", "code_and_data"]),
        r#""data""#,
        "What the check of the address is answered; the platform does not say what it expects.",
    ),
    default(
        "unknown_events",
        Shape::Choice(&["acknowledge", "refuse"]),
        r#""acknowledge""#,
        "What events of other types are answered: 200, or 500 as the vendor's library does.",
    ),
];

#[derive(Deserialize)]
struct CallbackTable {
    key: Secret,
    #[serde(default)]
    check_reply: CheckReply,
    #[serde(default)]
    unknown_events: UnknownEvents,
}

fn connect(mut settings: Settings) -> Result<Arc<dyn System>, String> {
    let callback: Option<CallbackTable> = settings.take("callback")?;
    let config: blacklake_mes::Config = settings.read()?;
    // The flows wait and repeat by themselves: a call bridges a blip, not an outage.
    let mut builder = blacklake_mes::ClientBuilder::new(config).retry(RetryPolicy::default());
    if let Some(transport) = settings.transport {
        builder = builder.transport(transport);
    }
    let mut system = Mes::new(builder.build().map_err(|error| error.to_string())?);
    if let Some(CallbackTable { key, check_reply, unknown_events }) = callback {
        let callback = Callback::new(key).check_reply(check_reply).unknown_events(unknown_events);
        system = system.callback(callback);
    }
    Ok(Arc::new(system))
}

/// The MES of a company.
#[derive(Clone, Debug)]
pub struct Mes {
    client: Client,
    callback: Option<Callback>,
}

fn routes(callback: Option<Callback>, path: &str, doors: Doors) -> Result<Router, String> {
    let callback = callback.ok_or("the MES has no `callback` configured")?;
    Ok(router(path, callback, move |received: Received| {
        let doors = doors.clone();
        async move { Ok(events::take(&doors, &received).await?) }
    }))
}

/// The topic of feedings (投料) at the receiver.
pub(super) const FEEDINGS: &str = "feedings";

impl Mes {
    /// An MES whose events nobody receives.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client, callback: None }
    }

    /// Receives its events (事件回调).
    #[must_use]
    pub fn callback(mut self, callback: Callback) -> Self {
        self.callback = Some(callback);
        self
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

    /// Whether its events are received.
    #[must_use]
    pub fn receives(&self) -> bool {
        self.callback.is_some()
    }

    /// `/COMPANY/mes`: answers the MES's check of the address, and gives feedings (投料) to a flow.
    pub fn receiver(&self, company: &str, flow: &str) -> Receiver {
        self.acknowledger(company).door(FEEDINGS, FlowId::new(company, flow))
    }

    /// `/COMPANY/mes`: answers the MES's check of the address, and acknowledges what it pushes.
    pub fn acknowledger(&self, company: &str) -> Receiver {
        let callback = self.callback.clone();
        Receiver::new(format!("/{company}/{SYSTEM}"), move |path: &str, doors: Doors| {
            Ok(Entrance::Routes(routes(callback.clone(), path, doors)?))
        })
    }

    /// What came of asking the MES for something of an interface (接口权限).
    pub(crate) fn finding<T>(&self, what: &str, asked: Result<T, blacklake_mes::Error>) -> Finding {
        let outcome = asked.map(drop).map_err(|error| self.told(&error));
        Finding::new(format!("{SYSTEM} {what}"), outcome)
    }

    fn told(&self, error: &blacklake_mes::Error) -> String {
        told(error.kind(), error, "`base_url`", "`app_key`, `app_secret` and `factory_number`")
    }
}

#[async_trait]
impl System for Mes {
    fn name(&self) -> &'static str {
        SYSTEM
    }

    async fn check(&self) -> Vec<Finding> {
        let asked = self.client.materials().units(UnitFilter::new().page_size(1)).next().await;
        let outcome = match asked.transpose() {
            // Who is told that an interface is not granted (接口权限) is logged in; which
            // interfaces are needed, the flows know.
            Err(error) if error.kind() != ErrorKind::Forbidden => Err(self.told(&error)),
            _ => Ok(()),
        };
        vec![Finding::new(SYSTEM, outcome)]
    }
}
