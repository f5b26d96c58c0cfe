//! The port: the check of the address, pushes of strangers, the file of the trusted domain.

use erplink::scenario::WeComDraftApproval;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::office::{HEAD, Office};

/// A bare request: the clients under test know no such calls.
async fn ask(base: &str, method: &str, path: &str, body: &str) -> String {
    let address = base.strip_prefix("http://").unwrap();
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn the_port_proves_the_domain_and_refuses_strangers() {
    let office = Office::new().await;
    let scenario: WeComDraftApproval =
        serde_json::from_value(json!({"template_id": office.template("采购申请草稿审批")}))
            .unwrap();
    // WeCom's own check of the address passed, or this would panic.
    let (runner, base) = office.start_at(&scenario, "requests").await;

    let file = ask(&base, "GET", "/WW_verify_7rG3.txt", "").await;
    assert!(file.starts_with("HTTP/1.1 200") && file.ends_with("\r\n\r\n7rG3"), "{file}");
    let query = "msg_signature=0000&timestamp=1&nonce=2";
    let check = ask(&base, "GET", &format!("/SBODEMOCN/wecom?{query}&echostr=AAAA"), "").await;
    assert!(check.starts_with("HTTP/1.1 400"), "{check}");
    let body = "<xml><Encrypt>AAAA</Encrypt></xml>";
    let push = ask(&base, "POST", &format!("/SBODEMOCN/wecom?{query}"), body).await;
    assert!(push.starts_with("HTTP/1.1 400"), "{push}");
    assert_eq!(runner.run_once().await.read, 0);
}

#[tokio::test]
async fn forms_of_templates_without_a_flow_are_acknowledged() {
    let office = Office::new().await;
    let scenario: WeComDraftApproval =
        serde_json::from_value(json!({"template_id": office.template("采购申请草稿审批")}))
            .unwrap();
    let runner = office.start(&scenario, "requests").await;
    let other = office.template("采购申请审批");
    let values = json!({"单据编号": "7"});
    let sp_no = office.wecom().submit(&other, "zhangsan", &values).unwrap();
    office.wecom().refuse(&sp_no, HEAD, "").unwrap();
    let report = office.round(&runner).await;
    assert_eq!((report.read, report.done), (0, 0), "{report}");
    let pushes = office.wecom().pushes();
    assert!(pushes.len() >= 2, "{pushes:?}");
    assert!(pushes.iter().all(|push| push.failure.is_none()), "{pushes:?}");
}
