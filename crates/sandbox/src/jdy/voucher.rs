//! A voucher as the books keep it.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::servicelayer::json::Object;

pub(super) struct Voucher {
    pub(super) id: i64,
    pub(super) link_id: String,
    pub(super) group: String,
    pub(super) number: i64,
    pub(super) date: String,
    pub(super) period: i64,
    pub(super) user_name: String,
    pub(super) entries: Vec<Object>,
    pub(super) debits: Decimal,
    pub(super) audited: bool,
    pub(super) saved_at: DateTime<Utc>,
}

impl Voucher {
    /// Word and number: `记-12`.
    pub(super) fn name(&self) -> String {
        format!("{}-{}", self.group, self.number)
    }

    /// As the list shows it.
    pub(super) fn show(&self) -> ShownVoucher {
        ShownVoucher(
            Object::default()
                .with("vchId", self.id)
                .with("linkId", self.link_id.as_str())
                .with("groupName", self.group.as_str())
                .with("vchNumber", self.number)
                .with("vchNo", self.name())
                .with("date", self.date.as_str())
                .with("yearPeriod", self.period)
                .with("userName", self.user_name.as_str())
                .with("status", i64::from(self.audited))
                .with("debitTotal", self.debits)
                .with("creditTotal", self.debits)
                .with("entries", self.entries.clone()),
        )
    }
}

/// A voucher of the list.
pub(super) struct ShownVoucher(pub(super) Object);

impl ShownVoucher {
    pub(super) fn to_serde(&self) -> serde_json::Value {
        // What was JSON before is JSON.
        serde_json::from_str(&self.0.to_string()).unwrap_or_default()
    }
}
