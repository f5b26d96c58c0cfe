//! From the request to the answer.

use std::collections::BTreeMap;
use std::fmt;

use erplink_core::app_code::{AppCodes, Refused};
use http::{HeaderMap, StatusCode};
use tracing::{info, warn};

use crate::answer::{Answer, AnswerFormat, Reply};
use crate::config::{Config, ConfigError, DEFAULT_LIMIT};
use crate::{Company, company};

/// The five addresses that a company has in the barcode application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Endpoint {
    /// 可用方法返回接口: what can be saved. No input.
    Methods,
    /// 查询接口: the rows of a SQL text. `{"sql":"…"}`.
    Query,
    /// 保存接口: saves a document.
    Save,
    /// 返回账套接口: which company the address belongs to. No input.
    Companies,
    /// 打印用查询: the rows of a SQL text for label printing. `{"sql":"…"}`.
    PrintQuery,
}

impl Endpoint {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Methods, Self::Query, Self::Save, Self::Companies, Self::PrintQuery];

    /// The last part of its address: `methods`, `query`, `save`, `companies`, `print-query`.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Methods => "methods",
            Self::Query => "query",
            Self::Save => "save",
            Self::Companies => "companies",
            Self::PrintQuery => "print-query",
        }
    }

    /// The endpoint with this last part.
    #[must_use]
    pub fn at(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|endpoint| endpoint.path() == path)
    }

    fn answers_rows(self) -> bool {
        self != Self::Save
    }
}

/// Serves the barcode application: several companies behind one address.
#[derive(Clone)]
pub struct Barcode {
    codes: AppCodes,
    limit: usize,
    answer: AnswerFormat,
    companies: BTreeMap<String, Company>,
}

impl fmt::Debug for Barcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Barcode")
            .field("codes", &self.codes)
            .field("companies", &self.companies)
            .finish_non_exhaustive()
    }
}

impl Barcode {
    /// For callers with one of these codes.
    #[must_use]
    pub fn new(codes: AppCodes) -> Self {
        Self {
            codes,
            limit: DEFAULT_LIMIT,
            answer: AnswerFormat::default(),
            companies: BTreeMap::new(),
        }
    }

    /// From data.
    ///
    /// # Errors
    /// When the configuration cannot work; the text names the field.
    pub fn from_config(config: Config) -> Result<Self, ConfigError> {
        let this = Self::new(config.codes()?);
        Ok(Self { limit: config.body_limit, answer: config.answer, ..this })
    }

    /// Serves a company under this part of the address. One of the same id is replaced.
    #[must_use]
    pub fn company(mut self, id: impl Into<String>, company: Company) -> Self {
        self.companies.insert(id.into(), company);
        self
    }

    /// The largest body that is read.
    #[must_use]
    pub fn body_limit(&self) -> usize {
        self.limit
    }

    /// Checks the AppCode alone: do it before the body is read.
    ///
    /// # Errors
    /// [`Refused`], whose answer [`refuse`](Self::refuse) writes.
    pub fn check(&self, headers: &HeaderMap) -> Result<(), Refused> {
        self.codes.check(headers)
    }

    /// The answer to a caller without a valid AppCode.
    #[must_use]
    pub fn refuse(&self, refused: &Refused) -> Reply {
        Reply { status: refused.status(), body: refused.body() }
    }

    /// The answer to a body larger than [`body_limit`](Self::body_limit): HTTP 413.
    #[must_use]
    pub fn too_large(&self, endpoint: Endpoint) -> Reply {
        let text = format!("the body is larger than {} bytes", self.limit);
        self.answer.reply(StatusCode::PAYLOAD_TOO_LARGE, &failure(endpoint, &text))
    }

    /// From the request to the answer. HTTP 200 for what the ERP refused as well: the application
    /// judges by the code in the answer.
    ///
    /// **Await it to its end**, see [`Company::save`].
    pub async fn handle(
        &self,
        company: &str,
        endpoint: Endpoint,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Reply {
        if let Err(refused) = self.check(headers) {
            warn!("a call of the barcode application was refused: {refused}");
            return self.refuse(&refused);
        }
        if body.len() > self.limit {
            return self.too_large(endpoint);
        }
        let Some(served) = self.companies.get(company) else {
            let company: String = company.chars().take(60).collect();
            let text = format!("no company `{company}` is served here: check the address");
            return self.answer.reply(StatusCode::NOT_FOUND, &failure(endpoint, &text));
        };
        let answer = match endpoint {
            Endpoint::Methods => company::methods(),
            Endpoint::Query => served.answer_query(body, false).await,
            Endpoint::Save => served.answer_save(body).await,
            Endpoint::Companies => served.answer_info().await,
            Endpoint::PrintQuery => served.answer_query(body, true).await,
        };
        let path = endpoint.path();
        match answer.is_success {
            true => info!("{company}/{path} was answered"),
            false => warn!("{company}/{path} failed: {}", answer.message),
        }
        self.answer.reply(StatusCode::OK, &answer)
    }
}

fn failure(endpoint: Endpoint, text: &str) -> Answer {
    let text = text.to_owned();
    if endpoint.answers_rows() { Answer::no_rows(&text) } else { Answer::nothing(&text) }
}
