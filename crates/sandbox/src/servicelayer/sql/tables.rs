//! The ERP's tables as views over the entities.

use std::fmt::Write as _;

use crate::servicelayer::schema::{Kind, Property, Schema, StructType};

use super::functions::{DATE_MARK, DATE_ORDER};

/// A table: its name, and the SELECT that shows its rows.
#[derive(Debug)]
pub(super) struct View {
    pub(super) name: String,
    pub(super) select: String,
}

/// Where rows come from: a set and the collections that lead to them, with the types on the way.
struct Source<'a> {
    set: &'a str,
    collections: Vec<&'a str>,
    holder: &'a StructType,
    row: &'a StructType,
}

/// A column: its name, and the property it shows with the alias of the JSON that has it.
struct Column<'a> {
    name: String,
    property: &'a Property,
    held: &'static str,
}

/// Enumerations whose columns hold numbers. The others hold text, object numbers included.
const NUMBERED: [&str; 7] = [
    "BinActionTypeEnum",
    "BoDocItemType",
    "BoMaterialTypes",
    "BoSuppLangs",
    "BoUserGroup",
    "InvBaseDocTypeEnum",
    "ProductionItemType",
];

/// All tables, those of user-defined tables and objects included.
pub(super) fn views(schema: &Schema) -> Result<Vec<View>, String> {
    let described = described_columns()?;
    let mut views = Vec::new();
    for line in include_str!("tables.txt").lines() {
        let mut words = line.split_whitespace().take_while(|word| !word.starts_with('#'));
        let Some(name) = words.next() else { continue };
        let mut parts = Vec::new();
        for path in words {
            let source = source(schema, path)?;
            let listed = described.iter().find(|(of, _)| *of == source.row.name);
            let (_, listed) = listed.ok_or_else(|| format!("no columns of {}", source.row.name))?;
            let mut columns = Vec::new();
            for (column, property) in listed {
                columns.push(source.column(column, property)?);
            }
            columns.extend(source.user_fields());
            parts.push((source, columns));
        }
        views.push(View { name: name.to_owned(), select: union(&parts) });
    }
    views.extend(user_tables(schema));
    for (name, select) in [
        ("DUMMY", "SELECT 'X' AS \"DUMMY\""),
        ("OADM", "SELECT '演示公司' AS \"CompnyName\", 'CNY' AS \"MainCurncy\""),
    ] {
        views.push(View { name: name.to_owned(), select: select.to_owned() });
    }
    Ok(views)
}

/// `columns.txt`: for each type its columns, with the property each shows.
#[allow(clippy::type_complexity)]
fn described_columns() -> Result<Vec<(&'static str, Vec<(String, String)>)>, String> {
    let mut types: Vec<(&str, Vec<(String, String)>)> = Vec::new();
    for line in include_str!("columns.txt").lines() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        if !line.starts_with(' ') {
            types.push((line.trim(), Vec::new()));
            continue;
        }
        let (_, columns) = types.last_mut().ok_or("columns.txt begins without a type")?;
        for described in line.split(',').map(str::trim).filter(|column| !column.is_empty()) {
            let (column, property) = described.split_once('=').unwrap_or((described, described));
            columns.extend(series(column)?.into_iter().zip(series(property)?));
        }
    }
    Ok(types)
}

/// `QryGroup1-64` stands for 64 names.
fn series(name: &str) -> Result<Vec<String>, String> {
    let Some((stem, last)) = name.split_once("1-") else { return Ok(vec![name.to_owned()]) };
    let last: u32 = last.parse().map_err(|_| format!("`{name}` is no series"))?;
    Ok((1..=last).map(|number| format!("{stem}{number}")).collect())
}

fn source<'a>(schema: &'a Schema, path: &'a str) -> Result<Source<'a>, String> {
    let mut names = path.split('/');
    let set = names.next().unwrap_or_default();
    let type_name = &schema.set(set).ok_or_else(|| format!("there is no set {set}"))?.type_name;
    let known = |name: &str| {
        schema.structure(name).map(AsRef::as_ref).ok_or_else(|| format!("there is no type {name}"))
    };
    let mut source =
        Source { set, collections: Vec::new(), holder: known(type_name)?, row: known(type_name)? };
    for collection in names {
        let property = source.row.property(collection);
        let Some(Kind::Collection(rows)) = property.map(|property| &property.kind) else {
            return Err(format!("{} has no collection {collection}", source.row.name));
        };
        source.collections.push(collection);
        source.row = known(rows)?;
    }
    Ok(source)
}

