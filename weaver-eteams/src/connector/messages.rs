use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;

/// What to tell the user, for each way of failing.
///
/// In a text `{/errmsg}` stands for a value of the answer, `{request:/body/no}` for one of the
/// request, `{status}` for the HTTP status. A value that is not there is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Messages {
    /// When the success condition is not met (不满足条件提示).
    pub condition_not_met: Option<String>,
    /// When there is no answer in time (请求超时提示).
    pub timeout: Option<String>,
    /// When anything else goes wrong (请求异常提示).
    pub exception: Option<String>,
}

/// The values that a text can show.
pub(super) struct Values<'a> {
    pub(super) request: &'a Value,
    pub(super) response: &'a Value,
    pub(super) status: Option<StatusCode>,
}

/// Fills the values into a text. Braces that stand for no value stay.
pub(super) fn fill(template: &str, values: &Values<'_>) -> String {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        match after.split_once('}').and_then(|(name, end)| Some((values.of(name)?, end))) {
            Some((value, end)) => {
                filled.push_str(&value);
                rest = end;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled + rest
}

impl Values<'_> {
    /// `None` where the name stands for no value at all.
    fn of(&self, name: &str) -> Option<String> {
        if name == "status" {
            return Some(self.status.map(|status| status.as_u16().to_string()).unwrap_or_default());
        }
        let (tree, pointer) = match name.strip_prefix("request:") {
            Some(pointer) => (self.request, pointer),
            None => (self.response, name),
        };
        if !pointer.starts_with('/') {
            return None;
        }
        Some(match tree.pointer(pointer) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_filled_in_and_other_braces_stay() {
        let (request, response) =
            (json!({"body": {"no": 7}}), json!({"errmsg": "余额不足", "a": {"b": null}}));
        let values =
            Values { request: &request, response: &response, status: Some(StatusCode::OK) };
        let text = "单据{request:/body/no}识别失败({status}): {/errmsg}{/a/b}{/none} {x} {";
        assert_eq!(fill(text, &values), "单据7识别失败(200): 余额不足 {x} {");
    }
}
