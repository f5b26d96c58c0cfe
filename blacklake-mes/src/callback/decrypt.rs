//! The encryption of pushes.

use std::fmt;

use aes::cipher::{BlockCipherDecrypt, KeyInit};
use aes::{Aes256, Block};
use erplink_core::Secret;
use sha2::{Digest, Sha256};

const BLOCK: usize = 16;

/// Content that cannot be decrypted. Why is not said: a sender that learns it could decrypt by
/// trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("wrong key, or content of another kind")]
pub struct DecryptError;

/// Decrypts the content of a push.
///
/// ```
/// use blacklake_mes::callback::{Callback, DecryptError, Decryptor};
///
/// struct Reversed;
///
/// impl Decryptor for Reversed {
///     fn decrypt(&self, content: &[u8]) -> Result<Vec<u8>, DecryptError> {
///         Ok(content.iter().rev().copied().collect())
///     }
/// }
///
/// let callback = Callback::with_decryptor(Reversed);
/// # let _ = callback;
/// ```
pub trait Decryptor: Send + Sync {
    /// The plain text of the content, whose Base64 is taken off already.
    ///
    /// # Errors
    /// [`DecryptError`] for whatever reason.
    fn decrypt(&self, content: &[u8]) -> Result<Vec<u8>, DecryptError>;
}

/// The MES's own encryption: AES-256 in ECB mode with PKCS#7 padding; the key is the SHA-256 of the
/// portal's text.
#[derive(Clone)]
pub struct Aes256EcbSha256 {
    cipher: Aes256,
}

impl fmt::Debug for Aes256EcbSha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Aes256EcbSha256")
    }
}

impl Aes256EcbSha256 {
    /// With this key (回调内容密钥).
    #[must_use]
    pub fn new(key: &Secret) -> Self {
        let digest: [u8; 32] = Sha256::digest(key.expose().as_bytes()).into();
        Self { cipher: Aes256::new(&digest.into()) }
    }
}

impl Decryptor for Aes256EcbSha256 {
    fn decrypt(&self, content: &[u8]) -> Result<Vec<u8>, DecryptError> {
        let (blocks, rest) = content.as_chunks::<BLOCK>();
        if blocks.is_empty() || !rest.is_empty() {
            return Err(DecryptError);
        }
        let mut plain = Vec::with_capacity(content.len());
        for block in blocks {
            let mut block = Block::from(*block);
            self.cipher.decrypt_block(&mut block);
            plain.extend_from_slice(&block);
        }
        let padding = plain.last().copied().unwrap_or_default();
        let length = plain.len().checked_sub(usize::from(padding)).ok_or(DecryptError)?;
        let is_padded = (1..=BLOCK).contains(&usize::from(padding))
            && plain[length..].iter().all(|byte| *byte == padding);
        if !is_padded {
            return Err(DecryptError);
        }
        plain.truncate(length);
        Ok(plain)
    }
}
