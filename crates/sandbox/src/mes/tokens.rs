//! The tokens of both logins: JWTs of interface accounts, opaque words of apps.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::json;
use sha2::Sha512;

const SIGNING_KEY: &[u8] = b"sandbox-mes-token-signing-key";

/// Which login a token came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Login {
    /// The interface account (接口账号) of a factory: `system/_refreshToken`.
    Account,
    /// The app: `access_token/_get_access_token`.
    App,
}

#[derive(Debug, Clone, Copy)]
struct Issued {
    login: Login,
    until: DateTime<Utc>,
}

/// All tokens handed out, and how often.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    issued: BTreeMap<String, Issued>,
    fetched: u64,
}

/// Why a token opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rejected {
    Expired(Login),
    Unknown,
}

impl Tokens {
    pub(super) fn issue(
        &mut self,
        token: String,
        login: Login,
        until: DateTime<Utc>,
        voids_older: bool,
    ) {
        if voids_older {
            self.issued.retain(|_, issued| issued.login != login);
        }
        self.issued.insert(token, Issued { login, until });
        self.fetched = self.fetched.saturating_add(1);
    }

    pub(super) fn check(&self, token: &str, now: DateTime<Utc>) -> Result<Login, Rejected> {
        match self.issued.get(token) {
            Some(issued) if now < issued.until => Ok(issued.login),
            Some(issued) => Err(Rejected::Expired(issued.login)),
            None => Err(Rejected::Unknown),
        }
    }

    /// All tokens end now.
    pub(super) fn expire(&mut self, now: DateTime<Utc>) {
        for issued in self.issued.values_mut() {
            issued.until = issued.until.min(now);
        }
    }

    pub(super) fn forget(&mut self) {
        self.issued.clear();
    }

    pub(super) fn fetched(&self) -> u64 {
        self.fetched
    }
}

/// A JWT (HS512) with the claims of the platform, and without `iat`. `jti`, which the platform has not,
/// tells two tokens of the same second apart.
pub(super) fn jwt(user: i64, org: i64, until: DateTime<Utc>, serial: &str) -> String {
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS512"}"#);
    let claims = json!({
        "terminal": 5, "exp": until.timestamp(), "userId": user, "orgId": org, "jti": serial,
    });
    let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
    // A MAC takes keys of any length; without one the token is unsigned, and still unique.
    let signature = Hmac::<Sha512>::new_from_slice(SIGNING_KEY).map(|mut mac| {
        mac.update(signed.as_bytes());
        mac.finalize().into_bytes().to_vec()
    });
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.unwrap_or_default()))
}
