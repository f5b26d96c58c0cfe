//! SAP Business One Service Layer (`b1s/v1` and `b1s/v2`).

mod company;
pub(crate) mod database;
mod filter;
mod http;
pub(crate) mod json;
mod key;
mod literal;
mod management;
mod options;
mod present;
mod query;
mod refusal;
mod schema;
mod session;
mod sql;
mod store;

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use self::company::{Actor, COMPANY, Company, Dialect, MANAGER, PASSWORD, Posted, Purpose};
use self::http::{Instance, Shared};
use self::json::{Json, Object};
use self::key::Key;
use self::present::Printer;
use self::refusal::Refusal;
use self::sql::{Door, Parameters};
use crate::server::Server;
use crate::{Calls, Clock, Error, Faults};

pub use management::management;
pub use options::{ApprovalAnswer, DateStyle, EmptyAnswer, NextLink, Options};

/// The user in whose name [`ServiceLayer::submit_draft`] posts: 张三 of the demo company.
const ORIGINATOR: Actor = Actor(2);

/// A running simulated Service Layer. Clones share it.
#[derive(Clone, Debug)]
pub struct ServiceLayer {
    server: Arc<Server>,
    shared: Shared,
}

/// A draft that awaits approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct DraftAndRequest {
    /// `Drafts.DocEntry`, or `StockTransferDrafts.DocEntry` for transfers.
    pub doc_entry: i64,
    /// `ApprovalRequests.Code`.
    pub request_code: i64,
}

impl ServiceLayer {
    /// Starts the server over a fresh demo company.
    ///
    /// # Errors
    ///
    /// [`Error::Listen`] when the port is taken, [`Error::Store`] when the database cannot be set
    /// up.
    pub async fn start(clock: Clock, options: Options) -> Result<Self, Error> {
        let port = options.port;
        let company = Company::demo(options, clock.clone())
            .map_err(|refusal| Error::Store(refusal.message))?;
        let shared = Shared::new(company, clock.clone());
        let router = http::router(shared.clone());
        let server = Server::start(port, clock, |_| router).await?;
        Ok(Self { server: Arc::new(server), shared })
    }

    /// The root of the Service Layer with the tenant prefix and without `/b1s`:
    /// `http://127.0.0.1:50000/6160`.
    #[must_use]
    pub fn root_url(&self) -> String {
        match self.shared.lock().company.options.tenant_prefix.as_str() {
            "" => self.server.url(),
            prefix => format!("{}/{prefix}", self.server.url()),
        }
    }

