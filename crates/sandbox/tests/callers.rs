//! The PLM that pushes and the scanners that save, against a receiver that answers as told.

#![allow(clippy::unwrap_used)] // helpers of tests fail by panicking, too

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use erplink_sandbox::barcode::Addresses;
use erplink_sandbox::plm::{BatchShape, Family, TargetInterface};
use erplink_sandbox::server::Server;
use erplink_sandbox::{Error, Fault, Sandbox};
use serde_json::{Value, json};

#[derive(Clone)]
struct Desk {
    reply: Arc<Mutex<(StatusCode, String)>>,
    got: Arc<Mutex<Vec<(String, HeaderMap, String)>>>,
}

struct Receiver {
    server: Server,
    desk: Desk,
}

impl Receiver {
    async fn start(sandbox: &Sandbox, reply: &str) -> Self {
        let desk = Desk {
            reply: Arc::new(Mutex::new((StatusCode::OK, reply.to_owned()))),
            got: Arc::default(),
        };
        let router = Router::new().fallback(take).with_state(desk.clone());
        let server = Server::start(0, sandbox.clock().clone(), |_| router).await.unwrap();
        Self { server, desk }
    }

    fn reply(&self, status: u16, body: &str) {
        let status = StatusCode::from_u16(status).unwrap();
        *self.desk.reply.lock().unwrap() = (status, body.to_owned());
    }

    fn bodies(&self) -> Vec<Value> {
        let got = std::mem::take(&mut *self.desk.got.lock().unwrap());
        got.iter().map(|(_, _, body)| serde_json::from_str(body).unwrap()).collect()
    }

    fn last(&self) -> (String, HeaderMap, String) {
        self.desk.got.lock().unwrap().pop().unwrap()
    }
}

async fn take(
    State(desk): State<Desk>,
    uri: Uri,
    headers: HeaderMap,
    body: String,
) -> (StatusCode, String) {
    desk.got.lock().unwrap().push((uri.path().to_owned(), headers, body));
    desk.reply.lock().unwrap().clone()
}

