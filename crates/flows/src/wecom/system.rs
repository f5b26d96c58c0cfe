use std::sync::Arc;

use async_trait::async_trait;
use erplink_core::ErrorKind;
use erplink_sync::FlowId;
use serde::Deserialize;
use wecom::Client;
use wecom::callback::{Callback, Received, TrustedDomainFile, router, trusted_domain};

use super::{Events, FormFields, SYSTEM, check};
use crate::config::shape::{Key, Shape, default, optional, required};
use crate::receive::{Entrance, Receiver};
use crate::system::{
    CallbackKeys, Finding, HTTP, Missing, Settings, System, SystemKind, Systems, told,
};

pub(crate) const KIND: SystemKind = SystemKind {
    name: SYSTEM,
    doc: "The app of WeCom (企业微信).",
    keys: KEYS,
    example: include_str!("example.toml"),
    connect,
};

const KEYS: &[Key] = &[
    required("corp_id", Shape::Text, "The id of the corp (企业ID): 我的企业 → 企业信息."),
    required("secret", Shape::Secret, "The secret of the self-built app (自建应用)."),
    default("api_base", Shape::Url, r#""https://qyapi.weixin.qq.com""#, "The address of the API."),
    default(
        "calls_per_minute",
        Shape::Integer(1, 10_000),
        "600",
        "Calls a minute for each API; older corps have 60.",
    ),
    optional("http", Shape::Table(HTTP), "The connection: timeouts, proxy, certificates."),
    required("callback", Shape::Table(CALLBACK), "Where the app receives events (接收消息)."),
    optional(
        "trusted_domain",
        Shape::Table(TRUSTED_DOMAIN),
        "The file that proves the domain (可信域名), served at the root of the port.",
    ),
];

const CALLBACK: &[Key] = &[
    required("token", Shape::Secret, "The Token of the page 接收消息."),
    required("aes_key", Shape::Secret, "The EncodingAESKey of that page, 43 characters."),
];

const TRUSTED_DOMAIN: &[Key] = &[
    required(
        "name",
        Shape::Text,
        "Its name as downloaded, such as WW_verify_7rG3kjVbXHngiald.txt.",
    ),
    required("content", Shape::Text, "What stands in it."),
];

#[derive(Deserialize)]
struct DomainFile {
    name: String,
    content: String,
}

fn connect(mut settings: Settings) -> Result<Arc<dyn System>, String> {
    let keys: Option<CallbackKeys> = settings.take("callback")?;
    let file: Option<DomainFile> = settings.take("trusted_domain")?;
    let config: wecom::Config = settings.read()?;
    let mut builder = wecom::ClientBuilder::new(config);
    if let Some(transport) = settings.transport {
        builder = builder.transport(transport);
    }
    let mut system = WeCom::new(builder.build().map_err(|error| error.to_string())?);
    if let Some(CallbackKeys { token, aes_key }) = keys {
        let callback = Callback::new(token, aes_key, system.client.corp_id());
        system = system.callback(callback.map_err(|error| format!("callback.aes_key: {error}"))?);
    }
    if let Some(DomainFile { name, content }) = file {
        let file = TrustedDomainFile::new(&name, content);
        system = system.trusted_domain(file.map_err(|no| format!("trusted_domain.name: {no}"))?);
    }
    Ok(Arc::new(system))
}

/// The WeCom app of a company.
#[derive(Clone, Debug)]
pub struct WeCom {
    client: Client,
    callback: Option<Callback>,
    domain_file: Option<TrustedDomainFile>,
}

impl WeCom {
    /// An app whose events nobody receives.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client, callback: None, domain_file: None }
    }

    /// Receives the app's events (接收消息).
    #[must_use]
    pub fn callback(mut self, callback: Callback) -> Self {
        self.callback = Some(callback);
        self
    }

    /// Serves the file of the trusted domain (可信域名) at the root of the port.
    #[must_use]
    pub fn trusted_domain(mut self, file: TrustedDomainFile) -> Self {
        self.domain_file = Some(file);
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

    /// `/COMPANY/wecom`: answers WeCom's check of the address, and gives the ends of the forms of a
    /// template to a flow.
    pub fn receiver(&self, company: &str, template_id: &str, flow: &str) -> Receiver {
        let callback = self.callback.clone();
        let open = move |path: &str, doors| {
            let callback = callback.clone().ok_or("the app has no `callback` configured")?;
            let events = Events::new(doors);
            let routes = router(path, callback, move |received: Received| {
                let events = events.clone();
                async move { Ok(events.take(&received.event).await?) }
            });
            Ok(Entrance::Routes(routes))
        };
        let receiver = Receiver::new(format!("/{company}/{SYSTEM}"), open);
        receiver.door(template_id, FlowId::new(company, flow))
    }

    /// Whether the template is there, and takes what the flow puts into its controls; `key` is the
    /// control with the document's number.
    pub async fn check_template(&self, template_id: &str, form: &FormFields, key: &str) -> Finding {
        let outcome = match self.client.approvals().template(template_id).await {
            Ok(template) => match check::problems(&template, form, key).join("; ") {
                none if none.is_empty() => Ok(()),
                problems => Err(format!("`{}`: {problems}", template.name)),
            },
            Err(error) => Err(match error.kind() {
                kind @ (ErrorKind::Connect | ErrorKind::Auth) => self.told(kind, &error),
                _ => format!("check `template_id`: {error}"),
            }),
        };
        Finding::new(format!("{SYSTEM} template {template_id}"), outcome)
    }

    fn told(&self, kind: ErrorKind, error: &wecom::Error) -> String {
        told(kind, error, "`api_base`", "`corp_id` and `secret`")
    }
}

#[async_trait]
impl System for WeCom {
    fn name(&self) -> &'static str {
        SYSTEM
    }

    async fn check(&self) -> Vec<Finding> {
        // It takes a token and a trusted address, and nothing else.
        let outcome = self.client.api_addresses().await.map(drop);
        vec![Finding::new(SYSTEM, outcome.map_err(|error| self.told(error.kind(), &error)))]
    }

    fn receivers(&self, _: &str) -> Vec<Receiver> {
        let file = self.domain_file.clone().into_iter();
        file.map(|file| {
            let path = file.path().to_owned();
            Receiver::new(path, move |_, _| Ok(Entrance::Routes(trusted_domain(file.clone()))))
        })
        .collect()
    }
}
