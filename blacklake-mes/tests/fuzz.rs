//! Bodies by the thousand through the receiver: nothing panics.
//!
//! `MES_FUZZ_BODIES` says how many (2000 by default), `MES_FUZZ_SEED` where to start. Ten million
//! take some minutes in release:
//!
//! ```text
//! MES_FUZZ_BODIES=10000000 cargo test --release -p blacklake-mes --test fuzz -- --nocapture
//! ```

#![allow(clippy::unwrap_used, clippy::cast_possible_truncation)]

use blacklake_mes::callback::{Callback, CheckReply, Event};
use blacklake_mes::decisions::event_step;

const DEFAULT_BODIES: u64 = 2000;

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

const SEEDS: &[&str] = &[
    r#"{"header":{"eventType":"check","requestId":"r-1"},"data":"hello"}"#,
    r#"{"header":{"eventType":"mfg.result_notify.feeding","requestId":"r"},"data":{"recordIds":[17416593677159951],"result":true,"reason":null,"recordList":[{"id":17416593677190001,"opeAmount":2.5,"qcStatuses":[1],"batchNoList":["B1"]}]}}"#,
    r#"{"header":{"eventType":"mfg.result_notify.progress_report"},"data":{"recordIds":["1"],"recordList":[{"reportAmount":"1.5"}]}}"#,
    r#"{"header":{"eventType":"inventory.result_notify.inbound"},"data":{"inboundRecordIds":[1,2]}}"#,
    r#"{"encrypt":"GbNWuZw5jRZjFW0u2P0Vr7wZxEFqLZMpII6y47yzel3MeXhkK3oqjl4l/d5gSJ1iAW1G3Jb5TnWctsyEneU3Ulu34SFFIKYnvrWA12B5JRs="}"#,
];

/// What JSON parsers and readers of numbers stumble over.
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
    "\0",
    "\u{feff}",
    "\u{202e}",
    "null",
    "true",
    "-1",
    "1e999",
    "1e-999",
    "0.12345678901234567890123456789",
    "9223372036854775808",
    "-9223372036854775808",
    "99999999999999999999999999999999",
    "\"id\"",
    "\"result\"",
    "\"recordIds\"",
    "\"header\":{}",
    "\"data\"",
    "\"$serde_json::private::RawValue\":\"[\"",
    "\"$serde_json::private::Number\":\"x\"",
    "[[[[[[[[[[[[[[[[",
    "{\"a\":{\"a\":{\"a\":",
];

fn mutate(random: &mut Random, seed: &str) -> Vec<u8> {
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
        let piece = PIECES[random.below(PIECES.len())];
        match random.below(4) {
            0 => text.replace_range(from..to, ""),
            1 => text.insert_str(from, piece),
            2 => text.replace_range(from..to, piece),
            _ if text.len() < 16 * 1024 => {
                let copy = text[from..to].to_owned();
                text.insert_str(to, &copy);
            }
            _ => {}
        }
    }
    let mut bytes = text.into_bytes();
    if random.below(8) == 0 && !bytes.is_empty() {
        let at = random.below(bytes.len());
        bytes[at] = random.next() as u8;
    }
    bytes
}

const TYPES: &[&str] = &[
    "check",
    "mfg.result_notify.feeding",
    "mfg.result_notify.feeding_retract",
    "mfg.result_notify.progress_report",
    "sop.sop_task.status_change",
    "inventory.result_notify.transfer",
    "quality.result_notify.change_qc_status",
    "something.new",
];

const NAMES: &[&str] = &[
    "id",
    "recordIds",
    "result",
    "reason",
    "recordList",
    "opeAmount",
    "qcStatuses",
    "batchNoList",
    "reportAmount",
    "status",
    "transferIssueRecordIds",
    "changeLogId",
    "unknown",
];

const VALUES: &[&str] = &[
    "null",
    "true",
    "false",
    "0",
    "1",
    "-1",
    "17416593677159951",
    "9223372036854775808",
    "2.5",
    "1e400",
    "0.123456789012345678901234567890",
    "\"\"",
    "\"1\"",
    "\"合格\"",
    "\"是\"",
    "{}",
    "[]",
];

/// A value of JSON, nested a little.
fn value(random: &mut Random, depth: usize) -> String {
    match random.below(if depth == 0 { 1 } else { 4 }) {
        0 => VALUES[random.below(VALUES.len())].to_owned(),
        1 => {
            let items: Vec<String> =
                (0..random.below(3)).map(|_| value(random, depth - 1)).collect();
            format!("[{}]", items.join(","))
        }
        _ => {
            let members: Vec<String> = (0..random.below(5))
                .map(|_| {
                    let name = NAMES[random.below(NAMES.len())];
                    format!("\"{name}\":{}", value(random, depth - 1))
                })
                .collect();
            format!("{{{}}}", members.join(","))
        }
    }
}

/// An event of right shape with data of any.
fn event(random: &mut Random) -> Vec<u8> {
    let event_type = TYPES[random.below(TYPES.len())];
    let data = value(random, 4);
    let request = random.below(9);
    let header = format!(r#"{{"eventType":"{event_type}","requestId":"{request}"}}"#);
    format!(r#"{{"header":{header},"data":{data}}}"#).into_bytes()
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
fn hostile_bodies_are_refused_or_read() {
    let bodies = setting("MES_FUZZ_BODIES", DEFAULT_BODIES);
    let mut random = Random(setting("MES_FUZZ_SEED", 1));
    let callbacks = [
        Callback::plain().check_reply(CheckReply::Event),
        Callback::new("demo-callback-key").check_reply(CheckReply::Text),
    ];
    let (mut read, mut refused, mut unreadable) = (0_u64, 0_u64, 0_u64);
    for _ in 0..bodies {
        let seed = SEEDS[random.below(SEEDS.len())];
        let body = match random.below(2) {
            0 => mutate(&mut random, seed),
            _ => event(&mut random),
        };
        for callback in &callbacks {
            match callback.receive(&body) {
                Ok(received) => {
                    read += 1;
                    unreadable += u64::from(matches!(received.event, Event::Unreadable(_)));
                    let _ = (received.dedup_key(), received.record_keys());
                    let _ = event_step(&received.event);
                }
                Err(error) => {
                    refused += 1;
                    let _ = (error.to_string(), error.reply());
                }
            }
        }
    }
    println!("{bodies} bodies: {read} read, {unreadable} of them unreadable, {refused} refused");
    // The bodies reach every room of the receiver, or the test shows nothing.
    assert!(read > bodies / 5 && refused > bodies / 5 && unreadable > bodies / 50);
}
