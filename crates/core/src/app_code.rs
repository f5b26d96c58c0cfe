//! The AppCode: a shared secret that callers of a receiver send in a header.
//!
//! Systems that cannot sign what they push (OA, PLM, barcode) show who they are with a code in the
//! header `X-Apig-AppCode`, as the API gateway in front of such receivers used to demand it. It is a
//! plain bearer secret: without HTTPS anybody on the way can read it.
//!
//! Check it **before** the body is read. Wrong, missing, repeated and oversized codes get one and
//! the same answer; [`Refused::reason`] is for your log alone.
//!
//! ```
//! use erplink_core::app_code::AppCodes;
//!
//! // The new code first, the old one until every caller has switched.
//! let codes = AppCodes::new(["new-code", "old-code"])?;
//! let mut headers = http::HeaderMap::new();
//! headers.insert("X-ApiG-AppCode", "old-code".parse().unwrap());
//! assert!(codes.check(&headers).is_ok());
//!
//! headers.insert("X-ApiG-AppCode", "guess".parse().unwrap());
//! let refused = codes.check(&headers).unwrap_err();
//! assert_eq!(refused.status(), 401);
//! assert_eq!(refused.body(), r#"{"code":401,"message":"unauthorized"}"#);
//! # Ok::<(), erplink_core::app_code::AppCodeError>(())
//! ```

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use http::StatusCode;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use sha2::Sha256;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use tracing::debug;

use crate::Secret;

/// The header of the API gateway. Names of headers ignore case: `X-ApiG-AppCode` is the same.
pub const HEADER: &str = "x-apig-appcode";

/// How many codes one receiver accepts: enough to replace them one after the other.
pub const MAX_CODES: usize = 5;

/// Longer codes are refused without a look at them.
const MAX_BYTES: usize = 1024;

type Digest = [u8; 32];

/// The codes one receiver accepts, and where it looks for them.
#[derive(Clone)]
pub struct AppCodes {
    /// Random for each instance: digests are of no use to anybody else.
    key: [u8; 64],
    accepted: Vec<Digest>,
    headers: Vec<HeaderName>,
    anonymous: bool,
    behind_proxy: bool,
    like_gateway: bool,
}

impl fmt::Debug for AppCodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppCodes")
            .field("codes", &self.accepted.len())
            .field("headers", &self.headers)
            .field("anonymous", &self.anonymous)
            .finish_non_exhaustive()
    }
}

/// Why codes cannot be used. Codes are named by their place in the list, beginning with 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AppCodeError {
    /// No code at all.
    #[error(
        "no AppCode is given: anybody could call this receiver. Give one, or say explicitly that \
         anonymous callers are allowed"
    )]
    Empty,
    /// More codes than [`MAX_CODES`].
    #[error("at most {MAX_CODES} AppCodes are accepted, found {found}: remove the ones out of use")]
    TooMany {
        /// Codes found.
        found: usize,
    },
    /// A code no header can carry.
    #[error(
        "AppCode {place} cannot be sent in a header: expected 1 to {MAX_BYTES} visible ASCII \
         characters without spaces, found {bytes} bytes"
    )]
    Unusable {
        /// Its place in the list, from 1.
        place: usize,
        /// Its length.
        bytes: usize,
    },
    /// A name that is not one of a header.
    #[error("`{name}` is not the name of a header")]
    Header {
        /// The name.
        name: String,
    },
    /// The operating system gave no random numbers.
    #[error("the operating system gave no random numbers")]
    Random,
}

/// What was wrong, for the log of the receiver. **Never tell the caller.**
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// No header holds a code.
    Missing,
    /// More than one code was sent.
    Repeated,
    /// The code is longer than 1 KiB.
    TooLong,
    /// The code is none of the accepted ones.
    Wrong,
    /// The request did not come through HTTPS; see [`AppCodes::behind_https_proxy`].
    PlainHttp,
}

/// A refused caller: answer [`status`](Self::status) and [`body`](Self::body).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the caller showed no valid AppCode ({reason:?}, request {request_id})")]
pub struct Refused {
    reason: Reason,
    request_id: String,
    like_gateway: bool,
}

impl Refused {
    /// The content type of [`body`](Self::body).
    pub const CONTENT_TYPE: &'static str = "application/json";

    /// HTTP 401, whatever was wrong.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        StatusCode::UNAUTHORIZED
    }

    /// The JSON text to answer, the same whatever was wrong.
    #[must_use]
    pub fn body(&self) -> String {
        if self.like_gateway {
            format!(
                r#"{{"error_msg":"Incorrect app authentication information","error_code":"APIG.0303","request_id":"{}"}}"#,
                self.request_id
            )
        } else {
            r#"{"code":401,"message":"unauthorized"}"#.to_owned()
        }
    }

    /// What was wrong, for the log.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.reason
    }

    /// A random id that joins the log with what a caller reports.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }
}

