//! Attachments (审批附件): the approval space, grants and downloads.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::instance::Instance;
use super::refusal::Refusal;
use super::request::Request;
use super::world::World;

/// How long a download address works.
const DOWNLOAD_LIFE: Duration = Duration::from_secs(15 * 60);
/// Most files in one grant.
const MOST_GRANTS: usize = 10;
/// Path below which downloads are served on the `api` port. Ours: the platform names other hosts.
pub(super) const DOWNLOAD_PATH: &str = "/sandbox/files/";

/// The files people put into the approval space.
#[derive(Debug)]
pub(super) struct Files {
    pub(super) space_id: i64,
    next_id: u64,
    contents: BTreeMap<String, Vec<u8>>,
    downloads: BTreeMap<String, Download>,
    /// Where downloads are served; known once the server listens.
    pub(super) base_url: String,
}

#[derive(Debug)]
struct Download {
    file: String,
    until: DateTime<Utc>,
}

impl Files {
    pub(super) fn new(space_id: i64) -> Self {
        Files {
            space_id,
            next_id: 26_748_422_566,
            contents: BTreeMap::new(),
            downloads: BTreeMap::new(),
            base_url: String::new(),
        }
    }

    /// Stores a file and returns the five values a form needs, all text.
    pub(super) fn put(&mut self, name: &str, content: Vec<u8>) -> Value {
        let id = self.next_id.to_string();
        self.next_id = self.next_id.saturating_add(1);
        let kind = name.rsplit_once('.').map_or("", |(_, kind)| kind);
        let file = json!({
            "spaceId": self.space_id.to_string(),
            "fileId": id,
            "fileName": name,
            "fileSize": content.len().to_string(),
            "fileType": kind,
        });
        self.contents.insert(id, content);
        file
    }

    /// The content behind a download address, while the address works.
    pub(super) fn content(&self, ticket: &str, now: DateTime<Utc>) -> Option<&[u8]> {
        let download = self.downloads.get(ticket).filter(|download| download.until > now)?;
        self.contents.get(&download.file).map(Vec::as_slice)
    }
}

/// `POST /v1.0/workflow/processInstances/spaces/infos/query`: the approval space (审批钉盘空间信息).
pub(super) fn space_info(world: &mut World, request: &Request) -> Result<Value, Refusal> {
    require_known_user(world, request)?;
    world.check_agent(request, "agentId")?;
    Ok(json!({"result": {"spaceId": world.files.space_id}, "success": true}))
}

/// `POST …/spaces/authPreview`: lets a user look at a file.
pub(super) fn grant_preview(world: &mut World, request: &Request) -> Result<Value, Refusal> {
    require_known_user(world, request)?;
    world.check_agent(request, "agentId")?;
    let instance = instance(world, request)?;
    let file = file_id(request)?;
    if !mentions(instance, &file, true) {
        return Err(Refusal::new("invalidFileId", format!("文件不属于该审批实例：{file}")));
    }
    Ok(json!({"result": {"spaceId": world.files.space_id}, "success": true}))
}

/// `POST …/spaces/files/authDownload`: lets a user download files.
pub(super) fn grant_download(world: &mut World, request: &Request) -> Result<Value, Refusal> {
    require_known_user(world, request)?;
    let files = request
        .member("fileInfos")
        .and_then(Value::as_array)
        .filter(|files| !files.is_empty() && files.len() <= MOST_GRANTS)
        .ok_or_else(|| Refusal::new("invalidFileInfos", "fileInfos 必须是1到10个文件"))?;
    let complete = |file: &Value| {
        file.get("fileId").and_then(id_text).is_some()
            && file.get("spaceId").is_some_and(Value::is_i64)
    };
    if !files.iter().all(complete) {
        return Err(Refusal::new("invalidFileInfos", "fileId 不能为空，spaceId 必须是整数"));
    }
    Ok(json!({"result": true, "success": true}))
}

/// `POST …/spaces/files/urls/download`: a download address (下载审批附件).
pub(super) fn download_url(world: &mut World, request: &Request) -> Result<Value, Refusal> {
    let file = file_id(request)?;
    // The misspelt name is the platform's.
    let with_comments = request.member("withCommentAttatchment").and_then(Value::as_bool);
    if !mentions(instance(world, request)?, &file, with_comments.unwrap_or_default()) {
        return Err(Refusal::new("invalidFileId", format!("文件不属于该审批实例：{file}")));
    }
    if world.files.contents.get(&file).is_some_and(Vec::is_empty) {
        return Err(Refusal::new("invalidFileId", "空文件没有下载地址"));
    }
    let ticket = world.ids.word();
    let uri = format!("{}{DOWNLOAD_PATH}{ticket}", world.files.base_url);
    let download = Download { file: file.clone(), until: request.now + DOWNLOAD_LIFE };
    world.files.downloads.insert(ticket, download);
    let space_id = world.files.space_id;
    Ok(json!({
        "result": {"spaceId": space_id, "fileId": file, "downloadUri": uri},
        "success": true,
    }))
}

fn require_known_user(world: &World, request: &Request) -> Result<(), Refusal> {
    let user = request.text("userId");
    world.require_user(user.ok_or_else(|| Refusal::new("invalidUserId", "userId 不能为空"))?)
}

fn instance<'a>(world: &'a World, request: &Request) -> Result<&'a Instance, Refusal> {
    let id = request
        .text("processInstanceId")
        .ok_or_else(|| Refusal::new("invalidProcessInstanceId", "processInstanceId 不能为空"))?;
    let instance = world.instances.get(id);
    instance.ok_or_else(|| Refusal::new("processInstNotExist", "审批实例不存在"))
}

fn file_id(request: &Request) -> Result<String, Refusal> {
    let id = request.member("fileId").and_then(id_text);
    id.ok_or_else(|| Refusal::new("invalidFileId", "fileId 不能为空"))
}

/// Ids of files are digits, as text or as a number.
fn id_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Whether the file is in the form, or in a record when records count.
fn mentions(instance: &Instance, file: &str, with_records: bool) -> bool {
    let is_it = |one: &Value| one.get("fileId").and_then(id_text).is_some_and(|id| id == file);
    let in_form = instance.form.iter().any(|filled| {
        serde_json::from_str::<Vec<Value>>(&filled.value).is_ok_and(|all| all.iter().any(is_it))
    });
    let in_records = instance.records.iter().flat_map(|record| &record.attachments).any(is_it);
    in_form || (with_records && in_records)
}
