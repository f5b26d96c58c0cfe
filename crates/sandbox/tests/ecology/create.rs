//! doCreateRequest.

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use erplink_sandbox::ecology::{CodeStyle, Quirks};
use erplink_sandbox::server::Server;
use serde_json::{Value, json};

use crate::support::{BUYER, Stage, form, purchase_request, row, send, stage, with};

async fn create(stage: &Stage, body: &Value) -> Value {
    stage.call_json(BUYER, "doCreateRequest", body).await
}

#[tokio::test]
async fn a_request_is_created_by_form_and_by_json_alike() {
    let stage = stage().await;
    let body = purchase_request();
    let by_json = create(&stage, &body).await;
    let id = by_json["data"]["requestid"].as_i64().unwrap();
    assert_eq!(by_json, json!({"code": "SUCCESS", "data": {"requestid": id}, "errMsg": {}}));
    let texts: Vec<_> = ["mainData", "detailData", "otherParams"]
        .into_iter()
        .map(|name| (name, body[name].to_string()))
        .collect();
    let mut parameters = vec![("workflowId", "781"), ("requestName", "采购申请-1+2&3=4%")];
    parameters.extend(texts.iter().map(|(name, text)| (*name, text.as_str())));
    let by_form = stage.call(BUYER, "doCreateRequest", &parameters).await;
    let second = by_form["data"]["requestid"].as_i64().unwrap();
    assert!(second > id);
    let (one, two) = (stage.ecology.request(id).unwrap(), stage.ecology.request(second).unwrap());
    assert_eq!(two["requestname"], "采购申请-1+2&3=4%");
    assert_eq!(one["main"], two["main"]);
    assert_eq!(one["details"], two["details"]);
    assert_eq!(one["details"][0][0], json!({"itemcode": "RM-001", "qty": "12.000000"}));
    assert_eq!((&one["node"], &one["asked"]), (&json!("采购经理审批"), &json!(["15001"])));
}

#[tokio::test]
async fn two_equal_calls_make_two_requests() {
    let stage = stage().await;
    assert_ne!(stage.create().await, stage.create().await);
}

#[tokio::test]
async fn each_mistake_names_its_parameter() {
    let stage = stage().await;
    let good = purchase_request();
    let main = |entry: Value| with(good.clone(), "mainData", json!([entry]));
    let unknown_row = json!([{
        "tableDBName": "FORMTABLE_MAIN_1356_DT1",
        "workflowRequestTableRecords": [row(&[("colour", "red")])],
    }]);
    for (body, key) in [
        (with(good.clone(), "workflowId", Value::Null), "workflowId"),
        (with(good.clone(), "workflowId", json!("x")), "workflowId"),
        (with(good.clone(), "mainData", json!("[{")), "workflowId"),
        (with(good.clone(), "requestName", json!("")), "requestName"),
        (with(good.clone(), "mainData", json!([])), "mainData"),
        (with(good.clone(), "workflowId", json!(9)), "msg"),
        (main(json!({"fieldName": "foo", "fieldValue": "bar"})), "error_param_foo"),
        (with(good.clone(), "detailData", unknown_row), "errParam_detail_colour"),
        (
            with(good.clone(), "detailData", json!([{"tableDBName": "x"}])),
            "error_param_detailData_tableName",
        ),
        (
            with(good.clone(), "detailData", json!([{"tableDBName": ""}])),
            "error_param_detailData_tableName",
        ),
    ] {
        let answer = create(&stage, &body).await;
        assert_eq!(answer["code"], "PARAM_ERROR", "{answer}");
        assert!(answer["errMsg"][key].is_string() || answer["errMsg"][key] == 0, "{key}: {answer}");
    }
    assert!(stage.ecology.requests().is_empty(), "nothing was created");
    let answer = stage.call(BUYER, "doCreateRequest", &[("workflowId", "781"), ("mainData", "{")]);
    assert_eq!(
        answer.await["errMsg"],
        json!({"workflowId": 0}),
        "misleading, as on the real server"
    );
}

