//! Every kind of call against every way to fail: what the caller learns, how often the server was
//! asked, and what really happened there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

use std::time::Duration;

use b1_servicelayer::entities::{Document, DocumentLine, Item};
use b1_servicelayer::{
    Cookies, Decided, Decimal, Decision, Effect, ErrorKind, Posted, RetryPolicy,
};
use dingtalk::workflow::{CreateInstance, FormValue};
use erplink_sandbox::servicelayer::{ApprovalAnswer, Options};
use erplink_sandbox::{Fault, FaultKind, Faults};
use erplink_tests::{MANAGER, Stage};
use futures_util::future::{BoxFuture, FutureExt as _};
use http::{Method, StatusCode};
use serde_json::json;

/// Longer than an answer over loopback takes. Only calls that wait for no answer have it.
const TIMEOUT: Duration = Duration::from_secs(2);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Trouble {
    ResetBefore,
    ResetAfter,
    Throttled,
    ServerError,
    GatewayPage,
    Unavailable,
    Truncated,
    /// Session or token are forgotten by the server.
    Expired,
    NoAnswer,
}

const TROUBLES: [Trouble; 9] = [
    Trouble::ResetBefore,
    Trouble::ResetAfter,
    Trouble::Throttled,
    Trouble::ServerError,
    Trouble::GatewayPage,
    Trouble::Unavailable,
    Trouble::Truncated,
    Trouble::Expired,
    Trouble::NoAnswer,
];

impl Trouble {
    fn push(self, faults: &Faults, method: &Method, path: &str, times: u32) {
        let kind = match self {
            Self::ResetBefore => FaultKind::ResetBefore,
            Self::ResetAfter => FaultKind::ResetAfter,
            Self::Throttled => FaultKind::Status {
                status: StatusCode::TOO_MANY_REQUESTS,
                retry_after: Some(7),
                body: None,
            },
            Self::ServerError => FaultKind::Status {
                status: StatusCode::INTERNAL_SERVER_ERROR,
                retry_after: None,
                body: None,
            },
            Self::GatewayPage => FaultKind::Html(StatusCode::BAD_GATEWAY),
            Self::Unavailable => FaultKind::Status {
                status: StatusCode::SERVICE_UNAVAILABLE,
                retry_after: None,
                body: None,
            },
            Self::Truncated => FaultKind::TruncateBody,
            Self::NoAnswer => FaultKind::NeverAnswer,
            Self::Expired => return,
        };
        faults.push(Fault::new(method.clone(), path, kind).times(times));
    }

    /// How it shows when it does not pass.
    fn kind(self) -> ErrorKind {
        match self {
            Self::ResetBefore | Self::ResetAfter | Self::Truncated => ErrorKind::Io,
            Self::Throttled => ErrorKind::RateLimited,
            Self::ServerError | Self::GatewayPage | Self::Unavailable => ErrorKind::Server,
            Self::Expired => ErrorKind::Session,
            Self::NoAnswer => ErrorKind::Timeout,
        }
    }

    /// The server said that it did nothing: every call may be repeated.
    fn is_refusal(self) -> bool {
        matches!(self, Self::Throttled | Self::Expired)
    }

    /// The server did the work all the same.
    fn commits(self) -> bool {
        matches!(self, Self::ResetAfter | Self::Truncated)
    }
}

/// What both clients' errors answer.
#[derive(Debug, PartialEq)]
struct Verdict {
    kind: ErrorKind,
    is_retryable: bool,
    is_before_send: bool,
    may_have_taken_effect: bool,
    effect: Effect,
    attempts: u32,
}

macro_rules! verdict {
    ($error:expr) => {{
        let error = $error;
        Verdict {
            kind: error.kind(),
            is_retryable: error.is_retryable(),
            is_before_send: error.is_before_send(),
            may_have_taken_effect: error.may_have_taken_effect(),
            effect: error.effect(),
            attempts: error.attempts(),
        }
    }};
}

