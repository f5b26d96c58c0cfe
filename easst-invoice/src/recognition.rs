use std::fmt;

use erplink_core::{Decimal, ErrorKind, RawJson};

use crate::error::{Error, Result};
use crate::pointer;

/// Where the documented arrays may stand in an answer, the likeliest place first.
const RESULT: [&str; 2] = ["/result", "/data/result"];
const COMMODITY_INFO: [&str; 5] = [
    "/commodity_info",
    "/result/0/commodity_info",
    "/data/commodity_info",
    "/data/result/0/commodity_info",
    "/data/0/commodity_info",
];

/// What the service read off a picture.
///
/// The guide names two arrays, `result` and `commodity_info`; what stands in them is known from
/// screenshots only. So the answer is kept as it came, digit for digit, and read by JSON Pointer.
/// `Debug` shows sizes only: an answer holds what stands on the invoice.
#[derive(Clone, PartialEq, Eq)]
pub struct Recognition {
    raw: RawJson,
    result: Vec<RawJson>,
    commodity_info: Vec<RawJson>,
}

impl Recognition {
    /// Reads an answer that was kept, such as one that stands in a file of yours.
    ///
    /// # Errors
    /// When it is no JSON object.
    pub fn from_answer(raw: RawJson) -> Result<Self> {
        if !raw.as_str().trim_start().starts_with('{') {
            return Err(Error::new(ErrorKind::Decode, "the answer is no JSON object"));
        }
        let array = |places: &[&str]| {
            let found = places.iter().find_map(|place| pointer::at(&raw, place)?.get().ok());
            found.unwrap_or_default()
        };
        let (result, commodity_info) = (array(&RESULT), array(&COMMODITY_INFO));
        Ok(Self { raw, result, commodity_info })
    }

    /// `result`: the invoices on the picture. Looked for at `/result` and `/data/result`.
    #[must_use]
    pub fn result(&self) -> &[RawJson] {
        &self.result
    }

    /// `commodity_info`: the commodity lines (商品明细). Looked for at the top, in the first
    /// `result`, and in `data`.
    #[must_use]
    pub fn commodity_info(&self) -> &[RawJson] {
        &self.commodity_info
    }

    /// The value at a JSON Pointer such as `/result/0/amount`; `None` if missing or `null`.
    #[must_use]
    pub fn at(&self, pointer: &str) -> Option<RawJson> {
        pointer::at(&self.raw, pointer)
    }

    /// The text or number at a JSON Pointer, with every digit.
    #[must_use]
    pub fn text(&self, pointer: &str) -> Option<String> {
        pointer::text(&self.at(pointer)?)
    }

    /// The amount at a JSON Pointer, exact, whether it came as a number or as text. `None` if
    /// there is none.
    ///
    /// # Errors
    /// When something else stands there.
    pub fn decimal(&self, pointer: &str) -> Result<Option<Decimal>> {
        let Some(text) = self.text(pointer) else { return Ok(None) };
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let decimal = erplink_core::decimal::from_json_text(text);
        decimal.map(Some).map_err(|_| {
            let message = format!(
                "`{pointer}`: expected a number, found {} characters",
                text.chars().count()
            );
            Error::new(ErrorKind::Decode, message)
        })
    }

    /// The whole answer as it came.
    #[must_use]
    pub fn raw(&self) -> &RawJson {
        &self.raw
    }
}

impl fmt::Debug for Recognition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recognition")
            .field("result", &self.result.len())
            .field("commodity_info", &self.commodity_info.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Recognition {
        Recognition::from_answer(RawJson::parse(json).unwrap()).unwrap()
    }

    #[test]
    fn the_arrays_are_found_wherever_they_stand() {
        for json in [
            r#"{"result":[{"a":1}],"commodity_info":[{"b":2}]}"#,
            r#"{"result":[{"a":1,"commodity_info":[{"b":2}]}]}"#,
            r#"{"data":{"result":[{"a":1}],"commodity_info":[{"b":2}]}}"#,
            r#"{"data":{"result":[{"a":1,"commodity_info":[{"b":2}]}]}}"#,
            r#"{"result":null,"data":{"result":[{"a":1}]},"commodity_info":[{"b":2}]}"#,
        ] {
            let found = read(json);
            assert_eq!(found.result().len(), 1, "{json}");
            assert_eq!(found.commodity_info()[0].as_str(), r#"{"b":2}"#, "{json}");
        }
        let none = read(r#"{"isSuccess":true,"result":"text"}"#);
        assert!(none.result().is_empty() && none.commodity_info().is_empty());
    }

    #[test]
    fn amounts_keep_their_digits() {
        let found = read(r#"{"result":[{"a":12345678901234.10,"b":"0.30","c":"many","d":""}]}"#);
        let amount = |name: &str| found.decimal(&format!("/result/0/{name}"));
        assert_eq!(amount("a").unwrap().unwrap().to_string(), "12345678901234.10");
        assert_eq!(amount("b").unwrap().unwrap().to_string(), "0.30");
        assert_eq!((amount("d").unwrap(), amount("e").unwrap()), (None, None));
        let error = amount("c").unwrap_err().to_string();
        assert!(error.contains("/result/0/c") && !error.contains("many"), "{error}");
    }

    #[test]
    fn only_an_object_is_an_answer() {
        assert!(Recognition::from_answer(RawJson::parse("[]").unwrap()).is_err());
    }
}
