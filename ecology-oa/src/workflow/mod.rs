//! Workflow requests (流程): start them, move them, read them.
//!
//! A *workflow* (流程) is a definition with a number of its own, a *request* one run of it. Every
//! call is made on behalf of an OA user, see [`Client::as_user`], and may do what this user may do.
//!
//! A request moves in the background: directly after a create or submit, node and status may be the
//! old ones. At nodes where several people sign (会签) each of them has to submit.

mod actions;
mod attachment;
mod conditions;
mod create;
mod form;
mod list;
mod log;
mod operators;
mod paging;
mod query;
mod recover;
mod status;

pub use actions::{
    Delete, ForceArchive, ForceWithdraw, Forward, ForwardKind, Intervene, Reject, SaveLog,
    SignType, Submit, Withdraw,
};
pub use attachment::Attachment;
pub use conditions::{Conditions, DateRange};
pub use create::{CreateRequest, RequestLevel};
pub use form::{DetailTable, Field};
pub use list::{
    CreatableType, CreatableWorkflow, ListCreatable, ListRequests, RequestList, RequestRow,
    WorkflowInfo,
};
pub use log::{ListLog, LogEntry, LogType};
pub use operators::{Operator, OperatorState};
pub use query::{DetailRows, FormField, FormRow, RequestDetail, Resource, WrittenLog};
pub use recover::{CreateOrAdopt, Created};
pub use status::{NodeType, Outcome, RequestStatus};

pub(crate) use paging::walk;

use crate::client::Client;
use crate::error::{Error, Result};

/// The workflow calls (`paService`). From [`Client::workflow`].
#[derive(Clone, Debug)]
pub struct Workflow {
    client: Client,
}

impl Client {
    /// The workflow calls (流程, `/api/workflow/paService/…`).
    #[must_use]
    pub fn workflow(&self) -> Workflow {
        Workflow { client: self.clone() }
    }
}

/// Lets a call with chained options be awaited directly.
macro_rules! awaitable {
    ($call:ty => $output:ty) => {
        impl std::future::IntoFuture for $call {
            type Output = crate::error::Result<$output>;
            type IntoFuture = futures_util::future::BoxFuture<'static, Self::Output>;

            fn into_future(self) -> Self::IntoFuture {
                Box::pin(self.send())
            }
        }
    };
}
pub(crate) use awaitable;

/// Refuses ids the platform answers with `errorParam_requestid`.
fn check_request(id: i64) -> Result<()> {
    if id > 0 {
        return Ok(());
    }
    Err(Error::invalid(format!("request_id: expected a positive number, found {id}")))
}

fn required(name: &str, value: &str) -> Result<()> {
    if value.trim().is_empty() {
        return Err(Error::invalid(format!("{name}: required, found an empty text")));
    }
    Ok(())
}

/// User ids as the platform wants several of them: with commas between.
fn join_users(name: &str, ids: &[String]) -> Result<String> {
    if ids.is_empty() {
        return Err(Error::invalid(format!("{name}: at least one user is required")));
    }
    for id in ids {
        crate::client::check_user(name, id)?;
    }
    Ok(ids.join(","))
}

#[cfg(test)]
mod tests {
    use erplink_core::Idempotency::{self, NotIdempotent, Safe};

    use super::*;
    use crate::client::Endpoint;

    #[test]
    fn every_call_says_whether_it_may_be_repeated() {
        let table: &[(Endpoint, &str, Idempotency)] = &[
            (create::CREATE, "POST doCreateRequest", NotIdempotent),
            (actions::SUBMIT, "POST submitRequest", NotIdempotent),
            (actions::REJECT, "POST rejectRequest", NotIdempotent),
            (actions::FORWARD, "POST forwardRequest", NotIdempotent),
            (actions::WITHDRAW, "POST withdrawRequest", NotIdempotent),
            (actions::DELETE, "POST deleteRequest", NotIdempotent),
            (actions::FORCE_ARCHIVE, "POST doForceOver", NotIdempotent),
            (actions::FORCE_WITHDRAW, "POST doForceDrawBack", NotIdempotent),
            (actions::INTERVENE, "POST doIntervenor", NotIdempotent),
            (actions::SAVE_LOG, "POST saveRequestLog", NotIdempotent),
            (query::REQUEST, "GET getWorkflowRequest", Safe),
            (status::STATUS, "GET getRequestStatus", Safe),
            (operators::OPERATORS, "GET getRequestOperatorInfo", Safe),
            (query::RESOURCES, "GET getRequestResources", Safe),
            (query::CHART, "GET getRequestFlowChart", Safe),
            (query::FORM, "GET getCreateWorkflowRequestInfo", Safe),
            (query::WRITTEN_LOGS, "POST getWorkflowRequestLogs", Safe),
            (log::LOG, "GET getRequestLog", Safe),
        ];
        for (endpoint, name, idempotency) in table {
            let name = name.replacen(' ', " /api/workflow/paService/", 1);
            assert_eq!(endpoint.name, name);
            assert_eq!(endpoint.idempotency, *idempotency, "{name}");
        }
        for list in RequestList::ALL {
            let (rows, count) = list.endpoints();
            assert_eq!((rows.idempotency, count.idempotency), (Safe, Safe));
            assert_eq!(rows.name.replace("List", "Count"), count.name);
        }
    }
}
