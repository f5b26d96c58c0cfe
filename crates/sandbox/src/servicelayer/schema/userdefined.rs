//! User-defined fields, tables and objects (自定义字段、表、对象).

use std::sync::Arc;

use super::{EntitySet, Kind, Numbering, Property, Schema, StructType};

/// Tables with the type whose rows they hold. A field of one document table is a field of all.
const TABLES: &[(&str, &str)] = &[
    ("OITM", "Item"),
    ("OCRD", "BusinessPartner"),
    ("OWTR", "StockTransfer"),
    ("OWTQ", "StockTransfer"),
    ("WTR1", "StockTransferLine"),
    ("WTQ1", "StockTransferLine"),
    ("OWOR", "ProductionOrder"),
    ("WOR1", "ProductionOrderLine"),
    ("OITT", "ProductTree"),
    ("ITT1", "ProductTreeLine"),
    ("OJDT", "JournalEntry"),
    ("JDT1", "JournalEntryLine"),
    ("OSPP", "SpecialPrice"),
    ("SPP1", "SpecialPriceDataArea"),
    ("SPP2", "SpecialPriceQuantityArea"),
    ("OUSR", "User"),
    ("OHEM", "EmployeeInfo"),
    ("OWHS", "Warehouse"),
    ("OITB", "ItemGroups"),
    ("OPLN", "PriceList"),
];

/// Marketing documents: `O` + this is the header's table, this + `1` the lines'.
const DOCUMENTS: &[&str] = &[
    "QUT", "RDR", "DLN", "RDN", "RRR", "DPI", "INV", "RIN", "PRQ", "PQT", "POR", "PDN", "RPD",
    "PRR", "DPO", "PCH", "RPC", "DRF", "IGN", "IGE",
];

impl Schema {
    /// The type whose rows a table holds.
    pub(crate) fn type_of_table(&self, table: &str) -> Option<String> {
        if let Some(name) = table.strip_prefix('@') {
            let own = user_type(name);
            return self.types.contains_key(&own).then_some(own);
        }
        if let Some((_, name)) = TABLES.iter().find(|(known, _)| *known == table) {
            return Some((*name).to_owned());
        }
        if table.strip_prefix('O').is_some_and(|stem| DOCUMENTS.contains(&stem)) {
            return Some("Document".to_owned());
        }
        let lines = table.strip_suffix('1').is_some_and(|stem| DOCUMENTS.contains(&stem));
        lines.then(|| "DocumentLine".to_owned())
    }

    /// Makes `U_<name>` a property of the table's rows.
    pub(crate) fn add_field(&mut self, table: &str, property: Property) -> Result<(), String> {
        let name = self
            .type_of_table(table)
            .ok_or_else(|| format!("the sandbox does not know the table {table}"))?;
        let structure = Arc::make_mut(self.types.entry(name).or_default());
        if structure.has(&property.name) {
            return Err(format!("{} is a field of {table} already", property.name));
        }
        structure.properties.push(property);
        Ok(())
    }

    /// The set `U_<table>` of a user table without an object.
    pub(crate) fn add_table(&mut self, table: &str, numbering: Numbering) {
        let type_name = self.add_row_type(table, numbering);
        let set = EntitySet::new(&format!("U_{table}"), &type_name, &["Code"], numbering);
        self.sets.insert(set.name.clone(), set);
    }

    /// A type for the rows of a user table, which [`Schema::add_field`] extends.
    pub(crate) fn add_row_type(&mut self, table: &str, numbering: Numbering) -> String {
        let code = if numbering == Numbering::Given { Kind::Text } else { Kind::Int };
        let properties = vec![property("Code", code), property("Name", Kind::Text)];
        self.insert_type(table, properties)
    }

    /// The lines of a user-defined object.
    pub(crate) fn add_line_type(&mut self, table: &str) -> String {
        let names = ["LineId", "VisOrder"];
        let properties = names.map(|name| property(name, Kind::Int)).to_vec();
        self.insert_type(table, properties)
    }

    /// The header of a user-defined object: of documents, or of master data.
    pub(crate) fn add_header_type(&mut self, table: &str, document: bool) -> String {
        let mut properties = vec![property("DocEntry", Kind::Int)];
        if document {
            properties.push(property("DocNum", Kind::Int));
            properties.push(read_only("Status", Kind::Text));
        } else {
            properties.insert(0, property("Code", Kind::Text));
            properties.push(property("Name", Kind::Text));
        }
        properties.push(read_only("Canceled", Kind::Text));
        properties.push(property("Remark", Kind::Text));
        for (name, kind) in [
            ("CreateDate", Kind::Date),
            ("CreateTime", Kind::Time),
            ("UpdateDate", Kind::Date),
            ("UpdateTime", Kind::Time),
        ] {
            properties.push(read_only(name, kind));
        }
        self.insert_type(table, properties)
    }

    fn insert_type(&mut self, table: &str, properties: Vec<Property>) -> String {
        let name = user_type(table);
        let structure = StructType { name: name.clone(), properties };
        self.types.insert(name.clone(), Arc::new(structure));
        name
    }

    /// The set of a user-defined object whose tables are registered.
    pub(crate) fn add_object(
        &mut self,
        code: &str,
        table: &str,
        document: bool,
        children: &[String],
        (can_cancel, can_close): (bool, bool),
    ) -> Result<(), String> {
        let name = user_type(table);
        let structure =
            self.types.get_mut(&name).ok_or_else(|| format!("there is no user table {table}"))?;
        let structure = Arc::make_mut(structure);
        for child in children {
            let collection = format!("{child}Collection");
            if !structure.has(&collection) {
                structure
                    .properties
                    .push(property(&collection, Kind::Collection(user_type(child))));
            }
        }
        let (key, numbering) =
            if document { ("DocEntry", Numbering::From(1)) } else { ("Code", Numbering::Given) };
        let mut set = EntitySet::new(code, &name, &[key], numbering);
        set.can_cancel = can_cancel;
        set.can_close = can_close;
        self.sets.insert(set.name.clone(), set);
        Ok(())
    }
}

/// Registered names are upper-case in the database; the type is ours.
fn user_type(table: &str) -> String {
    format!("@{table}")
}

fn property(name: &str, kind: Kind) -> Property {
    Property { name: name.to_owned(), kind, read_only: false, default: None, size: None }
}

fn read_only(name: &str, kind: Kind) -> Property {
    Property { read_only: true, ..property(name, kind) }
}
