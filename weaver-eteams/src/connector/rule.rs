//! The success condition (成功条件) of an interface.

use std::fmt;

use erplink_core::Decimal;
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;

/// A comparison that decides whether a call succeeded, whatever its HTTP status.
///
/// Scalars compare loosely, because platforms write the same value as text and as number:
/// `"0"` is `0`, `"true"` is `true`. A value that is not there meets no comparison.
///
/// ```
/// use weaver_eteams::connector::SuccessRule;
///
/// let recognised = SuccessRule::response("/isSuccess").equals(true);
/// assert_eq!(recognised.to_string(), "response /isSuccess = true");
/// let same: SuccessRule = serde_json::from_str(
///     r#"{"source": "response", "pointer": "/isSuccess", "op": "eq", "value": true}"#,
/// )?;
/// assert_eq!(recognised, same);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuccessRule {
    source: Source,
    /// Where the value is (JSON Pointer).
    #[serde(default)]
    pointer: String,
    #[serde(default)]
    op: Op,
    #[serde(default)]
    value: Value,
}

/// Where the value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Source {
    Response,
    Request,
    /// `errcode` of eteams, in `message` or at the top.
    Errcode,
    HttpStatus,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Op {
    #[default]
    Eq,
    Ne,
    In,
    Exists,
}

/// A value to compare. Say next with what.
#[derive(Clone, Debug)]
#[must_use = "a condition needs a comparison"]
pub struct Compared {
    source: Source,
    pointer: String,
}

impl Compared {
    /// It is this value.
    pub fn equals(self, value: impl Into<Value>) -> SuccessRule {
        self.rule(Op::Eq, value.into())
    }

    /// It is there and is not this value.
    pub fn differs_from(self, value: impl Into<Value>) -> SuccessRule {
        self.rule(Op::Ne, value.into())
    }

    /// It is one of these values.
    pub fn is_one_of<V: Into<Value>>(self, values: impl IntoIterator<Item = V>) -> SuccessRule {
        let values = values.into_iter().map(Into::into).collect();
        self.rule(Op::In, Value::Array(values))
    }

    /// It is there and is not `null`.
    pub fn exists(self) -> SuccessRule {
        self.rule(Op::Exists, Value::Null)
    }

    fn rule(self, op: Op, value: Value) -> SuccessRule {
        SuccessRule { source: self.source, pointer: self.pointer, op, value }
    }
}

impl SuccessRule {
    /// A value of the answer, by JSON Pointer such as `/isSuccess`.
    pub fn response(pointer: impl Into<String>) -> Compared {
        Compared { source: Source::Response, pointer: pointer.into() }
    }

    /// A value of the request, by JSON Pointer below `/query` or `/body`.
    pub fn request(pointer: impl Into<String>) -> Compared {
        Compared { source: Source::Request, pointer: pointer.into() }
    }

    /// The HTTP status.
    pub fn http_status() -> Compared {
        Compared { source: Source::HttpStatus, pointer: String::new() }
    }

    /// `errcode` is 0, in either envelope of eteams.
    #[must_use]
    pub fn errcode() -> Self {
        Compared { source: Source::Errcode, pointer: String::new() }.equals("0")
    }

    /// Whether the answer has to be JSON.
    pub(super) fn reads_response(&self) -> bool {
        matches!(self.source, Source::Response | Source::Errcode)
    }

    /// What is there instead, if the condition is not met.
    pub(super) fn unmet(
        &self,
        request: &Value,
        response: &Value,
        status: StatusCode,
    ) -> Option<String> {
        let found = match self.source {
            Source::Response => response.pointer(&self.pointer).cloned(),
            Source::Request => request.pointer(&self.pointer).cloned(),
            Source::Errcode => {
                let nested = response.pointer("/message/errcode");
                nested.or_else(|| response.get("errcode")).cloned()
            }
            Source::HttpStatus => Some(status.as_u16().into()),
        };
        let found = found.filter(|value| !value.is_null());
        let is_met = found.as_ref().is_some_and(|found| match self.op {
            Op::Eq => is_same(found, &self.value),
            Op::Ne => !is_same(found, &self.value),
            Op::In => {
                self.value.as_array().is_some_and(|all| all.iter().any(|one| is_same(found, one)))
            }
            Op::Exists => true,
        });
        (!is_met).then(|| found.as_ref().map_or_else(|| "nothing".to_owned(), shown))
    }