impl Trouble {
    /// The verdict on a call that must not be repeated after a lost answer.
    fn lost(self) -> Verdict {
        Verdict {
            kind: self.kind(),
            is_retryable: false,
            is_before_send: false,
            may_have_taken_effect: true,
            effect: Effect::Unknown,
            attempts: 1,
        }
    }

    /// The verdict on a call that was repeated until patience ended.
    fn persistent(self, reads: bool) -> Verdict {
        Verdict {
            kind: self.kind(),
            is_retryable: true,
            is_before_send: false,
            may_have_taken_effect: !self.is_refusal() && !reads,
            effect: if self.is_refusal() { Effect::NotExecuted } else { Effect::Unknown },
            attempts: 3,
        }
    }
}

// The Service Layer

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Read,
    Update,
    AppendLine,
    ReplaceLines,
    Create,
    Action,
    Decide,
    Delete,
}

const KINDS: [Kind; 8] = [
    Kind::Read,
    Kind::Update,
    Kind::AppendLine,
    Kind::ReplaceLines,
    Kind::Create,
    Kind::Action,
    Kind::Decide,
    Kind::Delete,
];

type Outcome = Result<(), b1_servicelayer::Error>;

impl Kind {
    fn request(self) -> (Method, &'static str) {
        match self {
            Self::Read => (Method::GET, "/Items"),
            Self::Update => (Method::PATCH, "/Items"),
            Self::AppendLine | Self::ReplaceLines => (Method::PATCH, "/Orders"),
            Self::Create => (Method::POST, "/Orders"),
            Self::Action => (Method::POST, "/Orders(1)/Close"),
            Self::Decide => (Method::PATCH, "/ApprovalRequests"),
            Self::Delete => (Method::DELETE, "/Items"),
        }
    }

    /// Whether a second time changes nothing.
    fn is_repeatable(self) -> bool {
        matches!(self, Self::Read | Self::Update | Self::ReplaceLines | Self::Delete)
    }

    fn call(self, b1: &b1_servicelayer::Client) -> BoxFuture<'_, Outcome> {
        let order = |line| Document { document_lines: Some(vec![line]), ..Document::default() };
        match self {
            Self::Read => b1.items().key("RM-001").get().map(|read| read.map(drop)).boxed(),
            Self::Update => {
                b1.items().key("RM-001").set(Item::ITEM_NAME, "新名称").into_future().boxed()
            }
            Self::AppendLine => {
                b1.orders().key(1).update(order(line("RM-002"))).into_future().boxed()
            }
            Self::ReplaceLines => {
                let update = b1.orders().key(1).update(order(line("RM-002")));
                update.replace_collections().into_future().boxed()
            }
            Self::Create => async { b1.orders().create(&new_order()).await.map(drop) }.boxed(),
            Self::Action => async { b1.orders().key(1).close().await.map(drop) }.boxed(),
            Self::Decide => {
                let decision = Decision::approve().remarks("同意");
                b1.approval_requests().key(1).decide(decision).into_future().boxed()
            }
            Self::Delete => async { b1.items().key("A/1#2").delete().await.map(drop) }.boxed(),
        }
    }

    /// How often it was done, as the server's data tell.
    fn done(self, stage: &Stage) -> usize {
        let get = |set, key| stage.erp().get(set, key).unwrap();
        let lines = || get("Orders", "1")["DocumentLines"].as_array().unwrap().len();
        match self {
            Self::Read => 0,
            Self::Update => usize::from(get("Items", "RM-001")["ItemName"] == "新名称"),
            Self::AppendLine => lines() - 1,
            Self::ReplaceLines => {
                assert_eq!(lines(), 1, "replaced, not added");
                let order = get("Orders", "1");
                usize::from(order["DocumentLines"][0]["ItemCode"] == "RM-002")
            }
            Self::Create => stage.erp().list("Orders").unwrap().len() - 1,
            Self::Action => usize::from(get("Orders", "1")["DocumentStatus"] == "bost_Close"),
            Self::Decide => usize::from(get("ApprovalRequests", "1")["Status"] == "arsApproved"),
            Self::Delete => 5 - stage.erp().list("Items").unwrap().len(),
        }
    }
}

