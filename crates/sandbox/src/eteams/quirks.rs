//! Where the documentation is silent or sources disagree: switches.

use serde::Deserialize;

/// How the simulated platform behaves where nobody knows. The default is the likeliest.
///
/// The management port takes them as JSON, enumerations in `snake_case`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Quirks {
    /// The access token is called `acessToken`, as on some pages.
    pub misspell_access_token: bool,
    /// `errcode` is a number, not text.
    pub errcode_as_number: bool,
    /// `expires_in` is text, not a number.
    pub expires_in_as_text: bool,
    /// The envelope of all answers; `None`: that of each call.
    pub envelope: Option<Envelope>,
    /// `GET` and forms are taken by the public cloud alone, `POST` and JSON by E10 alone.
    pub strict_dialect: bool,
    /// How an expired token is refused.
    pub expired_code: String,
    /// HTTP status of refusals.
    pub refusal_status: u16,
    /// A refresh wants `app_key` and `app_secret` as well.
    pub refresh_needs_app: bool,
    /// A refresh leaves the refresh token as it is.
    pub keep_refresh_token: bool,
    /// A new token voids the older ones.
    pub new_token_voids_old: bool,
    /// A token is looked for in the query alone, not in bodies.
    pub token_in_query_only: bool,
    /// What the older lists call their rows.
    pub list_name: String,
    /// What a department calls the id of the one above.
    pub parent_name: String,
    /// Ids are numbers, not text.
    pub ids_as_numbers: bool,
    /// Pages do not say how many rows there are.
    pub without_total: bool,
    /// Members that the sandbox does not know are ignored, not refused with 501.
    pub ignore_unknown_members: bool,
    /// The charset of all answers.
    pub charset: Charset,
    /// Whether `Content-Type` names that charset.
    pub names_charset: bool,
    /// Answers in UTF-8 begin with a byte order mark.
    pub byte_order_mark: bool,
}

/// Where `errcode` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Envelope {
    /// `{"errcode":"0","errmsg":"success",…}`.
    Flat,
    /// `{"message":{"errcode":"0","errmsg":"success"},"data":{…}}`.
    Nested,
}

/// The charset of answers. Characters that it does not have are written as `\u` and digits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Charset {
    /// UTF-8.
    #[default]
    Utf8,
    /// GBK.
    Gbk,
    /// Big5.
    Big5,
    /// ISO-8859-1.
    Latin1,
}

impl Default for Quirks {
    fn default() -> Self {
        Quirks {
            misspell_access_token: false,
            errcode_as_number: false,
            expires_in_as_text: false,
            envelope: None,
            strict_dialect: false,
            expired_code: "300001".to_owned(),
            refusal_status: 200,
            refresh_needs_app: false,
            keep_refresh_token: false,
            new_token_voids_old: false,
            token_in_query_only: false,
            list_name: "data".to_owned(),
            parent_name: "parent".to_owned(),
            ids_as_numbers: false,
            without_total: false,
            ignore_unknown_members: false,
            charset: Charset::Utf8,
            names_charset: true,
            byte_order_mark: false,
        }
    }
}
