//! Journal entries of the ERP become vouchers of Kingdee JDY, in the sandbox.

#![allow(clippy::unwrap_used)] // the lint spares test functions only

#[allow(dead_code)] // each file of tests uses a part
mod stage;

use std::sync::Arc;
use std::time::Duration;

use erplink::scenario::{JdyVouchers, Scenario, Systems};
use erplink::system::System as _;
use erplink_sandbox::{Fault, Sandbox};
use erplink_sync::{Report, Runner, SqliteStore};
use http::Method;
use kingdee_jdy::{Login, RetryPolicy};
use serde_json::{Value, json};
use stage::{COMPANY, JumpingClock, LedgerFile};

const SAVE: &str = "/jdyaccouting/voucher?";

struct Office {
    sandbox: Sandbox,
    systems: Systems,
    clock: JumpingClock,
    ledger: LedgerFile,
}

fn jdy_client(sandbox: &Sandbox) -> kingdee_jdy::ClientBuilder {
    let jdy = sandbox.jdy();
    let login = Login::User { username: jdy.username().into(), password: jdy.password().into() };
    kingdee_jdy::Client::builder(jdy.client_id(), jdy.client_secret(), login)
        .company_set(jdy.s_id(), jdy.db_id())
        .api_base(jdy.url())
        .retry(RetryPolicy::never())
}

impl Office {
    async fn new() -> Self {
        let sandbox = Box::pin(Sandbox::start()).await.unwrap();
        let b1 = sandbox.b1();
        let erp = b1_servicelayer::Client::builder(b1.root_url())
            .company_db(b1.company_db())
            .credentials(b1.user(), b1.password())
            .retry(RetryPolicy::never())
            .build()
            .unwrap();
        let jdy = jdy_client(&sandbox).build().unwrap();
        let systems = Systems::default().with(erp).with(jdy);
        Self { sandbox, systems, clock: JumpingClock::default(), ledger: LedgerFile::new() }
    }

    async fn start(&self) -> Runner {
        let composition = scenario().compose(COMPANY, "vouchers", &self.systems).unwrap();
        let store = SqliteStore::open(self.ledger.path()).await.unwrap();
        let (builder, _) = composition.runner(store);
        builder.clock(Arc::new(self.clock.clone())).build().unwrap()
    }

    /// The waits after failures pass, and a round is made.
    async fn later(&self, runner: &Runner) -> Report {
        self.clock.jump(Duration::from_secs(7200));
        runner.run_once().await
    }

    fn book(&self, account: &str, amount: &str) -> i64 {
        let entry = json!({
            "ReferenceDate": "2026-03-31", "Memo": "付款",
            "JournalEntryLines": [
                {"AccountCode": "2202", "ShortName": "V001", "Debit": amount},
                {"AccountCode": account, "Credit": amount},
            ],
        });
        self.sandbox.b1().create("JournalEntries", &entry).unwrap()["JdtNum"].as_i64().unwrap()
    }

    fn entry(&self, key: i64) -> Value {
        self.sandbox.b1().get("JournalEntries", &key.to_string()).unwrap()
    }
}

fn scenario() -> JdyVouchers {
    serde_json::from_value(json!({"accounts": [
        {"from": "2202", "to": "2202", "dimension": "supplier"},
        {"from": "1002", "to": "1002"},
        {"from": "6601", "to": "6601"},
    ]}))
    .unwrap()
}

#[tokio::test]
async fn a_journal_entry_becomes_one_voucher_and_knows_its_id() {
    let office = Office::new().await;
    let keys = [office.book("1002", "100.10"), office.book("1002", "0.01")];
    let runner = office.start().await;
    let report = runner.run_once().await;
    assert_eq!((report.done, report.failed.len(), report.parked.len()), (2, 0, 0), "{report}");
    for (key, total) in keys.into_iter().zip(["100.1", "0.01"]) {
        let voucher = office.sandbox.jdy().voucher(&format!("{COMPANY}-{key}")).unwrap();
        assert!(voucher["debitTotal"].to_string().starts_with(total), "{voucher}");
        assert_eq!(voucher["entries"][0]["suppNo"], "V001");
        assert_eq!(
            (&voucher["date"], &voucher["yearPeriod"]),
            (&json!("2026-03-31"), &json!(202_603))
        );
        let entry = office.entry(key);
        assert_eq!(entry["U_ISSYN"], "Y");
        assert_eq!(entry["U_VchId"], voucher["vchId"].to_string());
    }
    // Neither another look nor another process sends them again.
    office.later(&runner).await;
    drop(runner);
    office.later(&office.start().await).await;
    assert_eq!(office.sandbox.jdy().vouchers().len(), 2);
}

