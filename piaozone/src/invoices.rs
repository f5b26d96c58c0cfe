//! Verifying and issuing invoices: bodies that are encrypted under the `encrypt_key`.
//!
//! The members of the bodies are in the documentation that the platform gives its customers. They
//! are whatever your type serialises to.

use erplink_core::Idempotency;
use http::Method;
use serde::Serialize;

use crate::client::{Client, Exchange};
use crate::error::Result;
use crate::raw::Answer;

/// Which of the two gateways verifies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Gateway {
    /// `/m3`.
    #[default]
    M3,
    /// `/m13`.
    M13,
}

/// Calls about invoices. From [`Client::invoices`].
#[derive(Clone, Debug)]
pub struct Invoices {
    client: Client,
}

impl Client {
    /// Verifying and issuing invoices.
    #[must_use]
    pub fn invoices(&self) -> Invoices {
        Invoices { client: self.clone() }
    }
}

impl Invoices {
    /// `POST /m3/bill/invoice/sys/check`, `POST /m13/bill/invoice/sys/check`: verifies an invoice
    /// by its elements (发票查验).
    ///
    /// ```no_run
    /// # async fn run(client: piaozone::Client) -> piaozone::Result<()> {
    /// use piaozone::invoices::Gateway;
    ///
    /// let elements = serde_json::json!({ "invoiceNo": "12345678" });
    /// let answer = client.invoices().check(Gateway::M3, &elements).await?;
    /// println!("{}", answer.data());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) without an `encrypt_key`.
    pub async fn check<T>(&self, gateway: Gateway, elements: &T) -> Result<Answer>
    where
        T: Serialize + Sync + ?Sized,
    {
        let path = match gateway {
            Gateway::M3 => "/m3/bill/invoice/sys/check",
            Gateway::M13 => "/m13/bill/invoice/sys/check",
        };
        let exchange = Exchange::new(Method::POST, path, Idempotency::Safe);
        self.client.ask(self.client.sealed(exchange, elements)?).await
    }

    /// `POST /m5/bill/invoice/create`: issues an invoice (开票).
    ///
    /// It is not repeated after its answer was lost: the error's `may_have_taken_effect()` says
    /// that the invoice may exist. Look it up before you issue it again.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) without an `encrypt_key`.
    pub async fn create<T>(&self, invoice: &T) -> Result<Answer>
    where
        T: Serialize + Sync + ?Sized,
    {
        let path = "/m5/bill/invoice/create";
        let exchange = Exchange::new(Method::POST, path, Idempotency::NotIdempotent);
        self.client.ask(self.client.sealed(exchange, invoice)?).await
    }
}
