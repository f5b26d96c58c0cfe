//! Decoding a page of documents as wide as real servers send them.
//!
//! About 200 properties on each header and 150 on each line, most of which the model does not
//! list; user-defined fields are kept. `skip` reads the same bytes without keeping anything: what
//! the JSON parser itself costs.

#![allow(clippy::unwrap_used)] // a benchmark that cannot decode has nothing to measure

use std::hint::black_box;

use b1_servicelayer::entities::Document;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use serde::Deserialize;
use serde::de::IgnoredAny;

const DOCUMENT: &str = include_str!("../tests/fixtures/entities/order_wide.json");

#[derive(Deserialize)]
struct Page {
    value: Vec<Document>,
}

fn decode_page(criterion: &mut Criterion) {
    let page = format!(r#"{{"value":[{}]}}"#, vec![DOCUMENT.trim_end(); 20].join(","));
    let mut group = criterion.benchmark_group("decode_page");
    group.throughput(Throughput::Bytes(page.len() as u64));
    group.bench_function("documents", |bencher| {
        bencher.iter(|| {
            let page: Page = serde_json::from_slice(black_box(page.as_bytes())).unwrap();
            assert_eq!(page.value.len(), 20);
            page
        });
    });
    group.bench_function("skip", |bencher| {
        bencher.iter(|| serde_json::from_slice::<IgnoredAny>(black_box(page.as_bytes())).unwrap());
    });
    group.finish();
}

criterion_group!(benches, decode_page);
criterion_main!(benches);
