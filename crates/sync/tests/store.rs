//! Our stores pass the suite that is published for everybody's.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use erplink_sync::{MemoryStore, SqliteStore};

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
