use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use dingtalk::Client;
use dingtalk::workflow::InstanceStatus;
use erplink_sync::Failure;
use erplink_sync::ports::{PageRequest, Source, SourcePage};

use super::instance_event;

/// The first look goes back a day: old forms were dealt with before there was this program.
const FIRST_LOOK: TimeDelta = TimeDelta::days(1);

/// Forms (审批实例) that people started and that are decided: those whose push was lost come from
/// here.
///
/// DingTalk lists instances by their start, so each look goes back as far as a decision may take.
/// Forms from long before the first look are left alone.
#[derive(Clone, Debug)]
pub struct DecidedInstances {
    dingtalk: Client,
    process_code: String,
    look_back: TimeDelta,
}

impl DecidedInstances {
    /// For the form with this process code (`PROC-…`); a decision may take 30 days.
    #[must_use]
    pub fn new(dingtalk: Client, process_code: impl Into<String>) -> Self {
        Self { dingtalk, process_code: process_code.into(), look_back: TimeDelta::days(30) }
    }

    /// How many days a decision may take.
    #[must_use]
    pub fn look_back(mut self, days: u32) -> Self {
        self.look_back = TimeDelta::days(days.into());
        self
    }
}

#[async_trait]
impl Source for DecidedInstances {
    fn system(&self) -> &str {
        super::SYSTEM
    }

    async fn page(&self, request: PageRequest) -> Result<SourcePage, Failure> {
        let now = Utc::now();
        let begin = match &request.checkpoint {
            Some(first) => DateTime::parse_from_rfc3339(first)
                .map_err(|error| Failure::park(format!("the checkpoint `{first}`: {error}")))?
                .to_utc(),
            None => now - FIRST_LOOK,
        };
        let since = begin.max(now - self.look_back);
        let list = self.dingtalk.workflow().list_ids(&self.process_code, since);
        let mut ids = list.statuses([InstanceStatus::Completed]).ids();
        let mut documents = Vec::new();
        while let Some(id) = ids.next().await {
            documents.push(instance_event(&id?));
        }
        Ok(SourcePage { documents, next: None, checkpoint: Some(begin.to_rfc3339()) })
    }
}
