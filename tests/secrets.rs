//! Every kind of failure with everything logged: no password, session, token or key shows up
//! anywhere.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use b1_servicelayer::entities::{Document, Item};
use b1_servicelayer::{Decision, RetryPolicy, Secret, TokenStore};
use dingtalk::TokenMethod;
use dingtalk::callback::router;
use dingtalk::workflow::{CreateInstance, FormValue};
use erplink_core::StoredToken;
use erplink_sandbox::dingtalk::{BanPage, FieldStyle, PushFault};
use erplink_sandbox::{Fault, FaultKind, Faults};
use erplink_tests::{MANAGER, Stage, all_texts};
use http::StatusCode;
use serde_json::json;
use tracing_subscriber::filter::LevelFilter;

const WRONG_PASSWORD: &str = "Wr0ng-Pa55word-planted";
const WRONG_APP_SECRET: &str = "wrong-app-secret-planted";

/// All that was logged, and all that errors and `Debug` showed.
#[derive(Clone, Default)]
struct Heap(Arc<Mutex<Vec<u8>>>);

impl Heap {
    fn add(&self, text: &str) {
        self.0.lock().unwrap().extend_from_slice(text.as_bytes());
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }

    fn failure<T>(&self, result: Result<T, impl std::error::Error + 'static>) {
        if let Err(error) = result {
            self.add(&all_texts(&error));
        }
    }
}

impl Write for Heap {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Sees every session and token that a client gets, and remembers it for the search.
#[derive(Clone, Default)]
struct Planted(Arc<Mutex<Vec<String>>>);

#[async_trait]
impl TokenStore for Planted {
    async fn load(
        &self,
        _key: &str,
    ) -> Result<Option<StoredToken>, Box<dyn std::error::Error + Send + Sync>> {
        Ok(None)
    }

