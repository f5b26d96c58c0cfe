//! Templates and attachments.

use std::time::Duration;

use erplink_sandbox::dingtalk::Component;
use serde_json::{Value, json};

use crate::support::{BUYER, INSTANCES, PURCHASING_HEAD, stage, with};

const FORMS: &str = "/v1.0/workflow/forms";
const GENERAL_MANAGER: &str = "boss0001";

#[tokio::test]
async fn a_schema_describes_the_form() {
    let stage = stage().await;
    let code = stage.code("采购申请");
    let (_, answer) = stage.get(&format!("{FORMS}/schemas/processCodes?processCode={code}")).await;
    let result = &answer["result"];
    assert_eq!((&result["name"], &result["formCode"]), (&json!("采购申请"), &json!(code)));
    assert!(result["gmtModified"].is_string());
    let items = result["schemaContent"]["items"].as_array().unwrap();
    let item = |label: &str| items.iter().find(|item| item["props"]["label"] == label).unwrap();
    assert_eq!(item("来源单号")["componentName"], "TextField");
    assert_eq!(item("来源单号")["props"]["required"], true);
    assert_eq!(item("需求日期")["props"]["format"], "yyyy-MM-dd");
    assert_eq!(item("物料明细")["children"][0]["props"]["label"], "物料编码");
    let (_, unknown) = stage.get(&format!("{FORMS}/schemas/processCodes?processCode=x")).await;
    assert_eq!(unknown["code"], "formNotExist");
}

#[tokio::test]
async fn templates_are_found_by_name_by_user_and_by_manager() {
    let stage = stage().await;
    let code = stage.code("采购申请");
    let by_name = "/v1.0/workflow/processCentres/schemaNames/processCodes?name=";
    // 采购申请
    let (_, found) = stage.get(&format!("{by_name}%E9%87%87%E8%B4%AD%E7%94%B3%E8%AF%B7")).await;
    assert_eq!(found["result"]["processCode"], json!(code));
    assert_eq!(stage.get(&format!("{by_name}nothing")).await.1["code"], "process.error");

    stage.dingtalk.edit_template(&code, |one| one.visible_to = Some(Vec::new())).unwrap();
    let visible = "/v1.0/workflow/processes/userVisibilities/templates";
    let page = format!("{visible}?userId={BUYER}&maxResults=5&nextToken=0");
    let (_, first) = stage.get(&page).await;
    assert_eq!(first["result"]["processList"].as_array().unwrap().len(), 5);
    assert_eq!(first["result"]["nextToken"], 5, "a number here");
    let page = format!("{visible}?userId={BUYER}&maxResults=5&nextToken=5");
    let (_, last) = stage.get(&page).await;
    assert_eq!(last["result"]["processList"].as_array().unwrap().len(), 2);
    assert_eq!(last["result"].get("nextToken"), None);
    let (_, all) = stage.get(&format!("{visible}?maxResults=100&nextToken=0")).await;
    assert_eq!(all["result"]["processList"].as_array().unwrap().len(), 8);

    let managed = "/v1.0/workflow/processes/managements/templates?userId=";
    let (_, manager) = stage.get(&format!("{managed}{GENERAL_MANAGER}")).await;
    assert_eq!(manager["result"].as_array().unwrap().len(), 8);
    assert_eq!(stage.get(&format!("{managed}{BUYER}")).await.1["result"], json!([]));
}

#[tokio::test]
async fn a_template_is_created_used_and_changed() {
    let stage = stage().await;
    let text = |label: &str| json!({"componentType": "TextField", "props": {"componentId": label, "label": label}});
    let form = json!({"name": "报废申请", "description": "", "formComponents": [text("单号")]});
    let (status, created) = stage.post(FORMS, &form).await;
    assert_eq!(status, 200, "{created}");
    let code = created["result"]["processCode"].clone();
    assert_eq!(stage.refusal(FORMS, &form).await, "formName.error", "the name exists");

    let body = with(stage.purchase_request(), "processCode", code.clone());
    let body = with(body, "formComponentValues", json!([{"id": "单号", "value": "7"}]));
    assert_eq!(stage.refusal(INSTANCES, &body).await, "processGetFailed", "it has no flow yet");
    let flow = json!([{"actionType": "NONE", "userIds": [PURCHASING_HEAD]}]);
    stage.create(&with(body, "approvers", flow)).await;

    let changed = with(form.clone(), "processCode", code.clone());
    let changed = with(changed, "formComponents", json!([text("单号"), text("备注")]));
    assert_eq!(stage.post(FORMS, &changed).await.1["result"]["processCode"], code);
    let unknown = with(form.clone(), "processCode", json!("PROC-NONE"));
    assert_eq!(stage.refusal(FORMS, &unknown).await, "processcode.error");
    let long = text(&"长".repeat(21));
    let bad = with(with(form, "name", json!("新")), "formComponents", json!([long]));
    assert_eq!(stage.refusal(FORMS, &bad).await, "formschema.error");

    let aliased =
        |kind: &str| json!({"componentType": kind, "props": {"label": kind, "bizAlias": "no"}});
    let mut table = aliased("TableField");
    table["props"]["bizAlias"] = json!("rows");
    table["children"] = json!([aliased("NumberField")]);
    let twice = json!({"name": "别名", "formComponents": [aliased("TextField"), table]});
    assert_eq!(stage.refusal(FORMS, &twice).await, "formschema.error", "in rows as well");
}

#[tokio::test]
async fn an_attachment_travels_through_the_approval_space() {
    let stage = stage().await;
    let code = stage.code("采购申请");
    let attachment = Component::new("DDAttachment", "附件");
    stage.dingtalk.edit_template(&code, |one| one.components.push(attachment)).unwrap();
    let spaces = "/v1.0/workflow/processInstances/spaces";
    let (_, space) = stage.post(&format!("{spaces}/infos/query"), &json!({"userId": BUYER})).await;
    let file = stage.dingtalk.upload("报价.pdf", b"content".to_vec());
    assert_eq!(file["spaceId"], space["result"]["spaceId"].to_string());
    assert_eq!(file["fileType"], "pdf");

    let mut body = stage.purchase_request();
    let value = json!([file]).to_string();
    body["formComponentValues"]
        .as_array_mut()
        .unwrap()
        .push(json!({"name": "附件", "value": value}));
    let id = stage.create(&body).await;
    let mut question = json!({"processInstanceId": id, "fileId": file["fileId"], "userId": BUYER});
    let (_, preview) = stage.post(&format!("{spaces}/authPreview"), &question).await;
    assert_eq!(preview["result"]["spaceId"], space["result"]["spaceId"]);
    let grant = json!({
        "userId": BUYER,
        "fileInfos": [{"fileId": file["fileId"], "spaceId": space["result"]["spaceId"]}],
    });
    let (_, granted) = stage.post(&format!("{spaces}/files/authDownload"), &grant).await;
    assert_eq!(granted, json!({"result": true, "success": true}));

    let (_, answer) = stage.post(&format!("{spaces}/files/urls/download"), &question).await;
    let uri = answer["result"]["downloadUri"].as_str().unwrap();
    let download = || async { stage.http.get(uri).send().await.unwrap() };
    assert_eq!(download().await.text().await.unwrap(), "content");
    stage.clock.advance(Duration::from_secs(15 * 60));
    assert_eq!(download().await.status(), 403);

    question["fileId"] = Value::from("1");
    let refused = stage.refusal(&format!("{spaces}/files/urls/download"), &question).await;
    assert_eq!(refused, "invalidFileId");
}
