//! Members, departments and files, as the platform sees and sends them.

#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

mod support;

use std::time::Duration;

use erplink_core::ErrorKind;
use serde_json::{Value, json};
use support::{TOKEN, answer, requests, start};
use wecom::contacts::{EmailType, MemberStatus};
use wecom::media::MediaType;
use wiremock::matchers::{header, path};
use wiremock::{Mock, ResponseTemplate};

#[tokio::test]
async fn reads_a_member_with_everything_or_nothing() {
    let (server, client, _) = start().await;
    let full = json!({
        "errcode": 0, "errmsg": "ok", "userid": "ZhangSan", "name": "张三", "department": [1, "2"],
        "order": [1, 2], "position": "经理", "is_leader_in_dept": [1, 0], "direct_leader": ["lisi"],
        "main_department": 1, "alias": "jack", "telephone": "020-123456", "status": 1,
        "mobile": "13800000000", "email": "a@b.c", "biz_mail": "z@corp.c", "unknown": {},
        "extattr": { "attrs": [{ "type": 0, "name": "工号", "text": { "value": "007" } }] },
    });
    answer(&server, "GET", "/cgi-bin/user/get", full).await;
    let member = client.contacts().member("zhangsan").await.unwrap();
    assert_eq!((member.userid.as_str(), member.departments.as_slice()), ("ZhangSan", &[1, 2][..]));
    assert_eq!(member.leads_departments, [true, false]);
    assert_eq!(member.status, Some(MemberStatus::Active));
    assert_eq!(member.direct_leaders, ["lisi"]);
    assert_eq!(member.raw["extattr"]["attrs"][0]["text"]["value"], "007");
    let sent = requests(&server, "/cgi-bin/user/get").await;
    assert_eq!(sent[0].0, format!("userid=zhangsan&access_token={TOKEN}"));

    let (server, client, _) = start().await;
    answer(&server, "GET", "/cgi-bin/user/get", json!({ "userid": "a", "status": 9 })).await;
    let member = client.contacts().member("a").await.unwrap();
    assert_eq!((member.name, member.status), (None, Some(MemberStatus::Unknown(9))));
    let error = client.contacts().member(" ").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
}

#[tokio::test]
async fn a_member_it_does_not_see_is_named() {
    for (code, kind) in [(60_111, ErrorKind::NotFound), (60_011, ErrorKind::Forbidden)] {
        let (server, client, _) = start().await;
        let body = json!({ "errcode": code, "errmsg": "no" });
        answer(&server, "GET", "/cgi-bin/user/get", body).await;
        let error = client.contacts().member("zhangsan").await.unwrap_err();
        assert_eq!(error.kind(), kind);
        assert!(error.to_string().contains("userid zhangsan"), "{error}");
    }
}

#[tokio::test]
async fn finds_members_and_remembers_whom_it_did_not_find() {
    let (server, client, clock) = start().await;
    let contacts = client.contacts();
    answer(&server, "POST", "/cgi-bin/user/get_userid_by_email", json!({ "userid": "a" })).await;
    assert_eq!(contacts.userid_by_email("a@b.c", EmailType::Private).await.unwrap(), "a");
    let sent = requests(&server, "/cgi-bin/user/get_userid_by_email").await;
    assert_eq!(sent[0].1, json!({ "email": "a@b.c", "email_type": 2 }));

    let unknown = json!({ "errcode": 46_004, "errmsg": "user not exist" });
    answer(&server, "POST", "/cgi-bin/user/getuserid", unknown).await;
    for (wait, asked) in [(0, 1), (0, 1), (3599, 1), (1, 2)] {
        clock.advance(Duration::from_secs(wait));
        let error = contacts.userid_by_mobile("13430388888").await.unwrap_err();
        assert!(error.is_not_found());
        assert!(!error.to_string().contains("13430388888"), "a number of a person: {error}");
        let sent = requests(&server, "/cgi-bin/user/getuserid").await;
        assert_eq!(sent.len(), asked);
        assert_eq!(sent[0].1, json!({ "mobile": "13430388888" }));
    }
    assert!(contacts.userid_by_mobile("13430388889").await.is_err());
    assert_eq!(requests(&server, "/cgi-bin/user/getuserid").await.len(), 3);
}

