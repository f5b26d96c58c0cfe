//! A pushed event against its bare primitives, in one run.
//!
//! - `bare`: SHA-1 over the four signed texts, base64 into a buffer, AES-256-CBC in place, with the
//!   same crates directly. No comparison, no checks, nothing copied out.
//! - `open`: [`Envelope::open`]: verify, decrypt, unpad, check the receive id, an owned message.
//! - `receive`: [`Callback::receive`]: query and envelope parsed, `open`, the message's XML read into
//!   a typed event with its raw text.

#![allow(clippy::unwrap_used)] // what cannot be opened cannot be measured

use std::hint::black_box;

use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockModeDecrypt, KeyIvInit};
use base64::Engine as _;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use erplink_core::Secret;
use erplink_core::callback::Envelope;
use sha1::{Digest, Sha1};
use wecom::callback::Callback;

const TOKEN: &str = "QDG6eK";
const AES_KEY: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
const CORP: &str = "ww6f3c1d9a02b7e845";
const TIMESTAMP: &str = "1751335200";
const NONCE: &str = "1372623149";

/// An event of about this many bytes: the more, the more remarks.
fn message(bytes: usize) -> String {
    let mut text = String::from(
        "<xml><ToUserName><![CDATA[ww6f3c1d9a02b7e845]]></ToUserName><FromUserName><![CDATA[sys]]>\
         </FromUserName><CreateTime>1751335200</CreateTime><MsgType><![CDATA[event]]></MsgType>\
         <Event><![CDATA[sys_approval_change]]></Event><AgentID>1000002</AgentID><ApprovalInfo>\
         <SpNoStr><![CDATA[202507010001]]></SpNoStr><SpStatus>2</SpStatus>",
    );
    while text.len() < bytes {
        text.push_str(
            "<Comments><CommentUserInfo><UserId><![CDATA[chenmeng]]></UserId></CommentUserInfo>\
             <CommentTime>1751335200</CommentTime><CommentContent><![CDATA[备注]]></CommentContent>\
             <CommentId><![CDATA[6750538708562308220]]></CommentId></Comments>",
        );
    }
    text.push_str("<StatuChangeEvent>2</StatuChangeEvent></ApprovalInfo></xml>");
    text
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
    let callback = Callback::new(TOKEN, AES_KEY, CORP).unwrap();
    let relaxed = base64::engine::GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        base64::engine::GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(base64::engine::DecodePaddingMode::RequireNone),
    );
    let key: [u8; 32] = relaxed.decode(AES_KEY).unwrap().try_into().unwrap();
    let iv: [u8; 16] = key[..16].try_into().unwrap();

    for kib in [1, 4, 16] {
        let sealed = envelope.seal(&message(kib * 1024), CORP, TIMESTAMP, NONCE).unwrap();
        let query =
            format!("msg_signature={}&timestamp={TIMESTAMP}&nonce={NONCE}", sealed.signature);
        let body = format!(
            "<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><Encrypt><![CDATA[{}]]></Encrypt>\
             <AgentID><![CDATA[1000002]]></AgentID></xml>",
            sealed.encrypt
        );
        let mut buffer = vec![0; sealed.encrypt.len()];

        let mut group = criterion.benchmark_group(format!("{kib}KiB"));
        group.throughput(Throughput::Bytes(u64::try_from(kib * 1024).unwrap()));
        group.bench_function("bare", |bencher| {
            bencher.iter(|| bare(&key, &iv, black_box(&sealed.encrypt), &mut buffer));
        });
        group.bench_function("open", |bencher| {
            bencher.iter(|| {
                envelope
                    .open(&sealed.signature, TIMESTAMP, NONCE, black_box(&sealed.encrypt), &[CORP])
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
