use std::collections::BTreeMap;

use b1_servicelayer::{Client, RawJson};
use erplink_sync::Failure;

use super::row::by_number;

/// The users (用户) with these internal keys, for names and phone numbers in forms.
pub(super) async fn users(
    b1: &Client,
    keys: impl IntoIterator<Item = i32>,
) -> Result<BTreeMap<i32, RawJson>, Failure> {
    let mut users = by_number(b1, "Users", "InternalKey", keys).await?;
    for user in users.values_mut() {
        *user = without_logins(user).unwrap_or_else(|_| user.clone());
    }
    Ok(users)
}

/// Every login changes `LastLoginTime` and the like. That is no change of a document, and must not
/// wake one that is parked.
fn without_logins(user: &RawJson) -> serde_json::Result<RawJson> {
    let mut members: BTreeMap<String, RawJson> = user.get()?;
    members.retain(|name, _| !name.starts_with("Last"));
    RawJson::of(&members)
}
