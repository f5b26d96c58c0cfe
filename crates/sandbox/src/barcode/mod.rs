//! The barcode application (条码应用) with its scanners: it calls five addresses of a server for each
//! company.
//!
//! ```
//! use erplink_sandbox::barcode::Addresses;
//! use serde_json::json;
//!
//! # async fn run(sandbox: &erplink_sandbox::Sandbox) -> Result<(), erplink_sandbox::Error> {
//! let barcode = sandbox.barcode();
//! barcode.configure(Addresses::under("http://127.0.0.1:8080/barcode/demo"), "code-for-the-scanners");
//! let receipt = barcode.receipt("478", "1").backflush("Select … Where T2.\"ManBtchNum\"='Y' ", None);
//! let answer = barcode.save(&receipt.request()).await?;
//! assert!(answer.is_success(), "{}", answer.message);
//! # Ok(())
//! # }
//! ```

mod management;
mod scan;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(crate) use management::management;
pub use scan::Receipt;

use crate::caller::{Caller, OnTheirWay};
use crate::{Clock, Error};

/// The five addresses of a company, as they are typed into the application's settings.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Addresses {
    /// 可用方法返回接口.
    pub methods: String,
    /// 查询接口.
    pub query: String,
    /// 保存接口.
    pub save: String,
    /// 返回账套接口.
    pub companies: String,
    /// 打印用查询.
    pub print_query: String,
}

impl Addresses {
    /// `methods`, `query`, `save`, `companies` and `print-query` under one address.
    #[must_use]
    pub fn under(base: &str) -> Self {
        let at = |name: &str| format!("{}/{name}", base.trim_end_matches('/'));
        Self {
            methods: at("methods"),
            query: at("query"),
            save: at("save"),
            companies: at("companies"),
            print_query: at("print-query"),
        }
    }
}

/// One call of the application and what the person with the scanner saw.
#[derive(Debug, Clone, Serialize)]
pub struct Answer {
    /// When, on the simulated clock.
    pub at: DateTime<Utc>,
    /// The address.
    pub url: String,
    /// What was posted.
    pub body: String,
    /// The HTTP status, if there was an answer.
    pub http_status: Option<u16>,
    /// `code` as text.
    pub code: String,
    /// `message`, or why there is no answer.
    pub message: String,
    /// `data`.
    pub data: Value,
}

impl Answer {
    /// Whether the application takes it for done: `code` is 200.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.code == "200"
    }
}

/// The simulated application. Clones are the same one.
#[derive(Debug, Clone)]
pub struct Barcode {
    clock: Clock,
    caller: Caller,
    on_their_way: OnTheirWay,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    server: Option<(Addresses, String)>,
    patience: Duration,
    calls: Vec<Answer>,
}

impl Barcode {
    pub(crate) fn new(clock: Clock) -> Self {
        let patience = Duration::from_secs(30);
        let state = State { server: None, patience, calls: Vec::new() };
        let (caller, on_their_way) = (Caller::new(), OnTheirWay::new());
        Self { clock, caller, on_their_way, state: Arc::new(Mutex::new(state)) }
    }

    /// Types the addresses of a company and the AppCode into the settings.
    pub fn configure(&self, addresses: Addresses, app_code: impl Into<String>) {
        self.state().server = Some((addresses, app_code.into()));
    }

    /// How long the application waits for an answer, in real time. Default 30 seconds.
    pub fn set_patience(&self, patience: Duration) {
        self.state().patience = patience;
    }

    /// Asks what can be saved.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] before [`configure`](Self::configure). A call that failed is none: see
    /// [`Answer`].
    pub async fn methods(&self) -> Result<Answer, Error> {
        self.call(|addresses| addresses.methods, &json!({})).await
    }

    /// Runs a SQL text.
    ///
    /// # Errors
    ///
    /// As [`methods`](Self::methods).
    pub async fn query(&self, sql: &str) -> Result<Answer, Error> {
        self.call(|addresses| addresses.query, &json!({ "sql": sql })).await
    }

