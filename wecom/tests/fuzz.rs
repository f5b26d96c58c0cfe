//! Bodies by the thousand through the receiver: nothing panics, memory stays bounded.
//!
//! `WECOM_FUZZ_BODIES` says how many (1000 by default), `WECOM_FUZZ_SEED` where to start.
//! Ten million take some minutes in release:
//!
//! ```text
//! WECOM_FUZZ_BODIES=10000000 cargo test --release -p wecom-client --test fuzz -- --nocapture
//! ```

#![allow(clippy::unwrap_used, clippy::panic, clippy::cast_possible_truncation)]

mod support;

use erplink_core::Secret;
use erplink_core::callback::Envelope;
use support::vectors;
use wecom::callback::{Callback, CallbackError, Event};

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
}

/// What XML and JSON parsers stumble over.
const PIECES: &[&str] = &[
    "<",
    ">",
    "</",
    "/>",
    "<![CDATA[",
    "]]>",
    "&",
    "&amp;",
    "&#x0;",
    "&#xD800;",
    "&#99999999999;",
    "&lol;",
    "<!DOCTYPE x>",
    "<!--",
    "-->",
    "<?xml?>",
    "<?",
    "\"",
    "'",
    "\0",
    "\u{feff}",
    "\u{202e}",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "null",
    "\\u0000",
    "\\uD800",
    "1e999",
    "-1",
    "99999999999999999999",
    "<xml>",
    "</xml>",
    "<Encrypt>",
    "</Encrypt>",
    "<ApprovalInfo>",
    "<SpStatus>",
    "<SpNo>",
    "<Details>",
    "<a><a><a><a><a><a><a><a>",
    "<Comments/>",
    "<CreateTime>-9223372036854775808</CreateTime>",
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
            1 => text.insert_str(from, PIECES[random.below(PIECES.len())]),
            2 => text.replace_range(from..to, PIECES[random.below(PIECES.len())]),
            3 => {
                let copy = text[from..to].to_owned();
                if text.len() + copy.len() < 16 * 1024 {
                    text.insert_str(to, &copy);
                }
            }
            _ => text.truncate(to),
        }
    }
    text
}

/// What nobody expects in an element.
const VALUES: &[&str] = &[
    "",
    " ",
    "0",
    "-1",
    "99999999999999999999",
    "1e9",
    "NaN",
    "null",
    "审批",
    "\u{1F44D}",
    "<![CDATA[<x>]]>",
    "&lt;&#20013;",
    "<x/>",
    "<x>1</x><x>2</x>",
];

