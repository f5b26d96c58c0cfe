use std::fmt;

use axum::http::StatusCode;
use erplink_core::transport::Response;
use erplink_core::{ApiDetail, Effect, ErrorKind};
use serde::Deserialize;
use serde_json::Value;

/// No token. [`Refusal`] holds the service's own words.
pub type Error = erplink_core::Error<Refusal>;

/// The result of asking for a token.
pub type Result<T> = std::result::Result<T, Error>;

/// What IAM said, in either of its two forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    code: String,
    message: String,
}

impl Refusal {
    /// Such as `IAM.0001`, or the HTTP status where it gave no other.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// For people.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// `{"error":{"code":401,"message":"…"}}` or `{"error_msg":"…","error_code":"IAM.0001"}`.
    fn read(body: &[u8], password: &str) -> Option<Self> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Body {
            Keystone { error: Keystone },
            Gateway { error_code: String, error_msg: String },
        }
        #[derive(Deserialize)]
        struct Keystone {
            code: Value,
            message: String,
        }
        let (code, message) = match serde_json::from_slice(body).ok()? {
            Body::Keystone { error } => (error.code.to_string(), error.message),
            Body::Gateway { error_code, error_msg } => (error_code, error_msg),
        };
        let masked = |text: String| match password {
            "" => text,
            password => text.replace(password, "***"),
        };
        Some(Self { code: masked(code).trim_matches('"').to_owned(), message: masked(message) })
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code, self.message)
    }
}

impl ApiDetail for Refusal {}

/// The error of an answer that holds no token.
pub(super) fn refused(response: &Response, password: &str) -> Error {
    let status = response.status();
    let error = match status {
        StatusCode::UNAUTHORIZED => Error::new(
            ErrorKind::Auth,
            "IAM refused the user: check user, password, domain, and whether it is locked",
        ),
        StatusCode::FORBIDDEN => {
            Error::new(ErrorKind::Forbidden, "the user may not do this in the scope")
        }
        StatusCode::NOT_FOUND => Error::new(ErrorKind::NotFound, "IAM does not know the scope"),
        StatusCode::TOO_MANY_REQUESTS => {
            Error::new(ErrorKind::RateLimited, "too many calls").transient()
        }
        status if status.is_server_error() => Error::new(ErrorKind::Server, "IAM is in trouble")
            .with_effect(Effect::Unknown)
            .transient(),
        _ => Error::new(ErrorKind::Api, "IAM refused the request: check endpoint and scope"),
    };
    let error = error.with_status(status);
    match Refusal::read(response.body(), password) {
        Some(refusal) => error.with_api(refusal),
        None => error,
    }
}