fn line(item: &str) -> DocumentLine {
    DocumentLine {
        item_code: Some(item.to_owned()),
        quantity: Some(Decimal::from(2)),
        ..DocumentLine::default()
    }
}

fn new_order() -> Document {
    Document {
        card_code: Some("C001".to_owned()),
        num_at_card: Some("PO-FAULT-1".to_owned()),
        document_lines: Some(vec![line("FG-001")]),
        ..Document::default()
    }
}

/// A company with a purchase request that awaits approval, and a client that has its session.
async fn erp_stage() -> (Stage, b1_servicelayer::Client) {
    let stage = Stage::start().await;
    submit(&stage);
    let b1 = stage.b1();
    b1.login().await.unwrap();
    (stage, b1)
}

/// The same session in the hands of a client that does not wait long.
fn hasty(stage: &Stage, timeout: Duration) -> b1_servicelayer::Client {
    let session = stage.erp().session_ids().remove(0);
    let cookies = Cookies::parse(&format!("B1SESSION={session}"));
    stage.b1_builder().timeout(timeout).session(cookies).build().unwrap()
}

fn submit(stage: &Stage) -> i64 {
    let request = json!({"DocumentLines": [{"ItemCode": "RM-001", "Quantity": 55}]});
    stage.erp().submit_draft(&request).unwrap().request_code
}

/// One cell of the matrix: the trouble comes once.
async fn once(kind: Kind, trouble: Trouble, stage: Stage, b1: b1_servicelayer::Client) {
    let (method, path) = kind.request();
    stage.erp().calls().clear();
    trouble.push(stage.erp().faults(), &method, path, 1);
    if trouble == Trouble::Expired {
        stage.erp().expire_sessions();
    }
    let label = format!("{kind:?} {trouble:?}");
    let started = stage.sandbox.clock().now();
    let outcome = kind.call(&b1).await;
    let asked = stage.erp().calls().count(method, path);
    let done = kind.done(&stage);
    if kind.is_repeatable() || trouble.is_refusal() {
        outcome.unwrap_or_else(|error| panic!("{label}: {error:?}"));
        assert_eq!(asked, 2, "{label}: once more");
        assert_eq!(done, usize::from(kind != Kind::Read), "{label}");
    } else {
        let error = outcome.expect_err(&label);
        assert_eq!(verdict!(&error), trouble.lost(), "{label}: {error}");
        assert_eq!(asked, 1, "{label}: never sent twice");
        assert_eq!(done, usize::from(trouble.commits()), "{label}");
        assert!(error.to_string().contains("look before you repeat"), "{error}");
    }
    assert_eq!(stage.erp().login_count(), 1 + usize::from(trouble == Trouble::Expired), "{label}");
    if trouble == Trouble::Throttled {
        let waited = stage.sandbox.clock().now() - started;
        assert!(waited >= chrono::TimeDelta::seconds(7), "{label}: waited {waited} only");
    }
}

/// One row of the matrix at a time: most of it is waiting. The companies are set up before, so
/// that their work does not eat up anybody's time.
async fn all_kinds(trouble: Trouble) {
    let mut cells = Vec::new();
    for kind in KINDS {
        let (stage, patient) = erp_stage().await;
        let waits = trouble == Trouble::NoAnswer;
        let b1 = if waits { hasty(&stage, TIMEOUT) } else { patient };
        cells.push(once(kind, trouble, stage, b1));
    }
    futures_util::future::join_all(cells).await;
}

#[tokio::test]
async fn each_call_survives_or_reports_each_trouble() {
    for trouble in TROUBLES {
        if trouble != Trouble::NoAnswer {
            all_kinds(trouble).await;
        }
    }
}

#[tokio::test]
async fn each_call_survives_or_reports_an_answer_that_does_not_come() {
    all_kinds(Trouble::NoAnswer).await;
}

