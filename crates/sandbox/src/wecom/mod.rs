//! WeCom (企业微信): the approval side of the server API, with the people.
//!
//! One port stands for `qyapi.weixin.qq.com`; the paths are the platform's. [`WeCom`] is the handle:
//! it knows the demo corp's credentials, plays the people, sets callbacks up as an administrator
//! does, and shows what was pushed.
//!
//! ```
//! use erplink_sandbox::Sandbox;
//! use serde_json::json;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), erplink_sandbox::Error> {
//! let sandbox = Sandbox::start().await?;
//! let wecom = sandbox.wecom();
//! // A client would use wecom.url(), wecom.corp_id() and wecom.secret().
//! let template = wecom.template_id("采购申请草稿审批")?;
//! let values = json!({"草稿单号": "16", "物料明细": [{"物料编码": "RM-001", "数量": 55}]});
//! let sp_no = wecom.submit(&template, "zhangsan", &values)?;
//! wecom.approve(&sp_no, "lisi", "同意")?;
//! assert_eq!(wecom.form(&sp_no)?["sp_status"], 2);
//! # Ok(())
//! # }
//! ```
//!
//! Where the documentation leaves a choice, [`Quirks`], [`Redelivery`] and [`Limits`] are the
//! switches. Without a switch: form numbers carry the day in UTC+8 and a serial; numbers are listed
//! oldest first, both ends of the window included; a summary line may not be empty; in an option
//! rule (`op_relations`) a control shows only when its option is picked; a `Formula` adds up the
//! controls named in [`Control::adds_up`]; changing a template that the app did not create is
//! refused with 301088; a form sent back asks everybody again from there on.
//!
//! Not simulated, answered with 501: vacation quotas, the flow engine (审批流程引擎), the retired bulk
//! read, templates of providers, asynchronous uploads, messages other than approval events, and the
//! JSON form of callbacks.

mod api;
mod app;
mod apply;
mod callback;
mod contacts;
mod control;
mod demo;
mod detail;
mod directory;
mod enums;
mod event;
mod flow;
mod form;
mod gateway;
mod ids;
mod letter;
mod limits;
mod list;
mod management;
mod media;
mod options;
mod people;
mod platform;
mod push;
mod quirks;
mod refusal;
mod request;
mod template;
mod templates;
mod tokens;
mod world;

use std::sync::Arc;

use http::StatusCode;
use http_body_util::Full;
use serde_json::{Value, json};

pub use callback::Callback;
pub use directory::{Department, ROOT_DEPARTMENT, User};
pub use enums::{NodeKind, Relation};
pub use flow::{Opinion, Side};
pub use limits::Limits;
pub use management::management;
pub use options::{Options, PushFault, Redelivery};
pub use push::Push;
pub use quirks::{FlowViews, Quirks, TokenPolicy};
pub use template::{Control, FlowNode, Label, Template};

use self::app::{App, AppKind};
use self::people::{no_form, refused};
use self::platform::Platform;
use self::refusal::Refusal;
use self::world::{Arranged, World};
use crate::caller::Reply;
use crate::server::Server;
use crate::{Calls, Clock, Error, Faults};

/// A running simulated WeCom. Clones share it.
#[derive(Clone, Debug)]
pub struct WeCom {
    platform: Arc<Platform>,
    server: Arc<Server>,
}

impl WeCom {
    /// Starts the server over the demo corp.
    ///
    /// # Errors
    ///
    /// [`Error::Listen`] when the port is taken.
    pub async fn start(clock: Clock, options: Options) -> Result<Self, Error> {
        let port = options.port;
        let platform = Platform::start(demo::world(&options), clock.clone(), options);
        let server = Server::start(port, clock, |_| api::router(Arc::clone(&platform))).await?;
        Ok(Self { platform, server: Arc::new(server) })
    }

    /// Base URL, in place of `https://qyapi.weixin.qq.com`.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// corpid of the demo corp.
    #[must_use]
    pub fn corp_id(&self) -> String {
        self.platform.look(|world, _| world.corp_id.clone())
    }

    /// agentid of the self-built app that integrates the ERP. The methods that say "the app" mean it.
    #[must_use]
    pub fn agent_id(&self) -> i64 {
        demo::AGENT
    }

    /// Secret of the app.
    #[must_use]
    pub fn secret(&self) -> String {
        self.secret_of(demo::AGENT)
    }

    /// Secret of the built-in approval app, which works for corps of old only
    /// ([`Quirks::legacy_corp`]).
    #[must_use]
    pub fn approval_secret(&self) -> String {
        self.secret_of(event::APPROVAL_AGENT)
    }

    /// Secret for keeping contacts in step (通讯录同步), the only one that opens `user/list_id`.
    #[must_use]
    pub fn contacts_secret(&self) -> String {
        self.secret_of(demo::CONTACTS_SYNC)
    }

    fn secret_of(&self, agent: i64) -> String {
        self.platform
            .look(|world, _| world.app(agent).map(|app| app.secret.clone()).unwrap_or_default())
    }

