//! Enums that keep the values they do not know.

/// Declares a string enum that decodes any value and writes it back unchanged.
///
/// Servers add enum members with every release; a closed enum would fail to decode the whole
/// document. Each variant names its wire text and, after `|`, other texts that mean the same
/// (a database value, an older spelling). Whatever else arrives is kept in `Unknown`.
///
/// The enum gets `as_str`, `is_known`, `KNOWN`, `Display`, `From<&str>`, `From<String>`,
/// `FromStr` (which cannot fail), `Serialize` and `Deserialize` (text or number).
///
/// ```
/// erplink_core::open_enum! {
///     /// Yes or no, as the ERP writes it.
///     pub enum YesNo {
///         /// No.
///         No = "tNO" | "N",
///         /// Yes.
///         Yes = "tYES" | "Y",
///     }
/// }
///
/// assert_eq!(YesNo::from("Y"), YesNo::Yes);
/// assert_eq!(YesNo::Yes.as_str(), "tYES");
/// let odd: YesNo = serde_json::from_str(r#""tMAYBE""#).unwrap();
/// assert_eq!(odd, YesNo::Unknown("tMAYBE".into()));
/// assert_eq!(serde_json::to_string(&odd).unwrap(), r#""tMAYBE""#);
/// ```
#[macro_export]
macro_rules! open_enum {
    (
        $(#[$meta:meta])*
        $vis:vis enum $name:ident {
            $(
                $(#[$variant_meta:meta])*
                $variant:ident = $text:literal $(| $alias:literal)*
            ),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        $vis enum $name {
            $(
                $(#[$variant_meta])*
                #[doc = concat!("\n\nWire text: `", $text, "`.")]
                $variant,
            )+
            /// A value this version does not know, as the server wrote it.
            Unknown(::std::string::String),
        }

        impl $name {
            /// Every known value, in the order of declaration.
            pub const KNOWN: &'static [Self] = &[$(Self::$variant),+];

            /// The text on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Unknown(text) => text,
                }
            }

            /// Whether this version knows the value.
            #[must_use]
            pub fn is_known(&self) -> bool {
                !matches!(self, Self::Unknown(_))
            }
        }

        impl ::std::convert::From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($text $(| $alias)* => Self::$variant,)+
                    other => Self::Unknown(other.to_owned()),
                }
            }
        }

        impl ::std::convert::From<::std::string::String> for $name {
            fn from(text: ::std::string::String) -> Self {
                match Self::from(text.as_str()) {
                    Self::Unknown(_) => Self::Unknown(text),
                    known => known,
                }
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = ::std::convert::Infallible;

            fn from_str(text: &str) -> ::std::result::Result<Self, Self::Err> {
                Ok(Self::from(text))
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl $crate::__private::serde::Serialize for $name {
            fn serialize<S: $crate::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> $crate::__private::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::__private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                $crate::__private::open_enum_from(deserializer)
            }
        }
    };
}

/// Decodes an open enum from text, or from a number that stands for it.
#[doc(hidden)]
pub fn open_enum_from<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: for<'a> From<&'a str>,
{
    struct TextOrNumber<T>(std::marker::PhantomData<T>);

    impl<'de, T: for<'a> From<&'a str>> serde::de::Visitor<'de> for TextOrNumber<T> {
        type Value = T;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("the text or number of an enum value")
        }

        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
            Ok(T::from(text))
        }

        fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<T, E> {
            Ok(T::from(number.to_string().as_str()))
        }

        fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<T, E> {
            Ok(T::from(number.to_string().as_str()))
        }

        // Numbers, where some crate turns on serde_json's `arbitrary_precision`.
        fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
            match map.next_entry::<String, String>()? {
                Some((name, number)) if name == crate::json::NUMBER_TOKEN => {
                    Ok(T::from(number.as_str()))
                }
                _ => Err(serde::de::Error::invalid_type(serde::de::Unexpected::Map, &self)),
            }
        }
    }

    deserializer.deserialize_any(TextOrNumber(std::marker::PhantomData))
}
