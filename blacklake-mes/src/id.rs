//! Ids of the MES: 64-bit numbers, one type for each kind.

/// Declares ids: numbers from 1 to 2^63 − 1, on the wire numbers or texts that hold one.
macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {
        $(
            $(#[$meta])*
            #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub struct $name(i64);

            impl $name {
                /// The id with this number.
                #[must_use]
                pub const fn new(number: i64) -> Self {
                    Self(number)
                }

                /// The number.
                #[must_use]
                pub const fn get(self) -> i64 {
                    self.0
                }
            }

            impl From<i64> for $name {
                fn from(number: i64) -> Self {
                    Self(number)
                }
            }

            impl std::fmt::Display for $name {
                fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    self.0.fmt(f)
                }
            }

            impl std::str::FromStr for $name {
                type Err = std::num::ParseIntError;

                fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
                    text.parse().map(Self)
                }
            }

            impl serde::Serialize for $name {
                fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
                    serializer.serialize_i64(self.0)
                }
            }

            impl<'de> serde::Deserialize<'de> for $name {
                fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
                    crate::lenient::read(deserializer)
                }
            }

            impl crate::lenient::Lenient for $name {
                fn read(text: &str) -> std::result::Result<Self, String> {
                    crate::lenient::integer(text).map(Self)
                }
            }
        )+
    };
}

ids! {
    /// Id of a material (物料).
    MaterialId,
    /// Id of a unit of measure (单位).
    UnitId,
    /// Id of a work order (工单).
    WorkOrderId,
    /// Id of an operation **of one work order** (工单工序).
    OperationId,
    /// Id of an operation's definition (工序), which many work orders use.
    ProcessId,
    /// Id of a production task (生产任务).
    TaskId,
    /// Id of one row of a progress report (报工明细): the key against booking it twice.
    ReportId,
    /// Id of a progress report (报工记录), which has one row or several.
    ReportRecordId,
    /// Id of a feeding record (投料记录), which has one row or several.
    FeedRecordId,
    /// Id of one row of a feeding record (投料明细): the one its detail is read by.
    FeedDetailId,
    /// Id of anything else: a person, a batch, a place, a category.
    Id,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_beyond_a_float_are_exact() {
        for text in ["17416593677159951", "\"17416593677159951\"", "9223372036854775807"] {
            let id: WorkOrderId = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&id).unwrap(), text.trim_matches('"'));
        }
        for text in ["1.5", "\"\"", "\"x\"", "null", "9223372036854775808", "1e3", "{}"] {
            assert!(serde_json::from_str::<WorkOrderId>(text).is_err(), "{text}");
        }
    }
}
