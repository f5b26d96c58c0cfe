//! Writing form values.

use chrono::{NaiveDate, NaiveDateTime};
use erplink_core::Decimal;
use serde::Serialize;
use serde_json::{Value, json};

use super::{ComponentType, FormError};
use crate::workflow::AttachmentFile;

/// The platform's limit for one value, a whole table included.
const MAX_CHARS: usize = 65_535;
const MAX_PHOTOS: usize = 9;
const MAX_RELATED: usize = 9;

pub(super) const DATE: &str = "%Y-%m-%d";
pub(super) const DATE_TIME: &str = "%Y-%m-%d %H:%M";

/// The value of one form component, as create wants it.
///
/// The first argument is always the label of the component, exactly as the template has it, with
/// its full-width brackets (`金额（元）`). Limits are checked when the instance is created; the error
/// names the label.
///
/// ```
/// use dingtalk::workflow::FormValue;
///
/// let quantity = FormValue::number("数量", 12);
/// assert_eq!(serde_json::to_string(&quantity).unwrap(), r#"{"name":"数量","value":"12"}"#);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FormValue {
    pub(super) name: String,
    pub(super) value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) biz_alias: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ext_value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    component_type: Option<ComponentType>,
    /// What the value was written for; unknown for raw ones.
    #[serde(skip)]
    pub(super) kind: Option<ComponentType>,
    #[serde(skip)]
    pub(super) parts: Parts,
    #[serde(skip)]
    problem: Option<String>,
}

/// What a value was made of, for the check against a schema.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Parts {
    #[default]
    Text,
    Options(Vec<String>),
    Dates(Vec<NaiveDateTime>),
    Rows(Vec<Vec<FormValue>>),
}

impl FormValue {
    /// One line of text (单行输入框).
    pub fn text(label: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new(label, text, ComponentType::Text)
    }

    /// Several lines of text (多行输入框).
    pub fn textarea(label: impl Into<String>, text: impl Into<String>) -> Self {
        // The platform's own line break.
        let text = text.into().replace("\r\n", "\n").replace('\n', "\r\n");
        Self::new(label, text, ComponentType::Textarea)
    }

    /// A number (数字输入框), with exactly these digits.
    pub fn number(label: impl Into<String>, number: impl Into<Decimal>) -> Self {
        Self::new(label, number.into().to_string(), ComponentType::Number)
    }

    /// An amount (金额), with exactly these digits.
    pub fn money(label: impl Into<String>, amount: impl Into<Decimal>) -> Self {
        Self::new(label, amount.into().to_string(), ComponentType::Money)
    }

    /// One option of a list (单选框), by its text.
    pub fn select(label: impl Into<String>, option: impl Into<String>) -> Self {
        let option = option.into();
        Self::new(label, option.clone(), ComponentType::Select).with(Parts::Options(vec![option]))
    }

    /// Several options of a list (多选框), by their texts.
    pub fn multi_select<I: Into<String>>(
        label: impl Into<String>,
        options: impl IntoIterator<Item = I>,
    ) -> Self {
        let options = strings(options);
        Self::new(label, json!(options).to_string(), ComponentType::MultiSelect)
            .with(Parts::Options(options))
    }

    /// A date (日期), in the local time of the organisation.
    pub fn date(label: impl Into<String>, date: NaiveDate) -> Self {
        Self::new(label, date.format(DATE).to_string(), ComponentType::Date)
            .with(Parts::Dates(vec![midnight(date)]))
    }

    /// A date with time of day (日期, to the minute), in the local time of the organisation.
    pub fn date_time(label: impl Into<String>, at: NaiveDateTime) -> Self {
        Self::new(label, at.format(DATE_TIME).to_string(), ComponentType::Date)
            .with(Parts::Dates(vec![at]))
    }

    /// Two dates (时间区间). Such a component has two labels, such as `开始时间` and `结束时间`.
    pub fn date_range(
        labels: (impl Into<String>, impl Into<String>),
        from: NaiveDate,
        to: NaiveDate,
    ) -> Self {
        let name = json!([labels.0.into(), labels.1.into()]).to_string();
        let value = json!([from.format(DATE).to_string(), to.format(DATE).to_string()]);
        Self::new(name, value.to_string(), ComponentType::DateRange)
            .with(Parts::Dates(vec![midnight(from), midnight(to)]))
            .unless(to < from, || format!("the range ends ({to}) before it begins ({from})"))
    }

