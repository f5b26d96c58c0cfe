//! What a configuration file may say, as data: the check, the schema and the documentation of
//! keys all read the same tables.

use crate::system::SystemKind;

/// One key of a table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    pub name: &'static str,
    pub shape: Shape,
    pub need: Need,
    /// No two tables of a list have the same value.
    pub unique: bool,
    /// Another key of the table that must be there as well.
    pub with: Option<&'static str>,
    pub doc: &'static str,
}

/// What a value looks like.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    /// A text; `${NAME}` in it is replaced by the environment variable.
    Text,
    /// A text that names something: letters, digits, `-` and `_`.
    Name,
    /// One of a few words.
    Choice(&'static [&'static str]),
    /// The address of a server.
    Url,
    /// A folder; a relative path is beside the file.
    Folder,
    /// An address of this machine with a port.
    Socket,
    /// A day such as `2026-08-01`.
    Day,
    /// A path, a constant or a template of a field map.
    Expression,
    /// `${NAME}` or `{ file = "…" }`: it never stands in the file.
    Secret,
    /// A whole number within bounds.
    Integer(i64, i64),
    /// `true` or `false`.
    Bool,
    /// A list of texts.
    Texts,
    /// Two texts.
    Pair,
    /// How a value is written: `"date"`, `{ number = 2 }`.
    Format,
    /// A table with these keys.
    Table(&'static [Key]),
    /// A list of tables with these keys.
    Tables(&'static [Key]),
    /// The name of a [scenario](crate::scenario).
    Scenario,
    /// The table of a [system](crate::system).
    System(&'static SystemKind),
    /// The companies: a table for each system, and flows.
    Companies,
    /// The flows of a company: their keys depend on the [scenario](crate::scenario).
    Flows,
}

/// Whether a key may be left out.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Need {
    Required,
    Optional,
    /// The default, as JSON.
    Default(&'static str),
}

pub(crate) const fn required(name: &'static str, shape: Shape, doc: &'static str) -> Key {
    key(name, shape, Need::Required, doc)
}

pub(crate) const fn optional(name: &'static str, shape: Shape, doc: &'static str) -> Key {
    key(name, shape, Need::Optional, doc)
}

pub(crate) const fn default(
    name: &'static str,
    shape: Shape,
    json: &'static str,
    doc: &'static str,
) -> Key {
    key(name, shape, Need::Default(json), doc)
}

const fn key(name: &'static str, shape: Shape, need: Need, doc: &'static str) -> Key {
    Key { name, shape, need, unique: false, with: None, doc }
}

impl Key {
    pub(crate) const fn unique(mut self) -> Self {
        self.unique = true;
        self
    }

    pub(crate) const fn with(mut self, other: &'static str) -> Self {
        self.with = Some(other);
        self
    }
}
