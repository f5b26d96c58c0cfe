//! No value changes a statement, and no text gets around the guard.

use proptest::prelude::*;

use super::token::{Kind, tokens};
use super::{Access, Guard, Sql, SqlValue};

/// Pieces that statements are made of, and those that attacks are made of.
fn piece() -> impl Strategy<Value = String> {
    let fixed = prop::sample::select(vec![
        "SELECT", "FROM", "DELETE", "INTO", "a", "OITM", "'", "''", "\"", "\"\"", "--", "/*", "*/",
        ";", ":", ":p", ":q", "::", "-", "5", "1.5", "(", ")", ",", ".", " ", "\n", "\r", "\\",
        "中", "＇", "N", "x'", "'x'", "\"y\"", "-- c\n", "/* c */",
    ]);
    prop_oneof![9 => fixed.prop_map(str::to_owned), 1 => ".{0,3}"]
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..12).prop_map(|pieces| pieces.concat())
}

fn value() -> impl Strategy<Value = SqlValue> {
    let one = prop_oneof![
        text().prop_map(|text| SqlValue::from(text.replace('\0', ""))),
        any::<i64>().prop_map(SqlValue::from),
        (any::<i64>(), 0..28_u32)
            .prop_map(|(digits, scale)| SqlValue::from(erplink_core::Decimal::new(digits, scale))),
        text().prop_map(|name| SqlValue::identifier(format!("n{}", name.replace('\0', "")))),
        Just(SqlValue::null()),
    ];
    let list = prop::collection::vec(one.clone(), 1..4).prop_map(SqlValue::from);
    prop_oneof![3 => one, 1 => list]
}

/// The tokens a literal must become: whatever is in it, it is one text, one name, one number.
fn expected(value: &SqlValue) -> Vec<Kind> {
    use super::value::Literal;
    match &value.0 {
        Literal::Null => vec![Kind::Word],
        Literal::Number(number) if number.is_sign_negative() => vec![Kind::Mark, Kind::Number],
        Literal::Number(_) => vec![Kind::Number],
        Literal::Identifier(_) => vec![Kind::Name],
        Literal::List(values) => {
            let values: Vec<_> = values.iter().map(expected).collect();
            values.join(&Kind::Mark)
        }
        _ => vec![Kind::Text],
    }
}

fn cases() -> u32 {
    let count = std::env::var("ERPLINK_PROPTEST_CASES").ok().and_then(|count| count.parse().ok());
    count.unwrap_or(2000)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_value_never_changes_the_tokens_around_it(text in text(), p in value(), q in value()) {
        let Ok(template) = tokens(&text) else { return Ok(()) };
        let mut sql = Sql::new(&text);
        let mut wanted = Vec::new();
        for token in &template {
            match (token.kind, token.text) {
                (Kind::Parameter, ":p") => wanted.extend(expected(&p)),
                (Kind::Parameter, ":q") => wanted.extend(expected(&q)),
                // Names that grew together with what follows.
                (Kind::Parameter, _) => return Ok(()),
                (kind, _) => wanted.push(kind),
            }
        }
        for (name, value) in [("p", &p), ("q", &q)] {
            if template.iter().any(|t| t.kind == Kind::Parameter && t.text[1..] == *name) {
                sql = sql.bind(name, value.clone());
            }
        }
        let rendered = sql.text().unwrap();
        let found: Vec<_> = tokens(&rendered).unwrap().iter().map(|token| token.kind).collect();
        prop_assert_eq!(found, wanted, "{} became {}", text, rendered);
    }

    #[test]
    fn a_bound_query_stays_a_query(p in value(), q in value()) {
        let text = "WITH a AS (SELECT :p AS x FROM DUMMY) SELECT x FROM a WHERE x IN (:q,-:q)";
        let sql = Sql::new(text).bind("p", p).bind("q", q);
        prop_assert_eq!(Guard::read_only().check(&sql.text().unwrap()), Ok(Access::Reads));
    }

    /// What is outside of texts, names and comments, found by a reader of another kind: a machine
    /// that looks at one character after the other.
    #[test]
    fn the_guard_sees_every_second_statement(text in text()) {
        let text = format!("SELECT {text}");
        if Guard::read_only().check(&text).is_ok() {
            let bare = bare(&text);
            let statement = bare.trim_end_matches(|c: char| c == ';' || c.is_whitespace());
            prop_assert!(!statement.trim().contains(';'), "{}: {}", text, bare);
            let bare = bare.to_uppercase();
            let mut words = bare.split(|c: char| !super::token::is_in_word(c));
            prop_assert!(!words.any(|word| word == "INTO"), "{}", text);
        }
    }
}

fn bare(text: &str) -> String {
    #[derive(Clone, Copy, PartialEq)]
    enum In {
        Sql,
        Text,
        Name,
        Line,
        Block,
    }
    let mut state = In::Sql;
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        state = match (state, c) {
            (In::Sql, '\'') => In::Text,
            (In::Sql, '"') => In::Name,
            (In::Sql, '-') if chars.next_if_eq(&'-').is_some() => In::Line,
            (In::Sql, '/') if chars.next_if_eq(&'*').is_some() => In::Block,
            (In::Sql, c) => {
                out.push(c);
                continue;
            }
            // A doubled quote ends one text and begins the next.
            (In::Text, '\'') | (In::Name, '"') | (In::Line, '\n') => In::Sql,
            (In::Block, '*') if chars.next_if_eq(&'/').is_some() => In::Sql,
            (state, _) => state,
        };
        if state != In::Text && state != In::Name {
            out.push(' ');
        }
    }
    out
}
