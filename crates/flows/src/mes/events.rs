use blacklake_mes::callback::{Event, FeedingEvent, Received};
use blacklake_mes::decisions::{EventStep, event_step};
use erplink_sync::Document;
use tracing::{debug, warn};

use super::feedings::{feeding_document, unreadable_document};
use super::system::FEEDINGS;
use crate::receive::Doors;

const FEEDING: &str = "mfg.result_notify.feeding";

/// Stores what a push says durably. Answer the MES afterwards.
///
/// # Errors
/// When the store failed: let the MES push again.
pub(super) async fn take(doors: &Doors, received: &Received) -> erplink_sync::Result<()> {
    let (header, request) = (&received.header, &received.header.request_id);
    let documents: Vec<Document> = match event_step(&received.event) {
        EventStep::Issue(_) => match &received.event {
            Event::Feeding(event) => feedings(event),
            _ => Vec::new(),
        },
        EventStep::Failed(reason) => {
            warn!(request, reason, "a feeding failed in the MES: nothing is booked");
            Vec::new()
        }
        EventStep::Park(problem) if header.event_type == FEEDING => {
            vec![unreadable_document(&received.dedup_key(), &problem)]
        }
        EventStep::Park(problem) => {
            warn!(request, event_type = header.event_type, "an event cannot be read: {problem}");
            Vec::new()
        }
        _ => {
            debug!(request, event_type = header.event_type, "an event that is not for the ERP");
            Vec::new()
        }
    };
    match doors.get(FEEDINGS) {
        // All rows of a push, or none: half of it must not be acknowledged.
        Some(inlet) if !documents.is_empty() => inlet.accept_all(documents).await.map(drop),
        _ => Ok(()),
    }
}

/// A document for each row of a feeding.
fn feedings(event: &FeedingEvent) -> Vec<Document> {
    let rows = event.detail_ids().into_iter().map(|id| {
        let notice = event.record_list.iter().find(|notice| notice.id == Some(id));
        let (order, task) = notice.map_or((None, None), |one| (one.work_order_id, one.task_id));
        feeding_document(id, order, task)
    });
    rows.collect()
}
