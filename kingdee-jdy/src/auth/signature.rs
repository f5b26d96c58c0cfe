//! The signatures of the open platform.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use erplink_core::Secret;
use hmac::{Hmac, KeyInit as _, Mac as _};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::Sha256;

/// Everything but the unreserved characters, `/` included.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// `app_signature`: an app key under the secret of its authorization.
pub(super) fn app_signature(app_key: &str, app_secret: &Secret) -> String {
    seal(app_secret, app_key)
}

/// What a signed request says about itself.
pub(super) struct Signed<'a> {
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) query: &'a [(&'a str, String)],
    pub(super) nonce: &'a str,
    /// Milliseconds since 1970.
    pub(super) timestamp: &'a str,
}

impl Signed<'_> {
    /// `X-Api-Signature`.
    pub(super) fn signature(&self, client_secret: &Secret) -> String {
        seal(client_secret, &self.text())
    }

    /// Five lines; keys and values of the query are encoded twice.
    fn text(&self) -> String {
        let Self { method, path, query, nonce, timestamp } = self;
        let mut sorted: Vec<_> = query.iter().collect();
        sorted.sort();
        let twice = |text: &str| encoded(&encoded(text));
        let pairs = sorted.iter().map(|(name, value)| format!("{}={}", twice(name), twice(value)));
        format!(
            "{method}\n{}\n{}\nx-api-nonce:{nonce}\nx-api-timestamp:{timestamp}\n",
            encoded(path),
            pairs.collect::<Vec<_>>().join("&"),
        )
    }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

/// Base64 of the hexadecimal text of an HMAC-SHA256.
fn seal(key: &Secret, text: &str) -> String {
    // A MAC takes keys of any length.
    let digest = Hmac::<Sha256>::new_from_slice(key.expose().as_bytes()).map(|mut mac| {
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().to_vec()
    });
    let hex: String = digest.unwrap_or_default().iter().map(|byte| format!("{byte:02x}")).collect();
    STANDARD.encode(hex)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector that the platform publishes.
    #[test]
    fn the_app_signature_is_the_published_one() {
        assert_eq!(
            app_signature("abc", &Secret::new("abc123")),
            "ZDljMTI3NGIyNTE1MTRkYzlkNjc1MDNhYjUzMzgzNWMyY2M4YTdjMzdmNmM3YTVlNDkxMTkzNjdiOTFjNzUyZQ=="
        );
    }

    #[test]
    fn a_request_is_signed_as_the_guide_describes() {
        let signed = Signed {
            method: "GET",
            path: "/jdyconnector/app_management/kingdee_auth_token",
            query: &[("app_signature", "ZDlj==".to_owned()), ("app_key", "abc".to_owned())],
            nonce: "4427456950",
            timestamp: "1670305063559",
        };
        assert_eq!(
            signed.text(),
            "GET\n%2Fjdyconnector%2Fapp_management%2Fkingdee_auth_token\n\
             app_key=abc&app_signature=ZDlj%253D%253D\n\
             x-api-nonce:4427456950\nx-api-timestamp:1670305063559\n"
        );
        assert_eq!(
            signed.signature(&Secret::new("demoSecret")),
            "NjA0MTJkYzBmODk0ODg1NWM5N2E3YWYzYWYyN2YxOThhZWQ3NDM1YzEyNTM2YzMyOTFjNWFiMGJhZjc2NGYwYQ=="
        );
    }

    #[test]
    fn a_request_without_a_query_has_an_empty_line_for_it() {
        let signed = Signed { method: "POST", path: "/a", query: &[], nonce: "1", timestamp: "2" };
        assert_eq!(signed.text(), "POST\n%2Fa\n\nx-api-nonce:1\nx-api-timestamp:2\n");
    }
}