/// Trouble that stays: repeatable calls give up after three attempts, the others after the first
/// unless they were refused.
#[tokio::test]
async fn trouble_that_stays_is_reported_after_three_attempts() {
    for trouble in TROUBLES {
        if matches!(trouble, Trouble::NoAnswer | Trouble::Expired) {
            continue; // The one takes long, the other is a matter of sessions.
        }
        for kind in KINDS {
            let (stage, b1) = erp_stage().await;
            let (method, path) = kind.request();
            trouble.push(stage.erp().faults(), &method, path, 100);
            let label = format!("{kind:?} {trouble:?}");
            let error = kind.call(&b1).await;
            let asked = stage.erp().calls().count(method, path);
            if kind == Kind::Delete && trouble.commits() {
                // The second attempt finds nothing: the first one did it. But here even that
                // answer is lost, so that nobody knows.
                assert_eq!(kind.done(&stage), 1, "{label}");
            }
            let error = error.expect_err(&label);
            if kind.is_repeatable() || trouble.is_refusal() {
                assert_eq!(verdict!(&error), trouble.persistent(kind == Kind::Read), "{label}");
                assert_eq!(asked, 3, "{label}");
            } else {
                assert_eq!(verdict!(&error), trouble.lost(), "{label}");
                assert_eq!(asked, 1, "{label}");
            }
            if trouble == Trouble::Throttled {
                assert_eq!(error.retry_after(), Some(Duration::from_secs(7)), "{label}");
            }
        }
    }
}

#[tokio::test]
async fn an_answer_that_comes_too_late_is_no_answer() {
    let (stage, _) = erp_stage().await;
    // The read has as much time as the machine may need; only the fault is later than that.
    let hasty = hasty(&stage, Duration::from_millis(700));
    let late = Fault::latency(Method::POST, "/Orders", Duration::from_secs(3));
    stage.erp().faults().push(late);
    let error = hasty.orders().create(&new_order()).await.unwrap_err();
    assert_eq!(verdict!(&error), Trouble::NoAnswer.lost());
    assert_eq!(stage.erp().calls().count(Method::POST, "/Orders"), 1);
    // A read that is late once is simply read again.
    let late = Fault::latency(Method::GET, "/Items", Duration::from_secs(3));
    stage.erp().faults().push(late);
    let item = hasty.items().key("RM-001").get().await.unwrap();
    assert_eq!(item.item_code.as_deref(), Some("RM-001"));
    assert_eq!(stage.erp().calls().count(Method::GET, "/Items"), 2);
}

#[tokio::test]
async fn what_was_never_sent_is_safe_to_repeat() {
    // A port that nobody listens on.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let stage = Stage::start().await;
    let b1 = b1_servicelayer::Client::builder(format!("http://{address}"))
        .company_db("C")
        .session(b1_servicelayer::Cookies::parse("B1SESSION=x"))
        .clock(std::sync::Arc::new(stage.clock.clone()))
        .build()
        .unwrap();
    let error = b1.orders().create(&new_order()).await.unwrap_err();
    let expected = Verdict {
        kind: ErrorKind::Connect,
        is_retryable: true,
        is_before_send: true,
        may_have_taken_effect: false,
        effect: Effect::NotSent,
        attempts: 3,
    };
    assert_eq!(verdict!(&error), expected, "{error}");
    let client = dingtalk::Client::builder("id", "secret")
        .api_base(format!("http://{address}"))
        .clock(stage.clock.clone())
        .build()
        .unwrap();
    let error = client.workflow().create(&instance("1")).await.unwrap_err();
    assert_eq!(verdict!(&error), expected, "{error}");
}

/// The retries have a budget: a server that is down for all callers is not asked by all of them
/// three times each.
#[tokio::test]
async fn a_server_that_is_down_is_asked_less_and_less() {
    let (stage, b1) = erp_stage().await;
    let kind = FaultKind::Html(StatusCode::BAD_GATEWAY);
    stage.erp().faults().push(Fault::new(Method::GET, "/Items", kind).times(1000));
    for _ in 0..100 {
        b1.items().key("RM-001").get().await.unwrap_err();
    }
    let asked = stage.erp().calls().count(Method::GET, "/Items");
    assert!((100..200).contains(&asked), "{asked} requests for 100 calls");
}

// Recovery in the ERP

fn correlated() -> b1_servicelayer::Filter<Document> {
    Document::NUM_AT_CARD.eq("PO-FAULT-1")
}

