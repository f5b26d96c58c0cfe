//! Where the platform is inconsistent, or nobody knows: switches.

use std::time::Duration;

use serde::{Deserialize, Deserializer};

/// How the platform behaves where its documentation leaves a choice. The default is the documented
/// form, or the stricter one where nothing is documented.
///
/// The management port takes them as JSON, enumerations in `snake_case`, delays in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Quirks {
    /// The corp used the secrets of built-in apps before 2023-12-01 and may go on: the secret of the
    /// approval app works for the approval calls.
    pub legacy_corp: bool,
    /// What a second `gettoken` does within the life of a token.
    pub token_policy: TokenPolicy,
    /// Answers of success carry neither `errcode` nor `errmsg`, as some of the platform's do.
    pub success_without_code: bool,
    /// A JSON body with `\uXXXX` escapes is accepted instead of refused with 40033.
    pub accept_unicode_escapes: bool,
    /// An applicant who is not visible to the app is refused with 301025 instead of 301055.
    pub invisible_applicant_as_301025: bool,
    /// `applyevent` takes a control without its `control` member, as older integrations send it, and
    /// its `text` for any type of control.
    pub lenient_contents: bool,
    /// `applyevent` refuses `process` beside `use_template_approver` 1 instead of ignoring it.
    pub refuse_process_with_template_flow: bool,
    /// `applyevent` with `use_template_approver` 0 and without `process` honours the members
    /// `approver`, `notifyer` and `notify_type`, which are no longer on the page.
    pub legacy_members: bool,
    /// A line of the summary beyond 20 characters is cut instead of refused.
    pub cut_long_summary: bool,
    /// Whether a form's detail shows its flow the old way, the new way, or both.
    pub flow_views: FlowViews,
    /// The detail and the event write sequential signing (依次审批) with this number in the old view
    /// of the flow, which has none for it.
    pub sequential_in_old_view: i64,
    /// Values in the detail carry nothing but their own member, without the empty lists of others.
    pub bare_values: bool,
    /// Who has not acted has an empty text as time of acting instead of 0.
    pub empty_time_as_text: bool,
    /// The detail spells `Sptime` and `Speech`, as seen on the wire, instead of `sptime` and `speech`.
    pub capital_members: bool,
    /// The last page of `getapprovalinfo` carries an empty cursor instead of none.
    pub empty_cursor_at_end: bool,
    /// `getapprovalinfo` takes numbers for `starttime` and `endtime`.
    pub numbers_as_times: bool,
    /// For so long (on the simulated clock) a new form is missing from `getapprovalinfo`.
    #[serde(deserialize_with = "seconds")]
    pub listing_delay: Duration,
    /// For so long (on the simulated clock) a form's detail and list entry show its earlier state
    /// after something happened, although the event was pushed.
    #[serde(deserialize_with = "seconds")]
    pub decision_lag: Duration,
    /// Events name the built-in approval app (3010040) as `AgentID` instead of the subscribed app.
    pub events_name_approval_app: bool,
    /// `StatuChangeEvent` when a form is deleted. `None`: no event. Not documented; 7 is a guess.
    pub delete_event: Option<i64>,
    /// `StatuChangeEvent` when a form is paid. `None`: no event. Not documented; 9 is a guess.
    pub pay_event: Option<i64>,
    /// A `+` in the echo text of the URL check travels as it is instead of percent-encoded.
    pub raw_plus: bool,
    /// `user/get` and `user/list` show mobile numbers and mail addresses, as apps older than 2022-06-20
    /// see them.
    pub show_private_members: bool,
}

impl Default for Quirks {
    fn default() -> Self {
        Quirks {
            legacy_corp: false,
            token_policy: TokenPolicy::Same,
            success_without_code: false,
            accept_unicode_escapes: false,
            invisible_applicant_as_301025: false,
            lenient_contents: false,
            refuse_process_with_template_flow: false,
            legacy_members: false,
            cut_long_summary: false,
            flow_views: FlowViews::Both,
            sequential_in_old_view: 2,
            bare_values: false,
            empty_time_as_text: false,
            capital_members: false,
            empty_cursor_at_end: false,
            numbers_as_times: false,
            listing_delay: Duration::ZERO,
            decision_lag: Duration::ZERO,
            events_name_approval_app: false,
            delete_event: Some(7),
            pay_event: Some(9),
            raw_plus: false,
            show_private_members: false,
        }
    }
}

fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    u64::deserialize(deserializer).map(Duration::from_secs)
}

/// What a second `gettoken` does within the life of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenPolicy {
    /// The same token with what is left of its life, as older editions of the page say.
    #[default]
    Same,
    /// A new token; the old one lives on.
    New,
    /// A new token; the old one is void (40014).
    Rotate,
}

/// Which of the two views of the flow a form's detail carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlowViews {
    /// `sp_record` and `process_list`.
    #[default]
    Both,
    /// `sp_record` alone.
    Old,
    /// `process_list` alone.
    New,
}
