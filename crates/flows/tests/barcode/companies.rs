//! Several companies (账套) behind one port, each a table of one configuration.

use erplink::config::Config;
use erplink::receive;
use erplink_sandbox::Sandbox;
use erplink_sandbox::barcode::Addresses;
use erplink_sync::MemoryStore;
use serde_json::json;

use crate::warehouse::beside;

fn company(name: &str, sandbox: &Sandbox, code: &str) -> String {
    let root = sandbox.b1().root_url();
    format!(
        r#"
[[companies]]
name = "{name}"
[companies.b1]
root = "{root}"
company_db = "SBODEMOCN"
user = 'S-ERP\LLB'
password = {{ file = "password" }}
[companies.barcode]
app_code = {{ file = "{code}" }}
company_name = "公司 {name}"
[[companies.flows]]
name = "barcode"
scenario = "barcode-server"
query = "off"
[companies.flows.rules]
mark_field = "U_BarcodeMark"
"#
    )
}

#[tokio::test]
async fn another_company_is_another_table_and_shares_nothing() {
    let folder = std::env::temp_dir().join(format!("erplink-companies-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let erps =
        [Box::pin(Sandbox::start()).await.unwrap(), Box::pin(Sandbox::start()).await.unwrap()];
    let text = company("ONE", &erps[0], "code-1") + &company("TWO", &erps[1], "code-2");
    for (name, text) in [
        ("password", erps[0].b1().password()),
        ("code-1", "the-first-code"),
        ("code-2", "the-second-code"),
        ("erplink.toml", &text),
    ] {
        std::fs::write(folder.join(name), text).unwrap();
    }
    let config = Config::read(&folder.join("erplink.toml"));
    std::fs::remove_dir_all(&folder).unwrap();
    let config = config.unwrap();
    let (builder, receivers) = config.compose().unwrap().runner(MemoryStore::default());
    let runner = builder.build().unwrap();
    let opened = receive::open(receivers, &runner).unwrap();
    assert_eq!(opened.paths, ["/ONE/barcode", "/TWO/barcode"]);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, opened.routes).await });

    let scanner = erps[0].barcode();
    let entry = scanner.receipt("1", "1").request();
    for (number, (name, code)) in
        [("ONE", "the-first-code"), ("TWO", "the-second-code")].into_iter().enumerate()
    {
        scanner.configure(Addresses::under(&format!("{base}/{name}/barcode")), code);
        let company = scanner.companies().await.unwrap();
        let expected = json!([{"CompanyDB": name, "CompanyName": format!("公司 {name}")}]);
        assert_eq!(company.data, expected);
        let saved = beside(&runner, scanner.save(&entry)).await.unwrap();
        assert!(saved.is_success(), "{saved:?}");
        let counts: Vec<_> =
            erps.iter().map(|erp| erp.b1().list("InventoryGenEntries").unwrap().len()).collect();
        assert_eq!(counts, if number == 0 { [1, 0] } else { [1, 1] });
    }
    // The code of one company opens nothing at the other, and there is no third.
    scanner.configure(Addresses::under(&format!("{base}/ONE/barcode")), "the-second-code");
    assert_eq!(scanner.companies().await.unwrap().http_status, Some(401));
    scanner.configure(Addresses::under(&format!("{base}/THREE/barcode")), "the-first-code");
    assert_eq!(scanner.companies().await.unwrap().http_status, Some(404));
}
