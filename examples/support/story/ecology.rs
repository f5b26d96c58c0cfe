//! What people do in the OA.

use std::future::Future as _;
use std::task::{Context, Waker};

use erplink_sandbox::Sandbox;
use serde_json::Value;

use crate::Failure;

/// A request in the OA as its readers see it.
pub(super) struct Request {
    pub id: i64,
    pub workflow: i64,
    pub title: String,
    /// `running`, `approved`, `returned`.
    pub result: String,
    /// The number of the ERP's document in its form.
    pub source: String,
    asked: Option<String>,
}

/// All requests.
pub(super) fn requests(sandbox: &Sandbox) -> Result<Vec<Request>, Failure> {
    let office = sandbox.ecology();
    let request = |id| {
        let state = office.request(id)?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Ok(Request {
            workflow: state["workflowid"].as_i64().unwrap_or_default(),
            title: text(&state["requestname"]),
            result: text(&state["result"]),
            source: text(&state["main"]["docentry"]),
            asked: state["asked"][0].as_str().map(str::to_owned),
            id,
        })
    };
    office.requests().into_iter().map(request).collect()
}

impl Request {
    /// Everybody agrees, or the first who is asked returns it. Nothing happens to what has ended.
    ///
    /// Whoever presses waits for the answer of what the OA calls; this does not.
    pub(super) fn decide(&self, sandbox: &Sandbox, approve: bool) {
        let Some(asked) = self.asked.clone().filter(|_| self.result == "running") else { return };
        let (office, id) = (sandbox.ecology().clone(), self.id);
        let mut press = Box::pin(async move {
            // A failure is shown to the person, who presses again another time.
            drop(match approve {
                true => office.approve_to_the_end(id).await,
                false => office.refuse(id, &asked, "下季度再议").await,
            });
        });
        // The press is under way from here on.
        if press.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {
            tokio::spawn(press);
        }
    }
}
