//! Whether two texts are the same query.

/// Words whose case means nothing.
const KEYWORDS: &[&str] = &[
    "all", "and", "as", "asc", "avg", "between", "by", "count", "desc", "distinct", "exists",
    "from", "full", "group", "having", "ifnull", "in", "inner", "is", "isnull", "join", "left",
    "like", "lower", "max", "min", "not", "null", "on", "or", "order", "outer", "right", "select",
    "sum", "top", "union", "upper", "where",
];

/// The server stores `select [DocEntry] from [ORDR]` or `select "DocEntry" from "ORDR"` where
/// `select DocEntry from ORDR` was sent. Quotes around names, white space, comments and the case of
/// keywords therefore make no difference; the case of names does, because rows are labelled by them.
pub(super) fn same_query(left: &str, right: &str) -> bool {
    left == right || tokens(left) == tokens(right)
}

fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim();
    while let Some(first) = rest.chars().next() {
        let end = match first {
            _ if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            _ if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |at| at + 2),
            '\'' | '"' => closing(rest, first),
            '[' => rest.find(']').map_or(rest.len(), |at| at + 1),
            c if is_in_word(c) => rest.find(|c| !is_in_word(c)).unwrap_or(rest.len()),
            c => c.len_utf8(),
        };
        let (token, after) = rest.split_at(end);
        match first {
            _ if token.starts_with("--") || token.starts_with("/*") => {}
            '"' | '[' => tokens.push(token.trim_matches(['"', '[', ']']).to_owned()),
            _ => {
                let keyword = KEYWORDS.iter().find(|word| word.eq_ignore_ascii_case(token));
                tokens.push(keyword.map_or(token, |word| word).to_owned());
            }
        }
        rest = after.trim_start();
    }
    if tokens.last().is_some_and(|last| last == ";") {
        tokens.pop();
    }
    tokens
}

fn is_in_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '@')
}

/// Behind the closing quote; doubled quotes do not close.
fn closing(text: &str, quote: char) -> usize {
    let mut quotes = text.char_indices().skip(1).filter(|(_, c)| *c == quote).peekable();
    while let Some((at, _)) = quotes.next() {
        if quotes.next_if(|(next, _)| *next == at + 1).is_none() {
            return at + 1;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_makes_of_a_text_is_the_same_query() {
        let sent =
            "select T0.DocEntry, 'it''s  A' as Text -- why\n from ORDR T0\nwhere DocTotal>:p;";
        for stored in [
            "select [T0].[DocEntry], 'it''s  A' as [Text] from [ORDR] [T0] where [DocTotal] > :p",
            "SELECT \"T0\".\"DocEntry\", 'it''s  A' AS \"Text\" FROM \"ORDR\" \"T0\" WHERE \"DocTotal\" > :p",
        ] {
            assert!(same_query(sent, stored), "{stored}");
        }
        for other in [
            "select T0.DocEntry, 'it''s A' as Text from ORDR T0 where DocTotal>:p",
            "select T0.DocEntry, 'it''s  A' as text from ORDR T0 where DocTotal>:p",
            "select T0.DocEntry, 'it''s  A' as Text from ORDR T0 where DocTotal>:q",
            "select T0.DocEntry, 'it''s  A' as Text from ORDR T0 where DocTotal>=:p",
        ] {
            assert!(!same_query(sent, other), "{other}");
        }
    }

    #[test]
    fn no_text_is_too_odd() {
        for text in ["", "'", "\"", "[", "/*", "--", "'物", "[物", ";", "\u{3000}物"] {
            assert!(same_query(text, text));
            assert!(!tokens(text).contains(&"select".to_owned()));
        }
    }
}
