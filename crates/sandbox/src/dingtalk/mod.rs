//! DingTalk (钉钉): the approval side of the open platform, both API generations, with the people.
//!
//! Two ports stand for the two hosts, `api.dingtalk.com` and `oapi.dingtalk.com`; the paths are the
//! platform's. [`DingTalk`] is the handle: it knows the demo organisation's credentials, plays the
//! people, sets callbacks up as an administrator does, and shows what was pushed.
//!
//! ```
//! use erplink_sandbox::Sandbox;
//! use serde_json::json;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), erplink_sandbox::Error> {
//! let sandbox = Sandbox::start().await?;
//! let dingtalk = sandbox.dingtalk();
//! // A client would use dingtalk.api_url(), dingtalk.client_id() and dingtalk.client_secret().
//! let form = json!({"来源单号": "1024", "物料明细": [{"物料编码": "A-001", "数量": 10}]});
//! let id = dingtalk.start_by_hand(&dingtalk.process_code("采购申请")?, "manager4974", &form)?;
//! dingtalk.approve_to_the_end(&id)?;
//! assert_eq!(dingtalk.instance(&id)?["result"], "agree");
//! # Ok(())
//! # }
//! ```
//!
//! Not simulated: the legacy approval calls, the premium edition. They answer 501.

mod api;
mod callback;
mod contacts;
mod create;
mod demo;
mod directory;
mod event;
mod files;
mod filter;
mod flow;
mod forecast;
mod form;
mod forms;
mod gateway;
mod ids;
mod instance;
mod instances;
mod legacy;
mod limits;
mod management;
mod options;
mod people;
mod platform;
mod push;
mod quirks;
mod refusal;
mod request;
mod stream;
mod tasks;
mod template;
mod tokens;
mod world;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

pub use callback::{Callback, OwnerKey, SignatureParameter};
pub use directory::{Department, ROOT_DEPARTMENT, ROOT_DEPARTMENT_IN_WORKFLOW, User};
pub use event::FieldStyle;
pub use limits::Limits;
pub use management::management;
pub use options::{BanPage, Options, PushFault};
pub use push::Push;
pub use quirks::{EmptyStyle, Quirks, TimeStyle};
pub use stream::{FrameFault, SocketFault, StreamOptions, StreamPush, StreamSubscription};
pub use template::{Approvers, Component, FlowNode, Mode, Template, TemplateStatus};

use self::callback::Through;
use self::platform::Platform;
use self::refusal::Refusal;
use self::world::World;
use crate::server::Server;
use crate::{Calls, Clock, Error, Faults};

/// A running simulated DingTalk. Clones share it.
#[derive(Clone, Debug)]
pub struct DingTalk {
    platform: Arc<Platform>,
    api: Arc<Server>,
    oapi: Arc<Server>,
}

impl DingTalk {
    /// Starts both servers over the demo organisation.
    ///
    /// # Errors
    ///
    /// [`Error::Listen`] when a port is taken.
    pub async fn start(clock: Clock, options: Options) -> Result<Self, Error> {
        let world = demo::world(&options, clock.now());
        let platform = Platform::start(world, clock.clone(), options.reply_deadline);
        let api = Server::start(options.api_port, clock.clone(), |address| {
            platform.act(|world, _| {
                world.files.base_url = format!("http://{address}");
                world.stream.endpoint = format!("ws://{address}{}", api::CONNECT_PATH);
            });
            api::router(Arc::clone(&platform))
        });
        let api = api.await?;
        let oapi =
            Server::start(options.oapi_port, clock, |_| legacy::router(Arc::clone(&platform)));
        let oapi = oapi.await?;
        Ok(Self { platform, api: Arc::new(api), oapi: Arc::new(oapi) })
    }

    /// Base URL of the new API, in place of `https://api.dingtalk.com`.
    #[must_use]
    pub fn api_url(&self) -> String {
        self.api.url()
    }

    /// Base URL of the old API, in place of `https://oapi.dingtalk.com`.
    #[must_use]
    pub fn oapi_url(&self) -> String {
        self.oapi.url()
    }

    /// Client ID (appKey) of the demo app.
    #[must_use]
    pub fn client_id(&self) -> String {
        self.platform.look(|world, _| world.app.client_id.clone())
    }

