//! The decision tables, every row.

use blacklake_mes::callback::Callback;
use blacklake_mes::decisions::*;
use blacklake_mes::production::ProgressReport;
use blacklake_mes::work_orders::WorkOrderStatus;
use blacklake_mes::{Decimal, Enabled};
use serde_json::{Value, json};

#[test]
fn materials() {
    use Enabled::{No, Yes};
    for (is_valid, in_mes, restart, stop, start) in [
        (true, None, false, false, false),
        (true, None, true, false, false),
        (true, Some(Yes), false, false, false),
        (true, Some(Yes), true, false, false),
        (true, Some(No), false, false, false),
        (true, Some(No), true, false, true),
        (false, None, false, true, false),
        (false, Some(Yes), false, true, false),
        (false, Some(No), true, true, false),
    ] {
        let steps = material_steps(is_valid, in_mes, restart);
        let row = format!("{is_valid} {in_mes:?} {restart}");
        assert_eq!((steps.import, steps.stop, steps.start), (true, stop, start), "{row}");
    }
}

#[test]
fn work_orders() {
    use WorkOrderStatus::*;
    use WorkOrderStep::*;
    for (cancelled, create_cancelled, expected) in
        [(false, false, Create), (false, true, Create), (true, false, Mark), (true, true, Create)]
    {
        assert_eq!(work_order_step(None, cancelled, create_cancelled), expected);
    }
    for status in [Draft, Created, Dispatched, Executing, Finished, Unknown(77)] {
        assert_eq!(work_order_step(Some(status), true, false), Close, "{status:?}");
        assert_eq!(work_order_step(Some(status), false, false), Update, "{status:?}");
    }
    for cancelled in [false, true] {
        assert_eq!(work_order_step(Some(Closed), cancelled, true), Mark);
    }
}

/// Reads a report as the client does.
fn report(row: Value) -> ProgressReport {
    serde_json::from_value(row).unwrap()
}

#[test]
fn reports() {
    use SkipReason::*;
    let row = |quality: i64, code: &str, amount: Value| {
        report(json!({ "qcStatus": { "code": quality }, "workOrderCode": code,
                       "reportBaseAmount": { "amount": amount } }))
    };
    let good = row(1, "71", json!("100.50"));
    let receive = ReportStep::Receive { order: 71, quantity: Decimal::new(10_050, 2) };
    let skip = ReportStep::Skip;
    for (report, is_last, book_rejected, expected) in [
        (&good, Some(true), false, receive.clone()),
        (&good, Some(false), false, skip(NotLastOperation)),
        (&good, None, false, skip(UnknownOperation)),
        (&row(4, "71", json!("100.50")), Some(true), false, skip(Rejected)),
        (&row(4, "71", json!("100.50")), Some(true), true, receive.clone()),
        (&row(2, "71", json!("100.50")), Some(true), false, receive.clone()),
        (&row(3, " 71 ", json!("100.50")), Some(true), false, receive),
        (&row(1, "MES-71", json!(1)), Some(true), false, skip(ForeignWorkOrder)),
        (&row(1, "", json!(1)), Some(true), false, skip(ForeignWorkOrder)),
        (&row(1, "71", json!(null)), Some(true), false, skip(NoQuantity)),
        (&row(1, "71", json!(0)), Some(true), false, skip(NoQuantity)),
        (&row(1, "71", json!(-1)), Some(true), false, skip(NoQuantity)),
    ] {
        assert_eq!(report_step(report, is_last, book_rejected), expected, "{report:?}");
    }
}

#[test]
fn events() {
    let step = |event_type: &str, data: Value| {
        let body = json!({ "header": { "eventType": event_type, "requestId": "r" }, "data": data });
        event_step(&Callback::plain().receive(body.to_string().as_bytes()).unwrap().event)
    };
    let feeding = "mfg.result_notify.feeding";
    let ids = |ids: &[i64]| EventStep::Issue(ids.iter().copied().map(Into::into).collect());
    assert_eq!(step("check", json!("x")), EventStep::Verify);
    let listed = json!({ "recordIds": [9], "result": true, "recordList": [{ "id": 1 }, { "id": 2 }, { "id": 1 }] });
    assert_eq!(step(feeding, listed), ids(&[1, 2]));
    assert_eq!(
        step(feeding, json!({ "recordIds": [9, 9], "result": true, "recordList": [] })),
        ids(&[9])
    );
    let half = json!({ "recordIds": [9], "result": true, "recordList": [{ "id": 1 }, {}] });
    assert_eq!(step(feeding, half), ids(&[9]));
    let failed = json!({ "recordIds": [9], "result": false, "reason": "库存不足" });
    assert_eq!(step(feeding, failed), EventStep::Failed("库存不足".to_owned()));
    assert_eq!(step(feeding, json!({ "recordIds": [9] })), EventStep::Failed(String::new()));
    assert!(matches!(step(feeding, json!({ "recordIds": "x" })), EventStep::Park(_)));
    assert_eq!(step("mfg.result_notify.progress_report", json!({})), EventStep::Ignore);
    assert_eq!(step("something.new", json!([1])), EventStep::Ignore);
}

#[test]
fn lines_of_issues() {
    let components = ["A", "B", "C", "B"];
    assert_eq!(issue_line("C", components), IssueLine::Component(2));
    assert_eq!(issue_line("D", components), IssueLine::Missing);
    assert_eq!(issue_line("B", components), IssueLine::Ambiguous);
    assert_eq!(issue_line("a", components), IssueLine::Missing);
}
