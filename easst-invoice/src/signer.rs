//! How a call is signed.
//!
//! The guide names the header `sign` and not how it is made. A public script for the sibling
//! endpoint `/openapi/rest/common/ocr` signs with the MD5 of app id, timestamp and app secret, which
//! is the default here: [`Formula::default`]. Another formula is data; anything else is a
//! [`Signer`] of your own.

use std::fmt;

use erplink_core::Secret;
use hmac::digest::Digest;
use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::Md5;
use serde::Deserialize;
use sha2::Sha256;

/// What there is to sign.
#[derive(Clone, Copy, Debug)]
pub struct SignInput<'a> {
    /// appId.
    pub app_id: &'a str,
    /// appSecret.
    pub app_secret: &'a Secret,
    /// The timestamp as it stands in its header.
    pub timestamp: &'a str,
}

/// Makes the signature of a call.
pub trait Signer: fmt::Debug + Send + Sync {
    /// The text of the header `sign`.
    fn sign(&self, input: SignInput<'_>) -> String;
}

/// A part of the signed text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Part {
    /// appId.
    AppId,
    /// The timestamp.
    Timestamp,
    /// appSecret.
    AppSecret,
}

/// What is done with the signed text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Hash {
    /// MD5.
    #[default]
    Md5,
    /// SHA-256.
    Sha256,
    /// HMAC-MD5 under the app secret.
    HmacMd5,
    /// HMAC-SHA-256 under the app secret.
    HmacSha256,
}

/// A signature as data: the parts in their order, joined, hashed, in hexadecimal digits.
///
/// ```
/// use easst_invoice::signer::{Formula, SignInput, Signer};
///
/// let input = SignInput {
///     app_id: "demoApp",
///     app_secret: &"demoSecret".into(),
///     timestamp: "1700000000000",
/// };
/// assert_eq!(Formula::default().sign(input), "e3724e92010fae9de3c31fb3457f427f");
///
/// let other: Formula = serde_json::from_str(r#"{
///     "parts": ["app_secret", "timestamp", "app_id"], "separator": "&", "upper_case": true
/// }"#)?;
/// assert_ne!(other.sign(input), Formula::default().sign(input));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Formula {
    /// Default: app id, timestamp, app secret.
    pub parts: Vec<Part>,
    /// What stands between them. Default: nothing.
    pub separator: String,
    /// Default: MD5.
    pub hash: Hash,
    /// Whether the digits are upper-case. Default: no.
    pub upper_case: bool,
}

impl Default for Formula {
    fn default() -> Self {
        Self {
            parts: vec![Part::AppId, Part::Timestamp, Part::AppSecret],
            separator: String::new(),
            hash: Hash::Md5,
            upper_case: false,
        }
    }
}

impl Signer for Formula {
    fn sign(&self, input: SignInput<'_>) -> String {
        let part = |part: &Part| match part {
            Part::AppId => input.app_id,
            Part::Timestamp => input.timestamp,
            Part::AppSecret => input.app_secret.expose(),
        };
        let parts: Vec<&str> = self.parts.iter().map(part).collect();
        let (text, key) = (parts.join(&self.separator), input.app_secret.expose());
        let digits = match self.hash {
            Hash::Md5 => hex(&Md5::digest(text.as_bytes())),
            Hash::Sha256 => hex(&Sha256::digest(text.as_bytes())),
            Hash::HmacMd5 => Hmac::<Md5>::new_from_slice(key.as_bytes())
                .map(|mac| hex(&mac.chain_update(text.as_bytes()).finalize().into_bytes()))
                .unwrap_or_default(),
            Hash::HmacSha256 => Hmac::<Sha256>::new_from_slice(key.as_bytes())
                .map(|mac| hex(&mac.chain_update(text.as_bytes()).finalize().into_bytes()))
                .unwrap_or_default(),
        };
        if self.upper_case { digits.to_uppercase() } else { digits }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sign(formula: &str) -> String {
        let formula: Formula = serde_json::from_str(formula).unwrap();
        let secret = Secret::new("demoSecret");
        let (app_id, timestamp) = ("demoApp", "1700000000000");
        formula.sign(SignInput { app_id, app_secret: &secret, timestamp })
    }

    /// The first is the spec's; the others were made with `openssl dgst`.
    #[test]
    fn vectors_are_met() {
        assert_eq!(sign("{}"), "e3724e92010fae9de3c31fb3457f427f");
        assert_eq!(sign(r#"{"upper_case":true}"#), "E3724E92010FAE9DE3C31FB3457F427F");
        for (formula, expected) in VECTORS {
            assert_eq!(sign(formula), *expected, "{formula}");
        }
    }

    const VECTORS: &[(&str, &str)] = &[
        (
            r#"{"parts":["app_secret","timestamp","app_id"],"separator":"&"}"#,
            "aa34d832f052948ebdf016affef1be1a",
        ),
        (
            r#"{"hash":"sha256"}"#,
            "293814089892fc920d675302c725e77e2c33c23c38dac6648f66be333ad96824",
        ),
        (
            r#"{"parts":["app_id","timestamp"],"hash":"hmac_md5"}"#,
            "15034e95d6847e6cbd89e35f48625f84",
        ),
        (
            r#"{"parts":["app_id","timestamp"],"hash":"hmac_sha256"}"#,
            "5f5d874a583accb4153cd0c54df18cc01ffde878ea9069385dacbc462ddf109a",
        ),
    ];
}
