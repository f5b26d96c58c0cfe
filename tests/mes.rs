//! The client of the Blacklake MES (黑湖) and the simulated factory, which were written apart: every
//! call of the one meets the other.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

#[path = "mes/exact.rs"]
mod exact;
#[path = "mes/execution.rs"]
mod execution;
#[path = "mes/login.rs"]
mod login;
#[path = "mes/materials.rs"]
mod materials;
#[path = "mes/missing.rs"]
mod missing;
#[path = "mes/orders.rs"]
mod orders;
#[path = "mes/orders_v2.rs"]
mod orders_v2;

use blacklake_mes::{Client, ClientBuilder, RetryPolicy};
use erplink_sandbox::Sandbox;
use erplink_sandbox::mes::Mes;

/// The work order that is there from the start.
const ORDER: &str = "1";

struct Factory {
    sandbox: Sandbox,
}

impl Factory {
    async fn new() -> Self {
        Self { sandbox: Box::pin(Sandbox::start()).await.unwrap() }
    }

    fn mes(&self) -> &Mes {
        self.sandbox.mes()
    }

    fn builder(&self) -> ClientBuilder {
        Client::builder(self.mes().url(), self.mes().app_key(), self.mes().app_secret())
            .rate(10_000, 10_000)
            .retry(RetryPolicy::never())
    }

    /// With an interface account, as the guide logs in.
    fn client(&self) -> Client {
        self.builder().factory_number(self.mes().factory_number()).build().unwrap()
    }
}
