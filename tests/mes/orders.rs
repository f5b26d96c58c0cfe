//! Work orders, first contract.

use blacklake_mes::work_orders::{
    CloseType, ControlLine, EditControl, EditInput, EditOutput, InputLine, LastOperationRule,
    Operation, OperationLink, OutputLine, WorkOrderEdit, WorkOrderFilter, WorkOrderImport,
    WorkOrderStatus, WorkOrderType,
};
use blacklake_mes::{Decimal, ErrorKind, QcStatus};
use chrono::{NaiveDate, NaiveDateTime, TimeDelta, Utc};
use erplink_sandbox::mes::{ImportAnswer, MissingCode, Quirks};

use crate::{Factory, ORDER};

pub(crate) fn day(day: u32) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2022, 11, day).unwrap().and_hms_opt(0, 0, 0).unwrap()
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// An order that says everything that an import can say.
fn whole() -> WorkOrderImport {
    WorkOrderImport::new(
        "71",
        day(21),
        day(24),
        [
            OutputLine::main("FG-001", decimal("100.5"))
                .unit("台")
                .version("V1")
                .output_operation("20")
                .rate(1)
                .report_amount(2)
                .reporting_methods("1")
                .warehousing(true)
                .auto_warehousing(false),
            OutputLine::by_product(1, "RM-001", decimal("0.25")),
        ],
    )
    .kind(WorkOrderType::Rework)
    .status("新建")
    .sop(false)
    .specified_material(true)
    .use_bom(false)
    .use_process_route(false)
    .external_code("ERP-71")
    .identifier("I-71")
    .remark("加急")
    .production_department("D06")
    .production_supervisor("sunqi")
    .planning_department("D01")
    .planning_user("zhouba")
    .plan_type("串行")
    .inputs([
        InputLine::new(10, "RM-001").material_name("钢板").per(2, 1).unit("张").remark("整张"),
        InputLine::new(20, "RM-003").per(decimal("0.25"), 1).version("V1").operation("20"),
    ])
    .controls([
        ControlLine::new(10, 1, "RM-001")
            .per(decimal("1.5"), 1)
            .quality([QcStatus::Qualified, QcStatus::Concession])
            .limit("0"),
        ControlLine::new(10, 2, "RM-001").per(decimal("0.5"), 1).lower_limit("0").upper_limit("9"),
    ])
    .operations([
        Operation::new("9", "XL").name("下料").report_flag("是"),
        Operation::new("10", "HJ").description("满焊"),
        Operation::new("20", "ZP").ratio(1),
    ])
    .links([OperationLink::new("9", "10"), OperationLink::new("10", "20")])
}

#[tokio::test]
async fn an_order_with_every_member_comes_back_as_it_went() {
    for import_answer in [ImportAnswer::WorkOrderId, ImportAnswer::Nothing, ImportAnswer::List] {
        let factory = Factory::new().await;
        factory.mes().set_quirks(Quirks { import_answer, ..Quirks::default() });
        let orders = factory.client().work_orders();
        let imported = orders.import(&whole()).await.unwrap();
        let id = orders.code_to_id("71").await.unwrap().id().unwrap();
        if import_answer == ImportAnswer::WorkOrderId {
            assert_eq!(imported.id, Some(id));
        }
        let order = orders.get(id).await.unwrap();
        assert_eq!((order.id, order.code.as_str()), (id, "71"));
        assert_eq!((order.identifier.as_str(), order.remark.as_str()), ("I-71", "加急"));
        assert_eq!(order.external_order_code, "ERP-71");
        assert_eq!(order.status.as_ref().unwrap().code, WorkOrderStatus::Created);
        assert_eq!(order.work_order_type.as_ref().unwrap().code, WorkOrderType::Rework);
        let start = order.planned_start_time.unwrap();
        assert_eq!(blacklake_mes::china_time(start), day(21), "the wall clock of China");
        assert_eq!(order.production_department.as_ref().unwrap().code, "D06");

        let inputs = orders.inputs(id).await.unwrap();
        let shares: Vec<_> =
            inputs.iter().map(|row| row.input_amount_numerator.unwrap().to_string()).collect();
        assert_eq!(shares, ["2", "0.25"]);
        assert_eq!(inputs[1].material.as_ref().unwrap().base_info.code, "RM-003");
        let outputs = orders.outputs(id).await.unwrap();
        assert_eq!(outputs.len(), 2);
        let planned = outputs[0].planned_amount.as_ref().unwrap().amount.unwrap();
        assert_eq!(planned, decimal("100.5"));

        let plan = orders.process_plan(id).await.unwrap();
        let codes: Vec<_> = plan.processes.iter().map(|one| one.process_code.as_str()).collect();
        assert_eq!(codes, ["XL", "HJ", "ZP"]);
        let outputs: Vec<_> = outputs.into_iter().map(blacklake_mes::Kept::into_inner).collect();
        for rule in [
            LastOperationRule::MaxProcessNum,
            LastOperationRule::NoSuccessor,
            LastOperationRule::MainOutputProcess,
        ] {
            let last = plan.last_operations(rule, &outputs);
            let last: Vec<_> = last.iter().map(|one| one.process_code.as_str()).collect();
            assert_eq!(last, ["ZP"], "{rule:?}");
        }
        orders.sources(id).await.unwrap();
    }
}

