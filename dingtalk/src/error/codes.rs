//! The codes of the platform that ask for more than "report it".

use erplink_core::ErrorKind;

/// What a client does about a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// The token is invalid or expired: renew it and make the call once more.
    Token,
    /// Throttled, not executed: wait and repeat.
    Wait(Pause),
    /// The platform is in trouble; whether it executed is unknown.
    Fault,
    /// A quota is used up: no use in repeating before its period ends.
    Quota,
    /// The caller's mistake, or configuration.
    Refused(ErrorKind),
}

/// How long a throttled call waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pause {
    Seconds(u64),
    NextMinute,
}

#[derive(Debug)]
pub(super) struct Rule {
    codes: &'static [&'static str],
    pub(super) class: Class,
    pub(super) advice: &'static str,
}

/// The rule of a code, if there is one.
pub(super) fn rule(code: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.codes.contains(&code))
}

/// Whether the code means that the app lacks a permission scope.
pub(super) fn is_missing_permission(code: &str) -> bool {
    MISSING_PERMISSION.contains(&code)
}

const MISSING_PERMISSION: &[&str] =
    &["Forbidden.AccessDenied.AccessTokenPermissionDenied", "60011", "43007"];

const fn of(codes: &'static [&'static str], class: Class, advice: &'static str) -> Rule {
    Rule { codes, class, advice }
}

