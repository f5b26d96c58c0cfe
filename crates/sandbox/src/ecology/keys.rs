//! The RSA key pairs of the token service. Real cryptography, keys made for the sandbox alone.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs8::EncodePublicKey as _;
use rsa::{BigUint, Pkcs1v15Encrypt, RsaPrivateKey, RsaPublicKey};

use crate::Error;

const EXPONENT: u32 = 65_537;

/// The primes of each pair, hexadecimal: 1024, 2048 and 1024 bits, as older and newer servers have.
/// A registration that rotates takes the next pair, so that runs repeat.
const PRIMES: [(&str, &str); 3] = [
    (
        "db824b33e717bc1c4edf5e90a5e3d09d3910daf2483ba2ef2258d58d157094c97dccebd402f5d5033cde803cf96f\
         18c33897fdf3bdc7a58f78cfab55c1b25571",
        "fb245cb4c7bba0ec7314243486a1efbc8e65989fa26c491368453943b5bcdc994eeee6bc495d72c05b9a702a5351\
         b1a0e09b4540a69a302b342d46a1eed9e361",
    ),
    (
        "e5dde26a0be2aa32472435cde058817b0c95b957e00ddbc365e9d6b6f87767bbadec5e4378e19350829c2f34c6e4\
         c3428001287f2c72cd413538f3b041e64df3f83adf08b0d6e42e8b10d6172426e67aba06882591bac339d88f235a\
         2ac38dc563eee6f1080609bf84e2f1da795186c18c01c24a795794bc789516088d290e33",
        "bb41a4f154d7e66827f70d76e3a9d385630e339b2acb97ba94a822741d4ee4ad5b06be5ab1059fb035926c9d1587\
         7eb24f8f4f41498b1c24e28e32cc4e3e2da403c8334ad86be6472c1ecaf7763233e6a08bb4da94e813464bcecc36\
         9d1437d1a080701f5c2ab6dcb513dd2021bdc891825fe004c51747931741ff7bff3613e5",
    ),
    (
        "e7ff4967b521fe37ae873e27c27e25676d4bc840da7055887a7908ef5cd429672e2fd9388bbb6de7286ab3264c62\
         4a5081e6ce9e3d3ead015f84733b4dd8ebc3",
        "d875c5616d07b7b104fbf0a3d2b630b605c57dba6f509bbd7f78ebb2e88d78ace20b4392c3e5331a638a24110adb\
         de86ce81713c5bc497111c5e13fb7ea3f7e1",
    ),
];

/// A key pair: callers get the public half (`spk`), the server opens with the private one.
#[derive(Clone)]
pub(super) struct KeyPair {
    number: usize,
    private: RsaPrivateKey,
    /// Base64 of the X.509 SubjectPublicKeyInfo, one line, no PEM armour.
    pub(super) spk: String,
}

impl KeyPair {
    /// The pair with this number; they repeat after the last one.
    pub(super) fn new(number: usize) -> Result<Self, Error> {
        let defect = |why: &dyn std::fmt::Display| Error::Store(format!("RSA key {number}: {why}"));
        let (p, q) = PRIMES[number % PRIMES.len()];
        let prime = |hex: &str| {
            BigUint::parse_bytes(hex.as_bytes(), 16).ok_or_else(|| defect(&"not hexadecimal"))
        };
        let private = RsaPrivateKey::from_p_q(prime(p)?, prime(q)?, BigUint::from(EXPONENT))
            .map_err(|why| defect(&why))?;
        let public =
            RsaPublicKey::from(&private).to_public_key_der().map_err(|why| defect(&why))?;
        let spk = STANDARD.encode(public.as_bytes());
        Ok(KeyPair { number, private, spk })
    }

    pub(super) fn next(&self) -> Result<Self, Error> {
        Self::new(self.number.wrapping_add(1))
    }

    /// What Base64( RSA-PKCS1v1.5( spk, text ) ) holds; `None`: it was not sealed for this pair.
    ///
    /// Strict as the server: no line breaks in the Base64, nothing but UTF-8 inside.
    pub(super) fn open(&self, sealed: &str) -> Option<String> {
        let sealed = STANDARD.decode(sealed).ok()?;
        let opened = self.private.decrypt(Pkcs1v15Encrypt, &sealed).ok()?;
        String::from_utf8(opened).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Made by another implementation, with padding bytes that are all 0xAA.
    const SPK: &str = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDXV+2MTMd2767yXDqw0d47T10btu0sH4839j3X424OD1eKHggAYrpJ6ptEcE15xPJCuOht3aMREkNiUfwXbFkjzw5cC4cMU3OBNmUi9jBV6KKDTPJmq3TEyW8utsiXo3FT5+i80GYWJVXM/Ue7leHHR6JwA5s1cGNuw5PqAR6S0QIDAQAB";
    const SEALED_ONE: &str = "gRA86qeVvjAka4gDgDoo4wz25Shcmr9r3xmUyOVITxrgxIHlFxPxPE/Ic1JRAy+7H8uH3pFHvwC2tb3/QzfYSP9zxG/YQxvdDNH84XH9uW390Pz+e45bNYVqmQ86eueHp5pybgSZrXAsLDyF6RoltcNy0bMedoR1Z+cAA5L4TYg=";

    #[test]
    fn the_first_pair_opens_what_others_sealed() {
        let pair = KeyPair::new(0).unwrap();
        assert_eq!(pair.spk, SPK);
        assert_eq!(pair.open(SEALED_ONE).as_deref(), Some("1"));
    }

    #[test]
    fn nothing_else_opens_it() {
        let other = KeyPair::new(2).unwrap();
        assert_eq!(other.spk.len(), 216);
        assert_eq!(other.open(SEALED_ONE), None);
        let pair = KeyPair::new(0).unwrap();
        let (head, tail) = SEALED_ONE.split_at(76);
        assert_eq!(pair.open(&format!("{head}\n{tail}")), None, "a line break");
        assert_eq!(pair.open("1"), None, "plain text");
        assert_eq!(pair.open(""), None);
    }

    #[test]
    fn the_second_pair_is_longer() {
        assert_eq!(KeyPair::new(0).unwrap().next().unwrap().spk.len(), 392);
    }
}
