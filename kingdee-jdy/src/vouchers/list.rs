//! The list of vouchers (凭证列表).

use erplink_core::pager::{self, Page};
use erplink_core::{Decimal, ErrorKind, Idempotency, Members, RawJson, Results};
use http::Method;

use super::Vouchers;
use super::read::put_number;
use crate::books::records_of;
use crate::client::Exchange;
use crate::config::FilterShape;
use crate::error::{ApiError, Error, Expect, Judged, Result};
use crate::period::Period;

/// A voucher of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListedVoucher {
    /// The platform's id of it (`vchId`).
    pub vch_id: Option<String>,
    /// Its id in the system it comes from (`linkId`).
    pub link_id: Option<String>,
    /// Everything the platform says about it.
    pub members: Members,
}

/// A list on its way. From [`Vouchers::list`].
#[derive(Clone, Debug)]
#[must_use = "nothing is asked until items are taken"]
pub struct ListVouchers {
    vouchers: Vouchers,
    filter: Members,
    page_size: u32,
}

/// Where a page starts, and the first record of the page before.
type Cursor = (u32, Option<Members>);

impl Vouchers {
    /// `POST /jdyaccouting/voucherlist`: the vouchers of some periods (凭证列表).
    pub fn list(&self, from: Period, to: Period) -> ListVouchers {
        let mut filter = Members::new();
        filter.set("fromPeriod", RawJson::number(from.number()));
        filter.set("toPeriod", RawJson::number(to.number()));
        ListVouchers { vouchers: self.clone(), filter, page_size: 100 }
    }

    /// The voucher with this `linkId`, if it is in these periods.
    ///
    /// # Errors
    /// When the list cannot tell: it answers vouchers without a `linkId`, several have it, or the
    /// platform answers `48001`, which stands for "nothing found" and for trouble alike.
    pub async fn find(
        &self,
        link_id: &str,
        from: Period,
        to: Period,
    ) -> Result<Option<ListedVoucher>> {
        let list = self.list(from, to).link_id(link_id);
        let (mut found, mut start) = (None, (1, None));
        loop {
            let (page, code) = list.page(start).await?;
            if code == ApiError::UNEXPECTED {
                let why = "JDY answered 48001: nothing found, or trouble; nobody can tell";
                return Err(self.undecided(ErrorKind::Server, why));
            }
            for voucher in page.items {
                match &voucher.link_id {
                    Some(found_id) if found_id == link_id && found.is_some() => {
                        let why = format!("several vouchers have the `linkId` {link_id}");
                        return Err(self.undecided(ErrorKind::Conflict, why));
                    }
                    Some(found_id) if found_id == link_id => found = Some(voucher),
                    // The platform passed the filter over.
                    Some(_) => {}
                    None => {
                        let why = "the list answers vouchers without `linkId`: see `Config::names`";
                        return Err(self.undecided(ErrorKind::Decode, why));
                    }
                }
            }
            match page.next {
                Some(next) => start = next,
                None => return Ok(found),
            }
        }
    }

    fn undecided(&self, kind: ErrorKind, why: impl Into<std::borrow::Cow<'static, str>>) -> Error {
        let path = &self.client.config().paths.voucher_list;
        Error::new(kind, why).in_call(format!("POST {path}"), Idempotency::Safe, 1)
    }
}

impl ListVouchers {
    fn set(mut self, name: &str, value: RawJson) -> Self {
        self.filter.set(name, value);
        self
    }

    /// Only those with this voucher word (凭证字), such as `记`.
    pub fn group(self, name: &str) -> Self {
        self.set("vchGroup", RawJson::text(name))
    }

    /// Only those with these numbers (凭证号): `1,2,3` or `1-3`.
    pub fn numbers(self, numbers: &str) -> Self {
        self.set("vchNum", RawJson::text(numbers))
    }

    /// Only the one with this id of the platform.
    pub fn vch_id(self, id: &str) -> Self {
        self.set("vchId", RawJson::text(id))
    }

    /// Only the one with this id of the system it comes from.
    pub fn link_id(self, id: &str) -> Self {
        self.set("linkId", RawJson::text(id))
    }

