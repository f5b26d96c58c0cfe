use erplink_sandbox::Sandbox;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{Client, Dice, requests};

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
pub(crate) const OA_SECRET: &str = "JdnMO2INc2C/ypPucTVqKKFsFsXAMtgf38N0wKD6bQuXIh+kNB7ixW1Ua0aXNEzuvxeG5bLmd+IRdjlSbA6vJu5XW8EGsjeRSXJ1SThgQ/HllAByKPLffUkK17G7zYHO60xPRmlIqc0WatdWjUtyZXE8laHKimAiT+nGHgm6CAs=";

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
