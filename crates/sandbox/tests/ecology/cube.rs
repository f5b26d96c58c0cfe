//! The modelling engine.

use std::time::Duration;

use chrono::TimeDelta;
use erplink_sandbox::ecology::{CubeRows, ModeTable, Quirks};
use md5::{Digest as _, Md5};
use serde_json::{Value, json};

use crate::support::{Answer, BUYER, Stage, form, send, stage};

fn hex(text: &str) -> String {
    Md5::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn header_at(stage: &Stage, minutes: i64) -> Value {
    let china = stage.clock.now().naive_utc() + TimeDelta::hours(8) + TimeDelta::minutes(minutes);
    let at = china.format("%Y%m%d%H%M%S").to_string();
    let (systemid, password) = (stage.ecology.cube_systemid(), stage.ecology.cube_password());
    json!({"systemid": systemid, "currentDateTime": at, "Md5": hex(&format!("{systemid}{password}{at}"))})
}

async fn post(stage: &Stage, path: &str, mut datajson: Value) -> Answer {
    if datajson.get("header").is_none() {
        datajson["header"] = header_at(stage, 0);
    }
    let url = stage.url(&format!("/api/cube/restful/interface/{path}"));
    let request = stage.http.post(url).header("content-type", "application/x-www-form-urlencoded");
    send(request.body(form(&[("datajson", &datajson.to_string())]))).await
}

fn record(main: Value) -> Value {
    json!({"operationinfo": {"operator": BUYER}, "mainTable": main, "detail1": []})
}

async fn save(stage: &Stage, records: Value) -> Value {
    post(stage, "saveOrUpdateModeData/saveItems", json!({"data": records})).await.1
}

/// The rows inside a write's answer.
fn rows(answer: &Value) -> Value {
    let rows: Value = serde_json::from_str(answer["datajson"].as_str().unwrap()).unwrap();
    rows["data"].clone()
}

#[tokio::test]
async fn records_are_inserted_and_matched_by_their_key() {
    let stage = stage().await;
    let item = |name: &str| record(json!({"id": "", "itemcode": "A0001", "itemname": name}));
    let first = save(&stage, json!([item("螺丝 M3")])).await;
    assert_eq!(first["status"], "1");
    let id = rows(&first)[0]["billid"].clone();
    let second = save(&stage, json!([item("螺丝 M4"), record(json!({"itemcode": "A0002"}))])).await;
    assert_eq!(rows(&second)[0]["billid"], id);
    assert_ne!(rows(&second)[1]["billid"], id);
    let by_id = record(json!({"id": id, "unit": "个"}));
    assert_eq!(rows(&save(&stage, json!([by_id])).await)[0]["status"], "1");
    let stored = stage.ecology.cube_rows("uf_item").unwrap();
    assert_eq!(stored.len(), 2);
    assert_eq!(
        stored[0]["mainTable"],
        json!({"id": id.to_string(), "itemcode": "A0001", "itemname": "螺丝 M4", "unit": "个"})
    );
}

#[tokio::test]
async fn each_record_stands_or_fails_alone() {
    let stage = stage().await;
    let records = json!([
        record(json!({"itemcode": "A"})),
        record(json!({"itemcode": "B", "colour": "red"})),
        record(json!({"id": "4711", "itemcode": "C"})),
        {"operationinfo": {"operator": "15099"}, "mainTable": {"itemcode": "D"}},
        {"operationinfo": {"operator": BUYER}},
        {"operationinfo": {"operator": BUYER}, "mainTable": {"itemcode": "E"}, "detail9": [{}]},
    ]);
    let answer = save(&stage, records).await;
    assert_eq!(answer["status"], "1");
    let rows = rows(&answer);
    let info = |index: usize| rows[index]["info"].as_str().unwrap();
    assert_eq!(rows[0]["status"], "1");
    assert_eq!(info(1), "字段不存在: colour");
    assert_eq!(info(2), "数据不存在: 4711");
    assert_eq!(info(3), "操作者不存在: 15099");
    assert_eq!(info(4), "mainTable不能为空");
    assert_eq!(info(5), "明细表不存在: detail9");
    assert_eq!(stage.ecology.cube_rows("uf_item").unwrap().len(), 1);
    let none = save(&stage, json!([record(json!({"colour": "red"}))])).await;
    assert_eq!(none["status"], "0");
    assert_eq!(save(&stage, json!([])).await["status"], "0");
}

#[tokio::test]
async fn detail_rows_are_saved_updated_and_deleted() {
    let stage = stage().await;
    let change = |action: &str, data: Value| json!({"operate": {"action": action}, "data": data});
    let write = |details: Value| {
        let mut record = record(json!({"itemcode": "A"}));
        record["detail1"] = details;
        let stage = &stage;
        async move { rows(&save(stage, json!([record])).await)[0].clone() }
    };
    let details = || stage.ecology.cube_rows("uf_item").unwrap()[0]["detail1"].clone();
    let new = json!([
        change("SaveOrUpdate", json!({"whs": "01", "qty": 5})),
        change("Save", json!({"whs": "02", "qty": "7"})),
    ]);
    assert_eq!(write(new).await["status"], "1");
    let (one, two) = (details()[0]["id"].clone(), details()[1]["id"].clone());
    let changed = json!([
        change("Update", json!({"id": one, "qty": "6"})),
        change("Delete", json!({"id": two})),
    ]);
    assert_eq!(write(changed).await["status"], "1");
    assert_eq!(details(), json!([{"id": one, "whs": "01", "qty": "6"}]));
    assert_eq!(write(json!([change("Update", json!({"qty": "6"}))])).await["status"], "0");
    let half = json!([change("Delete", json!({"id": one})), change("Burn", json!({}))]);
    assert_eq!(write(half).await["status"], "0");
    assert_eq!(details().as_array().unwrap().len(), 1, "a record fails as a whole");
}

#[tokio::test]
async fn pages_counts_and_deletions() {
    let stage = stage().await;
    let records: Vec<_> = (1..=12)
        .map(|number| record(json!({"itemcode": format!("I{number}"), "unit": "个"})))
        .collect();
    save(&stage, json!(records)).await;
    let asked = |main: Value, page: Value| json!({"operationinfo": {"operator": BUYER}, "mainTable": main, "pageInfo": page});
    let page = |main, page| {
        let (stage, body) = (&stage, asked(main, page));
        async move {
            let (_, answer) = post(stage, "getModeDataPageList/listItems", body).await;
            let rows: Value = serde_json::from_str(answer["result"].as_str().unwrap()).unwrap();
            rows.as_array().unwrap().clone()
        }
    };
    let two = page(json!({"unit": "个"}), json!({"pageNo": "2", "pageSize": "10"})).await;
    assert_eq!((two.len(), &two[1]["mainTable"]["itemcode"]), (2, &json!("I12")));
    assert_eq!(page(json!({}), json!({})).await.len(), 10);
    let one = page(json!({"itemcode": "I7"}), json!({})).await;
    let id = one[0]["mainTable"]["id"].clone();
    let count =
        post(&stage, "getModeDataPageCount/countItems", asked(json!({}), Value::Null)).await;
    assert_eq!(count.1, json!({"status": "1", "result": "{\"pageCount\":12}"}));
    let delete = json!({"data": [record(json!({"id": id}))]});
    let gone = post(&stage, "deleteModeDataByPK/deleteItems", delete.clone()).await.1;
    assert_eq!(gone["status"], "1");
    assert_eq!(post(&stage, "deleteModeDataByPK/deleteItems", delete).await.1["status"], "0");
    assert_eq!(stage.ecology.cube_rows("uf_item").unwrap().len(), 11);
    let nobody = json!({"operationinfo": {"operator": "x"}, "mainTable": {}});
    assert_eq!(post(&stage, "getModeDataPageList/listItems", nobody).await.1["status"], "0");
}

#[tokio::test]
async fn the_signature_is_checked_in_china_time() {
    let stage = stage().await;
    let send_with = |header: Value| {
        let (stage, data) = (&stage, json!([record(json!({"itemcode": "A"}))]));
        let body = json!({"header": header, "data": data});
        async move { post(stage, "saveOrUpdateModeData/saveItems", body).await.1 }
    };
    for minutes in [-9, 9] {
        assert_eq!(send_with(header_at(&stage, minutes)).await["status"], "1");
    }
    let late = json!({"status": "0", "info": "HeaderError:数据请求超时;正负不能超过10分钟"});
    for minutes in [-11, 11, -8 * 60] {
        assert_eq!(send_with(header_at(&stage, minutes)).await, late, "UTC is not China time");
    }
    let wrong = json!({"status": "0", "info": "HeaderError:系统标识或密码不正确"});
    let mut header = header_at(&stage, 0);
    header["Md5"] = json!("c4ca4238a0b923820dcc509a6f75849b");
    assert_eq!(send_with(header).await, wrong);
    assert_eq!(send_with(json!({})).await, wrong);
    let mut upper = header_at(&stage, 0);
    upper["Md5"] = json!(upper["Md5"].as_str().unwrap().to_uppercase());
    assert_eq!(send_with(upper.clone()).await, wrong);
    stage.ecology.set_quirks(Quirks { cube_upper_case_md5: true, ..Quirks::default() });
    assert_eq!(send_with(upper).await["status"], "1");
    stage.clock.advance(Duration::from_secs(86_400));
    let url = stage.url("/api/cube/restful/interface/saveOrUpdateModeData/saveItems");
    let response = stage.http.post(url).send().await.unwrap();
    let date = response.headers()["date"].to_str().unwrap();
    let now = stage.clock.now().format("%a, %d %b %Y %H:").to_string();
    assert!(date.starts_with(&now), "{date}: clients measure their skew by it");
    let body: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
    assert_eq!(body, json!({"result": "json解析异常,请核查json格式", "status": "0"}));
}

#[tokio::test]
async fn deployments_wrap_the_answers_differently() {
    let stage = stage().await;
    let write = || save(&stage, json!([record(json!({"itemcode": "A"}))]));
    let set = |quirks| stage.ecology.set_quirks(quirks);
    set(Quirks { cube_rows: CubeRows::ResultText, ..Quirks::default() });
    let rows: Value = serde_json::from_str(write().await["result"].as_str().unwrap()).unwrap();
    assert!(rows[0]["billid"].is_i64());
    set(Quirks {
        cube_rows: CubeRows::ResultArray,
        cube_double_encoded: true,
        ..Quirks::default()
    });
    let inner: Value = serde_json::from_str(write().await.as_str().unwrap()).unwrap();
    assert!(inner["result"][0]["billid"].is_i64());
    let ask = json!({"operationinfo": {"operator": BUYER}, "mainTable": {}});
    set(Quirks { cube_page_without_status: true, ..Quirks::default() });
    let page = post(&stage, "getModeDataPageList/listItems", ask).await.1;
    assert!(page.get("status").is_none() && page["result"].is_string());
    set(Quirks { cube_needs_token: true, ..Quirks::default() });
    assert_eq!(write().await["errorCode"], "002");
    set(Quirks { cube_read_one: "getModeDataByPK".to_owned(), ..Quirks::default() });
    let id = stage.ecology.cube_rows("uf_item").unwrap()[0]["mainTable"]["id"].clone();
    let ask = json!({"operationinfo": {"operator": BUYER}, "mainTable": {"id": id}});
    let one = post(&stage, "getModeDataByPK/listItems", ask).await.1;
    let one: Value = serde_json::from_str(one["result"].as_str().unwrap()).unwrap();
    assert_eq!(one["mainTable"]["itemcode"], "A");
}

#[tokio::test]
async fn an_interface_is_bound_to_its_operation_and_can_be_added() {
    let stage = stage().await;
    let page = |path| {
        let stage = &stage;
        async move { post(stage, path, json!({})).await }
    };
    for path in [
        "saveOrUpdateModeData/unknown",
        "saveOrUpdateModeData/listItems",
        "getModeDataByPK/listItems",
        "x",
    ] {
        let (status, body) = page(path).await;
        assert!(status == 404 && body.is_string(), "{path}");
    }
    stage.ecology.put_cube_table("Warehouses", ModeTable::new(Some("code"), &["code"]));
    let body = json!({"data": [record(json!({"code": "01"}))]});
    let answer = post(&stage, "saveOrUpdateModeData/saveWarehouses", body).await.1;
    assert_eq!(answer["status"], "1");
    assert_eq!(stage.ecology.cube_rows("Warehouses").unwrap().len(), 1);
    assert!(stage.ecology.cube_rows("uf_x").is_err());
}
