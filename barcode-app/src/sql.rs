//! SQL that the application sends: only what reads.
//!
//! Whoever knows the AppCode may send any SQL text. So a text is looked at before it runs: one
//! statement that begins with `SELECT` or `WITH`, or a `CALL` of a procedure that the site listed.
//!
//! The look is strict where databases differ: comments are refused, and so is every word that
//! changes something, wherever it stands outside of quotes.

/// Why a SQL text was refused. It was not run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SqlRefused {
    /// It begins with something else than what reads.
    #[error(
        "only SQL that reads is run: expected SELECT, WITH or CALL of a listed procedure, found \
         `{found}`"
    )]
    Start {
        /// The first word.
        found: String,
    },
    /// It holds a word that changes something.
    #[error("only SQL that reads is run: `{word}` is not taken (in double quotes it is a name)")]
    Word {
        /// The word.
        word: String,
    },
    /// More than one statement.
    #[error("only one SQL statement is run at once, found another one behind `;`")]
    Several,
    /// A comment: databases differ in where it ends.
    #[error("comments in SQL are not taken: remove them")]
    Comment,
    /// Quotes or brackets that never close, quotes in brackets, or control characters.
    #[error("the SQL text is malformed: {0}")]
    Malformed(&'static str),
    /// A procedure that is not listed.
    #[error("the procedure `{name}` is not listed: add it to `procedures` if it may be called")]
    Procedure {
        /// Its name.
        name: String,
    },
}

/// Words that change something, or leave the database.
const FORBIDDEN: [&str; 33] = [
    "alter",
    "backup",
    "bulk",
    "call",
    "commit",
    "create",
    "dbcc",
    "declare",
    "delete",
    "drop",
    "exec",
    "execute",
    "grant",
    "import",
    "export",
    "insert",
    "into",
    "kill",
    "lock",
    "merge",
    "opendatasource",
    "openquery",
    "openrowset",
    "restore",
    "revoke",
    "rollback",
    "set",
    "shutdown",
    "truncate",
    "unload",
    "update",
    "upsert",
    "use",
];

/// Looks at a SQL text; `procedures` may be called. Answers the text without the `;` at its end.
///
/// ```
/// use barcode_app::{SqlRefused, read_only};
///
/// assert_eq!(read_only("\nselect \"Update\" from OBTN;\n", &[]).unwrap(), "select \"Update\" from OBTN");
/// assert!(read_only("call TMDK('A')", &["TMDK".to_owned()]).is_ok());
/// assert_eq!(read_only("select 1; drop table OITM", &[]), Err(SqlRefused::Several));
/// ```
///
/// # Errors
/// When it does not only read, as far as that can be told.
pub fn read_only<'a>(sql: &'a str, procedures: &[String]) -> Result<&'a str, SqlRefused> {
    let (words, end) = words(sql)?;
    let statement = sql.get(..end).unwrap_or(sql).trim();
    let mut words = words.into_iter();
    match words.next().as_deref() {
        Some("select" | "with") => {}
        Some("call") => {
            let name = procedure(statement);
            let listed = procedures.iter().any(|known| known.eq_ignore_ascii_case(&name));
            if !listed {
                return Err(SqlRefused::Procedure { name: name.chars().take(60).collect() });
            }
        }
        found => {
            let found = found.unwrap_or_default().chars().take(40).collect();
            return Err(SqlRefused::Start { found });
        }
    }
    match words.find(|word| FORBIDDEN.contains(&word.as_str())) {
        Some(word) => Err(SqlRefused::Word { word }),
        None => Ok(statement),
    }
}

/// The words outside of quotes, in lower case, and where the statement ends.
fn words(sql: &str) -> Result<(Vec<String>, usize), SqlRefused> {
    let mut words = Vec::new();
    let mut chars = sql.char_indices().peekable();
    while let Some((at, char)) = chars.next() {
        match char {
            '\'' | '"' => {
                // A doubled quote is one text that ends and another that begins.
                let end = chars.by_ref().find(|(_, next)| *next == char);
                end.ok_or(SqlRefused::Malformed("a quote is not closed"))?;
            }
            '[' => match chars.by_ref().find(|(_, next)| matches!(next, ']' | '\'' | '"')) {
                Some((_, ']')) => {}
                _ => return Err(SqlRefused::Malformed("a bracket is not closed")),
            },
            ';' => {
                return match sql.get(at + 1..).unwrap_or_default().trim().is_empty() {
                    true => Ok((words, at)),
                    false => Err(SqlRefused::Several),
                };
            }
            '-' | '/' => {
                let second = if char == '-' { '-' } else { '*' };
                if chars.peek().is_some_and(|(_, next)| *next == second) {
                    return Err(SqlRefused::Comment);
                }
            }
            char if char.is_alphabetic() || char == '_' => {
                let mut word: String = char.to_lowercase().collect();
                while let Some((_, next)) = chars
                    .next_if(|(_, next)| next.is_alphanumeric() || matches!(next, '_' | '#' | '$'))
                {
                    word.extend(next.to_lowercase());
                }
                words.push(word);
            }
            '\t' | '\n' | '\r' => {}
            char if char.is_control() => {
                return Err(SqlRefused::Malformed("it holds control characters"));
            }
            _ => {}
        }
    }
    Ok((words, sql.len()))
}