#[tokio::test]
async fn lists_members_of_a_department() {
    let (server, client, _) = start().await;
    let list = json!({ "userlist": [{ "userid": "a", "name": "甲" }, { "userid": "b" }] });
    answer(&server, "GET", "/cgi-bin/user/simplelist", list.clone()).await;
    answer(&server, "GET", "/cgi-bin/user/list", list).await;
    assert_eq!(client.contacts().members(1).await.unwrap().len(), 2);
    assert_eq!(client.contacts().member_details(1).await.unwrap()[0].name.as_deref(), Some("甲"));
    let sent = requests(&server, "/cgi-bin/user/simplelist").await;
    assert_eq!(sent[0].0, format!("department_id=1&access_token={TOKEN}"));

    let (server, client, _) = start().await;
    let broken = json!({ "userlist": [{ "userid": "a" }, { "name": "乙" }] });
    answer(&server, "GET", "/cgi-bin/user/simplelist", broken).await;
    let error = client.contacts().members(1).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("userlist[1].userid"), "{error}");
}

#[tokio::test]
async fn walks_all_memberships() {
    let (server, client, _) = start().await;
    Mock::given(path("/cgi-bin/user/list_id"))
        .respond_with(|request: &wiremock::Request| {
            let body: Value = serde_json::from_slice(&request.body).unwrap();
            assert_eq!(body["limit"], 10_000);
            let (userid, next) = if body["cursor"].is_null() { ("a", "c1") } else { ("b", "") };
            ResponseTemplate::new(200).set_body_json(json!({
                "errcode": 0, "next_cursor": next,
                "dept_user": [{ "userid": userid, "department": 2 }],
            }))
        })
        .mount(&server)
        .await;
    let all = client.contacts().memberships().try_collect().await.unwrap();
    let all: Vec<_> = all.iter().map(|one| (one.userid.as_str(), one.department)).collect();
    assert_eq!(all, [("a", 2), ("b", 2)]);
    let sent = requests(&server, "/cgi-bin/user/list_id").await;
    assert_eq!(sent[1].1["cursor"], "c1");
}

#[tokio::test]
async fn reads_departments_three_ways() {
    let (server, client, _) = start().await;
    let one = json!({
        "id": 2, "name": "采购部", "name_en": "Purchase", "department_leader": ["a"],
        "parentid": 1, "order": 4_294_967_295_i64,
    });
    answer(&server, "GET", "/cgi-bin/department/list", json!({ "department": [one] })).await;
    answer(&server, "GET", "/cgi-bin/department/get", json!({ "department": one })).await;
    let ids = json!({ "department_id": [{ "id": 2, "parentid": 1, "order": 1 }] });
    answer(&server, "GET", "/cgi-bin/department/simplelist", ids).await;
    let contacts = client.contacts();
    let all = contacts.departments(None).await.unwrap();
    assert_eq!(all[0].order, Some(4_294_967_295));
    assert_eq!(contacts.department(2).await.unwrap(), all[0]);
    assert_eq!(contacts.department_ids(Some(2)).await.unwrap()[0].name, None);
    let sent = requests(&server, "/cgi-bin/department/simplelist").await;
    assert_eq!(sent[0].0, format!("id=2&access_token={TOKEN}"));
}

