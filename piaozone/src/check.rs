//! The check of the settings (S62 of the guide): which value is wrong, before anybody calls the
//! hotline. It reads only.
//!
//! ```no_run
//! # async fn run() {
//! use piaozone::check::Check;
//!
//! let config = piaozone::Config::new("demo_id", "client secret ");
//! for finding in Check::new(config).tax_number("91320200MA1XXXXX0X").run().await {
//!     println!("{finding}");
//! }
//! // piaozone settings: `client_secret` has a blank at its end
//! # }
//! ```

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use erplink_core::clock::{Clock, SystemClock};
use erplink_core::{ErrorKind, HttpTransport, Transport};
use url::{Host, Url};

use crate::auth::{self, Credentials};
use crate::client::{Wire, base_url};
use crate::config::{Config, EncType, PRODUCTION, TEST, TimestampUnit};
use crate::crypt::Cipher;
use crate::eas::{self, EasLogin, SERVICES};
use crate::error::{ApiError, Error};

/// The page of the imaging system, which people take for the address of the API.
const IMAGING: &str = "kdimage";

/// What was looked at, and what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// `piaozone settings`, `piaozone token` or `piaozone eas`.
    pub what: &'static str,
    /// The setting that is wrong, by name, and why; `None` if nothing is.
    pub problem: Option<String>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.problem.as_deref().unwrap_or("right"))
    }
}

/// A check of the settings of one company.
#[derive(Clone, Debug)]
#[must_use]
pub struct Check {
    config: Config,
    tax_number: Option<String>,
    company_name: Option<String>,
    eas: Option<eas::Config>,
    transport: Option<Arc<dyn Transport>>,
    clock: Arc<dyn Clock>,
}

impl Check {
    /// Of address, client id, client secret and key.
    pub fn new(config: Config) -> Self {
        let clock = Arc::new(SystemClock);
        Self { config, tax_number: None, company_name: None, eas: None, transport: None, clock }
    }

    /// Also of the company's tax number (税号).
    pub fn tax_number(mut self, number: impl Into<String>) -> Self {
        self.tax_number = Some(number.into());
        self
    }

    /// Also of the company's name.
    pub fn company_name(mut self, name: impl Into<String>) -> Self {
        self.company_name = Some(name.into());
        self
    }

    /// Also of the connection to EAS, as the imaging system (影像) stores it.
    pub fn eas(mut self, config: eas::Config) -> Self {
        self.eas = Some(config);
        self
    }