#[tokio::test]
async fn a_lost_answer_leaves_exactly_one_voucher() {
    for fault in [Fault::reset_after(Method::POST, SAVE), Fault::reset_before(Method::POST, SAVE)] {
        let office = Office::new().await;
        let key = office.book("1002", "7");
        // The look right after the loss fails as well.
        office.sandbox.jdy().faults().push(fault.clone());
        office
            .sandbox
            .jdy()
            .faults()
            .push(Fault::reset_before(Method::POST, "/voucherlist").times(2));
        let runner = office.start().await;
        let report = runner.run_once().await;
        assert_eq!(report.failed.len(), 1, "{report}");
        assert_eq!(office.entry(key)["U_ISSYN"], "N");
        drop(runner);
        let report = office.later(&office.start().await).await;
        assert_eq!(report.done, 1, "{report}");
        let voucher = office.sandbox.jdy().voucher(&format!("{COMPANY}-{key}")).unwrap();
        assert_eq!(office.entry(key)["U_VchId"], voucher["vchId"].to_string(), "{fault:?}");
        assert_eq!(office.sandbox.jdy().vouchers().len(), 1);
    }
}

#[tokio::test]
async fn a_lost_mark_saves_nothing_again() {
    let office = Office::new().await;
    let key = office.book("1002", "7");
    office.sandbox.b1().faults().push(Fault::reset_before(Method::PATCH, "/JournalEntries"));
    let runner = office.start().await;
    runner.run_once().await;
    assert_eq!(office.entry(key)["U_ISSYN"], "N");
    office.later(&runner).await;
    assert_eq!(office.entry(key)["U_ISSYN"], "Y");
    assert_eq!(office.sandbox.jdy().calls().count(Method::POST, "/jdyaccouting/voucher"), 1);
}

#[tokio::test]
async fn what_the_books_refuse_is_shown_and_done_once_it_can_be() {
    let office = Office::new().await;
    let key = office.book("6601", "5");
    let runner = office.start().await;
    let report = runner.run_once().await;
    assert!(report.to_string().contains("科目6601不存在"), "{report}");
    office.sandbox.jdy().put_account("6601", "销售费用");
    assert_eq!(office.later(&runner).await.done, 1);
    assert_eq!(office.entry(key)["U_ISSYN"], "Y");
}

#[tokio::test]
async fn an_account_without_a_counterpart_parks_its_entry_alone() {
    let office = Office::new().await;
    let (unmapped, mapped) = (office.book("9999", "5"), office.book("1002", "5"));
    let report = office.start().await.run_once().await;
    assert_eq!((report.done, report.parked.len()), (1, 1), "{report}");
    assert!(report.to_string().contains("line 2: account 9999 is not in `accounts`"), "{report}");
    assert_eq!(
        (&office.entry(unmapped)["U_ISSYN"], &office.entry(mapped)["U_ISSYN"]),
        (&json!("N"), &json!("Y"))
    );
}

#[tokio::test]
async fn the_check_names_the_setting_that_is_wrong() {
    let office = Office::new().await;
    let (sandbox, jdy) = (&office.sandbox, office.sandbox.jdy());
    let wrong = Login::User { username: jdy.username().into(), password: "wrong".into() };
    let wrong = kingdee_jdy::Client::builder(jdy.client_id(), jdy.client_secret(), wrong)
        .company_set(jdy.s_id(), jdy.db_id())
        .api_base(jdy.url());
    for (builder, expected) in [
        (jdy_client(sandbox), None),
        (jdy_client(sandbox).company_set("1", jdy.db_id()), Some("check `s_id`")),
        (jdy_client(sandbox).company_set(jdy.s_id(), "1"), Some("check `db_id`")),
        (jdy_client(sandbox).company_set("", ""), Some("s_id is empty")),
        (wrong, Some("check `client_id`, `client_secret` and `login`")),
        (jdy_client(sandbox).api_base("http://127.0.0.1:9"), Some("check the address `api_base`")),
    ] {
        let findings = builder.retry(RetryPolicy::never()).build().unwrap().check().await;
        let problem = findings[0].problem.as_deref();
        assert_eq!(problem.is_some(), expected.is_some(), "{problem:?}");
        let expected = expected.unwrap_or_default();
        assert!(problem.unwrap_or_default().contains(expected), "{problem:?}");
    }
    let findings = scenario().check(&office.systems).await;
    let problem = findings[0].problem.as_deref().unwrap();
    assert_eq!(problem, "check `accounts`: JDY has no account 6601");
    jdy.put_account("6601", "销售费用");
    assert_eq!(scenario().check(&office.systems).await[0].problem, None);
}
