//! The certificate file (证书路径) with its password. The platform's page does not say whose
//! certificate it is; the file does.

use std::fmt;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use erplink_core::transport::Pkcs12;
use erplink_core::{Secret, TransportConfig};

/// A certificate file of a connection (证书), with its password (证书密码).
///
/// What it is for follows from what it holds: certificates alone are trusted besides the system's;
/// a certificate with its private key is shown to the server.
///
/// | file | used as | with |
/// |---|---|---|
/// | PEM or DER, certificates | trusted | any TLS |
/// | PEM, certificate and private key | shown to the server | any TLS; no password on the key |
/// | PKCS#12 (`.p12`, `.pfx`) with a password | shown to the server | the feature `native-tls` |
///
/// Key stores of Java (JKS) are not read; the error says how to turn one into PKCS#12.
#[derive(Clone)]
pub struct Certificate {
    bytes: Vec<u8>,
    password: Secret,
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").field("bytes", &self.bytes.len()).finish_non_exhaustive()
    }
}

/// What a file holds.
#[derive(Debug, PartialEq, Eq)]
enum Content {
    /// PEM text of certificates, or one in DER.
    Trusted(String),
    /// PEM text of a certificate and its key.
    Identity(String),
    Pkcs12,
}

impl Certificate {
    /// The content of a file, and its password; empty for none.
    pub fn new(content: impl Into<Vec<u8>>, password: impl Into<Secret>) -> Self {
        Self { bytes: content.into(), password: password.into() }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(path: impl AsRef<Path>, password: impl Into<Secret>) -> std::io::Result<Self> {
        std::fs::read(path).map(|bytes| Self::new(bytes, password))
    }

    /// Enters it into the settings of a transport.
    pub(super) fn apply(&self, http: &mut TransportConfig) -> Result<(), String> {
        match content(&self.bytes)? {
            Content::Trusted(pem) => http.root_certificates = Some(pem),
            Content::Identity(pem) => http.client_identity = Some(Secret::new(pem)),
            Content::Pkcs12 => {
                http.client_pkcs12 = Some(Pkcs12::new(self.bytes.clone(), self.password.clone()));
            }
        }
        Ok(())
    }
}

const ENCRYPTED: &str = "the private key has a password, which is not opened in PEM; write it \
                         without: `openssl pkey -in FILE -out key.pem`, then put certificate and \
                         key into one file that only this program may read";
const JKS: &str = "it is a key store of Java (JKS); turn it into PKCS#12: `keytool -importkeystore \
                   -srckeystore FILE -destkeystore FILE.p12 -deststoretype PKCS12`";
const UNKNOWN: &str = "expected PEM, DER or PKCS#12";

fn content(bytes: &[u8]) -> Result<Content, String> {
    if let Some(text) = std::str::from_utf8(bytes).ok().filter(|text| text.contains("-----BEGIN "))
    {
        return match text {
            text if text.contains("ENCRYPTED") => Err(ENCRYPTED.to_owned()),
            text if text.contains("PRIVATE KEY-----") => Ok(Content::Identity(text.to_owned())),
            text => Ok(Content::Trusted(text.to_owned())),
        };
    }
    if bytes.starts_with(b"\xfe\xed\xfe\xed") {
        return Err(JKS.to_owned());
    }
    // Both are a SEQUENCE: PKCS#12 begins with its version (INTEGER 3), a certificate with another
    // SEQUENCE.
    match inside_sequence(bytes) {
        Some([0x02, 0x01, 0x03, ..]) => Ok(Content::Pkcs12),
        Some([0x30, ..]) => Ok(Content::Trusted(pem_of(bytes))),
        _ => Err(UNKNOWN.to_owned()),
    }
}

/// What follows the tag and the length of a DER SEQUENCE.
fn inside_sequence(bytes: &[u8]) -> Option<&[u8]> {
    let rest = bytes.strip_prefix(&[0x30])?;
    let (first, rest) = rest.split_first()?;
    // The long form says in how many bytes the length is; BER has an indefinite one in none.
    let more = if *first < 0x80 { 0 } else { usize::from(*first & 0x7f) };
    rest.get(more..)
}

fn pem_of(der: &[u8]) -> String {
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", STANDARD.encode(der))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_says_what_it_is_for() {
        let certificate = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";
        let key = "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n";
        let both = format!("{certificate}{key}");
        assert_eq!(content(certificate.as_bytes()), Ok(Content::Trusted(certificate.to_owned())));
        assert_eq!(content(both.as_bytes()), Ok(Content::Identity(both)));
        assert_eq!(content(b"\x30\x82\x01\x00\x02\x01\x03\x30"), Ok(Content::Pkcs12));
        assert_eq!(content(b"\x30\x80\x02\x01\x03\x30"), Ok(Content::Pkcs12));
        let der = b"\x30\x82\x01\x00\x30\x82";
        assert_eq!(content(der), Ok(Content::Trusted(pem_of(der))));
    }

    #[test]
    fn what_cannot_be_read_says_how_to_turn_it_into_what_can() {
        let refused = |bytes: &[u8]| content(bytes).unwrap_err();
        let encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAA==\n";
        assert!(refused(encrypted.as_bytes()).contains("openssl pkey"));
        assert!(refused(b"\xfe\xed\xfe\xed\0\0\0\x02").contains("keytool"));
        assert!(refused(b"\xce\xce\xce\xce").contains("PKCS#12"));
        for nothing in [&b""[..], b"\x30", b"\x30\x82", b"\x30\xff\x01"] {
            assert_eq!(refused(nothing), UNKNOWN);
        }
    }
}
