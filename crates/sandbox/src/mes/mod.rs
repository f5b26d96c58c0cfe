//! Blacklake MES (黑湖) v3: the open API with its materials, work orders, reports and feedings, and
//! the people on the shop floor.
//!
//! One port stands for `v3-hw.blacklake.cn`; the paths are the platform's, with the gateway's prefix
//! `/api/openapi/domain/web/v1/route` or `/openapi/domain/web/v1/route`. [`Mes`] is the handle: it
//! knows the demo factory's credentials, plays planners and workers, saves the callback address as
//! an administrator does, and shows what was pushed.
//!
//! ```
//! use erplink_sandbox::Sandbox;
//! use erplink_sandbox::mes::Feed;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), erplink_sandbox::Error> {
//! let sandbox = Sandbox::start().await?;
//! let mes = sandbox.mes();
//! // A client would use mes.url(), mes.app_key(), mes.app_secret() and mes.factory_number().
//! mes.feed("1", "RM-001", Feed::new(20).batch("B1"))?;
//! mes.report("1", 10)?;
//! let order = mes.work_order("1")?;
//! assert_eq!(order["status"]["message"], "执行中");
//! assert_eq!(order["outputs"][0]["qualifiedHoldAmount"]["amount"], 10);
//! # Ok(())
//! # }
//! ```
//!
//! Where the documentation leaves a choice, [`Quirks`], [`Redelivery`] and [`Limits`] are the
//! switches. Without a switch:
//!
//! * refusals of the business have code 400 and a sub-code `<DOMAIN>/<NAME>`, e.g.
//!   `MATERIAL-DOMAIN/UNIT_NOT_EXIST`, `MED-DOMAIN/DATA_NOT_EXIST`;
//! * a member of a request that the sandbox does not know, and that carries something, is refused
//!   with 501 and its name ([`Quirks::ignore_unknown_members`]), so that misspelt names are found;
//! * an import that leaves a member out keeps its value; a closed or finished order is not changed;
//! * what is written about reporting methods, work centres, batch rules, units of operations and
//!   default warehouses is checked and not shown;
//! * the v1 tabs of components and products answer `{"inputMaterials":[…]}` and
//!   `{"outputMaterials":[…]}`, the v2 tabs bare arrays;
//! * tasks come into being when an order is dispatched, which the first report or feeding does if
//!   nobody did; reports of an operation other than the last do not count for the product.
//!
//! Not simulated, answered with 501: batch numbers, inventory (put-away), the old form of reporting,
//! id-based creation of work orders, user tokens, BOMs, process routes, pick orders, `_doimport` and
//! `_update` of units, submission of drafts in bulk, work in progress (`workInProgressOpenCOs`), and
//! source sales orders.

/// A JSON object with its members in order.
macro_rules! object {
    ($($name:literal: $value:expr),* $(,)?) => {
        $crate::servicelayer::json::Object::default()$(.with($name, $value))*
    };
}

mod api;
mod callback;
mod catalog;
mod demo;
mod execution;
mod fields;
mod gateway;
mod ids;
mod limits;
mod management;
mod material;
mod options;
mod page;
mod people;
mod platform;
mod push;
mod quirks;
mod refusal;
mod request;
mod seal;
mod show;
mod tokens;
mod work_order;
mod world;

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

pub use execution::entry::{Feed, Quality, Report};
pub use limits::Limits;
pub use management::management;
pub use options::{Options, PushFault, Redelivery};
pub use push::Push;
pub use quirks::{
    CheckAnswer, ExpiredToken, ImportAnswer, LifetimeName, MissingCode, Quirks, RecordIds,
    ReportProcessId, TokenPlace,
};
pub use rust_decimal::Decimal;

use self::callback::Subscription;
use self::catalog::{Named, Unit};
use self::people::refused;
use self::platform::Platform;
use self::push::Event;
use self::refusal::Refusal;
use self::world::{Arranged, Arrangement};
use crate::server::Server;
use crate::servicelayer::json::Json;
use crate::{Calls, Clock, Error, Faults};

/// A running simulated MES. Clones share it.
#[derive(Clone, Debug)]
pub struct Mes {
    platform: Arc<Platform>,
    server: Arc<Server>,
}

