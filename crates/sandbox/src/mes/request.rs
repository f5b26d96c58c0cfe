//! A business request after the gateway let it through.

use chrono::{DateTime, Utc};

use super::fields::Fields;
use super::refusal::Refusal;
use super::world::millis;
use crate::servicelayer::json::Object;

/// The body and the time of a request.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) body: Object,
    pub(super) now: DateTime<Utc>,
    /// Members the sandbox does not know are passed over.
    pub(super) lenient: bool,
}

impl Request {
    pub(super) fn fields(&self) -> Fields<'_> {
        Fields::new(&self.body)
    }

    /// The time in milliseconds.
    pub(super) fn at(&self) -> i64 {
        millis(self.now)
    }

    /// Refuses members of a nested object with other names, unless the platform is lenient.
    pub(super) fn only(&self, fields: &Fields<'_>, known: &[&str]) -> Result<(), Refusal> {
        if self.lenient { Ok(()) } else { fields.only(&[known]) }
    }
}