#[tokio::test]
async fn an_order_is_changed_by_its_code() {
    let factory = Factory::new().await;
    let orders = factory.client().work_orders();
    let id = orders.import(&whole()).await.unwrap().id.unwrap();
    let edit = WorkOrderEdit::new("71")
        .remark("不急")
        .identifier("I-72")
        .outputs([EditOutput::default()
            .line(0)
            .main(true)
            .material("FG-001")
            .unit("台")
            .amount(decimal("7.5"))
            .batch_generation(3)
            .rate(1)
            .report_amount(2)
            .operation("20")
            .reporting_methods([1, 3])
            .warehousing(true)
            .auto_warehousing(true)])
        .inputs([EditInput::default()
            .seq(10)
            .material("RM-001")
            .material_name("钢板")
            .unit("张")
            .numerator(3)
            .denominator(1)])
        .controls([EditControl::default()
            .seq(10)
            .line(1)
            .material("RM-001")
            .material_name("钢板")
            .numerator(3)
            .denominator(1)]);
    orders.update(&edit).await.unwrap();
    let order = orders.get(id).await.unwrap();
    assert_eq!((order.remark.as_str(), order.identifier.as_str()), ("不急", "I-72"));
    let outputs = orders.outputs(id).await.unwrap();
    assert_eq!(outputs.len(), 1);
    let planned = outputs[0].planned_amount.as_ref().unwrap();
    assert_eq!(planned.amount, Some(decimal("7.5")));
    let inputs = orders.inputs(id).await.unwrap();
    assert_eq!((inputs.len(), inputs[0].input_amount_numerator), (1, Some(decimal("3"))));
    let refused = orders.update(&WorkOrderEdit::new("NONE").remark("x")).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Api, "{refused}");
}

#[tokio::test]
async fn a_batch_is_closed_in_part_and_one_is_closed_or_not() {
    let factory = Factory::new().await;
    let orders = factory.client().work_orders();
    let first = orders.code_to_id(ORDER).await.unwrap().id().unwrap();
    let second = orders.import(&whole()).await.unwrap().id.unwrap();
    factory.mes().hold("71", "存在执行中的任务").unwrap();
    let closed = orders.batch_close([first, second], CloseType::Normal, "ERP取消").await.unwrap();
    assert_eq!((closed.success_amount, closed.fail_amount), (1, 1));
    assert_eq!(closed.fail_results[0].work_order_code, "71");
    let refused = orders.close_one(second, CloseType::Normal, "ERP取消").await.unwrap_err();
    assert!(refused.to_string().contains("存在执行中的任务"), "{refused}");
    factory.mes().release("71").unwrap();
    orders.close_one(second, CloseType::Abnormal, "ERP取消").await.unwrap();
    orders.close_one(second, CloseType::Abnormal, "ERP取消").await.unwrap();
    assert!(orders.get(second).await.unwrap().is_closed());
}

#[tokio::test]
async fn a_code_is_found_or_missing_whatever_the_platform_says() {
    for missing_code in [MissingCode::Refused, MissingCode::NullId] {
        let factory = Factory::new().await;
        factory.mes().set_quirks(Quirks { missing_code, ..Quirks::default() });
        let orders = factory.client().work_orders();
        assert_eq!(orders.code_to_id("NONE").await.unwrap().id(), None);
        let id = orders.code_to_id(ORDER).await.unwrap().id();
        let row = orders.find(ORDER).await.unwrap().unwrap();
        assert_eq!(Some(row.work_order_id), id);
        assert!(orders.find("NONE").await.unwrap().is_none());
    }
}

#[tokio::test]
async fn lists_filter_and_page() {
    let factory = Factory::new().await;
    let orders = factory.client().work_orders();
    orders.import(&whole()).await.unwrap();
    let (past, future) = (Utc::now() - TimeDelta::days(1), Utc::now() + TimeDelta::days(1));
    for (filter, count) in [
        (WorkOrderFilter::new(), 2),
        (WorkOrderFilter::new().code("7"), 1),
        (WorkOrderFilter::new().updated_from(past).updated_to(future), 2),
        (WorkOrderFilter::new().updated_from(future), 0),
        (WorkOrderFilter::new().main_batch("none"), 0),
        (WorkOrderFilter::new().page_size(1), 2),
    ] {
        let text = format!("{filter:?}");
        assert_eq!(orders.list(filter).try_collect().await.unwrap().len(), count, "{text}");
    }
}

#[tokio::test]
async fn an_import_whose_answer_is_lost_or_late_makes_one_order() {
    for lost in ["reset_before", "reset_after", "refused"] {
        let factory = Factory::new().await;
        let orders = factory.client().work_orders();
        let path = "/work_order/_doImport";
        let post = http::Method::POST;
        match lost {
            "reset_before" => {
                factory.mes().faults().push(erplink_sandbox::Fault::reset_before(post, path));
            }
            "reset_after" => {
                factory.mes().faults().push(erplink_sandbox::Fault::reset_after(post, path));
            }
            _ => factory.mes().refuse_next_after_commit(path, 500, "MED-DOMAIN/BUSY", "系统繁忙"),
        }
        let imported = orders.import(&whole()).await.unwrap();
        assert_eq!(imported.was_found_by_code, lost != "reset_before", "{lost}");
        assert_eq!(factory.mes().work_orders().iter().filter(|code| *code == "71").count(), 1);
    }
}
