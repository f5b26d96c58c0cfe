//! Nonsense on every port: no request may end a connection without an answer or make the sandbox
//! fail. The requests are the same in every run.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic is how a test fails")]

use std::time::Duration;

use erplink_sandbox::dingtalk::Limits;
use erplink_sandbox::{Sandbox, mes, wecom};
use reqwest::Method;
use serde_json::{Value, json};

/// How many requests each port gets; a longer run takes `SANDBOX_FUZZ_REQUESTS`.
fn requests() -> usize {
    let wanted = std::env::var("SANDBOX_FUZZ_REQUESTS").ok();
    wanted.and_then(|text| text.parse().ok()).unwrap_or(1500)
}

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((word ^ (word >> 31)) % 0xffff_ffff).unwrap() % sides
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }

    /// Words in a row, as they come.
    fn words(&mut self, from: &[&str], most: usize) -> String {
        (0..self.roll(most + 1)).map(|_| self.pick(from)).collect()
    }

    fn json(&mut self, names: &[&str], texts: &[&str], depth: usize) -> Value {
        match self.roll(if depth == 0 { 6 } else { 9 }) {
            0 => Value::Null,
            1 => json!(self.roll(2) == 0),
            2 => json!(self.roll(5)),
            3 => json!(-1.5e300),
            4 => json!(i64::MIN),
            5 => json!(self.pick(texts)),
            6 => (0..self.roll(4)).map(|_| self.json(names, texts, depth - 1)).collect(),
            _ => {
                let members = (0..self.roll(6))
                    .map(|_| (self.pick(names).to_owned(), self.json(names, texts, depth - 1)));
                Value::Object(members.collect())
            }
        }
    }

    /// Mostly JSON, sometimes cut in the middle.
    fn body(&mut self, names: &[&str], texts: &[&str]) -> String {
        let text = self.json(names, texts, 4).to_string();
        match self.roll(8) {
            0 => text.chars().take(self.roll(40)).collect(),
            1 => self.words(texts, 6),
            _ => text,
        }
    }
}

const METHODS: [Method; 6] =
    [Method::GET, Method::POST, Method::PATCH, Method::PUT, Method::DELETE, Method::HEAD];

const SETS: &[&str] = &[
    "Items",
    "Orders",
    "Drafts",
    "SpecialPrices",
    "ProductionOrders",
    "ProductTrees",
    "UserFieldsMD",
    "UserTablesMD",
    "UserObjectsMD",
    "ApprovalRequests",
    "ApprovalTemplates",
    "PurchaseDeliveryNotes",
    "InventoryGenExits",
    "StockTransferDrafts",
    "BusinessPartners",
    "$batch",
    "$metadata",
    "Login",
    "DraftsService_SaveDraftToDocument",
    "UsersService_GetCurrentUser",
    "SQLQueries",
    "",
];

const STEPS: &[&str] = &[
    "(1)",
    "('RM-001')",
    "('A%2F1%232')",
    "(CardCode='C001',ItemCode='FG-001')",
    "('",
    "('')",
    "(%27",
    "(-99999999999999999999)",
    "(=)",
    "(",
    ")",
    "/",
    "/$count",
    "/$value",
    "/Close",
    "/Cancel",
    "/BusinessPartner",
    "/DocTotal",
    "/Orders",
    "/DocumentLines",
    "/SaveDraftToDocument",
    "%FF",
    "%",
    "中",
    "%E4%B8",
    "''",
    "TableName='OITM',FieldID=0)",
];

const OPTIONS: &[&str] = &[
    "$filter=",
    "$select=",
    "$orderby=",
    "$expand=",
    "$top=",
    "$skip=",
    "$count=",
    "$inlinecount=",
    "&",
    "=",
    "DocEntry",
    "ItemCode",
    "U_ISSYN",
    "UpdateTime",
    "DocDate",
    "DocumentLines",
    " eq ",
    " gt ",
    " and ",
    " or ",
    "not ",
    "null",
    "'x'",
    "'",
    "''",
    "datetime'2014-04-23'",
    "(",
    ")",
    ",",
    "1",
    "-",
    "1e99999999999",
    "1e-400",
    "99999999999999999999999999999999999",
    "contains(",
    "%",
    "%00",
    "中",
    "*",
    "/",
    "BusinessPartner",
    " desc",
    "18446744073709551615",
    "'1838'",
    "T",
    "+",
];

