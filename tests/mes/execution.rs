//! Tasks, reports, feedings.

use blacklake_mes::production::{
    ReportFilter, ReportForm, ReportItem, ReportType, TaskFilter, TaskStatus,
};
use blacklake_mes::work_orders::WorkOrderStatus;
use blacklake_mes::{Decimal, QcStatus};
use chrono::{TimeDelta, Utc};
use erplink_sandbox::mes::{Feed, Quality, Quirks, Report};

use crate::{Factory, ORDER};

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[tokio::test]
async fn tasks_are_listed_and_reported() {
    let factory = Factory::new().await;
    factory.mes().dispatch(ORDER).unwrap();
    let (client, now) = (factory.client(), Utc::now());
    let (production, orders) = (client.production(), client.work_orders());
    let order = orders.code_to_id(ORDER).await.unwrap().id().unwrap();
    let plan = orders.process_plan(order).await.unwrap();
    let last = plan.processes.last().unwrap();
    let output = orders.outputs(order).await.unwrap().remove(0);
    let (past, future) = (now - TimeDelta::days(9), now + TimeDelta::days(9));
    for (filter, count) in [
        (TaskFilter::new(), 3),
        (TaskFilter::new().search(ORDER), 3),
        (TaskFilter::new().statuses([TaskStatus::Waiting]), 3),
        (TaskFilter::new().operations([last.id]), 1),
        (TaskFilter::new().processes([last.process_id.unwrap()]), 1),
        (TaskFilter::new().materials([output.material_id.unwrap()]), 3),
        (TaskFilter::new().work_orders([order]), 3),
        (TaskFilter::new().start_from(past).start_to(future), 3),
        (TaskFilter::new().end_from(past).end_to(past), 0),
        (TaskFilter::new().sop_tasks([1_i64]), 0),
        (TaskFilter::new().sales_orders([1_i64]), 0),
        (TaskFilter::new().work_centers([1_i64]), 0),
        (TaskFilter::new().equipments([1_i64]), 0),
        (TaskFilter::new().departments([1_i64]), 0),
        (TaskFilter::new().executors([1_i64]), 0),
        (TaskFilter::new().page_size(1), 3),
    ] {
        let text = format!("{filter:?}");
        assert_eq!(production.tasks(filter).try_collect().await.unwrap().len(), count, "{text}");
    }
    let tasks = production.tasks(TaskFilter::new().operations([last.id]));
    let task = tasks.try_collect().await.unwrap().remove(0);
    let item = ReportItem::new(decimal("0.000000000000000001"), output.unit_id.unwrap());
    let form = ReportForm::new(
        task.task_id,
        output.id.unwrap(),
        output.material_id.unwrap(),
        last.id,
        [item.executors([1_i64]).remark("首件")],
    )
    .quality(QcStatus::Concession)
    .report_type(ReportType::RecordQualified)
    .started(now)
    .ended(now)
    .work_hour(decimal("0.75"))
    .work_hour_unit(1);
    let result = production.report(&form).await.unwrap();
    assert_eq!(result.progress_report_record_ids.len(), 1);
    let records = ReportFilter::new().records(result.progress_report_record_ids);
    let rows = production.reports(records).try_collect().await.unwrap();
    assert_eq!(rows[0].quantity().unwrap().to_string(), "0.000000000000000001");
    assert_eq!(rows[0].qc_status.as_ref().unwrap().code, QcStatus::Concession);
    let task = production.task(task.task_id).await.unwrap();
    assert_eq!(task.task_status.as_ref().unwrap().code, TaskStatus::Executing);
    let made = task.progress.as_ref().unwrap().already_reported_amount.as_ref().unwrap();
    assert_eq!(made.amount.unwrap().to_string(), "0.000000000000000001");
}

