//! Fitting the values of a form to its template, before anything is sent.
//!
//! Whatever does not fit is a `301025` with a poor message on the platform's side; here the error
//! names the control by its title, and all problems at once.

use erplink_core::RawJson;
use serde_json::json;

use super::control::{Control, Row};
use super::template::{ContactMode, SelectorType, Template, TemplateControl, find};
use super::value::{ControlKind, ControlValue, SelectedOption};

const MAX_FILES: usize = 6;

/// The controls in the template's order, ids for titles, keys for texts of options, and nothing for
/// what a row leaves out. Or everything that does not fit.
pub(super) fn fit(given: &[Control], template: &Template) -> Result<Vec<Control>, Vec<String>> {
    let mut fitting = Fitting { problems: Vec::new(), files: 0 };
    let controls = fitting.controls(given, &template.controls, "");
    if fitting.files > MAX_FILES {
        let found = fitting.files;
        fitting.problems.push(format!("a form takes at most {MAX_FILES} files, found {found}"));
    }
    if fitting.problems.is_empty() { Ok(controls) } else { Err(fitting.problems) }
}

struct Fitting {
    problems: Vec<String>,
    files: usize,
}

/// Nothing, for a control of a row: dates and choices say of which type even then.
fn blank(control: &TemplateControl) -> ControlValue {
    let kind = control.kind.clone();
    let value = match (&kind, &control.date_type, &control.selector_type) {
        (ControlKind::Date, Some(date), _) => {
            json!({ "date": { "type": date.as_str(), "s_timestamp": "" } })
        }
        (ControlKind::Selector, _, Some(selector)) => {
            json!({ "selector": { "type": selector.as_str(), "options": [] } })
        }
        _ => return ControlValue::Empty(kind),
    };
    match RawJson::of(&value) {
        Ok(value) => ControlValue::Other(kind, value),
        Err(_) => ControlValue::Empty(kind),
    }
}

impl Fitting {
    /// `place` names the row in problems; the controls of a row are all written.
    fn controls(
        &mut self,
        given: &[Control],
        template: &[TemplateControl],
        place: &str,
    ) -> Vec<Control> {
        let mut values: Vec<Option<&ControlValue>> = vec![None; template.len()];
        for control in given {
            match find(template, &control.id) {
                Err(error) => self.problems.push(format!("{place}{error}")),
                Ok(found) => {
                    let at = template.iter().position(|one| std::ptr::eq(one, found));
                    let slot = at.and_then(|at| values.get_mut(at));
                    if slot.is_some_and(|slot| slot.replace(&control.value).is_some()) {
                        let label = found.label();
                        self.problems.push(format!("{place}{label} is given twice"));
                    }
                }
            }
        }
        let is_row = !place.is_empty();
        let fitted = template.iter().zip(values).filter_map(|(control, value)| {
            let value = value.filter(|value| !value.is_empty());
            let value = match value {
                Some(value) => self.value(control, value, place)?,
                None => {
                    self.check_missing(control, place);
                    let is_written = is_row && !control.kind.is_filled_by_platform();
                    is_written.then(|| blank(control))?
                }
            };
            Some(Control::new(control.id.clone(), value))
        });
        fitted.collect()
    }

    fn check_missing(&mut self, control: &TemplateControl, place: &str) {
        let needed = control.is_required && !control.kind.is_filled_by_platform();
        if needed && !control.can_be_hidden {
            self.problems.push(format!("{place}{} is required", control.label()));
        }
    }

    fn value(
        &mut self,
        control: &TemplateControl,
        value: &ControlValue,
        place: &str,
    ) -> Option<ControlValue> {
        let label = format!("{place}{}", control.label());
        let fitted = self.fitted(control, value, &label);
        fitted.map_err(|problem| self.problems.push(format!("{label} {problem}"))).ok()
    }