const MEMBERS: &[&str] = &[
    "ItemCode",
    "CardCode",
    "DocEntry",
    "DocumentLines",
    "LineNum",
    "Quantity",
    "UnitPrice",
    "Price",
    "BaseType",
    "BaseEntry",
    "BaseLine",
    "DocDate",
    "DocTime",
    "DocObjectCode",
    "Document",
    "TableName",
    "Name",
    "Type",
    "TableType",
    "Code",
    "ObjectType",
    "UserObjectMD_ChildTables",
    "ItemNo",
    "PlannedQuantity",
    "ProductionOrderStatus",
    "ProductTreeLines",
    "TreeCode",
    "ApprovalRequestDecisions",
    "Status",
    "ApprovalTemplateStages",
    "ApprovalStageCode",
    "TaxExtension",
    "DiscountPercent",
    "@odata.bind",
    "odata.etag",
    "",
    "SubType",
    "DefaultValue",
];

const TEXTS: &[&str] = &[
    "RM-001",
    "FG-001",
    "C001",
    "1",
    "202",
    "22",
    "17",
    "1470000113",
    "1e400",
    "-0.0000000000000001",
    "79228162514264337593543950335",
    "2014-04-23",
    "中中中中中",
    "tYES",
    "Y",
    "@X",
    "ORDR",
    "X",
    "bott_Document",
    "boposReleased",
    "ardApproved",
    "db_Float",
    "",
    "\u{0}",
    "\u{1f}",
    "\r\n",
    "'",
];

/// Headers that mean something.
const HEADERS: &[(&str, &str)] = &[
    ("If-Match", "W/\"\""),
    ("If-Match", "*"),
    ("Prefer", "odata.maxpagesize=0,return-no-content"),
    ("Prefer", "odata.maxpagesize=99999999999999999999"),
    ("B1S-ReplaceCollectionsOnPatch", "true"),
    ("B1S-CaseInsensitive", "TRUE"),
    ("B1S-PageSize", "-1"),
    ("X-HTTP-Method-Override", "patch"),
    ("X-HTTP-Method-Override", "\u{7f}"),
    ("Content-Type", "multipart/mixed;boundary=b"),
    ("Content-Type", "application/x-www-form-urlencoded"),
];

const PARTS: &[&str] = &[
    "--b",
    "--b--",
    "--c",
    "--c--",
    "\r\n",
    "\r\n\r\n",
    "Content-Type: application/http\r\n",
    "Content-Transfer-Encoding: binary\r\n",
    "Content-Type: multipart/mixed;boundary=c\r\n",
    "Content-ID: 1\r\n",
    "GET Items HTTP/1.1",
    "POST Items HTTP/1.1",
    "PATCH $1",
    "$batch",
    "{}",
    ":",
    "{\"ItemCode\":\"Z\"}",
    "boundary=",
    "中",
];

struct Client(reqwest::Client);

impl Client {
    fn new() -> Self {
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(20));
        Self(http.build().unwrap())
    }

    /// Sends it, if it can be sent, and expects any answer that is not a failure of ours.
    async fn survive(&self, method: Method, url: &str, headers: &[(&str, &str)], body: String) {
        let described = format!("{method} {url} {headers:?} {body:?}");
        let mut request = self.0.request(method, url).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let Ok(request) = request.build() else { return };
        let response = self.0.execute(request).await;
        let response = response.unwrap_or_else(|error| panic!("{described}: {error:?}"));
        let status = response.status().as_u16();
        assert!(status < 500 || status == 501, "{described}: {status}");
        response.bytes().await.unwrap();
    }
}

/// A session and the root of a version.
async fn log_in(sandbox: &Sandbox, client: &Client, version: &str) -> (String, String) {
    let b1 = sandbox.b1();
    let root = format!("{}/b1s/{version}", b1.root_url());
    let login = json!({
        "CompanyDB": b1.company_db(), "UserName": b1.user(), "Password": b1.password(),
    });
    let answer = client.0.post(format!("{root}/Login")).body(login.to_string()).send().await;
    let body: Value = serde_json::from_str(&answer.unwrap().text().await.unwrap()).unwrap();
    (root, format!("B1SESSION={}", body["SessionId"].as_str().unwrap()))
}

