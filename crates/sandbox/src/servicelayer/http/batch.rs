//! `POST $batch`: several requests in one, change sets with all or nothing.
//!
//! Parts run in order until one fails; what follows the failure gets no answer. Change sets that
//! finished before stay committed.

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use super::reply::Reply;
use super::{Asked, dispatch, effective_method, path};
use crate::servicelayer::company::{Actor, Company, Dialect};
use crate::servicelayer::refusal::Refusal;

const RESPONSE: &str = "batchresponse_7f3c0a52";
const CHANGE_SET_RESPONSE: &str = "changesetresponse_0000";

pub(super) fn run(
    company: &mut Company,
    asked: &Asked<'_>,
    actor: Actor,
) -> Result<Reply, Refusal> {
    let boundary = boundary(asked.headers).ok_or_else(incomplete)?;
    let parts = parts(asked.body_text()?, boundary)?;
    // All of it is read before any of it runs: a malformed batch has no effect.
    let steps = parts.iter().map(|part| Step::parse(part, asked.dialect));
    let steps = steps.collect::<Result<Vec<_>, _>>()?;
    let mut answer = String::new();
    for step in &steps {
        let failed = match step {
            Step::ChangeSet(requests) => {
                run_change_set(company, asked, requests, actor, &mut answer)
            }
            Step::Single(request) => {
                let reply = request.run(company, asked, None, actor);
                let reply = reply.unwrap_or_else(|refusal| failure(&refusal, asked.dialect));
                print(&mut answer, RESPONSE, &reply, request.id, asked.dialect);
                reply.status().as_u16() >= 400
            }
        };
        if failed {
            break;
        }
    }
    answer.push_str(&format!("--{RESPONSE}--\r\n"));
    let status = match asked.dialect {
        Dialect::V1 => StatusCode::ACCEPTED,
        Dialect::V2 => StatusCode::OK,
    };
    let kind = format!("multipart/mixed;boundary={RESPONSE}");
    Ok(Reply::text(asked.dialect, &kind, answer).with_status(status))
}

/// Returns whether it failed.
fn run_change_set(
    company: &mut Company,
    asked: &Asked<'_>,
    requests: &[Inner<'_>],
    actor: Actor,
    answer: &mut String,
) -> bool {
    let done = company.atomically(|company| {
        let mut replies: Vec<(Option<&str>, Reply)> = Vec::new();
        for request in requests {
            let reply = request.run(company, asked, Some(&replies), actor)?;
            replies.push((request.id, reply));
        }
        Ok(replies)
    });
    match done {
        Ok(replies) => {
            let kind = format!("multipart/mixed;boundary={CHANGE_SET_RESPONSE}");
            answer.push_str(&format!("--{RESPONSE}\r\nContent-Type: {kind}\r\n\r\n"));
            for (id, reply) in &replies {
                print(answer, CHANGE_SET_RESPONSE, reply, *id, asked.dialect);
            }
            answer.push_str(&format!("--{CHANGE_SET_RESPONSE}--\r\n"));
            false
        }
        // One plain part stands for the whole set.
        Err(refusal) => {
            print(answer, RESPONSE, &failure(&refusal, asked.dialect), None, asked.dialect);
            true
        }
    }
}

/// Version 1 puts the id among the headers of the inner answer, version 2 among those of the part.
fn print(answer: &mut String, boundary: &str, reply: &Reply, id: Option<&str>, dialect: Dialect) {
    let id = id.map(|id| format!("Content-ID: {id}\r\n")).unwrap_or_default();
    let (inner, outer) = match dialect {
        Dialect::V1 => (id.as_str(), ""),
        Dialect::V2 => ("", id.as_str()),
    };
    answer.push_str(&format!(
        "--{boundary}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\
         {outer}\r\n{}\r\n",
        reply.on_the_wire(inner)
    ));
}

fn incomplete() -> Refusal {
    malformed("Incomplete Batch Request Body!")
}

fn malformed(message: impl Into<String>) -> Refusal {
    Refusal::malformed(message).with_inner_error()
}

/// A refusal within a batch carries an inner error without content.
fn failure(refusal: &Refusal, dialect: Dialect) -> Reply {
    Reply::refusal(&refusal.clone().with_inner_error(), dialect)
}

/// The boundary of a `multipart/mixed` body; `None`: it is something else.
fn boundary(headers: &HeaderMap) -> Option<&str> {
    let (kind, parameters) = text(headers, header::CONTENT_TYPE)?.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/mixed") {
        return None;
    }
    let parameter = parameters.split(';').find_map(|part| part.trim().strip_prefix("boundary="))?;
    Some(parameter.trim_matches('"')).filter(|boundary| !boundary.is_empty())
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// What runs as one.
enum Step<'a> {
    Single(Inner<'a>),
    ChangeSet(Vec<Inner<'a>>),
}

impl<'a> Step<'a> {
    fn parse(part: &Part<'a>, dialect: Dialect) -> Result<Self, Refusal> {
        match boundary(&part.headers) {
            Some(boundary) => Ok(Self::ChangeSet(change_set(part.content, boundary, dialect)?)),
            None => Ok(Self::Single(Inner::parse(part)?)),
        }
    }
}

/// A part: its headers, and what follows them.
struct Part<'a> {
    headers: HeaderMap,
    id: Option<&'a str>,
    content: &'a str,
}

fn parts<'a>(body: &'a str, boundary: &str) -> Result<Vec<Part<'a>>, Refusal> {
    let delimiter = format!("--{boundary}");
    let mut rest = body.strip_prefix(&delimiter).ok_or_else(incomplete)?;
    let delimiter = format!("\r\n{delimiter}");
    let mut parts = Vec::new();
    while !rest.starts_with("--") {
        let (part, after) = rest.split_once(&delimiter).ok_or_else(incomplete)?;
        let part = part.strip_prefix("\r\n").ok_or_else(incomplete)?;
        let (head, content) = part.split_once("\r\n\r\n").ok_or_else(incomplete)?;
        parts.push(Part { headers: headers(head)?, id: content_id(head), content });
        rest = after;
    }
    Ok(parts)
}

