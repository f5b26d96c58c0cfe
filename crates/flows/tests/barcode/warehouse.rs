//! A company with scanners.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use b1_servicelayer::RetryPolicy;
use barcode_app::{AppCodes, Barcode as Server};
use erplink::barcode::Barcode;
use erplink::receive;
use erplink::scenario::{BarcodeServer, Scenario, Systems};
use erplink_sandbox::Sandbox;
use erplink_sandbox::barcode::{Addresses, Answer};
use erplink_sandbox::servicelayer::Options;
use erplink_sync::store::JobFilter;
use erplink_sync::{Job, Runner, SqliteStore, Store as _};
use serde_json::{Value, json};

use crate::stage::{COMPANY, JumpingClock, LedgerFile};

pub(crate) const FLOW: &str = "barcode";
const APP_CODE: &str = "demo-barcode-code-1";

/// Marks, and the same request is the same for a day.
pub(crate) const MARKED: &str = r#"{
    "mark_field": "U_BarcodeMark", "repeat_window_seconds": 86400, "repeat_ignores": []
}"#;

pub(crate) const COMPONENTS: &str = "Select T0.\"DocEntry\", T1.\"LineNum\", T1.\"ItemCode\", \
    T1.\"BaseQty\", T1.\"wareHouse\" From OWOR T0 Left Join WOR1 T1 On T0.\"DocEntry\" = \
    T1.\"DocEntry\" Left Join OITM T2 On T1.\"ItemCode\" = T2.\"ItemCode\" \
    Where T2.\"ManBtchNum\" = 'N' \n";

pub(crate) struct Warehouse {
    pub(crate) sandbox: Sandbox,
    pub(crate) systems: Systems,
    pub(crate) clock: JumpingClock,
    pub(crate) ledger: LedgerFile,
}

impl Warehouse {
    pub(crate) async fn new() -> Self {
        Self::with(Options::default(), None).await
    }

    /// With a user of the ERP of its own: name and password.
    pub(crate) async fn with(options: Options, user: Option<(&str, &str)>) -> Self {
        let sandbox = Box::pin(Sandbox::builder().b1(options).start()).await.unwrap();
        let b1 = sandbox.b1();
        let (user, password) = user.unwrap_or((b1.user(), b1.password()));
        let erp = b1_servicelayer::Client::builder(b1.root_url())
            .company_db(b1.company_db())
            .credentials(user, password)
            .retry(RetryPolicy::never())
            .build()
            .unwrap();
        let diapi = sandbox.diapi();
        let diapi = b1_diapi::Client::builder(diapi.root_url())
            .company_db(b1.company_db())
            .credentials(b1.user(), b1.password())
            .guard(b1_diapi::Guard::read_only().allow_procedure("TMDK"))
            .build()
            .unwrap();
        let app = Barcode::new(Server::new(AppCodes::new([APP_CODE]).unwrap()));
        let systems = Systems::default().with(erp).with(diapi);
        let systems = systems.with(app.company("SBODEMOCN", "演示公司"));
        let (clock, ledger) = (JumpingClock::default(), LedgerFile::new());
        Self { sandbox, systems, clock, ledger }
    }

    /// A runner as a process that just started has it; the scanners know its addresses.
    pub(crate) async fn start(&self, rules: &str) -> Runner {
        let rules: Value = serde_json::from_str(rules).unwrap();
        let scenario: BarcodeServer =
            serde_json::from_value(json!({"query": "sql-queries", "rules": rules})).unwrap();
        self.run(&scenario).await
    }

    pub(crate) async fn run(&self, scenario: &BarcodeServer) -> Runner {
        let composition = scenario.compose(COMPANY, FLOW, &self.systems).unwrap();
        let store = SqliteStore::open(self.ledger.path()).await.unwrap();
        let (builder, receivers) = composition.runner(store);
        let runner = builder.clock(Arc::new(self.clock.clone())).build().unwrap();
        let opened = receive::open(receivers, &runner).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}{}", listener.local_addr().unwrap(), opened.paths[0]);
        tokio::spawn(async move { axum::serve(listener, opened.routes).await });
        self.sandbox.barcode().configure(Addresses::under(&base), APP_CODE);
        runner
    }

    pub(crate) async fn save(&self, runner: &Runner, document: &Value) -> Answer {
        beside(runner, self.sandbox.barcode().save(document)).await.unwrap()
    }

    /// The order 1 is received, with its components.
    pub(crate) fn receipt(&self) -> Value {
        let receipt = self.sandbox.barcode().receipt("1", "2").warehouse("01");
        receipt.backflush(COMPONENTS, None).request()
    }

    pub(crate) fn count(&self, set: &str) -> usize {
        self.sandbox.b1().list(set).unwrap().len()
    }

    /// Issues and receipts of production.
    pub(crate) fn booked(&self) -> (usize, usize) {
        (self.count("InventoryGenExits"), self.count("InventoryGenEntries"))
    }

    pub(crate) async fn jobs(&self) -> Vec<Job> {
        let store = SqliteStore::open(self.ledger.path()).await.unwrap();
        store.list(JobFilter::default()).await.unwrap()
    }
}

/// People act, and read answers, while the flows run.
pub(crate) async fn beside<T>(runner: &Runner, people: impl Future<Output = T>) -> T {
    let over = AtomicBool::new(false);
    let people = Box::pin(async {
        let out = people.await;
        over.store(true, Ordering::Relaxed);
        out
    });
    let rounds = async {
        while !over.load(Ordering::Relaxed) {
            Box::pin(runner.run_once()).await;
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::join!(people, rounds).0
}