    /// template_id of a template by its name, e.g. `采购申请草稿审批`.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such template; the text lists those there are.
    pub fn template_id(&self, name: &str) -> Result<String, Error> {
        self.platform.look(|world, _| match world.template_named(name) {
            Some(template) => Ok(template.template_id.clone()),
            None => {
                let names: Vec<_> = world.templates.values().map(Template::name).collect();
                let names = names.join(", ");
                Err(Error::NotFound(format!("no template is named {name:?}; there are: {names}")))
            }
        })
    }

    /// What a program needs to use it, for the ready line of the binary.
    #[must_use]
    pub fn connection(&self) -> Value {
        let templates = self.platform.look(|world, _| {
            let ids = world.templates.values();
            ids.map(|one| (one.name().to_owned(), json!(one.template_id))).collect()
        });
        json!({
            "url": self.url(),
            "corp_id": self.corp_id(),
            "agent_id": self.agent_id(),
            "secret": self.secret(),
            "approval_secret": self.approval_secret(),
            "contacts_secret": self.contacts_secret(),
            "template_ids": Value::Object(templates),
        })
    }

    /// The state of a form: its detail as `getapprovaldetail` shows it (without
    /// [`Quirks::decision_lag`]), and who is asked now (`asked`).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such form.
    pub fn form(&self, sp_no: &str) -> Result<Value, Error> {
        self.platform.look(|world, _| {
            let form = world.form(sp_no).ok_or_else(|| no_form(sp_no))?;
            let mut info = detail::info(form, &form.state, &world.quirks);
            if let Some(members) = info.as_object_mut() {
                members.insert("asked".to_owned(), json!(form.state.asked()));
            }
            Ok(info)
        })
    }

    /// Numbers of all forms, oldest first.
    #[must_use]
    pub fn forms(&self) -> Vec<String> {
        self.platform.look(|world, _| world.forms.iter().map(|form| form.sp_no.clone()).collect())
    }

    /// Waits until there is a form whose control with this title was filled in with exactly this
    /// value, e.g. the draft of the ERP in 草稿单号, and returns the number of the newest.
    pub async fn wait_for_form(&self, title: &str, value: &str) -> String {
        let find = |world: &World, _| {
            let is_it =
                |form: &&form::Form| form.filled(title).and_then(form::Filled::text) == Some(value);
            world.forms.iter().rev().find(is_it).map(|form| form.sp_no.clone())
        };
        self.platform.wait_for(find).await
    }

    /// Adds a member, or replaces the one with the same userid.
    pub fn put_user(&self, user: User) {
        self.platform.act(|world, _| world.directory.put_user(user));
    }

    /// Adds a department, or replaces the one with the same id.
    pub fn put_department(&self, department: Department) {
        self.platform.act(|world, _| world.directory.put_department(department));
    }

    /// Adds a template, or replaces the one with the same template_id.
    pub fn put_template(&self, template: Template) {
        self.platform.act(|world, _| {
            world.templates.insert(template.template_id.clone(), template);
        });
    }

    /// Changes a template.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no template with this id.
    pub fn edit_template(
        &self,
        template_id: &str,
        edit: impl FnOnce(&mut Template),
    ) -> Result<(), Error> {
        self.platform.act(|world, _| {
            let template = world.templates.get_mut(template_id);
            template
                .map(edit)
                .ok_or_else(|| Error::NotFound(format!("WeCom has no template {template_id:?}")))
        })
    }

    /// Changes how the platform behaves.
    pub fn set_quirks(&self, quirks: Quirks) {
        self.platform.act(|world, _| world.quirks = quirks);
    }

    /// Changes the call limits.
    pub fn set_limits(&self, limits: Limits) {
        self.platform.act(|world, _| world.limits = limits);
    }

    /// The app's tokens are void before their time: 40014.
    pub fn invalidate_token(&self) {
        self.platform.act(|world, _| world.tokens.invalidate(demo::AGENT));
    }

    /// The app's tokens end now: 42001.
    pub fn expire_token(&self) {
        self.platform.act(|world, now| world.tokens.expire(demo::AGENT, now));
    }

    /// How often an access token was fetched, for any app.
    #[must_use]
    pub fn fetch_count(&self) -> u64 {
        self.platform.look(|world, _| world.tokens.fetched())
    }

    /// An administrator saves the trusted addresses (企业可信IP) of the app: requests from others get
    /// 60020. Effective after [`Options::trust_delay`]; at first every address is trusted.
    pub fn set_trusted_ips(&self, addresses: &[impl AsRef<str>]) {
        self.trust(Some(texts(addresses)));
    }

    /// An administrator turns the check of addresses off, effective after [`Options::trust_delay`].
    pub fn trust_all_ips(&self) {
        self.trust(None);
    }

    fn trust(&self, addresses: Option<Vec<String>>) {
        let delay = self.platform.options.trust_delay;
        self.platform.act(|world, now| {
            if let Some(app) = world.app_mut(demo::AGENT) {
                app.trusted.save(addresses, now + delay, now);
            }
        });
    }

    /// The address the platform sees requests come from; at first `127.0.0.1`.
    pub fn set_client_ip(&self, address: &str) {
        self.platform.act(|world, _| address.clone_into(&mut world.client_ip));
    }

