//! The tables of the configuration file.

use super::shape::{Key, Scenario, Shape, default, optional, required};

pub(super) const FILE: &[Key] = &[
    default(
        "ledger",
        Shape::Text,
        r#""erplink.sqlite""#,
        "The file in which the program remembers what became of each document. On a local disk.",
    ),
    default(
        "listen",
        Shape::Text,
        r#""127.0.0.1:8080""#,
        "Where pushes, metrics and health checks arrive.",
    ),
    default("include", Shape::Texts, "[]", "Further files with companies, relative to this one."),
    optional("companies", Shape::Tables(COMPANY), "The companies (账套)."),
];

pub(super) const INCLUDED: &[Key] =
    &[required("companies", Shape::Tables(COMPANY), "The companies (账套).")];

const COMPANY: &[Key] = &[
    required(
        "name",
        Shape::Name,
        "The name in paths, logs and the ledger. Keep it: a renamed company remembers nothing.",
    ),
    required("b1", Shape::Table(B1), "The Service Layer of SAP Business One."),
    required("dingtalk", Shape::Table(DINGTALK), "The app of DingTalk (钉钉)."),
    required("flows", Shape::Flows, "What flows."),
];

const B1: &[Key] = &[
    required("root", Shape::Text, "The address before /b1s/v1, tenant prefix included."),
    required("company_db", Shape::Text, "The company database (公司数据库)."),
    required("user", Shape::Text, "The user. For approvals an approver of the stage (审批阶段)."),
    required("password", Shape::Secret, "The password of the user."),
    default(
        "language",
        Shape::Integer(1, 100),
        "15",
        "The language of messages: 15 is 简体中文, 3 English.",
    ),
];

const DINGTALK: &[Key] = &[
    required("client_id", Shape::Text, "Client ID, formerly AppKey (凭证与基础信息)."),
    required("client_secret", Shape::Secret, "Client Secret, formerly AppSecret."),
    optional("agent_id", Shape::Integer(1, i64::MAX), "AgentId of the app."),
    default(
        "api_base",
        Shape::Text,
        r#""https://api.dingtalk.com""#,
        "The address of the new API.",
    ),
    default(
        "oapi_base",
        Shape::Text,
        r#""https://oapi.dingtalk.com""#,
        "The address of the old API.",
    ),
    required("callback", Shape::Table(CALLBACK), "The event subscription (事件订阅) of the app."),
];

const CALLBACK: &[Key] = &[
    required("token", Shape::Secret, "The signing token (签名 token)."),
    required("aes_key", Shape::Secret, "The encryption key (加密 aes_key), 43 characters."),
];

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario { name: "dingtalk-draft-approval", keys: &[FLOW, FORM, DRAFT, PACE] },
    Scenario { name: "dingtalk-document-approval", keys: &[FLOW, FORM, DOCUMENT, PACE] },
    Scenario { name: "dingtalk-price-quotation", keys: &[FLOW, PRICE, PACE] },
];

pub(super) const SCENARIO_NAMES: &[&str] =
    &["dingtalk-draft-approval", "dingtalk-document-approval", "dingtalk-price-quotation"];

const FLOW: &[Key] = &[
    required(
        "name",
        Shape::Name,
        "The name of the flow. Keep it: a renamed flow remembers nothing.",
    ),
    required("scenario", Shape::Choice(SCENARIO_NAMES), "What the flow does."),
    required("process_code", Shape::Text, "The form (审批模板), PROC-…. One flow a form."),
];

const FORM: &[Key] = &[
    default(
        "fields",
        Shape::Tables(FIELD),
        "[]",
        "Which field goes into which control of the form.",
    ),
    optional(
        "lines",
        Shape::Table(LINES),
        "Which line fields go into which columns of the form's table.",
    ),
    default(
        "line_collection",
        Shape::Text,
        r#""DocumentLines""#,
        "The lines of the document; StockTransferLines for transfers.",
    ),
    default(
        "originator_mobile",
        Shape::Text,
        r#""User.MobilePhoneNumber""#,
        "The mobile number of who starts the form.",
    ),
    optional(
        "originator_user",
        Shape::Text,
        "The DingTalk user id of who starts the form, instead of the mobile number.",
    ),
    optional("originator_dept", Shape::Text, "The department of that user; the root is -1."),
];

const FIELD: &[Key] = &[
    required(
        "from",
        Shape::Text,
        "A path such as Draft.Comments, a constant such as =text, or a template such as 申请-{Draft.DocEntry}.",
    ),
    required("to", Shape::Text, "The label of the control, exactly as in the form."),
];

const LINES: &[Key] = &[
    required("to", Shape::Text, "The label of the table control."),
    required("fields", Shape::Tables(FIELD), "The columns; paths are relative to the line."),
];