#[tokio::test]
async fn a_lost_creation_is_found_by_its_correlation() {
    for trouble in [Trouble::ResetAfter, Trouble::Truncated] {
        let (stage, b1) = erp_stage().await;
        trouble.push(stage.erp().faults(), &Method::POST, "/Orders", 1);
        let posted = b1.orders().create_document(&new_order(), correlated()).await.unwrap();
        let Posted::Found(order) = posted else { panic!("{trouble:?}: {posted:?}") };
        assert_eq!(order.num_at_card.as_deref(), Some("PO-FAULT-1"));
        assert_eq!(Kind::Create.done(&stage), 1);
        assert_eq!(stage.erp().calls().count(Method::POST, "/Orders"), 1);
    }
}

#[tokio::test]
async fn a_creation_that_cannot_be_found_stays_unknown() {
    for trouble in [Trouble::ResetBefore, Trouble::GatewayPage, Trouble::Unavailable] {
        let (stage, b1) = erp_stage().await;
        trouble.push(stage.erp().faults(), &Method::POST, "/Orders", 1);
        let error = b1.orders().create_document(&new_order(), correlated()).await.unwrap_err();
        assert_eq!(verdict!(&error), trouble.lost(), "{trouble:?}");
        assert_eq!(Kind::Create.done(&stage), 0);
        assert_eq!(stage.erp().calls().count(Method::POST, "/Orders"), 1);
    }
    // Also when the look-up itself fails.
    let (stage, b1) = erp_stage().await;
    Trouble::ResetAfter.push(stage.erp().faults(), &Method::POST, "/Orders", 1);
    Trouble::GatewayPage.push(stage.erp().faults(), &Method::GET, "/Orders", 100);
    let error = b1.orders().create_document(&new_order(), correlated()).await.unwrap_err();
    assert_eq!(verdict!(&error), Trouble::ResetAfter.lost());
    assert_eq!(Kind::Create.done(&stage), 1);
}

/// Documents under approval: the draft is found, whether the answer is lost or an error.
#[tokio::test]
async fn a_document_that_became_a_draft_is_found_as_a_draft() {
    let request = || Document {
        num_at_card: Some("PO-FAULT-1".to_owned()),
        document_lines: Some(vec![line("RM-001")]),
        ..Document::default()
    };
    for (answer, lost) in [
        (ApprovalAnswer::NoMatchingRecords, false),
        (ApprovalAnswer::NoMatchingRecords, true),
        (ApprovalAnswer::Draft, false),
        (ApprovalAnswer::Draft, true),
    ] {
        let stage = Stage::with(Options { approval_answer: answer, ..Options::default() }).await;
        let b1 = stage.b1_builder_as("S-ERP\\ZS", "Zhang-1234").build().unwrap();
        if lost {
            Trouble::ResetAfter.push(stage.erp().faults(), &Method::POST, "/PurchaseRequests", 1);
        }
        let posted = b1.purchase_requests().create_document(&request(), correlated()).await;
        let Ok(Posted::AwaitingApproval { draft }) = posted else {
            panic!("{answer:?}: {posted:?}")
        };
        assert_eq!(draft.doc_entry, Some(1));
        assert_eq!(stage.erp().list("Drafts").unwrap().len(), 1);
        assert_eq!(stage.erp().calls().count(Method::POST, "/PurchaseRequests"), 1);
    }
    // Without the look-up the error says what it is: perhaps done.
    let answer = ApprovalAnswer::NoMatchingRecords;
    let stage = Stage::with(Options { approval_answer: answer, ..Options::default() }).await;
    let b1 = stage.b1_builder_as("S-ERP\\ZS", "Zhang-1234").build().unwrap();
    let error = b1.purchase_requests().create(&request()).await.unwrap_err();
    assert!(error.may_have_taken_effect() && !error.is_retryable(), "{error:?}");
    assert_eq!(stage.erp().list("Drafts").unwrap().len(), 1);
}

