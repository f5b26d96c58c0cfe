//! The server's RSA public key (`spk`): what is encrypted with it, the OA server alone can read.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use http::HeaderValue;
use rsa::pkcs8::SubjectPublicKeyInfoRef;
use rsa::rand_core::{CryptoRng, RngCore};
use rsa::traits::PublicKeyParts;
use rsa::{BigUint, Pkcs1v15Encrypt, RsaPublicKey, pkcs1};

use crate::error::{Error, Result};

/// Smaller keys protect nothing; the platform uses 1024 and 2048.
const SMALLEST_BITS: usize = 512;
const LARGEST_BITS: usize = 16384;
/// Bytes of a PKCS#1 v1.5 block that are not message.
const PADDING: usize = 11;
/// A company has thousands of users, not millions: beyond this the cache starts anew.
const REMEMBERED_USERS: usize = 10_000;

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The key, and the user ids encrypted with it so far: they belong to this key alone.
pub(crate) struct ServerKey {
    key: RsaPublicKey,
    users: Mutex<HashMap<String, HeaderValue>>,
}

impl fmt::Debug for ServerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerKey").field("bits", &self.key.n().bits()).finish_non_exhaustive()
    }
}

impl ServerKey {
    /// Reads the key as people paste it: one line of Base64, PEM, quoted, with line breaks, X.509
    /// or PKCS#1.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let shown = text.trim().chars().count();
        let der = LENIENT.decode(base64_text(text)).map_err(|_| {
            Error::config(format!(
                "spk: expected Base64 such as MIGfMA0GCSqGSIb3DQEB… or PEM, found {shown} \
                 characters that are neither; copy the value that regist answered"
            ))
        })?;
        let key = public_key(&der).ok_or_else(|| {
            Error::config(format!(
                "spk: its {} bytes are not an RSA public key (X.509 SubjectPublicKeyInfo or \
                 PKCS#1); copy the whole value that regist answered",
                der.len()
            ))
        })?;
        let bits = key.n().bits();
        if bits < SMALLEST_BITS {
            return Err(Error::config(format!(
                "spk: a key of {bits} bits protects nothing, at least {SMALLEST_BITS} are expected"
            )));
        }
        Ok(Self { key, users: Mutex::default() })
    }

    /// The value of the header `userid`. One ciphertext serves a user as long as the key does.
    pub(crate) fn user(&self, id: &str) -> Result<HeaderValue> {
        let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = users.get(id) {
            return Ok(known.clone());
        }
        let mut value = self.encrypt("user", id)?;
        value.set_sensitive(true);
        if users.len() >= REMEMBERED_USERS {
            users.clear();
        }
        users.insert(id.to_owned(), value.clone());
        Ok(value)
    }

    /// RSA with PKCS#1 v1.5 padding, as Base64 on one line. `what` names the text in errors.
    pub(crate) fn encrypt(&self, what: &str, text: &str) -> Result<HeaderValue> {
        let limit = self.key.size() - PADDING;
        if text.len() > limit {
            return Err(Error::config(format!(
                "{what}: {} bytes, but this spk of {} bits encrypts at most {limit}",
                text.len(),
                self.key.n().bits()
            )));
        }
        let mut random = SystemRandom { failed: false };
        let encrypted = self.key.encrypt(&mut random, Pkcs1v15Encrypt, text.as_bytes());
        match encrypted {
            Ok(bytes) if !random.failed => header(&bytes),
            Ok(_) => Err(Error::config("the operating system gave no random numbers")),
            Err(error) => Err(Error::config(format!("{what}: spk cannot encrypt it: {error}"))),
        }
    }
}

fn header(bytes: &[u8]) -> Result<HeaderValue> {
    HeaderValue::from_str(&STANDARD.encode(bytes))
        .map_err(|_| Error::config("the encrypted text cannot be sent in a header"))
}

