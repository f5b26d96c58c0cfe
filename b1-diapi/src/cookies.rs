//! The cookies of a session.

use erplink_core::Secret;
use http::{HeaderMap, header};

/// All cookies that the service set. Their names are not documented: all of them go back with every
/// request, whatever their path and domain say, for a gateway's prefix would make them mismatch.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Cookies(Vec<(String, Secret)>);

impl Cookies {
    /// Takes the cookies that an answer sets; an empty value removes one.
    pub(crate) fn absorb(&mut self, headers: &HeaderMap) {
        for line in headers.get_all(header::SET_COOKIE) {
            let pair = line.to_str().ok().and_then(|line| line.split(';').next());
            let Some((name, value)) = pair.and_then(|pair| pair.split_once('=')) else { continue };
            let (name, value) = (name.trim(), value.trim());
            match self.0.iter_mut().find(|(known, _)| known == name) {
                Some((_, known)) => *known = Secret::new(value),
                None => self.0.push((name.to_owned(), Secret::new(value))),
            }
        }
        self.0.retain(|(_, value)| !value.is_empty());
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `a=1; b=2`
    pub(crate) fn header(&self) -> Secret {
        let pairs: Vec<_> =
            self.0.iter().map(|(name, value)| format!("{name}={}", value.expose())).collect();
        Secret::new(pairs.join("; "))
    }

    /// Reads what [`Self::header`] wrote.
    pub(crate) fn from_header(header: &Secret) -> Self {
        let pairs = header.expose().split("; ").filter_map(|pair| pair.split_once('='));
        Self(pairs.map(|(name, value)| (name.to_owned(), Secret::new(value))).collect())
    }

    /// The values, to keep them out of texts.
    pub(crate) fn values(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(_, value)| value.expose())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(lines: &[&str]) -> HeaderMap {
        lines.iter().map(|line| (header::SET_COOKIE, line.parse().unwrap())).collect()
    }

    #[test]
    fn all_are_kept_whatever_they_are_called() {
        let mut cookies = Cookies::default();
        cookies.absorb(&set(&["SID=a=b==; Path=/other; HttpOnly", "route=.n1;path=/", "nonsense"]));
        assert_eq!(cookies.header().expose(), "SID=a=b==; route=.n1");
        assert!(Cookies::from_header(&cookies.header()) == cookies);
        cookies.absorb(&set(&["route=.n2", "SID=; Max-Age=0"]));
        assert_eq!(cookies.header().expose(), "route=.n2");
        assert!(!cookies.is_empty());
    }
}