    fn fitted(
        &mut self,
        control: &TemplateControl,
        value: &ControlValue,
        label: &str,
    ) -> Result<ControlValue, String> {
        if control.kind.is_filled_by_platform() || control.kind == ControlKind::PunchCorrection {
            return Err(format!("is a {}, which cannot be submitted", control.kind));
        }
        let value = match (&control.kind, value) {
            (ControlKind::Text, ControlValue::Text(text) | ControlValue::Textarea(text)) => {
                if text.contains(['\r', '\n']) {
                    return Err("is one line, the text has line breaks".to_owned());
                }
                ControlValue::Text(text.clone())
            }
            (ControlKind::Textarea, ControlValue::Text(text) | ControlValue::Textarea(text)) => {
                ControlValue::Textarea(text.clone())
            }
            (ControlKind::Number, ControlValue::Number(number) | ControlValue::Money(number)) => {
                ControlValue::Number(*number)
            }
            (ControlKind::Money, ControlValue::Number(amount) | ControlValue::Money(amount)) => {
                ControlValue::Money(*amount)
            }
            (kind, other) if *kind != other.kind() => {
                return Err(format!("is a {kind}, the value is for a {}", other.kind()));
            }
            (ControlKind::Date, ControlValue::Date(date)) => {
                match &control.date_type {
                    Some(wanted) if *wanted != date.kind => {
                        return Err(format!(
                            "takes dates of type `{wanted}`, found `{}`",
                            date.kind
                        ));
                    }
                    _ => {}
                }
                value.clone()
            }
            (ControlKind::Selector, ControlValue::Selector(options)) => {
                let is_single = control.selector_type == Some(SelectorType::Single);
                if is_single && options.len() != 1 {
                    return Err(format!("takes exactly one option, found {}", options.len()));
                }
                let options = options.iter().map(|option| option_of(control, option));
                ControlValue::Selector(options.collect::<Result<_, _>>()?)
            }
            (ControlKind::Contact, contact) => {
                check_contact(control, contact)?;
                value.clone()
            }
            (ControlKind::File, ControlValue::Files(files)) => {
                self.files += files.len();
                value.clone()
            }
            (ControlKind::Table, ControlValue::Table(rows)) => self.rows(control, rows, label),
            (ControlKind::Vacation, ControlValue::Vacation(vacation)) => {
                let mut vacation = vacation.clone();
                vacation.option = option_of(control, &vacation.option)?;
                ControlValue::Vacation(vacation)
            }
            (ControlKind::DateRange, ControlValue::DateRange(period)) => {
                let config = crate::tree::Tree::new(&control.raw).get("config").get("date_range");
                match config.get("type").text() {
                    Some(wanted) if wanted != period.kind => {
                        return Err(format!(
                            "takes spans of type `{wanted}`, found `{}`",
                            period.kind
                        ));
                    }
                    _ => value.clone(),
                }
            }
            (ControlKind::Attendance, ControlValue::Attendance(attendance)) => {
                let config = crate::tree::Tree::new(&control.raw).get("config").get("attendance");
                match config.get("type").int() {
                    Some(wanted) if wanted != attendance.kind.number() => {
                        let found = attendance.kind;
                        return Err(format!("takes attendance of type {wanted}, found {found}"));
                    }
                    _ => value.clone(),
                }
            }
            (_, other) => other.clone(),
        };
        Ok(value)
    }

    fn rows(&mut self, table: &TemplateControl, rows: &[Row], label: &str) -> ControlValue {
        let mut fit_row = |(at, row): (usize, &Row)| {
            let place = format!("{label} row {}: ", at + 1);
            for control in row.controls() {
                if matches!(control.value.kind(), ControlKind::Table | ControlKind::Attendance) {
                    let kind = control.value.kind();
                    self.problems.push(format!("{place}a row cannot hold a {kind}"));
                }
            }
            self.controls(row.controls(), &table.children, &place).into_iter().collect()
        };
        ControlValue::Table(rows.iter().enumerate().map(&mut fit_row).collect())
    }
}

/// An option by its key, or else by its text if only one has it.
fn option_of(control: &TemplateControl, wanted: &SelectedOption) -> Result<SelectedOption, String> {
    let options = &control.options;
    let mut found = options.iter().filter(|option| option.key == wanted.key);
    let mut titled = options.iter().filter(|option| option.text == wanted.key);
    let option = match (found.next(), titled.next(), titled.next()) {
        (Some(option), ..) | (None, Some(option), None) => option,
        (None, Some(_), Some(_)) => {
            return Err(format!("has several options `{}`: take the key", wanted.key));
        }
        (None, None, _) if options.is_empty() => return Ok(wanted.clone()),
        (None, None, _) => {
            let known: Vec<&str> = options.iter().map(|option| option.text.as_str()).collect();
            return Err(format!("has no option `{}`; there are: {}", wanted.key, known.join(", ")));
        }
    };
    let needs_text = control.kind == ControlKind::Vacation;
    let text = needs_text.then(|| option.text.clone());
    Ok(SelectedOption { key: option.key.clone(), text })
}

fn check_contact(control: &TemplateControl, value: &ControlValue) -> Result<(), String> {
    let (found, count) = match value {
        ControlValue::Members(members) => (ContactMode::User, members.len()),
        ControlValue::Departments(departments) => (ContactMode::Department, departments.len()),
        _ => return Ok(()),
    };
    match &control.contact_mode {
        Some(wanted) if *wanted != found => {
            return Err(format!("takes contacts of mode `{wanted}`, found `{found}`"));
        }
        _ => {}
    }
    if control.selector_type == Some(SelectorType::Single) && count != 1 {
        return Err(format!("takes exactly one contact, found {count}"));
    }
    Ok(())
}
