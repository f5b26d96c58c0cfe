use erplink_sandbox::Sandbox;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{Client, Dice, requests};

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

/// A session and the root of a version.
pub(crate) async fn log_in(sandbox: &Sandbox, client: &Client, version: &str) -> (String, String) {
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
