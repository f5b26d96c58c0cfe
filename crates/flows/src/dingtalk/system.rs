use std::sync::Arc;

use async_trait::async_trait;
use dingtalk::Client;
use dingtalk::callback::{Callback, Event, router};
use erplink_core::ErrorKind;
use erplink_sync::FlowId;

use super::{Events, SYSTEM};
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
    required("callback", Shape::Table(CALLBACK), "The event subscription (事件订阅) of the app."),
];

const CALLBACK: &[Key] = &[
    required("token", Shape::Secret, "The signing token (签名 token)."),
    required("aes_key", Shape::Secret, "The encryption key (加密 aes_key), 43 characters."),
];

fn connect(mut settings: Settings) -> Result<Arc<dyn System>, String> {
    let keys: Option<CallbackKeys> = settings.take("callback")?;
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
    Ok(Arc::new(system))
}

/// The DingTalk app of a company.
#[derive(Clone, Debug)]
pub struct DingTalk {
    client: Client,
    callback: Option<Callback>,
}

impl DingTalk {
    /// An app whose events nobody receives.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client, callback: None }
    }

    /// Receives the app's event subscription (事件订阅).
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

    /// `/COMPANY/dingtalk`: gives the ends of the instances of a form to a flow.
    pub fn receiver(&self, company: &str, process_code: &str, flow: &str) -> Receiver {
        let callback = self.callback.clone();
        let open = move |path: &str, doors| {
            let callback = callback.clone().ok_or("the app has no `callback` configured")?;
            let events = Events::new(doors);
            let routes = router(path, callback, move |event: Event| {
                let events = events.clone();
                async move { Ok(events.take(event).await?) }
            });
            Ok(Entrance::Routes(routes))
        };
        let receiver = Receiver::new(format!("/{company}/{SYSTEM}"), open);
        receiver.door(process_code, FlowId::new(company, flow))
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
}

#[async_trait]
impl System for DingTalk {
    fn name(&self) -> &'static str {
        SYSTEM
    }

    async fn check(&self) -> Vec<Finding> {
        // A form that does not exist is refused only after the token was accepted.
        let token = match self.client.workflow().schema("PROC-CHECK").await {
            Ok(_) => Ok(()),
            Err(error) => match error.kind() {
                ErrorKind::Api
                | ErrorKind::NotFound
                | ErrorKind::Invalid
                | ErrorKind::Forbidden => Ok(()),
                kind => Err(self.told(kind, &error)),
            },
        };
        vec![Finding::new(SYSTEM, token)]
    }
}
