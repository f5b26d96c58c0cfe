//! Many callers at once, lost answers, and secrets: against a transport of the test's own.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a panic is how a test fails

use std::collections::HashSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use b1_servicelayer::entities::{ApprovalRequest, Document, DocumentLine, Item};
use b1_servicelayer::{
    Changes, Client, ClientBuilder, Decision, Error, ErrorKind, Filter, Idempotency, RetryPolicy,
    Secret, StoredToken, TokenStore, Transport,
};
use bytes::Bytes;
use erplink_core::clock::ManualClock;
use erplink_core::token::StoreError;
use erplink_core::transport::{Request, Response, TransportError};
use tokio::sync::Semaphore;

const CALLERS: usize = 1000;

/// A Service Layer that knows which session is valid.
#[derive(Debug)]
struct Server {
    logins: AtomicUsize,
    calls: AtomicUsize,
    rejected: AtomicUsize,
    valid: Mutex<HashSet<String>>,
    refuse: bool,
    /// How many logins may be answered; the others hang.
    answers: Semaphore,
}

impl Server {
    fn new(refuse: bool, answers: usize) -> Arc<Self> {
        Arc::new(Self {
            logins: AtomicUsize::new(0),
            calls: AtomicUsize::new(0),
            rejected: AtomicUsize::new(0),
            valid: Mutex::default(),
            refuse,
            answers: Semaphore::new(answers),
        })
    }

    fn builder(self: &Arc<Self>) -> ClientBuilder {
        Client::builder("http://erp.example.com")
            .company_db("C")
            .credentials("u", "p")
            .transport(self.clone())
            .max_in_flight(CALLERS)
    }

    fn client(self: &Arc<Self>) -> Client {
        self.builder().build().unwrap()
    }

    fn expire_all(&self) {
        self.valid.lock().unwrap().clear();
    }
}

fn answer(status: u16, body: &str) -> Response {
    http::Response::builder().status(status).body(Bytes::from(body.to_owned())).unwrap()
}

