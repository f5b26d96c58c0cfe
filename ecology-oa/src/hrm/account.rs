//! Who am I?

use erplink_core::{Idempotency, RawJson, json};
use serde::Deserialize;

use crate::client::{Client, Endpoint};
use crate::error::{Expect, Result};

const ACCOUNT: Endpoint =
    Endpoint::new("GET /api/hrm/login/getAccountList", Idempotency::Safe, Expect::Login);

/// The account the server takes the caller for. From [`Client::ping`].
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Account {
    /// OA user id.
    #[serde(rename = "userid", deserialize_with = "crate::lenient::text")]
    pub user_id: Option<String>,
    /// Department id.
    #[serde(rename = "deptid", deserialize_with = "crate::lenient::text")]
    pub department_id: Option<String>,
    /// Everything, as it was sent.
    #[serde(skip)]
    pub raw: Option<RawJson>,
}

impl Client {
    /// `GET /api/hrm/login/getAccountList`: the account the server takes the caller for.
    ///
    /// A check of the connection that shows in one call that address, `appid`, `secret`, `spk` and
    /// user are right.
    ///
    /// # Errors
    /// [`ApiError::diagnosis`](crate::ApiError::diagnosis) says which of them is not.
    pub async fn ping(&self) -> Result<Account> {
        let exchange = ACCOUNT.exchange();
        let raw: RawJson = self.call_data(&exchange).await?;
        let mut account: Account =
            json::decode(raw.as_str().as_bytes()).map_err(|error| exchange.decode_error(error))?;
        account.raw = Some(raw);
        Ok(account)
    }
}
