//! The code that a model turns into.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

use crate::model::{EntityAttributes, Member, Model};

pub(crate) fn expand(model: &Model<'_>) -> TokenStream {
    let value = edm_value(model);
    let serde = serde(model);
    let entity = model.entity.as_ref().map(|entity| {
        let key_type = (entity.key.len() > 1).then(|| key_structure(model, entity));
        let entity_type = entity_type(model, entity);
        let constants = constants(model);
        quote! { #key_type #entity_type #constants }
    });
    quote! { #value #serde #entity }
}

/// `EdmValue`: how the structure is read and written.
fn edm_value(model: &Model<'_>) -> TokenStream {
    let ident = model.ident;
    let expecting = format!("an object ({ident})");
    let positions = positions(model);
    // Spanned at the member's type: one that cannot be a member is reported there.
    let reads = model.members.iter().enumerate().map(|(index, member)| {
        let (ident, ty) = (member.ident, member.ty);
        quote_spanned! {ty.span()=>
            __private::Name::Member(#index) => {
                read.#ident = map.next_value::<__private::ReadSlot<#ty>>()?.0;
            }
        }
    });
    let writes = model.members.iter().map(|member| {
        let (ident, name) = (member.ident, wire_name(member));
        quote_spanned! {member.ty.span()=>
            __private::write_member(&mut map, #name, &self.#ident, version)?;
        }
    });
    let user_fields = model.user_fields;
    let user_default =
        user_fields.map(|ident| quote! { #ident: ::core::default::Default::default(), });
    let keep_user_field = match user_fields {
        Some(ident) => quote! {
            __private::Name::UserField(name) => {
                let value = map.next_value::<::b1_servicelayer::RawJson>()?;
                ::b1_servicelayer::UserFields::put(&mut read.#ident, name, value);
            }
        },
        None => TokenStream::new(),
    };
    let write_user_fields = user_fields.map(|ident| {
        quote! { ::b1_servicelayer::UserFields::write_members(&self.#ident, &mut map)?; }
    });
    let keeps_user_fields = user_fields.is_some();
    let defaults = model.members.iter().map(|member| {
        let (ident, ty) = (member.ident, member.ty);
        quote_spanned! {ty.span()=> #ident: <#ty as ::core::default::Default>::default(), }
    });
    quote! {
        #[automatically_derived]
        const _: () = {
            use ::b1_servicelayer::__private;
            use ::b1_servicelayer::__private::serde;

            impl ::b1_servicelayer::edm::EdmValue for #ident {
                fn write<__S: serde::Serializer>(
                    &self,
                    version: ::b1_servicelayer::Version,
                    serializer: __S,
                ) -> ::core::result::Result<__S::Ok, __S::Error> {
                    let mut map = serde::Serializer::serialize_map(
                        serializer,
                        ::core::option::Option::None,
                    )?;
                    #(#writes)*
                    #write_user_fields
                    serde::ser::SerializeMap::end(map)
                }

                fn read<'de, __D: serde::Deserializer<'de>>(
                    deserializer: __D,
                ) -> ::core::result::Result<Self, __D::Error> {
                    struct __Visitor;

                    impl<'de> serde::de::Visitor<'de> for __Visitor {
                        type Value = #ident;

                        fn expecting(
                            &self,
                            f: &mut ::core::fmt::Formatter<'_>,
                        ) -> ::core::fmt::Result {
                            f.write_str(#expecting)
                        }

                        fn visit_map<__A: serde::de::MapAccess<'de>>(
                            self,
                            mut map: __A,
                        ) -> ::core::result::Result<#ident, __A::Error> {
                            let mut read = #ident { #(#defaults)* #user_default };
                            let names = __private::Names::new(position, #keeps_user_fields);
                            while let ::core::option::Option::Some(name) = map.next_key_seed(names)? {
                                match name {
                                    #(#reads)*
                                    #keep_user_field
                                    _ => {
                                        map.next_value::<serde::de::IgnoredAny>()?;
                                    }
                                }
                            }
                            ::core::result::Result::Ok(read)
                        }
                    }

                    #positions

                    serde::Deserializer::deserialize_map(deserializer, __Visitor)
                }
            }
        };
    }
}

/// A function from a wire name to the index of its member.
///
/// Names are told apart by their length first: most names of a row are of no member, and most of
/// those are dismissed without comparing any text.
fn positions(model: &Model<'_>) -> TokenStream {
    let mut by_length: BTreeMap<usize, Vec<(&str, usize)>> = BTreeMap::new();
    for (index, member) in model.members.iter().enumerate() {
        for name in member.names() {
            by_length.entry(name.len()).or_default().push((name, index));
        }
    }
    let arms = by_length.iter().map(|(length, names)| {
        let arms = names.iter().map(|(name, index)| {
            quote! { #name => ::core::option::Option::Some(#index), }
        });
        quote! { #length => match name { #(#arms)* _ => ::core::option::Option::None, }, }
    });
    quote! {
        fn position(name: &str) -> ::core::option::Option<usize> {
            match name.len() {
                #(#arms)*
                _ => ::core::option::Option::None,
            }
        }
    }
}

fn wire_name(member: &Member<'_>) -> TokenStream {
    let name = &member.name;
    match &member.v2 {
        None => quote! { #name },
        Some(v2) => quote! {
            match version {
                ::b1_servicelayer::Version::V1 => #name,
                ::b1_servicelayer::Version::V2 => #v2,
            }
        },
    }
}

/// `Serialize` and `Deserialize`, for users who handle entities as plain JSON.
fn serde(model: &Model<'_>) -> TokenStream {
    let ident = model.ident;
    quote! {
        #[automatically_derived]
        impl ::b1_servicelayer::__private::serde::Serialize for #ident {
            fn serialize<__S: ::b1_servicelayer::__private::serde::Serializer>(
                &self,
                serializer: __S,
            ) -> ::core::result::Result<__S::Ok, __S::Error> {
                ::b1_servicelayer::edm::EdmValue::write(
                    self,
                    ::b1_servicelayer::Version::V1,
                    serializer,
                )
            }
        }

        #[automatically_derived]
        impl<'de> ::b1_servicelayer::__private::serde::Deserialize<'de> for #ident {
            fn deserialize<__D: ::b1_servicelayer::__private::serde::Deserializer<'de>>(
                deserializer: __D,
            ) -> ::core::result::Result<Self, __D::Error> {
                <Self as ::b1_servicelayer::edm::EdmValue>::read(deserializer)
            }
        }
    }
}

/// The type of a member's value, as short as it can be written.
fn value_type(member: &Member<'_>) -> TokenStream {
    let ty = member.ty;
    match member.value_type() {
        Some(value) => quote! { #value },
        None => quote_spanned! {ty.span()=> <#ty as ::b1_servicelayer::edm::Slot>::Value },
    }
}

fn key_members<'a>(
    model: &'a Model<'a>,
    entity: &'a EntityAttributes,
) -> impl Iterator<Item = &'a Member<'a>> + Clone {
    entity.key.iter().filter_map(|&index| model.members.get(index))
}

/// The structure for a key of several properties.
fn key_structure(model: &Model<'_>, entity: &EntityAttributes) -> TokenStream {
    let (ident, visibility) = (model.ident, model.visibility);
    let key = format_ident!("{ident}Key");
    let doc = format!("The key of one [`{ident}`]: several properties together.");
    let members = key_members(model, entity);
    let docs = members.clone().map(|member| format!("The key property `{}`.", member.name));
    let names = members.clone().map(|member| &member.name);
    let types = members.clone().map(value_type);
    let idents: Vec<_> = members.map(|member| member.ident).collect();
    quote! {
        #[doc = #doc]
        #[derive(
            ::core::clone::Clone,
            ::core::fmt::Debug,
            ::core::cmp::PartialEq,
            ::core::cmp::Eq,
            ::core::hash::Hash,
        )]
        #visibility struct #key {
            #(
                #[doc = #docs]
                pub #idents: #types,
            )*
        }

        #[automatically_derived]
        impl ::core::convert::From<#key> for ::b1_servicelayer::Key {
            fn from(key: #key) -> Self {
                Self::named([
                    #((#names, ::b1_servicelayer::KeyValue::from(key.#idents)),)*
                ])
            }
        }
    }
}

/// `EntityType`, and `Entity` for a type with a set of its own.
fn entity_type(model: &Model<'_>, entity: &EntityAttributes) -> TokenStream {
    let ident = model.ident;
    let versioned = entity.versioned;
    let members = key_members(model, entity);
    let names = members.clone().map(|member| &member.name);
    let idents: Vec<_> = members.clone().map(|member| member.ident).collect();
    let values = idents.iter().map(|ident| {
        quote! {
            ::core::clone::Clone::clone(::b1_servicelayer::edm::Slot::value(&self.#ident)?)
        }
    });
    let (key, value) = match idents.as_slice() {
        [_] => {
            let types = members.map(value_type);
            (quote! { #(#types)* }, quote! { #(#values)* })
        }
        _ => {
            let key = format_ident!("{ident}Key");
            (quote! { #key }, quote! { #key { #(#idents: #values,)* } })
        }
    };
    let set = entity.set.as_ref().map(|set| {
        quote! {
            #[automatically_derived]
            impl ::b1_servicelayer::Entity for #ident {
                const SET: &'static str = #set;
            }
        }
    });
    quote! {
        #[automatically_derived]
        impl ::b1_servicelayer::EntityType for #ident {
            type Key = #key;
            const KEY_PROPERTIES: &'static [&'static str] = &[#(#names),*];
            const VERSIONED: bool = #versioned;

            fn key(&self) -> ::core::option::Option<Self::Key> {
                ::core::option::Option::Some(#value)
            }
        }

        #set
    }
}

/// One constant for each member.
fn constants(model: &Model<'_>) -> TokenStream {
    let ident = model.ident;
    let constants = model.members.iter().map(|member| {
        let visibility = member.visibility;
        let docs = &member.docs;
        let name = &member.name;
        let ty = value_type(member);
        let constant = member.ident.to_string().trim_start_matches("r#").to_uppercase();
        let constant = format_ident!("{constant}", span = member.ident.span());
        let doc = format!("The property `{name}`, for filters, selections and updates.");
        quote! {
            #[doc = #doc]
            #[doc = ""]
            #(#docs)*
            #visibility const #constant: ::b1_servicelayer::Field<#ident, #ty> =
                ::b1_servicelayer::Field::new(#name);
        }
    });
    quote! {
        #[automatically_derived]
        #[allow(dead_code)]
        impl #ident {
            #(#constants)*
        }
    }
}
