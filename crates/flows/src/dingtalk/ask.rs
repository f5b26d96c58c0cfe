use async_trait::async_trait;
use dingtalk::Client;
use dingtalk::workflow::Outcome;
use erplink_sync::ports::{Inquirer, Inquiry};
use erplink_sync::{Failure, Key};

use super::instance_event;

/// Asks DingTalk about forms whose decision never came: pushes get lost.
#[derive(Clone, Debug)]
pub struct AskInstance {
    dingtalk: Client,
}

impl AskInstance {
    /// Asks this app's DingTalk.
    #[must_use]
    pub fn new(dingtalk: Client) -> Self {
        Self { dingtalk }
    }
}

#[async_trait]
impl Inquirer for AskInstance {
    fn system(&self) -> &str {
        super::SYSTEM
    }

    async fn inquire(&self, _: &Key, instance: &str) -> Result<Inquiry, Failure> {
        match self.dingtalk.workflow().get(instance).await {
            Ok(found) if found.outcome() == Outcome::Running => Ok(Inquiry::Pending),
            // A withdrawal goes the way of a decision: the flow's setting says what it does.
            Ok(_) => Ok(Inquiry::Decided(instance_event(instance))),
            Err(error) if error.is_not_found() => {
                Ok(Inquiry::Never("the instance was deleted in DingTalk".to_owned()))
            }
            Err(error) => Err(error.into()),
        }
    }
}
