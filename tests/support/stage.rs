use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use erplink_sandbox::dingtalk::{Callback, FieldStyle, Limits};
use erplink_sandbox::servicelayer::Options;
use erplink_sandbox::{Sandbox, dingtalk as simulated};
use tokio::net::TcpListener;

use crate::SharedClock;

/// The purchasing manager of the demo organisation, who approves purchase requests.
pub const MANAGER: &str = "0147282552401293909";

/// A sandbox, and clients of its systems that share its clock.
#[derive(Debug)]
pub struct Stage {
    /// The simulated systems.
    pub sandbox: Sandbox,
    /// The time of them and of the clients.
    pub clock: SharedClock,
}

impl Stage {
    /// Verification token of the callback.
    pub const CALLBACK_TOKEN: &str = "callbackToken7Qx";
    /// AES key of the callback.
    pub const AES_KEY: &str = "o1w0aum42yaptlz8alnhwikjd3jenzt9cb9wmzptgus";

    /// A demo company as documented.
    pub async fn start() -> Self {
        Self::with(Options::default()).await
    }

    /// A demo company whose Service Layer behaves differently. DingTalk counts no calls: the
    /// limits of a real organisation would slow the tests down.
    pub async fn with(options: Options) -> Self {
        let limits = Limits { per_second: 1_000_000, per_month: 1_000_000 };
        let dingtalk = simulated::Options { limits, ..Default::default() };
        let sandbox =
            Box::pin(Sandbox::builder().b1(options).dingtalk(dingtalk).start()).await.unwrap();
        let clock = SharedClock::new(sandbox.clock().clone());
        Self { sandbox, clock }
    }

    /// The simulated Service Layer.
    pub fn erp(&self) -> &erplink_sandbox::servicelayer::ServiceLayer {
        self.sandbox.b1()
    }

    /// The simulated DingTalk.
    pub fn office(&self) -> &simulated::DingTalk {
        self.sandbox.dingtalk()
    }

    /// A client of the Service Layer, to be configured further.
    pub fn b1_builder(&self) -> b1_servicelayer::ClientBuilder {
        self.b1_builder_as(self.erp().user(), self.erp().password())
    }

    /// The same for another user.
    pub fn b1_builder_as(&self, user: &str, password: &str) -> b1_servicelayer::ClientBuilder {
        b1_servicelayer::Client::builder(self.erp().root_url())
            .company_db(self.erp().company_db())
            .credentials(user, password)
            .clock(Arc::new(self.clock.clone()))
    }

    /// A client of the Service Layer.
    pub fn b1(&self) -> b1_servicelayer::Client {
        self.b1_builder().build().unwrap()
    }

    /// A client of DingTalk, to be configured further.
    pub fn dingtalk_builder(&self) -> dingtalk::ClientBuilder {
        self.dingtalk_builder_with(&self.office().client_secret())
    }

    /// The same with another secret.
    pub fn dingtalk_builder_with(&self, secret: &str) -> dingtalk::ClientBuilder {
        dingtalk::Client::builder(self.office().client_id(), secret)
            .api_base(self.office().api_url())
            .oapi_base(self.office().oapi_url())
            .calls_per_second(1_000_000)
            .clock(self.clock.clone())
    }

    /// A client of DingTalk.
    pub fn dingtalk(&self) -> dingtalk::Client {
        self.dingtalk_builder().build().unwrap()
    }

    /// Serves a receiver below `/callback` and tells DingTalk where it is.
    pub async fn serve(&self, receiver: Router, style: FieldStyle) {
        let address = serve(receiver).await;
        let url = format!("http://{address}/callback");
        let mut callback = Callback::new(url, Self::CALLBACK_TOKEN, Self::AES_KEY);
        callback.style = style;
        self.office().configure_callback(callback).await.unwrap();
    }

    /// What verifies and decrypts the pushes of the app.
    pub fn receiver(&self) -> dingtalk::callback::Callback {
        let owner = self.office().client_id();
        dingtalk::callback::Callback::new(Self::CALLBACK_TOKEN, Self::AES_KEY, owner).unwrap()
    }

    /// Half an hour and a bit: idle sessions of the ERP end.
    pub fn let_sessions_expire(&self) {
        self.clock.advance(Duration::from_secs(31 * 60));
    }
}

/// Serves a router on a free port.
async fn serve(router: Router) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}
