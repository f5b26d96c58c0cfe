//! What the user wrote, checked.

use std::collections::HashMap;

use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{
    Attribute, Data, DeriveInput, Error, Field, Fields, GenericArgument, Ident, LitStr,
    PathArguments, Result, Token, Type, Visibility, parenthesized,
};

/// Which of the two derives is at work.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Entity,
    Complex,
}

/// A structure with its attributes understood.
pub(crate) struct Model<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) visibility: &'a Visibility,
    pub(crate) members: Vec<Member<'a>>,
    /// The member that keeps user-defined fields.
    pub(crate) user_fields: Option<&'a Ident>,
    /// Absent for complex types.
    pub(crate) entity: Option<EntityAttributes>,
}

/// What makes a structure an entity.
pub(crate) struct EntityAttributes {
    pub(crate) set: Option<LitStr>,
    /// Indices of the key's members, in the order of the attribute; never empty.
    pub(crate) key: Vec<usize>,
    pub(crate) versioned: bool,
}

/// A property.
pub(crate) struct Member<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) visibility: &'a Visibility,
    pub(crate) ty: &'a Type,
    pub(crate) docs: Vec<&'a Attribute>,
    /// The wire name of the first version.
    pub(crate) name: String,
    /// The wire name of the second version, where it differs.
    pub(crate) v2: Option<String>,
    pub(crate) aliases: Vec<String>,
}

impl Member<'_> {
    /// Every name accepted when reading.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.name).chain(&self.v2).chain(&self.aliases).map(String::as_str)
    }

    /// The `T` of `Option<T>` or `Patch<T>`; `None` when the type is spelt in another way.
    pub(crate) fn value_type(&self) -> Option<&Type> {
        let Type::Path(path) = self.ty else { return None };
        let last = path.path.segments.last()?;
        if last.ident != "Option" && last.ident != "Patch" {
            return None;
        }
        match &last.arguments {
            PathArguments::AngleBracketed(arguments) => match arguments.args.first()? {
                GenericArgument::Type(ty) if arguments.args.len() == 1 => Some(ty),
                _ => None,
            },
            _ => None,
        }
    }
}

impl<'a> Model<'a> {
    pub(crate) fn parse(input: &'a DeriveInput, kind: Kind) -> Result<Self> {
        let fields = named_fields(input)?;
        if let Some(parameter) = input.generics.params.first() {
            return Err(Error::new(
                parameter.span(),
                "entities and complex types cannot be generic: write one structure for each type",
            ));
        }
        let mut members = Vec::new();
        let mut user_fields = None;
        let mut taken = HashMap::new();
        for field in fields {
            match parse_member(field)? {
                Parsed::Property(member) => {
                    for name in member.names() {
                        if let Some(other) = taken.insert(name.to_owned(), member.ident) {
                            return Err(Error::new(
                                member.ident.span(),
                                format!("`{name}` is already the name of the member `{other}`"),
                            ));
                        }
                    }
                    members.push(member);
                }
                Parsed::UserFields(ident) => {
                    if user_fields.replace(ident).is_some() {
                        return Err(Error::new(
                            ident.span(),
                            "only one member can keep the user-defined fields: remove this one",
                        ));
                    }
                }
            }
        }
        let attributes = ContainerAttributes::parse(&input.attrs)?;
        let entity = match kind {
            Kind::Entity => Some(attributes.into_entity(&input.ident, &members)?),
            Kind::Complex => attributes.refuse()?,
        };
        Ok(Self { ident: &input.ident, visibility: &input.vis, members, user_fields, entity })
    }
}

fn named_fields(input: &DeriveInput) -> Result<&Punctuated<Field, Token![,]>> {
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => Ok(&fields.named),
            Fields::Unnamed(_) | Fields::Unit => Err(Error::new(
                input.ident.span(),
                "only structures with named members can be derived: `struct Name { member: … }`",
            )),
        },
        Data::Enum(_) | Data::Union(_) => Err(Error::new(
            input.ident.span(),
            "only structures can be derived; declare enums with `b1_servicelayer::open_enum!`",
        )),
    }
}