#[tokio::test]
async fn the_service_layer_answers_whatever_is_sent() {
    let (sandbox, client, mut dice) = (Sandbox::start().await.unwrap(), Client::new(), Dice(1));
    let roots = [log_in(&sandbox, &client, "v1").await, log_in(&sandbox, &client, "v2").await];
    for _ in 0..requests() {
        let (root, cookie) = &roots[dice.roll(2)];
        let path = format!("{}{}", dice.pick(SETS), dice.words(STEPS, 3));
        let url = format!("{root}/{path}?{}", dice.words(OPTIONS, 8));
        let mut headers = vec![("Cookie", cookie.as_str())];
        headers.extend((0..dice.roll(3)).map(|_| HEADERS[dice.roll(HEADERS.len())]));
        let method = METHODS[dice.roll(METHODS.len())].clone();
        client.survive(method, &url, &headers, dice.body(MEMBERS, TEXTS)).await;
    }
}

#[tokio::test]
async fn the_service_layer_takes_documents_of_any_shape() {
    let (sandbox, client, mut dice) = (Sandbox::start().await.unwrap(), Client::new(), Dice(2));
    let (root, cookie) = log_in(&sandbox, &client, "v1").await;
    sandbox.b1().configure(|options| options.strict = false);
    for _ in 0..requests() {
        let set = dice.pick(SETS);
        let method = if dice.roll(2) == 0 { Method::POST } else { Method::PATCH };
        let key = if method == Method::POST { "" } else { dice.pick(&STEPS[..4]) };
        let url = format!("{root}/{set}{key}");
        let body = dice.body(MEMBERS, TEXTS);
        client.survive(method, &url, &[("Cookie", &cookie)], body).await;
    }
}

#[tokio::test]
async fn batches_of_any_shape_are_answered() {
    let (sandbox, client, mut dice) = (Sandbox::start().await.unwrap(), Client::new(), Dice(3));
    let (root, cookie) = log_in(&sandbox, &client, "v1").await;
    for _ in 0..requests() {
        let headers = [("Cookie", cookie.as_str()), ("Content-Type", "multipart/mixed;boundary=b")];
        let body = format!("--b\r\n{}\r\n--b--", dice.words(PARTS, 20));
        client.survive(Method::POST, &format!("{root}/$batch"), &headers, body).await;
    }
}

const CALLS: &[&str] = &[
    "/v1.0/workflow/processInstances",
    "/v1.0/workflow/processInstances/terminate",
    "/v1.0/workflow/processInstances/execute",
    "/v1.0/workflow/processInstances/comments",
    "/v1.0/workflow/processes/instanceIds/query",
    "/v1.0/workflow/tasks/redirect",
    "/v1.0/workflow/forms",
    "/v1.0/workflow/processes/forecast",
    "/v1.0/oauth2/accessToken",
    "/v1.0/oauth2/token",
    "/v1.0/oauth2//token",
    "/v1.0/workflow/processes/userVisibilities/templates",
    "/v1.0/workflow/processInstances/spaces/infos/query",
    "/gettoken",
    "/topapi/v2/user/get",
    "/topapi/v2/user/getbymobile",
    "/topapi/v2/department/get",
    "/topapi/v2/department/listsub",
    "/call_back/get_call_back",
    "/call_back/delete_call_back",
    "/call_back/register_call_back",
    "/sandbox/files/x",
    "/",
    "/v1.0/",
    "/%FF",
];

const FIELDS: &[&str] = &[
    "processCode",
    "originatorUserId",
    "deptId",
    "approvers",
    "actionType",
    "userIds",
    "formComponentValues",
    "name",
    "value",
    "id",
    "bizAlias",
    "extValue",
    "processInstanceId",
    "taskId",
    "result",
    "actionerUserId",
    "startTime",
    "endTime",
    "nextToken",
    "maxResults",
    "formComponents",
    "componentType",
    "props",
    "children",
    "label",
    "options",
    "userid",
    "mobile",
    "dept_id",
    "call_back_tag",
    "token",
    "aes_key",
    "url",
    "isSystem",
    "file",
    "attachments",
    "targetSelectActioners",
    "ccList",
    "userId",
    "appKey",
    "text",
    "commentUserId",
    "fileId",
];