    /// Client Secret (appSecret) of the demo app.
    #[must_use]
    pub fn client_secret(&self) -> String {
        self.platform.look(|world, _| world.app.client_secret.clone())
    }

    /// AgentId of the demo app.
    #[must_use]
    pub fn agent_id(&self) -> i64 {
        self.platform.look(|world, _| world.app.agent_id)
    }

    /// corpId of the demo organisation.
    #[must_use]
    pub fn corp_id(&self) -> String {
        self.platform.look(|world, _| world.app.corp_id.clone())
    }

    /// processCode of a template by its name, e.g. `采购申请`.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such template; the text lists those there are.
    pub fn process_code(&self, name: &str) -> Result<String, Error> {
        self.platform.look(|world, _| match world.template_named(name) {
            Some(template) => Ok(template.process_code.clone()),
            None => {
                let names: Vec<_> = world.templates.values().map(|one| one.name.as_str()).collect();
                let names = names.join(", ");
                Err(Error::NotFound(format!("no template is named {name:?}; there are: {names}")))
            }
        })
    }

    /// What a program needs to use it, for the ready line of the binary.
    #[must_use]
    pub fn connection(&self) -> Value {
        self.platform.look(|world, _| {
            let codes =
                world.templates.values().map(|one| (one.name.clone(), json!(one.process_code)));
            json!({
                "api_url": self.api.url(),
                "oapi_url": self.oapi.url(),
                "corp_id": world.app.corp_id,
                "client_id": world.app.client_id,
                "client_secret": world.app.client_secret,
                "agent_id": world.app.agent_id,
                "process_codes": Value::Object(codes.collect()),
            })
        })
    }

    /// The state of an instance: its detail as the platform shows it (without
    /// [`Quirks::decision_lag`]), and who is asked now (`openTasks`).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such instance.
    pub fn instance(&self, id: &str) -> Result<Value, Error> {
        self.platform.look(|world, _| {
            let instance = world.instances.get(id);
            let instance = instance
                .ok_or_else(|| Error::NotFound(format!("DingTalk has no instance {id:?}")))?;
            let mut state = world.detail(instance, DateTime::<Utc>::MAX_UTC);
            if let Some(members) = state.as_object_mut() {
                let asked: Vec<_> = instance.open_tasks().map(|task| task.user.as_str()).collect();
                members.insert("openTasks".to_owned(), json!(asked));
                members.insert("processInstanceId".to_owned(), json!(instance.id));
                members.insert("processCode".to_owned(), json!(instance.process_code));
            }
            Ok(state)
        })
    }

    /// Ids of all instances, oldest first.
    #[must_use]
    pub fn instances(&self) -> Vec<String> {
        self.platform.look(|world, _| {
            let mut instances: Vec<_> = world.instances.values().collect();
            instances.sort_by_key(|one| (one.created, &one.business_id));
            instances.into_iter().map(|one| one.id.clone()).collect()
        })
    }

    /// Waits until there is an instance whose component with this label was filled in with exactly
    /// this value, e.g. the document of the ERP in 来源单号, and returns the id of the newest.
    pub async fn wait_for_instance(&self, label: &str, value: &str) -> String {
        let find = |world: &World, _| {
            let matching = world.instances.values().filter(|instance| {
                instance.components.iter().filter(|component| component.label == label).any(
                    |component| {
                        instance.filled(&component.id).is_some_and(|filled| filled.value == value)
                    },
                )
            });
            let newest = matching.max_by_key(|instance| (instance.created, &instance.business_id));
            newest.map(|instance| instance.id.clone())
        };
        self.platform.wait_for(find).await
    }

    /// Adds a user, or replaces the one with the same userId.
    pub fn put_user(&self, user: User) {
        self.platform.act(|world, _| world.directory.put_user(user));
    }

    /// Adds a department, or replaces the one with the same id.
    pub fn put_department(&self, department: Department) {
        self.platform.act(|world, _| world.directory.put_department(department));
    }

    /// Adds a template, or replaces the one with the same processCode.
    pub fn put_template(&self, template: Template) {
        self.platform.act(|world, _| {
            world.templates.insert(template.process_code.clone(), template);
        });
    }

