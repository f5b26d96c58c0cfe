//! Reads what EASLogin answers: one element, or a fault.
//!
//! Axis 1 answers `<loginReturn href="#id0"/>` and the object behind it in a `multiRef`, other
//! versions nest them; `sessionId` is the only element of that name in either. So this looks for
//! elements by their local names. It is strict about what XML is and takes no document type.

/// What the answer says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Login {
    /// A session.
    Session(String),
    /// The result is null, or its session is empty.
    NoSession,
    /// The service failed, in its own words.
    Fault(String),
}

/// This is no answer of EASLogin.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotSoap;

pub(super) fn login(text: &str) -> Result<Login, NotSoap> {
    let mut reader = Reader { rest: text.trim_start_matches('\u{feff}').trim_start() };
    let mut open: Vec<&str> = Vec::new();
    let mut found = Found::default();
    while let Some(piece) = reader.next()? {
        match piece {
            Piece::Open { name, empty } => {
                let is_envelope = local(name) == "Envelope";
                if open.is_empty() && (!is_envelope || found.ended) {
                    return Err(NotSoap);
                }
                found.see(local(name));
                if empty {
                    found.ended |= open.is_empty();
                } else {
                    open.push(name);
                }
            }
            Piece::Close(name) => {
                if open.pop() != Some(name) {
                    return Err(NotSoap);
                }
                found.ended |= open.is_empty();
            }
            Piece::Text(text) => match open.last() {
                Some(name) => found.text(local(name), &text),
                None if text.trim().is_empty() => {}
                None => return Err(NotSoap),
            },
        }
    }
    if found.ended { found.verdict() } else { Err(NotSoap) }
}

/// What was seen so far.
#[derive(Default)]
struct Found {
    ended: bool,
    is_answer: bool,
    session: String,
    fault: Option<String>,
}

impl Found {
    fn see(&mut self, name: &str) {
        match name {
            "Fault" => self.fault = Some(String::new()),
            "loginResponse" | "loginReturn" | "sessionId" => self.is_answer = true,
            _ => {}
        }
    }

    fn text(&mut self, name: &str, text: &str) {
        match (name, &mut self.fault) {
            ("sessionId", _) => self.session.push_str(text),
            ("faultstring", Some(fault)) => fault.push_str(text),
            _ => {}
        }
    }

    fn verdict(self) -> Result<Login, NotSoap> {
        match self.fault {
            Some(words) => Ok(Login::Fault(words)),
            None if !self.is_answer => Err(NotSoap),
            None if self.session.trim().is_empty() => Ok(Login::NoSession),
            None => Ok(Login::Session(self.session.trim().to_owned())),
        }
    }
}

/// The name without its prefix.
fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

enum Piece<'a> {
    Open { name: &'a str, empty: bool },
    Close(&'a str),
    Text(String),
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<Option<Piece<'a>>, NotSoap> {
        loop {
            if self.rest.is_empty() {
                return Ok(None);
            }
            if self.rest.starts_with("<!--") {
                self.until("-->")?;
            } else if self.rest.starts_with("<?") {
                self.until("?>")?;
            } else if let Some(rest) = self.rest.strip_prefix("<![CDATA[") {
                let (text, rest) = rest.split_once("]]>").ok_or(NotSoap)?;
                self.rest = rest;
                return Ok(Some(Piece::Text(text.to_owned())));
            } else if self.rest.starts_with("<!") {
                return Err(NotSoap);
            } else if self.rest.starts_with('<') {
                return self.tag().map(Some);
            } else {
                let (text, rest) =
                    self.rest.split_at(self.rest.find('<').unwrap_or(self.rest.len()));
                self.rest = rest;
                return Ok(Some(Piece::Text(unescaped(text)?)));
            }
        }
    }

    fn until(&mut self, end: &str) -> Result<(), NotSoap> {
        self.rest = self.rest.split_once(end).ok_or(NotSoap)?.1;
        Ok(())
    }

    fn tag(&mut self) -> Result<Piece<'a>, NotSoap> {
        let inside = self.rest.strip_prefix('<').ok_or(NotSoap)?;
        // A `>` in the value of an attribute does not end the tag.
        let mut quote = None;
        let end = inside.char_indices().find(|(_, c)| match (quote, *c) {
            (None, '>') => true,
            (None, '"' | '\'') => {
                quote = Some(*c);
                false
            }
            (Some(open), c) if c == open => {
                quote = None;
                false
            }
            _ => false,
        });
        let (end, _) = end.ok_or(NotSoap)?;
        let (tag, rest) = inside.split_at(end);
        self.rest = rest.strip_prefix('>').ok_or(NotSoap)?;
        if let Some(name) = tag.strip_prefix('/') {
            return Ok(Piece::Close(named(name.trim_end())?));
        }
        let (tag, empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let name = tag.split_ascii_whitespace().next().unwrap_or_default();
        Ok(Piece::Open { name: named(name)?, empty })
    }
}

