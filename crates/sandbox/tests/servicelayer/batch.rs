//! Several requests in one.

use erplink_sandbox::servicelayer::Options;
use reqwest::Method;
use serde_json::json;

use crate::support::{Answer, Client, logged_in, v1};

fn part(id: Option<u32>, request: &str) -> String {
    let id = id.map(|id| format!("Content-ID: {id}\r\n")).unwrap_or_default();
    format!(
        "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n{id}\r\n{request}\r\n"
    )
}

fn change_set(parts: &[String]) -> String {
    let inner: String = parts.iter().map(|part| format!("--cs_1\r\n{part}")).collect();
    format!("Content-Type: multipart/mixed;boundary=cs_1\r\n\r\n{inner}--cs_1--\r\n")
}

async fn send(client: &Client, parts: &[String]) -> Answer {
    let body: String = parts.iter().map(|part| format!("--batch_1\r\n{part}")).collect();
    send_text(client, &format!("{body}--batch_1--")).await
}

async fn send_text(client: &Client, body: &str) -> Answer {
    let request = client.http.post(format!("{}/$batch", client.base));
    let request = request.header("Cookie", &client.cookies);
    let request = request.header("Content-Type", "multipart/mixed;boundary=batch_1");
    let response = request.body(body.to_owned()).send().await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    Answer { status, headers, text: response.text().await.unwrap() }
}

fn post(id: u32, set: &str, body: &str) -> String {
    part(Some(id), &format!("POST {set} HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{body}"))
}

fn patch(id: u32, target: &str, body: &str) -> String {
    part(Some(id), &format!("PATCH {target} HTTP/1.1\r\n\r\n{body}"))
}

fn get(target: &str) -> String {
    part(None, &format!("GET {target} HTTP/1.1\r\n\r\n"))
}

