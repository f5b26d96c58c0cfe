use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use erplink_sync::ports::{PageRequest, SourcePage};
use erplink_sync::{Document, Failure};

/// Windows of time that lie behind the present, each from its start to before its end.
///
/// The end of the last one is kept in the ledger: windows meet, whatever time a stop takes. What
/// reached the MES's lists late is found by looking back; what was read before is known by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    lag: TimeDelta,
    overlap: TimeDelta,
    look_back: TimeDelta,
    since: Option<DateTime<Utc>>,
}

/// The longest window that is asked for at once.
const LONGEST: TimeDelta = TimeDelta::days(1);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    /// Where the present begins: there is more if the window ends before.
    until: DateTime<Utc>,
}

impl Default for Windows {
    fn default() -> Self {
        let (lag, overlap) = (TimeDelta::minutes(1), TimeDelta::minutes(10));
        Self { lag, overlap, look_back: TimeDelta::minutes(2), since: None }
    }
}

fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}

impl Windows {
    /// How far behind the present the windows end. Default 1 minute.
    #[must_use]
    pub fn lag(mut self, lag: Duration) -> Self {
        self.lag = delta(lag);
        self
    }

    /// How far each run looks back behind the end of the last one. Default 10 minutes.
    #[must_use]
    pub fn overlap(mut self, overlap: Duration) -> Self {
        self.overlap = delta(overlap);
        self
    }

    /// How far before the present the first window starts. Default 2 minutes.
    #[must_use]
    pub fn look_back(mut self, look_back: Duration) -> Self {
        self.look_back = delta(look_back);
        self
    }

    /// Where the first window starts instead.
    #[must_use]
    pub fn since(mut self, moment: DateTime<Utc>) -> Self {
        self.since = Some(moment);
        self
    }

    /// The window of a page; `None` when nothing lies behind the present.
    pub(super) fn of(&self, request: &PageRequest) -> Result<Option<Window>, Failure> {
        let until = request.now - self.lag;
        let from = match (&request.cursor, &request.checkpoint) {
            (Some(cursor), _) => read(cursor)?,
            (None, Some(checkpoint)) => read(checkpoint)? - self.overlap,
            (None, None) => self.since.unwrap_or(request.now - self.look_back),
        };
        let to = until.min(from + LONGEST);
        Ok((from < to).then_some(Window { from, to, until }))
    }
}

fn read(text: &str) -> Result<DateTime<Utc>, Failure> {
    let millis = text.parse().ok().and_then(DateTime::from_timestamp_millis);
    millis.ok_or_else(|| Failure::refused(format!("`{text}`: no end of a window")))
}

impl Window {
    /// What was found in it, and where the next one starts.
    pub(super) fn page(self, documents: Vec<Document>) -> SourcePage {
        let end = self.to.timestamp_millis().to_string();
        let next = (self.to < self.until).then(|| end.clone());
        SourcePage { documents, next, checkpoint: Some(end) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000 + minutes * 60, 0).unwrap()
    }

    fn request(cursor: Option<&str>, checkpoint: Option<&str>, now: i64) -> PageRequest {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        PageRequest { cursor: owned(cursor), checkpoint: owned(checkpoint), now: at(now) }
    }

    /// All windows of one run, and what is kept of it.
    fn run(windows: Windows, checkpoint: Option<&str>, now: i64) -> (Vec<(i64, i64)>, String) {
        let minute = |at: DateTime<Utc>| (at.timestamp() - 1_700_000_000) / 60;
        let (mut all, mut kept) = (Vec::new(), checkpoint.unwrap_or_default().to_owned());
        let mut cursor = None;
        loop {
            let place = request(cursor.as_deref(), checkpoint, now);
            let Some(window) = windows.of(&place).unwrap() else { return (all, kept) };
            all.push((minute(window.from), minute(window.to)));
            let page = window.page(Vec::new());
            kept = page.checkpoint.unwrap();
            cursor = page.next;
            if cursor.is_none() {
                return (all, kept);
            }
        }
    }

    #[test]
    fn windows_meet_whatever_lies_between_two_runs() {
        let windows = Windows::default().overlap(Duration::ZERO);
        let (first, kept) = run(windows, None, 10);
        assert_eq!(first, [(8, 9)], "from two minutes ago to one minute ago");
        let (next, kept) = run(windows, Some(&kept), 11);
        assert_eq!(next, [(9, 10)]);
        let (late, kept) = run(windows, Some(&kept), 3000);
        assert_eq!(late, [(10, 1450), (1450, 2890), (2890, 2999)]);
        assert_eq!(run(windows, Some(&kept), 3000).0, [], "nothing new lies behind the present");
    }

    #[test]
    fn every_run_looks_back_once() {
        let (seen, kept) = run(Windows::default().since(at(0)), None, 1500);
        assert_eq!(seen, [(0, 1440), (1440, 1499)]);
        assert_eq!(run(Windows::default(), Some(&kept), 1501).0, [(1489, 1500)]);
    }

    #[test]
    fn a_clock_that_went_back_loses_nothing() {
        let (_, kept) = run(Windows::default(), None, 100);
        let (seen, kept) = run(Windows::default(), Some(&kept), 95);
        assert_eq!(seen, [(89, 94)]);
        assert_eq!(run(Windows::default(), Some(&kept), 101).0, [(84, 100)]);
    }
}
