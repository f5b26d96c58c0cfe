//! What the flows do for the systems' slowness, measured in one run.
//!
//! ```console
//! cargo bench -p erplink-tests --bench figures
//! ```
//!
//! - *documents*: purchase orders become approval instances and are marked, every call taking
//!   600 ms. The loop of the guides (read a page; for each document create, then mark) against the
//!   flow of `examples/config/dingtalk-document-approval.toml` with 8 documents in flight and pages
//!   of 100. The guides read pages of 20.
//! - *callbacks*: how long DingTalk waits for the answer to a push while the work behind it takes
//!   five seconds.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use b1_servicelayer::entities::Document;
use b1_servicelayer::{Changes, Field};
use bytes::Bytes;
use dingtalk::workflow::{CreateInstance, FormValue};
use erplink::config::Config;
use erplink::receive;
use erplink_core::Secret;
use erplink_core::callback::Envelope;
use erplink_core::transport::{HttpTransport, Transport as _};
use erplink_examples::story::{SCENARIOS, Scenario};
use erplink_examples::systems;
use erplink_sandbox::{Fault, Sandbox};
use erplink_sync::SqliteStore;
use serde_json::json;

const CALL: Duration = Duration::from_millis(600);
const WORK: Duration = Duration::from_secs(5);
const DOCUMENTS: usize = 96;
const PUSHES: usize = 500;
const PURCHASE_FORM: &str = "PROC-288AE7AC-4E96-4C06-9FCB-71ECFA504536";

fn main() {
    // `cargo test --all-targets` starts benches too, and these take minutes.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        Box::pin(documents()).await;
        Box::pin(callbacks()).await;
    });
}

async fn documents() {
    let sandbox = Box::pin(company(DOCUMENTS)).await;
    let one_by_one = Box::pin(loop_of_the_guides(&sandbox)).await;
    let sandbox = Box::pin(company(DOCUMENTS)).await;
    let flow = Box::pin(flow(&sandbox)).await;
    let per_minute = |taken: Duration| 60.0 * DOCUMENTS as f64 / taken.as_secs_f64();
    for (name, (taken, calls)) in [("one after another", one_by_one), ("flow, 8 in flight", flow)] {
        let seconds = taken.as_secs_f64();
        let rate = per_minute(taken);
        println!(
            "{name:<18} {DOCUMENTS} documents in {seconds:>5.1} s = {rate:>4.0} a minute, {calls} calls"
        );
    }
    let ratio = one_by_one.0.as_secs_f64() / flow.0.as_secs_f64();
    println!("ratio {ratio:.1}, calls {:+}", flow.1 as i64 - one_by_one.1 as i64);
}

/// A company with so many purchase orders that were not sent yet.
async fn company(documents: usize) -> Sandbox {
    let sandbox = Box::pin(Sandbox::start()).await.unwrap();
    let erp = sandbox.b1();
    let line = json!({"ItemCode": "RM-003", "Quantity": 1, "UnitPrice": "1.1"});
    let order = json!({"CardCode": "V001", "DocumentLines": [line]});
    for _ in erp.list("PurchaseOrders").unwrap().len()..documents {
        erp.create("PurchaseOrders", &order).unwrap();
    }
    slow(&sandbox, CALL);
    sandbox
}

fn slow(sandbox: &Sandbox, latency: Duration) {
    let office = sandbox.dingtalk();
    for faults in [sandbox.b1().faults(), office.faults_api(), office.faults_oapi()] {
        faults.push(Fault::latency(None, "", latency).times(u32::MAX));
    }
}

fn sent(sandbox: &Sandbox) -> usize {
    let orders = sandbox.b1().list("PurchaseOrders").unwrap();
    orders.iter().filter(|order| order["U_ISSYN"] == "Y").count()
}

/// Reads a page; for each document creates a form, then marks the document.
async fn loop_of_the_guides(sandbox: &Sandbox) -> (Duration, usize) {
    let (erp, office) = (sandbox.b1(), sandbox.dingtalk());
    let b1 = b1_servicelayer::Client::builder(erp.root_url())
        .company_db(erp.company_db())
        .credentials(erp.user(), erp.password())
        .build()
        .unwrap();
    let dingtalk = dingtalk::Client::builder(office.client_id(), office.client_secret())
        .api_base(office.api_url())
        .oapi_base(office.oapi_url())
        .build()
        .unwrap();
    let started = Instant::now();
    loop {
        let unsent = Field::<Document, String>::udf("U_ISSYN".to_owned()).eq("N");
        let orders = b1.purchase_orders().filter(unsent).page_size(20).top(20).all().await.unwrap();
        for order in &orders {
            let key = order.doc_entry.unwrap();
            let rows = order.document_lines.iter().flatten().map(|line| {
                vec![FormValue::text("物料编码", line.item_code.clone().unwrap_or_default())]
            });
            let form = CreateInstance::new("manager4974", PURCHASE_FORM)
                .dept(417_223_049)
                .value(FormValue::text("来源单号", key.to_string()))
                .value(FormValue::table("物料明细", rows));
            let instance = dingtalk.workflow().create(&form).await.unwrap();
            let mark = Changes::new().udf("U_ISSYN", "Y").udf("U_instanceID", instance);
            b1.purchase_orders().key(key).update(mark).await.unwrap();
        }
        if orders.len() < 20 {
            break;
        }
    }
    let taken = started.elapsed();
    assert_eq!(sent(sandbox), DOCUMENTS);
    (taken, systems::calls(sandbox))
}

