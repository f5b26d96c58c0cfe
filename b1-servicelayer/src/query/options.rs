//! Query options as they stand behind the `?`.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, utf8_percent_encode};

use crate::key::RESERVED;

/// What may stay readable in the value of an option; a blank becomes `%20`.
const IN_OPTION: &AsciiSet = &RESERVED
    .remove(b'(')
    .remove(b')')
    .remove(b',')
    .remove(b'$')
    .remove(b'*')
    .remove(b':')
    .remove(b'/');

/// Percent-encodes a value of a query option.
fn encode_into(target: &mut String, value: &str) {
    target.extend(utf8_percent_encode(value, IN_OPTION));
}

/// Options in the order they were given; each name once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options(Vec<(Cow<'static, str>, String)>);

impl Options {
    /// Sets an option, in the place of an older value.
    pub(crate) fn set(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) {
        let (name, value) = (name.into(), value.into());
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name, value)),
        }
    }

    /// Appends `?$top=1&…` to a path, which may have options already.
    pub(crate) fn append_to(&self, target: &mut String) {
        for (name, value) in &self.0 {
            target.push(if target.contains('?') { '&' } else { '?' });
            encode_into(target, name);
            target.push('=');
            encode_into(target, value);
        }
    }
}
