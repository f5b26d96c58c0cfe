//! Keys of entities: as clients write them, and as the store keeps them.

use super::json::{Json, Object};
use super::refusal::Refusal;
use super::schema::{EntitySet, Kind, StructType};

/// Between the values of a composite key in the store; no key contains it.
const SEPARATOR: &str = "\u{1f}";

/// The values of a key, in the order of the set's key properties.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Key {
    values: Vec<Json>,
}

impl Key {
    /// Reads what stands between the parentheses, percent-decoded: `'i001'`, `22`,
    /// `CardCode='C',ItemCode='I'` in any order.
    pub(crate) fn parse(
        text: &str,
        set: &EntitySet,
        structure: &StructType,
    ) -> Result<Self, Refusal> {
        let wrong = |why: &str| Refusal::malformed(format!("Invalid key of {}: {why}", set.name));
        let parts = parts(text).map_err(wrong)?;
        if parts.len() != set.key.len() {
            return Err(wrong(&format!("it consists of {}", set.key.join(" and "))));
        }
        let mut values = Vec::new();
        for name in &set.key {
            let part = parts
                .iter()
                .find(|part| match part.name {
                    Some(given) => given == name,
                    // A name may be left out when there is only one.
                    None => parts.len() == 1,
                })
                .ok_or_else(|| wrong(&format!("{name} is missing")))?;
            let kind = structure.property(name).map_or(&Kind::Text, |property| &property.kind);
            match (*kind == Kind::Int, &part.value) {
                (true, Json::Number(_)) | (false, Json::Text(_)) => values.push(part.value.clone()),
                (true, _) => return Err(wrong(&format!("{name} is a number, without quotes"))),
                (false, _) => return Err(wrong(&format!("{name} is a text, in single quotes"))),
            }
        }
        Ok(Self { values })
    }

    /// The same for people: a single text key may stand without quotes.
    pub(crate) fn for_people(
        text: &str,
        set: &EntitySet,
        structure: &StructType,
    ) -> Result<Self, Refusal> {
        Self::parse(text, set, structure).or_else(|refusal| {
            let text_key = set.key.len() == 1
                && structure.property(&set.key[0]).is_some_and(|p| p.kind == Kind::Text);
            if text_key { Ok(Self { values: vec![text.into()] }) } else { Err(refusal) }
        })
    }

    /// The key of an entity; `None` when a part is missing.
    pub(crate) fn of(entity: &Object, set: &EntitySet) -> Option<Self> {
        let values = set.key.iter().map(|name| entity.get(name).filter(|v| !v.is_null()).cloned());
        Some(Self { values: values.collect::<Option<_>>()? })
    }

    pub(crate) fn single(value: impl Into<Json>) -> Self {
        Self { values: vec![value.into()] }
    }

    /// The form in which the store keeps it.
    pub(crate) fn stored(&self) -> String {
        let texts = self.values.iter().map(|value| match value {
            Json::Text(text) | Json::Number(text) => text.clone(),
            other => other.to_string(),
        });
        texts.collect::<Vec<_>>().join(SEPARATOR)
    }

    /// The form in URLs, percent-encoded: `'A%2F1'`, `ItemCode='I',CardCode='C'`.
    pub(crate) fn in_url(&self, set: &EntitySet) -> String {
        let mut texts = set.key.iter().zip(&self.values).map(|(name, value)| {
            let value = match value {
                Json::Text(text) => format!("'{}'", encode(&text.replace('\'', "''"))),
                other => other.to_string(),
            };
            if set.key.len() == 1 { value } else { format!("{name}={value}") }
        });
        let first = texts.next().unwrap_or_default();
        texts.fold(first, |all, text| all + "," + &text)
    }
}

fn encode(text: &str) -> String {
    const KEPT: &percent_encoding::AsciiSet =
        &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    percent_encoding::utf8_percent_encode(text, KEPT).to_string()
}

struct Part<'a> {
    name: Option<&'a str>,
    value: Json,
}

fn parts(text: &str) -> Result<Vec<Part<'_>>, &'static str> {
    let mut parts = Vec::new();
    let mut rest = text.trim();
    loop {
        let word = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        let name = match word {
            Some(end) if rest[end..].trim_start().starts_with('=') && end > 0 => {
                let name = &rest[..end];
                rest = rest[end..].trim_start().strip_prefix('=').unwrap_or_default().trim_start();
                Some(name)
            }
            _ => None,
        };
        let (value, after) = value(rest)?;
        parts.push(Part { name, value });
        rest = after.trim_start();
        match rest.strip_prefix(',') {
            Some(next) => rest = next.trim_start(),
            None if rest.is_empty() => return Ok(parts),
            None => return Err("a comma or the end was expected"),
        }
    }
}

fn value(text: &str) -> Result<(Json, &str), &'static str> {
    if let Some(mut rest) = text.strip_prefix('\'') {
        let mut value = String::new();
        loop {
            let end = rest.find('\'').ok_or("a quote is not closed")?;
            value.push_str(&rest[..end]);
            rest = &rest[end + 1..];
            match rest.strip_prefix('\'') {
                Some(after) => {
                    value.push('\'');
                    rest = after;
                }
                None => return Ok((value.into(), rest)),
            }
        }
    }
    let end = text.find(',').unwrap_or(text.len());
    let number: i64 =
        text[..end].trim().parse().map_err(|_| "a number or a quoted text was expected")?;
    Ok((number.into(), &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::super::schema::Schema;
    use super::*;

    fn key(set: &str, text: &str) -> Result<Key, Refusal> {
        let schema = Schema::standard().unwrap();
        let set = schema.set(set).unwrap();
        Key::parse(text, set, schema.structure(&set.type_name).unwrap())
    }

    #[test]
    fn every_form_of_a_key() {
        for (set, text, stored) in [
            ("Items", "'i001'", "i001"),
            ("Items", "ItemCode='i001'", "i001"),
            ("Items", "'123'", "123"),
            ("BusinessPartners", "CardCode='ABC''DEF'", "ABC'DEF"),
            ("Orders", "22", "22"),
            ("Orders", "DocEntry=22", "22"),
            ("UserQueries", "InternalKey=123,QueryCategory=-1", "123\u{1f}-1"),
            ("SpecialPrices", "CardCode='C,1',ItemCode='I=2'", "I=2\u{1f}C,1"),
            ("SpecialPrices", "ItemCode='I=2', CardCode='C,1'", "I=2\u{1f}C,1"),
        ] {
            assert_eq!(key(set, text).unwrap().stored(), stored, "{text}");
        }
    }

    #[test]
    fn wrong_keys_are_refused() {
        for (set, text) in [
            ("Items", "123"),
            ("Items", "'open"),
            ("Items", ""),
            ("Orders", "'22'"),
            ("Orders", "22 23"),
            ("SpecialPrices", "'C','I'"),
            ("SpecialPrices", "CardCode='C'"),
            ("SpecialPrices", "CardCode='C',Nonsense='I'"),
            ("Items", "中"),
        ] {
            assert_eq!(key(set, text).unwrap_err().code, -1000, "{text}");
        }
    }

    #[test]
    fn urls_carry_encoded_keys() {
        let schema = Schema::standard().unwrap();
        let items = schema.set("Items").unwrap();
        assert_eq!(Key::single("A/1 'x'").in_url(items), "'A%2F1%20%27%27x%27%27'");
        let prices = schema.set("SpecialPrices").unwrap();
        let parsed = key("SpecialPrices", "CardCode='C',ItemCode='I'").unwrap();
        assert_eq!(parsed.in_url(prices), "ItemCode='I',CardCode='C'");
    }
}
