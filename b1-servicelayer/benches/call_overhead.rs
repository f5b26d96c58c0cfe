//! A typed call against bare `reqwest` and `serde_json`, on the same server in the same run.
//!
//! The server answers one document of about 2.5 KB over keep-alive connections, in its own
//! thread. It never sleeps: a client on the same machine pays for waking its server, more often
//! the slower it is, and so its own cost would count twice. A server elsewhere costs it nothing.
//! Compare the two lines of each group: the goal is at most 10 % less at 8 calls at once.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a panic is how a test fails

use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use b1_servicelayer::Client;
use b1_servicelayer::entities::Document;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

fn document() -> String {
    let line = |number: usize| {
        format!(
            r#"{{"LineNum":{number},"ItemCode":"11028-{number}","ItemDescription":"六角螺栓 M8","Quantity":55.0,"Price":300.125,"Currency":"CNY","WarehouseCode":"01","LineTotal":16506.875,"VatGroup":"J1","MeasureUnit":"PCS","UoMEntry":1,"LineStatus":"bost_Open","BaseType":-1,"TaxCode":null,"U_Specifications":"10 mm","ActualDeliveryDate":null,"PickQuantity":0.0}}"#
        )
    };
    let lines: Vec<_> = (0..6).map(line).collect();
    format!(
        r#"{{"odata.metadata":"https://h/b1s/v1/$metadata#Orders/@Element","odata.etag":"W/\"356A192B7913B04C54574D18C28D46E6395428AB\"","DocEntry":22,"DocNum":11,"DocType":"dDocument_Items","DocDate":"2014-04-01","DocDueDate":"2014-04-05","CardCode":"c1","CardName":"上海某某有限公司","DocTotal":99041.25,"DocCurrency":"CNY","Comments":null,"DocumentStatus":"bost_Open","Cancelled":"tNO","UpdateDate":"2023-10-20","UpdateTime":"15:03:20","U_ISSYN":"N","HandWritten":"tNO","ContactPersonCode":null,"DocumentLines":[{}]}}"#,
        lines.join(",")
    )
}

fn response(body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Answers every request: logins with a session, everything else with the document.
async fn serve(mut stream: TcpStream, login: Vec<u8>, document: Vec<u8>) {
    let mut buffer = Vec::new();
    loop {
        while let Some(end) = end_of_request(&buffer) {
            let answer = if buffer.starts_with(b"POST") { &login } else { &document };
            if stream.write_all(answer).await.is_err() {
                return;
            }
            buffer.drain(..end);
        }
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return,
            Ok(read) => buffer.extend_from_slice(&chunk[..read]),
        }
    }
}

fn end_of_request(buffer: &[u8]) -> Option<usize> {
    let head = buffer.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&buffer[..head]).unwrap().to_ascii_lowercase();
    let length = text.split("content-length:").nth(1);
    let body = length.map_or(0, |rest| rest.lines().next().unwrap().trim().parse().unwrap());
    (buffer.len() >= head + body).then_some(head + body)
}

fn start_server() -> String {
    let (sender, receiver) = std::sync::mpsc::channel();
    thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            sender.send(listener.local_addr().unwrap()).unwrap();
            tokio::spawn(async {
                loop {
                    tokio::task::yield_now().await;
                }
            });
            let login = response(r#"{"SessionId":"ac79876e","SessionTimeout":30}"#);
            let document = response(&document());
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                stream.set_nodelay(true).unwrap();
                tokio::spawn(serve(stream, login.clone(), document.clone()));
            }
        });
    });
    format!("http://{}", receiver.recv().unwrap())
}

/// Makes `total` calls, `at_once` of them at the same time, and says how long it took.
async fn drive<F, Fut>(total: u64, at_once: u64, call: F) -> Duration
where
    F: Fn() -> Fut + Clone + Send + 'static,
    Fut: Future<Output = ()> + Send,
{
    let started = Instant::now();
    let mut workers = JoinSet::new();
    for worker in 0..at_once {
        let call = call.clone();
        let share = total / at_once + u64::from(worker < total % at_once);
        workers.spawn(async move {
            for _ in 0..share {
                call().await;
            }
        });
    }
    while let Some(done) = workers.join_next().await {
        done.unwrap();
    }
    started.elapsed()
}

fn call_overhead(criterion: &mut Criterion) {
    let root = start_server();
    let runtime: Runtime =
        Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let typed = Client::builder(&root).company_db("C").credentials("u", "p").build().unwrap();
    let bare = reqwest::Client::new();
    let address = format!("{root}/b1s/v1/Orders(22)");

    for at_once in [1, 8] {
        let mut group = criterion.benchmark_group(format!("get a document, {at_once} at once"));
        group.throughput(Throughput::Elements(1)).measurement_time(Duration::from_secs(8));
        let (client, address) = (bare.clone(), address.clone());
        group.bench_function("bare reqwest and serde_json", |bencher| {
            bencher.to_async(&runtime).iter_custom(|total| {
                let (client, address) = (client.clone(), address.clone());
                drive(total, at_once, move || {
                    let request = client.get(&address).header("cookie", "B1SESSION=ac79876e");
                    async move {
                        let body = request.send().await.unwrap().bytes().await.unwrap();
                        let document: Document = serde_json::from_slice(&body).unwrap();
                        black_box(document);
                    }
                })
            });
        });
        group.bench_function("typed client", |bencher| {
            bencher.to_async(&runtime).iter_custom(|total| {
                let orders = typed.orders();
                drive(total, at_once, move || {
                    let order = orders.key(22);
                    async move {
                        black_box(order.get().await.unwrap());
                    }
                })
            });
        });
        group.finish();
    }
}

criterion_group!(benches, call_overhead);
criterion_main!(benches);
