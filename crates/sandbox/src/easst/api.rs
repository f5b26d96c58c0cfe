//! The service's HTTP interface, `open.easst.cn`.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Uri, header};
use md5::{Digest as _, Md5};
use rust_decimal::Decimal;
use sha2::Sha256;

use super::paper::{Invoice, Line, Seen, look};
use super::quirks::{Encoding, Placement};
use super::world::{Platform, Recognized, World};
use super::{APP_ID, APP_SECRET};
use crate::servicelayer::json::{Json, Object};

const PATH: &str = "/openapi/rest/common/invoiceocr";
const LARGEST_BODY: usize = 64 * 1024 * 1024;

/// A refusal of the service: what it says, and the HTTP status.
struct Refusal(StatusCode, String);

impl From<&str> for Refusal {
    fn from(message: &str) -> Self {
        Self(StatusCode::OK, message.to_owned())
    }
}

pub(super) fn router(platform: Arc<Platform>) -> Router {
    Router::new().fallback(answer).layer(DefaultBodyLimit::max(LARGEST_BODY)).with_state(platform)
}

async fn answer(
    State(platform): State<Arc<Platform>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let (outcome, delay) = platform.act(|world, now| {
        let outcome = recognize(world, now, &method, uri.path(), &headers, &body);
        let delay = outcome.is_ok().then(|| world.delays.pop_front()).flatten();
        (outcome, delay.unwrap_or(Duration::ZERO))
    });
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    let (status, body) = match outcome {
        Ok(body) => (StatusCode::OK, body),
        Err(Refusal(status, message)) => {
            (status, object! { "isSuccess": false, "errorMsg": message })
        }
    };
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json;charset=UTF-8");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

fn recognize(
    world: &mut World,
    now: DateTime<Utc>,
    method: &Method,
    path: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Object, Refusal> {
    if path != PATH {
        let message = format!("the sandbox does not simulate {method} {path}");
        return Err(Refusal(StatusCode::NOT_IMPLEMENTED, message));
    }
    if method != Method::POST {
        return Err(Refusal(StatusCode::METHOD_NOT_ALLOWED, format!("不支持 {method}")));
    }
    signed(world, now, headers)?;
    let file = picture(world, headers, body)?;
    if file.len() > world.largest_picture {
        return Err("图片大小超过限制".into());
    }
    if let Some(message) = world.refusals.pop_front() {
        return Err(message.as_str().into());
    }
    let seen = look(&file);
    let fingerprint = Sha256::digest(&file).iter().map(|byte| format!("{byte:02x}")).collect();
    let invoices = match seen {
        Seen::NoPicture => return Err("图片格式不支持".into()),
        Seen::Invoices(invoices) => invoices,
    };
    let legible: Vec<_> = invoices.iter().filter(|invoice| !invoice.illegible).collect();
    // Billed, whatever was seen on it.
    let read =
        Recognized { at: now, bytes: file.len(), sha256: fingerprint, invoices: legible.len() };
    world.recognized.push(read);
    if legible.is_empty() {
        let why = if invoices.is_empty() {
            "未识别到发票"
        } else {
            "图片不清晰，无法识别"
        };
        return Err(why.into());
    }
    Ok(shown(world, &legible, invoices.len()))
}

/// Headers `appId`, `timestamp`, `sign` = MD5(appId + timestamp + appSecret).
fn signed(world: &World, now: DateTime<Utc>, headers: &HeaderMap) -> Result<(), Refusal> {
    let header = |name: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if value.is_empty() {
            return Err(Refusal::from(format!("缺少请求头 {name}").as_str()));
        }
        Ok(value)
    };
    let (app_id, timestamp, sign) = (header("appId")?, header("timestamp")?, header("sign")?);
    if app_id != APP_ID {
        return Err("appId不存在".into());
    }
    let expected = Md5::digest(format!("{APP_ID}{timestamp}{APP_SECRET}"));
    let expected: String = expected.iter().map(|byte| format!("{byte:02x}")).collect();
    if sign != expected {
        return Err("签名错误".into());
    }
    let sent = timestamp.parse().ok().and_then(DateTime::from_timestamp_millis);
    let Some(sent) = sent.filter(|sent| sent.timestamp() > 1_000_000_000) else {
        return Err("timestamp应为毫秒时间戳，签名无效".into());
    };
    match world.quirks.timestamp_tolerance {
        Some(tolerance)
            if (now - sent).abs() > TimeDelta::from_std(tolerance).unwrap_or(TimeDelta::MAX) =>
        {
            Err("timestamp已过期，签名无效".into())
        }
        _ => Ok(()),
    }
}

/// The bytes behind `image_data`.
fn picture(world: &World, headers: &HeaderMap, body: &[u8]) -> Result<Vec<u8>, Refusal> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    let members: Vec<(String, String)> = match (kind, world.quirks.encoding) {
        ("application/json", Encoding::Both | Encoding::Json) => {
            let text = std::str::from_utf8(body).unwrap_or_default();
            let object = Object::parse(text).map_err(|_| Refusal::from("请求体不是JSON对象"))?;
            let member = |(name, value): (&str, &Json)| {
                (name.to_owned(), value.as_text().unwrap_or_default().to_owned())
            };
            object.iter().map(member).collect()
        }
        ("application/x-www-form-urlencoded", Encoding::Both | Encoding::Form) => {
            url::form_urlencoded::parse(body).into_owned().collect()
        }
        _ => return Err(Refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, format!("不支持 {kind}"))),
    };
    let stranger = members.iter().find(|(name, _)| name != "image_data");
    if let Some((name, _)) = stranger.filter(|_| !world.quirks.ignore_unknown_members) {
        let message = format!("the sandbox does not know the member `{name}`");
        return Err(Refusal(StatusCode::NOT_IMPLEMENTED, message));
    }
    let image = members.iter().find(|(name, text)| name == "image_data" && !text.is_empty());
    let (_, image) = image.ok_or_else(|| Refusal::from("image_data不能为空"))?;
    STANDARD.decode(image).map_err(|_| Refusal::from("image_data不是Base64"))
}

