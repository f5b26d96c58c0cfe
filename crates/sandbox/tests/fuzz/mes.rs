use erplink_sandbox::{Sandbox, mes};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{Client, Dice, requests};

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

pub(crate) fn mes_login(sandbox: &Sandbox) -> String {
    format!("{}/api/openapi/domain/api/v1/access_token/_get_access_token", sandbox.mes().url())
}

pub(crate) fn mes_app(sandbox: &Sandbox) -> String {
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
