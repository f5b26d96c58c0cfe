//! Stored SQL queries against the simulated server: kept as it spells them, read to the last row.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

use b1_servicelayer::{Client, ComplexType, Decimal, Ensured, ErrorKind, RawJson, Version, codes};
use chrono::NaiveDate;
use erplink_sandbox::servicelayer::{EmptyAnswer, NextLink, Options};
use erplink_tests::Stage;
use serde_json::json;

#[derive(Debug, Default, PartialEq, ComplexType)]
struct Line {
    doc_entry: Option<i32>,
    req_date: Option<NaiveDate>,
    item_code: Option<String>,
    quantity: Option<Decimal>,
    #[entity(name = "Note")]
    note: Option<String>,
}

const LINES: &str = "
    select T0.DocEntry, T0.ReqDate, T1.ItemCode, T1.Quantity, ifnull(T1.FreeTxt, '-') as Note
    from ODRF T0 inner join DRF1 T1 on T0.DocEntry = T1.DocEntry -- lines of drafts
    where T0.ObjType = :type and ifnull(T0.\"U_ISSYN\", 'N') = 'N' and T1.ItemCode <> :without
    order by T0.DocEntry, T1.LineNum";

async fn lines(b1: &Client, without: &str, page: u32) -> b1_servicelayer::Result<Vec<Line>> {
    let list = b1.sql_queries().key("draft-lines").list();
    let list = list.parameter("type", "1470000113").parameter("without", without);
    list.page_size(page).rows().try_collect().await
}

fn submit(stage: &Stage, count: usize) {
    for number in 0..count {
        let draft = json!({
            "RequriedDate": "2023-10-20",
            "DocumentLines": [
                {"ItemCode": "RM-001", "Quantity": number, "FreeText": "O'Neil & sons; 物料"},
                {"ItemCode": "A/1#2", "Quantity": 0.1},
            ],
        });
        stage.erp().submit_draft(&draft).unwrap();
    }
}

#[tokio::test]
async fn a_query_is_written_once_and_read_to_its_last_row() {
    for version in [Version::V1, Version::V2] {
        for link in [
            NextLink::Relative,
            NextLink::Forgetful,
            NextLink::ServerRoot,
            NextLink::ForeignHost,
            NextLink::Ampersand,
        ] {
            let options = Options { next_link: link, ..Options::default() };
            let stage = Stage::with(options).await;
            submit(&stage, 3);
            let b1 = stage.b1_builder().version(version).build().unwrap();
            let ensure = || b1.sql_queries().ensure("draft-lines", LINES);
            assert_eq!(ensure().await.unwrap(), Ensured::Created);
            assert_eq!(ensure().await.unwrap(), Ensured::Unchanged);
            let found = lines(&b1, "nothing", 2).await.unwrap();
            assert_eq!(found.len(), 6, "{link:?}");
            assert_eq!(found[4].doc_entry, Some(3));
            assert_eq!(found[4].req_date, NaiveDate::from_ymd_opt(2023, 10, 20));
            assert_eq!(found[4].note.as_deref(), Some("O'Neil & sons; 物料"));
            assert_eq!(found[5].quantity, Some("0.1".parse().unwrap()));
            assert_eq!(lines(&b1, "A/1#2", 2).await.unwrap().len(), 3);
            let odd = "A&B=1'; drop table ODRF --";
            assert_eq!(lines(&b1, odd, 4).await.unwrap().len(), 6);
            let list = b1.sql_queries().key("draft-lines").list().in_address();
            let list = list.parameter("type", "1470000113").parameter("without", odd);
            let raw: Vec<RawJson> = list.page_size(5).rows().try_collect().await.unwrap();
            assert_eq!(raw.len(), 6);
            let changed = b1.sql_queries().ensure("draft-lines", "select 1 as n from ODRF");
            assert_eq!(changed.await.unwrap(), Ensured::Updated);
        }
    }
}

#[tokio::test]
async fn an_empty_answer_is_empty_and_a_missing_query_is_missing() {
    for empty_answer in [EmptyAnswer::EmptyList, EmptyAnswer::NotFound] {
        let stage = Stage::with(Options { empty_answer, ..Options::default() }).await;
        let b1 = stage.b1();
        let missing = lines(&b1, "", 20).await.unwrap_err();
        assert!(missing.is_not_found(), "{missing}");
        b1.sql_queries().ensure("draft-lines", LINES).await.unwrap();
        assert_eq!(lines(&b1, "", 20).await.unwrap(), []);
    }
}

#[tokio::test]
async fn refusals_name_their_reason() {
    let stage = Stage::start().await;
    let b1 = stage.b1();
    for (text, code) in [
        ("select * from ODRF", codes::SQL_INVALID),
        ("select Status from OWDD", codes::SQL_TABLE),
        ("select Nothing from ODRF", codes::SQL_COLUMN),
    ] {
        let refused = b1.sql_queries().ensure("q", text).await.unwrap_err();
        assert_eq!(refused.api_error().unwrap().number(), Some(code), "{refused}");
    }
    b1.sql_queries().ensure("q", "select DocEntry from ODRF where DocNum = :n").await.unwrap();
    let list = b1.sql_queries().key("q").list();
    let refused = list.rows::<RawJson>().next().await.unwrap().unwrap_err();
    assert_eq!(refused.api_error().unwrap().number(), Some(codes::SQL_PARAMETER));
    let other = stage.b1_builder_as("S-ERP\\ZS", "Zhang-1234").build().unwrap();
    let list = other.sql_queries().key("q").list().parameter("n", 1);
    let refused = list.rows::<RawJson>().next().await.unwrap().unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Forbidden);
}