    async fn compare_and_store(
        &self,
        _key: &str,
        _previous: Option<&Secret>,
        token: &StoredToken,
    ) -> Result<bool, Box<dyn std::error::Error + Send + Sync>> {
        let value = token.value.expose();
        // Of cookies each session by itself: it could be shown without the rest.
        let session = value.split("B1SESSION=").nth(1).and_then(|rest| rest.split(';').next());
        self.0.lock().unwrap().push(session.unwrap_or(value).to_owned());
        Ok(true)
    }
}

fn troubles(echo: &str) -> Vec<FaultKind> {
    let status =
        |status, body: Option<String>| FaultKind::Status { status, retry_after: None, body };
    let echoed =
        |text: &str| json!({"error": {"code": -1, "message": text}, "code": "x", "message": text});
    vec![
        FaultKind::ResetBefore,
        FaultKind::ResetAfter,
        FaultKind::TruncateBody,
        FaultKind::NeverAnswer,
        FaultKind::Html(StatusCode::BAD_GATEWAY),
        FaultKind::Html(StatusCode::OK),
        FaultKind::Html(StatusCode::UNAUTHORIZED),
        status(StatusCode::TOO_MANY_REQUESTS, None),
        status(StatusCode::UNAUTHORIZED, None),
        // A server that repeats what it was sent.
        status(StatusCode::BAD_REQUEST, Some(echoed(echo).to_string())),
        status(StatusCode::OK, Some(echoed(echo).to_string())),
        status(StatusCode::OK, Some("{\"value\":".to_owned())),
        status(StatusCode::OK, Some("[]".to_owned())),
    ]
}

fn always(faults: &Faults, path: &str, kind: &FaultKind) {
    faults.clear();
    faults.push(Fault::new(None, path, kind.clone()).times(1000));
}

async fn erp_in_trouble(heap: &Heap, planted: &Planted) {
    let stage = Stage::start().await;
    let secrets = [stage.erp().password(), "Zhang-1234", "Wang-1234", WRONG_PASSWORD];
    planted.0.lock().unwrap().extend(secrets.map(str::to_owned));
    let draft = json!({"DocumentLines": [{"ItemCode": "RM-001", "Quantity": 1}]});
    let builder = || {
        let store = Arc::new(planted.clone());
        let builder = stage.b1_builder().token_store(store).timeout(Duration::from_millis(300));
        builder.retry(RetryPolicy::default().max_attempts(2))
    };
    heap.add(&format!("{:?}", builder()));
    let login = builder().build().unwrap();
    login.items().key("RM-001").get().await.unwrap();
    let session = stage.erp().session_ids().remove(0);
    assert!(planted.0.lock().unwrap().contains(&session), "the search must know it");

    for kind in troubles(&session) {
        always(stage.erp().faults(), "/b1s", &kind);
        let b1 = &login;
        heap.add(&format!("{b1:?}"));
        heap.failure(b1.items().key("RM-001").get().await);
        heap.failure(b1.items().query().all().await);
        heap.failure(b1.items().key("RM-001").set(Item::ITEM_NAME, "x").await);
        heap.failure(b1.orders().create(&Document::default()).await);
        heap.failure(b1.orders().key(1).close().await);
        let decision = Decision::approve().on_behalf_of("S-ERP\\WW", "Wang-1234");
        heap.add(&format!("{decision:?}"));
        let decide = b1.approval_requests().key(1).decide(decision);
        heap.add(&format!("{decide:?}"));
        heap.failure(decide.await);
        heap.failure(b1.raw().get("Items").await);
        heap.failure(b1.logout().await);
    }
    for echo in troubles(WRONG_PASSWORD) {
        always(stage.erp().faults(), "/Login", &echo);
        let wrong = stage.b1_builder_as(stage.erp().user(), WRONG_PASSWORD);
        let wrong = wrong.timeout(Duration::from_millis(300)).build().unwrap();
        heap.failure(wrong.login().await);
    }
    stage.erp().faults().clear();
    let wrong = stage.b1_builder_as(stage.erp().user(), WRONG_PASSWORD).build().unwrap();
    heap.failure(wrong.items().count().await);
    stage.erp().submit_draft(&draft).unwrap();
    let decision = Decision::approve().on_behalf_of("S-ERP\\WW", WRONG_PASSWORD);
    heap.failure(builder().build().unwrap().approval_requests().key(1).decide(decision).await);
    let config = json!({
        "root": stage.erp().root_url(), "company_db": "C", "user": "u", "password": WRONG_PASSWORD,
    });
    let config: b1_servicelayer::Config = serde_json::from_value(config).unwrap();
    heap.add(&format!("{config:?}"));
}

async fn office_in_trouble(heap: &Heap, planted: &Planted) {
    let stage = Stage::start().await;
    let app_secret = stage.office().client_secret();
    let keys = [app_secret.as_str(), WRONG_APP_SECRET, Stage::CALLBACK_TOKEN, Stage::AES_KEY];
    planted.0.lock().unwrap().extend(keys.map(str::to_owned));
    let corp_id = stage.office().corp_id();
    for method in [TokenMethod::V1, TokenMethod::Unified { corp_id }, TokenMethod::Legacy] {
        let builder = |secret: &str| {
            let store = Arc::new(planted.clone());
            let builder = stage.dingtalk_builder_with(secret).token_method(method.clone());
            builder.token_store(store).retry(RetryPolicy::default().max_attempts(2))
        };
        heap.add(&format!("{:?}", builder(&app_secret)));
        let hasty = |client: dingtalk::Client| client.with_timeout(Duration::from_millis(300));
        let client = hasty(builder(&app_secret).build().unwrap());
        client.workflow().todo_count(MANAGER).await.unwrap();
        let token = planted.0.lock().unwrap().last().unwrap().clone();
        let form =
            CreateInstance::new("manager4974", "PROC-1").dept(1).value(FormValue::text("a", "b"));
        for kind in troubles(&token) {
            if kind == FaultKind::NeverAnswer && method != TokenMethod::V1 {
                continue; // Once is enough to wait for.
            }
            always(stage.office().faults_api(), "/v1.0/workflow", &kind);
            always(stage.office().faults_oapi(), "/topapi", &kind);
            heap.add(&format!("{client:?}"));
            heap.failure(client.workflow().get("x").await);
            heap.failure(client.workflow().create(&form).await);
            heap.failure(client.contacts().originator_by_mobile("13800000001").await);
            heap.failure(client.raw().get("/v1.0/workflow/x").await);
        }
        for echo in [&app_secret, WRONG_APP_SECRET] {
            for kind in troubles(echo) {
                if kind == FaultKind::NeverAnswer {
                    continue; // The token has the transport's own timeout, half a minute.
                }
                always(stage.office().faults_api(), "/oauth2", &kind);
                always(stage.office().faults_oapi(), "/gettoken", &kind);
                heap.failure(builder(echo).build().unwrap().workflow().todo_count(MANAGER).await);
            }
        }
        stage.office().faults_api().clear();
        stage.office().faults_oapi().clear();
        let wrong = builder(WRONG_APP_SECRET).build().unwrap();
        heap.failure(wrong.workflow().todo_count(MANAGER).await);
    }
    pushes_in_trouble(heap, &stage).await;
    let client = stage.dingtalk();
    stage.office().ban_ip(BanPage::Html);
    heap.failure(client.workflow().get("x").await);
}

async fn pushes_in_trouble(heap: &Heap, stage: &Stage) {
    let receiver = stage.receiver();
    heap.add(&format!("{receiver:?}"));
    for body in ["", "{}", r#"{"encrypt":"AAAA"}"#] {
        heap.failure(receiver.receive("signature=x&timestamp=1&nonce=2", body.as_bytes()));
    }
    let take = |_event| async { Err::<(), _>("no".into()) };
    stage.serve(router("/callback", receiver, take), FieldStyle::Current).await;
    let process = stage.office().process_code("采购申请").unwrap();
    for fault in [PushFault::BadSignature, PushFault::WrongKey, PushFault::TamperedCiphertext] {
        stage.office().arrange_push_fault(fault);
        let form = json!({"来源单号": "1"});
        stage.office().start_by_hand(&process, "manager4974", &form).unwrap();
        stage.office().settled().await;
    }
}

/// One test alone in its process: the subscriber is for all threads.
#[tokio::test]
async fn no_secret_is_shown_anywhere() {
    let heap = Heap::default();
    let planted = Planted::default();
    let log = heap.clone();
    tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_writer(move || log.clone())
        .with_ansi(false)
        .init();
    Box::pin(erp_in_trouble(&heap, &planted)).await;
    Box::pin(office_in_trouble(&heap, &planted)).await;

    let text = heap.text();
    for sign in ["hyper", "erplink_core", "Items('RM-001')", "processInstances", "refused", "TRACE"]
    {
        assert!(text.contains(sign), "{sign} is missing: not everything was captured");
    }
    let mut secrets = planted.0.lock().unwrap().clone();
    secrets.sort();
    secrets.dedup();
    assert!(secrets.len() > 10, "{}", secrets.len());
    for secret in &secrets {
        assert!(secret.len() >= 8, "too short to be searched for");
        if let Some(at) = text.find(secret.as_str()) {
            let around: String = text[..at].chars().rev().take(300).collect();
            let around: String = around.chars().rev().collect();
            panic!("a secret is shown behind: {around}");
        }
    }
}
