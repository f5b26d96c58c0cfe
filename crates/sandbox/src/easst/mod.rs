//! 千里聆 (easst): the recognition of invoices (发票识别).
//!
//! One port stands for `open.easst.cn`; the path is the service's. [`Easst`] is the handle: it
//! knows the credentials of the demo app, counts what was billed, and refuses or delays on demand.
//! What can be read are pictures that [`picture`] and [`pdf`] make.
//!
//! ```
//! use erplink_sandbox::Sandbox;
//! use erplink_sandbox::easst::{Invoice, picture};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), erplink_sandbox::Error> {
//! let sandbox = Sandbox::start().await?;
//! let easst = sandbox.easst();
//! let file = picture(&[Invoice::numbered("24312000000000000042")]);
//! // A client would post it, with easst.url(), easst.app_id() and easst.app_secret().
//! easst.refuse_next("系统繁忙");
//! assert!(easst.recognized().is_empty());
//! # let _ = file;
//! # Ok(())
//! # }
//! ```
//!
//! The service documents its address, three headers, `image_data`, `isSuccess`, `result` and
//! `commodity_info`. Signatures are the MD5 of app id, timestamp and app secret. The names inside the
//! arrays and the texts of refusals are ours; [`Quirks`] are the switches for the rest. Other paths
//! answer 501.

/// A JSON object with its members in order.
macro_rules! object {
    ($($name:literal: $value:expr),* $(,)?) => {
        $crate::servicelayer::json::Object::default()$(.with($name, $value))*
    };
}

mod api;
mod management;
mod paper;
mod png;
mod quirks;
mod world;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

pub use management::management;
pub use paper::{Invoice, Line, pdf, picture};
pub(crate) use paper::{Seen, look};
pub use quirks::{Encoding, Placement, Quirks};
pub use rust_decimal::Decimal;
pub use world::Recognized;

use self::world::{Platform, World};
use crate::server::Server;
use crate::{Calls, Clock, Error, Faults};

const APP_ID: &str = "sandbox-easst-app";
const APP_SECRET: &str = "sandbox-easst-app-secret";

/// Where the simulated service listens and how it behaves.
#[derive(Clone, Debug)]
pub struct Options {
    /// Port (`open.easst.cn`); 0: any free one.
    pub port: u16,
    /// The largest picture in bytes. Not documented: 4 MiB.
    pub largest_picture: usize,
    /// Behaviour where the documentation leaves a choice.
    pub quirks: Quirks,
}

impl Default for Options {
    fn default() -> Self {
        Self { port: 0, largest_picture: 4 * 1024 * 1024, quirks: Quirks::default() }
    }
}

/// A running simulated service. Clones share it.
#[derive(Clone, Debug)]
pub struct Easst {
    platform: Arc<Platform>,
    server: Arc<Server>,
}

impl Easst {
    /// Starts the server.
    ///
    /// # Errors
    ///
    /// [`Error::Listen`] when the port is taken.
    pub async fn start(clock: Clock, options: Options) -> Result<Self, Error> {
        let Options { port, largest_picture, quirks } = options;
        let world = World {
            quirks,
            largest_picture,
            recognized: Vec::new(),
            refusals: VecDeque::new(),
            delays: VecDeque::new(),
        };
        let platform = Arc::new(Platform::new(world, clock.clone()));
        let server = Server::start(port, clock, |_| api::router(Arc::clone(&platform))).await?;
        Ok(Self { platform, server: Arc::new(server) })
    }

    /// Base URL, in place of `https://open.easst.cn`.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// appId of the demo app.
    #[must_use]
    pub fn app_id(&self) -> &'static str {
        APP_ID
    }

    /// appSecret of the demo app.
    #[must_use]
    pub fn app_secret(&self) -> &'static str {
        APP_SECRET
    }

    /// What a program needs to use it, for the ready line of the binary.
    #[must_use]
    pub fn connection(&self) -> Value {
        json!({ "url": self.url(), "app_id": APP_ID, "app_secret": APP_SECRET })
    }

    /// Every picture that was recognised, and billed, in the order of the calls.
    #[must_use]
    pub fn recognized(&self) -> Vec<Recognized> {
        self.platform.look(|world, _| world.recognized.clone())
    }

    /// The next call with a good signature is refused with this message, and not carried out.
    pub fn refuse_next(&self, message: &str) {
        self.platform.act(|world, _| world.refusals.push_back(message.to_owned()));
    }

    /// The next successful recognition is carried out at once and answered so much later, in real
    /// time: later than a client waits.
    pub fn delay_next_answer(&self, delay: Duration) {
        self.platform.act(|world, _| world.delays.push_back(delay));
    }

    /// Changes how the service behaves.
    pub fn set_quirks(&self, quirks: Quirks) {
        self.platform.act(|world, _| world.quirks = quirks);
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
