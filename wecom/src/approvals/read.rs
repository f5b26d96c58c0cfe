//! Control values as the platform sends them.
//!
//! Each value comes with empty arrays for the members of other controls: the kind of the control
//! decides what is read, the rest is noise.

use erplink_core::RawJson;
use serde_json::Value;

use super::control::{Control, Row};
use super::status::FormStatus;
use super::template::DateType;
use super::value::{
    Attendance, AttendanceKind, AttendanceSlice, AttendanceSlices, Bank, BankAccount,
    ContactDepartment, ContactMember, ControlKind, ControlValue, DateValue, FormFile, Location,
    Period, PunchCorrection, RelatedForm, SelectedOption, TimeZoneInfo, Vacation,
};
use crate::tree::Tree;

impl Control {
    pub(super) fn read(tree: Tree<'_>) -> Self {
        let kind = ControlKind::from(tree.get("control").text().unwrap_or_default());
        Self {
            id: tree.get("id").text().unwrap_or_default(),
            title: tree.get("title").name(),
            value: ControlValue::read(kind, tree.get("value")),
            is_hidden: tree.get("hidden").int() == Some(1),
        }
    }
}

impl ControlValue {
    pub(super) fn read(kind: ControlKind, tree: Tree<'_>) -> Self {
        match read(&kind, tree) {
            Some(value) if value.is_empty() => Self::Empty(kind),
            Some(value) => value,
            None => match tree.value().map(RawJson::of) {
                Some(Ok(raw)) if !is_hollow(tree) => Self::Other(kind, raw),
                _ => Self::Empty(kind),
            },
        }
    }
}

/// Whether a value holds empty arrays and texts and nothing else.
fn is_hollow(tree: Tree<'_>) -> bool {
    match tree.value() {
        None => true,
        Some(Value::String(text)) => text.is_empty(),
        Some(Value::Array(elements)) => elements.is_empty(),
        Some(Value::Object(members)) => members.values().all(|member| is_hollow(Tree::new(member))),
        Some(_) => false,
    }
}

/// `None` for what is not as the documentation says: it is kept as it is.
fn read(kind: &ControlKind, tree: Tree<'_>) -> Option<ControlValue> {
    // The member of this control; a value without it was not filled in.
    let member = |name: &str| tree.get(name);
    let filled = |name: &str, read: fn(Tree<'_>) -> Option<ControlValue>| {
        let member = member(name);
        if is_hollow(member) { Some(ControlValue::Empty(kind.clone())) } else { read(member) }
    };
    match kind {
        ControlKind::Text => filled("text", |text| text.text().map(ControlValue::Text)),
        ControlKind::Textarea => filled("text", |text| text.text().map(ControlValue::Textarea)),
        ControlKind::Number => {
            filled("new_number", |number| decimal(number).map(ControlValue::Number))
        }
        ControlKind::Money => {
            filled("new_money", |amount| decimal(amount).map(ControlValue::Money))
        }
        // One page prints the value without the outer `date`.
        ControlKind::Date => {
            let date = member("date").or(tree);
            if is_hollow(date.get("s_timestamp")) {
                return (!member("date").is_absent()).then(|| ControlValue::Empty(kind.clone()));
            }
            date_value(date).map(ControlValue::Date)
        }
        ControlKind::Selector => {
            filled("selector", |selector| Some(ControlValue::Selector(options(selector))))
        }
        ControlKind::Contact => contact(tree),
        ControlKind::Tips => {
            filled("new_tips", |tips| RawJson::of(tips.value()?).ok().map(ControlValue::Tips))
        }
        ControlKind::File => filled("files", |files| Some(ControlValue::Files(files_of(files)))),
        ControlKind::Table => filled("children", |rows| {
            let row =
                |row: Tree<'_>| row.get("list").list().into_iter().map(Control::read).collect();
            Some(ControlValue::Table(rows.list().into_iter().map(row).collect::<Vec<Row>>()))
        }),
        ControlKind::DateRange => {
            filled("date_range", |range| period(range).map(ControlValue::DateRange))
        }
        ControlKind::Vacation => filled("vacation", |vacation| {
            Some(ControlValue::Vacation(Vacation {
                option: options(vacation.get("selector")).into_iter().next()?,
                attendance: attendance(vacation.get("attendance"))?,
            }))
        }),
        ControlKind::Attendance => {
            filled("attendance", |value| attendance(value).map(ControlValue::Attendance))
        }
        ControlKind::PunchCorrection => filled("punch_correction", |value| {
            Some(ControlValue::PunchCorrection(PunchCorrection {
                state: value.get("state").text()?,
                time: value.get("time").int(),
                version: value.get("version").int(),
                day: value.get("daymonthyear").int(),
            }))
        }),
        ControlKind::Location => filled("location", |value| {
            let text = |name: &str| value.get(name).text().unwrap_or_default();
            Some(ControlValue::Location(Location {
                latitude: value.get("latitude").text()?,
                longitude: value.get("longitude").text()?,
                title: text("title"),
                address: text("address"),
                time: value.get("time").int().unwrap_or_default(),
            }))
        }),
        ControlKind::RelatedApproval => filled("related_approval", |forms| {
            Some(ControlValue::RelatedApprovals(
                forms.list().into_iter().filter_map(related_form).collect(),
            ))
        }),
        ControlKind::Formula => {
            filled("formula", |formula| formula.get("value").text().map(ControlValue::Formula))
        }
        ControlKind::BankAccount => filled("bank_account", bank_account),
        ControlKind::PhoneNumber | ControlKind::Unknown(_) => None,
    }
}

