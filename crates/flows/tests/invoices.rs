//! Pictures of invoices and the ERP: one row a picture, each paid for once, nothing lost.

#![allow(clippy::unwrap_used)] // the lint spares test functions only

#[allow(dead_code)] // each file of tests uses a part
mod stage;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use easst_invoice::{Client, RetryPolicy};
use erplink::easst::Easst;
use erplink::scenario::{InvoiceLedger, Scenario, Systems};
use erplink_sandbox::Fault;
use erplink_sandbox::easst::{Invoice, Placement, Quirks, pdf, picture};
use erplink_sync::rules::Intervention;
use erplink_sync::{FlowId, ReasonCode, Report, Runner, SqliteStore, StateKind, Store as _};
use http::Method;
use serde_json::{Value, json};
use stage::{COMPANY, Stage};

const FLOW: &str = "invoices";
const PICTURES: &str = "invoices-pictures";
const OCR: &str = "/openapi/rest/common/invoiceocr";
const TABLE: &str = "U_FAPIAO";

/// The company with the table @FAPIAO, and a folder for pictures that goes away with it.
struct Office {
    stage: Stage,
    systems: Systems,
    folder: PathBuf,
}

impl Drop for Office {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

impl Office {
    async fn new() -> Self {
        Self::with(|builder| builder).await
    }

    async fn with(
        change: impl FnOnce(easst_invoice::ClientBuilder) -> easst_invoice::ClientBuilder,
    ) -> Self {
        let stage = Stage::new().await;
        let b1 = stage.sandbox.b1();
        let table = json!({"TableName": "FAPIAO", "TableType": "bott_NoObject"});
        b1.create("UserTablesMD", &table).unwrap();
        for (name, kind) in [("Number", "db_Alpha"), ("Amount", "db_Float"), ("File", "db_Alpha")] {
            let field =
                json!({"Name": name, "Type": kind, "SubType": "st_None", "TableName": "@FAPIAO"});
            b1.create("UserFieldsMD", &field).unwrap();
        }
        let easst = stage.sandbox.easst();
        let client = Client::builder(easst.app_id(), easst.app_secret()).base_url(easst.url());
        let client = change(client.retry(RetryPolicy::never())).build().unwrap();
        let systems = stage.systems.clone().with(Easst::new(client));
        let folder = stage.ledger.path().with_extension("folder");
        std::fs::create_dir_all(&folder).unwrap();
        Self { stage, systems, folder }
    }

    fn scenario(&self, change: impl FnOnce(&mut Value)) -> InvoiceLedger {
        let mut scenario = json!({
            "folder": self.folder,
            "quiet_seconds": 0,
            "object_type": TABLE,
            "fields": [
                {"from": "Invoice.invoiceNumber", "to": "U_Number", "required": true},
                {"from": "Invoice.totalAmount", "to": "U_Amount", "format": "number"},
                {"from": "File.Name", "to": "U_File"},
            ],
        });
        change(&mut scenario);
        serde_json::from_value(scenario).unwrap()
    }

    async fn start(&self) -> Runner {
        self.start_with(|_| ()).await
    }

    /// A runner as a process that just started has it.
    async fn start_with(&self, change: impl FnOnce(&mut Value)) -> Runner {
        let scenario = self.scenario(change);
        let composition = scenario.compose(COMPANY, FLOW, &self.systems).unwrap();
        let (builder, _) = composition.runner(self.ledger().await);
        builder.clock(Arc::new(self.stage.clock.clone())).build().unwrap()
    }

    async fn ledger(&self) -> SqliteStore {
        SqliteStore::open(self.stage.ledger.path()).await.unwrap()
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.folder.join(name), bytes).unwrap();
    }

    fn files(&self, below: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.join(below)).into_iter().flatten();
        let files = entries.map(|entry| entry.unwrap()).filter(|entry| entry.path().is_file());
        let mut names: Vec<_> =
            files.map(|entry| entry.file_name().into_string().unwrap()).collect();
        names.sort_unstable();
        names
    }

    fn rows(&self) -> Vec<Value> {
        self.stage.sandbox.b1().list(TABLE).unwrap()
    }

    fn billed(&self) -> usize {
        self.stage.sandbox.easst().recognized().len()
    }

    /// Both flows, until neither has anything to do.
    async fn rounds(&self, runner: &Runner) -> Report {
        let mut all = Report::default();
        for _ in 0..3 {
            all.merge(self.stage.later(runner).await);
        }
        all
    }
}

