//! Actions bound to one entity: `Close`, `Cancel`, `Reopen`, …

use super::{Actor, Company, Posted};
use crate::servicelayer::json::Object;
use crate::servicelayer::key::Key;
use crate::servicelayer::refusal::Refusal;
use crate::servicelayer::schema::EntitySet;

impl Company {
    /// Runs an action; most have no result.
    pub(crate) fn act(
        &mut self,
        set: &EntitySet,
        key: &Key,
        action: &str,
        actor: Actor,
    ) -> Result<Option<Posted>, Refusal> {
        let mut entity = self.find(&set.name, key)?.body;
        match (set.type_name.as_str(), action) {
            ("Document", "Close" | "Cancel" | "Reopen") | ("StockTransfer", "Close" | "Cancel") => {
                change_document(&mut entity, action)?
            }
            ("StockTransfer", "SaveDraftToDocument") if set.is_drafts() => {
                let sent = Object::default();
                return self.save_draft(&set.name, key, &sent, actor).map(Some);
            }
            ("ProductionOrder", "Cancel") => {
                let old = entity.clone();
                entity.set("ProductionOrderStatus", "boposCancelled");
                if old == entity {
                    return Err(Refusal::not_for_this_object());
                }
                self.check_order_status(&old, &mut entity)?;
                self.notify_order_changed(&mut entity);
            }
            ("ApprovalRequest", "CancelApprovalRequest") => {
                self.withdraw(&mut entity)?;
            }
            ("ApprovalRequest", "RestoreApprovalRequest") => {
                self.restore(&mut entity)?;
            }
            (own, "Cancel") if own.starts_with('@') && set.can_cancel => {
                if entity.text("Canceled") == Some("Y") {
                    return Err(Refusal::not_for_this_object());
                }
                entity.set("Canceled", "Y");
            }
            (own, "Close") if own.starts_with('@') && set.can_close => {
                if entity.text("Status") == Some("C") {
                    return Err(Refusal::not_for_this_object());
                }
                entity.set("Status", "C");
            }
            (_, "Cancel" | "Close") => return Err(Refusal::not_for_this_object()),
            (name, _) => {
                return Err(Refusal::unsupported(format_args!("the action {action} of {name}")));
            }
        }
        let structure = self.structure(set);
        self.stamp(&structure, &mut entity, false);
        self.store.update(&set.name, key, &entity)?;
        Ok(None)
    }
}

/// Open → closed or cancelled; closed, but not cancelled, → open.
fn change_document(document: &mut Object, action: &str) -> Result<(), Refusal> {
    let open = document.text("DocumentStatus") == Some("bost_Open");
    let cancelled = document.text("Cancelled") == Some("tYES");
    let lines = if document.get("StockTransferLines").is_some() {
        "StockTransferLines"
    } else {
        "DocumentLines"
    };
    let status = match action {
        "Close" if open => "bost_Close",
        "Cancel" if open => {
            document.set("Cancelled", "tYES");
            document.set("CancelStatus", "csYes");
            "bost_Close"
        }
        "Reopen" if !open && !cancelled => "bost_Open",
        _ => return Err(Refusal::not_for_this_object()),
    };
    document.set("DocumentStatus", status);
    for line in document.rows_mut(lines) {
        line.set("LineStatus", status);
    }
    Ok(())
}