#[tokio::test]
async fn a_change_set_refers_to_what_it_created() {
    let (_sandbox, client) = v1().await;
    let set = change_set(&[
        post(1, "/b1s/v1/Items", r#"{"ItemCode":"B/1"}"#),
        patch(2, "/b1s/v1/$1", r#"{"ItemName":"second"}"#),
        post(3, "Orders", r#"{"CardCode":"C001"}"#),
        part(Some(4), "POST $3/Cancel HTTP/1.1\r\n\r\n"),
    ]);
    let answer = send(&client, &[get("/b1s/v1/Items('RM-001')"), set]).await.expect(202);
    assert_eq!(answer.text.matches("HTTP/1.1 200 OK\r\n").count(), 1);
    assert_eq!(answer.text.matches("HTTP/1.1 201 Created\r\nContent-ID: ").count(), 2);
    assert_eq!(answer.text.matches("HTTP/1.1 204 No Content\r\nContent-ID: ").count(), 2);
    assert!(answer.text.contains("multipart/mixed;boundary=changesetresponse_"));
    assert_eq!(client.get("Items('B%2F1')").await.json()["ItemName"], "second");
    assert_eq!(client.get("Orders(2)").await.json()["Cancelled"], "tYES");
}

#[tokio::test]
async fn a_failing_change_set_leaves_nothing_and_stops_the_batch() {
    let (_sandbox, client) = v1().await;
    let good = change_set(&[post(1, "Items", r#"{"ItemCode":"G1"}"#)]);
    let bad = change_set(&[
        post(2, "Items", r#"{"ItemCode":"G2"}"#),
        post(3, "Items", r#"{"ItemCode":"G1"}"#),
    ]);
    let answer = send(&client, &[good, bad, get("Items('G1')")]).await.expect(202);
    assert_eq!(answer.text.matches("HTTP/1.1 ").count(), 2, "{}", answer.text);
    assert!(answer.text.contains("HTTP/1.1 400 Bad Request"));
    let failure = "{\"error\":{\"code\":-10,\"innererror\":{\"context\":null,\"trace\":null},\
                   \"message\":{\"lang\":\"en-us\",\"value\":\"Item code 'G1' already exists\"}}}";
    assert!(answer.text.contains(failure), "{}", answer.text);
    client.get("Items('G1')").await.expect(200);
    client.get("Items('G2')").await.refused(404, -2028);
}

#[tokio::test]
async fn version_two_wants_ids_and_answers_with_200() {
    let (_sandbox, client) = logged_in(Options::default(), "v2").await;
    let without = change_set(&[part(None, "POST Items HTTP/1.1\r\n\r\n{\"ItemCode\":\"V1\"}")]);
    let refused = send(&client, &[without]).await.expect(400).json();
    assert_eq!(refused["error"]["code"], "-1000");
    let set = change_set(&[post(7, "/b1s/v2/Items", r#"{"ItemCode":"V1"}"#)]);
    let answer = send(&client, &[set]).await.expect(200);
    let head = "Content-Transfer-Encoding: binary\r\nContent-ID: 7\r\n\r\nHTTP/1.1 201 Created\r\n";
    assert!(answer.text.contains(head), "{}", answer.text);
}

#[tokio::test]
async fn conditions_count_outside_only() {
    let (_sandbox, client) = v1().await;
    client.patch("Items('RM-001')", json!({})).await.expect(204);
    let stale = "W/\"356A192B7913B04C54574D18C28D46E6395428AB\"";
    let request = format!(
        "PATCH Items('RM-001') HTTP/1.1\r\nIf-Match: {stale}\r\n\r\n{{\"ItemName\":\"x\"}}"
    );
    let body = format!("--batch_1\r\n{}--batch_1--", part(None, &request));
    assert!(send_text(&client, &body).await.text.contains("204 No Content"));
    let headers = [("If-Match", stale), ("Content-Type", "multipart/mixed;boundary=batch_1")];
    let mut request = client.http.request(Method::POST, format!("{}/$batch", client.base));
    request = request.header("Cookie", &client.cookies).body(body);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let text = request.send().await.unwrap().text().await.unwrap();
    assert!(text.contains("412 Precondition Failed"), "{text}");
}

#[tokio::test]
async fn malformed_batches_are_refused() {
    let (_sandbox, client) = v1().await;
    let one_line = part(None, "GET Items HTTP/1.1");
    let good = get("Items");
    for body in [
        format!("--batch_1\r\n{}--batch_1--", good.replace("application/http", "application/json")),
        format!("--batch_1\r\n{}--batch_1--", good.replace("Content-Type", "X-Type")),
        format!("--batch_1\r\n{}--batch_1--", good.replace("binary", "base64")),
        String::new(),
        "--batch_1\r\n".to_owned(),
        format!("--batch_1\r\n{}", get("Items")),
        format!("--batch_1\r\n{one_line}--batch_1--"),
        format!("--batch_1\r\n{}--batch_1--", change_set(&[get("Items")])),
        format!("--batch_1\r\n{}--batch_1--", get("Items")).replace("\r\n", "\n"),
    ] {
        let refused = send_text(&client, &body).await.refused(400, -1000);
        assert!(refused.json()["error"]["innererror"].is_object());
    }
    let request = client.http.post(format!("{}/$batch", client.base));
    let request = request.header("Cookie", &client.cookies).body(format!("--b\r\n{good}--b--"));
    let answer =
        request.header("Content-Type", "application/json;boundary=b").send().await.unwrap();
    assert_eq!(answer.status(), 400, "a batch is multipart/mixed");
}

#[tokio::test]
async fn a_malformed_part_keeps_the_whole_batch_from_running() {
    let (_sandbox, client) = v1().await;
    let set = change_set(&[post(1, "Items", r#"{"ItemCode":"M1"}"#)]);
    let answer = send(&client, &[set, part(None, "GET Items HTTP/1.1")]).await;
    answer.refused(400, -1000);
    client.get("Items('M1')").await.refused(404, -2028);
}

#[tokio::test]
async fn paths_within_a_batch_are_those_behind_the_gateway() {
    let (_sandbox, client) = v1().await;
    for path in ["Items('RM-001')", "/b1s/v1/Items('RM-001')", "http://h:1/b1s/v1/Items('RM-001')"]
    {
        let answer = send(&client, &[get(path)]).await.expect(202);
        assert!(answer.text.contains("HTTP/1.1 200 OK"), "{path}: {}", answer.text);
    }
    for path in ["/6160/b1s/v1/Items('RM-001')", "/b1s/v2/Items('RM-001')"] {
        let answer = send(&client, &[get(path)]).await.expect(202);
        assert!(answer.text.contains("HTTP/1.1 404 Not Found"), "{path}: {}", answer.text);
    }
}
