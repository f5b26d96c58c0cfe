//! Saving, deleting and reversing vouchers (凭证).

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;

use super::quirks::Shape;
use super::refusal::Refusal;
use super::request::{Incoming, only, text_of};
use super::voucher::Voucher;
use super::world::World;
use crate::servicelayer::json::{Json, Object};

const MOST: usize = 200;
const GROUPS: &[&str] = &["记", "收", "付", "转"];
const CURRENCIES: &[&str] = &["RMB", "USD", "EUR"];

const VOUCHER: &[&str] =
    &["linkId", "groupName", "vchNumber", "date", "yearPeriod", "userName", "entries"];
const ENTRY: &[&str] = &[
    "acctNo",
    "dc",
    "amount",
    "exp",
    "currency",
    "rate",
    "amountFor",
    "custNo",
    "suppNo",
    "deptNo",
    "empNo",
    "inventoryNo",
    "projectNo",
    "itemClsName",
    "itemNo",
    "qty",
    "unit",
    "price",
];

impl World {
    /// `POST /jdyaccouting/voucher`
    pub(super) fn save(
        &mut self,
        request: &Incoming,
        now: DateTime<Utc>,
    ) -> Result<Object, Refusal> {
        let body = request.json()?;
        let batch = match (&body, self.quirks.body) {
            (Json::Array(batch), Shape::Bare) => batch.as_slice(),
            (Json::Object(object), Shape::Wrapped) => {
                object.get("list").and_then(Json::as_array).unwrap_or_default()
            }
            (other, _) => {
                return Err(Refusal::data(format!("请求体格式不正确: {}", other.shape())));
            }
        };
        if batch.is_empty() {
            return Err(Refusal::new(46_003, "操作记录数为0"));
        }
        if batch.len() > MOST {
            return Err(Refusal::new(46_004, "批量操作记录数超限200"));
        }
        let (mut results, mut code) = (Vec::new(), 0);
        for voucher in batch {
            let saved = match voucher.as_object() {
                Some(voucher) => self.save_one(voucher, now),
                None => Err(Refusal::data("凭证应为对象")),
            };
            results.push(match saved {
                Ok(result) => result,
                // Nothing of a batch that the sandbox does not understand is half done.
                Err(refusal) if refusal.code == 501 => return Err(refusal),
                Err(refusal) => {
                    code = self.quirks.partial_code;
                    Object::default().with("code", refusal.code).with("msg", refusal.message)
                }
            });
        }
        let msg = if code == 0 { "成功" } else { "部分凭证保存失败" };
        Ok(Object::default().with("code", code).with("msg", msg).with("list", results))
    }

    fn save_one(&mut self, sent: &Object, now: DateTime<Utc>) -> Result<Object, Refusal> {
        let voucher = self.read(sent, now)?;
        if let Some(refusal) = self.refused_vouchers.remove(&voucher.link_id) {
            return Err(refusal);
        }
        let known = |known: &&Voucher| known.link_id == voucher.link_id;
        if self.quirks.unique_link_ids && self.vouchers.iter().any(|one| known(&one)) {
            return Err(Refusal::data(self.quirks.duplicate_message.clone()));
        }
        let result = Object::default()
            .with("vchId", voucher.id)
            .with("vchNumber", voucher.number)
            .with("vchNo", voucher.name())
            .with("code", 0)
            .with("msg", "成功");
        self.last_voucher = voucher.id;
        self.vouchers.push(voucher);
        Ok(result)
    }

    /// A voucher of a request, checked.
    fn read(&self, sent: &Object, now: DateTime<Utc>) -> Result<Voucher, Refusal> {
        if !self.quirks.ignore_unknown_members {
            only(sent, VOUCHER)?;
            sent.rows("entries").try_for_each(|entry| only(entry, ENTRY))?;
        }
        let text = |name: &str| {
            text_of(sent, name).ok_or_else(|| Refusal::data(format!("{name}不能为空")))
        };
        let (link_id, group, date) = (text("linkId")?, text("groupName")?, text("date")?);
        if !GROUPS.contains(&group.as_str()) {
            return Err(Refusal::data(format!("凭证字【{group}】不存在")));
        }
        let day = NaiveDate::parse_from_str(&date, "%Y-%m-%d").ok().filter(|_| date.len() == 10);
        let day = day.ok_or_else(|| Refusal::data(format!("日期【{date}】格式不正确")))?;
        let period: i64 = day.format("%Y%m").to_string().parse().unwrap_or_default();
        if sent.int("yearPeriod").is_some_and(|named| named != period) {
            return Err(Refusal::data("会计期间与日期不符"));
        }
        if period < self.current_period {
            return Err(Refusal::data(format!("期间{period}已结账")));
        }
        let debits = self.balance(sent)?;
        let free = self.next_number(&group, period);
        let number = sent.int("vchNumber").filter(|number| *number > 0).unwrap_or(free);
        let same =
            |one: &Voucher| one.group == group && one.period == period && one.number == number;
        if self.vouchers.iter().any(same) {
            return Err(Refusal::data(format!("凭证号{group}-{number}已被使用")));
        }
        Ok(Voucher {
            id: self.last_voucher.saturating_add(1),
            user_name: text_of(sent, "userName").unwrap_or_else(|| "王五".to_owned()),
            entries: sent.rows("entries").cloned().collect(),
            audited: false,
            saved_at: now,
            link_id,
            group,
            number,
            date,
            period,
            debits,
        })
    }

