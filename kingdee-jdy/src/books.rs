//! The company sets (账套) of an account, their settings and balances.

use erplink_core::{ErrorKind, Members};

use crate::client::{Client, Exchange};
use crate::error::{Error, Result};

/// A company set (账套) that the login may use.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CompanySet {
    /// `sId`.
    pub s_id: Option<String>,
    /// `dbId`.
    pub db_id: Option<String>,
    /// Everything the platform says about it.
    pub members: Members,
}

/// What can be asked of the settings of a company set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProfileKey {
    /// Lengths of the parts of an account's code, such as `4-2-2-2` (科目编码规则).
    AccountRule,
    /// The accounting standard (会计准则).
    AccountStandard,
    /// The current period, such as `202603` (当前期间).
    CurrentPeriod,
    /// The first period (启用期间).
    StartPeriod,
    /// The company's name (公司名称).
    CompanyName,
    /// The standard currency (本位币), such as `RMB`.
    StandardCurrency,
}

impl ProfileKey {
    /// Its name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AccountRule => "acct_rule",
            Self::AccountStandard => "acct_std",
            Self::CurrentPeriod => "cur_period",
            Self::StartPeriod => "start_period",
            Self::CompanyName => "acct_name",
            Self::StandardCurrency => "std_currency",
        }
    }
}

impl Client {
    /// `GET /jdyaccouting/service`: the company sets (账套) with their `sId` and `dbId`.
    ///
    /// # Errors
    /// As every call.
    pub async fn company_sets(&self) -> Result<Vec<CompanySet>> {
        let mut exchange = Exchange::read(&self.config().paths.service);
        exchange.needs_set = false;
        let names = &self.config().names;
        let read = |members: Members| {
            let text = |name: &str| members.text(names.of(name)).ok().flatten();
            CompanySet { s_id: text("sId"), db_id: text("dbId"), members }
        };
        Ok(self.records(&exchange).await?.into_iter().map(read).collect())
    }

    /// `GET /jdyaccouting/profile?key=…`: one setting of the company set. The whole answer, because
    /// its shape is not published.
    ///
    /// # Errors
    /// As every call.
    pub async fn profile(&self, key: ProfileKey) -> Result<Members> {
        let exchange = Exchange::read(&self.config().paths.profile).query("key", key.as_str());
        Ok(self.run(&exchange).await?.judged.body)
    }

    /// `GET /jdyaccouting/balance/query`: the balances (科目余额) of a class of accounts in a currency
    /// such as `RMB`.
    ///
    /// # Errors
    /// As every call.
    pub async fn balance(&self, class_id: u32, currency: &str) -> Result<Vec<Members>> {
        let exchange = Exchange::read(&self.config().paths.balance)
            .query("classId", class_id.to_string())
            .query("currency", currency);
        self.records(&exchange).await
    }

    /// The records of an answer. Which of the names of a list it uses differs by call and version.
    pub(crate) async fn records(&self, exchange: &Exchange) -> Result<Vec<Members>> {
        let body = self.run(exchange).await?.judged.body;
        records_of(&body).map_err(|error| {
            error.in_call(exchange.call.operation.clone(), exchange.call.idempotency, 1)
        })
    }
}

/// The list in an answer; one that has none found nothing.
pub(crate) fn records_of(body: &Members) -> Result<Vec<Members>> {
    let data: Option<Members> = body.get("data").and_then(|data| data.get().ok());
    let body = data.as_ref().unwrap_or(body);
    let lists = ["items", "records", "list", "data"];
    let list = lists.into_iter().find(|name| body.get(name).is_some_and(|one| !one.is_null()));
    match list {
        Some(name) => body
            .objects(name)
            .map_err(|error| Error::new(ErrorKind::Decode, format!("the answer's {error}"))),
        None => Ok(Vec::new()),
    }
}
