//! Reading form values back.

use chrono::{NaiveDate, NaiveDateTime};
use erplink_core::{Decimal, date, decimal};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::value::{DATE, DATE_TIME};
use super::{ComponentType, FormError};
use crate::lenient::into_text;
use crate::workflow::AttachmentFile;

/// The filled-in components of a form, or of one row of a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FormValues(Vec<FormComponent>);

/// One row of a table (明细/表格).
pub type FormRow = FormValues;

/// One filled-in component, as the platform sent it.
///
/// The read side differs from the write side: contacts come as names with their ids in the
/// extended value, tables as objects, empty components as the text `null`. The accessors know.
/// Accessors that convert answer `None` for an empty component and an error that names the label
/// for something else than what was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FormComponent {
    /// Id of the component (`key` inside a table).
    pub id: Option<String>,
    /// Label of the component.
    pub name: Option<String>,
    /// Business alias set in the template.
    pub biz_alias: Option<String>,
    /// Type of the component.
    pub component_type: Option<ComponentType>,
    /// The value as sent; the text `null` when the component is empty.
    pub value: Option<String>,
    /// The extended value as sent: mostly JSON text.
    pub ext_value: Option<String>,
}

impl FormValues {
    /// The component with this business alias, or else this id, or else this label.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&FormComponent> {
        let by = |member: fn(&FormComponent) -> Option<&String>| {
            self.0.iter().find(|component| member(component).is_some_and(|found| found == name))
        };
        by(|c| c.biz_alias.as_ref())
            .or_else(|| by(|c| c.id.as_ref()))
            .or_else(|| by(|c| c.name.as_ref()))
    }

    /// [`FormValues::get`] for a component that has to be there.
    ///
    /// # Errors
    /// Names the component and the labels the form has.
    pub fn require(&self, name: &str) -> Result<&FormComponent, FormError> {
        self.get(name).ok_or_else(|| {
            let labels: Vec<&str> = self.0.iter().filter_map(|c| c.name.as_deref()).collect();
            FormError::reading(name, format!("not in the form; it has {}", labels.join(", ")))
        })
    }

    /// All components, in the order of the platform.
    pub fn iter(&self) -> std::slice::Iter<'_, FormComponent> {
        self.0.iter()
    }

    /// How many components there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no component.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> IntoIterator for &'a FormValues {
    type Item = &'a FormComponent;
    type IntoIter = std::slice::Iter<'a, FormComponent>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl FromIterator<FormComponent> for FormValues {
    fn from_iter<I: IntoIterator<Item = FormComponent>>(components: I) -> Self {
        Self(components.into_iter().collect())
    }
}

impl<'de> Deserialize<'de> for FormValues {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::lenient::list(deserializer).map(Self)
    }
}

impl<'de> Deserialize<'de> for FormComponent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut members = Map::<String, Value>::deserialize(deserializer)?;
        // The same thing has one name in a form and another in a table.
        let mut take = |names: &[&str]| {
            names.iter().find_map(|name| members.remove(*name).and_then(into_text))
        };
        Ok(Self {
            id: take(&["id", "key"]),
            name: take(&["name", "label"]),
            biz_alias: take(&["bizAlias"]),
            component_type: take(&["componentType"]).map(ComponentType::from),
            value: take(&["value"]),
            ext_value: take(&["extValue", "extendValue"]),
        })
    }
}

