//! What became of a push.

use crate::{Key, RowError, RowFailure};

/// What was done with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Action {
    /// A record was created.
    Created,
    /// The record was updated.
    Updated,
    /// Nothing: see the message.
    Failed,
    /// Nothing, because a row before it failed and the receiver stops then.
    Skipped,
}

impl Action {
    /// The word for the answer.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }

    /// The action with this word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        let all = [Self::Created, Self::Updated, Self::Failed, Self::Skipped];
        all.into_iter().find(|action| action.as_str() == word)
    }
}

/// What became of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RowResult {
    /// The key, where the row has a readable one.
    pub key: Option<Key>,
    /// What was done.
    pub action: Action,
    /// 200, 400 for a row that is wrong in itself, 500 for one that the ERP did not take.
    pub code: u16,
    /// The ERP's own code of a refusal, such as -1116.
    pub erp_code: Option<i64>,
    /// What a person should read: the word of [`Action`], or why it failed.
    pub message: String,
}

impl RowResult {
    pub(crate) fn done(key: Key, action: Action) -> Self {
        let message = action.as_str().to_owned();
        Self { key: Some(key), action, code: 200, erp_code: None, message }
    }

    pub(crate) fn wrong(place: Option<usize>, error: &RowError) -> Self {
        let message = match place {
            Some(place) => format!("row {place}: {error}"),
            None => error.to_string(),
        };
        Self { key: None, action: Action::Failed, code: 400, erp_code: None, message }
    }

    pub(crate) fn refused(key: Key, failure: RowFailure) -> Self {
        let RowFailure { message, erp_code } = failure;
        Self { key: Some(key), action: Action::Failed, code: 500, erp_code, message }
    }

    pub(crate) fn skipped(place: usize) -> Self {
        let message = format!("row {place}: not tried, because a row before it failed");
        Self { key: None, action: Action::Skipped, code: 500, erp_code: None, message }
    }
}

/// What became of a push, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// The rows in their order.
    pub rows: Vec<RowResult>,
    /// Whether the push was made for several rows.
    pub is_batch: bool,
}

/// The PLM shows the message to a person in a small window.
const LONGEST_MESSAGE: usize = 1500;

impl Report {
    /// Whether every row was created or updated.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.rows.iter().all(|row| row.code == 200)
    }

    /// 200 if every row succeeded; otherwise the code of a single row, 500 for a batch.
    #[must_use]
    pub fn code(&self) -> u16 {
        match self.rows.as_slice() {
            [only] if !self.is_batch => only.code,
            _ if self.is_success() => 200,
            _ => 500,
        }
    }

    /// What the PLM's user reads: what was done, or every row that failed with the reason.
    #[must_use]
    pub fn message(&self) -> String {
        if let ([only], false) = (self.rows.as_slice(), self.is_batch) {
            return only.message.clone();
        }
        if self.is_success() {
            let count = |action| self.rows.iter().filter(|row| row.action == action).count();
            return format!(
                "{} created, {} updated",
                count(Action::Created),
                count(Action::Updated)
            );
        }
        let failed: Vec<&str> = self
            .rows
            .iter()
            .filter(|row| row.code != 200)
            .map(|row| row.message.as_str())
            .collect();
        let mut text = format!("{} of {} rows failed", failed.len(), self.rows.len());
        for (told, message) in failed.iter().enumerate() {
            if text.len() + message.len() > LONGEST_MESSAGE && told > 0 {
                text.push_str(&format!("; and {} more", failed.len() - told));
                break;
            }
            text.push_str(if told == 0 { ": " } else { "; " });
            text.push_str(message);
        }
        text
    }
}
