//! What a SELECT says, and how SQLite must hear it.

use super::functions::{DATE_MARK, DATE_ORDER};
use super::tokens::{Token, tokens};

/// Words that are no names. Of others a statement may consist of names only.
const KEYWORDS: &[&str] = &[
    "ALL", "AND", "AS", "ASC", "BETWEEN", "BY", "CROSS", "DESC", "DISTINCT", "EXISTS", "FROM",
    "FULL", "GROUP", "HAVING", "IN", "INNER", "IS", "JOIN", "LEFT", "LIKE", "NOT", "NULL", "ON",
    "OR", "ORDER", "OUTER", "RIGHT", "SELECT", "TOP", "UNION", "WHERE",
];

/// Further words with a meaning in free SQL. What is neither is a name, also where SQLite has a
/// keyword of its own.
const MORE_KEYWORDS: &[&str] = &[
    "CASE",
    "ELSE",
    "END",
    "ESCAPE",
    "EXCEPT",
    "FIRST",
    "INTERSECT",
    "LAST",
    "LIMIT",
    "NULLS",
    "OFFSET",
    "OVER",
    "PARTITION",
    "RECURSIVE",
    "THEN",
    "USING",
    "WHEN",
    "WITH",
];

/// Functions whose result is a date.
const DATE_FUNCTIONS: &[&str] = &["ADD_DAYS", "ADD_MONTHS", "TO_DATE"];

/// A column of the outer select list.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Column<'a> {
    /// `*`, `T0.*`.
    All,
    /// A column's own name, or the alias of an expression.
    Named { label: &'a str, quoted: bool },
    /// An expression without an alias.
    Nameless,
}

/// A statement in tokens.
#[derive(Debug)]
pub(super) struct Statement<'a> {
    pub(super) tokens: Vec<Token<'a>>,
}

