//! The encryption of bodies: AES-128 in ECB mode, PKCS#7 padding, Base64.

use aes::Aes128;
use aes::cipher::{Block, BlockCipherDecrypt as _, KeyInit as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const BLOCK: usize = 16;

/// The text, if it was sealed under the key.
pub(super) fn open(sealed: &[u8], key: &str) -> Option<String> {
    let cipher = Aes128::new_from_slice(key.as_bytes()).ok()?;
    let mut data = STANDARD.decode(sealed).ok()?;
    if data.len() % BLOCK != 0 {
        return None;
    }
    for chunk in data.chunks_exact_mut(BLOCK) {
        cipher.decrypt_block(<&mut Block<Aes128>>::try_from(chunk).ok()?);
    }
    let pad = usize::from(*data.last()?);
    let end = data.len().checked_sub(pad)?;
    let padding = data.split_off(end);
    let is_whole =
        (1..=BLOCK).contains(&pad) && padding.iter().all(|byte| usize::from(*byte) == pad);
    is_whole.then(|| String::from_utf8(data).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::open;

    /// Made with `openssl enc -aes-128-ecb`.
    #[test]
    fn the_vector_is_met() {
        let sealed = b"JxrXAycF4N/sisTzEQrZkJX3bDVpdfGc9zJVmgaCoqg=";
        let key = "0123456789abcdef";
        assert_eq!(open(sealed, key).unwrap(), r#"{"invoiceNo":"12345678"}"#);
        assert_eq!(open(sealed, "fedcba9876543210"), None);
        assert_eq!((open(b"", key), open(b"AAAA", key), open(b"{}", key)), (None, None, None));
    }
}
