use std::sync::Arc;

use async_trait::async_trait;
use erplink_core::Secret;
use erplink_core::app_code::AppCodes;
use erplink_sync::FlowId;
use plm_tianyu::{AnswerFormat, Config, router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::rows::LedgerRows;
use super::{PlmRows, SYSTEM};
use crate::config::shape::{Key, Shape, default, optional, required};
use crate::receive::{Doors, Entrance, Receiver};
use crate::system::{Finding, Missing, Settings, System, SystemKind, Systems};

pub(crate) const KIND: SystemKind = SystemKind {
    name: SYSTEM,
    doc: "Tianyu PLM (天喻 PLM), which pushes to us and has no interface of its own.",
    keys: KEYS,
    example: include_str!("example.toml"),
    connect,
};

const KEYS: &[Key] = &[
    required(
        "app_code",
        Shape::Secret,
        "The AppCode that the PLM sends in X-ApiG-AppCode (访问凭证).",
    ),
    optional("next_app_code", Shape::Secret, "A second one that is good as well, for a change."),
    default(
        "behind_https_proxy",
        Shape::Bool,
        "false",
        "Refuses what did not come through the HTTPS of the proxy in front.",
    ),
    default("body_limit", Shape::Integer(1, 1 << 30), "12582912", "The largest push, in bytes."),
    optional(
        "answer",
        Shape::Table(ANSWER),
        "How the PLM reads our answers, unless by `code` and `message`.",
    ),
];

const ANSWER: &[Key] = &[
    default("status_path", Shape::Text, r#""code""#, "响应状态路径, with dots between the names."),
    default(
        "success_value",
        Shape::Text,
        r#""200""#,
        "响应状态值; a text of digits is written as a number.",
    ),
    optional(
        "failure_value",
        Shape::Text,
        "What stands there on failure; 400, 413 or 500 if unset.",
    ),
    default("message_path", Shape::Text, r#""message""#, "响应消息路径."),
    default(
        "malformed_status",
        Shape::Integer(200, 599),
        "200",
        "The HTTP status of pushes that cannot be read.",
    ),
];

#[derive(Clone, Debug, Deserialize)]
struct Entry {
    app_code: Secret,
    #[serde(default)]
    next_app_code: Option<Secret>,
    #[serde(default)]
    behind_https_proxy: bool,
    #[serde(default = "body_limit")]
    body_limit: usize,
    #[serde(default)]
    answer: Option<Answer>,
}

fn body_limit() -> usize {
    12 << 20
}

#[derive(Clone, Debug, Deserialize)]
struct Answer {
    status_path: String,
    success_value: String,
    #[serde(default)]
    failure_value: Option<String>,
    message_path: String,
    malformed_status: u16,
}

impl Answer {
    fn format(self) -> AnswerFormat {
        AnswerFormat {
            status_path: self.status_path,
            success_value: value(self.success_value),
            failure_value: self.failure_value.map(value),
            message_path: self.message_path,
            malformed_status: self.malformed_status,
            ..AnswerFormat::default()
        }
    }
}

/// The PLM compares what it prints: `200` is a number in every known sample.
fn value(text: String) -> Value {
    text.parse::<u32>().map_or(Value::String(text), |number| json!(number))
}

fn connect(mut settings: Settings) -> Result<Arc<dyn System>, String> {
    let entry: Entry = settings.read()?;
    let codes = std::iter::once(entry.app_code).chain(entry.next_app_code).collect::<Vec<_>>();
    AppCodes::new(codes.iter().cloned()).map_err(|error| format!("app_code: {error}"))?;
    let answer = entry.answer.map(Answer::format).unwrap_or_default();
    answer.check().map_err(|problem| format!("answer: {problem}"))?;
    let plm = Plm::new(codes).answers(answer).body_limit(entry.body_limit);
    Ok(Arc::new(if entry.behind_https_proxy { plm.behind_https_proxy() } else { plm }))
}

/// The PLM of a company: who may push, and how it is answered.
#[derive(Clone, Debug)]
pub struct Plm {
    codes: Vec<Secret>,
    behind_https_proxy: bool,
    body_limit: usize,
    answer: AnswerFormat,
}

impl Plm {
    /// Whoever shows one of these AppCodes may push.
    #[must_use]
    pub fn new(codes: impl IntoIterator<Item = Secret>) -> Self {
        Self {
            codes: codes.into_iter().collect(),
            behind_https_proxy: false,
            body_limit: body_limit(),
            answer: AnswerFormat::default(),
        }
    }

    /// How the PLM reads answers.
    #[must_use]
    pub fn answers(mut self, answer: AnswerFormat) -> Self {
        self.answer = answer;
        self
    }

    /// The largest push, in bytes.
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Refuses what did not come through the HTTPS of the proxy in front.
    #[must_use]
    pub fn behind_https_proxy(mut self) -> Self {
        self.behind_https_proxy = true;
        self
    }

    /// That of a company.
    ///
    /// # Errors
    /// When the company has none.
    pub fn of(systems: &Systems) -> Result<&Self, Missing> {
        systems.get(SYSTEM)
    }

    /// `/COMPANY/plm/FLOW`: gives the rows of each push to the flow, and answers the PLM with what
    /// became of them. The PLM administrator enters the address into a target interface (目标接口).
    #[must_use]
    pub fn receiver(&self, company: &str, flow: &str, rows: &PlmRows) -> Receiver {
        let (plm, rows) = (self.clone(), rows.clone());
        let open = move |path: &str, doors: Doors| {
            let reader = rows.locked(|config| plm.lock(config)).map_err(|no| no.to_string())?;
            let ledger = Arc::new(LedgerRows(doors.only()?));
            Ok(Entrance::Routes(router(path, reader, ledger)))
        };
        Receiver::new(format!("/{company}/{SYSTEM}/{flow}"), open)
            .door("", FlowId::new(company, flow))
    }

    fn lock(&self, config: &mut Config) {
        config.allow_anonymous = false;
        config.app_codes.clone_from(&self.codes);
        config.behind_https_proxy = self.behind_https_proxy;
        config.body_limit = self.body_limit;
        config.answer = self.answer.clone();
    }
}

#[async_trait]
impl System for Plm {
    fn name(&self) -> &'static str {
        SYSTEM
    }

    /// Nothing: the PLM has no interface that could be asked.
    async fn check(&self) -> Vec<Finding> {
        Vec::new()
    }
}
