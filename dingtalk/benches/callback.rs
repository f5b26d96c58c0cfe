//! A pushed event against its bare primitives, in one run.
//!
//! - `bare`: SHA-1 over the four signed texts, base64 into a buffer, AES-256-CBC in place, with the
//!   same crates directly. No comparison, no checks, nothing copied out.
//! - `open`: [`Envelope::open`]: verify, decrypt, unpad, check the owner, an owned message.
//! - `receive`: [`Callback::receive`]: query and body parsed, `open`, typed event with its raw text,
//!   and the encrypted and signed reply.

#![allow(clippy::unwrap_used)] // what cannot be opened cannot be measured

use std::hint::black_box;

use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockModeDecrypt, KeyIvInit};
use base64::Engine as _;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use dingtalk::callback::Callback;
use erplink_core::Secret;
use erplink_core::callback::Envelope;
use sha1::{Digest, Sha1};

const TOKEN: &str = "tok123";
const AES_KEY: &str = "o1w0aum42yaptlz8alnhwikjd3jenzt9cb9wmzptgus";
const OWNER: &str = "dingabcdefgh12345678";
const TIMESTAMP: &str = "1700000000124";
const NONCE: &str = "8Kd2mPq1";

fn message(bytes: usize) -> String {
    let frame = r#"{"EventType":"bpms_instance_change","processInstanceId":"9Qgx5QqjR7axMw","type":"finish","result":"agree","createTime":1495592272000,"finishTime":1495592305000,"processCode":"PROC-1","staffId":"manager75","CorpId":"ding9f50b15b","title":""}"#;
    frame.replace(r#""title":"""#, &format!(r#""title":"{}""#, "a".repeat(bytes - frame.len())))
}

fn bare(key: &[u8; 32], iv: &[u8; 16], encrypt: &str, buffer: &mut [u8]) -> (usize, [u8; 20]) {
    let mut parts = [TOKEN, TIMESTAMP, NONCE, encrypt];
    parts.sort_unstable();
    let mut sha = Sha1::new();
    for part in parts {
        sha.update(part);
    }
    let length = base64::engine::general_purpose::STANDARD.decode_slice(encrypt, buffer).unwrap();
    let plain = cbc::Decryptor::<aes::Aes256>::new(key.into(), iv.into())
        .decrypt_padded::<NoPadding>(&mut buffer[..length])
        .unwrap();
    (plain.len(), sha.finalize().into())
}

fn callbacks(criterion: &mut Criterion) {
    let envelope = Envelope::new(TOKEN, &Secret::new(AES_KEY)).unwrap();
    let callback = Callback::new(TOKEN, AES_KEY, OWNER).unwrap();
    let relaxed = base64::engine::GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        base64::engine::GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(base64::engine::DecodePaddingMode::RequireNone),
    );
    let key: [u8; 32] = relaxed.decode(AES_KEY).unwrap().try_into().unwrap();
    let iv: [u8; 16] = key[..16].try_into().unwrap();

    for bytes in [1024, 16 * 1024] {
        let sealed = envelope.seal(&message(bytes), OWNER, TIMESTAMP, NONCE).unwrap();
        let query = format!(
            "signature={0}&msg_signature={0}&timestamp={TIMESTAMP}&nonce={NONCE}",
            sealed.signature
        );
        let body = format!(r#"{{"encrypt":"{}"}}"#, sealed.encrypt);
        let mut buffer = vec![0; sealed.encrypt.len()];

        let mut group = criterion.benchmark_group(format!("{}KiB", bytes / 1024));
        group.throughput(Throughput::Bytes(bytes as u64));
        group.bench_function("bare", |bencher| {
            bencher.iter(|| bare(&key, &iv, black_box(&sealed.encrypt), &mut buffer));
        });
        group.bench_function("open", |bencher| {
            bencher.iter(|| {
                envelope
                    .open(&sealed.signature, TIMESTAMP, NONCE, black_box(&sealed.encrypt), &[OWNER])
                    .unwrap()
            });
        });
        group.bench_function("receive", |bencher| {
            bencher.iter(|| callback.receive(&query, black_box(body.as_bytes())).unwrap());
        });
        group.finish();
    }
}

criterion_group!(benches, callbacks);
criterion_main!(benches);
