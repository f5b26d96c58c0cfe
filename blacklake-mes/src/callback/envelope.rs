//! The envelope of a push, and the event in it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use erplink_core::RawJson;

use super::CallbackError;
use crate::lenient::{Lenient, model};

model! {
    #[allow(unreachable_pub)]
    pub struct Envelope {
        pub encrypt: Option<String>,
    }

    #[allow(unreachable_pub)]
    pub struct Plain {
        pub header: Option<RawJson>,
        pub data: Option<RawJson>,
    }
}

/// The encrypted content of an envelope.
pub(super) fn sealed(body: &[u8]) -> Result<Vec<u8>, CallbackError> {
    let text = std::str::from_utf8(body).map_err(|_| CallbackError::Envelope("it is not UTF-8"))?;
    let text = text.trim();
    if !text.starts_with('{') {
        return Err(CallbackError::Envelope("it is not a JSON object"));
    }
    let envelope = Envelope::read(text)
        .map_err(|_| CallbackError::Envelope("it is not JSON, or `encrypt` is no text"))?;
    let encrypt = envelope.encrypt.ok_or(CallbackError::Envelope("it has no `encrypt`"))?;
    STANDARD.decode(encrypt.trim()).map_err(|_| CallbackError::Envelope("`encrypt` is not Base64"))
}
