//! Where the documentation is silent or sources disagree: switches.

use serde::Deserialize;

/// How the simulated platform behaves where nobody knows. The default is the likeliest.
///
/// The management port takes them as JSON, enumerations in `snake_case`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Quirks {
    /// The only place where a token is looked for; `None`: any of them.
    pub token_place: Option<TokenPlace>,
    /// How an expired token is refused.
    pub expired_token: ExpiredToken,
    /// A new token voids the older ones of its login.
    pub new_token_voids_old: bool,
    /// What the login of apps calls the lifetime.
    pub lifetime_name: LifetimeName,
    /// Members that the sandbox does not know are ignored, not refused with 501.
    pub ignore_unknown_members: bool,

    /// What `_code_to_id` says when there is no such order.
    pub missing_code: MissingCode,
    /// What a work-order import answers.
    pub import_answer: ImportAnswer,
    /// A new order that brings no operations gets the route (工艺路线) of its product, or a single
    /// operation. Without it only `useProcessRouteFlag` does that.
    pub default_route: bool,
    /// A new order is dispatched at once, as tenant automation does.
    pub auto_dispatch: bool,
    /// An order is finished as soon as its last operation has reported the planned quantity.
    pub auto_finish: bool,
    /// `batch_close` closes orders in execution (status 3). Without it they fail with
    /// `存在执行中的任务`, unless the close type is 2 (abnormal).
    pub close_while_executing: bool,
    /// Importing or editing an order that is in execution is refused.
    pub locked_while_executing: bool,
    /// `_stop` and `_start` refuse materials that are in that state already.
    pub refuse_repeated_stop: bool,
    /// `code` of the material list matches parts of codes, too.
    pub fuzzy_material_code: bool,

    /// Which operation id a report row and a report event carry as `processId`.
    pub report_process_id: ReportProcessId,
    /// Which id `recordIds` of events carries.
    pub record_ids: RecordIds,
    /// Which answer to `check` verifies an address.
    pub check_answer: CheckAnswer,
    /// Every page but the first starts so many rows too early, and so repeats some, as when new
    /// rows arrive between two pages; `total` counts them from then on.
    pub repeated_rows: i64,
}

impl Default for Quirks {
    fn default() -> Self {
        Quirks {
            token_place: None,
            expired_token: ExpiredToken::default(),
            new_token_voids_old: false,
            lifetime_name: LifetimeName::default(),
            ignore_unknown_members: false,
            missing_code: MissingCode::default(),
            import_answer: ImportAnswer::default(),
            default_route: true,
            auto_dispatch: false,
            auto_finish: false,
            close_while_executing: false,
            locked_while_executing: false,
            refuse_repeated_stop: false,
            fuzzy_material_code: true,
            report_process_id: ReportProcessId::default(),
            record_ids: RecordIds::default(),
            check_answer: CheckAnswer::default(),
            repeated_rows: 0,
        }
    }
}

/// Where a token travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenPlace {
    /// Query parameter `access_token`, as the vendor's SDK sends it.
    Query,
    /// Header `access_token`.
    AccessTokenHeader,
    /// Header `X-AUTH`.
    XAuthHeader,
    /// Header `token`.
    TokenHeader,
}

/// How an expired token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpiredToken {
    /// By its login: `USER-DOMAIN/SSO_TOKEN_FAIL` (400150) for interface accounts,
    /// `OPENAPI-DOMAIN/ACCESS_TOKEN_EXPIRED` (401) for apps.
    #[default]
    ByLogin,
    /// Always `OPENAPI-DOMAIN/ACCESS_TOKEN_EXPIRED`.
    AccessTokenExpired,
    /// Always `USER-DOMAIN/SSO_TOKEN_FAIL`.
    SsoTokenFail,
    /// HTTP 401 with code 401 and no sub-code.
    Http401,
}

/// What the login of apps calls the lifetime.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LifetimeName {
    /// `expire`.
    #[default]
    Expire,
    /// `expiresIn`.
    ExpiresIn,
    /// Not there at all.
    None,
}

/// What `_code_to_id` says when there is nothing with the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissingCode {
    /// Code 400, `CUSTOM-OBJECT-DOMAIN/DATA_NOT_EXIST`.
    #[default]
    Refused,
    /// Code 200, `{"id":null}`.
    NullId,
}

/// What a work-order import answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportAnswer {
    /// `{"workOrderId":…}`.
    #[default]
    WorkOrderId,
    /// No data.
    Nothing,
    /// A page with the row of the order.
    List,
}

/// Which operation id a report carries as `processId`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportProcessId {
    /// The id of the order's operation: `processes[].id` of the process plan.
    #[default]
    Operation,
    /// The id of the operation's definition: `processes[].processId`.
    Definition,
}

/// Which id `recordIds` of an event carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordIds {
    /// The detail: `feedRecordDetailId`, or `id` of a report row.
    #[default]
    Detail,
    /// The record: `feedRecordId`, `reportRecordId`.
    Record,
}

/// Which answer to `check` verifies an address. All need HTTP 200.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckAnswer {
    /// Any of the others but [`CheckAnswer::Status`].
    #[default]
    Any,
    /// `{"data":"<the same text>"}`.
    Data,
    /// The text alone, in quotes or not.
    Text,
    /// The whole event, decrypted.
    Event,
    /// `{"code":200,"data":"<the same text>"}`.
    CodeAndData,
    /// Any body.
    Status,
}
