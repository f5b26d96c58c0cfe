use async_trait::async_trait;
use erplink_sync::ports::{Inquirer, Inquiry};
use erplink_sync::{Failure, Key};
use wecom::Client;

use super::form_event;

/// Asks WeCom about forms whose decision never came: pushes get lost.
#[derive(Clone, Debug)]
pub struct AskForm {
    wecom: Client,
}

impl AskForm {
    /// Asks this app's WeCom.
    #[must_use]
    pub fn new(wecom: Client) -> Self {
        Self { wecom }
    }
}

#[async_trait]
impl Inquirer for AskForm {
    fn system(&self) -> &str {
        super::SYSTEM
    }

    async fn inquire(&self, _: &Key, sp_no: &str) -> Result<Inquiry, Failure> {
        match self.wecom.approvals().get(sp_no).await {
            // Whatever ends a form goes the way of a decision: the flow's settings say what it does.
            Ok(form) if form.status.is_final() => {
                Ok(Inquiry::Decided(form_event(sp_no, form.status)))
            }
            Ok(_) => Ok(Inquiry::Pending),
            Err(error) if error.is_not_found() => {
                Ok(Inquiry::Never("WeCom does not know the form (any more)".to_owned()))
            }
            Err(error) => Err(error.into()),
        }
    }
}