#[tokio::test]
async fn the_plm_pushes_and_reads_the_answer_as_it_is_set_up() {
    let sandbox = Sandbox::start().await.unwrap();
    let receiver = Receiver::start(&sandbox, r#"{"code":200,"message":"created"}"#).await;
    let plm = sandbox.plm();
    let item = json!({"ItemCode": "test1234", "ItemName": "item1234"});
    assert!(matches!(plm.push_item(&item).await, Err(Error::NotFound(_))));

    let url = format!("{}/plm/items", receiver.server.url());
    plm.configure(Family::Item, TargetInterface::new(&url).app_code("code"));
    let push = plm.push_item(&item).await.unwrap();
    assert_eq!((push.is_success(), push.shown.as_str()), (true, "created"));
    let (path, headers, body) = receiver.last();
    assert_eq!((path.as_str(), body), ("/plm/items", item.to_string()));
    assert_eq!(headers["x-apig-appcode"], "code");
    assert_eq!(headers["content-type"], "application/json");

    // Numbers and texts print the same; the HTTP status plays no part.
    for (status, answer, success, shown) in [
        (200, r#"{"code":"200","message":"ok"}"#, true, "ok"),
        (500, r#"{"code":200,"message":"ok"}"#, true, "ok"),
        (200, r#"{"code":500,"message":"Items('A'): -1116"}"#, false, "Items('A'): -1116"),
        (200, r#"{"message":"x"}"#, false, "nothing stands at code: x"),
        (200, "<html>", false, "the answer is not JSON"),
    ] {
        receiver.reply(status, answer);
        let push = plm.push_item(&item).await.unwrap();
        assert_eq!((push.is_success(), push.shown.as_str()), (success, shown), "{answer}");
        assert_eq!(push.http_status, Some(status));
    }

    let other = TargetInterface::new(&url).answer("result.status", "S", "result.text");
    plm.configure(Family::Routing, other);
    receiver.reply(200, r#"{"result":{"status":"S","text":"done"}}"#);
    let push = plm.push_routing(&json!({"Code": "R"})).await.unwrap();
    assert_eq!((push.is_success(), push.shown.as_str()), (true, "done"));
    assert_eq!(receiver.last().1.get("x-apig-appcode"), None);

    receiver.server.faults().push(Fault::reset_after(None, ""));
    let push = plm.push_routing(&json!({"Code": "R"})).await.unwrap();
    assert_eq!((push.is_success(), push.http_status), (false, None));
    assert_eq!(plm.pushes().len(), 8);
}

#[tokio::test]
async fn the_plm_has_every_shape_of_a_batch() {
    let sandbox = Sandbox::start().await.unwrap();
    let receiver = Receiver::start(&sandbox, r#"{"code":200,"message":"ok"}"#).await;
    let (plm, one, two) = (sandbox.plm(), json!({"TreeCode": "1"}), json!({"TreeCode": "2"}));
    let target = || TargetInterface::new(receiver.server.url());
    for (target, single, both) in [
        (target(), vec![one.clone()], vec![json!([one, two])]),
        (target().shape(BatchShape::AlwaysArray), vec![json!([one])], vec![json!([one, two])]),
        (
            target().shape(BatchShape::Wrapped("data".to_owned())),
            vec![json!({"data": [one]})],
            vec![json!({"data": [one, two]})],
        ),
        (target().single_push(), vec![one.clone()], vec![one.clone(), two.clone()]),
    ] {
        plm.configure(Family::Bom, target);
        plm.push_bom(&one).await.unwrap();
        assert_eq!(receiver.bodies(), single);
        plm.push(Family::Bom, &[one.clone(), two.clone()]).await.unwrap();
        assert_eq!(receiver.bodies(), both);
    }
}

#[tokio::test]
async fn scanners_call_five_addresses() {
    let sandbox = Sandbox::start().await.unwrap();
    let receiver = Receiver::start(&sandbox, r#"{"code":"200","message":"OK","data":[7]}"#).await;
    let barcode = sandbox.barcode();
    assert!(matches!(barcode.methods().await, Err(Error::NotFound(_))));
    barcode.configure(Addresses::under(&format!("{}/demo/", receiver.server.url())), "code");

    let answer = barcode.query("\nselect 'a\"b' from oBTN").await.unwrap();
    assert!(answer.is_success());
    assert_eq!(answer.data, json!([7]));
    let (path, headers, body) = receiver.last();
    assert_eq!(
        (path.as_str(), body),
        ("/demo/query", r#"{"sql":"\nselect 'a\"b' from oBTN"}"#.to_owned())
    );
    assert_eq!(headers["x-apig-appcode"], "code");
    for (path, answer) in [
        ("/demo/methods", barcode.methods().await),
        ("/demo/companies", barcode.companies().await),
        ("/demo/print-query", barcode.print_query("select 1").await),
        ("/demo/save", barcode.save(&json!({"method": "Returns"})).await),
    ] {
        assert!(answer.unwrap().url.ends_with(path));
    }

    receiver.reply(200, r#"{"code":500,"message":"no","data":null}"#);
    let answer = barcode.methods().await.unwrap();
    assert_eq!((answer.is_success(), answer.message.as_str()), (false, "no"));
    receiver.server.faults().push(Fault::never_answer(None, ""));
    barcode.set_patience(Duration::from_millis(20));
    let answer = barcode.methods().await.unwrap();
    assert_eq!((answer.http_status, answer.message.as_str()), (None, "no reply in 20 ms"));
    assert_eq!(barcode.calls().len(), 7);
}

#[tokio::test]
async fn a_scanned_receipt_is_all_text() {
    let sandbox = Sandbox::start().await.unwrap();
    let receiver = Receiver::start(&sandbox, r#"{"code":"200"}"#).await;
    let barcode = sandbox.barcode();
    barcode.configure(Addresses::under(&receiver.server.url()), "code");
    let receipt = barcode
        .receipt("478", "1")
        .warehouse("W05001")
        .batch("11007510-01-50|20230920", "1", "14")
        .backflush("\nSelect 1", Some("call TMDK('{0}','{1}','{2}')"));
    let [first, second] = barcode.save_twice(&receipt.request()).await.unwrap();
    assert!(first.is_success() && second.is_success());
    let bodies = receiver.bodies();
    assert_eq!((bodies.len(), &bodies[0]), (2, &bodies[1]));
    let body = &bodies[0];
    assert_eq!(body["method"], "InventoryGenEntry");
    assert_eq!(body["MainTable"]["Inverted"], "Y");
    assert_eq!(body["MainTable"]["InvertedSql"], "\nSelect 1");
    assert_eq!(body["MainTable"]["DocDate"].as_str().unwrap().len(), 8);
    let line = &body["data"][0];
    assert_eq!(
        (&line["BaseEntry"], &line["Quantity"], &line["ManBtchNum"]),
        (&json!("478"), &json!("1"), &json!("Y"))
    );
    assert_eq!(line["linetable"][0]["BinAbsEntry"], "14");
    let plain = barcode.receipt("1", "2").request();
    assert_eq!(plain["MainTable"]["Inverted"], "N");
    assert_eq!(plain["data"][0]["ManBtchNum"], "N");
}

#[tokio::test]
async fn both_push_from_the_management_port_too() {
    let sandbox = Sandbox::start().await.unwrap();
    let receiver = Receiver::start(&sandbox, r#"{"code":"200","message":"OK","data":[1]}"#).await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let call = async |method: reqwest::Method, path: &str, body: Value| {
        let url = format!("{}{path}", sandbox.management_url());
        let sent = http.request(method, url).header("content-type", "application/json");
        let answer = sent.body(body.to_string()).send().await.unwrap();
        let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap());
        (status, serde_json::from_str::<Value>(&text).unwrap_or_default())
    };
    let (put, post, get) = (reqwest::Method::PUT, reqwest::Method::POST, reqwest::Method::GET);
    let row = json!({"rows": [{"ItemCode": "A"}, {"ItemCode": "B"}]});

    let (status, refused) = call(post.clone(), "/plm/push/item", row.clone()).await;
    assert_eq!(status, 404, "{refused}");
    assert_eq!(call(post.clone(), "/plm/push/drawing", row.clone()).await.0, 400);
    let target =
        json!({"url": receiver.server.url(), "app_code": "c", "shape": {"wrapped": "data"}});
    assert_eq!(call(put.clone(), "/plm/targets/item", target).await.0, 204);
    let (status, pushes) = call(post.clone(), "/plm/push/item", row).await;
    assert_eq!(
        (status, &pushes[0]["shown"], &pushes[0]["success"]),
        (200, &json!("OK"), &json!(true))
    );
    assert_eq!(receiver.bodies(), [json!({"data": [{"ItemCode": "A"}, {"ItemCode": "B"}]})]);
    let misspelt = json!({"url": "http://x", "app_kode": "c"});
    assert_eq!(call(put.clone(), "/plm/targets/bom", misspelt).await.0, 422);
    assert_eq!(call(get.clone(), "/plm/pushes", Value::Null).await.1.as_array().unwrap().len(), 1);

    assert_eq!(call(post.clone(), "/barcode/methods", Value::Null).await.0, 404);
    assert_eq!(call(put.clone(), "/barcode/server", json!({"app_code": "c"})).await.0, 400);
    let server = json!({"base": receiver.server.url(), "app_code": "c"});
    assert_eq!(call(put, "/barcode/server", server).await.0, 204);
    for (path, body) in [
        ("methods", Value::Null),
        ("companies", Value::Null),
        ("query", json!({"sql": "select 1"})),
        ("print-query", json!({"sql": "select 1"})),
        ("save", json!({"method": "Returns"})),
        (
            "receipt",
            json!({"order": "1", "quantity": "2", "batches": [{"number": "B1", "quantity": "2"}],
                   "backflush": {"sql": "Select 1"}}),
        ),
    ] {
        let (status, answer) = call(post.clone(), &format!("/barcode/{path}"), body).await;
        assert_eq!((status, &answer["data"]), (200, &json!([1])), "{path}: {answer}");
    }
    let (_, _, body) = receiver.last();
    let sent: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(sent["MainTable"]["InvertedSql"], "Select 1");
    assert_eq!(sent["data"][0]["linetable"][0]["BatchNumber"], "B1");
    let (_, twice) = call(post, "/barcode/save-twice", json!({"method": "Returns"})).await;
    assert_eq!(twice.as_array().unwrap().len(), 2);
    assert_eq!(call(get, "/barcode/calls", Value::Null).await.1.as_array().unwrap().len(), 8);
}

#[tokio::test]
async fn pushes_go_on_their_way_while_nobody_waits() {
    let sandbox = Sandbox::start().await.unwrap();
    let receiver = Receiver::start(&sandbox, r#"{"code":"200","message":"OK"}"#).await;
    let (plm, barcode) = (sandbox.plm(), sandbox.barcode());
    let item = |code: &str| (Family::Item, json!({"ItemCode": code}));
    assert!(matches!(plm.push_later(vec![item("A")]), Err(Error::NotFound(_))));
    assert!(matches!(barcode.save_later(vec![json!({})]), Err(Error::NotFound(_))));

    plm.configure(Family::Item, TargetInterface::new(receiver.server.url()));
    plm.push_later(vec![item("A"), item("B")]).unwrap();
    plm.settled().await;
    assert_eq!(receiver.bodies(), [json!({"ItemCode": "A"}), json!({"ItemCode": "B"})]);
    barcode.configure(Addresses::under(&receiver.server.url()), "c");
    barcode.save_later(vec![json!({"n": 1}), json!({"n": 2})]).unwrap();
    barcode.settled().await;
    assert_eq!(receiver.bodies(), [json!({"n": 1}), json!({"n": 2})]);
    assert_eq!((plm.pushes().len(), barcode.calls().len()), (2, 2));
}
