//! How property values travel: exact decimals, lenient dates, enums by name.

use std::fmt;

use chrono::{NaiveDate, NaiveTime};
use erplink_core::{Decimal, Patch, RawJson, Secret, date, decimal};
use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeSeq, Serializer};

use crate::Version;

/// A type that a property of an entity can have.
///
/// It is implemented for `String`, `i32`, `i64`, [`Decimal`], [`NaiveDate`], [`NaiveTime`],
/// [`RawJson`], the enums of [`enums`](crate::enums), `Vec` and `Box` of these, and by
/// `#[derive(ComplexType)]` for structures. It exists beside `serde` because the same value is
/// named differently in the two [`Version`]s, and because numbers must not pass through `f64`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the type of a property",
    note = "use `String`, `i32`, `i64`, `Decimal`, `NaiveDate`, `NaiveTime`, `RawJson`, an enum with `edm_via_serde!`, a structure with `#[derive(ComplexType)]`, or a `Vec` or `Box` of these"
)]
pub trait EdmValue: Sized {
    /// Writes the value as `version` expects it.
    ///
    /// # Errors
    /// When the serializer refuses.
    fn write<S: Serializer>(&self, version: Version, serializer: S) -> Result<S::Ok, S::Error>;

    /// Reads the value in any form that any version of the server prints.
    ///
    /// # Errors
    /// When the value has another shape.
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

/// A property type that filters can compare: everything but structures and collections.
#[diagnostic::on_unimplemented(message = "properties of type `{Self}` cannot be compared")]
pub trait Scalar: EdmValue {}

impl Scalar for String {}
impl Scalar for i32 {}
impl Scalar for i64 {}
impl Scalar for Decimal {}
impl Scalar for NaiveDate {}
impl Scalar for NaiveTime {}

/// A member of an entity as `#[derive(Entity)]` sees it: a value that may be left out.
///
/// `Option<T>` is left out when it is `None` and reads `null` as `None`. [`Patch<T>`] can also be
/// sent as `null`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a member of an entity",
    label = "write `Option<{Self}>` or `Patch<{Self}>`",
    note = "the server leaves properties out, so every member is an `Option<T>` or a `Patch<T>`"
)]
pub trait Slot: Default {
    /// The type of the value, as filters compare it.
    type Value: EdmValue;

    /// Whether the member is left out of a request.
    fn is_absent(&self) -> bool;

    /// The value, if there is one.
    fn value(&self) -> Option<&Self::Value>;

    /// Writes the member; only called when it is present.
    ///
    /// # Errors
    /// When the serializer refuses.
    fn write<S: Serializer>(&self, version: Version, serializer: S) -> Result<S::Ok, S::Error>;

    /// Reads the member.
    ///
    /// # Errors
    /// When the value has another shape.
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

impl<T: EdmValue> Slot for Option<T> {
    type Value = T;

    fn is_absent(&self) -> bool {
        self.is_none()
    }

    fn value(&self) -> Option<&T> {
        self.as_ref()
    }

    fn write<S: Serializer>(&self, version: Version, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Some(value) => value.write(version, serializer),
            None => serializer.serialize_none(),
        }
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<Read<T>>::deserialize(deserializer)?.map(|read| read.0))
    }
}

impl<T: EdmValue> Slot for Patch<T> {
    type Value = T;

    fn is_absent(&self) -> bool {
        self.is_keep()
    }

    fn value(&self) -> Option<&T> {
        Self::value(self)
    }

    fn write<S: Serializer>(&self, version: Version, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Set(value) => value.write(version, serializer),
            Self::Keep | Self::Null => serializer.serialize_none(),
        }
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(<Option<T> as Slot>::read(deserializer)?.map_or(Self::Null, Self::Set))
    }
}

/// Reads an [`EdmValue`] where serde wants a `Deserialize`.
#[doc(hidden)]
#[derive(Debug)]
pub struct Read<T>(pub T);

impl<'de, T: EdmValue> Deserialize<'de> for Read<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::read(deserializer).map(Self)
    }
}

/// Reads a [`Slot`] where serde wants a `Deserialize`.
#[doc(hidden)]
#[derive(Debug)]
pub struct ReadSlot<T>(pub T);

impl<'de, T: Slot> Deserialize<'de> for ReadSlot<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::read(deserializer).map(Self)
    }
}

/// Writes an [`EdmValue`] for one version where serde wants a `Serialize`.
#[derive(Debug)]
pub struct Write<'a, T>(pub &'a T, pub Version);

impl<T: EdmValue> Serialize for Write<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.write(self.1, serializer)
    }
}

/// Writes a [`Slot`] for one version where serde wants a `Serialize`.
#[doc(hidden)]
#[derive(Debug)]
pub struct WriteSlot<'a, T>(pub &'a T, pub Version);

impl<T: Slot> Serialize for WriteSlot<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.write(self.1, serializer)
    }
}

