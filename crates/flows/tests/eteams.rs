//! Departments of eteams in the ERP: each once, and as eteams shows them.

#![allow(clippy::unwrap_used, clippy::panic)] // the lint spares test functions only

#[allow(dead_code)] // each file of tests uses a part
mod stage;

use std::sync::Arc;

use erplink::scenario::{EteamsDepartments, Scenario, Systems};
use erplink::system::{Finding, System as _};
use erplink_sandbox::{Fault, eteams};
use erplink_sync::{Runner, SqliteStore};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use stage::{COMPANY, Stage};
use weaver_eteams::{Client, ClientBuilder, RetryPolicy};

const QUERY: &str = "/api/hrm/restful/queryOrg";

/// The company with eteams.
struct Office {
    stage: Stage,
    systems: Systems,
}

impl Office {
    async fn new() -> Self {
        let stage = Stage::new().await;
        let client = builder(stage.sandbox.eteams()).build().unwrap();
        let systems = stage.systems.clone().with(client);
        Self { stage, systems }
    }

    async fn start(&self, scenario: &impl Scenario, name: &str) -> Runner {
        let composition = scenario.compose(COMPANY, name, &self.systems).unwrap();
        let store = SqliteStore::open(self.stage.ledger.path()).await.unwrap();
        let (builder, _) = composition.runner(store);
        builder.clock(Arc::new(self.stage.clock.clone())).build().unwrap()
    }

    fn eteams(&self) -> &eteams::Eteams {
        self.stage.sandbox.eteams()
    }

    /// Pairs of two properties of every entity of a set.
    fn erp(&self, set: &str, one: &str, other: &str) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().map_or(value.to_string(), str::to_owned);
        let rows = self.stage.sandbox.b1().list(set).unwrap();
        rows.iter().map(|row| (text(&row[one]), text(&row[other]))).collect()
    }

    /// How often the ERP was written to.
    fn writes(&self) -> usize {
        let calls = self.stage.sandbox.b1().calls();
        let writes = [Method::POST, Method::PATCH].map(|method| calls.count(method, "/b1s/v1/"));
        writes.iter().sum::<usize>() - calls.count(Method::POST, "/Login")
    }

    /// A user-defined object of master data for departments.
    fn make_object(&self) {
        let b1 = self.stage.sandbox.b1();
        let table = json!({"TableName": "ETDEPT", "TableDescription": "部门", "TableType": "bott_MasterData"});
        b1.create("UserTablesMD", &table).unwrap();
        for name in ["Parent", "Manager"] {
            let field =
                json!({"Name": name, "Type": "db_Alpha", "Size": 50, "TableName": "@ETDEPT"});
            b1.create("UserFieldsMD", &field).unwrap();
        }
        let object = json!({"Code": "ETDEPT", "Name": "部门", "TableName": "ETDEPT", "ObjectType": "boud_MasterData"});
        b1.create("UserObjectsMD", &object).unwrap();
    }
}

fn builder(eteams: &eteams::Eteams) -> ClientBuilder {
    Client::builder(eteams.corp_id(), eteams.app_key(), eteams.app_secret())
        .base_url(eteams.url())
        .retry(RetryPolicy::never())
}

fn scenario(more: Value) -> EteamsDepartments {
    let mut flow = json!({
        "page_size": 2,
        "fields": [
            {"from": "Department.name", "to": "Name", "required": true},
            {"from": "Department.code", "to": "Description"},
        ],
    });
    flow.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    serde_json::from_value(flow).unwrap()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(one, other)| ((*one).to_owned(), (*other).to_owned())).collect()
}

