//! Saving vouchers so that none is there twice.

use std::future::IntoFuture;
use std::time::Duration;

use erplink_core::{ErrorKind, Idempotency, Members, RawJson};
use futures_util::future::BoxFuture;
use http::Method;
use tracing::warn;

use super::Vouchers;
use super::check::check;
use super::list::ListedVoucher;
use super::voucher::Voucher;
use crate::client::Exchange;
use crate::config::BodyShape;
use crate::error::{ApiError, Error, Expect, Result};
use crate::period::Period;
use crate::wire::Reply;

/// Vouchers on their way. From [`Vouchers::save`]; await it.
#[derive(Clone, Debug)]
#[must_use = "nothing is saved unless it is awaited"]
pub struct SaveVouchers {
    vouchers: Vouchers,
    batch: Vec<Voucher>,
    attempts: u32,
    visible_after: Duration,
}

/// A voucher that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Saved {
    /// Its id in the system it comes from.
    pub link_id: String,
    /// The platform's id of it (`vchId`).
    pub vch_id: String,
    /// Its number (凭证号, `vchNumber`), where the answer says it.
    pub number: Option<u32>,
    /// Word and number (`vchNo`), such as `记-12`, where the answer says it.
    pub vch_no: Option<String>,
    /// Whether an earlier attempt, or somebody else, had saved it.
    pub was_there: bool,
}

/// What became of one voucher of a batch.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// It is there.
    Saved(Saved),
    /// The platform said no.
    Refused(ApiError),
    /// No readable answer came. [`may_have_taken_effect`](erplink_core::Error::may_have_taken_effect)
    /// says whether it may be there although it was not found.
    Failed(Error),
}

impl Outcome {
    /// The saved voucher, or the error.
    ///
    /// # Errors
    /// When it is not there, or nobody knows.
    pub fn into_result(self) -> Result<Saved> {
        match self {
            Self::Saved(saved) => Ok(saved),
            Self::Refused(api) => {
                Err(Error::new(ErrorKind::Api, "JDY refused the voucher").with_api(api))
            }
            Self::Failed(error) => Err(error),
        }
    }
}

/// What one attempt gave for the vouchers that were open; `None`: nothing readable.
type Answers = Vec<Option<Outcome>>;

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

    /// Sends the open vouchers once. Answers their outcomes, and why some have none.
    async fn attempt(&self, open: &[usize]) -> Result<(Answers, Option<Error>)> {
        match self.post(open).await {
            Ok(reply) => Ok(self.outcomes(open, &reply).await),
            Err(error) if error.may_have_taken_effect() => {
                Ok((vec![None; open.len()], Some(error)))
            }
            Err(error) => match error.api_error() {
                Some(api) if self.tells_duplicate(api) => {
                    let mut answers = Vec::new();
                    for index in open {
                        answers.push(Some(self.adopted_or_refused(*index, api.clone()).await));
                    }
                    Ok((answers, None))
                }
                _ => Err(error),
            },
        }
    }

    async fn post(&self, open: &[usize]) -> Result<Reply> {
        let client = &self.vouchers.client;
        let config = client.config();
        let wire = |index: &usize| {
            let voucher = &self.batch[*index];
            let lines = voucher.entries.iter().map(|entry| config.names.apply(&entry.to_members()));
            config.names.apply(&voucher.with_entries(lines.collect())).to_json()
        };
        let list = RawJson::array(open.iter().map(wire));
        let body = match config.body_shape {
            BodyShape::Array => list,
            BodyShape::Wrapped => {
                let mut body = Members::new();
                let (s_id, db_id) = client.ids();
                body.set(config.names.of("sId"), RawJson::text(s_id));
                body.set(config.names.of("dbId"), RawJson::text(db_id));
                body.set(config.names.of("list"), list);
                body.to_json()
            }
        };
        let path = &config.paths.voucher;
        let mut exchange =
            Exchange::new(Method::POST, path, Idempotency::NotIdempotent, Expect::Batch);
        if let Some(mode) = &config.mode {
            exchange = exchange.query("mode", mode);
        }
        client.run(&exchange.json(&body)?).await
    }

    /// The results of an answer, by their place in it.
    async fn outcomes(&self, open: &[usize], reply: &Reply) -> (Answers, Option<Error>) {
        let client = &self.vouchers.client;
        let results =
            reply.judged.body.objects(client.config().names.of("list")).unwrap_or_default();
        if results.len() != open.len() {
            let (sent, came) = (open.len(), results.len());
            let why = format!("{sent} vouchers were sent and {came} results came");
            return (vec![None; sent], Some(self.unreadable(why)));
        }
        let secrets = [reply.token.expose()];
        let judge = client.judge(Expect::Batch, &secrets);
        let mut answers = Vec::new();
        let mut lost = None;
        for (index, result) in open.iter().zip(&results) {
            let voucher = &self.batch[*index];
            let text = |name: &str| result.text(client.config().names.of(name)).ok().flatten();
            let code = text("code").and_then(|text| text.parse::<i64>().ok());
            answers.push(match (code, text("vchId")) {
                (Some(0), Some(vch_id)) => Some(Outcome::Saved(Saved {
                    link_id: voucher.link_id.clone(),
                    vch_id,
                    number: text("vchNumber").and_then(|text| text.parse().ok()),
                    vch_no: text("vchNo"),
                    was_there: false,
                })),
                (Some(code), _) if code != 0 => {
                    let api = judge.words(code, result);
                    Some(if self.tells_duplicate(&api) {
                        self.adopted_or_refused(*index, api).await
                    } else {
                        Outcome::Refused(api)
                    })
                }
                _ => {
                    let why =
                        format!("the result of `{}` has no code and `vchId`", voucher.link_id);
                    lost = Some(self.unreadable(why));
                    None
                }
            });
        }
        (answers, lost)
    }

    fn unreadable(&self, why: String) -> Error {
        let path = &self.vouchers.client.config().paths.voucher;
        Error::new(ErrorKind::Decode, why).with_effect(erplink_core::Effect::Unknown).in_call(
            format!("POST {path}"),
            Idempotency::NotIdempotent,
            1,
        )
    }

    fn tells_duplicate(&self, api: &ApiError) -> bool {
        let message = api.message().to_lowercase();
        let words = &self.vouchers.client.config().duplicate_words;
        words.iter().any(|word| message.contains(&word.to_lowercase()))
    }

    /// A voucher that was refused as a duplicate is there, or the refusal means something else.
    async fn adopted_or_refused(&self, index: usize, api: ApiError) -> Outcome {
        for is_second in [false, true] {
            if is_second {
                self.vouchers.client.clock().sleep(self.visible_after).await;
            }
            match self.look(index).await {
                Ok(Some(saved)) => return Outcome::Saved(saved),
                Ok(None) => {}
                Err(error) => {
                    warn!("a voucher refused as a duplicate could not be looked for: {error}");
                }
            }
        }
        Outcome::Refused(api)
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

    async fn look(&self, index: usize) -> Result<Option<Saved>> {
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
