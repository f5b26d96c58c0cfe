use dingtalk::Client;
use dingtalk::callback::{Event, InstanceChange};
use dingtalk::workflow::{Instance, Outcome};
use erplink_core::RawJson;
use erplink_sync::ports::Outgoing;
use erplink_sync::{Document, Failure};
use tracing::debug;

use crate::receive::Doors;

/// The topic of all forms that no flow names.
pub const OTHER_FORMS: &str = "*";

/// Sends the pushes of DingTalk to the flows that asked for them, one flow a form.
///
/// Pushes about other forms, and those that decide nothing, are acknowledged and dropped.
#[derive(Clone, Debug, Default)]
pub struct Events(Doors);

impl Events {
    /// The topics of the doors are process codes, or [`OTHER_FORMS`].
    #[must_use]
    pub fn new(doors: Doors) -> Self {
        Self(doors)
    }

    /// Stores a push durably. Answer DingTalk afterwards.
    ///
    /// # Errors
    /// When the store failed: let DingTalk push again.
    pub async fn take(&self, event: Event) -> erplink_sync::Result<()> {
        let Event::Instance(event) = event else { return Ok(()) };
        let ends = matches!(event.change, InstanceChange::Finished(_) | InstanceChange::Terminated);
        let code = event.process_code.as_deref().unwrap_or_default();
        let inlet = self.0.get(code).or_else(|| self.0.get(OTHER_FORMS));
        let Some(inlet) = inlet.filter(|_| ends) else {
            debug!(code, change = event.change.kind(), "a push that no flow asked for");
            return Ok(());
        };
        inlet.accept(instance_event(&event.process_instance_id)).await.map(drop)
    }
}

/// The end of an instance as a document of a flow. An instance ends once, so its id is the key:
/// repeated pushes and what a reconciliation found out are one and the same.
#[must_use]
pub fn instance_event(instance: &str) -> Document {
    Document::new(instance, RawJson::null()).about(instance)
}

/// The instance that an event is about. The event is a hint; the instance says what holds.
pub(crate) async fn ended_instance(
    dingtalk: &Client,
    event: &Outgoing,
) -> Result<(String, Instance), Failure> {
    let id = event.about.clone().unwrap_or_else(|| event.key.document.clone());
    let instance = dingtalk.workflow().get(&id).await?;
    if instance.outcome() == Outcome::Running {
        return Err(Failure::refused("DingTalk still shows the instance as running"));
    }
    Ok((id, instance))
}
