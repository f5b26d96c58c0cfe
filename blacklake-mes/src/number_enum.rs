//! Enums of numbers that keep the numbers they do not know.

/// Declares an enum whose members are numbers on the wire.
macro_rules! number_enum {
    ($(
        $(#[$meta:meta])*
        pub enum $name:ident {
            $($(#[$variant_meta:meta])* $variant:ident = $number:literal),+ $(,)?
        }
    )+) => {
        $(
            $(#[$meta])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
            #[non_exhaustive]
            pub enum $name {
                $(
                    $(#[$variant_meta])*
                    #[doc = concat!("\n\nOn the wire: `", $number, "`.")]
                    $variant,
                )+
                /// A number this version does not know.
                Unknown(i64),
            }

            impl $name {
                /// Every known member, in the order of declaration.
                pub const KNOWN: &'static [Self] = &[$(Self::$variant),+];

                /// The number on the wire.
                #[must_use]
                pub const fn number(self) -> i64 {
                    match self {
                        $(Self::$variant => $number,)+
                        Self::Unknown(number) => number,
                    }
                }
            }

            impl From<i64> for $name {
                fn from(number: i64) -> Self {
                    match number {
                        $($number => Self::$variant,)+
                        other => Self::Unknown(other),
                    }
                }
            }

            impl std::fmt::Display for $name {
                fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    match self {
                        Self::Unknown(number) => write!(f, "unknown ({number})"),
                        known => write!(f, "{known:?} ({})", known.number()),
                    }
                }
            }

            impl crate::lenient::Lenient for $name {
                fn read(text: &str) -> std::result::Result<Self, String> {
                    crate::lenient::integer(text).map(Self::from)
                }
            }
        )+
    };
}

pub(crate) use number_enum;
