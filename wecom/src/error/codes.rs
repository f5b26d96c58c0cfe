//! The codes of the platform that ask for more than "report it".

use erplink_core::ErrorKind;

/// What a client does about a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// The token is invalid or expired: renew it and make the call once more.
    Token,
    /// Throttled, not executed: wait and repeat. `None` waits as long as the backoff does.
    Wait(Option<u64>),
    /// Too many calls in a minute, an hour, a day or a month: the block lasts as long.
    Quota,
    /// Not executed for a reason that passes: repeat.
    Passing(ErrorKind),
    /// The platform is in trouble; whether it executed is unknown.
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

/// Whether the code means that the caller's address is not trusted.
pub(super) fn is_untrusted_address(code: i64) -> bool {
    UNTRUSTED_ADDRESS.contains(&code)
}

const UNTRUSTED_ADDRESS: &[i64] = &[super::ApiError::ADDRESS_NOT_TRUSTED, 301_042];

const fn of(codes: &'static [i64], class: Class, advice: &'static str) -> Rule {
    Rule { codes, class, advice }
}

const RULES: &[Rule] = &[
    of(&[-1], Class::Fault, "the platform is busy"),
    of(&[6000], Class::Passing(ErrorKind::Conflict), "somebody else changed the data: repeat"),
    of(
        &[40_001, 40_014, 42_001],
        Class::Token,
        "secret or token were refused: check the app's secret, and that the app is enabled",
    ),
    of(
        &[40_013, 40_091, 41_002, 41_004],
        Class::Refused(ErrorKind::Auth),
        "check corp id (企业ID) and the app's secret in the admin console",
    ),
    of(
        &[40_003, 46_004, 60_111, 301_021],
        Class::Refused(ErrorKind::NotFound),
        "no such member, or one outside the app's visible range (可见范围)",
    ),
    of(
        &[40_007],
        Class::Refused(ErrorKind::NotFound),
        "media ids live three days: upload the file again",
    ),
    of(
        &[40_004, 40_005, 40_006, 40_008, 40_009],
        Class::Refused(ErrorKind::Api),
        "wrong type or size of the file",
    ),
    of(
        &[40_033],
        Class::Refused(ErrorKind::Api),
        "the request holds characters that the platform refuses, such as \\uXXXX escapes",
    ),
    of(
        &[40_035, 40_058, 40_063],
        Class::Refused(ErrorKind::Api),
        "a parameter is empty or wrong, such as an empty applicant, or the HTTP method is",
    ),
    of(
        &[40_056],
        Class::Refused(ErrorKind::Api),
        "check the agent id (AgentId) in the admin console",
    ),
    of(
        &[40_057],
        Class::Refused(ErrorKind::Api),
        "the platform could not verify the callback address: it must answer its GET in a second",
    ),
    of(
        &[41_001],
        Class::Refused(ErrorKind::Api),
        "the token did not arrive: check proxies that drop query parameters",
    ),
    of(&[44_001], Class::Refused(ErrorKind::Api), "the file is empty"),
    of(
        &[45_001],
        Class::Refused(ErrorKind::Api),
        "the file is too large: images and videos 10 MB, voice 2 MB, other files 20 MB",
    ),
    of(
        &[45_009],
        Class::Quota,
        "too many calls: the block lasts as long as the window that was exceeded, a minute, an \
         hour, the day; wrong secrets ban the server's address for an hour",
    ),
    of(&[45_029], Class::Refused(ErrorKind::Api), "the answer is too large: ask for less"),
    of(&[45_033], Class::Wait(None), "too many calls of one API at the same time"),
    of(
        &[45_035],
        Class::Passing(ErrorKind::Conflict),
        "the record is being edited by another call: repeat after a pause",
    ),
    of(&[45_036], Class::Wait(Some(10)), "the platform sees unusual traffic: slow down"),
    of(
        &[48_001, 48_002],
        Class::Refused(ErrorKind::Forbidden),
        "list the app under approval, 可调用接口的应用, in the admin console",
    ),
    of(
        &[48_004, 48_006, 50_003, 301_007],
        Class::Refused(ErrorKind::Forbidden),
        "the app was disabled, closed for inactivity or lost its grant: open it in the admin console",
    ),
    of(&[48_005], Class::Refused(ErrorKind::Unsupported), "the platform retired this API"),
    of(
        &[48_009],
        Class::Refused(ErrorKind::Forbidden),
        "the contacts secret may not read details from this address: use the id lists",
    ),
    of(
        &[50_002, 60_011, 60_021, 81_013],
        Class::Refused(ErrorKind::Forbidden),
        "the member or department is outside the app's visible range (可见范围)",
    ),
    of(&[60_003, 60_123], Class::Refused(ErrorKind::NotFound), "no such department"),
    of(
        UNTRUSTED_ADDRESS,
        Class::Refused(ErrorKind::Forbidden),
        "this server's address is not among the app's trusted addresses (企业可信IP); a new one \
         works after about a minute",
    ),
    of(
        &[301_002],
        Class::Refused(ErrorKind::Forbidden),
        "the token belongs to another app: check the secret",
    ),
    of(
        &[301_025],
        Class::Refused(ErrorKind::Api),
        "the data does not fit the template: read the template anew and compare the control the \
         message names; templates of clock correction and shift change cannot be submitted",
    ),
    of(
        &[301_026],
        Class::Passing(ErrorKind::Server),
        "the template or form could not be read: the template may not be approved yet",
    ),
    of(
        &[301_055],
        Class::Refused(ErrorKind::Forbidden),
        "list the app under approval, 可调用接口的应用, and put the applicant into its visible \
         range (可见范围); a member who left cannot be used as a filter",
    ),
    of(&[301_056], Class::Refused(ErrorKind::Forbidden), "the approval app (审批) is switched off"),
    of(
        &[301_057],
        Class::Fault,
        "the platform failed while submitting: look for the form before submitting again",
    ),
    of(
        &[301_062],
        Class::Refused(ErrorKind::Forbidden),
        "the app may not use the vacation API (假勤)",
    ),
    of(&[301_063], Class::Refused(ErrorKind::Api), "a parameter of the vacation API is wrong"),
    of(&[301_064], Class::Fault, "the vacation API failed"),
    of(
        &[301_079],
        Class::Refused(ErrorKind::Api),
        "the time overlaps another form of this applicant",
    ),
    of(
        &[301_086],
        Class::Refused(ErrorKind::Api),
        "a control of the template is wrong; the message says which",
    ),
    of(&[301_087], Class::Refused(ErrorKind::Api), "the corp has too many templates"),
    of(
        &[301_088],
        Class::Refused(ErrorKind::Forbidden),
        "list the app under approval, 可调用接口的应用, in the admin console",
    ),
    of(
        &[super::ApiError::WINDOW_TOO_WIDE],
        Class::Refused(ErrorKind::Api),
        "too many forms in the interval: ask for a shorter one",
    ),
    of(
        &[301_115],
        Class::Refused(ErrorKind::Api),
        "a template with its own print layout cannot be changed by API: change it in the console",
    ),
    of(&[620_004], Class::Fault, "the template API failed"),
    of(&[830_002], Class::Refused(ErrorKind::Api), "more than 20 MB: download it in slices"),
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
