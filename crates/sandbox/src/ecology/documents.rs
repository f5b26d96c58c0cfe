//! Documents (文档): what is uploaded, attached and downloaded.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::gate::Caller;
use super::incoming::Incoming;
use super::reply::Answer;
use super::world::World;

/// Where downloads are served.
pub(super) const DOWNLOAD_PATH: &str = "/weaver/weaver.file.FileDownload";

/// A file in the document module.
#[derive(Debug, Clone)]
pub(super) struct Document {
    pub(super) name: String,
    pub(super) content: Vec<u8>,
    pub(super) creator: String,
    pub(super) created: DateTime<Utc>,
    /// The part of a download address that cannot be guessed.
    pub(super) code: String,
}

pub(super) type Documents = BTreeMap<i64, Document>;

impl World {
    pub(super) fn put_document(
        &mut self,
        name: &str,
        content: Vec<u8>,
        creator: &str,
        now: DateTime<Utc>,
    ) -> i64 {
        let id = self.ids.document();
        let code = self.ids.session();
        let (name, creator) = (name.to_owned(), creator.to_owned());
        self.documents.insert(id, Document { name, content, creator, created: now, code });
        id
    }

    /// The ids of a field's value that are documents.
    pub(super) fn documents_in(&self, value: &str) -> Vec<(i64, &Document)> {
        let ids = value.split(',').filter_map(|id| id.trim().parse().ok());
        ids.filter_map(|id: i64| Some((id, self.documents.get(&id)?))).collect()
    }

    /// `GET …FileDownload?fileid=…&code=…`.
    pub(super) fn download(&self, incoming: &Incoming) -> Answer {
        let parameters = incoming.parameters(false);
        let document = parameters.integer("fileid").and_then(|id| self.documents.get(&id));
        match document.filter(|document| parameters.text("code").as_ref() == Some(&document.code)) {
            Some(document) => Answer::File(document.content.clone()),
            None => Answer::not_found(),
        }
    }
}

pub(super) fn download_url(id: i64, document: &Document) -> String {
    format!("{DOWNLOAD_PATH}?fileid={id}&code={}", document.code)
}

/// `POST /api/doc/upload/uploadFile2Doc`: the parts `category`, `name` and `file`.
pub(super) fn upload(world: &mut World, incoming: &Incoming, caller: &Caller) -> Answer {
    if incoming.method != Method::POST {
        return Answer::html(StatusCode::METHOD_NOT_ALLOWED);
    }
    let refused = |why: &str| Answer::Json(json!({"code": -1, "status": false, "msg": why}));
    let Some(parts) = multipart::parts(incoming.content_type(), &incoming.body) else {
        return refused("请求不是multipart/form-data格式");
    };
    let text = |name: &str| {
        let part = parts.iter().find(|part| part.name == name)?;
        Some(String::from_utf8_lossy(part.content).trim().to_owned())
            .filter(|text| !text.is_empty())
    };
    let Some(category) = text("category").and_then(|id| id.parse::<i64>().ok()) else {
        return refused("category不能为空");
    };
    let Some(file) = parts.iter().find(|part| part.name == "file") else {
        return refused("file不能为空");
    };
    let Some(name) = text("name").or_else(|| file.file_name.clone()) else {
        return refused("name不能为空");
    };
    let id = world.put_document(&name, file.content.to_vec(), &caller.user, incoming.now);
    Answer::Json(json!({"data": {"fileid": id, "filename": name, "category": category}}))
}

mod multipart {
    //! `multipart/form-data`, as much as an upload needs.

    pub(super) struct Part<'a> {
        pub(super) name: String,
        pub(super) file_name: Option<String>,
        pub(super) content: &'a [u8],
    }

    /// The parts of a body; `None`: it is something else.
    pub(super) fn parts<'a>(content_type: &str, body: &'a [u8]) -> Option<Vec<Part<'a>>> {
        let (kind, parameters) = content_type.split_once(';')?;
        if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
            return None;
        }
        let boundary = parameter(parameters, "boundary").filter(|text| !text.is_empty())?;
        let delimiter = format!("--{boundary}");
        let mut parts = Vec::new();
        let mut rest = body.get(find(body, delimiter.as_bytes())?..)?;
        loop {
            rest = rest.get(delimiter.len()..)?;
            if rest.starts_with(b"--") {
                return Some(parts);
            }
            rest = rest.strip_prefix(b"\r\n")?;
            let end = find(rest, format!("\r\n{delimiter}").as_bytes())?;
            parts.push(part(rest.get(..end)?)?);
            rest = rest.get(end.saturating_add(2)..)?;
        }
    }

    fn part(bytes: &[u8]) -> Option<Part<'_>> {
        let end = find(bytes, b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(bytes.get(..end)?).into_owned();
        let disposition = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.trim().eq_ignore_ascii_case("content-disposition").then_some(value)
        })?;
        Some(Part {
            name: parameter(disposition, "name")?,
            file_name: parameter(disposition, "filename"),
            content: bytes.get(end.saturating_add(4)..)?,
        })
    }

    fn parameter(text: &str, name: &str) -> Option<String> {
        text.split(';').find_map(|pair| {
            let (found, value) = pair.split_once('=')?;
            let is_it = found.trim().eq_ignore_ascii_case(name);
            is_it.then(|| value.trim().trim_matches('"').to_owned())
        })
    }

    fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
        haystack.windows(needle.len()).position(|window| window == needle)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn parts_are_read() {
            let body = b"--b\r\nContent-Disposition: form-data; name=\"category\"\r\n\r\n7\r\n--b\r\n\
                Content-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n\x00\r\n--c\r\n--b--\r\n";
            let parts = parts("multipart/form-data; boundary=b", body).unwrap();
            let names: Vec<_> = parts.iter().map(|part| part.name.as_str()).collect();
            assert_eq!(names, ["category", "file"]);
            assert_eq!(parts[1].file_name.as_deref(), Some("a.pdf"));
            assert_eq!(parts[1].content, b"\x00\r\n--c");
        }

        #[test]
        fn a_cut_body_is_none() {
            let kind = "multipart/form-data; boundary=b";
            for body in ["", "--b", "--b\r\n", "--b\r\nx\r\n\r\n", "--b\r\nx\r\n--b--"] {
                assert!(parts(kind, body.as_bytes()).is_none(), "{body:?}");
            }
            assert!(parts("application/json", b"{}").is_none());
        }
    }
}

/// The resources (相关资源) of a request that are files.
pub(super) fn resource(world: &World, id: i64, document: &Document) -> Value {
    json!({
        "id": id.to_string(),
        "name": document.name,
        "type": 3,
        "createdate": super::time::date(document.created),
        "createtime": super::time::time(document.created),
        "createrid": document.creator,
        "createrName": world.directory.name_of(&document.creator),
        "downloadUrl": download_url(id, document),
    })
}
