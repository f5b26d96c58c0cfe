//! Tianyu PLM and the ERP: what is pushed is there, and the PLM's user reads what became of it.

#![allow(clippy::unwrap_used, clippy::panic)] // the lint spares test functions only

#[allow(dead_code)] // each file of tests uses a part
mod stage;

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use erplink::plm::Plm;
use erplink::receive;
use erplink::scenario::{PlmEngineeringData, Scenario as _, Systems};
use erplink_sandbox::plm::{BatchShape, Family, Push, TargetInterface};
use erplink_sandbox::{Fault, FaultKind};
use erplink_sync::store::JobFilter;
use erplink_sync::{Job, Runner, SqliteStore, StateKind, Store as _};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use stage::{COMPANY, Stage};

const APP_CODE: &str = "demo-plm-code-1";
const FLOW: &str = "plm";

struct Office {
    stage: Stage,
    systems: Systems,
}

impl Office {
    async fn new() -> Self {
        let stage = Stage::new().await;
        let systems = stage.systems.clone().with(Plm::new([APP_CODE.into()]));
        Self { stage, systems }
    }

    /// A runner as a process that just started has it; the PLM pushes this family to it.
    async fn start(&self, family: Family, scenario: &Value, shape: BatchShape) -> Runner {
        let scenario: PlmEngineeringData = serde_json::from_value(scenario.clone()).unwrap();
        let composition = scenario.compose(COMPANY, FLOW, &self.systems).unwrap();
        let store = SqliteStore::open(self.stage.ledger.path()).await.unwrap();
        let (builder, receivers) = composition.runner(store);
        let runner = builder.clock(Arc::new(self.stage.clock.clone())).build().unwrap();
        let opened = receive::open(receivers, &runner).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}{}", listener.local_addr().unwrap(), opened.paths[0]);
        assert!(url.ends_with("/SBODEMOCN/plm/plm"));
        tokio::spawn(async move { axum::serve(listener, opened.routes).await });
        let target = TargetInterface::new(url).app_code(APP_CODE).shape(shape);
        self.stage.sandbox.plm().configure(family, target);
        runner
    }

    async fn push(&self, runner: &Runner, family: Family, rows: &[Value]) -> Push {
        let pushed = beside(runner, self.stage.sandbox.plm().push(family, rows)).await;
        pushed.unwrap().pop().unwrap()
    }

    async fn jobs(&self) -> Vec<Job> {
        let store = SqliteStore::open(self.stage.ledger.path()).await.unwrap();
        store.list(JobFilter::default()).await.unwrap()
    }

    fn fault(&self, fault: Fault) {
        self.stage.sandbox.b1().faults().push(fault);
    }
}