/// The Base64 alone: without armour, quotes and white space, real or written as `\n`.
fn base64_text(text: &str) -> String {
    let text = text.replace("\\n", "").replace("\\r", "");
    // Between the first and the second line of dashes: the armour may have lost its line breaks.
    let body = text.split("-----").find(|part| {
        !part.trim().is_empty() && !part.starts_with("BEGIN ") && !part.starts_with("END ")
    });
    let is_noise = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '\u{feff}');
    body.unwrap_or_default().chars().filter(|c| !is_noise(*c)).collect()
}

fn public_key(der: &[u8]) -> Option<RsaPublicKey> {
    let inner = SubjectPublicKeyInfoRef::try_from(der).ok();
    let inner = match &inner {
        Some(info) => info.subject_public_key.as_bytes()?,
        None => der,
    };
    let key = pkcs1::RsaPublicKey::try_from(inner).ok()?;
    let number = |bytes: &[u8]| BigUint::from_bytes_be(bytes);
    RsaPublicKey::new_with_max_size(
        number(key.modulus.as_bytes()),
        number(key.public_exponent.as_bytes()),
        LARGEST_BITS,
    )
    .ok()
}

/// The operating system's random numbers; a failure is remembered instead of a panic.
struct SystemRandom {
    failed: bool,
}

impl RngCore for SystemRandom {
    fn next_u32(&mut self) -> u32 {
        let mut bytes = [0; 4];
        self.fill_bytes(&mut bytes);
        u32::from_ne_bytes(bytes)
    }

    fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.fill_bytes(&mut bytes);
        u64::from_ne_bytes(bytes)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        if getrandom::fill(bytes).is_err() {
            self.failed = true;
            // Anything but zero, which padding would ask for again and again; it is thrown away.
            bytes.fill(1);
        }
    }

    fn try_fill_bytes(
        &mut self,
        bytes: &mut [u8],
    ) -> std::result::Result<(), rsa::rand_core::Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for SystemRandom {}

#[cfg(test)]
mod tests {
    use super::*;

    /// Generated for the tests, used nowhere else.
    const SPK: &str = include_str!("../../tests/fixtures/spk-1024.txt");
    const P: &str = "db824b33e717bc1c4edf5e90a5e3d09d3910daf2483ba2ef2258d58d157094c97dccebd402f5d5033cde803cf96f18c33897fdf3bdc7a58f78cfab55c1b25571";
    const Q: &str = "fb245cb4c7bba0ec7314243486a1efbc8e65989fa26c491368453943b5bcdc994eeee6bc495d72c05b9a702a5351b1a0e09b4540a69a302b342d46a1eed9e361";

    fn private_key() -> rsa::RsaPrivateKey {
        let number = |hex: &str| BigUint::parse_bytes(hex.as_bytes(), 16).unwrap();
        rsa::RsaPrivateKey::from_p_q(number(P), number(Q), BigUint::from(65537_u32)).unwrap()
    }

    /// Padding of one byte, as in the known answers.
    struct Constant;

    impl RngCore for Constant {
        fn next_u32(&mut self) -> u32 {
            0xAAAA_AAAA
        }
        fn next_u64(&mut self) -> u64 {
            0xAAAA_AAAA_AAAA_AAAA
        }
        fn fill_bytes(&mut self, bytes: &mut [u8]) {
            bytes.fill(0xAA);
        }
        fn try_fill_bytes(
            &mut self,
            bytes: &mut [u8],
        ) -> std::result::Result<(), rsa::rand_core::Error> {
            self.fill_bytes(bytes);
            Ok(())
        }
    }

    impl CryptoRng for Constant {}

    #[test]
    fn encrypts_to_the_known_answers_when_the_padding_is_known() {
        let key = ServerKey::parse(SPK).unwrap();
        for line in include_str!("../../tests/fixtures/rsa-known-answers.txt").lines() {
            let (text, expected) = line.split_once(' ').unwrap();
            let bytes = key.key.encrypt(&mut Constant, Pkcs1v15Encrypt, text.as_bytes()).unwrap();
            assert_eq!(header(&bytes).unwrap(), expected);
        }
    }

