//! `rustls` without a provider is a configuration error, where the HTTP client itself would panic.
#![cfg(all(feature = "rustls-no-provider", not(feature = "rustls"), not(feature = "native-tls")))]
#![allow(clippy::unwrap_used)]

use erplink_core::{ErrorKind, HttpTransport};

#[test]
fn a_missing_crypto_provider_is_a_configuration_error() {
    let error = HttpTransport::builder().build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.message().contains("CryptoProvider"), "{error}");
}
