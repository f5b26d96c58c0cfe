//! Kingdee JDY (精斗云): the cloud accounting (云会计) with its vouchers, accounts and company sets, and
//! the logins of both generations.
//!
//! One port stands for `api.kingdee.com`. [`Jdy`] is the handle: it knows the demo company's
//! credentials, plays the accountants, and shows the books.
//!
//! ```
//! use erplink_sandbox::Sandbox;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), erplink_sandbox::Error> {
//! let sandbox = Sandbox::start().await?;
//! let jdy = sandbox.jdy();
//! // A client would use jdy.url(), jdy.client_id(), jdy.username(), jdy.s_id() and so on.
//! assert!(jdy.vouchers().is_empty());
//! // The next save is carried out, and its answer comes too late for anybody.
//! jdy.delay_next_answer("/voucher", std::time::Duration::from_secs(60));
//! # Ok(())
//! # }
//! ```
//!
//! The platform publishes little; what is not known is a switch in [`Quirks`]. Without a switch:
//!
//! * business calls answer HTTP 200 with `code` and `msg`, logins with `errcode` and `description`;
//! * a token that is missing, unknown or expired is code 4010; a wrong `sId` or `dbId` 4203x, 4202x;
//! * vouchers are a bare array, the filter of the list is in `filter`;
//! * each voucher of a batch is saved or refused (46001) on its own, under code 0 of the whole;
//! * a `linkId` is saved once;
//! * an account with a dimension (客户, 供应商) needs it, and the period of a voucher must be open;
//! * members of a request that the sandbox does not know are refused with 501 and their name.
//!
//! Not simulated, answered with 501: everything else below `/jdyaccouting`, and the 星辰 products
//! (`/jdy/v2`).

mod api;
mod books;
mod demo;
mod listing;
mod login;
mod management;
mod options;
mod quirks;
mod refusal;
mod request;
mod saving;
mod signature;
mod voucher;
mod world;

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

pub use management::management;
pub use options::Options;
pub use quirks::{EmptyList, Quirks, Shape};

use self::refusal::Refusal;
use self::world::{Arranged, Arrangement, World};
use crate::memory::Memory;
use crate::server::Server;
use crate::{Calls, Clock, Error, Faults};

/// A running simulated JDY. Clones share it.
#[derive(Clone, Debug)]
pub struct Jdy {
    platform: Platform,
    server: Arc<Server>,
}

/// What the platform remembers.
type Platform = Arc<Memory<World>>;

impl Jdy {
    /// Starts the server over the demo company.
    ///
    /// # Errors
    ///
    /// [`Error::Listen`] when the port is taken.
    pub async fn start(clock: Clock, options: Options) -> Result<Self, Error> {
        let port = options.port;
        let platform = Arc::new(Memory::new(demo::world(options), clock.clone()));
        let server = Server::start(port, clock, |_| api::router(platform.clone())).await?;
        Ok(Self { platform, server: Arc::new(server) })
    }