impl FormComponent {
    /// The text; `None` when the component is empty.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        filled(self.value.as_deref())
    }

    /// A number or amount, exact.
    ///
    /// # Errors
    /// When the text is not a decimal number.
    pub fn decimal(&self) -> Result<Option<Decimal>, FormError> {
        self.parse("a decimal number", |text| decimal::from_json_text(text).ok())
    }

    /// An integer, such as the number of a source document (来源单号).
    ///
    /// # Errors
    /// When the text is not an integer.
    pub fn integer(&self) -> Result<Option<i64>, FormError> {
        self.parse("an integer", |text| text.trim().parse().ok())
    }

    /// A date; a time of day is left out.
    ///
    /// # Errors
    /// When the text does not begin with a date.
    pub fn date(&self) -> Result<Option<NaiveDate>, FormError> {
        self.parse("a date", |text| date::date(text).ok())
    }

    /// A date with its time of day; midnight for a plain date.
    ///
    /// # Errors
    /// When the text is neither.
    pub fn date_time(&self) -> Result<Option<NaiveDateTime>, FormError> {
        self.parse("a date with time", moment)
    }

    /// Both ends of a date range (时间区间).
    ///
    /// # Errors
    /// When the value is not a JSON array of two dates.
    pub fn date_range(&self) -> Result<Option<(NaiveDateTime, NaiveDateTime)>, FormError> {
        self.parse("a JSON array of two dates", |text| {
            let ends: Vec<Value> = serde_json::from_str(text).ok()?;
            let mut ends = ends.into_iter().filter_map(into_text);
            Some((moment(&ends.next()?)?, moment(&ends.next()?)?))
        })
    }

    /// The texts of the chosen options (单选框, 多选框).
    #[must_use]
    pub fn options(&self) -> Vec<String> {
        self.texts()
    }

    /// Addresses of images (图片).
    #[must_use]
    pub fn photos(&self) -> Vec<String> {
        self.texts()
    }

    /// Ids of related instances (关联审批单); some organisations are sent titles.
    #[must_use]
    pub fn related(&self) -> Vec<String> {
        self.texts()
    }

    /// User ids of people (联系人), from the extended value; the value itself holds their names.
    #[must_use]
    pub fn user_ids(&self) -> Vec<String> {
        self.ids(&["emplId", "userId", "userid"])
    }

    /// Department ids (部门), from the extended value; the value itself holds their names.
    #[must_use]
    pub fn department_ids(&self) -> Vec<String> {
        self.ids(&["id", "deptId"])
    }

    /// Files (附件).
    ///
    /// # Errors
    /// When the value is not a JSON array of files.
    pub fn attachments(&self) -> Result<Vec<AttachmentFile>, FormError> {
        self.parse("a JSON array of files", |text| serde_json::from_str(text).ok())
            .map(Option::unwrap_or_default)
    }

    /// The rows of a table (明细/表格), whether in the form of reading or in the form of writing.
    ///
    /// # Errors
    /// When the value is not a JSON array.
    pub fn rows(&self) -> Result<Vec<FormRow>, FormError> {
        let elements: Option<Vec<Value>> =
            self.parse("a JSON array of rows", |text| serde_json::from_str(text).ok())?;
        let cells = elements.unwrap_or_default().into_iter().filter_map(|element| match element {
            Value::Array(cells) => Some(Value::Array(cells)),
            Value::Object(mut row) => row.remove("rowValue"),
            _ => None,
        });
        cells
            .map(|cells| {
                serde_json::from_value(cells)
                    .map_err(|error| self.unlike(&format!("rows of cells ({error})")))
            })
            .collect()
    }

    fn parse<T>(
        &self,
        expected: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, FormError> {
        match self.text() {
            None => Ok(None),
            Some(text) => read(text).map(Some).ok_or_else(|| self.unlike(expected)),
        }
    }

    fn unlike(&self, expected: &str) -> FormError {
        let found: String = self.text().unwrap_or("nothing").chars().take(60).collect();
        let label = self.name.as_deref().or(self.id.as_deref()).unwrap_or("(no label)");
        FormError::reading(label, format!("expected {expected}, found `{found}`"))
    }

    /// The entries of a JSON array; text that is none is the single entry.
    fn texts(&self) -> Vec<String> {
        match self.text() {
            None => Vec::new(),
            Some(text) => match serde_json::from_str::<Vec<Value>>(text) {
                Ok(entries) => entries.into_iter().filter_map(into_text).collect(),
                Err(_) => vec![text.to_owned()],
            },
        }
    }

    /// The ids in the extended value; those of the written form where there is none.
    fn ids(&self, members: &[&str]) -> Vec<String> {
        let entries: Option<Vec<Value>> =
            filled(self.ext_value.as_deref()).and_then(|text| serde_json::from_str(text).ok());
        if let Some(entries) = entries {
            return entries
                .into_iter()
                .filter_map(|mut entry| {
                    members.iter().find_map(|member| into_text(entry.get_mut(*member)?.take()))
                })
                .collect();
        }
        let written: Option<Vec<Value>> =
            self.text().and_then(|text| serde_json::from_str(text).ok());
        written.unwrap_or_default().into_iter().filter_map(into_text).collect()
    }
}

/// The platform writes the four letters `null` for an empty component.
fn filled(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty() && *text != "null")
}