    /// The company database to log in to.
    #[must_use]
    pub fn company_db(&self) -> &'static str {
        COMPANY
    }

    /// A user who may log in, and who is an approver.
    #[must_use]
    pub fn user(&self) -> &'static str {
        MANAGER
    }

    /// That user's password.
    #[must_use]
    pub fn password(&self) -> &'static str {
        PASSWORD
    }

    /// What a program needs to use it, for the ready line of the binary.
    #[must_use]
    pub fn connection(&self) -> Value {
        serde_json::json!({
            "root_url": self.root_url(),
            "company_db": self.company_db(),
            "user": self.user(),
            "password": self.password(),
        })
    }

    /// The misbehaviour waiting for requests.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        self.server.faults()
    }

    /// The requests so far.
    #[must_use]
    pub fn calls(&self) -> &Calls {
        self.server.calls()
    }

    /// How many logins succeeded.
    #[must_use]
    pub fn login_count(&self) -> usize {
        self.shared.lock().sessions.logins
    }

    /// The ids of the open sessions, expired ones included that nobody used since.
    #[must_use]
    pub fn session_ids(&self) -> Vec<String> {
        self.shared.lock().sessions.ids()
    }

    /// Ends all sessions: the next request of each is answered with 401 and code 301.
    pub fn expire_sessions(&self) {
        self.shared.lock().sessions.close_all();
    }

    /// Ends one session. `false`: there is none with this id.
    pub fn kill_session(&self, id: &str) -> bool {
        self.shared.lock().sessions.close(id)
    }

    /// The balancer moves to another node: clients get a new `ROUTEID`, sessions live on.
    pub fn fail_over(&self) {
        let mut instance = self.shared.lock();
        instance.sessions.failovers = instance.sessions.failovers.saturating_add(1);
    }

    /// Restarts the service: sessions end, and user-defined fields registered under
    /// [`Options::new_fields_need_restart`] become visible.
    ///
    /// # Errors
    ///
    /// When a registered field, table or object does not fit the others.
    pub fn restart(&self) -> Result<(), Error> {
        let mut instance = self.shared.lock();
        instance.sessions.close_all();
        Ok(instance.company.restart()?)
    }

    /// How the server behaves at present.
    #[must_use]
    pub fn options(&self) -> Options {
        self.shared.lock().company.options.clone()
    }

    /// Changes how the server behaves from now on; the port stays.
    pub fn configure(&self, change: impl FnOnce(&mut Options)) {
        change(&mut self.shared.lock().company.options);
    }

    /// An entity, as `b1s/v1` prints it without annotations.
    ///
    /// `key` is what stands between the parentheses in a URL; a single text key may stand without
    /// quotes: `get("Drafts", "16")`, `get("Items", "A001")`,
    /// `get("SpecialPrices", "CardCode='C001',ItemCode='A001'")`.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is none, [`Error::Refused`] for an unknown set or an
    /// unreadable key.
    pub fn get(&self, set: &str, key: &str) -> Result<Value, Error> {
        let instance = self.shared.lock();
        let company = &instance.company;
        let found = company.set(set)?;
        let key = Key::for_people(key, &found, &company.structure(&found))?;
        Ok(print(company, set, &key)?)
    }

    /// All entities of a set, oldest first.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] for an unknown set.
    pub fn list(&self, set: &str) -> Result<Vec<Value>, Error> {
        let instance = self.shared.lock();
        let company = &instance.company;
        let found = company.set(set)?;
        let printer = Printer { company, dialect: Dialect::V1 };
        let rows = company.store.all(set)?;
        let rows = rows.iter().map(|stored| Ok(plain(printer.entity(&found, stored, None)?)));
        Ok(rows.collect::<Result<_, Refusal>>()?)
    }

    /// Runs a SELECT over the company's tables (`OITM`, `ORDR`, `[@ROUTING]`, …), in the SQL of SAP
    /// HANA and free of the rules for stored queries: for looking what is there.
    ///
    /// Labels without quotes come in capitals, dates as `2023-10-20`, as in the ERP's own database.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] for what is no SELECT, or names tables, columns or functions that the
    /// sandbox does not have.
    pub fn sql(&self, select: &str) -> Result<Vec<Value>, Error> {
        let mut instance = self.shared.lock();
        let nothing = Parameters::default();
        let rows = instance.company.sql(select, Door::Free, &nothing, 0, usize::MAX)?;
        Ok(rows.into_iter().map(|row| Json::Object(row).to_serde()).collect())
    }

    /// Creates an entity as the user of [`ServiceLayer::user`] would, approval templates included.
    /// Returns the entity, or the draft it became. User-defined fields, tables and objects are there
    /// at once, without a restart.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] with the server's code when the server would refuse it.
    pub fn create(&self, set: &str, entity: &Value) -> Result<Value, Error> {
        let mut instance = self.shared.lock();
        let manager = user(&instance, MANAGER)?;
        let options = &mut instance.company.options;
        let need_restart = std::mem::replace(&mut options.new_fields_need_restart, false);
        let posted = post(&mut instance, set, entity, manager);
        instance.company.options.new_fields_need_restart = need_restart;
        let (set, key) = match posted? {
            Posted::Created { set, key } | Posted::Drafted { set, key, .. } => (set, key),
        };
        Ok(print(&instance.company, &set, &key)?)
    }

    /// Posts a document that an approval template makes a draft, in the name of the demo company's
    /// originator. `DocObjectCode` says which document, as number or name; the default is a
    /// purchase request (采购申请, 1470000113), or a stock transfer (库存转储, 67) when there are
    /// `StockTransferLines`.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] when the document is wrong, or no template applies to it.
    pub fn submit_draft(&self, document: &Value) -> Result<DraftAndRequest, Error> {
        let mut instance = self.shared.lock();
        let set = target(&instance.company, document)?;
        match post(&mut instance, &set, document, ORIGINATOR)? {
            Posted::Drafted { key, request, .. } => Ok(DraftAndRequest {
                doc_entry: key.stored().parse().unwrap_or_default(),
                request_code: request.stored().parse().unwrap_or_default(),
            }),
            Posted::Created { set, key } => Err(Error::Refused {
                system: SYSTEM,
                code: "no template".to_owned(),
                message: format!(
                    "no approval template applies to {set}, so {} was created at once; register \
                     one in ApprovalTemplates",
                    key.stored()
                ),
            }),
        }
    }

    /// A person approves a request in the client. `user` is a `Users.UserCode`.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] when that user is no approver of the current stage or has decided.
    pub fn approve(&self, request_code: i64, user: &str) -> Result<(), Error> {
        self.decide(request_code, user, "ardApproved", "")
    }

    /// A person refuses a request in the client. `user` is a `Users.UserCode`.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] when that user is no approver of the current stage or has decided.
    pub fn refuse(&self, request_code: i64, user: &str) -> Result<(), Error> {
        self.decide(request_code, user, "ardNotApproved", "")
    }

    /// A person decides with a remark; `status` is `ardApproved` or `ardNotApproved`.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] when that user is no approver of the current stage or has decided.
    pub fn decide(
        &self,
        request_code: i64,
        user: &str,
        status: &str,
        remarks: &str,
    ) -> Result<(), Error> {
        let decision = serde_json::json!({
            "ApprovalRequestDecisions": [{"Status": status, "Remarks": remarks}],
        });
        self.edit_as("ApprovalRequests", &request_code.to_string(), &decision, user)
    }

    /// A person changes an entity in the client, with the effects that has (versions, totals, the
    /// notification procedure).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] or [`Error::Refused`], as the server would answer.
    pub fn edit(&self, set: &str, key: &str, changes: &Value) -> Result<(), Error> {
        self.edit_as(set, key, changes, MANAGER)
    }

    fn edit_as(&self, set: &str, key: &str, changes: &Value, code: &str) -> Result<(), Error> {
        let mut instance = self.shared.lock();
        let actor = user(&instance, code)?;
        let changes = Object::from_serde(changes).map_err(Refusal::malformed)?;
        let company = &mut instance.company;
        let found = company.set(set)?;
        let key = Key::for_people(key, &found, &company.structure(&found))?;
        company.atomically(|company| company.update_from(set, &key, changes, actor))?;
        Ok(())
    }
}

