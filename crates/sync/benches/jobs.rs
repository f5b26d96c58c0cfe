//! Documents a second through the engine, with SQLite at full durability and in memory.

#![allow(clippy::unwrap_used, missing_docs)] // the macros of criterion have no docs

use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use erplink_core::RawJson;
use erplink_sync::ports::{Delivered, Marked, Marker, Outgoing, PageRequest, Pushed, Source};
use erplink_sync::ports::{SourcePage, Target};
use erplink_sync::{Document, Failure, Flow, MemoryStore, Runner, SqliteStore, Store};

const DOCUMENTS: u64 = 500;

/// Systems that answer at once: what is left is the engine.
struct Instant;

#[async_trait]
impl Source for Instant {
    fn system(&self) -> &str {
        "source"
    }

    async fn page(&self, _: PageRequest) -> Result<SourcePage, Failure> {
        let content = || RawJson::parse(r#"{"DocEntry":16,"Comments":"采购申请"}"#);
        let document = |n: u64| content().map(|content| Document::new(n.to_string(), content));
        let documents = (0..DOCUMENTS).map(document).collect::<Result<_, _>>();
        Ok(SourcePage::last(documents.map_err(Failure::park)?))
    }
}

#[async_trait]
impl Target for Instant {
    fn system(&self) -> &str {
        "target"
    }

    async fn push(&self, document: &Outgoing) -> Result<Pushed, Failure> {
        Ok(Pushed::new(&document.key.document))
    }
}

#[async_trait]
impl Marker for Instant {
    fn system(&self) -> &str {
        "source"
    }

    async fn mark(&self, _: &Delivered) -> Result<Marked, Failure> {
        Ok(Marked::Yes)
    }
}

async fn run(store: impl Store + 'static) {
    let flow = Flow::new("SBODEMOCN", "bench")
        .poll(Instant)
        .push(Instant)
        .mark(Instant)
        .max_per_run(1000)
        .concurrency(128);
    let runner = Runner::builder(store).flow(flow).build().unwrap();
    assert_eq!(runner.run_once().await.done, 500);
}

fn jobs(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let mut group = criterion.benchmark_group("jobs");
    group.throughput(Throughput::Elements(DOCUMENTS)).sample_size(20);
    group.bench_function("memory", |bencher| {
        bencher.to_async(&runtime).iter_batched(MemoryStore::default, run, BatchSize::SmallInput);
    });
    let folder = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bench");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let next = AtomicU64::new(0);
    let new_file = || folder.join(format!("{}.db", next.fetch_add(1, Ordering::Relaxed)));
    group.bench_function("sqlite", |bencher| {
        bencher.to_async(&runtime).iter_batched(
            new_file,
            |path| async move { run(SqliteStore::open(path).await.unwrap()).await },
            BatchSize::PerIteration,
        );
    });
    group.finish();
    let _ = std::fs::remove_dir_all(&folder);
}

criterion_group!(benches, jobs);
criterion_main!(benches);
