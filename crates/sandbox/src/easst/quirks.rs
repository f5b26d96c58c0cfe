//! Where the documentation is silent: switches.

use std::time::Duration;

use serde::Deserialize;

/// How the simulated service behaves where nobody knows. The default is the likeliest.
///
/// The management port takes them as JSON, enumerations in `snake_case`, durations in seconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Quirks {
    /// Which bodies are read.
    pub encoding: Encoding,
    /// Where the arrays stand in an answer.
    pub placement: Placement,
    /// Amounts are texts (`"1000.10"`), not numbers.
    pub amounts_as_text: bool,
    /// How far a timestamp may be from the service's clock; `None`: it is not looked at.
    #[serde(deserialize_with = "seconds")]
    pub timestamp_tolerance: Option<Duration>,
    /// Members of the body that the sandbox does not know are ignored, not refused with 501.
    pub ignore_unknown_members: bool,
}

fn seconds<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
    Ok(Option::<u64>::deserialize(from)?.map(Duration::from_secs))
}

/// Which bodies the service reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// JSON and forms.
    #[default]
    Both,
    /// Only JSON.
    Json,
    /// Only forms.
    Form,
}

/// Where `result` and `commodity_info` stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Placement {
    /// Side by side, at the top.
    #[default]
    Top,
    /// `commodity_info` in each member of `result`.
    InResult,
    /// Both in `data`.
    InData,
}
