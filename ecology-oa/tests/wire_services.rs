//! Modelling engine, HR, documents and raw calls, as the server sees and answers them.

#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

mod support;

use std::time::Duration;

use ecology_oa::cube::{DetailAction, Record, RecordOutcome};
use ecology_oa::hrm::{SyncKind, UserKey, UserStatus};
use ecology_oa::{Client, CubeConfig, Diagnosis, Encoding, ErrorKind, HrmAuth, KeyDigest};
use serde_json::{Map, Value, json};
use support::{
    APPID, SECRET, SPK, TOKEN, TOKEN_PATH, USER, answer, builder, decrypted, form, pa, requests,
    start,
};
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

const SAVE: &str = "/api/cube/restful/interface/saveOrUpdateModeData/saveItem";

fn datajson(request: &Request) -> Value {
    let members = form(request);
    assert_eq!(members.len(), 1);
    assert_eq!(members[0].0, "datajson");
    assert!(request.url.query().is_none());
    serde_json::from_str(&members[0].1).unwrap()
}

async fn plain(server: &MockServer, at: &str, body: impl Into<Value>) {
    let body: Value = body.into();
    Mock::given(path(at))
        .respond_with(ResponseTemplate::new(200).set_body_json(body))
        .mount(server)
        .await;
}

fn items() -> [Record; 2] {
    [
        Record::new()
            .field("itemcode", "A0001")
            .field("itemname", "螺丝 M3")
            .attachment("photo", "a.png", "http://files.example.com/a.png")
            .detail(1, DetailAction::SaveOrUpdate, [("whs", "01"), ("qty", "5")])
            .detail(2, DetailAction::Delete, [("id", "7")]),
        Record::new().id(12).field("itemcode", "A0002"),
    ]
}