impl<'a> Statement<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, String> {
        let mut tokens = tokens(text)?;
        if tokens.last().is_some_and(|token| token.is_mark(";")) {
            tokens.pop();
        }
        if let Some(token) = tokens.iter().find(|token| token.is_mark(";")) {
            return Err(format!("`{token}` in the midst: expected one statement"));
        }
        Ok(Self { tokens })
    }

    /// The names of the parameters, each once, in the order of their first use.
    pub(super) fn parameters(&self) -> Vec<&'a str> {
        let mut names = Vec::new();
        for token in &self.tokens {
            if let Token::Parameter(name) = token
                && !names.contains(name)
            {
                names.push(*name);
            }
        }
        names
    }

    /// The words that are keywords to SQL outside what stored queries may say.
    pub(super) fn word(&self, among: &[&str]) -> Option<&'a str> {
        self.tokens.iter().find_map(|token| match token {
            Token::Word(word) if among.iter().any(|one| one.eq_ignore_ascii_case(word)) => {
                Some(*word)
            }
            _ => None,
        })
    }

    /// The outer select list.
    pub(super) fn columns(&self) -> Vec<Column<'a>> {
        let mut depth = 0_usize;
        let start = self.tokens.iter().position(|token| {
            depth = depth_after(depth, token);
            depth == 0 && token.is_word("SELECT")
        });
        let Some(start) = start else { return Vec::new() };
        let mut list = &self.tokens[start + 1..];
        while let [first, rest @ ..] = list
            && (first.is_word("DISTINCT") || first.is_word("ALL"))
        {
            list = rest;
        }
        if let [top, Token::Number(_), rest @ ..] = list
            && top.is_word("TOP")
        {
            list = rest;
        }
        let mut depth = 0_usize;
        let end = list.iter().position(|token| {
            depth = depth_after(depth, token);
            depth == 0 && ["FROM", "UNION"].iter().any(|word| token.is_word(word))
        });
        let list = &list[..end.unwrap_or(list.len())];
        let mut depth = 0_usize;
        let items = list.split(|token| {
            depth = depth_after(depth, token);
            depth == 0 && token.is_mark(",")
        });
        items.map(column).collect()
    }

    /// The text as the server keeps it: names in quotes, comments and spare blanks gone.
    pub(super) fn normal(&self) -> String {
        let mut text = String::new();
        let mut before: Option<&Token<'_>> = None;
        for (index, token) in self.tokens.iter().enumerate() {
            let opens = |token: &Token<'_>| token.is_mark("(") || token.is_mark(".");
            let tight = match (before, token) {
                (None, _) => true,
                (Some(before), _) if opens(before) => true,
                (Some(_), Token::Mark("." | "," | ")")) => true,
                (Some(Token::Word(word)), Token::Mark("(")) => !is_keyword(word) || is_side(word),
                _ => false,
            };
            if !tight {
                text.push(' ');
            }
            let is_call = self.tokens.get(index + 1).is_some_and(|next| next.is_mark("("));
            match token {
                Token::Word(word) if !is_keyword(word) && !is_call => {
                    text.push_str(&format!("\"{word}\""));
                }
                other => text.push_str(&other.to_string()),
            }
            before = Some(token);
        }
        text
    }

    /// For SQLite: `TOP n` as `LIMIT n`, functions under names it can parse, the date of today.
    pub(super) fn for_sqlite(&self, now: &Now) -> Result<String, String> {
        let mut words: Vec<String> = Vec::new();
        let mut open = vec![Open::default()];
        let mut before = Token::Mark("");
        let mut tokens = self.tokens.iter().copied().peekable();
        while let Some(token) = tokens.next() {
            let is_call = tokens.peek().is_some_and(|next| next.is_mark("("));
            let innermost = open.last_mut().ok_or("a parenthesis too many")?;
            match token {
                Token::Word(_) if before.is_word("SELECT") && token.is_word("DISTINCT") => {
                    words.push("DISTINCT".to_owned());
                    // TOP may follow as it may follow SELECT.
                    continue;
                }
                Token::Word(_) if before.is_word("SELECT") && token.is_word("TOP") => {
                    let Some(Token::Number(count)) = tokens.next() else {
                        return Err("TOP needs a number".to_owned());
                    };
                    innermost.limit = format!("LIMIT {count}");
                }
                Token::Word(_) if token.is_word("UNION") && !innermost.limit.is_empty() => {
                    return Err("TOP before UNION is not simulated".to_owned());
                }
                Token::Word(word) if is_call => match word.to_ascii_uppercase().as_str() {
                    "ISNULL" => words.push("ifnull".to_owned()),
                    "LEFT" => words.push("erp_left".to_owned()),
                    "RIGHT" => words.push("erp_right".to_owned()),
                    "NOW" => {
                        words.push(now.moment());
                        // Both parentheses.
                        tokens.nth(1);
                    }
                    _ => words.push(word.to_owned()),
                },
                Token::Word(word) => match word.to_ascii_uppercase().as_str() {
                    "CURRENT_DATE" => words.push(now.date()),
                    "CURRENT_TIMESTAMP" => words.push(now.moment()),
                    "CURRENT_TIME" => words.push(now.time()),
                    upper if is_keyword(word) || MORE_KEYWORDS.contains(&upper) => {
                        words.push(word.to_owned());
                    }
                    _ => words.push(format!("\"{word}\"")),
                },
                Token::Mark("(") => {
                    let of_date = DATE_FUNCTIONS.iter().any(|name| before.is_word(name));
                    open.push(Open { limit: String::new(), of_date });
                    words.push("(".to_owned());
                }
                Token::Mark(")") => {
                    let closed = open.pop().filter(|_| !open.is_empty());
                    let closed = closed.ok_or("a parenthesis too many")?;
                    words.push(closed.limit);
                    words.push(")".to_owned());
                    if closed.of_date {
                        words.push(format!("COLLATE {DATE_ORDER}"));
                    }
                }
                other => words.push(other.to_string()),
            }
            before = token;
        }
        words.extend(open.pop().map(|whole| whole.limit));
        words.retain(|word| !word.is_empty());
        if open.is_empty() { Ok(words.join(" ")) } else { Err("a parenthesis is open".to_owned()) }
    }
}

/// An open parenthesis, or the whole statement.
#[derive(Default)]
struct Open {
    /// Stands before the closing one.
    limit: String,
    /// It holds the arguments of a function whose result is a date.
    of_date: bool,
}

/// The company's local time.
pub(super) struct Now(pub(super) chrono::NaiveDateTime);

impl Now {
    fn date(&self) -> String {
        format!("'{}{DATE_MARK}' COLLATE {DATE_ORDER}", self.0.format("%Y-%m-%d"))
    }

    fn time(&self) -> String {
        format!("'{}'", self.0.format("%H:%M:%S"))
    }

    fn moment(&self) -> String {
        format!("'{}' COLLATE {DATE_ORDER}", self.0.format("%Y-%m-%d %H:%M:%S%.3f"))
    }
}

fn depth_after(depth: usize, token: &Token<'_>) -> usize {
    match token {
        Token::Mark("(") => depth.saturating_add(1),
        Token::Mark(")") => depth.saturating_sub(1),
        _ => depth,
    }
}