enum Parsed<'a> {
    Property(Member<'a>),
    UserFields(&'a Ident),
}

fn parse_member(field: &Field) -> Result<Parsed<'_>> {
    let ident =
        field.ident.as_ref().ok_or_else(|| Error::new(field.span(), "the member needs a name"))?;
    let mut name = None;
    let mut v2 = None;
    let mut aliases = Vec::new();
    let mut user_fields = false;
    for attribute in entity_attributes(&field.attrs) {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("name") {
                once(&mut name, meta.path.span(), property(&meta.value()?.parse()?)?)
            } else if meta.path.is_ident("v2") {
                once(&mut v2, meta.path.span(), property(&meta.value()?.parse()?)?)
            } else if meta.path.is_ident("alias") {
                aliases.push(property(&meta.value()?.parse()?)?);
                Ok(())
            } else if meta.path.is_ident("user_fields") {
                user_fields = true;
                Ok(())
            } else {
                Err(meta.error(
                    "unknown attribute of a member: expected `name = \"…\"`, `v2 = \"…\"`, \
                     `alias = \"…\"` or `user_fields`",
                ))
            }
        })?;
    }
    if user_fields {
        if name.is_some() || v2.is_some() || !aliases.is_empty() {
            return Err(Error::new(
                ident.span(),
                "the member that keeps the user-defined fields has no name on the wire: remove \
                 `name`, `v2` and `alias`",
            ));
        }
        return Ok(Parsed::UserFields(ident));
    }
    Ok(Parsed::Property(Member {
        ident,
        visibility: &field.vis,
        ty: &field.ty,
        docs: field.attrs.iter().filter(|attribute| attribute.path().is_ident("doc")).collect(),
        name: name.unwrap_or_else(|| upper_camel_case(ident)),
        v2,
        aliases,
    }))
}

/// The attributes of the structure, before they are checked against its members.
#[derive(Default)]
struct ContainerAttributes {
    set: Option<LitStr>,
    key: Option<Vec<LitStr>>,
    versioned: Option<Ident>,
}

impl ContainerAttributes {
    fn parse(attributes: &[Attribute]) -> Result<Self> {
        let mut found = Self::default();
        for attribute in entity_attributes(attributes) {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("set") {
                    let set: LitStr = meta.value()?.parse()?;
                    if set.value().is_empty() {
                        return Err(Error::new(
                            set.span(),
                            "the set needs a name; leave `set` out for a type that many sets share",
                        ));
                    }
                    once(&mut found.set, meta.path.span(), set)
                } else if meta.path.is_ident("key") {
                    let names = if meta.input.peek(Token![=]) {
                        vec![meta.value()?.parse()?]
                    } else {
                        let list;
                        parenthesized!(list in meta.input);
                        Punctuated::<LitStr, Token![,]>::parse_terminated_with(&list, |input| {
                            input.parse()
                        })?
                        .into_iter()
                        .collect()
                    };
                    once(&mut found.key, meta.path.span(), names)
                } else if meta.path.is_ident("versioned") {
                    found.versioned = meta.path.get_ident().cloned();
                    Ok(())
                } else {
                    Err(meta.error(
                        "unknown attribute of an entity: expected `set = \"…\"`, `key = \"…\"`, \
                         `key(\"…\", \"…\")` or `versioned`",
                    ))
                }
            })?;
        }
        Ok(found)
    }

    fn into_entity(self, ident: &Ident, members: &[Member<'_>]) -> Result<EntityAttributes> {
        let names = self.key.filter(|names| !names.is_empty()).ok_or_else(|| {
            Error::new(
                ident.span(),
                "an entity needs a key: add `#[entity(key = \"DocEntry\")]`, or derive \
                 `ComplexType` for a line or another part of an entity",
            )
        })?;
        let mut key = Vec::new();
        for name in &names {
            let index = members.iter().position(|member| member.name == name.value());
            let index = index.ok_or_else(|| {
                Error::new(
                    name.span(),
                    format!("no member is named `{}` on the wire: add it", name.value()),
                )
            })?;
            if key.contains(&index) {
                return Err(Error::new(name.span(), "this property is already part of the key"));
            }
            key.push(index);
        }
        Ok(EntityAttributes { set: self.set, key, versioned: self.versioned.is_some() })
    }

    /// Complex types have nothing to say about sets and keys.
    fn refuse<T>(self) -> Result<Option<T>> {
        let span = self
            .set
            .map(|set| set.span())
            .or_else(|| self.key.and_then(|names| names.first().map(LitStr::span)))
            .or_else(|| self.versioned.map(|versioned| versioned.span()));
        match span {
            None => Ok(None),
            Some(span) => Err(Error::new(
                span,
                "complex types have no set, key or version: derive `Entity` instead",
            )),
        }
    }
}

fn entity_attributes(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("entity"))
}

fn once<T>(slot: &mut Option<T>, span: proc_macro2::Span, value: T) -> Result<()> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(Error::new(span, "given twice: keep one")),
    }
}

fn property(name: &LitStr) -> Result<String> {
    let text = name.value();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Err(Error::new(name.span(), "a property name holds letters, digits and `_` only"));
    }
    Ok(text)
}

/// `item_code` is `ItemCode` on the wire.
fn upper_camel_case(ident: &Ident) -> String {
    let text = ident.to_string();
    text.trim_start_matches("r#")
        .split('_')
        .flat_map(|word| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters)
        })
        .collect()
}
