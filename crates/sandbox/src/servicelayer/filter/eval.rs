//! Three-valued logic: true, false, unknown.

use std::cmp::Ordering;

use super::{Expression, Operand, Operator, Place};
use crate::servicelayer::json::{Json, Object};

/// `None`: unknown, because a null took part.
pub(super) fn evaluate(
    expression: &Expression,
    entity: &Object,
    ignore_case: bool,
) -> Option<bool> {
    match expression {
        Expression::And(left, right) => {
            let left = evaluate(left, entity, ignore_case);
            let right = evaluate(right, entity, ignore_case);
            match (left, right) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            }
        }
        Expression::Or(left, right) => {
            let left = evaluate(left, entity, ignore_case);
            let right = evaluate(right, entity, ignore_case);
            match (left, right) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            }
        }
        Expression::Not(inner) => evaluate(inner, entity, ignore_case).map(|value| !value),
        Expression::Match { property, place, text } => {
            let found = folded(entity.text(property)?, ignore_case);
            let text = folded(text, ignore_case);
            Some(match place {
                Place::Start => found.starts_with(&text),
                Place::End => found.ends_with(&text),
                Place::Anywhere => found.contains(&text),
            })
        }
        Expression::Compare { property, operator, operand } => {
            let value = entity.get(property).filter(|value| !value.is_null());
            compare(value, *operator, operand, ignore_case)
        }
    }
}

fn compare(
    value: Option<&Json>,
    operator: Operator,
    operand: &Operand,
    ignore_case: bool,
) -> Option<bool> {
    if let Operand::Null = operand {
        return match operator {
            Operator::Eq => Some(value.is_none()),
            Operator::Ne => Some(value.is_some()),
            _ => None,
        };
    }
    let ordering = ordering(value?, operand, ignore_case)?;
    Some(match operator {
        Operator::Eq => ordering == Ordering::Equal,
        Operator::Ne => ordering != Ordering::Equal,
        Operator::Gt => ordering == Ordering::Greater,
        Operator::Ge => ordering != Ordering::Less,
        Operator::Lt => ordering == Ordering::Less,
        Operator::Le => ordering != Ordering::Greater,
    })
}

fn ordering(value: &Json, operand: &Operand, ignore_case: bool) -> Option<Ordering> {
    Some(match operand {
        Operand::Null => return None,
        Operand::Number(number) => value.as_decimal()?.cmp(number),
        Operand::Text(text) => {
            folded(value.as_text()?, ignore_case).cmp(&folded(text, ignore_case))
        }
        Operand::Date(date) => value.as_text()?.cmp(date.as_str()),
        // Stored as `HH:MM:SS`; only hour and minute take part.
        Operand::Minute(minute) => value.as_text()?.get(..5)?.cmp(minute.as_str()),
        Operand::Member(members, member) => {
            members.value(value.as_text()?).cmp(members.value(member))
        }
    })
}

fn folded(text: &str, ignore_case: bool) -> String {
    if ignore_case { text.to_lowercase() } else { text.to_owned() }
}