fn headers(text: &str) -> Result<HeaderMap, Refusal> {
    let mut headers = HeaderMap::new();
    for line in text.split("\r\n").filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':').ok_or_else(incomplete)?;
        let name = HeaderName::from_bytes(name.trim().as_bytes()).map_err(|_| incomplete())?;
        let value = HeaderValue::from_str(value.trim()).map_err(|_| incomplete())?;
        headers.append(name, value);
    }
    Ok(headers)
}

fn change_set<'a>(
    content: &'a str,
    boundary: &str,
    dialect: Dialect,
) -> Result<Vec<Inner<'a>>, Refusal> {
    // The empty line before the first delimiter belongs to the part's headers.
    let content = content.strip_prefix("\r\n").unwrap_or(content);
    let parts = parts(content, boundary)?;
    let requests = parts.iter().map(Inner::parse).collect::<Result<Vec<_>, _>>()?;
    for request in &requests {
        if request.method == Method::GET {
            return Err(malformed("a change set must not contain GET"));
        }
        if request.id.is_none() && dialect == Dialect::V2 {
            let message = "Content ID should be specified in each change set request.";
            return Err(malformed(message));
        }
    }
    Ok(requests)
}

/// One request within the batch.
struct Inner<'a> {
    id: Option<&'a str>,
    method: Method,
    target: &'a str,
    headers: HeaderMap,
    body: &'a str,
}

impl<'a> Inner<'a> {
    fn parse(part: &Part<'a>) -> Result<Self, Refusal> {
        for (name, expected) in
            [("content-type", "application/http"), ("content-transfer-encoding", "binary")]
        {
            let name = HeaderName::from_static(name);
            let sent = text(&part.headers, name.clone()).unwrap_or_default();
            if !sent.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(expected) {
                let message = format!("{name}: {expected} is expected in each part, not '{sent}'");
                return Err(malformed(message));
            }
        }
        let expected = "two CRLF are expected between sub-request header and content";
        let (head, body) =
            part.content.split_once("\r\n\r\n").ok_or_else(|| malformed(expected))?;
        let (line, rest) = head.split_once("\r\n").unwrap_or((head, ""));
        let mut words = line.split(' ');
        let (Some(method), Some(target)) = (words.next(), words.next()) else {
            return Err(incomplete());
        };
        let method = Method::from_bytes(method.as_bytes()).map_err(|_| incomplete())?;
        let headers = headers(rest)?;
        // Some clients write the id among the inner headers.
        Ok(Self { id: part.id.or(content_id(rest)), method, target, headers, body })
    }

    /// `earlier`: the answers within the same change set, which `$<Content-ID>` refers to.
    fn run(
        &self,
        company: &mut Company,
        outer: &Asked<'_>,
        earlier: Option<&[(Option<&str>, Reply)]>,
        actor: Actor,
    ) -> Result<Reply, Refusal> {
        let mut headers = self.headers.clone();
        // The server looks at the condition of the batch and ignores those inside.
        headers.remove(header::IF_MATCH);
        if let Some(condition) = outer.headers.get(header::IF_MATCH) {
            headers.insert(header::IF_MATCH, condition.clone());
        }
        let (path, query) = self.target.split_once('?').unwrap_or((self.target, ""));
        let resource = resource(path, outer.version);
        let resource = match resource.strip_prefix('$') {
            Some(reference) if earlier.is_some() => {
                refer(reference, earlier.unwrap_or_default(), outer.root)?
            }
            _ => resource.to_owned(),
        };
        let asked = Asked {
            method: effective_method(&self.method, &headers),
            dialect: outer.dialect,
            version: outer.version,
            root: outer.root,
            resource: &resource,
            query,
            headers: &headers,
            body: self.body.trim_end_matches(['\r', '\n']).as_bytes(),
        };
        let segments = path::segments(&resource)?;
        if segments.first().is_some_and(|first| first.name == "$batch") {
            return Err(incomplete());
        }
        dispatch(company, &asked, &segments, actor)
    }
}

fn content_id(head: &str) -> Option<&str> {
    head.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-id").then(|| value.trim())
    })
}

/// What follows `/b1s/v1/`; a relative path as it is.
///
/// The gateway does not rewrite the parts of a batch: a path with its prefix, `/6160/b1s/v1/Items`,
/// leads nowhere.
fn resource<'a>(path: &'a str, version: &str) -> &'a str {
    let without_host =
        path.split_once("://").and_then(|(_, rest)| Some(rest.split_at(rest.find('/')?).1));
    let path = without_host.unwrap_or(path);
    path.strip_prefix(&format!("/b1s/{version}/")).unwrap_or(path)
}

/// `1/Cancel` → `Orders(22)/Cancel`, by the place of the entity that request 1 created.
fn refer(
    reference: &str,
    earlier: &[(Option<&str>, Reply)],
    root: &str,
) -> Result<String, Refusal> {
    let (id, rest) = reference.split_once('/').unwrap_or((reference, ""));
    let created = earlier.iter().find(|(known, _)| *known == Some(id));
    let place = created.and_then(|(_, reply)| reply.location()).and_then(|place| {
        place.strip_prefix(root).map(|place| place.trim_start_matches('/').to_owned())
    });
    let place = place.ok_or_else(|| {
        Refusal::malformed(format!("${id} refers to no entity created in this change set"))
    })?;
    Ok(if rest.is_empty() { place } else { format!("{place}/{rest}") })
}
