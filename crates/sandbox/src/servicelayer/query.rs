//! Query options, percent-encoding, `Prefer`.

use http::HeaderMap;

use super::company::Dialect;
use super::refusal::Refusal;

/// Decodes `%41` and, in a query, `+`.
pub(crate) fn decode(text: &str, plus_is_blank: bool) -> Result<String, Refusal> {
    let text = if plus_is_blank { text.replace('+', " ") } else { text.to_owned() };
    percent_encoding::percent_decode_str(&text)
        .decode_utf8()
        .map(|text| text.into_owned())
        .map_err(|_| Refusal::malformed("the URL is not UTF-8"))
}

/// The options of a read.
#[derive(Debug, Default)]
pub(crate) struct Query {
    /// `None`: everything. Names as sent, navigation paths included.
    pub(crate) select: Option<Vec<String>>,
    pub(crate) filter: Option<String>,
    pub(crate) order_by: Option<String>,
    pub(crate) top: Option<usize>,
    pub(crate) skip: usize,
    pub(crate) expand: Option<String>,
    /// The total is wanted.
    pub(crate) count: bool,
    /// The options as sent, except the position.
    pub(crate) without_skip: String,
}

impl Query {
    pub(crate) fn parse(text: &str, dialect: Dialect) -> Result<Self, Refusal> {
        let mut query = Self::default();
        let mut kept = Vec::new();
        for option in text.split('&').filter(|option| !option.is_empty()) {
            let (name, value) = option.split_once('=').unwrap_or((option, ""));
            let name = decode(name, true)?;
            let value = decode(value, true)?;
            if name != "$skip" {
                kept.push(option);
            }
            match name.as_str() {
                "$select" => query.select = select(&value)?,
                "$filter" => query.filter = Some(value),
                "$orderby" => query.order_by = Some(value),
                "$expand" => query.expand = Some(value),
                "$top" => query.top = Some(number("$top", &value)?),
                "$skip" => query.skip = number("$skip", &value)?,
                "$inlinecount" => match value.as_str() {
                    "allpages" => query.count = true,
                    "none" => {}
                    _ => return Err(Refusal::bad_query(format_args!("$inlinecount={value}"))),
                },
                "$count" if dialect == Dialect::V2 => match value.as_str() {
                    "true" => query.count = true,
                    "false" => {}
                    _ => return Err(Refusal::bad_query(format_args!("$count={value}"))),
                },
                "$apply" => return Err(Refusal::unsupported("$apply")),
                "$format" => {}
                option if option.starts_with('$') => {
                    return Err(Refusal::bad_query(format_args!("the option {option}")));
                }
                _ => {}
            }
        }
        query.without_skip = kept.join("&");
        Ok(query)
    }
}

fn number(option: &str, value: &str) -> Result<usize, Refusal> {
    value.parse().map_err(|_| Refusal::bad_query(format_args!("{option}={value}")))
}

fn select(value: &str) -> Result<Option<Vec<String>>, Refusal> {
    let names: Vec<&str> = value.split(',').map(str::trim).collect();
    let first_is_letter =
        |name: &&str| name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if let Some(odd) = names.iter().find(|name| **name != "*" && !first_is_letter(name)) {
        return Err(Refusal::bad_query(format_args!("$select={odd}")));
    }
    Ok((!names.contains(&"*")).then(|| names.into_iter().map(str::to_owned).collect()))
}

/// What `Prefer` and `B1S-*` headers ask for.
#[derive(Debug, Default)]
pub(crate) struct Preferences {
    /// Page size; 0: no paging.
    pub(crate) page_size: Option<usize>,
    /// The page size came by `Prefer`, so its application is confirmed.
    pub(crate) confirmed: bool,
    pub(crate) no_content: bool,
    pub(crate) replace_rows: bool,
    pub(crate) ignore_case: bool,
}

impl Preferences {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let is_true = |name| text(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let mut preferences = Self {
            page_size: text("B1S-PageSize").and_then(|size| size.trim().parse().ok()),
            replace_rows: is_true("B1S-ReplaceCollectionsOnPatch"),
            ignore_case: is_true("B1S-CaseInsensitive"),
            ..Self::default()
        };
        for preference in headers
            .get_all("Prefer")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split([',', ';']))
            .map(str::trim)
        {
            if preference == "return-no-content" {
                preferences.no_content = true;
            } else if let Some(size) = preference.strip_prefix("odata.maxpagesize=")
                && let Ok(size) = size.trim().parse()
            {
                preferences.page_size = Some(size);
                preferences.confirmed = true;
            }
        }
        preferences
    }
}
