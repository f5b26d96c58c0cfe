//! The one call that makes secrets, and never happens by itself.

use std::fmt;
use std::sync::Arc;

use erplink_core::clock::SystemClock;
use erplink_core::{ErrorKind, HttpTransport, Idempotency, Secret, Transport, TransportConfig};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use serde::Deserialize;
use url::Url;

use super::{ServerKey, appid_header};
use crate::error::{Error, Expect, Result};
use crate::wire::{FORM, Outgoing, Wire, address};

const OPERATION: &str = "POST /api/ec/dev/auth/regist";

/// `POST /api/ec/dev/auth/regist`: registers an application (注册许可) and answers its secret and
/// the server's public key.
///
/// **It may lock others out.** On older patches every call makes a new secret and a new key pair,
/// and all programs that share the `appid` fail from then on with `secret解密失败`. Newer patches
/// answer the same values again. So call it once, by hand, keep what it answers, and never call it
/// from a program that runs by itself: no other function of this crate does.
///
/// The application has to stand in the table `ECOLOGY_BIZ_EC` before, and the address of this call
/// in `unchecksessionurl` of `weaver_session_filter.properties`. Patches before KB900190601 also
/// want an OA account (`loginid`, `pwd`), which is not supported.
///
/// ```no_run
/// # async fn run() -> ecology_oa::Result<()> {
/// let registered = ecology_oa::Regist::new("http://oa.example.com:8080", "EEAA5436-0000")
///     .send_and_maybe_rotate_keys()
///     .await?;
/// println!("spk: {}", registered.spk);
/// let secret = registered.secret.expose(); // keep it where passwords are kept
/// # let _ = secret;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "nothing is sent before `send_and_maybe_rotate_keys`"]
pub struct Regist {
    base_url: String,
    appid: String,
    cpk: String,
    http: TransportConfig,
    transport: Option<Arc<dyn Transport>>,
}

impl fmt::Debug for Regist {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Regist").field("appid", &self.appid).finish_non_exhaustive()
    }
}

/// What [`Regist`] answers: the settings of a [`Client`](crate::Client).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Registered {
    /// The secret of the application (`secrit`).
    pub secret: Secret,
    /// The server's RSA public key, Base64. Not a secret, but of use to nobody else.
    pub spk: String,
}

impl Regist {
    /// For an application that is licensed on the OA server at this address.
    pub fn new(base_url: impl Into<String>, appid: impl Into<String>) -> Self {
        Self {
            base_url: base_url.into(),
            appid: appid.into(),
            cpk: "123".to_owned(),
            http: crate::config::http(),
            transport: None,
        }
    }

    /// The caller's own public key. Current servers ask for it and do not use it: the default is
    /// the text `123` of the vendor's samples.
    pub fn cpk(mut self, cpk: impl Into<String>) -> Self {
        self.cpk = cpk.into();
        self
    }

    /// Settings of the HTTP transport: timeouts, proxy, certificates.
    pub fn http(mut self, http: TransportConfig) -> Self {
        self.http = http;
        self
    }

    /// Anything that carries requests.
    pub fn transport(mut self, transport: impl Transport + 'static) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Makes the call, once: nothing repeats it.
    ///
    /// # Errors
    /// [`ErrorKind::Auth`] when the `appid` is not licensed, [`ErrorKind::Forbidden`] when the
    /// session filter blocks the address; see
    /// [`ApiError::diagnosis`](crate::ApiError::diagnosis).
    /// [`ErrorKind::Decode`] when the server answers two different secrets.
    pub async fn send_and_maybe_rotate_keys(self) -> Result<Registered> {
        self.send().await.map_err(|error| error.in_call(OPERATION, Idempotency::NotIdempotent, 1))
    }

    async fn send(self) -> Result<Registered> {
        let transport = match self.transport {
            Some(transport) => transport,
            None => Arc::new(HttpTransport::from_config(&self.http)?),
        };
        let base: Url = self
            .base_url
            .parse()
            .map_err(|_| Error::config("base_url: expected an address such as http://host:8080"))?;
        transport.check(&base)?;
        let mut headers = HeaderMap::with_capacity(3);
        headers.insert(HeaderName::from_static("appid"), appid_header(&self.appid)?);
        let cpk = HeaderValue::from_str(&self.cpk)
            .map_err(|_| Error::config("cpk cannot be sent in a header: expected one line"))?;
        headers.insert(HeaderName::from_static("cpk"), cpk);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(FORM));
        let wire = Wire::new(transport, Arc::new(SystemClock));
        let outgoing = Outgoing {
            method: Method::POST,
            url: address(&base, "/api/ec/dev/auth/regist")?,
            headers,
            body: None,
            timeout: None,
            secrets: &[],
        };
        read(&wire.exchange(outgoing, Expect::Token).await?)
    }
}

#[derive(Deserialize)]
struct Answer {
    /// The documented name, misspelt.
    secrit: Option<Secret>,
    secret: Option<Secret>,
    spk: Option<String>,
}

fn read(body: &[u8]) -> Result<Registered> {
    let wrong = |what: &'static str| {
        // The keys may have changed: whoever reads this must not think that nothing happened.
        Error::new(ErrorKind::Decode, what).with_effect(erplink_core::Effect::Unknown)
    };
    let answer: Answer = serde_json::from_slice(body)
        .map_err(|_| wrong("the answer of regist does not have the documented shape"))?;
    let given = |secret: Option<Secret>| secret.filter(|secret| !secret.is_empty());
    let secret = match (given(answer.secrit), given(answer.secret)) {
        (Some(one), Some(other)) if one != other => {
            return Err(wrong(
                "regist answered two different secrets (`secrit` and `secret`): ask the OA \
                 administrator which one is valid",
            ));
        }
        (Some(secret), _) | (None, Some(secret)) => secret,
        (None, None) => return Err(wrong("the answer of regist holds no secret")),
    };
    let spk = answer.spk.ok_or_else(|| wrong("the answer of regist holds no spk"))?;
    ServerKey::parse(&spk).map_err(|error| {
        wrong("regist answered an spk that is not an RSA public key").with_source(error)
    })?;
    Ok(Registered { secret, spk })
}
