//! `code` of workflow calls, in all the shapes it is written in.

use erplink_core::ErrorKind;
use serde_json::Value;

use crate::lenient::into_text;

erplink_core::open_enum! {
    /// The result of a workflow call (`PAResponseCode`).
    pub enum WorkflowCode {
        /// Done.
        Success = "SUCCESS" | "1",
        /// A parameter is wrong; `errMsg` names it.
        ParamError = "PARAM_ERROR" | "2",
        /// This user may not do it, or is no longer an operator of the request.
        NoPermission = "NO_PERMISSION" | "3",
        /// An exception on the server: whether it was done is unknown.
        SystemInnerError = "SYSTEM_INNER_ERROR" | "4",
        /// The OA user of the call is not valid.
        UserException = "USER_EXCEPTION" | "5",
        /// Another failure; `reqFailMsg` says why.
        Fail = "FAIL" | "6",
    }
}

impl WorkflowCode {
    /// Reads a text, a number, or an object with `name` or `statusCode`.
    pub(super) fn read(value: &Value) -> Option<Self> {
        let value = match value {
            Value::Object(object) => object.get("name").or_else(|| object.get("statusCode"))?,
            other => other,
        };
        into_text(value).map(Self::from)
    }

    pub(super) fn kind(&self) -> ErrorKind {
        match self {
            Self::NoPermission => ErrorKind::Forbidden,
            Self::UserException => ErrorKind::Auth,
            Self::SystemInnerError => ErrorKind::Server,
            _ => ErrorKind::Api,
        }
    }

    pub(super) fn advice(&self) -> Option<&'static str> {
        Some(match self {
            Self::ParamError => {
                "check the names against the database columns of the form: one name that is not a \
                 field makes the whole call fail"
            }
            Self::NoPermission => {
                "the user may not create this workflow or is no current operator of the request; a \
                 repeated submit or reject ends like this too: read the log"
            }
            Self::SystemInnerError => "an exception on the OA server: look whether it was done",
            Self::UserException => "check the OA user: numeric id, account in force",
            Self::Fail => "the flow itself refused: a node action or an empty mandatory field",
            Self::Success | Self::Unknown(_) => return None,
        })
    }
}
