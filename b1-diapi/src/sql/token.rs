//! SQL text in tokens, as SAP HANA reads it.
//!
//! Where another reading is possible (a comment within a comment, an odd line end in a comment) the
//! text is refused: guard and binder are only as good as their agreement with the database.

use super::SqlError;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A keyword or a name without quotes.
    Word,
    /// `"…"`, quotes included.
    Name,
    /// `'…'`, quotes included.
    Text,
    Number,
    /// `:name`, the colon included.
    Parameter,
    /// One character of punctuation.
    Mark,
}

/// White space and comments are between tokens, never in one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
    /// Where it begins, in bytes.
    pub(super) at: usize,
}

impl Token<'_> {
    pub(super) fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word)
    }

    pub(super) fn is_mark(&self, mark: &str) -> bool {
        self.kind == Kind::Mark && self.text == mark
    }

    /// The name as the database knows it: folded to capitals unless it was quoted.
    pub(super) fn identifier(&self) -> Option<String> {
        match self.kind {
            Kind::Word => Some(self.text.to_uppercase()),
            Kind::Name => {
                let inner = self.text.strip_prefix('"')?.strip_suffix('"')?;
                Some(inner.replace("\"\"", "\""))
            }
            Kind::Text | Kind::Number | Kind::Parameter | Kind::Mark => None,
        }
    }
}

pub(super) fn tokens(text: &str) -> Result<Vec<Token<'_>>, SqlError> {
    if let Some(at) = text.find('\0') {
        return Err(unreadable(text, at, "a NUL character"));
    }
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some((kind, length)) = next(text, at)? {
        let end = at + length;
        if let Some(kind) = kind {
            tokens.push(Token { kind, text: &text[at..end], at });
        }
        at = end;
    }
    Ok(tokens)
}

/// What begins at `at`, and how long it is; no kind for white space and comments.
fn next(text: &str, at: usize) -> Result<Option<(Option<Kind>, usize)>, SqlError> {
    let rest = &text[at..];
    let Some(first) = rest.chars().next() else { return Ok(None) };
    let refuse = |what: &str| unreadable(text, at, what);
    let found = match first {
        '-' if rest.starts_with("--") => (None, line_comment(rest).map_err(refuse)?),
        '/' if rest.starts_with("/*") => (None, block_comment(rest).map_err(refuse)?),
        '\'' => {
            let length = quoted(rest, '\'').ok_or_else(|| refuse("a text does not end"))?;
            (Some(Kind::Text), length)
        }
        '"' => {
            let length = quoted(rest, '"').ok_or_else(|| refuse("a quoted name does not end"))?;
            (Some(Kind::Name), length)
        }
        ':' if rest[1..].starts_with(is_word_start) && !text[..at].ends_with(':') => {
            (Some(Kind::Parameter), 1 + while_in(&rest[1..], is_in_word))
        }
        c if is_word_start(c) => (Some(Kind::Word), while_in(rest, is_in_word)),
        c if c.is_ascii_digit() => (Some(Kind::Number), number(rest)),
        c if c.is_whitespace() => (None, while_in(rest, char::is_whitespace)),
        c if c.is_control() => return Err(refuse("a control character")),
        c => (Some(Kind::Mark), c.len_utf8()),
    };
    Ok(Some(found))
}

/// To the end of the line. Characters that only some readers take for one are refused.
fn line_comment(rest: &str) -> Result<usize, &'static str> {
    let end = rest.find('\n').unwrap_or(rest.len());
    let line = rest[..end].strip_suffix('\r').unwrap_or(&rest[..end]);
    match line.contains(['\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}']) {
        true => Err("a `--` comment with an odd line end in it"),
        false => Ok(end),
    }
}

fn block_comment(rest: &str) -> Result<usize, &'static str> {
    let inner = &rest[2..];
    let end = inner.find("*/").ok_or("a comment does not end")?;
    match inner[..end].contains("/*") {
        true => Err("a comment within a comment"),
        false => Ok(2 + end + 2),
    }
}

/// The length of what begins and ends with this quote; doubled quotes are part of it.
fn quoted(rest: &str, quote: char) -> Option<usize> {
    let mut quotes = rest.char_indices().skip(1).filter(|(_, c)| *c == quote).peekable();
    while let Some((at, _)) = quotes.next() {
        if quotes.next_if(|(next, _)| *next == at + 1).is_none() {
            return Some(at + 1);
        }
    }
    None
}

/// `12`, `1.5`, `1.5e-3`, and no letter more: in `5INTO` the word begins behind the digit.
fn number(rest: &str) -> usize {
    let digits = |at: usize| at + while_in(&rest[at..], |c| c.is_ascii_digit());
    let mut end = digits(0);
    if rest[end..].starts_with('.') {
        end = digits(end + 1);
    }
    let exponent = rest[end..].strip_prefix(['e', 'E']);
    let unsigned = exponent.map(|power| power.strip_prefix(['+', '-']).unwrap_or(power));
    match unsigned {
        Some(power) if power.starts_with(|c: char| c.is_ascii_digit()) => {
            digits(rest.len() - power.len())
        }
        _ => end,
    }
}

pub(super) fn is_word_start(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

pub(super) fn is_in_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '#')
}

fn while_in(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

fn unreadable(text: &str, at: usize, what: &str) -> SqlError {
    let line = text[..at].matches('\n').count() + 1;
    SqlError::Unreadable(format!("{what} (line {line})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(Kind, &str)> {
        tokens(text).unwrap().into_iter().map(|token| (token.kind, token.text)).collect()
    }

    #[test]
    fn every_kind_is_told_apart() {
        use Kind::{Mark, Name, Number, Parameter, Text, Word};
        assert_eq!(
            kinds("select T0.\"单\"\"号\", 'O''Neil :x', 1.5 -- :y\n/* :z */<= :code,:物料2 a::b"),
            [
                (Word, "select"),
                (Word, "T0"),
                (Mark, "."),
                (Name, "\"单\"\"号\""),
                (Mark, ","),
                (Text, "'O''Neil :x'"),
                (Mark, ","),
                (Number, "1.5"),
                (Mark, "<"),
                (Mark, "="),
                (Parameter, ":code"),
                (Mark, ","),
                (Parameter, ":物料2"),
                (Word, "a"),
                (Mark, ":"),
                (Mark, ":"),
                (Word, "b"),
            ]
        );
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_refused_with_its_line() {
        for (text, told) in [
            ("select 1\nfrom 'a", "a text does not end (line 2)"),
            ("\"a", "a quoted name does not end"),
            ("'a''", "a text does not end"),
            ("/* a", "a comment does not end"),
            ("/* /* */ :x */", "a comment within a comment"),
            ("-- a\r; delete", "odd line end"),
            ("-- a\u{2028}; delete", "odd line end"),
            ("select\0", "NUL"),
            ("select \u{1}", "control character"),
        ] {
            let error = tokens(text).unwrap_err().to_string();
            assert!(error.contains(told), "{text:?}: {error}");
        }
        assert_eq!(kinds("-- a\r\nb"), [(Kind::Word, "b")]);
    }

    #[test]
    fn a_number_swallows_no_word() {
        use Kind::{Mark, Number, Word};
        assert_eq!(
            kinds("5.INTO 5INTO 1.5e-3x 2E+ .5"),
            [
                (Number, "5."),
                (Word, "INTO"),
                (Number, "5"),
                (Word, "INTO"),
                (Number, "1.5e-3"),
                (Word, "x"),
                (Number, "2"),
                (Word, "E"),
                (Mark, "+"),
                (Mark, "."),
                (Number, "5"),
            ]
        );
    }
}
