//! SQL text in tokens.

use std::fmt;

/// One token, borrowed from the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A keyword or a name without quotes.
    Word(&'a str),
    /// A name in `"…"` or `[…]`; what stands between, as written.
    Name(&'a str),
    /// `'…'`, quotes included.
    Text(&'a str),
    Number(&'a str),
    /// `:name`, without the colon.
    Parameter(&'a str),
    /// `(`, `||`, `<=`, …
    Mark(&'a str),
}

impl Token<'_> {
    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(self, Self::Word(found) if found.eq_ignore_ascii_case(word))
    }

    pub(super) fn is_mark(&self, mark: &str) -> bool {
        *self == Token::Mark(mark)
    }
}

/// As SQL that SQLite reads.
impl fmt::Display for Token<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(text) | Self::Text(text) | Self::Number(text) | Self::Mark(text) => {
                f.write_str(text)
            }
            // A quote inside is doubled already; brackets can hold a bare one.
            Self::Name(name) if name.contains('"') && !name.contains("\"\"") => {
                write!(f, "\"{}\"", name.replace('"', "\"\""))
            }
            Self::Name(name) => write!(f, "\"{name}\""),
            Self::Parameter(name) => write!(f, ":{name}"),
        }
    }
}

const LONG_MARKS: [&str; 6] = ["||", "<=", ">=", "<>", "!=", "::"];

/// Comments and white space are left out. The error says what does not end or does not belong.
pub(super) fn tokens(text: &str) -> Result<Vec<Token<'_>>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, after) = match first {
            '-' if rest.starts_with("--") => (None, rest.split_once('\n').map_or("", |(_, r)| r)),
            '/' if rest.starts_with("/*") => {
                let (_, after) = rest.split_once("*/").ok_or("a comment does not end")?;
                (None, after)
            }
            '\'' => {
                let (whole, after) = quoted(rest, '\'').ok_or("a text does not end")?;
                (Some(Token::Text(whole)), after)
            }
            '"' => {
                let (whole, after) = quoted(rest, '"').ok_or("a quoted name does not end")?;
                (Some(Token::Name(inner(whole))), after)
            }
            '[' => {
                let end = rest.find(']').ok_or("a name in brackets does not end")?;
                let (whole, after) = rest.split_at(end + 1);
                (Some(Token::Name(inner(whole))), after)
            }
            ':' if rest[1..].starts_with(is_word_start) => {
                let (name, after) = split_while(&rest[1..], is_in_word);
                (Some(Token::Parameter(name)), after)
            }
            c if is_word_start(c) => {
                let (word, after) = split_while(rest, is_in_word);
                (Some(Token::Word(word)), after)
            }
            c if c.is_ascii_digit() => {
                let (number, after) = split_while(rest, |c| c.is_ascii_alphanumeric() || c == '.');
                (Some(Token::Number(number)), after)
            }
            c if c.is_ascii_punctuation() => {
                let long = LONG_MARKS.iter().find(|mark| rest.starts_with(**mark));
                let (mark, after) = rest.split_at(long.map_or(1, |mark| mark.len()));
                (Some(Token::Mark(mark)), after)
            }
            other => return Err(format!("`{other}` does not belong here")),
        };
        tokens.extend(token);
        rest = after.trim_start();
    }
    Ok(tokens)
}

fn is_word_start(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn is_in_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

fn split_while(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !belongs(c)).unwrap_or(text.len()))
}

/// What begins with this quote and ends with it, doubled quotes skipped.
fn quoted(text: &str, quote: char) -> Option<(&str, &str)> {
    let mut quotes = text.char_indices().skip(1).filter(|(_, c)| *c == quote).peekable();
    while let Some((at, _)) = quotes.next() {
        if quotes.next_if(|(next, _)| *next == at + 1).is_none() {
            return Some(text.split_at(at + 1));
        }
    }
    None
}

/// Without the quote at either end.
fn inner(whole: &str) -> &str {
    whole.get(1..whole.len().saturating_sub(1)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_told_apart() {
        let text = "select T0.[DocEntry] AS \"单\"\"号\", 'O''Neil', 1.5 -- end\n/* x */ ||:p <= 2";
        let found = tokens(text).unwrap();
        assert_eq!(
            found,
            [
                Token::Word("select"),
                Token::Word("T0"),
                Token::Mark("."),
                Token::Name("DocEntry"),
                Token::Word("AS"),
                Token::Name("单\"\"号"),
                Token::Mark(","),
                Token::Text("'O''Neil'"),
                Token::Mark(","),
                Token::Number("1.5"),
                Token::Mark("||"),
                Token::Parameter("p"),
                Token::Mark("<="),
                Token::Number("2"),
            ]
        );
        assert_eq!(found[3].to_string(), "\"DocEntry\"");
        assert_eq!(found[5].to_string(), "\"单\"\"号\"");
    }

    #[test]
    fn what_does_not_end_is_told() {
        for text in ["'a", "\"a", "[a", "/* a", "'a''", "\u{1}"] {
            assert!(tokens(text).is_err(), "{text}");
        }
    }
}
