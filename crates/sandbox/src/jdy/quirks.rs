//! Where the documentation is silent or sources disagree: switches.

use serde::Deserialize;

/// How the simulated platform behaves where nobody knows. The default is the likeliest.
///
/// The management port takes them as JSON, enumerations in `snake_case`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Quirks {
    /// How vouchers have to be wrapped: bare (an array), or in `list`.
    pub body: Shape,
    /// How the filter of the list has to be wrapped: bare, or in `filter`.
    pub filter: Shape,
    /// Whether a `linkId` is taken once only.
    pub unique_link_ids: bool,
    /// How a `linkId` that is there is refused.
    pub duplicate_message: String,
    /// The code of the whole when a part of a batch is refused.
    pub partial_code: i64,
    /// The code of queries that succeed; 200 and 250 were seen besides 0.
    pub query_code: i64,
    /// What a query that finds nothing answers.
    pub empty_list: EmptyList,
    /// What the list is called: `items` or `records`.
    pub list_name: String,
    /// Whether the list says how many pages there are.
    pub total_pages: bool,
    /// Whether the list shows the `linkId` of a voucher.
    pub shows_link_id: bool,
    /// Whether the list passes over `linkId` in a filter.
    pub ignores_link_id: bool,
    /// For so many seconds (on the simulated clock) a new voucher is not in the list.
    pub list_lag: u64,
    /// A new token ends the ones before.
    pub new_token_voids_old: bool,
    /// Members that the sandbox does not know are ignored, not refused with 501.
    pub ignore_unknown_members: bool,
}

impl Default for Quirks {
    fn default() -> Self {
        Quirks {
            body: Shape::Bare,
            filter: Shape::Wrapped,
            unique_link_ids: true,
            duplicate_message: "外部系统编号linkId重复".to_owned(),
            partial_code: 0,
            query_code: 0,
            empty_list: EmptyList::default(),
            list_name: "items".to_owned(),
            total_pages: true,
            shows_link_id: true,
            ignores_link_id: false,
            list_lag: 0,
            new_token_voids_old: false,
            ignore_unknown_members: false,
        }
    }
}

/// How something has to be wrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// Not at all.
    Bare,
    /// In an object.
    Wrapped,
}

/// What a query that finds nothing answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmptyList {
    /// Code 46002 (暂无查询结果) and no list.
    #[default]
    NothingFound,
    /// Code 48001 (未预期的错误) and no list.
    Unexpected,
    /// Success with an empty list.
    Empty,
}
