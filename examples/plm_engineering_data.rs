//! What engineers approve in Tianyu PLM (天喻 PLM) becomes items, bills of material and routings of
//! the ERP.
//!
//! ```console
//! cargo run --example plm_engineering_data      # all in the sandbox
//! ```
//!
//! The PLM posts to us when an approval ends, and its user waits for the answer: created, updated, or
//! what the ERP objects to. A push carries no id; the key of a row makes it known again, so pushing
//! once more is always safe. Each row stands in the ledger under that key, and one that failed stays
//! there until it is pushed again.
//!
//! Against your own systems, without code: `examples/config/plm-engineering-data.toml`.

use std::time::Duration;

use erplink::plm::{EngineeringData, Plm, PlmRows, UpsertRow};
use erplink::receive::{self, Receiver};
use erplink_examples::{Failure, Table, meanwhile};
use erplink_sandbox::Sandbox;
use erplink_sandbox::plm::{Family, Push, TargetInterface};
use erplink_sync::{Flow, MemoryStore, Runner};
use plm_tianyu::{Config, Kind, UserObject};
use serde_json::{Value, json};
use tokio::net::TcpListener;

const COMPANY: &str = "SBODEMOCN";
const APP_CODE: &str = "demo-plm-code-1";

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let sandbox = Box::pin(Sandbox::start()).await?;
    let b1 = b1_servicelayer::Client::builder(sandbox.b1().root_url())
        .company_db(sandbox.b1().company_db())
        .credentials(sandbox.b1().user(), sandbox.b1().password())
        .build()?;
    let plm = Plm::new([APP_CODE.into()]);

    // A flow for each kind. Routings have no place of their own in the ERP: a user-defined object.
    let routing = UserObject::new("PLMROUTING");
    let kinds = [
        (Family::Item, "plm-items", Kind::Item),
        (Family::Bom, "plm-boms", Kind::Bom),
        (Family::Routing, "plm-routings", Kind::Routing(routing)),
    ];
    let mut builder = Runner::builder(MemoryStore::default());
    let mut receivers = Vec::new();
    for (_, name, kind) in kinds.clone() {
        let (flow, receiver) = engineering_data(&plm, &b1, name, kind)?;
        builder = builder.flow(flow);
        receivers.push(receiver);
    }
    let runner = builder.build()?;

    // The PLM administrator sets up a target interface (目标接口) for each kind.
    let base = serve(receivers, &runner).await?;
    for (family, name, _) in kinds {
        let target = TargetInterface::new(format!("{base}/{COMPANY}/plm/{name}"));
        sandbox.plm().configure(family, target.app_code(APP_CODE));
    }
    let pushes = Box::pin(meanwhile(&runner, engineers(&sandbox))).await?;
    report(&sandbox, &pushes)
}

/// PLM → ERP: rows of one kind, from the address to the record.
fn engineering_data(
    plm: &Plm,
    b1: &b1_servicelayer::Client,
    name: &str,
    kind: Kind,
) -> Result<(Flow, Receiver), Failure> {
    let rows = PlmRows::new(Config::new(kind), None)?;
    let target = UpsertRow::new(rows.reader().clone(), EngineeringData::new(b1.clone()));
    let flow = Flow::new(COMPANY, name).receive().push(target).answers_each_time(Duration::ZERO);
    Ok((flow, plm.receiver(COMPANY, name, &rows)))
}

async fn serve(receivers: Vec<Receiver>, runner: &Runner) -> Result<String, Failure> {
    let opened = receive::open(receivers, runner)?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let base = format!("http://{}", listener.local_addr()?);
    println!("the PLM pushes to {base}{}", opened.paths.join(", "));
    tokio::spawn(async move { axum::serve(listener, opened.routes).await });
    Ok(base)
}

/// The engineers approve. One bill names a part that the ERP does not know yet: the ERP's words reach
/// the engineer, who approves the part and pushes the bill again.
async fn engineers(sandbox: &Sandbox) -> Result<Vec<Push>, Failure> {
    let plm = sandbox.plm();
    let part = |code: &str, name: &str| json!({"ItemCode": code, "ItemName": name});
    let bill = json!({"TreeCode": "机箱/2型", "ProductTreeLines": [
        {"ItemCode": "RM-001", "Quantity": "1.5"}, {"ItemCode": "铰链", "Quantity": "2"},
    ]});
    let routing = json!({"Code": "R-1", "Name": "机箱 2 型", "PLMROUTING1Collection": [
        {"U_Step": "10", "U_Operation": "下料", "U_Minutes": "1.5"},
        {"U_Step": "20", "U_Operation": "折弯", "U_Minutes": "0.75"},
    ]});
    let mut pushes = Vec::new();
    for (family, rows) in [
        (Family::Item, vec![part("机箱/2型", "机箱 2 型")]),
        (Family::Bom, vec![bill.clone()]),
        (Family::Item, vec![part("铰链", "铰链 40mm"), part("RM-001", "钢板 2mm")]),
        (Family::Bom, vec![bill]),
        (Family::Routing, vec![routing.clone()]),
        (Family::Routing, vec![routing]), // somebody presses twice
    ] {
        pushes.extend(plm.push(family, &rows).await?);
    }
    Ok(pushes)
}

/// What each engineer saw; an error if the ERP does not have what it should.
fn report(sandbox: &Sandbox, pushes: &[Push]) -> Result<(), Failure> {
    let mut table = Table::new(["pushed", "done", "the engineer read"]);
    for push in pushes {
        table.row([&format!("{:?}", push.family), &push.success, &push.shown]);
    }
    println!("{table}");
    let b1 = sandbox.b1();
    let lines = |entity: &Value, lines: &str| entity[lines].as_array().map_or(0, Vec::len);
    let found = (
        lines(&b1.get("ProductTrees", "'机箱/2型'")?, "ProductTreeLines"),
        lines(&b1.get("PLMROUTING", "'R-1'")?, "PLMROUTING1Collection"),
        b1.get("Items", "'RM-001'")?["ItemName"] == "钢板 2mm",
        pushes.iter().map(|push| push.success).collect::<Vec<_>>(),
    );
    let refused_once = [true, false, true, true, true, true];
    if found == (2, 2, true, refused_once.to_vec()) {
        return Ok(());
    }
    Err(format!("not everything is where it should be: {found:?}").into())
}
