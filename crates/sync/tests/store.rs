//! Our stores pass the suite that is published for everybody's.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use erplink_sync::{FlowId, MemoryStore, SqliteStore, Step, Store};

/// A new file in the target folder of this test run.
fn new_file() -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("store-{}-{}.db", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", path.display()));
    }
    path
}

erplink_sync::conformance!(memory, async { MemoryStore::default() });
erplink_sync::conformance!(sqlite, async { SqliteStore::open(new_file()).await.unwrap() });

#[tokio::test]
async fn a_file_that_is_no_ledger_is_refused_with_its_name() {
    let path = new_file();
    std::fs::write(&path, "this is not a database, and long enough to be sure about it").unwrap();
    let error = SqliteStore::open(&path).await.unwrap_err().to_string();
    assert!(error.contains("store-") && error.contains("not a database"), "{error}");
}

/// A ledger as the first schema wrote it, opened by this version and worked on.
#[tokio::test]
async fn a_file_of_the_first_schema_is_upgraded() {
    let path = new_file();
    let old = rusqlite::Connection::open(&path).unwrap();
    old.execute_batch(include_str!("../src/store/sqlite/migrations/0001_ledger.sql")).unwrap();
    old.execute_batch(
        "PRAGMA user_version = 1;
         INSERT INTO jobs (company, flow, document, generation, version, content, step, sending_at,
             state, due_at, attempts, claims, arrived_at, changed_at)
         VALUES ('C', 'f', '16', 1, 'v', '{\"a\":1.50}', 'sending', 1000, 'pending', 500, 0, 1, 0, 0);
         INSERT INTO checkpoints VALUES ('C', 'f', '2024-01-01');",
    )
    .unwrap();
    drop(old);

    let store = SqliteStore::open(&path).await.unwrap();
    let flow = FlowId::new("C", "f");
    assert_eq!(store.checkpoint(&flow).await.unwrap().as_deref(), Some("2024-01-01"));
    let job = store.get(&flow.document("16")).await.unwrap().unwrap();
    assert_eq!((job.content.as_str(), job.awaiting), ("{\"a\":1.50}", None));
    assert!(matches!(job.step, Step::Sending { since } if since.timestamp() == 1));
    store.set_awaiting(&job.key, Some(job.arrived_at)).await.unwrap();
    assert_eq!(store.get(&job.key).await.unwrap().unwrap().awaiting, Some(job.arrived_at));
}
