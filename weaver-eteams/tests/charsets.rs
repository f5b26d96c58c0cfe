//! The charsets of a connection against `iconv`, another implementation of them.

#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::json;
use weaver_eteams::connector::{Charset, Connector, SuccessRule};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers};

/// What `iconv` makes of bytes; `None` where this machine has no `iconv` or it lacks a charset.
fn iconv(from: &str, to: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    let mut child = Command::new("iconv")
        .args(["-f", from, "-t", to])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    let output = child.wait_with_output().unwrap();
    output.status.success().then_some(output.stdout)
}

/// Every character of the two-byte rows `rows` with the second bytes `columns`.
fn table(rows: &[(u8, u8)], columns: &[(u8, u8)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for row in rows.iter().flat_map(|(from, to)| *from..=*to) {
        for column in columns.iter().flat_map(|(from, to)| *from..=*to) {
            // Big5 has two characters twice; both are written by their first place.
            if ![[0xc9, 0x4a], [0xdd, 0xfc]].contains(&[row, column]) {
                bytes.extend([row, column]);
            }
        }
    }
    bytes
}

#[tokio::test]
async fn every_hanzi_is_read_and_written_as_iconv_does() {
    // The hanzi of GB2312 (but for the five free places at the end of level 1), those of GBK/3 and
    // both levels of Big5: where all tables agree.
    let gb2312 = [table(&[(0xb0, 0xd6)], &[(0xa1, 0xfe)]), table(&[(0xd8, 0xf7)], &[(0xa1, 0xfe)])];
    let gbk = table(&[(0x81, 0xa0)], &[(0x40, 0x7e), (0x80, 0xfe)]);
    let big5 = [
        table(&[(0xa4, 0xc5)], &[(0x40, 0x7e), (0xa1, 0xfe)]),
        table(&[(0xc9, 0xf8)], &[(0x40, 0x7e), (0xa1, 0xfe)]),
    ];
    let latin: Vec<u8> =
        (0x20..=0x7e).chain(0x80..=0xff).filter(|byte| *byte != b'"' && *byte != b'\\').collect();
    let mut compared = 0;
    for (charset, name, bytes) in [
        (Charset::Gb2312, "GB2312", gb2312.concat()),
        (Charset::Gbk, "GBK", gbk),
        (Charset::Gbk, "GBK", gb2312.concat()),
        (Charset::Big5, "BIG5", big5.concat()),
        (Charset::Latin1, "ISO-8859-1", latin),
    ] {
        let Some(expected) = iconv(name, "UTF-8", &bytes) else {
            eprintln!("no iconv for {name}: nothing to compare with");
            continue;
        };
        let expected = String::from_utf8(expected).unwrap();
        let server = MockServer::start().await;
        let body = [b"{\"t\":\"", &bytes[..], b"\"}"].concat();
        let template = ResponseTemplate::new(200).set_body_raw(body.clone(), "application/json");
        Mock::given(matchers::any()).respond_with(template).mount(&server).await;
        let connector = Connector::builder("test", server.uri()).charset(charset).build().unwrap();
        let call = connector.post("/", SuccessRule::response("/t").exists());
        let answer = call.json(&json!({ "t": expected })).await.unwrap();
        assert_eq!(answer.text("/t").unwrap(), expected, "{name} is read otherwise");
        let sent = server.received_requests().await.unwrap();
        assert!(sent[0].body == body, "{name} is written otherwise");
        compared += expected.chars().count();
    }
    eprintln!("{compared} characters compared");
}
