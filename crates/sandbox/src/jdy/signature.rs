//! The signatures of the open platform, as its gateway computes them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::request::Incoming;

/// Base64 of the lower-case hexadecimal text of an HMAC-SHA256.
pub(super) fn seal(secret: &str, text: &str) -> String {
    // A MAC takes keys of any length.
    let digest = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map(|mut mac| {
        mac.update(text.as_bytes());
        mac.finalize().into_bytes()
    });
    let hex =
        digest.map(|bytes| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    STANDARD.encode(hex.unwrap_or_default())
}

/// The text that a request has to be signed over.
pub(super) fn text_of(request: &Incoming) -> String {
    let twice = |text: &str| once(&once(text));
    let query: Vec<String> = request
        .query
        .iter()
        .map(|(name, value)| format!("{}={}", twice(name), twice(value)))
        .collect();
    let lines = [
        request.method.as_str().to_owned(),
        once(&request.path),
        query.join("&"),
        format!("x-api-nonce:{}", request.header("x-api-nonce")),
        format!("x-api-timestamp:{}", request.header("x-api-timestamp")),
    ];
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// Percent-encodes everything but letters, digits and `-._~`.
fn once(text: &str) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let one =
        |byte: u8| if keep(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(one).collect()
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, Method, Uri};

    use super::*;

    #[test]
    fn the_app_signature_is_the_published_one() {
        let expected = "ZDljMTI3NGIyNTE1MTRkYzlkNjc1MDNhYjUzMzgzNWMyY2M4YTdjMzdmNmM3YTVlNDkxMTkzNjdiOTFjNzUyZQ==";
        assert_eq!(seal("abc123", "abc"), expected);
    }

    #[test]
    fn a_request_is_signed_over_five_lines() {
        let uri: Uri =
            "/jdyconnector/app_management/kingdee_auth_token?app_signature=ZDlj%3D%3D&app_key=abc"
                .parse()
                .unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("x-api-nonce", HeaderValue::from_static("4427456950"));
        headers.insert("x-api-timestamp", HeaderValue::from_static("1670305063559"));
        let request = Incoming::new(Method::GET, &uri, headers, b"");
        assert_eq!(
            seal("demoSecret", &text_of(&request)),
            "NjA0MTJkYzBmODk0ODg1NWM5N2E3YWYzYWYyN2YxOThhZWQ3NDM1YzEyNTM2YzMyOTFjNWFiMGJhZjc2NGYwYQ=="
        );
    }
}
