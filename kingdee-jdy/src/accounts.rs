//! The chart of accounts (科目表).

use erplink_core::{Idempotency, Members, RawJson};
use http::Method;

use crate::client::{Client, Exchange};
use crate::error::{Error, Expect, Result};
use crate::vouchers::Side;

/// Calls about accounts. From [`Client::accounts`].
#[derive(Clone, Debug)]
pub struct Accounts {
    client: Client,
}

/// An account (科目).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Account {
    /// Its code, such as `1001` (科目编码).
    pub number: String,
    /// Its name (科目名称).
    pub name: Option<String>,
    /// Everything the platform says about it.
    pub members: Members,
}

/// An account to create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAccount {
    /// Its code (科目编码).
    pub number: String,
    /// Its name (科目名称).
    pub name: String,
    /// The side on which it grows.
    pub side: Side,
    /// The name of its group (科目类别名称), such as `流动资产`.
    pub group_name: String,
    /// Further members as the platform names them: `currency`, `itemClsName`, `useCustomer`,
    /// `useSupplier`, `useDept`, `useEmp`, `useInventory`, `useProject`, `useQtyAux`, `qtyUnit`.
    pub more: Members,
}

impl NewAccount {
    /// An account without auxiliary accounting (辅助核算).
    pub fn new(
        number: impl Into<String>,
        name: impl Into<String>,
        side: Side,
        group_name: impl Into<String>,
    ) -> Self {
        let (number, name, group_name) = (number.into(), name.into(), group_name.into());
        Self { number, name, side, group_name, more: Members::new() }
    }

    /// Adds a member as the platform names it, such as `useCustomer` with 1.
    #[must_use]
    pub fn with(mut self, name: &str, value: RawJson) -> Self {
        self.more.set(name, value);
        self
    }

    fn members(&self) -> Members {
        let mut members = Members::new();
        members.set("number", RawJson::text(&self.number));
        members.set("name", RawJson::text(&self.name));
        members.set("dc", self.side.to_json());
        members.set("groupName", RawJson::text(&self.group_name));
        for (name, value) in self.more.iter() {
            members.set(name, value.clone());
        }
        members
    }
}

impl Client {
    /// The chart of accounts (科目表).
    #[must_use]
    pub fn accounts(&self) -> Accounts {
        Accounts { client: self.clone() }
    }
}

impl Accounts {
    /// `GET /jdyaccouting/account`: the accounts, of one class (科目类别) or all.
    ///
    /// # Errors
    /// As every call.
    pub async fn list(&self, class_id: Option<u32>) -> Result<Vec<Account>> {
        let mut exchange = Exchange::read(&self.client.config().paths.account);
        if let Some(class) = class_id {
            exchange = exchange.query("classId", class.to_string());
        }
        let (number, name) = {
            let names = &self.client.config().names;
            (names.of("number"), names.of("name"))
        };
        let read = |members: Members| {
            let text = |name: &str| members.text(name).ok().flatten();
            let number = text(number).ok_or_else(|| {
                let expected = format!("an account came without `{number}`");
                Error::new(crate::ErrorKind::Decode, expected)
            })?;
            Ok(Account { number, name: text(name), members })
        };
        self.client.records(&exchange).await?.into_iter().map(read).collect()
    }

    /// `POST /jdyaccouting/account`: creates an account. Not repeated when its answer is lost.
    ///
    /// # Errors
    /// As every call.
    pub async fn create(&self, account: &NewAccount) -> Result<()> {
        let config = self.client.config();
        let (path, post) = (&config.paths.account, Idempotency::NotIdempotent);
        let exchange = Exchange::new(Method::POST, path, post, Expect::Write)
            .json(&config.names.apply(&account.members()))?;
        self.client.run(&exchange).await.map(drop)
    }
}