#[tokio::test]
async fn a_lost_decision_is_looked_up() {
    for (trouble, known) in [
        (Trouble::ResetAfter, true),
        (Trouble::Truncated, true),
        (Trouble::ResetBefore, false),
        (Trouble::GatewayPage, false),
        (Trouble::ServerError, false),
    ] {
        let (stage, b1) = erp_stage().await;
        trouble.push(stage.erp().faults(), &Method::PATCH, "/ApprovalRequests", 1);
        let request = || b1.approval_requests().key(1);
        let decided = request().decide_and_confirm(1, Decision::approve()).await;
        assert_eq!(stage.erp().calls().count(Method::PATCH, "/ApprovalRequests"), 1);
        if known {
            assert_eq!(decided.unwrap(), Decided::Now, "{trouble:?}");
        } else {
            assert_eq!(verdict!(&decided.unwrap_err()), trouble.lost(), "{trouble:?}");
            // Whoever looks again may decide again.
            let again = request().decide_and_confirm(1, Decision::approve()).await.unwrap();
            assert_eq!(again, Decided::Now, "{trouble:?}");
        }
        assert_eq!(Kind::Decide.done(&stage), 1, "{trouble:?}");
        let again = request().decide_and_confirm(1, Decision::approve()).await.unwrap();
        assert_eq!(again, Decided::Before, "{trouble:?}");
    }
}

#[tokio::test]
async fn an_update_with_a_version_does_not_mistake_its_own_success_for_a_conflict() {
    let (stage, b1) = erp_stage().await;
    let read = b1.items().key("RM-001").get_tagged().await.unwrap();
    Trouble::ResetAfter.push(stage.erp().faults(), &Method::PATCH, "/Items", 1);
    let update = b1.items().key("RM-001").set(Item::ITEM_NAME, "新名称").if_match(read.etag);
    let error = update.await.unwrap_err();
    // The repetition met a version that is our own.
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.may_have_taken_effect(), "{error:?}");
    assert_eq!(Kind::Update.done(&stage), 1);
    // Somebody else's change is a plain conflict.
    let read = b1.items().key("RM-001").get_tagged().await.unwrap();
    stage.erp().edit("Items", "RM-001", &json!({"ItemName": "别人改的"})).unwrap();
    let update = b1.items().key("RM-001").set(Item::ITEM_NAME, "我的").if_match(read.etag);
    let error = update.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(!error.may_have_taken_effect(), "{error:?}");
    assert_eq!(stage.erp().get("Items", "RM-001").unwrap()["ItemName"], "别人改的");
}

// DingTalk

#[derive(Clone, Copy, Debug, PartialEq)]
enum Office {
    Get,
    Create,
    Execute,
    Comment,
}

const OFFICE: [Office; 4] = [Office::Get, Office::Create, Office::Execute, Office::Comment];

const INSTANCES: &str = "/v1.0/workflow/processInstances";

fn instance(number: &str) -> CreateInstance {
    CreateInstance::new("manager4974", "PROC-288AE7AC-4E96-4C06-9FCB-71ECFA504536")
        .dept(417_223_049)
        .value(FormValue::text("来源单号", number))
}

struct Desk {
    stage: Stage,
    client: dingtalk::Client,
    open: String,
    task: i64,
}

impl Desk {
    async fn start() -> Self {
        let stage = Stage::start().await;
        let client = stage.dingtalk();
        let open = client.workflow().create(&instance("open")).await.unwrap();
        let task = client.workflow().get(&open).await.unwrap().open_tasks().next().unwrap().task_id;
        stage.office().calls_api().clear();
        Self { stage, client, open, task: task.unwrap() }
    }

    async fn call(&self, what: Office) -> Result<(), dingtalk::Error> {
        let workflow = self.client.workflow();
        match what {
            Office::Get => workflow.get(&self.open).await.map(drop),
            Office::Create => workflow.create(&instance("1024")).await.map(drop),
            Office::Execute => {
                let agree = dingtalk::workflow::Decision::Agree;
                workflow.execute(&self.open, self.task, MANAGER, agree).await.map(drop)
            }
            Office::Comment => workflow.comment(&self.open, "manager4974", "催办").await.map(drop),
        }
    }

