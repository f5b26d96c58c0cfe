//! The codes that ask for more than "report it". The platform publishes no list; these are the ones
//! that public clients know.

use erplink_core::ErrorKind;

/// What a client does about a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// A query found nothing.
    Empty,
    /// Whether a write was carried out is unknown.
    Fault,
    /// The caller's mistake, or configuration.
    Refused(ErrorKind),
}

#[derive(Debug)]
pub(super) struct Rule {
    codes: &'static [i64],
    pub(super) class: Class,
    pub(super) advice: &'static str,
}

/// The rule of a code, if there is one.
pub(super) fn rule(code: i64) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.codes.contains(&code))
}

const fn of(codes: &'static [i64], class: Class, advice: &'static str) -> Rule {
    Rule { codes, class, advice }
}

const RULES: &[Rule] = &[
    of(
        &[4010],
        Class::Refused(ErrorKind::Session),
        "the token was refused: check client_id and client_secret",
    ),
    of(
        &[4012, 40_001, 40_002, 40_202],
        Class::Refused(ErrorKind::Forbidden),
        "the app or the user lacks this right: grant it in the account's administration",
    ),
    of(
        &[40_003],
        Class::Refused(ErrorKind::Forbidden),
        "the user may not open this company set (账套): check dbId, or grant it",
    ),
    of(&[42_020, 42_021], Class::Refused(ErrorKind::Api), "dbId is missing or malformed"),
    of(
        &[42_022],
        Class::Refused(ErrorKind::NotFound),
        "there is no company set (账套) with this dbId, or the user may not open it",
    ),
    of(&[42_030, 42_031], Class::Refused(ErrorKind::Api), "sId is missing or malformed"),
    of(&[42_032, 42_034], Class::Refused(ErrorKind::NotFound), "there is no service with this sId"),
    of(&[42_033], Class::Refused(ErrorKind::Forbidden), "the user may not use this sId"),
    of(&[42_035], Class::Refused(ErrorKind::Api), "sId is no accounting service (会计服务)"),
    of(
        &[46_001],
        Class::Refused(ErrorKind::Api),
        "the data were not accepted: the message says which",
    ),
    of(&[46_002], Class::Empty, "nothing was found"),
    of(&[46_003], Class::Refused(ErrorKind::NotFound), "nothing was there to change"),
    of(&[46_004], Class::Refused(ErrorKind::Invalid), "at most 200 records a call"),
    of(&[48_001], Class::Fault, "an error of the platform itself, or a query without a result"),
    of(&[48_002], Class::Refused(ErrorKind::Unsupported), "the platform lacks this call"),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_code_has_one_rule() {
        let mut seen = HashSet::new();
        for code in RULES.iter().flat_map(|rule| rule.codes) {
            assert!(seen.insert(code), "{code} is listed twice");
        }
    }
}