impl Mes {
    /// Starts the server over the demo factory.
    ///
    /// # Errors
    ///
    /// [`Error::Listen`] when the port is taken.
    pub async fn start(clock: Clock, options: Options) -> Result<Self, Error> {
        let port = options.port;
        let world = demo::world(&options, clock.now());
        let world = world.map_err(|why| Error::Store(why.message))?;
        let platform = Platform::start(world, clock.clone(), options);
        let server = Server::start(port, clock, |_| api::router(Arc::clone(&platform))).await?;
        Ok(Self { platform, server: Arc::new(server) })
    }

    /// Base URL, in place of `https://v3-hw.blacklake.cn`.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// appKey of the app, which serves both logins.
    #[must_use]
    pub fn app_key(&self) -> &'static str {
        demo::APP_KEY
    }

    /// appSecret of the app.
    #[must_use]
    pub fn app_secret(&self) -> &'static str {
        demo::APP_SECRET
    }

    /// factoryNumber (工厂号), for the login of interface accounts.
    #[must_use]
    pub fn factory_number(&self) -> &'static str {
        demo::FACTORY_NUMBER
    }

    /// Code of the work order that is there from the start: 100 机箱 (`FG-001`), created and not yet
    /// dispatched. It is the `AbsoluteEntry` of the released production order of the Service Layer
    /// simulator.
    #[must_use]
    pub fn demo_work_order(&self) -> &'static str {
        demo::WORK_ORDER
    }

    /// What a program needs to use it, for the ready line of the binary.
    #[must_use]
    pub fn connection(&self) -> Value {
        json!({
            "url": self.url(),
            "app_key": self.app_key(),
            "app_secret": self.app_secret(),
            "factory_number": self.factory_number(),
        })
    }

    /// Adds a unit of measure that materials can use. Its code is its name.
    pub fn put_unit(&self, name: &str) {
        self.platform.act(|world, _| {
            if world.unit_named(name).is_err() {
                world.units.retain(|unit| unit.name != name);
                let (id, code, name) = (world.ids.draw(), name.to_owned(), name.to_owned());
                let remark = String::new();
                world.units.push(Unit { id, code, name, remark, precision: 3, enabled: true });
            }
        });
    }

    /// Adds a warehouse that materials can name.
    pub fn put_warehouse(&self, code: &str, name: &str) {
        self.platform.act(|world, _| {
            world.warehouses.retain(|warehouse| warehouse.code != code);
            let (code, name) = (code.to_owned(), name.to_owned());
            world.warehouses.push(Named { id: world.ids.draw(), code, name });
        });
    }

    /// Sets the route (工艺路线) of a product: number and code of each operation, in their order.
    /// Orders imported from now on get it.
    pub fn put_route(&self, product: &str, steps: &[(&str, &str)]) {
        let owned = |(num, code): &(&str, &str)| ((*num).to_owned(), (*code).to_owned());
        let (product, steps) = (product.to_owned(), steps.iter().map(owned).collect());
        self.platform.act(|world, _| {
            world.routes.retain(|route| route.product != product);
            world.routes.push(catalog::Route { product, steps });
        });
    }

    /// Changes how the platform behaves.
    pub fn set_quirks(&self, quirks: Quirks) {
        self.platform.act(|world, _| world.quirks = quirks);
    }

    /// Changes the quotas.
    pub fn set_limits(&self, limits: Limits) {
        self.platform.act(|world, _| world.limits = limits);
    }

    /// All tokens end now; [`Quirks::expired_token`] says how they are refused.
    pub fn expire_tokens(&self) {
        self.platform.act(|world, now| world.tokens.expire(now));
    }

    /// All tokens are forgotten: `USER-DOMAIN/SSO_TOKEN_FAIL`.
    pub fn forget_tokens(&self) {
        self.platform.act(|world, _| world.tokens.forget());
    }

    /// How often a token was fetched, by either login.
    #[must_use]
    pub fn token_count(&self) -> u64 {
        self.platform.look(|world, _| world.tokens.fetched())
    }

    /// An administrator takes a call away from the app (接口权限): `URL_NO_PERMISSION`. `path` is the
    /// end of its path, e.g. `/work_order/_doImport`.
    pub fn revoke(&self, path: &str) {
        self.platform.act(|world, _| world.revoked.insert(path.to_owned()));
    }

    /// An administrator grants a call again.
    pub fn grant(&self, path: &str) {
        self.platform.act(|world, _| world.revoked.remove(path));
    }

    /// An administrator hides members of answers from the account, wherever they appear
    /// (`fieldPermission.noAccess`); none: nothing is hidden.
    pub fn hide_fields(&self, names: &[&str]) {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        self.platform.act(|world, _| world.hidden = names);
    }

    /// The next call of a path is refused and not carried out. `path` is the end of its path, e.g.
    /// `/material/_doimport`; `sub_code` may be empty.
    pub fn refuse_next(&self, path: &str, code: i64, sub_code: &str, message: &str) {
        self.arrange(path, Arrangement::Refuse(Refusal::new(code, sub_code, message)));
    }

    /// The next successful call of a path is carried out and answered with a refusal all the same.
    pub fn refuse_next_after_commit(&self, path: &str, code: i64, sub_code: &str, message: &str) {
        self.arrange(path, Arrangement::RefuseAfterCommit(Refusal::new(code, sub_code, message)));
    }

    /// The next call of a path wants a person to confirm (`needCheck: 1`), and is not carried out,
    /// unless it carries `skipWeakControlRule`.
    pub fn ask_confirmation_next(&self, path: &str, message: &str) {
        self.arrange(path, Arrangement::Refuse(Refusal::confirmation(message)));
    }

    /// The next successful call of a path is carried out at once and answered so much later, in real
    /// time: later than a client waits.
    pub fn delay_next_answer(&self, path: &str, delay: Duration) {
        self.arrange(path, Arrangement::DelayAfterCommit(delay));
    }

    fn arrange(&self, path: &str, what: Arrangement) {
        let arranged = Arranged { path: path.to_owned(), what };
        self.platform.act(|world, _| world.arranged.push_back(arranged));
    }

    /// An administrator saves the callback address (回调地址) with its content key (回调内容密钥); with
    /// an empty key events are pushed in the clear. The platform first sends a `check` event.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] when the address is malformed, does not answer with 200 in time, or its
    /// answer does not verify it ([`Quirks::check_answer`]); nothing is saved then.
    pub async fn configure_callback(&self, url: &str, key: &str) -> Result<(), Error> {
        let malformed = |_| Refusal::new(400, "OPENAPI-DOMAIN/CALLBACK_URL_INVALID", "bad address");
        let uri: http::Uri = url.parse().map_err(malformed).map_err(refused)?;
        if uri.scheme_str() != Some("http") {
            let why = "the sandbox pushes to absolute http:// addresses only";
            return Err(refused(Refusal::new(400, "OPENAPI-DOMAIN/CALLBACK_URL_INVALID", why)));
        }
        let subscription = Subscription { url: uri, key: key.to_owned() };
        Box::pin(push::subscribe(&self.platform, subscription)).await.map_err(refused)
    }

    /// Where events are pushed; none when no callback is set up.
    #[must_use]
    pub fn callback_url(&self) -> Option<String> {
        self.platform.look(|world, _| world.subscription.as_ref().map(|one| one.url.to_string()))
    }

    /// An administrator removes the callback: nothing is pushed any more.
    pub fn remove_callback(&self) {
        self.platform.act(|world, _| world.subscription = None);
    }

    /// Something goes wrong with the next event.
    pub fn arrange_push_fault(&self, fault: PushFault) {
        self.platform.act(|world, _| world.push_log.faults.push_back(fault));
    }

    /// Pushes an event of any type, e.g. `inventory.result_notify.inbound`. Returns its `requestId`.
    pub fn push_event(&self, event_type: &str, data: &Value) -> String {
        // A value that was JSON before is JSON.
        let data = Json::parse(&data.to_string()).unwrap_or(Json::Null);
        self.platform.act(|world, _| {
            let request_id = world.ids.word();
            let kind = event_type.to_owned();
            world.events.push(Event { request_id: request_id.clone(), kind, data });
            request_id
        })
    }

    /// Pushes an event once more, with the same `requestId`.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when no event has this id.
    pub fn redeliver(&self, request_id: &str) -> Result<(), Error> {
        self.platform.act(|world, _| {
            let event = world.push_log.find(request_id);
            let event = event.ok_or_else(|| people::missing("event", request_id))?;
            world.events.push(event);
            Ok(())
        })
    }

    /// All attempts to push an event so far, in their order; `check` is not among them.
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