fn moment(text: &str) -> Option<NaiveDateTime> {
    let text = text.trim();
    [DATE_TIME, "%Y-%m-%d %H:%M:%S"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .or_else(|| {
            let date = NaiveDate::parse_from_str(text, DATE).ok()?;
            Some(date.and_time(chrono::NaiveTime::MIN))
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn form(json: &str) -> FormValues {
        serde_json::from_str(json).unwrap()
    }

    fn component(value: &str, ext_value: Option<&str>) -> FormComponent {
        FormComponent {
            name: Some("标签".into()),
            value: Some(value.into()),
            ext_value: ext_value.map(Into::into),
            ..FormComponent::default()
        }
    }

    #[test]
    fn looks_up_by_alias_then_id_then_label() {
        let form = form(
            r#"[{"name":"a","value":"by label"},{"id":"a","value":"by id"},
                {"bizAlias":"a","value":"by alias"},{"id":"b","name":"c","value":"x"}]"#,
        );
        assert_eq!(form.get("a").unwrap().text(), Some("by alias"));
        assert_eq!(form.get("b").unwrap().text(), Some("x"));
        assert_eq!(form.get("c").unwrap().text(), Some("x"));
        let error = form.require("来源单号").unwrap_err();
        assert!(error.to_string().contains("`来源单号`: not in the form; it has a, c"), "{error}");
    }

    #[test]
    fn takes_the_text_null_for_empty() {
        for json in [
            r#"[{"name":"a","value":"null"}]"#,
            r#"[{"name":"a","value":null}]"#,
            r#"[{"name":"a"}]"#,
        ] {
            let form = form(json);
            let empty = form.get("a").unwrap();
            assert_eq!(empty.text(), None);
            assert_eq!(empty.decimal().unwrap(), None);
            assert_eq!(empty.date_range().unwrap(), None);
            assert!(empty.rows().unwrap().is_empty() && empty.user_ids().is_empty());
            assert!(empty.attachments().unwrap().is_empty() && empty.options().is_empty());
        }
    }

    #[test]
    fn reads_ids_of_people_and_departments_from_the_extended_value() {
        let people = component(
            "张三,李四",
            Some(r#"[{"emplId":"manager4974","name":"张三"},{"emplId":"0147","name":"李四"}]"#),
        );
        assert_eq!(people.user_ids(), ["manager4974", "0147"]);
        let departments = component("采购部", Some(r#"[{"id":417223049,"name":"采购部"}]"#));
        assert_eq!(departments.department_ids(), ["417223049"]);
        assert_eq!(component(r#"["manager4974"]"#, None).user_ids(), ["manager4974"]);
    }

    #[test]
    fn reads_tables_of_both_forms() {
        let read = component(
            r#"[{"rowValue":[{"componentType":"TextField","label":"物料编码","value":"A-001",
                "key":"TextField_1","extendValue":{"a":1}},{"label":"数量","value":"10"}],
                "rowNumber":"TableField_1"}]"#,
            None,
        );
        let written = component(
            r#"[[{"name":"物料编码","value":"A-001"},{"name":"数量","value":"10"}]]"#,
            None,
        );
        for table in [&read, &written] {
            let rows = table.rows().unwrap();
            assert_eq!(rows.len(), 1);
            assert_eq!(rows[0].get("物料编码").unwrap().text(), Some("A-001"));
            assert_eq!(rows[0].get("数量").unwrap().decimal().unwrap(), Some(Decimal::from(10)));
        }
        let cell = read.rows().unwrap()[0].get("TextField_1").unwrap().clone();
        assert_eq!(cell.ext_value.as_deref(), Some(r#"{"a":1}"#));
        let schema_like = component(r#"[{"componentName":"TableField","props":{}}]"#, None);
        assert!(schema_like.rows().unwrap().is_empty());
    }

    #[test]
    fn reads_dates_files_and_options() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let at = day("2025-05-27").and_hms_opt(10, 30, 0).unwrap();
        assert_eq!(component("2025-05-27 10:30", None).date_time().unwrap(), Some(at));
        assert_eq!(component("2025-05-27 10:30", None).date().unwrap(), Some(day("2025-05-27")));
        let range = component(r#"["2025-05-27","2025-05-28",1.0,"天"]"#, None);
        let (from, to) = range.date_range().unwrap().unwrap();
        assert_eq!((from.date(), to.date()), (day("2025-05-27"), day("2025-05-28")));
        let files = component(
            r#"[{"spaceId":"1635","fileName":"a.jpg","fileSize":333,"fileType":"jpg","fileId":6433}]"#,
            None,
        );
        let file = &files.attachments().unwrap()[0];
        assert_eq!(
            (file.file_size.as_deref(), file.file_id.as_deref()),
            (Some("333"), Some("6433"))
        );
        assert_eq!(component(r#"["选项1","选项2"]"#, None).options(), ["选项1", "选项2"]);
        assert_eq!(component("选项1", None).options(), ["选项1"]);
    }

    #[test]
    fn names_label_shape_and_expectation() {
        let error = component("twelve", None).decimal().unwrap_err();
        assert_eq!(
            error.to_string(),
            "form component `标签`: expected a decimal number, found `twelve`"
        );
    }

    proptest! {
        #[test]
        fn no_value_panics(value in ".*", ext in ".*") {
            let component = component(&value, Some(&ext));
            let _ = (component.decimal(), component.date(), component.date_time(), component.date_range());
            let _ = (component.rows(), component.attachments(), component.user_ids(), component.options());
        }
    }
}