/// Removes, repeats or refills whole elements: the message stays well-formed.
fn rearrange(random: &mut Random, seed: &str) -> String {
    let mut text = seed.to_owned();
    for _ in 0..=random.below(6) {
        let ends: Vec<usize> = text.match_indices("</").map(|(at, _)| at).collect();
        let Some(&close) = ends.get(random.below(ends.len())) else { break };
        let Some(end) = text[close..].find('>').map(|at| close + at + 1) else { break };
        let open_tag = format!("<{}>", &text[close + 2..end - 1]);
        let Some(open) = text[..close].rfind(&open_tag) else { continue };
        match random.below(4) {
            0 => text.replace_range(open..end, ""),
            1 if text.len() < 16 * 1024 => {
                let copy = text[open..end].to_owned();
                text.insert_str(end, &copy);
            }
            _ => {
                let value = VALUES[random.below(VALUES.len())];
                text.replace_range(open + open_tag.len()..close, value);
            }
        }
    }
    text
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
    let bodies = number("WECOM_FUZZ_BODIES", DEFAULT_BODIES);
    let mut random = Random(number("WECOM_FUZZ_SEED", 1));
    let vectors = vectors();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let events = vectors["approval_change_events"].as_array().unwrap();
    let messages: Vec<String> = events.iter().map(|event| text(&event["xml"])).collect();
    let pushes: Vec<(String, String)> = events
        .iter()
        .map(|event| (text(&event["callback"]["query"]), text(&event["callback"]["body"])))
        .collect();
    let config = &events[0]["callback"];
    let (token, key) = (text(&config["token"]), text(&config["encodingAesKey"]));
    let owner = text(&config["receiveid"]);
    let callback =
        Callback::new(token.as_str(), key.as_str(), owner.as_str()).unwrap().accept_json();
    let envelope = Envelope::new(token.as_str(), &Secret::new(key)).unwrap();

    let (mut refused, mut unreadable, mut typed) = (0_u64, 0_u64, 0_u64);
    let mut start = None;
    for count in 0..bodies {
        let received = match random.below(4) {
            // The outside: mostly refused before anything is decrypted.
            0 => {
                let (query, body) = &pushes[random.below(pushes.len())];
                let query =
                    if random.below(4) == 0 { mutate(&mut random, query) } else { query.clone() };
                callback.receive(&query, mutate(&mut random, body).as_bytes())
            }
            // Bytes that are no text, in a genuine frame.
            1 => {
                let (query, body) = &pushes[random.below(pushes.len())];
                let mut body = body.clone().into_bytes();
                for _ in 0..=random.below(4) {
                    let at = random.below(body.len());
                    body[at] = random.next() as u8;
                }
                callback.receive(query, &body)
            }
            // The inside: genuine pushes of messages that are not as they should be.
            kind => {
                let seed = &messages[random.below(messages.len())];
                let message = match kind {
                    2 => mutate(&mut random, seed),
                    _ => rearrange(&mut random, seed),
                };
                let prefix = (random.next() as u128) << 64 | random.next() as u128;
                let sealed = envelope.seal_with_prefix(
                    prefix.to_be_bytes(),
                    &message,
                    &owner,
                    "1751335200",
                    "n",
                );
                let query =
                    format!("msg_signature={}&timestamp=1751335200&nonce=n", sealed.signature);
                let body = format!("<xml><Encrypt>{}</Encrypt></xml>", sealed.encrypt);
                let received = callback.receive(&query, body.as_bytes());
                match &received {
                    Ok(received) => assert_eq!(received.event.raw(), message),
                    Err(error) => assert_eq!(error, &CallbackError::Doctype, "{message}"),
                }
                received
            }
        };
        match received {
            Err(error) => {
                refused += 1;
                assert!(!error.to_string().is_empty());
            }
            Ok(received) => {
                assert!(received.dedup_key().len() <= received.event.raw().len() + 4096);
                match received.event {
                    Event::Unreadable(_) => unreadable += 1,
                    _ => typed += 1,
                }
            }
        }
        // After the allocator has warmed up.
        if count == bodies / 10 {
            start = resident_kib();
        }
    }
    println!("{bodies} bodies: {refused} refused, {unreadable} unreadable, {typed} events");
    assert!(refused > 0 && unreadable > 0 && typed > 0);
    if let (Some(start), Some(end)) = (start, resident_kib()) {
        println!("resident: {start} KiB after a tenth, {end} KiB at the end");
        assert!(end <= start + MEMORY_KIB, "{start} KiB grew to {end} KiB");
    }
}

#[test]
fn the_largest_body_takes_bounded_memory() {
    let events = vectors()["approval_change_events"].clone();
    let config = &events[0]["callback"];
    let text = |name: &str| config[name].as_str().unwrap();
    let callback = Callback::new(text("token"), text("encodingAesKey"), text("receiveid")).unwrap();
    let before = resident_kib();
    for body in [
        "<a>".repeat(1 << 18),
        format!("<xml>{}</xml>", "<a/>".repeat(1 << 17)),
        format!("<xml><Encrypt>{}</Encrypt></xml>", "A".repeat(1 << 19)),
        format!("<xml {}/>", "a=\"b\" ".repeat(1 << 16)),
        format!("<xml>{}</xml>", "&amp;".repeat(1 << 17)),
        "<!--".repeat(1 << 17),
    ] {
        callback.receive(text("query"), body.as_bytes()).unwrap_err();
    }
    if let (Some(before), Some(after)) = (before, resident_kib()) {
        assert!(after <= before + MEMORY_KIB, "{before} KiB grew to {after} KiB");
    }
}
