//! A server for the barcode application (条码应用): its scanners query, save documents and receive
//! products with a backflush of their components (反冲发料), for several companies (账套).
//!
//! ```console
//! cargo run --example barcode_server                                        # shows itself in the sandbox
//! cargo run --example barcode_server -- examples/config/barcode-server.toml # serves until Ctrl-C
//! ```
//!
//! The five addresses of a company are typed into the settings of the application; the person with
//! the scanner reads what became of each call. A save goes through the ledger: its issue and its
//! receipt are posted once each, whatever becomes of connections, or the answer says what stands.
//!
//! In the sandbox a receipt loses its answer on the way from the ERP, and another one is tapped twice.

use std::net::SocketAddr;
use std::path::Path;

use erplink::config::Config;
use erplink::receive;
use erplink_examples::{Failure, Folder, Table, systems};
use erplink_sandbox::barcode::{Addresses, Answer};
use erplink_sandbox::{Fault, Sandbox};
use erplink_sync::{Runner, SqliteStore};
use serde_json::json;
use tokio::net::TcpListener;

const CONFIG: &str = include_str!("config/barcode-server.toml");
const APP_CODE: &str = include_str!("config/secrets/barcode-app-code");

/// Finds the components of an order, as the application sends it.
const COMPONENTS: &str = "\nSelect T0.\"DocEntry\",T1.\"LineNum\",T1.\"ItemCode\",T2.\"ItemName\",\
    T1.\"BaseQty\",T1.\"wareHouse\" From OWOR T0 Left Join WOR1 T1 On T0.\"DocEntry\"=T1.\"DocEntry\" \
    Left Join OITM T2 On T1.\"ItemCode\"=T2.\"ItemCode\" Where T2.\"ManBtchNum\"='N' \n";

#[tokio::main]
async fn main() -> Result<(), Failure> {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    match std::env::args().nth(1) {
        Some(file) => {
            let config = Config::read(Path::new(&file))?;
            let (runner, base) = serve(&config).await?;
            println!("serving below {base} until Ctrl-C");
            runner.run_until(async { drop(tokio::signal::ctrl_c().await) }).await;
            Ok(())
        }
        None => Box::pin(show()).await,
    }
}

/// Opens the port for every company of the configuration.
async fn serve(config: &Config) -> Result<(Runner, String), Failure> {
    let store = SqliteStore::open(&config.ledger).await?;
    let (builder, receivers) = config.compose()?.runner(store);
    let runner = builder.build()?;
    let opened = receive::open(receivers, &runner)?;
    let listener = TcpListener::bind(config.listen).await?;
    let base = format!("http://{}", listener.local_addr()?);
    println!("scanners call {base}{}/…", opened.paths.join("/…, "));
    tokio::spawn(async move { axum::serve(listener, opened.routes).await });
    Ok((runner, base))
}

/// The server, and people with scanners.
async fn show() -> Result<(), Failure> {
    let sandbox = Box::pin(Sandbox::start()).await?;
    let folder = Folder::new("erplink-barcode")?;
    let file = systems::write_config(folder.path(), CONFIG, &systems::addresses(&sandbox))?;
    let mut config = Config::read(&file)?;
    config.listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let (runner, base) = serve(&config).await?;
    let mut outcome = Err("the scanners did not begin".into());
    let people = Box::pin(async { outcome = scanners(&sandbox, &base).await });
    runner.run_until(people).await;
    report(&sandbox, &outcome?)
}

/// What people do with their scanners, and what they read.
async fn scanners(sandbox: &Sandbox, base: &str) -> Result<Vec<(&'static str, Answer)>, Failure> {
    let scanner = sandbox.barcode();
    let at = |company: &str| {
        let addresses = Addresses::under(&format!("{base}/{company}/barcode"));
        scanner.configure(addresses, APP_CODE.trim_end());
    };
    let mut answers = Vec::new();
    at("SBODEMOCN");
    answers.push(("which methods are there?", scanner.methods().await?));
    answers.push(("which company is it?", scanner.companies().await?));
    let items = "select \"ItemCode\" from OITM where \"ManBtchNum\" = 'N'";
    answers.push(("rows (DI API)", scanner.query(items).await?));
    let labels = "SELECT T0.\"ItemCode\", T0.\"ItemName\" FROM OITM T0";
    answers.push(("rows for labels", scanner.print_query(labels).await?));
    answers.push(("SQL that writes", scanner.query("delete from OITM").await?));

    let delivery = json!({
        "method": "PurchaseDelivery", "table": "OPDN",
        "data": [{"BaseEntry": "1", "BaseType": "22", "BaseLine": "0", "Quantity": "10.5"}],
        "MainTable": {"U_CZR": "CS01", "U_CZSJ": "2026-01-05 09:00:00", "DocDate": "20260105"},
    });
    answers.push(("a delivery", scanner.save(&delivery).await?));

    // The ERP posts the receipt, and its answer never comes: it is found by its mark.
    let lost = Fault::reset_after(axum::http::Method::POST, "InventoryGenEntries");
    sandbox.b1().faults().push(lost);
    let receive = |quantity| scanner.receipt("1", quantity).warehouse("01");
    let receipt = receive("2").backflush(COMPONENTS, None).request();
    answers.push(("a receipt with backflush, its answer lost", scanner.save(&receipt).await?));
    let [first, second] = scanner.save_twice(&receive("3").request()).await?;
    answers.push(("a receipt that is tapped twice", first));
    answers.push(("… and the second answer", second));

    at("SECOND");
    answers.push(("which company is it now?", scanner.companies().await?));
    answers.push(("rows at a site without SQL", scanner.query(items).await?));
    Ok(answers)
}

/// What was asked and answered; an error if the documents are not there exactly once.
fn report(sandbox: &Sandbox, answers: &[(&'static str, Answer)]) -> Result<(), Failure> {
    let mut table = Table::new(["asked", "code", "message", "data"]);
    for (asked, answer) in answers {
        let data: String = answer.data.to_string().chars().take(60).collect();
        table.row([asked, &answer.code, &answer.message, &data]);
    }
    println!("{table}");
    let b1 = sandbox.b1();
    let count = |set| Ok::<_, Failure>(b1.list(set)?.len());
    let order = b1.get("ProductionOrders", "1")?;
    let documents = [
        count("PurchaseDeliveryNotes")?,
        count("InventoryGenExits")?,
        count("InventoryGenEntries")?,
    ];
    let completed = order["CompletedQuantity"].as_f64();
    let refused = answers.iter().filter(|(_, answer)| !answer.is_success()).count();
    println!("deliveries, issues and receipts: {documents:?}; {completed:?} of the order received");
    if (documents, completed, refused) == ([1, 1, 2], Some(5.0), 2) {
        return Ok(());
    }
    Err("not every document is there exactly once".into())
}
