//! Weaver eteams (泛微 eteams, E10): the open platform's tokens, departments and people.
//!
//! One port stands for `api.eteams.cn`; below `/papi/openapi` it is a private E10, below
//! `/openserver` an older installation that wants the header `callSysCode`. [`Eteams`] is the
//! handle: it knows the demo tenant's credentials and changes the organisation as an administrator
//! does.
//!
//! ```
//! use erplink_sandbox::Sandbox;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), erplink_sandbox::Error> {
//! let sandbox = Sandbox::start().await?;
//! let eteams = sandbox.eteams();
//! // A client would use eteams.url(), eteams.corp_id(), eteams.app_key() and eteams.app_secret().
//! assert_eq!(eteams.department("7035")?.name, "采购部");
//! eteams.rename_department("7035", "采购中心")?;
//! # Ok(())
//! # }
//! ```
//!
//! Much of the platform's documentation is not public text. Where it leaves a choice, [`Quirks`] are
//! the switches. Without a switch:
//!
//! * a code works once and for five minutes, a token for two hours; a refresh gives another refresh
//!   token and voids the one before;
//! * `/oauth2/*` and the older lists answer flat, `/api/hrm/restful/*` nested;
//! * an expired token is refused with `300001`, one that never was with `300002`, none at all with
//!   `200007`; the other codes (`9…`) are the sandbox's own, because no table of them is published;
//! * a member of a request that the sandbox does not know is refused with 501 and its name
//!   ([`Quirks::ignore_unknown_members`]), so that misspelt names are found.
//!
//! Not simulated, answered with 501: workflow, CRM, single sign-on, writing people.

mod api;
mod demo;
mod gateway;
mod management;
mod organization;
mod query;
mod quirks;
mod refusal;
mod reply;
mod tokens;
mod world;

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

pub use management::management;
pub use organization::{Department, Employee};
pub use quirks::{Charset, Envelope, Quirks};

use self::refusal::Refusal;
use self::world::World;
use crate::memory::Memory;
use crate::server::Server;
use crate::{Calls, Clock, Error, Faults};

/// Where the simulated eteams listens and how it behaves.
#[derive(Clone, Debug)]
pub struct Options {
    /// Port of the API; 0: any free one.
    pub port: u16,
    /// How long (on the simulated clock) a code works: 5 min. Not documented.
    pub code_life: Duration,
    /// How long (on the simulated clock) an access token lives: 2 h.
    pub token_life: Duration,
    /// Behaviour where the documentation leaves a choice.
    pub quirks: Quirks,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            port: 0,
            code_life: Duration::from_secs(300),
            token_life: Duration::from_secs(7200),
            quirks: Quirks::default(),
        }
    }
}

/// A running simulated eteams. Clones share it.
#[derive(Clone, Debug)]
pub struct Eteams {
    platform: Arc<Memory<World>>,
    server: Arc<Server>,
}

impl Eteams {
    /// Starts the server over the demo tenant.
    ///
    /// # Errors
    ///
    /// [`Error::Listen`] when the port is taken.
    pub async fn start(clock: Clock, options: Options) -> Result<Self, Error> {
        let port = options.port;
        let platform = Arc::new(Memory::new(demo::world(options), clock.clone()));
        let server = Server::start(port, clock, |_| api::router(Arc::clone(&platform))).await?;
        Ok(Self { platform, server: Arc::new(server) })
    }

    /// Base URL, in place of `https://api.eteams.cn`.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Base URL of the same tenant as a private E10 has it.
    #[must_use]
    pub fn e10_url(&self) -> String {
        format!("{}{}", self.url(), gateway::E10)
    }

    /// Base URL of the same tenant as an older private installation has it.
    #[must_use]
    pub fn openserver_url(&self) -> String {
        format!("{}{}", self.url(), gateway::OPENSERVER)
    }

    /// Value of the header `callSysCode` for [`Eteams::openserver_url`].
    #[must_use]
    pub fn call_sys_code(&self) -> &'static str {
        demo::CALL_SYS_CODE
    }

    /// corpid (企业标识) of the demo tenant.
    #[must_use]
    pub fn corp_id(&self) -> &'static str {
        demo::CORP_ID
    }

    /// `app_key` of the application.
    #[must_use]
    pub fn app_key(&self) -> &'static str {
        demo::APP_KEY
    }

    /// `app_secret` of the application.
    #[must_use]
    pub fn app_secret(&self) -> &'static str {
        demo::APP_SECRET
    }

    /// What a program needs to use it, for the ready line of the binary.
    #[must_use]
    pub fn connection(&self) -> Value {
        json!({
            "url": self.url(),
            "e10_url": self.e10_url(),
            "openserver_url": self.openserver_url(),
            "call_sys_code": self.call_sys_code(),
            "corp_id": self.corp_id(),
            "app_key": self.app_key(),
            "app_secret": self.app_secret(),
        })
    }

    /// All departments and subsidiaries, deleted ones included, in the order of their ids.
    #[must_use]
    pub fn departments(&self) -> Vec<Department> {
        self.platform.look(|world, _| world.organization.departments().cloned().collect())
    }

    /// A department or subsidiary.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is none with this id.
    pub fn department(&self, id: &str) -> Result<Department, Error> {
        self.platform.look(|world, _| {
            let found = world.organization.departments().find(|one| one.id == id);
            found.cloned().ok_or_else(|| no_department(id))
        })
    }

    /// Adds a department, or replaces the one with the same id.
    pub fn put_department(&self, department: Department) {
        self.platform.act(|world, _| world.organization.put_department(department));
    }

    /// Changes a department.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is none with this id.
    pub fn edit_department(
        &self,
        id: &str,
        edit: impl FnOnce(&mut Department),
    ) -> Result<(), Error> {
        self.platform.act(|world, _| {
            let department = world.organization.department_mut(id);
            department.map(edit).ok_or_else(|| no_department(id))
        })
    }

    /// Gives a department another name.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is none with this id.
    pub fn rename_department(&self, id: &str, name: &str) -> Result<(), Error> {
        self.edit_department(id, |department| name.clone_into(&mut department.name))
    }

    /// Adds a person, or replaces the one with the same id.
    pub fn put_employee(&self, employee: Employee) {
        self.platform.act(|world, _| world.organization.put_employee(employee));
    }

    /// Changes how the platform behaves.
    pub fn set_quirks(&self, quirks: Quirks) {
        self.platform.act(|world, _| world.options.quirks = quirks);
    }

    /// All access tokens end now; [`Quirks::expired_code`] is how they are refused.
    pub fn expire_tokens(&self) {
        self.platform.act(|world, now| world.tokens.expire(now));
    }

    /// All access and refresh tokens are forgotten: `300002`.
    pub fn forget_tokens(&self) {
        self.platform.act(|world, _| world.tokens.forget());
    }

    /// How many codes, tokens for a code, and refreshes were given out.
    #[must_use]
    pub fn grants(&self) -> Grants {
        self.platform.look(|world, _| world.tokens.grants())
    }

    /// The next call of a path, e.g. `/queryOrg` (the end of it), is refused with this code and
    /// message.
    pub fn refuse_next(&self, path: &str, code: &str, message: &str) {
        let arranged = (path.to_owned(), Refusal::new(code, message));
        self.platform.act(|world, _| world.arranged.push_back(arranged));
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

/// What was given out so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Grants {
    /// Codes.
    pub codes: u64,
    /// Tokens for a code.
    pub tokens: u64,
    /// Tokens for a refresh token.
    pub refreshes: u64,
}

fn no_department(id: &str) -> Error {
    Error::NotFound(format!("eteams has no department {id:?}"))
}
