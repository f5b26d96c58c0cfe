use std::time::Duration;

use async_trait::async_trait;
use erplink_core::ErrorKind;
use erplink_sync::Failure;
use erplink_sync::ports::{Found, Outgoing, Pushed, Target};
use kingdee_jdy::vouchers::Voucher;
use kingdee_jdy::{Client, Period};

/// Saves a mapped journal entry as a voucher (凭证), checked before it is sent.
///
/// Its `linkId` is the platform's key against saving it twice: whatever becomes of an answer, the
/// voucher is looked for by it before it is sent again.
#[derive(Clone, Debug)]
pub struct SaveVoucher {
    jdy: Client,
}

impl SaveVoucher {
    /// Into the company set (账套) of this client.
    #[must_use]
    pub fn new(jdy: Client) -> Self {
        Self { jdy }
    }
}

/// The voucher of this generation: one that is sent anew has another `linkId`.
fn voucher(document: &Outgoing) -> Result<Voucher, Failure> {
    let mut voucher: Voucher = document.read()?;
    if document.generation > 1 {
        voucher.link_id = format!("{}-{}", voucher.link_id, document.generation);
    }
    Ok(voucher)
}

#[async_trait]
impl Target for SaveVoucher {
    fn system(&self) -> &str {
        super::SYSTEM
    }

    async fn push(&self, document: &Outgoing) -> Result<Pushed, Failure> {
        let voucher = voucher(document)?;
        // The engine has its own waits, and looks again after them.
        let save = self.jdy.vouchers().save(&[voucher]).attempts(1).visible_after(Duration::ZERO);
        Ok(Pushed::new(save.one().await?.vch_id))
    }

    async fn find(&self, document: &Outgoing) -> Result<Found, Failure> {
        let voucher = voucher(document)?;
        let period = Period::of(voucher.date);
        match self.jdy.vouchers().find(&voucher.link_id, period, period).await {
            Ok(None) => Ok(Found::No),
            Ok(Some(found)) => Ok(match found.vch_id {
                Some(vch_id) => Found::Yes(Pushed::new(vch_id)),
                None => Found::CannotTell("the list of JDY shows the voucher without vchId".into()),
            }),
            Err(error) if matches!(error.kind(), ErrorKind::Conflict | ErrorKind::Decode) => {
                Ok(Found::CannotTell(error.to_string()))
            }
            Err(error) => Err(error.into()),
        }
    }
}