/// People act, and read answers, while the flows run.
async fn beside<T>(runner: &Runner, people: impl Future<Output = T>) -> T {
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

fn refusal(code: i64, text: &str) -> FaultKind {
    let body = json!({"error": {"code": code, "message": {"lang": "en-us", "value": text}}});
    let status = StatusCode::BAD_REQUEST;
    FaultKind::Status { status, retry_after: None, body: Some(body.to_string()) }
}

#[tokio::test]
async fn an_item_is_created_then_updated_and_every_push_counts() {
    let office = Office::new().await;
    let runner = office.start(Family::Item, &json!({"kind": "item"}), BatchShape::Array).await;
    let item = |name: &str| json!({"ItemCode": "A'/B 料", "ItemName": name, "ForeignName": ""});
    for (name, told) in [("一", "created"), ("二", "updated"), ("一", "updated"), ("一", "updated")]
    {
        let push = office.push(&runner, Family::Item, &[item(name)]).await;
        assert_eq!((push.is_success(), push.shown.as_str()), (true, told));
        assert_eq!(office.stage.entity("Items", "'A''/B 料'")["ItemName"], name);
    }
    // One entry of the ledger, under the key that people know.
    let jobs = office.jobs().await;
    assert_eq!((jobs.len(), jobs[0].key.document.as_str()), (1, "A'/B 料"));
    assert_eq!((jobs[0].generation, jobs[0].state.kind()), (4, StateKind::Done));
}

#[tokio::test]
async fn the_erps_own_words_reach_the_plm_and_the_ledger_keeps_them() {
    let office = Office::new().await;
    let runner = office.start(Family::Bom, &json!({"kind": "bom"}), BatchShape::Array).await;
    let bom = json!({"TreeCode": "FG-001", "ProductTreeLines": [{"ItemCode": "RM-002", "Quantity": "2"}]});
    let words = "Could not commit transaction. Error -1 detected during transaction";
    office.fault(Fault::new(Method::PATCH, "ProductTrees", refusal(-1116, words)));
    let push = office.push(&runner, Family::Bom, std::slice::from_ref(&bom)).await;
    assert_eq!(push.shown, format!("ProductTrees('FG-001'): -1116 {words}"));
    assert!(!push.is_success());
    let jobs = office.jobs().await;
    assert_eq!(jobs[0].state.kind(), StateKind::Parked);
    assert!(jobs[0].state.reason().unwrap().to_string().contains(words));
    // The same push again, which replaces all lines.
    let push = office.push(&runner, Family::Bom, &[bom]).await;
    assert!(push.is_success(), "{}", push.shown);
    let lines = office.stage.entity("ProductTrees", "'FG-001'")["ProductTreeLines"].clone();
    assert_eq!((lines.as_array().unwrap().len(), &lines[0]["ItemCode"]), (1, &json!("RM-002")));
    assert_eq!(office.jobs().await[0].state.kind(), StateKind::Done);
}

#[tokio::test]
async fn the_rows_of_a_batch_are_independent_whatever_its_shape() {
    for shape in [BatchShape::Array, BatchShape::AlwaysArray, BatchShape::Wrapped("data".into())] {
        let office = Office::new().await;
        let runner = office.start(Family::Item, &json!({"kind": "item"}), shape).await;
        let row = |code: &str, group: &str| json!({"ItemCode": code, "ItemName": "x", "ItemsGroupCode": group});
        let rows = [row("A", "100"), row("B", "no group"), row("RM-001", "100"), row("", "100")];
        let push = office.push(&runner, Family::Item, &rows).await;
        let answer: Value = serde_json::from_str(&push.answer).unwrap();
        let told: Vec<_> = answer["results"].as_array().unwrap().iter().collect();
        let actions: Vec<_> = told.iter().map(|row| row["action"].as_str().unwrap()).collect();
        assert_eq!(actions, ["created", "failed", "updated", "failed"], "{answer}");
        assert!(push.shown.starts_with("2 of 4 rows failed: Items('B')"), "{}", push.shown);
        let known: Vec<_> = office
            .jobs()
            .await
            .into_iter()
            .map(|job| (job.key.document, job.state.kind()))
            .collect();
        let state = |code: &str, state| (code.to_owned(), state);
        assert_eq!(
            known,
            [
                state("A", StateKind::Done),
                state("B", StateKind::Parked),
                state("RM-001", StateKind::Done)
            ]
        );
    }
}

#[tokio::test]
async fn a_connection_lost_at_any_step_ends_as_one_record() {
    for family in [Family::Item, Family::Routing] {
        let (scenario, set, row) = match family {
            Family::Item => {
                (json!({"kind": "item"}), "Items", json!({"ItemCode": "NEW", "ItemName": "x"}))
            }
            _ => (
                // Looked up by a field of its own, which the ERP does not keep unique.
                json!({"kind": "routing", "routing": {
                    "object": "PLMROUTING", "key_field": "U_ItemCode", "entity_key": "Code",
                    "line_collection": "PLMROUTING1Collection",
                }}),
                "PLMROUTING",
                json!({"U_ItemCode": "FG-001", "Code": "R-1", "PLMROUTING1Collection": [
                    {"U_Step": "10", "U_Operation": "下料", "U_Minutes": "1.50"},
                ]}),
            ),
        };
        for step in 0..3 {
            for kind in [FaultKind::ResetBefore, FaultKind::ResetAfter] {
                let office = Office::new().await;
                let before = office.stage.sandbox.b1().list(set).unwrap().len();
                let runner = office.start(family, &scenario, BatchShape::Array).await;
                office.fault(Fault::new(None, "", kind.clone()).skip(step));
                let first = office.push(&runner, family, std::slice::from_ref(&row)).await;
                let again = office.push(&runner, family, std::slice::from_ref(&row)).await;
                let context =
                    format!("{family:?} {step} {kind:?}: {} {}", first.shown, again.shown);
                assert!(again.is_success(), "{context}");
                let after = office.stage.sandbox.b1().list(set).unwrap();
                assert_eq!(after.len(), before + 1, "{context}");
                if family == Family::Routing {
                    let lines = after[0]["PLMROUTING1Collection"].as_array().unwrap();
                    assert_eq!((lines.len(), lines[0]["U_Minutes"].as_f64()), (1, Some(1.5)));
                }
                assert_eq!(office.jobs().await[0].state.kind(), StateKind::Done, "{context}");
            }
        }
    }
}

#[tokio::test]
async fn names_of_the_plm_are_mapped() {
    let office = Office::new().await;
    let scenario = json!({
        "kind": "bom", "lines_at": "children",
        "fields": [{"from": "code", "to": "TreeCode"}, {"from": "name", "to": "ProductDescription"}],
        "lines": {"to": "ProductTreeLines", "fields": [
            {"from": "part", "to": "ItemCode"}, {"from": "qty", "to": "Quantity", "format": "number"},
        ]},
    });
    let runner = office.start(Family::Bom, &scenario, BatchShape::Array).await;
    let bom = json!({"code": "FG-001", "name": "机箱", "other": 1, "children": [{"part": "RM-003", "qty": "0.250"}]});
    let push = office.push(&runner, Family::Bom, &[bom]).await;
    assert!(push.is_success(), "{}", push.shown);
    let tree = office.stage.entity("ProductTrees", "'FG-001'");
    let lines = tree["ProductTreeLines"].as_array().unwrap();
    assert_eq!((lines.len(), lines[0]["Quantity"].as_f64()), (1, Some(0.25)));
    assert_eq!(tree["ProductDescription"], "机箱");
}

#[tokio::test]
async fn the_check_names_the_object_that_is_not_there() {
    let office = Office::new().await;
    let check = async |object: &str, field: &str| {
        let scenario =
            json!({"kind": "routing", "routing": {"object": object, "key_field": field}});
        let scenario: PlmEngineeringData = serde_json::from_value(scenario).unwrap();
        scenario.check(&office.systems).await.remove(0).problem
    };
    assert_eq!(check("PLMROUTING", "Code").await, None);
    assert_eq!(check("PLMROUTING", "U_ItemCode").await, None);
    for (object, field) in [("NOWHERE", "Code"), ("PLMROUTING", "U_Nowhere")] {
        let problem = check(object, field).await.unwrap();
        assert!(problem.contains("`routing`") && problem.contains(object), "{problem}");
    }
    for (scenario, text) in [
        (json!({"kind": "routing"}), "needs the object"),
        (json!({"kind": "item", "routing": {"object": "X"}}), "only for kind"),
        (json!({"kind": "routing", "routing": {"object": "a b"}}), "letters, digits"),
        (json!({"kind": "item", "rows_at": "data"}), "JSON Pointer"),
    ] {
        let error = serde_json::from_value::<PlmEngineeringData>(scenario).unwrap_err().to_string();
        assert!(error.contains(text), "{text}: {error}");
    }
}