impl<'a> Source<'a> {
    fn column(&self, column: &str, property: &str) -> Result<Column<'a>, String> {
        let (of, name, held) = match property.strip_prefix('^') {
            Some(name) => (self.holder, name, "entity.body"),
            None => (self.row, property, self.row_json()),
        };
        let property = of.property(name).ok_or_else(|| format!("{} has no {name}", of.name))?;
        Ok(Column { name: column.to_owned(), property, held })
    }

    /// User-defined fields are spelt alike in the table.
    fn user_fields(&self) -> impl Iterator<Item = Column<'a>> {
        let held = self.row_json();
        let own = self.row.properties.iter().filter(|property| property.name.starts_with("U_"));
        own.map(move |property| Column { name: property.name.clone(), property, held })
    }

    fn row_json(&self) -> &'static str {
        if self.collections.is_empty() { "entity.body" } else { "row.value" }
    }

    /// `FROM entity, json_each(…) AS row WHERE …`
    fn from(&self) -> String {
        let mut from = "FROM entity".to_owned();
        if let [collection] = self.collections.as_slice() {
            let _ = write!(from, ", json_each(entity.body, '$.{collection}') AS row");
        }
        let _ = write!(from, " WHERE entity.set_name = {}", text_literal(self.set));
        from
    }
}

/// The rows of all sources; a column that one of them lacks is null there.
fn union(parts: &[(Source<'_>, Vec<Column<'_>>)]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for column in parts.iter().flat_map(|(_, columns)| columns) {
        if !names.iter().any(|known| known.eq_ignore_ascii_case(&column.name)) {
            names.push(&column.name);
        }
    }
    let selects = parts.iter().map(|(source, columns)| {
        let shown = names.iter().map(|name| {
            let column = columns.iter().find(|column| column.name.eq_ignore_ascii_case(name));
            format!("{} AS {}", column.map_or("NULL".to_owned(), Column::value), name_literal(name))
        });
        format!("SELECT {} {}", shown.collect::<Vec<_>>().join(", "), source.from())
    });
    selects.collect::<Vec<_>>().join(" UNION ALL ")
}

impl Column<'_> {
    /// The property in the form of the database. The casts give the column its type, so that
    /// numbers compare with numbers in quotes as they do in the ERP.
    fn value(&self) -> String {
        let name = &self.property.name;
        let json = format!("json_extract({}, '$.\"{name}\"')", self.held);
        match &self.property.kind {
            Kind::Int => format!("CAST({json} AS INTEGER)"),
            Kind::Decimal => format!("CAST({json} AS REAL)"),
            Kind::Date => format!("CAST({json} || '{DATE_MARK}' AS TEXT) COLLATE {DATE_ORDER}"),
            // Columns of time stamps have seconds, the older ones hours and minutes.
            Kind::Time if self.name.ends_with("TS") => {
                format!("CAST(replace({json}, ':', '') AS INTEGER)")
            }
            Kind::Time => format!("CAST(replace(substr({json}, 1, 5), ':', '') AS INTEGER)"),
            Kind::Enum(members) => {
                let value = format!("erp_enum('{}', {json})", members.name);
                let number = NUMBERED.contains(&members.name.as_str());
                format!("CAST({value} AS {})", if number { "INTEGER" } else { "TEXT" })
            }
            Kind::Text | Kind::Structure | Kind::Collection(_) => format!("CAST({json} AS TEXT)"),
        }
    }
}

/// `[@NAME]`: columns are named like the properties; rows of a child table carry their parent's key.
fn user_tables(schema: &Schema) -> Vec<View> {
    let own = schema.structures().filter(|structure| structure.name.starts_with('@'));
    own.map(|row| {
        let mut parts = Vec::new();
        for set in schema.sets() {
            let Some(holder) = schema.structure(&set.type_name) else { continue };
            let mut collections = Vec::new();
            if holder.name != row.name {
                let rows = Kind::Collection(row.name.clone());
                let Some(found) = holder.properties.iter().find(|p| p.kind == rows) else {
                    continue;
                };
                collections.push(found.name.as_str());
            }
            let source = Source { set: &set.name, collections, holder, row };
            let key = set.key.iter().filter(|_| holder.name != row.name);
            let mut columns: Vec<_> =
                key.filter_map(|key| source.column(key, &format!("^{key}")).ok()).collect();
            let held = source.row_json();
            let scalars = row.properties.iter().filter(|property| property.kind.is_scalar());
            columns.extend(scalars.map(|p| Column { name: p.name.clone(), property: p, held }));
            parts.push((source, columns));
        }
        if parts.is_empty() {
            // Registered, and no object or set shows it yet.
            let columns = row.properties.iter().map(|property| {
                let held = "entity.body";
                Column { name: property.name.clone(), property, held }
            });
            let source = Source { set: "", collections: Vec::new(), holder: row, row };
            parts.push((source, columns.collect()));
        }
        View { name: row.name.clone(), select: union(&parts) }
    })
    .collect()
}

fn text_literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

pub(super) fn name_literal(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_shows_what_the_metadata_have() {
        let views = views(&Schema::standard().unwrap()).unwrap();
        let orders = views.iter().find(|view| view.name == "RDR1").unwrap();
        assert!(orders.select.contains("json_each(entity.body, '$.DocumentLines')"));
        assert!(orders.select.contains("AS \"Dscription\""));
        let users = views.iter().find(|view| view.name == "OUSR").unwrap();
        assert!(!users.select.contains("UserPassword"), "passwords stay hidden");
    }
}
