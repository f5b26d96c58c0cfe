//! Temporary media (临时素材) and the files that forms and opinions keep.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::Body;
use chrono::{DateTime, Utc};
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::json;

use super::gateway::Incoming;
use super::refusal::Refusal;
use super::request::{Members, members};
use super::world::World;

/// How long a temporary file lives.
const LIFE: Duration = Duration::from_secs(3 * 24 * 3600);
/// Files must be larger than this.
const TOO_SMALL: usize = 5;
const MEGABYTE: usize = 1024 * 1024;
/// More than this is given out in ranges only.
const LARGEST_ANSWER: usize = 20 * MEGABYTE;

#[derive(Debug, Clone)]
pub(super) struct File {
    pub(super) name: String,
    content: Vec<u8>,
    /// `None`: kept for good.
    expires: Option<DateTime<Utc>>,
}

/// Files by media_id.
#[derive(Debug, Default)]
pub(super) struct MediaStore {
    files: BTreeMap<String, File>,
}

impl MediaStore {
    pub(super) fn find(&self, id: &str, now: DateTime<Utc>) -> Option<&File> {
        self.files.get(id).filter(|file| file.expires.is_none_or(|expires| expires > now))
    }
}

impl World {
    pub(super) fn put_media(&mut self, name: &str, content: Vec<u8>, now: DateTime<Utc>) -> String {
        let id = self.ids.media();
        let file = File { name: name.to_owned(), content, expires: Some(now + LIFE) };
        self.media.files.insert(id.clone(), file);
        id
    }

    /// Keeps a temporary file for good, as a form does with its attachments. Returns the new id.
    pub(super) fn keep(&mut self, id: &str, now: DateTime<Utc>) -> Result<String, Refusal> {
        let file = self.media.find(id, now).cloned();
        let file = file.ok_or_else(|| Refusal::new(40007, format!("invalid media_id: {id}")))?;
        let kept = self.ids.attachment();
        self.media.files.insert(kept.clone(), File { expires: None, ..file });
        Ok(kept)
    }
}

/// `POST /cgi-bin/media/upload`: a temporary file (上传临时素材).
pub(super) fn upload(
    world: &mut World,
    incoming: &Incoming,
    now: DateTime<Utc>,
) -> Result<Members, Refusal> {
    let kind = incoming.query.get("type").map(String::as_str).unwrap_or_default();
    let largest = match kind {
        "image" | "video" => 10 * MEGABYTE,
        "voice" => 2 * MEGABYTE,
        "file" => 20 * MEGABYTE,
        _ => return Err(Refusal::new(40004, "invalid media type")),
    };
    let part = media_part(incoming).map_err(|why| Refusal::new(41005, why))?;
    if part.content.is_empty() {
        return Err(Refusal::new(44001, "empty media data"));
    }
    if part.content.len() <= TOO_SMALL {
        return Err(Refusal::new(40006, "invalid media size: 5 bytes or less"));
    }
    if part.content.len() > largest {
        return Err(Refusal::new(45001, "media size out of limit"));
    }
    let content = part.content.to_vec();
    let id = world.put_media(&part.name, content, now);
    Ok(members(json!({
        "type": kind, "media_id": id, "created_at": now.timestamp().to_string(),
    })))
}

/// `GET /cgi-bin/media/get`: a file's bytes (获取临时素材), or a range of them.
pub(super) fn download(
    world: &World,
    incoming: &Incoming,
    now: DateTime<Utc>,
) -> Result<Response<Body>, Refusal> {
    let id = incoming.query.get("media_id").map(String::as_str).unwrap_or_default();
    let file = world.media.find(id, now);
    let file = file.ok_or_else(|| Refusal::new(40007, "invalid media_id"))?;
    let whole = file.content.len();
    let range = incoming.headers.get(header::RANGE).and_then(|range| range.to_str().ok());
    let range = range.and_then(|range| byte_range(range, whole));
    let (start, end) = range.unwrap_or((0, whole));
    let slice = file.content.get(start..end).unwrap_or_default();
    if slice.len() > LARGEST_ANSWER {
        return Err(Refusal::new(830_002, "invalid range: more than 20 MB"));
    }
    let mut response = Response::new(Body::from(slice.to_vec()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    let disposition = format!("attachment; filename=\"{}\"", file.name);
    if let Ok(disposition) = HeaderValue::from_bytes(disposition.as_bytes()) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    if range.is_some() {
        let range = format!("bytes {start}-{}/{whole}", end.saturating_sub(1));
        if let Ok(range) = HeaderValue::from_str(&range) {
            headers.insert(header::CONTENT_RANGE, range);
        }
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    Ok(response)
}

/// `bytes=a-b` as start and end (exclusive) within `whole` bytes.
fn byte_range(range: &str, whole: usize) -> Option<(usize, usize)> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let first: usize = first.trim().parse().ok()?;
    let end = match last.trim() {
        "" => whole,
        last => last.parse::<usize>().ok()?.saturating_add(1).min(whole),
    };
    (first < end).then_some((first, end))
}

struct Part<'a> {
    name: String,
    content: &'a [u8],
}

/// The part named `media` of a multipart body.
fn media_part(incoming: &Incoming) -> Result<Part<'_>, &'static str> {
    let kind = incoming.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.filter(|kind| kind.starts_with("multipart/form-data"));
    let boundary = kind
        .and_then(|kind| kind.split(';').find_map(|part| part.trim().strip_prefix("boundary=")))
        .ok_or("media data missing: the body is not multipart/form-data")?;
    let delimiter = format!("--{}", boundary.trim_matches('"'));
    let mut rest: &[u8] = &incoming.body;
    while let Some(start) = find(rest, delimiter.as_bytes()) {
        rest = rest.get(start + delimiter.len()..).unwrap_or_default();
        let Some(head_end) = find(rest, b"\r\n\r\n") else { break };
        let (head, content) = rest.split_at(head_end);
        let head = String::from_utf8_lossy(head);
        let content = content.get(4..).unwrap_or_default();
        let Some(end) = find(content, format!("\r\n{delimiter}").as_bytes()) else { break };
        if head.contains("name=\"media\"") {
            let name = head.split("filename=\"").nth(1).and_then(|rest| rest.split('"').next());
            let name = name.ok_or("media data missing: the part has no filename")?.to_owned();
            return Ok(Part { name, content: content.get(..end).unwrap_or_default() });
        }
        rest = content;
    }
    Err("media data missing: no part is named media")
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_stay_within_the_file() {
        assert_eq!(byte_range("bytes=0-3", 10), Some((0, 4)));
        assert_eq!(byte_range("bytes=4-", 10), Some((4, 10)));
        assert_eq!(byte_range("bytes=4-99", 10), Some((4, 10)));
        assert_eq!(byte_range("bytes=10-", 10), None);
        assert_eq!(byte_range("items=1-2", 10), None);
    }
}
