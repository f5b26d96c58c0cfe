//! Kingdee Piaozone (金蝶发票云) and the login of Kingdee EAS.
//!
//! One port stands for `api.piaozone.com`, another for an EAS server. [`Piaozone`] is the handle: it
//! knows the credentials, plays the tax authority that knows invoices ([`Piaozone::put_invoice`]),
//! and misbehaves on demand. Pictures are those of [`easst::picture`](crate::easst::picture).
//!
//! ```
//! use erplink_sandbox::Sandbox;
//! use erplink_sandbox::easst::Invoice;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), erplink_sandbox::Error> {
//! let sandbox = Sandbox::start().await?;
//! let piaozone = sandbox.piaozone();
//! // A client would use piaozone.url(), client_id(), client_secret() and encrypt_key().
//! piaozone.put_invoice(Invoice::numbered("24312000000000000042"));
//! piaozone.expire_tokens();
//! # Ok(())
//! # }
//! ```
//!
//! Simulated are the token with its three signatures, encrypted bodies, verification by elements and
//! by picture, recognition of several invoices with partial failure, issuing, expense forms, and
//! `EASLogin`. There is no public reference: codes from 1300 on and the names of members are ours,
//! [`Quirks`] are the switches. Everything else answers 501.

/// A JSON object with its members in order.
macro_rules! object {
    ($($name:literal: $value:expr),* $(,)?) => {
        $crate::servicelayer::json::Object::default()$(.with($name, $value))*
    };
}

mod api;
mod business;
mod cipher;
mod eas;
mod management;
mod options;
mod token;
mod world;

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

pub use management::management;
pub use options::{ExpiredToken, Options, Quirks, TimestampUnit};

use self::world::{Platform, Refusal, World};
use crate::easst::Invoice;
use crate::server::Server;
use crate::{Calls, Clock, Error, Faults};

const CLIENT_ID: &str = "sandbox-piaozone-id";
const CLIENT_SECRET: &str = "sandbox-secret-of-the-company";
const ENCRYPT_KEY: &str = "sandbox-key-0123";
const EAS_DATA_CENTER: &str = "SANDBOXDC";
const EAS_USER: &str = "imaging";
const EAS_PASSWORD: &str = "sandbox-eas-password";

/// A running simulated platform with an EAS beside it. Clones share it.
#[derive(Clone, Debug)]
pub struct Piaozone {
    platform: Arc<Platform>,
    server: Arc<Server>,
    eas: Arc<Server>,
}

impl Piaozone {
    /// Starts both servers.
    ///
    /// # Errors
    ///
    /// [`Error::Listen`] when a port is taken.
    pub async fn start(clock: Clock, options: Options) -> Result<Self, Error> {
        let Options { port, eas_port, token_life, quirks } = options;
        let world = World::new(quirks, token_life);
        let platform = Arc::new(Platform::new(world, clock.clone()));
        let api = |_| api::router(Arc::clone(&platform));
        let server = Server::start(port, clock.clone(), api).await?;
        let eas = |_| eas::router(Arc::clone(&platform));
        let eas = Server::start(eas_port, clock, eas).await?;
        Ok(Self { platform, server: Arc::new(server), eas: Arc::new(eas) })
    }

    /// Base URL of the API, in place of `https://api.piaozone.com`.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// client_id of the company's authorisation.
    #[must_use]
    pub fn client_id(&self) -> &'static str {
        CLIENT_ID
    }

    /// client_secret of the company's authorisation.
    #[must_use]
    pub fn client_secret(&self) -> &'static str {
        CLIENT_SECRET
    }

    /// encrypt_key of the company's authorisation.
    #[must_use]
    pub fn encrypt_key(&self) -> &'static str {
        ENCRYPT_KEY
    }

    /// Prefix of the services of EAS: `http://127.0.0.1:PORT/ormrpc/services/`.
    #[must_use]
    pub fn eas_services(&self) -> String {
        format!("{}/ormrpc/services/", self.eas.url())
    }

    /// Code of the data centre (数据中心) of EAS.
    #[must_use]
    pub fn eas_data_center(&self) -> &'static str {
        EAS_DATA_CENTER
    }

    /// The user of EAS.
    #[must_use]
    pub fn eas_user(&self) -> &'static str {
        EAS_USER
    }

    /// The password of that user.
    #[must_use]
    pub fn eas_password(&self) -> &'static str {
        EAS_PASSWORD
    }

    /// What a program needs to use it, for the ready line of the binary.
    #[must_use]
    pub fn connection(&self) -> Value {
        json!({
            "url": self.url(),
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "encrypt_key": ENCRYPT_KEY,
            "eas": {
                "services": self.eas_services(),
                "data_center": EAS_DATA_CENTER,
                "user": EAS_USER,
                "password": EAS_PASSWORD,
            },
        })
    }

    /// The tax authority knows this invoice from now on: verifying it succeeds.
    pub fn put_invoice(&self, invoice: Invoice) {
        self.platform.act(|world, _| {
            world.invoices.retain(|known| known.number != invoice.number);
            world.invoices.push(invoice);
        });
    }

    /// The invoices that the tax authority knows, issued ones too.
    #[must_use]
    pub fn invoices(&self) -> Vec<Invoice> {
        self.platform.look(|world, _| world.invoices.clone())
    }

    /// All tokens end now; [`Quirks::expired_token`] says how they are refused.
    pub fn expire_tokens(&self) {
        self.platform.act(|world, _| world.tokens.clear());
    }

    /// How often a token was fetched.
    #[must_use]
    pub fn token_count(&self) -> u64 {
        self.platform.look(|world, _| world.fetched)
    }

    /// How often somebody logged in at EAS.
    #[must_use]
    pub fn eas_login_count(&self) -> usize {
        self.platform.look(|world, _| world.eas_sessions.len())
    }

    /// The next call with a good token is refused, and not carried out.
    pub fn refuse_next(&self, errcode: &str, description: &str) {
        let refusal = Refusal::new(errcode, description);
        self.platform.act(|world, _| world.refusals.push_back(refusal));
    }

    /// The next successful call is carried out at once and answered so much later, in real time:
    /// later than a client waits.
    pub fn delay_next_answer(&self, delay: Duration) {
        self.platform.act(|world, _| world.delays.push_back(delay));
    }

    /// Changes how the platform behaves.
    pub fn set_quirks(&self, quirks: Quirks) {
        self.platform.act(|world, _| world.quirks = quirks);
    }

    /// Misbehaviour of the API's port.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        self.server.faults()
    }

    /// Requests that the API received.
    #[must_use]
    pub fn calls(&self) -> &Calls {
        self.server.calls()
    }

    /// Misbehaviour of EAS's port.
    #[must_use]
    pub fn faults_eas(&self) -> &Faults {
        self.eas.faults()
    }

    /// Requests that EAS received.
    #[must_use]
    pub fn calls_eas(&self) -> &Calls {
        self.eas.calls()
    }
}
