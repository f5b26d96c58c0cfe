//! Members into fields and back.

use std::fmt;

use erplink_core::{Decimal, Members, RawJson};

/// JSON that is no voucher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoVoucher(String);

impl NoVoucher {
    pub(super) fn new(problem: impl fmt::Display) -> Self {
        Self(problem.to_string())
    }
}

impl fmt::Display for NoVoucher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NoVoucher {}

/// Members that are taken out one by one; the rest is what nobody asked for.
pub(super) struct Reader(pub(super) Members);

impl Reader {
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, NoVoucher> {
        let text = self.0.text(name).map_err(NoVoucher::new);
        self.0.remove(name);
        text
    }

    pub(super) fn required_text(&mut self, name: &str) -> Result<String, NoVoucher> {
        self.text(name)?.ok_or_else(|| NoVoucher(format!("`{name}`: missing or empty")))
    }

    pub(super) fn decimal(&mut self, name: &str) -> Result<Option<Decimal>, NoVoucher> {
        let number = self.0.decimal(name).map_err(NoVoucher::new);
        self.0.remove(name);
        number
    }

    pub(super) fn required_decimal(&mut self, name: &str) -> Result<Decimal, NoVoucher> {
        self.decimal(name)?.ok_or_else(|| NoVoucher(format!("`{name}`: missing or empty")))
    }

    pub(super) fn objects(&mut self, name: &str) -> Result<Vec<Members>, NoVoucher> {
        let objects = self.0.objects(name).map_err(NoVoucher::new);
        self.0.remove(name);
        objects
    }
}

pub(super) fn put_text(members: &mut Members, name: &str, value: Option<&String>) {
    if let Some(value) = value {
        members.set(name, RawJson::text(value));
    }
}

pub(super) fn put_number(members: &mut Members, name: &str, value: Option<impl Into<Decimal>>) {
    if let Some(value) = value {
        members.set(name, RawJson::number(value));
    }
}