    fn path(what: Office) -> (Method, String) {
        match what {
            Office::Get => (Method::GET, format!("{INSTANCES}?")),
            Office::Create => (Method::POST, INSTANCES.to_owned()),
            Office::Execute => (Method::POST, format!("{INSTANCES}/execute")),
            Office::Comment => (Method::POST, format!("{INSTANCES}/comments")),
        }
    }

    fn asked(&self, what: Office) -> usize {
        let (method, path) = Self::path(what);
        let path = path.trim_end_matches('?');
        let calls = self.stage.office().calls_api().all();
        calls.iter().filter(|call| call.method == method && call.path == path).count()
    }

    fn done(&self, what: Office) -> usize {
        let office = self.stage.office();
        let open = office.instance(&self.open).unwrap();
        match what {
            Office::Get => 0,
            Office::Create => office.instances().len() - 1,
            Office::Execute => usize::from(open["status"] == "COMPLETED"),
            Office::Comment => open.to_string().matches("催办").count(),
        }
    }
}

/// Throttled calls were not executed; everything else of a write is unknown.
#[tokio::test]
async fn each_call_of_dingtalk_survives_or_reports_each_trouble() {
    for trouble in TROUBLES {
        let mut desks = Vec::new();
        for what in OFFICE {
            let mut desk = Desk::start().await;
            if trouble == Trouble::NoAnswer {
                desk.client = desk.client.with_timeout(TIMEOUT);
            }
            desks.push((what, desk));
        }
        let cells = desks.into_iter().map(|(what, desk)| async move {
            let (method, path) = Desk::path(what);
            trouble.push(desk.stage.office().faults_api(), &method, &path, 1);
            if trouble == Trouble::Expired {
                desk.stage.office().invalidate_token();
            }
            let label = format!("{what:?} {trouble:?}");
            let outcome = desk.call(what).await;
            if what == Office::Get || trouble.is_refusal() {
                outcome.unwrap_or_else(|error| panic!("{label}: {error:?}"));
                assert_eq!(desk.asked(what), 2, "{label}: once more");
                assert_eq!(desk.done(what), usize::from(what != Office::Get), "{label}");
            } else {
                let error = outcome.expect_err(&label);
                assert_eq!(verdict!(&error), trouble.lost(), "{label}: {error}");
                assert_eq!(desk.asked(what), 1, "{label}: never sent twice");
                assert_eq!(desk.done(what), usize::from(trouble.commits()), "{label}");
            }
            let fetched = desk.stage.office().fetch_count();
            assert_eq!(fetched, 1 + u64::from(trouble == Trouble::Expired), "{label}");
        });
        futures_util::future::join_all(cells).await;
    }
}

#[tokio::test]
async fn trouble_with_dingtalk_that_stays_is_reported_after_three_attempts() {
    for trouble in TROUBLES {
        if matches!(trouble, Trouble::NoAnswer | Trouble::Expired) {
            continue;
        }
        for what in OFFICE {
            let desk = Desk::start().await;
            let (method, path) = Desk::path(what);
            trouble.push(desk.stage.office().faults_api(), &method, &path, 100);
            let label = format!("{what:?} {trouble:?}");
            let error = desk.call(what).await.expect_err(&label);
            if what == Office::Get || trouble.is_refusal() {
                assert_eq!(verdict!(&error), trouble.persistent(what == Office::Get), "{label}");
                assert_eq!(desk.asked(what), 3, "{label}");
            } else {
                assert_eq!(verdict!(&error), trouble.lost(), "{label}");
                assert_eq!(desk.asked(what), 1, "{label}");
            }
        }
    }
}

/// `internalError` with HTTP 400, `systemError`: a fault of the platform, or a business reason.
#[tokio::test]
async fn a_fault_of_the_platform_is_repeated_for_reads_only() {
    for (status, code) in
        [(500, "systemError"), (400, "internalError"), (503, "ServiceUnavailable")]
    {
        let desk = Desk::start().await;
        desk.stage.office().refuse_next(INSTANCES, status, code, "系统错误");
        let error = desk.call(Office::Create).await.unwrap_err();
        assert_eq!(verdict!(&error), Trouble::ServerError.lost(), "{code}");
        assert_eq!(error.api_error().unwrap().code(), code);
        assert_eq!(desk.asked(Office::Create), 1, "{code}");
        desk.stage.office().refuse_next(INSTANCES, status, code, "系统错误");
        desk.call(Office::Get).await.unwrap();
        assert_eq!(desk.asked(Office::Get), 2, "{code}");
    }
}

