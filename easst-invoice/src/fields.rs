use std::collections::BTreeMap;

use erplink_core::RawJson;
use serde::Deserialize;

use crate::recognition::Recognition;

/// Which value of an answer is which field of yours, by JSON Pointer.
///
/// The names inside an answer are not documented and may differ from account to account, so a
/// project names them itself, in code or in a file.
///
/// ```
/// use easst_invoice::FieldPointers;
///
/// let fields: FieldPointers = serde_json::from_str(r#"{
///     "number": "/result/0/invoiceNumber",
///     "amount": "/result/0/amount",
///     "credibility": "/result/0/credibility"
/// }"#)?;
/// # let in_code =
/// FieldPointers::new([("number", "/result/0/invoiceNumber"), ("amount", "/result/0/amount")]);
/// # assert_ne!(in_code, fields);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct FieldPointers(BTreeMap<String, String>);

impl FieldPointers {
    /// Pairs of your field and its pointer.
    pub fn new<N: Into<String>, P: Into<String>>(fields: impl IntoIterator<Item = (N, P)>) -> Self {
        Self(fields.into_iter().map(|(name, pointer)| (name.into(), pointer.into())).collect())
    }

    /// The values of a recognition by your names. A field whose value is missing or `null` is left
    /// out.
    #[must_use]
    pub fn read(&self, recognition: &Recognition) -> BTreeMap<String, RawJson> {
        let found =
            |(name, pointer): (&String, &String)| Some((name.clone(), recognition.at(pointer)?));
        self.0.iter().filter_map(found).collect()
    }
}
