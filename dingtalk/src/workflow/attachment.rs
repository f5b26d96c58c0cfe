//! Files of approvals (审批附件).

use erplink_core::Idempotency;
use serde::{Deserialize, Serialize};

use super::create::{at_most, required};
use super::{WRITE, Workflow, awaitable};
use crate::client::{Client, Endpoint, Input};
use crate::error::{Error, Result};
use crate::lenient;

pub(super) const SPACE: Endpoint = Endpoint::api(
    "POST /v1.0/workflow/processInstances/spaces/infos/query",
    Idempotency::Idempotent,
    WRITE,
);
pub(super) const PREVIEW: Endpoint = Endpoint::api(
    "POST /v1.0/workflow/processInstances/spaces/authPreview",
    Idempotency::Idempotent,
    WRITE,
);
pub(super) const AUTHORIZE_DOWNLOAD: Endpoint = Endpoint::api(
    "POST /v1.0/workflow/processInstances/spaces/files/authDownload",
    Idempotency::Idempotent,
    WRITE,
);
pub(super) const DOWNLOAD: Endpoint = Endpoint::api(
    "POST /v1.0/workflow/processInstances/spaces/files/urls/download",
    Idempotency::Safe,
    WRITE,
);

const MAX_PREVIEWS: usize = 20;
const MAX_DOWNLOADS: usize = 10;

/// A file of the approval space (审批钉盘), as forms, comments and decisions name it.
///
/// Written, all members are text and required; read, sizes and ids arrive as numbers too.
#[serde_with::apply(
    Option<String> => #[serde(deserialize_with = "lenient::text")],
)]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AttachmentFile {
    /// Id of the space.
    pub space_id: Option<String>,
    /// Name with extension.
    pub file_name: Option<String>,
    /// Size in bytes.
    pub file_size: Option<String>,
    /// Extension, such as `jpg`.
    pub file_type: Option<String>,
    /// Id of the file.
    pub file_id: Option<String>,
}

impl AttachmentFile {
    /// A file that was uploaded into the approval space; `size` is in bytes.
    pub fn new(
        space_id: impl Into<String>,
        file_id: impl Into<String>,
        name: impl Into<String>,
        size: u64,
        file_type: impl Into<String>,
    ) -> Self {
        Self {
            space_id: Some(space_id.into()),
            file_name: Some(name.into()),
            file_size: Some(size.to_string()),
            file_type: Some(file_type.into()),
            file_id: Some(file_id.into()),
        }
    }

    pub(super) fn missing_member(&self) -> Option<&'static str> {
        [
            ("spaceId", &self.space_id),
            ("fileName", &self.file_name),
            ("fileSize", &self.file_size),
            ("fileType", &self.file_type),
            ("fileId", &self.file_id),
        ]
        .into_iter()
        .find_map(|(name, value)| value.as_deref().unwrap_or("").is_empty().then_some(name))
    }
}