#[tokio::test]
async fn saves_records_signed_with_china_time() {
    let server = MockServer::start().await;
    plain(
        &server,
        SAVE,
        json!({ "status": "1", "datajson": r#"{"data":[{"billid":12},{"billid":"13"}]}"# }),
    )
    .await;
    let (builder, clock) = builder(&server);
    let client = builder.cube(CubeConfig::new("test", "1234", "15273")).build().unwrap();
    clock.advance(Duration::from_secs(1_654_657_200)); // 2022-06-08 11:00:00 in China
    let saved = client.cube().save("saveItem", items()).await.unwrap();
    assert_eq!(
        saved.outcomes,
        [RecordOutcome::Saved { id: Some(12) }, RecordOutcome::Saved { id: Some(13) }]
    );
    assert!(saved.is_complete());
    assert!(saved.raw.as_str().contains("datajson"));

    let sent = requests(&server, SAVE).await.remove(0);
    for header in ["token", "appid", "userid"] {
        assert!(sent.headers.get(header).is_none(), "{header}");
    }
    assert!(requests(&server, TOKEN_PATH).await.is_empty(), "no token is needed");
    let operation =
        json!({ "operator": "15273", "operationDate": "2022-06-08", "operationTime": "11:00:00" });
    assert_eq!(
        datajson(&sent),
        json!({
            "header": {
                "systemid": "test", "currentDateTime": "20220608110000",
                "Md5": "d29e7de6515107420188dcd92c4b6b9f",
            },
            "data": [
                {
                    "operationinfo": operation,
                    "mainTable": {
                        "id": "", "itemcode": "A0001", "itemname": "螺丝 M3",
                        "photo": [{ "name": "a.png", "content": "http://files.example.com/a.png" }],
                    },
                    "detail1": [{ "operate": { "action": "SaveOrUpdate" }, "data": { "whs": "01", "qty": "5" } }],
                    "detail2": [{ "operate": { "action": "Delete" }, "data": { "id": "7" } }],
                },
                { "operationinfo": operation, "mainTable": { "id": "12", "itemcode": "A0002" } },
            ],
        })
    );
}

#[tokio::test]
async fn sends_token_headers_to_the_modelling_engine_on_demand() {
    let (server, _, _) = start().await;
    answer(&server, SAVE, json!({ "status": "1" })).await;
    let mut cube = CubeConfig::new("test", "1234", "1");
    cube.with_token_headers = true;
    let client = builder(&server).0.cube(cube).build().unwrap();
    client.cube().save("saveItem", items()).await.unwrap();
    let sent = requests(&server, SAVE).await.remove(0);
    assert_eq!(decrypted(&sent, "userid"), USER);
}

#[tokio::test]
async fn tells_the_outcome_of_each_record() {
    use RecordOutcome::{Failed, Saved, Unknown};
    let failed = |message: &str| Failed { message: message.to_owned() };
    let by_key = |rows: Value| json!({ "status": "1", "result": rows.to_string() });
    for (body, key, expected) in [
        (json!({ "status": "1" }), None, vec![Saved { id: None }, Saved { id: None }]),
        (
            json!({ "status": "1", "result": [{ "billid": 1 }, { "status": "0", "msg": "重复" }] }),
            None,
            vec![Saved { id: Some(1) }, failed("重复")],
        ),
        (
            json!({ "status": "0", "result": [{ "status": "1", "id": 1 }, { "status": "0", "info": "x" }] }),
            None,
            vec![Saved { id: Some(1) }, failed("x")],
        ),
        // Fewer rows than records: who can tell which?
        (json!({ "status": "1", "result": [{ "billid": 1 }] }), None, vec![Unknown, Unknown]),
        (
            by_key(json!([{ "mainTable": { "id": "9", "itemcode": "A0002" } }])),
            Some("itemcode"),
            vec![Unknown, Saved { id: Some(9) }],
        ),
        (
            by_key(json!([{ "itemcode": "A0001", "billid": 3 }])),
            Some("itemcode"),
            vec![Saved { id: Some(3) }, Unknown],
        ),
    ] {
        let (server, client, _) = start().await;
        // The whole answer as text inside JSON text, as some servers send it.
        for body in [body.clone(), json!(body.to_string())] {
            server.reset().await;
            plain(&server, SAVE, body.clone()).await;
            let mut save = client.cube().save("saveItem", items());
            if let Some(key) = key {
                save = save.match_key(key);
            }
            assert_eq!(save.await.unwrap().outcomes, expected, "{body}");
        }
    }
}

#[tokio::test]
async fn every_refusal_of_the_modelling_engine() {
    let page = ResponseTemplate::new(404).set_body_string("<html>404</html>");
    let body = |body: Value| ResponseTemplate::new(200).set_body_json(body);
    for (answer, kind, diagnosis, attempts) in [
        (
            body(json!({ "status": "0", "info": "HeaderError:系统标识或密码不正确" })),
            ErrorKind::Auth,
            Some(Diagnosis::CubeCredentials),
            1,
        ),
        (
            body(json!({ "result": "json解析异常,请核查json格式", "status": "0" })),
            ErrorKind::Api,
            Some(Diagnosis::CubeJson),
            1,
        ),
        (body(json!({ "status": "0", "msg": "其他" })), ErrorKind::Api, None, 1),
        (body(json!({ "status": "fail", "msg": "其他" })), ErrorKind::Api, None, 1),
        (page, ErrorKind::Unsupported, Some(Diagnosis::NotInstalled), 1),
        (body(json!(5)), ErrorKind::Decode, None, 1),
        (ResponseTemplate::new(503), ErrorKind::Server, Some(Diagnosis::ServerPatch), 1),
    ] {
        let (server, client, _) = start().await;
        Mock::given(path(SAVE)).respond_with(answer).mount(&server).await;
        let error =
            client.cube().save("saveItem", [Record::new().field("a", "b")]).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(error.api_error().and_then(|api| api.diagnosis()), diagnosis, "{error}");
        assert_eq!(requests(&server, SAVE).await.len(), attempts, "{error}");
    }
}

#[tokio::test]
async fn a_save_is_repeated_only_where_that_is_harmless() {
    let record = || Record::new().field("itemcode", "A0001");
    for (save, attempts) in [
        (vec![record()], 1),
        (vec![record().id(1), record()], 1),
        (vec![record().id(1), record().id(2)], 3),
    ] {
        let (server, client, _) = start().await;
        Mock::given(path(SAVE)).respond_with(ResponseTemplate::new(502)).mount(&server).await;
        client.cube().save("saveItem", save.clone()).await.unwrap_err();
        assert_eq!(requests(&server, SAVE).await.len(), attempts);
        client.cube().save("saveItem", save).match_key("itemcode").await.unwrap_err();
        assert_eq!(requests(&server, SAVE).await.len(), attempts + 3, "matched by key");
    }
}

/// Refuses times that are not near 2022-06-08 11:00 in China.
struct Strict;

impl Respond for Strict {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let at = datajson(request)["header"]["currentDateTime"].as_str().unwrap().to_owned();
        let body = if at.starts_with("2022060811") {
            json!({ "status": "1" })
        } else {
            json!({ "status": "0", "info": "HeaderError:数据请求超时;正负不能超过10分钟" })
        };
        ResponseTemplate::new(200)
            .insert_header("date", "Wed, 08 Jun 2022 03:00:05 GMT")
            .set_body_json(body)
    }
}

#[tokio::test]
async fn takes_the_servers_time_once_when_the_clocks_differ() {
    let (server, client, _) = start().await; // by its clock it is 1970
    Mock::given(path(SAVE)).respond_with(Strict).mount(&server).await;
    let save = || client.cube().save("saveItem", [Record::new().field("a", "b")]);
    save().await.unwrap();
    assert_eq!(requests(&server, SAVE).await.len(), 2);
    save().await.unwrap();
    assert_eq!(requests(&server, SAVE).await.len(), 3, "remembered");

    let (server, client, _) = start().await;
    plain(
        &server,
        SAVE,
        json!({ "status": "0", "info": "HeaderError:数据请求超时;正负不能超过10分钟" }),
    )
    .await;
    let error = client.cube().save("saveItem", [Record::new().field("a", "b")]).await.unwrap_err();
    assert_eq!(error.api_error().unwrap().diagnosis(), Some(Diagnosis::ClockSkew));
    assert!(requests(&server, SAVE).await.len() <= 2, "once");
}

#[tokio::test]
async fn lists_counts_and_deletes_rows() {
    let (server, client, _) = start().await;
    let base = "/api/cube/restful/interface";
    let rows =
        json!([{ "mainTable": { "id": "12", "itemcode": "A0001" }, "detail1": [{ "id": "3" }] }]);
    let list = format!("{base}/getModeDataPageList/items%20list");
    plain(&server, &list, json!({ "status": "1", "result": rows.to_string() })).await;
    plain(
        &server,
        &format!("{base}/getModeDataPageCount/count"),
        json!({ "result": r#"{"pageCount": 41}"# }),
    )
    .await;
    plain(&server, &format!("{base}/deleteModeDataByPK/del"), json!({ "status": "1" })).await;
    plain(
        &server,
        &format!("{base}/getModeDataByPK/get"),
        json!({ "status": "1", "result": rows[0].to_string() }),
    )
    .await;
    let cube = client.cube();
    let found =
        cube.list("items list").filter("itemcode", "A0001").rows().try_collect().await.unwrap();
    assert_eq!(found[0]["mainTable"]["itemcode"], "A0001");
    assert_eq!(cube.list("count").count().await.unwrap(), 41);
    cube.delete("del", 12).await.unwrap();
    let mut members = Map::new();
    members.insert("mainTable".into(), json!({ "id": "12" }));
    let one = cube.operation("getModeDataByPK", "get", members).await.unwrap();
    assert_eq!(one[0]["detail1"][0]["id"], "3");

    let without_header = |request: &Request| {
        let mut body = datajson(request);
        assert_eq!(body["header"]["Md5"].as_str().unwrap().len(), 32);
        body.as_object_mut().unwrap().remove("header");
        body
    };
    let sent = requests(&server, &list).await;
    assert_eq!(
        without_header(&sent[0]),
        json!({
            "operationinfo": { "operator": "1" }, "mainTable": { "itemcode": "A0001" },
            "pageInfo": { "pageNo": "1", "pageSize": "20" },
        })
    );
    let sent = requests(&server, &format!("{base}/deleteModeDataByPK/del")).await;
    assert_eq!(
        without_header(&sent[0]),
        json!({ "operationinfo": { "operator": "1" }, "mainTable": { "id": "12" } })
    );
}

#[tokio::test]
async fn refuses_bad_records_before_anything_is_sent() {
    let (server, client, _) = start().await;
    let cube = client.cube();
    let good = || Record::new().field("a", "b");
    for (save, expected) in [
        (cube.save("m", []), "nothing to save"),
        (cube.save(" ", [good()]), "method"),
        (cube.save("m", [good(), Record::new()]), "record 2"),
        (cube.save("m", [good()]).match_key("itemcode"), "itemcode"),
        (cube.save("m", [good().detail(0, DetailAction::Save, [("a", "b")])]), "from 1"),
    ] {
        let error = save.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.to_string().contains(expected), "{error}");
    }
    assert!(server.received_requests().await.unwrap().is_empty());
    let bare = Client::builder(server.uri(), APPID).credentials(SECRET, SPK).build().unwrap();
    let error = bare.cube().save("m", [good()]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
}

const USERS: &str = "/api/hrm/resful/getHrmUserInfoWithPage";

fn user(id: &str, workcode: &str, status: &str, account: &str) -> Value {
    json!({
        "id": id, "workcode": workcode, "loginid": "zhangsan", "lastname": "张三",
        "departmentid": 35, "status": status, "accounttype": account, "belongto": "",
        "telephone": "1", "created": "2023-01-05",
    })
}

fn users(rows: &[Value]) -> Value {
    json!({ "code": "1", "data": { "totalSize": rows.len(), "pageSize": 20, "page": 1, "dataList": rows } })
}

#[tokio::test]
async fn finds_the_one_user_who_may_log_in() {
    let left = user("15274", "E0042", "5", "0");
    let second = user("15275", "E0042", "1", "1");
    let good = user("15273", "E0042", "1", "0");
    let other = user("15276", "E0043", "1", "0");
    for (rows, expected) in [
        (vec![left.clone(), second.clone(), good.clone(), other.clone()], Ok("15273")),
        (vec![user("15273", "E0042", "0", "")], Ok("15273")),
        (vec![left, second, other], Err(ErrorKind::NotFound)),
        (vec![], Err(ErrorKind::NotFound)),
        (vec![good.clone(), user("2", "E0042", "3", "0")], Err(ErrorKind::Conflict)),
    ] {
        let (server, client, _) = start().await;
        answer(&server, USERS, users(&rows)).await;
        let found = client.hrm().find_user(&UserKey::WorkCode("E0042".into())).await;
        match expected {
            Ok(id) => {
                let user = found.unwrap();
                assert_eq!(user.id.as_deref(), Some(id));
                assert_eq!(user.department_id.as_deref(), Some("35"));
                assert_eq!(user.other["telephone"], "1");
                assert!(user.status.as_ref().is_some_and(UserStatus::may_log_in));
            }
            Err(kind) => assert_eq!(found.unwrap_err().kind(), kind),
        }
        let sent = requests(&server, USERS).await;
        let params: Value = serde_json::from_str(&form(&sent[0])[0].1).unwrap();
        assert_eq!(params, json!({ "workcode": "E0042", "pagesize": 20, "curpage": 1 }));
    }
}

#[tokio::test]
async fn shows_who_calls_the_hr_service_in_three_ways() {
    let ts = "1654657200000";
    for (auth, expected) in [
        (HrmAuth::Address, None),
        (HrmAuth::Key { identifier: "id".into(), digest: KeyDigest::Md5 }, Some(32)),
        (HrmAuth::Key { identifier: "id".into(), digest: KeyDigest::Sm3 }, Some(64)),
    ] {
        let server = MockServer::start().await;
        plain(&server, USERS, users(&[])).await;
        let (builder, clock) = builder(&server);
        let client = builder.hrm_auth(auth).encoding(Encoding::Json).build().unwrap();
        clock.advance(Duration::from_secs(1_654_657_200));
        client.hrm().users().filter("departmentid", "35").rows().try_collect().await.unwrap();
        let sent = requests(&server, USERS).await.remove(0);
        assert!(sent.headers.get("token").is_none());
        let key = sent.headers.get("key").map(|key| key.to_str().unwrap().to_owned());
        assert_eq!(key.as_ref().map(String::len), expected);
        if let Some(key) = key {
            assert_eq!(key, key.to_ascii_uppercase());
            assert_eq!(sent.headers.get("ts").unwrap(), ts);
            if expected == Some(32) {
                // md5sum of `id1654657200000`.
                assert_eq!(key, "B51B78EAFDD085E491B6C78A2C89FDA2");
            }
        }
        let body: Value = serde_json::from_slice(&sent.body).unwrap();
        assert_eq!(body["params"]["departmentid"], "35");
    }
}

#[tokio::test]
async fn reads_and_writes_the_organisation() {
    let (server, client, _) = start().await;
    let hrm = client.hrm();
    for (name, row) in [
        ("getHrmdepartmentWithPage", json!({ "id": 35, "departmentname": "采购部" })),
        ("getHrmsubcompanyWithPage", json!({ "id": 2, "subcompanyname": "总部" })),
        ("getJobtitleInfoWithPage", json!({ "id": 12, "jobtitlename": "采购员" })),
    ] {
        answer(&server, &format!("/api/hrm/resful/{name}"), users(&[row])).await;
    }
    let departments = hrm.departments().try_collect().await.unwrap();
    assert_eq!(departments[0].id().as_deref(), Some("35"));
    assert_eq!(departments[0].text("departmentname").as_deref(), Some("采购部"));
    assert_eq!(hrm.subcompanies().try_collect().await.unwrap().len(), 1);
    assert_eq!(hrm.job_titles().try_collect().await.unwrap().len(), 1);

    let at = "/api/hrm/resful/synDepartment";
    let result =
        json!({ "D1": { "code": "1", "msg": "ok" }, "D2": { "code": "-1", "msg": "重复" } });
    answer(&server, at, json!({ "code": "1", "result": result })).await;
    let item = json!({ "@action": "add", "code": "D1", "shortname": "采购部" });
    let items = vec![item.as_object().unwrap().clone()];
    let synced = hrm.sync(SyncKind::Department, items).await.unwrap();
    assert!(synced["D1"].is_done && !synced["D2"].is_done);
    assert_eq!(synced["D2"].message.as_deref(), Some("重复"));
    let sent = form(&requests(&server, at).await[0]);
    assert_eq!(sent[0], ("data".into(), json!([item]).to_string()));

    let (server, client, _) = start().await;
    answer(&server, USERS, json!({ "code": "2", "msg": "IP不在白名单" })).await;
    let error = client.hrm().users().rows().try_collect().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Api);
    assert_eq!(error.api_error().unwrap().message(), "IP不在白名单");
}

#[tokio::test]
async fn pings_uploads_and_calls_what_is_not_typed() {
    let (server, client, _) = start().await;
    let at = "/api/hrm/login/getAccountList";
    answer(
        &server,
        at,
        json!({ "status": "1", "data": { "userid": 15273, "deptid": "35", "x": 1 } }),
    )
    .await;
    let account = client.ping().await.unwrap();
    assert_eq!(account.user_id.as_deref(), Some("15273"));
    assert_eq!(requests(&server, at).await[0].method, "GET");

    let at = "/api/doc/upload/uploadFile2Doc";
    answer(&server, at, json!({ "data": { "fileid": "4711" } })).await;
    let content = b"--x\r\nbinary \x00\xff";
    let id = client.documents().upload(88, "报价\"1\".pdf", &content[..]).await.unwrap();
    assert_eq!(id, 4711);
    let sent = requests(&server, at).await.remove(0);
    let content_type = sent.headers.get("content-type").unwrap().to_str().unwrap();
    let boundary = content_type.strip_prefix("multipart/form-data; boundary=").unwrap();
    let body = &sent.body;
    let text = String::from_utf8_lossy(body);
    assert!(text.starts_with(&format!("--{boundary}\r\n")));
    assert!(text.ends_with(&format!("\r\n--{boundary}--\r\n")));
    assert!(text.contains("name=\"category\"") && text.contains("\r\n\r\n88\r\n"));
    assert!(text.contains("filename=\"报价%221%22.pdf\""));
    assert!(body.windows(content.len()).any(|window| window == content));
    for name in ["a", "a\r\n.pdf"] {
        let error = client.documents().upload(1, name, "x").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
    }
    let (refusing, other, _) = start().await;
    answer(&refusing, at, json!({ "code": -1, "msg": "目录不存在" })).await;
    let error = other.documents().upload(1, "a.pdf", "x").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Api);

    let status = pa("getRequestStatus");
    answer(&server, &status, json!({ "data": { "requestId": 7 } })).await;
    let raw = client.raw();
    let answered = raw.get(&status).query("requestId", "7").await.unwrap();
    assert_eq!(answered.json::<Value>().unwrap()["data"]["requestId"], 7);
    raw.post(&status).form([("a", "1 2")]).await.unwrap();
    raw.post(&status).json(&json!({ "a": 1 })).await.unwrap();
    let sent = requests(&server, &status).await;
    assert_eq!(sent[0].headers.get("token").unwrap(), TOKEN);
    assert_eq!(form(&sent[1])[0].1, "1 2");
    assert_eq!(&sent[2].body[..], br#"{"a":1}"#);
    let error = raw.get("no-slash").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
}