/// The answer. The names inside are not documented; these are ours.
fn shown(world: &World, invoices: &[&Invoice], all: usize) -> Object {
    let number = |amount: Decimal| match world.quirks.amounts_as_text {
        true => Json::from(amount.to_string()),
        false => Json::from(amount),
    };
    let line = |line: &Line| {
        object! {
            "name": line.name.as_str(), "unit": line.unit.as_str(),
            "quantity": number(line.quantity), "unitPrice": number(line.price),
            "amount": number(line.amount), "taxRate": line.tax_rate.as_str(),
            "tax": number(line.tax),
        }
    };
    let in_result = world.quirks.placement == Placement::InResult;
    let result: Vec<Object> = invoices
        .iter()
        .map(|invoice| {
            let shown = object! {
                "invoiceCode": invoice.code.as_str(), "invoiceNumber": invoice.number.as_str(),
                "invoiceDate": invoice.date.to_string(), "purchaserName": invoice.buyer.as_str(),
                "sellerName": invoice.seller.as_str(), "totalAmount": number(invoice.amount),
                "totalTax": number(invoice.tax), "amountWithTax": number(invoice.total()),
                "checkCode": invoice.check_code.as_str(), "credibility": "真票",
            };
            match in_result {
                true => {
                    let lines: Vec<Object> = invoice.lines.iter().map(line).collect();
                    shown.with("commodity_info", lines)
                }
                false => shown,
            }
        })
        .collect();
    let lines: Vec<Object> = invoices.iter().flat_map(|one| one.lines.iter().map(line)).collect();
    let answer = object! { "isSuccess": true };
    let answer = match world.quirks.placement {
        Placement::Top => answer.with("result", result).with("commodity_info", lines),
        Placement::InResult => answer.with("result", result),
        Placement::InData => {
            answer.with("data", object! { "result": result, "commodity_info": lines })
        }
    };
    match all - invoices.len() {
        0 => answer,
        lost => answer.with("errorMsg", format!("{lost}张发票无法识别")),
    }
}