const VALUES: &[&str] = &[
    "PROC-288AE7AC-4E96-4C06-9FCB-71ECFA504536",
    "manager4974",
    "来源单号",
    "物料明细",
    "数量合计",
    "[[{\"name\":\"数量\",\"value\":\"10\"}]]",
    "[]",
    "[[]]",
    "null",
    "AND",
    "NONE",
    "agree",
    "TextField",
    "TableField",
    "DDDateRangeField",
    "+86",
    "-1",
    "1",
    "9223372036854775807",
    "中",
    "",
    "bpms_instance_change",
    "http://127.0.0.1:1/",
    "ftp://x",
    "123456",
    "[\"a\",\"b\"]",
    "abcdefghijabcdefghijabcdefghijabcdefghijabc",
];

#[tokio::test]
async fn dingtalk_answers_whatever_is_sent() {
    let (sandbox, client, mut dice) = (Sandbox::start().await.unwrap(), Client::new(), Dice(4));
    let dingtalk = sandbox.dingtalk();
    dingtalk.set_limits(Limits { per_second: u32::MAX, per_month: u32::MAX });
    let credentials =
        json!({"appKey": dingtalk.client_id(), "appSecret": dingtalk.client_secret()});
    let token = client.0.post(format!("{}/v1.0/oauth2/accessToken", dingtalk.api_url()));
    let token = token.header("Content-Type", "application/json").body(credentials.to_string());
    let body: Value =
        serde_json::from_str(&token.send().await.unwrap().text().await.unwrap()).unwrap();
    let token = body["accessToken"].as_str().unwrap();
    let hosts = [dingtalk.api_url(), dingtalk.oapi_url()];
    for _ in 0..requests() {
        let url = format!(
            "{}{}?access_token={token}&{}={}",
            hosts[dice.roll(2)],
            dice.pick(CALLS),
            dice.pick(FIELDS),
            dice.pick(VALUES)
        );
        let kinds = ["application/json", "application/x-www-form-urlencoded"];
        let headers = [
            ("x-acs-dingtalk-access-token", token),
            ("Content-Type", kinds[usize::from(dice.roll(8) == 0)]),
        ];
        let method = if dice.roll(4) == 0 { Method::GET } else { Method::POST };
        client.survive(method, &url, &headers, dice.body(FIELDS, VALUES)).await;
    }
}

const WECOM_CALLS: &[&str] = &[
    "/cgi-bin/oa/applyevent",
    "/cgi-bin/oa/applyevent",
    "/cgi-bin/oa/applyevent",
    "/cgi-bin/oa/getapprovaldetail",
    "/cgi-bin/oa/getapprovalinfo",
    "/cgi-bin/oa/gettemplatedetail",
    "/cgi-bin/oa/approval/create_template",
    "/cgi-bin/oa/approval/update_template",
    "/cgi-bin/user/get",
    "/cgi-bin/user/getuserid",
    "/cgi-bin/user/get_userid_by_email",
    "/cgi-bin/user/list",
    "/cgi-bin/department/list",
    "/cgi-bin/department/get",
    "/cgi-bin/media/upload",
    "/cgi-bin/media/get",
    "/cgi-bin/gettoken",
    "/%FF",
];

const WECOM_NAMES: &[&str] = &[
    "creator_userid",
    "template_id",
    "process",
    "node_list",
    "contents",
    "value",
    "children",
    "list",
    "id",
    "control",
    "files",
    "file_id",
    "date",
    "date_range",
    "type",
    "new_begin",
    "new_end",
    "attendance",
    "slice_info",
    "day_items",
    "daytime",
    "duration",
    "userid",
    "department_id",
    "media_id",
    "starttime",
    "endtime",
    "new_cursor",
    "size",
    "filters",
    "key",
    "template_name",
    "template_content",
    "controls",
    "property",
    "config",
    "table",
    "text",
    "lang",
];

const WECOM_TEXTS: &[&str] = &[
    "zhangsan",
    "3TkaPurchaseRequestDraft5e8BsJ2YxQmCpL7daaa",
    "Text-11",
    "Number-23",
    "Table-15",
    "File-17",
    "Formula-16",
    "CAIQ2",
    "CAIQffffffffffffffff",
    "-1",
    "9223372036854775807",
    "1e400",
    "0.00000000000000000000000000000000001",
    "halfday",
    "中\u{0}",
    "",
];

fn wecom_token_url(sandbox: &Sandbox) -> String {
    let wecom = sandbox.wecom();
    let (url, corp_id, secret) = (wecom.url(), wecom.corp_id(), wecom.secret());
    format!("{url}/cgi-bin/gettoken?corpid={corp_id}&corpsecret={secret}")
}

