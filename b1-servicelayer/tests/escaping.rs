//! Whatever stands in a key or a filter, the server reads it back as it was: checked with a small
//! parser of the test's own.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a panic is how a test fails

use b1_servicelayer::{Field, Filter, Key, KeyValue};
use proptest::prelude::*;

struct Thing;
const CODE: Field<Thing, String> = Field::new("Code");
const NAME: Field<Thing, String> = Field::new("Name");

/// Splits OData text into words, quoted texts and signs; knows nothing of our writer.
#[derive(Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Sign(char),
}

fn tokens(text: &str) -> Vec<Token> {
    let characters: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < characters.len() {
        match characters[at] {
            ' ' => at += 1,
            '\'' => {
                let mut value = String::new();
                at += 1;
                loop {
                    if characters[at] == '\'' {
                        at += 1;
                        if characters.get(at) != Some(&'\'') {
                            break;
                        }
                    }
                    value.push(characters[at]);
                    at += 1;
                }
                tokens.push(Token::Text(value));
            }
            sign @ ('(' | ')' | ',' | '=') => {
                tokens.push(Token::Sign(sign));
                at += 1;
            }
            _ => {
                let start = at;
                while at < characters.len() && !" '(),=".contains(characters[at]) {
                    at += 1;
                }
                tokens.push(Token::Word(characters[start..at].iter().collect()));
            }
        }
    }
    tokens
}

fn word(text: &str) -> Token {
    Token::Word(text.into())
}

fn text(text: &str) -> Token {
    Token::Text(text.into())
}

fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'%' {
            decoded.push(u8::from_str_radix(&text[at + 1..at + 3], 16).unwrap());
            at += 3;
        } else {
            assert!(bytes[at].is_ascii_alphanumeric() || b"-._~'(),=".contains(&bytes[at]));
            decoded.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8(decoded).unwrap()
}

proptest! {
    #[test]
    fn filter_values_stay_values(a in any::<String>(), b in ".*") {
        let filter = CODE.eq(a.as_str()).and(NAME.contains(&b).or(NAME.one_of([a.clone()])));
        let expected = vec![
            word("Code"), word("eq"), text(&a), word("and"), Token::Sign('('), word("contains"),
            Token::Sign('('), word("Name"), Token::Sign(','), text(&b), Token::Sign(')'), word("or"),
            word("Name"), word("eq"), text(&a), Token::Sign(')'),
        ];
        prop_assert_eq!(tokens(&filter.to_string()), expected);
    }

    #[test]
    fn keys_stay_keys(a in any::<String>(), n in any::<i64>()) {
        let single = Key::from(a.as_str()).to_string();
        prop_assert_eq!(
            tokens(&percent_decode(&single)),
            vec![Token::Sign('('), text(&a), Token::Sign(')')]
        );
        let named = Key::named([("A", KeyValue::from(a.as_str())), ("B", n.into())]).to_string();
        prop_assert_eq!(
            tokens(&percent_decode(&named)),
            vec![
                Token::Sign('('), word("A"), Token::Sign('='), text(&a), Token::Sign(','),
                word("B"), Token::Sign('='), word(&n.to_string()), Token::Sign(')'),
            ]
        );
    }

    #[test]
    fn parentheses_balance_however_filters_are_joined(shape in proptest::collection::vec(0_u8..3, 0..12)) {
        let filter = shape.iter().fold(CODE.eq("x"), |filter: Filter<Thing>, step| match step {
            0 => filter.and(NAME.eq("'(")),
            1 => filter.or(NAME.eq(")'")),
            _ => filter.not(),
        });
        let mut depth = 0_i32;
        for token in tokens(&filter.to_string()) {
            match token {
                Token::Sign('(') => depth += 1,
                Token::Sign(')') => depth -= 1,
                _ => {}
            }
            prop_assert!(depth >= 0);
        }
        prop_assert_eq!(depth, 0);
    }
}
