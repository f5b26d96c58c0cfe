//! Binding invoices to expense forms (报销单), and the keys of the collection page (发票助手).
//!
//! The members of most bodies are in the documentation that the platform gives its customers; they
//! are whatever your type serialises to.

use erplink_core::Idempotency;
use http::Method;
use serde::Serialize;
use serde::ser::Serializer;

use crate::client::{Client, Exchange};
use crate::error::Result;
use crate::raw::Answer;

/// The state of an invoice in an expense form (`expenseStatus`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExpenseStatus {
    /// 1: unused (未用).
    Unused,
    /// 30: in use (在用).
    InUse,
    /// 60: used (已用).
    Used,
    /// 65: booked (已入账).
    Booked,
}

impl ExpenseStatus {
    /// The platform's number.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Unused => 1,
            Self::InUse => 30,
            Self::Used => 60,
            Self::Booked => 65,
        }
    }
}

impl Serialize for ExpenseStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_u8(self.number())
    }
}

/// Calls about expense forms. From [`Client::expense`].
#[derive(Clone, Debug)]
pub struct Expense {
    client: Client,
}

impl Client {
    /// Expense forms and the collection page.
    #[must_use]
    pub fn expense(&self) -> Expense {
        Expense { client: self.clone() }
    }
}

impl Expense {
    /// `POST /expense/entry/cache`: keeps the invoices of a form for two hours.
    ///
    /// # Errors
    /// See [`crate::error`].
    pub async fn cache<T: Serialize + Sync + ?Sized>(&self, entry: &T) -> Result<Answer> {
        self.post("/expense/entry/cache", Idempotency::Idempotent, entry).await
    }

    /// `POST /expense/entry/save`: binds invoices to a form. Not repeated after its answer was lost:
    /// look with [`invoices`](Self::invoices) first.
    ///
    /// # Errors
    /// See [`crate::error`].
    pub async fn save<T: Serialize + Sync + ?Sized>(&self, entry: &T) -> Result<Answer> {
        self.post("/expense/entry/save", Idempotency::NotIdempotent, entry).await
    }

    /// `POST /expense/entry/delete`: unbinds invoices from a form.
    ///
    /// # Errors
    /// See [`crate::error`].
    pub async fn delete<T: Serialize + Sync + ?Sized>(&self, entry: &T) -> Result<Answer> {
        self.post("/expense/entry/delete", Idempotency::Idempotent, entry).await
    }

    /// `GET /bxdInvoices`: the invoices of a form, by the parameters of the documentation.
    ///
    /// # Errors
    /// See [`crate::error`].
    pub async fn invoices<'a>(
        &self,
        parameters: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Answer> {
        let mut exchange = Exchange::new(Method::GET, "/bxdInvoices", Idempotency::Safe);
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        exchange.query = parameters.into_iter().map(owned).collect();
        self.client.ask(exchange).await
    }

    /// `POST /expense/invoice/status/update`: sets the state of invoices, with an
    /// [`ExpenseStatus`] as `expenseStatus`.
    ///
    /// # Errors
    /// See [`crate::error`].
    pub async fn set_status<T: Serialize + Sync + ?Sized>(&self, change: &T) -> Result<Answer> {
        self.post("/expense/invoice/status/update", Idempotency::Idempotent, change).await
    }

    /// `POST /m4/fpzs/getUserKey`: the key under which a person opens the collection page.
    ///
    /// # Errors
    /// See [`crate::error`].
    pub async fn user_key<T: Serialize + Sync + ?Sized>(&self, user: &T) -> Result<Answer> {
        self.post("/m4/fpzs/getUserKey", Idempotency::Safe, user).await
    }

    /// `POST /m4/fpzs/getLinkKey`: the key of a link to the collection page.
    ///
    /// # Errors
    /// See [`crate::error`].
    pub async fn link_key<T: Serialize + Sync + ?Sized>(&self, link: &T) -> Result<Answer> {
        self.post("/m4/fpzs/getLinkKey", Idempotency::Safe, link).await
    }

    async fn post<T: Serialize + Sync + ?Sized>(
        &self,
        path: &str,
        idempotency: Idempotency,
        body: &T,
    ) -> Result<Answer> {
        self.client.ask(Exchange::new(Method::POST, path, idempotency).json(body)?).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_the_platforms_numbers() {
        let states = [
            ExpenseStatus::Unused,
            ExpenseStatus::InUse,
            ExpenseStatus::Used,
            ExpenseStatus::Booked,
        ];
        assert_eq!(serde_json::to_string(&states).unwrap(), "[1,30,60,65]");
    }
}
