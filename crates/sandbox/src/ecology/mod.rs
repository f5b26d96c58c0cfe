//! 泛微 e-cology 9 (Ecology OA): token service, workflow service (流程), modelling engine (建模引擎),
//! HR service, documents, with the people who approve and the calls that nodes make outward.
//!
//! One port stands for the customer's server; the paths are the platform's. [`Ecology`] is the
//! handle: it knows the demo organisation's credentials, plays the people, attaches outward calls
//! (数据外发) to nodes as an administrator does, and shows what was received and pushed.
//!
//! ```
//! use erplink_sandbox::Sandbox;
//! use serde_json::json;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), erplink_sandbox::Error> {
//! let sandbox = Sandbox::start().await?;
//! let ecology = sandbox.ecology();
//! // A client would use ecology.url(), appid(), secret() and spk().
//! let (buyer, head) = (ecology.user_id("zhangsan")?, ecology.user_id("lisi")?);
//! let form = json!({"docentry": "16", "detail1": [{"itemcode": "RM-001", "qty": "55"}]});
//! let id = ecology.start_by_hand(ecology.workflow_id("采购申请")?, &buyer, &form)?;
//! ecology.approve(id, &head, "同意").await?;
//! assert_eq!(ecology.request(id)?["result"], "approved");
//! # Ok(())
//! # }
//! ```
//!
//! # What the sandbox chose
//!
//! The platform documents little. Where patches are known to differ, or the platform says nothing,
//! [`Quirks`] has a switch, and the default is the documented form. These choices have none:
//!
//! * An unknown request id is `PARAM_ERROR` with the key `errorParam_requestid`, like one below 1.
//! * A withdrawal (收回) writes no log entry: the list of log types has none for it.
//! * Handled lists (已办) hold what the user has dealt with, archived or not; in-process lists (在办)
//!   the part that is not archived, finished lists (办结) the part that is.
//! * Lists and logs are newest first.
//! * A number or date that its column cannot hold makes the flow fail with `SAVE_MAIN_TABLE_FAIL` or
//!   `SAVE_DETAIL_TABLE_FAIL`; a node's outward call that is not accepted with `NODE_ACTION_FAIL`.
//! * A cube write answers each record in its place: `{"billid":12,"status":"1"}`, or
//!   `{"billid":"","status":"0","info":"…"}`; the whole is `"1"` as soon as one record was written.
//! * A forced archive and a withdrawal run no node action. Node-before actions (节点前附加操作) do not
//!   exist; [`Ecology::answer_next`] plays their refusals.
//! * Who may look: everybody who had to do with the request, and the administrator. Who may delete:
//!   the creator at the create node; who may force the archive: an operator; who may force the return:
//!   the creator; the administrator with `ismonitor` may all of it.
//! * A missing `token`, `appid` or `userid` is `登录信息超时` (002), a `userid` that is no id of somebody
//!   who may log in is `该账号存在异常`. A `time` that is no number of seconds above 0 counts as none.
//! * Reminders, files attached to opinions, and `isMergeShow`, `isNeedOs` are taken and have no effect:
//!   there is one system, and a person has one account in a list.
//!
//! Not simulated: branches in a flow (it is a line of nodes), the writing half of the HR service, the
//! message service, SOAP, attachments by other schemes than `http`. They answer 501.

mod actions;
mod api;
mod call;
mod callback;
mod create;
mod cube;
mod demo;
mod directory;
mod documents;
mod envelope;
mod flow;
mod form;
mod gate;
mod hr;
mod ids;
mod incoming;
mod keys;
mod lists;
mod management;
mod md5;
mod options;
mod people;
mod platform;
mod press;
mod push;
mod queries;
mod quirks;
mod reply;
mod request;
mod time;
mod tokens;
mod workflow;
mod world;

use std::sync::Arc;

use http::{HeaderName, HeaderValue};
use serde_json::{Value, json};
use url::Url;

pub use callback::{Accepted, Callback, Encoding, PushAt, PushBody};
pub use cube::ModeTable;
pub use directory::{Department, JobTitle, Subcompany, User, UserStatus};
pub use incoming::Received;
pub use management::management;
pub use options::{GateFault, Options, PushFault};
pub use push::Push;
pub use quirks::{CodeStyle, CubeRows, ListStyle, LoginWall, Quirks, SecretName};
pub use workflow::{Field, FieldKind, Node, NodeKind, Operators, RejectExit, Sign, Workflow};

use self::platform::Platform;
use crate::server::Server;
use crate::{Calls, Clock, Error, Faults};

