use erplink_sandbox::plm::Family;
use erplink_sandbox::{Error, Sandbox};
use serde_json::{Value, json};

use super::{Arrived, Scenario, Story, expect};
use crate::Failure;

pub(super) const SCENARIO: Scenario = Scenario {
    name: "engineering data of Tianyu PLM in the ERP",
    covers: "S50 S51 S52",
    config: include_str!("../../config/plm-engineering-data.toml"),
    begin,
};

/// What the engineers approve, in this order.
struct Approvals(Vec<(Family, Value)>);

fn begin(_: &Sandbox) -> Result<Box<dyn Story>, Failure> {
    let line = |item: &str, quantity: &str| json!({"ItemCode": item, "Quantity": quantity});
    Ok(Box::new(Approvals(vec![
        (Family::Item, json!({"ItemCode": "机箱/2型", "ItemName": "机箱 2 型"})),
        (Family::Item, json!({"ItemCode": "RM-001", "ItemName": "钢板 2mm", "ForeignName": ""})),
        (
            Family::Bom,
            json!({
                "TreeCode": "机箱/2型", "Quantity": "2",
                "ProductTreeLines": [line("RM-001", "1.5"), line("RM-002", "8")],
            }),
        ),
        // The bill of a product that the ERP knows with three lines has one now.
        (Family::Bom, json!({"TreeCode": "FG-001", "ProductTreeLines": [line("RM-001", "3")]})),
        (
            Family::Routing,
            json!({
                "Code": "R-1", "Name": "机箱 2 型", "U_ItemCode": "机箱/2型",
                "PLMROUTING1Collection": [
                    {"U_Step": "10", "U_Operation": "下料", "U_Minutes": "1.5"},
                    {"U_Step": "20", "U_Operation": "折弯", "U_Minutes": "0.75"},
                ],
            }),
        ),
    ])))
}

impl Story for Approvals {
    /// Who saw a push fail presses again.
    fn people_act(&self, sandbox: &Sandbox) -> Result<(), Failure> {
        let pushes = sandbox.plm().pushes();
        let is_open = |(family, object): &&(Family, Value)| {
            let body = object.to_string();
            let same = pushes.iter().filter(|push| push.family == *family && push.body == body);
            !same.clone().any(|push| push.is_success())
        };
        let open: Vec<_> = self.0.iter().filter(is_open).cloned().collect();
        match sandbox.plm().push_later(open) {
            // Nobody has entered an address yet.
            Err(Error::NotFound(_)) => Ok(()),
            outcome => Ok(outcome?),
        }
    }

    fn arrived(&self, sandbox: &Sandbox) -> Result<Vec<Arrived>, Failure> {
        let (b1, pushes) = (sandbox.b1(), sandbox.plm().pushes());
        for (_, object) in &self.0 {
            let body = object.to_string();
            if !pushes.iter().any(|push| push.body == body && push.is_success()) {
                return Err(format!("not pushed with success: {body}").into());
            }
        }
        expect("the name", &b1.get("Items", "'机箱/2型'")?["ItemName"], "机箱 2 型")?;
        expect("the new name", &b1.get("Items", "'RM-001'")?["ItemName"], "钢板 2mm")?;
        for (tree, wanted) in [("机箱/2型", vec!["RM-001", "RM-002"]), ("FG-001", vec!["RM-001"])]
        {
            let bill = b1.get("ProductTrees", &format!("'{tree}'"))?;
            let lines = bill["ProductTreeLines"].as_array().cloned().unwrap_or_default();
            let items: Vec<_> = lines.iter().filter_map(|line| line["ItemCode"].as_str()).collect();
            if items != wanted {
                return Err(format!("{tree} is made of {items:?}, not of {wanted:?}").into());
            }
        }
        let steps = b1.get("PLMROUTING", "'R-1'")?["PLMROUTING1Collection"].clone();
        let steps = steps.as_array().map_or(0, Vec::len);
        if steps != 2 {
            return Err(format!("the routing has {steps} steps, not 2").into());
        }
        let of = |flow, set: &str, key: &str| Arrived::new(flow, key, format!("{set}('{key}')"));
        Ok(vec![
            of("plm-items", "Items", "机箱/2型"),
            of("plm-items", "Items", "RM-001"),
            of("plm-boms", "ProductTrees", "机箱/2型"),
            of("plm-boms", "ProductTrees", "FG-001"),
            of("plm-routings", "PLMROUTING", "R-1"),
        ])
    }
}
