//! One attempt to save vouchers, and what its answer says about each of them.

use std::borrow::Cow;

use erplink_core::{Effect, ErrorKind, Idempotency, Members, RawJson};
use http::Method;
use tracing::warn;

use super::outcome::{Outcome, Saved};
use super::save::SaveVouchers;
use crate::client::Exchange;
use crate::config::BodyShape;
use crate::error::{ApiError, Error, Expect, Result};
use crate::wire::Reply;

/// What became of the vouchers that were open; `None`: nothing readable.
type Answers = Vec<Option<Outcome>>;

impl SaveVouchers {
    /// Sends the open vouchers once. Answers their outcomes, and why some have none.
    pub(super) async fn attempt(&self, open: &[usize]) -> Result<(Answers, Option<Error>)> {
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
                for (name, id) in [("sId", s_id), ("dbId", db_id)] {
                    // Those of an authorization are in the query only.
                    if !id.is_empty() {
                        body.set(config.names.of(name), RawJson::text(id));
                    }
                }
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
            return (vec![None; sent], Some(self.unknown(ErrorKind::Decode, why)));
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
                (Some(code), _) if code == ApiError::UNEXPECTED => {
                    let error = self.unknown(ErrorKind::Server, "JDY is in trouble");
                    lost = Some(error.with_api(judge.words(code, result)));
                    None
                }
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
                    lost = Some(self.unknown(ErrorKind::Decode, why));
                    None
                }
            });
        }
        (answers, lost)
    }

    /// Whether the vouchers were saved is not known.
    fn unknown(&self, kind: ErrorKind, why: impl Into<Cow<'static, str>>) -> Error {
        let path = &self.vouchers.client.config().paths.voucher;
        let error = Error::new(kind, why).with_effect(Effect::Unknown);
        error.in_call(format!("POST {path}"), Idempotency::NotIdempotent, 1)
    }

    fn tells_duplicate(&self, api: &ApiError) -> bool {
        let message = api.message().to_lowercase();
        let words = &self.vouchers.client.config().duplicate_words;
        words.iter().any(|word| message.contains(&word.to_lowercase()))
    }

    /// A voucher that was refused as a duplicate is there, or the refusal means something else.
    async fn adopted_or_refused(&self, index: usize, api: ApiError) -> Outcome {
        let mut found = self.look(index).await;
        if !matches!(found, Ok(Some(_))) {
            self.vouchers.client.clock().sleep(self.visible_after).await;
            found = self.look(index).await;
        }
        match found {
            Ok(Some(saved)) => Outcome::Saved(saved),
            Ok(None) => Outcome::Refused(api),
            Err(error) => {
                warn!("a voucher refused as a duplicate could not be looked for: {error}");
                let why = "the voucher seems to be there, and could not be looked for";
                Outcome::Failed(self.unknown(ErrorKind::AlreadyExists, why).with_api(api))
            }
        }
    }
}