/// LEFT and RIGHT are functions as well.
fn is_side(word: &str) -> bool {
    ["LEFT", "RIGHT"].iter().any(|side| side.eq_ignore_ascii_case(word))
}

fn is_keyword(word: &str) -> bool {
    KEYWORDS.iter().any(|keyword| keyword.eq_ignore_ascii_case(word))
}

fn column<'a>(item: &[Token<'a>]) -> Column<'a> {
    let named = |token: &Token<'a>| match token {
        Token::Word(label) if !is_keyword(label) && !token.is_word("END") => {
            Some(Column::Named { label, quoted: false })
        }
        Token::Name(label) => Some(Column::Named { label, quoted: true }),
        _ => None,
    };
    match item {
        [Token::Mark("*")] | [_, Token::Mark("."), Token::Mark("*")] => Column::All,
        [only] => named(only).unwrap_or(Column::Nameless),
        [.., before, last] => {
            // `a + b`: the last name belongs to the expression. `T0.a`, `a + b AS c`, `f(a) c`: not.
            let in_expression = match before {
                Token::Mark("." | ")") => false,
                Token::Mark(_) => true,
                Token::Word(word) => is_keyword(word) && !before.is_word("AS"),
                _ => false,
            };
            // `a + T0.b` ends in a path that is no alias.
            let path = before.is_mark(".") && item.len() > 3;
            if in_expression || path {
                return Column::Nameless;
            }
            named(last).unwrap_or(Column::Nameless)
        }
        [] => Column::Nameless,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(text: &str) -> Vec<String> {
        let statement = Statement::parse(text).unwrap();
        let columns = statement.columns();
        columns
            .iter()
            .map(|column| match column {
                Column::All => "*".to_owned(),
                Column::Named { label, quoted } => {
                    if *quoted {
                        format!("[{label}]")
                    } else {
                        (*label).to_owned()
                    }
                }
                Column::Nameless => "?".to_owned(),
            })
            .collect()
    }

    #[test]
    fn columns_have_a_name_or_an_alias() {
        for (text, expected) in [
            ("select a, T0.b, T0.[c], \"d\" from x", vec!["a", "b", "[c]", "[d]"]),
            ("select distinct top 5 sum(a, b) total, count(*) as n", vec!["total", "n"]),
            ("select *, T0.* from x", vec!["*", "*"]),
            ("select count(*), a + b, a + T0.b, 1, 'x' from t", vec!["?"; 5]),
            ("select a || b as \"数量 (件)\" from (select z from y)", vec!["[数量 (件)]"]),
            ("select a from x union select b from y", vec!["a"]),
            ("select case when a then b end from x", vec!["?"]),
        ] {
            assert_eq!(labels(text), expected, "{text}");
        }
    }

    #[test]
    fn the_kept_text_has_its_names_in_quotes() {
        let text = "select DocEntry,\n  T0.[DocTotal] as total -- all\nfrom ORDR T0 where left(CardCode, 1) in ('C') and DocTotal > :docTotal;";
        let statement = Statement::parse(text).unwrap();
        assert_eq!(
            statement.normal(),
            "select \"DocEntry\", \"T0\".\"DocTotal\" as \"total\" from \"ORDR\" \"T0\" where \
             left(\"CardCode\", 1) in ('C') and \"DocTotal\" > :docTotal"
        );
        let again = statement.normal();
        assert_eq!(Statement::parse(&again).unwrap().normal(), again);
        assert_eq!(statement.parameters(), ["docTotal"]);
    }

    #[test]
    fn sqlite_hears_its_own_words() {
        let now = Now("2023-10-20T08:00:00".parse().unwrap());
        let heard = |text: &str| Statement::parse(text).unwrap().for_sqlite(&now);
        for (text, expected) in [
            ("select distinct top 2 a from x", "select DISTINCT \"a\" from \"x\" LIMIT 2"),
            ("select top 2 a from x", "select \"a\" from \"x\" LIMIT 2"),
            (
                "select a from (select top 1 nothing from y)",
                "select \"a\" from ( select \"nothing\" from \"y\" LIMIT 1 )",
            ),
            (
                "select isnull(a,0), left(b,1)",
                "select ifnull ( \"a\" , 0 ) , erp_left ( \"b\" , 1 )",
            ),
            ("select to_date(a)", "select to_date ( \"a\" ) COLLATE erp_date"),
        ] {
            assert_eq!(heard(text).unwrap(), expected);
        }
        assert!(heard("select current_date").unwrap().contains("'2023-10-20"));
        assert!(heard("select 1)").is_err());
        assert!(heard("select (1").is_err());
        assert!(heard("select top 1 a from x union select b from y").is_err());
    }
}
