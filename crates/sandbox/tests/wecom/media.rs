//! Temporary files, and those that forms keep.

use std::time::Duration;

use reqwest::header::{CONTENT_RANGE, CONTENT_TYPE, RANGE};
use serde_json::{Value, json};

use crate::support::{Stage, json_of, refused, stage, with};

async fn upload(stage: &Stage, kind: &str, content: &[u8]) -> Value {
    let mut body = b"--b1\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\nx\r\n".to_vec();
    body.extend_from_slice(
        b"--b1\r\nContent-Disposition: form-data; name=\"media\";filename=\"\xe5\x90\x88\xe5\x90\x8c.pdf\"\r\n",
    );
    body.extend_from_slice(b"Content-Type: application/octet-stream\r\n\r\n");
    body.extend_from_slice(content);
    body.extend_from_slice(b"\r\n--b1--\r\n");
    let request = stage.http.post(stage.url(&format!("/cgi-bin/media/upload?type={kind}")));
    json_of(request.header(CONTENT_TYPE, "multipart/form-data; boundary=b1").body(body)).await
}

async fn download(stage: &Stage, id: &str) -> reqwest::Response {
    let url = stage.url(&format!("/cgi-bin/media/get?media_id={id}"));
    stage.http.get(url).send().await.unwrap()
}

#[tokio::test]
async fn a_file_goes_up_and_comes_down_for_three_days() {
    let stage = stage().await;
    let content = b"line\r\n\r\n--b2\r\nmore";
    let answer = upload(&stage, "file", content).await;
    assert_eq!((&answer["errcode"], &answer["type"]), (&json!(0), &json!("file")));
    assert!(answer["created_at"].is_string());
    let id = answer["media_id"].as_str().unwrap();
    let response = download(&stage, id).await;
    let name = response.headers()["content-disposition"].as_bytes();
    assert_eq!(name, "attachment; filename=\"合同.pdf\"".as_bytes());
    assert_eq!(response.bytes().await.unwrap().as_ref(), content);
    stage.clock.advance(Duration::from_secs(3 * 24 * 3600));
    let mut stage = stage;
    stage.token = stage.token_for(&stage.wecom.secret()).await;
    let gone: Value =
        serde_json::from_str(&download(&stage, id).await.text().await.unwrap()).unwrap();
    assert_eq!(refused(&gone).0, 40007);
}

#[tokio::test]
async fn sizes_and_types_are_checked() {
    let stage = stage().await;
    assert_eq!(refused(&upload(&stage, "film", b"123456").await).0, 40004);
    assert_eq!(refused(&upload(&stage, "file", b"").await).0, 44001);
    assert_eq!(refused(&upload(&stage, "file", b"12345").await).0, 40006);
    let large = vec![0; 2 * 1024 * 1024 + 1];
    assert_eq!(refused(&upload(&stage, "voice", &large).await).0, 45001);
    assert_eq!(upload(&stage, "image", &large).await["errcode"], 0);
    let url = stage.url("/cgi-bin/media/upload?type=file");
    assert_eq!(refused(&json_of(stage.http.post(url).body("{}")).await).0, 41005);
}

#[tokio::test]
async fn a_large_file_comes_in_ranges() {
    let stage = stage().await;
    let id = stage.wecom.put_media("big.bin", vec![7; 20 * 1024 * 1024 + 32]);
    let refusal: Value =
        serde_json::from_str(&download(&stage, &id).await.text().await.unwrap()).unwrap();
    assert_eq!(refused(&refusal).0, 830_002);
    let url = stage.url(&format!("/cgi-bin/media/get?media_id={id}"));
    let part = stage.http.get(url).header(RANGE, "bytes=20971520-").send().await.unwrap();
    assert_eq!(part.status(), 206);
    assert_eq!(part.headers()[CONTENT_RANGE], "bytes 20971520-20971551/20971552");
    assert_eq!(part.bytes().await.unwrap().len(), 32);
}

#[tokio::test]
async fn a_form_keeps_its_attachments_for_good() {
    let stage = stage().await;
    let id = upload(&stage, "file", b"contract").await["media_id"].clone();
    let file = |id: &Value, count: usize| {
        let files = vec![json!({"file_id": id}); count];
        let mut body = stage.purchase_request();
        let contents = body["apply_data"]["contents"].as_array_mut().unwrap();
        contents.push(json!({"control": "File", "id": "File-17", "value": {"files": files}}));
        body
    };
    let apply = crate::support::APPLY;
    assert_eq!(stage.refusal(apply, &file(&json!("nothing"), 1)).await.0, 40007);
    assert_eq!(stage.refusal(apply, &file(&id, 7)).await.0, 301_025, "at most six");
    let body = with(file(&id, 6), "/creator_userid", json!("zhangsan"));
    let sp_no = stage.apply(&body).await;
    let detail = stage.detail(&sp_no).await;
    let contents = detail["apply_data"]["contents"].as_array().unwrap();
    let files =
        contents.iter().find(|one| one["id"] == "File-17").unwrap()["value"]["files"].clone();
    assert_eq!(files.as_array().unwrap().len(), 6);
    let kept = files[0]["file_id"].as_str().unwrap().to_owned();
    assert!(kept.starts_with("WWCISP_"), "{kept}");
    stage.clock.advance(Duration::from_secs(40 * 24 * 3600));
    let mut stage = stage;
    stage.token = stage.token_for(&stage.wecom.secret()).await;
    assert_eq!(download(&stage, &kept).await.bytes().await.unwrap().as_ref(), b"contract");
}
