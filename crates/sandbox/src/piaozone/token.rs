//! `POST /base/oauth/token`.

use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::{Digest as _, Md5};
use sha2::Sha256;

use super::api::Reply;
use super::options::TimestampUnit;
use super::world::{Refusal, World};
use super::{CLIENT_ID, CLIENT_SECRET};
use crate::servicelayer::json::{Json, Object};

const MEMBERS: [&str; 4] = ["client_id", "timestamp", "sign", "encType"];
/// Seconds have ten digits until the year 2286, milliseconds thirteen.
const LONGEST_SECONDS: usize = 11;

pub(super) fn issue(world: &mut World, now: DateTime<Utc>, body: &[u8]) -> Reply {
    let text = std::str::from_utf8(body).unwrap_or_default();
    let Ok(request) = Object::parse(text) else {
        return Reply::Refused(Refusal::new("1000", "请求体不是JSON对象"));
    };
    if let Some((name, _)) = request.iter().find(|(name, _)| !MEMBERS.contains(name)) {
        return Reply::Unsupported(format!("the sandbox does not know the member `{name}`"));
    }
    if let Err(refusal) = signed(world, &request) {
        return Reply::Refused(refusal);
    }
    let token = world.draw();
    let life = TimeDelta::from_std(world.token_life).unwrap_or(TimeDelta::MAX);
    let until = now.checked_add_signed(life).unwrap_or(DateTime::<Utc>::MAX_UTC);
    world.tokens.insert(token.clone(), until);
    world.fetched = world.fetched.saturating_add(1);
    let answer = object! { "access_token": token };
    Reply::Done(match world.quirks.says_lifetime {
        true => answer.with("expires_in", life.num_seconds()),
        false => answer,
    })
}

fn signed(world: &World, request: &Object) -> Result<(), Refusal> {
    // Numbers and texts alike.
    let member = |name: &str| match request.get(name) {
        Some(Json::Number(digits)) => digits.clone(),
        Some(Json::Text(text)) => text.clone(),
        _ => String::new(),
    };
    let (client_id, timestamp, sign) = (member("client_id"), member("timestamp"), member("sign"));
    if client_id.is_empty() {
        return Err(Refusal::new("1200", "授权id为空"));
    }
    let is_number = !timestamp.is_empty() && timestamp.bytes().all(|byte| byte.is_ascii_digit());
    let is_short = timestamp.len() <= LONGEST_SECONDS;
    let fits = match world.quirks.timestamp_unit {
        TimestampUnit::Any => true,
        TimestampUnit::Seconds => is_short,
        TimestampUnit::Milliseconds => !is_short,
    };
    let mismatch = || Refusal::new("1101", "client_id与client_secret不匹配");
    let enc_type = match member("encType").as_str() {
        "" | "0" => 0,
        "1" => 1,
        "2" => 2,
        other => return Err(Refusal::new("1000", format!("encType {other} 不支持"))),
    };
    let is_taken = world.quirks.enc_type.is_none_or(|only| only == enc_type);
    let text = format!("{CLIENT_ID}{CLIENT_SECRET}{timestamp}");
    let digest = match enc_type {
        0 => Md5::digest(&text).to_vec(),
        1 => Sha256::digest(&text).to_vec(),
        _ => Hmac::<Sha256>::new_from_slice(CLIENT_SECRET.as_bytes())
            .map(|mac| mac.chain_update(&text).finalize().into_bytes().to_vec())
            .unwrap_or_default(),
    };
    let expected: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    if client_id == CLIENT_ID && sign == expected && is_number && fits && is_taken {
        Ok(())
    } else {
        Err(mismatch())
    }
}
