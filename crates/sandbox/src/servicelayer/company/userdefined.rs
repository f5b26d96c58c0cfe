//! Registration of user-defined fields, tables and objects.

use std::sync::Arc;

use super::Company;
use crate::servicelayer::json::Object;
use crate::servicelayer::refusal::Refusal;
use crate::servicelayer::schema::{EntitySet, Kind, Numbering, Property, Schema};

impl Company {
    /// Checks a new field or table, and spells it as the server does.
    pub(super) fn prepare_user_definition(&self, entity: &mut Object) -> Result<(), Refusal> {
        let table = entity.text("TableName").unwrap_or_default().to_uppercase();
        if table.is_empty() {
            return Err(Refusal::inconsistent("TableName is missing"));
        }
        entity.set("TableName", table.as_str());
        let Some(name) = entity.text("Name") else { return Ok(()) };
        let own = match table.strip_prefix('@') {
            Some(own) => self.find_by("UserTablesMD", "TableName", &own.into())?.is_some(),
            None => false,
        };
        if !own && self.schema.type_of_table(&table).is_none() {
            let message = format!("the sandbox does not know the table {table}");
            return Err(Refusal::inconsistent(message));
        }
        let same_rows = |other: &str| {
            other == table
                || (self.schema.type_of_table(other).is_some()
                    && self.schema.type_of_table(other) == self.schema.type_of_table(&table))
        };
        let exists = self.store.all("UserFieldsMD")?.iter().any(|field| {
            field.body.text("Name") == Some(name)
                && field.body.text("TableName").is_some_and(same_rows)
        });
        if exists { Err(Refusal::already_exists()) } else { Ok(()) }
    }

    pub(super) fn register_user_definition(
        &mut self,
        set: &EntitySet,
        entity: &Object,
    ) -> Result<(), Refusal> {
        if self.options.new_fields_need_restart {
            let name = entity.text("Name").or(entity.text("TableName")).unwrap_or_default();
            tracing::debug!(set = set.name, name, "visible after a restart of the service");
            return Ok(());
        }
        self.restart()
    }

    /// Reads the metadata anew, user-defined fields, tables and objects included.
    pub(crate) fn restart(&mut self) -> Result<(), Refusal> {
        let mut schema = Schema::standard().map_err(Refusal::internal)?;
        for table in self.store.all("UserTablesMD")? {
            add_table(&mut schema, &table.body);
        }
        for object in self.store.all("UserObjectsMD")? {
            add_object(&mut schema, &object.body).map_err(Refusal::inconsistent)?;
        }
        for field in self.store.all("UserFieldsMD")? {
            let table = field.body.text("TableName").unwrap_or_default();
            schema.add_field(table, field_property(&field.body)).map_err(Refusal::inconsistent)?;
        }
        self.schema = Arc::new(schema);
        Ok(())
    }
}

fn add_table(schema: &mut Schema, table: &Object) {
    let name = table.text("TableName").unwrap_or_default();
    match table.text("TableType").unwrap_or("bott_NoObject") {
        "bott_NoObjectAutoIncrement" => schema.add_table(name, Numbering::From(1)),
        "bott_MasterData" => drop(schema.add_header_type(name, false)),
        "bott_Document" => drop(schema.add_header_type(name, true)),
        "bott_MasterDataLines" | "bott_DocumentLines" => drop(schema.add_line_type(name)),
        _ => schema.add_table(name, Numbering::Given),
    }
}

fn add_object(schema: &mut Schema, object: &Object) -> Result<(), String> {
    let code = object.text("Code").unwrap_or_default();
    let table = object.text("TableName").unwrap_or_default().to_uppercase();
    let document = object.text("ObjectType") == Some("boud_Document");
    let children: Vec<String> = object
        .rows("UserObjectMD_ChildTables")
        .filter_map(|child| child.text("TableName").map(str::to_uppercase))
        .collect();
    let can = |name: &str| object.text(name) == Some("tYES");
    schema.add_object(code, &table, document, &children, (can("CanCancel"), can("CanClose")))
}

fn field_property(field: &Object) -> Property {
    let kind = match (field.text("Type").unwrap_or_default(), field.text("SubType")) {
        ("db_Numeric", _) => Kind::Int,
        ("db_Date", Some("st_Time")) => Kind::Time,
        ("db_Date", _) => Kind::Date,
        ("db_Float", _) => Kind::Decimal,
        _ => Kind::Text,
    };
    Property {
        name: format!("U_{}", field.text("Name").unwrap_or_default()),
        size: field
            .int("Size")
            .and_then(|size| usize::try_from(size).ok())
            .filter(|size| *size > 0 && field.text("Type") == Some("db_Alpha")),
        kind,
        read_only: false,
        default: field.text("DefaultValue").filter(|value| !value.is_empty()).map(str::to_owned),
    }
}
