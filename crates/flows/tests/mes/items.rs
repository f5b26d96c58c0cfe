//! Items become materials: the table of the guide, row by row.

use blacklake_mes::materials::MaterialFilter;
use erplink::mes::Mes;
use erplink::scenario::{MesMaterials, Scenario};
use erplink_sandbox::Fault;
use erplink_sync::Runner;
use http::Method;
use serde_json::{Value, json};

use crate::factory::{Factory, scenario};

const IMPORT: &str = "/material/_doimport";

async fn start(factory: &Factory, keys: Value) -> Runner {
    factory.start(&scenario::<MesMaterials>(keys), "materials").await
}

fn new_item(factory: &Factory, code: &str) {
    let item = json!({"ItemCode": code, "ItemName": "新物料", "InventoryUOM": "个"});
    factory.erp().create("Items", &item).unwrap();
}

fn edit(factory: &Factory, code: &str, change: Value) {
    factory.erp().edit("Items", code, &change).unwrap();
}

fn is_enabled(factory: &Factory, code: &str) -> bool {
    factory.mes().material(code).unwrap()["enableFlag"]["code"] == 1
}

#[tokio::test]
async fn a_new_valid_item_is_imported_and_enabled() {
    let factory = Factory::new().await;
    let runner = start(&factory, json!({})).await;
    let first = runner.run_once().await;
    assert_eq!(
        (first.done, first.failed.len()),
        (5, 0),
        "all items go at the first start: {first}"
    );
    factory.pass(600);
    new_item(&factory, "NEW-1");
    edit(&factory, "NEW-1", json!({"ManageBatchNumbers": "tYES"}));
    let report = factory.later(&runner).await;
    assert_eq!(report.done, 1, "{report}");
    let written = factory.mes().material("NEW-1").unwrap()["written"].clone();
    assert_eq!(written["materialName"], "新物料");
    assert_eq!((&written["unitName"], &written["bizType"]), (&json!("个"), &json!("默认")));
    assert_eq!(written["manufactureQualityStatus"], "合格");
    assert_eq!(written["batchManagementEnable"], "是");
    assert!(is_enabled(&factory, "NEW-1"));
    let again = factory.later(&runner).await;
    assert_eq!((again.read, again.done), (0, 0), "a change goes once: {again}");
}

#[tokio::test]
async fn a_changed_item_is_imported_again_and_a_stopped_material_stays_stopped() {
    for restart in [false, true] {
        let factory = Factory::new().await;
        let runner = start(&factory, json!({"restart": restart})).await;
        runner.run_once().await;
        factory.mes().stop_material("RM-001").unwrap();
        factory.pass(600);
        edit(&factory, "RM-001", json!({"ItemName": "钢板 2 mm"}));
        let report = factory.later(&runner).await;
        assert_eq!(report.done, 1, "{report}");
        assert_eq!(factory.mes().material("RM-001").unwrap()["name"], "钢板 2 mm");
        assert_eq!(is_enabled(&factory, "RM-001"), restart, "restart: {restart}");
    }
}

#[tokio::test]
async fn an_item_that_is_not_valid_is_imported_and_then_stopped_new_or_not() {
    let factory = Factory::new().await;
    let runner = start(&factory, json!({})).await;
    runner.run_once().await;
    factory.pass(600);
    new_item(&factory, "OLD-1");
    edit(&factory, "OLD-1", json!({"Valid": "tNO"}));
    edit(&factory, "RM-002", json!({"Valid": "tNO"}));
    let report = factory.later(&runner).await;
    assert_eq!(report.done, 2, "{report}");
    assert!(!is_enabled(&factory, "OLD-1") && !is_enabled(&factory, "RM-002"));
    // Once more, against a platform that refuses to stop what is stopped.
    let quirks = erplink_sandbox::mes::Quirks { refuse_repeated_stop: true, ..Default::default() };
    factory.mes().set_quirks(quirks);
    factory.pass(600);
    edit(&factory, "RM-002", json!({"ItemName": "螺丝 M8"}));
    let report = factory.later(&runner).await;
    assert_eq!((report.done, report.failed.len()), (1, 0), "{report}");
    assert!(!is_enabled(&factory, "RM-002"));
}

