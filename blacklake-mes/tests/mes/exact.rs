//! Ids beyond 2^53 and amounts survive a round trip digit for digit.

use async_trait::async_trait;
use blacklake_mes::id::WorkOrderId;
use blacklake_mes::materials::MaterialFilter;
use blacklake_mes::production::{ProgressReport, ReportFilter, ReportForm, ReportItem};
use blacklake_mes::{Client, Decimal, Kept};
use erplink_core::clock::ManualClock;
use erplink_core::transport::{Request, Response, Transport, TransportError};
use proptest::prelude::*;
use std::sync::{Arc, Mutex};

use crate::support::{APP_LOGIN, KEY, SECRET};

/// A platform in this process: one answer for everything, and what was sent.
#[derive(Clone, Debug, Default)]
struct Fixed {
    answer: String,
    sent: Arc<Mutex<Vec<String>>>,
}

#[async_trait]
impl Transport for Fixed {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        if request.uri().path() == APP_LOGIN {
            let grant = r#"{"code":200,"data":{"appAccessToken":"t","expire":7200}}"#;
            return Ok(Response::new(grant.into()));
        }
        let text = String::from_utf8(request.into_body().to_vec()).unwrap();
        self.sent.lock().unwrap().push(text);
        Ok(Response::new(self.answer.clone().into()))
    }
}

fn client(fixed: &Fixed) -> Client {
    let builder = Client::builder("http://mes.example.com", KEY, SECRET);
    builder.transport(fixed.clone()).clock(ManualClock::default()).build().unwrap()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// Amounts as the platform writes them: up to ten digits after the point, zeros kept.
fn amount() -> impl Strategy<Value = String> {
    (0_u64..=999_999_999_999_999, 0_u32..=10).prop_map(|(digits, scale)| {
        Decimal::try_from_i128_with_scale(i128::from(digits), scale).unwrap().to_string()
    })
}

proptest! {
    #[test]
    fn what_comes_in_is_read_exactly(
        id in (1_i64 << 53)..=i64::MAX,
        order in (1_i64 << 53)..=i64::MAX,
        amount in amount(),
        unknown in amount(),
        as_text: bool,
    ) {
        let quote = if as_text { "\"" } else { "" };
        let row = format!(
            r#"{{"id":{quote}{id}{quote},"workOrderId":{quote}{order}{quote},"reportBaseAmount":{{"amount":{quote}{amount}{quote}}},"tenantsOwn":{unknown}}}"#
        );
        let answer = format!(r#"{{"code":200,"data":{{"list":[{row}],"total":1}}}}"#);
        let fixed = Fixed { answer, ..Fixed::default() };
        let reports = client(&fixed).production().reports(ReportFilter::new());
        let reports: Vec<Kept<ProgressReport>> = block_on(reports.try_collect()).unwrap();
        prop_assert_eq!(reports[0].id.get(), id);
        prop_assert_eq!(reports[0].work_order_id, Some(WorkOrderId::new(order)));
        prop_assert_eq!(reports[0].quantity().unwrap().to_string(), amount);
        prop_assert_eq!(serde_json::to_string(&reports[0]).unwrap(), row);
    }

    #[test]
    fn what_goes_out_is_written_exactly(id in (1_i64 << 53)..=i64::MAX, amount in amount()) {
        let fixed = Fixed { answer: r#"{"code":200,"data":null}"#.to_owned(), ..Fixed::default() };
        let mes = client(&fixed);
        let item = ReportItem::new(amount.parse::<Decimal>().unwrap(), id);
        block_on(mes.production().report(&ReportForm::new(id, id, id, id, [item]))).unwrap();
        block_on(mes.materials().list(MaterialFilter::new().ids([id])).try_collect()).unwrap();
        let sent = fixed.sent.lock().unwrap();
        let wanted = format!(r#""reportAmount":{amount},"reportUnitId":{id}"#);
        prop_assert!(sent[0].contains(&wanted), "{}", sent[0]);
        let wanted = format!(r#""taskId":{id},"#);
        prop_assert!(sent[0].contains(&wanted), "{}", sent[0]);
        let wanted = format!(r#""idList":[{id}]"#);
        prop_assert!(sent[1].contains(&wanted), "{}", sent[1]);
    }
}