fn named(name: &str) -> Result<&str, NotSoap> {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, ':' | '_' | '-' | '.');
    let starts_well = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
    if starts_well && name.chars().all(fits) { Ok(name) } else { Err(NotSoap) }
}

fn unescaped(text: &str) -> Result<String, NotSoap> {
    let mut parts = text.split('&');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once(';').ok_or(NotSoap)?;
        out.push(match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            _ => {
                let number = name.strip_prefix('#').ok_or(NotSoap)?;
                let code = match number.strip_prefix('x') {
                    Some(hex) => u32::from_str_radix(hex, 16),
                    None => number.parse(),
                };
                char::from_u32(code.map_err(|_| NotSoap)?).ok_or(NotSoap)?
            }
        });
        out.push_str(rest);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soapenv:Envelope \
        xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"><soapenv:Body>";
    const FOOT: &str = "</soapenv:Body></soapenv:Envelope>";

    fn read(body: &str) -> Result<Login, NotSoap> {
        login(&format!("{HEAD}{body}{FOOT}"))
    }

    #[test]
    fn a_session_is_found_in_either_shape() {
        let axis = "<ns1:loginResponse xmlns:ns1=\"urn:client\"><loginReturn href=\"#id0\"/>\
            </ns1:loginResponse><multiRef id=\"id0\" a='1>2'><dcName>x</dcName>\
            <sessionId xsi:type=\"xsd:string\">abc&amp;1</sessionId></multiRef>";
        let nested = "<ns1:loginResponse><loginReturn><ns2:sessionId><![CDATA[abc&1]]></ns2:sessionId>\
            </loginReturn></ns1:loginResponse>";
        for body in [axis, nested] {
            assert_eq!(read(body), Ok(Login::Session("abc&1".to_owned())), "{body}");
        }
    }

    #[test]
    fn null_and_empty_sessions_are_none() {
        for body in [
            "<loginResponse><loginReturn xsi:nil=\"true\"/></loginResponse>",
            "<loginResponse><loginReturn><sessionId/></loginReturn></loginResponse>",
            "<loginResponse><loginReturn><sessionId> </sessionId></loginReturn></loginResponse>",
            "<loginResponse/>",
        ] {
            assert_eq!(read(body), Ok(Login::NoSession), "{body}");
        }
    }

    #[test]
    fn a_fault_is_told_in_its_own_words() {
        let body = "<soapenv:Fault><faultcode>x</faultcode><faultstring>数据中心 &lt;A&gt; \
            不存在&#33;</faultstring><detail><sessionId>s</sessionId></detail></soapenv:Fault>";
        assert_eq!(read(body), Ok(Login::Fault("数据中心 <A> 不存在!".to_owned())));
    }

    #[test]
    fn anything_else_is_no_answer() {
        for text in [
            "",
            "<html><body>sessionId</body></html>",
            "<!DOCTYPE x [<!ENTITY a \"b\">]><soapenv:Envelope><sessionId>&a;</sessionId></soapenv:Envelope>",
            "<a:Envelope><b></a:Envelope>",
            "<a:Envelope><sessionId>x</sessionId>",
            "<a:Envelope><sessionId>&nbsp;</sessionId></a:Envelope>",
            "<a:Envelope><sessionId>&#x110000;</sessionId></a:Envelope>",
            "<a:Envelope/><a:Envelope><sessionId>x</sessionId></a:Envelope>",
            "<a:Envelope><other/></a:Envelope>",
            "text",
            "<",
            "<a:Envelope",
            "<a:Envelope><!-- ",
            "<a:Envelope><![CDATA[",
        ] {
            assert_eq!(login(text), Err(NotSoap), "{text}");
        }
    }

    #[test]
    fn no_half_of_an_answer_ends_the_program() {
        let whole = format!("{HEAD}<loginReturn><sessionId>票&lt;</sessionId></loginReturn>{FOOT}");
        for end in (0..whole.len()).filter(|end| whole.is_char_boundary(*end)) {
            assert!(login(&whole[..end]).is_err(), "{end}");
        }
    }
}
