use erplink_sandbox::{Error, Sandbox};
use serde_json::{Value, json};

use super::{Arrived, Scenario, Story};
use crate::Failure;

pub(super) const SCENARIO: Scenario = Scenario {
    name: "scanners of the barcode application in the warehouse",
    covers: "S30 to S36",
    config: include_str!("../../config/barcode-server.toml"),
    begin,
};

/// The components of a production order that are issued with its receipt.
const COMPONENTS: &str = "\nSelect T0.\"DocEntry\", T1.\"LineNum\", T1.\"ItemCode\", \
    T1.\"BaseQty\", T1.\"wareHouse\" From OWOR T0 Left Join WOR1 T1 On T0.\"DocEntry\" = \
    T1.\"DocEntry\" Left Join OITM T2 On T1.\"ItemCode\" = T2.\"ItemCode\" \
    Where T2.\"ManBtchNum\" = 'N' \n";

/// What the scanners save, each by a person of its own (`U_CZR`).
struct Saves(Vec<Save>);

struct Save {
    request: Value,
    person: &'static str,
    set: &'static str,
}

fn begin(sandbox: &Sandbox) -> Result<Box<dyn Story>, Failure> {
    let receipt = sandbox.barcode().receipt("1", "2").warehouse("01").backflush(COMPONENTS, None);
    let delivery = json!({
        "method": "PurchaseDelivery", "table": "OPDN", "operationtype": "A",
        "data": [{"BaseEntry": "1", "BaseType": "22", "BaseLine": "0", "Quantity": "10.5"}],
        "MainTable": {"U_CZSJ": "2026-01-05 09:00:00", "DocDate": "20260105"},
    });
    let transfer = json!({
        "method": "StockTransfer", "table": "OWTR",
        "data": [{"ItemCode": "RM-002", "Quantity": "4", "FromWarehouseCode": "01", "WarehouseCode": "02"}],
        "MainTable": {"U_CZSJ": "2026-01-05 09:30:00", "DocDate": "20260105"},
    });
    let save = |mut request: Value, person, set| {
        request["MainTable"]["U_CZR"] = json!(person);
        Save { request, person, set }
    };
    Ok(Box::new(Saves(vec![
        save(receipt.request(), "CS01", "InventoryGenEntries"),
        save(delivery, "CS02", "PurchaseDeliveryNotes"),
        save(transfer, "CS03", "StockTransfers"),
    ])))
}

impl Story for Saves {
    /// Who saw an error, or nothing at all, sends the same again.
    fn people_act(&self, sandbox: &Sandbox) -> Result<(), Failure> {
        let calls = sandbox.barcode().calls();
        let is_done = |request: &Value| {
            let body = request.to_string();
            calls.iter().any(|call| call.body == body && call.is_success())
        };
        let requests = self.0.iter().map(|save| save.request.clone());
        let open: Vec<_> = requests.filter(|request| !is_done(request)).collect();
        match sandbox.barcode().save_later(open) {
            // Nobody has entered an address yet.
            Err(Error::NotFound(_)) => Ok(()),
            outcome => Ok(outcome?),
        }
    }

    fn arrived(&self, sandbox: &Sandbox) -> Result<Vec<Arrived>, Failure> {
        let b1 = sandbox.b1();
        let mut arrived = Vec::new();
        for Save { person, set, .. } in &self.0 {
            let documents = b1.list(set)?;
            let of_person: Vec<_> =
                documents.iter().filter(|one| one["U_CZR"] == *person).collect();
            let [document] = of_person.as_slice() else {
                return Err(format!("{person} saved {} {set}, not 1", of_person.len()).into());
            };
            let mark = document["U_BarcodeMark"].as_str().unwrap_or_default();
            let name =
                mark.strip_suffix("-d").ok_or_else(|| format!("{set}: the mark is {mark}"))?;
            let place = format!("{set} {} (DocNum {})", document["DocEntry"], document["DocNum"]);
            arrived.push(Arrived::new("barcode", name, place));
        }
        // One issue for the one receipt, and the order knows both.
        let issues = b1.list("InventoryGenExits")?.len();
        let order = b1.get("ProductionOrders", "1")?;
        let number = |value: &Value| value.as_f64().unwrap_or_default();
        let issued = number(&order["ProductionOrderLines"][0]["IssuedQuantity"]);
        let completed = number(&order["CompletedQuantity"]);
        if (issues, issued, completed) != (1, 4.0, 2.0) {
            return Err(format!("{issues} issues, {issued} issued, {completed} completed").into());
        }
        Ok(arrived)
    }
}
