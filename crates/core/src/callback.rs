//! The AES envelope in which DingTalk and WeCom push their events (feature `callback-crypto`).
//!
//! Both platforms publish the same byte layout:
//!
//! ```text
//! plain     = 16 random bytes | length of the message as u32, big endian | message | owner
//! encrypted = base64( AES-256-CBC( key, iv = key[..16], PKCS#7 padding with a block of 32 ) )
//! signature = hex( SHA-1( sorted and joined [token, timestamp, nonce, encrypted] ) )
//! ```
//!
//! What surrounds it (names of the parameters, JSON or XML, who the owner is) differs and belongs
//! to the clients. This module only seals and opens, and refuses whatever is malformed.

use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose};
use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::Secret;

/// The last of the 43 characters carries two unused bits, which are often not zero.
const KEY_BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);
const KEY_CHARS: usize = 43;
const KEY_BYTES: usize = 32;
const AES_BLOCK: usize = 16;
/// The padding block of these platforms is 32, not the 16 of AES.
const PAD_BLOCK: usize = 32;
const PREFIX: usize = 16;
const HEADER: usize = PREFIX + 4;

/// Why a callback was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EnvelopeError {
    /// The signature is missing, malformed or not ours: wrong token, or not from the platform.
    #[error("the signature does not match: check the callback token, or the sender is not genuine")]
    Signature,
    /// The encrypted text is not standard base64.
    #[error("the encrypted text is not valid base64")]
    Base64,
    /// The decoded ciphertext is empty or not a whole number of AES blocks.
    #[error("the ciphertext is not a whole number of 16-byte blocks")]
    CiphertextLength,
    /// The padding is not 1 to 32 equal bytes. Usually the wrong AES key.
    #[error("the padding is malformed: check the callback AES key")]
    Padding,
    /// The inner length points outside the decrypted data. Usually the wrong AES key.
    #[error("the message length is out of range: check the callback AES key")]
    Length,
    /// The event is for somebody else than the configured owner keys.
    #[error("the event belongs to another owner: check the app key, corp id or suite key")]
    Owner,
    /// The message is not UTF-8.
    #[error("the message is not UTF-8")]
    Utf8,
}

/// Why an AES key (`EncodingAESKey`) cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Wrong number of characters.
    #[error("the callback AES key must have 43 characters, found {found}")]
    Length {
        /// Characters found.
        found: usize,
    },
    /// A character outside `A-Z a-z 0-9 + /`.
    #[error("the callback AES key may hold letters and digits only")]
    Characters,
}

/// Token and AES key of one callback address.
#[derive(Clone)]
pub struct Envelope {
    token: Secret,
    key: Zeroizing<[u8; KEY_BYTES]>,
}

impl std::fmt::Debug for Envelope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Envelope(***)")
    }
}

/// A decrypted message and the owner key it was sealed for.
#[derive(Clone, PartialEq, Eq)]
pub struct Opened {
    message: String,
    owner: String,
}

impl Opened {
    /// The message, JSON or XML.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The message by value.
    #[must_use]
    pub fn into_message(self) -> String {
        self.message
    }

    /// The owner key behind the message: an app key, corp id or suite key.
    #[must_use]
    pub fn owner(&self) -> &str {
        &self.owner
    }
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened")
            .field("message", &format_args!("{} bytes", self.message.len()))
            .field("owner", &self.owner)
            .finish()
    }
}

/// A sealed message with its signature, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Base64 of the ciphertext.
    pub encrypt: String,
    /// Hexadecimal SHA-1 over token, timestamp, nonce and ciphertext.
    pub signature: String,
}

impl Envelope {
    /// Takes the token and the 43 characters of the AES key as the platform's console shows them.
    ///
    /// # Errors
    /// When the key has another length or characters outside base64.
    pub fn new(token: impl Into<Secret>, aes_key: &Secret) -> Result<Self, KeyError> {
        let text = aes_key.expose();
        let found = text.chars().count();
        if found != KEY_CHARS {
            return Err(KeyError::Length { found });
        }
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        match KEY_BASE64.decode_slice(text, key.as_mut_slice()) {
            Ok(KEY_BYTES) => Ok(Self { token: token.into(), key }),
            _ => Err(KeyError::Characters),
        }
    }

    /// Verifies the signature, decrypts, and checks that the event is for one of `owners`.
    ///
    /// # Errors
    /// In this order: signature, base64, length, padding, inner length, owner, UTF-8.
    pub fn open(
        &self,
        signature: &str,
        timestamp: &str,
        nonce: &str,
        encrypt: &str,
        owners: &[impl AsRef<str>],
    ) -> Result<Opened, EnvelopeError> {
        self.verify(signature, timestamp, nonce, encrypt)?;
        let opened = self.decrypt(encrypt)?;
        if owners.iter().any(|owner| owner.as_ref() == opened.owner) {
            Ok(opened)
        } else {
            Err(EnvelopeError::Owner)
        }
    }

    /// Compares a signature in constant time.
    ///
    /// # Errors
    /// [`EnvelopeError::Signature`] when it is not the expected one.
    pub fn verify(
        &self,
        signature: &str,
        timestamp: &str,
        nonce: &str,
        encrypt: &str,
    ) -> Result<(), EnvelopeError> {
        let expected = hex(&self.digest(timestamp, nonce, encrypt));
        if bool::from(expected.as_slice().ct_eq(signature.as_bytes())) {
            Ok(())
        } else {
            Err(EnvelopeError::Signature)
        }
    }

