//! Where patch levels differ, or nobody knows: switches.

use std::time::Duration;

use serde::{Deserialize, Deserializer};

/// How the simulated patch behaves and spells its answers. The default is the documented form.
///
/// The management port takes them as JSON, enumerations in `snake_case`, `async_delay` in
/// milliseconds.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Quirks {
    /// A repeated `regist` makes a new key pair and a new secret, as older patches do: everybody
    /// else who uses the appid fails from then on.
    pub rotate_on_regist: bool,
    /// What `regist` calls the secret.
    pub secret_name: SecretName,
    /// `code` of the token service and the filter is text (`"-1"`) instead of a number.
    pub text_codes: bool,
    /// A new token cancels the older ones of its appid. Not documented.
    pub new_token_cancels_old: bool,
    /// Every use of a token starts its life again. Not documented.
    pub sliding_tokens: bool,
    /// A cluster whose token store does not work: every token is unknown right after its issue.
    pub broken_token_store: bool,
    /// The session filter does not let the two token addresses through.
    pub token_urls_blocked: Option<LoginWall>,

    /// How the workflow service writes `code`.
    pub code_style: CodeStyle,
    /// How lists and counts are wrapped.
    pub list_style: ListStyle,
    /// Rows of lists carry the additional members of newer patches.
    pub wide_rows: bool,
    /// `getRequestStatus` answers without `code`, as its documented sample does.
    pub status_without_code: bool,
    /// `doCreateRequest` writes `requestid` as text.
    pub text_request_id: bool,
    /// Rows of a list that asks for no `pageSize`. Not documented.
    pub list_page_size: usize,
    /// The workflow service reads parameters only, no JSON bodies.
    pub parameters_only: bool,
    /// `submitRequest` wants `workflowId`, too.
    pub submit_needs_workflow_id: bool,
    /// Serves `getCreateWorkflowRequestInfo`, which only some patches have.
    pub form_definition_call: bool,
    /// What stands before the Base64 of an attachment in `filePath`.
    pub base64_prefix: String,
    /// A single detail table may be addressed by an empty `tableDBName`.
    pub empty_detail_table_name: bool,
    /// For so long (on the simulated clock) queries show a request as it was before it moved.
    #[serde(deserialize_with = "milliseconds")]
    pub async_delay: Duration,

    /// Where the cube answers of writes carry their rows.
    pub cube_rows: CubeRows,
    /// The whole cube answer is a JSON text that holds JSON.
    pub cube_double_encoded: bool,
    /// A successful cube page has no `status`.
    pub cube_page_without_status: bool,
    /// Cube calls need the token headers beside the signature.
    pub cube_needs_token: bool,
    /// Cube signatures may be upper-case hexadecimal.
    pub cube_upper_case_md5: bool,
    /// Name of the cube operation that reads one row, e.g. `getModeDataByPK`; empty: there is none.
    pub cube_read_one: String,

    /// The caller's address is on the list of the HR service, which then asks for nothing else.
    pub hr_open: bool,
}

impl Default for Quirks {
    fn default() -> Self {
        Quirks {
            rotate_on_regist: false,
            secret_name: SecretName::default(),
            text_codes: false,
            new_token_cancels_old: false,
            sliding_tokens: false,
            broken_token_store: false,
            token_urls_blocked: None,
            code_style: CodeStyle::default(),
            list_style: ListStyle::default(),
            wide_rows: false,
            status_without_code: true,
            text_request_id: false,
            list_page_size: 10,
            parameters_only: false,
            submit_needs_workflow_id: false,
            form_definition_call: false,
            base64_prefix: "base64:".to_owned(),
            empty_detail_table_name: false,
            async_delay: Duration::ZERO,
            cube_rows: CubeRows::default(),
            cube_double_encoded: false,
            cube_page_without_status: false,
            cube_needs_token: false,
            cube_upper_case_md5: false,
            cube_read_one: String::new(),
            hr_open: false,
        }
    }
}

fn milliseconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    u64::deserialize(deserializer).map(Duration::from_millis)
}

/// What `regist` calls the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretName {
    /// `secrit`, as the documentation misspells it.
    #[default]
    Secrit,
    /// `secret`.
    Secret,
    /// Both, with the same value.
    Both,
}

/// What stands in front of an address that the session filter does not let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoginWall {
    /// The HTML login page with HTTP 200.
    Page,
    /// A redirect (302) to the login page.
    Redirect,
    /// `{"msg":"登录信息超时","errorCode":"002","status":false}`.
    Json,
}

/// How the workflow service writes `code`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeStyle {
    /// `"SUCCESS"`, as documented.
    #[default]
    Text,
    /// `{"name":"SUCCESS","statusCode":1}`.
    Object,
    /// `1`.
    Number,
}

/// How lists and counts of the workflow service are wrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListStyle {
    /// A bare array or number, as documented.
    #[default]
    Bare,
    /// `{"code":"SUCCESS","data":[…]}`.
    CodeData,
    /// `{"status":"1","datas":[…]}`.
    StatusDatas,
}

/// Where the cube answers of writes carry their rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CubeRows {
    /// `datajson`: JSON text of `{"data":[…]}`.
    #[default]
    DatajsonText,
    /// `result`: JSON text of an array.
    ResultText,
    /// `result`: an array.
    ResultArray,
}
