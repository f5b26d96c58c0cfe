//! The DI API service (`b1dis`) beside SAP Business One: free SQL over the company of the simulated
//! [Service Layer](crate::servicelayer).
//!
//! ```
//! use erplink_sandbox::Sandbox;
//! use serde_json::json;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), erplink_sandbox::Error> {
//! let sandbox = Sandbox::start().await?;
//! let diapi = sandbox.diapi();
//! // A client would use diapi.root_url(), and company, user and password of sandbox.b1().
//! // The sandbox has no stored procedures: say what a call of one answers.
//! diapi.answer("CALL PICK_BATCHES", &json!([{ "BatchNum": "B1", "Quantity": 5 }]))?;
//! # Ok(())
//! # }
//! ```
//!
//! The guide says little about the service. What it leaves open is a switch in [`Quirks`]; without
//! a switch:
//!
//! * the session is in two cookies, and both have to come back;
//! * a session lives for 30 minutes after its last use, and one that has ended is told by HTTP 401;
//! * refusals come with HTTP 200 and a code of the sandbox's own, for no codes are known;
//! * one `SELECT` at a time: anything else is answered with 501, unless it has an
//!   [answer](DiApi::answer) of its own.

mod api;
mod management;
mod quirks;
mod sessions;

use std::sync::Arc;

use serde_json::{Value, json};

use self::sessions::Sessions;
use crate::memory::Memory;
use crate::server::Server;
use crate::servicelayer::ServiceLayer;
use crate::servicelayer::json::{Json, Object};
use crate::{Calls, Clock, Error, Faults};

pub use management::management;
pub use quirks::{Options, Quirks, SessionEnd};

/// A running simulated DI API service. Clones share it.
#[derive(Clone, Debug)]
pub struct DiApi {
    server: Arc<Server>,
    service: Arc<Service>,
}

/// What the requests and the handle share.
#[derive(Debug)]
struct Service {
    company: ServiceLayer,
    tenant_prefix: String,
    memory: Memory<State>,
}

#[derive(Debug, Default)]
struct State {
    quirks: Quirks,
    sessions: Sessions,
    /// What statements with this text in them answer, the newest first.
    answers: Vec<(String, Vec<Object>)>,
    statements: Vec<String>,
}

impl DiApi {
    /// Starts the service over a company.
    ///
    /// # Errors
    ///
    /// [`Error::Listen`] when the port is taken.
    pub async fn start(
        clock: Clock,
        company: ServiceLayer,
        options: Options,
    ) -> Result<Self, Error> {
        let state = State { quirks: options.quirks, ..State::default() };
        let service = Arc::new(Service {
            company,
            tenant_prefix: options.tenant_prefix,
            memory: Memory::new(state, clock.clone()),
        });
        let router = api::router(Arc::clone(&service));
        let server = Server::start(options.port, clock, |_| router).await?;
        Ok(Self { server: Arc::new(server), service })
    }

    /// The address before `/b1dis/v1`: `http://127.0.0.1:50060/diapi/6160`.
    #[must_use]
    pub fn root_url(&self) -> String {
        format!("{}/diapi/{}", self.server.url(), self.service.tenant_prefix)
    }

    /// What a program needs to use it, for the ready line of the binary.
    #[must_use]
    pub fn connection(&self) -> Value {
        let company = &self.service.company;
        json!({
            "root_url": self.root_url(),
            "company_db": company.company_db(),
            "user": company.user(),
            "password": company.password(),
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
        self.service.memory.look(|state, _| state.sessions.logins)
    }

    /// The statements that came with a good session, oldest first: the last thousand.
    #[must_use]
    pub fn statements(&self) -> Vec<String> {
        self.service.memory.look(|state, _| state.statements.clone())
    }

    /// Ends all sessions.
    pub fn expire_sessions(&self) {
        self.service.memory.act(|state, _| state.sessions.close_all());
    }

    /// Changes how the service behaves from now on.
    pub fn set_quirks(&self, quirks: Quirks) {
        self.service.memory.act(|state, _| state.quirks = quirks);
    }

    /// Statements that contain `text` answer these rows from now on, an array of objects; the newest
    /// answer that fits counts. Blanks and line ends in statements count as one blank.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] when the rows are no objects, or the text is empty.
    pub fn answer(&self, text: &str, rows: &Value) -> Result<(), Error> {
        let text = one_line(text);
        let rows = rows.as_array().filter(|_| !text.is_empty());
        let rows = rows.and_then(|rows| {
            rows.iter().map(|row| Object::from_serde(row).ok()).collect::<Option<Vec<_>>>()
        });
        let rows = rows.ok_or_else(|| Error::Refused {
            system: "DI API service",
            code: "answer".to_owned(),
            message: "expected a part of a statement and an array of objects".to_owned(),
        })?;
        self.service.memory.act(|state, _| state.answers.insert(0, (text, rows)));
        Ok(())
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl State {
    /// The rows arranged for a statement.
    fn arranged(&self, statement: &str) -> Option<Vec<Object>> {
        let statement = one_line(statement);
        let found = self.answers.iter().find(|(text, _)| statement.contains(text.as_str()));
        found.map(|(_, rows)| rows.clone())
    }

    fn note(&mut self, statement: &str) {
        const KEPT: usize = 1000;
        if self.statements.len() == KEPT {
            self.statements.remove(0);
        }
        self.statements.push(statement.to_owned());
    }
}

/// The rows as the service prints them.
fn printed(rows: Vec<Object>, quirks: &Quirks) -> Json {
    let rows = rows.into_iter().map(|mut row| {
        if quirks.nulls_as_empty_text {
            row.values_mut().filter(|value| value.is_null()).for_each(|null| *null = "".into());
        }
        Json::Object(row)
    });
    Json::Array(rows.collect())
}