async fn flow(sandbox: &Sandbox) -> (Duration, usize) {
    let (config, folder) = configuration(sandbox);
    let store = SqliteStore::open(&config.ledger).await.unwrap();
    let (builder, _) = config.compose().unwrap().runner(store);
    let runner = builder.build().unwrap();
    let started = Instant::now();
    runner
        .run_until(async {
            while sent(sandbox) < DOCUMENTS {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
        .await;
    let taken = started.elapsed();
    assert_eq!(sandbox.dingtalk().instances().len(), DOCUMENTS);
    drop(std::fs::remove_dir_all(folder));
    (taken, systems::calls(sandbox))
}

fn by_flag() -> &'static Scenario {
    SCENARIOS.iter().find(|one| one.covers.contains("S13")).unwrap()
}

/// The first flow of the file, with 8 documents in flight and large pages.
fn configuration(sandbox: &Sandbox) -> (Config, PathBuf) {
    let (text, _) = by_flag().config.split_once("# Drafts of goods issues").unwrap();
    let text = text.replace("process_code", "concurrency = 8\npage_size = 100\nprocess_code");
    let folder = std::env::temp_dir().join(format!("erplink-figures-{}", std::process::id()));
    drop(std::fs::remove_dir_all(&folder));
    let file = systems::write_config(&folder, &text, &systems::addresses(sandbox)).unwrap();
    (Config::read(&file).unwrap(), folder)
}

async fn callbacks() {
    let sandbox = Box::pin(Sandbox::start()).await.unwrap();
    let (config, folder) = configuration(&sandbox);
    let store = SqliteStore::open(&config.ledger).await.unwrap();
    let (builder, receivers) = config.compose().unwrap().runner(store);
    let runner = builder.build().unwrap();
    let opened = receive::open(receivers, &runner).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, opened.routes).await });
    systems::subscribe(&sandbox, &base, by_flag().config).await.unwrap();
    slow(&sandbox, WORK);

    let secret = |name: &str| {
        let found = systems::SECRETS.iter().find(|(known, _)| *known == name).unwrap();
        found.1.trim_end().to_owned()
    };
    let key = Secret::new(secret("dingtalk-callback-aes-key"));
    let envelope = Envelope::new(secret("dingtalk-callback-token"), &key).unwrap();
    let owner = sandbox.dingtalk().client_id();
    let http = HttpTransport::builder().build().unwrap();
    let mut waits = Vec::new();
    let pushing = async {
        for number in 0..PUSHES {
            let event = json!({
                "EventType": "bpms_instance_change", "type": "finish", "result": "agree",
                "processCode": PURCHASE_FORM, "processInstanceId": format!("instance-{number}"),
                "staffId": "manager4974", "createTime": 1_700_000_000_000_i64,
                "finishTime": 1_700_000_000_000_i64, "title": "",
            });
            let (time, nonce) = ("1700000000000", format!("nonce{number}"));
            let sealed = envelope.seal(&event.to_string(), &owner, time, &nonce).unwrap();
            let query = format!("signature={}&timestamp={time}&nonce={nonce}", sealed.signature);
            let body = json!({ "encrypt": sealed.encrypt }).to_string();
            let request = http::Request::post(format!("{base}/SBODEMOCN/dingtalk?{query}"))
                .header("content-type", "application/json")
                .body(Bytes::from(body))
                .unwrap();
            let started = Instant::now();
            let response = http.send(request).await.unwrap();
            waits.push(started.elapsed());
            assert_eq!(response.status(), 200);
        }
    };
    runner.run_until(pushing).await;
    drop(std::fs::remove_dir_all(folder));
    waits.sort();
    let at = |percent: usize| waits[(waits.len() * percent / 100).min(waits.len() - 1)];
    println!(
        "{PUSHES} pushes while each is worked on for {WORK:?}: answered after {:.1?} (median), {:.1?} (99th percentile), {:.1?} (longest)",
        at(50),
        at(99),
        waits[waits.len() - 1],
    );
}
