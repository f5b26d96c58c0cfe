//! Whether the lines of a work order contradict each other.

use std::collections::HashMap;

use erplink_core::{Decimal, decimal};

use crate::error::{Error, Result};
use crate::fields::{Field, Fields};

/// Checks what the platform answers with a text that names no line.
pub(crate) fn check_lines(
    order: &Fields,
    code: &str,
    outputs: &str,
    inputs: &str,
    controls: &str,
    operations: &str,
) -> Result<()> {
    let problem = |text: String| Err(Error::invalid(format!("work order `{code}`: {text}")));
    if code.trim().is_empty() || code.chars().count() > 255 {
        return problem("its code is empty or longer than 255 characters".to_owned());
    }
    if order.rows(outputs).next().is_none() {
        return problem(format!("{outputs} is empty: it makes nothing"));
    }
    for (list, names) in [
        (outputs, ["lineSeq"].as_slice()),
        (inputs, ["seq"].as_slice()),
        (controls, ["seq", "lineSeq"].as_slice()),
        (operations, ["processNum"].as_slice()),
    ] {
        if let Some(key) = twice(order, list, names) {
            return problem(format!("{list}: {} {key} stands there twice", names.join(", ")));
        }
    }
    for list in [outputs, inputs, controls] {
        for row in order.rows(list) {
            if key(row, &["materialCode"]).trim().is_empty() {
                return problem(format!("{list}: a line has no materialCode"));
            }
        }
    }
    if let Some(text) = parts_differ(order, inputs, controls) {
        return problem(format!("{controls}: {text}"));
    }
    Ok(())
}

fn key(row: &Fields, names: &[&str]) -> String {
    let values = names.iter().map(|name| match row.get(name) {
        Some(Field::Text(text)) => text.clone(),
        Some(Field::Int(number)) => number.to_string(),
        _ => String::new(),
    });
    values.collect::<Vec<_>>().join("/")
}

fn twice(order: &Fields, list: &str, names: &[&str]) -> Option<String> {
    let mut seen = std::collections::HashSet::new();
    order.rows(list).map(|row| key(row, names)).find(|key| !seen.insert(key.clone()))
}

/// The parts of a component have its material and denominator, and add up to its numerator.
fn parts_differ(order: &Fields, inputs: &str, controls: &str) -> Option<String> {
    let mut sums: HashMap<String, Decimal> = HashMap::new();
    for part in order.rows(controls) {
        let seq = key(part, &["seq"]);
        let Some(parent) = order.rows(inputs).find(|row| key(row, &["seq"]) == seq) else {
            return Some(format!("seq {seq}: no component has this line"));
        };
        for name in ["materialCode", "materialName"] {
            let differs =
                part.get(name).is_some_and(|own| parent.get(name).is_some_and(|of| of != own));
            if differs {
                return Some(format!("seq {seq}: {name} differs from the component's"));
            }
        }
        let (own, of) =
            (amount(part, "inputAmountDenominator"), amount(parent, "subInputAmountDenominator"));
        if own.is_some() && of.is_some() && own != of {
            return Some(format!("seq {seq}: the denominator differs from the component's"));
        }
        let Some(numerator) = amount(part, "inputAmountNumerator") else { continue };
        let sum = sums.entry(seq).or_default();
        *sum = sum.checked_add(numerator)?;
    }
    for (seq, sum) in sums {
        let parent = order.rows(inputs).find(|row| key(row, &["seq"]) == seq)?;
        let whole = amount(parent, "subInputAmountNumerator");
        if let Some(whole) = whole.filter(|whole| *whole != sum) {
            return Some(format!("seq {seq}: the parts add up to {sum}, the component to {whole}"));
        }
    }
    None
}

fn amount(row: &Fields, name: &str) -> Option<Decimal> {
    row.text(name).and_then(|text| decimal::from_json_text(text).ok())
}