/// A running simulated Ecology. Clones share it.
#[derive(Clone, Debug)]
pub struct Ecology {
    platform: Arc<Platform>,
    server: Arc<Server>,
}

impl Ecology {
    /// Starts the server over the demo organisation.
    ///
    /// # Errors
    ///
    /// [`Error::Listen`] when the port is taken, [`Error::Store`] when a key cannot be made.
    pub async fn start(clock: Clock, options: Options) -> Result<Self, Error> {
        let world = demo::world(&options)?;
        let platform = Platform::new(world, clock.clone(), options.reply_deadline);
        let router = api::router(Arc::clone(&platform));
        let server = Server::start(options.port, clock, |_| router).await?;
        Ok(Self { platform, server: Arc::new(server) })
    }

    /// Base URL of the server.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// appid of the demo application.
    #[must_use]
    pub fn appid(&self) -> String {
        demo::APPID.to_owned()
    }

    /// Secret of the demo application, as `regist` would give it out; it rotates with
    /// [`Quirks::rotate_on_regist`].
    #[must_use]
    pub fn secret(&self) -> String {
        self.of_app(|app| app.secret.clone())
    }

    /// The server's public key for the demo application (`spk`), as `regist` would give it out.
    #[must_use]
    pub fn spk(&self) -> String {
        self.of_app(|app| app.keys.spk.clone())
    }

    fn of_app(&self, look: impl FnOnce(&tokens::App) -> String) -> String {
        self.platform.look(|world, _| world.apps.get(demo::APPID).map(look).unwrap_or_default())
    }

    /// `systemid` of the modelling engine's authorisation entry.
    #[must_use]
    pub fn cube_systemid(&self) -> String {
        self.platform.look(|world, _| world.cube_account.systemid.clone())
    }

    /// Password of the modelling engine's authorisation entry.
    #[must_use]
    pub fn cube_password(&self) -> String {
        self.platform.look(|world, _| world.cube_account.password.clone())
    }

    /// What callers of the HR service without a token make their `key` of.
    #[must_use]
    pub fn hr_identifier(&self) -> String {
        self.platform.look(|world, _| world.hr_identifier.clone())
    }

    /// Id of a workflow by its name, e.g. `采购申请`.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such workflow; the text lists those there are.
    pub fn workflow_id(&self, name: &str) -> Result<i64, Error> {
        self.platform.look(|world, _| match world.workflow_named(name) {
            Some(workflow) => Ok(workflow.id),
            None => {
                let names: Vec<_> = world.workflows.values().map(|one| one.name.as_str()).collect();
                let names = names.join(", ");
                Err(Error::NotFound(format!("no workflow is named {name:?}; there are: {names}")))
            }
        })
    }

    /// Id of a user by login name, e.g. `zhangsan`.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such user.
    pub fn user_id(&self, loginid: &str) -> Result<String, Error> {
        self.platform.look(|world, _| {
            let user = world.directory.users.values().find(|user| user.loginid == loginid);
            let user = user.map(|user| user.id.clone());
            user.ok_or_else(|| Error::NotFound(format!("Ecology has no user {loginid:?}")))
        })
    }

    /// What a program needs to use it, for the ready line of the binary.
    #[must_use]
    pub fn connection(&self) -> Value {
        let (url, secret, spk) = (self.url(), self.secret(), self.spk());
        self.platform.look(|world, _| {
            let workflows = world.workflows.values().map(|one| (one.name.clone(), json!(one.id)));
            let users = world.directory.users.values();
            let users = users.map(|one| (one.loginid.clone(), json!(one.id)));
            json!({
                "url": url,
                "appid": demo::APPID,
                "secret": secret,
                "spk": spk,
                "cube": {
                    "systemid": world.cube_account.systemid,
                    "password": world.cube_account.password,
                },
                "hr_identifier": world.hr_identifier,
                "workflows": Value::Object(workflows.collect()),
                "users": Value::Object(users.collect()),
            })
        })
    }

    /// Adds a user, or replaces the one with the same id.
    pub fn put_user(&self, user: User) {
        self.platform.act(|world, _| world.directory.users.insert(user.id.clone(), user));
    }

    /// Adds a department, or replaces the one with the same id.
    pub fn put_department(&self, department: Department) {
        self.platform
            .act(|world, _| world.directory.departments.insert(department.id.clone(), department));
    }

    /// Adds a workflow, or replaces the one with the same id.
    pub fn put_workflow(&self, workflow: Workflow) {
        self.platform.act(|world, _| world.workflows.insert(workflow.id, workflow));
    }