/// A form or a list query that is right but for one place.
fn almost_right(dice: &mut Dice) -> Value {
    let cell = |control: &str, id: &str, value: Value| json!({"control": control, "id": id, "value": value});
    let row = vec![
        cell("Text", "Text-21", json!({"text": "RM-001"})),
        cell("Text", "Text-22", json!({"text": ""})),
        cell("Number", "Number-23", json!({"new_number": "55"})),
        cell("Text", "Text-24", json!({"text": ""})),
        cell("Date", "Date-25", json!({"date": {"type": "day", "s_timestamp": "0"}})),
        cell("Text", "Text-26", json!({"text": ""})),
    ];
    let mut body = json!({
        "creator_userid": "zhangsan",
        "template_id": "3TkaPurchaseRequestDraft5e8BsJ2YxQmCpL7daaa",
        "use_template_approver": 0,
        "process": {"node_list": [{"type": 1, "apv_rel": 3, "userid": ["lisi", "lisi"]}]},
        "apply_data": {"contents": [
            cell("Text", "Text-11", json!({"text": "16"})),
            cell("File", "File-17", json!({"files": []})),
            cell("Table", "Table-15", json!({"children": [{"list": row}]})),
        ]},
        "summary_list": [{"summary_info": [{"text": "16", "lang": "zh_CN"}]}],
        "starttime": "0", "endtime": "1", "new_cursor": "", "size": 100,
        "filters": [{"key": "sp_status", "value": "1"}],
    });
    let mut place = &mut body;
    while dice.roll(4) > 0 {
        let inside = place
            .as_array()
            .map_or_else(|| place.as_object().map_or(0, serde_json::Map::len), Vec::len);
        if inside == 0 {
            break;
        }
        let index = dice.roll(inside);
        place = match place {
            Value::Array(entries) => &mut entries[index],
            Value::Object(members) => members.values_mut().nth(index).unwrap(),
            _ => unreachable!("only lists and objects have something inside"),
        };
    }
    *place = dice.json(WECOM_NAMES, WECOM_TEXTS, 2);
    body
}

#[tokio::test]
async fn wecom_answers_whatever_is_sent() {
    let (sandbox, client, mut dice) = (Sandbox::start().await.unwrap(), Client::new(), Dice(5));
    let many = u32::MAX;
    sandbox.wecom().set_limits(wecom::Limits {
        approval_per_minute: many,
        per_minute: many,
        per_hour: many,
        wrong_lookups_per_day: many,
        ..wecom::Limits::default()
    });
    sandbox.wecom().set_quirks(wecom::Quirks {
        accept_unicode_escapes: true,
        numbers_as_times: true,
        legacy_members: true,
        ..wecom::Quirks::default()
    });
    let token = client.0.get(wecom_token_url(&sandbox)).send().await.unwrap();
    let token: Value = serde_json::from_str(&token.text().await.unwrap()).unwrap();
    let token = token["access_token"].as_str().unwrap();
    for _ in 0..requests() {
        let url = format!(
            "{}{}?access_token={token}&{}={}",
            sandbox.wecom().url(),
            dice.pick(WECOM_CALLS),
            dice.pick(WECOM_NAMES),
            dice.pick(WECOM_TEXTS)
        );
        let method = if dice.roll(4) == 0 { Method::GET } else { Method::POST };
        let body = match dice.roll(3) {
            0 => dice.body(WECOM_NAMES, WECOM_TEXTS),
            _ => almost_right(&mut dice).to_string(),
        };
        let kind = [("Content-Type", "multipart/form-data; boundary=x"), ("Range", "bytes=1-")];
        client.survive(method, &url, &kind, body).await;
    }
    assert!(!sandbox.wecom().forms().is_empty(), "some of it was right");
}

