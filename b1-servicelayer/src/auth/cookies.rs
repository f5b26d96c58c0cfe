//! The few cookies of a session.

use std::fmt;

use erplink_core::Secret;
use http::{HeaderMap, header};

/// Words that stand between cookies in a `Set-Cookie` header or a context string, not cookies.
const ATTRIBUTES: &[&str] =
    &["path", "domain", "expires", "max-age", "samesite", "httponly", "secure", "partitioned"];

/// The cookies of a session: `B1SESSION`, `ROUTEID`, and whatever else a gateway adds.
///
/// All of them are sent back with every request, whatever their path and domain say: a gateway's
/// prefix would make them mismatch. Never printed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Cookies(Vec<(String, Secret)>);

impl Cookies {
    /// Reads the connection context of SAP's UI API, a `Cookie` header, or a bare session id.
    ///
    /// ```
    /// use b1_servicelayer::Cookies;
    ///
    /// let context = "B1SESSION=ac79876e;CompanyDB=SBODEMOCN;HttpOnly;,ROUTEID=.node1;path=/b1s";
    /// let cookies = Cookies::parse(context);
    /// assert_eq!(cookies.names().collect::<Vec<_>>(), ["B1SESSION", "CompanyDB", "ROUTEID"]);
    /// assert_eq!(Cookies::parse("ac79876e"), Cookies::parse("B1SESSION=ac79876e"));
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut cookies = Self::default();
        if !text.contains('=') {
            cookies.set("B1SESSION", text.trim());
            return cookies;
        }
        for part in text.split([';', ',']) {
            let Some((name, value)) = part.split_once('=') else { continue };
            if !ATTRIBUTES.contains(&name.trim().to_ascii_lowercase().as_str()) {
                cookies.set(name.trim(), value.trim());
            }
        }
        cookies
    }

    /// The names of the cookies.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// Whether there is a cookie of this name.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.names().any(|known| known == name)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds or replaces a cookie; an empty value removes it.
    pub fn set(&mut self, name: &str, value: &str) {
        let at = self.0.iter().position(|(known, _)| known == name);
        match (at, value.is_empty()) {
            (Some(at), true) => drop(self.0.remove(at)),
            (None, true) => {}
            (Some(at), false) => {
                if let Some((_, old)) = self.0.get_mut(at) {
                    *old = Secret::new(value);
                }
            }
            (None, false) => self.0.push((name.to_owned(), Secret::new(value))),
        }
    }

    /// Takes the cookies that a response sets; answers whether anything changed.
    pub(crate) fn absorb(&mut self, headers: &HeaderMap) -> bool {
        let before = self.clone();
        for line in headers.get_all(header::SET_COOKIE) {
            let Some((name, value)) = line
                .to_str()
                .ok()
                .and_then(|line| line.split(';').next())
                .and_then(|pair| pair.split_once('='))
            else {
                continue;
            };
            self.set(name.trim(), value.trim());
        }
        *self != before
    }

    /// `B1SESSION=…; ROUTEID=.node1`
    pub(crate) fn header(&self) -> Secret {
        let pairs: Vec<_> =
            self.0.iter().map(|(name, value)| format!("{name}={}", value.expose())).collect();
        Secret::new(pairs.join("; "))
    }

    /// Reads what [`Self::header`] wrote.
    pub(crate) fn from_header(header: &Secret) -> Self {
        let mut cookies = Self::default();
        for pair in header.expose().split("; ") {
            if let Some((name, value)) = pair.split_once('=') {
                cookies.set(name, value);
            }
        }
        cookies
    }

    /// The values, to keep them out of texts.
    pub(crate) fn values(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(_, value)| value.expose())
    }
}

impl fmt::Debug for Cookies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_all_cookies_and_replaces_the_route() {
        let mut headers = HeaderMap::new();
        headers.append("set-cookie", "B1SESSION=abc;HttpOnly;".parse().unwrap());
        headers.append("set-cookie", "ROUTEID=.node1; path=/b1s".parse().unwrap());
        let mut cookies = Cookies::default();
        assert!(cookies.absorb(&headers));
        assert!(!cookies.absorb(&headers), "nothing new");
        assert_eq!(cookies.header().expose(), "B1SESSION=abc; ROUTEID=.node1");
        let moved = [(header::SET_COOKIE, "ROUTEID=.node2; path=/b1s".parse().unwrap())];
        assert!(cookies.absorb(&moved.into_iter().collect()));
        assert_eq!(cookies.header().expose(), "B1SESSION=abc; ROUTEID=.node2");
        assert_eq!(Cookies::from_header(&cookies.header()), cookies);
        assert_eq!(format!("{cookies:?}"), r#"["B1SESSION", "ROUTEID"]"#);
        cookies.set("ROUTEID", "");
        assert_eq!(cookies.header().expose(), "B1SESSION=abc");
    }
}