#[tokio::test]
async fn an_item_without_a_known_unit_waits_for_a_person_and_blocks_nobody() {
    let factory = Factory::new().await;
    let runner = start(&factory, json!({"max_attempts": 2})).await;
    runner.run_once().await;
    factory.pass(600);
    let odd = json!({"ItemCode": "ODD", "ItemName": "怪", "InventoryUOM": "打"});
    factory.erp().create("Items", &odd).unwrap();
    factory.erp().create("Items", &json!({"ItemCode": "BARE", "ItemName": "裸"})).unwrap();
    new_item(&factory, "NEW-1");
    let report = factory.later(&runner).await;
    assert_eq!((report.done, report.failed.len(), report.parked.len()), (1, 1, 1), "{report}");
    assert!(report.to_string().contains("InventoryUOM"), "{report}");
    let report = factory.later(&runner).await;
    assert!(report.parked[0].1.to_string().contains("打"), "{report}");
    factory.mes().put_unit("打");
    factory.pass(60);
    edit(&factory, "ODD", json!({"ItemName": "怪物"}));
    assert_eq!(factory.later(&runner).await.done, 1, "a change gets it going again");
}

#[tokio::test]
async fn a_stop_of_any_length_and_a_lost_answer_lose_no_change() {
    for read in ["changes", "window"] {
        let factory = Factory::new().await;
        let runner = start(&factory, json!({"read": read, "page_size": 2})).await;
        runner.run_once().await;
        factory.later(&runner).await;
        drop(runner);
        // Over midnight, and more than a page in one minute.
        for hour in 0..30 {
            factory.pass(3600);
            if hour % 10 == 0 {
                for part in 0..3 {
                    new_item(&factory, &format!("H{hour}-{part}"));
                }
            }
        }
        factory.pass(3600);
        factory.mes().faults().push(Fault::reset_after(Method::POST, IMPORT));
        let runner = start(&factory, json!({"read": read, "page_size": 2})).await;
        let report = runner.run_once().await;
        assert_eq!((report.done, report.failed.len()), (8, 1), "{read}: {report}");
        assert_eq!(factory.later(&runner).await.done, 1, "{read}");
        for hour in [0, 10, 20] {
            for part in 0..3 {
                factory.mes().material(&format!("H{hour}-{part}")).unwrap();
            }
        }
        assert_eq!(factory.later(&runner).await.read, 0, "{read}");
    }
}

#[tokio::test]
async fn each_way_of_reading_goes_on_where_the_other_one_stopped() {
    let factory = Factory::new().await;
    let runner = start(&factory, json!({})).await;
    runner.run_once().await;
    factory.later(&runner).await;
    for (read, code) in [("window", "W"), ("changes", "C"), ("window", "W2")] {
        factory.pass(7200);
        new_item(&factory, code);
        factory.pass(7200);
        let runner = start(&factory, json!({"read": read})).await;
        let report = runner.run_once().await;
        assert_eq!((report.done, report.problems.len()), (1, 0), "{read}: {report}");
    }
}

#[tokio::test]
async fn fields_of_the_site_go_along() {
    let factory = Factory::new().await;
    edit(&factory, "RM-001", json!({"User_Text": "易锈", "PurchaseUnit": "张"}));
    let fields = json!([
        {"from": "Document.User_Text", "to": "remark"},
        {"from": "规格 {Document.U_Specifications}/{Document.PurchaseUnit}", "to": "specification"},
        {"from": "=虚拟件", "to": "bizType"},
    ]);
    let keys = json!({"fields": fields, "filter": "ItemCode eq 'RM-001'"});
    let report = start(&factory, keys).await.run_once().await;
    assert_eq!(report.done, 1, "{report}");
    let written = factory.mes().material("RM-001").unwrap()["written"].clone();
    assert_eq!(written["remark"], "易锈");
    assert_eq!(written["specification"], "规格 钢板 标准规格/张");
    assert_eq!(written["bizType"], "虚拟件");
}

#[tokio::test]
async fn the_check_says_which_permission_is_missing() {
    let factory = Factory::new().await;
    let materials = scenario::<MesMaterials>(json!({}));
    let findings = materials.check(&factory.systems).await;
    assert!(findings.iter().all(|finding| finding.problem.is_none()), "{findings:?}");
    factory.mes().revoke("/material/_list");
    let findings = materials.check(&factory.systems).await;
    let problem = findings[0].problem.clone().unwrap();
    assert!(problem.contains("permission") && problem.contains("接口权限"), "{problem}");
    let mes = Mes::of(&factory.systems).unwrap().client().clone();
    let listed = mes.materials().list(MaterialFilter::new()).next().await.unwrap();
    assert!(listed.is_err());
}
