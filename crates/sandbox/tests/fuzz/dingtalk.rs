use erplink_sandbox::Sandbox;
use erplink_sandbox::dingtalk::Limits;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{Client, Dice, requests};

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
