//! Approvals (OA 审批): start them, read them, act on them.

mod attachment;
mod create;
mod forecast;
pub mod form;
mod instance;
mod list;
mod recover;
mod task;
mod template;
mod time;

pub use attachment::{AttachmentFile, Download, Preview};
pub use create::{Approval, CcPosition, CreateInstance, Step};
pub use forecast::{ActivityType, Actor, Candidate, FlowNode, FlowRule, Forecast, SelectionRange};
pub use form::{FormComponent, FormError, FormRow, FormSchema, FormValue, FormValues};
pub use instance::{
    BizAction, Instance, InstanceResult, InstanceStatus, OperationKind, OperationRecord,
    OperationResult, Outcome, Task, TaskResult, TaskStatus,
};
pub use list::ListInstances;
pub use task::{Comment, Decision, Execute, Executed, Redirect, TaskFiles, Terminate};
pub use template::{
    ManagedTemplate, SaveTemplate, TemplateCode, TemplateComponent, VisibleTemplate,
};
pub use time::Time;

use crate::client::Client;

/// The approval calls. From [`Client::workflow`].
#[derive(Clone, Debug)]
pub struct Workflow {
    client: Client,
}

impl Client {
    /// The approval calls (OA 审批, workflow v1.0).
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
use awaitable;

const READ: &str = "Workflow.Instance.Read";
const WRITE: &str = "Workflow.Instance.Write";
const FORM_READ: &str = "Workflow.Form.Read";
const FORM_WRITE: &str = "Workflow.Form.Write";

#[cfg(test)]
mod tests {
    use erplink_core::Idempotency::{self, Idempotent, NotIdempotent, Safe};

    use super::*;
    use crate::client::Endpoint;

    #[test]
    fn every_write_says_whether_it_may_be_repeated() {
        let table: &[(&Endpoint, &str, Idempotency)] = &[
            (&create::CREATE, "POST /v1.0/workflow/processInstances", NotIdempotent),
            (&instance::GET, "GET /v1.0/workflow/processInstances", Safe),
            (&list::QUERY_IDS, "POST /v1.0/workflow/processes/instanceIds/query", Safe),
            (&task::TERMINATE, "POST /v1.0/workflow/processInstances/terminate", NotIdempotent),
            (&task::EXECUTE, "POST /v1.0/workflow/processInstances/execute", NotIdempotent),
            (&task::COMMENT, "POST /v1.0/workflow/processInstances/comments", NotIdempotent),
            (&task::REDIRECT, "POST /v1.0/workflow/tasks/redirect", NotIdempotent),
            (&task::TODO_COUNT, "GET /v1.0/workflow/processes/todoTasks/numbers", Safe),
            (
                &attachment::SPACE,
                "POST /v1.0/workflow/processInstances/spaces/infos/query",
                Idempotent,
            ),
            (
                &attachment::PREVIEW,
                "POST /v1.0/workflow/processInstances/spaces/authPreview",
                Idempotent,
            ),
            (
                &attachment::AUTHORIZE_DOWNLOAD,
                "POST /v1.0/workflow/processInstances/spaces/files/authDownload",
                Idempotent,
            ),
            (
                &attachment::DOWNLOAD,
                "POST /v1.0/workflow/processInstances/spaces/files/urls/download",
                Safe,
            ),
            (&template::CREATE, "POST /v1.0/workflow/forms", NotIdempotent),
            (&template::UPDATE, "POST /v1.0/workflow/forms", Idempotent),
            (&template::SCHEMA, "GET /v1.0/workflow/forms/schemas/processCodes", Safe),
            (
                &template::CODE_BY_NAME,
                "GET /v1.0/workflow/processCentres/schemaNames/processCodes",
                Safe,
            ),
            (&template::VISIBLE, "GET /v1.0/workflow/processes/userVisibilities/templates", Safe),
            (&template::MANAGED, "GET /v1.0/workflow/processes/managements/templates", Safe),
            (&forecast::FORECAST, "POST /v1.0/workflow/processes/forecast", Safe),
        ];
        for (endpoint, name, idempotency) in table {
            assert_eq!(endpoint.name, *name);
            assert_eq!(endpoint.idempotency, *idempotency, "{name}");
        }
    }
}
