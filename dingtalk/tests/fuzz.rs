//! Bodies by the thousand through the receiver: nothing panics, memory stays bounded.
//!
//! `DINGTALK_FUZZ_BODIES` says how many (1000 by default), `DINGTALK_FUZZ_SEED` where to start.
//! Ten million take some minutes in release:
//!
//! ```text
//! DINGTALK_FUZZ_BODIES=10000000 cargo test --release -p dingtalk-client --test fuzz -- --nocapture
//! ```

#![allow(clippy::unwrap_used, clippy::cast_possible_truncation)]

use dingtalk::callback::{Callback, CallbackError, Event};
use erplink_core::Secret;
use erplink_core::callback::Envelope;
use serde_json::{Value, json};

const DEFAULT_BODIES: u64 = 1000;
/// What the receiver may keep beyond what it started with, allocator and all.
const MEMORY_KIB: u64 = 64 * 1024;

/// A splitmix64 sequence: the same bodies for the same seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }
}

/// What JSON parsers stumble over.
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "\\",
    "\\u0000",
    "\\uD800",
    "null",
    "true",
    "-1",
    "1e999",
    "0.1",
    "99999999999999999999",
    "\0",
    "\u{feff}",
    "\u{202e}",
    "[[[[[[[[",
    "\"EventType\":\"bpms_task_change\",",
    "\"type\":7,",
    "\"processInstanceId\":{},",
];

fn mutate(random: &mut Random, seed: &str) -> String {
    let mut text = seed.to_owned();
    for _ in 0..=random.below(6) {
        let mut boundary = |limit: usize| {
            let mut at = random.below(limit + 1);
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let (one, other) = (boundary(text.len()), boundary(text.len()));
        let (from, to) = (one.min(other), one.max(other));
        match random.below(5) {
            0 => text.replace_range(from..to, ""),
            1 => text.insert_str(from, random.pick(PIECES)),
            2 => text.replace_range(from..to, random.pick(PIECES)),
            3 if text.len() + (to - from) < 16 * 1024 => {
                let copy = text[from..to].to_owned();
                text.insert_str(to, &copy);
            }
            _ => text.truncate(to),
        }
    }
    text
}

const EVENT_TYPES: &[&str] =
    &["bpms_instance_change", "bpms_task_change", "check_url", "user_add_org", ""];

const MEMBERS: &[&str] = &[
    "EventType",
    "type",
    "result",
    "processInstanceId",
    "processCode",
    "staffId",
    "createTime",
    "finishTime",
    "businessId",
    "title",
    "taskId",
    "corpId",
    "bizCategoryId",
];

/// A message that is JSON, with anything in any member.
fn message(random: &mut Random) -> String {
    let values = [
        json!("finish"),
        json!("terminate"),
        json!("agree"),
        json!("refuse"),
        json!(""),
        json!("审批\u{1F44D}"),
        json!(null),
        json!(true),
        json!(-1),
        json!(1_751_335_200_000_i64),
        json!(1e308),
        json!({}),
        json!([[[]]]),
    ];
    let mut message = json!({ "EventType": random.pick(EVENT_TYPES) });
    for _ in 0..random.below(12) {
        message[random.pick(MEMBERS)] = values[random.below(values.len())].clone();
    }
    message.to_string()
}

/// Resident memory, where the system says.
fn resident_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().map_or(default, |text| text.parse().unwrap())
}

#[test]
fn no_body_panics_and_memory_stays_bounded() {
    let bodies = number("DINGTALK_FUZZ_BODIES", DEFAULT_BODIES);
    let mut random = Random(number("DINGTALK_FUZZ_SEED", 1));
    let vectors: Value =
        serde_json::from_str(include_str!("fixtures/callback-vectors.json")).unwrap();
    let vector = vectors["positive"].as_array().unwrap().iter();
    let vector = vector.clone().find(|one| one["verify_signature"] == json!(true)).unwrap();
    let text = |name: &str| vector[name].as_str().unwrap();
    let (token, key, owner) = (text("token"), text("aes_key"), text("key"));
    let callback = Callback::new(token, key, owner).unwrap();
    let envelope = Envelope::new(token, &Secret::new(key)).unwrap();
    let genuine = format!(
        "signature={}&timestamp={}&nonce={}",
        text("signature"),
        text("timestamp"),
        text("nonce")
    );
    let push = json!({ "encrypt": text("encrypt") }).to_string();

    let (mut refused, mut typed, mut other) = (0_u64, 0_u64, 0_u64);
    let mut start = None;
    for count in 0..bodies {
        let received = match random.below(4) {
            // The outside: mostly refused before anything is decrypted.
            0 => {
                let query = match random.below(4) {
                    0 => mutate(&mut random, &genuine),
                    _ => genuine.clone(),
                };
                callback.receive(&query, mutate(&mut random, &push).as_bytes())
            }
            // Bytes that are no text.
            1 => {
                let mut body = push.clone().into_bytes();
                for _ in 0..=random.below(4) {
                    let at = random.below(body.len());
                    body[at] = random.next() as u8;
                }
                callback.receive(&genuine, &body)
            }
            // The inside: genuine pushes of messages that are not as they should be.
            kind => {
                let whole = message(&mut random);
                let message = if kind == 2 { mutate(&mut random, &whole) } else { whole };
                let prefix = (u128::from(random.next()) << 64) | u128::from(random.next());
                let prefix = prefix.to_be_bytes();
                let sealed = envelope.seal_with_prefix(prefix, &message, owner, "1751335200", "n");
                let query = format!("signature={}&timestamp=1751335200&nonce=n", sealed.signature);
                let body = json!({ "encrypt": sealed.encrypt }).to_string();
                let received = callback.receive(&query, body.as_bytes());
                assert!(!matches!(received, Err(CallbackError::Crypto(_))), "{message}");
                received
            }
        };
        match received {
            Err(error) => {
                refused += 1;
                assert!(!error.to_string().is_empty());
            }
            Ok(received) => {
                assert!(!received.event.dedup_key().is_empty());
                match received.event {
                    Event::Other(_) => other += 1,
                    _ => typed += 1,
                }
            }
        }
        // After the allocator has warmed up.
        if count == bodies / 10 {
            start = resident_kib();
        }
    }
    println!("{bodies} bodies: {refused} refused, {typed} typed events, {other} others");
    assert!(refused > 0 && typed > 0 && other > 0);
    if let (Some(start), Some(end)) = (start, resident_kib()) {
        println!("resident: {start} KiB after a tenth, {end} KiB at the end");
        assert!(end <= start + MEMORY_KIB, "{start} KiB grew to {end} KiB");
    }
}