    /// An administrator sets the visible range (可见范围) of the app; at first it is everybody.
    pub fn set_visible_users(&self, userids: &[impl AsRef<str>]) {
        let visible = texts(userids).into_iter().map(|userid| userid.to_lowercase()).collect();
        self.change_app(|app| app.visible = Some(visible));
    }

    /// An administrator makes everybody visible to the app.
    pub fn show_all_users(&self) {
        self.change_app(|app| app.visible = None);
    }

    /// An administrator lists the app among those that may call the approval API (可调用接口的应用), or
    /// takes it off the list: 301055, and no events.
    pub fn set_callable(&self, callable: bool) {
        self.change_app(|app| app.callable = callable);
    }

    /// An administrator turns the app on or off: 50003 while it is off.
    pub fn set_enabled(&self, enabled: bool) {
        self.change_app(|app| app.enabled = enabled);
    }

    fn change_app(&self, change: impl FnOnce(&mut App)) {
        self.platform.act(|world, _| world.app_mut(demo::AGENT).map(change));
    }

    /// Adds another self-built app that may call the approval API, or replaces the one with this
    /// agentid.
    pub fn put_app(&self, agent_id: i64, secret: &str) {
        self.platform.act(|world, _| {
            world.apps.retain(|app| app.agent_id != agent_id);
            world.apps.push(App::new(agent_id, secret, AppKind::SelfBuilt));
        });
    }

    /// The next call of a path, e.g. `/cgi-bin/oa/applyevent`, that passes the gateway is refused
    /// with this code and message, and not carried out.
    pub fn refuse_next(&self, path: &str, code: i64, message: &str) {
        self.arrange(path, code, message, false);
    }

    /// The next successful call of a path is carried out and answered with this code and message
    /// all the same, as happens with −1 and 301057.
    pub fn refuse_next_after_commit(&self, path: &str, code: i64, message: &str) {
        self.arrange(path, code, message, true);
    }

    fn arrange(&self, path: &str, code: i64, message: &str, after_commit: bool) {
        let refusal = Refusal::new(code, message);
        let arranged = Arranged { path: path.to_owned(), refusal, after_commit };
        self.platform.act(|world, _| world.arranged.push_back(arranged));
    }

    /// An administrator saves the callback of the app. The platform first checks the address (GET
    /// with `echostr`).
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] (40057) when a value is malformed, the address does not answer in time, or
    /// its reply is not exactly the decrypted text; nothing is saved then.
    pub async fn configure_callback(&self, callback: Callback) -> Result<(), Error> {
        Box::pin(self.configure_callback_of(demo::AGENT, callback)).await
    }

    /// As [`WeCom::configure_callback`], for another app ([`WeCom::put_app`]).
    ///
    /// # Errors
    ///
    /// Also [`Error::Refused`] (40056) when there is no such app.
    pub async fn configure_callback_of(
        &self,
        agent_id: i64,
        callback: Callback,
    ) -> Result<(), Error> {
        Box::pin(self.platform.save_callback(agent_id, callback)).await.map_err(refused)
    }

    /// An administrator enters a trusted domain (可信域名), given as `https://erp.example.com`, and puts
    /// the file that the platform gave out at its root. The platform fetches it.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] (40057) when the file is not there in time, or is another one.
    pub async fn verify_domain(&self, origin: &str, file: &str, text: &str) -> Result<(), Error> {
        let request = http::Request::get(format!("{origin}/{file}")).body(Full::default());
        let fetched = self.platform.http.send(request, self.platform.options.check_deadline).await;
        let why = match fetched {
            Ok(Reply { status: StatusCode::OK, body }) if body == text.as_bytes() => return Ok(()),
            Ok(Reply { status: StatusCode::OK, .. }) => "the file has another text".to_owned(),
            Ok(Reply { status, .. }) => format!("the address of the file answers {status}"),
            Err(why) => why.to_string(),
        };
        Err(refused(Refusal::new(40057, format!("the domain is not verified: {why}"))))
    }

    /// Where events of the app are pushed; none when no callback is set up.
    #[must_use]
    pub fn callback_url(&self) -> Option<String> {
        self.platform.look(|world, _| {
            let subscription = world.app(demo::AGENT)?.subscription.as_ref()?;
            Some(subscription.url.to_string())
        })
    }

    /// An administrator removes the callback of the app: nothing is pushed to it any more.
    pub fn remove_callback(&self) {
        self.change_app(|app| app.subscription = None);
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

    /// Waits until no push is on its way. One that waits for a later time of the simulated clock
    /// does not count.
    pub async fn settled(&self) {
        self.platform.wait_for(|world, now| world.push_log.is_settled(now).then_some(())).await;
    }

    /// Misbehaviour of the port.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        self.server.faults()
    }

    /// Requests received.
    #[must_use]
    pub fn calls(&self) -> &Calls {
        self.server.calls()
    }
}

fn texts(list: &[impl AsRef<str>]) -> Vec<String> {
    list.iter().map(|text| text.as_ref().to_owned()).collect()
}