    fn next_number(&self, group: &str, period: i64) -> i64 {
        let same = self.vouchers.iter().filter(|one| one.group == group && one.period == period);
        same.map(|one| one.number).max().unwrap_or_default().saturating_add(1)
    }

    /// Checks the lines, and adds the debits up.
    fn balance(&self, sent: &Object) -> Result<Decimal, Refusal> {
        let lines = sent.rows("entries").count();
        if lines < 2 || sent.get("entries").and_then(Json::as_array).map(<[_]>::len) != Some(lines)
        {
            return Err(Refusal::data("分录不能少于两行"));
        }
        let (mut debits, mut credits) = (Decimal::ZERO, Decimal::ZERO);
        for (index, entry) in sent.rows("entries").enumerate() {
            let refuse = |why: String| Refusal::data(format!("第{}行: {why}", index + 1));
            let (side, amount) = self.line(entry).map_err(refuse)?;
            let total = if side == 1 { &mut debits } else { &mut credits };
            *total = total.checked_add(amount).ok_or_else(|| refuse("金额过大".to_owned()))?;
        }
        if debits == credits { Ok(debits) } else { Err(Refusal::data("借贷不平衡")) }
    }

    fn line(&self, entry: &Object) -> Result<(i64, Decimal), String> {
        let account = text_of(entry, "acctNo").ok_or("科目不能为空")?;
        let known = self.accounts.iter().find(|known| known.number == account);
        let known = known.ok_or_else(|| format!("科目{account}不存在"))?;
        let dimension = |wanted: bool, name: &str, all: &[String]| match text_of(entry, name) {
            None if wanted => Err(format!("科目{account}需要{name}")),
            Some(number) if !all.contains(&number) => Err(format!("{name}【{number}】不存在")),
            _ => Ok(()),
        };
        dimension(known.customer, "custNo", &self.customers)?;
        dimension(known.supplier, "suppNo", &self.suppliers)?;
        if let Some(currency) = text_of(entry, "currency")
            && !CURRENCIES.contains(&currency.as_str())
        {
            return Err(format!("币别{currency}不存在"));
        }
        let side = entry.int("dc").filter(|side| matches!(side, 1 | -1)).ok_or("dc应为1或-1")?;
        let amount = match entry.get("amount") {
            Some(Json::Number(_)) => entry.decimal("amount"),
            _ => None,
        };
        let amount = amount.ok_or("amount应为数字")?;
        if amount.normalize().scale() > 2 {
            return Err(format!("金额{amount}超过两位小数"));
        }
        Ok((side, amount))
    }

    /// `DELETE /jdyaccouting/voucher`
    pub(super) fn delete(&mut self, request: &Incoming) -> Result<Object, Refusal> {
        let body = request.object()?;
        only(&body, &["idSet"])?;
        let ids: Vec<String> = body
            .get("idSet")
            .and_then(Json::as_array)
            .unwrap_or_default()
            .iter()
            .filter_map(|id| match id {
                Json::Number(id) | Json::Text(id) => Some(id.clone()),
                _ => None,
            })
            .collect();
        let named = |voucher: &Voucher| ids.contains(&voucher.id.to_string());
        if self.vouchers.iter().any(|voucher| named(voucher) && voucher.audited) {
            return Err(Refusal::data("已审核的凭证不能删除"));
        }
        let before = self.vouchers.len();
        self.vouchers.retain(|voucher| !named(voucher));
        if self.vouchers.len() == before {
            return Err(Refusal::new(46_003, "操作记录数为0"));
        }
        Ok(Object::default().with("code", 0).with("msg", "成功"))
    }

    /// `POST /jdyaccouting/voucher?isReverse=1`: the same lines with the opposite sign.
    pub(super) fn reverse(
        &mut self,
        request: &Incoming,
        now: DateTime<Utc>,
    ) -> Result<Object, Refusal> {
        let body = request.object()?;
        only(&body, &["vchId"])?;
        let ids = text_of(&body, "vchId").unwrap_or_default();
        let mut made = Vec::new();
        for id in ids.split(',') {
            let original = self.vouchers.iter().find(|voucher| voucher.id.to_string() == id.trim());
            let original = original.ok_or_else(|| Refusal::data(format!("凭证{id}不存在")))?;
            let negated = |entry: &Object| {
                let amount = entry.decimal("amount").unwrap_or_default();
                entry.clone().with("amount", -amount)
            };
            let voucher = Voucher {
                id: self.last_voucher.saturating_add(1),
                link_id: String::new(),
                group: original.group.clone(),
                number: self.next_number(&original.group, original.period),
                date: original.date.clone(),
                period: original.period,
                user_name: original.user_name.clone(),
                entries: original.entries.iter().map(negated).collect(),
                debits: -original.debits,
                audited: false,
                saved_at: now,
            };
            self.last_voucher = voucher.id;
            made.push(Object::default().with("vchId", voucher.id).with("vchNo", voucher.name()));
            self.vouchers.push(voucher);
        }
        Ok(Object::default().with("code", 0).with("msg", "成功").with("list", made))
    }
}
