//! Work orders, second contract.

use blacklake_mes::work_orders::{CloseType, WorkOrderStatus};
use blacklake_mes::work_orders_v2::{
    Control, Dispatch, Filter, Input, Operation, Output, PlanChange, WorkOrderImport,
};
use blacklake_mes::{Decimal, ErrorKind};
use chrono::{DateTime, TimeDelta, Utc};
use erplink_sandbox::mes::Quirks;

use crate::{Factory, ORDER};

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_668_960_000_123).unwrap()
}

fn whole() -> WorkOrderImport {
    let finish = start() + TimeDelta::days(3);
    WorkOrderImport::new(
        "71",
        start(),
        finish,
        [
            Output::main("FG-001", decimal("100.5")).unit("台").version("V1"),
            Output::by_product(1, "RM-001", 2),
        ],
    )
    .status(WorkOrderStatus::Created)
    .sop(false)
    .specified_material(true)
    .use_bom(false)
    .use_process_route(false)
    .external_code("ERP-71")
    .identifier("I-71")
    .remark("加急")
    .inputs([Input::new(10, "RM-003")
        .per(decimal("0.25"), 1)
        .version("V1")
        .unit("桶")
        .by_operation(true)
        .operation("20")
        .by_sop(false)
        .loss_rate(decimal("0.01"))])
    .controls([Control::new(10, 1, "RM-003", decimal("0.25"))])
    .operations([Operation::new("10", "XL", true).name("下料"), Operation::new("20", "ZP", true)])
}

#[tokio::test]
async fn an_order_with_every_member_comes_back_as_it_went() {
    let factory = Factory::new().await;
    let orders = factory.client().work_orders_v2();
    let id = orders.import(&whole()).await.unwrap().id.unwrap();
    let order = orders.get("71").await.unwrap();
    assert_eq!((order.id, order.identifier.as_str()), (id, "I-71"));
    assert_eq!(order.planned_start_time, Some(start()), "to the millisecond");
    let row = orders.find("71").await.unwrap().unwrap();
    assert_eq!((row.work_order_id, row.work_order_code.as_str()), (id, "71"));
    assert_eq!(row.work_order_status.as_ref().unwrap().code, WorkOrderStatus::Created);
    assert!(orders.find("7").await.unwrap().is_none(), "exactly this code");
    let inputs = orders.inputs("71").await.unwrap();
    assert_eq!(inputs[0].input_amount_numerator, Some(decimal("0.25")));
    let outputs = orders.outputs("71").await.unwrap();
    assert_eq!(outputs[0].planned_amount.as_ref().unwrap().amount, Some(decimal("100.5")));
    let plan = orders.process_plan("71").await.unwrap();
    assert_eq!(plan.processes.len(), 2);
    assert_eq!(orders.get("NONE").await.unwrap_err().kind(), ErrorKind::Api);
}

#[tokio::test]
async fn plans_are_changed_and_orders_dispatched_and_closed() {
    let factory = Factory::new().await;
    let orders = factory.client().work_orders_v2();
    orders.import(&whole()).await.unwrap();
    let finish = start() + TimeDelta::days(9);
    orders
        .change_plans([PlanChange::new("71").amount(decimal("7.5")).finish(finish)])
        .await
        .unwrap();
    let order = orders.get("71").await.unwrap();
    assert_eq!(order.planned_finish_time, Some(finish));
    let business = orders
        .dispatch([Dispatch::new("71", "10")
            .work_order(order.id)
            .task_code("T-71")
            .task_identifier("TI-71")
            .amount(decimal("2.5"))
            .start(start())
            .finish(finish)
            .remark("先做")])
        .await
        .unwrap();
    assert!(business.is_some());
    let order = orders.get("71").await.unwrap();
    assert_eq!(order.status.as_ref().unwrap().code, WorkOrderStatus::Dispatched);
    let closed = orders.batch_close_codes(["71", "NONE"], CloseType::Normal, "取消").await.unwrap();
    assert_eq!((closed.success_amount, closed.fail_amount), (1, 1));
    let first = orders.find(ORDER).await.unwrap().unwrap().work_order_id;
    orders.batch_close([first], CloseType::Normal, "取消").await.unwrap().complete().unwrap();
    for (filter, count) in [
        (Filter::new(), 2),
        (Filter::new().exact_code("71"), 1),
        (Filter::new().code("7"), 1),
        (Filter::new().statuses([WorkOrderStatus::Closed]), 2),
        (Filter::new().paused(true), 0),
        (Filter::new().updated_from(Utc::now() + TimeDelta::days(1)), 0),
        (Filter::new().updated_to(Utc::now() + TimeDelta::days(1)).page_size(1), 2),
    ] {
        let text = format!("{filter:?}");
        assert_eq!(orders.list(filter).try_collect().await.unwrap().len(), count, "{text}");
    }
}

#[tokio::test]
async fn the_platform_may_move_an_order_on_by_itself() {
    let factory = Factory::new().await;
    let quirks = Quirks { auto_dispatch: true, auto_finish: true, ..Quirks::default() };
    factory.mes().set_quirks(quirks);
    let orders = factory.client().work_orders_v2();
    orders.import(&whole()).await.unwrap();
    let state = async || orders.get("71").await.unwrap().status.as_ref().unwrap().code;
    assert_eq!(state().await, WorkOrderStatus::Dispatched);
    factory.mes().report("71", decimal("100.5")).unwrap();
    assert_eq!(state().await, WorkOrderStatus::Finished);
}
