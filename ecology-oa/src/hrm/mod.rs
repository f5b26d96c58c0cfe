//! People and departments (人力资源, `/api/hrm/resful/…`, spelt like this).
//!
//! The server lets these calls in by the token, by the address of the caller, or by a key:
//! [`HrmAuth`].

mod account;
mod sync;
mod users;

use erplink_core::{Idempotency, Results};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

pub use account::Account;
pub use sync::{SyncKind, Synced};
pub use users::{HrmUser, ListUsers, UserKey, UserStatus};

use crate::client::{Client, Endpoint, Exchange, Identity};
use crate::config::{HrmAuth, KeyDigest};
use crate::digest::hex_digest;
use crate::encoding::Params;
use crate::error::{Error, Expect, Result};
use crate::workflow::walk;

const fn read(name: &'static str) -> Endpoint {
    Endpoint::new(name, Idempotency::Safe, Expect::Hrm)
}

const DEPARTMENTS: Endpoint = read("POST /api/hrm/resful/getHrmdepartmentWithPage");
const SUBCOMPANIES: Endpoint = read("POST /api/hrm/resful/getHrmsubcompanyWithPage");
const JOB_TITLES: Endpoint = read("POST /api/hrm/resful/getJobtitleInfoWithPage");

const PAGE_SIZE: u32 = 20;

/// The HR calls. From [`Client::hrm`].
#[derive(Clone, Debug)]
pub struct Hrm {
    client: Client,
}

impl Client {
    /// The HR calls (人力资源).
    #[must_use]
    pub fn hrm(&self) -> Hrm {
        Hrm { client: self.clone() }
    }
}

/// A department, subsidiary or position, with the columns the server sends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct HrmRow(Map<String, Value>);

impl HrmRow {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> Option<String> {
        self.text("id")
    }

    /// A column as text, such as `departmentname`; empty ones are `None`.
    #[must_use]
    pub fn text(&self, column: &str) -> Option<String> {
        self.0.get(column).and_then(crate::lenient::into_text)
    }

    /// All columns.
    #[must_use]
    pub fn columns(&self) -> &Map<String, Value> {
        &self.0
    }
}

impl Hrm {
    /// `POST /api/hrm/resful/getHrmdepartmentWithPage`: all departments (部门).
    pub fn departments(&self) -> Results<HrmRow, Error> {
        self.rows(DEPARTMENTS)
    }

    /// `POST /api/hrm/resful/getHrmsubcompanyWithPage`: all subsidiaries (分部).
    pub fn subcompanies(&self) -> Results<HrmRow, Error> {
        self.rows(SUBCOMPANIES)
    }

    /// `POST /api/hrm/resful/getJobtitleInfoWithPage`: all positions (岗位).
    pub fn job_titles(&self) -> Results<HrmRow, Error> {
        self.rows(JOB_TITLES)
    }

    fn rows(&self, endpoint: Endpoint) -> Results<HrmRow, Error> {
        let client = self.client.clone();
        pages(client, endpoint, Map::new(), PAGE_SIZE, HrmRow::id)
    }
}

/// Walks the pages of a list.
fn pages<T: DeserializeOwned + Send + 'static>(
    client: Client,
    endpoint: Endpoint,
    filters: Map<String, Value>,
    page_size: u32,
    key: fn(&T) -> Option<String>,
) -> Results<T, Error> {
    walk(page_size as usize, key, move |page| {
        let (client, mut filters) = (client.clone(), filters.clone());
        filters.insert("pagesize".into(), page_size.into());
        filters.insert("curpage".into(), page.into());
        async move {
            #[derive(Deserialize)]
            struct Page<T> {
                #[serde(
                    rename = "dataList",
                    default = "Vec::new",
                    deserialize_with = "crate::lenient::list",
                    bound(deserialize = "T: DeserializeOwned")
                )]
                rows: Vec<T>,
            }
            let params = Params::new().nested("params", Value::Object(filters));
            let exchange = endpoint.exchange().body(params.body(client.encoding()));
            let exchange = identified(&client, exchange)?;
            Ok(client.call_data::<Page<T>>(&exchange).await?.rows)
        }
    })
}

/// Shows who calls, in the way that is configured.
fn identified(client: &Client, mut exchange: Exchange) -> Result<Exchange> {
    match &client.inner.hrm_auth {
        HrmAuth::Token => {}
        HrmAuth::Address => exchange.identity = Identity::Headers(HeaderMap::new()),
        HrmAuth::Key { identifier, digest } => {
            let ts = client.clock().utc().timestamp_millis().to_string();
            let key = match digest {
                KeyDigest::Md5 => hex_digest::<md5::Md5>(&[identifier.expose(), &ts]),
                KeyDigest::Sm3 => hex_digest::<sm3::Sm3>(&[identifier.expose(), &ts]),
            };
            let mut headers = HeaderMap::with_capacity(2);
            let value = |text: &str| {
                HeaderValue::from_str(text).map_err(|_| Error::config("hrm_auth: unusable key"))
            };
            let mut key = value(&key.to_ascii_uppercase())?;
            key.set_sensitive(true);
            headers.insert(HeaderName::from_static("key"), key);
            headers.insert(HeaderName::from_static("ts"), value(&ts)?);
            exchange.identity = Identity::Headers(headers);
        }
    }
    Ok(exchange)
}