const RULES: &[Rule] = &[
    of(
        &["InvalidAuthentication", "invalidAccessToken", "40001", "40014", "42001", "33001"],
        Class::Token,
        "the token was refused, also after it was renewed: check that it belongs to this app",
    ),
    of(
        &[
            "invalidClientIdOrSecret",
            "invalid.client",
            "unsupported.grant.type",
            "unauthorized.client",
            "authFailed",
            "40089",
            "40096",
            "40035",
        ],
        Class::Refused(ErrorKind::Auth),
        "check the app's Client ID (AppKey) and Client Secret (AppSecret) in the developer console",
    ),
    of(
        MISSING_PERMISSION,
        Class::Refused(ErrorKind::Forbidden),
        "grant the app the permission in the developer console (权限管理)",
    ),
    of(
        &["Forbidden.AccessDenied.IpNotInWhiteList", "60020"],
        Class::Refused(ErrorKind::Forbidden),
        "add this server's public address to the app's list (服务器出口IP)",
    ),
    of(
        &["50002", "50004"],
        Class::Refused(ErrorKind::Forbidden),
        "the user or department is outside the app's contact scope (通讯录权限范围)",
    ),
    of(
        &["noPermission", "permission.error", "processSetupNoPermission", "needAuth"],
        Class::Refused(ErrorKind::Forbidden),
        "the app or the user may not do this with this template or file",
    ),
    of(
        &["AuthenticationFailed.MissingParameter", "40000", "41001"],
        Class::Refused(ErrorKind::Api),
        "the token did not arrive: check proxies that drop headers or query parameters",
    ),
    of(
        &[
            "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi",
            "Forbidden.AccessDenied.QpsLimitForApi",
            "Forbidden.AccessDenied.QpsLimitForSuitekeyAndOrgAndApi",
            "90018",
            "90002",
        ],
        Class::Wait(Pause::Seconds(1)),
        "too many calls a second: lower `calls_per_second`",
    ),
    of(
        &[
            "Forbidden.AccessDenied.QpmLimitForAppkeyAndApi",
            "Forbidden.AccessDenied.QpmLimitForSuitekeyAndOrgAndApi",
        ],
        Class::Wait(Pause::NextMinute),
        "too many calls a minute",
    ),
    of(
        &["autoflowLikeTriggerRateLimited"],
        Class::Wait(Pause::Seconds(5)),
        "too many instances at once: slow down",
    ),
    of(
        &[
            "90001", "90003", "90004", "90005", "90006", "90007", "90008", "90009", "90010",
            "90011", "90012", "90013", "90014", "90017",
        ],
        Class::Wait(Pause::Seconds(60)),
        "the platform throttles this organisation, app or address",
    ),
    of(
        &["Forbidden.AccessDenied.ApiCountLimitForOrg", "90020"],
        Class::Quota,
        "the organisation's monthly quota is used up: buy more calls or wait for next month",
    ),
    of(
        &[
            "systemError",
            "system.error",
            "unknownError",
            "internalError",
            "sysErrror",
            "server.error",
            "ServiceUnavailable",
            "-1",
        ],
        Class::Fault,
        "a fault of the platform; the message may name a business reason",
    ),
    of(
        &["33012", "60121", "40104"],
        Class::Refused(ErrorKind::NotFound),
        "no such employed user in this organisation",
    ),
    of(&["60003"], Class::Refused(ErrorKind::NotFound), "no such department"),
    of(
        &["userNotExist"],
        Class::Refused(ErrorKind::NotFound),
        "the user does not exist or has left",
    ),
    of(
        &[
            "processInstanceNotExist",
            "processInstanceIdError",
            "aflowProcessInstNotExist",
            "aflowProcessNotExist",
            "processInstNotExist",
        ],
        Class::Refused(ErrorKind::NotFound),
        "no such approval instance (审批实例)",
    ),
    of(
        &["process.error", "formNotExist", "processNotExist"],
        Class::Refused(ErrorKind::NotFound),
        "no such approval template (审批模板)",
    ),
    of(
        &[
            "aflowProcessInstStatusException",
            "aflowProcessInstCanNotBeExecuted",
            "task.status.error",
            "instance.status.error",
        ],
        Class::Refused(ErrorKind::Conflict),
        "the instance or task is in another state by now: read it; an instance cannot be withdrawn \
         in its first 15 seconds",
    ),
    of(
        &["formName.error", "71006"],
        Class::Refused(ErrorKind::AlreadyExists),
        "it exists already: update it instead",
    ),
    of(&["71007"], Class::Refused(ErrorKind::NotFound), "no callback is registered"),
    of(
        &["71008", "71009", "71010", "71011", "71012", "71013"],
        Class::Refused(ErrorKind::Api),
        "the callback was not accepted: its address must be public and answer check_url with the \
         encrypted `success`",
    ),
    of(
        &["InvalidAction.NotFound", "22", "404"],
        Class::Refused(ErrorKind::Unsupported),
        "no such endpoint at this address: check the base URLs",
    ),
    of(
        &["processCodeError", "processGetFailed", "invalidProcessCode", "aflowProcessCodeIsError"],
        Class::Refused(ErrorKind::Api),
        "check the process code: the template must exist, be enabled and belong to this organisation",
    ),
    of(
        &["processInstanceInvalidParameter"],
        Class::Refused(ErrorKind::Api),
        "check originator, approvers and cc; the department must be one of the originator's (root: -1)",
    ),
    of(
        &["formConverterError", "illegalComponent"],
        Class::Refused(ErrorKind::Api),
        "a form value does not fit its component; the message names the label",
    ),
    of(
        &["targetSelectApproverMissing", "targetSelectApproverScopeError"],
        Class::Refused(ErrorKind::Api),
        "forecast the flow and choose the approvers of its self-chosen nodes",
    ),
    of(
        &["benefitStatusInvalid"],
        Class::Refused(ErrorKind::Api),
        "this needs the paid edition of OA approval",
    ),
    of(
        &["invalidParameter", "invalidparameter", "400002"],
        Class::Refused(ErrorKind::Api),
        "check organisation, template code and that the users are employed",
    ),
    of(&["Missingbody"], Class::Refused(ErrorKind::Api), "the endpoint wants a JSON body"),
    of(
        &[super::ApiError::NOT_DONE],
        Class::Refused(ErrorKind::Api),
        "the platform answered that it did not do it: read the instance",
    ),
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
