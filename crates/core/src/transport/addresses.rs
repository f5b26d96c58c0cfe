//! From the address of a request to the one that the HTTP client wants.

use std::sync::{Arc, PoisonError, RwLock};

use http::Uri;
use url::{ParseError, Url};

/// Makes addresses and remembers the last host: a client talks to one, and reading its name anew
/// would cost each call more than all the rest of the address.
#[derive(Clone, Default)]
pub(super) struct Addresses(Arc<RwLock<Option<Host>>>);

struct Host {
    of: Uri,
    url: Url,
}

impl Addresses {
    pub(super) fn url(&self, uri: &Uri) -> Result<Url, ParseError> {
        if let Some(mut url) = self.known(uri) {
            url.set_path(uri.path());
            url.set_query(uri.query());
            return Ok(url);
        }
        let url = Url::parse(&uri.to_string())?;
        let host = Host { of: uri.clone(), url: url.clone() };
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(host);
        Ok(url)
    }

    fn known(&self, uri: &Uri) -> Option<Url> {
        let host = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let same = |host: &&Host| {
            host.of.scheme() == uri.scheme() && host.of.authority() == uri.authority()
        };
        host.as_ref().filter(same).map(|host| host.url.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remembered_host_changes_no_address() {
        let addresses = Addresses::default();
        for text in [
            "http://h:50000/b1s/v1/Orders(22)?$select=DocEntry&$filter=A%20eq%20'x'",
            "http://h:50000/b1s/v1/Orders('a%2Fb')",
            "http://h:50000/b1s/v1/../Login",
            "http://h:50000",
            "http://h:50000/?",
            "http://h:50000/a?b'c=%27",
            "https://h:50000/",
            "https://h/a",
            "https://h:443/a",
            "https://u:p@h/a",
            "http://127.0.0.1:80/b//c",
            "http://[::1]:9/b",
        ] {
            let uri: Uri = text.parse().unwrap();
            let parsed = Url::parse(&uri.to_string()).unwrap();
            assert_eq!(addresses.url(&uri).unwrap(), parsed, "first, {text}");
            assert!(addresses.known(&uri).is_some());
            assert_eq!(addresses.url(&uri).unwrap(), parsed, "again, {text}");
        }
    }
}
