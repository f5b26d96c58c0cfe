//! What became of a voucher.

use erplink_core::ErrorKind;

use crate::error::{ApiError, Error, Result};

/// A voucher that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Saved {
    /// Its id in the system it comes from.
    pub link_id: String,
    /// The platform's id of it (`vchId`).
    pub vch_id: String,
    /// Its number (凭证号, `vchNumber`), where the answer says it.
    pub number: Option<u32>,
    /// Word and number (`vchNo`), such as `记-12`, where the answer says it.
    pub vch_no: Option<String>,
    /// Whether an earlier attempt, or somebody else, had saved it.
    pub was_there: bool,
}

/// What became of one voucher of a batch.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// It is there.
    Saved(Saved),
    /// The platform said no.
    Refused(ApiError),
    /// No readable answer came. [`may_have_taken_effect`](erplink_core::Error::may_have_taken_effect)
    /// says whether it may be there although it was not found.
    Failed(Error),
}

impl Outcome {
    /// The saved voucher, or the error.
    ///
    /// # Errors
    /// When it is not there, or nobody knows.
    pub fn into_result(self) -> Result<Saved> {
        match self {
            Self::Saved(saved) => Ok(saved),
            Self::Refused(api) => {
                Err(Error::new(ErrorKind::Api, "JDY refused the voucher").with_api(api))
            }
            Self::Failed(error) => Err(error),
        }
    }
}
