//! The signature inside the body.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Duration, FixedOffset, NaiveDateTime, Utc};
use md5::Md5;
use serde_json::{Value, json};

use super::CubeConfig;
use crate::client::check_user;
use crate::digest::hex_digest;
use crate::error::{Error, Result};
use crate::time;

/// Signs calls with the time of the OA server, whatever zone this process is in.
pub(crate) struct Signer {
    pub(crate) config: CubeConfig,
    offset: FixedOffset,
    /// Seconds the server's clock is ahead, once it complained.
    ahead: AtomicI64,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.config.fmt(f)
    }
}

impl Signer {
    pub(crate) fn new(config: CubeConfig) -> Result<Self> {
        if config.systemid.is_empty() || config.password.is_empty() {
            return Err(Error::config("cube: systemid and password are required"));
        }
        check_user("cube.operator", &config.operator)
            .map_err(|error| Error::config(error.to_string()))?;
        let minutes = config.utc_offset_minutes;
        let offset = time::offset(minutes).ok_or_else(|| {
            Error::config(format!(
                "cube.utc_offset_minutes: expected less than a day, such as 480, found {minutes}"
            ))
        })?;
        Ok(Self { config, offset, ahead: AtomicI64::new(0) })
    }

    /// The time on the server's clock.
    pub(crate) fn now(&self, utc: DateTime<Utc>) -> NaiveDateTime {
        let ahead = Duration::try_seconds(self.ahead.load(Ordering::Relaxed)).unwrap_or_default();
        time::local(utc.checked_add_signed(ahead).unwrap_or(utc), self.offset)
    }

    /// Takes the server's time from now on.
    pub(crate) fn follow(&self, server: DateTime<Utc>, own: DateTime<Utc>) {
        self.ahead.store((server - own).num_seconds(), Ordering::Relaxed);
    }

    pub(crate) fn header(&self, utc: DateTime<Utc>) -> Value {
        let at = self.now(utc).format("%Y%m%d%H%M%S").to_string();
        let CubeConfig { systemid, password, .. } = &self.config;
        let signature = hex_digest::<Md5>(&[systemid, password.expose(), &at]);
        json!({ "systemid": systemid, "currentDateTime": at, "Md5": signature })
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    fn signer(minutes: i32) -> Signer {
        let mut config = CubeConfig::new("test", "1234", "1");
        config.utc_offset_minutes = minutes;
        Signer::new(config).unwrap()
    }

    #[test]
    fn signs_as_the_published_sample_does() {
        // 11:00 in China is 3:00 in Greenwich, wherever this test runs.
        let at = Utc.with_ymd_and_hms(2022, 6, 8, 3, 0, 0).unwrap();
        assert_eq!(
            signer(480).header(at),
            json!({
                "systemid": "test",
                "currentDateTime": "20220608110000",
                "Md5": "d29e7de6515107420188dcd92c4b6b9f",
            })
        );
        assert_eq!(signer(0).header(at)["currentDateTime"], "20220608030000");
        assert_eq!(signer(-90).header(at)["currentDateTime"], "20220608013000");
    }

    #[test]
    fn follows_the_server_over_midnight() {
        let own = Utc.with_ymd_and_hms(2022, 6, 8, 15, 50, 0).unwrap();
        let signer = signer(480);
        signer.follow(own + Duration::minutes(20), own);
        assert_eq!(signer.header(own)["currentDateTime"], "20220609001000");
        signer.follow(own - Duration::minutes(5), own);
        assert_eq!(signer.header(own)["currentDateTime"], "20220608234500");
    }

    #[test]
    fn refuses_settings_that_cannot_work() {
        for (systemid, password, operator, minutes, expected) in [
            ("", "p", "1", 480, "systemid"),
            ("s", "", "1", 480, "password"),
            ("s", "p", "zhangsan", 480, "operator"),
            ("s", "p", "1", 1440, "utc_offset_minutes"),
            ("s", "p", "1", i32::MAX, "utc_offset_minutes"),
        ] {
            let mut config = CubeConfig::new(systemid, password, operator);
            config.utc_offset_minutes = minutes;
            let error = Signer::new(config).unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
        }
    }
}
