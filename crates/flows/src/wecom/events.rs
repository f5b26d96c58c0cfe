use erplink_core::RawJson;
use erplink_sync::Document;
use tracing::{debug, info, warn};
use wecom::approvals::FormStatus;
use wecom::callback::{ApprovalEvent, Event};

use crate::receive::Doors;

/// The topic of all forms that no flow names.
pub const OTHER_FORMS: &str = "*";

/// Sends the pushes of WeCom to the flows that asked for them, one flow a template.
///
/// Pushes about other templates are told to the log; those that end no form are dropped. All are
/// acknowledged: WeCom repeats what it gets no answer to.
#[derive(Clone, Debug, Default)]
pub struct Events(Doors);

impl Events {
    /// The topics of the doors are ids of templates, or [`OTHER_FORMS`].
    #[must_use]
    pub fn new(doors: Doors) -> Self {
        Self(doors)
    }

    /// Stores a push durably. Answer WeCom afterwards.
    ///
    /// # Errors
    /// When the store failed: let WeCom push again.
    pub async fn take(&self, event: &Event) -> erplink_sync::Result<()> {
        match event {
            Event::Approval(event) => self.take_approval(event).await,
            Event::App(event) => {
                let effective = event.effective.map(|at| at.to_rfc3339());
                warn!(kind = %event.kind, effective, "the WeCom app needs somebody to look at it");
                Ok(())
            }
            Event::Unreadable(event) => {
                warn!("a genuine push of WeCom cannot be read: {}", event.problem);
                Ok(())
            }
            other => {
                let name = other.meta().map(|meta| meta.event.as_str());
                debug!(name, "a push that is about no form");
                Ok(())
            }
        }
    }

    async fn take_approval(&self, event: &ApprovalEvent) -> erplink_sync::Result<()> {
        let ApprovalEvent { sp_no, template_id, status, .. } = event;
        if !status.is_final() {
            if matches!(status, FormStatus::Unknown(_)) {
                warn!(sp_no, %status, "a form is in a state that is not known");
            }
            return Ok(());
        }
        let inlet = self.0.get(template_id).or_else(|| self.0.get(OTHER_FORMS));
        let Some(inlet) = inlet else {
            info!(template_id, name = event.sp_name, sp_no, "no flow asked for this template");
            return Ok(());
        };
        inlet.accept(form_event(sp_no, *status)).await.map(drop)
    }
}

/// That a form has come to an end, as a document of a flow.
///
/// A form ends in a state once, so number and state are the key: repeated pushes and what a
/// reconciliation found out are one and the same. It may end again later (revoked after it had
/// passed, deleted, paid); such events wait for the earlier ones of their form.
#[must_use]
pub fn form_event(sp_no: &str, status: FormStatus) -> Document {
    let id = format!("{sp_no}:{}", status.number());
    Document::new(id, RawJson::null()).order(sp_no).about(sp_no)
}
