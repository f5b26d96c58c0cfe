use std::sync::Arc;

use async_trait::async_trait;
use dingtalk::Client;
use dingtalk::callback::{Callback, Event, router};
use erplink_core::ErrorKind;
use erplink_sync::FlowId;
use serde::Deserialize;
use tracing::{Instrument as _, info_span};

use super::{Events, SYSTEM, stream};
use crate::config::shape::{Key, Shape, default, optional, required};
use crate::receive::{Entrance, Receiver};
use crate::system::{
    CallbackKeys, Finding, HTTP, Missing, Settings, System, SystemKind, Systems, told,
};

pub(crate) const KIND: SystemKind = SystemKind {
    name: SYSTEM,
    doc: "The app of DingTalk (钉钉).",
    keys: KEYS,
    example: include_str!("example.toml"),
    connect,
};

const KEYS: &[Key] = &[
    required("client_id", Shape::Text, "Client ID, formerly AppKey (凭证与基础信息)."),
    required("client_secret", Shape::Secret, "Client Secret, formerly AppSecret."),
    optional("agent_id", Shape::Integer(1, i64::MAX), "AgentId of the app."),
    default("api_base", Shape::Url, r#""https://api.dingtalk.com""#, "The address of the new API."),
    default(
        "oapi_base",
        Shape::Url,
        r#""https://oapi.dingtalk.com""#,
        "The address of the old API.",
    ),
    optional("http", Shape::Table(HTTP), "The connection: timeouts, proxy, certificates."),
    default(
        "receive",
        Shape::Choice(&["http", "stream"]),
        r#""http""#,
        "How the app's events arrive (事件订阅): http, pushed to /COMPANY/dingtalk; stream (Stream 模式), over a connection that needs no public address.",
    ),
    optional(
        "callback",
        Shape::Table(CALLBACK),
        "The event subscription (事件订阅) of the app; needed where events arrive by http.",
    ),
];

const CALLBACK: &[Key] = &[
    required("token", Shape::Secret, "The signing token (签名 token)."),
    required("aes_key", Shape::Secret, "The encryption key (加密 aes_key), 43 characters."),
];

/// The key `receive`.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum By {
    #[default]
    Http,
    Stream,
}

fn connect(mut settings: Settings) -> Result<Arc<dyn System>, String> {
    let by: By = settings.take("receive")?.unwrap_or_default();
    let keys: Option<CallbackKeys> = settings.take("callback")?;
    if by == By::Http && keys.is_none() {
        return Err(
            "`callback` is missing: token and key of the event subscription (事件订阅); without a public address set receive = \"stream\""
                .to_owned(),
        );
    }
    let config: dingtalk::Config = settings.read()?;
    let mut builder = dingtalk::ClientBuilder::new(config);
    if let Some(transport) = settings.transport {
        builder = builder.transport(transport);
    }
    let mut system = DingTalk::new(builder.build().map_err(|error| error.to_string())?);
    if let Some(CallbackKeys { token, aes_key }) = keys {
        let callback = Callback::new(token, aes_key, system.client.client_id());
        system = system.callback(callback.map_err(|error| format!("callback.aes_key: {error}"))?);
    }
    if by == By::Stream {
        system = system.stream();
    }
    Ok(Arc::new(system))
}

/// The DingTalk app of a company.
#[derive(Clone, Debug)]
pub struct DingTalk {
    client: Client,
    receive: Receive,
}

/// How events arrive.
#[derive(Clone, Debug)]
enum Receive {
    Nowhere,
    Http(Callback),
    Stream,
}

impl DingTalk {
    /// An app whose events nobody receives.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client, receive: Receive::Nowhere }
    }

    /// Receives the app's event subscription (事件订阅) by HTTP push.
    #[must_use]
    pub fn callback(mut self, callback: Callback) -> Self {
        self.receive = Receive::Http(callback);
        self
    }

    /// Receives the app's events in Stream mode (Stream 模式): over a connection that we open, so
    /// that nobody has to reach us.
    #[must_use]
    pub fn stream(mut self) -> Self {
        self.receive = Receive::Stream;
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

    /// `/COMPANY/dingtalk`, or the app's Stream connection: gives the ends of the instances of a
    /// form to a flow.
    pub fn receiver(&self, company: &str, process_code: &str, flow: &str) -> Receiver {
        let app = self.clone();
        let open = move |path: &str, doors| app.open(path, Events::new(doors));
        let receiver = Receiver::new(format!("/{company}/{SYSTEM}"), open);
        receiver.door(process_code, FlowId::new(company, flow))
    }

    fn open(&self, path: &str, events: Events) -> Result<Entrance, String> {
        let handler = move |event: Event| {
            let events = events.clone();
            async move { Ok(events.take(event).await?) }
        };
        match &self.receive {
            Receive::Nowhere => Err("the app has neither `callback` nor `stream`".to_owned()),
            Receive::Http(callback) => {
                Ok(Entrance::Routes(router(path, callback.clone(), handler)))
            }
            Receive::Stream => {
                let receiver = stream::listen(self.client.clone(), handler);
                Ok(Entrance::Connection(Box::pin(receiver.instrument(info_span!("stream", path)))))
            }
        }
    }

    /// Whether the form exists and the app may use it.
    pub async fn check_form(&self, process_code: &str) -> Finding {
        let schema = self.client.workflow().schema(process_code).await;
        let outcome = schema.map(drop).map_err(|error| match error.kind() {
            kind @ (ErrorKind::Connect | ErrorKind::Auth) => self.told(kind, &error),
            _ => format!("check `process_code`: {error}"),
        });
        Finding::new(format!("{SYSTEM} form {process_code}"), outcome)
    }

    fn told(&self, kind: ErrorKind, error: &dingtalk::Error) -> String {
        told(kind, error, "`api_base`", "`client_id` or `client_secret`")
    }

    /// Whether the old API, by which people are looked up, answers at its own address.
    async fn check_old_api(&self) -> Result<(), String> {
        const ROOT: i64 = 1;
        match self.client.contacts().sub_department_ids(ROOT).await {
            Err(error) if !is_answer(error.kind()) => {
                Err(told(error.kind(), &error, "`oapi_base`", "`client_id` or `client_secret`"))
            }
            _ => Ok(()),
        }
    }
}

/// Whether DingTalk itself said no, after it took the token.
fn is_answer(kind: ErrorKind) -> bool {
    use ErrorKind::{Api, Forbidden, Invalid, NotFound};
    matches!(kind, Api | NotFound | Invalid | Forbidden)
}

#[async_trait]
impl System for DingTalk {
    fn name(&self) -> &'static str {
        SYSTEM
    }

    async fn check(&self) -> Vec<Finding> {
        // A form that does not exist is refused only after the token was accepted.
        let outcome = match self.client.workflow().schema("PROC-CHECK").await {
            Err(error) if !is_answer(error.kind()) => Err(self.told(error.kind(), &error)),
            _ => self.check_old_api().await,
        };
        vec![Finding::new(SYSTEM, outcome)]
    }
}
