//! The signature of the request for a token.

use chrono::{DateTime, Utc};
use erplink_core::Secret;
use hmac::digest::Digest;
use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::Md5;
use sha2::Sha256;

use crate::config::{EncType, TimestampUnit};

pub(crate) fn timestamp(unit: TimestampUnit, now: DateTime<Utc>) -> i64 {
    match unit {
        TimestampUnit::Milliseconds => now.timestamp_millis(),
        TimestampUnit::Seconds => now.timestamp(),
    }
}

/// Over client id, client secret and timestamp, in lower-case hexadecimal digits.
pub(crate) fn sign(kind: EncType, client_id: &str, secret: &Secret, timestamp: i64) -> String {
    let text = format!("{client_id}{}{timestamp}", secret.expose());
    match kind {
        EncType::Md5 => hex(&Md5::digest(text.as_bytes())),
        EncType::Sha256 => hex(&Sha256::digest(text.as_bytes())),
        // A MAC takes keys of any length.
        EncType::HmacSha256 => Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes())
            .map(|mac| hex(&mac.chain_update(text.as_bytes()).finalize().into_bytes()))
            .unwrap_or_default(),
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with `openssl dgst`.
    #[test]
    fn vectors_are_met() {
        let signed = |kind| sign(kind, "demo_id", &"demo_secret".into(), 1_700_000_000_000);
        assert_eq!(signed(EncType::Md5), "eefa9b0ab5f13b210cd5dcb1a5d4d9ca");
        assert_eq!(
            signed(EncType::Sha256),
            "1157f6b971a3cae573ed98fee15bcd5cd9d3b6e99f2ba0386d8c54f8830c6be0"
        );
        assert_eq!(
            signed(EncType::HmacSha256),
            "1c6259206b2a54e8984d0786f87a692df9a9abfd91aeabb4bae8937f5bace8d1"
        );
    }

    #[test]
    fn the_unit_of_the_timestamp_is_a_setting() {
        let now = DateTime::from_timestamp_millis(1_700_000_000_123).unwrap();
        assert_eq!(timestamp(TimestampUnit::Milliseconds, now), 1_700_000_000_123);
        assert_eq!(timestamp(TimestampUnit::Seconds, now), 1_700_000_000);
    }
}