#[tokio::test]
async fn departments_are_found_by_name_or_made_and_then_left_alone() {
    let office = Office::new().await;
    let runner = office.start(&scenario(json!({})), "departments").await;
    let report = runner.run_once().await;
    assert_eq!((report.read, report.done), (6, 6), "{report}");
    let expected = pairs(&[
        // Those that were there, by their names; 生产部 is the ERP's own.
        ("总经办", "D01"),
        ("采购部", "D02"),
        ("生产部", "Production"),
        ("财务部", "D03"),
        ("销售部", "D04"),
        ("仓储部", "D05"),
        ("采购一组", "D0201"),
    ]);
    let mut found = office.erp("Departments", "Name", "Description");
    found.sort_by_key(|one| expected.iter().position(|other| other == one));
    assert_eq!(found, expected);
    assert_eq!(office.writes(), 6);

    let report = office.stage.later(&runner).await;
    assert_eq!((report.read, report.skipped, report.done), (6, 6, 0), "{report}");
    assert_eq!(office.writes(), 6, "nothing changed");
    // Another process, whose ledger is lost, finds everything as it should be.
    drop(runner);
    std::fs::remove_file(office.stage.ledger.path()).unwrap();
    let report = office.start(&scenario(json!({})), "again").await.run_once().await;
    assert_eq!((report.done, office.writes()), (6, 6), "{report}");
}

#[tokio::test]
async fn a_user_defined_object_follows_what_is_renamed_moved_and_added() {
    let office = Office::new().await;
    office.make_object();
    let scenario = scenario(json!({
        "object_type": "ETDEPT",
        "with_subsidiaries": true,
        "with_extension": true,
        "fields": [
            {"from": "Department.id", "to": "Code"},
            {"from": "Department.name", "to": "Name"},
            {"from": "Department.parent", "to": "U_Parent"},
            {"from": "Department.extend.manager", "to": "U_Manager"},
        ],
    }));
    let findings = scenario.check(&office.systems).await;
    assert!(findings.iter().all(|finding| finding.problem.is_none()), "{findings:?}");
    let runner = office.start(&scenario, "organisation").await;
    let report = runner.run_once().await;
    assert_eq!(report.done, 7, "{report}");
    let found = office.erp("ETDEPT", "Code", "U_Parent");
    assert!(found.contains(&("9007199254740993".to_owned(), "7035".to_owned())), "{found:?}");

    office.eteams().rename_department("7035", "采购中心").unwrap();
    office.eteams().edit_department("7036", |one| one.parent = "7034".to_owned()).unwrap();
    office.eteams().edit_department("7038", |one| one.deleted = true).unwrap();
    let new = eteams::Department {
        id: "7040".to_owned(),
        name: "质检部".to_owned(),
        parent: "7001".to_owned(),
        ..eteams::Department::default()
    };
    office.eteams().put_department(new);
    let report = office.stage.later(&runner).await;
    assert_eq!((report.read, report.done), (7, 3), "{report}");
    let rows = office.stage.sandbox.b1().list("ETDEPT").unwrap();
    let row = |code: &str| rows.iter().find(|row| row["Code"] == code).unwrap();
    assert_eq!(rows.len(), 8, "what was deleted stays");
    assert_eq!(
        (&row("7035")["Name"], &row("7035")["U_Manager"]),
        (&json!("采购中心"), &json!("李四"))
    );
    assert_eq!(row("7036")["U_Parent"], "7034");
    assert_eq!(row("7040")["Name"], "质检部");
}

#[tokio::test]
async fn lost_answers_and_expired_tokens_double_nothing() {
    let office = Office::new().await;
    let runner = office.start(&scenario(json!({})), "departments").await;
    let b1 = office.stage.sandbox.b1();
    b1.faults().push(Fault::reset_after(Method::POST, "/Departments").times(2));
    b1.faults().push(Fault::reset_after(Method::PATCH, "/Departments"));
    let report = runner.run_once().await;
    assert_eq!((report.done, report.failed.len()), (3, 3), "{report}");
    office.eteams().expire_tokens();
    let report = office.stage.later(&runner).await;
    assert_eq!(report.done, 3, "{report}");
    assert_eq!(office.erp("Departments", "Name", "Description").len(), 7);
    assert_eq!(office.eteams().grants().refreshes, 1, "a refresh, and no second code");
    assert_eq!(office.eteams().grants().codes, 1);
}

#[tokio::test]
async fn a_name_that_two_departments_have_parks_that_one() {
    let office = Office::new().await;
    let b1 = office.stage.sandbox.b1();
    b1.create("Departments", &json!({"Name": "采购部", "Description": "x"})).unwrap();
    let runner = office.start(&scenario(json!({})), "departments").await;
    let report = runner.run_once().await;
    assert_eq!((report.done, report.parked.len()), (5, 1), "{report}");
    assert!(report.parked[0].1.message.contains("several entities"), "{report}");
}

