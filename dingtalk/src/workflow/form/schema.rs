//! What a template (审批模板) wants its form to hold.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};

use super::value::{DATE, DATE_TIME, FormValue, Parts};
use super::{ComponentType, FormError};
use crate::lenient;

/// A template with the components of its form.
#[serde_with::apply(
    Option<String> => #[serde(deserialize_with = "lenient::text")],
)]
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct FormSchema {
    /// The template's process code.
    #[serde(rename = "formCode")]
    pub process_code: Option<String>,
    /// Id of the form.
    pub form_uuid: Option<String>,
    /// Id of the app that owns it.
    pub app_uuid: Option<String>,
    /// Name of the template.
    pub name: Option<String>,
    /// Description.
    pub memo: Option<String>,
    /// `PUBLISHED`, `INVALID` or `SAVED`.
    pub status: Option<String>,
    /// Who made it.
    pub creator_user_id: Option<String>,
    /// When it was changed, in milliseconds of the epoch.
    #[serde(deserialize_with = "lenient::int")]
    pub gmt_modified: Option<i64>,
    /// The form.
    #[serde(rename = "schemaContent", deserialize_with = "content")]
    pub components: Vec<SchemaComponent>,
    /// Members this version does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// One component of a template's form.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct SchemaComponent {
    /// Type of the component.
    pub component_type: Option<ComponentType>,
    /// Id, such as `TextField_1UE1ZY1A28AO0`.
    pub id: Option<String>,
    /// Label; JSON text of two labels for ranges.
    pub label: Option<String>,
    /// Business alias.
    pub biz_alias: Option<String>,
    /// Whether it must be filled in.
    pub required: bool,
    /// The texts of the options.
    pub options: Vec<String>,
    /// Format of dates, `yyyy-MM-dd` or `yyyy-MM-dd HH:mm`.
    pub format: Option<String>,
    /// Unit, such as `天` or `小时`.
    pub unit: Option<String>,
    /// Components inside a table.
    pub children: Vec<SchemaComponent>,
    /// Every property as sent.
    pub props: Map<String, Value>,
}

fn content<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<SchemaComponent>, D::Error> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Content {
        #[serde(deserialize_with = "lenient::list")]
        items: Vec<SchemaComponent>,
    }
    Ok(Option::<Content>::deserialize(deserializer)?.unwrap_or_default().items)
}

impl<'de> Deserialize<'de> for SchemaComponent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Default, Deserialize)]
        #[serde(rename_all = "camelCase", default)]
        struct Wire {
            #[serde(alias = "componentType", deserialize_with = "lenient::name")]
            component_name: Option<ComponentType>,
            #[serde(deserialize_with = "lenient::object")]
            props: Map<String, Value>,
            #[serde(deserialize_with = "lenient::list")]
            children: Vec<SchemaComponent>,
        }
        let Wire { component_name, props, children } = Wire::deserialize(deserializer)?;
        let text = |name: &str| props.get(name).cloned().and_then(lenient::into_text);
        let options = ["options", "objOptions"]
            .into_iter()
            .filter_map(|name| props.get(name)?.as_array())
            .find(|options| !options.is_empty());
        Ok(Self {
            component_type: component_name,
            id: text("id").or_else(|| text("componentId")),
            label: text("label"),
            biz_alias: text("bizAlias"),
            required: text("required").is_some_and(|flag| flag == "true"),
            options: options.into_iter().flatten().filter_map(option_text).collect(),
            format: text("format"),
            unit: text("unit"),
            children,
            props,
        })
    }
}

/// An option is text, an object with the text in it, or such an object as JSON text.
fn option_text(option: &Value) -> Option<String> {
    let member = |object: &Value| object.get("value")?.as_str().map(ToOwned::to_owned);
    match option {
        Value::String(text) => serde_json::from_str::<Value>(text)
            .ok()
            .and_then(|parsed| member(&parsed))
            .or_else(|| Some(text.clone())),
        object => member(object),
    }
}

impl FormSchema {
    /// Checks values against the template and writes dates in the format each component has.
    ///
    /// Found are: labels the form does not have, labels that need an id because several components
    /// share them, values of another kind, options outside the list, required components that are
    /// missing.
    ///
    /// # Errors
    /// The first problem, with the label.
    pub fn fit(
        &self,
        values: impl IntoIterator<Item = FormValue>,
    ) -> Result<Vec<FormValue>, FormError> {
        fit_all(&self.components, values.into_iter().collect())
    }
}

fn fit_all(
    components: &[SchemaComponent],
    values: Vec<FormValue>,
) -> Result<Vec<FormValue>, FormError> {
    let mut filled = vec![false; components.len()];
    let mut fitted = Vec::with_capacity(values.len());
    for value in values {
        value.check()?;
        let index = find(components, &value)?;
        if let (Some(component), Some(seen)) = (components.get(index), filled.get_mut(index)) {
            *seen |= !value.value.is_empty();
            fitted.push(component.fit(value)?);
        }
    }
    let missing = components.iter().zip(filled).find(|(c, filled)| c.required && !filled);
    match missing {
        Some((component, _)) => Err(FormError::writing(component.title(), "required, not given")),
        None => Ok(fitted),
    }
}