impl AppCodes {
    /// Accepts these codes, at most [`MAX_CODES`].
    ///
    /// A code is taken as it is: nothing is trimmed, and neither its length nor its characters say
    /// whether it is good, as long as a header can carry it.
    ///
    /// # Errors
    /// When there is none, when there are too many, or when a code cannot be sent in a header.
    pub fn new<C: Into<Secret>>(codes: impl IntoIterator<Item = C>) -> Result<Self, AppCodeError> {
        let codes: Vec<Secret> = codes.into_iter().map(Into::into).collect();
        match codes.len() {
            0 => return Err(AppCodeError::Empty),
            found if found > MAX_CODES => return Err(AppCodeError::TooMany { found }),
            _ => {}
        }
        let mut this = Self::empty()?;
        for (place, code) in (1..).zip(&codes) {
            let bytes = code.expose().as_bytes();
            if bytes.is_empty()
                || bytes.len() > MAX_BYTES
                || !bytes.iter().all(u8::is_ascii_graphic)
            {
                return Err(AppCodeError::Unusable { place, bytes: bytes.len() });
            }
            let digest = this.digest(bytes);
            this.accepted.push(digest);
        }
        Ok(this)
    }

    /// Accepts **everybody**, for receivers that something else protects.
    ///
    /// # Errors
    /// When the operating system gives no random numbers.
    pub fn allow_anonymous() -> Result<Self, AppCodeError> {
        Ok(Self { anonymous: true, ..Self::empty()? })
    }

    fn empty() -> Result<Self, AppCodeError> {
        let mut key = [0; 64];
        getrandom::fill(&mut key).map_err(|_| AppCodeError::Random)?;
        Ok(Self {
            key,
            accepted: Vec::new(),
            headers: vec![HeaderName::from_static(HEADER)],
            anonymous: false,
            behind_proxy: false,
            like_gateway: false,
        })
    }

    /// Looks for the code in these headers. Default: [`HEADER`] alone.
    ///
    /// # Errors
    /// When a name is not one of a header.
    pub fn headers<N: AsRef<str>>(
        mut self,
        names: impl IntoIterator<Item = N>,
    ) -> Result<Self, AppCodeError> {
        self.headers = names
            .into_iter()
            .map(|name| {
                let name = name.as_ref();
                HeaderName::from_bytes(name.as_bytes())
                    .map_err(|_| AppCodeError::Header { name: name.to_owned() })
            })
            .collect::<Result<_, _>>()?;
        Ok(self)
    }

    /// Refuses requests that the proxy in front did not receive by HTTPS (`X-Forwarded-Proto`).
    ///
    /// Only for receivers that a trusted proxy alone can reach: anybody else writes the header too.
    #[must_use]
    pub fn behind_https_proxy(mut self) -> Self {
        self.behind_proxy = true;
        self
    }

    /// Answers refused callers as the API gateway does (`APIG.0303`), for callers that know it.
    #[must_use]
    pub fn like_gateway(mut self) -> Self {
        self.like_gateway = true;
        self
    }

    /// Checks who calls. Its time does not depend on how much of a code is right, nor on which one.
    ///
    /// # Errors
    /// [`Refused`] for everything but exactly one accepted code.
    pub fn check(&self, headers: &HeaderMap) -> Result<(), Refused> {
        if self.behind_proxy && !forwarded_by_https(headers) {
            return Err(self.refuse(Reason::PlainHttp));
        }
        if self.anonymous {
            return Ok(());
        }
        let mut values = self.headers.iter().flat_map(|name| headers.get_all(name));
        let code = match (values.next(), values.next()) {
            (Some(code), None) => code.as_bytes(),
            (None, _) => return Err(self.refuse(Reason::Missing)),
            (Some(_), Some(_)) => return Err(self.refuse(Reason::Repeated)),
        };
        if code.len() > MAX_BYTES {
            return Err(self.refuse(Reason::TooLong));
        }
        let sent = self.digest(code);
        let (mut good, mut place) = (Choice::from(0), 0_u8);
        for (at, accepted) in (1_u8..).zip(&self.accepted) {
            let equal = sent.ct_eq(accepted);
            place.conditional_assign(&at, equal);
            good |= equal;
        }
        if bool::from(good) {
            // Tells the operator whether the old code is still in use.
            debug!(place, of = self.accepted.len(), "AppCode accepted");
            Ok(())
        } else {
            Err(self.refuse(Reason::Wrong))
        }
    }

    /// A keyed digest: comparing two of them tells nothing about the codes.
    fn digest(&self, code: &[u8]) -> Digest {
        let mut mac = Hmac::<Sha256>::new(&self.key.into());
        mac.update(code);
        mac.finalize().into_bytes().into()
    }

    fn refuse(&self, reason: Reason) -> Refused {
        let mut id = [0_u8; 16];
        // Without random numbers it is an id that says nothing, which is no reason to let in.
        let _ = getrandom::fill(&mut id);
        Refused {
            reason,
            request_id: id.iter().map(|byte| format!("{byte:02x}")).collect(),
            like_gateway: self.like_gateway,
        }
    }
}

/// Whether the outermost hop, the first of the list, was HTTPS; several headers are one too many.
fn forwarded_by_https(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all("x-forwarded-proto").iter().map(HeaderValue::to_str);
    let (Some(Ok(value)), None) = (values.next(), values.next()) else { return false };
    value.split(',').next().is_some_and(|scheme| scheme.trim().eq_ignore_ascii_case("https"))
}