#[tokio::test]
async fn uploads_a_file_as_one_part_named_media() {
    let (server, client, _) = start().await;
    let body = json!({
        "errcode": 0, "errmsg": "", "type": "file", "media_id": "1G6nrLmr5EC3MMb",
        "created_at": "1380000000",
    });
    answer(&server, "POST", "/cgi-bin/media/upload", body).await;
    let media = client.media();
    let file = media.upload(MediaType::File, "合同\"1\".pdf", "mytext").await.unwrap();
    assert_eq!(file.media_id, "1G6nrLmr5EC3MMb");
    assert_eq!(file.created_at.unwrap().timestamp(), 1_380_000_000);

    let all = server.received_requests().await.unwrap();
    let sent = all.iter().find(|one| one.url.path() == "/cgi-bin/media/upload").unwrap();
    assert_eq!(sent.url.query(), Some(format!("type=file&access_token={TOKEN}").as_str()));
    let content_type = sent.headers["content-type"].to_str().unwrap();
    let boundary = content_type.strip_prefix("multipart/form-data; boundary=").unwrap();
    assert_eq!(
        String::from_utf8(sent.body.clone()).unwrap(),
        format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"media\"; \
             filename=\"合同%221%22.pdf\"\r\nContent-Type: application/octet-stream\r\n\r\n\
             mytext\r\n--{boundary}--\r\n"
        )
    );

    for (kind, name, bytes) in [
        (MediaType::File, "a", vec![0; 5]),
        (MediaType::Voice, "a", vec![0; (2 << 20) + 1]),
        (MediaType::File, " ", vec![0; 9]),
        (MediaType::File, "a\r\nb", vec![0; 9]),
    ] {
        let error = media.upload(kind, name, bytes).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
    }
    assert_eq!(requests(&server, "/cgi-bin/media/upload").await.len(), 1);
}

#[tokio::test]
async fn downloads_files_and_tells_them_from_errors() {
    let (server, client, _) = start().await;
    let file = |body: &str| {
        ResponseTemplate::new(200)
            .insert_header("content-disposition", "attachment; filename=\"a.txt\"")
            .set_body_raw(body, "text/plain")
    };
    let plain = |body: &str| ResponseTemplate::new(200).set_body_raw(body, "application/json");
    let error = r#"{"errcode":40007,"errmsg":"invalid media_id"}"#;
    for (id, template, expected) in [
        ("text", file("hello!"), Ok("hello!")),
        ("looks-like-one", file(error), Ok(error)),
        ("json-file", plain(r#"{"a":1}"#), Ok(r#"{"a":1}"#)),
        ("gone", plain(error), Err(ErrorKind::NotFound)),
        ("large", plain(r#"{"errcode":830002,"errmsg":"x"}"#), Err(ErrorKind::Api)),
    ] {
        Mock::given(wiremock::matchers::query_param("media_id", id))
            .respond_with(template)
            .mount(&server)
            .await;
        let found = client.media().download(id).await;
        match expected {
            Ok(text) => assert_eq!(found.unwrap().bytes, text, "{id}"),
            Err(kind) => {
                let error = found.unwrap_err();
                assert_eq!(error.kind(), kind);
                assert!(error.to_string().contains(&format!("media_id {id}")), "{error}");
            }
        }
    }
    let found = client.media().download("text").await.unwrap();
    assert_eq!(found.file_name.as_deref(), Some("a.txt"));
}

#[tokio::test]
async fn downloads_large_files_in_slices() {
    const SLICE: usize = 1 << 20;
    let (server, client, _) = start().await;
    let part = |range: &str, total: usize, bytes: usize| {
        ResponseTemplate::new(206)
            .insert_header("content-range", format!("{range}/{total}"))
            .set_body_bytes(vec![7; bytes])
    };
    for (range, template) in [
        ("bytes=0-1048575", part("bytes 0-1048575", SLICE + 3, SLICE)),
        ("bytes=1048576-2097151", part("bytes 1048576-1048578", SLICE + 3, 3)),
    ] {
        Mock::given(header("range", range)).respond_with(template).mount(&server).await;
    }
    let parts = client.media().slices("m").try_collect().await.unwrap();
    assert_eq!(parts.iter().map(bytes::Bytes::len).collect::<Vec<_>>(), [SLICE, 3]);
    assert_eq!(requests(&server, "/cgi-bin/media/get").await.len(), 2);
    let error = client.media().download_range("m", 9, 8).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
}