#[tokio::test]
async fn rights_are_checked() {
    let stage = stage().await;
    stage
        .ecology
        .edit_workflow(781, |workflow| workflow.creators = vec!["15004".to_owned()])
        .unwrap();
    let answer = create(&stage, &purchase_request()).await;
    assert_eq!(answer, json!({"code": "NO_PERMISSION", "errMsg": {"msg": "没有创建权限"}}));
    let unchecked = with(purchase_request(), "otherParams", json!({"isVerifyPer": 0}));
    assert_eq!(create(&stage, &unchecked).await["code"], "SUCCESS");
    stage.ecology.edit_workflow(781, |workflow| workflow.enabled = false).unwrap();
    assert_eq!(create(&stage, &unchecked).await["code"], "NO_PERMISSION");
}

#[tokio::test]
async fn an_empty_mandatory_field_fails_the_flow() {
    let stage = stage().await;
    let empty = json!([{"fieldName": "docentry", "fieldValue": ""}]);
    let body = with(purchase_request(), "mainData", empty);
    let answer = create(&stage, &body).await;
    assert_eq!(answer["code"], "FAIL");
    assert_eq!(answer["reqFailMsg"]["msgType"], "JUDGE_MUST_INPUT");
    assert!(answer["reqFailMsg"]["msgInfo"].as_str().unwrap().contains("单据号"));
    assert!(stage.ecology.requests().is_empty());
    let keep = with(body.clone(), "otherParams", json!({"delReqFlowFaild": "0"}));
    assert_eq!(create(&stage, &keep).await["code"], "FAIL");
    let draft = stage.ecology.requests()[0];
    assert_eq!(stage.node(draft), "创建");
    let draft = with(body, "otherParams", json!({"isnextflow": 0}));
    let answer = create(&stage, &draft).await;
    assert_eq!(stage.node(answer["data"]["requestid"].as_i64().unwrap()), "创建");
}

#[tokio::test]
async fn a_value_that_its_column_cannot_hold_fails_the_flow() {
    let stage = stage().await;
    for (field, value) in [("reqdate", "2024-11-20T00:00:00Z"), ("amount", "12,50")] {
        let main = json!([{"fieldName": field, "fieldValue": value}]);
        let answer = create(&stage, &with(purchase_request(), "mainData", main)).await;
        assert_eq!(answer["reqFailMsg"]["msgType"], "SAVE_MAIN_TABLE_FAIL", "{answer}");
    }
    let rows = json!([{
        "tableDBName": "formtable_main_1356_dt1",
        "workflowRequestTableRecords": [row(&[("itemcode", "A"), ("qty", "many")])],
    }]);
    let answer = create(&stage, &with(purchase_request(), "detailData", rows)).await;
    assert_eq!(answer["reqFailMsg"]["msgType"], "SAVE_DETAIL_TABLE_FAIL", "{answer}");
}

#[tokio::test]
async fn patches_spell_the_answer_differently() {
    let stage = stage().await;
    let quirks =
        Quirks { code_style: CodeStyle::Object, text_request_id: true, ..Quirks::default() };
    stage.ecology.set_quirks(quirks);
    let answer = create(&stage, &purchase_request()).await;
    assert_eq!(answer["code"], json!({"name": "SUCCESS", "statusCode": 1}));
    assert!(answer["data"]["requestid"].is_string());
    stage.ecology.set_quirks(Quirks { code_style: CodeStyle::Number, ..Quirks::default() });
    let answer = create(&stage, &with(purchase_request(), "mainData", json!([]))).await;
    assert_eq!(answer["code"], 2);
    stage.ecology.set_quirks(Quirks { parameters_only: true, ..Quirks::default() });
    let answer = create(&stage, &purchase_request()).await;
    assert_eq!(answer["errMsg"], json!({"workflowId": 0}), "the body was not read");
    let quirks = Quirks { empty_detail_table_name: true, ..Quirks::default() };
    stage.ecology.set_quirks(quirks);
    let mut unnamed = purchase_request();
    unnamed["detailData"][0]["tableDBName"] = json!("");
    assert_eq!(create(&stage, &unnamed).await["code"], "SUCCESS");
}

