//! Ids above 2^53 and amounts with many digits, through every hand they pass.

use blacklake_mes::Decimal;
use blacklake_mes::production::ReportFilter;
use blacklake_mes::work_orders::{InputLine, OutputLine, WorkOrderImport};
use erplink_sandbox::mes::{Feed, Report};

use crate::orders::day;
use crate::{Factory, ORDER};

/// More digits than a float holds.
const AMOUNTS: [&str; 4] =
    ["0.1000000000000000000001", "12345678901234567.891", "9007199254740993", "0.0000000001"];

const LARGEST_FLOAT_ID: i64 = 1 << 53;

#[tokio::test]
async fn ids_are_larger_than_a_float_holds_and_stay_what_they_are() {
    let factory = Factory::new().await;
    let client = factory.client();
    let order = client.work_orders().code_to_id(ORDER).await.unwrap().id().unwrap();
    assert!(order.get() > LARGEST_FLOAT_ID);
    assert_eq!(client.work_orders().get(order).await.unwrap().id, order);
    let material = client.materials().find("FG-001").await.unwrap().unwrap();
    assert!(material.id.get() > LARGEST_FLOAT_ID);
    assert_eq!(client.materials().get(material.id).await.unwrap().code, "FG-001");
    let fed = factory.mes().feed(ORDER, "RM-001", 1).unwrap();
    let record = client.production().feed_detail(fed).await.unwrap();
    assert_eq!(record.feed_record_info.feed_record_detail_id.unwrap().get(), fed);
    let reported = factory.mes().report(ORDER, 1).unwrap();
    let reports = client.production().reports(ReportFilter::new().work_orders([order]));
    assert_eq!(reports.try_collect().await.unwrap()[0].id.get(), reported);
}

#[tokio::test]
async fn amounts_keep_every_digit_on_the_way_in_and_out() {
    let factory = Factory::new().await;
    let client = factory.client();
    for (number, text) in AMOUNTS.into_iter().enumerate() {
        let amount: Decimal = text.parse().unwrap();
        let code = format!("X{number}");
        let outputs = [OutputLine::main("FG-001", amount)];
        let order = WorkOrderImport::new(&code, day(1), day(2), outputs)
            .inputs([InputLine::new(0, "RM-001").per(amount, 1)]);
        let orders = client.work_orders();
        let id = orders.import(&order).await.unwrap().id.unwrap();
        let output = orders.outputs(id).await.unwrap().remove(0);
        assert_eq!(output.planned_amount.as_ref().unwrap().amount, Some(amount), "{text}");
        let input = orders.inputs(id).await.unwrap().remove(0);
        assert_eq!(input.input_amount_numerator, Some(amount), "{text}");

        factory.mes().report(&code, Report::new(amount)).unwrap();
        let reports = client.production().reports(ReportFilter::new().work_orders([id]));
        let report = reports.try_collect().await.unwrap().remove(0);
        assert_eq!(report.quantity().unwrap().to_string(), text);
        assert!(report.raw().as_str().contains(text), "{}", report.raw());
        let fed = factory.mes().feed(&code, "RM-001", Feed::new(amount)).unwrap();
        let record = client.production().feed_detail(fed).await.unwrap();
        assert_eq!(record.feed_record_info.quantity().unwrap().to_string(), text);
    }
}