#[tokio::test]
async fn a_create_that_was_lost_is_found_once() {
    for trouble in [Trouble::ResetAfter, Trouble::Truncated] {
        let desk = Desk::start().await;
        let workflow = desk.client.workflow();
        let before = desk.stage.sandbox.clock().now();
        trouble.push(desk.stage.office().faults_api(), &Method::POST, INSTANCES, 1);
        let error = desk.call(Office::Create).await.unwrap_err();
        assert!(error.may_have_taken_effect());
        let process = desk.stage.office().process_code("采购申请").unwrap();
        let find = |number: &'static str| {
            workflow.find_created(&process, "manager4974", before, "来源单号", number)
        };
        let (id, found) = find("1024").await.unwrap().unwrap();
        assert_eq!(desk.stage.office().instances(), [desk.open.clone(), id]);
        assert_eq!(found.form().require("来源单号").unwrap().integer().unwrap(), Some(1024));
        assert!(find("102").await.unwrap().is_none(), "not by a part of the number");
        assert_eq!(desk.asked(Office::Create), 1);
        // Somebody creates it again all the same: both are named.
        desk.call(Office::Create).await.unwrap();
        let error = find("1024").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
    }
}

#[tokio::test]
async fn a_create_that_never_happened_is_not_found() {
    let desk = Desk::start().await;
    let before = desk.stage.sandbox.clock().now();
    Trouble::ResetBefore.push(desk.stage.office().faults_api(), &Method::POST, INSTANCES, 1);
    assert!(desk.call(Office::Create).await.unwrap_err().may_have_taken_effect());
    let process = desk.stage.office().process_code("采购申请").unwrap();
    let workflow = desk.client.workflow();
    let found = workflow.find_created(&process, "manager4974", before, "来源单号", "1024").await;
    assert!(found.unwrap().is_none());
    // Nor one that somebody else started.
    let other = workflow.find_created(&process, "user0031", before, "来源单号", "open").await;
    assert!(other.unwrap().is_none());
}

#[tokio::test]
async fn an_execute_whose_answer_was_lost_shows_in_the_instance() {
    let desk = Desk::start().await;
    let (method, path) = Desk::path(Office::Execute);
    Trouble::ResetAfter.push(desk.stage.office().faults_api(), &method, &path, 1);
    assert!(desk.call(Office::Execute).await.unwrap_err().may_have_taken_effect());
    let read = desk.client.workflow().get(&desk.open).await.unwrap();
    assert_eq!(read.outcome(), dingtalk::workflow::Outcome::Approved);
    let again = desk.call(Office::Execute).await.unwrap_err();
    assert_eq!(again.kind(), ErrorKind::Conflict);
    assert!(!again.may_have_taken_effect());
}

/// While the platform locks our address out, nothing is sent.
#[tokio::test]
async fn a_banned_address_is_left_alone_until_the_ban_ends() {
    use erplink_sandbox::dingtalk::BanPage;
    for page in [BanPage::Html, BanPage::Json] {
        let desk = Desk::start().await;
        let client = desk.stage.dingtalk_builder().retry(RetryPolicy::never()).build().unwrap();
        client.workflow().get(&desk.open).await.unwrap();
        desk.stage.office().calls_api().clear();
        desk.stage.office().ban_ip(page);
        for _ in 0..5 {
            let error = client.workflow().get(&desk.open).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::RateLimited, "{page:?}: {error}");
            assert!(!error.may_have_taken_effect());
        }
        assert_eq!(desk.stage.office().calls_api().all().len(), 1, "{page:?}: one was enough");
        desk.stage.clock.advance(Duration::from_secs(301));
        client.workflow().get(&desk.open).await.unwrap();
    }
}
