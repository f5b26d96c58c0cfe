//! What is not a save: queries, methods, the company; and the checks of the connection.

use erplink::scenario::{BarcodeServer, Scenario as _};
use serde_json::json;

use crate::warehouse::{MARKED, Warehouse, beside};

#[tokio::test]
async fn queries_run_and_leave_nothing_behind() {
    let shop = Warehouse::new().await;
    let runner = shop.start(MARKED).await;
    let scanner = shop.sandbox.barcode();
    let sql =
        "\nSELECT T0.\"ItemCode\", T0.\"ItemName\" FROM OITM T0 WHERE T0.\"ItemCode\" = 'RM-001'";
    for answer in [scanner.query(sql).await.unwrap(), scanner.print_query(sql).await.unwrap()] {
        assert!(answer.is_success(), "{answer:?}");
        assert_eq!(answer.data, json!([{"ItemCode": "RM-001", "ItemName": "钢板"}]));
    }
    // More rows than a page.
    for number in 0..230 {
        let item = json!({"ItemCode": format!("N{number:03}"), "ItemName": "x"});
        shop.sandbox.b1().create("Items", &item).unwrap();
    }
    let all = scanner.print_query("SELECT T0.\"ItemCode\" FROM OITM T0").await.unwrap();
    assert_eq!(all.data.as_array().unwrap().len(), shop.count("Items"));
    let broken = scanner.print_query("SELECT T0.\"Nothing\" FROM OITM T0").await.unwrap();
    assert!(!broken.is_success() && !broken.message.is_empty(), "{broken:?}");
    let evil = scanner.query("delete from OITM").await.unwrap();
    assert!(!evil.is_success(), "{evil:?}");
    assert_eq!(shop.count("SQLQueries"), 0);

    let methods = scanner.methods().await.unwrap();
    assert_eq!(methods.data.as_array().unwrap().len(), 11);
    let company = scanner.companies().await.unwrap();
    assert_eq!(company.data, json!([{"CompanyDB": "SBODEMOCN", "CompanyName": "演示公司"}]));
    beside(&runner, async {}).await;
}

#[tokio::test]
async fn the_di_api_service_runs_what_stored_queries_do_not() {
    let shop = Warehouse::new().await;
    let scenario = json!({"query": "di-api"});
    let scenario: BarcodeServer = serde_json::from_value(scenario).unwrap();
    let runner = shop.run(&scenario).await;
    let scanner = shop.sandbox.barcode();
    // The users are not among the tables of stored queries.
    let sql = "\nSELECT \"USER_CODE\" FROM OUSR WHERE \"USER_CODE\" = 'S-ERP\\LLB'";
    let rows = scanner.query(sql).await.unwrap();
    assert_eq!(rows.data, json!([{"USER_CODE": "S-ERP\\LLB"}]), "{rows:?}");
    assert!(!scanner.print_query(sql).await.unwrap().is_success());
    let refused = scanner.query("SELECT \"Nothing\" FROM OITM").await.unwrap();
    assert!(!refused.is_success() && !refused.message.is_empty(), "{refused:?}");
    // The backflush asks there as well.
    let saved = shop.save(&runner, &shop.receipt()).await;
    assert!(saved.is_success(), "{saved:?}");
    assert_eq!((shop.booked(), shop.count("SQLQueries")), ((1, 1), 0));
}

#[tokio::test]
async fn a_site_without_sql_says_so() {
    let shop = Warehouse::new().await;
    let scenario = json!({"query": "off", "print_query": false});
    let scenario: BarcodeServer = serde_json::from_value(scenario).unwrap();
    let runner = shop.run(&scenario).await;
    let scanner = shop.sandbox.barcode();
    for answer in [
        scanner.query("select 1").await.unwrap(),
        scanner.print_query("select 1").await.unwrap(),
        shop.save(&runner, &shop.receipt()).await,
    ] {
        assert!(answer.message.contains("not enabled"), "{answer:?}");
    }
    let plain = scanner.receipt("1", "1").request();
    assert!(shop.save(&runner, &plain).await.is_success());
    assert!(scenario.check(&shop.systems).await.is_empty());
}

#[tokio::test]
async fn the_check_names_the_field_that_is_missing_and_the_right_that_is_lacking() {
    let check = async |shop: &Warehouse, field: &str| {
        let scenario = json!({"query": "off", "rules": {"mark_field": field}});
        let scenario: BarcodeServer = serde_json::from_value(scenario).unwrap();
        scenario.check(&shop.systems).await
    };
    let shop = Warehouse::new().await;
    let fine = check(&shop, "U_BarcodeMark").await;
    assert!(fine.len() == 2 && fine.iter().all(|one| one.problem.is_none()), "{fine:?}");
    assert_eq!(shop.count("SQLQueries"), 0);
    let wrong = check(&shop, "U_Nowhere").await;
    let problem = wrong[0].problem.as_deref().unwrap();
    assert!(problem.contains("`mark_field`") && problem.contains("U_Nowhere"), "{problem}");
    // No superuser.
    let options = erplink_sandbox::servicelayer::Options::default();
    let shop = Warehouse::with(options, Some(("S-ERP\\ZS", "Zhang-1234"))).await;
    let wrong = check(&shop, "U_BarcodeMark").await;
    assert!(wrong[1].problem.as_deref().unwrap().contains("superuser"), "{wrong:?}");
}