    /// Decrypts without looking at a signature: for messages whose signature was verified before.
    ///
    /// # Errors
    /// When the text is not a well-formed envelope under this key.
    pub fn decrypt(&self, encrypt: &str) -> Result<Opened, EnvelopeError> {
        let mut data = general_purpose::STANDARD
            .decode(encrypt.trim_ascii())
            .map_err(|_| EnvelopeError::Base64)?;
        if data.is_empty() || data.len() % AES_BLOCK != 0 {
            return Err(EnvelopeError::CiphertextLength);
        }
        cbc::Decryptor::<aes::Aes256>::new(self.key().into(), self.iv().into())
            .decrypt_padded::<NoPadding>(&mut data)
            .map_err(|_| EnvelopeError::CiphertextLength)?;

        let body = unpad(&data)?;
        let (length, rest) = body
            .get(PREFIX..HEADER)
            .and_then(|length| length.try_into().ok())
            .map(u32::from_be_bytes)
            .zip(body.get(HEADER..))
            .ok_or(EnvelopeError::Length)?;
        // Taken from untrusted data: checked against what is there before anything is copied.
        let (message, owner) = usize::try_from(length)
            .ok()
            .and_then(|length| rest.split_at_checked(length))
            .ok_or(EnvelopeError::Length)?;
        let utf8 = |bytes: &[u8]| {
            std::str::from_utf8(bytes).map(ToOwned::to_owned).map_err(|_| EnvelopeError::Utf8)
        };
        Ok(Opened { owner: utf8(owner)?, message: utf8(message)? })
    }

    /// Encrypts `message` for `owner` and signs it with `timestamp` and `nonce`.
    ///
    /// # Errors
    /// When the operating system has no random numbers.
    pub fn seal(
        &self,
        message: &str,
        owner: &str,
        timestamp: &str,
        nonce: &str,
    ) -> Result<Sealed, RandomError> {
        Ok(self.seal_with_prefix(random_prefix()?, message, owner, timestamp, nonce))
    }

    /// [`Envelope::seal`] with chosen bytes in front, for vectors and simulators.
    #[must_use]
    pub fn seal_with_prefix(
        &self,
        prefix: [u8; PREFIX],
        message: &str,
        owner: &str,
        timestamp: &str,
        nonce: &str,
    ) -> Sealed {
        let length = HEADER + message.len() + owner.len();
        let mut data = Vec::with_capacity(length + PAD_BLOCK);
        data.extend_from_slice(&prefix);
        // A message of 4 GiB does not fit any platform; saturating keeps the layout well-formed.
        data.extend_from_slice(&u32::try_from(message.len()).unwrap_or(u32::MAX).to_be_bytes());
        data.extend_from_slice(message.as_bytes());
        data.extend_from_slice(owner.as_bytes());
        let pad = PAD_BLOCK - length % PAD_BLOCK;
        data.resize(length + pad, u8::try_from(pad).unwrap_or_default());
        let encrypted = cbc::Encryptor::<aes::Aes256>::new(self.key().into(), self.iv().into())
            .encrypt_padded_vec::<NoPadding>(&data);
        let encrypt = general_purpose::STANDARD.encode(encrypted);
        let signature = self.sign(timestamp, nonce, &encrypt);
        Sealed { encrypt, signature }
    }

    /// The signature of an encrypted text.
    #[must_use]
    pub fn sign(&self, timestamp: &str, nonce: &str, encrypt: &str) -> String {
        hex(&self.digest(timestamp, nonce, encrypt)).iter().map(|b| char::from(*b)).collect()
    }

    fn digest(&self, timestamp: &str, nonce: &str, encrypt: &str) -> [u8; 20] {
        let mut parts = [self.token.expose(), timestamp, nonce, encrypt];
        parts.sort_unstable();
        let mut sha = Sha1::new();
        for part in parts {
            sha.update(part.as_bytes());
        }
        sha.finalize().into()
    }

    fn key(&self) -> &[u8; KEY_BYTES] {
        &self.key
    }

    fn iv(&self) -> &[u8; AES_BLOCK] {
        let (iv, _) = self.key.split_first_chunk().unwrap_or((&[0; AES_BLOCK], &[]));
        iv
    }
}

/// The operating system refused to give random numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gave no random numbers")]
pub struct RandomError;

/// 16 letters and digits, as the platforms themselves put in front of a message.
fn random_prefix() -> Result<[u8; PREFIX], RandomError> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789AZ";
    let mut bytes = [0; PREFIX];
    getrandom::fill(&mut bytes).map_err(|_| RandomError)?;
    Ok(bytes.map(|byte| ALPHABET[usize::from(byte) % ALPHABET.len()]))
}

/// A random text of letters and digits, such as the nonce of a reply.
///
/// # Errors
/// When the operating system has no random numbers.
pub fn random_nonce() -> Result<String, RandomError> {
    Ok(random_prefix()?.iter().map(|byte| char::from(*byte)).collect())
}

fn unpad(data: &[u8]) -> Result<&[u8], EnvelopeError> {
    let pad = data.last().map_or(0, |byte| usize::from(*byte));
    if !(1..=PAD_BLOCK).contains(&pad) {
        return Err(EnvelopeError::Padding);
    }
    let (body, padding) = data
        .len()
        .checked_sub(pad)
        .and_then(|length| data.split_at_checked(length))
        .ok_or(EnvelopeError::Padding)?;
    if padding.iter().all(|byte| usize::from(*byte) == pad) {
        Ok(body)
    } else {
        Err(EnvelopeError::Padding)
    }
}

fn hex(digest: &[u8; 20]) -> [u8; 40] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = [0; 40];
    for (pair, byte) in text.chunks_exact_mut(2).zip(digest) {
        pair.copy_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
    }
    text
}