    /// A phone number (电话): `+86` may be left out, other countries need their prefix.
    pub fn phone(label: impl Into<String>, number: impl Into<String>) -> Self {
        Self::new(label, number, ComponentType::Phone)
    }

    /// Addresses of images (图片), at most 9.
    pub fn photos<I: Into<String>>(
        label: impl Into<String>,
        urls: impl IntoIterator<Item = I>,
    ) -> Self {
        let urls = strings(urls);
        let found = urls.len();
        Self::new(label, json!(urls).to_string(), ComponentType::Photo)
            .unless(found > MAX_PHOTOS, || format!("at most {MAX_PHOTOS} images, found {found}"))
    }

    /// Files of the approval space (附件). All five members of each have to be there.
    pub fn attachments(
        label: impl Into<String>,
        files: impl IntoIterator<Item = AttachmentFile>,
    ) -> Self {
        let files: Vec<AttachmentFile> = files.into_iter().collect();
        let missing = files.iter().find_map(AttachmentFile::missing_member);
        Self::new(label, json!(files).to_string(), ComponentType::Attachment)
            .unless(missing.is_some(), || {
                format!("a file lacks `{}`; all five members are required", missing.unwrap_or(""))
            })
    }

    /// People (联系人), by user id.
    pub fn contacts<I: Into<String>>(
        label: impl Into<String>,
        user_ids: impl IntoIterator<Item = I>,
    ) -> Self {
        Self::new(label, json!(strings(user_ids)).to_string(), ComponentType::Contact)
    }

    /// Departments (部门), by id.
    ///
    /// Written as documented, joined by commas; where an organisation wants a JSON array, use
    /// [`FormValue::raw`].
    pub fn departments(label: impl Into<String>, ids: impl IntoIterator<Item = i64>) -> Self {
        let ids: Vec<String> = ids.into_iter().map(|id| id.to_string()).collect();
        Self::new(label, ids.join(","), ComponentType::Department)
    }

    /// Other approval instances (关联审批单), by id, at most 9.
    pub fn related<I: Into<String>>(
        label: impl Into<String>,
        instance_ids: impl IntoIterator<Item = I>,
    ) -> Self {
        let ids = strings(instance_ids);
        let found = ids.len();
        Self::new(label, json!(ids).to_string(), ComponentType::Relate)
            .unless(found > MAX_RELATED, || {
                format!("at most {MAX_RELATED} related instances, found {found}")
            })
    }

    /// Province, city, district (省市区).
    ///
    /// Written as documented, joined by commas; where an organisation wants a JSON array, use
    /// [`FormValue::raw`].
    pub fn address<I: Into<String>>(
        label: impl Into<String>,
        parts: impl IntoIterator<Item = I>,
    ) -> Self {
        let parts = strings(parts);
        let comma = parts.iter().any(|part| part.contains(','));
        Self::new(label, parts.join(","), ComponentType::Address)
            .unless(comma, || "province, city and district may not contain a comma".to_owned())
    }

    /// Stars (评分).
    pub fn stars(label: impl Into<String>, stars: u32) -> Self {
        Self::new(label, stars.to_string(), ComponentType::StarRating)
    }

    /// The number of an identity card (身份证).
    pub fn id_card(label: impl Into<String>, number: impl Into<String>) -> Self {
        Self::new(label, number, ComponentType::IdCard)
    }

    /// A time and a place (时间地点). Such a component has two labels, such as `当前时间` and
    /// `当前地点`. Longitude and latitude are in degrees, the accuracy in metres.
    pub fn time_and_location(
        labels: (impl Into<String>, impl Into<String>),
        at: NaiveDateTime,
        (longitude, latitude): (f64, f64),
        address: impl Into<String>,
        accuracy: u32,
    ) -> Self {
        let name = json!([labels.0.into(), labels.1.into()]).to_string();
        let time = at.format("%Y-%m-%d %H:%M:%S").to_string();
        let value = json!([time, longitude, latitude, address.into(), accuracy]);
        let nowhere = !longitude.is_finite() || !latitude.is_finite();
        Self::new(name, value.to_string(), ComponentType::TimeAndLocation)
            .unless(nowhere, || "longitude and latitude have to be numbers".to_owned())
    }

