//! What may be printed of a request: only what is known to be harmless.

use http::HeaderMap;
use url::Url;

/// Headers whose values may appear in logs.
const HARMLESS_HEADERS: &[&str] = &[
    "accept",
    "content-length",
    "content-type",
    "date",
    "etag",
    "if-match",
    "location",
    "prefer",
    "preference-applied",
    "retry-after",
    "x-acs-request-id",
    "x-http-method-override",
];

/// What stands for a value that is not printed.
const MASK: &str = "***";

/// The address with the values of all query parameters masked, but for those in `allowed`.
///
/// User information and the fragment are left out altogether.
///
/// ```
/// let url = "https://oapi.example.com/topapi/v2/user/get?access_token=abc&page=2".parse().unwrap();
/// assert_eq!(
///     erplink_core::sanitize::url(&url, &["page"]),
///     "https://oapi.example.com/topapi/v2/user/get?access_token=***&page=2",
/// );
/// ```
#[must_use]
pub fn url(url: &Url, allowed: &[&str]) -> String {
    let mut text = format!("{}://", url.scheme());
    text.push_str(url.host_str().unwrap_or_default());
    if let Some(port) = url.port() {
        text.push_str(&format!(":{port}"));
    }
    text.push_str(url.path());
    for (index, (name, value)) in url.query_pairs().enumerate() {
        text.push(if index == 0 { '?' } else { '&' });
        text.push_str(&name);
        text.push('=');
        text.push_str(if allowed.contains(&&*name) { &value } else { MASK });
    }
    text
}

/// Headers as `name: value` lines, with the values of all but harmless ones masked.
#[must_use]
pub fn headers(headers: &HeaderMap) -> String {
    let line = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        let shown = if HARMLESS_HEADERS.contains(&name.as_str()) {
            value.to_str().unwrap_or("(not text)")
        } else {
            MASK
        };
        format!("{name}: {shown}")
    };
    headers.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The beginning of an answer that could not be understood, for the error: bounded, one line.
#[must_use]
pub fn excerpt(body: &[u8]) -> String {
    const LIMIT: usize = 200;
    let text = String::from_utf8_lossy(body.get(..LIMIT).unwrap_or(body));
    let mut line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if body.len() > LIMIT {
        line.push_str(&format!(" … ({} bytes)", body.len()));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hides_user_info_fragment_and_unlisted_parameters() {
        let address: Url =
            "https://user:pw@h.example:8443/p/a?token=s&$top=3#frag".parse().unwrap();
        assert_eq!(url(&address, &["$top"]), "https://h.example:8443/p/a?token=***&$top=3");
    }

    #[test]
    fn prints_only_listed_headers() {
        let mut map = HeaderMap::new();
        map.insert("cookie", "B1SESSION=1".parse().unwrap());
        map.insert("prefer", "odata.maxpagesize=20".parse().unwrap());
        assert_eq!(headers(&map), "cookie: ***\nprefer: odata.maxpagesize=20");
    }

    #[test]
    fn bounds_an_excerpt() {
        let text = excerpt("审".repeat(200).as_bytes());
        assert!(text.ends_with("(600 bytes)"));
        assert_eq!(excerpt(b" <html>\n  <b> "), "<html> <b>");
    }
}
