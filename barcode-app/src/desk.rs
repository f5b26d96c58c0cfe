//! Something between the application and the ERP that remembers what was saved.

use async_trait::async_trait;
use erplink_core::{Members, RawJson};

use crate::SaveName;

/// Takes saves in and sees to it that they are done, such as a ledger that outlives the program.
///
/// Without one a [`Company`](crate::Company) saves at once and remembers nothing but what
/// [`Settings::repeat_window_seconds`](crate::Settings::repeat_window_seconds) says. A desk does the
/// work with [`Company::save_as`](crate::Company::save_as), and looks at what stands of it with
/// [`Company::standing`](crate::Company::standing).
#[async_trait]
pub trait Desk: Send + Sync {
    /// Saves. The person with the scanner waits for it.
    ///
    /// # Errors
    /// With what that person is to read.
    async fn save(&self, order: SaveOrder) -> Result<SaveAnswer, String>;
}

/// A save that the application asks for. It can be read; whether it can be done is not known yet.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SaveOrder {
    /// The same for the same request, the time of the tap aside
    /// ([`Settings::repeat_ignores`](crate::Settings::repeat_ignores)).
    pub fingerprint: SaveName,
    /// The request as it was sent; [`SaveRequest::from_members`](crate::SaveRequest::from_members)
    /// reads it.
    pub request: Members,
}

impl SaveOrder {
    pub(crate) fn new(fingerprint: SaveName, request: Members) -> Self {
        Self { fingerprint, request }
    }
}

/// What the application is told about a save that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaveAnswer {
    /// `OK`, or that somebody has to approve it.
    pub message: String,
    /// `DocEntry` and `DocNum`, or the `Code` of a record.
    pub data: RawJson,
}
