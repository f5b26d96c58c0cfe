//! Which statements may be sent.

use super::SqlError;
use super::token::{Kind, Token, tokens};

/// Lets only reading statements through: one `SELECT`, with or without `WITH` before it.
///
/// Procedures are allowed one by one, anything else only by [`Guard::danger_any_statement`]. The
/// guard reads the statement, not the rights of the user: a user who may only read is the better
/// half of the protection.
///
/// ```
/// use b1_diapi::Guard;
///
/// let guard = Guard::read_only();
/// assert!(guard.check("SELECT 'DELETE;' FROM DUMMY -- ; DROP").is_ok());
/// let error = guard.check("SELECT 1 FROM DUMMY; DELETE FROM OITM").unwrap_err();
/// assert_eq!(error.to_string(), "only one statement is sent at a time: there is another after the `;`");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guard {
    procedures: Vec<String>,
    any: bool,
}

/// What a statement may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It reads: repeating it is harmless.
    Reads,
    /// It may change something.
    Writes,
}

impl Guard {
    /// Only statements that read.
    #[must_use]
    pub fn read_only() -> Self {
        Self::default()
    }

    /// Also `CALL` of this procedure, written as in SQL: `PICK_BATCHES`, `"MySchema"."Pick"`.
    ///
    /// A call is taken for a write: it is not repeated when its answer was lost.
    #[must_use]
    pub fn allow_procedure(mut self, name: impl Into<String>) -> Self {
        self.procedures.push(name.into());
        self
    }

    /// Lets everything through that the database takes, several statements included.
    #[must_use]
    pub fn danger_any_statement() -> Self {
        Self { procedures: Vec::new(), any: true }
    }

    /// What the statement may do, if it may be sent.
    ///
    /// # Errors
    /// When it is not allowed, or cannot be read without doubt.
    pub fn check(&self, text: &str) -> Result<Access, SqlError> {
        match self.judge(text) {
            Err(_) if self.any => Ok(Access::Writes),
            judged => judged,
        }
    }

    fn judge(&self, text: &str) -> Result<Access, SqlError> {
        let tokens = tokens(text)?;
        let end = tokens.iter().position(|token| token.is_mark(";")).unwrap_or(tokens.len());
        let (statement, rest) = tokens.split_at(end);
        if rest.iter().any(|token| !token.is_mark(";")) {
            return Err(SqlError::SeveralStatements);
        }
        if let Some(parameter) = statement.iter().find(|token| token.kind == Kind::Parameter) {
            return Err(refused(format!(
                "{} has no value, and the service binds none",
                parameter.text
            )));
        }
        match statement.first() {
            Some(first) if first.is_word("CALL") => self.call(&statement[1..]),
            Some(_) => reads(statement).map(|()| Access::Reads),
            None => Err(refused("there is no statement")),
        }
    }

    /// `name.name(…)` and nothing behind it, which could say where results are written to.
    fn call(&self, rest: &[Token<'_>]) -> Result<Access, SqlError> {
        let open = rest.iter().position(|token| token.is_mark("(")).unwrap_or(rest.len());
        let (name, arguments) = rest.split_at(open);
        let name = path(name).ok_or_else(|| refused("CALL without the name of a procedure"))?;
        let allowed = self.procedures.iter().any(|allowed| {
            tokens(allowed).ok().and_then(|allowed| path(&allowed)).is_some_and(|a| a == name)
        });
        if !allowed {
            let name = name.join(".");
            let hint = "allow it by name if it only reads";
            return Err(refused(format!("CALL of the procedure {name}: {hint}")));
        }
        if group(arguments).is_none_or(|behind| !behind.is_empty()) {
            return Err(refused("CALL with something behind its arguments"));
        }
        Ok(Access::Writes)
    }
}

/// Words that no query has. They are reserved, so no column has these names without quotes.
const WRITING: [&str; 2] = ["INTO", "NEXTVAL"];

fn reads(statement: &[Token<'_>]) -> Result<(), SqlError> {
    let opened = statement.iter().position(|token| !token.is_mark("("));
    let query = &statement[opened.unwrap_or(statement.len())..];
    let starts = match query.first() {
        Some(first) if first.is_word("WITH") => with(&query[1..]).and_then(|query| {
            let opened = query.iter().position(|token| !token.is_mark("("))?;
            query.get(opened)
        }),
        first => first,
    };
    if !starts.is_some_and(|first| first.is_word("SELECT")) {
        let found = query.first().map_or("nothing", |first| first.text);
        let found: String = found.chars().take(30).collect();
        return Err(refused(format!(
            "only SELECT, or WITH … SELECT, may be sent; the statement begins with `{found}`"
        )));
    }
    if let Some(word) = statement.iter().find(|token| WRITING.iter().any(|w| token.is_word(w))) {
        return Err(refused(format!("{} in a query", word.text.to_uppercase())));
    }
    let locks = |pair: &[Token<'_>]| {
        pair[0].is_word("FOR") && (pair[1].is_word("UPDATE") || pair[1].is_word("SHARE"))
    };
    if statement.windows(2).any(locks) {
        return Err(refused("a query that locks rows"));
    }
    Ok(())
}

/// `name (columns) AS (query), …`: what follows the named queries.
fn with<'t, 'a>(mut rest: &'t [Token<'a>]) -> Option<&'t [Token<'a>]> {
    loop {
        rest.first()?.identifier()?;
        rest = &rest[1..];
        if rest.first()?.is_mark("(") {
            rest = group(rest)?;
        }
        if !rest.first()?.is_word("AS") {
            return None;
        }
        rest = group(&rest[1..])?;
        if !rest.first()?.is_mark(",") {
            return Some(rest);
        }
        rest = &rest[1..];
    }
}

