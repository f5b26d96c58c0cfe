//! Many mutated bodies through the receiver: none may panic, approve what is not approved, or
//! leave memory behind.
//!
//! `ECOLOGY_OA_BODIES=10000000 cargo test --release -p ecology-oa --test callback_bodies` runs ten
//! million. `ECOLOGY_OA_SEED` repeats a run: the seed is printed.

#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;

use ecology_oa::callback::{AppCodes, Callback, CallbackError, Decision, ResultMap};
use http::{HeaderMap, HeaderValue};

const SEEDS: [&str; 8] = [
    r#"{"requestid":2966060,"workflowid":781,"requestname":"采购申请-1042","status":"1","remark":"同意","approver":"15273"}"#,
    r#"{"requestid":"2966060","mainData":{"docentry":"1042","cardcode":"V10000"},"detail1":[{"itemcode":"A0001","qty":"5"}],"status":"0"}"#,
    r#"{"requestid":1e400,"status":true,"remark":{"a":[null,[],{}]},"approver":-0.0}"#,
    "requestid=2966060&status=1&remark=%E5%90%8C%E6%84%8F&approver=15273",
    "requestid=5&mainData=%7B%22docentry%22%3A1042%7D&detail1=%5B%7B%22a%22%3A1%7D%5D&status=%C3%28",
    r#"{"requestid":"\ud800","status":"\u0031"}"#,
    "",
    "[[[[[[[[[[[[[[[[",
];
const PIECES: [&[u8]; 16] = [
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b":",
    b",",
    b"\\u",
    b"\xff",
    b"\x00",
    b"&",
    b"=",
    b"%",
    b"null",
    b"\"status\":\"1\"",
    b"\xef\xbb\xbf",
];

/// xorshift64*: spread is all that is needed.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(number).unwrap() % limit.max(1)
    }
}

fn mutate(body: &mut Vec<u8>, random: &mut Random) {
    let at = random.below(body.len() + 1);
    match random.below(7) {
        0 if at < body.len() => body[at] = u8::try_from(random.below(256)).unwrap(),
        1 if at < body.len() => body[at] ^= 1 << random.below(8),
        2 => body.truncate(at),
        3 => drop(body.splice(at..at, PIECES[random.below(PIECES.len())].iter().copied())),
        4 if at < body.len() => drop(body.remove(at)),
        5 => {
            let end = (at + random.below(16)).min(body.len());
            let copied = body[at..end].to_vec();
            body.extend_from_slice(&copied);
        }
        _ => {
            let piece = PIECES[random.below(PIECES.len())].repeat(random.below(300));
            body.splice(at..at, piece);
        }
    }
    body.truncate(4096);
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

/// Memory of this process in KiB, where the system tells.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[test]
fn no_body_breaks_the_receiver() {
    let bodies = setting("ECOLOGY_OA_BODIES").unwrap_or(10_000);
    let seed = setting("ECOLOGY_OA_SEED").unwrap_or_else(|| RandomState::new().hash_one("bodies"));
    println!("ECOLOGY_OA_SEED={seed} ECOLOGY_OA_BODIES={bodies}");
    let callback = Callback::new(AppCodes::new(["code"]).unwrap()).body_limit(4000);
    let results = ResultMap::new();
    let mut random = Random(seed | 1);
    let (mut json, mut form) = (HeaderMap::new(), HeaderMap::new());
    for (headers, kind) in
        [(&mut json, "application/json"), (&mut form, "application/x-www-form-urlencoded")]
    {
        headers.insert("x-apig-appcode", HeaderValue::from_static("code"));
        headers.insert("content-type", HeaderValue::from_static(kind));
    }
    let (mut read, mut decided, mut refused) = (0_u64, 0_u64, 0_u64);
    let mut warm = None;
    for number in 0..bodies {
        if number == bodies / 10 {
            warm = resident();
        }
        let mut body = SEEDS[random.below(SEEDS.len())].as_bytes().to_vec();
        for _ in 0..random.below(6) {
            mutate(&mut body, &mut random);
        }
        let headers = if random.below(2) == 0 { &json } else { &form };
        let push = match callback.receive(headers, &body) {
            Ok(push) => push,
            Err(error) => {
                assert!(!matches!(error, CallbackError::Unauthorized(_)));
                assert_eq!(matches!(error, CallbackError::TooLarge { .. }), body.len() > 4000);
                refused += 1;
                let reply = callback.refused(&error);
                serde_json::from_str::<serde::de::IgnoredAny>(&reply.body).unwrap();
                continue;
            }
        };
        read += 1;
        match results.read(&push) {
            Ok(result) => {
                decided += 1;
                let status = push.text("/status").unwrap();
                let approves = ["1", "y", "true", "approved", "pass", "同意", "通过", "批准"]
                    .contains(&status.trim().to_ascii_lowercase().as_str());
                assert_eq!(result.decision == Decision::Approved, approves, "{status}");
                assert!(!result.request_id.is_empty());
            }
            Err(error) => {
                let reply = callback.refused(&error);
                serde_json::from_str::<serde::de::IgnoredAny>(&reply.body).unwrap();
            }
        }
    }
    println!("{read} read, {decided} decided, {refused} refused; {warm:?} → {:?} KiB", resident());
    assert!(read > bodies / 20 && decided > bodies / 100 && refused > bodies / 20);
    if let (Some(warm), Some(end)) = (warm, resident()) {
        assert!(end < warm + 16 * 1024, "memory grew from {warm} to {end} KiB");
    }
}
