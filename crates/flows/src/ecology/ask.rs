use async_trait::async_trait;
use ecology_oa::Client;
use ecology_oa::workflow::Outcome;
use erplink_sync::ports::{Inquirer, Inquiry};
use erplink_sync::{Failure, Key};
use serde::Deserialize;

use super::{End, RequestEnd, ended_request};
use crate::config::shape::{self, Shape};

/// What a return (退回) means that OA did not push.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Returned {
    /// The document is refused.
    #[default]
    Refuse,
    /// Its creator corrects and submits it again: no decision yet.
    Wait,
}

pub(crate) const RETURNED: &[shape::Key] = &[shape::default(
    "on_returned",
    Shape::Choice(&["refuse", "wait"]),
    r#""refuse""#,
    "What a return (退回) means that OA did not post: refused, or no decision yet.",
)];

/// Asks OA about requests whose result never came: a return is posted only if the administrator
/// ticked it.
#[derive(Clone, Debug)]
pub struct AskRequest {
    oa: Client,
    returned: Returned,
}

impl AskRequest {
    /// Asks as the user of this client, who has to be allowed to read the requests.
    #[must_use]
    pub fn new(oa: Client, returned: Returned) -> Self {
        Self { oa, returned }
    }
}

#[async_trait]
impl Inquirer for AskRequest {
    fn system(&self) -> &str {
        super::SYSTEM
    }

    async fn inquire(&self, _: &Key, request: &str) -> Result<Inquiry, Failure> {
        let id = request
            .parse()
            .map_err(|_| Failure::park(format!("`{request}` is no id of a request")))?;
        let outcome = match self.oa.workflow().outcome(id).await {
            Ok(outcome) => outcome,
            Err(error) if is_unknown_request(&error) => {
                return Ok(Inquiry::Never("the request was deleted in OA".to_owned()));
            }
            Err(error) => return Err(error.into()),
        };
        let end = match outcome {
            Outcome::Running => return Ok(Inquiry::Pending),
            Outcome::Returned if self.returned == Returned::Wait => return Ok(Inquiry::Pending),
            Outcome::Approved => End::Approved,
            Outcome::Returned => End::Rejected,
            Outcome::ForceArchived => End::Forced,
            _ => End::Unclear,
        };
        Ok(Inquiry::Decided(ended_request(request, &RequestEnd::new(end))))
    }
}

/// The platform has no code of its own for it.
fn is_unknown_request(error: &ecology_oa::Error) -> bool {
    error.api_error().is_some_and(|api| api.details().contains_key("errorParam_requestid"))
}