    /// A rule that no answer can meet is a mistake of the configuration.
    pub(super) fn check(&self) -> Result<(), String> {
        let needs_pointer = matches!(self.source, Source::Response | Source::Request);
        if needs_pointer && !self.pointer.is_empty() && !self.pointer.starts_with('/') {
            let pointer = &self.pointer;
            return Err(format!("`{pointer}` is no JSON pointer: it has to begin with /"));
        }
        if self.op == Op::In && !self.value.is_array() {
            return Err("`in` needs a list of values".to_owned());
        }
        Ok(())
    }
}

/// Whether two values are the same, text or not.
fn is_same(one: &Value, other: &Value) -> bool {
    let as_number = |value: &Value| -> Option<Decimal> {
        match value {
            Value::Number(number) => number.to_string().parse().ok(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    };
    match (one, other) {
        (Value::Number(_), Value::Number(_) | Value::String(_))
        | (Value::String(_), Value::Number(_)) => {
            as_number(one).is_some_and(|number| as_number(other) == Some(number))
        }
        (Value::Bool(flag), Value::String(text)) | (Value::String(text), Value::Bool(flag)) => {
            text.trim().eq_ignore_ascii_case(if *flag { "true" } else { "false" })
        }
        _ => one == other,
    }
}

/// A value in an error: short, and on one line.
fn shown(value: &Value) -> String {
    match value {
        Value::Array(_) => "an array".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        Value::String(text) if text.chars().count() > 60 => {
            format!("a text of {} characters", text.chars().count())
        }
        other => other.to_string(),
    }
}

impl fmt::Display for SuccessRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.source {
            Source::Response => write!(f, "response {}", self.pointer)?,
            Source::Request => write!(f, "request {}", self.pointer)?,
            Source::Errcode => f.write_str("errcode")?,
            Source::HttpStatus => f.write_str("HTTP status")?,
        }
        let value = match &self.value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        match self.op {
            Op::Eq => write!(f, " = {value}"),
            Op::Ne => write!(f, " ≠ {value}"),
            Op::In => write!(f, " in {value}"),
            Op::Exists => f.write_str(" exists"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn is_met(rule: &SuccessRule, response: &Value) -> bool {
        rule.unmet(&json!({"body": {"kind": "x"}}), response, StatusCode::OK).is_none()
    }

    #[test]
    fn scalars_compare_loosely() {
        let zero = SuccessRule::response("/code").equals("0");
        for met in [json!({"code": 0}), json!({"code": "0"})] {
            assert!(is_met(&zero, &met), "{met}");
        }
        for unmet in [json!({"code": "00"}), json!({"code": null}), json!({}), json!({"code": []})]
        {
            assert!(!is_met(&zero, &unmet), "{unmet}");
        }
        let yes = SuccessRule::response("/isSuccess").equals(true);
        assert!(is_met(&yes, &json!({"isSuccess": "True"})));
        assert!(!is_met(&yes, &json!({"isSuccess": 1})));
    }

    #[test]
    fn every_comparison_and_source() {
        let response = json!({"message": {"errcode": 0}, "a": {"b": 3}});
        assert!(is_met(&SuccessRule::errcode(), &response));
        assert!(is_met(&SuccessRule::errcode(), &json!({"errcode": "0"})));
        assert!(!is_met(&SuccessRule::errcode(), &json!({"data": []})));
        assert!(is_met(&SuccessRule::response("/a/b").is_one_of([1, 3]), &response));
        assert!(!is_met(&SuccessRule::response("/a/b").is_one_of(["1"]), &response));
        assert!(is_met(&SuccessRule::response("/a").exists(), &response));
        assert!(!is_met(&SuccessRule::response("/z").exists(), &response));
        assert!(is_met(&SuccessRule::response("/a/b").differs_from("4"), &response));
        let missing = SuccessRule::response("/z").differs_from("4");
        assert!(!is_met(&missing, &response), "what is not there meets nothing");
        assert!(is_met(&SuccessRule::request("/body/kind").equals("x"), &response));
        assert!(is_met(&SuccessRule::http_status().is_one_of([200, 201]), &Value::Null));
        assert!(!is_met(&SuccessRule::http_status().equals(204), &Value::Null));
    }

    #[test]
    fn mistakes_are_named() {
        let rule = SuccessRule::response("isSuccess").equals(true);
        assert!(rule.check().unwrap_err().contains("`isSuccess`"));
        let rule: SuccessRule =
            serde_json::from_str(r#"{"source":"http_status","op":"in","value":200}"#).unwrap();
        assert!(rule.check().unwrap_err().contains("list"));
    }
}
