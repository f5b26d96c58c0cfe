//! What a configuration file may say, as data: the check, the schema and the documentation of
//! keys all read the same tables.

/// One key of a table.
#[derive(Debug)]
pub(super) struct Key {
    pub name: &'static str,
    pub shape: Shape,
    pub need: Need,
    pub doc: &'static str,
}

/// What a value looks like.
#[derive(Debug)]
pub(super) enum Shape {
    /// A text; `${NAME}` in it is replaced by the environment variable.
    Text,
    /// A text that names something: letters, digits, `-` and `_`.
    Name,
    /// One of a few words.
    Choice(&'static [&'static str]),
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
    /// A table with these keys.
    Table(&'static [Key]),
    /// A list of tables with these keys.
    Tables(&'static [Key]),
    /// A list of tables whose keys depend on `scenario`.
    Flows,
}

/// Whether a key may be left out.
#[derive(Debug)]
pub(super) enum Need {
    Required,
    Optional,
    /// The default, as JSON.
    Default(&'static str),
}

/// A scenario and the keys of its flows.
#[derive(Debug)]
pub(super) struct Scenario {
    pub name: &'static str,
    pub keys: &'static [&'static [Key]],
}

pub(super) const fn required(name: &'static str, shape: Shape, doc: &'static str) -> Key {
    Key { name, shape, need: Need::Required, doc }
}

pub(super) const fn optional(name: &'static str, shape: Shape, doc: &'static str) -> Key {
    Key { name, shape, need: Need::Optional, doc }
}

pub(super) const fn default(
    name: &'static str,
    shape: Shape,
    json: &'static str,
    doc: &'static str,
) -> Key {
    Key { name, shape, need: Need::Default(json), doc }
}