    /// Anything that carries requests: an in-process server, a recorder, faults.
    pub fn transport(mut self, transport: impl Transport + 'static) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Where the time of the signature comes from.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Looks at the settings, fetches a token, logs in at EAS. Nothing is changed anywhere.
    ///
    /// Where client id and secret are refused, it looks for the mistakes that people make: swapped
    /// values, another signature, another unit of the timestamp. Swapped values are tried over
    /// `https` and on this machine only: elsewhere the secret would travel in the clear.
    pub async fn run(self) -> Vec<Finding> {
        let (settings, transport) = (self.settings(), self.connection());
        let token = match &transport {
            Ok(transport) => self.token(transport).await,
            Err(problem) => Err(problem.clone()),
        };
        let mut findings = vec![
            Finding { what: "piaozone settings", problem: joined(settings) },
            Finding { what: "piaozone token", problem: token.err() },
        ];
        if let Some(eas) = &self.eas {
            let problem = self.log_in(eas).await.err();
            findings.push(Finding { what: "piaozone eas", problem });
        }
        findings
    }

    fn connection(&self) -> Result<Arc<dyn Transport>, String> {
        match &self.transport {
            Some(transport) => Ok(transport.clone()),
            None => match HttpTransport::from_config(&self.config.http) {
                Ok(transport) => Ok(Arc::new(transport)),
                Err(error) => Err(format!("check `http`: {error}")),
            },
        }
    }

    /// What can be seen without asking anybody.
    fn settings(&self) -> Vec<String> {
        let Config { client_id, client_secret, encrypt_key, base_url, .. } = &self.config;
        let mut problems = Vec::new();
        problems.extend(flaw("client_id", client_id));
        problems.extend(flaw("client_secret", client_secret.expose()));
        if let Some(key) = encrypt_key {
            let flaw = flaw("encrypt_key", key.expose());
            if flaw.is_none() && Cipher::new(key).is_none() {
                let length = key.expose().chars().count();
                problems.push(format!("`encrypt_key` has {length} characters, not 16 of ASCII"));
            }
            problems.extend(flaw);
        }
        problems.extend(wrong_host(base_url));
        if let Some(number) = &self.tax_number {
            let length = number.chars().count();
            let flaw = flaw("tax_number", number);
            if flaw.is_none() && !matches!(length, 15 | 17 | 18 | 20) {
                problems.push(format!("`tax_number` has {length} characters, not 15 to 20"));
            }
            problems.extend(flaw);
        }
        if let Some(name) = &self.company_name {
            problems.extend(blank_at_an_end("company_name", name));
        }
        if let Some(eas) = &self.eas {
            problems.extend(flaw("eas.data_center", &eas.data_center));
            problems.extend(blank_at_an_end("eas.user", &eas.user));
            problems.extend(blank_at_an_end("eas.password", eas.password.expose()));
            problems.extend(flaw("eas.solution", &eas.solution));
            if !eas.services.trim().trim_end_matches('/').ends_with(SERVICES) {
                problems.push(format!(
                    "`eas.services` does not end with {SERVICES}/, as in \
                     http://<ip>:6888{SERVICES}/"
                ));
            }
        }
        problems
    }

    async fn token(&self, transport: &Arc<dyn Transport>) -> Result<(), String> {
        let base = base_url(&self.config.base_url)
            .ok_or_else(|| format!("`base_url` is no address; expected {PRODUCTION} or {TEST}"))?;
        transport.check(&base).map_err(|error| format!("check `base_url`: {error}"))?;
        let wire = Wire { transport: transport.clone(), clock: self.clock.clone() };
        let Config { client_id, client_secret, enc_type, timestamp_unit, .. } = &self.config;
        let given = Credentials {
            client_id: client_id.clone(),
            client_secret: client_secret.clone(),
            enc_type: *enc_type,
            timestamp_unit: *timestamp_unit,
        };
        match ask(&wire, &base, &given).await {
            Ok(()) => Ok(()),
            Err(error) if do_not_match(&error) => {
                let cause = self.cause(&wire, &base, &given).await;
                Err(cause
                    .unwrap_or_else(|| format!("check `client_id` and `client_secret`: {error}")))
            }
            Err(error) => Err(match error.kind() {
                ErrorKind::Auth => format!("check `client_id` and `client_secret`: {error}"),
                ErrorKind::RateLimited | ErrorKind::Api => error.to_string(),
                ErrorKind::Forbidden => format!("the client may not do this: {error}"),
                _ => format!("check `base_url` (the host): {error}"),
            }),
        }
    }

    /// Which of the usual mistakes explains that id and secret are refused.
    async fn cause(&self, wire: &Wire, base: &Url, given: &Credentials) -> Option<String> {
        if base.scheme() == "https" || is_this_machine(base) {
            let swapped = Credentials {
                client_id: given.client_secret.expose().to_owned(),
                client_secret: given.client_id.as_str().into(),
                ..given.clone()
            };
            if ask(wire, base, &swapped).await.is_ok() {
                return Some("`client_id` and `client_secret` are swapped".to_owned());
            }
        }
        let trimmed = Credentials {
            client_id: given.client_id.trim().to_owned(),
            client_secret: given.client_secret.expose().trim().into(),
            ..given.clone()
        };
        let differs =
            trimmed.client_id != given.client_id || trimmed.client_secret != given.client_secret;
        if differs && ask(wire, base, &trimmed).await.is_ok() {
            return Some("`client_id` or `client_secret` has a blank at an end".to_owned());
        }
        let (unit, name) = match given.timestamp_unit {
            TimestampUnit::Milliseconds => (TimestampUnit::Seconds, "seconds"),
            TimestampUnit::Seconds => (TimestampUnit::Milliseconds, "milliseconds"),
        };
        let other = Credentials { timestamp_unit: unit, ..given.clone() };
        if ask(wire, base, &other).await.is_ok() {
            return Some(format!("`timestamp_unit` has to be {name}"));
        }
        for enc_type in EncType::ALL.into_iter().filter(|kind| *kind != given.enc_type) {
            if ask(wire, base, &Credentials { enc_type, ..given.clone() }).await.is_ok() {
                let name = match enc_type {
                    EncType::Md5 => "md5",
                    EncType::Sha256 => "sha256",
                    EncType::HmacSha256 => "hmac_sha256",
                };
                return Some(format!("`enc_type` has to be {name}"));
            }
        }
        None
    }

    async fn log_in(&self, config: &eas::Config) -> Result<(), String> {
        let login = match &self.transport {
            Some(transport) => EasLogin::with_transport(config.clone(), transport.clone()),
            None => EasLogin::new(config.clone()),
        };
        let login = login.map_err(|error| format!("eas: {error}"))?;
        let Err(error) = login.log_in().await else { return Ok(()) };
        let words = error.api_error().map(ApiError::description).unwrap_or_default().to_lowercase();
        let says = |any: &[&str]| any.iter().any(|word| words.contains(word));
        Err(match error.kind() {
            ErrorKind::Auth if says(&["数据中心", "datacenter", "data center", "dcname"]) => {
                format!("check `eas.data_center`: {error}")
            }
            ErrorKind::Auth if says(&["用户", "密码", "user", "password"]) => {
                format!("check `eas.user` and `eas.password`: {error}")
            }
            ErrorKind::Auth => format!(
                "check `eas.data_center`, `eas.user` and `eas.password` (EAS does not say which is \
                 wrong): {error}"
            ),
            ErrorKind::NotFound | ErrorKind::Decode => {
                format!("check `eas.services` (the path): {error}")
            }
            _ => format!("check `eas.services` (the host and port): {error}"),
        })
    }
}

async fn ask(wire: &Wire, base: &Url, credentials: &Credentials) -> Result<(), Error> {
    auth::fetch(wire, base, credentials, Duration::ZERO).await.map(drop)
}

fn do_not_match(error: &Error) -> bool {
    let code = error.api_error().map(ApiError::code);
    code == Some(ApiError::CREDENTIALS_DO_NOT_MATCH)
}

fn joined(problems: Vec<String>) -> Option<String> {
    (!problems.is_empty()).then(|| problems.join("; "))
}

/// What is wrong with a value that is a code: letters and digits without a blank.
fn flaw(name: &str, value: &str) -> Option<String> {
    if value.is_empty() {
        return Some(format!("`{name}` is empty"));
    }
    blank_at_an_end(name, value).or_else(|| {
        if value.contains(char::is_whitespace) {
            return Some(format!("`{name}` has a blank inside"));
        }
        let strange = value.chars().any(|c| !c.is_ascii_graphic());
        strange.then(|| {
            format!("`{name}` has a character that is not ASCII: a full-width or invisible one?")
        })
    })
}

fn blank_at_an_end(name: &str, value: &str) -> Option<String> {
    let end = match (value.trim_start() == value, value.trim_end() == value) {
        (true, true) => return value.is_empty().then(|| format!("`{name}` is empty")),
        (false, true) => "at its beginning",
        (true, false) => "at its end",
        (false, false) => "at both ends",
    };
    Some(format!("`{name}` has a blank {end}"))
}

fn wrong_host(address: &str) -> Option<String> {
    let url = base_url(address)?;
    let (host, path) = (url.host_str()?, url.path().trim_end_matches('/'));
    if host.contains(IMAGING) {
        return Some(format!(
            "`base_url` is the page of the imaging system (影像), not the API: {PRODUCTION} or {TEST}"
        ));
    }
    match host {
        "api-dev.piaozone.com" if path != "/test" => {
            Some(format!("`base_url` of the test API is {TEST}"))
        }
        "api.piaozone.com" if !path.is_empty() => {
            Some(format!("`base_url` of the production API is {PRODUCTION}, without a path"))
        }
        _ => None,
    }
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(change: impl FnOnce(&mut Check)) -> String {
        let mut config = Config::new("demo_id", "demo_secret");
        config.encrypt_key = Some("0123456789abcdef".into());
        let eas = eas::Config::new("http://10.0.0.1:6888/ormrpc/services/", "EAS01", "u", "p");
        let mut check =
            Check::new(config).tax_number("91320200MA1XXXXX0X").company_name("无锡 公司");
        check = check.eas(eas);
        change(&mut check);
        check.settings().join("; ")
    }

    #[test]
    fn every_flaw_names_its_setting() {
        assert_eq!(settings(|_| ()), "");
        type Spoil = fn(&mut Check);
        let cases: [(Spoil, &str); 15] = [
            (|c| c.config.client_id = "demo_id ".into(), "`client_id` has a blank at its end"),
            (|c| c.config.client_id = "demo id".into(), "`client_id` has a blank inside"),
            (|c| c.config.client_secret = "\tx".into(), "`client_secret` has a blank at its begin"),
            (|c| c.config.client_secret = "".into(), "`client_secret` is empty"),
            (|c| c.config.client_secret = "ｄemo".into(), "`client_secret` has a character"),
            (|c| c.config.encrypt_key = Some("012345".into()), "`encrypt_key` has 6 characters"),
            (|c| c.config.encrypt_key = Some(" 23456789abcdef ".into()), "at both ends"),
            (|c| c.config.base_url = "http://kdimage-demo.piaozone.com/".into(), "imaging system"),
            (|c| c.config.base_url = "https://api-dev.piaozone.com".into(), "test API"),
            (|c| c.config.base_url = "https://api.piaozone.com/test".into(), "production API"),
            (|c| c.tax_number = Some("9132".into()), "`tax_number` has 4 characters"),
            (|c| c.company_name = Some("公司 ".into()), "`company_name` has a blank at its end"),
            (|c| c.eas.as_mut().unwrap().services = "http://h:6888".into(), "`eas.services`"),
            (|c| c.eas.as_mut().unwrap().data_center = "EAS 01".into(), "`eas.data_center`"),
            (|c| c.eas.as_mut().unwrap().password = "p ".into(), "`eas.password` has a blank"),
        ];
        for (change, expected) in cases {
            let found = settings(change);
            assert!(found.contains(expected), "{expected}: {found}");
            assert!(!found.contains("; "), "one flaw, one problem: {found}");
        }
    }

    #[test]
    fn a_private_deployment_has_any_host() {
        let private = |c: &mut Check| c.config.base_url = "http://10.0.0.9:8080/api/".into();
        assert_eq!(settings(private), "");
    }
}
