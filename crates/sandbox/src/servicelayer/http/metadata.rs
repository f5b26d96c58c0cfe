//! The service document and a short `$metadata`.

use std::fmt::Write as _;

use http::StatusCode;

use super::{Asked, Reply};
use crate::servicelayer::company::{Company, Dialect};
use crate::servicelayer::json::{Json, Object};
use crate::servicelayer::schema::Kind;

pub(super) fn service_document(company: &Company, asked: &Asked<'_>) -> Reply {
    let sets = company.schema.sets().map(|set| {
        Object::default()
            .with("name", set.name.as_str())
            .with("kind", "EntitySet")
            .with("url", set.name.as_str())
            .into()
    });
    let answer = Object::default()
        .with(&asked.context_member(), format!("{}/$metadata", asked.root))
        .with("value", Json::Array(sets.collect()));
    Reply::json(StatusCode::OK, asked.dialect, answer)
}

/// Types with their properties and the sets; no enumerations, associations and operations.
pub(super) fn document(company: &Company, asked: &Asked<'_>) -> Reply {
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<edmx:Edmx Version=\"1.0\" \
         xmlns:edmx=\"http://schemas.microsoft.com/ado/2007/06/edmx\"><edmx:DataServices>\
         <Schema Namespace=\"SAPB1\" xmlns=\"http://schemas.microsoft.com/ado/2009/11/edm\">\n",
    );
    for structure in company.schema.structures() {
        let set = company.schema.sets().find(|set| set.type_name == structure.name);
        let element = if set.is_some() { "EntityType" } else { "ComplexType" };
        let name = escape(&structure.name);
        // Writing to a string cannot fail.
        let _ = writeln!(xml, "<{element} Name=\"{name}\" OpenType=\"true\">");
        if let Some(set) = set {
            xml.push_str("<Key>");
            for key in &set.key {
                let _ = write!(xml, "<PropertyRef Name=\"{key}\"/>");
            }
            xml.push_str("</Key>\n");
        }
        for property in &structure.properties {
            let name = asked.dialect.spelling(&property.name, &structure.name);
            let kind = edm(&property.kind, asked.dialect);
            let _ = writeln!(xml, "<Property Name=\"{}\" Type=\"{kind}\"/>", escape(&name));
        }
        let _ = writeln!(xml, "</{element}>");
    }
    xml.push_str("<EntityContainer Name=\"ServiceLayer\">\n");
    for set in company.schema.sets() {
        let (name, of) = (escape(&set.name), escape(&set.type_name));
        let _ = writeln!(xml, "<EntitySet Name=\"{name}\" EntityType=\"SAPB1.{of}\"/>");
    }
    xml.push_str("</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>\n");
    Reply::text(asked.dialect, "application/xml;charset=utf-8", xml)
}

fn edm(kind: &Kind, dialect: Dialect) -> String {
    let second = dialect == Dialect::V2;
    match kind {
        Kind::Text | Kind::Structure => "Edm.String".to_owned(),
        Kind::Int => "Edm.Int32".to_owned(),
        Kind::Decimal => "Edm.Double".to_owned(),
        Kind::Date if second => "Edm.DateTimeOffset".to_owned(),
        Kind::Date => "Edm.DateTime".to_owned(),
        Kind::Time if second => "Edm.TimeOfDay".to_owned(),
        Kind::Time => "Edm.Time".to_owned(),
        Kind::Enum(members) => format!("SAPB1.{}", members.name),
        Kind::Collection(row_type) => format!("Collection(SAPB1.{})", escape(row_type)),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