    /// Rows of components (明细/表格). The platform advises at most 100 rows; the whole table has
    /// to fit into 65 535 characters.
    pub fn table(label: impl Into<String>, rows: impl IntoIterator<Item = Vec<FormValue>>) -> Self {
        Self::new(label, String::new(), ComponentType::Table)
            .with(Parts::Rows(rows.into_iter().collect()))
            .written()
    }

    /// A value as it is, for components and spellings this crate does not know.
    pub fn raw(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
            id: None,
            biz_alias: None,
            ext_value: None,
            component_type: None,
            kind: None,
            parts: Parts::Text,
            problem: None,
        }
    }

    /// Names the component by its id (`TextField_1UE1ZY1A28AO0`) too, where labels are not unique.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Names the component by its business alias (业务别名) too.
    #[must_use]
    pub fn alias(mut self, alias: impl Into<String>) -> Self {
        self.biz_alias = Some(alias.into());
        self
    }

    /// Adds the extended value, at most 65 535 characters.
    #[must_use]
    pub fn ext_value(mut self, value: impl Into<String>) -> Self {
        self.ext_value = Some(value.into());
        self
    }

    /// Sends the type of the component along.
    #[must_use]
    pub fn component_type(mut self, component_type: ComponentType) -> Self {
        self.component_type = Some(component_type);
        self
    }

    /// The label: JSON text of two labels for ranges.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value as it goes on the wire.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Checks the limits that hold for every template.
    ///
    /// # Errors
    /// The first problem, with the label.
    pub fn check(&self) -> Result<(), FormError> {
        let fail = |problem: String| Err(FormError::writing(&self.name, problem));
        if self.name.trim().is_empty() {
            return fail("the label is empty".to_owned());
        }
        if let Some(problem) = &self.problem {
            return fail(problem.clone());
        }
        for text in [Some(&self.value), self.ext_value.as_ref()].into_iter().flatten() {
            // Bytes are never fewer than characters: counting is needed for long texts only.
            if text.len() > MAX_CHARS && text.chars().count() > MAX_CHARS {
                let found = text.chars().count();
                return fail(format!("at most {MAX_CHARS} characters, found {found}"));
            }
        }
        if let Parts::Rows(rows) = &self.parts {
            for (index, row) in rows.iter().enumerate() {
                for cell in row {
                    cell.check().map_err(|error| error.inside(&self.name, index + 1))?;
                }
            }
        }
        Ok(())
    }

    fn new(name: impl Into<String>, value: impl Into<String>, kind: ComponentType) -> Self {
        Self { kind: Some(kind), ..Self::raw(name, value) }
    }

    fn with(mut self, parts: Parts) -> Self {
        self.parts = parts;
        self
    }

    fn unless(mut self, wrong: bool, problem: impl FnOnce() -> String) -> Self {
        if wrong {
            self.problem = Some(problem());
        }
        self
    }

    /// Writes the value anew from its rows.
    pub(super) fn written(mut self) -> Self {
        if let Parts::Rows(rows) = &self.parts {
            let rows: Vec<Value> =
                rows.iter().map(|row| row.iter().map(FormValue::cell).collect()).collect();
            self.value = Value::Array(rows).to_string();
        }
        self
    }

    /// Inside a table a component is its name or id, and its value.
    fn cell(&self) -> Value {
        match &self.id {
            Some(id) => json!({ "id": id, "value": self.value }),
            None => json!({ "name": self.name, "value": self.value }),
        }
    }
}

fn strings<I: Into<String>>(items: impl IntoIterator<Item = I>) -> Vec<String> {
    items.into_iter().map(Into::into).collect()
}

