//! What the modelling engine answers: rows as an array here, as JSON text there, and on some
//! servers the whole answer as JSON text inside JSON text.

use serde_json::{Map, Value};

use crate::lenient::{into_flag, into_int, into_text};

/// How often JSON text is looked for inside JSON text.
const LEVELS: usize = 2;

/// Where rows are found, first come first served.
const ROWS: [&str; 3] = ["result", "datajson", "data"];
/// Where a text for people is found.
const MESSAGES: [&str; 4] = ["info", "msg", "message", "result"];

/// An answer with everything unwrapped.
#[derive(Debug)]
pub(crate) struct Decoded {
    /// Whether it worked, if it says so.
    pub(crate) status: Option<bool>,
    /// The objects in it.
    pub(crate) rows: Vec<Map<String, Value>>,
    /// `pageCount`, which is the number of rows.
    pub(crate) count: Option<i64>,
    pub(crate) message: Option<String>,
}

impl Decoded {
    /// Unwraps an answer; `None` when it is neither an object nor an array.
    pub(crate) fn of(value: &Value) -> Option<Self> {
        let value = unwrap(value.clone());
        let object = match value {
            Value::Object(object) => object,
            Value::Array(_) => {
                return Some(Self {
                    status: None,
                    rows: objects(value),
                    count: None,
                    message: None,
                });
            }
            _ => return None,
        };
        let mut decoded = Self {
            status: object.get("status").and_then(status),
            rows: Vec::new(),
            count: None,
            message: MESSAGES
                .iter()
                .filter_map(|name| object.get(*name).and_then(Value::as_str))
                .find(|text| !text.is_empty() && serde_json::from_str::<Value>(text).is_err())
                .map(ToOwned::to_owned),
        };
        for name in ROWS {
            let Some(found) = object.get(name).cloned().map(unwrap) else { continue };
            decoded.count = decoded.count.or_else(|| found.get("pageCount").and_then(into_int));
            let rows = match found {
                Value::Array(_) => objects(found),
                Value::Object(mut inner) => match inner.remove("data") {
                    Some(rows) => objects(rows),
                    // Reading one row answers it alone.
                    None if inner.contains_key("mainTable") => vec![inner],
                    None => Vec::new(),
                },
                _ => Vec::new(),
            };
            if !rows.is_empty() {
                decoded.rows = rows;
                break;
            }
        }
        Some(decoded)
    }
}

/// 1 and `success` are a success; whatever else a status says is none.
fn status(value: &Value) -> Option<bool> {
    let text = into_text(value)?;
    Some(matches!(text.trim().to_ascii_lowercase().as_str(), "1" | "true" | "success"))
}

fn unwrap(mut value: Value) -> Value {
    for _ in 0..LEVELS {
        match &value {
            Value::String(text) => match serde_json::from_str(text) {
                Ok(inner) => value = inner,
                Err(_) => break,
            },
            _ => break,
        }
    }
    value
}

fn objects(value: Value) -> Vec<Map<String, Value>> {
    let Value::Array(elements) = unwrap(value) else { return Vec::new() };
    elements
        .into_iter()
        .filter_map(|element| match unwrap(element) {
            Value::Object(object) => Some(object),
            _ => None,
        })
        .collect()
}

/// What became of one record of a save.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordOutcome {
    /// Written.
    Saved {
        /// Id of the row in OA (`billid`), if the server says.
        id: Option<i64>,
    },
    /// Refused.
    Failed {
        /// Why, in the platform's words.
        message: String,
    },
    /// The answer does not say. Take it as not written: a save with a match key can be repeated.
    Unknown,
}

impl RecordOutcome {
    /// Whether the record is certainly written.
    #[must_use]
    pub fn is_saved(&self) -> bool {
        matches!(self, Self::Saved { .. })
    }
}

/// What one row of the answer says about its record.
pub(super) fn outcome(row: &Map<String, Value>, whole: Option<bool>) -> RecordOutcome {
    let id = ["billid", "billId", "id", "dataid"]
        .iter()
        .find_map(|name| row.get(*name).and_then(into_int))
        .or_else(|| row.get("mainTable")?.get("id").and_then(into_int));
    let verdict = ["status", "success"]
        .iter()
        .find_map(|name| row.get(*name).and_then(into_flag))
        .or_else(|| id.map(|id| id > 0));
    if verdict.or(whole) == Some(false) {
        let message = ["info", "msg", "message", "errmsg"]
            .iter()
            .find_map(|name| row.get(*name).and_then(into_text));
        let message = message.unwrap_or_else(|| "the platform does not say why".to_owned());
        return RecordOutcome::Failed { message };
    }
    RecordOutcome::Saved { id }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_the_same_rows_from_every_shape() {
        let rows = json!([{ "billid": 12 }, { "billid": "13" }]);
        let in_datajson = json!({ "status": "1", "datajson": json!({ "data": rows }).to_string() });
        for answer in [
            in_datajson.clone(),
            json!({ "status": 1, "result": rows }),
            json!({ "result": rows.to_string() }),
            json!({ "status": "1", "data": rows }),
            rows.clone(),
            json!(in_datajson.to_string()),
            json!(json!(in_datajson.to_string()).to_string()),
        ] {
            let decoded = Decoded::of(&answer).unwrap();
            assert_eq!(json!(decoded.rows), rows, "{answer}");
            assert_ne!(decoded.status, Some(false));
        }
        assert!(Decoded::of(&json!("no json")).is_none());
        assert!(Decoded::of(&json!(5)).is_none());
    }

    #[test]
    fn finds_the_text_wherever_it_is() {
        for answer in [
            json!({ "status": "0", "info": "HeaderError:x" }),
            json!({ "status": 0, "result": "HeaderError:x" }),
            json!({ "status": "0", "msg": "HeaderError:x", "result": "" }),
            json!({ "status": "fail", "msg": "HeaderError:x" }),
        ] {
            let decoded = Decoded::of(&answer).unwrap();
            assert_eq!(decoded.message.as_deref(), Some("HeaderError:x"));
            assert_eq!(decoded.status, Some(false));
            assert!(decoded.rows.is_empty());
        }
    }

    #[test]
    fn counts_rows_under_the_name_of_pages() {
        let decoded = Decoded::of(&json!({ "status": "1", "result": "{\"pageCount\": 41}" }));
        assert_eq!(decoded.unwrap().count, Some(41));
    }

    #[test]
    fn a_row_tells_its_own_outcome() {
        let of = |row: Value| outcome(row.as_object().unwrap(), Some(true));
        assert_eq!(of(json!({ "billid": "12" })), RecordOutcome::Saved { id: Some(12) });
        assert_eq!(of(json!({})), RecordOutcome::Saved { id: None });
        assert_eq!(
            of(json!({ "status": "0", "msg": "重复" })),
            RecordOutcome::Failed { message: "重复".into() }
        );
        assert!(!of(json!({ "billid": -1 })).is_saved());
        assert!(!outcome(&Map::new(), Some(false)).is_saved());
    }
}
