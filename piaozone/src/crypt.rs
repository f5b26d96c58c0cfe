//! Encrypted bodies: AES-128 in ECB mode with PKCS#7 padding, in Base64. The platform's choice; do
//! not use it for anything else.

use aes::Aes128;
use aes::cipher::{Block, BlockCipherDecrypt as _, BlockCipherEncrypt as _, KeyInit as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use erplink_core::Secret;

const BLOCK: usize = 16;

/// The cipher under an encrypt_key of 16 bytes.
#[derive(Clone)]
pub(crate) struct Cipher(Aes128);

impl Cipher {
    /// None if the key does not have 16 bytes of ASCII.
    pub(crate) fn new(key: &Secret) -> Option<Self> {
        let key = key.expose();
        let fits = key.is_ascii() && key.len() == BLOCK;
        fits.then(|| Aes128::new_from_slice(key.as_bytes()).ok()).flatten().map(Self)
    }

    pub(crate) fn seal(&self, plaintext: &[u8]) -> String {
        let mut data = plaintext.to_vec();
        let pad = BLOCK - data.len() % BLOCK;
        data.resize(data.len() + pad, u8::try_from(pad).unwrap_or_default());
        for chunk in data.chunks_exact_mut(BLOCK) {
            if let Ok(block) = <&mut Block<Aes128>>::try_from(chunk) {
                self.0.encrypt_block(block);
            }
        }
        STANDARD.encode(data)
    }

    /// None if the text was not sealed under this key.
    pub(crate) fn open(&self, sealed: &str) -> Option<String> {
        let mut data = STANDARD.decode(sealed.trim()).ok()?;
        if data.is_empty() || data.len() % BLOCK != 0 {
            return None;
        }
        for chunk in data.chunks_exact_mut(BLOCK) {
            self.0.decrypt_block(<&mut Block<Aes128>>::try_from(chunk).ok()?);
        }
        let pad = usize::from(*data.last()?);
        if !(1..=BLOCK).contains(&pad) {
            return None;
        }
        let padding = data.split_off(data.len().checked_sub(pad)?);
        let is_whole = padding.iter().all(|byte| usize::from(*byte) == pad);
        is_whole.then(|| String::from_utf8(data).ok()).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cipher() -> Cipher {
        Cipher::new(&"0123456789abcdef".into()).unwrap()
    }

    /// Made with `openssl enc -aes-128-ecb`.
    #[test]
    fn the_vector_is_met() {
        let sealed = "JxrXAycF4N/sisTzEQrZkJX3bDVpdfGc9zJVmgaCoqg=";
        assert_eq!(cipher().seal(br#"{"invoiceNo":"12345678"}"#), sealed);
        assert_eq!(cipher().open(sealed).unwrap(), r#"{"invoiceNo":"12345678"}"#);
    }

    #[test]
    fn every_length_survives() {
        for length in 0..50 {
            let text = "票".repeat(length);
            assert_eq!(cipher().open(&cipher().seal(text.as_bytes())).unwrap(), text);
        }
    }

    #[test]
    fn what_was_not_sealed_is_told() {
        let other = Cipher::new(&"fedcba9876543210".into()).unwrap();
        let sealed = cipher().seal(b"{\"a\":1}");
        for text in ["", "AA==", "not base64!", &other.seal(b"{\"a\":1}"), &sealed[..10]] {
            assert_eq!(cipher().open(text), None, "{text}");
        }
    }

    #[test]
    fn a_key_has_sixteen_bytes_of_ascii() {
        for key in ["", "0123456789abcde", "0123456789abcdef0", "钥匙钥匙钥0"] {
            assert!(Cipher::new(&key.into()).is_none(), "{key}");
        }
    }
}