fn midnight(date: NaiveDate) -> NaiveDateTime {
    date.and_time(chrono::NaiveTime::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn writes_every_component_as_documented() {
        let at = day("2025-05-27").and_hms_opt(14, 27, 20).unwrap();
        let decimal = |text: &str| text.parse::<Decimal>().unwrap();
        for (value, expected) in [
            (FormValue::text("a", "测试"), "测试"),
            (FormValue::textarea("a", "行1\n行2\r\n行3"), "行1\r\n行2\r\n行3"),
            (FormValue::number("a", decimal("2.50")), "2.50"),
            (FormValue::money("a", decimal("100.00")), "100.00"),
            (FormValue::select("a", "选项1"), "选项1"),
            (FormValue::multi_select("a", ["选项1", "选项2"]), r#"["选项1","选项2"]"#),
            (FormValue::date("a", day("2025-05-27")), "2025-05-27"),
            (FormValue::date_time("a", at), "2025-05-27 14:27"),
            (
                FormValue::date_range(
                    ("开始时间", "结束时间"),
                    day("2025-05-27"),
                    day("2025-05-28"),
                ),
                r#"["2025-05-27","2025-05-28"]"#,
            ),
            (FormValue::phone("a", "13800000000"), "13800000000"),
            (FormValue::photos("a", ["https://h/a.png"]), r#"["https://h/a.png"]"#),
            (FormValue::contacts("a", ["0147"]), r#"["0147"]"#),
            (FormValue::departments("a", [417_223_049, 417_223_050]), "417223049,417223050"),
            (FormValue::related("a", ["fa2aa864"]), r#"["fa2aa864"]"#),
            (FormValue::address("a", ["北京", "北京市", "东城区"]), "北京,北京市,东城区"),
            (FormValue::stars("a", 5), "5"),
            (FormValue::id_card("a", "110101"), "110101"),
            (
                FormValue::time_and_location(
                    ("t", "p"),
                    at,
                    (120.021_195, 30.281_506),
                    "杭州",
                    100,
                ),
                r#"["2025-05-27 14:27:20",120.021195,30.281506,"杭州",100]"#,
            ),
            (FormValue::table("a", []), "[]"),
            (FormValue::raw("a", "{}"), "{}"),
        ] {
            assert_eq!(value.value(), expected, "{value:?}");
            value.check().unwrap();
        }
        let range =
            FormValue::date_range(("开始时间", "结束时间"), day("2025-05-27"), day("2025-05-28"));
        assert_eq!(range.name(), r#"["开始时间","结束时间"]"#);
    }

    #[test]
    fn nests_json_text_in_tables() {
        let table = FormValue::table(
            "物料明细",
            [vec![FormValue::text("编码", "A-001"), FormValue::contacts("人", ["u\"1"])]],
        );
        let rows: Value = serde_json::from_str(table.value()).unwrap();
        assert_eq!(rows[0][0], json!({"name": "编码", "value": "A-001"}));
        assert_eq!(rows[0][1]["value"], json!(r#"["u\"1"]"#));
        let by_id = FormValue::table("t", [vec![FormValue::text("编码", "A").id("TextField_1")]]);
        assert_eq!(by_id.value(), r#"[[{"id":"TextField_1","value":"A"}]]"#);
    }

    #[test]
    fn names_the_label_of_a_problem() {
        let long = "审".repeat(MAX_CHARS + 1);
        for (value, expected) in [
            (FormValue::text("备注", long), "`备注`: at most 65535 characters, found 65536"),
            (FormValue::photos("图", ["u"; 10]), "`图`: at most 9 images, found 10"),
            (FormValue::related("单", ["u"; 10]), "`单`: at most 9 related instances, found 10"),
            (FormValue::address("地", ["a,b"]), "`地`: province"),
            (FormValue::text(" ", "x"), "the label is empty"),
            (
                FormValue::date_range(("从", "到"), day("2025-02-01"), day("2025-01-01")),
                "before it begins",
            ),
            (
                FormValue::attachments("附件", [AttachmentFile::default()]),
                "`附件`: a file lacks `spaceId`",
            ),
            (
                FormValue::table("明细", [vec![], vec![FormValue::photos("图", ["u"; 10])]]),
                "`明细[2] / 图`: at most 9",
            ),
        ] {
            let error = value.check().unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
        }
        FormValue::text("备注", "审".repeat(MAX_CHARS)).check().unwrap();
    }
}