    /// Base URL, in place of `https://api.kingdee.com`.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// `client_id` of the app, in both generations.
    #[must_use]
    pub fn client_id(&self) -> &'static str {
        demo::CLIENT_ID
    }

    /// `client_secret` of the app.
    #[must_use]
    pub fn client_secret(&self) -> &'static str {
        demo::CLIENT_SECRET
    }

    /// The user of the legacy login.
    #[must_use]
    pub fn username(&self) -> &'static str {
        demo::USERNAME
    }

    /// That user's password.
    #[must_use]
    pub fn password(&self) -> &'static str {
        demo::PASSWORD
    }

    /// `tid` and secret of the legacy login of an organisation.
    #[must_use]
    pub fn organisation(&self) -> (&'static str, &'static str) {
        (demo::TID, demo::TID_SECRET)
    }

    /// `outerInstanceId` of the open platform.
    #[must_use]
    pub fn outer_instance_id(&self) -> &'static str {
        demo::OUTER_INSTANCE_ID
    }

    /// `sId` of the accounting service.
    #[must_use]
    pub fn s_id(&self) -> &'static str {
        demo::S_ID
    }

    /// `dbId` of the company set (账套).
    #[must_use]
    pub fn db_id(&self) -> &'static str {
        demo::DB_ID
    }

    /// What a program needs to use it, for the ready line of the binary.
    #[must_use]
    pub fn connection(&self) -> Value {
        json!({
            "url": self.url(),
            "client_id": self.client_id(),
            "client_secret": self.client_secret(),
            "username": self.username(),
            "password": self.password(),
            "tid": demo::TID,
            "tid_secret": demo::TID_SECRET,
            "outer_instance_id": self.outer_instance_id(),
            "s_id": self.s_id(),
            "db_id": self.db_id(),
        })
    }

    /// All vouchers, in the order in which they were saved, as the list shows them.
    #[must_use]
    pub fn vouchers(&self) -> Vec<Value> {
        self.platform.look(|world, _| {
            world.vouchers.iter().map(|voucher| voucher.show().to_serde()).collect()
        })
    }

    /// The voucher with this `linkId`.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is none, [`Error::Refused`] when several have it.
    pub fn voucher(&self, link_id: &str) -> Result<Value, Error> {
        let found: Vec<Value> = self.platform.look(|world, _| {
            let found = world.vouchers.iter().filter(|voucher| voucher.link_id == link_id);
            found.map(|voucher| voucher.show().to_serde()).collect()
        });
        match found.len() {
            0 => Err(missing(link_id)),
            1 => Ok(found.into_iter().next().unwrap_or_default()),
            _ => Err(refused(Refusal::data(format!("several vouchers have the linkId {link_id}")))),
        }
    }

    /// An accountant audits a voucher (审核): it can no longer be deleted.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such voucher.
    pub fn audit(&self, link_id: &str) -> Result<(), Error> {
        self.platform.act(|world, _| {
            let found = world.vouchers.iter_mut().find(|voucher| voucher.link_id == link_id);
            found.ok_or_else(|| missing(link_id))?.audited = true;
            Ok(())
        })
    }

    /// An accountant closes all periods before this one, e.g. `202604` (结账).
    pub fn open_period(&self, period: i64) {
        self.platform.act(|world, _| world.current_period = period);
    }

    /// An accountant adds an account without dimensions (科目).
    pub fn put_account(&self, number: &str, name: &str) {
        let account = world::Account::plain(number, name);
        self.platform.act(|world, _| {
            world.accounts.retain(|known| known.number != number);
            world.accounts.push(account);
        });
    }

    /// An accountant adds a customer (客户).
    pub fn put_customer(&self, number: &str) {
        self.platform.act(|world, _| world.customers.push(number.to_owned()));
    }

    /// Changes how the platform behaves.
    pub fn set_quirks(&self, quirks: Quirks) {
        self.platform.act(|world, _| world.quirks = quirks);
    }

    /// All tokens end now.
    pub fn expire_tokens(&self) {
        self.platform.act(|world, _| world.tokens.clear());
    }

    /// The app gets another secret, as it does every day on the open platform.
    pub fn rotate_app_secret(&self) {
        self.platform.act(|world, _| world.app_secret_version += 1);
    }

    /// How often a token was given, by whichever login.
    #[must_use]
    pub fn token_count(&self) -> u64 {
        self.platform.look(|world, _| world.tokens_given)
    }

    /// The next call of a path is refused and not carried out. `path` is the end of its path, e.g.
    /// `/voucher`.
    pub fn refuse_next(&self, path: &str, code: i64, message: &str) {
        self.arrange(path, Arrangement::Refuse(Refusal::new(code, message)));
    }

    /// The next call of a path is carried out and answered with a refusal all the same.
    pub fn refuse_next_after_commit(&self, path: &str, code: i64, message: &str) {
        self.arrange(path, Arrangement::RefuseAfterCommit(Refusal::new(code, message)));
    }

    /// The next call of a path is carried out at once and answered so much later, in real time:
    /// later than a client waits.
    pub fn delay_next_answer(&self, path: &str, delay: Duration) {
        self.arrange(path, Arrangement::DelayAfterCommit(delay));
    }

    /// The next attempt to save this voucher is refused, whatever becomes of the others.
    pub fn refuse_voucher(&self, link_id: &str, code: i64, message: &str) {
        let refusal = Refusal::new(code, message);
        self.platform.act(|world, _| world.refused_vouchers.insert(link_id.to_owned(), refusal));
    }

    fn arrange(&self, path: &str, what: Arrangement) {
        let arranged = Arranged { path: path.to_owned(), what };
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

fn missing(link_id: &str) -> Error {
    Error::NotFound(format!("JDY has no voucher with linkId {link_id}"))
}

fn refused(refusal: Refusal) -> Error {
    let Refusal { code, message, .. } = refusal;
    Error::Refused { system: "JDY", code: code.to_string(), message }
}
