use std::sync::Arc;

use async_trait::async_trait;
use ecology_oa::Client;
use ecology_oa::callback::{AppCodes, Callback, CallbackError, Push, ReplyFormat, router};
use erplink_core::{ErrorKind, Secret};
use erplink_sync::{Document, FlowId};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{SYSTEM, push};
use crate::config::shape::{Key, Shape, default, optional, required};
use crate::receive::{Entrance, Receiver};
use crate::system::{Finding, HTTP, Missing, Settings, System, SystemKind, Systems, told};

pub(crate) const KIND: SystemKind = SystemKind {
    name: SYSTEM,
    doc: "Weaver e-cology 9 (泛微 OA).",
    keys: KEYS,
    example: include_str!("example.toml"),
    connect,
};

const KEYS: &[Key] = &[
    required("base_url", Shape::Url, "The address of the OA server, such as http://oa:8080."),
    required("appid", Shape::Text, "The application id in ECOLOGY_BIZ_EC (许可证号)."),
    required("secret", Shape::Secret, "The secret that regist answered (secrit)."),
    required("spk", Shape::Text, "The public key that regist answered, Base64 or PEM."),
    required(
        "user",
        Shape::Text,
        "The numeric OA user id (hrmresource.id) as whom calls are made. It reads all requests.",
    ),
    optional("token_seconds", Shape::Integer(60, 86_400), "Life of a token; 1800 if unset."),
    default(
        "encoding",
        Shape::Choice(&["form", "json"]),
        r#""form""#,
        "How calls are written; every patch reads forms.",
    ),
    optional("cube", Shape::Table(CUBE), "The modelling engine (建模引擎), for master data."),
    optional("http", Shape::Table(HTTP), "The connection: timeouts, proxy, certificates."),
    optional("receive", Shape::Table(RECEIVE), "What OA posts to us (数据外发), and our answers."),
];

const CUBE: &[Key] = &[
    required("systemid", Shape::Text, "The system identifier (系统标识) of 接口管理."),
    required("password", Shape::Secret, "Its password."),
    required("operator", Shape::Text, "The numeric OA user id as whom records are written."),
    default(
        "utc_offset_minutes",
        Shape::Integer(-1439, 1439),
        "480",
        "Minutes between UTC and the clock of the OA server.",
    ),
    default("with_token_headers", Shape::Bool, "false", "Whether the OA's filter wants a token."),
];

const RECEIVE: &[Key] = &[
    required("app_code", Shape::Secret, "The AppCode that OA sends in X-ApiG-AppCode (APP认证)."),
    optional("next_app_code", Shape::Secret, "A second one that is good as well, for a change."),
    optional(
        "success",
        Shape::Text,
        r#"The answer that says it worked, as JSON with {data}; {"success":true,"code":"0","msg":"ok"} if unset."#,
    ),
    optional(
        "failure",
        Shape::Text,
        r#"The answer that says it did not, as JSON with {msg}; {"success":false,"code":"-1","msg":"{msg}"} if unset."#,
    ),
    default("failure_status", Shape::Integer(200, 599), "200", "The HTTP status of failures."),
];

#[derive(Deserialize)]
struct Receive {
    app_code: Secret,
    #[serde(default)]
    next_app_code: Option<Secret>,
    #[serde(default)]
    success: Option<String>,
    #[serde(default)]
    failure: Option<String>,
    #[serde(default)]
    failure_status: Option<u16>,
}

impl Receive {
    fn callback(self) -> Result<Callback, String> {
        let replies = self.replies()?;
        let codes = std::iter::once(self.app_code).chain(self.next_app_code);
        let codes = AppCodes::new(codes).map_err(|error| format!("receive: {error}"))?;
        Ok(Callback::new(codes).replies(replies))
    }