/// Implements [`EdmValue`] and [`Scalar`] through the type's own `Serialize` and `Deserialize`.
///
/// For enums made with [`open_enum!`](crate::open_enum) and other types whose wire form does not
/// depend on the version.
#[macro_export]
macro_rules! edm_via_serde {
    ($($type:ty),+ $(,)?) => {$(
        impl $crate::edm::EdmValue for $type {
            fn write<S: $crate::__private::serde::Serializer>(
                &self,
                _: $crate::Version,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                $crate::__private::serde::Serialize::serialize(self, serializer)
            }

            fn read<'de, D: $crate::__private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                $crate::__private::serde::Deserialize::deserialize(deserializer)
            }
        }

        impl $crate::edm::Scalar for $type {}
    )+};
}

edm_via_serde!(RawJson);

impl EdmValue for String {
    fn write<S: Serializer>(&self, _: Version, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }

    /// Some builds print numbers where text is declared (`"UserID":1`): taken as their text.
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = String;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<String, E> {
                Ok(text.to_owned())
            }
            fn visit_string<E: de::Error>(self, text: String) -> Result<String, E> {
                Ok(text)
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<String, E> {
                Ok(number.to_string())
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<String, E> {
                Ok(number.to_string())
            }
        }
        deserializer.deserialize_any(Text)
    }
}

/// Written in clear, for the few properties that carry a password to the server.
impl EdmValue for Secret {
    fn write<S: Serializer>(&self, _: Version, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.expose())
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }
}

macro_rules! integers {
    ($($type:ty),+) => {$(
        impl EdmValue for $type {
            fn write<S: Serializer>(&self, _: Version, serializer: S) -> Result<S::Ok, S::Error> {
                self.serialize(serializer)
            }

            /// Takes numbers and, as some answers print them, text (`"AbsoluteEntry":"3"`).
            fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Number;
                impl Visitor<'_> for Number {
                    type Value = $type;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str(concat!("a whole number (", stringify!($type), ")"))
                    }
                    fn visit_i64<E: de::Error>(self, number: i64) -> Result<$type, E> {
                        number.try_into().map_err(|_| {
                            E::invalid_value(de::Unexpected::Signed(number), &self)
                        })
                    }
                    fn visit_u64<E: de::Error>(self, number: u64) -> Result<$type, E> {
                        number.try_into().map_err(|_| {
                            E::invalid_value(de::Unexpected::Unsigned(number), &self)
                        })
                    }
                    fn visit_str<E: de::Error>(self, text: &str) -> Result<$type, E> {
                        text.trim().parse().map_err(|_| {
                            E::invalid_value(de::Unexpected::Str(text), &self)
                        })
                    }
                }
                deserializer.deserialize_any(Number)
            }
        }
    )+};
}

integers!(i32, i64);

impl EdmValue for Decimal {
    fn write<S: Serializer>(&self, _: Version, serializer: S) -> Result<S::Ok, S::Error> {
        decimal::serialize(self, serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        decimal::deserialize(deserializer)
    }
}

/// Reads text and lets `parse` make something of it.
fn read_text<'de, D, T, E>(
    deserializer: D,
    expected: &'static str,
    parse: fn(&str) -> Result<T, E>,
) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    E: fmt::Display,
{
    struct Parsed<T, E>(&'static str, fn(&str) -> Result<T, E>);
    impl<T, E: fmt::Display> Visitor<'_> for Parsed<T, E> {
        type Value = T;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
        fn visit_str<X: de::Error>(self, text: &str) -> Result<T, X> {
            (self.1)(text).map_err(X::custom)
        }
    }
    deserializer.deserialize_str(Parsed(expected, parse))
}

/// Written as `"2014-04-01"`; a time of day behind it is dropped when reading.
impl EdmValue for NaiveDate {
    fn write<S: Serializer>(&self, _: Version, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.format("%Y-%m-%d"))
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read_text(deserializer, "a date", date::date)
    }
}

/// Written as `"19:32:42"`; seconds may be missing when reading.
impl EdmValue for NaiveTime {
    fn write<S: Serializer>(&self, _: Version, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.format("%H:%M:%S"))
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read_text(deserializer, "a time of day", date::time)
    }
}

impl<T: EdmValue> EdmValue for Vec<T> {
    fn write<S: Serializer>(&self, version: Version, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(Some(self.len()))?;
        for item in self {
            seq.serialize_element(&Write(item, version))?;
        }
        seq.end()
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Items<T>(std::marker::PhantomData<T>);
        impl<'de, T: EdmValue> Visitor<'de> for Items<T> {
            type Value = Vec<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
                let mut items = Vec::new();
                while let Some(Read(item)) = seq.next_element()? {
                    items.push(item);
                }
                Ok(items)
            }
        }
        deserializer.deserialize_seq(Items(std::marker::PhantomData))
    }
}

impl<T: EdmValue> EdmValue for Box<T> {
    fn write<S: Serializer>(&self, version: Version, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).write(version, serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::read(deserializer).map(Box::new)
    }
}
