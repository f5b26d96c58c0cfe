//! Lists over many pages, whatever the link to the next one looks like.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use b1_servicelayer::entities::Item;
use b1_servicelayer::{Client, Cursor, ErrorKind, Filter, Query, Version};
use erplink_sandbox::servicelayer::{NextLink, Options};
use erplink_tests::Stage;
use http::Method;
use serde_json::json;

const LINKS: [NextLink; 5] = [
    NextLink::Relative,
    NextLink::Forgetful,
    NextLink::ServerRoot,
    NextLink::ForeignHost,
    NextLink::Ampersand,
];

fn add(stage: &Stage, code: &str, group: &str) {
    let item = json!({"ItemCode": code, "ItemName": group});
    stage.erp().create("Items", &item).unwrap();
}

fn code(number: usize) -> String {
    format!("P-{number:03}")
}

async fn stage_with_items(options: Options, count: usize) -> Stage {
    let stage = Stage::with(options).await;
    for number in 0..count {
        add(&stage, &code(number), "walked");
        // Between them what the filter must keep out, on every page.
        add(&stage, &format!("{}-other", code(number)), "other");
    }
    stage
}

fn walk(b1: &Client) -> Query<Item> {
    b1.items().filter(Item::ITEM_NAME.eq("walked")).order_by(Item::ITEM_CODE.asc())
}

fn codes(items: Vec<Item>) -> Vec<String> {
    items.into_iter().filter_map(|item| item.item_code).collect()
}

fn first(count: usize) -> Vec<String> {
    (0..count).map(code).collect()
}

#[tokio::test]
async fn every_form_of_link_leads_through_all_rows() {
    let stage = stage_with_items(Options { page_size: 20, ..Options::default() }, 12).await;
    for version in [Version::V1, Version::V2] {
        let b1 = stage.b1_builder().version(version).build().unwrap();
        for link in LINKS {
            for after_full_page in [false, true] {
                stage.erp().configure(|options| {
                    options.next_link = link;
                    options.next_link_after_full_page = after_full_page;
                });
                let label = format!("{version:?} {link:?} {after_full_page}");
                stage.erp().calls().clear();
                let all = walk(&b1).page_size(4).all().await.unwrap();
                assert_eq!(codes(all), first(12), "{label}");
                // Three full pages, and an empty one where the link follows the last.
                let calls = stage.erp().calls().count(Method::GET, "/Items");
                assert_eq!(calls, 3 + usize::from(after_full_page), "{label}");
                let all = walk(&b1).page_size(5).all().await.unwrap();
                assert_eq!(codes(all), first(12), "{label}: an odd last page");
            }
        }
    }
}

#[tokio::test]
async fn every_page_is_asked_for_with_the_whole_query() {
    let options = Options { next_link: NextLink::Forgetful, ..Options::default() };
    let stage = stage_with_items(options, 7).await;
    let b1 = stage.b1();
    let query = walk(&b1).select((Item::ITEM_CODE,)).page_size(3);
    assert_eq!(codes(query.all().await.unwrap()), first(7));
    let calls: Vec<_> = stage.erp().calls().all();
    let queries: Vec<_> = calls.into_iter().filter_map(|call| call.query).collect();
    assert_eq!(queries.len(), 3);
    for query in &queries {
        for option in ["$filter=", "$orderby=", "$select="] {
            assert!(query.contains(option), "{query} lost {option}");
        }
    }
    assert!(queries[2].contains("$skip=6"), "{}", queries[2]);
}

#[tokio::test]
async fn a_limit_is_kept_over_pages() {
    let stage = stage_with_items(Options::default(), 9).await;
    let b1 = stage.b1();
    for link in LINKS {
        stage.erp().configure(|options| options.next_link = link);
        for top in [1, 3, 4, 7, 9, 50] {
            let some = walk(&b1).page_size(3).top(top as u64).all().await.unwrap();
            assert_eq!(codes(some), first(top.min(9)), "{link:?} {top}");
        }
        let some = walk(&b1).page_size(3).skip(2).top(5).all().await.unwrap();
        assert_eq!(codes(some), first(7)[2..], "{link:?}");
    }
    assert_eq!(walk(&b1).count().await.unwrap(), 9);
}

