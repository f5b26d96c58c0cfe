//! Open enums keep what they do not know.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

erplink_core::open_enum! {
    /// A sample.
    pub enum Sample {
        /// First.
        First = "one" | "1",
        /// Second.
        Second = "two",
    }
}

#[test]
fn aliases_and_numbers_mean_the_variant() {
    assert_eq!(serde_json::from_str::<Sample>("1").unwrap(), Sample::First);
    assert_eq!(serde_json::from_str::<Sample>("\"1\"").unwrap(), Sample::First);
    assert_eq!(Sample::KNOWN.len(), 2);
    assert!(serde_json::from_str::<Sample>("{}").is_err());
}

#[test]
fn reads_numbers_as_arbitrary_precision_presents_them() {
    let read = |name: &'static str| {
        let map = serde::de::value::MapDeserializer::<_, serde::de::value::Error>::new(
            [(name, "1")].into_iter(),
        );
        <Sample as serde::Deserialize>::deserialize(map)
    };
    assert_eq!(read("$serde_json::private::Number").unwrap(), Sample::First);
    assert!(read("number").is_err());
}

proptest! {
    #[test]
    fn any_text_survives_a_round_trip(text in ".*") {
        prop_assume!(text != "1");
        let json = serde_json::to_string(&text).unwrap();
        let value: Sample = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(serde_json::to_string(&value).unwrap(), json);
    }
}