const OA_CALLS: &[&str] = &[
    "/api/ec/dev/auth/regist",
    "/api/ec/dev/auth/applytoken",
    "/api/workflow/paService/doCreateRequest",
    "/api/workflow/paService/submitRequest",
    "/api/workflow/paService/rejectRequest",
    "/api/workflow/paService/forwardRequest",
    "/api/workflow/paService/withdrawRequest",
    "/api/workflow/paService/deleteRequest",
    "/api/workflow/paService/doForceOver",
    "/api/workflow/paService/doForceDrawBack",
    "/api/workflow/paService/doIntervenor",
    "/api/workflow/paService/saveRequestLog",
    "/api/workflow/paService/getWorkflowRequest",
    "/api/workflow/paService/getRequestStatus",
    "/api/workflow/paService/getRequestLog",
    "/api/workflow/paService/getRequestOperatorInfo",
    "/api/workflow/paService/getRequestResources",
    "/api/workflow/paService/getWorkflowRequestLogs",
    "/api/workflow/paService/getToDoRequestList",
    "/api/workflow/paService/getAllWorkflowRequestList",
    "/api/workflow/paService/getHandledWorkflowRequestCount4Ofs",
    "/api/workflow/paService/getCreateWorkflowTypeList",
    "/api/cube/restful/interface/saveOrUpdateModeData/saveItems",
    "/api/cube/restful/interface/getModeDataPageList/listItems",
    "/api/cube/restful/interface/deleteModeDataByPK/deleteItems",
    "/api/hrm/resful/getHrmUserInfoWithPage",
    "/api/hrm/login/getAccountList",
    "/api/doc/upload/uploadFile2Doc",
    "/weaver/weaver.file.FileDownload",
    "/api/workflow/paService/%FF",
    "/",
];

const OA_NAMES: &[&str] = &[
    "workflowId",
    "requestName",
    "requestId",
    "requestid",
    "mainData",
    "detailData",
    "otherParams",
    "conditions",
    "fieldName",
    "fieldValue",
    "filePath",
    "fileName",
    "tableDBName",
    "workflowRequestTableRecords",
    "workflowRequestTableFields",
    "recordOrder",
    "deleteKeys",
    "deleteAll",
    "src",
    "RejectToType",
    "RejectToNodeid",
    "forwardFlag",
    "forwardResourceIds",
    "submitNodeId",
    "Intervenorid",
    "ismonitor",
    "remark",
    "pageNo",
    "pageSize",
    "pageNumber",
    "endId",
    "createdateselect",
    "createdatefrom",
    "tabIds",
    "datajson",
    "header",
    "mainTable",
    "params",
    "pagesize",
    "modified",
    "fileid",
    "code",
    "token",
    "value",
];

const OA_VALUES: &[&str] = &[
    "781",
    "785",
    "2966060",
    "2966061",
    "docentry",
    "itemcode",
    "qty",
    "fj",
    "formtable_main_1356_dt1",
    "1",
    "2",
    "3",
    "0",
    "-1",
    "6",
    "save",
    "3974",
    "3975",
    "15273",
    "15001,15002",
    "2024-11-20",
    "9223372036854775807",
    "99999999999999999999",
    "base64:AAAA",
    "http://127.0.0.1:1/",
    "a.pdf",
    "",
    "中",
    "{",
    "[]",
    "{\"pageSize\":0,\"RejectToType\":0,\"RejectToNodeid\":3974}",
    "[{\"fieldName\":\"docentry\",\"fieldValue\":\"1\"}]",
    "[{\"tableDBName\":\"formtable_main_1356_dt1\",\"workflowRequestTableRecords\":[{}]}]",
];

/// The administrator's user id and the demo secret, sealed for the demo key.
const OA_USER: &str = "gRA86qeVvjAka4gDgDoo4wz25Shcmr9r3xmUyOVITxrgxIHlFxPxPE/Ic1JRAy+7H8uH3pFHvwC2tb3/QzfYSP9zxG/YQxvdDNH84XH9uW390Pz+e45bNYVqmQ86eueHp5pybgSZrXAsLDyF6RoltcNy0bMedoR1Z+cAA5L4TYg=";
const OA_SECRET: &str = "JdnMO2INc2C/ypPucTVqKKFsFsXAMtgf38N0wKD6bQuXIh+kNB7ixW1Ua0aXNEzuvxeG5bLmd+IRdjlSbA6vJu5XW8EGsjeRSXJ1SThgQ/HllAByKPLffUkK17G7zYHO60xPRmlIqc0WatdWjUtyZXE8laHKimAiT+nGHgm6CAs=";

