use b1_servicelayer::{Client, RawJson};
use erplink_sync::Failure;
use std::collections::BTreeMap;

use super::row::by_number;

/// The users (用户) with these internal keys, for names and phone numbers in forms.
pub(super) async fn users(
    b1: &Client,
    keys: impl IntoIterator<Item = i32>,
) -> Result<BTreeMap<i32, RawJson>, Failure> {
    by_number(b1, "Users", "InternalKey", keys).await
}
