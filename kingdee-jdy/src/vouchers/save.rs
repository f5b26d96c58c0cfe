//! Saving vouchers so that none is there twice.

use std::future::IntoFuture;
use std::time::Duration;

use erplink_core::{ErrorKind, Idempotency};
use futures_util::future::BoxFuture;
use tracing::warn;

use super::Vouchers;
use super::check::check;
use super::list::ListedVoucher;
use super::outcome::{Outcome, Saved};
use super::voucher::Voucher;
use crate::error::{Error, Result};
use crate::period::Period;

/// Vouchers on their way. From [`Vouchers::save`]; await it.
#[derive(Clone, Debug)]
#[must_use = "nothing is saved unless it is awaited"]
pub struct SaveVouchers {
    pub(super) vouchers: Vouchers,
    pub(super) batch: Vec<Voucher>,
    attempts: u32,
    pub(super) visible_after: Duration,
}

impl Vouchers {
    /// `POST /jdyaccouting/voucher`: saves vouchers (保存凭证), at most 200, and answers what became
    /// of each, in their order.
    ///
    /// They are checked before anything is sent: debits equal credits exactly, two lines at least,
    /// the period is the one of the day, each has a `linkId` of its own. When an answer is lost, the
    /// voucher is looked for by its `linkId` before it is sent again; one that is there already is
    /// [`Saved::was_there`].
    ///
    /// ```no_run
    /// # use kingdee_jdy::vouchers::{Outcome, Voucher};
    /// # async fn run(client: kingdee_jdy::Client, batch: Vec<Voucher>) -> kingdee_jdy::Result<()> {
    /// for outcome in client.vouchers().save(&batch).await? {
    ///     match outcome {
    ///         Outcome::Saved(saved) => println!("{} is {}", saved.link_id, saved.vch_id),
    ///         Outcome::Refused(why) => println!("refused: {why}"),
    ///         other => println!("{other:?}"),
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] with every problem when a voucher cannot be sent; the failures of a
    /// call that certainly saved nothing.
    pub fn save(&self, vouchers: &[Voucher]) -> SaveVouchers {
        SaveVouchers {
            vouchers: self.clone(),
            batch: vouchers.to_vec(),
            attempts: 2,
            visible_after: Duration::from_secs(3),
        }
    }

    /// Saves one voucher as [`save`](Self::save) does.
    ///
    /// # Errors
    /// As [`save`](Self::save), and when the platform refused the voucher.
    pub async fn save_one(&self, voucher: &Voucher) -> Result<Saved> {
        self.save(std::slice::from_ref(voucher)).one().await
    }
}

impl SaveVouchers {
    /// How often a voucher is sent at most, while it is not found in between. Default 2.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// How long to wait before the second look, should a new voucher not show up at once. Default
    /// 3 seconds.
    pub fn visible_after(mut self, wait: Duration) -> Self {
        self.visible_after = wait;
        self
    }

    /// The outcome of a batch of one.
    ///
    /// # Errors
    /// As [`Vouchers::save_one`].
    pub async fn one(self) -> Result<Saved> {
        let path = &self.vouchers.client.config().paths.voucher;
        let operation = format!("POST {path}");
        let outcome = self.into_future().await?.into_iter().next();
        let outcome = outcome.ok_or_else(|| Error::invalid("the batch is empty"))?;
        outcome
            .into_result()
            .map_err(|error| error.in_call(operation, Idempotency::NotIdempotent, 1))
    }

    async fn run(self) -> Result<Vec<Outcome>> {
        check(&self.batch, self.vouchers.client.config().amount_digits)?;
        let mut outcomes: Vec<Option<Outcome>> = vec![None; self.batch.len()];
        let mut attempt = 0;
        loop {
            let open: Vec<usize> =
                (0..outcomes.len()).filter(|index| outcomes[*index].is_none()).collect();
            if open.is_empty() {
                return Ok(outcomes.into_iter().flatten().collect());
            }
            attempt += 1;
            let lost = match self.attempt(&open).await {
                Ok((answers, lost)) => {
                    open.iter().zip(answers).for_each(|(index, answer)| outcomes[*index] = answer);
                    lost
                }
                Err(error) if attempt == 1 => return Err(error),
                Err(error) => {
                    let failed = Some(Outcome::Failed(error));
                    open.iter().for_each(|index| outcomes[*index].clone_from(&failed));
                    continue;
                }
            };
            let open = open.into_iter().filter(|index| outcomes[*index].is_none());
            let open: Vec<usize> = open.collect();
            if let (Some(error), false) = (lost, open.is_empty()) {
                warn!(attempt, "looking for vouchers whose answer was lost: {error}");
                let is_last = attempt >= self.attempts;
                self.look_twice(&open, &mut outcomes, &error, is_last).await;
            }
        }
    }

    /// Looks for vouchers whose answer was lost. Those that are not found stay open for another
    /// attempt, unless this was the last.
    async fn look_twice(
        &self,
        open: &[usize],
        outcomes: &mut [Option<Outcome>],
        lost: &Error,
        is_last: bool,
    ) {
        for is_second in [false, true] {
            let open: Vec<usize> =
                open.iter().copied().filter(|index| outcomes[*index].is_none()).collect();
            if is_second && !open.is_empty() {
                self.vouchers.client.clock().sleep(self.visible_after).await;
            }
            for index in open {
                outcomes[index] = match self.look(index).await {
                    Ok(Some(saved)) => Some(Outcome::Saved(saved)),
                    Ok(None) if is_second && is_last => Some(Outcome::Failed(lost.clone())),
                    Ok(None) => None,
                    Err(error) if is_second => {
                        warn!("a voucher could not be looked for: {error}");
                        Some(Outcome::Failed(lost.clone()))
                    }
                    Err(_) => None,
                };
            }
        }
    }

    pub(super) async fn look(&self, index: usize) -> Result<Option<Saved>> {
        let voucher = &self.batch[index];
        let period = voucher.period.unwrap_or_else(|| Period::of(voucher.date));
        let found = self.vouchers.find(&voucher.link_id, period, period).await?;
        found.map(|found| self.saved(voucher, &found)).transpose()
    }

    fn saved(&self, voucher: &Voucher, found: &ListedVoucher) -> Result<Saved> {
        let names = &self.vouchers.client.config().names;
        let text = |name: &str| found.members.text(names.of(name)).ok().flatten();
        let vch_id = found.vch_id.clone().ok_or_else(|| {
            Error::new(ErrorKind::Decode, "the list answers vouchers without `vchId`")
        })?;
        Ok(Saved {
            link_id: voucher.link_id.clone(),
            vch_id,
            number: text("vchNumber").and_then(|text| text.parse().ok()),
            vch_no: text("vchNo"),
            was_there: true,
        })
    }
}

impl IntoFuture for SaveVouchers {
    type Output = Result<Vec<Outcome>>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}
