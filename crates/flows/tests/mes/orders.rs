//! Production orders become work orders: the table of the guide, row by row and in both contracts, and
//! the mark that hides no edit.

use std::time::Duration;

use erplink::scenario::MesWorkOrders;
use erplink_sandbox::mes::{MissingCode, Quirks};
use erplink_sandbox::{Fault, FaultKind};
use erplink_sync::Runner;
use http::Method;
use serde_json::{Value, json};

use crate::factory::{Factory, ORDER, scenario};

const IMPORTS: [&str; 2] = ["/work_order/_doImport", "/work_order/_doimport"];
const EDIT: &str = "/med/open/v1/work_order/update";
const CLOSE: &str = "/work_order/batch_close";

async fn start(factory: &Factory, keys: Value) -> Runner {
    factory.start(&scenario::<MesWorkOrders>(keys), "work-orders").await
}

/// Both contracts, and both ways of the first to look.
fn ways() -> [Value; 3] {
    [json!({}), json!({"look_up": "list"}), json!({"contract": "v2"})]
}

/// Imports, edits and closings so far.
fn writes(factory: &Factory) -> [usize; 3] {
    let count = |path: &str| factory.mes().calls().count(Method::POST, path);
    [count(IMPORTS[0]) + count(IMPORTS[1]), count(EDIT), count(CLOSE)]
}

fn cancel(factory: &Factory, order: &str) {
    factory.edit(order, json!({"ProductionOrderStatus": "boposCancelled"}));
}

#[tokio::test]
async fn an_order_that_the_mes_does_not_have_is_created() {
    for keys in ways() {
        let factory = Factory::new().await;
        let runner = start(&factory, keys.clone()).await;
        runner.run_once().await;
        let before = writes(&factory);
        let order = factory.release("12.5");
        let report = runner.run_once().await;
        assert_eq!((report.done, report.failed.len()), (1, 0), "{keys}: {report}");
        assert_eq!(writes(&factory), [before[0] + 1, before[1], before[2]], "{keys}");
        let made = factory.mes().work_order(&order).unwrap();
        let erp = factory.stage.entity("ProductionOrders", &order);
        assert_eq!(made["outputs"][0]["material"]["baseInfo"]["code"], "FG-001");
        assert_eq!(made["outputs"][0]["plannedAmount"]["amountDisplay"], "12.5");
        let start = chrono_millis(&erp["StartDate"]);
        assert_eq!(
            (&made["plannedStartTime"], &made["status"]["code"]),
            (&json!(start), &json!(1))
        );
        let paint = &made["inputs"][2];
        assert_eq!(paint["material"]["baseInfo"]["code"], "RM-003");
        assert_eq!(paint["inputAmountNumerator"], "0.25", "{paint}");
        assert_eq!(factory.status(&order), "Y", "{keys}");
        assert_eq!(runner.run_once().await.read, 0, "marked orders are not offered");
    }
}

/// Midnight in China.
fn chrono_millis(day: &Value) -> i64 {
    let day: chrono::NaiveDate = day.as_str().unwrap()[..10].parse().unwrap();
    day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_millis() - 8 * 3_600_000
}

#[tokio::test]
async fn an_order_that_was_cancelled_before_is_only_marked_unless_the_site_wants_it() {
    for (create, keys) in [(false, json!({})), (true, json!({"create_cancelled": true}))] {
        let factory = Factory::new().await;
        let order = factory.release("3");
        cancel(&factory, &order);
        let runner = start(&factory, keys).await;
        let report = runner.run_once().await;
        assert_eq!((report.done, report.failed.len()), (2, 0), "{report}");
        assert_eq!(factory.mes().work_order(&order).is_ok(), create);
        assert_eq!(factory.status(&order), "Y");
    }
}

#[tokio::test]
async fn a_work_order_that_is_closed_is_left_alone_and_marked() {
    for is_cancelled in [false, true] {
        for keys in ways() {
            let factory = Factory::new().await;
            factory.mes().close(ORDER).unwrap();
            if is_cancelled {
                cancel(&factory, ORDER);
            }
            let report = start(&factory, keys.clone()).await.run_once().await;
            assert_eq!(report.done, 1, "{keys}: {report}");
            assert_eq!(writes(&factory), [0, 0, 0], "{keys}");
            assert_eq!(factory.status(ORDER), "Y");
        }
    }
}

