//! The company of the other tests, with a factory.

use std::sync::Arc;
use std::time::Duration;

use blacklake_mes::callback::Callback;
use erplink::mes::Mes;
use erplink::receive;
use erplink::scenario::{Scenario, Systems};
use erplink_core::RetryPolicy;
use erplink_sandbox::servicelayer::ServiceLayer;
use erplink_sync::{Report, Runner, SqliteStore};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::stage::{COMPANY, Stage};

pub(crate) const KEY: &str = "callback-content-key";
/// The production order that is released, and its work order.
pub(crate) const ORDER: &str = "1";

pub(crate) struct Factory {
    pub(crate) stage: Stage,
    pub(crate) systems: Systems,
}

/// A scenario with these keys, as a configuration has it.
pub(crate) fn scenario<S: DeserializeOwned>(keys: Value) -> S {
    serde_json::from_value(keys).unwrap()
}

impl Factory {
    pub(crate) async fn new() -> Self {
        let stage = Stage::new().await;
        let mes = stage.sandbox.mes();
        let client = blacklake_mes::Client::builder(mes.url(), mes.app_key(), mes.app_secret())
            .factory_number(mes.factory_number())
            .rate(10_000, 10_000)
            .retry(RetryPolicy::never())
            .build()
            .unwrap();
        let mes = Mes::new(client).callback(Callback::new(KEY));
        let systems = stage.systems.clone().with(mes);
        Self { stage, systems }
    }

    /// A runner as a process that just started has it: only the ledger file is known. The MES pushes
    /// to it, if the scenario receives.
    pub(crate) async fn start(&self, scenario: &impl Scenario, name: &str) -> Runner {
        let composition = scenario.compose(COMPANY, name, &self.systems).unwrap();
        let store = SqliteStore::open(self.stage.ledger.path()).await.unwrap();
        let (builder, receivers) = composition.runner(store);
        let runner = builder.clock(Arc::new(self.stage.clock.clone())).build().unwrap();
        let opened = receive::open(receivers, &runner).unwrap();
        self.mes().remove_callback();
        if let Some(path) = opened.paths.first().cloned() {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = format!("http://{}{path}", listener.local_addr().unwrap());
            tokio::spawn(async move { axum::serve(listener, opened.routes).await });
            self.mes().configure_callback(&url, KEY).await.unwrap();
        }
        runner
    }

    pub(crate) fn mes(&self) -> &erplink_sandbox::mes::Mes {
        self.stage.sandbox.mes()
    }

    pub(crate) fn erp(&self) -> &ServiceLayer {
        self.stage.sandbox.b1()
    }

    /// Time passes in the factory and for the runner alike.
    pub(crate) fn pass(&self, seconds: u64) {
        let time = Duration::from_secs(seconds);
        self.stage.sandbox.clock().advance(time);
        self.stage.clock.jump(time);
    }

    /// Hours pass, pushes arrive, and a round is made.
    pub(crate) async fn later(&self, runner: &Runner) -> Report {
        self.mes().settled().await;
        self.pass(2 * 3600);
        runner.run_once().await
    }

    /// The production orders' mark.
    pub(crate) fn status(&self, order: &str) -> Value {
        self.stage.entity("ProductionOrders", order)["U_SyncStatus"].clone()
    }

    /// People write into a production order.
    pub(crate) fn edit(&self, order: &str, change: Value) {
        self.erp().edit("ProductionOrders", order, &change).unwrap();
    }

    /// A new production order that is released; answers its key.
    pub(crate) fn release(&self, quantity: &str) -> String {
        let order = json!({"ItemNo": "FG-001", "PlannedQuantity": quantity});
        let made = self.erp().create("ProductionOrders", &order).unwrap();
        let entry = made["AbsoluteEntry"].to_string();
        self.edit(&entry, json!({"ProductionOrderStatus": "boposReleased"}));
        entry
    }

    /// Documents that carry an id of the MES.
    pub(crate) fn booked(&self, set: &str) -> Vec<Value> {
        let of_mes = |document: &Value| {
            document["NumAtCard"].as_str().is_some_and(|id| id.starts_with("MES-"))
        };
        self.erp().list(set).unwrap().into_iter().filter(of_mes).collect()
    }
}