    /// Changes a template.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no template with this processCode.
    pub fn edit_template(
        &self,
        process_code: &str,
        edit: impl FnOnce(&mut Template),
    ) -> Result<(), Error> {
        self.platform.act(|world, _| {
            let template = world.templates.get_mut(process_code);
            template.map(edit).ok_or_else(|| {
                Error::NotFound(format!("DingTalk has no template {process_code:?}"))
            })
        })
    }

    /// Changes how answers are spelt.
    pub fn set_quirks(&self, quirks: Quirks) {
        self.platform.act(|world, _| world.quirks = quirks);
    }

    /// Changes the call limits.
    pub fn set_limits(&self, limits: Limits) {
        self.platform.act(|world, _| world.limits = limits);
    }

    /// Takes a permission (scope) from the app, e.g. `Workflow.Instance.Write`.
    pub fn revoke_scope(&self, scope: &str) {
        self.platform.act(|world, _| world.app.scopes.retain(|one| *one != scope));
    }

    /// The platform forgets the access token before its time.
    pub fn invalidate_token(&self) {
        self.platform.act(|world, _| world.tokens.invalidate());
    }

    /// How often an access token was fetched, by whichever call.
    #[must_use]
    pub fn fetch_count(&self) -> u64 {
        self.platform.look(|world, _| world.tokens.fetched())
    }

    /// The IP limiter bans everybody for five minutes of the simulated clock.
    pub fn ban_ip(&self, page: BanPage) {
        self.platform.act(|world, now| world.ban_until_later(page, now));
    }

    /// The next call of a path of the new API, e.g. `/v1.0/workflow/processInstances`, that passes
    /// the gateway is refused with this HTTP status, code and message.
    pub fn refuse_next(&self, path: &str, status: u16, code: &str, message: &str) {
        let refusal = Refusal::with_status(status, code, message);
        self.platform.act(|world, _| world.arranged.push_back((path.to_owned(), refusal)));
    }

    /// An administrator saves a callback in the developer console. The platform first pushes
    /// `check_url` to it.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] when a value is malformed, the address does not answer, or its reply is
    /// not right; nothing is saved then.
    pub async fn configure_callback(&self, callback: Callback) -> Result<(), Error> {
        let saved = Box::pin(self.platform.save_callback(callback, Through::Console)).await;
        saved.map_err(|unsaved| Error::Refused {
            system: "DingTalk",
            code: unsaved.code.to_string(),
            message: unsaved.message,
        })
    }

    /// Where events are pushed; none when no callback is set up.
    #[must_use]
    pub fn callback_url(&self) -> Option<String> {
        self.platform.look(|world, _| Some(world.subscription.as_ref()?.callback.url.clone()))
    }

    /// An administrator removes the callback: nothing is pushed any more.
    pub fn remove_callback(&self) {
        self.platform.act(|world, _| world.subscription = None);
    }

    /// Something goes wrong with the next event that is pushed.
    pub fn arrange_push_fault(&self, fault: PushFault) {
        self.platform.act(|world, _| world.push_log.faults.push_back(fault));
    }

    /// All attempts to push an event so far, in their order.
    #[must_use]
    pub fn pushes(&self) -> Vec<Push> {
        self.platform.look(|world, _| world.push_log.pushes.clone())
    }

    /// Waits until no push is on its way. A retry that waits for a later time of the simulated
    /// clock does not count, nor does an event that waits for a Stream connection.
    pub async fn settled(&self) {
        let is_settled = |world: &World, now| {
            (world.push_log.is_settled(now) && world.stream.is_settled()).then_some(())
        };
        self.platform.wait_for(is_settled).await;
    }

    /// Misbehaviour of the new API's port.
    #[must_use]
    pub fn faults_api(&self) -> &Faults {
        self.api.faults()
    }

    /// Misbehaviour of the old API's port.
    #[must_use]
    pub fn faults_oapi(&self) -> &Faults {
        self.oapi.faults()
    }

    /// Requests the new API received.
    #[must_use]
    pub fn calls_api(&self) -> &Calls {
        self.api.calls()
    }

    /// Requests the old API received.
    #[must_use]
    pub fn calls_oapi(&self) -> &Calls {
        self.oapi.calls()
    }
}