fn find(components: &[SchemaComponent], value: &FormValue) -> Result<usize, FormError> {
    let fail = |problem: String| Err(FormError::writing(&value.name, problem));
    let matches: Vec<usize> = components
        .iter()
        .enumerate()
        .filter(|(_, component)| match (&value.id, &value.biz_alias) {
            (Some(id), _) => component.id.as_ref() == Some(id),
            (None, Some(alias)) => component.biz_alias.as_ref() == Some(alias),
            (None, None) => component.has_label(&value.name),
        })
        .map(|(index, _)| index)
        .collect();
    match matches.as_slice() {
        [index] => Ok(*index),
        [] => {
            let labels: Vec<&str> = components.iter().map(SchemaComponent::title).collect();
            fail(format!("not in the template; it has {}", labels.join(", ")))
        }
        several => fail(format!(
            "{} components have this label; name the component with `.id(…)`",
            several.len()
        )),
    }
}

impl SchemaComponent {
    fn title(&self) -> &str {
        self.label.as_deref().or(self.id.as_deref()).unwrap_or("(no label)")
    }

    /// Labels of ranges are JSON text, which need not be the same text.
    fn has_label(&self, name: &str) -> bool {
        let Some(label) = self.label.as_deref() else { return false };
        let list = |text| serde_json::from_str::<Vec<String>>(text).ok();
        label == name || list(label).is_some_and(|labels| Some(labels) == list(name))
    }

    fn fit(&self, mut value: FormValue) -> Result<FormValue, FormError> {
        let fail = |problem: String| Err(FormError::writing(self.title(), problem));
        if let (Some(written), Some(expected)) = (&value.kind, &self.component_type)
            && !written.fits(expected)
        {
            return fail(format!("the component is a {expected}, the value one for {written}"));
        }
        match &mut value.parts {
            Parts::Text => {}
            Parts::Options(options) => {
                let unknown = options.iter().find(|option| !self.options.contains(option));
                if let Some(option) = unknown.filter(|_| !self.options.is_empty()) {
                    return fail(format!(
                        "`{option}` is not one of its options: {}",
                        self.options.join(", ")
                    ));
                }
            }
            Parts::Dates(dates) => {
                if let Some(format) = self.date_format() {
                    let texts: Vec<String> =
                        dates.iter().map(|at| at.format(format).to_string()).collect();
                    value.value = match texts.as_slice() {
                        [single] => single.clone(),
                        both => json!(both).to_string(),
                    };
                }
            }
            Parts::Rows(rows) => {
                for (index, row) in rows.iter_mut().enumerate() {
                    *row = fit_all(&self.children, std::mem::take(row))
                        .map_err(|error| error.inside(self.title(), index + 1))?;
                }
                value = value.written();
            }
        }
        Ok(value)
    }

    fn date_format(&self) -> Option<&'static str> {
        match self.format.as_deref()? {
            "yyyy-MM-dd" => Some(DATE),
            "yyyy-MM-dd HH:mm" => Some(DATE_TIME),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    fn schema() -> FormSchema {
        serde_json::from_value(json!({
            "name": "采购申请", "formCode": "PROC-1", "status": "PUBLISHED", "gmtModified": "1700000000000",
            "schemaContent": {"title": "采购申请", "icon": "", "items": [
                {"componentName": "TextField", "props": {"id": "T1", "label": "来源单号", "required": true}},
                {"componentName": "TextareaField", "props": {"id": "T2", "label": "备注"}},
                {"componentName": "TextareaField", "props": {"id": "T3", "label": "备注"}},
                {"componentName": "DDSelectField", "props": {"id": "S1", "label": "类别",
                    "options": ["{\"value\":\"选项1\",\"key\":\"option_0\"}", {"value": "选项2"}, "选项3"]}},
                {"componentName": "DDDateField", "props": {"id": "D1", "label": "日期", "format": "yyyy-MM-dd HH:mm"}},
                {"componentName": "DDDateRangeField", "props": {"id": "D2", "label": "[\"开始\", \"结束\"]"}},
                {"componentName": "TableField", "props": {"id": "TB", "label": "明细"}, "children": [
                    {"componentName": "NumberField", "props": {"id": "N1", "label": "数量", "required": true}}
                ]}
            ]}
        }))
        .unwrap()
    }

    #[test]
    fn writes_dates_in_the_format_of_the_component() {
        let day: NaiveDate = "2025-05-27".parse().unwrap();
        let values = schema()
            .fit([
                FormValue::text("来源单号", "1024"),
                FormValue::date("日期", day),
                FormValue::date_range(("开始", "结束"), day, day),
                FormValue::text("备注", "x").id("T2"),
                FormValue::select("类别", "选项1"),
                FormValue::table("明细", [vec![FormValue::number("数量", 1)]]),
            ])
            .unwrap();
        assert_eq!(values[1].value(), "2025-05-27 00:00");
        assert_eq!(values[2].value(), r#"["2025-05-27","2025-05-27"]"#);
        assert_eq!(values[5].value(), r#"[[{"name":"数量","value":"1"}]]"#);
    }

    #[test]
    fn names_every_mismatch() {
        let source = || FormValue::text("来源单号", "1");
        for (values, expected) in [
            (vec![], "`来源单号`: required, not given"),
            (vec![FormValue::text("来源单号", "")], "`来源单号`: required, not given"),
            (
                vec![source(), FormValue::text("金额", "1")],
                "`金额`: not in the template; it has 来源单号",
            ),
            (vec![source(), FormValue::text("备注", "1")], "`备注`: 2 components have this label"),
            (
                vec![FormValue::number("来源单号", 1)],
                "is a TextField, the value one for NumberField",
            ),
            (
                vec![source(), FormValue::select("类别", "选项4")],
                "`选项4` is not one of its options",
            ),
            (vec![source(), FormValue::table("明细", [vec![]])], "`明细[1] / 数量`: required"),
        ] {
            let error = schema().fit(values).unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
        }
    }
}
