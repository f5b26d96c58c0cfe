//! Receivers of callbacks, with and without the key.

use std::sync::OnceLock;

use dingtalk::callback::{Callback, Event};
use erplink_core::Secret;
use erplink_core::callback::Envelope;

const TOKEN: &str = "callbackToken7Qx";
const AES_KEY: &str = "o1w0aum42yaptlz8alnhwikjd3jenzt9cb9wmzptgus";
const OWNER: &str = "dingappkey";
const TIMESTAMP: &str = "1783610513";
const NONCE: &str = "123456";

fn envelope() -> &'static Envelope {
    static ENVELOPE: OnceLock<Envelope> = OnceLock::new();
    ENVELOPE.get_or_init(|| Envelope::new(TOKEN, &Secret::new(AES_KEY)).expect("a good key"))
}

/// The envelope that DingTalk and WeCom share: arbitrary ciphertext, and any text there and back.
pub fn callback_envelope(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let signature = envelope().sign(TIMESTAMP, NONCE, &text);
    let _ = envelope().open(&signature, TIMESTAMP, NONCE, &text, &[OWNER]);
    let _ = envelope().open(&text, TIMESTAMP, NONCE, &text, &[OWNER]);
    let mut prefix = [0; 16];
    for (slot, byte) in prefix.iter_mut().zip(data) {
        *slot = *byte;
    }
    let sealed = envelope().seal_with_prefix(prefix, &text, OWNER, TIMESTAMP, NONCE);
    let opened = envelope()
        .open(&sealed.signature, TIMESTAMP, NONCE, &sealed.encrypt, &[OWNER])
        .expect("what was sealed opens");
    assert_eq!((opened.message(), opened.owner()), (&*text, OWNER));
}

/// The first byte chooses: the rest is the event inside a good envelope, the body, or query and body.
pub fn dingtalk_callback(data: &[u8]) {
    let Some((choice, rest)) = data.split_first() else { return };
    let callback = Callback::new(TOKEN, AES_KEY, OWNER).expect("a good key");
    let text = String::from_utf8_lossy(rest);
    if choice % 3 == 0 {
        let sealed = envelope().seal_with_prefix([7; 16], &text, OWNER, TIMESTAMP, NONCE);
        let query = format!("signature={}&timestamp={TIMESTAMP}&nonce={NONCE}", sealed.signature);
        let body = serde_json::json!({ "encrypt": sealed.encrypt }).to_string();
        if let Ok(received) = callback.receive(&query, body.as_bytes()) {
            look_at(&received.event);
        }
    } else if choice % 3 == 1 {
        let query = format!("signature=00&timestamp={TIMESTAMP}&nonce={NONCE}");
        assert!(callback.receive(&query, rest).is_err(), "a wrong signature was taken");
    } else {
        let middle = rest.len() / 2;
        let query = String::from_utf8_lossy(&rest[..middle]);
        assert!(callback.receive(&query, &rest[middle..]).is_err(), "no signature was taken");
    }
    if let Ok(event) = Event::parse(&text) {
        look_at(&event);
    }
}

fn look_at(event: &Event) {
    let shown = format!("{event:?}");
    assert!(!shown.contains(TOKEN) && !shown.contains(AES_KEY));
    assert_eq!(event.dedup_key(), event.dedup_key());
    let _ = (event.meta(), event.raw());
}
