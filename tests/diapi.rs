//! The client of the DI API service against the simulated one: real SQL over the company's tables.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

use b1_diapi::{Client, ClientBuilder, Decimal, ErrorKind, Guard, Setting, Sql, SqlValue, date};
use chrono::NaiveDate;
use erplink_sandbox::diapi::{Quirks, SessionEnd};
use erplink_sandbox::{Fault, Sandbox};
use erplink_tests::Stage;
use http::{Method, StatusCode};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde::Deserialize;
use serde_json::json;

fn builder_as(stage: &Stage, company: &str, user: &str, password: &str) -> ClientBuilder {
    Client::builder(stage.sandbox.diapi().root_url())
        .company_db(company)
        .credentials(user, password)
        .clock(stage.clock.clone())
}

fn builder(stage: &Stage) -> ClientBuilder {
    let erp = stage.erp();
    builder_as(stage, erp.company_db(), erp.user(), erp.password())
}

fn quirks(stage: &Stage, quirks: Quirks) {
    stage.sandbox.diapi().set_quirks(quirks);
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Line {
    doc_entry: i64,
    item_code: String,
    #[serde(with = "b1_diapi::decimal")]
    quantity: Decimal,
    #[serde(with = "date")]
    req_date: NaiveDate,
    #[serde(default)]
    note: Option<String>,
}

#[tokio::test]
async fn rows_of_drafts_come_in_the_callers_own_type() {
    let stage = Stage::start().await;
    let text = "O'Neil & sons; 物料 :code --";
    let draft = stage.erp().submit_draft(&json!({
        "RequriedDate": "2023-10-20",
        "DocumentLines": [
            {"ItemCode": "RM-001", "Quantity": "0.125", "FreeText": text},
            {"ItemCode": "A/1#2", "Quantity": 7},
        ],
    }));
    let entry = draft.unwrap().doc_entry;
    // Unquoted names come back in capitals, and are found all the same.
    let sql = Sql::new(
        r#"SELECT T0.DocEntry, T0."ReqDate", T1.ItemCode, T1."Quantity", T1.FreeTxt AS note -- :note
           FROM ODRF T0 INNER JOIN DRF1 T1 ON T0."DocEntry" = T1."DocEntry"
           WHERE T0."DocEntry" = :entry AND T1."ItemCode" IN (:codes) AND T0."ReqDate" >= :from
             AND (T1."FreeTxt" = :text OR T1."FreeTxt" IS NULL)
           ORDER BY T1."LineNum" LIMIT :count OFFSET :skip"#,
    )
    .bind("entry", entry)
    .bind("codes", ["RM-001", "A/1#2"])
    .bind("from", NaiveDate::from_ymd_opt(2023, 10, 20))
    .bind("text", text)
    .bind("count", 10)
    .bind("skip", 0);
    let client = builder(&stage).build().unwrap();
    let lines: Vec<Line> = client.exec_sql(sql).rows().await.unwrap();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines.iter().all(|line| line.doc_entry == entry));
    assert_eq!((lines[0].item_code.as_str(), lines[1].item_code.as_str()), ("RM-001", "A/1#2"));
    assert_eq!(lines[0].quantity.to_string(), "0.125");
    assert_eq!(lines[0].note.as_deref(), Some(text));
    assert_eq!(lines[0].req_date.to_string(), "2023-10-20");
}

