//! Vectors of the callback envelope that were not made by this code.
#![cfg(feature = "callback-crypto")]
#![allow(clippy::unwrap_used, clippy::panic)]

use erplink_core::Secret;
use erplink_core::callback::{Envelope, EnvelopeError, KeyError};
use serde_json::Value;

fn vectors() -> Value {
    serde_json::from_str(include_str!("fixtures/dingtalk-callback.json")).unwrap()
}

fn text<'a>(vector: &'a Value, name: &str) -> &'a str {
    vector[name].as_str().unwrap_or_default()
}

fn envelope(vector: &Value) -> Envelope {
    Envelope::new(text(vector, "token"), &Secret::new(text(vector, "aes_key"))).unwrap()
}

fn prefix(vector: &Value) -> [u8; 16] {
    let hex = text(vector, "random_hex");
    std::array::from_fn(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap())
}

#[test]
fn opens_and_reproduces_every_published_message() {
    let vectors = vectors();
    let positive = vectors["positive"].as_array().unwrap();
    assert!(positive.len() >= 13);
    for vector in positive {
        let id = text(vector, "id");
        let (timestamp, nonce) = (text(vector, "timestamp"), text(vector, "nonce"));
        let (encrypt, owner) = (text(vector, "encrypt"), text(vector, "key"));
        let envelope = envelope(vector);
        let opened = envelope.decrypt(encrypt).unwrap_or_else(|e| panic!("{id}: {e}"));
        assert_eq!(opened.message(), text(vector, "plaintext"), "{id}");
        assert_eq!(opened.owner(), owner, "{id}");

        let sealed = envelope.seal_with_prefix(
            prefix(vector),
            text(vector, "plaintext"),
            owner,
            timestamp,
            nonce,
        );
        assert_eq!(sealed.encrypt, encrypt, "{id}");
        if vector["verify_signature"] == true {
            let signature = text(vector, "signature");
            assert_eq!(sealed.signature, signature, "{id}");
            envelope.open(signature, timestamp, nonce, encrypt, &[owner]).unwrap();
        }
    }
}

#[test]
fn refuses_every_malformed_message_with_its_class() {
    for vector in vectors()["negative"].as_array().unwrap() {
        let error = envelope(vector)
            .open(
                text(vector, "signature"),
                text(vector, "timestamp"),
                text(vector, "nonce"),
                text(vector, "encrypt"),
                &[text(vector, "key")],
            )
            .unwrap_err();
        let class = match error {
            EnvelopeError::Signature => "signature_mismatch",
            EnvelopeError::Base64 => "base64",
            EnvelopeError::CiphertextLength => "ciphertext_length",
            EnvelopeError::Padding => "padding",
            EnvelopeError::Length => "length",
            EnvelopeError::Owner => "key_mismatch",
            EnvelopeError::Utf8 => "utf8",
            other => panic!("{other}"),
        };
        let expected = vector["expect_error"].as_array().unwrap();
        assert!(expected.iter().any(|e| e == class), "{}: {class}", text(vector, "id"));
    }
}

#[test]
fn refuses_keys_of_the_wrong_length_and_takes_stray_trailing_bits() {
    for vector in vectors()["config"].as_array().unwrap() {
        let key = Secret::new(text(vector, "aes_key"));
        assert!(matches!(Envelope::new("t", &key), Err(KeyError::Length { .. })));
    }
    // `9` as the last character has both unused bits set.
    let stray = Secret::new("o1w0aum42yaptlz8alnhwikjd3jenzt9cb9wmzptgu9");
    assert!(Envelope::new("t", &stray).is_ok());
    let odd = Secret::new("o1w0aum42yaptlz8alnhwikjd3jenzt9cb9wmzptg!9");
    assert_eq!(Envelope::new("t", &odd).unwrap_err(), KeyError::Characters);
    let wide = Secret::new("键".repeat(43));
    assert_eq!(Envelope::new("t", &wide).unwrap_err(), KeyError::Characters, "43 characters");
}

proptest::proptest! {
    #[test]
    fn any_text_opens_after_sealing(message in ".*", owner in ".*") {
        let key = Secret::new("4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij");
        let envelope = Envelope::new("token", &key).unwrap();
        let sealed = envelope.seal(&message, &owner, "1", "n").unwrap();
        let opened = envelope.open(&sealed.signature, "1", "n", &sealed.encrypt, &[&owner]).unwrap();
        proptest::prop_assert_eq!(opened.message(), message);
    }

    #[test]
    fn no_text_makes_it_panic(encrypt in ".*", bytes in proptest::collection::vec(0_u8.., 0..200)) {
        use base64::Engine as _;
        let key = Secret::new("4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij");
        let envelope = Envelope::new("token", &key).unwrap();
        let _ = envelope.decrypt(&encrypt);
        let _ = envelope.decrypt(&base64::engine::general_purpose::STANDARD.encode(bytes));
    }
}
