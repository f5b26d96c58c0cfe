//! The company of the other tests, with a WeCom app.

use std::sync::Arc;

use erplink::receive;
use erplink::scenario::{Scenario, Systems};
use erplink::wecom::WeCom;
use erplink_core::RetryPolicy;
use erplink_sandbox::wecom::Callback;
use erplink_sync::{Report, Runner, SqliteStore};
use serde_json::{Value, json};
use wecom::callback::TrustedDomainFile;

use crate::stage::{COMPANY, Stage};

/// Submits a form.
pub(crate) const APPLY: &str = "/cgi-bin/oa/applyevent";
/// The head of purchasing, who approves 采购申请草稿审批.
pub(crate) const HEAD: &str = "lisi";

const TOKEN: &str = "sandboxToken123";
const AES_KEY: &str = "o1w0aum42yaptlz8alnhwikjd3jenzt9cb9wmzptgus";

pub(crate) struct Office {
    pub(crate) stage: Stage,
    pub(crate) systems: Systems,
}

impl Office {
    pub(crate) async fn new() -> Self {
        let stage = Stage::new().await;
        let wecom = stage.sandbox.wecom();
        let app = wecom::Client::builder(wecom.corp_id(), wecom.secret())
            .api_base(wecom.url())
            .retry(RetryPolicy::never())
            .build()
            .unwrap();
        let callback = wecom::callback::Callback::new(TOKEN, AES_KEY, app.corp_id()).unwrap();
        let file = TrustedDomainFile::new("WW_verify_7rG3.txt", *b"7rG3").unwrap();
        let app = WeCom::new(app).callback(callback).trusted_domain(file);
        let systems = stage.systems.clone().with(app);
        Self { stage, systems }
    }

    /// A runner as a process that just started has it: only the ledger file is known. WeCom's check
    /// of the address passes, and its pushes arrive.
    pub(crate) async fn start(&self, scenario: &impl Scenario, name: &str) -> Runner {
        self.start_at(scenario, name).await.0
    }

    /// The runner, and the address of its port.
    pub(crate) async fn start_at(&self, scenario: &impl Scenario, name: &str) -> (Runner, String) {
        let mut composition = scenario.compose(COMPANY, name, &self.systems).unwrap();
        composition.receivers.extend(self.systems.iter().flat_map(|one| one.receivers(COMPANY)));
        let store = SqliteStore::open(self.stage.ledger.path()).await.unwrap();
        let (builder, receivers) = composition.runner(store);
        let runner = builder.clock(Arc::new(self.stage.clock.clone())).build().unwrap();
        let app = receive::open(receivers, &runner).unwrap().routes;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        let callback = Callback::new(format!("{base}/{COMPANY}/wecom"), TOKEN, AES_KEY);
        Box::pin(self.wecom().configure_callback(callback)).await.unwrap();
        (runner, base)
    }

    pub(crate) fn wecom(&self) -> &erplink_sandbox::wecom::WeCom {
        self.stage.sandbox.wecom()
    }

    pub(crate) fn erp(&self) -> &erplink_sandbox::servicelayer::ServiceLayer {
        self.stage.sandbox.b1()
    }

    pub(crate) fn template(&self, name: &str) -> String {
        self.wecom().template_id(name).unwrap()
    }

    pub(crate) fn entity(&self, set: &str, key: impl ToString) -> Value {
        self.stage.entity(set, key)
    }

    /// The number of the only form.
    pub(crate) fn the_form(&self) -> String {
        let forms = self.wecom().forms();
        let [form] = forms.as_slice() else { panic!("not one form: {forms:?}") };
        form.clone()
    }

    /// The value of a control of a form, by its title.
    pub(crate) fn control(&self, sp_no: &str, title: &str) -> Value {
        let form = self.wecom().form(sp_no).unwrap();
        let controls = form["apply_data"]["contents"].as_array().unwrap().clone();
        let is_it = |control: &&Value| control["title"][0]["text"] == title;
        controls.iter().find(is_it).unwrap_or_else(|| panic!("{title}: {form}"))["value"].clone()
    }

    /// What has happened in WeCom arrives, and a round is made.
    pub(crate) async fn round(&self, runner: &Runner) -> Report {
        self.wecom().settled().await;
        runner.run_once().await
    }

    /// Someone whose WeCom userid nobody wrote down asks for material.
    pub(crate) fn forget_fax(&self) {
        self.erp().edit("Users", "2", &json!({"FaxNumber": ""})).unwrap();
    }
}
