//! What the Service Layer says when it does not do what was asked.

use http::StatusCode;

/// A refusal with SAP's code and text; the envelope around them depends on the version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) code: i64,
    pub(crate) message: String,
    /// The envelope has the member `innererror`, as everything about batches has.
    pub(crate) inner_error: bool,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, code: i64, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), inner_error: false }
    }

    pub(crate) fn with_inner_error(self) -> Self {
        Self { inner_error: true, ..self }
    }

    fn bad(code: i64, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    pub(crate) fn not_found() -> Self {
        let text = "No matching records found (ODBC -2028)";
        Self::new(StatusCode::NOT_FOUND, -2028, text)
    }

    pub(crate) fn already_exists() -> Self {
        Self::bad(-2035, "This entry already exists in the following tables (ODBC -2035)")
    }

    pub(crate) fn item_exists(code: &str) -> Self {
        Self::business_rule(format!("Item code '{code}' already exists"))
    }

    pub(crate) fn partner_exists(code: &str) -> Self {
        Self::business_rule(format!(
            "1320000140 - Business partner code '{code}' already assigned to a business partner; \
             enter a unique business partner code"
        ))
    }

    pub(crate) fn changed_meanwhile() -> Self {
        let text = "Another user or another operation modified data; to continue, open the window \
                    again (ODBC -2039)";
        Self::new(StatusCode::PRECONDITION_FAILED, -2039, text)
    }

    pub(crate) fn invalid_session() -> Self {
        let text = "Invalid session or session already timeout.";
        Self::new(StatusCode::UNAUTHORIZED, 301, text)
    }

    pub(crate) fn login_failed() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, 100_000_027, "Login failed")
    }

    pub(crate) fn user_locked() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, 100_000_055, "User is locked")
    }

    pub(crate) fn not_permitted() -> Self {
        let text = "You are not permitted to perform this action";
        Self::new(StatusCode::FORBIDDEN, -6006, text)
    }

    /// -1000: malformed, with the reason.
    pub(crate) fn malformed(message: impl Into<String>) -> Self {
        Self::bad(-1000, message)
    }

    pub(crate) fn unknown_property(property: &str, of: &str) -> Self {
        Self::malformed(format!("Property '{property}' of '{of}' is invalid"))
    }

    /// 201: a query option outside what the server documents.
    pub(crate) fn bad_query(message: impl std::fmt::Display) -> Self {
        Self::bad(201, format!("Not supported query string: {message}"))
    }

    /// 206: wrong type, member or structure in the body of an update.
    pub(crate) fn bad_patch(message: impl std::fmt::Display) -> Self {
        Self::bad(206, format!("Bad patch content. {message}"))
    }

    /// 701: what a stored query cannot say.
    pub(crate) fn invalid_sql(why: impl std::fmt::Display) -> Self {
        Self::bad(701, format!("Invalid SQL syntax: {why}"))
    }

    pub(crate) fn table_not_accessible(table: &str) -> Self {
        Self::bad(702, format!("Table '{table}' not accessible"))
    }

    pub(crate) fn column_not_accessible(column: &str) -> Self {
        Self::bad(703, format!("Column '{column}' not accessible"))
    }

    pub(crate) fn parameter_error() -> Self {
        Self::bad(704, "Parameter error.")
    }

    /// -10: a business rule says no.
    pub(crate) fn business_rule(message: impl Into<String>) -> Self {
        Self::bad(-10, message)
    }

    /// -5002: the data do not fit together.
    pub(crate) fn inconsistent(message: impl Into<String>) -> Self {
        Self::bad(-5002, message)
    }

    /// -5006: not for this object, or not in its state.
    pub(crate) fn not_for_this_object() -> Self {
        Self::bad(-5006, "The requested action is not supported for this object.")
    }

    pub(crate) fn unsupported(what: impl std::fmt::Display) -> Self {
        let message = format!("the sandbox does not simulate {what}");
        Self::new(StatusCode::NOT_IMPLEMENTED, -1, message)
    }

    pub(crate) fn internal(error: impl std::fmt::Display) -> Self {
        let message = format!("the sandbox failed: {error}");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, -1, message)
    }
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        Self::internal(error)
    }
}