#[tokio::test]
async fn ecology_answers_whatever_is_sent() {
    let (sandbox, client, mut dice) = (Sandbox::start().await.unwrap(), Client::new(), Dice(5));
    let ecology = sandbox.ecology();
    let appid = ecology.appid();
    let apply = client.0.post(format!("{}/api/ec/dev/auth/applytoken", ecology.url()));
    let apply = apply.header("appid", &appid).header("secret", OA_SECRET).send().await.unwrap();
    let body: Value = serde_json::from_str(&apply.text().await.unwrap()).unwrap();
    let token = body["token"].as_str().unwrap();
    let create = json!({
        "workflowId": 781, "requestName": "1",
        "mainData": [{"fieldName": "docentry", "fieldValue": "1"}],
    });
    let session = [("token", token), ("appid", appid.as_str()), ("userid", OA_USER)];
    for _ in 0..requests() {
        let url = format!(
            "{}{}?{}={}",
            ecology.url(),
            dice.pick(OA_CALLS),
            dice.pick(OA_NAMES),
            dice.pick(OA_VALUES)
        );
        let mut headers = session.to_vec();
        let body = match dice.roll(4) {
            0 => dice.body(OA_NAMES, OA_VALUES),
            1 => {
                let mut body = create.clone();
                body[dice.pick(OA_NAMES)] = dice.json(OA_NAMES, OA_VALUES, 4);
                body.to_string()
            }
            _ => {
                let pairs = (0..dice.roll(6) + 1).map(|_| {
                    let value = match dice.roll(3) {
                        0 => dice.json(OA_NAMES, OA_VALUES, 4).to_string(),
                        _ => dice.pick(OA_VALUES).to_owned(),
                    };
                    (dice.pick(OA_NAMES), value)
                });
                let pairs: Vec<_> = pairs.collect();
                url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
            }
        };
        let is_json = body.starts_with(['{', '[']);
        headers.push(match dice.roll(9) {
            0 => ("Content-Type", "multipart/form-data; boundary=b"),
            _ if is_json => ("Content-Type", "application/json"),
            _ => ("Content-Type", "application/x-www-form-urlencoded"),
        });
        let method = if dice.roll(3) == 0 { Method::GET } else { Method::POST };
        client.survive(method, &url, &headers, body).await;
    }
    assert!(!ecology.requests().is_empty(), "the dice never made a request");
}

const MES_CALLS: &[&str] = &[
    "/material/open/v1/material/_doimport",
    "/material/open/v1/material/_list",
    "/material/open/v1/material/_create",
    "/material/open/v1/material/_update",
    "/material/open/v1/material/_stop",
    "/material/open/v1/material/category/_doimport",
    "/material/open/v1/unit/_list",
    "/med/open/v1/work_order/_doImport",
    "/med/open/v1/work_order/batch_close",
    "/med/open/v1/work_order/base/_detail",
    "/med/open/v1/work_order/base/_list",
    "/med/open/v1/work_order/process_plan/_detail",
    "/med/open/v2/work_order/_doimport",
    "/med/open/v2/work_order/_update_work_order_base_info",
    "/med/open/v2/work_order/_dispatch",
    "/custom-object/open/v1/object_service/_code_to_id",
    "/mfg/open/v1/progress_report/_list",
    "/mfg/open/v1/progress_report/_progress_report",
    "/mfg/open/v1/feed_record/_list",
    "/mfg/open/v1/produce_task/_list",
    "/%FF",
];

const MES_NAMES: &[&str] = &[
    "id",
    "ids",
    "code",
    "page",
    "size",
    "sorter",
    "field",
    "order",
    "materialCode",
    "materialName",
    "unitName",
    "items",
    "baseInfo",
    "unit",
    "name",
    "bizType",
    "bizRange",
    "qrCode",
    "planStartTime",
    "planFinishTime",
    "outputMaterialOpenCOs",
    "inputMaterialOpenCOs",
    "inputMaterialOpenV2COs",
    "inputMaterialControlOpenCOs",
    "processPlanOpenCOs",
    "processNum",
    "lineSeq",
    "seq",
    "mainFlag",
    "plannedAmount",
    "subInputAmountNumerator",
    "workOrderId",
    "workOrderIdList",
    "workOrderCloseType",
    "workOrderUpdatePlanTimeList",
    "dispatchRequests",
    "taskId",
    "progressReportMaterial",
    "reportTimeFrom",
    "reportTimeTo",
    "feedTimeStart",
    "feedTimeEnd",
    "objectCode",
];

const MES_VALUES: &[&str] = &[
    "1",
    "0",
    "FG-001",
    "RM-001",
    "个",
    "台",
    "ProductionOrder",
    "desc",
    "2022-11-21 00:00:00",
    "9999-12-31 23:59:59",
    "-262143-01-01 00:00:00",
    "9223372036854775807",
    "-9223372036854775808",
    "79228162514264337593543950335",
    "1e400",
    "0.0000000000000000000000000001",
    "[1,2]",
    "是",
    "草稿",
    "串行",
    "",
    "\u{0}",
    "'",
];

