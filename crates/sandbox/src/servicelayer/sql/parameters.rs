//! The parameters of a stored query: `docTotal=10.1&code='A001'`.

use rusqlite::Statement;
use rusqlite::types::Value;

use crate::servicelayer::refusal::Refusal;

/// A name and its value.
#[derive(Clone, Debug, PartialEq)]
struct Parameter {
    name: String,
    value: Value,
}

/// The values for the `:name`s of a statement.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Parameters(Vec<Parameter>);

impl Parameters {
    /// Reads the text of `ParamList`.
    pub(crate) fn parse(text: &str) -> Result<Self, Refusal> {
        let mut parameters = Self::default();
        for part in split(text).into_iter().filter(|part| !part.trim().is_empty()) {
            let (name, value) = part.split_once('=').ok_or_else(Refusal::parameter_error)?;
            parameters.add(name.trim(), value)?;
        }
        Ok(parameters)
    }

    /// `value` is a number, or a text in quotes.
    pub(crate) fn add(&mut self, name: &str, value: &str) -> Result<(), Refusal> {
        let value = literal(value.trim()).ok_or_else(Refusal::parameter_error)?;
        self.0.push(Parameter { name: name.to_owned(), value });
        Ok(())
    }

    /// Every parameter must have one value, and every value a parameter.
    pub(super) fn bind(&self, statement: &mut Statement<'_>) -> Result<(), Refusal> {
        let mut bound = 0_usize;
        for index in 1..=statement.parameter_count() {
            let name = statement.parameter_name(index).map(|name| name[1..].to_owned());
            let found = self.0.iter().find(|known| Some(&known.name) == name.as_ref());
            let value = &found.ok_or_else(Refusal::parameter_error)?.value;
            statement.raw_bind_parameter(index, value)?;
            bound = bound.saturating_add(1);
        }
        if bound == self.0.len() { Ok(()) } else { Err(Refusal::parameter_error()) }
    }
}

/// At `&` outside quotes.
fn split(text: &str) -> Vec<&str> {
    let mut quoted = false;
    text.split(|c| {
        quoted ^= c == '\'';
        c == '&' && !quoted
    })
    .collect()
}

/// Anything else than one literal is an injection.
fn literal(text: &str) -> Option<Value> {
    if let Some(inner) = text.strip_prefix('\'') {
        let inner = inner.strip_suffix('\'')?;
        let plain = inner.replace("''", "");
        return (!plain.contains('\'')).then(|| Value::Text(inner.replace("''", "'")));
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    match text.parse() {
        Ok(number) => Some(Value::Integer(number)),
        Err(_) => text.parse().ok().map(Value::Real),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_and_injections_refused() {
        let read = |text: &str| Parameters::parse(text).unwrap().0;
        let parameter = |name: &str, value| Parameter { name: name.to_owned(), value };
        let text = |text: &str| Value::Text(text.to_owned());
        assert_eq!(read(""), []);
        assert_eq!(
            read("code='A&B''C'&qty=-5&total=10.1"),
            [
                parameter("code", text("A&B'C")),
                parameter("qty", Value::Integer(-5)),
                parameter("total", Value::Real(10.1)),
            ]
        );
        for wrong in
            ["a", "a=", "a=x", "a='x", "a='x'y'", "a=1;", "a=1 or 1", "a='x';drop", "a=1.", "a=-"]
        {
            let refusal = Parameters::parse(wrong).unwrap_err();
            assert_eq!(refusal.code, 704, "{wrong}");
        }
    }
}
