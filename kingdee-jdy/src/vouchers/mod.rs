//! Vouchers (凭证): saved, listed, deleted, reversed.
//!
//! # What keeps a voucher from being there twice
//!
//! Its `linkId`. The platform takes each once; the client looks for it there whenever it cannot know
//! whether an attempt arrived:
//!
//! | what happened | what the client does |
//! |---|---|
//! | never sent, throttled | sends again |
//! | the token was refused | logs in again and sends once more |
//! | answer lost, 5xx, `48001`, unreadable results | looks for the `linkId`; sends again only if it is not there |
//! | refused as a duplicate | looks for the `linkId`; is it there, it is saved |
//! | refused for another reason | reports it |
//!
//! A look that cannot tell ends in [`Outcome::Failed`] with an error that
//! [may have taken effect](erplink_core::Error::may_have_taken_effect).

mod attempt;
mod check;
mod entry;
mod list;
mod outcome;
mod read;
mod save;
mod voucher;

use erplink_core::{Idempotency, Members, RawJson};
use http::Method;

pub use entry::{Entry, Side};
pub use list::{ListVouchers, ListedVoucher};
pub use outcome::{Outcome, Saved};
pub use read::NoVoucher;
pub use save::SaveVouchers;
pub use voucher::Voucher;

use crate::client::{Client, Exchange};
use crate::error::{Expect, Result};
use crate::period::Period;

/// Calls about vouchers. From [`Client::vouchers`].
#[derive(Clone, Debug)]
pub struct Vouchers {
    client: Client,
}

impl Client {
    /// Vouchers (凭证).
    #[must_use]
    pub fn vouchers(&self) -> Vouchers {
        Vouchers { client: self.clone() }
    }
}

impl Vouchers {
    /// Finds everything that would keep vouchers from being saved. Nothing is sent.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) with every problem, each with its voucher and line.
    pub fn check(&self, vouchers: &[Voucher]) -> Result<()> {
        check::check(vouchers, self.client.config().amount_digits)
    }

    /// `DELETE /jdyaccouting/voucher`: deletes vouchers by their `vchId`.
    ///
    /// # Errors
    /// As every call.
    pub async fn delete<'a>(&self, vch_ids: impl IntoIterator<Item = &'a str>) -> Result<()> {
        let ids = RawJson::array(vch_ids.into_iter().map(number_or_text));
        let mut body = Members::new();
        body.set(self.client.config().names.of("idSet"), ids);
        let path = &self.client.config().paths.voucher;
        let exchange = Exchange::new(Method::DELETE, path, Idempotency::Idempotent, Expect::Write);
        self.client.run(&exchange.json(&body)?).await.map(drop)
    }

    /// `POST /jdyaccouting/voucher?isReverse=1`: makes vouchers that take these back (红冲). Never
    /// repeated when its answer is lost: nothing tells two reversals apart.
    ///
    /// # Errors
    /// As every call.
    pub async fn reverse<'a>(&self, vch_ids: impl IntoIterator<Item = &'a str>) -> Result<Members> {
        let ids: Vec<&str> = vch_ids.into_iter().collect();
        let mut body = Members::new();
        body.set(self.client.config().names.of("vchId"), RawJson::text(&ids.join(",")));
        let path = &self.client.config().paths.voucher;
        let exchange = Exchange::new(Method::POST, path, Idempotency::NotIdempotent, Expect::Write)
            .query("isReverse", "1")
            .json(&body)?;
        Ok(self.client.run(&exchange).await?.judged.body)
    }

    /// `GET /jdyaccouting/voucher?action=getVchTotalQuery`: the totals of the vouchers of some
    /// periods (凭证汇总). The whole answer, because its shape is not published.
    ///
    /// # Errors
    /// As every call.
    pub async fn totals(&self, from: Period, to: Period) -> Result<Members> {
        let exchange = Exchange::read(&self.client.config().paths.voucher)
            .query("action", "getVchTotalQuery")
            .query("fromDate", from.to_string())
            .query("toDate", to.to_string());
        Ok(self.client.run(&exchange).await?.judged.body)
    }
}

/// Ids are numbers on the wire, and may be longer than a float holds.
fn number_or_text(id: &str) -> RawJson {
    let is_number = id == "0" || (!id.starts_with('0') && id.bytes().all(|b| b.is_ascii_digit()));
    match RawJson::parse(id) {
        Ok(number) if is_number => number,
        _ => RawJson::text(id),
    }
}