fn mes_login(sandbox: &Sandbox) -> String {
    format!("{}/api/openapi/domain/api/v1/access_token/_get_access_token", sandbox.mes().url())
}

fn mes_app(sandbox: &Sandbox) -> String {
    let mes = sandbox.mes();
    json!({"appKey": mes.app_key(), "appSecret": mes.app_secret()}).to_string()
}

#[tokio::test]
async fn the_mes_answers_whatever_is_sent() {
    let (sandbox, client, mut dice) = (Sandbox::start().await.unwrap(), Client::new(), Dice(11));
    let mes = sandbox.mes();
    mes.set_limits(mes::Limits { per_second: u32::MAX, ..mes::Limits::default() });
    // Otherwise nearly everything ends at the first member that does not belong.
    mes.set_quirks(mes::Quirks { ignore_unknown_members: true, ..mes::Quirks::default() });
    let json = [("Content-Type", "application/json")];
    let login = client.0.post(mes_login(&sandbox)).header(json[0].0, json[0].1);
    let answer = login.body(mes_app(&sandbox)).send().await.unwrap().text().await.unwrap();
    let answer: Value = serde_json::from_str(&answer).unwrap();
    let token = answer["data"]["appAccessToken"].as_str().unwrap();
    for _ in 0..requests() {
        let route = format!("{}/api/openapi/domain/web/v1/route", mes.url());
        let url = format!("{route}{}?access_token={token}", dice.pick(MES_CALLS));
        let method = if dice.roll(12) == 0 { Method::GET } else { Method::POST };
        client.survive(method, &url, &json, dice.body(MES_NAMES, MES_VALUES)).await;
    }
    let material = json!({"materialCode": "Z", "materialName": "Z", "unitName": "个"}).to_string();
    let url = format!(
        "{}/api/openapi/domain/web/v1/route{}?access_token={token}",
        mes.url(),
        MES_CALLS[0]
    );
    client.survive(Method::POST, &url, &json, material).await;
    assert!(mes.material("Z").is_ok(), "it still works");
}

#[tokio::test]
async fn a_clock_far_ahead_stops_nothing() {
    let (sandbox, client) = (Sandbox::start().await.unwrap(), Client::new());
    let advance = format!("{}/clock/advance", sandbox.management_url());
    let json = [("Content-Type", "application/json")];
    for seconds in [1_u64 << 40, u64::MAX] {
        let body = json!({"seconds": seconds}).to_string();
        client.survive(Method::POST, &advance, &json, body).await;
        let (root, cookie) = log_in(&sandbox, &client, "v1").await;
        let order = json!({"CardCode": "C001"}).to_string();
        client
            .survive(Method::POST, &format!("{root}/Orders"), &[("Cookie", &cookie)], order)
            .await;
        let form = json!({"来源单号": "1024"});
        let code = sandbox.dingtalk().process_code("采购申请").unwrap();
        sandbox.dingtalk().start_by_hand(&code, "manager4974", &form).unwrap();
        let ecology = sandbox.ecology();
        ecology.start_by_hand(781, "15273", &json!({"docentry": "1024"})).unwrap();
        let url = format!("{}/api/ec/dev/auth/applytoken", ecology.url());
        let headers =
            [("appid", &*ecology.appid()), ("secret", OA_SECRET), ("time", "9223372036854775807")];
        client.survive(Method::POST, &url, &headers, String::new()).await;
        let dingtalk = sandbox.dingtalk();
        let token = format!(
            "{}/gettoken?appkey={}&appsecret={}",
            dingtalk.oapi_url(),
            dingtalk.client_id(),
            dingtalk.client_secret()
        );
        client.survive(Method::GET, &token, &[], String::new()).await;
        let mes = sandbox.mes();
        mes.report("1", 1).unwrap();
        client.survive(Method::POST, &mes_login(&sandbox), &json, mes_app(&sandbox)).await;
        let wecom = sandbox.wecom();
        let template = wecom.template_id("采购申请草稿审批").unwrap();
        let sp_no = wecom.submit(&template, "zhangsan", &json!({"草稿单号": "16"})).unwrap();
        wecom.approve_to_the_end(&sp_no).unwrap();
        client.survive(Method::GET, &wecom_token_url(&sandbox), &[], String::new()).await;
    }
}