/// What follows the parenthesis that opens here and closes again.
fn group<'t, 'a>(tokens: &'t [Token<'a>]) -> Option<&'t [Token<'a>]> {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate() {
        if token.is_mark("(") {
            depth += 1;
        } else if token.is_mark(")") {
            depth = depth.checked_sub(1)?;
        }
        if depth == 0 {
            return (index > 0).then(|| &tokens[index + 1..]);
        }
    }
    None
}

/// `"MySchema".PICK` as the database knows it.
fn path(tokens: &[Token<'_>]) -> Option<Vec<String>> {
    let mut parts = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        match index % 2 {
            0 => parts.push(token.identifier()?),
            _ if token.is_mark(".") => {}
            _ => return None,
        }
    }
    (tokens.len() % 2 == 1).then_some(parts)
}

fn refused(why: impl Into<String>) -> SqlError {
    SqlError::NotReadOnly(why.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_pass() {
        for text in [
            "select \"ItemCode\" from oBTN",
            "\n  SELECT 1 FROM DUMMY;",
            "(SELECT 1 FROM DUMMY) UNION ALL (SELECT 2 FROM DUMMY)",
            "WITH a AS (SELECT 1 AS x FROM DUMMY), \"b\" (y) AS (SELECT x FROM a) SELECT * FROM b",
            "with a as (select 1 from dummy) (select * from a)",
            "select 'into; delete' as \"update\" from OITM -- ; drop",
            "/* c */ SELECT ifnull(T0.\"U_ISSYN\",'N') FROM ODRF T0 ; -- the end",
            "SELECT \"UPDATE\", update FROM X FOR JSON",
        ] {
            assert_eq!(Guard::read_only().check(text), Ok(Access::Reads), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for (text, told) in [
            ("", "no statement"),
            (" -- SELECT", "no statement"),
            ("DELETE FROM OITM", "begins with `DELETE`"),
            ("/* SELECT */ update OITM set x = 1", "begins with `update`"),
            ("SELECT 1 FROM DUMMY; DELETE FROM OITM", "after the `;`"),
            (";SELECT 1 FROM DUMMY", "after the `;`"),
            ("SELECT 1 INTO x FROM DUMMY", "INTO"),
            ("SELECT s.nextval FROM DUMMY", "NEXTVAL"),
            ("SELECT * FROM OITM FOR UPDATE", "locks"),
            ("SELECT * FROM OITM for /**/ share lock", "locks"),
            ("WITH a AS (SELECT 1 FROM DUMMY) DELETE FROM OITM", "begins with `WITH`"),
            ("WITH a AS (SELECT 1 FROM DUMMY", "begins with `WITH`"),
            ("WITH a SELECT 1 FROM DUMMY", "begins with `WITH`"),
            ("DO BEGIN DELETE FROM OITM; END", "after the `;`"),
            ("CALL P(1)", "procedure P"),
            ("CALL", "name of a procedure"),
            ("EXEC 'DELETE FROM OITM'", "begins with `EXEC`"),
            ("'SELECT'", "begins with"),
            ("\"SELECT\" 1", "begins with"),
            ("SELECT :into x FROM DUMMY", ":into has no value"),
        ] {
            let error = Guard::read_only().check(text).unwrap_err().to_string();
            assert!(error.contains(told), "{text}: {error}");
            let any = Guard::danger_any_statement();
            assert_eq!(any.check(text), Ok(Access::Writes), "{text}");
        }
        let any = Guard::danger_any_statement();
        assert_eq!(any.check("SELECT 1 FROM DUMMY"), Ok(Access::Reads), "still known to read");
    }

    #[test]
    fn procedures_are_allowed_one_by_one() {
        let guard =
            Guard::read_only().allow_procedure("pick_batches").allow_procedure("\"Own\".\"Pick\"");
        for text in
            ["call PICK_BATCHES('a', (1))", "CALL Pick_Batches();", "CALL \"Own\".\"Pick\"(1)"]
        {
            assert_eq!(guard.check(text), Ok(Access::Writes), "{text}");
        }
        for text in [
            "CALL \"pick_batches\"()",
            "CALL OTHER.PICK_BATCHES()",
            "CALL OWN.PICK(1)",
            "CALL PICK_BATCHES() WITH OVERVIEW",
            "CALL PICK_BATCHES",
            "CALL PICK_BATCHES(",
            "CALL PICK_BATCHES('a'); DELETE FROM OITM",
        ] {
            guard.check(text).unwrap_err();
        }
    }
}