/// A reader that shares nothing with ours: SQLite's.
#[tokio::test]
async fn any_text_that_is_bound_comes_back_as_it_was() {
    let stage = Stage::start().await;
    let client = builder(&stage).build().unwrap();
    let cases = std::env::var("ERPLINK_PROPTEST_CASES").ok().and_then(|count| count.parse().ok());
    let config =
        Config { cases: cases.unwrap_or(150), failure_persistence: None, ..Config::default() };
    let pieces = prop::sample::select(vec![
        "'",
        "''",
        "\"",
        "--",
        "/*",
        "*/",
        ";",
        ":v",
        "\\",
        "\\'",
        "\n",
        "\r",
        "\t",
        "%",
        "_",
        "中",
        "\u{2019}",
        "\u{ff07}",
        "x",
        "',\"B\"",
        "' OR 1=1 --",
        "') UNION SELECT 'x",
    ]);
    let text = prop::collection::vec(pieces, 0..8).prop_map(|pieces| pieces.concat());
    let runtime = tokio::runtime::Handle::current();
    tokio::task::spawn_blocking(move || {
        TestRunner::new(config)
            .run(&(text, any::<i64>()), |(text, number)| {
                let sql = Sql::new("SELECT 'a':v AS \"A\",:v AS \"V\",5-:n AS \"N\" FROM DUMMY");
                // Adjacent texts are two columns' worth in no dialect: only the plain form is run.
                let text_of = sql.bind("v", text.as_str()).bind("n", number).text().unwrap();
                prop_assert!(text_of.starts_with("SELECT 'a' '"));
                let sql =
                    Sql::new("SELECT:v AS \"V\",:n AS \"N\",'a' AS \"A\" FROM DUMMY WHERE 1=1")
                        .bind("v", text.as_str())
                        .bind("n", number % 1_000_000_000);
                let rows = runtime.block_on(client.exec_sql(sql).into_future()).unwrap();
                prop_assert_eq!(rows.len(), 1);
                let row = rows.iter().next().unwrap();
                let found: String = row.get("V").unwrap().get().unwrap();
                prop_assert_eq!(found, text);
                let found: i64 = row.get("N").unwrap().get().unwrap();
                prop_assert_eq!(found, number % 1_000_000_000);
                prop_assert_eq!(row.columns().count(), 3);
                Ok(())
            })
            .unwrap();
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn an_ended_session_is_renewed_however_it_is_told() {
    for session_end in [SessionEnd::Unauthorized, SessionEnd::Forbidden, SessionEnd::Code] {
        let stage = Stage::start().await;
        quirks(&stage, Quirks { session_end, ..Quirks::default() });
        let client = builder(&stage).session_code("RIS.20000401").build().unwrap();
        let read = || client.exec_sql("SELECT 1 AS A FROM DUMMY").into_future();
        read().await.unwrap();
        stage.sandbox.diapi().expire_sessions();
        read().await.unwrap();
        assert_eq!(stage.sandbox.diapi().login_count(), 2, "{session_end:?}");
        // Half an hour later the client does not even try the old one.
        stage.let_sessions_expire();
        stage.sandbox.diapi().calls().clear();
        read().await.unwrap();
        assert_eq!(stage.sandbox.diapi().calls().count(Method::POST, "/exec-sql"), 1);
        assert_eq!(stage.sandbox.diapi().login_count(), 3);
    }
}

#[tokio::test]
async fn lost_answers_of_reads_are_asked_for_again() {
    let stage = Stage::start().await;
    let client = builder(&stage).build().unwrap();
    let faults = stage.sandbox.diapi().faults();
    for fault in [
        Fault::reset_before(Method::POST, "/exec-sql"),
        Fault::reset_after(Method::POST, "/exec-sql"),
        Fault::truncate_body(Method::POST, "/exec-sql"),
        Fault::html(Method::POST, "/exec-sql", StatusCode::BAD_GATEWAY),
        Fault::reset_after(Method::POST, "/login"),
    ] {
        stage.sandbox.diapi().expire_sessions();
        faults.push(fault.clone());
        let rows = client.exec_sql("SELECT 1 AS A FROM DUMMY").await;
        assert_eq!(rows.unwrap_or_else(|error| panic!("{fault:?}: {error}")).len(), 1);
        assert!(faults.pending().is_empty(), "{fault:?}");
    }
}

#[tokio::test]
async fn a_procedure_is_called_once_whatever_happens() {
    let stage = Stage::start().await;
    let diapi = stage.sandbox.diapi();
    diapi.answer("CALL PICK", &json!([{ "BatchNum": "B1" }])).unwrap();
    let client = builder(&stage).guard(Guard::read_only().allow_procedure("PICK")).build().unwrap();
    let call = || client.exec_sql(Sql::new("CALL PICK(:item)").bind("item", "RM-001"));
    assert_eq!(call().await.unwrap().len(), 1);
    diapi.faults().push(Fault::reset_after(Method::POST, "/exec-sql"));
    let error = call().await.unwrap_err();
    assert!(error.may_have_taken_effect(), "{error}");
    assert_eq!(diapi.statements().len(), 2);
}

#[tokio::test]
async fn the_check_names_the_wrong_setting() {
    use Setting::{CompanyDb, Password, Root, User};
    let stage = Stage::start().await;
    let erp = stage.erp();
    let (company, user, password) = (erp.company_db(), erp.user(), erp.password());
    builder(&stage).build().unwrap().check().await.unwrap();
    let found = async |builder: ClientBuilder| {
        let problem = builder.build().unwrap().check().await.unwrap_err();
        problem.suspects().to_vec()
    };
    assert_eq!(found(builder_as(&stage, "X", user, password)).await, [CompanyDb]);
    assert_eq!(found(builder_as(&stage, company, "S-ERP\\X", password)).await, [User]);
    assert_eq!(found(builder_as(&stage, company, user, "x")).await, [Password]);
    let elsewhere = Client::builder(stage.sandbox.diapi().root_url().replace("6160", "6161"));
    assert_eq!(found(elsewhere.company_db(company).credentials(user, password)).await, [Root]);
    quirks(&stage, Quirks { exact_logins: false, ..Quirks::default() });
    let all = [CompanyDb, User, Password];
    assert_eq!(found(builder_as(&stage, company, user, "x")).await, all);
}

#[tokio::test]
async fn what_the_database_refuses_is_told_in_its_words() {
    let stage = Stage::start().await;
    let client = builder(&stage).build().unwrap();
    let sql = Sql::new("SELECT :column FROM OITM").bind("column", SqlValue::identifier("No\"ne"));
    let error = client.exec_sql(sql).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Api);
    assert!(error.to_string().contains("No\"ne"), "{error}");
}

#[tokio::test]
async fn a_sandbox_of_its_own_starts_without_a_stage() {
    let sandbox = Box::pin(Sandbox::start()).await.unwrap();
    let connection = sandbox.diapi().connection();
    let text = |name: &str| connection[name].as_str().unwrap().to_owned();
    let client = Client::builder(text("root_url"))
        .company_db(text("company_db"))
        .credentials(text("user"), text("password"))
        .build()
        .unwrap();
    let company: Vec<serde_json::Value> =
        client.exec_sql(r#"SELECT "CompnyName" FROM OADM"#).rows().await.unwrap();
    assert_eq!(company, [json!({ "CompnyName": "演示公司" })]);
}
