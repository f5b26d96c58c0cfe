//! Pushes of the factory, opened by the receiver of the client.

use std::sync::{Arc, Mutex};

use blacklake_mes::callback::{Callback, CheckReply, Event, Received, UnknownEvents, router};
use erplink_sandbox::mes::{CheckAnswer, Decimal, Feed, PushFault, Quirks, Report};
use serde_json::json;

use crate::{Factory, ORDER};

const KEY: &str = "callback-content-key";

type Inbox = Arc<Mutex<Vec<Received>>>;

/// Serves the receiver; answers its address and what it takes.
async fn serve(callback: Callback) -> (String, Inbox) {
    let inbox = Inbox::default();
    let into = inbox.clone();
    let routes = router("/mes", callback, move |received: Received| {
        into.lock().unwrap().push(received);
        async { Ok(()) }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/mes", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    (url, inbox)
}

#[tokio::test]
async fn every_way_to_answer_the_check_verifies_the_address_where_it_is_wanted() {
    let ways = [
        (CheckReply::Data, CheckAnswer::Data),
        (CheckReply::Text, CheckAnswer::Text),
        (CheckReply::Event, CheckAnswer::Event),
        (CheckReply::CodeAndData, CheckAnswer::CodeAndData),
    ];
    for (reply, _) in ways {
        let (url, _) = serve(Callback::new(KEY).check_reply(reply)).await;
        for (_, check_answer) in ways {
            let factory = Factory::new().await;
            factory.mes().set_quirks(Quirks { check_answer, ..Quirks::default() });
            let saved = factory.mes().configure_callback(&url, KEY).await;
            // What stands beside `data` does no harm.
            let fits = ways.contains(&(reply, check_answer))
                || (check_answer == CheckAnswer::Data && reply != CheckReply::Text);
            assert_eq!(saved.is_ok(), fits, "{reply:?} for {check_answer:?}: {saved:?}");
        }
    }
}

#[tokio::test]
async fn events_are_typed_and_keep_every_digit() {
    for key in [KEY, ""] {
        let factory = Factory::new().await;
        let (url, inbox) = serve(Callback::new(key)).await;
        factory.mes().configure_callback(&url, key).await.unwrap();
        let amount: Decimal = "0.1000000000000000000001".parse().unwrap();
        let fed = factory.mes().feed(ORDER, "RM-001", Feed::new(amount).batch("B-1")).unwrap();
        factory.mes().retract(fed, amount).unwrap();
        factory.mes().report(ORDER, Report::new(amount)).unwrap();
        factory.mes().feed(ORDER, "RM-001", Feed::new(1).fails("库存不足")).unwrap();
        factory.mes().push_event("quality.result_notify.qc_task", &json!({"qcTaskId": 7}));
        factory.mes().settled().await;
        let received = std::mem::take(&mut *inbox.lock().unwrap());
        let events: Vec<&Event> = received.iter().map(|one| &one.event).collect();
        let [
            Event::Dispatched(_),
            Event::Feeding(feeding),
            Event::FeedingRetract(retract),
            Event::Report(report),
            Event::Feeding(failed),
            Event::Quality(quality),
        ] = events.as_slice()
        else {
            panic!("{events:#?}");
        };
        assert!(feeding.is_success());
        assert_eq!(feeding.detail_ids()[0].get(), fed);
        assert_eq!(feeding.record_list[0].ope_amount, Some(amount));
        assert_eq!(feeding.record_list[0].batch_no_list, ["B-1"]);
        assert_eq!(retract.record_list[0].ope_amount, Some(amount));
        assert_eq!(report.record_list[0].report_amount, Some(amount));
        assert_eq!((failed.is_success(), failed.reason.as_str()), (false, "库存不足"));
        assert_eq!(quality.qc_task_id.map(|id| id.get()), Some(7));
        assert!(factory.mes().pushes().iter().all(|push| push.failure.is_none()));
    }
}

#[tokio::test]
async fn events_of_unknown_types_are_acknowledged_or_refused() {
    for (unknown, attempts) in [(UnknownEvents::Acknowledge, 1), (UnknownEvents::Refuse, 4)] {
        let factory = Factory::new().await;
        let (url, inbox) = serve(Callback::new(KEY).unknown_events(unknown)).await;
        factory.mes().configure_callback(&url, KEY).await.unwrap();
        factory.mes().push_event("something.new", &json!({}));
        for _ in 0..6 {
            factory.mes().settled().await;
            factory.sandbox.clock().advance(std::time::Duration::from_secs(11));
        }
        assert_eq!(factory.mes().pushes().len(), attempts, "{unknown:?}");
        assert!(inbox.lock().unwrap().is_empty());
    }
}

#[tokio::test]
async fn damaged_pushes_are_refused_and_their_repetition_is_taken() {
    for fault in [PushFault::WrongKey, PushFault::Truncated, PushFault::Plain] {
        let factory = Factory::new().await;
        let (url, inbox) = serve(Callback::new(KEY)).await;
        factory.mes().configure_callback(&url, KEY).await.unwrap();
        factory.mes().arrange_push_fault(fault);
        let request = factory.mes().push_event("inventory.result_notify.posting", &json!({}));
        factory.mes().settled().await;
        assert!(inbox.lock().unwrap().is_empty(), "{fault:?}");
        factory.sandbox.clock().advance(std::time::Duration::from_secs(11));
        factory.mes().settled().await;
        let received = std::mem::take(&mut *inbox.lock().unwrap());
        assert_eq!(received.len(), 1, "{fault:?}");
        assert_eq!(received[0].header.request_id, request);
    }
}