fn decimal(tree: Tree<'_>) -> Option<erplink_core::Decimal> {
    erplink_core::decimal::from_json_text(tree.text()?.trim()).ok()
}

fn date_value(date: Tree<'_>) -> Option<DateValue> {
    let zone = date.get("timezone_info");
    Some(DateValue {
        kind: DateType::from(date.get("type").text().unwrap_or_default()),
        timestamp: date.get("s_timestamp").int()?,
        zone: zone.get("zone_offset").text().map(|zone_offset| TimeZoneInfo {
            zone_offset,
            zone_desc: zone.get("zone_desc").text().unwrap_or_default(),
        }),
    })
}

fn options(selector: Tree<'_>) -> Vec<SelectedOption> {
    let option = |option: Tree<'_>| {
        let value = option.get("value");
        Some(SelectedOption {
            key: option.get("key").text()?,
            text: value.name().or_else(|| value.text()),
        })
    };
    selector.get("options").list().into_iter().filter_map(option).collect()
}

fn contact(tree: Tree<'_>) -> Option<ControlValue> {
    let members: Vec<_> = tree
        .get("members")
        .list()
        .into_iter()
        .filter_map(|one| {
            Some(ContactMember { userid: one.get("userid").text()?, name: one.get("name").text() })
        })
        .collect();
    let departments: Vec<_> = tree
        .get("departments")
        .list()
        .into_iter()
        .filter_map(|one| {
            let openapi_id = one.get("openapi_id").text()?;
            Some(ContactDepartment { openapi_id, name: one.get("name").text() })
        })
        .collect();
    match (members.is_empty(), departments.is_empty()) {
        (false, true) => Some(ControlValue::Members(members)),
        (true, false) => Some(ControlValue::Departments(departments)),
        // Both at once is not documented; neither is nothing, or something else.
        _ => None,
    }
}

fn files_of(files: Tree<'_>) -> Vec<FormFile> {
    files
        .list()
        .into_iter()
        .filter_map(|file| {
            Some(FormFile {
                file_id: file.get("file_id").text()?,
                file_name: file.get("file_name").text(),
                file_size: file.get("file_size").int(),
                file_type: file.get("file_type").text(),
                file_url: file.get("file_url").text(),
            })
        })
        .collect()
}

fn period(range: Tree<'_>) -> Option<Period> {
    Some(Period {
        kind: range.get("type").text().unwrap_or_default(),
        begin: range.get("new_begin").int()?,
        end: range.get("new_end").int()?,
        duration: range.get("new_duration").int(),
        perday_duration: range.get("perday_duration").int(),
    })
}

fn attendance(value: Tree<'_>) -> Option<Attendance> {
    let slices = value.get("slice_info");
    Some(Attendance {
        kind: AttendanceKind::from(value.get("type").int()?),
        range: period(value.get("date_range"))?,
        slices: (!slices.is_absent()).then(|| AttendanceSlices {
            days: slices
                .get("day_items")
                .list()
                .into_iter()
                .filter_map(|day| {
                    Some(AttendanceSlice {
                        daytime: day.get("daytime").int()?,
                        duration: day.get("duration").int().unwrap_or_default(),
                    })
                })
                .collect(),
            duration: slices.get("duration").int(),
            state: slices.get("state").int(),
        }),
    })
}

fn related_form(form: Tree<'_>) -> Option<RelatedForm> {
    Some(RelatedForm {
        sp_no: form.get("sp_no").text()?,
        template_name: form.get("template_names").name(),
        status: form.get("sp_status").int().map(FormStatus::from),
        applicant_name: form.get("name").text(),
        created: form.get("create_time").time(),
    })
}

fn bank_account(value: Tree<'_>) -> Option<ControlValue> {
    let bank = value.get("bank");
    let text = |tree: Tree<'_>, name: &str| tree.get(name).text().unwrap_or_default();
    Some(ControlValue::BankAccount(BankAccount {
        account_type: value.get("account_type").int()?,
        account_name: text(value, "account_name"),
        account_number: text(value, "account_number"),
        remark: text(value, "remark"),
        bank: Bank {
            bank_alias: text(bank, "bank_alias"),
            bank_alias_code: text(bank, "bank_alias_code"),
            province: text(bank, "province"),
            province_code: bank.get("province_code").int().unwrap_or_default(),
            city: text(bank, "city"),
            city_code: bank.get("city_code").int().unwrap_or_default(),
            bank_branch_name: text(bank, "bank_branch_name"),
            bank_branch_id: text(bank, "bank_branch_id"),
        },
    }))
}
