//! Recognising invoices on pictures, and verifying what was recognised.
//!
//! The calls by which the imaging system (影像) itself takes pictures and tells their state are not
//! public; [`Client::raw`] reaches them where you have them.

use erplink_core::Idempotency;
use http::Method;

use crate::client::{Client, Exchange};
use crate::error::Result;
use crate::raw::Answer;

/// What kind of file a picture is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FileType {
    /// A picture.
    #[default]
    Jpg,
    /// A PDF file.
    Pdf,
}

/// Calls about pictures. From [`Client::imaging`].
#[derive(Clone, Debug)]
pub struct Imaging {
    client: Client,
}

impl Client {
    /// Recognising and verifying pictures. The bytes are those of the file; the client makes the
    /// Base64.
    #[must_use]
    pub fn imaging(&self) -> Imaging {
        Imaging { client: self.clone() }
    }
}

impl Imaging {
    /// `POST /m3/bill/invoice/img/Check/info`: recognises the invoice on a picture and verifies it
    /// (识别并查验).
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) for an empty or too large file.
    pub async fn check(&self, file: &[u8], kind: FileType) -> Result<Answer> {
        let kind = match kind {
            FileType::Jpg => "jpg",
            FileType::Pdf => "pdf",
        };
        self.send("/m3/bill/invoice/img/Check/info", file, Some(kind)).await
    }

    /// `POST /m3/bill/invoice/img/analyze/multiple/info`: recognises all invoices on a picture and
    /// verifies none (识别). See [`Answer::items`].
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) for an empty or too large file.
    pub async fn recognize_all(&self, file: &[u8]) -> Result<Answer> {
        self.send("/m3/bill/invoice/img/analyze/multiple/info", file, None).await
    }

    /// `POST /m3/bill/invoice/img/analyze/multiple/check`: recognises all invoices on a picture and
    /// verifies each. Some may fail: see [`Answer::items`].
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) for an empty or too large file.
    pub async fn check_all(&self, file: &[u8]) -> Result<Answer> {
        self.send("/m3/bill/invoice/img/analyze/multiple/check", file, None).await
    }

    /// `POST /m3/bill/invoice/pdf/check`: recognises and verifies a PDF file.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) for an empty or too large file.
    pub async fn check_pdf(&self, file: &[u8]) -> Result<Answer> {
        self.send("/m3/bill/invoice/pdf/check", file, None).await
    }

    async fn send(&self, path: &str, file: &[u8], kind: Option<&str>) -> Result<Answer> {
        let mut exchange = Exchange::new(Method::POST, path, Idempotency::Safe);
        exchange.query.extend(kind.map(|kind| ("type".to_owned(), kind.to_owned())));
        self.client.ask(self.client.with_file(exchange, file)?).await
    }
}
