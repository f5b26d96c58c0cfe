//! Words, literals and signs.

use rust_decimal::Decimal;

use crate::servicelayer::json;
use crate::servicelayer::refusal::Refusal;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Word(String),
    Text(String),
    /// `datetime'…'`.
    DateTime(String),
    Number(Decimal),
    Open,
    Close,
    Comma,
}

pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Refusal> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, after) = match first {
            '(' => (Token::Open, &rest[1..]),
            ')' => (Token::Close, &rest[1..]),
            ',' => (Token::Comma, &rest[1..]),
            '\'' => {
                let (text, after) = quoted(&rest[1..])?;
                (Token::Text(text), after)
            }
            '-' | '0'..='9' => number(rest)?,
            'a'..='z' | 'A'..='Z' | '_' => word(rest)?,
            other => return Err(Refusal::bad_query(format_args!("unexpected `{other}`"))),
        };
        tokens.push(token);
        rest = after.trim_start();
    }
    Ok(tokens)
}

/// The text up to its closing quote, doubled quotes halved.
fn quoted(mut rest: &str) -> Result<(String, &str), Refusal> {
    let mut text = String::new();
    loop {
        let Some(end) = rest.find('\'') else {
            return Err(Refusal::bad_query("a quote is not closed"));
        };
        text.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('\'') {
            Some(after) => {
                text.push('\'');
                rest = after;
            }
            None => return Ok((text, rest)),
        }
    }
}

fn number(text: &str) -> Result<(Token, &str), Refusal> {
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+' | ':');
    let end = text.find(|c: char| !part(c)).unwrap_or(text.len());
    let digits = &text[..end];
    let number = json::decimal(digits)
        .ok_or_else(|| Refusal::bad_query(format_args!("`{digits}` is not a number")))?;
    Ok((Token::Number(number), &text[end..]))
}

fn word(text: &str) -> Result<(Token, &str), Refusal> {
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '/');
    let end = text.find(|c: char| !part(c)).unwrap_or(text.len());
    let (word, after) = text.split_at(end);
    if word == "datetime"
        && let Some(literal) = after.strip_prefix('\'')
    {
        let (text, after) = quoted(literal)?;
        return Ok((Token::DateTime(text), after));
    }
    Ok((Token::Word(word.to_owned()), after))
}
