#![doc = include_str!("../README.md")]

mod expand;
mod model;
#[cfg(test)]
mod refusals;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

use crate::model::{Kind, Model};

/// Makes a structure the type of the entities of a set.
///
/// Implements `EntityType`, `EdmValue`, `Serialize` and `Deserialize`; with `set`, also `Entity`.
/// Each member but the user fields gets a constant for filters and updates: `Item::ITEM_CODE`.
///
/// On the structure, in `#[entity(…)]`:
///
/// - `key = "ItemCode"`: the wire name of the key property; a member must have it.
/// - `key("ItemCode", "CardCode")`: a key of several properties. Makes a structure named like the
///   type with `Key` behind it, with one public member for each.
/// - `set = "Items"`: the entity set. Left out for a type that many sets share.
/// - `versioned`: the server versions these entities and answers with ETags.
///
/// On a member, which is an `Option<T>` or a `Patch<T>`:
///
/// - `name = "SWW"`: the wire name, where it is not the member's name in upper camel case.
/// - `v2 = "BatchNumberProperty"`: the name in the second version of the service, if it differs.
/// - `alias = "RequiredDate"`: another name accepted when reading; may be repeated.
/// - `user_fields`: keeps the user-defined fields (`U_…`) that no member names; a `UserFields`.
#[proc_macro_derive(Entity, attributes(entity))]
pub fn derive_entity(input: TokenStream) -> TokenStream {
    derive(&parse_macro_input!(input), Kind::Entity)
}

/// Makes a structure the type of a property: a line, an address, a child of the user's object.
///
/// Implements `EdmValue`, `Serialize` and `Deserialize`. The attributes of the members are those
/// of [`macro@Entity`].
#[proc_macro_derive(ComplexType, attributes(entity))]
pub fn derive_complex_type(input: TokenStream) -> TokenStream {
    derive(&parse_macro_input!(input), Kind::Complex)
}

fn derive(input: &DeriveInput, kind: Kind) -> TokenStream {
    Model::parse(input, kind)
        .map(|model| expand::expand(&model))
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}