    #[test]
    fn what_it_encrypts_the_private_key_decrypts() {
        let key = ServerKey::parse(SPK).unwrap();
        for text in ["", "1", "15273", "e5b4257a-0000-4e3a-89d3-000000000001", &"x".repeat(117)] {
            let first = key.encrypt("text", text).unwrap();
            let second = key.encrypt("text", text).unwrap();
            assert_ne!(first, second, "padding is random");
            assert_eq!(first.len(), 172);
            let bytes = STANDARD.decode(first.as_bytes()).unwrap();
            let plain = private_key().decrypt(Pkcs1v15Encrypt, &bytes).unwrap();
            assert_eq!(plain, text.as_bytes());
        }
    }

    #[test]
    fn reads_the_key_in_every_form_people_paste() {
        let one_line = SPK.trim();
        let wrapped: String = one_line
            .as_bytes()
            .chunks(64)
            .map(|c| format!("{}\r\n", String::from_utf8_lossy(c)))
            .collect();
        let pkcs1 = {
            let der = STANDARD.decode(one_line).unwrap();
            let info = SubjectPublicKeyInfoRef::try_from(der.as_slice()).unwrap();
            STANDARD.encode(info.subject_public_key.as_bytes().unwrap())
        };
        let expected = ServerKey::parse(one_line).unwrap().key;
        for text in [
            format!("  {one_line}\n"),
            format!("\"{one_line}\""),
            format!("'{}'", one_line.trim_end_matches('=')),
            wrapped.clone(),
            wrapped.replace("\r\n", "\\n"),
            format!("-----BEGIN PUBLIC KEY-----\n{wrapped}-----END PUBLIC KEY-----\n"),
            format!("-----BEGIN PUBLIC KEY-----{one_line}-----END PUBLIC KEY-----"),
            format!("-----BEGIN RSA PUBLIC KEY-----\n{pkcs1}\n-----END RSA PUBLIC KEY-----\n"),
            pkcs1,
        ] {
            assert_eq!(ServerKey::parse(&text).unwrap().key, expected, "{text}");
        }
        let large = ServerKey::parse(include_str!("../../tests/fixtures/spk-2048.pem")).unwrap();
        assert_eq!(large.encrypt("text", "1").unwrap().len(), 344);
    }

    #[test]
    fn refuses_what_is_no_key_and_says_what_was_expected() {
        for (text, expected) in [
            ("", "0 bytes"),
            ("not base64 !", "12 characters"),
            ("AAAA", "not an RSA public key"),
            (&SPK[..100], "not an RSA public key"),
            // 256 bits: openssl genrsa would refuse to make it.
            (
                "MDwwDQYJKoZIhvcNAQEBBQADKwAwKAIhALvmK3NcyZVf6dF5DZFpMn8MA0QK1x3Q2xVwzQ5bqO9vAgMBAAE=",
                "256 bits",
            ),
        ] {
            let error = ServerKey::parse(text).unwrap_err();
            assert_eq!(error.kind(), erplink_core::ErrorKind::Config);
            assert!(error.to_string().contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn refuses_texts_that_do_not_fit_before_anything_is_sent() {
        let key = ServerKey::parse(SPK).unwrap();
        let error = key.encrypt("secret", &"x".repeat(118)).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("secret: 118 bytes") && text.contains("at most 117"), "{text}");
    }

    #[test]
    fn a_user_is_encrypted_once() {
        let key = ServerKey::parse(SPK).unwrap();
        assert_eq!(key.user("1").unwrap(), key.user("1").unwrap());
        assert_ne!(key.user("1").unwrap(), key.user("2").unwrap());
        assert!(key.user("1").unwrap().is_sensitive());
    }
}
