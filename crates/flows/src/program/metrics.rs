//! What `/metrics` says, in Prometheus' text format. It is read from the ledger at every scrape, so
//! that it is right after a restart and for whatever else works on the same file.

use axum::http::StatusCode;
use chrono::Utc;
use erplink_sync::{FlowId, Runner, Summary};

use super::Failure;

/// The figures of all flows.
pub(super) async fn metrics(runner: &Runner) -> Result<String, Failure> {
    let mut flows = Vec::new();
    for flow in runner.flows() {
        flows.push((flow.clone(), runner.store().summary(flow).await?));
    }
    Ok(text(&flows, Utc::now().timestamp_millis()))
}

/// Whether the ledger can be read.
pub(super) async fn ready(runner: &Runner) -> (StatusCode, String) {
    let Some(flow) = runner.flows().next() else {
        return (StatusCode::OK, "ready: no flows".to_owned());
    };
    match runner.store().next_due(flow).await {
        Ok(_) => (StatusCode::OK, "ready".to_owned()),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error.to_string()),
    }
}

fn text(flows: &[(FlowId, Summary)], now_millis: i64) -> String {
    let mut text = String::new();
    let mut family = |name: &str, kind: &str, help: &str, of: &dyn Fn(&Summary) -> Figures| {
        text.push_str(&format!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
        for (flow, summary) in flows {
            for (label, value) in of(summary) {
                let (company, flow) = (&flow.company, &flow.flow);
                // Names are letters, digits, - and _: nothing to escape.
                let labels = format!("company=\"{company}\",flow=\"{flow}\"{label}");
                text.push_str(&format!("{name}{{{labels}}} {value}\n"));
            }
        }
    };
    family("erplink_documents_read_total", "counter", "Documents that arrived.", &|summary| {
        vec![(String::new(), summary.read.to_string())]
    });
    family("erplink_documents", "gauge", "Documents in the ledger by state.", &|summary| {
        let Summary { sent, skipped, waiting, failed, parked, .. } = summary;
        let states = [
            ("sent", sent),
            ("skipped", skipped),
            ("waiting", waiting),
            ("failed", failed),
            ("parked", parked),
        ];
        states.map(|(state, count)| (format!(",state=\"{state}\""), count.to_string())).into()
    });
    let oldest = "Age of the oldest document that waits or failed; 0 if there is none.";
    family("erplink_oldest_waiting_seconds", "gauge", oldest, &|summary| {
        let since = summary.oldest.map_or(now_millis, |at| at.timestamp_millis());
        vec![(String::new(), (now_millis.saturating_sub(since).max(0) / 1000).to_string())]
    });
    text
}

/// Further labels, and the value.
type Figures = Vec<(String, String)>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_has_its_labels() {
        let oldest = chrono::DateTime::from_timestamp_millis(5_000);
        let summary = Summary { read: 3, sent: 1, parked: 2, oldest, ..Summary::default() };
        let text = text(&[(FlowId::new("C", "orders"), summary)], 65_999);
        for line in [
            "# TYPE erplink_documents_read_total counter",
            "erplink_documents_read_total{company=\"C\",flow=\"orders\"} 3",
            "erplink_documents{company=\"C\",flow=\"orders\",state=\"parked\"} 2",
            "erplink_oldest_waiting_seconds{company=\"C\",flow=\"orders\"} 60",
        ] {
            assert!(text.lines().any(|one| one == line), "{line}: {text}");
        }
    }
}