const DRAFT: &[Key] = &[
    optional(
        "object_type",
        Shape::Text,
        "Only documents of this kind: 1470000113 purchase request, 67 transfer, 59 goods receipt, 60 goods issue. All kinds if unset.",
    ),
    default(
        "source_control",
        Shape::Text,
        r#""来源单号""#,
        "The control that carries the number through DingTalk and back.",
    ),
    default(
        "source_number",
        Shape::Choice(&["code", "draft_entry"]),
        r#""code""#,
        "What that number is.",
    ),
    default(
        "transfer_drafts",
        Shape::Choice(&["StockTransferDrafts", "Drafts"]),
        r#""StockTransferDrafts""#,
        "Where the drafts of transfers are.",
    ),
    optional(
        "instance_field",
        Shape::Text,
        "The field of the draft for the id of the instance, such as U_instanceID.",
    ),
    optional(
        "approval_fields",
        Shape::Table(APPROVAL_FIELDS),
        "The fields of the draft that tell who decided and how.",
    ),
    default(
        "draft_fields",
        Shape::Choice(&["before", "after"]),
        r#""before""#,
        "Whether they are written before the decision or after it.",
    ),
    default(
        "on_withdrawn",
        Shape::Choice(&["leave", "refuse"]),
        r#""leave""#,
        "What a withdrawal (撤销) in DingTalk does.",
    ),
];

const APPROVAL_FIELDS: &[Key] = &[
    optional("approver", Shape::Text, "Such as U_Approver."),
    optional("date", Shape::Text, "Such as U_ApprovalDate."),
    optional("status", Shape::Text, "Such as U_ApprovalStatus."),
    optional("submitted", Shape::Text, "Such as U_IsSubmit."),
];

const DOCUMENT: &[Key] = &[
    required(
        "object_type",
        Shape::Text,
        "The entity set, such as PurchaseOrders, Drafts or a user-defined object.",
    ),
    default("key_field", Shape::Text, r#""DocEntry""#, "The property with the key."),
    optional("filter", Shape::Text, "A further condition, such as DocObjectCode eq '1470000113'."),
    default("select", Shape::Texts, "[]", "The properties to read; all if empty."),
    default("synced_field", Shape::Text, r#""U_ISSYN""#, "The flag."),
    default(
        "synced_values",
        Shape::Pair,
        r#"["N", "Y"]"#,
        "Its value before and after; also those of the result: refused, approved.",
    ),
    default(
        "include_null",
        Shape::Bool,
        "true",
        "Whether documents without a flag are not synchronised either.",
    ),
    default(
        "instance_field",
        Shape::Text,
        r#""U_instanceID""#,
        "The field for the id of the instance.",
    ),
    default("success_field", Shape::Text, r#""U_SUCCESS""#, "The field for the result."),
    optional(
        "source_control",
        Shape::Text,
        "The control with the document's key; without it a lost create cannot be looked up.",
    ),
];

const PRICE: &[Key] =
    &[optional("controls", Shape::Table(CONTROLS), "The labels of the form's controls.")];

const CONTROLS: &[Key] = &[
    default("item", Shape::Text, r#""物料编码""#, "The item."),
    default("partner", Shape::Text, r#""业务伙伴编码""#, "The business partner."),
    default("price", Shape::Text, r#""价格""#, "The price."),
    default("currency", Shape::Text, r#""币种""#, "The currency."),
    default("from", Shape::Text, r#""生效日期""#, "The first day."),
    default("to", Shape::Text, r#""失效日期""#, "The last day."),
    default("price_list", Shape::Text, r#""价目表""#, "The number of the price list."),
    default("table", Shape::Text, r#""价格明细""#, "The table with one price a row."),
];

const PACE: &[Key] = &[
    default(
        "cycle_minutes",
        Shape::Integer(1, 1440),
        "1",
        "Minutes between two looks at the source.",
    ),
    default("page_size", Shape::Integer(1, 100), "20", "Documents a page."),
    default(
        "max_docs_per_run",
        Shape::Integer(1, 100_000),
        "200",
        "A look ends after so many documents with something to do.",
    ),
    default(
        "max_attempts",
        Shape::Integer(1, 100),
        "5",
        "A document that failed so often is parked.",
    ),
    default("concurrency", Shape::Integer(1, 64), "4", "Documents worked on at the same time."),
    default(
        "retry_seconds",
        Shape::Integer(1, 3600),
        "60",
        "The wait after the first failure; it doubles up to an hour.",
    ),
    default(
        "settle_seconds",
        Shape::Integer(0, 3600),
        "30",
        "After so many seconds a lost create must be visible in DingTalk.",
    ),
    default(
        "reconcile_minutes",
        Shape::Integer(1, 10_080),
        "30",
        "Minutes after which DingTalk is asked for a decision that has not come.",
    ),
];