#[tokio::test]
async fn a_work_order_whose_order_is_cancelled_is_closed_and_marked_once_it_is() {
    for keys in ways() {
        let factory = Factory::new().await;
        factory.mes().hold(ORDER, "存在执行中的任务").unwrap();
        cancel(&factory, ORDER);
        let runner = start(&factory, keys.clone()).await;
        let report = runner.run_once().await;
        assert_eq!((report.done, report.failed.len()), (0, 1), "{keys}: {report}");
        assert!(report.to_string().contains("存在执行中的任务"), "{report}");
        assert_ne!(factory.status(ORDER), "Y", "the platform said 200, and closed nothing");
        factory.mes().release(ORDER).unwrap();
        assert_eq!(factory.later(&runner).await.done, 1, "{keys}");
        assert_eq!(factory.mes().work_order(ORDER).unwrap()["status"]["code"], 5);
        assert_eq!(factory.status(ORDER), "Y");
    }
}

#[tokio::test]
async fn a_changed_order_changes_its_work_order() {
    for (keys, by_edit) in [
        (json!({}), true),
        (json!({"look_up": "list"}), true),
        (json!({"update_by": "import"}), false),
        (json!({"contract": "v2"}), false),
    ] {
        let factory = Factory::new().await;
        let runner = start(&factory, keys.clone()).await;
        runner.run_once().await;
        let before = writes(&factory);
        let lines = json!([{"LineNumber": 1, "BaseQuantity": 10, "PlannedQuantity": 70}]);
        factory.edit(ORDER, json!({"PlannedQuantity": 7, "ProductionOrderLines": lines}));
        let report = runner.run_once().await;
        assert_eq!((report.done, report.failed.len()), (1, 0), "{keys}: {report}");
        let changed = factory.mes().work_order(ORDER).unwrap();
        assert_eq!(changed["outputs"][0]["plannedAmount"]["amountDisplay"], "7", "{keys}");
        assert_eq!(changed["inputs"][1]["inputAmountNumerator"], "10", "{keys}");
        let (import, edit) = if by_edit { (0, 1) } else { (1, 0) };
        assert_eq!(writes(&factory), [before[0] + import, before[1] + edit, 0], "{keys}");

        // Days are more than the edit can carry.
        factory.edit(ORDER, json!({"DueDate": "2031-05-06"}));
        assert_eq!(runner.run_once().await.done, 1, "{keys}");
        let changed = factory.mes().work_order(ORDER).unwrap();
        let finish = chrono_millis(&json!("2031-05-06"));
        assert_eq!(changed["plannedFinishTime"], finish, "{keys}");
        assert_eq!(factory.status(ORDER), "Y");
    }
}

#[tokio::test]
async fn what_the_mes_says_of_a_missing_code_does_not_matter() {
    for missing_code in [MissingCode::Refused, MissingCode::NullId] {
        let factory = Factory::new().await;
        factory.mes().set_quirks(Quirks { missing_code, ..Quirks::default() });
        let order = factory.release("1");
        let report = start(&factory, json!({})).await.run_once().await;
        assert_eq!(report.done, 2, "{report}");
        factory.mes().work_order(&order).unwrap();
    }
}

#[tokio::test]
async fn a_missing_permission_is_no_missing_work_order() {
    let factory = Factory::new().await;
    factory.mes().revoke("/object_service/_code_to_id");
    let order = factory.release("1");
    let report = start(&factory, json!({})).await.run_once().await;
    assert_eq!((report.done, report.failed.len()), (0, 2), "{report}");
    assert!(factory.mes().work_order(&order).is_err());
    assert_eq!(writes(&factory), [0, 0, 0]);
}

