//! The switches of the simulated Service Layer.

use chrono::FixedOffset;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How the simulated Service Layer behaves.
///
/// The defaults are the documented behaviour; the other values are what some systems are known to
/// do. Use struct update: `Options { page_size: 2, ..Options::default() }`.
///
/// The management port shows and takes them as JSON, enumerations in `snake_case`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Port; 0 (the default): any free one.
    pub port: u16,
    /// The first segment of every path, as behind a cloud gateway: `6160`. Empty: none.
    pub tenant_prefix: String,
    /// `true` (the default): properties that SAP's metadata and the registered user-defined fields
    /// do not have are refused. `false`: they are kept, and values of a wrong type too.
    pub strict: bool,
    /// Rows a page when the client asks for nothing; 20.
    pub page_size: usize,
    /// Minutes without a request after which a session is gone; 30.
    pub session_timeout_minutes: u32,
    /// How `b1s/v1` prints dates. `b1s/v2` always prints midnight UTC.
    pub date_style: DateStyle,
    /// What the link to the next page looks like.
    pub next_link: NextLink,
    /// A link also follows the last page when that is full, and leads to an empty page.
    pub next_link_after_full_page: bool,
    /// `true` (the default): user-defined fields, tables and objects that a client registers appear
    /// only after a restart of the service. Those that the handle or the management port creates are
    /// there at once.
    pub new_fields_need_restart: bool,
    /// What the creation of a document answers when an approval template makes it a draft.
    pub approval_answer: ApprovalAnswer,
    /// A draft that changed after its approval becomes a document only when all of it is sent;
    /// with its key alone the answer is 234000127.
    pub changed_draft_needs_full_body: bool,
    /// The code with which a second decision of the same approver is refused.
    pub decided_twice_code: i64,
    /// Tables that the site added to those which stored queries (`SQLQueries`) may read.
    pub sql_tables: Vec<String>,
    /// Users without the rights of a superuser may run stored queries. `false` (the default): 403.
    pub sql_queries_for_everyone: bool,
    /// What a stored query answers that finds nothing.
    pub empty_answer: EmptyAnswer,
    /// The company's notification procedure resets `U_SyncStatus` of production orders.
    pub notification_procedure: bool,
    /// The company's time zone as seconds east of UTC; 28800 (China).
    pub utc_offset_seconds: i32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            tenant_prefix: "6160".to_owned(),
            strict: true,
            page_size: 20,
            session_timeout_minutes: 30,
            date_style: DateStyle::Plain,
            next_link: NextLink::Relative,
            next_link_after_full_page: false,
            new_fields_need_restart: true,
            approval_answer: ApprovalAnswer::Draft,
            changed_draft_needs_full_body: true,
            decided_twice_code: -5006,
            sql_tables: Vec::new(),
            sql_queries_for_everyone: false,
            empty_answer: EmptyAnswer::EmptyList,
            notification_procedure: true,
            utc_offset_seconds: 8 * 3600,
        }
    }
}

impl Options {
    /// These options with some replaced by the members of `changes`.
    pub(crate) fn changed(&self, changes: Map<String, Value>) -> Result<Self, serde_json::Error> {
        let mut all = serde_json::to_value(self)?;
        if let Value::Object(all) = &mut all {
            all.extend(changes);
        }
        serde_json::from_value(all)
    }

    pub(crate) fn time_zone(&self) -> Option<FixedOffset> {
        FixedOffset::east_opt(self.utc_offset_seconds)
    }
}

/// How `b1s/v1` prints dates: both styles are seen on real systems.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DateStyle {
    /// `2022-08-23`.
    #[default]
    Plain,
    /// `2022-08-23T00:00:00Z`.
    Midnight,
}

/// What the link to the next page looks like: all forms are seen on real systems.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NextLink {
    /// `Orders?$filter=…&$skip=20`: relative, with all options of the request.
    #[default]
    Relative,
    /// `Orders?$skip=20`: the other options are lost.
    Forgetful,
    /// `/b1s/v1/Orders?$skip=20`: from the server's root without the gateway's prefix, options lost.
    ServerRoot,
    /// `https://databaseserver:50001/b1s/v1/Orders?$filter=…&$skip=20`: an internal host.
    ForeignHost,
    /// `Orders?&$skip=20`: an empty option before, the others lost.
    Ampersand,
}

/// What a stored query answers that finds nothing: versions differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EmptyAnswer {
    /// 200 with an empty list.
    #[default]
    EmptyList,
    /// 404 and -2028.
    NotFound,
}

/// What the creation of a document answers when an approval template makes it a draft.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ApprovalAnswer {
    /// 201 with the draft.
    #[default]
    Draft,
    /// An error -2028 although the draft was saved, as some builds do.
    NoMatchingRecords,
}
