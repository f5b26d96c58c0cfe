//! Makes the outward calls and keeps what came of them.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use erplink_core::Secret;
use http::{HeaderValue, Request, header};
use http_body_util::Full;
use serde::Serialize;

use super::callback::Accepted;
use super::envelope::Refusal;
use super::options::PushFault;
use super::platform::Platform;
use crate::caller::{NoReply, Reply};

/// One call that a node made, as a test sees it afterwards.
#[derive(Debug, Clone, Serialize)]
pub struct Push {
    /// The request it is about.
    pub request: i64,
    /// The status it carried.
    pub status: String,
    /// Who pressed.
    pub approver: String,
    /// When, on the simulated clock.
    pub at: DateTime<Utc>,
    /// Where it was posted.
    pub url: String,
    /// What was posted.
    pub body: String,
    /// The reply's HTTP status, if there was a reply.
    pub http_status: Option<u16>,
    /// The reply's body.
    pub reply: String,
    /// `None` when it was accepted, else what the person saw.
    pub failure: Option<String>,
}

/// A call to be made.
#[derive(Debug, Clone)]
pub(super) struct Letter {
    pub(super) url: String,
    pub(super) header: String,
    pub(super) app_code: Secret,
    pub(super) content_type: &'static str,
    pub(super) body: String,
    pub(super) accepted: Accepted,
    pub(super) request: i64,
    pub(super) status: String,
    pub(super) approver: String,
}

/// Makes the call. Refused unless the reply accepts.
pub(super) async fn deliver(platform: &Platform, letter: Letter) -> Result<(), Refusal> {
    let fault = platform.act(|world, _| world.push_faults.pop_front());
    let mut last = Ok(());
    let times = if fault == Some(PushFault::Duplicate) { 2 } else { 1 };
    for _ in 0..times {
        let mut sent = letter.clone();
        if fault == Some(PushFault::WrongAppCode) {
            sent.app_code = "somebody-elses-app-code".into();
        }
        last = Box::pin(attempt(platform, sent, fault)).await;
    }
    last.map_err(|why| Refusal::fail("NODE_ACTION_FAIL", why))
}

async fn attempt(
    platform: &Platform,
    letter: Letter,
    fault: Option<PushFault>,
) -> Result<(), String> {
    let answered = post(platform, &letter).await;
    let (http_status, reply) = match &answered {
        Ok((status, body)) => (Some(*status), String::from_utf8_lossy(body).into_owned()),
        Err(_) => (None, String::new()),
    };
    let outcome = match answered {
        Ok(_) if fault == Some(PushFault::LoseAnswer) => Err("调用接口超时".to_owned()),
        Ok((status, body)) => letter.accepted.check(status, &body),
        Err(why) => Err(why),
    };
    let failure = outcome.as_ref().err().cloned();
    if let Some(failure) = &failure {
        tracing::warn!(request = letter.request, failure, "a node's outward call was not accepted");
    }
    let Letter { url, body, request, status, approver, .. } = letter;
    platform.act(|world, at| {
        let push = Push { request, status, approver, at, url, body, http_status, reply, failure };
        world.pushes.push(push);
    });
    outcome
}

async fn post(platform: &Platform, letter: &Letter) -> Result<(u16, Bytes), String> {
    let code = HeaderValue::from_str(letter.app_code.expose());
    let code = code.map_err(|_| "AppCode不是合法的请求头".to_owned())?;
    let request = Request::post(&letter.url)
        .header(header::CONTENT_TYPE, letter.content_type)
        .header(&letter.header, code)
        .body(Full::from(letter.body.clone()));
    exchange(platform, request).await
}

/// Fetches a file that a caller attached by its address.
pub(super) async fn fetch(platform: &Platform, url: &str) -> Result<Bytes, String> {
    let request = Request::get(url).body(Full::default());
    let (status, body) = exchange(platform, request).await?;
    if status == 200 { Ok(body) } else { Err(format!("附件下载失败: HTTP {status}")) }
}

async fn exchange(
    platform: &Platform,
    request: http::Result<Request<Full<Bytes>>>,
) -> Result<(u16, Bytes), String> {
    match platform.http.send(request, platform.reply_deadline).await {
        Ok(Reply { status, body }) => Ok((status.as_u16(), body)),
        Err(NoReply::Late(_)) => Err("调用接口超时".to_owned()),
        Err(NoReply::BrokenOff(why)) => Err(format!("接口返回中断: {why}")),
        Err(NoReply::Unreachable(why)) => Err(format!("接口无法访问: {why}")),
        Err(NoReply::NoAddress(why)) => Err(format!("接口地址错误: {why}")),
    }
}