#[tokio::test]
async fn an_answer_that_is_lost_makes_one_work_order_and_one_mark() {
    for keys in ways() {
        for kind in [FaultKind::ResetBefore, FaultKind::ResetAfter] {
            for lost in ["/work_order/_do", "PATCH"] {
                let factory = Factory::new().await;
                let order = factory.release("2");
                let runner = start(&factory, keys.clone()).await;
                let (method, path) = match lost {
                    "PATCH" => (Method::PATCH, format!("ProductionOrders({order})")),
                    path => (Method::POST, path.to_owned()),
                };
                let faults =
                    if lost == "PATCH" { factory.erp().faults() } else { factory.mes().faults() };
                faults.push(Fault::new(method, path, kind.clone()));
                runner.run_once().await;
                for _ in 0..3 {
                    factory.later(&runner).await;
                }
                assert_eq!(factory.status(&order), "Y", "{keys} {lost}");
                let codes = factory.mes().work_orders();
                assert_eq!(codes.iter().filter(|code| **code == order).count(), 1);
                assert_eq!(runner.run_once().await.read, 0, "{keys} {lost}");
            }
        }
    }
}

#[tokio::test]
async fn an_order_goes_again_whenever_people_touch_it_even_if_they_take_it_back() {
    let factory = Factory::new().await;
    let runner = start(&factory, json!({})).await;
    runner.run_once().await;
    for _ in 0..2 {
        factory.edit(ORDER, json!({"PlannedQuantity": 90}));
        factory.edit(ORDER, json!({"PlannedQuantity": 100}));
        assert_eq!(factory.status(ORDER), "N");
        assert_eq!(runner.run_once().await.done, 1);
        assert_eq!(factory.status(ORDER), "Y", "it does not stay in the queue for ever");
    }
}

#[tokio::test]
async fn fields_of_the_site_go_along_and_the_number_of_the_document_may_be_the_code() {
    let factory = Factory::new().await;
    let fields = json!([
        {"from": "Document.Remarks", "to": "remark"},
        {"from": "=D06", "to": "productionDepartmentCode"},
    ]);
    let keys = json!({"fields": fields, "order_number": "document_number"});
    let report = start(&factory, keys).await.run_once().await;
    assert_eq!((report.done, report.failed.len()), (1, 0), "{report}");
    let number = factory.stage.entity("ProductionOrders", ORDER)["DocumentNumber"].to_string();
    let made = factory.mes().work_order(&number).unwrap();
    assert_eq!(made["remark"], "首批");
    assert_eq!(made["productionDepartment"]["code"], "D06");
}

#[tokio::test]
async fn a_rule_that_wants_a_person_to_confirm_parks_at_once() {
    let factory = Factory::new().await;
    factory.mes().ask_confirmation_next(IMPORTS[0], "计划数量小于已报工数量");
    let runner = start(&factory, json!({})).await;
    let report = runner.run_once().await;
    assert_eq!((report.failed.len(), report.parked.len()), (0, 1), "{report}");
    assert!(report.to_string().contains("计划数量小于已报工数量"), "{report}");
}

/// The MES is slow, and meanwhile a planner wants another amount.
#[tokio::test]
async fn an_edit_while_the_order_is_exported_goes_in_the_next_round() {
    for keys in ways() {
        let factory = Factory::new().await;
        let order = factory.release("5");
        let runner = start(&factory, keys.clone()).await;
        let import = if keys["contract"] == "v2" { IMPORTS[1] } else { IMPORTS[0] };
        factory.mes().delay_next_answer(import, Duration::from_millis(500));
        factory.mes().delay_next_answer(import, Duration::from_millis(500));
        let edit = async {
            factory.mes().wait_for_work_order(&order).await;
            factory.edit(&order, json!({"PlannedQuantity": 6}));
        };
        let (report, ()) = tokio::join!(runner.run_once(), edit);
        assert_eq!((report.done, report.failed.len()), (2, 0), "{keys}: {report}");
        assert_eq!(factory.status(&order), "N", "{keys}: the edit is not hidden");
        let report = runner.run_once().await;
        assert_eq!(report.done, 1, "{keys}: {report}");
        let planned = factory.mes().work_order(&order).unwrap()["outputs"][0]["plannedAmount"]
            ["amountDisplay"]
            .clone();
        assert_eq!((planned, factory.status(&order)), (json!("6"), json!("Y")), "{keys}");
    }
}
