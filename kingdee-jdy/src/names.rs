//! Names of members that a site's version of the platform spells differently.

use std::collections::BTreeMap;

use erplink_core::Members;
use serde::Deserialize;

/// What a member is called here, and what the platform in front of us calls it.
///
/// Most names come from public clients of the platform, not from its documentation; should a
/// version use others, this renames them on the wire. Names that are not listed stay.
///
/// ```
/// let names = kingdee_jdy::Names::new([("amountFor", "foreignAmount")]);
/// assert_eq!(names.of("amountFor"), "foreignAmount");
/// assert_eq!(names.of("acctNo"), "acctNo");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Names(BTreeMap<String, String>);

impl Names {
    /// Names as `(ours, theirs)`.
    pub fn new<'a>(names: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let owned = |(ours, theirs): (&str, &str)| (ours.to_owned(), theirs.to_owned());
        Self(names.into_iter().map(owned).collect())
    }

    /// What the platform calls it.
    #[must_use]
    pub fn of<'a>(&'a self, ours: &'a str) -> &'a str {
        self.0.get(ours).map_or(ours, String::as_str)
    }

    /// The same members under the platform's names.
    pub(crate) fn apply(&self, members: &Members) -> Members {
        let mut renamed = Members::new();
        for (name, value) in members.iter() {
            renamed.set(self.of(name), value.clone());
        }
        renamed
    }
}
