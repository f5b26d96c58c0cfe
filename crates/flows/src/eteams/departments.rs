use async_trait::async_trait;
use erplink_core::{ErrorKind, Members, RawJson};
use erplink_sync::ports::{PageRequest, Source, SourcePage};
use erplink_sync::{Document, Failure};
use serde::{Deserialize, Serialize};
use weaver_eteams::Client;
use weaver_eteams::organization::{MAX_PAGE_SIZE, Unit, Units};

use super::SYSTEM;
use crate::config::shape::{Key, Shape, optional};

/// What a person reads when the departments cannot be read, for each way of failing.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Messages {
    /// The answer does not meet the condition of success (不满足条件提示).
    pub condition_not_met: Option<String>,
    /// No answer in time (请求超时提示).
    pub timeout: Option<String>,
    /// Anything else (请求异常提示).
    pub exception: Option<String>,
}

/// The keys of [`Messages`].
pub(crate) const MESSAGES: &[Key] = &[
    optional("condition_not_met", Shape::Text, "When eteams refuses (不满足条件提示)."),
    optional("timeout", Shape::Text, "When there is no answer in time (请求超时提示)."),
    optional("exception", Shape::Text, "When anything else goes wrong (请求异常提示)."),
];

impl Messages {
    /// The failure with the text for it in front.
    fn tell(&self, error: weaver_eteams::Error) -> Failure {
        let text = match error.kind() {
            _ if error.api_error().is_some() => &self.condition_not_met,
            ErrorKind::Timeout => &self.timeout,
            _ => &self.exception,
        };
        let failure = Failure::from(error);
        match text {
            Some(text) => failure.introduced(text),
            None => failure,
        }
    }
}

/// Departments (部门), and subsidiaries (分部) if asked for, as eteams shows them:
/// `{"Department": …}`. Every look reads all of them; what changed is told by its content.
#[derive(Clone, Debug)]
pub struct Departments {
    query: Units,
    messages: Messages,
}

impl Departments {
    /// Enabled departments, so many a page.
    #[must_use]
    pub fn new(client: &Client, page_size: u32) -> Self {
        let page_size = page_size.clamp(1, MAX_PAGE_SIZE);
        let query = client.organization().departments().page_size(page_size);
        Self { query, messages: Messages::default() }
    }

    /// Subsidiaries (分部) as well.
    #[must_use]
    pub fn with_subsidiaries(mut self) -> Self {
        self.query = self.query.of_both_kinds();
        self
    }

    /// Disabled (停用) ones as well.
    #[must_use]
    pub fn with_disabled(mut self) -> Self {
        self.query = self.query.with_disabled();
        self
    }

    /// Extension fields (扩展字段) as well.
    #[must_use]
    pub fn with_extension(mut self) -> Self {
        self.query = self.query.with_extension();
        self
    }

    /// What a person reads when they cannot be read.
    #[must_use]
    pub fn messages(mut self, messages: Messages) -> Self {
        self.messages = messages;
        self
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Content<'a> {
    department: &'a Members,
}

#[async_trait]
impl Source for Departments {
    fn system(&self) -> &str {
        SYSTEM
    }

    async fn page(&self, request: PageRequest) -> Result<SourcePage, Failure> {
        let number = match request.cursor {
            None => 1,
            Some(cursor) => cursor
                .parse()
                .map_err(|error| Failure::park(format!("the cursor of a page: {error}")))?,
        };
        let page = self.query.page(number).await.map_err(|error| self.messages.tell(error))?;
        let document = |unit: Unit| {
            let content = RawJson::of(&Content { department: &unit.raw }).map_err(Failure::park)?;
            // Two with one name may be one entity of the target: one after the other finds it.
            let order = unit.name.unwrap_or_else(|| unit.id.clone());
            Ok(Document::new(unit.id, content).order(order))
        };
        let documents = page.items.into_iter().map(document).collect::<Result<_, Failure>>()?;
        let next = page.next.map(|number| number.to_string());
        Ok(SourcePage { documents, next, checkpoint: None })
    }
}