fn one(number: &str) -> Vec<u8> {
    picture(&[Invoice::numbered(number)])
}

#[tokio::test]
async fn a_picture_becomes_one_row_whatever_it_is_called() {
    let office = Office::new().await;
    office.put("scan 1.png", &one("1"));
    office.put("scan 1 (2).PNG", &one("1"));
    office.put("数电票.pdf", &pdf(&[Invoice::numbered("2")]));
    office.put("notes.txt", b"not for us");
    office.put("~half.png", b"somebody writes this");
    let runner = office.start().await;
    let report = office.rounds(&runner).await;
    assert_eq!((report.done, report.failed.len(), report.parked.len()), (4, 0, 0), "{report}");
    let rows = office.rows();
    let mut numbers: Vec<_> = rows.iter().map(|row| row["U_Number"].as_str().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!((numbers, office.billed()), (vec!["1", "2"], 2));
    let first = rows.iter().find(|row| row["U_Number"] == "1").unwrap();
    assert_eq!(first["U_Amount"].to_string(), "1000.1");
    assert!(first["U_File"].as_str().unwrap().starts_with("scan 1"));
    let sha256 = &office.stage.sandbox.easst().recognized()[0].sha256;
    assert!(rows.iter().any(|row| row["Code"] == sha256[..40] && row["Name"] == row["Code"]));
    assert_eq!(office.files(""), ["notes.txt", "~half.png"]);
    assert_eq!((office.files("pictures").len(), office.files("booked").len()), (2, 2));
    assert!(office.files("answers").is_empty());

    // Copies that come later, under a new name, in a new process: filed, and nothing else.
    drop(runner);
    office.put("again.png", &one("1"));
    let runner = office.start().await;
    office.rounds(&runner).await;
    assert_eq!((office.rows().len(), office.billed()), (2, 2));
    assert_eq!(office.files(""), ["notes.txt", "~half.png"]);
}

#[tokio::test]
async fn a_lost_ledger_pays_for_nothing_twice_and_doubles_no_row() {
    let office = Office::new().await;
    office.put("a.png", &one("1"));
    let runner = office.start().await;
    office.rounds(&runner).await;
    drop(runner);
    std::fs::remove_file(office.stage.ledger.path()).unwrap();
    office.put("b.png", &one("1"));
    // Somebody even moves the answer back.
    let answer = office.files("booked").remove(0);
    std::fs::rename(
        office.folder.join("booked").join(&answer),
        office.folder.join("answers").join(&answer),
    )
    .unwrap();
    let runner = office.start().await;
    let report = office.rounds(&runner).await;
    assert!(report.failed.is_empty() && report.parked.is_empty(), "{report}");
    assert_eq!((office.rows().len(), office.billed()), (1, 1));
    assert_eq!(office.files("booked"), [answer]);
}

#[tokio::test]
async fn a_row_whose_answer_is_lost_is_there_exactly_once() {
    for committed in [true, false] {
        let office = Office::new().await;
        office.put("a.png", &one("1"));
        office.stage.sandbox.b1().faults().push(match committed {
            true => Fault::reset_after(Method::POST, TABLE),
            false => Fault::reset_before(Method::POST, TABLE),
        });
        let runner = office.start().await;
        office.stage.later(&runner).await;
        office.stage.later(&runner).await;
        drop(runner);
        let runner = office.start().await;
        office.rounds(&runner).await;
        assert_eq!((office.rows().len(), office.billed()), (1, 1), "committed: {committed}");
        assert_eq!(office.files("booked").len(), 1);
    }
}

#[tokio::test]
async fn a_recognition_whose_answer_is_lost_is_made_again_unless_it_may_not() {
    let office = Office::new().await;
    office.put("a.png", &one("1"));
    office.stage.sandbox.easst().faults().push(Fault::reset_after(Method::POST, OCR));
    let runner = office.start().await;
    let report = office.rounds(&runner).await;
    assert!(report.parked.is_empty(), "{report}");
    assert_eq!((office.rows().len(), office.billed()), (1, 2), "it was paid for twice");

    let office = Office::with(|builder| builder.repeat(false)).await;
    office.put("a.png", &one("1"));
    office.stage.sandbox.easst().faults().push(Fault::reset_after(Method::POST, OCR));
    let runner = office.start().await;
    let report = office.rounds(&runner).await;
    let [(key, reason)] = report.parked.as_slice() else { panic!("{report}") };
    assert_eq!(reason.code, ReasonCode::Unknown);
    assert!(reason.message.contains("`repeat` forbids"), "{reason}");
    assert_eq!((office.rows().len(), office.billed()), (0, 1));
    runner.intervene(key, Intervention::Resend, "a person").await.unwrap();
    office.rounds(&runner).await;
    assert_eq!((office.rows().len(), office.billed()), (1, 2));
}

#[tokio::test]
async fn a_picture_of_something_else_stays_and_is_asked_about_once() {
    let office = Office::new().await;
    office.put("cat.png", &picture(&[]));
    office.put("good.png", &one("1"));
    let runner = office.start().await;
    let report = office.rounds(&runner).await;
    let [(key, reason)] = report.parked.as_slice() else { panic!("{report}") };
    assert!(reason.message.contains("未识别到发票"), "{reason}");
    assert_eq!(key.flow, FlowId::new(COMPANY, PICTURES));
    office.rounds(&runner).await;
    assert_eq!((office.rows().len(), office.billed()), (1, 2), "one good, one asked about");
    assert_eq!(office.files(""), ["cat.png"]);
}

#[tokio::test]
async fn a_corrected_map_reads_the_same_answer_again() {
    let office = Office::new().await;
    office
        .stage
        .sandbox
        .easst()
        .set_quirks(Quirks { placement: Placement::InData, ..Quirks::default() });
    office.put("a.png", &one("1"));
    let misspelt = |scenario: &mut Value| {
        scenario["fields"] = json!([{"from": "Invoice.invoiceNummer", "to": "U_Number"}]);
    };
    let runner = office.start_with(misspelt).await;
    let report = office.rounds(&runner).await;
    let [(_, reason)] = report.parked.as_slice() else { panic!("{report}") };
    assert_eq!(reason.code, ReasonCode::Map);
    assert!(reason.message.contains("`answers`"), "{reason}");
    assert!(office.rows().is_empty(), "no empty row");
    drop(runner);

    let runner = office.start().await;
    let jobs = office.ledger().await.list(Default::default()).await.unwrap();
    let parked = jobs.iter().find(|job| job.state.kind() == StateKind::Parked).unwrap();
    runner.intervene(&parked.key, Intervention::Retry, "a person").await.unwrap();
    office.rounds(&runner).await;
    assert_eq!((office.rows().len(), office.billed()), (1, 1));
}

#[tokio::test]
async fn several_invoices_on_a_picture_count_as_the_first_or_wait_for_scissors() {
    let both = picture(&[Invoice::numbered("1"), Invoice::numbered("2")]);
    let office = Office::new().await;
    office.put("both.png", &both);
    let runner = office.start().await;
    office.rounds(&runner).await;
    assert_eq!(office.rows()[0]["U_Number"], "1");

    let office = Office::new().await;
    office.put("both.png", &both);
    let runner = office.start_with(|scenario| scenario["several"] = json!("park")).await;
    let report = office.rounds(&runner).await;
    assert!(report.parked[0].1.message.contains("shows 2 invoices"), "{report}");
    assert!(office.rows().is_empty());
}

#[tokio::test]
async fn an_object_takes_the_commodity_lines_and_is_found_by_the_digest() {
    let office = Office::new().await;
    let b1 = office.stage.sandbox.b1();
    for (name, kind) in [("INVOICE", "bott_Document"), ("INVOICE1", "bott_DocumentLines")] {
        b1.create("UserTablesMD", &json!({"TableName": name, "TableType": kind})).unwrap();
    }
    for (table, name) in [("@INVOICE", "Number"), ("@INVOICE", "SHA256"), ("@INVOICE1", "Goods")] {
        let field = json!({"Name": name, "Type": "db_Alpha", "Size": 64, "TableName": table});
        b1.create("UserFieldsMD", &field).unwrap();
    }
    let object = json!({
        "Code": "INVOICES", "Name": "Invoices", "TableName": "INVOICE",
        "ObjectType": "boud_Document", "UserObjectMD_ChildTables": [{"TableName": "INVOICE1"}],
    });
    b1.create("UserObjectsMD", &object).unwrap();
    let object = |scenario: &mut Value| {
        scenario["object_type"] = json!("INVOICES");
        scenario["key_field"] = json!("DocEntry");
        scenario["digest_field"] = json!("U_SHA256");
        scenario["fields"] = json!([{"from": "Invoice.invoiceNumber", "to": "U_Number"}]);
        let goods = json!([{"from": "name", "to": "U_Goods"}]);
        scenario["lines"] = json!({"to": "INVOICE1Collection", "fields": goods});
    };
    office.put("a.png", &one("1"));
    b1.faults().push(Fault::reset_after(Method::POST, "/INVOICES"));
    let runner = office.start_with(object).await;
    office.rounds(&runner).await;
    let rows = b1.list("INVOICES").unwrap();
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(rows[0]["U_SHA256"], office.stage.sandbox.easst().recognized()[0].sha256.as_str());
    assert_eq!(rows[0]["INVOICE1Collection"][0]["U_Goods"], "*金属制品*机箱");
}

#[tokio::test]
async fn an_outage_of_the_folder_or_the_service_waits() {
    let office = Office::new().await;
    office.put("a.png", &one("1"));
    let unavailable = http::StatusCode::SERVICE_UNAVAILABLE;
    let down = Fault::status(Method::POST, OCR, unavailable).times(8);
    office.stage.sandbox.easst().faults().push(down);
    let runner = office.start().await;
    for _ in 0..10 {
        let report = office.stage.later(&runner).await;
        assert!(report.parked.is_empty(), "{report}");
    }
    office.rounds(&runner).await;
    assert_eq!(office.rows().len(), 1);

    let away = office.folder.with_extension("away");
    std::fs::rename(&office.folder, &away).unwrap();
    let report = office.stage.later(&runner).await;
    assert!(report.problems.iter().any(|one| one.contains("check the folder")), "{report}");
    assert!(!office.folder.exists(), "a disk that is not there does not come into being");
    std::fs::rename(&away, &office.folder).unwrap();
    office.put("b.png", &one("2"));
    office.rounds(&runner).await;
    assert_eq!(office.rows().len(), 2);
}

#[tokio::test]
async fn a_file_that_is_still_written_is_left_alone() {
    let office = Office::new().await;
    office.put("a.png", &one("1")[..20]);
    let quiet = |scenario: &mut Value| scenario["quiet_seconds"] = json!(3600);
    let runner = office.start_with(quiet).await;
    assert_eq!(office.rounds(&runner).await.read, 0);
    let old = std::time::SystemTime::now() - Duration::from_secs(3700);
    office.put("a.png", &one("1"));
    let file = std::fs::File::options().write(true).open(office.folder.join("a.png")).unwrap();
    file.set_modified(old).unwrap();
    office.rounds(&runner).await;
    assert_eq!((office.rows().len(), office.billed()), (1, 1));
}

async fn findings(office: &Office, change: impl FnOnce(&mut Value)) -> Vec<String> {
    let mut found = Vec::new();
    for system in office.systems.iter().filter(|system| system.name() == "easst") {
        found.extend(system.check().await);
    }
    found.extend(office.scenario(change).check(&office.systems).await);
    found.into_iter().filter_map(|one| one.problem).collect()
}

#[tokio::test]
async fn the_check_names_the_setting_that_is_wrong() {
    let office = Office::new().await;
    assert_eq!(findings(&office, |_| ()).await, Vec::<String>::new());
    assert_eq!(office.billed(), 0, "a check is free");
    let missing = findings(&office, |one| one["folder"] = json!(Path::new("/no/such"))).await;
    assert!(missing[0].starts_with("check `folder`: `/no/such` cannot be read"), "{missing:?}");
    let table = findings(&office, |one| one["object_type"] = json!("U_FAPAIO")).await;
    assert!(table[0].starts_with("check `object_type`"), "{table:?}");
    let key = findings(&office, |one| one["key_field"] = json!("DocEntry")).await;
    assert!(key[0].contains("set `digest_field`"), "{key:?}");
    let easst = office.stage.sandbox.easst();
    for (client, expected) in [
        (Client::builder(easst.app_id(), "wrong").base_url(easst.url()), "`app_secret`"),
        (Client::builder("wrong", easst.app_secret()).base_url(easst.url()), "`app_id`"),
        (Client::builder("a", "b").base_url("http://127.0.0.1:1"), "`base_url`"),
        (Client::builder("a", "b").base_url(office.stage.sandbox.b1().root_url()), "`base_url`"),
    ] {
        let client = client.retry(RetryPolicy::never()).build().unwrap();
        let system = Systems::default().with(Easst::new(client));
        let found = system.iter().next().unwrap().check().await.remove(0).problem.unwrap();
        assert!(found.contains(expected), "{expected}: {found}");
    }
}
