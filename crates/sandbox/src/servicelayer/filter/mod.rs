//! `$filter`: the grammar the server documents, with the null semantics of SQL.

mod eval;
mod lexer;
mod parser;

use std::sync::Arc;

use rust_decimal::Decimal;

use super::json::Object;
use super::refusal::Refusal;
use super::schema::{Enumeration, StructType};

/// A parsed `$filter` whose literals fit the types of the properties.
#[derive(Debug)]
pub(crate) struct Filter {
    expression: Expression,
    ignore_case: bool,
}

impl Filter {
    /// `ignore_case`: texts compare without regard to case (`B1S-CaseInsensitive`).
    pub(crate) fn parse(
        text: &str,
        structure: &StructType,
        ignore_case: bool,
    ) -> Result<Self, Refusal> {
        Ok(Self { expression: parser::parse(text, structure)?, ignore_case })
    }

    pub(crate) fn matches(&self, entity: &Object) -> bool {
        eval::evaluate(&self.expression, entity, self.ignore_case) == Some(true)
    }
}

#[derive(Debug)]
enum Expression {
    And(Box<Expression>, Box<Expression>),
    Or(Box<Expression>, Box<Expression>),
    Not(Box<Expression>),
    Compare { property: String, operator: Operator, operand: Operand },
    Match { property: String, place: Place, text: String },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Eq,
    Ne,
    Gt,
    Ge,
    Lt,
    Le,
}

/// Where in a property a text is looked for.
#[derive(Clone, Copy, Debug)]
enum Place {
    Start,
    End,
    Anywhere,
}

/// A literal in the form that its property is stored in.
#[derive(Debug)]
enum Operand {
    Null,
    Text(String),
    Number(Decimal),
    /// `YYYY-MM-DD`.
    Date(String),
    /// `HH:MM`: seconds do not take part.
    Minute(String),
    Member(Arc<Enumeration>, String),
}

#[cfg(test)]
mod tests {
    use super::super::schema::Schema;
    use super::*;

    fn matches(filter: &str, entity: &str) -> bool {
        let schema = Schema::standard().unwrap();
        let structure = schema.structure("Document").unwrap();
        let entity = Object::parse(entity).unwrap();
        Filter::parse(filter, structure, false).unwrap().matches(&entity)
    }

    fn refused(filter: &str) -> Refusal {
        let schema = Schema::standard().unwrap();
        Filter::parse(filter, schema.structure("Document").unwrap(), false).unwrap_err()
    }

    const DRAFT: &str = r#"{"DocEntry":16,"DocTotal":0.30,"CardCode":"C'1","Comments":null,
        "DocDate":"2014-04-23","DocTime":"18:38:42","DocObjectCode":"oPurchaseRequest",
        "Cancelled":"tNO"}"#;

    #[test]
    fn literals_of_every_type() {
        for filter in [
            "DocEntry eq 16",
            "DocTotal eq 0.3",
            "DocTotal lt 0.31",
            "CardCode eq 'C''1'",
            "DocDate eq '2014-04-23'",
            "DocDate eq '20140423'",
            "DocDate le datetime'2014-04-23'",
            "DocDate eq datetime'20140423'",
            "DocDate ge '2014-04-23T12:21:21'",
            "DocTime eq '18:38'",
            "DocTime eq '183859'",
            "DocObjectCode eq '1470000113'",
            "DocObjectCode eq 'oPurchaseRequest'",
            "Cancelled ne 'Y'",
            "Comments eq null",
            "CardCode ne null",
            "startswith(CardCode,'C''') and endswith(CardCode, '1')",
            "contains(CardCode,'''') and substringof('''',CardCode)",
        ] {
            assert!(matches(filter, DRAFT), "{filter}");
        }
        for filter in ["DocEntry gt 16", "DocDate gt '2014-04-23'", "Cancelled eq 'tYES'"] {
            assert!(!matches(filter, DRAFT), "{filter}");
        }
    }

    #[test]
    fn null_is_neither_equal_nor_unequal() {
        for filter in [
            "Comments eq 'x'",
            "Comments ne 'x'",
            "not (Comments eq 'x')",
            "contains(Comments,'x')",
            "not (contains(Comments,'x'))",
            "Comments eq 'x' and DocEntry eq 16",
            "DocEntry gt null",
        ] {
            assert!(!matches(filter, DRAFT), "{filter}");
        }
        assert!(matches("Comments ne 'x' or DocEntry eq 16", DRAFT));
        assert!(matches("Comments ne 'x' or Comments eq null", DRAFT));
        assert!(matches("not (Comments eq 'x' and DocEntry eq 17)", DRAFT), "unknown and false");
    }

    #[test]
    fn and_binds_tighter_than_or_and_not_tighter_than_and() {
        assert!(matches("DocEntry eq 16 or DocEntry eq 1 and DocEntry eq 2", DRAFT));
        assert!(!matches("(DocEntry eq 16 or DocEntry eq 1) and DocEntry eq 2", DRAFT));
        assert!(!matches("not (DocEntry eq 16) and DocEntry eq 16", DRAFT));
        assert!(matches("not(DocEntry eq 1) and ((DocEntry eq 16))", DRAFT));
    }

    #[test]
    fn what_the_server_does_not_do_is_refused() {
        for filter in [
            "tolower(CardCode) eq 'c'",
            "length(CardCode) eq 3",
            "year(DocDate) eq 2014",
            "DocEntry add 1 eq 17",
            "DocEntry eq DocNum",
            "DocEntry eq",
            "DocEntry",
            "(DocEntry eq 16",
            "DocEntry eq 16)",
            "CardCode eq 'open",
            "CardCode eq \"C\"",
            "DocEntry is 16",
            "not DocEntry eq 16",
            "not contains(CardCode,'C')",
            "",
        ] {
            assert_eq!(refused(filter).code, 201, "{filter}");
        }
        for filter in [
            "Nonsense eq 1",
            "DocumentLines/ItemCode eq 'x'",
            "DocumentLines eq 'x'",
            "DocEntry eq 'x'",
            "CardCode eq 1",
            "DocDate eq 'soon'",
            "Cancelled eq 'maybe'",
            "Cancelled eq true",
            "contains(DocEntry,'1')",
        ] {
            assert_eq!(refused(filter).code, -1000, "{filter}");
        }
    }

    #[test]
    fn absurd_nesting_is_refused() {
        let filter = "(".repeat(10_000) + "DocEntry eq 16" + &")".repeat(10_000);
        assert_eq!(refused(&filter).code, 201);
        let filter = "DocEntry eq 16 or ".repeat(50_000) + "DocEntry eq 16";
        assert_eq!(refused(&filter).code, 201);
    }
}
