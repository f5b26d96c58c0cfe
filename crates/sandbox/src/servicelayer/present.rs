//! How entities are printed.

use sha1::{Digest as _, Sha1};

use super::company::{Company, Dialect};
use super::json::{Json, Object};
use super::options::DateStyle;
use super::refusal::Refusal;
use super::schema::{EntitySet, Kind, Property, StructType};
use super::store::Stored;

/// Members that are written and never shown.
const HIDDEN: &[&str] = &["UserPassword", "ApproverPassword"];

/// `W/"…"`: the upper-case hexadecimal SHA-1 of the version's decimal text.
pub(crate) fn etag(version: i64) -> String {
    let digest = Sha1::digest(version.to_string());
    let hex: String = digest.iter().map(|byte| format!("{byte:02X}")).collect();
    format!("W/\"{hex}\"")
}

/// The member that a version of the protocol uses for `odata.<name>`.
pub(crate) fn annotation(dialect: Dialect, name: &str) -> String {
    match dialect {
        Dialect::V1 => format!("odata.{name}"),
        Dialect::V2 => format!("@odata.{name}"),
    }
}

pub(crate) struct Printer<'a> {
    pub(crate) company: &'a Company,
    pub(crate) dialect: Dialect,
}

impl Printer<'_> {
    /// An entity with its etag; `select`: only these properties.
    pub(crate) fn entity(
        &self,
        set: &EntitySet,
        stored: &Stored,
        select: Option<&[String]>,
    ) -> Result<Object, Refusal> {
        let structure = self.company.structure(set);
        let mut printed = Object::default();
        if set.etag {
            // Without `DataVersion` among the selected properties the server computes the etag
            // from a default.
            let known = select.is_none_or(|names| names.iter().any(|name| name == "DataVersion"));
            let version = if known { stored.version } else { 1 };
            printed.set(&annotation(self.dialect, "etag"), etag(version));
        }
        if set.name == "SQLQueries" {
            // Always the same, whatever the version.
            let constant = "W/\"44486B13CDA82E54A31194A3588857803F9D1E57\"";
            printed.set(&annotation(self.dialect, "etag"), constant);
        }
        let mut body = stored.body.clone();
        if structure.has("DataVersion") {
            body.set("DataVersion", stored.version);
        }
        match select {
            None => self.fill(&mut printed, &body, &structure),
            Some(names) => {
                for name in names {
                    let property = structure
                        .property(name)
                        .ok_or_else(|| Refusal::unknown_property(name, &structure.name))?;
                    printed.set(name, self.value(body.get(name), property));
                }
            }
        }
        Ok(printed)
    }

    /// Every property of the type, set or not, and what the lenient mode kept.
    fn fill(&self, printed: &mut Object, body: &Object, structure: &StructType) {
        for property in &structure.properties {
            let name = self.dialect.spelling(&property.name, &structure.name);
            printed.set(&name, self.value(body.get(&property.name), property));
        }
        for (name, value) in body.iter().filter(|(name, _)| !structure.has(name)) {
            printed.set(name, value.clone());
        }
    }

    pub(crate) fn value(&self, value: Option<&Json>, property: &Property) -> Json {
        let value = value.unwrap_or(&Json::Null);
        if HIDDEN.contains(&property.name.as_str()) {
            return Json::Null;
        }
        match (&property.kind, value) {
            (Kind::Collection(row_type), Json::Array(rows)) => {
                let structure = self.company.schema.row_type(row_type);
                let rows = rows.iter().map(|row| match row {
                    Json::Object(row) => {
                        let mut printed = Object::default();
                        self.fill(&mut printed, row, &structure);
                        printed.into()
                    }
                    other => other.clone(),
                });
                Json::Array(rows.collect())
            }
            (Kind::Collection(_), _) => Json::Array(Vec::new()),
            (Kind::Structure, Json::Null) => Object::default().into(),
            (Kind::Date, Json::Text(date)) => self.date(date).into(),
            // Whole amounts carry a decimal point on the wire: `55.0`.
            (Kind::Decimal, Json::Number(text)) if !text.contains(['.', 'e', 'E']) => {
                Json::Number(format!("{text}.0"))
            }
            _ => value.clone(),
        }
    }

    fn date(&self, date: &str) -> String {
        let plain = self.company.options.date_style == DateStyle::Plain;
        if self.dialect == Dialect::V1 && plain {
            date.to_owned()
        } else {
            format!("{date}T00:00:00Z")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn etags_are_those_of_the_real_server() {
        assert_eq!(etag(1), "W/\"356A192B7913B04C54574D18C28D46E6395428AB\"");
        assert_eq!(etag(2), "W/\"DA4B9237BACCCDF19C0760CAB7AEC4A8359010B0\"");
        assert_eq!(etag(3), "W/\"77DE68DAECD823BABBB58EDB1C8E14D7106E83BB\"");
    }
}