const SYSTEM: &str = "SAP Business One Service Layer";

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal.status {
            ::http::StatusCode::NOT_FOUND => Self::NotFound(refusal.message),
            ::http::StatusCode::INTERNAL_SERVER_ERROR => Self::Store(refusal.message),
            _ => Self::Refused {
                system: SYSTEM,
                code: refusal.code.to_string(),
                message: refusal.message,
            },
        }
    }
}

fn user(instance: &Instance, code: &str) -> Result<Actor, Error> {
    let found = instance.company.find_by("Users", "UserCode", &code.into())?;
    let key = found.and_then(|user| user.int("InternalKey"));
    key.map(Actor).ok_or_else(|| Error::NotFound(format!("there is no user `{code}`")))
}

fn post(
    instance: &mut Instance,
    set: &str,
    entity: &Value,
    actor: Actor,
) -> Result<Posted, Refusal> {
    let company = &mut instance.company;
    let set = company.set(set)?;
    let body = Object::from_serde(entity).map_err(Refusal::malformed)?;
    let body = company.accept(body, &company.structure(&set), Purpose::Create, Dialect::V1)?;
    company.atomically(|company| company.post(&set, body, actor))
}

/// The set of the document that a draft is to become.
fn target(company: &Company, document: &Value) -> Result<String, Error> {
    let code = match document.get("DocObjectCode") {
        Some(Value::String(code)) => code.clone(),
        Some(other) => other.to_string(),
        None if document.get("StockTransferLines").is_some() => "67".to_owned(),
        None => "1470000113".to_owned(),
    };
    let objects = company.schema.enumeration("BoObjectTypes");
    let number = objects.map_or(code.as_str(), |objects| objects.value(&code)).parse::<i64>();
    let set = company.schema.sets().find(|set| Ok(set.object) == number && set.has_drafts());
    set.map(|set| set.name.clone())
        .ok_or_else(|| Error::NotFound(format!("DocObjectCode `{code}` is no document")))
}

fn print(company: &Company, set: &str, key: &Key) -> Result<Value, Refusal> {
    let found = company.set(set)?;
    let stored = company.find(set, key)?;
    let printer = Printer { company, dialect: Dialect::V1 };
    Ok(plain(printer.entity(&found, &stored, None)?))
}

/// Without the etag.
fn plain(mut printed: Object) -> Value {
    printed.remove("odata.etag");
    Json::Object(printed).to_serde()
}
