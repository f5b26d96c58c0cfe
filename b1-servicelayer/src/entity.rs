//! What the client must know of a type to read and write it.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use crate::edm::EdmValue;
use crate::key::Key;

/// The type of the entities in one or several sets. Implemented by `#[derive(Entity)]`.
pub trait EntityType: EdmValue + Send + Sync + 'static {
    /// The type of its key: `i32`, `String`, or a structure for keys of several properties.
    type Key: Into<Key> + Clone + Send + 'static;

    /// The wire names of the key's properties.
    const KEY_PROPERTIES: &'static [&'static str];

    /// Whether the server versions it (`DataVersion`, ETag): documents, items, partners.
    const VERSIONED: bool;

    /// The key of this entity, if it has been filled.
    fn key(&self) -> Option<Self::Key>;
}

/// An entity type with a set of its own. Implemented by `#[derive(Entity)]` with `set = "…"`.
pub trait Entity: EntityType {
    /// The name of the entity set, such as `Items`. Case matters.
    const SET: &'static str;
}

/// A property of `E` with values of type `T`, for filters, `$select`, `$orderby` and updates.
///
/// `#[derive(Entity)]` makes one constant for each member: `Item::ITEM_CODE`. User-defined fields
/// without a member get one from [`Field::udf`].
pub struct Field<E, T> {
    name: Cow<'static, str>,
    user_defined: bool,
    types: PhantomData<fn() -> (E, T)>,
}

impl<E, T> Field<E, T> {
    /// Names a property by its wire name.
    ///
    /// The name is not checked against `E`: for properties that a model does not list.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self { name: Cow::Borrowed(name), user_defined: false, types: PhantomData }
    }

    /// Names a property whose wire name is known only when the program runs, such as from a
    /// configuration file. The name is not checked against `E`.
    pub fn named(name: impl Into<Cow<'static, str>>) -> Self {
        Self { name: name.into(), user_defined: false, types: PhantomData }
    }

    /// Names a user-defined field, with its `U_`.
    ///
    /// A name that is none (it must begin with `U_` and hold letters, digits and `_` only) is
    /// refused when the request is built.
    pub fn udf(name: impl Into<Cow<'static, str>>) -> Self {
        Self { name: name.into(), user_defined: true, types: PhantomData }
    }

    /// The wire name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it was made by [`Field::udf`].
    pub(crate) fn is_user_defined(&self) -> bool {
        self.user_defined
    }
}

impl<E, T> Clone for Field<E, T> {
    fn clone(&self) -> Self {
        Self { name: self.name.clone(), user_defined: self.user_defined, types: PhantomData }
    }
}

impl<E, T> fmt::Debug for Field<E, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Field({})", self.name)
    }
}
