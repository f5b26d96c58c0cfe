/// Which generation of the Service Layer to talk to. Both serve the same data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Version {
    /// `/b1s/v1`, OData 3. The default.
    #[default]
    V1,
    /// `/b1s/v2`, OData 4.
    V2,
}

impl Version {
    /// The path segment: `v1` or `v2`.
    #[must_use]
    pub const fn segment(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V2 => "v2",
        }
    }
}
