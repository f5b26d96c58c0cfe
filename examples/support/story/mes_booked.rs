//! Documents of the ERP that were made of what happened on the shop floor.

use std::collections::BTreeMap;

use erplink_sandbox::Sandbox;
use erplink_sandbox::mes::Decimal;
use serde_json::Value;

use crate::Failure;

/// An error unless the ERP says that it is so much.
pub(super) fn expect_amount(what: &str, found: &Value, expected: &str) -> Result<(), Failure> {
    let found: Decimal = found.to_string().parse()?;
    super::expect(what, &found.normalize().to_string().into(), expected)
}

/// The place of the one document for each of these ids; an error if there are others.
pub(super) fn booked(
    sandbox: &Sandbox,
    set: &str,
    prefix: &str,
    ids: &[i64],
) -> Result<BTreeMap<i64, String>, Failure> {
    let mut places = BTreeMap::new();
    let mut others = 0;
    for document in sandbox.b1().list(set)? {
        let id = document["NumAtCard"].as_str().and_then(|text| text.strip_prefix(prefix));
        let id = id.and_then(|id| id.parse().ok()).filter(|id| ids.contains(id));
        let place = format!("{set}({})", document["DocEntry"]);
        match id.map(|id| places.insert(id, place)) {
            Some(None) => {}
            _ => others += 1,
        }
    }
    match ids.iter().find(|id| !places.contains_key(id)) {
        Some(id) => Err(format!("{set} has nothing for {prefix}{id}").into()),
        None if others > 0 => Err(format!("{set} has {others} documents too many").into()),
        None => Ok(places),
    }
}