#[tokio::test]
async fn a_walk_goes_on_from_a_stored_cursor() {
    for link in LINKS {
        let stage = stage_with_items(Options { next_link: link, ..Options::default() }, 10).await;
        let mut pages = walk(&stage.b1()).page_size(4).top(9).pages();
        let page = pages.next().await.unwrap().unwrap();
        assert_eq!(codes(page.items), first(4));
        drop(pages);
        let stored = serde_json::to_string(&page.next.unwrap()).unwrap();
        let cursor: Cursor = serde_json::from_str(&stored).unwrap();
        // Another process, another client.
        let rest = walk(&stage.b1()).page_size(4).top(9).resume(cursor).all().await.unwrap();
        assert_eq!(codes(rest), first(9)[4..], "{link:?} {stored}");
    }
}

#[tokio::test]
async fn rows_that_come_while_walking_repeat_one_at_worst() {
    let stage = stage_with_items(Options::default(), 8).await;
    let b1 = stage.b1();
    let mut pages = walk(&b1).page_size(3).pages();
    let mut seen = codes(pages.next().await.unwrap().unwrap().items);
    add(&stage, "P-000a", "walked"); // before the place we are at: shifts the rest
    add(&stage, "P-007a", "walked"); // behind it: belongs to the walk
    while let Some(page) = pages.next().await {
        seen.extend(codes(page.unwrap().items));
    }
    let mut expected = first(8);
    expected.insert(3, code(2)); // seen again
    expected.push("P-007a".to_owned());
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_walk_by_key_loses_nothing_to_deletions() {
    let stage = stage_with_items(Options::default(), 9).await;
    let b1 = stage.b1();
    let mut seen: Vec<String> = Vec::new();
    loop {
        let after = seen.last().cloned().unwrap_or_default();
        let page = walk(&b1).filter(Item::ITEM_CODE.gt(after)).top(3).all().await.unwrap();
        if page.is_empty() {
            break;
        }
        seen.extend(codes(page));
        if seen.len() == 3 {
            b1.items().key("P-000").delete().await.unwrap();
        }
    }
    assert_eq!(seen, first(9));
}

/// A Service Layer whose link never gets further than its second page.
async fn stuck_server(link: &'static str, pages: Arc<AtomicUsize>) -> String {
    let answer = move |request: Request| {
        let pages = pages.clone();
        async move { stuck_answer(&request, link, &pages) }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    format!("http://{address}")
}

fn stuck_answer(request: &Request, link: &str, pages: &AtomicUsize) -> Response {
    if request.uri().path().ends_with("/Login") {
        let cookie = [("set-cookie", "B1SESSION=one;HttpOnly;")];
        return (cookie, r#"{"SessionId":"one","SessionTimeout":30}"#).into_response();
    }
    pages.fetch_add(1, Ordering::Relaxed);
    let body = json!({"value": [{"ItemCode": "A"}], "odata.nextLink": link});
    body.to_string().into_response()
}

#[tokio::test]
async fn a_link_that_leads_nowhere_ends_the_walk_with_an_error() {
    for (link, expected) in [
        ("Items?$skip=20", 2),
        ("http://elsewhere:50001/b1s/v1/Items?$skip=20", 2),
        ("Items?$skip=0", 1),
        ("Items?$skip=-20", 1),
        ("Items?$top=5", 1),
        ("Items", 1),
        ("Items?$skip=99999999999999999999999", 1),
    ] {
        let pages = Arc::new(AtomicUsize::new(0));
        let root = stuck_server(link, pages.clone()).await;
        let b1 = Client::builder(root).company_db("C").credentials("u", "p").build().unwrap();
        let error = b1.items().filter(Filter::raw("true")).all().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{link}: {error}");
        assert!(!error.is_retryable() && !error.may_have_taken_effect(), "{error:?}");
        assert_eq!(pages.load(Ordering::Relaxed), expected, "{link}");
        assert!(error.to_string().contains("GET Items"), "{error}");
    }
}

#[tokio::test]
async fn a_repeated_skip_token_ends_the_walk_with_an_error() {
    let pages = Arc::new(AtomicUsize::new(0));
    let root = stuck_server("Items?$skiptoken=A", pages.clone()).await;
    let b1 = Client::builder(root).company_db("C").credentials("u", "p").build().unwrap();
    let error = b1.items().query().all().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode, "{error}");
    assert_eq!(pages.load(Ordering::Relaxed), 2);
}
