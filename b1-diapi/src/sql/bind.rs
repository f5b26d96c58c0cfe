//! A statement and the values of its parameters.

use super::token::{Kind, tokens};
use super::{SqlError, SqlValue};

/// A statement with named parameters: `:code` outside of texts, quoted names and comments.
///
/// ```
/// use b1_diapi::Sql;
///
/// let sql = Sql::new(r#"SELECT "ItemName" FROM OITM WHERE "ItemCode" = :code AND "OnHand" > :stock"#)
///     .bind("code", "X' OR 'a' = 'a")
///     .bind("stock", 10);
/// assert_eq!(
///     sql.text()?,
///     r#"SELECT "ItemName" FROM OITM WHERE "ItemCode" = 'X'' OR ''a'' = ''a' AND "OnHand" > 10"#,
/// );
/// # Ok::<(), b1_diapi::SqlError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sql {
    text: String,
    /// `None`: the text is sent as it is.
    values: Option<Vec<(String, SqlValue)>>,
}

impl Sql {
    /// A statement whose parameters are all bound before it is sent.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), values: Some(Vec::new()) }
    }

    /// A statement from elsewhere, sent as it is: `:name` means nothing in it.
    pub fn verbatim(text: impl Into<String>) -> Self {
        Self { text: text.into(), values: None }
    }

    /// Gives the parameter `:name` a value.
    #[must_use]
    pub fn bind(mut self, name: impl Into<String>, value: impl Into<SqlValue>) -> Self {
        self.values.get_or_insert_default().push((name.into(), value.into()));
        self
    }

    /// The statement as it is sent.
    ///
    /// # Errors
    /// When a parameter has no value, a value no parameter, or a value no literal; and when the text
    /// cannot be read without doubt.
    pub fn text(&self) -> Result<String, SqlError> {
        let tokens = tokens(&self.text)?;
        let Some(values) = &self.values else { return Ok(self.text.clone()) };
        let parameters = || tokens.iter().filter(|token| token.kind == Kind::Parameter);
        let mut sql = String::with_capacity(self.text.len());
        let mut copied = 0;
        for parameter in parameters() {
            let name = &parameter.text[1..];
            let value = values.iter().find(|(known, _)| known == name);
            let (_, value) = value.ok_or_else(|| SqlError::NotBound(name.to_owned()))?;
            sql.push_str(&self.text[copied..parameter.at]);
            if !sql.ends_with(is_apart) && !sql.is_empty() {
                sql.push(' ');
            }
            value
                .write(&mut sql)
                .map_err(|reason| SqlError::NoLiteral { name: name.to_owned(), reason })?;
            copied = parameter.at + parameter.text.len();
            let rest = &self.text[copied..];
            if !rest.starts_with(is_apart) && !rest.is_empty() {
                sql.push(' ');
            }
        }
        sql.push_str(&self.text[copied..]);
        for (index, (name, _)) in values.iter().enumerate() {
            if values.iter().take(index).any(|(earlier, _)| earlier == name) {
                return Err(SqlError::BoundTwice(name.clone()));
            }
            if !parameters().any(|parameter| parameter.text[1..] == *name) {
                return Err(SqlError::NotNamed(name.clone()));
            }
        }
        Ok(sql)
    }
}

/// What a literal may touch without growing together with it: `-` before `-5` begins a comment,
/// `'` before `'A'` goes on with a text.
fn is_apart(c: char) -> bool {
    c.is_ascii_whitespace() || matches!(c, '(' | ')' | ',' | '=' | ';')
}

impl From<&str> for Sql {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Sql {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_names_and_comments_are_left_alone() {
        let text = "SELECT ':a', \":a\", :a -- :a isn't\n/* ' :a */, T0.:a FROM X";
        let sql = Sql::new(text).bind("a", SqlValue::identifier("ItemCode"));
        assert_eq!(
            sql.text().unwrap(),
            "SELECT ':a', \":a\", \"ItemCode\" -- :a isn't\n/* ' :a */, T0. \"ItemCode\" FROM X"
        );
    }

    #[test]
    fn literals_do_not_grow_together_with_what_is_beside_them() {
        for (text, value, expected) in [
            ("5-:a", SqlValue::from(-5), "5- -5"),
            ("'x':a'y'", SqlValue::from("b"), "'x' 'b' 'y'"),
            ("1:a.5", SqlValue::from(2), "1 2 .5"),
            ("(:a)", SqlValue::from("b"), "('b')"),
            (":a", SqlValue::from("b"), "'b'"),
            ("x:a", SqlValue::null(), "x NULL"),
            ("\"x\":a", SqlValue::identifier("y"), "\"x\" \"y\""),
        ] {
            assert_eq!(Sql::new(text).bind("a", value).text().unwrap(), expected);
        }
    }

    #[test]
    fn parameters_and_values_have_to_meet() {
        let text = |sql: Sql| sql.text().unwrap_err();
        let name = |name: &str| name.to_owned();
        assert_eq!(text("SELECT :a".into()), SqlError::NotBound(name("a")));
        assert_eq!(text(Sql::new("SELECT ':a'").bind("a", 1)), SqlError::NotNamed(name("a")));
        let twice = Sql::new("SELECT :a").bind("a", 1).bind("a", 2);
        assert_eq!(text(twice), SqlError::BoundTwice(name("a")));
        let cased = Sql::new("SELECT :A").bind("a", 1);
        assert_eq!(text(cased), SqlError::NotBound(name("A")));
        let nul = Sql::new("SELECT :a").bind("a", "\0");
        assert!(text(nul).to_string().contains("`a` cannot be bound"));
        assert_eq!(Sql::verbatim("SELECT :a").text().unwrap(), "SELECT :a");
    }

    #[test]
    fn values_stay_out_of_debug() {
        let sql = Sql::new("SELECT :a").bind("a", "13800000000");
        assert!(!format!("{sql:?}").contains("138"), "{sql:?}");
    }
}