    fn replies(&self) -> Result<ReplyFormat, String> {
        let mut format = Map::new();
        for (key, text) in [("success", &self.success), ("failure", &self.failure)] {
            let Some(text) = text else { continue };
            let template: Value = serde_json::from_str(text)
                .map_err(|error| format!("receive.{key}: no JSON: {error}"))?;
            format.insert(key.to_owned(), template);
        }
        if let Some(status) = self.failure_status {
            format.insert("failure_status".to_owned(), status.into());
        }
        serde_json::from_value(Value::Object(format)).map_err(|error| format!("receive: {error}"))
    }
}

fn connect(mut settings: Settings) -> Result<Arc<dyn System>, String> {
    let receive: Option<Receive> = settings.take("receive")?;
    let config: ecology_oa::Config = settings.read()?;
    let mut builder = ecology_oa::ClientBuilder::new(config);
    if let Some(transport) = settings.transport {
        builder = builder.transport(transport);
    }
    let mut system = Ecology::new(builder.build().map_err(|error| error.to_string())?);
    if let Some(receive) = receive {
        system = system.callback(receive.callback()?);
    }
    Ok(Arc::new(system))
}

/// The OA of a company.
#[derive(Clone, Debug)]
pub struct Ecology {
    client: Client,
    callback: Option<Callback>,
}

impl Ecology {
    /// An OA that posts nothing to us.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client, callback: None }
    }

    /// Checks and answers what OA posts to us (数据外发).
    #[must_use]
    pub fn callback(mut self, callback: Callback) -> Self {
        self.callback = Some(callback);
        self
    }

    /// Whether OA can post anything to us.
    #[must_use]
    pub fn receives(&self) -> bool {
        self.callback.is_some()
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

    /// `/COMPANY/ecology/NAME`: gives what `read` makes of a push to a flow, and answers OA with
    /// what became of it. The OA administrator attaches the address to nodes of workflows.
    pub fn receiver(
        &self,
        company: &str,
        name: &str,
        flow: &str,
        read: impl Fn(&Push) -> Result<Document, CallbackError> + Clone + Send + Sync + 'static,
    ) -> Receiver {
        let callback = self.callback.clone();
        let open = move |path: &str, doors: crate::receive::Doors| {
            let callback = callback.clone().ok_or("the OA has no `receive` configured")?;
            let (inlet, read) = (doors.only()?, read.clone());
            let routes = router(path, callback, move |pushed: Push| {
                let (event, inlet) = (read(&pushed), inlet.clone());
                async move { push::work(&inlet, event?).await }
            });
            Ok(Entrance::Routes(routes))
        };
        let receiver = Receiver::new(format!("/{company}/{SYSTEM}/{name}"), open);
        receiver.door("", FlowId::new(company, flow))
    }

    /// Whether a user, by numeric id, may start the workflow; `None` is the client's own.
    pub async fn check_workflow(&self, workflow_id: i64, user: Option<&str>) -> Finding {
        let acting = user.map_or_else(|| self.client.clone(), |user| self.client.as_user(user));
        let list = acting.workflow().creatable().ids([workflow_id]);
        let found = list.workflows().try_collect().await;
        let outcome = match found {
            Ok(found) if found.iter().any(|one| one.info.workflow_id == Some(workflow_id)) => {
                Ok(())
            }
            Ok(_) => {
                Err("check `workflow_id`: there is no such workflow, or `user` may not start \
                          it"
                .to_owned())
            }
            Err(error) => Err(self.told(&error)),
        };
        Finding::new(format!("{SYSTEM} workflow {workflow_id}"), outcome)
    }

    fn told(&self, error: &ecology_oa::Error) -> String {
        let kind: ErrorKind = error.kind();
        told(kind, error, "`base_url`", "`appid`, `secret`, `spk` or `user`")
    }
}

#[async_trait]
impl System for Ecology {
    fn name(&self) -> &'static str {
        SYSTEM
    }

    async fn check(&self) -> Vec<Finding> {
        let outcome = self.client.ping().await.map(drop).map_err(|error| self.told(&error));
        vec![Finding::new(SYSTEM, outcome)]
    }
}