#[async_trait]
impl Transport for Server {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        tokio::task::yield_now().await;
        if request.uri().path().ends_with("/Login") {
            let number = self.logins.fetch_add(1, Ordering::SeqCst) + 1;
            self.answers.acquire().await.unwrap().forget();
            if self.refuse {
                return Ok(answer(401, r#"{"error":{"code":100000027,"message":"Login failed"}}"#));
            }
            let session = format!("session-{number}");
            self.valid.lock().unwrap().insert(format!("B1SESSION={session}"));
            return Ok(answer(200, &format!(r#"{{"SessionId":"{session}","SessionTimeout":30}}"#)));
        }
        self.calls.fetch_add(1, Ordering::SeqCst);
        let cookie = request.headers()["cookie"].to_str().unwrap().to_owned();
        if self.valid.lock().unwrap().contains(&cookie) {
            return Ok(answer(200, r#"{"ItemCode":"A"}"#));
        }
        self.rejected.fetch_add(1, Ordering::SeqCst);
        // Nobody renews before all callers hold a session that is rejected.
        while self.rejected.load(Ordering::SeqCst) < CALLERS {
            tokio::task::yield_now().await;
        }
        Ok(answer(401, r#"{"error":{"code":301,"message":"Invalid session"}}"#))
    }
}

async fn thousand(client: &Client) -> Vec<Result<Item, Error>> {
    let calls: Vec<_> = (0..CALLERS).map(|_| tokio::spawn(client.items().key("A").get())).collect();
    let mut results = Vec::new();
    for call in calls {
        results.push(call.await.unwrap());
    }
    results
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_first_calls_log_in_once_and_a_thousand_rejections_once_more() {
    let server = Server::new(false, CALLERS);
    let client = server.client();
    assert!(thousand(&client).await.iter().all(Result::is_ok));
    assert_eq!(server.logins.load(Ordering::SeqCst), 1);
    server.expire_all();
    assert!(thousand(&client).await.iter().all(Result::is_ok));
    assert_eq!(server.logins.load(Ordering::SeqCst), 2);
    assert_eq!(server.rejected.load(Ordering::SeqCst), CALLERS, "all saw the same rejection");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_wrong_password_is_tried_once_by_a_thousand_callers() {
    let server = Server::new(true, CALLERS);
    for result in thousand(&server.client()).await {
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Auth);
    }
    assert_eq!(server.logins.load(Ordering::SeqCst), 1);
    assert_eq!(server.calls.load(Ordering::SeqCst), 0);
}

#[derive(Debug, Default)]
struct Shared(Mutex<Option<StoredToken>>);

#[async_trait]
impl TokenStore for Shared {
    async fn load(&self, key: &str) -> Result<Option<StoredToken>, StoreError> {
        assert_eq!(key, "b1:http://erp.example.com/b1s/v1/:C:u");
        Ok(self.0.lock().unwrap().clone())
    }

    async fn compare_and_store(
        &self,
        _: &str,
        previous: Option<&Secret>,
        token: &StoredToken,
    ) -> Result<bool, StoreError> {
        let mut stored = self.0.lock().unwrap();
        let unchanged = stored.as_ref().map(|token| &token.value) == previous;
        if unchanged {
            *stored = Some(token.clone());
        }
        Ok(unchanged)
    }
}

#[tokio::test]
async fn processes_with_a_common_store_share_one_session() {
    let server = Server::new(false, CALLERS);
    let store = Arc::new(Shared::default());
    let process = || server.builder().token_store(store.clone()).build().unwrap();
    for client in [process(), process()] {
        client.items().key("A").get().await.unwrap();
    }
    assert_eq!(server.logins.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn the_next_caller_logs_in_when_the_first_is_cancelled() {
    let server = Server::new(false, 0);
    let client = server.client();
    let first = tokio::spawn(client.items().key("A").get());
    while server.logins.load(Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    let second = tokio::spawn(client.items().key("A").get());
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    server.answers.add_permits(1);
    assert!(second.await.unwrap().is_ok());
    assert_eq!(server.logins.load(Ordering::SeqCst), 2);
}

/// Answers logins, and everything else with a failure of one kind.
#[derive(Debug)]
struct Failing {
    failure: Failure,
    calls: AtomicUsize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Failure {
    NeverSent,
    AnswerLost,
    Status(u16),
    Echo,
}

const SESSION: &str = "f00dfeed-5e55-10e4-5ec7-e70000000000";
const PASSWORD: &str = "hunter2-correct-horse";

#[async_trait]
impl Transport for Failing {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        if request.uri().path().ends_with("/Login") {
            return Ok(answer(200, &format!(r#"{{"SessionId":"{SESSION}"}}"#)));
        }
        self.calls.fetch_add(1, Ordering::SeqCst);
        match self.failure {
            Failure::NeverSent => {
                Err(TransportError::before_send(ErrorKind::Connect, "no connection"))
            }
            Failure::AnswerLost => Err(TransportError::after_send(ErrorKind::Io, "reset")),
            Failure::Status(status) => Ok(answer(status, "<html>")),
            Failure::Echo => {
                let cookie = request.headers().get("cookie").map_or("", |c| c.to_str().unwrap());
                Ok(answer(
                    400,
                    &format!(r#"{{"error":{{"code":1,"message":"bad cookie {cookie}"}}}}"#),
                ))
            }
        }
    }
}

fn failing(failure: Failure) -> (Arc<Failing>, Client) {
    let transport = Arc::new(Failing { failure, calls: AtomicUsize::new(0) });
    let client = Client::builder("http://erp.example.com")
        .company_db("C")
        .credentials("u", PASSWORD)
        .transport(transport.clone())
        .clock(Arc::new(ManualClock::default()))
        .retry(RetryPolicy::default().max_attempts(2))
        .build()
        .unwrap();
    (transport, client)
}

type Outcome = Pin<Box<dyn Future<Output = Result<(), Error>>>>;

fn run<T>(call: impl IntoFuture<Output = Result<T, Error>> + 'static) -> Outcome {
    Box::pin(async move { call.await.map(drop) })
}

/// Every endpoint with its class.
fn endpoints(b1: &Client) -> Vec<(&'static str, Idempotency, Outcome)> {
    use Idempotency::{Idempotent, Keyed, NotIdempotent, Safe};
    let lines =
        || Document { document_lines: Some(vec![DocumentLine::default()]), ..Default::default() };
    let order = || b1.orders().key(1);
    let comments = || Changes::new().set(Document::COMMENTS, "x");
    let etag = || "W/\"A\"".parse().unwrap();
    let b1 = b1.clone();
    let (count, total, upsert) = (b1.clone(), b1.clone(), b1.clone());
    let (by_draft, ping) = (b1.clone(), b1.clone());
    let item = Item { item_code: Some("A".into()), ..Default::default() };
    vec![
        ("get", Safe, run(order().get())),
        ("find", Safe, run(order().find())),
        ("get tagged", Safe, run(order().get_tagged())),
        ("get raw", Safe, run(order().get_raw())),
        ("property", Safe, run(order().property(Document::DOC_NUM))),
        ("all", Safe, run(b1.items().query().all())),
        ("first", Safe, run(b1.items().query().first())),
        ("count", Safe, run(async move { count.items().count().await })),
        ("with_total", Safe, run(total.items().query().with_total())),
        ("ping", Safe, run(async move { ping.ping().await })),
        ("request of draft", Safe, run(async move { by_draft.approval_request_of_draft(1).await })),
        ("update", Idempotent, run(order().update(comments()))),
        ("update if match", Keyed, run(order().update(comments()).if_match(etag()))),
        ("update lines", NotIdempotent, run(order().update(lines()))),
        ("update lines if match", NotIdempotent, run(order().update(lines()).if_match(etag()))),
        ("replace lines", Idempotent, run(order().update(lines()).replace_collections())),
        ("delete", Idempotent, run(order().delete())),
        ("create", NotIdempotent, run(b1.orders().create(&lines()))),
        ("create for key", NotIdempotent, run(b1.orders().create(&lines()).return_no_content())),
        ("upsert looks first", Safe, run(async move { upsert.items().upsert(&item).await })),
        ("action", NotIdempotent, run(order().action("Preview"))),
        ("close", NotIdempotent, run(order().close())),
        ("cancel", NotIdempotent, run(order().cancel())),
        ("reopen", NotIdempotent, run(order().reopen())),
        ("save draft", NotIdempotent, run(b1.drafts().key(1).save_as_document())),
        ("save transfer", NotIdempotent, run(b1.stock_transfer_drafts().key(1).save_as_document())),
        ("decide", NotIdempotent, run(b1.approval_requests().key(1).decide(Decision::approve()))),
        ("service", NotIdempotent, run(b1.service("X_Y", &()))),
        ("service that reads", Safe, run(b1.service("X_Y", &()).read_only())),
        ("raw get", Safe, run(b1.raw().get("X"))),
        ("raw delete", Idempotent, run(b1.raw().delete("X"))),
        ("raw patch", Idempotent, run(b1.raw().patch("X").json(&1))),
        ("raw patch with lines", NotIdempotent, run(b1.raw().patch("X").json(&[1]))),
        ("raw post", NotIdempotent, run(b1.raw().post("X"))),
        ("raw as told", Safe, run(b1.raw().post("X").idempotency(Safe))),
    ]
}

#[tokio::test]
async fn each_endpoint_is_repeated_as_its_class_allows() {
    for failure in
        [Failure::NeverSent, Failure::AnswerLost, Failure::Status(504), Failure::Status(429)]
    {
        let (transport, client) = failing(failure);
        let executed = matches!(failure, Failure::AnswerLost | Failure::Status(504));
        for (name, class, call) in endpoints(&client) {
            transport.calls.store(0, Ordering::SeqCst);
            let error = call.await.unwrap_err();
            let attempts = transport.calls.load(Ordering::SeqCst);
            let repeated = !executed || class.is_repeatable();
            assert_eq!(attempts, if repeated { 2 } else { 1 }, "{name} {failure:?}");
            let doubtful = executed && class != Idempotency::Safe;
            assert_eq!(error.may_have_taken_effect(), doubtful, "{name} {failure:?}: {error}");
            assert!(error.operation().is_some(), "{name}");
            assert_eq!(error.is_before_send(), failure == Failure::NeverSent, "{name} {failure:?}");
        }
    }
}

#[tokio::test]
async fn reads_that_cannot_be_decoded_took_no_effect() {
    let (_, client) = failing(Failure::Status(200));
    for (name, class, call) in endpoints(&client) {
        if class == Idempotency::Safe
            && let Err(error) = call.await
        {
            assert_eq!(error.kind(), ErrorKind::Decode, "{name}: {error}");
            assert!(!error.may_have_taken_effect(), "{name}");
        }
    }
}

#[tokio::test]
async fn a_lost_decision_stays_open_when_nobody_can_look() {
    let (transport, client) = failing(Failure::AnswerLost);
    let failed = client
        .approval_requests()
        .key(17)
        .decide_and_confirm(7, Decision::approve())
        .await
        .unwrap_err();
    assert!(!failed.may_have_taken_effect(), "the decision was never sent: {failed}");
    assert_eq!(transport.calls.load(Ordering::SeqCst), 2, "only the look before");
    assert!(!ApprovalRequest::default().awaits(7));
}

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn secrets_reach_no_text() {
    let captured = Captured::default();
    let writer = captured.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    let mut texts = String::new();
    for failure in [
        Failure::NeverSent,
        Failure::AnswerLost,
        Failure::Status(401),
        Failure::Status(500),
        Failure::Status(200),
        Failure::Echo,
    ] {
        let (_, client) = failing(failure);
        texts.push_str(&format!("{client:?}"));
        for (_, _, call) in endpoints(&client) {
            if let Err(error) = call.await {
                let mut source = std::error::Error::source(&error);
                texts.push_str(&format!("{error} {error:?} {error:#?}"));
                while let Some(cause) = source {
                    texts.push_str(&format!("{cause} {cause:?}"));
                    source = cause.source();
                }
            }
        }
    }
    let builder = Client::builder("http://h").credentials("u", PASSWORD);
    texts.push_str(&format!("{builder:?}"));
    let decision = Decision::approve().on_behalf_of("boss", PASSWORD);
    texts.push_str(&format!("{decision:?} {:?}", Client::builder("http://h").build()));
    drop(guard);
    let logged = String::from_utf8(captured.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("repeating after a failure"), "the log was captured");
    assert!(logged.contains("Orders(1)"), "addresses are logged");
    for secret in [SESSION, PASSWORD] {
        assert!(!texts.contains(secret), "in a text");
        assert!(!logged.contains(secret), "in the log");
    }
}

#[tokio::test]
async fn no_more_requests_are_in_flight_than_allowed() {
    #[derive(Debug, Default)]
    struct Counting {
        now: AtomicUsize,
        most: AtomicUsize,
    }
    #[async_trait]
    impl Transport for Counting {
        async fn send(&self, request: Request) -> Result<Response, TransportError> {
            if request.uri().path().ends_with("/Login") {
                return Ok(answer(200, r#"{"SessionId":"s"}"#));
            }
            let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(now, Ordering::SeqCst);
            for _ in 0..5 {
                tokio::task::yield_now().await;
            }
            self.now.fetch_sub(1, Ordering::SeqCst);
            Ok(answer(200, r#"{"value":[]}"#))
        }
    }
    let transport = Arc::new(Counting::default());
    let client = Client::builder("http://erp.example.com")
        .company_db("C")
        .credentials("u", "p")
        .transport(transport.clone())
        .max_in_flight(3)
        .build()
        .unwrap();
    let calls: Vec<_> =
        (0..50).map(|_| tokio::spawn(client.items().filter(Filter::raw("1 eq 1")).all())).collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(transport.most.load(Ordering::SeqCst), 3);
}