#[tokio::test]
async fn reports_are_listed_by_every_condition() {
    let factory = Factory::new().await;
    let (mes, client) = (factory.mes(), factory.client());
    mes.report(ORDER, Report::new(5).process("9")).unwrap();
    factory.sandbox.clock().advance(std::time::Duration::from_secs(1));
    mes.report(ORDER, Report::new(4).process("20").batch("B-1").quality(Quality::Rejected))
        .unwrap();
    let order = client.work_orders().code_to_id(ORDER).await.unwrap().id().unwrap();
    let now = Utc::now();
    let (past, future) = (now - TimeDelta::days(9), now + TimeDelta::days(9));
    let all = client.production().reports(ReportFilter::new()).try_collect().await.unwrap();
    let (first, second) = (&all[0], &all[1]);
    let material = first.main_material_id.unwrap();
    let definition =
        client.work_orders().process_plan(order).await.unwrap().processes[0].process_id.unwrap();
    for (filter, count) in [
        (ReportFilter::reported(past, future), 2),
        (ReportFilter::reported(past, second.report_time.unwrap()), 1),
        (ReportFilter::reported(first.report_time.unwrap(), future), 2),
        (ReportFilter::new().started_from(past).started_to(future), 2),
        (ReportFilter::new().ended_from(future), 0),
        (ReportFilter::new().ended_to(past), 0),
        (ReportFilter::new().work_orders([order]), 2),
        (ReportFilter::new().sales_orders([1_i64]), 0),
        (ReportFilter::new().tasks([second.task_id.unwrap()]), 1),
        (ReportFilter::new().task_statuses([blacklake_mes::production::TaskStatus::Executing]), 2),
        (ReportFilter::new().work_order_statuses([WorkOrderStatus::Executing]), 2),
        (ReportFilter::new().operations([first.process_id.unwrap()]), 1),
        (ReportFilter::new().processes([definition]), 1),
        (ReportFilter::new().main_materials([material]), 2),
        (ReportFilter::new().materials([material]), 2),
        (ReportFilter::new().executors([1_i64]), 0),
        (ReportFilter::new().producers([1_i64]), 0),
        (ReportFilter::new().equipments([1_i64]), 0),
        (ReportFilter::new().departments([1_i64]), 0),
        (ReportFilter::new().quality([QcStatus::Rejected]), 1),
        (ReportFilter::new().records([second.report_record_id.unwrap()]), 1),
        (ReportFilter::new().batch("B-1"), 1),
        (ReportFilter::new().qr_code("none"), 0),
        (ReportFilter::new().search(ORDER), 2),
        (ReportFilter::new().page_size(1), 2),
    ] {
        let text = format!("{filter:?}");
        let rows = client.production().reports(filter).try_collect().await.unwrap();
        assert_eq!(rows.len(), count, "{text}");
    }
    // Pages that shift hand no row out twice.
    mes.set_quirks(Quirks { repeated_rows: 1, ..Quirks::default() });
    let rows = client.production().reports(ReportFilter::new().page_size(1));
    assert_eq!(rows.try_collect().await.unwrap().len(), 2);
}

#[tokio::test]
async fn feedings_and_withdrawn_ones_are_listed_over_any_time() {
    let factory = Factory::new().await;
    let (mes, production) = (factory.mes(), factory.client().production());
    let begin = Utc::now() - TimeDelta::minutes(1);
    let feed = Feed::new(decimal("2.125")).batch("P-1");
    let first = mes.feed(ORDER, "RM-003", feed.quality(Quality::Concession)).unwrap();
    factory.sandbox.clock().advance(std::time::Duration::from_secs(5 * 3600));
    mes.feed(ORDER, "RM-002", Feed::new(3).instead_of("RM-003")).unwrap();
    mes.retract(first, decimal("0.125")).unwrap();
    let end = Utc::now() + TimeDelta::hours(6);
    let order = factory.client().work_orders().code_to_id(ORDER).await.unwrap().id().unwrap();

    let rows = production.feedings(begin, end).page_size(1).rows().try_collect().await.unwrap();
    assert_eq!(rows.len(), 2, "windows of an hour, each row once");
    let of_order = production.feedings(begin, end).work_order(order).rows();
    assert_eq!(of_order.try_collect().await.unwrap().len(), 2);
    let of_other = production.feedings(begin, end).work_order(1_i64).rows();
    assert!(of_other.try_collect().await.unwrap().is_empty());

    let detail = production.feed_detail(first).await.unwrap();
    let record = &detail.feed_record_info;
    assert_eq!(record.quantity().unwrap(), decimal("2.125"));
    assert_eq!(record.retract_amount.as_ref().unwrap().amount, Some(decimal("0.125")));
    assert_eq!(record.can_retract_amount.as_ref().unwrap().amount, Some(decimal("2")));
    assert_eq!((record.batch_no.as_str(), record.alternative_flag), ("P-1", false));
    assert_eq!(detail.material_info.base_info.code, "RM-003");
    let substitute = production.feed_detail(rows[1].feed_record_detail_id).await.unwrap();
    let record = &substitute.feed_record_info;
    assert!(record.alternative_flag);
    assert_eq!(record.original_alternative_material_code, "RM-003");
    let task = production.task(rows[0].task_id.unwrap()).await.unwrap();
    assert_eq!(task.work_order_code, ORDER, "the list names the task alone");

    let withdrawn = production.retractions(begin, end).work_order(order).rows();
    let withdrawn = withdrawn.try_collect().await.unwrap();
    assert_eq!(withdrawn.len(), 1);
    assert_eq!(withdrawn[0].feed_record_detail_id.unwrap().get(), first);
    assert_eq!(withdrawn[0].retract_amount.as_ref().unwrap().amount, Some(decimal("0.125")));
}
