//! Reading the members of a request, with refusals that name them.

use rust_decimal::Decimal;

use super::refusal::Refusal;
use crate::servicelayer::json::{Json, Object, decimal};

type Read<T> = Result<T, Refusal>;

/// An object of a request, and where in the request it stands.
#[derive(Debug, Clone)]
pub(super) struct Fields<'a> {
    object: &'a Object,
    at: String,
}

impl<'a> Fields<'a> {
    pub(super) fn new(object: &'a Object) -> Self {
        Fields { object, at: String::new() }
    }

    fn wrong(&self, name: &str, expected: &str, found: &Json) -> Refusal {
        let at = &self.at;
        Refusal::parameter(format!("{at}{name}: 应为{expected}, 实际为 {}", found.shape()))
    }

    pub(super) fn absent(&self, name: &str) -> Refusal {
        Refusal::parameter(format!("{}{name}: 不能为空", self.at))
    }

    pub(super) fn invalid(&self, name: &str, why: &str) -> Refusal {
        Refusal::parameter(format!("{}{name}: {why}", self.at))
    }

    /// A member that is there and not null.
    pub(super) fn get(&self, name: &str) -> Option<&'a Json> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    /// Whether the request mentions the member with a value.
    pub(super) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Refuses members with other names, unless they carry nothing.
    pub(super) fn only(&self, known: &[&[&str]]) -> Read<()> {
        for (name, value) in self.object.iter() {
            let carries = match value {
                Json::Null => false,
                Json::Array(items) => !items.is_empty(),
                _ => true,
            };
            if carries && !known.iter().any(|names| names.contains(&name)) {
                return Err(Refusal::unsupported(&format!("the member `{}{name}`", self.at)));
            }
        }
        Ok(())
    }

    /// A text that is not empty.
    pub(super) fn text(&self, name: &str) -> Read<Option<&'a str>> {
        match self.get(name) {
            None => Ok(None),
            Some(Json::Text(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
            Some(other) => Err(self.wrong(name, "文本", other)),
        }
    }

    pub(super) fn required_text(&self, name: &str) -> Read<&'a str> {
        self.text(name)?.ok_or_else(|| self.absent(name))
    }

    /// A text of at most so many characters, without spaces at its ends.
    pub(super) fn code(&self, name: &str) -> Read<&'a str> {
        let text = self.required_text(name)?;
        if text.trim() != text || text.chars().count() > 255 {
            return Err(self.invalid(name, "不超过255个字符, 首尾不能有空格"));
        }
        Ok(text)
    }

    /// A whole number, also one written as text.
    pub(super) fn int(&self, name: &str) -> Read<Option<i64>> {
        let Some(found) = self.get(name) else { return Ok(None) };
        self.to_int(name, found).map(Some)
    }

    fn to_int(&self, name: &str, found: &Json) -> Read<i64> {
        let number = match found {
            Json::Number(text) | Json::Text(text) => text.parse().ok(),
            _ => None,
        };
        number.ok_or_else(|| self.wrong(name, "整数", found))
    }

    pub(super) fn required_int(&self, name: &str) -> Read<i64> {
        self.int(name)?.ok_or_else(|| self.absent(name))
    }

    /// 0 or 1.
    pub(super) fn flag(&self, name: &str) -> Read<Option<bool>> {
        match self.int(name)? {
            None => Ok(None),
            Some(0) => Ok(Some(false)),
            Some(1) => Ok(Some(true)),
            Some(_) => Err(self.invalid(name, "只能为0或1")),
        }
    }

    /// `是` or `否`.
    pub(super) fn yes(&self, name: &str) -> Read<Option<bool>> {
        match self.text(name)? {
            None => Ok(None),
            Some("是") => Ok(Some(true)),
            Some("否") => Ok(Some(false)),
            Some(_) => Err(self.invalid(name, "只能为是或否")),
        }
    }

    /// An exact number, also one written as text.
    pub(super) fn amount(&self, name: &str) -> Read<Option<Decimal>> {
        let Some(found) = self.get(name) else { return Ok(None) };
        let number = match found {
            Json::Text(text) if text.is_empty() => return Ok(None),
            Json::Number(text) | Json::Text(text) => decimal(text),
            _ => None,
        };
        number.map(Some).ok_or_else(|| self.wrong(name, "数字", found))
    }

    /// An amount above zero.
    pub(super) fn positive(&self, name: &str) -> Read<Option<Decimal>> {
        match self.amount(name)? {
            Some(amount) if amount <= Decimal::ZERO => Err(self.invalid(name, "必须大于0")),
            amount => Ok(amount),
        }
    }

    fn array(&self, name: &str) -> Read<&'a [Json]> {
        match self.get(name) {
            None => Ok(&[]),
            Some(Json::Array(items)) => Ok(items),
            Some(other) => Err(self.wrong(name, "数组", other)),
        }
    }

    /// Whole numbers; none when the member is not there.
    pub(super) fn ints(&self, name: &str) -> Read<Vec<i64>> {
        self.array(name)?.iter().map(|item| self.to_int(name, item)).collect()
    }

    /// Texts; none when the member is not there.
    pub(super) fn texts(&self, name: &str) -> Read<Vec<&'a str>> {
        let text =
            |item: &'a Json| item.as_text().ok_or_else(|| self.wrong(name, "文本数组", item));
        self.array(name)?.iter().map(text).collect()
    }

    /// The object under a name.
    pub(super) fn part(&self, name: &str) -> Read<Option<Fields<'a>>> {
        match self.get(name) {
            None => Ok(None),
            Some(Json::Object(object)) => {
                Ok(Some(Fields { object, at: format!("{}{name}.", self.at) }))
            }
            Some(other) => Err(self.wrong(name, "对象", other)),
        }
    }

    /// The objects of an array; none when the member is not there.
    pub(super) fn rows(&self, name: &str) -> Read<Vec<Fields<'a>>> {
        let row = |(index, item): (usize, &'a Json)| match item {
            Json::Object(object) => {
                Ok(Fields { object, at: format!("{}{name}[{index}].", self.at) })
            }
            other => Err(self.wrong(name, "对象数组", other)),
        };
        self.array(name)?.iter().enumerate().map(row).collect()
    }

    pub(super) fn object(&self) -> &'a Object {
        self.object
    }
}