#[tokio::test]
async fn two_departments_with_one_name_share_one_entity() {
    let office = Office::new().await;
    for (id, code) in [("7050", "D10"), ("7051", "D11"), ("7052", "D12")] {
        let (id, name, code) = (id.to_owned(), "项目部".to_owned(), code.to_owned());
        let parent = "7001".to_owned();
        let one = eteams::Department { id, name, code, parent, ..eteams::Department::default() };
        office.eteams().put_department(one);
    }
    let runner = office.start(&scenario(json!({"page_size": 100})), "departments").await;
    let report = runner.run_once().await;
    assert_eq!(report.done, 9, "{report}");
    let found = office.erp("Departments", "Name", "Description");
    assert_eq!(found.iter().filter(|(name, _)| name == "项目部").count(), 1, "{found:?}");
}

#[tokio::test]
async fn each_way_of_failing_has_its_text_before_the_reason() {
    let office = Office::new().await;
    let messages = json!({"messages": {
        "condition_not_met": "部门查询被拒绝", "timeout": "部门查询超时", "exception": "部门查询异常",
    }});
    let short = builder(office.eteams()).build().unwrap();
    let short = short.with_timeout(std::time::Duration::from_millis(50));
    let systems = office.stage.systems.clone().with(short);
    let office = Office { systems, stage: office.stage };
    let runner = office.start(&scenario(messages), "departments").await;
    let problem = async || {
        let report = office.stage.later(&runner).await;
        assert_eq!(report.problems.len(), 1, "{report}");
        report.problems[0].clone()
    };
    office.eteams().refuse_next("/queryOrg", "40035", "参数错误");
    let told = problem().await;
    assert!(told.contains("部门查询被拒绝") && told.contains("40035 参数错误"), "{told}");
    office.eteams().faults().push(Fault::never_answer(None, QUERY));
    let told = problem().await;
    assert!(told.contains("部门查询超时"), "{told}");
    let bad = StatusCode::BAD_GATEWAY;
    office.eteams().faults().push(Fault::html(None, QUERY, bad));
    let told = problem().await;
    assert!(told.contains("部门查询异常") && told.contains("502"), "{told}");
    assert_eq!(office.stage.later(&runner).await.done, 6);
}

/// The problem that a check of the connection finds.
async fn problem(builder: ClientBuilder) -> String {
    let findings = builder.build().unwrap().check().await;
    let [Finding { problem: Some(problem), .. }] = &findings[..] else {
        panic!("one problem: {findings:?}")
    };
    problem.clone()
}

#[tokio::test]
async fn a_check_names_the_setting_that_is_wrong() {
    let office = Office::new().await;
    let eteams = office.eteams();
    let (corp, key, secret) = (eteams.corp_id(), eteams.app_key(), eteams.app_secret());
    let at = |builder: ClientBuilder| builder.base_url(eteams.url()).retry(RetryPolicy::never());
    assert!(builder(eteams).build().unwrap().check().await[0].problem.is_none());
    for (builder, expected) in [
        (at(Client::builder("other", key, secret)), "`corp_id`"),
        (at(Client::builder(corp, "other", secret)), "`app_key` and `app_secret`"),
        (at(Client::builder(corp, key, "other")), "`app_key` and `app_secret`"),
        (builder(eteams).base_url("http://127.0.0.1:1"), "`base_url`"),
        (builder(eteams).base_url(office.stage.sandbox.b1().root_url()), "`base_url`"),
    ] {
        let told = problem(builder).await;
        assert!(told.contains(expected), "{told}");
    }
    eteams.refuse_next("/queryOrg", "301002", "无接口权限");
    let told = problem(builder(eteams)).await;
    assert!(told.contains("接口权限") && told.contains("301002"), "{told}");

    for (more, expected) in [
        (json!({"object_type": "Department", "match_field": "Name"}), "`object_type`"),
        (
            json!({"fields": [{"from": "Department.name", "to": "Name"},
                           {"from": "Department.code", "to": "U_NoSuch"}]}),
            "U_NoSuch",
        ),
    ] {
        let findings = scenario(more).check(&office.systems).await;
        let told = findings[0].problem.clone().unwrap();
        assert!(told.contains(expected), "{told}");
    }
}
