//! One control of a form with its value.

use erplink_core::{Decimal, ErrorKind};

use super::value::{ControlKind, ControlValue};
use crate::error::{Error, Result};

/// A control of a form (控件) with its value.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Control {
    /// Its id in the template: stays when people rename it. In a form that is not checked yet it
    /// may be the title.
    pub id: String,
    /// The title people see, in answers.
    pub title: Option<String>,
    /// What it holds.
    pub value: ControlValue,
    /// Whether an option chosen elsewhere hides it.
    pub is_hidden: bool,
}

/// One row of a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row(Vec<Control>);

impl Control {
    /// A control to submit, by its id or its title.
    pub fn new(key: impl Into<String>, value: ControlValue) -> Self {
        Self { id: key.into(), title: None, value, is_hidden: false }
    }

    /// What kind of control it is.
    #[must_use]
    pub fn kind(&self) -> ControlKind {
        self.value.kind()
    }

    /// Its text: of a text, a number, an amount, a formula as they are written, of options their
    /// texts. `None` for anything else and for nothing.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        let text = match &self.value {
            ControlValue::Text(text)
            | ControlValue::Textarea(text)
            | ControlValue::Formula(text) => text.clone(),
            ControlValue::Number(number) | ControlValue::Money(number) => number.to_string(),
            ControlValue::Selector(options) => {
                let texts: Vec<&str> = options
                    .iter()
                    .map(|option| option.text.as_deref().unwrap_or(&option.key))
                    .collect();
                texts.join(",")
            }
            _ => return None,
        };
        (!text.is_empty()).then_some(text)
    }

    /// Its number: of a number, an amount, a formula, or of a text that is one. `None` when nothing
    /// was entered.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`], naming the control, when something else was entered.
    pub fn decimal(&self) -> Result<Option<Decimal>> {
        let Some(text) = self.text() else {
            return if self.value.is_empty() { Ok(None) } else { Err(self.unlike("a number")) };
        };
        erplink_core::decimal::from_json_text(text.trim())
            .map(Some)
            .map_err(|_| self.unlike("a number"))
    }

    /// Its whole number, such as a document's key. `None` when nothing was entered.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`], naming the control, when something else was entered.
    pub fn integer(&self) -> Result<Option<i64>> {
        let Some(number) = self.decimal()? else { return Ok(None) };
        if !number.is_integer() {
            return Err(self.unlike("a whole number"));
        }
        i64::try_from(number).map(Some).map_err(|_| self.unlike("a whole number"))
    }

    /// Its rows; none when it is no table.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        match &self.value {
            ControlValue::Table(rows) => rows,
            _ => &[],
        }
    }

    fn unlike(&self, expected: &str) -> Error {
        let title = self.title.as_deref().unwrap_or_default();
        let found = self.kind();
        Error::new(
            ErrorKind::Decode,
            format!(
                "control `{title}` ({}): expected {expected}, found a {found} that is none",
                self.id
            ),
        )
    }
}

impl Row {
    /// The controls, in the order of the platform.
    #[must_use]
    pub fn controls(&self) -> &[Control] {
        &self.0
    }

    pub(super) fn controls_mut(&mut self) -> &mut [Control] {
        &mut self.0
    }

    /// The control with this id, or with this title.
    ///
    /// # Errors
    /// As [`Form::control`](super::Form::control).
    pub fn control(&self, key: &str) -> Result<&Control> {
        find(&self.0, key)
    }
}

impl FromIterator<Control> for Row {
    fn from_iter<I: IntoIterator<Item = Control>>(controls: I) -> Self {
        Self(controls.into_iter().collect())
    }
}

/// By id, or else by title if only one control has it: titles are people's to choose.
pub(super) fn find<'a>(controls: &'a [Control], key: &str) -> Result<&'a Control> {
    find_by(controls, key, |control| (&control.id, control.title.as_ref()))
}

/// [`find`] for anything with an id and a title.
pub(super) fn find_by<'a, T>(
    controls: &'a [T],
    key: &str,
    names: impl Fn(&T) -> (&String, Option<&String>),
) -> Result<&'a T> {
    if let Some(control) = controls.iter().find(|control| names(control).0 == key) {
        return Ok(control);
    }
    let is_titled = |control: &&T| names(control).1.is_some_and(|title| title == key);
    let mut titled = controls.iter().filter(is_titled);
    match (titled.next(), titled.next()) {
        (Some(control), None) => Ok(control),
        (Some(_), Some(_)) => Err(Error::new(
            ErrorKind::Conflict,
            format!("several controls are titled `{key}`: take the id of the one that is meant"),
        )),
        (None, _) => {
            let label = |control| {
                let (id, title) = names(control);
                title.filter(|title| !title.is_empty()).unwrap_or(id).clone()
            };
            let known: Vec<String> = controls.iter().map(label).collect();
            Err(Error::new(
                ErrorKind::NotFound,
                format!("no control has the id or title `{key}`; there are: {}", known.join(", ")),
            ))
        }
    }
}