async fn attach(stage: &Stage, field: &str, value: Value) -> Value {
    let mut body = purchase_request();
    let entry = json!({"fieldName": field, "fieldValue": value});
    body["mainData"].as_array_mut().unwrap().push(entry);
    create(stage, &body).await
}

#[tokio::test]
async fn attachments_come_as_base64_by_address_and_by_id() {
    let stage = stage().await;
    let file = json!([{"filePath": "base64:JVBERi0x+/8=", "fileName": "a.pdf"}]);
    let answer = attach(&stage, "fj", file).await;
    let id = answer["data"]["requestid"].as_i64().unwrap().to_string();
    let parameters = [("requestid", id.as_str())];
    let resources = stage.get(BUYER, "getRequestResources", &parameters).await;
    let resource = &resources["data"][0];
    assert_eq!((&resource["name"], &resource["type"]), (&json!("a.pdf"), &json!(3)));
    let url = stage.url(resource["downloadUrl"].as_str().unwrap());
    let content = stage.http.get(url).send().await.unwrap().bytes().await.unwrap();
    assert_eq!(content.as_ref(), b"%PDF-1\xfb\xff");

    let router = Router::new().route("/b.txt", get(|| async { "text" }));
    let files = Arc::new(Server::start(0, stage.clock.clone(), |_| router).await.unwrap());
    let by_address = |path: &str| {
        let address = format!("{}/{path}", files.url());
        json!([{"filePath": address, "fileName": "b.txt"}])
    };
    assert_eq!(attach(&stage, "fj", by_address("b.txt")).await["code"], "SUCCESS");
    let missing = attach(&stage, "fj", by_address("c.txt")).await;
    assert!(missing["errMsg"]["field_fj"].as_str().unwrap().contains("404"), "{missing}");

    let document = stage.ecology.upload("c.pdf", b"c".to_vec(), BUYER);
    let by_id = attach(&stage, "fj", json!(document.to_string())).await;
    let by_id = by_id["data"]["requestid"].as_i64().unwrap();
    assert_eq!(stage.ecology.request(by_id).unwrap()["main"]["fj"], document.to_string());
}

#[tokio::test]
async fn attachments_can_be_refused() {
    let stage = stage().await;
    let good = json!([{"filePath": "base64:AAAA", "fileName": "a.pdf"}]);
    for (field, value) in [
        ("fj2", good),
        ("fj", json!([{"filePath": "base64:A A", "fileName": "a.pdf"}])),
        ("fj", json!([{"filePath": "base64:AAAA", "fileName": "a"}])),
        ("fj", json!([{"filePath": "AAAA", "fileName": "a.pdf"}])),
    ] {
        let answer = attach(&stage, field, value).await;
        assert_eq!(answer["code"], "PARAM_ERROR");
        assert!(answer["errMsg"][format!("field_{field}")].is_string(), "{answer}");
    }
    let loud = attach(&stage, "fj", json!([{"filePath": "ftp://h/a", "fileName": "a.pdf"}])).await;
    assert_eq!(loud["code"], "sandbox.unsupported");
}

#[tokio::test]
async fn an_upload_gives_a_document_id() {
    let stage = stage().await;
    let body = "--b\r\nContent-Disposition: form-data; name=\"category\"\r\n\r\n12\r\n\
        --b\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\n单据.pdf\r\n\
        --b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.pdf\"\r\n\r\nPDF\r\n--b--\r\n";
    let url = stage.url("/api/doc/upload/uploadFile2Doc");
    let request = stage.as_user(stage.http.post(&url), BUYER);
    let request = request.header("content-type", "multipart/form-data; boundary=b").body(body);
    let (_, answer) = send(request).await;
    let document = answer["data"]["fileid"].as_i64().unwrap();
    assert_eq!(answer["data"]["filename"], "单据.pdf");
    assert_eq!(attach(&stage, "fj", json!(document.to_string())).await["code"], "SUCCESS");
    let request = stage.as_user(stage.http.post(&url), BUYER).body(form(&[("category", "12")]));
    assert_eq!(send(request).await.1["status"], false);
}