    /// Runs a SQL text for label printing.
    ///
    /// # Errors
    ///
    /// As [`methods`](Self::methods).
    pub async fn print_query(&self, sql: &str) -> Result<Answer, Error> {
        self.call(|addresses| addresses.print_query, &json!({ "sql": sql })).await
    }

    /// Asks for the company.
    ///
    /// # Errors
    ///
    /// As [`methods`](Self::methods).
    pub async fn companies(&self) -> Result<Answer, Error> {
        self.call(|addresses| addresses.companies, &json!({})).await
    }

    /// Saves a document.
    ///
    /// # Errors
    ///
    /// As [`methods`](Self::methods).
    pub async fn save(&self, document: &Value) -> Result<Answer, Error> {
        self.call(|addresses| addresses.save, document).await
    }

    /// The button is tapped twice: the same document, both calls at once.
    ///
    /// # Errors
    ///
    /// As [`methods`](Self::methods).
    pub async fn save_twice(&self, document: &Value) -> Result<[Answer; 2], Error> {
        let (first, second) = tokio::join!(self.save(document), self.save(document));
        Ok([first?, second?])
    }

    /// Documents are saved one after the other, while the person with the scanner does something
    /// else; see [`settled`](Self::settled) and [`calls`](Self::calls). Only within a runtime.
    ///
    /// # Errors
    ///
    /// As [`methods`](Self::methods).
    pub fn save_later(&self, documents: Vec<Value>) -> Result<(), Error> {
        self.server()?;
        let (barcode, on_its_way) = (self.clone(), self.on_their_way.begin());
        tokio::spawn(async move {
            for document in &documents {
                drop(barcode.save(document).await);
            }
            drop(on_its_way);
        });
        Ok(())
    }

    /// Waits until nothing is on its way.
    pub async fn settled(&self) {
        self.on_their_way.none().await;
    }

    fn server(&self) -> Result<(Addresses, String), Error> {
        self.state().server.clone().ok_or_else(|| {
            Error::NotFound("no addresses are typed into the barcode application".to_owned())
        })
    }

    /// A receipt from production (生产收货) as a scanner makes it: a production order and a quantity.
    #[must_use]
    pub fn receipt(&self, order: &str, quantity: &str) -> Receipt {
        Receipt::new(order, quantity, self.clock.now())
    }

    /// Every call so far, in the order of the answers.
    #[must_use]
    pub fn calls(&self) -> Vec<Answer> {
        self.state().calls.clone()
    }

    async fn call(
        &self,
        address: impl FnOnce(Addresses) -> String,
        body: &Value,
    ) -> Result<Answer, Error> {
        let patience = self.state().patience;
        let (addresses, app_code) = self.server()?;
        let (url, body) = (address(addresses), body.to_string());
        let at = self.clock.now();
        let header = [("X-Apig-AppCode".to_owned(), app_code)];
        let answered = self.caller.post(&url, &header, body.clone(), patience).await;
        let mut answer = Answer {
            at,
            url,
            body,
            http_status: None,
            code: String::new(),
            message: String::new(),
            data: Value::Null,
        };
        match answered {
            Err(why) => answer.message = why,
            Ok((status, text)) => {
                answer.http_status = Some(status);
                answer.read(&text);
            }
        }
        self.state().calls.push(answer.clone());
        Ok(answer)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Answer {
    fn read(&mut self, text: &str) {
        let Ok(mut answer) = serde_json::from_str::<Value>(text) else {
            "the answer is not JSON".clone_into(&mut self.message);
            return;
        };
        let printed = |value: Option<&Value>| match value {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        self.code = printed(answer.get("code"));
        self.message = printed(answer.get("message"));
        self.data = answer.get_mut("data").map(Value::take).unwrap_or_default();
    }
}