/// Where a file can be fetched for 15 minutes.
#[serde_with::apply(
    Option<String> => #[serde(deserialize_with = "lenient::text")],
)]
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Download {
    /// Id of the space.
    pub space_id: Option<String>,
    /// Id of the file.
    pub file_id: Option<String>,
    /// The address, sometimes plain `http`. It does not say the file's name or type: take those
    /// from the instance. Files of zero bytes have none.
    pub download_uri: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Space {
    #[serde(default, deserialize_with = "lenient::text")]
    space_id: Option<String>,
}

impl Space {
    fn id(self) -> Result<String> {
        self.space_id.ok_or_else(|| {
            Error::new(erplink_core::ErrorKind::Decode, "result.spaceId: missing in the answer")
        })
    }
}

impl Workflow {
    /// `POST /v1.0/workflow/processInstances/spaces/infos/query`: the id of the approval space
    /// (审批钉盘空间), and the right to upload to it for this user.
    ///
    /// Permission `Workflow.Instance.Write`. The upload itself is made by DingTalk's own client
    /// (JSAPI), which answers the five members of an [`AttachmentFile`].
    ///
    /// # Errors
    /// As every call; see [`Error`].
    pub async fn attachment_space(&self, user_id: &str) -> Result<String> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Query<'a> {
            user_id: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            agent_id: Option<i64>,
        }
        required("user_id", user_id)?;
        let query = Query { user_id, agent_id: self.client.agent_id() };
        self.client.call_result::<Space>(&SPACE, Input::json(&query)?).await?.id()
    }

    /// `POST /v1.0/workflow/processInstances/spaces/authPreview`: lets a user preview a file of an
    /// instance (授权预览审批附件) and answers the id of its space.
    ///
    /// Permission `Workflow.Instance.Write`. Call it before every preview. `file_id` is the one in
    /// the form.
    pub fn authorize_preview(
        &self,
        user_id: impl Into<String>,
        instance_id: impl Into<String>,
        file_id: impl Into<String>,
    ) -> Preview {
        Preview {
            body: PreviewBody {
                user_id: user_id.into(),
                process_instance_id: instance_id.into(),
                file_id: file_id.into(),
                agent_id: self.client.agent_id(),
                file_id_list: Vec::new(),
                with_comment_attachment: None,
            },
            client: self.client.clone(),
        }
    }

    /// `POST /v1.0/workflow/processInstances/spaces/files/authDownload`: lets a user download files
    /// (授权下载审批钉盘文件), given as pairs of space id and file id; at most 10.
    ///
    /// Permission `Workflow.Instance.Write`.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](erplink_core::ErrorKind::Invalid) for a space id that is no number.
    pub async fn authorize_download(&self, user_id: &str, files: &[(&str, &str)]) -> Result<()> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct File<'a> {
            file_id: &'a str,
            space_id: i64,
        }
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Grant<'a> {
            user_id: &'a str,
            file_infos: Vec<File<'a>>,
        }
        required("user_id", user_id)?;
        at_most("files", files.len(), MAX_DOWNLOADS)?;
        let file_infos = files
            .iter()
            .map(|(space, file_id)| {
                let space_id = space.parse().map_err(|_| {
                    Error::invalid(format!("space id: expected digits, found `{space}`"))
                })?;
                Ok(File { file_id, space_id })
            })
            .collect::<Result<_>>()?;
        self.client
            .call_done(&AUTHORIZE_DOWNLOAD, Input::json(&Grant { user_id, file_infos })?)
            .await
    }

    /// `POST /v1.0/workflow/processInstances/spaces/files/urls/download`: the address of a file of
    /// an instance (下载审批附件), good for 15 minutes.
    ///
    /// Permission `Workflow.Instance.Write`. `with_comments`: also files of comments.
    ///
    /// # Errors
    /// As every call; see [`Error`].
    pub async fn download(
        &self,
        instance_id: &str,
        file_id: &str,
        with_comments: bool,
    ) -> Result<Download> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Query<'a> {
            process_instance_id: &'a str,
            file_id: &'a str,
            // The platform's own spelling.
            #[serde(rename = "withCommentAttatchment")]
            with_comment_attachment: bool,
        }
        required("instance_id", instance_id)?;
        required("file_id", file_id)?;
        let query = Query {
            process_instance_id: instance_id,
            file_id,
            with_comment_attachment: with_comments,
        };
        self.client.call_result(&DOWNLOAD, Input::json(&query)?).await
    }
}

/// Lets a user preview files. From [`Workflow::authorize_preview`]; await it.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent before it is awaited"]
pub struct Preview {
    client: Client,
    body: PreviewBody,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PreviewBody {
    user_id: String,
    process_instance_id: String,
    file_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_id: Option<i64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    file_id_list: Vec<String>,
    // The platform's own spelling.
    #[serde(rename = "withCommentAttatchment", skip_serializing_if = "Option::is_none")]
    with_comment_attachment: Option<bool>,
}

impl Preview {
    /// More files of the same instance, at most 20.
    pub fn files<I: Into<String>>(mut self, file_ids: impl IntoIterator<Item = I>) -> Self {
        self.body.file_id_list = file_ids.into_iter().map(Into::into).collect();
        self
    }

    /// Also files of comments.
    pub fn with_comments(mut self) -> Self {
        self.body.with_comment_attachment = Some(true);
        self
    }

    async fn send(self) -> Result<String> {
        let body = &self.body;
        required("user_id", &body.user_id)?;
        required("instance_id", &body.process_instance_id)?;
        required("file_id", &body.file_id)?;
        at_most("files", body.file_id_list.len(), MAX_PREVIEWS)?;
        self.client.call_result::<Space>(&PREVIEW, Input::json(body)?).await?.id()
    }
}

awaitable!(Preview => String);