    /// Only those that are audited (已审核), or those that are not.
    pub fn audited(self, audited: bool) -> Self {
        self.set("status", RawJson::number(u32::from(audited)))
    }

    /// Only those that the platform made itself (机制凭证).
    pub fn only_generated(self) -> Self {
        self.set("onlyMech", RawJson::number(1))
    }

    /// Only those with this text (摘要).
    pub fn text(self, text: &str) -> Self {
        self.set("exp", RawJson::text(text))
    }

    /// Only those on these accounts (科目): `1001`, `1001,1002` or `1001-1009`.
    pub fn accounts(self, numbers: &str) -> Self {
        self.set("account", RawJson::text(numbers))
    }

    /// Only those with this item of a dimension of the company's own (自定义辅助核算).
    pub fn item(self, class_name: &str, name: &str) -> Self {
        self.set("itemClsName", RawJson::text(class_name)).set("itemName", RawJson::text(name))
    }

    /// Only those whose total is in this range (凭证合计金额).
    pub fn amounts(mut self, from: Option<Decimal>, to: Option<Decimal>) -> Self {
        put_number(&mut self.filter, "fromAmount", from);
        put_number(&mut self.filter, "toAmount", to);
        self
    }

    /// Only those made by this user (制单人).
    pub fn user_name(self, name: &str) -> Self {
        self.set("userName", RawJson::text(name))
    }

    /// Only those in this currency.
    pub fn currency(self, name: &str) -> Self {
        self.set("currency", RawJson::text(name))
    }

    /// Only those made with this template (凭证模板).
    pub fn template(self, name: &str) -> Self {
        self.set("transTypeName", RawJson::text(name))
    }

    /// How many vouchers a page has. Default 100.
    pub fn page_size(mut self, vouchers: u32) -> Self {
        self.page_size = vouchers.max(1);
        self
    }

    /// The vouchers, page by page as they are taken.
    pub fn items(self) -> Results<ListedVoucher, Error> {
        pager::items(pager::pages((1, None), move |start| {
            let list = self.clone();
            async move { list.page(start).await.map(|(page, _)| page) }
        }))
    }

    async fn page(&self, (number, before): Cursor) -> Result<(Page<ListedVoucher, Cursor>, i64)> {
        let client = &self.vouchers.client;
        let config = client.config();
        let mut filter = self.filter.clone();
        filter.set("page", RawJson::number(number));
        filter.set("pageSize", RawJson::number(self.page_size));
        let filter = config.names.apply(&filter);
        let body = match config.filter_shape {
            FilterShape::Flat => filter,
            FilterShape::Wrapped => {
                let mut body = Members::new();
                body.set("filter", filter.to_json());
                body
            }
        };
        let path = &config.paths.voucher_list;
        let exchange =
            Exchange::new(Method::POST, path, Idempotency::Safe, Expect::Query).json(&body)?;
        let Judged { body, code } = client.run(&exchange).await?.judged;
        let unlike =
            |error: Error| error.in_call(exchange.call.operation.clone(), Idempotency::Safe, 1);
        let records = records_of(&body).map_err(unlike)?;
        let first = records.first().cloned();
        if first.is_some() && first == before {
            let why = format!("page {number} is page {} again; stopped", number - 1);
            return Err(unlike(Error::new(ErrorKind::Decode, why)));
        }
        let pages: Option<u32> = body
            .text(config.names.of("totalPages"))
            .ok()
            .flatten()
            .and_then(|text| text.parse().ok());
        let goes_on = match pages {
            Some(pages) => !records.is_empty() && number < pages,
            None => records.len() == usize::try_from(self.page_size).unwrap_or(usize::MAX),
        };
        let items = records.into_iter().map(|members| {
            let text = |name: &str| members.text(config.names.of(name)).ok().flatten();
            ListedVoucher { vch_id: text("vchId"), link_id: text("linkId"), members }
        });
        let next = goes_on.then(|| (number.saturating_add(1), first));
        Ok((Page { items: items.collect(), next }, code))
    }
}