/// The name behind `call`, without quotes.
fn procedure(statement: &str) -> String {
    let behind = statement.get("call".len()..).unwrap_or_default();
    behind.split('(').next().unwrap_or_default().trim().replace('"', "")
}

/// Why a template cannot be filled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FillError {
    /// `{7}`, where there is no such value.
    #[error("`{{{place}}}` stands for nothing: there are {values} values, counted from 0")]
    Place {
        /// The number in the braces.
        place: usize,
        /// How many values there are.
        values: usize,
    },
    /// A text where only a number is harmless.
    #[error("`{{{place}}}` should stand in single quotes, because its value is a text")]
    Unquoted {
        /// The number in the braces.
        place: usize,
    },
}

/// Fills `{0}`, `{1}`, … of a SQL text in one pass.
///
/// Within single quotes, quotes of the value are doubled; outside of them only numbers are taken.
///
/// # Errors
/// When a place has no value, or a text stands outside of quotes.
pub(crate) fn fill(template: &str, values: &[String]) -> Result<String, FillError> {
    let mut filled = String::with_capacity(template.len());
    let (mut rest, mut quoted) = (template, false);
    while let Some(char) = rest.chars().next() {
        let placeholder = rest.strip_prefix('{').and_then(|behind| {
            let (number, behind) = behind.split_once('}')?;
            let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
            Some((is_number.then(|| number.parse::<usize>().ok())??, behind))
        });
        let Some((place, behind)) = placeholder else {
            quoted ^= char == '\'';
            filled.push(char);
            rest = rest.get(char.len_utf8()..).unwrap_or_default();
            continue;
        };
        let value = values.get(place).ok_or(FillError::Place { place, values: values.len() })?;
        if quoted {
            filled.push_str(&value.replace('\'', "''"));
        } else if erplink_core::decimal::from_json_text(value).is_ok() && !value.contains('"') {
            filled.push_str(value);
        } else {
            return Err(FillError::Unquoted { place });
        }
        rest = behind;
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_reads() {
        let listed = ["TMDK".to_owned(), "S.P".to_owned()];
        for sql in [
            "select \"ItemCode\" from oBTN",
            "\nSelect T0.\"DocEntry\" From OWOR T0 Where T2.\"ManBtchNum\"='Y' \n",
            "WITH x AS (select 1 from dummy) select * from x ;  ",
            "(select 1 from dummy) union all (select 2 from dummy)",
            "select 'drop; table -- it''s /* fine' from dummy",
            "select \"update\", [delete], UPDATEDATE, REPLACE(a, 'b', 'c') from t",
            "select 4 - 2, 4 / 2, 料号 from t",
            "call TMDK('A','B','1')",
            "CALL \"tmdk\" ('insert')",
            "call S.P()",
        ] {
            assert_eq!(read_only(sql, &listed).map(|_| ()), Ok(()), "{sql}");
        }
    }

    #[test]
    fn refuses_what_may_change_something() {
        for sql in [
            "",
            ";",
            "drop table OITM",
            "delete from OITM",
            "exec p",
            "do begin end",
            "select 1 from dummy; delete from OITM",
            "select 1 delete from OITM",
            "select * into x from OITM",
            "select 1 from t for update",
            "with x as (select 1 a) update x set a = 2",
            "select 1 -- '\n; delete from OITM --'",
            "select /* /* */ ' */ ; delete from OITM -- '",
            "select [ ' ] ; delete from OITM where 'a' = ']'",
            "select 'open",
            "select \"open",
            "select [open",
            "select \u{0} 1",
            "call OTHER()",
            "call TMDK_2()",
            "call TMDK; call TMDK",
            "call TMDK(exec)",
            "ＤＲＯＰ",
        ] {
            assert!(read_only(sql, &["TMDK".to_owned()]).is_err(), "{sql}");
        }
    }

    #[test]
    fn fills_in_one_pass_and_escapes() {
        let values = ["it's".to_owned(), "{0}".to_owned(), "1.50".to_owned()];
        assert_eq!(
            fill("call T('{0}','{1}','{2}', {2}, '{x}{')", &values).unwrap(),
            "call T('it''s','{0}','1.50', 1.50, '{x}{')"
        );
        assert_eq!(fill("{0}", &values), Err(FillError::Unquoted { place: 0 }));
        assert_eq!(fill("'{3}'", &values), Err(FillError::Place { place: 3, values: 3 }));
        assert!(fill("'{99999999999999999999999}'", &values).unwrap().contains("9999"));
    }
}
