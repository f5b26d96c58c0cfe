//! A company in the sandbox, a runner on a ledger file, and the receiver of DingTalk's pushes.

#![allow(clippy::unwrap_used)] // the lint spares test functions only

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use dingtalk::callback::Callback;
use erplink::dingtalk::DingTalk;
use erplink::receive;
use erplink::scenario::{Scenario, Systems};
use erplink_core::clock::{Clock, Sleep, SystemClock};
use erplink_sandbox::Sandbox;
use erplink_sync::{Report, Runner, SqliteStore};
use serde_json::{Value, json};

pub(crate) const COMPANY: &str = "SBODEMOCN";
pub(crate) const MANAGER: &str = "0147282552401293909";
const TOKEN: &str = "sandboxToken123";
const AES_KEY: &str = "o1w0aum42yaptlz8alnhwikjd3jenzt9cb9wmzptgus";

/// Real time, with jumps: waits between attempts take none.
#[derive(Clone, Debug, Default)]
pub(crate) struct JumpingClock(Arc<Mutex<Duration>>);

impl JumpingClock {
    pub(crate) fn jump(&self, by: Duration) {
        *self.0.lock().unwrap() += by;
    }
}

impl Clock for JumpingClock {
    fn now(&self) -> Instant {
        SystemClock.now() + *self.0.lock().unwrap()
    }

    fn utc(&self) -> DateTime<Utc> {
        SystemClock.utc() + *self.0.lock().unwrap()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        SystemClock.sleep(duration)
    }
}

/// A ledger file that goes away with the test.
pub(crate) struct LedgerFile(PathBuf);

impl LedgerFile {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("erplink-test-{}-{number}.sqlite", std::process::id());
        Self(std::env::temp_dir().join(name))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for LedgerFile {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm"] {
            let mut name = self.0.clone().into_os_string();
            name.push(suffix);
            drop(std::fs::remove_file(name));
        }
    }
}

pub(crate) struct Stage {
    pub(crate) sandbox: Sandbox,
    pub(crate) systems: Systems,
    pub(crate) clock: JumpingClock,
    pub(crate) ledger: LedgerFile,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let sandbox = Box::pin(Sandbox::start()).await.unwrap();
        let (b1, dingtalk) = (sandbox.b1(), sandbox.dingtalk());
        let erp = b1_servicelayer::Client::builder(b1.root_url())
            .company_db(b1.company_db())
            .credentials(b1.user(), b1.password())
            .retry(b1_servicelayer::RetryPolicy::never())
            .build()
            .unwrap();
        let app = dingtalk::Client::builder(dingtalk.client_id(), dingtalk.client_secret())
            .agent_id(dingtalk.agent_id())
            .api_base(dingtalk.api_url())
            .oapi_base(dingtalk.oapi_url())
            .retry(b1_servicelayer::RetryPolicy::never())
            .build()
            .unwrap();
        let callback = Callback::new(TOKEN, AES_KEY, app.client_id()).unwrap();
        let systems = Systems::default().with(erp).with(DingTalk::new(app).callback(callback));
        Self { sandbox, systems, clock: JumpingClock::default(), ledger: LedgerFile::new() }
    }

    /// A runner as a process that just started has it: only the file is known. DingTalk's pushes
    /// reach it; DingTalk's check of the address passes.
    pub(crate) async fn start(&self, scenario: &impl Scenario, name: &str) -> Runner {
        let composition = scenario.compose(COMPANY, name, &self.systems).unwrap();
        let store = SqliteStore::open(self.ledger.path()).await.unwrap();
        let (builder, receivers) = composition.runner(store);
        let runner = builder.clock(Arc::new(self.clock.clone())).build().unwrap();
        let app = receive::open(receivers, &runner).unwrap().routes;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/{COMPANY}/dingtalk", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        let callback = erplink_sandbox::dingtalk::Callback::new(url, TOKEN, AES_KEY);
        self.sandbox.dingtalk().configure_callback(callback).await.unwrap();
        runner
    }

    /// The waits after failures and for decisions pass, and a round is made.
    pub(crate) async fn later(&self, runner: &Runner) -> Report {
        self.clock.jump(Duration::from_secs(7200));
        runner.run_once().await
    }

    pub(crate) fn process_code(&self, form: &str) -> String {
        self.sandbox.dingtalk().process_code(form).unwrap()
    }

    /// Somebody asks for material; answers draft and request.
    pub(crate) fn submit(&self, item: &str, quantity: &str) -> (i64, i64) {
        let draft = self.sandbox.b1().submit_draft(&json!({
            "DocObjectCode": "1470000113",
            "RequriedDate": "2026-12-31",
            "Comments": "补充安全库存",
            "DocumentLines": [{"ItemCode": item, "Quantity": quantity, "LineVendor": "V001"}],
        }));
        let draft = draft.unwrap();
        (draft.doc_entry, draft.request_code)
    }

    pub(crate) fn entity(&self, set: &str, key: impl ToString) -> Value {
        self.sandbox.b1().get(set, &key.to_string()).unwrap()
    }

    /// How often DingTalk was asked to create an instance.
    pub(crate) fn creates(&self) -> usize {
        self.sandbox.dingtalk().instances().len()
    }
}