    /// Changes a workflow. Requests that run already follow the new design.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no workflow with this id.
    pub fn edit_workflow(&self, id: i64, edit: impl FnOnce(&mut Workflow)) -> Result<(), Error> {
        self.platform.act(|world, _| {
            let workflow = world.workflows.get_mut(&id).map(edit);
            workflow.ok_or_else(|| Error::NotFound(format!("Ecology has no workflow {id}")))
        })
    }

    /// Adds a modelled table, with the interfaces `save…`, `list…`, `count…` and `delete…` that the
    /// name completes: `put_cube_table("Warehouses", …)` serves `saveWarehouses`.
    pub fn put_cube_table(&self, name: &str, table: ModeTable) {
        self.platform.act(|world, _| {
            world.cube_methods.extend(demo::interfaces(name, name));
            world.mode_tables.insert(name.to_owned(), table)
        });
    }

    /// The rows of a modelled table, e.g. `uf_item`, in the order of their ids.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such table.
    pub fn cube_rows(&self, table: &str) -> Result<Vec<Value>, Error> {
        let rows = self.platform.look(|world, _| world.mode_rows(table));
        rows.ok_or_else(|| Error::NotFound(format!("Ecology has no modelled table {table:?}")))
    }

    /// Changes how the patch behaves and spells its answers.
    pub fn set_quirks(&self, quirks: Quirks) {
        self.platform.act(|world, _| world.quirks = quirks);
    }

    /// The server forgets all tokens before their time, as after a restart.
    pub fn invalidate_tokens(&self) {
        self.platform.act(|world, _| world.tokens.forget_all());
    }

    /// How often a token was given out.
    #[must_use]
    pub fn token_count(&self) -> u64 {
        self.platform.look(|world, _| world.tokens.applied())
    }

    /// The filter refuses the next business call that needs a session, one for each time this is
    /// called.
    pub fn arrange_gate_fault(&self, fault: GateFault) {
        self.platform.act(|world, _| world.gate_faults.push_back(fault));
    }

    /// The next call of a path that passes the filter is not processed and answered with this JSON,
    /// e.g. `{"code":"SYSTEM_INNER_ERROR"}`.
    pub fn answer_next(&self, path: &str, body: Value) {
        self.platform.act(|world, _| world.arranged.push_back((path.to_owned(), body)));
    }

    /// An administrator attaches an outward call (数据外发) to the nodes of workflows. A node that
    /// has several makes them in their order, and the first that is not accepted blocks it.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] when the address is not an `http` URL, or the header or the AppCode cannot
    /// be sent.
    pub fn add_callback(&self, callback: Callback) -> Result<(), Error> {
        let refused = |message: String| Error::Refused {
            system: "Ecology",
            code: "callback".to_owned(),
            message,
        };
        let url = Url::parse(&callback.url).ok().filter(|url| url.scheme() == "http");
        if url.is_none() {
            return Err(refused(format!("`url` is {:?}, not an http address", callback.url)));
        }
        if callback.header.parse::<HeaderName>().is_err() {
            return Err(refused(format!("`header` is {:?}, not a header name", callback.header)));
        }
        if HeaderValue::from_str(callback.app_code.expose()).is_err() {
            return Err(refused("`app_code` has characters that no header can carry".to_owned()));
        }
        self.platform.act(|world, _| world.callbacks.push(callback));
        Ok(())
    }

    /// An administrator removes all outward calls.
    pub fn remove_callbacks(&self) {
        self.platform.act(|world, _| world.callbacks.clear());
    }

    /// Where outward calls go.
    #[must_use]
    pub fn callback_urls(&self) -> Vec<String> {
        self.platform.look(|world, _| world.callbacks.iter().map(|one| one.url.clone()).collect())
    }

    /// Something goes wrong with the next outward call.
    pub fn arrange_push_fault(&self, fault: PushFault) {
        self.platform.act(|world, _| world.push_faults.push_back(fault));
    }

    /// All outward calls so far, in their order.
    #[must_use]
    pub fn pushes(&self) -> Vec<Push> {
        self.platform.look(|world, _| world.pushes.clone())
    }

    /// Waits until no press is under way: none waits for the reply to an outward call.
    pub async fn settled(&self) {
        self.platform.wait_for(|world, _| (world.presses == 0).then_some(())).await;
    }

    /// What the server received, headers and bodies included: the newest 1000 requests.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.platform.look(|world, _| world.received.iter().cloned().collect())
    }

    /// Misbehaviour of the port.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        self.server.faults()
    }

    /// Requests the server received.
    #[must_use]
    pub fn calls(&self) -> &Calls {
        self.server.calls()
    }
}
