use chrono::{DateTime, Utc};
use erplink_sync::store::JobFilter;
use erplink_sync::{FlowId, SqliteStore, StateKind, Store, Summary};

use super::{Failure, store};
use crate::config::Config;

const HEAD: [&str; 7] = ["flow", "read", "sent", "skipped", "failed", "parked", "oldest waiting"];

/// A line a flow, and below it what failed and why.
pub(super) async fn status(config: &Config) -> Result<(), Failure> {
    let store = store(config).await?;
    let mut lines = vec![(HEAD.map(str::to_owned), Vec::new())];
    for flow in config.compose()?.flows {
        let cells = cells(flow.id(), &store.summary(flow.id()).await?);
        lines.push((cells, troubled(&store, flow.id()).await?));
    }
    let wide = |column: usize| lines.iter().map(|(cells, _)| cells[column].len()).max();
    let widths: Vec<_> = (0..HEAD.len()).map(|column| wide(column).unwrap_or_default()).collect();
    for ([flow, numbers @ .., oldest], troubled) in &lines {
        print!("{flow:<0$}", widths[0]);
        for (number, width) in numbers.iter().zip(&widths[1..]) {
            print!("  {number:>width$}");
        }
        println!("  {oldest}");
        for line in troubled {
            println!("    {line}");
        }
    }
    Ok(())
}

fn cells(flow: &FlowId, summary: &Summary) -> [String; 7] {
    let Summary { read, sent, skipped, failed, parked, oldest, .. } = summary;
    let oldest = oldest.map_or_else(|| "-".to_owned(), |at| age(Utc::now(), at));
    let [read, sent, skipped, failed, parked] =
        [read, sent, skipped, failed, parked].map(usize::to_string);
    [flow.to_string(), read, sent, skipped, failed, parked, oldest]
}

fn age(now: DateTime<Utc>, since: DateTime<Utc>) -> String {
    match (now - since).num_minutes() {
        minutes @ ..60 => format!("{} min", minutes.max(0)),
        minutes @ 60..2880 => format!("{} h", minutes / 60),
        minutes => format!("{} days", minutes / 1440),
    }
}

/// What failed or is parked, with the reason; the first hundred of each.
async fn troubled(store: &SqliteStore, flow: &FlowId) -> Result<Vec<String>, Failure> {
    let mut lines = Vec::new();
    for state in [StateKind::Retry, StateKind::Parked] {
        let filter = JobFilter {
            flow: Some(flow.clone()),
            state: Some(state),
            limit: 100,
            ..JobFilter::default()
        };
        for job in store.list(filter).await? {
            let word = if state == StateKind::Retry { "failed" } else { "parked" };
            let reason = job.state.reason().map(ToString::to_string).unwrap_or_default();
            lines.push(format!("{word} {}: {reason}", job.key.document));
        }
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_told_in_what_fits() {
        let at = |minutes: i64| DateTime::from_timestamp(minutes * 60, 0).unwrap();
        let of = |minutes| age(at(minutes), at(0));
        assert_eq!(of(-1), "0 min");
        assert_eq!((of(59), of(60), of(2879)), ("59 min".into(), "1 h".into(), "47 h".into()));
        assert_eq!(of(2880), "2 days");
    }
}
