//! Recursive descent over the tokens; literals are checked against the properties' types.

use super::lexer::{Token, tokens};
use super::{Expression, Operand, Operator, Place};
use crate::servicelayer::literal;
use crate::servicelayer::refusal::Refusal;
use crate::servicelayer::schema::{Kind, Property, StructType};

/// Deeper parentheses are refused instead of exhausting the stack.
const DEEPEST: usize = 64;

/// A chain of `and` and `or` is evaluated recursively too.
const LONGEST: usize = 500;

pub(super) fn parse(text: &str, structure: &StructType) -> Result<Expression, Refusal> {
    let mut parser =
        Parser { tokens: tokens(text)?.into_iter().peekable(), structure, depth: 0, terms: 0 };
    let expression = parser.disjunction()?;
    match parser.tokens.next() {
        None => Ok(expression),
        Some(token) => Err(unexpected(Some(token), "the end")),
    }
}

struct Parser<'a> {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    structure: &'a StructType,
    depth: usize,
    terms: usize,
}

impl Parser<'_> {
    fn disjunction(&mut self) -> Result<Expression, Refusal> {
        let mut left = self.conjunction()?;
        while self.take_word("or") {
            left = Expression::Or(Box::new(left), Box::new(self.conjunction()?));
        }
        Ok(left)
    }

    fn conjunction(&mut self) -> Result<Expression, Refusal> {
        let mut left = self.term()?;
        while self.take_word("and") {
            left = Expression::And(Box::new(left), Box::new(self.term()?));
        }
        Ok(left)
    }

    fn term(&mut self) -> Result<Expression, Refusal> {
        self.depth += 1;
        self.terms += 1;
        if self.depth > DEEPEST || self.terms > LONGEST {
            return Err(Refusal::bad_query("the expression is too long or nested too deeply"));
        }
        let term = match self.tokens.next() {
            Some(Token::Open) => {
                let inner = self.disjunction()?;
                self.expect(&Token::Close, "`)`")?;
                inner
            }
            Some(Token::Word(word)) if word == "not" => {
                if self.tokens.peek() != Some(&Token::Open) {
                    return Err(Refusal::bad_query("`(` should follow `not`"));
                }
                Expression::Not(Box::new(self.term()?))
            }
            Some(Token::Word(word)) if self.tokens.peek() == Some(&Token::Open) => {
                self.function(&word)?
            }
            Some(Token::Word(word)) => self.comparison(&word)?,
            other => return Err(unexpected(other, "a property")),
        };
        self.depth -= 1;
        Ok(term)
    }

    fn function(&mut self, name: &str) -> Result<Expression, Refusal> {
        let place = match name {
            "startswith" => Place::Start,
            "endswith" => Place::End,
            "contains" | "substringof" => Place::Anywhere,
            _ => return Err(Refusal::bad_query(format_args!("the function {name}"))),
        };
        self.expect(&Token::Open, "`(`")?;
        let (property, text) = if name == "substringof" {
            let text = self.text()?;
            self.expect(&Token::Comma, "`,`")?;
            (self.word()?, text)
        } else {
            let property = self.word()?;
            self.expect(&Token::Comma, "`,`")?;
            (property, self.text()?)
        };
        self.expect(&Token::Close, "`)`")?;
        if self.property(&property)?.kind != Kind::Text {
            let message = format!("{name} takes texts, and {property} is none");
            return Err(Refusal::malformed(message));
        }
        Ok(Expression::Match { property, place, text })
    }

    fn comparison(&mut self, name: &str) -> Result<Expression, Refusal> {
        let property = self.property(name)?.clone();
        let operator = match self.word()?.as_str() {
            "eq" => Operator::Eq,
            "ne" => Operator::Ne,
            "gt" => Operator::Gt,
            "ge" => Operator::Ge,
            "lt" => Operator::Lt,
            "le" => Operator::Le,
            other => return Err(Refusal::bad_query(format_args!("the operator {other}"))),
        };
        let operand = match self.tokens.next() {
            Some(Token::Word(word)) => match word.as_str() {
                "null" => Operand::Null,
                "true" | "false" => {
                    let message = format!(
                        "{name} cannot be compared with {word}: enumerations are \
                         quoted, such as 'tYES'"
                    );
                    return Err(Refusal::malformed(message));
                }
                _ => return Err(Refusal::bad_query(format_args!("comparing with {word}"))),
            },
            Some(token @ (Token::Text(_) | Token::DateTime(_) | Token::Number(_))) => {
                operand(&property, token)?
            }
            other => return Err(unexpected(other, "a literal")),
        };
        Ok(Expression::Compare { property: property.name, operator, operand })
    }

    fn property(&self, name: &str) -> Result<&Property, Refusal> {
        let property = self.structure.property(name);
        property
            .filter(|property| property.kind.is_scalar())
            .ok_or_else(|| Refusal::unknown_property(name, &self.structure.name))
    }

    fn take_word(&mut self, word: &str) -> bool {
        self.tokens.next_if(|token| matches!(token, Token::Word(found) if found == word)).is_some()
    }

    fn word(&mut self) -> Result<String, Refusal> {
        match self.tokens.next() {
            Some(Token::Word(word)) => Ok(word),
            other => Err(unexpected(other, "a word")),
        }
    }

    fn text(&mut self) -> Result<String, Refusal> {
        match self.tokens.next() {
            Some(Token::Text(text)) => Ok(text),
            other => Err(unexpected(other, "a quoted text")),
        }
    }

    fn expect(&mut self, token: &Token, described: &str) -> Result<(), Refusal> {
        match self.tokens.next() {
            Some(found) if found == *token => Ok(()),
            other => Err(unexpected(other, described)),
        }
    }
}

fn unexpected(token: Option<Token>, expected: &str) -> Refusal {
    match token {
        Some(token) => Refusal::bad_query(format_args!("found {token:?} instead of {expected}")),
        None => Refusal::bad_query(format_args!("it ends where {expected} should follow")),
    }
}

fn operand(property: &Property, literal: Token) -> Result<Operand, Refusal> {
    let wrong = |found: &dyn std::fmt::Display| {
        let name = &property.name;
        Refusal::malformed(format!("'{name}' cannot be compared with {found}"))
    };
    let text = match literal {
        Token::Number(number) => {
            return match property.kind {
                Kind::Int | Kind::Decimal => Ok(Operand::Number(number)),
                _ => Err(wrong(&number)),
            };
        }
        Token::DateTime(text) => match property.kind {
            Kind::Date | Kind::Time => text,
            _ => return Err(wrong(&format_args!("the date {text}"))),
        },
        Token::Text(text) => text,
        other => return Err(unexpected(Some(other), "a literal")),
    };
    let operand = match &property.kind {
        Kind::Text => Some(Operand::Text(text.clone())),
        Kind::Date => {
            literal::date(&text).map(|date| Operand::Date(date.format("%Y-%m-%d").to_string()))
        }
        Kind::Time => {
            literal::time(&text).map(|time| Operand::Minute(time.format("%H:%M").to_string()))
        }
        Kind::Enum(members) => {
            members.member(&text).map(|member| Operand::Member(members.clone(), member.to_owned()))
        }
        Kind::Int | Kind::Decimal | Kind::Structure | Kind::Collection(_) => None,
    };
    operand.ok_or_else(|| wrong(&format_args!("'{text}'")))
}
